"""The list of the networks that are shipped, a line for each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc import units
from cnncalc.errors import printable
from cnncalc.writers import FORMATS as USUAL_FORMATS
from cnncalc.writers import csv, grid, markdown, terminal
from cnncalc.writers.styled import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnncalc.format.shipped import Entry
    from cnncalc.writers import Format
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
FORMATS: dict[str, Format] = {
    name: USUAL_FORMATS[name] for name in ("table", "markdown", "csv", "json")
}
NARROWING = ("year", "depth", "input")
TEXT = ("name",)


def show(entries: Sequence[Entry], console: Console) -> None:
    """Print the networks as a table of the terminal's width."""
    columns = list(HEADS)
    gone = iter(NARROWING)
    parts = [_part(entries, name) for name in columns]
    while grid.measure(parts) > console.width and (name := next(gone, None)):
        columns.remove(name)
        parts = [_part(entries, name) for name in columns]
    grid.show(console, parts, total=False)
    console.print()
    text = "FLOPs are multiply-accumulates (convention mac)."
    if "depth" in columns:
        text += " depth: layers with weights on the longest path."
    if len(columns) < len(HEADS):
        dropped = [HEADS[name] for name in HEADS if name not in columns]
        text += f" Left out: {units.listing(dropped)}, for want of width."
    text += " cnncalc list vgg shows one family; --sort FLOPs."
    width = min(console.width, terminal.WIDEST_TEXT)
    for line in grid.wrap(terminal.fit(text, console.encoding).split(" "), width):
        console.print(Text(line, "dim"))


def write(entries: Sequence[Entry], format: str) -> str:
    """Return the networks as csv, json or markdown. Raises: KeyError for another format."""
    return {"csv": _csv, "json": _json, "markdown": _markdown}[format](entries)


def _part(entries: Sequence[Entry], name: str) -> grid.Part:
    cells = [Text(_cell(entry, name), "bold" * (name == "name")) for entry in entries]
    return grid.Part(HEADS[name], cells, right=name not in TEXT)


def _cell(entry: Entry, name: str) -> str:
    value = getattr(entry, name)
    if value is None:
        return ""
    return units.group(value) if name in ("parameters", "macs") else printable(str(value))


def _markdown(entries: Sequence[Entry]) -> str:
    body = [[markdown.escape(_cell(entry, name)) for name in HEADS] for entry in entries]
    heads = [head[:1].upper() + head[1:] for head in HEADS.values()]
    return markdown.grid(heads, body, [name not in TEXT for name in HEADS]) + "\n"


def _csv(entries: Sequence[Entry]) -> str:
    names = entries[0]._fields if entries else tuple(HEADS)
    return csv.grid(names, entries)


def _json(entries: Sequence[Entry]) -> str:
    from cnncalc.writers.json import VERSION, lines

    return lines({"version": VERSION, "networks": [entry._asdict() for entry in entries]})
