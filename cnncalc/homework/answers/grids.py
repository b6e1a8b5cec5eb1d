"""Tables in a text, each as a grid of cells: pipes, boxes, tabs, commas, aligned columns."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from cnncalc.errors import Place
from cnncalc.homework.answers.heads import NAME, NUMBER, TYPE, head_of
from cnncalc.homework.answers.text import Line, unmarked
from cnncalc.homework.sheet import COLUMNS, SheetCell

MAX_COLUMNS, MAX_ROWS = 60, 2_000
SEARCHED = 30  # lines of a table in which the heads are looked for
_BOX_DRAWING = "".join(map(chr, range(0x2500, 0x2580)))
_VERTICAL = re.compile("[\u2502\u2503\u2551]")
_TREE = re.compile("[\u2502\u2503 ]*[\u251c\u2514\u2570][\u2500\u2501]+ ?(?=[A-Za-z])")
_GRID_RULE = re.compile(r"[-=:| ]*\+[-=+:| ]{2,}")  # of a grid that is drawn with signs of ASCII
_RULE = re.compile(r"[\s\-_=+|:─━═┄┈~*.·]*")

Cells = list[SheetCell]


@dataclass(slots=True)
class Grid:
    """The cells of a table, row by row."""

    form: str  # what kind of table it is, for the report on the reading
    rows: list[Cells]
    depths: dict[int, int] = field(default_factory=dict)  # by row, of lines drawn as a tree


def is_rule(text: str) -> bool:
    """Return whether a line only separates others."""
    return bool(_RULE.fullmatch(text))


def has_heads(texts: Sequence[str]) -> bool:
    """Return whether a row has a head for layers and one for an answer."""
    found = {head.column for text in texts if (head := head_of(unmarked(text)))}
    return bool(found & {NAME, TYPE, NUMBER}) and bool(found & {*COLUMNS, "width", "height"})


def grids_in(lines: Sequence[Line]) -> tuple[list[Grid], set[int]]:
    """Return the tables of a text, and the indices of the lines that they take up."""
    grids: list[Grid] = []
    taken: set[int] = set()
    finders: tuple[Callable[[Sequence[Line]], Iterator[tuple[Grid, range]]], ...] = (
        _pipes, _tabs, _aligned, _separated,
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
    if _TREE.match(line):
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


# --- aligned columns -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Span:
    """A run of text in a line, without two spaces in it."""

    text: str
    start: int
    end: int


_HEAD_RUN = re.compile(r"\S+(?: (?!% )\S+)*")  # a share stands close to its count
_RUN = re.compile(r"\S+(?: \S+)*")


def _spans(text: str) -> list[_Span]:
    return [_Span(m[0], m.start(), m.end()) for m in _RUN.finditer(text.expandtabs())]


def _aligned(lines: Sequence[Line]) -> Iterator[tuple[Grid, range]]:
    """Yield the tables whose columns are aligned by spaces, as frameworks print summaries."""
    index = 0
    while index < len(lines):
        heads = _head_spans(lines[index].text)
        if heads is None:
            index += 1
            continue
        end, rows = _aligned_rows(lines, index, heads)
        depths = {
            number: len(match[0])
            for number, cells in enumerate(rows)
            if (match := _TREE.match(_line_of(lines, cells))) is not None
        }
        yield Grid("a table with aligned columns", rows, depths), range(index, end)
        index = end


def _line_of(lines: Sequence[Line], cells: Cells) -> str:
    number = (cells[0].place.line or 1) - (lines[0].number if lines else 1)
    return lines[number].text if 0 <= number < len(lines) else ""


def _head_spans(text: str) -> list[_Span] | None:
    """Return the heads of aligned columns, if a line has any."""
    if len(text) > 400 or not text.strip():
        return None
    spans = [_Span(m[0], m.start(), m.end()) for m in _HEAD_RUN.finditer(text.expandtabs())]
    if len(spans) > 1 and has_heads([span.text for span in spans]):
        return spans
    if len(text.split()) > 6:
        return None
    words = [_Span(m[0], m.start(), m.end()) for m in re.finditer(r"\S+", text.expandtabs())]
    if len(words) > 1 and has_heads([word.text for word in words]):
        return words
    return None


def _aligned_rows(
    lines: Sequence[Line], start: int, heads: Sequence[_Span]
) -> tuple[int, list[Cells]]:
    """Return where a table of aligned columns ends, and its rows."""
    rows: list[Cells] = [_as_cells(lines[start], heads)]
    end = start + 1
    blank = False
    while end < len(lines):
        line = lines[end]
        text = _untreed(line.text)
        if is_rule(text):
            blank = blank or not text.strip()
            end += 1
            continue
        if len(rows) > MAX_ROWS + 1:
            break
        fields = _fitted(text, heads)
        if fields is None:
            column = None if blank else _continued(text, heads, rows)
            if column is None:
                break
            rows[-1] = _wrapped(rows[-1], text, column)
        elif blank and len([f for f in fields if f.text]) < 2:
            break
        else:
            rows.append(_as_cells(line, fields))
        blank = False
        end += 1
    return end, rows


def _untreed(text: str) -> str:
    """Return a line without the branches that are drawn before a layer's name."""
    text = re.sub(r"^! ", "  ", text.expandtabs())  # a warning's sign, as analyze prints it
    if match := _TREE.match(text):
        return " " * len(match[0]) + text[len(match[0]) :]
    return text


