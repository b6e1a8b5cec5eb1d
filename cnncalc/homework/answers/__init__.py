"""Reads answers: a file in any of the forms that people use becomes a Document."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from cnncalc import readers
from cnncalc.errors import Place, Problem, ReadError
from cnncalc.format.architecture import Architecture
from cnncalc.homework.answers import lines, mapping, tables, xlsx
from cnncalc.homework.answers.mapping import shipped_name
from cnncalc.homework.sheet import Line, Sheet
from cnncalc.readers.tree import MAX_BYTES

_MAPPINGS = {".yaml": "yaml", ".yml": "yaml", ".json": "json"}
_SEPARATED = (".csv", ".tsv")
MOST_LINES = 10_000
_NETWORK = re.compile(rb"^layers:[ \t]*(?:$|[\[#\r])", re.MULTILINE)
_FRONT = re.compile(r"\s*---\s*\n(.*?)\n---\s*(?:\n|\Z)", re.DOTALL)


class Document(NamedTuple):
    """What a file of answers or a key holds.

    `network` is the network it is about: as it is described there, or a shipped name, or None.
    `marking` are its rules.
    """

    file: str
    sheet: Sheet | None
    network: Architecture | str | None
    marking: Any
    place: Place  # of the rules


def read(path: str, variant: str | None = None) -> Document:
    """Return what a file of answers says; "-" is standard input.

    Raises: ReadError if it cannot be read, or there are no answers in it.
    """
    return parse(readers.read_bytes(path), readers.STDIN if path == "-" else path, variant)


def parse(data: bytes, file: str, variant: str | None = None) -> Document:
    """Return what the bytes of a file say, which is called `file` in messages."""
    suffix = "." + file.rpartition(".")[2].lower() if "." in file else ""
    if data[:4] == b"PK\x03\x04" or suffix == ".xlsx":
        if suffix != ".xlsx":
            raise _refused(file, "a zip or xlsx file. Save the sheet as CSV.")
        if len(data) > MAX_BYTES:
            raise _refused(file, f"larger than {MAX_BYTES:,} bytes.")
        return _document(file, tables.sheet_of(xlsx.grids(data, file), file), {})
    form = _MAPPINGS.get(suffix)
    if suffix == "":  # standard input
        form = "json" if data.lstrip()[:1] == b"{" else "yaml" if _NETWORK.search(data) else None
    if form:
        tree = readers.parse(data, file, form)
        sheet, network, marking = mapping.read_mapping(tree, variant)
        if network is None and sheet is not None:
            network = architecture(sheet)
        return Document(file, sheet, network, marking, tree.place(("marking",), key=True))
    text = readers.source_of(data, file).text
    if text.count("\n") > MOST_LINES:
        raise _refused(file, f"more than {MOST_LINES:,} lines.")
    front = _front(text, file)
    if suffix in _SEPARATED:
        return _document(file, tables.sheet_of(tables.separated(text, file), file), front)
    sheet = tables.sheet_of(tables.markdown(text, file), file)
    if sheet is None:
        sheet = lines.read_lines(text, file)
    if sheet is None and suffix in ("", ".txt"):
        sheet = tables.sheet_of(tables.separated(text, file), file)
    return _document(file, sheet, front)


def _front(text: str, file: str) -> dict[str, Any]:
    """Return the YAML between two rules at the beginning of a text."""
    match = _FRONT.match(text)
    if not match or not match[1].strip():
        return {}
    data = readers.parse(match[1], file, "yaml").data
    return data if isinstance(data, dict) else {}


def _document(file: str, sheet: Sheet | None, front: dict[str, Any]) -> Document:
    if sheet is None:
        raise _refused(file, "no table found. Use one row for each layer.")
    if len(sheet.rows) > tables.MAX_ROWS:
        raise _refused(file, f"more than {tables.MAX_ROWS:,} rows.")
    named = front.get("network", front.get("key"))
    network = shipped_name(named, Place(file)) if isinstance(named, str) else architecture(sheet)
    return Document(file, sheet, network, front.get("marking") or {}, Place(file))


def architecture(sheet: Sheet) -> Architecture | None:
    """Return the network that a sheet's own words describe, as a file would, or None.

    It needs the input's volume, and every row to say what its layer is.
    """
    rows = [row for row in sheet.rows if row.type != "input"]
    volume = next((_volume(row, "output") for row in sheet.rows if row.type == "input"), None)
    volume = volume or next((_volume(row, "input") for row in rows[:1]), None)
    if not rows or volume is None or any(row.element is None for row in rows):
        return None
    elements = [
        {**row.element, "name": name}
        for row, name in zip(rows, names(rows), strict=True)
        if row.element
    ]
    return Architecture.from_tree({"name": sheet.file, "input": volume, "layers": elements})


def names(rows: Sequence[Line]) -> list[str]:
    """Return a name for each row that no other has: as written, numbered where it recurs."""
    taken: dict[str, int] = {}
    found = []
    for row in rows:
        plain = re.sub(r"[.\s]+", " ", row.name).strip()[:40] or row.type
        if plain.lower() in ("input", "previous") or plain.isdigit():
            plain = f"layer {plain}"
        taken[plain] = taken.get(plain, 0) + 1
        found.append(plain if taken[plain] == 1 else f"{plain} ({taken[plain]})")
    return found


def _volume(row: Line, column: str) -> str | None:
    """Return a volume that a row states, as a file would write it."""
    from cnncalc.homework.answers.quantity import Unreadable
    from cnncalc.homework.answers.volume_text import read_volume

    cell = row.cells.get(column)
    try:
        return str(read_volume(cell.text)) if cell else None
    except Unreadable:
        return None


def _refused(file: str, message: str) -> ReadError:
    return ReadError(Problem("answers", message, place=Place(file, 1, 1)))


def read_sheet(path: str) -> Sheet:
    """Return the claims of a file. Raises: ReadError if there are none."""
    sheet = read(path).sheet
    if sheet is None:
        raise _refused(path, "no answers found. Use one row for each layer.")
    return sheet
