"""Tables in a text, each as a grid of cells: pipes, boxes, tabs, commas, aligned columns."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from cnncalc.errors import Place
from cnncalc.homework.answers.aligned import aligned
from cnncalc.homework.answers.grid import (
    MAX_COLUMNS,
    SEARCHED,
    TREE,
    Cells,
    Grid,
    has_heads,
    is_rule,
)
from cnncalc.homework.answers.heads import head_of
from cnncalc.homework.answers.text import Line, unmarked
from cnncalc.homework.sheet import SheetCell

_BOX_DRAWING = "".join(map(chr, range(0x2500, 0x2580)))
_VERTICAL = re.compile("[\u2502\u2503\u2551]")
_GRID_RULE = re.compile(r"[-=:| ]*\+[-=+:| ]{2,}")  # of a grid that is drawn with signs of ASCII


def grids_in(lines: Sequence[Line]) -> tuple[list[Grid], set[int]]:
    """Return the tables of a text, and the indices of the lines that they take up."""
    grids: list[Grid] = []
    taken: set[int] = set()
    finders: tuple[Callable[[Sequence[Line]], Iterator[tuple[Grid, range]]], ...] = (
        _pipes, _tabs, aligned, _separated,
    )  # fmt: skip
    for finder in finders:
        free: list[Line] = [
            Line("", line.file, line.number) if i in taken else line for i, line in enumerate(lines)
        ]
        for grid, where in finder(free):
            if len(grid.rows) > 1:
                grids.append(grid)
                taken |= {*where}
    grids.sort(key=lambda grid: grid.rows[0][0].place.line or 0)
    return grids, taken


# --- pipes and boxes ------------------------------------------------------------------------------


def _pipes(lines: Sequence[Line]) -> Iterator[tuple[Grid, range]]:
    """Yield the pipe tables of a text, and those drawn with boxes, as Keras and Rich print them."""
    rows: list[Cells] = []
    start = 0
    for index, line in enumerate([*lines, Line("", "", 0)]):
        text = _with_pipes(line.text)
        if "|" in text:
            if not rows:
                start = index
            rows.append(list(_cells(Line(text, line.file, line.number))))
        elif rows:
            drawn = [one.text for one in lines[start:index]]
            boxed = any(_VERTICAL.search(text) or text.lstrip()[:1] == "+" for text in drawn)
            merged = _unwrapped(rows) if boxed else rows
            yield Grid("a table with pipes", _without_rules(merged)), range(start, index)
            rows = []


def _unwrapped(rows: list[Cells]) -> list[Cells]:
    """Return the rows of a box with the lines together that stand between two of its rules.

    Keras wraps what is too long for a column: such a line lacks some of its cells.
    """
    found: list[Cells] = []
    ruled = True
    for cells in rows:
        if all(is_rule(cell.text) for cell in cells):
            ruled = True
        elif not ruled and len(cells) == len(found[-1]) and not all(cell.text for cell in cells):
            found[-1] = [
                replace(a, text=f"{a.text} {b.text}".strip())
                for a, b in zip(found[-1], cells, strict=True)
            ]
        else:
            found.append(cells)
            ruled = False
    ruled_off = sum(all(is_rule(cell.text) for cell in cells) for cells in rows)
    return found if ruled_off >= len(found) - 1 else rows


def _without_rules(rows: list[Cells]) -> list[Cells]:
    return [cells for cells in rows if any(not is_rule(cell.text) for cell in cells)]


def _with_pipes(line: str) -> str:
    """Return a line with pipes for the vertical lines of a box, and for its edge at the end.

    A pattern for the edge would take a time that grows with the square of the line.

    >>> _with_pipes("│ CONV1 │ 320 ┤"), _with_pipes("├───────┼─────┤")
    ('| CONV1 | 320 |', '|')
    """
    if TREE.match(line):
        return ""
    line = line.rstrip()
    if _GRID_RULE.fullmatch(line.strip()):
        return "|"
    body = line.rstrip(_BOX_DRAWING)
    if body != line and (not body or body[-1].isspace()):
        line = f"{body}|"
    return _VERTICAL.sub("|", line)


def _cells(line: Line) -> Iterator[SheetCell]:
    """Yield the cells of a line, each with the column in which its text begins."""
    body = line.text.rstrip()
    start = len(body) - len(body.lstrip())
    body = body.strip()
    if body.startswith("|"):
        body, start = body[1:], start + 1
    if body.endswith("|") and not body.endswith("\\|"):
        body = body[:-1]
    for part in re.split(r"(?<!\\)\|", body, maxsplit=MAX_COLUMNS):
        column = start + len(part) - len(part.lstrip()) + 1
        width = max(1, len(part.strip()))
        yield SheetCell(unmarked(part), Place(line.file, line.number, column, width))
        start += len(part) + 1


# --- tabs, semicolons and commas in a text -------------------------------------------------------


def _tabs(lines: Sequence[Line]) -> Iterator[tuple[Grid, range]]:
    yield from _split(lines, "\t", "a table with tabs")


def _separated(lines: Sequence[Line]) -> Iterator[tuple[Grid, range]]:
    for mark in (";", ","):
        yield from _split(lines, mark, "comma-separated values")


def _split(lines: Sequence[Line], mark: str, form: str) -> Iterator[tuple[Grid, range]]:
    """Yield the blocks of lines that begin with heads between which a mark stands."""
    index = 0
    while index < len(lines):
        if mark not in lines[index].text or not has_heads(lines[index].text.split(mark)):
            index += 1
            continue
        end = index + 1
        while end < len(lines) and mark in lines[end].text:
            end += 1
        yield Grid(form, _fields(lines[index:end], mark)), range(index, end)
        index = end


def separated(lines: Sequence[Line]) -> tuple[Grid, str]:
    """Return the grid of a CSV text, and which of comma, semicolon and tab it uses."""
    sample = [line.text for line in lines[:SEARCHED]]
    mark = max(",;\t", key=lambda mark: (_evenness(sample, mark), mark == ","))
    return Grid("comma-separated values", _fields(lines, mark)), mark


def _evenness(sample: Sequence[str], mark: str) -> int:
    """Return the most heads that are known when lines are split at a delimiter."""
    return max(
        (
            sum(head_of(part.strip('" ')) is not None for part in line.split(mark))
            for line in sample
        ),
        default=0,
    )


def _fields(lines: Sequence[Line], mark: str) -> list[Cells]:
    """Return the fields of lines; a field in quotes may hold the mark, and line ends.

    Tuples without quotes, and numbers that a comma has taken apart, are put together again where
    only one way of doing so fits the heads.
    """
    rows: list[Cells] = []
    reader = csv.reader((line.text for line in lines), delimiter=mark, skipinitialspace=True)
    try:
        for fields in reader:
            line = lines[min(reader.line_num, len(lines)) - 1]
            rows.append(
                [
                    SheetCell(unmarked(text), Place(line.file, line.number, column))
                    for column, text in enumerate(fields[:MAX_COLUMNS], 1)
                ]
            )
    except csv.Error:  # a field that is too long: nothing of it is read
        return []
    width = len(max(rows[:SEARCHED], key=_known, default=[]))
    return [_joined(_tuples(row, mark), width, mark) for row in rows]


def _known(cells: Cells) -> int:
    return sum(head_of(cell.text) is not None for cell in cells)


def _tuples(cells: Cells, mark: str) -> Cells:
    """Return a row with its tuples together again: `(18`, `18`, `12)`."""
    found: Cells = []
    depth = 0
    for cell in cells:
        if depth > 0:
            found[-1] = replace(found[-1], text=f"{found[-1].text}{mark} {cell.text}")
        else:
            found.append(cell)
        opened = sum(map(cell.text.count, "([")) - sum(map(cell.text.count, ")]"))
        depth = max(0, depth + opened)
    return found if not depth else cells


def _joined(cells: Cells, width: int, mark: str) -> Cells:
    """Return a row with the number together again that an unquoted comma has taken apart."""
    extra = len(cells) - width
    if mark != "," or extra < 1 or not any(cell.text for cell in cells[width:]):
        return cells
    split = [
        index
        for index, (cell, after) in enumerate(pairwise(cells))
        if re.fullmatch(r"[^\d]*\d{1,3}", cell.text) and re.match(r"\d{3}(?!\d)", after.text)
    ]
    if len(split) != 1 or extra != 1:
        return cells
    first, second = cells[split[0]], cells[split[0] + 1]
    number = replace(first, text=f"{first.text},{second.text}")
    return [*cells[: split[0]], number, *cells[split[0] + 2 :]]
