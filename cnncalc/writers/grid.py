"""Columns of text on a terminal, between two thin rules."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise, zip_longest
from typing import TYPE_CHECKING, Any

from cnncalc.writers import terminal
from cnncalc.writers.styled import Text, cell_len

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cnncalc.writers.table_model import Table
    from cnncalc.writers.terminal import Console


@dataclass(frozen=True)
class Part:
    """A column as it is printed: heading, cells and total."""

    head: str
    cells: Sequence[Text]
    total: str | Text = ""
    right: bool = True
    close: bool = False  # belongs to the number before it, so the gap is 1

    @cached_property
    def width(self) -> int:
        """Return how many columns of the terminal it takes."""
        lines = [line for cell in self.cells for line in cell.plain.split("\n")]
        return max(map(cell_len, [self.head, *str(self.total).split("\n"), *lines]))


def as_table(parts: Sequence[Part], **words: Any) -> Table:
    """Return columns as a table for every format; `words` are its title, caption and the like.

    A cell of two lines has both, with a slash between them.
    """
    from cnncalc.writers.table_model import Cell, Head, Table, TableRow  # a terminal needs none

    totals = [_one_line(part.total) for part in parts]
    return Table(
        heads=[Head(text=_headed(part.head), right=part.right) for part in parts],
        rows=[
            TableRow(cells=[Cell(text=_one_line(cell)) for cell in row])
            for row in zip(*(part.cells for part in parts), strict=True)
        ],
        totals=totals if any(totals) else (),
        **words,
    )


def _headed(head: str) -> str:
    """Return a heading with a capital, unless it is a unit: ms, s."""
    return head if len(head) < 3 else head[:1].upper() + head[1:]


def _one_line(text: str | Text) -> str:
    return " / ".join(str(text).split("\n"))


def shorten(phrase: str) -> str:
    """Return a phrase without the words `filters at`.

    >>> shorten("96 11x11 filters at stride 4, pad 0")
    '96 11x11, stride 4, pad 0'
    """
    return phrase.replace(" filters at stride", ", stride").replace(" at stride", ", stride")


def chunks(phrase: str) -> list[str]:
    """Return the parts that a phrase may be broken into: a number stays with its word.

    >>> chunks("96 11x11, stride 4, pad 0")
    ['96 11x11,', 'stride 4,', 'pad 0']
    """
    found: list[str] = []
    open_ = False  # whether the part before is a number without its word
    for word in phrase.split(" "):
        if found and (open_ or (word[:1].isdigit() and not found[-1].endswith((",", "+")))):
            found[-1] += " " + word
        else:
            found.append(word)
        open_ = word.isdigit() or word == "×" or word == "x"
    return found


def wrap(words: Iterable[str], width: int, first: str = "", indent: str = "") -> list[str]:
    """Return words as lines of at most a width, the later ones indented.

    >>> wrap(["a", "bc", "d"], 4, indent="  ")
    ['a bc', '  d']
    """
    lines: list[str] = []
    line, empty = first, True
    for word in words:
        if not empty and cell_len(line) + 1 + cell_len(word) > width:
            lines.append(line.rstrip())
            line, empty = indent, True
            if not word:
                continue
        line += word if empty else " " + word
        empty = False
    return [*lines, line]


def gaps(parts: Sequence[Part]) -> list[int]:
    """Return the gap before each part: 1 after text and within a number, 2 between numbers."""
    found = [0]
    for before, part in pairwise(parts):
        number = before.right or before.close
        found.append(2 if number and not part.close else 1)
    return found


def measure(parts: Sequence[Part]) -> int:
    """Return the width of a panel."""
    return sum(part.width for part in parts) + sum(gaps(parts))


def show(console: Console, parts: Sequence[Part], *, total: bool) -> None:
    """Print a panel, each line as wide as what it holds; `total`: with a last line of totals."""
    places = list(zip(gaps(parts), [part.width for part in parts], parts, strict=True))
    rule = Text(terminal.fit("─", console.encoding) * measure(parts))
    console.print(_line(places, [Text(part.head, "dim") for part in parts]))
    console.print(rule)
    for cells in zip(*[part.cells for part in parts], strict=True):
        _row(console, places, cells)
    if total:
        totals = [t if isinstance(t := p.total, Text) else Text(t, "bold") for p in parts]
        console.print(rule)
        _row(console, places, totals)


def _row(console: Console, places: list[tuple[int, int, Part]], cells: Sequence[Text]) -> None:
    """Print the lines of a row: as many as its tallest cell has."""
    for line in zip_longest(*[cell.lines() for cell in cells], fillvalue=Text()):
        console.print(_line(places, line))


def _line(places: list[tuple[int, int, Part]], cells: Iterable[Text]) -> Text:
    line = Text()
    for (gap, width, part), cell in zip(places, cells, strict=True):
        shown = cell.rstrip() if part.right else cell
        room = " " * (width - cell_len(shown.plain))
        line.append(" " * gap + room * part.right)
        line.append(shown)
        line.append(room * (not part.right))
    return line.rstrip()
