"""What is written: content that knows nothing of formats, and the table that formats write."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from fractions import Fraction

    from cnncalc.figures.scene import Scene
    from cnncalc.writers.columns import Role
    from cnncalc.writers.terminal import Console


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What stands over a column, and how the column looks."""

    text: str
    meaning: str = ""
    right: bool = False  # aligned to the right, as numbers are
    minor: bool = False  # may go where there is little room
    role: Role = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What stands in a table: text as people read it."""

    text: str
    value: int | Fraction | None = None  # what the column is sorted by, where that is a number
    share: Fraction | None = None  # of the whole: from 0 to 1, to be drawn as a bar


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of a table."""

    cells: Sequence[Cell]
    marked: bool = False  # something in it needs to be looked at
    layers: range = range(0)  # of the report, that it stands for


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table with what stands around it. All of it is plain text: formats escape it."""

    title: str
    heads: Sequence[Head]
    rows: Sequence[Row]
    totals: Sequence[str] = ()  # as many as there are columns, or none
    about: str = ""  # where it comes from
    convention: str = ""  # what its numbers count: it goes wherever the table goes
    notes: Sequence[str] = ()
    warnings: Sequence[Sequence[str]] = ()  # each a sentence, and lines that stand on their own
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
    """The same for machines: raw values under names that stay."""

    names: Sequence[str]
    rows: Sequence[Sequence[object]]


class Tabulated(ABC):
    """What can be written as a table, by every format that writes tables."""

    @abstractmethod
    def table(self, *, shares: bool = False) -> Table:
        """Return the table; `shares`: with a column of shares for counts that have one."""

    def pictures(self) -> Pictures:
        """Return the figures of a page, if it has any."""
        return Pictures()

    @abstractmethod
    def records(self) -> Records:
        """Return everything that a table may show, raw."""


class Content(Tabulated):
    """What a command found, to be written in any format of the writers' table.

    A format asks for what it writes: a table for people, records for a spreadsheet, a
    document of lists and dicts; on a terminal the content is shown in the width that there is.
    """

    @abstractmethod
    def to_dict(self) -> dict[str, Any]:
        """Return everything there is to know, as JSON has it."""

    @abstractmethod
    def show(self, console: Console) -> None:
        """Print the table in the width of a console."""
