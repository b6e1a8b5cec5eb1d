"""The derivation of each quantity of a layer: equations with the numbers in them."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from cnncalc.layers.base import Step, Window
from cnncalc.layers.step_builders import letters
from cnncalc.model.report import CONVENTIONS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnncalc.model.report import Report, Row
    from cnncalc.volume import Volume

from cnncalc.explanation.records import Derivation, Equation

MOST_NAMES = 8  # of parts, in the formula of a sum


def _equation(symbol: str, step: Step) -> Equation:
    return Equation(
        symbol=symbol,
        formula=step.formula,
        numbers=step.numbers,
        value=step.value,
        rounding=step.rounding,
        note=step.note,
    )


def volume_derivation(steps: list[Step]) -> Derivation:
    """Return the equations of the output volume, the last axis first.

    Axes with the same numbers refer to the first of them, so that it is worked out once.
    """
    *extents, depth = steps
    found: list[Equation] = []
    for step in reversed(extents):
        equation = _equation(step.symbol, step)
        twin = next((one for one in found if one.numbers == step.numbers), None)
        found.append(replace(equation, same_as=twin.symbol) if twin else equation)
    return Derivation("volume", (*found, _equation(depth.symbol, depth)))


def given_volume(volume: Volume) -> Derivation:
    """Return the numbers of the input's volume, the last axis first, which nothing leads to."""
    sizes = dict(zip(letters(volume, 2), volume.shape, strict=True))
    *extents, depth = sizes
    return Derivation(
        "volume",
        tuple(
            Equation(
                symbol=symbol,
                formula=str(sizes[symbol]),
                numbers=str(sizes[symbol]),
                value=sizes[symbol],
                unit="given",
            )
            for symbol in (*reversed(extents), depth)
        ),
    )


def topic_derivation(topic: str, steps: list[Step]) -> Derivation:
    """Return the equations of a layer's steps of one topic, with their sum if they are several."""
    if len(steps) == 1:
        return Derivation(topic, (_equation(topic, steps[0]),))
    equations = [_equation("", step) for step in steps]
    return Derivation(topic, (*equations, _sum(topic, [one.value for one in equations])))


def _sum(symbol: str, values: list[int | Fraction], formula: str = "sum") -> Equation:
    numbers = " + ".join(map(str, values))
    return Equation(symbol=symbol, formula=formula, numbers=numbers, value=sum(values))


def _zero(symbol: str, unit: str) -> Equation:
    return Equation(symbol=symbol, formula="0", numbers="0", value=0, unit=unit)


def parameters_derivation(row: Row) -> Derivation:
    """Return the sum of all learned values."""
    if row.shares is not None:
        counted = _zero("parameters", f"those of {row.shares}, counted there")
        return Derivation("parameters", (counted,))
    parts = {"weights": row.weights, "biases": row.biases, "other": row.other}
    kept = {name: n for name, n in parts.items() if n}
    if not kept:
        return Derivation("parameters", (_zero("parameters", "it learns nothing"),))
    return Derivation("parameters", (_sum("parameters", list(kept.values()), " + ".join(kept)),))


def sum_derivation(name: str, unit: str, parts: Sequence[tuple[str, int]]) -> Derivation:
    """Return the sum of a quantity over named parts; those that add nothing are left out."""
    kept = [(part or "others", n) for part, n in parts if n]
    if not kept:
        return Derivation(name, (_zero(name, unit),))
    formula = " + ".join(part for part, _ in kept)
    if len(kept) > MOST_NAMES:
        formula = f"sum over {len(kept)} of its parts"
    return Derivation(name, (replace(_sum(name, [n for _, n in kept], formula), unit=unit),))


def flops_unit(report: Report) -> str:
    """Return the report's FLOP convention in words."""
    return f"{CONVENTIONS[report.convention][2]} ({report.convention})"


