"""A file's plain values, each with its place: what every reader makes, and what they share.

A reader turns text into a flat stream of events; `build` makes the tree from them and holds
all formats to the same bounds, so that none of them can be overrun by nesting or by size.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import NamedTuple, TypeAlias, Union

from cnncalc.errors import Place, Problem, ReadError
from cnncalc.format.bounds import MAX_BYTES, MAX_DEPTH, MAX_DIGITS, MAX_VALUES
from cnncalc.format.decimals import parse

Scalar: TypeAlias = str | int | Fraction | bool | None
PlainValue: TypeAlias = Scalar | list["PlainValue"] | dict[str, "PlainValue"]

_NUMBER = re.compile(r"(-?)(0|[1-9][0-9]*)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?")
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None}
_SURROGATE = re.compile("[\ud800-\udfff]")
_LINE_END = re.compile(r"\r\n?|\n")
# A span is one whole number, as a tree has very many: the offset, and how many characters.
_WIDTH_BITS = MAX_BYTES.bit_length()


def scalar(text: str) -> Scalar:
    """Return the value of unquoted text by JSON's rules; anything that JSON lacks is text.

    A decimal has as many digits as it likes: see `decimals`.
    Raises: ValueError for a whole number of more than 40 digits, and a decimal of 10^65 or more.

    >>> [scalar(text) for text in ("12", "0.25", "1e2", "true", "NO", "011", ".5", "2 * width")]
    [12, Fraction(1, 4), Fraction(100, 1), True, 'NO', '011', '.5', '2 * width']
    """
    if text in _WORDS:
        return _WORDS[text]
    match = _NUMBER.fullmatch(text)
    if match is None:
        return text
    sign, whole, decimals, exponent = match.groups()
    if decimals is None and exponent is None:
        if len(whole) > MAX_DIGITS:
            raise ValueError(f"a number of more than {MAX_DIGITS} digits")
        return int(sign + whole)
    try:
        return parse(text)
    except OverflowError:
        raise ValueError("a number of 10^65 or more") from None


class Source:
    """A text and the name of its file, with the line and column of every character."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.text = text

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(match.end() for match in _LINE_END.finditer(self.text))]

    @cached_property
    def _lines(self) -> list[str]:
        return _LINE_END.split(self.text)  # kept: many problems may stand in one long line

    def place(self, start: int, end: int = 0) -> Place:
        """Return the place of the characters from `start` to `end`, as far as its line goes."""
        line = bisect_right(self._starts, start)
        column = start - self._starts[line - 1]
        width = min(end - start, len(self._lines[line - 1]) - column)
        return Place(self.name, line, column + 1, max(width, 1))

    def at(self, span: int) -> Place:
        """Return the place of a span."""
        start = span >> _WIDTH_BITS
        return self.place(start, start + (span & ((1 << _WIDTH_BITS) - 1)))

    def line(self, number: int) -> str:
        """Return the text of a line, counted from 1, without its end; "" if there is none."""
        return self._lines[number - 1] if 0 < number <= len(self._lines) else ""

    def error(self, code: str, message: str, start: int = 0, end: int = 0) -> ReadError:
        """Return the error that says `message` about the characters from `start` to `end`."""
        place = self.place(start, end)
        return ReadError(
            Problem(code, message, place=place, source_line=self.line(place.line or 1))
        )


class Event(NamedTuple):
    """A step through a file: `[` or `{` opens, `]` closes either, and `=` is a plain value."""

    kind: str
    start: int
    end: int
    value: Scalar = None


_Mark: TypeAlias = Union[int, "_Container"]
"""The span of a plain value, or the spans of a container."""


class _Key(NamedTuple):
    """The place of a mapping's key, and the index of the item it names."""

    span: int
    item: int


@dataclass(slots=True)
class _Container:
    """The place of a list or a mapping, with its content."""

    span: int
    items: list[_Mark] = field(default_factory=list)
    keys: dict[str, _Key] = field(default_factory=dict)


class Tree:
    """A file's content as plain values, with their places.

    Attributes:
        data: dicts with text keys, lists, text, whole numbers, Fractions for decimals
            (exactly as written, or of long ones the nearest double), booleans, None.
        name: the file, as the user called it.
    """

    def __init__(self, source: Source, data: PlainValue, mark: _Mark) -> None:
        self.data = data
        self.name = source.name
        self.line = source.line
        self._source = source
        self._mark = mark

    def place(self, path: tuple[str | int, ...] = (), key: bool = False) -> Place:
        """Return the place of the value at `path`, or of the key that names it.

        Where the path goes deeper than the file, it is the place of the nearest value around.
        """
        mark = self._mark
        named: int | None = None  # the span of the last step's key
        for step in path:
            named = None
            if isinstance(mark, int):
                break
            if isinstance(step, str):
                if step not in mark.keys:
                    break
                named, step = mark.keys[step]
            elif mark.keys or not 0 <= step < len(mark.items):
                break
            mark = mark.items[step]
        span = mark if isinstance(mark, int) else mark.span
        return self._source.at(named if key and named is not None else span)


def build(source: Source, events: Iterator[Event]) -> Tree:
    """Return the tree of a stream of events. Raises: ReadError at what may not be there."""
    opened: list[tuple[dict[str, PlainValue] | list[PlainValue], _Container]] = []
    key: str | None = None  # read, and waiting for its value
    tree = Tree(source, None, 0)
    values = 0
    for kind, start, end, value in events:
        if kind == "]":
            opened.pop()
            continue
        values += 1
        if values > MAX_VALUES:
            message = f"more than {MAX_VALUES:,} values. Use repeat, tables and blocks."
            raise source.error("size", message, start)
        if kind != "=" and len(opened) == MAX_DEPTH:
            raise source.error("depth", f"nested deeper than {MAX_DEPTH} levels.", start)
        if isinstance(value, str) and _SURROGATE.search(value):
            raise source.error("text", "half of a surrogate pair is no text.", start, end)
        span = start << _WIDTH_BITS | (end - start)
        here: PlainValue = value if kind == "=" else {} if kind == "{" else []
        mark: _Mark = span if kind == "=" else _Container(span)
        if not opened:
            tree = Tree(source, here, mark)
        else:
            container, marks = opened[-1]
            if isinstance(container, list):
                container.append(here)
            elif key is None:
                key = _key(source, here, marks, start=start, end=end)
                marks.keys[key] = _Key(span, len(marks.items))
                continue
            else:
                container[key] = here
                key = None
            marks.items.append(mark)
        if isinstance(mark, _Container) and isinstance(here, dict | list):
            opened.append((here, mark))
    return tree


def _key(source: Source, value: PlainValue, mapping: _Container, *, start: int, end: int) -> str:
    """Return a key, which has to be text and new in its mapping."""
    if not isinstance(value, str):
        shown = "a list or a mapping" if isinstance(value, dict | list) else source.text[start:end]
        message = f"a key must be text. Received {shown[:100] or 'nothing'}. Put it in quotes."
        raise source.error("key", message, start, end)
    if value in mapping.keys:
        line = source.at(mapping.keys[value].span).line
        message = f"the key {value[:100]!r} stands in line {line} already. Take one of the two out."
        raise source.error("duplicate_key", message, start, end)
    return value
