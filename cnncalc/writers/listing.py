"""The list of the networks that are shipped, a line for each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnncalc import units
from cnncalc.errors import printable
from cnncalc.writers import FORMATS as FORMATS
from cnncalc.writers import grid, terminal
from cnncalc.writers.content import Content
from cnncalc.writers.json import VERSION
from cnncalc.writers.styled import Text
from cnncalc.writers.table_model import Cell, Head, Records, Table, TableRow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnncalc.format.shipped import ShippedNetwork
    from cnncalc.writers.terminal import Console

# The columns of the table, with their heads; and what goes first where there is no room.
HEADS = {
    "name": "name",
    "input": "input",
    "parameters": "parameters",
    "macs": "FLOPs",
    "depth": "depth",
    "year": "year",
}
RECORD = ("name", "file", "variant", "input", "parameters", "macs", "depth", "year")
NARROWING = ("year", "depth", "input")
TEXT = ("name",)
CONVENTION = "FLOPs are multiply-accumulates (convention mac)."
DEPTH = "depth: layers with weights on the longest path."


def content(entries: Sequence[ShippedNetwork]) -> ListContent:
    """Return networks as content."""
    return ListContent(entries)


class ListContent(Content):
    """The networks, a row for each."""

    def __init__(self, entries: Sequence[ShippedNetwork]) -> None:
        self.entries = entries

    def table(self, *, shares: bool = False) -> Table:
        """Return input, sizes, depth and year of each network."""
        return Table(
            title="Networks",
            heads=[
                Head(
                    text=head[:1].upper() + head[1:],
                    right=name not in TEXT,
                    role="name" if name == "name" else "",
                    minor=name in NARROWING,
                )
                for name, head in HEADS.items()
            ],
            rows=[TableRow(cells=[_cell(entry, name) for name in HEADS]) for entry in self.entries],
            convention=CONVENTION,
            notes=[DEPTH],
            label="networks",
        )

    def records(self) -> Records:
        """Return all that the index has of each network."""
        rows = [[getattr(entry, name) for name in RECORD] for entry in self.entries]
        return Records(names=RECORD, rows=rows)

    def to_dict(self) -> dict[str, Any]:
        """Return all that the index has of each network."""
        networks = [dict(zip(RECORD, row, strict=True)) for row in self.records().rows]
        return {"version": VERSION, "networks": networks}

    def show(self, console: Console) -> None:
        """Print the networks as a table of the terminal's width."""
        columns = list(HEADS)
        gone = iter(NARROWING)
        parts = [self._part(name) for name in columns]
        while grid.measure(parts) > console.width and (name := next(gone, None)):
            columns.remove(name)
            parts = [self._part(name) for name in columns]
        grid.show(console, parts, total=False)
        console.print()
        text = CONVENTION + f" {DEPTH}" * ("depth" in columns)
        if len(columns) < len(HEADS):
            dropped = [HEADS[name] for name in HEADS if name not in columns]
            text += f" Left out: {units.listing(dropped)}, for want of width."
        text += " cnncalc list vgg shows one family; --sort FLOPs."
        width = min(console.width, terminal.WIDEST_TEXT)
        for line in grid.wrap(terminal.fit(text, console.encoding).split(" "), width):
            console.print(Text(line, "dim"))

    def _part(self, name: str) -> grid.Part:
        bold = "bold" * (name == "name")
        cells = [Text(_cell(entry, name).text, bold) for entry in self.entries]
        return grid.Part(HEADS[name], cells, right=name not in TEXT)


def _cell(entry: ShippedNetwork, name: str) -> Cell:
    value = getattr(entry, name)
    if not isinstance(value, int):
        return Cell(text="" if value is None else printable(str(value)))
    grouped = name in ("parameters", "macs")
    return Cell(text=units.group(value) if grouped else str(value), value=value)
