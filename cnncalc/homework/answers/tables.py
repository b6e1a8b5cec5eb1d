"""Tables of answers in Markdown, CSV or a spreadsheet: first a grid of cells, then a sheet."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from cnncalc.errors import Place, Problem, ReadError
from cnncalc.homework.answers.phrases import element_of, kind_of
from cnncalc.homework.sheet import COLUMNS, Sheet, SheetCell, SheetRow, column_of, is_total

MAX_ROWS = 2_000
MAX_COLUMNS = 60
LONGEST_NAME = 80
_SEARCHED = 30  # rows in which the heads are looked for
_UNIT = re.compile(r"[(\[](?:in\s+)?([KMG]?(?:i?B|bytes)?|[KMG](?:MACs|FLOPs)?)[)\]]\s*\Z")
_WORDY = re.compile(
    r"(?i)filter|kernel|stride|unit|neuron|pad|same|valid|\d\s*[x×]\s*\d+\s*[,/ ]|size|rate"
)

_BOX_DRAWING = "".join(map(chr, range(0x2500, 0x2580)))
_VERTICAL = re.compile("[\u2502\u2503\u2551]")

Grid = list[list[SheetCell]]


@dataclass(frozen=True, slots=True)
class _Heads:
    row: int  # of the grid, in which the heads stand
    columns: dict[str, int]  # the index of each column that is known
    units: dict[str, str]  # that the heads give


# --- from text to grids --------------------------------------------------------------------------


def markdown(text: str, file: str) -> list[Grid]:
    """Return the pipe tables of a text, each as its rows of cells, without the rules.

    Tables drawn with boxes, as Keras and Rich print them, are read as well.
    """
    grids: list[Grid] = []
    previous = -1
    for number, line in enumerate(text.splitlines(), 1):
        line = _with_pipes(line)
        if "|" not in line:
            continue
        cells = list(_cells(line, number, file))
        if number != previous + 1 or not grids:
            grids.append([])
        previous = number
        if any(cell.text.strip(" :-") for cell in cells) or not cells:
            grids[-1].append(cells)
    return [grid for grid in grids if grid]


def _with_pipes(line: str) -> str:
    """Return a line with pipes for the vertical lines of a box, and for its edge at the end.

    A pattern for the edge would take a time that grows with the square of the line.

    >>> _with_pipes("│ CONV1 │ 320 ┤"), _with_pipes("├───────┼─────┤")
    ('| CONV1 | 320 |', '|')
    """
    line = line.rstrip()
    body = line.rstrip(_BOX_DRAWING)
    if body != line and (not body or body[-1].isspace()):
        line = f"{body}|"
    return _VERTICAL.sub("|", line)


def _cells(line: str, number: int, file: str) -> Iterator[SheetCell]:
    """Yield the cells of a line, each with the column in which its text begins."""
    body = line.rstrip()
    start = len(body) - len(body.lstrip())
    body = body.strip()
    if body.startswith("|"):
        body, start = body[1:], start + 1
    if body.endswith("|") and not body.endswith("\\|"):
        body = body[:-1]
    for part in re.split(r"(?<!\\)\|", body, maxsplit=MAX_COLUMNS):
        column = start + len(part) - len(part.lstrip()) + 1
        yield SheetCell(_unmarked(part), Place(file, number, column, max(1, len(part.strip()))))
        start += len(part) + 1


def _unmarked(text: str) -> str:
    """Return a cell's text without Markdown's emphasis, code marks and simple mathematics.

    >>> _unmarked(r" **`320`** "), _unmarked(r"$55 \\times 55$")
    ('320', '55 × 55')
    """
    text = text.replace("\\|", "|").replace("\\times", "×").replace("\\cdot", "·")
    text = re.sub(r"<br\s*/?>", " ", text).replace("\\_", "_").replace("\\*", "*")
    text = re.sub(r"\*\*(.+?)\*\*|__(.+?)__", lambda match: match[1] or match[2], text)
    return text.replace("`", "").replace("$", "").strip()


def separated(text: str, file: str) -> list[Grid]:
    """Return the grid of a CSV text, whichever of comma, semicolon and tab it uses."""
    sample = text[:4000]
    delimiter = max(",;\t", key=lambda mark: (_evenness(sample, mark), mark == ","))
    rows: Grid = []
    reader = csv.reader(text.splitlines(), delimiter=delimiter, skipinitialspace=True)
    try:
        for fields in reader:
            rows.append(
                [
                    SheetCell(field.strip(), Place(file, reader.line_num, column))
                    for column, field in enumerate(fields[:MAX_COLUMNS], 1)
                ]
            )
            if len(rows) > MAX_ROWS:
                raise _refused(file, "size", f"more than {MAX_ROWS:,} rows.")
    except csv.Error as error:
        raise _refused(file, "csv", f"not CSV: {error}.", reader.line_num) from None
    if delimiter == ",":
        width = len(max(rows[:_SEARCHED], key=_known, default=[]))
        rows = [_joined(row, width) for row in rows]
    return [rows]


def _known(cells: list[SheetCell]) -> int:
    """Return how many cells are heads that are known."""
    return sum(column_of(cell.text) is not None for cell in cells)


def _joined(cells: list[SheetCell], width: int) -> list[SheetCell]:
    """Return a row with the number joined again that an unquoted comma has split.

    Raises: ReadError if there are several ways to do that.
    """
    if not any(cell.text for cell in cells[width:]):
        return cells
    split = [
        index
        for index, (cell, after) in enumerate(pairwise(cells))
        if re.fullmatch(r"[^\d]*\d{1,3}", cell.text) and re.match(r"\d{3}(?!\d)", after.text)
    ]
    if not split:
        return cells
    first = cells[split[0]]
    if len(split) > 1 or len(cells) - width > 1:
        message = f"{len(cells)} cells under {width} heads. Put numbers with commas in quotes."
        raise ReadError(Problem("csv", message, place=first.place._replace(column=1, width=1)))
    number = replace(first, text=f"{first.text},{cells[split[0] + 1].text}")
    return [*cells[: split[0]], number, *cells[split[0] + 2 :]]


def _evenness(sample: str, mark: str) -> int:
    """Return the most heads that are known when lines are split at a delimiter."""
    lines = sample.splitlines()[:_SEARCHED]
    return max(
        (
            sum(column_of(head.strip('" ')) is not None for head in line.split(mark))
            for line in lines
        ),
        default=0,
    )


def _refused(file: str, code: str, message: str, line: int = 1) -> ReadError:
    return ReadError(Problem(code, message, place=Place(file, line, 1)))


# --- from grids to the sheet ----------------------------------------------------------------------


def sheet_of(grids: Iterable[Grid], file: str) -> Sheet | None:
    """Return the answers of several tables together, or None if no heads are known."""
    rows: list[SheetRow] = []
    totals: dict[str, SheetCell] = {}
    columns: set[str] = set()
    for grid in grids:
        heads = _heads(grid)
        if heads is None:
            continue
        columns.update(set(heads.columns) & set(COLUMNS))
        for cells in grid[heads.row + 1 :]:
            row = _row(cells, heads)
            if row is None:
                continue
            if is_total(row.name):
                totals.update({k: v for k, v in row.cells.items() if v.text})
            else:
                rows.append(row)
    if not columns:
        return None
    return Sheet(
        file=file,
        rows=tuple(rows),
        columns=tuple(c for c in COLUMNS if c in columns),
        totals=totals,
    )


def _heads(grid: Grid) -> _Heads | None:
    """Return the heads: the first row with a head for a layer's name and one for an answer."""
    for number, cells in enumerate(grid[:_SEARCHED]):
        columns: dict[str, int] = {}
        units: dict[str, str] = {}
        for index, cell in enumerate(cells):
            column = column_of(cell.text)
            if column is None:
                continue
            if column in columns:  # "Parameters" may be a layer's settings, beside "# Params"
                if column != "parameters" or "settings" in columns:
                    continue
                columns["settings"] = columns["parameters"]
            columns[column] = index
            if match := _UNIT.search(cell.text):
                units[column] = match[1]
        if not set(columns) & {"name", "type"} or not set(columns) & set(COLUMNS):
            continue
        if (
            "settings" not in columns
            and "parameters" in columns
            and _wordy(grid, number, columns["parameters"])
        ):
            columns["settings"] = columns.pop("parameters")
            if not set(columns) & set(COLUMNS):
                continue
        return _Heads(number, columns, units)
    return None


