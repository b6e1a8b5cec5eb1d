"""Answers as lines of text: the lecture's slide, the CS231n notes, exam shorthand, an order.

    [55x55x96] CONV1: 96 11x11 filters at stride 4, pad 0
    CONV3-64: [224x224x64]  memory:  224*224*64=3.2M   weights: (3*3*3)*64 = 1,728
    CONV-9-32 POOL-2 FC-64
    conv2d (Conv2D)   (None, 26, 26, 32)   320
    [CONV-POOL-CONV-POOL-FC-FC]

Such a line says what a layer is, and states its output or counts. Everything else is prose.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from cnncalc.errors import Place
from cnncalc.homework.answers.phrases import element_of, kind_of, shorthand
from cnncalc.homework.sheet import COLUMNS, Sheet, SheetCell, SheetRow, column_of, is_total

_VOLUME = r"[\[(]?\s*((?:\d[\d,]*|None|\?)(?:\s*[x×]\s*\d+)*)\s*[\])]?"
_SLIDE = re.compile(r"\[([^\[\]]{1,60})\]\s*([A-Za-z][^:]{0,40}?)\s*(?::\s*(.*))?\Z")
_NOTES = re.compile(r"([A-Za-z][\w #-]{0,40}?)\s*:\s*\[([^\[\]]{1,60})\]\s*(.*)\Z")
_FIELD = re.compile(r"(?<!\S)([A-Za-z#]+(?: [A-Za-z]+)?)\s*:\s*")
_TOTAL = re.compile(r"(?:total|(peak))\s+(?:number\s+of\s+)?(\w+)\s*[:=]\s*(.+)\Z", re.IGNORECASE)
_LAYER = re.compile(r"\w+\s+layer\s*\(([^()]{1,40})\)\s*:\s*(.+)\Z", re.IGNORECASE)
_INPUT = re.compile(rf"input(?:\s+volume)?\s*[:=]?\s*{_VOLUME}(?:\s*images?)?\s*\Z", re.IGNORECASE)
_RESULT = re.compile(
    r"(?:=>\s*)?(output volume|parameters|number of parameters)[\w\s]*?:?\s*(?=[\[(\d])(.+)\Z",
    re.IGNORECASE,
)
_AFTER = re.compile(rf"after\s+([\w ]{{1,30}}?)\s*:\s*{_VOLUME}\s*\Z", re.IGNORECASE)
_SUMMARY = re.compile(
    r"([\w.-]{1,40}) \(([A-Za-z]\w*)\)\s+([\[(][^()\[\]]{1,60}[\])])\s+([\d,]+)(?:\s|\Z)"
)
_ORDER = re.compile(r"\[\s*([A-Za-z]+(?:\s*[-–→>]+\s*[A-Za-z]+)+)\s*\]\Z")
_EXTENTS = re.compile(r"\d+(?:[x×]\d+)+")
_POOL = re.compile(r"(?:max|avg)?[ -]?pool(\d+)", re.IGNORECASE)
_BULLET = re.compile(r"\s*(?:[-*•]\s+)?")
LONGEST_LINE = 300
_PLAIN = ("relu", "input", "flatten", "softmax", "dropout")  # types that need no numbers


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of a text, and where it stands."""

    text: str
    file: str
    number: int

    @property
    def place(self) -> Place:
        """Return the place of the line."""
        return Place(self.file, self.number, 1)

    def cell(self, text: str) -> SheetCell:
        """Return a part of the line as a cell, with its place in it."""
        text = text.strip()
        column = max(self.text.find(text), 0) + 1
        return SheetCell(text, Place(self.file, self.number, column, max(1, len(text))))


