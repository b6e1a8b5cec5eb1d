"""Tables whose columns are aligned by spaces, as frameworks print summaries."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from cnncalc.errors import Place
from cnncalc.homework.answers.grid import MAX_ROWS, TREE, Cells, Grid, has_heads, is_rule
from cnncalc.homework.answers.text import Line, unmarked
from cnncalc.homework.sheet import SheetCell


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


def aligned(lines: Sequence[Line]) -> Iterator[tuple[Grid, range]]:
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
            if (match := TREE.match(_line_of(lines, cells))) is not None
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
    if match := TREE.match(text):
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
