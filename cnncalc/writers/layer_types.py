"""The list of the layer types, a row for each."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from cnncalc.writers import FORMATS as FORMATS
from cnncalc.writers import grid, terminal
from cnncalc.writers.content import Content
from cnncalc.writers.json import VERSION, plain
from cnncalc.writers.styled import Text
from cnncalc.writers.table_model import Cell, Head, Records, Table, TableRow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnncalc.format.layer_types import LayerType
    from cnncalc.writers.terminal import Console

RECORD = ("type", "family", "required", "settings", "description", "aliases")
NOTE = "* must be given; the others have a default."
WIDEST = 120  # columns of the table


def content(entries: Sequence[LayerType]) -> LayerTypesContent:
    """Return layer types as content."""
    return LayerTypesContent(entries)


def settings(entry: LayerType) -> str:
    """Return a type's settings: those that must be given, then the others with their defaults."""
    shown = [f"{name}*" for name in entry.required]
    for name, default in entry.settings.items():
        text = "" if default is None else json.dumps(plain(default)).replace('"', "")
        shown.append(f"{name} {text}".rstrip())
    return ", ".join(shown)


class LayerTypesContent(Content):
    """The layer types, a row for each."""

    def __init__(self, entries: Sequence[LayerType]) -> None:
        self.entries = entries

    def table(self, *, shares: bool = False) -> Table:
        """Return type, settings and description of each."""
        rows = [(one.type, settings(one), one.description) for one in self.entries]
        heads = [Head(text="Type", role="name"), Head(text="Settings"), Head(text="What it is")]
        return Table(
            title="Layer types",
            heads=heads,
            rows=[TableRow(cells=[Cell(text=text) for text in row]) for row in rows],
            notes=[NOTE],
            label="layers",
        )

    def records(self) -> Records:
        """Return all that is known of each type, settings as text."""
        return Records(
            names=RECORD,
            rows=[
                [
                    one.type,
                    one.family,
                    " ".join(one.required),
                    settings(one),
                    one.description,
                    " ".join(one.aliases),
                ]
                for one in self.entries
            ],
        )

    def to_dict(self) -> dict[str, Any]:
        """Return all that is known of each type."""
        layers = [{name: plain(getattr(one, name)) for name in RECORD} for one in self.entries]
        return {"version": VERSION, "layers": layers}

    def show(self, console: Console) -> None:
        """Print the types, what does not fit in a line below it."""
        names = grid.Part("type", [Text(one.type, "bold") for one in self.entries], right=False)
        width = min(console.width, WIDEST) if console.width < terminal.ENDLESS else console.width
        room = width - names.width - 2
        longest = max(len(word) for one in self.entries for word in settings(one).split(" "))
        first = max(longest, 2 * room // 5)
        columns = (("settings", first, settings), ("what it is", room - first, _description))
        parts = [names]
        for head, most, text in columns:
            cells = [
                "\n".join(grid.wrap(terminal.fit(text(one), console.encoding).split(" "), most))
                for one in self.entries
            ]
            parts.append(grid.Part(head, [Text(cell) for cell in cells], right=False))
        grid.show(console, parts, total=False)
        console.print()
        console.print(Text(NOTE, "dim"))


def _description(entry: LayerType) -> str:
    return entry.description