class _Reader:
    """Collects the rows of a text, line by line.

    Its methods take a line that matches their pattern, and return whether it is of their form.
    """

    def __init__(self) -> None:
        self.rows: list[SheetRow] = []
        self.totals: dict[str, SheetCell] = {}
        self.claimed_order: SheetCell | None = None

    def read(self, line: _Line) -> None:
        """Collect the layer, total or order that a line states; prose is passed over."""
        bullet = _BULLET.match(line.text)
        bare = line.text[bullet.end() if bullet else 0 :].rstrip()
        for pattern, take in _FORMS:
            match = pattern.match(bare)
            if match and take(self, line, match):
                return

    def add(
        self,
        line: _Line,
        name: str,
        cells: Mapping[str, SheetCell],
        element: Mapping[str, Any] | None = None,
    ) -> bool:
        """Add a layer's row."""
        kind = kind_of(name) or (str(element["type"]) if element else "")
        self.rows.append(SheetRow(name.strip(), kind, cells, line.place, element=element))
        return True

    def order(self, line: _Line, match: re.Match[str]) -> bool:
        """Take an order of layer types: `[CONV-POOL-FC]`."""
        self.claimed_order = line.cell(match[1])
        return True

    def slide(self, line: _Line, match: re.Match[str]) -> bool:
        """Take a line of the lecture's slide: `[55x55x96] CONV1: 96 11x11 filters at stride 4`."""
        if not re.match(r"[\d?N(]", match[1].strip()):
            return False
        name, phrase = match[2].strip(), match[3] or ""
        cells = {"output": line.cell(match[1])}
        if phrase:
            cells["settings"] = line.cell(phrase)
        return self.add(line, name, cells, element_of(name, kind_of(name), phrase, match[1]))

    def notes(self, line: _Line, match: re.Match[str]) -> bool:
        """Take a line of the notes: name, volume, a phrase, then `field: value` pairs."""
        name, volume, rest = match.groups()
        if not kind_of(name):
            return False
        cells = {"output": line.cell(volume)}
        fields = list(_FIELD.finditer(rest))
        ends = [field.start() for field in fields[1:]] + [len(rest)]
        for field, end in zip(fields, ends, strict=False):
            column = column_of(field[1])
            value = rest[field.end() : end]
            if column in COLUMNS and value.strip():
                cells[column] = line.cell(value)
        phrase = rest[: fields[0].start()] if fields else rest
        if pool := _POOL.fullmatch(name.strip()):
            phrase = phrase.strip() or f"{pool[1]}x{pool[1]}"
        return self.add(line, name, cells, element_of(name, kind_of(name), phrase, volume))

    def summary(self, line: _Line, match: re.Match[str]) -> bool:
        """Take a line of Keras' summary: `conv2d (Conv2D)   (None, 26, 26, 32)   320`."""
        kind = kind_of(match[2])
        if kind:
            cells = {"output": line.cell(match[3]), "parameters": line.cell(match[4])}
            self.rows.append(SheetRow(match[1], kind, cells, line.place))
        return bool(kind)

    def total(self, line: _Line, match: re.Match[str]) -> bool:
        """Take a total: `Total params: 62M`."""
        column = "peak" if match[1] else column_of(match[2])
        if column in (*COLUMNS, "peak"):
            self.totals[str(column)] = line.cell(match[3])
        return True

    def layer(self, line: _Line, match: re.Match[str]) -> bool:
        """Take a layer without its output: `First layer (CONV1): 96 11x11 filters`."""
        name = match[1].strip()
        return self.add(line, name, {}, element_of(name, kind_of(name), match[2]))

    def input(self, line: _Line, match: re.Match[str]) -> bool:
        """Take the input: `Input: 227x227x3 images`."""
        return self.add(line, "INPUT", {"output": line.cell(match[1])})

    def after(self, line: _Line, match: re.Match[str]) -> bool:
        """Take the output of a layer that was named before: `After CONV1: 55x55x96`."""
        for index, row in enumerate(self.rows):
            if row.name.lower() == match[1].strip().lower():
                cells = {"output": line.cell(match[2]), **row.cells}
                self.rows[index] = replace(row, cells=cells)
        return True

    def result(self, line: _Line, match: re.Match[str]) -> bool:
        """Take a value of the layer before: `Output volume [55x55x96]`, `Parameters: 35K`."""
        if not self.rows:
            return False
        column = "output" if "output" in match[1].lower() else "parameters"
        row = self.rows[-1]
        self.rows[-1] = replace(row, cells={**row.cells, column: line.cell(match[2])})
        return True

    def exam(self, line: _Line, match: re.Match[str]) -> bool:
        """Take exam shorthand, if the line is nothing else: `CONV-9-32 POOL-2 FC-64`."""
        words = [word for word in re.split(r"[\s,;→>|]+", match[0]) if word]
        if not any(map(shorthand, words)) or not all(map(_is_exam, words)):
            return False
        for word in words:
            if _EXTENTS.fullmatch(word):
                self.add(line, "INPUT", {"output": line.cell(word)})
            elif kind_of(word) != "input":
                self.add(line, word, {}, element_of(word, kind_of(word), ""))
        return True


# The forms of a line: what is more particular goes first.
_FORMS: tuple[tuple[re.Pattern[str], Callable[[_Reader, _Line, re.Match[str]], bool]], ...] = (
    (_ORDER, _Reader.order),
    (_SLIDE, _Reader.slide),
    (_NOTES, _Reader.notes),
    (_SUMMARY, _Reader.summary),
    (_TOTAL, _Reader.total),
    (_LAYER, _Reader.layer),
    (_INPUT, _Reader.input),
    (_AFTER, _Reader.after),
    (_RESULT, _Reader.result),
    (re.compile(r".*"), _Reader.exam),
)


def _is_exam(word: str) -> bool:
    """Return whether a word can stand in exam shorthand."""
    return bool(shorthand(word) or _EXTENTS.fullmatch(word)) or kind_of(word) in _PLAIN


def read_lines(text: str, file: str) -> Sheet | None:
    """Return the answers of a slide, notes or shorthand, or None if no line is any of them."""
    reader = _Reader()
    for number, line in enumerate(text.splitlines(), 1):
        if len(line) <= LONGEST_LINE:
            reader.read(_Line(line, file, number))
    rows = tuple(row for row in reader.rows if not is_total(row.name))
    if not rows and not reader.totals and reader.claimed_order is None:
        return None
    present = {column for row in rows for column in row.cells}
    return Sheet(
        file=file,
        rows=rows,
        columns=tuple(column for column in COLUMNS if column in present),
        totals=reader.totals,
        order=reader.claimed_order,
    )
