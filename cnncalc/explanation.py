"""The working of a layer, as a lecturer writes it: formula, the numbers in it, the result.

A layer's own steps give volume, learned values and cost; what memory and receptive field
add comes from the report. Everything is exact and in symbols; writers make it readable.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import TYPE_CHECKING, Literal, NamedTuple

from cnncalc.layers.base import Step, Window, alike
from cnncalc.layers.windowed import DIMENSIONS
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
    "G": "groups",
    "N": "samples in the batch",
    "r": "receptive field",
    "j": "input pixels from one unit to the next",
}


class Line(NamedTuple):
    """`symbol = formula = numbers = value`; with `rounding`, the result is the value rounded.

    `unit` follows the result; `same_as` names the symbol whose working it repeats.
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
        """Return what the line leads to, rounded if it is."""
        if not self.rounding:
            return self.value
        return Step("", "", "", "", self.value, self.rounding).result


class Topic(NamedTuple):
    """One quantity of a layer: volume, weights, biases, parameters, FLOPs, memory, ..."""

    name: str
    lines: tuple[Line, ...]


class Explanation(NamedTuple):
    """The whole working of one layer of a network.

    `givens` are symbols and what they stand for; `untiled` the windows that do not tile, with
    their axis.
    """

    row: Row
    givens: tuple[tuple[str, str], ...]
    topics: tuple[Topic, ...]
    untiled: tuple[tuple[int, Axis], ...]

    @property
    def symbols(self) -> list[str]:
        """Return the symbols that occur in the working, in the order of `SYMBOLS`."""
        text = " ".join(
            f"{line.symbol} {line.formula}" for topic in self.topics for line in topic.lines
        )
        found = set(re.findall(r"[A-Za-z]+", text + " " + " ".join(s for s, _ in self.givens)))
        found |= {"K"} if {"Kh", "Kw", "Kt"} & found else set()
        return [symbol for symbol in SYMBOLS if symbol in found]


def explain(report: Report, name: str) -> Explanation:
    """Return the working of a layer.

    Raises: UnknownNameError if the report has no layer of that path.

    >>> import cnncalc
    >>> working = explain(cnncalc.analyze("alexnet"), "CONV1")
    >>> working.topics[0].lines[0].numbers
    '(227 - 11 + 2·0)/4 + 1'
    """
    row = report[name]
    steps = [] if row.layer is None else row.layer.steps(row.output, *row.inputs)
    topics = [Topic("volume", _volume([step for step in steps if step.topic == "volume"]))]
    if row.layer is None:
        topics = []
    for topic in ("weights", "biases", "other"):
        found = [step for step in steps if step.topic == topic]
        if found:
            topics.append(Topic(topic, _summed(topic, found)))
    if row.layer is not None and len(topics) != 2:
        topics.append(_parameters(row))
    topics += _flops(report, row, [step for step in steps if step.topic == "FLOPs"])
    topics.append(_memory(report, row))
    field = _field(report, row)
    if field:
        topics.append(field)
    return Explanation(row, _givens(row), tuple(topics), _untiled(row))


def whole(report: Report) -> list[Explanation]:
    """Return the working of every layer that has a row in the usual table, in order."""
    return [explain(report, row.name) for row in report.layers if row.has_row and row.layer]


def _volume(steps: list[Step]) -> tuple[Line, ...]:
    """Return the lines of the output's extents; equal working is written once, for the last."""
    *extents, depth = steps
    lines: list[Line] = []
    for step in reversed(extents):
        line = Line("", step.formula, step.numbers, step.value, step.rounding, note=step.note)
        line = line._replace(symbol=step.symbol)
        twin = next((one for one in lines if one.numbers == step.numbers), None)
        lines.append(line._replace(same_as=twin.symbol) if twin else line)
    return (*lines, Line(depth.symbol, depth.formula, depth.numbers, depth.value))


def _summed(topic: str, steps: list[Step]) -> tuple[Line, ...]:
    """Return the lines of one kind of learned values, and their sum if they are several."""
    lines = [
        Line(topic if len(steps) == 1 else "", s.formula, s.numbers, s.value, note=s.note)
        for s in steps
    ]
    if len(steps) > 1:
        lines.append(_sum(topic, [line.value for line in lines]))
    return tuple(lines)


def _sum(symbol: str, values: list[int | Fraction], formula: str = "sum") -> Line:
    return Line(symbol, formula, " + ".join(map(str, values)), sum(values))


def _parameters(row: Row) -> Topic:
    parts = {"weights": row.weights, "biases": row.biases, "other": row.other}
    kept = {name: n for name, n in parts.items() if n}
    if not kept:
        return Topic("parameters", (Line("parameters", "0", "0", 0, unit="it learns nothing"),))
    return Topic("parameters", (_sum("parameters", list(kept.values()), " + ".join(kept)),))


