"""Reads a file of answers, in any of the forms that people use, as a Document."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from cnncalc import readers
from cnncalc.errors import Place, Problem, ReadError
from cnncalc.format.architecture import Architecture
from cnncalc.format.bounds import MAX_BYTES
from cnncalc.homework.answers import lines, mapping, tables, xlsx
from cnncalc.homework.answers.described import described_network
from cnncalc.homework.answers.mapping import shipped_name
from cnncalc.homework.answers.quiz_sheet import is_quiz_sheet
from cnncalc.homework.sheet import Sheet

_MAPPINGS = {".yaml": "yaml", ".yml": "yaml", ".json": "json"}
_SEPARATED = (".csv", ".tsv")
MOST_LINES = 10_000  # of a text: thousands of layers, and no more time than a second
_NETWORK = re.compile(rb"^layers:[ \t]*(?:$|[\[#\r])", re.MULTILINE)
_FRONT = re.compile(r"\s*---\s*\n(.*?)\n---\s*(?:\n|\Z)", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What a file of answers, or a key, holds."""

    file: str  # as the user called it
    sheet: Sheet | None  # the answers; a key needs none
    network: Architecture | str | None  # described there, or the name of a shipped one
    marking: Any  # the rules for marking, as plain data
    place: Place  # where the rules stand


def read_document(path: str, variant: str | None = None) -> Document:
    """Return what a file of answers holds; "-" is standard input.

    Raises: ReadError if it cannot be read, or there are no answers in it.
    """
    return parse_document(readers.read_bytes(path), readers.STDIN if path == "-" else path, variant)


def parse_document(data: bytes, file: str, variant: str | None = None) -> Document:
    """Return what the bytes of a file hold, which is called `file` in messages."""
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
        found = mapping.read_mapping(tree, variant)
        network = found.network
        if network is None and found.sheet is not None:
            network = described_network(found.sheet)
        return Document(
            file=file,
            sheet=found.sheet,
            network=network,
            marking=found.marking,
            place=tree.place(("marking",), key=True),
        )
    text = readers.source_of(data, file).text
    if is_quiz_sheet(text):
        raise _refused(file, "the sheet of a student's quiz. Give the quiz's word: --quiz WORD.")
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
    """Return the YAML front matter of a text: what stands between two lines of `---`."""
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
    return Document(
        file=file,
        sheet=sheet,
        network=(
            shipped_name(named, Place(file)) if isinstance(named, str) else described_network(sheet)
        ),
        marking=front.get("marking") or {},
        place=Place(file),
    )


def _refused(file: str, message: str) -> ReadError:
    return ReadError(Problem("answers", message, place=Place(file, 1, 1)))
