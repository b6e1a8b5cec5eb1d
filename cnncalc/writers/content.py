"""Content: a result that knows nothing of formats, for any of them to write."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cnncalc.writers.table_model import Pictures, Records, Table
    from cnncalc.writers.terminal import Console


class Tabulated(ABC):
    """Anything that formats of tables can write."""

    @abstractmethod
    def table(self, *, shares: bool = False) -> Table:
        """Return the table; `shares`: with a column of shares for counts that have one."""

    def pictures(self) -> Pictures:
        """Return the figures of a page, if it has any."""
        from cnncalc.writers.table_model import Pictures

        return Pictures()

    @abstractmethod
    def records(self) -> Records:
        """Return all that a table may show, as raw values."""


class Content(Tabulated):
    """A result that every format of the writers' table can write.

    A format asks for what it writes: a table for people, records for a spreadsheet, a
    document of lists and dicts; on a terminal the content is shown in the width that there is.
    """

    @abstractmethod
    def to_dict(self) -> dict[str, Any]:
        """Return everything there is to know, as JSON has it."""

    def document(self) -> dict[str, Any]:
        """Return what `to_dict` does; long lists may be iterators, to be written as they go."""
        return self.to_dict()

    @abstractmethod
    def show(self, console: Console) -> None:
        """Print the table in the width of a console."""