def _flops(report: Report, row: Row, steps: list[Step]) -> list[Topic]:
    """Return the working of the FLOPs under the report's convention."""
    factor, others, words = CONVENTIONS[report.convention]
    batch = [("N", report.batch)] if report.batch > 1 else []
    lines: list[Line] = []
    for step in steps:
        weight = factor if step.symbol == "macs" else others
        if not weight or row.training:
            continue
        formula, numbers = step.formula, step.numbers
        for symbol, n in [*batch, *([("2", 2)] if weight == 2 else [])]:
            formula, numbers = f"{symbol}·{_held(formula)}", f"{n}·{_held(numbers)}"
        value = step.value * weight * report.batch
        lines.append(Line("", formula, numbers, value, unit=step.symbol, note=step.note))
    if not lines:
        if row.layer is None or row.training:
            return []
        return [
            Topic("FLOPs", (Line("FLOPs", "0", "0", 0, unit=f"{words} ({report.convention})"),))
        ]
    if len(lines) == 1:
        unit = f"{words} ({report.convention})" if report.convention != "full" else lines[0].unit
        return [Topic("FLOPs", (lines[0]._replace(symbol="FLOPs", unit=unit),))]
    total = _sum("FLOPs", [line.value for line in lines])
    return [Topic("FLOPs", (*lines, total._replace(unit=f"{words} ({report.convention})")))]


def _held(text: str) -> str:
    """Return a text in brackets if it is a sum, so that it can be multiplied."""
    depth = 0
    for character in text:
        depth += (character == "(") - (character == ")")
        if not depth and character in "+-":
            return f"({text})"
    return text


def _memory(report: Report, row: Row) -> Topic:
    letters = [f"{letter}2" for letter in (*DIMENSIONS[len(row.output.extents)], "D")]
    sizes = [str(n) for n in row.output.shape]
    if report.batch > 1:
        letters, sizes = ["N", *letters], [str(report.batch), *sizes]
    size = report.bytes_per_value
    unit = f"bytes, {report.dtype}"
    if not row.activations and row.layer is not None:
        unit += "; shared with the input, which is not needed any more"
    value = row.output.size * report.batch * size
    formula, numbers = f"{'·'.join(letters)} · {size} bytes", "·".join([*sizes, str(size)])
    return Topic("memory", (Line("memory", formula, numbers, value, unit=unit),))


def _field(report: Report, row: Row) -> Topic | None:
    """Return the working of the receptive field along the last axis, from the input's."""
    if row.layer is None or len(row.sources) != 1:
        return None
    before = report.layers[row.sources[0]].receptive_field
    after, windows = row.receptive_field, row.layer.window(row.output, *row.inputs)
    if not isinstance(windows, tuple) or None in (before.step, after.size) or not windows:
        return None
    assert before.size is not None
    assert before.step is not None
    assert after.size is not None
    assert after.step is not None
    window, r, j = windows[-1], before.size[-1], before.step[-1]
    if any(not isinstance(n, int) for n in (window.stride, r, j, after.size[-1])):
        return None
    if window.kernel == 1 and window.stride == 1:
        return None
    taps, numbers = ("(K - 1)", f"({window.kernel} - 1)")
    if window.dilation > 1:
        taps, numbers = f"d·{taps}", f"{window.dilation}·{numbers}"
    if r + window.dilation * (window.kernel - 1) * j != after.size[-1]:
        return None
    return Topic(
        "receptive field",
        (
            Line("r2", f"r1 + {taps}·j1", f"{r} + {numbers}·{j}", after.size[-1],
                 unit=f"{'x'.join(map(str, after.size))} input pixels"),
            Line("j2", "j1·S", f"{j}·{window.stride}", after.step[-1],
                 unit="from one unit to the next"),
        ),
    )  # fmt: skip


def _givens(row: Row) -> tuple[tuple[str, str], ...]:
    """Return the volume that arrives and the settings of the window, as symbols."""
    found = [(_symbols(volume, 1), str(volume)) for volume in row.inputs]
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


def _symbols(volume: Volume, side: int) -> str:
    return " x ".join(f"{letter}{side}" for letter in (*DIMENSIONS[len(volume.extents)], "D"))


def _window(layer: object, windows: tuple[Window, ...]) -> list[tuple[str, str]]:
    """Return kernel, stride, padding and dilation, as the layer's settings have them."""
    kernel, stride, dilation = (
        getattr(layer, name, None) for name in ("kernel", "stride", "dilation")
    )
    count = len(windows)

    def text(value: int | tuple[int, ...]) -> str:
        return alike(value if isinstance(value, tuple) else (value,) * count)

    assert isinstance(kernel, (int, tuple))
    found = [("K", text(kernel)), ("S", text(kernel if stride is None else stride))]
    pairs = [(window.before, window.after) for window in windows]
    if all(isinstance(window.stride, int) for window in windows):
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
        (warning.axis, Axis(*(warning.numbers[symbol] for symbol in "wksbad")))
        for warning in row.warnings
        if warning.code in ("lost_input", "unused_padding")
    )