def flops_derivation(report: Report, steps: list[Step]) -> Derivation:
    """Return the equations of the FLOPs under the report's convention."""
    factor, others, _ = CONVENTIONS[report.convention]
    unit = flops_unit(report)
    batch = [("N", report.batch)] if report.batch > 1 else []
    equations: list[Equation] = []
    for step in steps:
        weight = factor if step.symbol == "macs" else others
        if not weight:
            continue
        formula, numbers = step.formula, step.numbers
        for symbol, n in [*batch, *([("2", 2)] if weight == 2 else [])]:
            formula, numbers = f"{symbol}·{_held(formula)}", f"{n}·{_held(numbers)}"
        equations.append(
            Equation(
                symbol="",
                formula=formula,
                numbers=numbers,
                value=step.value * weight * report.batch,
                unit=f"{step.symbol}, {step.note}" if step.note else step.symbol,
                note=step.note,
            )
        )
    if not equations:
        equations = [_zero("FLOPs", unit)]
    elif len(equations) == 1:
        # The full convention counts several classes of operations: the unit names this one.
        unit = equations[0].unit if report.convention == "full" else unit
        equations = [replace(equations[0], symbol="FLOPs", unit=unit)]
    else:
        total = _sum("FLOPs", [one.value for one in equations])
        equations.append(replace(total, unit=unit))
    return Derivation("FLOPs", tuple(equations))


def _held(text: str) -> str:
    """Return a text in brackets if it is a sum, so that it can be multiplied."""
    depth = 0
    for character in text:
        depth += (character == "(") - (character == ")")
        if not depth and character in "+-":
            return f"({text})"
    return text


def memory_derivation(report: Report, row: Row) -> Derivation:
    """Return the equations of the bytes of a layer's values, for the whole batch."""
    unit = f"bytes, {report.dtype}"
    if row.training:
        unit += "; in training only"
    elif row.facts.view:
        unit += "; the input's"
    elif not row.activations and row.layer is not None:
        unit += "; shared with the input, which is not needed any more"
    between = () if row.training else row.facts.between
    equations = [
        _bytes(report, "", volume, f"between its operations, {volume}", "Db") for volume in between
    ]
    if not between:
        return Derivation("memory", (_bytes(report, "memory", row.output, unit),))
    equations.append(_bytes(report, "", row.output, "what leaves it"))
    total = _sum("memory", [one.value for one in equations])
    return Derivation("memory", (*equations, replace(total, unit=unit)))


def _bytes(report: Report, symbol: str, volume: Volume, unit: str, depth: str = "D2") -> Equation:
    """Return the equation of the bytes of a volume for the whole batch."""
    symbols = [*letters(volume, 2)[:-1], depth]
    sizes = [*volume.shape, report.bytes_per_value]
    if report.batch > 1:
        symbols, sizes = ["N", *symbols], [report.batch, *sizes]
    return Equation(
        symbol=symbol,
        formula=f"{'·'.join(symbols)} · {report.bytes_per_value} bytes",
        numbers="·".join(map(str, sizes)),
        value=math.prod(sizes),
        unit=unit,
    )


def receptive_field_derivation(report: Report, row: Row) -> Derivation | None:
    """Return the equations of the receptive field along the last axis, from the input's.

    None where the field does not follow from one window on one input: for merges, for windows
    that see everything, where units lie on no regular grid, and where nothing changes.
    """
    if row.layer is None or len(row.sources) != 1:
        return None
    before, after = report.layers[row.sources[0]].receptive_field, row.receptive_field
    windows = row.layer.window(row.output, *row.inputs)
    if not isinstance(windows, tuple) or not windows:
        return None
    if before.size is None or before.step is None or after.size is None or after.step is None:
        return None
    window, size, step = windows[-1], before.size[-1], before.step[-1]
    if not isinstance(window, Window) or (window.kernel == 1 and window.stride == 1):
        return None
    reach, numbers = "(K - 1)", f"({window.kernel} - 1)"
    if window.dilation > 1:
        reach, numbers = f"d·{reach}", f"{window.dilation}·{numbers}"
    field = Equation(
        symbol="r2",
        formula=f"r1 + {reach}·j1",
        numbers=f"{size} + {numbers}·{step}",
        value=after.size[-1],
        unit=f"{'x'.join(map(str, after.size))} input pixels",
    )
    jump = Equation(
        symbol="j2",
        formula="j1·S",
        numbers=f"{step}·{window.stride}",
        value=after.step[-1],
        unit="from one unit to the next",
    )
    return Derivation("receptive field", (field, jump))
