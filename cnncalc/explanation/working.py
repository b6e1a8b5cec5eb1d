"""The working of a layer: what is given, and the derivation of each quantity."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from cnncalc.layers.base import AxisWindow, Step, Window, per_axis_text
from cnncalc.layers.step_builders import letters
from cnncalc.model.tiling_fixes import Axis

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnncalc.model.names import Part
    from cnncalc.model.report import Report, Row

from cnncalc.explanation.derivations import (
    flops_derivation,
    flops_unit,
    given_volume,
    memory_derivation,
    parameters_derivation,
    receptive_field_derivation,
    sum_derivation,
    topic_derivation,
    volume_derivation,
)
from cnncalc.explanation.records import (
    Block,
    BlockPart,
    Derivation,
    Explanation,
    Working,
    leaving,
)

LEARNED = ("weights", "biases", "other")  # the topics of learned values


def explain(report: Report, row: Row | Block | None = None) -> Explanation:
    """Return the worked arithmetic of a layer or block, or of all layers in the usual table.

    >>> import cnncalc
    >>> report = cnncalc.analyze("alexnet")
    >>> conv1 = explain(report, report["CONV1"])["CONV1"]
    >>> conv1.derivations[0].equations[0].numbers
    '(227 - 11 + 2·0)/4 + 1'
    """
    if isinstance(row, Block):
        return Explanation(report, (_sums(report, row),))
    rows = [row for row in report.layers if row._has_row and row.layer] if row is None else [row]
    return Explanation(report, tuple(_working(report, row) for row in rows))


def block(report: Report, part: Part, description: str, parts: Sequence[BlockPart]) -> Block:
    """Return the block that a name means in a report, with the parts that it holds."""
    rows = report.layers[part.first : part.last]
    entering = dict.fromkeys(i for row in rows for i in row.sources if i < part.first)
    return Block(
        name=part.name,
        description=description,
        inputs=tuple(report.layers[i].output for i in entering),
        rows=rows,
        parts=tuple(parts),
    )


def _sums(report: Report, block: Block) -> Working:
    """Return a block's totals: each quantity as the sum over its parts."""
    derivations = [
        sum_derivation(name, unit, [(part.name, part.count(count)) for part in block.parts])
        for name, count, unit in (
            ("weights", "weights", ""),
            ("biases", "biases", ""),
            ("other", "other", ""),
            ("parameters", "parameters", "learned values"),
            ("FLOPs", "flops", flops_unit(report)),
            ("memory", "activation_bytes", f"bytes that its layers add, {report.dtype}"),
        )
        if count in ("parameters", "flops", "activation_bytes")
        or any(part.count(count) for part in block.parts)
    ]
    field = leaving(block.rows).receptive_field
    givens = [(" x ".join(letters(volume, 1)), str(volume)) for volume in block.inputs]
    givens.append((" x ".join(letters(block.output, 2)), str(block.output)))
    if field.size is not None and field.exact:
        givens.append(("r2", "x".join(map(str, field.size))))
    return Working(row=block, givens=tuple(givens), derivations=tuple(derivations), untiled=())


def _working(report: Report, row: Row) -> Working:
    steps = [] if row.layer is None else row.layer.steps(row.output, *row.inputs)
    by_topic: dict[str, list[Step]] = {}
    for step in [*steps, *map(_also, row.also.items())]:
        by_topic.setdefault(step.topic, []).append(step)
    derivations: list[Derivation] = []
    if row.layer is None:
        derivations.append(given_volume(row.output))
    else:
        derivations.append(volume_derivation(by_topic["volume"]))
        learned = [topic for topic in LEARNED if topic in by_topic and row.shares is None]
        for topic in ("inputs", *learned):
            if topic in by_topic:
                derivations.append(topic_derivation(topic, by_topic[topic]))
        if len(learned) != 1:  # one kind alone is the sum of all
            derivations.append(parameters_derivation(row))
        if not row.training:
            derivations.append(flops_derivation(report, by_topic.get("FLOPs", [])))
    derivations.append(memory_derivation(report, row))
    if field := receptive_field_derivation(report, row):
        derivations.append(field)
    return Working(
        row=row, givens=_givens(row), derivations=tuple(derivations), untiled=_untiled(row)
    )


def _also(array: tuple[str, tuple[int, ...]]) -> Step:
    """Return the step of a learned array that the file adds to the layer's own."""
    name, shape = array
    numbers = "·".join(map(str, shape))
    return Step(topic="other", symbol=name, formula=name, numbers=numbers, value=math.prod(shape))


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
