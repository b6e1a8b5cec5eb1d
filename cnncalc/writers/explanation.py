"""The working of layers as text, markdown, LaTeX and JSON."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from cnncalc import units
from cnncalc.errors import printable
from cnncalc.explanation import SYMBOLS, Explanation, Line, Topic
from cnncalc.layers.base import Window
from cnncalc.layers.windowed import extent_formula
from cnncalc.model import tiling_fixes
from cnncalc.writers import USUAL, latex, markdown, sentences
from cnncalc.writers.columns import volume
from cnncalc.writers.styled import Text
from cnncalc.writers.terminal import fit

if TYPE_CHECKING:
    from cnncalc.model.report import Report, Row
    from cnncalc.writers.terminal import Console

FORMATS = ("text", "markdown", "latex", "json")
VERSION = 1

_LABEL = 15  # columns of a topic's name; the symbol stands in the next three
_INDENT = " " * (_LABEL + 1)
_NUMBER = re.compile(r"\d{4,}")
_ROUNDED = {"floor": "rounded down", "ceil": "rounded up"}
_SIDES = ("before", "after")


def show(found: Sequence[Explanation], report: Report, console: Console) -> None:
    """Print the working of a layer, or of all of them with the legend first."""
    encoding = console.encoding
    width = min(console.width, 100)
    lines: list[Text] = []
    if len(found) > 1:
        name, about = sentences.title(report, USUAL)
        lines += [Text.assemble((name, "bold"), "  ", about), *_legend(found, width), Text()]
    for explanation in found:
        lines += [*_text(explanation, report), Text()]
    lines = [*lines, *_legend(found, width)] if len(found) == 1 else lines[:-1]
    for line in lines:
        fitted = Text(fit(line.plain, encoding), spans=line.spans)
        console.print(fitted if len(fitted) == len(line) else Text(fitted.plain), soft_wrap=True)


def write(found: Sequence[Explanation], report: Report, format: str) -> str:
    """Return the working in a format other than text."""
    if format == "json":
        return _json(found, report)
    return (_markdown if format == "markdown" else _latex)(found, report)


def _title(report: Report, row: Row) -> str:
    name = sentences.title(report, USUAL)[0]
    return f"{name} / {printable(row.name)}" + f": {row.description}" * bool(row.description)


def _givens(explanation: Explanation) -> str:
    row = explanation.row
    pairs = [f"{symbol} = {value}" for symbol, value in explanation.givens]
    return ",  ".join(pairs) or f"the input, {volume(row.output, 'hwc')}"


def grouped(text: str) -> str:
    """Return working with its larger numbers in groups.

    >>> grouped("34848 + 96")
    '34,848 + 96'
    """
    return _NUMBER.sub(lambda match: units.group(int(match[0])), text)


# --- text --------------------------------------------------------------------------------


def _text(explanation: Explanation, report: Report) -> list[Text]:
    margin = "  " if explanation.untiled else ""
    lines = [Text(_title(report, explanation.row), "bold"), Text(_givens(explanation)), Text()]
    for topic in explanation.topics:
        for number, line in enumerate(topic.lines):
            label = topic.name if number == 0 else ""
            symbol = "" if line.symbol == topic.name else line.symbol
            head = f"{label:<{_LABEL}} {symbol:>2}"
            if symbol == topic.name or len(symbol) > 2:
                head = f"{label:<{_LABEL}}   "
            lines += _line(head, line, explanation, margin)
        lines.append(Text())
    lines += _left_over(explanation, margin)
    return lines[:-1] if not lines[-1].plain else lines


def _line(head: str, line: Line, explanation: Explanation, margin: str) -> list[Text]:
    blank = " " * len(head)
    value = units.number(line.value)
    if line.same_as:
        return [
            Text.assemble(margin, head, " = ", (units.number(line.result), "bold"),
                          "   in the same way")
        ]  # fmt: skip
    tail = _tail(line, explanation)
    obvious = line.formula == str(line.value) or line.symbol == "D2"
    if obvious and line.numbers == str(line.value):
        return [Text.assemble(margin, head, " = ", (value, "bold"), tail)]
    found = [
        Text(f"{margin}{head} = {line.formula}"),
        Text(f"{margin}{blank} = {grouped(line.numbers)}"),
    ]
    if not line.rounding:
        if grouped(line.numbers) == value:
            found.pop()
        return [*found, Text.assemble(margin, blank, " = ", (value, "bold"), tail)]
    mark = Text("!" + margin[1:], "yellow") if margin else Text("")
    result = units.number(line.result)
    rounded = f"   {_ROUNDED[line.rounding]}, so the output is {explanation.row.output}"
    return [
        *found,
        Text.assemble(mark, blank, " = ", value, "   does not tile"),
        Text.assemble(margin, blank, " → ", (result, "bold"), rounded),
    ]


def _tail(line: Line, explanation: Explanation) -> str:
    row = explanation.row
    note = line.unit or line.note
    if line.symbol == "D2" and not note and row.output.extents:
        if line.formula == "filters":
            note = f"one layer of the volume for each filter: {row.output}"
        elif line.formula == "D1":
            note = f"every channel by itself: {row.output}"
    return f"   {note}" if note else ""


def _legend(found: Sequence[Explanation], width: int) -> list[Text]:
    """Return what the symbols mean that occur."""
    used = [symbol for symbol in SYMBOLS if any(symbol in one.symbols for one in found)]
    parts = [f"{symbol}: {SYMBOLS[symbol]}" for symbol in used]
    text = ". ".join(parts) + ". 1 before the layer, 2 after."
    text += " Lectures also write F for the kernel and K for the number of filters."
    lines, line = [], ""
    for word in text.split():
        if line and len(line) + 1 + len(word) > width:
            lines.append(line)
            line = ""
        line = f"{line} {word}".strip()
    return [Text(line, "dim") for line in [*lines, line]]


def _left_over(explanation: Explanation, margin: str) -> list[Text]:
    """Return what a window that does not tile leaves over, and every repair."""
    if not explanation.untiled:
        return []
    row = explanation.row
    lines: list[Text] = []
    seen: list[tiling_fixes.Axis] = []
    for number, axis in explanation.untiled:
        if axis in seen:
            continue
        seen.append(axis)
        first = f"{margin}{'left over':<{_LABEL}} " if not lines else margin + _INDENT
        lines += [
            Text((first if i == 0 else margin + _INDENT) + sentence)
            for i, sentence in enumerate(_unseen(row, number, axis, len(explanation.untiled)))
        ]
    lines.append(Text())
    for i, axis in enumerate(seen):
        lines += _repairs(axis, margin, row, first=i == 0)
    return lines


def _unseen(row: Row, number: int, axis: tiling_fixes.Axis, count: int) -> list[str]:
    """Return where the last window lies along an axis, and what is never read after it."""
    one = sentences.LINES[len(row.inputs[0].extents)][number]
    start = (axis.places - 1) * axis.s - axis.b
    end = start + axis.d * (axis.k - 1)
    what = "Filter" if row.weights else "Window"
    lost = list(range(end + 1, axis.w))
    text = f"{what} {axis.places} covers {one}s {max(0, start)} to {min(end, axis.w - 1)}; "
    if not lost:
        return [text + "only padding is left over, no input."]
    never = f"{one} {lost[0]} is" if len(lost) == 1 else f"{one}s {lost[0]} to {lost[-1]} are"
    found = [text + f"{never} never read."]
    lost_per_axis = {w.axis: w.numbers["lost"] for w in row.warnings if w.code == "lost_input"}
    if count > 1 and number == row.warnings[0].axis:
        extents = row.inputs[0].extents
        total = kept = 1
        for i, extent in enumerate(extents):
            total, kept = total * extent, kept * (extent - lost_per_axis.get(i, 0))
        found.append(
            f"Along all axes: {units.group(total - kept)} of the {units.group(total)} input "
            "positions are never seen."
        )
    return found


def _repairs(axis: tiling_fixes.Axis, margin: str, row: Row, *, first: bool) -> list[Text]:
    """Return a table of what makes the window tile: what, now, to, the output, its working."""
    rows: list[tuple[str, str, str, tiling_fixes.Axis]] = []
    for what, symbol, found in (
        ("input", "w", tiling_fixes.inputs(axis)),
        ("padding", "b", tiling_fixes.paddings(axis)),
        ("stride", "s", tiling_fixes.strides(axis)),
        ("filter", "k", tiling_fixes.kernels(axis)),
    ):
        for i, one in enumerate(found):
            now, to = (_setting(a, symbol) for a in (axis, one))
            rows.append((what if i == 0 else "", now if i == 0 else "", to, one))
    cells = [("", "now", "to", "W2")] + [
        (what, now, to, units.group(one.places)) for what, now, to, one in rows
    ]
    widths = [max(len(cell[i]) for cell in cells) for i in range(4)]
    label = f"{'repairs':<{_LABEL}} " if first else _INDENT
    lines = [Text(f"{margin}{label}change one of these and the window tiles:")]
    for cell, axes in zip(cells, [None, *[row[3] for row in rows]], strict=True):
        text = cell[0].ljust(widths[0])
        text += "".join(f"  {c:>{w}}" for c, w in zip(cell[1:], widths[1:], strict=True))
        text += f"   {_working(axes)}" if axes else ""
        lines.append(Text(f"{margin}{_INDENT}{text.rstrip()}"))
    if not any(one.b == one.a for one in tiling_fixes.paddings(axis)):
        even = axis.room - axis.b - axis.a
        lines += [
            Text(),
            Text(
                f"{margin}{_INDENT}No equal padding does: {even} + 2P is "
                f"{'odd' if even % 2 else 'even'}, never a multiple of {axis.s}."
            ),
        ]
    return [*lines, Text()]


def _working(axis: tiling_fixes.Axis) -> str:
    return extent_formula(axis.w, Window(*axis[1:]))[1]


def _setting(axis: tiling_fixes.Axis, symbol: str) -> str:
    if symbol == "b":
        return f"{axis.b}, {axis.a}"
    return units.group(int(getattr(axis, symbol)))


# --- markdown and LaTeX ------------------------------------------------------------------


def _chain(line: Line, times: str, number: Callable[[int | Fraction], str]) -> list[str]:
    """Return the members of `formula = numbers = value`, each once."""
    numbers = grouped(line.numbers).replace("·", times)
    found = [line.formula.replace("·", times), numbers, number(line.value)]
    return [part for i, part in enumerate(found) if part not in found[:i]]


def _rows(topics: Sequence[Topic]) -> list[tuple[str, Line]]:
    return [(line.symbol or topic.name, line) for topic in topics for line in topic.lines]


def _markdown(found: Sequence[Explanation], report: Report) -> str:
    parts = []
    for explanation in found:
        escape = markdown.escape
        parts.append(f"### {escape(_title(report, explanation.row))}\n")
        parts.append(f"{escape(_givens(explanation))}\n")
        for topic in explanation.topics:
            for line in topic.lines:
                symbol = topic.name if line.symbol in ("", topic.name) else line.symbol
                *working, value = _chain(line, "·", units.number)
                steps = " = ".join([f"**{symbol}**", *map(escape, working), f"**{value}**"])
                if line.rounding:
                    steps += f" → **{units.number(line.result)}**, {_ROUNDED[line.rounding]}"
                steps += escape(_tail(line, explanation).replace("   ", ", "))
                parts.append(f"- {steps}")
        parts.append("")
        parts += [
            f"{sentences.lost_input(explanation.row, warning)}\n"
            for warning in explanation.row.warnings[:1]
            if warning.code == "lost_input"
        ]
    legend = "; ".join(
        f"{symbol}: {meaning}"
        for symbol, meaning in SYMBOLS.items()
        if any(symbol in one.symbols for one in found)
    )
    return "\n".join(parts) + f"\n{legend}; 1 before the layer, 2 after.\n"


_SYMBOL = re.compile(r"\b([WHTDKSPGNrjd])([0-9]|[a-z])?\b")


def _math(text: str) -> str:
    text = re.sub(r"(?<=\d),(?=\d)", "{,}", text)
    text = re.sub(r"[a-z]{2,}(?: [a-z]+)*", lambda m: rf"\text{{{m[0]}}}", text)
    text = _SYMBOL.sub(lambda m: f"{m[1]}_{{{m[2]}}}" if m[2] else m[1], text)
    return text.replace("·", r" \cdot ").replace("%", r"\%")


def _latex(found: Sequence[Explanation], report: Report) -> str:
    parts = [r"% \usepackage{amsmath}"]
    for explanation in found:
        title = latex.escape(_title(report, explanation.row))
        parts.append(rf"\paragraph{{{title}}}")
        rows = []
        for symbol, line in _rows(explanation.topics):
            chain = [_math(part) for part in _chain(line, "·", units.number)]
            if line.rounding:
                chain[-1] += rf" \;\to\; {units.number(line.result)}"
            rows.append(rf"  {_math(symbol)} &= " + " = ".join(chain))
        parts += [r"\begin{align*}", " \\\\\n".join(rows), r"\end{align*}"]
    return "\n".join(parts) + "\n"


# --- JSON ----------------------------------------------------------------------------------


def _exact(value: int | Fraction) -> int | str:
    return value if isinstance(value, int) else units.number(value)


def _json(found: Sequence[Explanation], report: Report) -> str:
    import json

    layers: list[dict[str, Any]] = []
    for explanation in found:
        row = explanation.row
        layers.append(
            {
                "name": row.name,
                "type": row.type,
                "description": row.description,
                "inputs": [str(volume) for volume in row.inputs],
                "output": str(row.output),
                "givens": dict(explanation.givens),
                "topics": [
                    {
                        "topic": topic.name,
                        "lines": [
                            {
                                "symbol": line.symbol,
                                "formula": line.formula,
                                "numbers": line.numbers,
                                "value": _exact(line.value),
                                "result": _exact(line.result),
                                "rounding": line.rounding or None,
                                "note": line.unit or line.note or None,
                            }
                            for line in topic.lines
                        ],
                    }
                    for topic in explanation.topics
                ],
                "warnings": [
                    sentences.lost_input(row, warning)
                    for warning in row.warnings
                    if warning.code == "lost_input"
                ],
            }
        )
    document = {
        "format": "cnncalc explanation",
        "version": VERSION,
        "network": report.name,
        "convention": report.convention,
        "batch": report.batch,
        "dtype": report.dtype,
        "layers": layers,
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
