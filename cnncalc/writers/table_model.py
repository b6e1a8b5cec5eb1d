"""The content that formats write: a table of text, raw records, pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from fractions import Fraction

    from cnncalc.figures.scene import Scene
    from cnncalc.writers.columns import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The heading of a column, and how the column looks."""

    text: str
    meaning: str = ""
    right: bool = False  # aligned to the right, as numbers are
    minor: bool = False  # hidden on narrow screens
    role: Role = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A cell: text as people read it."""

    text: str
    value: int | Fraction | None = None  # the number that a page sorts the column by
    share: Fraction | None = None  # from 0 to 1, to be drawn as a bar


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRow:
    """A row of a table."""

    cells: Sequence[Cell]
    marked: bool = False  # whether there is a warning about it
    layers: range = range(0)  # of the report, that it stands for


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table with its title, caption and warnings. All of it is plain text: formats escape it."""

    title: str
    heads: Sequence[Head]
    rows: Sequence[TableRow]
    totals: Sequence[str] = ()  # as many as there are columns, or none
    about: str = ""  # where it comes from
    summary: str = ""  # the totals in rounded numbers, where there is room for a line
    convention: str = ""  # what its numbers count: never left out
    notes: Sequence[str] = ()
    warnings: Sequence[Sequence[str]] = ()  # each a sentence, and lines of its own
    label: str = "network"  # what it is referred to by

    @property
    def caption(self) -> list[str]:
        """Return the sentences under the table."""
        return [sentence for sentence in (self.convention, *self.notes) if sentence]


@dataclass(frozen=True, slots=True)
class Pictures:
    """Figures that a page has above its table and below it."""

    above: Sequence[Scene] = ()
    below: Sequence[Scene] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """The content for spreadsheets: raw values under names that do not change."""

    names: Sequence[str]
    rows: Sequence[Sequence[object]]
