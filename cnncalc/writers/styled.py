"""Text with styles, for tables and reports; it needs no Rich.

Only a console with colours turns it into Rich's own text, by `__rich__`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from rich.text import Text as RichText


class Span(NamedTuple):
    """A style from one character to another, in the words of Rich: `bold`, `dim`, `red`."""

    start: int
    end: int
    style: str


class Text:
    """Text, and the styles of its parts.

    >>> text = Text.assemble(("CONV1", "bold"), ": 96 filters")
    >>> text.plain, text.spans
    ('CONV1: 96 filters', [Span(start=0, end=5, style='bold')])
    """

    __slots__ = ("plain", "spans")

    def __init__(self, plain: str = "", style: str = "", *, spans: Iterable[Span] = ()) -> None:
        self.plain = plain
        self.spans = list(spans)
        if style:
            self.spans.append(Span(0, len(plain), style))

    @classmethod
    def assemble(cls, *parts: Text | str | tuple[str, str]) -> Text:
        """Return the parts one after the other; a tuple is a text and its style."""
        found = cls()
        for part in parts:
            if isinstance(part, tuple):
                found.append(*part)
            else:
                found.append(part)
        return found

    def append(self, other: Text | str, style: str = "") -> None:
        """Add text, or text with styles of its own, at the end."""
        start = len(self.plain)
        if isinstance(other, Text):
            self.plain += other.plain
            self.spans += [Span(start + a, start + b, one) for a, b, one in other.spans]
        else:
            self.plain += other
        self.stylize(style, start)

    def stylize(self, style: str, start: int = 0, end: int | None = None) -> None:
        """Set the style of a part of the text."""
        end = len(self.plain) if end is None else end
        if style and start < end:
            self.spans.append(Span(start, end, style))

    def lines(self) -> list[Text]:
        """Return the lines of the text, each with its styles; at least one."""
        if "\n" not in self.plain:
            return [self]
        found, start = [], 0
        for line in self.plain.split("\n"):
            found.append(self[start : start + len(line)])
            start += len(line) + 1
        return found

    def rstrip(self) -> Text:
        """Return the text without the spaces at its end."""
        return self[: len(self.plain.rstrip())]

    def __len__(self) -> int:
        return len(self.plain)

    def __str__(self) -> str:
        return self.plain

    def __repr__(self) -> str:
        return f"Text({self.plain!r}, spans={self.spans!r})"

    def __add__(self, other: Text | str) -> Text:
        return Text.assemble(self, other)

    def __getitem__(self, part: slice) -> Text:
        start, end, _ = part.indices(len(self.plain))
        spans = [
            Span(max(a, start) - start, min(b, end) - start, style)
            for a, b, style in self.spans
            if max(a, start) < min(b, end)
        ]
        return Text(self.plain[start:end], spans=spans)

    def __rich__(self) -> RichText:
        from rich.text import Text as RichText

        text = RichText(self.plain)
        for start, end, style in self.spans:
            text.stylize(style, start, end)
        return text


def cell_len(text: str) -> int:
    r"""Return the columns of a terminal that text takes.

    >>> cell_len("CONV1"), cell_len("名前"), cell_len("e\u0301")
    (5, 4, 1)
    """
    return len(text) if text.isascii() else sum(map(_columns, text))


def padded(text: str, width: int, right: bool = False) -> str:
    """Return text with spaces up to a width: behind it, or before it.

    >>> padded("a", 3), padded("a", 3, right=True)
    ('a  ', '  a')
    """
    room = " " * (width - cell_len(text))
    return room + text if right else text + room


@lru_cache(maxsize=4096)
def _columns(character: str) -> int:
    """Return 0 for what is drawn over the character before it, 2 for wide ones, else 1."""
    if unicodedata.category(character) in ("Mn", "Me", "Mc", "Cf"):
        return 0
    if "\u1160" <= character <= "\u11ff":  # vowels and finals, drawn into a Hangul syllable
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1
