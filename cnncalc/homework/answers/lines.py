"""Answers as lines of text: the lecture's slide, the CS231n notes, exam shorthand, bullets, prose.

    [55x55x96] CONV1: 96 11x11 filters at stride 4, pad 0
    CONV3-64: [224x224x64]  memory:  224*224*64=3.2M   weights: (3*3*3)*64 = 1,728
    CONV-9-32 POOL-2 FC-64
    conv2d (Conv2D)   (None, 26, 26, 32)   320
    [CONV-POOL-CONV-POOL-FC-FC]
    - conv1: 28x28x6, 156 parameters

Such a line says what a layer is, and states its output or counts. What is none of them is unread.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from cnncalc.homework.answers import sentences
from cnncalc.homework.answers.grid import is_rule
from cnncalc.homework.answers.heads import column_of
from cnncalc.homework.answers.phrases import element_of, kind_of, module_element, shorthand
from cnncalc.homework.answers.tables import Collected
from cnncalc.homework.answers.text import Line
from cnncalc.homework.sheet import COLUMNS, SheetCell, SheetRow, Unread

_VOLUME = r"[\[(]?\s*((?:\d[\d,]*|None|\?)(?:\s*[x×]\s*\d+)*)\s*[\])]?"
_SLIDE = re.compile(r"\[([^\[\]]{1,60})\]\s*([A-Za-z][^:]{0,40}?)\s*(?::\s*(.*))?\Z")
_NOTES = re.compile(r"([A-Za-z][\w #-]{0,40}?)\s*:\s*\[([^\[\]]{1,60})\]\s*(.*)\Z")
_FIELD = re.compile(r"(?<!\S)([A-Za-z#]+(?: [A-Za-z]+)?)\s*:\s*")
_LAYER = re.compile(r"\w+\s+layer\s*\(([^()]{1,40})\)\s*:\s*(.+)\Z", re.IGNORECASE)
_INPUT = re.compile(rf"input(?:\s+volume)?\s*[:=]?\s*{_VOLUME}(?:\s*images?)?\s*\Z", re.IGNORECASE)
_SUMMARY = re.compile(
    r"([\w.-]{1,40}) \(([A-Za-z]\w*)\)\s+([\[(][^()\[\]]{1,60}[\])])\s+([\d,]+)(?:\s|\Z)"
)
_ORDER = re.compile(r"\[\s*([A-Za-z]+(?:\s*[-–→>]+\s*[A-Za-z]+)+)\s*\]\Z")
_EXTENTS = re.compile(r"\d+(?:[x×]\d+)+")
_POOL = re.compile(r"(?:max|avg)?[ -]?pool(\d+)", re.IGNORECASE)
_MODULE = re.compile(r"\(([\w.-]{1,60})\):\s*([A-Za-z]\w*)\((.*?)\)?\s*\Z")
LONGEST_LINE = 300
MOST_WORDS = 3  # of a name that stands alone
MOST_LINES = 400  # beside tables: what takes half a second
_PLAIN = ("relu", "input", "flatten", "softmax", "dropout")  # types that need no numbers
# What frameworks print around their summaries, and sheets of ours around their tables.
_FRAME = re.compile(
    r"(?i)(?:! |FLOPs are |left out: |a block.{1,5}s line |some padding |← names |receptive field"
    r"|[\d.]+ [kMG]? ?parameters \([\d.]+ [kMG]?B|model: |total mult-adds \(|non-trainable params"
    r"|optimizer params|trainable params|input size \(mb\)"
    r"|forward/backward pass|params size \(mb\)|estimated total size|conventions of this sheet"
    r"|from |import |\w+\($|\)$|#{1,6} |---$|```)"
)


class LineReader:
    """Collects the rows of a text, line by line.

    Its methods take a line that matches their pattern, and return whether it is of their form.
    `names` are those of a key's layers, normalized.
    """

    def __init__(self, into: Collected, names: frozenset[str] = frozenset()) -> None:
        self.into, self.names = into, names
        self.tabled = bool(into.rows)  # whether a table has said more than these lines may
        self.current: int | None = None  # the row that a line without a name is about
        self.began = len(into.rows)

    def read(self, lines: Sequence[Line]) -> None:
        """Collect the layer, total or order that each line states; the others are unread."""
        left = MOST_LINES
        for line in lines:
            if is_rule(line.text):
                continue
            left -= 1
            if left < 0:
                reason = f"More than {MOST_LINES} lines stand beside the tables."
                one = Unread(kind="line", text=line.text[:100], place=line.place, reason=reason)
                self.into.unread.append(one)
                return
            bare = sentences.without_bullet(line.cell(line.text).text)
            if len(line.text) > LONGEST_LINE or not self.line(line, bare):
                if re.search(r"\d", bare) and not _FRAME.match(line.text.strip()):
                    text = line.text.strip()
                    reason = "No layer, total or column is named in it that is known."
                    if len(text) > LONGEST_LINE:
                        reason = (
                            f"It has {len(text):,} characters; at most {LONGEST_LINE} are read."
                        )
                    self.into.unread.append(
                        Unread(kind="line", text=text, place=line.place, reason=reason)
                    )
            else:
                self.into.forms["lines"] = None

    def line(self, line: Line, bare: str) -> bool:
        """Collect what one line states; return whether it states anything."""
        if _FRAME.match(bare) and not re.match(r"#+ ", bare):
            return False
        bare = bare.lstrip("# ")
        for pattern, take in _FORMS:
            match = pattern.match(bare)
            if match and take(self, line, match):
                return True
        return False

    def add(
        self,
        line: Line,
        name: str,
        cells: Mapping[str, SheetCell],
        element: Mapping[str, Any] | None = None,
        kind: str = "",
    ) -> bool:
        """Add a layer's row, or to the row that a table has for the layer."""
        name = name.strip()
        kind = kind or kind_of(name) or (str(element["type"]) if element else "")
        again = self.tabled or (cells and not element)
        index = self.row_called(name) if again else None
        if index is not None:
            before = self.into.rows[index].cells
            if self.amend(index, cells) or all(_same(before.get(c), cells[c]) for c in cells):
                return True
            if self.tabled:
                return False
        self.current = len(self.into.rows)
        self.into.rows.append(SheetRow(name, kind, cells, line.place, element=element))
        return True

    def row_called(self, name: str) -> int | None:
        """Return the index of the row of a name."""
        plain = sentences.normal(name)
        rows = self.into.rows
        return next((i for i, row in enumerate(rows) if sentences.normal(row.name) == plain), None)

    def amend(self, index: int, cells: Mapping[str, SheetCell]) -> bool:
        """Add answers to a row, where it has none; a second number is its working."""
        self.current = index
        row = self.into.rows[index]
        found = dict(row.cells)
        used = False
        for column, cell in cells.items():
            if column not in found or not found[column].text.strip():
                found[column], used = cell, True
            elif column == "parameters" and "working" not in found and "=" in cell.text:
                found["working"], used = cell, True
        self.into.rows[index] = replace(row, cells=found)
        return used

    # --- forms of a line -------------------------------------------------------------------------

    def order(self, line: Line, match: re.Match[str]) -> bool:
        """Take an order of layer types: `[CONV-POOL-FC]`."""
        self.into.order = line.cell(match[1])
        return True

    def slide(self, line: Line, match: re.Match[str]) -> bool:
        """Take a line of the lecture's slide: `[55x55x96] CONV1: 96 11x11 filters at stride 4`."""
        if not re.match(r"[\d?N(]", match[1].strip()):
            return False
        name, phrase = match[2].strip(), match[3] or ""
        cells = {"output": line.cell(match[1])}
        if phrase:
            cells["settings"] = line.cell(phrase)
        return self.add(line, name, cells, element_of(name, kind_of(name), phrase, match[1]))

    def notes(self, line: Line, match: re.Match[str]) -> bool:
        """Take a line of the notes: name, volume, a phrase, then `field: value` pairs."""
        name, volume, rest = match.groups()
        if not kind_of(name):
            return False
        cells = {"output": line.cell(volume)}
        fields = list(_FIELD.finditer(rest))
        ends = [field.start() for field in fields[1:]] + [len(rest)]
        for field, end in zip(fields, ends, strict=False):
            # The notes write the number of values under the word memory.
            column = "activations" if field[1] == "memory" else column_of(field[1])
            value = rest[field.end() : end]
            if column in COLUMNS and value.strip():
                cells[column] = line.cell(value)
        phrase = rest[: fields[0].start()] if fields else rest
        if not fields and re.search(r"\d", rest) and not element_of(name, kind_of(name), rest):
            return False
        if pool := _POOL.fullmatch(name.strip()):
            phrase = phrase.strip() or f"{pool[1]}x{pool[1]}"
        return self.add(line, name, cells, element_of(name, kind_of(name), phrase, volume))

    def summary(self, line: Line, match: re.Match[str]) -> bool:
        """Take a line of Keras' summary: `conv2d (Conv2D)   (None, 26, 26, 32)   320`."""
        kind = kind_of(match[2])
        if kind:
            cells = {"output": line.cell(match[3]), "parameters": line.cell(match[4])}
            self.into.rows.append(SheetRow(match[1], kind, cells, line.place))
        return bool(kind)

    def module(self, line: Line, match: re.Match[str]) -> bool:
        """Take a module as PyTorch prints it: `(conv1): Conv2d(1, 6, kernel_size=(5, 5))`."""
        element = module_element(f"{match[2]}({match[3]})")
        kind = str(element["type"]) if element else kind_of(match[2])
        if not kind:
            return False
        cells = {"settings": line.cell(f"{match[2]}({match[3]})")}
        return self.add(line, match[1], cells, element, kind)

    def layer(self, line: Line, match: re.Match[str]) -> bool:
        """Take a layer without its output: `First layer (CONV1): 96 11x11 filters`."""
        name = match[1].strip()
        element = element_of(name, kind_of(name), match[2])
        return element is not None and self.add(line, name, {}, element)

    def input(self, line: Line, match: re.Match[str]) -> bool:
        """Take the input: `Input: 227x227x3 images`."""
        return self.add(line, "INPUT", {"output": line.cell(match[1])})

    def total(self, line: Line, match: re.Match[str]) -> bool:
        """Take a total: `Total params: 62M`, `in total 33,120`."""
        found = sentences.total(match[0])
        if found is None:
            return False
        column, text, unit = found
        self.into.totals.setdefault(column, replace(line.cell(text), unit=unit))
        return True

    def sentence(self, line: Line, match: re.Match[str]) -> bool:
        """Take what a line says of a layer that it names: `conv1: 28x28x6, 156 parameters`."""
        raw = line.text.strip()
        point = bool(re.match(r"(?:\d{1,3}[.)]|[-*•#]|\*\*)", raw)) or raw.endswith(":")
        headed = point and len(match[0].split()) <= MOST_WORDS
        found = sentences.about_layer(match[0], self.names, headed=headed)
        if found is None:
            return False
        cells = {
            column: replace(line.cell(text), unit=u) for column, (text, u) in found.said.items()
        }
        phrase = found.said["settings"][0] if "settings" in found.said else ""
        output = found.said["output"][0] if "output" in found.said else ""
        element = element_of(found.name, kind_of(found.name), phrase or found.name, output)
        return self.add(line, found.name, cells, element)

    def result(self, line: Line, match: re.Match[str]) -> bool:
        """Take a value of the layer before: `Output volume [55x55x96]`, `Parameters: 35K`."""
        if self.current is None:
            return False
        said = sentences.labelled(match[0])
        if said is None and sentences.is_working(match[0]):
            return self.working(line, match[0])
        if said is None:
            return False
        column, text, unit = said
        return self.amend(self.current, {column: replace(line.cell(text), unit=unit)})

    def working(self, line: Line, text: str) -> bool:
        """Take a line of a calculation that goes on: `600 + 8 = 608`."""
        assert self.current is not None
        row = self.into.rows[self.current]
        before = row.cells.get("parameters")
        if before is None or not before.text.strip():
            return self.amend(self.current, {"parameters": line.cell(text)})
        if self.tabled:
            return False
        longer = replace(before, text=f"{before.text}; {text}")
        self.into.rows[self.current] = replace(row, cells={**row.cells, "parameters": longer})
        return True

    def exam(self, line: Line, match: re.Match[str]) -> bool:
        """Take exam shorthand, if the line is nothing else: `CONV-9-32 POOL-2 FC-64`."""
        words = [word for word in re.split(r"[\s,;→>|]+", match[0]) if word]
        if self.tabled or not all(map(_is_exam, words)) or not any(map(shorthand, words)):
            return False
        for word in words:
            if _EXTENTS.fullmatch(word):
                self.add(line, "INPUT", {"output": line.cell(word)})
            elif kind_of(word) != "input":
                self.add(line, word, {}, element_of(word, kind_of(word), ""))
        return True


def _same(one: SheetCell | None, other: SheetCell) -> bool:
    """Return whether two cells have the same digits."""
    return one is not None and re.findall(r"\d+", one.text) == re.findall(r"\d+", other.text)


_ANY = re.compile(r".+")
# The forms of a line: what is more particular goes first.
_FORMS: tuple[tuple[re.Pattern[str], Callable[[LineReader, Line, re.Match[str]], bool]], ...] = (
    (_ORDER, LineReader.order),
    (_MODULE, LineReader.module),
    (_SLIDE, LineReader.slide),
    (_NOTES, LineReader.notes),
    (_SUMMARY, LineReader.summary),
    (_ANY, LineReader.total),
    (_LAYER, LineReader.layer),
    (_INPUT, LineReader.input),
    (_ANY, LineReader.exam),
    (_ANY, LineReader.result),
    (_ANY, LineReader.sentence),
)


def _is_exam(word: str) -> bool:
    """Return whether a word can stand in exam shorthand."""
    return bool(shorthand(word) or _EXTENTS.fullmatch(word)) or kind_of(word) in _PLAIN
