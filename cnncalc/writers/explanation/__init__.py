"""The worked arithmetic of layers, in the formats of `explain`. A format is one line here."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cnncalc import units
from cnncalc.errors import printable
from cnncalc.explanation.records import SYMBOLS, Block
from cnncalc.writers import FORMATS as FORMATS_OF_TABLES
from cnncalc.writers import USUAL, Format, sentences
from cnncalc.writers.columns import volume

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnncalc.explanation.records import Equation, Explanation, Working
    from cnncalc.model.report import Report, Row
    from cnncalc.writers.terminal import Console

# Each module has `write(content) -> str`, but for text, which has `show`.
FORMATS: dict[str, Format] = {
    "text": Format("explanation.text", (".txt",)),
    "markdown": Format("explanation.markdown", (".md", ".markdown")),
    "latex": Format("explanation.latex", (".tex",)),
    "json": Format("explanation.json", (".json",)),
}
# The others write the equations as a table; `table` is for terminals, as `text` is here.
FORMATS |= {k: v for k, v in FORMATS_OF_TABLES.items() if k not in ("table", *FORMATS)}
ROUNDED = {"floor": "rounded down", "ceil": "rounded up"}
_NUMBER = re.compile(r"\d{4,}")


def show(explanation: Explanation, console: Console) -> None:
    """Print the worked arithmetic."""
    from cnncalc.writers.explanation import text

    text.show(explanation.layers, explanation.report, console)


def write(explanation: Explanation, format: str) -> str:
    """Return the worked arithmetic in a format other than text. Raises: KeyError for another."""
    from cnncalc.writers.explanation.equations import Equations

    text: str = FORMATS[format].write(Equations(explanation))
    return text


def title(report: Report, row: Row | Block) -> str:
    """Return what stands above a layer's equations: the network, the layer, and its phrase."""
    name = sentences.title(report, USUAL)[0]
    return f"{name} / {printable(row.name)}" + f": {row.description}" * bool(row.description)


def givens(working: Working) -> str:
    """Return the input volumes and settings with their symbols, on one line."""
    row = working.row
    pairs = [f"{symbol} = {value}" for symbol, value in working.givens]
    return ",  ".join(pairs) or f"the input, {volume(row.output, 'hwc')}"


def holds(working: Working) -> list[str]:
    """Return the parts of a block in words, each with the volume that leaves it; none of layers."""
    if not isinstance(working.row, Block):
        return []
    return [
        f"{': '.join(filter(None, (part.name, printable(part.description))))} → {part.output}"
        for part in working.row.parts
    ]


def legend(found: Sequence[Working]) -> list[str]:
    """Return each symbol that occurs with its meaning."""
    used = {symbol for working in found for symbol in working.symbols}
    return [f"{symbol}: {meaning}" for symbol, meaning in SYMBOLS.items() if symbol in used]


def remark(equation: Equation, row: Row | Block) -> str:
    """Return the words behind an equation: its unit, its note, or what its depth means."""
    if equation.unit or equation.note:
        return equation.unit or equation.note
    if equation.symbol == "D2" and row.output.extents:
        if equation.formula == "filters":
            return f"one layer of the volume for each filter: {row.output}"
        if equation.formula == "D1":
            return f"every channel by itself: {row.output}"
    return ""


def grouped(text: str) -> str:
    """Return arithmetic with its larger numbers in groups of three digits.

    >>> grouped("34848 + 96")
    '34,848 + 96'
    """
    return _NUMBER.sub(lambda match: units.group(int(match[0])), text)


def members(equation: Equation) -> list[str]:
    """Return formula, numbers and value of an equation, each text once."""
    found = [equation.formula, grouped(equation.numbers), units.number(equation.value)]
    return list(dict.fromkeys(found))
