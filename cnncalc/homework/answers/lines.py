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
from collections.abc import Mapping
from dataclasses import replace
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
LONGEST_LINE = 300
_BULLET = re.compile(r"\s*(?:[-*•]\s+)?")


class _Reader:
    """Collects the rows of a text, line by line."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.rows: list[SheetRow] = []
        self.totals: dict[str, SheetCell] = {}
        self.order: SheetCell | None = None

    def cell(self, text: str, number: int, line: str) -> SheetCell:
        """Return a cell whose column is where its text stands in the line."""
        text = text.strip()
        column = max(line.find(text), 0) + 1
        return SheetCell(text, Place(self.file, number, column, max(1, len(text))))

    def add(
        self,
        name: str,
        number: int,
        cells: Mapping[str, SheetCell],
        element: Mapping[str, Any] | None,
    ) -> None:
        """Add a layer's row."""
        kind = kind_of(name) or (str(element["type"]) if element else "")
        place = Place(self.file, number, 1)
        self.rows.append(SheetRow(name.strip(), kind, cells, place, element=element))

    def read(self, number: int, line: str) -> None:
        """Collect the layer, total or order that a line says; prose is passed over."""
        text = line[_BULLET.match(line).end() :].rstrip()  # type: ignore[union-attr]
        if match := _ORDER.match(text):
            self.order = self.cell(match[1], number, line)
        elif (match := _SLIDE.match(text)) and re.match(r"[\d?N(]", match[1].strip()):
            name, phrase = match[2].strip(), match[3] or ""
            element = element_of(name, kind_of(name), phrase, match[1])
            cells = {"output": self.cell(match[1], number, line)}
            if phrase:
                cells["settings"] = self.cell(phrase, number, line)
            self.add(name, number, cells, element)
        elif (match := _NOTES.match(text)) and kind_of(match[1]):
            self.notes(number, line, *match.groups())
        elif (match := _SUMMARY.match(text)) and kind_of(match[2]):
            found = {
                "output": self.cell(match[3], number, line),
                "parameters": self.cell(match[4], number, line),
            }
            kind = kind_of(match[2]) or ""
            self.rows.append(SheetRow(match[1], kind, found, Place(self.file, number, 1)))
        elif match := _TOTAL.match(text):
            column = "peak" if match[1] else column_of(match[2])
            if column in (*COLUMNS, "peak"):
                self.totals[str(column)] = self.cell(match[3], number, line)
        elif match := _LAYER.match(text):
            name = match[1].strip()
            self.add(name, number, {}, element_of(name, kind_of(name), match[2]))
        elif match := _INPUT.match(text):
            self.add("INPUT", number, {"output": self.cell(match[1], number, line)}, None)
        elif match := _AFTER.match(text):
            self.after(number, line, match[1], match[2])
        elif self.rows and (match := _RESULT.match(text)):
            column = "output" if "output" in match[1].lower() else "parameters"
            row = self.rows[-1]
            cells = {**row.cells, column: self.cell(match[2], number, line)}
            self.rows[-1] = replace(row, cells=cells)
        else:
            self.exam(number, line, text)

    def notes(self, number: int, line: str, name: str, volume: str, rest: str) -> None:
        """Add a line of the notes: name, volume, then `field: value` pairs."""
        cells = {"output": self.cell(volume, number, line)}
        fields = list(_FIELD.finditer(rest))
        ends = [field.start() for field in fields[1:]] + [len(rest)]
        for field, end in zip(fields, ends, strict=False):
            column = column_of(field[1])
            value = rest[field.end() : end]
            if column in COLUMNS and value.strip():
                cells[column] = self.cell(value, number, line)
        phrase = rest[: fields[0].start()] if fields else rest
        kind = kind_of(name)
        if pool := re.fullmatch(r"(?:max|avg)?[ -]?pool(\d+)", name.strip(), re.IGNORECASE):
            phrase = phrase.strip() or f"{pool[1]}x{pool[1]}"
        self.add(name, number, cells, element_of(name, kind, phrase, volume))

    def after(self, number: int, line: str, name: str, volume: str) -> None:
        """Add the output of a layer that was named before: `After CONV1: 55x55x96`."""
        for index, row in enumerate(self.rows):
            if row.name.lower() == name.strip().lower():
                cell = self.cell(volume, number, line)
                self.rows[index] = replace(row, cells={"output": cell, **row.cells})

    def exam(self, number: int, line: str, text: str) -> None:
        """Add the layers of exam shorthand, if the line is nothing else."""
        words = [word for word in re.split(r"[\s,;→>|]+", text) if word]
        if not any(map(shorthand, words)) or not all(map(_is_exam, words)):
            return
        for word in words:
            if _EXTENTS.fullmatch(word):
                self.add("INPUT", number, {"output": self.cell(word, number, line)}, None)
            elif kind_of(word) != "input":
                self.add(word, number, {}, element_of(word, kind_of(word), ""))


_EXTENTS = re.compile(r"\d+(?:[x×]\d+)+")
_PLAIN = ("relu", "input", "flatten", "softmax", "dropout")  # kinds that need no numbers


def _is_exam(word: str) -> bool:
    """Return whether a word can stand in exam shorthand."""
    return bool(shorthand(word) or _EXTENTS.fullmatch(word)) or kind_of(word) in _PLAIN


def read_lines(text: str, file: str) -> Sheet | None:
    """Return the answers of a slide, notes or shorthand, or None if no line is any of them."""
    reader = _Reader(file)
    for number, line in enumerate(text.splitlines(), 1):
        if len(line) <= LONGEST_LINE:
            reader.read(number, line)
    rows = tuple(row for row in reader.rows if not is_total(row.name))
    if not rows and not reader.totals and reader.order is None:
        return None
    present = {column for row in rows for column in row.cells}
    columns = tuple(column for column in COLUMNS if column in present)
    return Sheet(file=file, rows=rows, columns=columns, totals=reader.totals, order=reader.order)
