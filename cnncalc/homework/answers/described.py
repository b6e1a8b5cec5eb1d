"""The network that a sheet describes by itself, in the words beside its answers."""

from __future__ import annotations

import re
from collections.abc import Sequence

from cnncalc.format.architecture import Architecture
from cnncalc.homework.answers.quantity import Unreadable
from cnncalc.homework.answers.volume_text import read_volume
from cnncalc.homework.sheet import Sheet, SheetRow


def described_network(sheet: Sheet) -> Architecture | None:
    """Return the network that a sheet describes, or None.

    The sheet must have the input's volume, and say in every row what its layer is.
    """
    rows = [row for row in sheet.rows if row.type != "input"]
    volume = next((_volume(row, "output") for row in sheet.rows if row.type == "input"), None)
    volume = volume or next((_volume(row, "input") for row in rows[:1]), None)
    if not rows or volume is None or any(row.element is None for row in rows):
        return None
    elements = [
        {**row.element, "name": name}
        for row, name in zip(rows, _names(rows), strict=True)
        if row.element
    ]
    return Architecture.from_tree({"name": sheet.file, "input": volume, "layers": elements})


def _names(rows: Sequence[SheetRow]) -> list[str]:
    """Return a name for each row, as written; numbered where it recurs."""
    taken: dict[str, int] = {}
    found = []
    for row in rows:
        name = re.sub(r"[.\s]+", " ", row.name).strip()[:40] or row.type
        if name.lower() in ("input", "previous") or name.isdigit():
            name = f"layer {name}"
        taken[name] = taken.get(name, 0) + 1
        found.append(name if taken[name] == 1 else f"{name} ({taken[name]})")
    return found


def _volume(row: SheetRow, column: str) -> str | None:
    """Return a volume that a row states, as a file would write it."""
    cell = row.cells.get(column)
    try:
        return str(read_volume(cell.text)) if cell else None
    except Unreadable:
        return None
