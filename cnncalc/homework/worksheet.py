"""A blank sheet to fill in, which `check` reads back: a row for each layer, columns to answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from cnncalc.errors import Problem, UnknownNameError, did_you_mean
from cnncalc.homework.key import Key
from cnncalc.homework.layer_truth import COUNTS, Case, Value
from cnncalc.homework.sheet import COLUMNS
from cnncalc.layers.base import AbstractLayer
from cnncalc.model.printable import Printable

USUAL = ("output", "parameters", "flops")


class Row(NamedTuple):
    """One row: a layer, what it takes if not the row before it, and what is to be answered.

    `values` has the true value of each column that has one here; `given` is whether the sheet
    says them itself.
    """

    name: str
    description: str
    layer: AbstractLayer | None
    sources: tuple[str, ...]
    values: dict[str, Value]
    given: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class Worksheet(Printable):
    """A sheet about a network: its rows, the last of them the total where columns have one."""

    key: Key
    columns: tuple[str, ...]
    rows: tuple[Row, ...]

    def __repr__(self) -> str:
        """Return which network it is about, and its rows and columns."""
        size = f"{len(self.rows)} rows, {len(self.columns)} columns"
        return f"<Worksheet about {self.key.report.name!r}: {size}>"

    def to_markdown(self, *, filled: bool = False) -> str:
        """Return the sheet as Markdown; `filled`: with the right answers."""
        return str(self.to("markdown", filled=filled))

    def to_csv(self, *, filled: bool = False) -> str:
        """Return the sheet as comma-separated values; `filled`: with the right answers."""
        return str(self.to("csv", filled=filled))

    @property
    def conventions(self) -> list[str]:
        """Return the conventions that the answers are to follow, as reports name them."""
        return self.key.conventions(self.columns)


def worksheet(key: Key, columns: tuple[str, ...] | None = None) -> Worksheet:
    """Return the sheet of a key, in the columns given, else in those that the key asks for.

    Raises: UnknownNameError for a column that no sheet has.
    """
    chosen = columns or key.rules.columns or USUAL
    for column in chosen:
        if column not in COLUMNS:
            raise UnknownNameError(
                Problem(
                    "unknown_column",
                    f"no column {column[:60]!r}.{did_you_mean(column, COLUMNS)} "
                    f"There are: {', '.join(COLUMNS)}.",
                )
            )
    rows = [_row(key, place, chosen) for place, case in enumerate(key.cases) if case.has_row]
    totals = _values(key, -1, tuple(column for column in chosen if column in COUNTS))
    if totals:
        rows.append(Row("TOTAL", "", None, (), totals))
    return Worksheet(key, tuple(column for column in COLUMNS if column in chosen), tuple(rows))


def _row(key: Key, place: int, columns: tuple[str, ...]) -> Row:
    case, description = key.cases[place], key.report.layers[place].description
    values = _values(key, place, columns)
    sources = _sources(key, case, place)
    return Row(case.name, description, case.layer, sources, values, not place)


def _sources(key: Key, case: Case, place: int) -> tuple[str, ...]:
    """Return the rows that a layer takes its input from, unless that is the row before it."""

    def shown(index: int) -> int:
        """Return the row that stands for a layer: one without a row changes no volume."""
        while not key.cases[index].has_row:
            index = key.cases[index].sources[0]
        return index

    before = next((i for i in range(place - 1, -1, -1) if key.cases[i].has_row), None)
    sources = tuple(map(shown, case.sources))
    return () if sources in ((), (before,)) else tuple(key.cases[i].name for i in sources)


def _values(key: Key, place: int, columns: tuple[str, ...]) -> dict[str, Value]:
    found = {column: key.truth(place, column) for column in columns}
    return {column: value for column, value in found.items() if value is not None}
