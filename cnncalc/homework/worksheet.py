"""Blank sheets to fill in, which `check` reads back: a row for each layer, columns to answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cnncalc.errors import Problem, UnknownNameError, did_you_mean
from cnncalc.homework.key import Key
from cnncalc.homework.layer_truth import COUNTS, Value
from cnncalc.homework.sheet import COLUMNS
from cnncalc.layers.base import AbstractLayer
from cnncalc.model.printable import Printable

USUAL = ("output", "parameters", "flops")


@dataclass(frozen=True, slots=True, kw_only=True)
class WorksheetRow:
    """One row of a worksheet: a layer, and the answers that are asked for."""

    name: str
    description: str = ""
    layer: AbstractLayer | None = None
    sources: tuple[str, ...] = ()  # the rows that it takes its input from, if not the one before
    values: Mapping[str, Value]  # the true value of each column that has one here
    given: bool = False  # whether the sheet states the values itself


@dataclass(frozen=True, slots=True, repr=False)
class Worksheet(Printable):
    """A blank sheet about a network. The last row is the total, where columns have one."""

    key: Key
    columns: tuple[str, ...]
    rows: tuple[WorksheetRow, ...]

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
        return self.key.named_conventions(self.columns)


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
    rows = [_row(key, index, chosen) for index, case in enumerate(key.cases) if case.shown]
    totals = _values(key, -1, tuple(column for column in chosen if column in COUNTS))
    if totals:
        rows.append(WorksheetRow(name="TOTAL", values=totals))
    return Worksheet(key, tuple(column for column in COLUMNS if column in chosen), tuple(rows))


def _row(key: Key, index: int, columns: tuple[str, ...]) -> WorksheetRow:
    row = key.cases[index].row
    return WorksheetRow(
        name=row.name,
        description=key.report.layers[index].description,
        layer=row.layer,
        sources=_sources(key, index),
        values=_values(key, index, columns),
        given=index == 0,
    )


def _sources(key: Key, index: int) -> tuple[str, ...]:
    """Return the rows that a layer takes its input from, unless that is the row before it."""

    def shown(source: int) -> int:
        """Return the row that stands for a layer: one without a row changes no volume."""
        while not key.cases[source].shown:
            source = key.cases[source].row.sources[0]
        return source

    before = next((i for i in range(index - 1, -1, -1) if key.cases[i].shown), None)
    sources = tuple(map(shown, key.cases[index].row.sources))
    return () if sources in ((), (before,)) else tuple(key.cases[i].row.name for i in sources)


def _values(key: Key, index: int, columns: tuple[str, ...]) -> dict[str, Value]:
    found = {column: key.truth(index, column) for column in columns}
    return {column: value for column, value in found.items() if value is not None}
