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
    from collections.abc import Mapping, Sequence

    from cnncalc.format.networks import ShippedNetwork
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
RECORD = (
    "name",
    "file",
    "variant",
    "input",
    "parameters",
    "macs",
    "depth",
    "year",
    "title",
    "source",
    "competitions",
)
NARROWING = ("depth", "input", "year")  # after the numbers are rounded
ROUNDED = ("parameters", "macs")
FEW = 20  # networks whose competitions are told
ORDINALS = {1: "1st", 2: "2nd", 3: "3rd"}
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
            notes=[DEPTH, *competitions(self.entries)],
            label="networks",
        )

    def records(self) -> Records:
        """Return all that the index has of each network."""
        rows = [
            [*(getattr(entry, name) for name in RECORD[:-1]), "; ".join(competitions([entry]))]
            for entry in self.entries
        ]
        return Records(names=RECORD, rows=rows)

    def to_dict(self) -> dict[str, Any]:
        """Return all that the index has of each network."""
        networks = [{name: getattr(entry, name) for name in RECORD} for entry in self.entries]
        return {"version": VERSION, "networks": networks}

    def show(self, console: Console) -> None:
        """Print the networks as a table of the terminal's width."""
        columns = list(HEADS)
        gone = iter(NARROWING)
        parts = [self._part(name) for name in columns]
        rounded = grid.measure(parts) > console.width
        if rounded:
            parts = [self._part(name, rounded) for name in columns]
        while grid.measure(parts) > console.width and (name := next(gone, None)):
            columns.remove(name)
            parts = [self._part(name, rounded) for name in columns]
        grid.show(console, parts, total=False)
        console.print()
        width = min(console.width, terminal.WIDEST_TEXT)
        for sentence in competitions(self.entries):
            for line in grid.wrap(
                terminal.fit(sentence, console.encoding).split(" "), width, "", "  "
            ):
                console.print(Text(line))
        text = CONVENTION + f" {DEPTH}" * ("depth" in columns)
        if len(columns) < len(HEADS):
            dropped = [HEADS[name] for name in HEADS if name not in columns]
            text += f" Left out: {units.listing(dropped)}, for want of width."
        text += " cnncalc list vgg shows one family, list 2014 a year; --sort FLOPs."
        for line in grid.wrap(terminal.fit(text, console.encoding).split(" "), width):
            console.print(Text(line, "dim"))

    def _part(self, name: str, rounded: bool = False) -> grid.Part:
        bold = "bold" * (name == "name")
        cells = [
            Text(units.brief_count(getattr(entry, name)))
            if rounded and name in ROUNDED
            else Text(_cell(entry, name).text, bold)
            for entry in self.entries
        ]
        return grid.Part(HEADS[name], cells, right=name not in TEXT)


def _cell(entry: ShippedNetwork, name: str) -> Cell:
    value = getattr(entry, name)
    if not isinstance(value, int):
        return Cell(text="" if value is None else printable(str(value)))
    grouped = name in ROUNDED
    return Cell(text=units.group(value) if grouped else str(value), value=value)


def competitions(entries: Sequence[ShippedNetwork]) -> list[str]:
    """Return a sentence for each competition of a few networks; none for many networks."""
    if len(entries) > FEW:
        return []
    found: dict[str, list[str]] = {}
    for entry in entries:
        for one in entry.competitions:
            found.setdefault(_competition(one), []).append(entry.name)
    return [printable(f"{', '.join(names)}: {text}") for text, names in found.items()]


def _competition(one: Mapping[str, Any]) -> str:
    """Return a competition in a sentence: `ILSVRC 2014, classification: 1st, 6.67 % …`."""
    task = f", {one['task']}" if "task" in one else ""
    place = ORDINALS.get(one.get("place", 0), f"{one.get('place', '')}th")
    result = f"{place}, {one['result']}" if "place" in one else one["result"]
    note = f"; {one['note']}" if "note" in one else ""
    return f"{one['competition']} {one['year']}{task}: {result}{note} ({one['source']})."
