r"""The layout of a table on a page of LaTeX's article class, from the widths of its letters.

What is too wide is set smaller, then loses the columns that are the first to go on a terminal,
too, then wraps its text; and breaks into panels where columns were asked for by name. A table
longer than a page goes on in another. Nothing but booktabs is needed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from cnncalc.writers.grid import shorten

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cnncalc.writers.table_model import Head

WIDTH, HEIGHT = 345.0, 480.0  # points: the text of article at 10 points, less a caption's height
LEAST_TEXT = 60.0  # points that a column of text is wrapped to at the least

# Computer Modern Roman at 10 points (cmr10.tfm); what stands for a sign in another font is wider.
_LETTERS = {
    2.78: " !',.:;[]`il", 3.33: "-fj", 3.61: "I_", 3.94: "()rst", 4.44: "cez",
    5.28: "\"$*/0123456789\\^ago{}~kqvxyJ", 5.56: "Sbdhnpu", 6.25: "LZ", 7.22: "EPBCTwF·",
    7.85: "&+=@KOQRAHNUVXYDG<>−", 8.33: "#%m", 10.28: "MW|→←", 12.3: "×…",
}  # fmt: skip
WIDTHS = {letter: width for width, letters in _LETTERS.items() for letter in letters}
OTHER = 10.0
_EXTENTS = re.compile(r"(?<=\d)x(?=\d)")
# Where a text in a wrapped column may be broken: at spaces, and inside long names.
INSIDE = re.compile(r"(?<=[_/])(?=\S)|(?<=\.)(?=[A-Za-z])|(?<=[A-Za-z]\.)(?=\S)")
_BREAKS = re.compile(rf"(?<= )(?=\S)|{INSIDE.pattern}")


class Size(NamedTuple):
    """A size of type: the command, its letters' width beside 10 points, its lines' height."""

    command: str
    scale: float
    line: float
    gap: float  # between columns, half of it on each side


NORMAL = Size("", 1, 12, 12)
SMALL = Size(r"\small", 0.925, 11, 8)
FOOTNOTE = Size(r"\footnotesize", 0.85, 9.5, 8)
SCRIPT = Size(r"\scriptsize", 0.8, 8, 6)
SIZES = (NORMAL, SMALL, FOOTNOTE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """Columns that stand beside one another."""

    size: Size
    columns: Sequence[int]
    wrapped: Sequence[float | None]  # the width of each column in points, None: its own
    stacked: bool  # whether the words of heads over numbers stand on lines of their own
    rows: Sequence[int]
    first: bool = True


class Layout:
    """How a table's columns and rows are shared out among panels."""

    def __init__(self, heads: Sequence[Head], texts: Sequence[Sequence[str]]) -> None:
        self.heads, self.texts = heads, texts
        columns = range(len(heads))
        self.widest = [max((measure(row[i]) for row in texts), default=0) for i in columns]

    @classmethod
    def of(cls, heads: Sequence[Head], texts: Sequence[Sequence[str]]) -> Layout:
        """Return the layout of a table: its phrases are shorter where that lets it fit."""
        found = cls(heads, texts)
        if found._on_lines():
            return found
        roles = [head.role == "phrase" for head in heads]
        shorter = [
            [shorten(text) if role else text for text, role in zip(row, roles, strict=True)]
            for row in texts
        ]
        return cls(heads, shorter)

    def _on_lines(self) -> Panel | None:
        """Return all columns, or the less, if they fit with a line for each row."""
        every = range(len(self.heads))
        for columns, sizes in ((every, SIZES[:2]), (self._less, SIZES)):
            for size in sizes:
                if panel := self._panel(size, columns):
                    return panel
        return None

    @property
    def _less(self) -> list[int]:
        return [i for i, head in enumerate(self.heads) if not head.minor]

    def panels(self) -> list[Panel]:
        """Return the panels, in the order in which they are printed."""
        less = self._less
        if panel := self._on_lines():
            return list(self._pages(panel))
        for size in (FOOTNOTE, SCRIPT):
            if panel := self._panel(size, less, wrap=True):
                return list(self._pages(panel))
        found = [self._panel(FOOTNOTE, part, wrap=True, force=True) for part in self._parts(less)]
        return [page for part in found if part for page in self._pages(part)]

    @property
    def dropped(self) -> list[str]:
        """Return the heads of the columns that did not fit."""
        shown = {column for panel in self.panels() for column in panel.columns}
        return [head.text for i, head in enumerate(self.heads) if i not in shown]

    def _panel(
        self, size: Size, columns: Sequence[int], *, wrap: bool = False, force: bool = False
    ) -> Panel | None:
        """Return columns in a size of type, if they fit."""
        room = WIDTH - size.gap * (len(columns) - 1 + (size is NORMAL))
        widths = [self.natural(i, wrap) * size.scale for i in columns]
        caps: list[float | None] = [None] * len(columns)
        if sum(widths) > room:
            if not wrap:
                return None
            caps = self._caps(size, columns, widths, room)
            taken = sum(
                width if cap is None else cap for width, cap in zip(widths, caps, strict=True)
            )
            if taken > room + 0.5 and not force:
                return None
        return Panel(
            size=size, columns=columns, wrapped=caps, stacked=wrap, rows=range(len(self.texts))
        )

    def _caps(
        self, size: Size, columns: Sequence[int], widths: Sequence[float], room: float
    ) -> list[float | None]:
        """Return the widths to which columns of text are wrapped, the widest of them most."""
        texts = [k for k, i in enumerate(columns) if not self.heads[i].right]
        least = {k: self._least(columns[k]) * size.scale for k in texts}
        left = room - sum(width for k, width in enumerate(widths) if k not in least)
        order = sorted(texts, key=lambda k: widths[k])
        caps: list[float | None] = [None] * len(columns)
        for place, k in enumerate(order):
            share = left / (len(order) - place)
            if widths[k] > share:
                caps[k] = max(share, least[k])
            left -= widths[k] if caps[k] is None else caps[k] or 0
        return caps

    def _parts(self, columns: Sequence[int]) -> Iterator[list[int]]:
        """Yield columns that fit beside one another, the one with names in each part."""
        named = next((i for i in columns if self.heads[i].role == "name"), columns[0])
        part = [named]
        for i in columns:
            if i == named:
                continue
            if len(part) > 1 and not self._panel(FOOTNOTE, [*part, i], wrap=True):
                yield part
                part = [named]
            part.append(i)
        yield part

    def _pages(self, panel: Panel) -> Iterator[Panel]:
        """Yield the parts of a panel that fit on a page each."""
        rows: list[int] = []
        height = 0.0
        first = True
        for row in panel.rows:
            lines = max(
                self._lines(self.texts[row][i], cap, panel.size)
                for i, cap in zip(panel.columns, panel.wrapped, strict=True)
            )
            if rows and height + lines * panel.size.line > HEIGHT:
                yield replace(panel, rows=rows, first=first)
                rows, height, first = [], 0.0, False
            rows.append(row)
            height += lines * panel.size.line
        yield replace(panel, rows=rows, first=first)

    def _lines(self, text: str, cap: float | None, size: Size) -> int:
        if cap is None:
            return 1
        lines, at = 1, 0.0
        for piece in _BREAKS.split(text):
            width = measure(piece) * size.scale
            if at and at + width > cap:
                lines, at = lines + 1, 0.0
            at += width
        return lines

    def natural(self, column: int, stacked: bool) -> float:
        """Return a column's width at 10 points; stacked: with its head's words on lines."""
        head = self.heads[column]
        words = head.text.split() if stacked and head.right else [head.text]
        return max([*map(measure, words), self.widest[column]])

    def _least(self, column: int) -> float:
        """Return the width at 10 points below which a column of text cannot be wrapped."""
        texts = {self.heads[column].text, *(row[column] for row in self.texts)}
        pieces = {piece for text in texts for piece in _BREAKS.split(text)}
        return max(LEAST_TEXT, *map(measure, pieces))


def measure(text: str) -> float:
    """Return the width of a text in points, at 10 points: never less than it has.

    >>> round(measure("3x3"), 2)
    22.86
    """
    return sum(WIDTHS.get(sign, OTHER) for sign in _EXTENTS.sub("×", text))
