"""Blank sheets to fill in, which `check` reads back: a row for each layer, columns to answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cnncalc.homework.asking import Asked, asked
from cnncalc.homework.key import Key
from cnncalc.homework.layer_truth import COUNTS, Value, true_value
from cnncalc.homework.names import normalized
from cnncalc.homework.sheet import refuse_unknown
from cnncalc.layers.base import AbstractLayer
from cnncalc.model.printable import Printable


@dataclass(frozen=True, slots=True, kw_only=True)
class WorksheetRow:
    """One row of a worksheet: a layer, and the answers that are asked for.

    Attributes:
        name: of the layer, or of a closed block.
        description: its phrase.
        layer: the layer itself.
        sources: the rows that it takes its input from, if not the row before.
        values: the true value of each column that has one here.
        given: whether the sheet states the values itself.
    """

    name: str
    description: str = ""
    layer: AbstractLayer | None = None
    sources: tuple[str, ...] = ()
    values: Mapping[str, Value]
    given: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class Worksheet(Printable):
    """A blank sheet about a network. The last row is the total, where columns have one.

    Attributes:
        key: the network, and what its teacher declares.
        columns: those that are to be answered.
        rows: one for each layer or closed block, and the total.
    """

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


@dataclass(frozen=True, slots=True)
class ClosedBlock:
    """A block that is one row of a sheet.

    Attributes:
        path: in the network.
        description: its phrase.
        indices: of its layers in the network's rows.
    """

    path: str
    description: str
    indices: range


def worksheet(
    key: Key,
    columns: tuple[str, ...] | None = None,
    *,
    blocks: Sequence[ClosedBlock] = (),
    all_layers: bool = False,
) -> Worksheet:
    """Return the sheet of a key, in the columns given, else in those that the key asks for.

    It has one row for each of the closed `blocks`, and rows for layers that usually have none
    with `all_layers`.
    Raises: UnknownNameError for a column that no sheet has.
    """
    refuse_unknown(columns or ())
    wanted = asked(key, columns)
    sheet = _Rows(wanted, blocks, all_layers)
    rows = [row for index in range(len(key.cases)) if (row := sheet.row(index))]
    totals = _values(key, -1, tuple(column for column in wanted.columns if column in COUNTS))
    if totals:
        rows.append(WorksheetRow(name="TOTAL", values=totals))
    return Worksheet(key, wanted.columns, tuple(rows))


class _Rows:
    """The rows of a sheet, by the index of the layer that each begins with."""

    def __init__(self, wanted: Asked, blocks: Sequence[ClosedBlock], all_layers: bool) -> None:
        self.key, self.columns, self.wanted = wanted.key, wanted.columns, wanted.rows
        self.all_layers = all_layers
        self.blocks = {index: block for block in blocks for index in block.indices}

    def row(self, index: int) -> WorksheetRow | None:
        """Return the row that begins with a layer, if one does."""
        block = self.blocks.get(index)
        if block:
            return self.block(block) if index == block.indices.start else None
        if not self.shown(index):
            return None
        row = self.key.cases[index].row
        return WorksheetRow(
            name=row.name,
            description=self.key.report.layers[index].description,
            layer=row.layer,
            sources=self.sources(index),
            values=_values(self.key, index, self.columns),
            given=index == 0,
        )

    def block(self, block: ClosedBlock) -> WorksheetRow:
        """Return the row of a closed block."""
        case = self.key.together(tuple(self.key.blocks[normalized(block.path)]))
        values = {
            column: value
            for column in self.columns
            if (value := true_value(case, column, self.key.conventions)) is not None
        }
        return WorksheetRow(
            name=block.path,
            description=block.description,
            sources=self.sources(block.indices.start),
            values=values,
        )

    def shown(self, index: int) -> bool:
        return self.all_layers or index == 0 or index in self.wanted

    def sources(self, index: int) -> tuple[str, ...]:
        """Return the rows that a layer takes its input from, unless that is the row before it."""
        before = index - 1
        while before >= 0 and before not in self.blocks and not self.shown(before):
            before -= 1
        sources = tuple(map(self.name, self.key.cases[index].row.sources))
        return () if sources in ((), (self.name(before),)) else sources

    def name(self, index: int) -> str:
        """Return the row that stands for a layer: one without a row changes no volume."""
        while index not in self.blocks and not self.shown(index):
            index = self.key.cases[index].row.sources[0]
        block = self.blocks.get(index)
        return block.path if block else self.key.cases[index].row.name


def _values(key: Key, index: int, columns: tuple[str, ...]) -> dict[str, Value]:
    found = {column: key.truth(index, column) for column in columns}
    return {column: value for column, value in found.items() if value is not None}
