"""Reads a file of answers, in any of the forms that people use, as a Document."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cnncalc import readers
from cnncalc.errors import Place, Problem, ReadError
from cnncalc.format import keys
from cnncalc.format.architecture import Architecture
from cnncalc.format.bounds import MAX_BYTES
from cnncalc.homework.names import KeyWords
from cnncalc.homework.sheet import Sheet
from cnncalc.readers.tree import Tree

if TYPE_CHECKING:
    from cnncalc.homework.answers.grid import Cells, Grid
    from cnncalc.homework.answers.tables import Collected
    from cnncalc.homework.answers.text import Line

_MAPPINGS = {".yaml": "yaml", ".yml": "yaml", ".json": "json"}
_SEPARATED = (".csv", ".tsv")
_PAGES = (".html", ".htm")
MOST_LINES = 10_000  # of a text: thousands of layers, and no more time than a second
_NETWORK = re.compile(rb"^layers:[ \t]*(?:$|[\[#\r])", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """The content of a file of answers, or of a key."""

    file: str  # as the user called it
    sheet: Sheet | None  # the answers; a key needs none
    network: Architecture | str | None  # described there, or the name of a shipped one
    marking: Any  # the rules for marking, as plain data
    place: Place  # where the rules stand


def read_document(path: str, variant: str | None = None, words: KeyWords | None = None) -> Document:
    """Return the content of a file of answers; "-" is standard input.

    Raises: ReadError if it cannot be read, or there are no answers in it.
    """
    file = readers.STDIN if path == "-" else path
    return parse_document(readers.read_bytes(path), file, variant, words)


def parse_document(
    data: bytes, file: str, variant: str | None = None, words: KeyWords | None = None
) -> Document:
    """Return what the bytes of a file hold, which is called `file` in messages.

    `words` are those of the key that the sheet is read for.
    """
    words = words or KeyWords()
    suffix = "." + file.rpartition(".")[2].lower() if "." in file else ""
    if data[:4] == b"PK\x03\x04" or suffix == ".xlsx":
        if suffix != ".xlsx":
            raise _refused(file, "a zip or xlsx file. Save the sheet as CSV.")
        if len(data) > MAX_BYTES:
            raise _refused(file, f"larger than {MAX_BYTES:,} bytes.")
        from cnncalc.homework.answers import xlsx

        return _document(_Source(file, grids=xlsx.grids(data, file)), words, {})
    form = _MAPPINGS.get(suffix)
    if suffix == "":  # standard input
        form = "json" if data.lstrip()[:1] == b"{" else "yaml" if _NETWORK.search(data) else None
    if form == "json" and b'"nbformat"' in data:
        form, suffix = None, ".ipynb"
    if form:
        return _mapped(readers.parse(data, file, form), file, variant)
    from cnncalc.homework.answers import markup
    from cnncalc.homework.answers.quiz_sheet import is_quiz_sheet
    from cnncalc.homework.answers.text import decoded

    text = decoded(data, file)
    if is_quiz_sheet(text):
        raise _refused(file, "the sheet of a student's quiz. Give the quiz's word: --quiz WORD.")
    if suffix == ".ipynb":
        return _document(_Source(file, lines=markup.notebook(text.encode(), file)), words, {})
    if text.count("\n") > MOST_LINES:
        raise _refused(file, f"more than {MOST_LINES:,} lines.")
    front, ahead = _front(text, file)
    return _document(_parts(text, file, suffix, ahead), words, front)


def _mapped(tree: Tree, file: str, variant: str | None) -> Document:
    """Return what a file in YAML or JSON holds."""
    from cnncalc.homework.answers import mapping

    found = mapping.read_mapping(tree, variant)
    network = found.network
    if network is None and found.sheet is not None:
        from cnncalc.homework.answers.described import described_network

        network = described_network(found.sheet)
    place = tree.place(("marking",), key=True)
    return Document(
        file=file, sheet=found.sheet, network=network, marking=found.marking, place=place
    )


@dataclass(frozen=True, slots=True)
class _Source:
    """The tables of a file, and its lines beside them."""

    file: str
    grids: list[Grid] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    mark: str = ""  # between the fields of CSV


def _parts(text: str, file: str, suffix: str, ahead: int) -> _Source:
    """Return the tables and the lines of a text, in whichever form it is."""
    from cnncalc.homework.answers import markup
    from cnncalc.homework.answers.grids import separated
    from cnncalc.homework.answers.text import lines_of

    if suffix in _PAGES or re.search(r"(?i)<table[\s>]", text[:200_000]):
        return _Source(file, *markup.html(text, file))
    if suffix == ".tex" or "\\begin{tabular" in text:
        return _Source(file, *markup.latex(text, file))
    lines = lines_of(text, file)[ahead:]
    if suffix in _SEPARATED:
        grid, mark = separated(lines)
        return _Source(file, [grid], lines, mark)
    return _Source(file, lines=lines)


def _front(text: str, file: str) -> tuple[dict[str, Any], int]:
    """Return the YAML front matter of a text, which stands between two lines of `---`.

    With it comes the number of its lines; 0 where there is none.
    """
    lines = text.splitlines()
    start = next((i for i, line in enumerate(lines[:100]) if line.strip()), 0)
    if not lines or lines[start].strip() != "---":
        return {}, 0
    end = next((i for i in range(start + 1, len(lines)) if lines[i].strip() == "---"), None)
    if end is None or end == start + 1:
        return {}, 0
    inside = "\n".join(lines[start + 1 : end])
    data = readers.parse(inside, file, "yaml").data if inside.strip() else {}
    return (data if isinstance(data, dict) else {}), end + 1


def _document(source: _Source, words: KeyWords, front: dict[str, Any]) -> Document:
    from cnncalc.homework.answers.described import described_network
    from cnncalc.homework.answers.grid import MAX_ROWS
    from cnncalc.homework.answers.grids import grids_in
    from cnncalc.homework.answers.lines import LineReader
    from cnncalc.homework.answers.refusal import no_answers
    from cnncalc.homework.answers.tables import Collected
    from cnncalc.homework.answers.written_with import writes_comma

    file = source.file
    found = Collected(file, words.heads)
    grids, lines = source.grids, source.lines
    tables = [grid for grid in grids if not found.table(grid)] if grids else []
    if source.mark and tables:  # no CSV with heads: its lines may say more
        tables = []
    elif source.mark:
        lines = []
    inside, taken = grids_in(lines)
    unknown = [grid for grid in inside if not found.table(grid)]
    numbers = {cell.place[:2] for grid in unknown for row in grid.rows for cell in row}
    rest = [
        line
        for index, line in enumerate(lines)
        if index not in taken or (line.file, line.number) in numbers
    ]
    LineReader(found, words.names).read(rest)
    for grid in tables:
        for row in grid.rows:
            _unread_row(found, row)
    sheet = found.sheet(decimal_comma=writes_comma(found, source.mark))
    if sheet is None:
        raise _refused(file, no_answers(lines, words.names))
    if len(sheet.rows) > MAX_ROWS:
        raise _refused(file, f"more than {MAX_ROWS:,} rows.")
    keys.refuse_misspelt(front)
    named = keys.named({"network": front.get("network", front.get("key"))}, Place(file))
    return Document(
        file=file,
        sheet=sheet,
        network=described_network(sheet) if named is None else named,
        marking=front.get("marking") or {},
        place=Place(file),
    )


def _unread_row(found: Collected, cells: Cells) -> None:
    """Note a row of a table that has no heads."""
    from cnncalc.homework.sheet import Unread

    text = " | ".join(cell.text for cell in cells if cell.text)
    if re.search(r"\d", text):
        reason = "It stands in a table without heads of a layer and of an answer."
        found.unread.append(Unread(kind="line", text=text, place=cells[0].place, reason=reason))


def _refused(file: str, message: str) -> ReadError:
    return ReadError(Problem("answers", message, place=Place(file, 1, 1)))
