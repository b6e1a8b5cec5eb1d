"""Several networks, a line for each: what an analysis found, or why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cnncalc.model.printable import Tabular

if TYPE_CHECKING:
    from cnncalc.errors import CnncalcError
    from cnncalc.model.report import Report


@dataclass(frozen=True, slots=True)
class Summary:
    """One of several networks.

    Attributes:
        network: what it was called: a shipped name, a path, or its own name.
        report: what the analysis found; None where it failed.
        error: why it failed, if it did.
    """

    network: str
    report: Report | None
    error: CnncalcError | None = None


class Summaries(tuple[Summary, ...], Tabular):
    """Several networks, in the order in which they were given."""

    __slots__ = ()

    def __repr__(self) -> str:
        """Return how many networks there are, and how many of them failed."""
        failed = sum(one.error is not None for one in self)
        return f"<Summaries of {len(self)} networks, {failed} failed>"

    @property
    def ok(self) -> bool:
        """Return whether every network could be analyzed."""
        return not any(one.error for one in self)