def _wordy(grid: Grid, head: int, index: int) -> bool:
    """Return whether the cells under a head are phrases such as `32 filters 3x3`."""
    texts = [row[index].text for row in grid[head + 1 :] if index < len(row)]
    return sum(bool(_WORDY.search(text)) for text in texts) * 2 > sum(bool(t) for t in texts) > 0


def _row(cells: list[SheetCell], heads: _Heads) -> SheetRow | None:
    """Return the answers of one row, or None if it is empty."""
    by_column = {name: cells[index] for name, index in heads.columns.items() if index < len(cells)}
    said = by_column.get("settings")
    words = {
        name: by_column.pop(name).text for name in ("name", "type", "settings") if name in by_column
    }
    if not any(words.values()) and not any(cell.text for cell in by_column.values()):
        return None
    name, kind_word = words.get("name", "")[:LONGEST_NAME], words.get("type", "")[:LONGEST_NAME]
    if not re.search(r"[A-Za-z]", name) and kind_word:  # numbered rows are called by their type
        name = kind_word
    kind = kind_of(kind_word, name)
    answers = {
        column: replace(cell, unit=heads.units.get(column, ""))
        for column, cell in by_column.items()
    }
    if said is not None and said.text:
        answers["settings"] = said
    output = answers["output"].text if "output" in answers else ""
    element = element_of(name, kind, words.get("settings", "") or name, output)
    return SheetRow(name, kind or "", answers, cells[0].place, element=element)
