"""The worked arithmetic of a layer: each quantity's formula, the numbers in it, the result.

A layer's own steps give volume, learned values and operations; memory and receptive field are
worked out from the report's rows. Numbers are exact; writers round and group them.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

from cnncalc.errors import Problem, UnknownNameError
from cnncalc.layers.base import AxisWindow, Step, Window, per_axis_text
from cnncalc.layers.step_builders import letters
from cnncalc.model.printable import Documented
from cnncalc.model.report import CONVENTIONS
from cnncalc.model.tiling_fixes import Axis

if TYPE_CHECKING:
    from cnncalc.model.report import Report, Row
    from cnncalc.volume import Volume

# What each symbol means. Digits at its end tell before (1) from after (2) the layer.
SYMBOLS = {
    "W": "width",
    "H": "height",
    "T": "time or depth",
    "D": "depth (channels)",
    "K": "kernel",
    "S": "stride",
    "P": "padding on each side",
    "Pb": "padding before",
    "Pa": "padding after",
    "Po": "output padding",
    "d": "dilation",
    "Db": "depth between the layer's operations",
    "G": "groups",
    "N": "samples in the batch",
    "r": "receptive field",
    "j": "input pixels from one unit to the next",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Equation:
    """One line of working: `symbol = formula = numbers = value`.

    Attributes:
        symbol: what is worked out; nothing for a term of the sum that follows.
        formula: in symbols, as `SYMBOLS` explains them.
        numbers: the formula with the numbers put in: exact arithmetic, `·` for times.
        value: what it comes to, exactly.
        rounding: how the result comes from the value.
        unit: the unit of the result, in words.
        note: a remark.
        same_as: the symbol of the equation that has the same numbers and is worked out in full.
    """

    symbol: str
    formula: str
    numbers: str
    value: int | Fraction
    rounding: Literal["", "floor", "ceil"] = ""
    unit: str = ""
    note: str = ""
    same_as: str = ""

    @property
    def result(self) -> int | Fraction:
        """Return the value, rounded where the equation rounds."""
        if self.rounding == "ceil":
            return math.ceil(self.value)
        return math.floor(self.value) if self.rounding == "floor" else self.value


@dataclass(frozen=True, slots=True)
class Derivation:
    """The equations of one quantity of a layer.

    Attributes:
        name: volume, weights, biases, parameters, FLOPs, memory or receptive field.
        equations: the last of them gives the quantity; those of a volume give one of its numbers
            each.
    """

    name: str
    equations: tuple[Equation, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Working:
    """The worked arithmetic of one layer of a network.

    Attributes:
        row: the layer's row of the report.
        givens: symbols, with the volumes and settings that they stand for.
        derivations: one for each quantity that the layer has.
        untiled: the axes along which its window does not tile.
    """

    row: Row
    givens: tuple[tuple[str, str], ...]
    derivations: tuple[Derivation, ...]
    untiled: tuple[tuple[int, Axis], ...]

    @property
    def symbols(self) -> list[str]:
        """Return the symbols that occur in the equations, in the order of `SYMBOLS`."""
        texts = [symbol for symbol, _ in self.givens]
        for derivation in self.derivations:
            texts += [f"{one.symbol} {one.formula}" for one in derivation.equations]
        found = set(re.findall(r"[A-Za-z]+", " ".join(texts)))
        found |= {"K"} if {"Kh", "Kw", "Kt"} & found else set()
        return [symbol for symbol in SYMBOLS if symbol in found]


@dataclass(frozen=True, slots=True, repr=False)
class Explanation(Documented):
    """The worked arithmetic of a layer of a network, or of all that have a row in its table.

    Attributes:
        report: of the network.
        layers: the worked arithmetic of each layer, in order.
    """

    report: Report
    layers: tuple[Working, ...]

    def __repr__(self) -> str:
        """Return which network it is about, and how many of its layers."""
        return f"<Explanation of {self.report.name!r}: {len(self.layers)} layers>"

    def __getitem__(self, name: str) -> Working:
        """Return the worked arithmetic of one of the layers.

        Raises: UnknownNameError if the network has no layer of that path, or it is not among them.
        """
        row = self.report[name]
        for working in self.layers:
            if working.row is row:
                return working
        message = f"layer {row.name!r} is not explained here."
        raise UnknownNameError(Problem("unknown_layer", message))

    def to_markdown(self) -> str:
        """Return the worked arithmetic as Markdown."""
        return str(self.to("markdown"))

    def to_latex(self) -> str:
        """Return the worked arithmetic as LaTeX, which needs the package amsmath."""
        return str(self.to("latex"))


def explain(report: Report, layer: str | None = None) -> Explanation:
    """Return the worked arithmetic of a layer, or of all that have a row in the usual table.

    Raises: UnknownNameError if the report has no layer of that path.

    >>> import cnncalc
    >>> conv1 = explain(cnncalc.analyze("alexnet"), "CONV1")["CONV1"]
    >>> conv1.derivations[0].equations[0].numbers
    '(227 - 11 + 2·0)/4 + 1'
    """
    rows = [row for row in report.layers if row._has_row and row.layer]
    if layer is not None:
        rows = [report[layer]]
    return Explanation(report, tuple(_working(report, row) for row in rows))


def _working(report: Report, row: Row) -> Working:
    steps = [] if row.layer is None else row.layer.steps(row.output, *row.inputs)
    by_topic: dict[str, list[Step]] = {}
    for step in steps:
        by_topic.setdefault(step.topic, []).append(step)
    derivations: list[Derivation] = []
    if row.layer is not None:
        derivations.append(Derivation("volume", _volume(by_topic["volume"])))
        if "inputs" in by_topic:
            derivations.append(Derivation("inputs", _learned("inputs", by_topic["inputs"])))
        learned = [topic for topic in ("weights", "biases", "other") if topic in by_topic]
        derivations += [Derivation(topic, _learned(topic, by_topic[topic])) for topic in learned]
        if len(learned) != 1:
            derivations.append(_parameters(row))
        if not row.training:
            derivations.append(_flops(report, by_topic.get("FLOPs", [])))
    derivations.append(_memory(report, row))
    if field := _receptive_field(report, row):
        derivations.append(field)
    return Working(
        row=row, givens=_givens(row), derivations=tuple(derivations), untiled=_untiled(row)
    )


def _equation(symbol: str, step: Step) -> Equation:
    return Equation(
        symbol=symbol,
        formula=step.formula,
        numbers=step.numbers,
        value=step.value,
        rounding=step.rounding,
        note=step.note,
    )


def _volume(steps: list[Step]) -> tuple[Equation, ...]:
    """Return the equations of the output volume, the last axis first.

    Axes with the same numbers refer to the first of them, so that it is worked out once.
    """
    *extents, depth = steps
    found: list[Equation] = []
    for step in reversed(extents):
        equation = _equation(step.symbol, step)
        twin = next((one for one in found if one.numbers == step.numbers), None)
        found.append(replace(equation, same_as=twin.symbol) if twin else equation)
    return (*found, _equation(depth.symbol, depth))


def _learned(topic: str, steps: list[Step]) -> tuple[Equation, ...]:
    """Return the equations of one kind of learned values, with their sum if they are several."""
    if len(steps) == 1:
        return (_equation(topic, steps[0]),)
    equations = [_equation("", step) for step in steps]
    return (*equations, _sum(topic, [one.value for one in equations]))


def _sum(symbol: str, values: list[int | Fraction], formula: str = "sum") -> Equation:
    numbers = " + ".join(map(str, values))
    return Equation(symbol=symbol, formula=formula, numbers=numbers, value=sum(values))


def _zero(symbol: str, unit: str) -> Equation:
    return Equation(symbol=symbol, formula="0", numbers="0", value=0, unit=unit)


def _parameters(row: Row) -> Derivation:
    parts = {"weights": row.weights, "biases": row.biases, "other": row.other}
    kept = {name: n for name, n in parts.items() if n}
    if not kept:
        return Derivation("parameters", (_zero("parameters", "it learns nothing"),))
    return Derivation("parameters", (_sum("parameters", list(kept.values()), " + ".join(kept)),))


def _flops(report: Report, steps: list[Step]) -> Derivation:
    """Return the equations of the FLOPs under the report's convention."""
    factor, others, words = CONVENTIONS[report.convention]
    unit = f"{words} ({report.convention})"
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
                unit=step.symbol,
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


