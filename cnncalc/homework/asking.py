"""Which cells a key asks for: `worksheet` leaves them blank, and `check` counts their points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cnncalc.homework.layer_truth import COUNTS
from cnncalc.homework.sheet import COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cnncalc.homework.key import Key

USUAL = ("output", "parameters")


@dataclass(frozen=True, slots=True)
class Asked:
    """The cells that a key asks for.

    Attributes:
        key: that asks.
        columns: in the order of sheets.
        rows: the indices of the layers in the network's rows, without the input.
    """

    key: Key
    columns: tuple[str, ...]
    rows: frozenset[int]

    def __contains__(self, cell: tuple[int, str]) -> bool:
        """Return whether a layer's column earns points; the index -1 stands for the total.

        A 0, as under a pool, is confirmed and earns none.
        """
        index, column = cell
        if column not in self.columns or (index not in self.rows and index != -1):
            return False
        if column == "working":
            return index in self.rows and (index, "parameters") in _with_parameters(self)
        return (index >= 0 or column in COUNTS) and bool(self.key.truth(index, column))


def asked(key: Key, columns: Iterable[str] | None = None) -> Asked:
    """Return what a key asks for: a row for each layer of the usual table.

    The columns are those given, else those that the key names under `columns:`, else output,
    parameters and those that it declares points for.
    """
    chosen = columns or key.rules.columns or (*USUAL, *_with_points(key))
    rows = frozenset(index for index, case in enumerate(key.cases) if index and case.shown)
    return Asked(key, tuple(column for column in COLUMNS if column in chosen), rows)


def _with_points(key: Key) -> list[str]:
    return [name.rpartition(".")[2] for name, points in key.rules.points.items() if points]


def _with_parameters(found: Asked) -> Asked:
    return Asked(found.key, ("parameters",), found.rows)