def _as_cells(line: Line, spans: Sequence[_Span]) -> Cells:
    return [
        SheetCell(
            unmarked(span.text),
            Place(line.file, line.number, span.start + 1, max(1, span.end - span.start)),
        )
        for span in spans
    ]


def _fitted(text: str, heads: Sequence[_Span]) -> list[_Span] | None:
    """Return the fields of a line, one for each head; None where they do not fit."""
    spans = _spans(text)
    words = [_Span(m[0], m.start(), m.end()) for m in re.finditer(r"\S+", text)]
    if len(spans) == len(heads) and all(map(_below, spans, heads)):
        return spans
    edged = _by_edges(words, heads)
    if edged and all(field.text for field in edged):
        return edged
    if len(spans) == len(heads):
        return spans
    answers = all(re.search(r"\d|\A[-–?]+\Z", word.text) for word in words[1:])
    if len(words) == len(heads) and len(spans) < len(heads) and answers:
        return words
    if edged:
        return edged
    starts = [head.start for head in heads]
    cut = [_Span(text[a:b].strip(), a, b) for a, b in pairwise([*starts, len(text) + 1])]
    clean = all(a == 0 or a >= len(text) or text[a - 1] == " " for a in starts)
    if len(spans) < len(heads) and clean and cut[0].text and any(f.text for f in cut[1:]):
        return cut
    if len(spans) > len(heads):
        return None
    found = [_Span("", head.start, head.start) for head in heads]
    for span in spans:  # by where they overlap, or are nearest
        nearest = min(range(len(heads)), key=lambda i: _distance(span, heads[i]))
        if found[nearest].text:
            return None
        found[nearest] = span
    return found if found[0].text and len(spans) > 1 else None


def _below(span: _Span, head: _Span) -> bool:
    """Return whether a field stands under a head, or begins or ends where that does."""
    return span.start < head.end and head.start < span.end


def _by_edges(words: Sequence[_Span], heads: Sequence[_Span]) -> list[_Span] | None:
    """Return the fields of a line whose words begin, or end, where the heads do; else None."""
    found: list[list[_Span]] = [[] for _ in heads]
    current = -1
    for word in words:
        edges = (
            index
            for index in range(max(current, 0), len(heads))
            if word.start == heads[index].start or word.end == heads[index].end
        )
        current = next(edges, current)
        if current < 0:
            return None
        found[current].append(word)
    filled = [index for index, inside in enumerate(found) if inside]
    numeric = [found[index][-1] for index in filled[1:] if found[index][-1].text[-1:].isdigit()]
    if len(filled) < 2 or not numeric:
        return None
    return [
        _Span(" ".join(w.text for w in inside), inside[0].start, inside[-1].end)
        if inside
        else _Span("", head.start, head.start)
        for inside, head in zip(found, heads, strict=True)
    ]


def _distance(span: _Span, head: _Span) -> int:
    overlap = min(span.end, head.end) - max(span.start, head.start)
    return -overlap if overlap > 0 else min(abs(span.start - head.start), abs(span.end - head.end))


def _continued(text: str, heads: Sequence[_Span], rows: Sequence[Cells]) -> int | None:
    """Return the column whose text a line continues, as it was too long for it; None if none.

    It is one run of words under a head that is not the last one.
    """
    spans = _spans(text.rstrip())
    if len(rows) < 2 or len(spans) != 1 or len(rows[-1]) < len(heads):
        return None
    span = spans[0]
    if span.start < heads[1].start:
        return 0 if " " not in span.text and span.end <= heads[1].start else None
    columns = [index for index, head in enumerate(heads[:-1]) if span.start >= head.start]
    return columns[-1] if columns[-1] == 1 else None


def _wrapped(cells: Cells, text: str, column: int) -> Cells:
    """Return a row with a line more in a column."""
    mark = " " if column else ""
    longer = replace(cells[column], text=f"{cells[column].text}{mark}{text.strip()}")
    return [*cells[:column], longer, *cells[column + 1 :]]