def _memory(report: Report, row: Row) -> Derivation:
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


def _receptive_field(report: Report, row: Row) -> Derivation | None:
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


def _givens(row: Row) -> tuple[tuple[str, str], ...]:
    """Return the input volumes and the settings, each with the symbols that stand for it."""
    found = [(" x ".join(letters(volume, 1)), str(volume)) for volume in row.inputs]
    layer = row.layer
    windows = None if layer is None else layer.window(row.output, *row.inputs)
    if hasattr(layer, "kernel") and isinstance(windows, tuple):
        found += _window(layer, windows)
        groups = getattr(layer, "groups", 1)
        found += [("G", f"{groups} groups")] * (groups > 1)
    for name in ("filters", "units"):
        if hasattr(layer, name):
            word = "neurons" if name == "units" else name
            found.append(("D2", f"{getattr(layer, name)} {word}"))
    return tuple(found)


def _window(layer: object, windows: tuple[AxisWindow, ...]) -> list[tuple[str, str]]:
    """Return kernel, stride, padding and dilation as the layer's settings say them."""
    kernel, stride, dilation = (
        getattr(layer, name, None) for name in ("kernel", "stride", "dilation")
    )
    count = len(windows)

    def text(value: int | tuple[int, ...]) -> str:
        return per_axis_text(value if isinstance(value, tuple) else (value,) * count)

    assert isinstance(kernel, (int, tuple))
    found = [("K", text(kernel)), ("S", text(kernel if stride is None else stride))]
    pairs = [(window.before, window.after) for window in windows if isinstance(window, Window)]
    if pairs:
        sides = [f"{b}" if b == a else f"{b} before, {a} after" for b, a in pairs]
        found.append(("P", sides[0] if len(set(sides)) == 1 else " x ".join(sides)))
    else:
        padding = getattr(layer, "padding", 0)
        found.append(("P", padding if isinstance(padding, str) else str(padding)))
    if dilation is not None and dilation != 1:
        found.append(("d", text(dilation)))
    return found


def _untiled(row: Row) -> tuple[tuple[int, Axis], ...]:
    return tuple(
        (warning.axis, Axis.of_warning(warning))
        for warning in row.warnings
        if warning.code in ("lost_input", "unused_padding")
    )
