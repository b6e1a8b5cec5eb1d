"""A quoted figure as it is written: what it may be a number of, and which values it stands for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from cnncalc.errors import CnncalcError, Problem, did_you_mean, printable
from cnncalc.homework.answers import number_text
from cnncalc.homework.answers.quantity import Quantity, Unreadable

# What a figure may be a number of, and the words that say so.
QUANTITIES = {
    "flops": r"flop|\bmacs?\b|madds?|maccs?|mult|operations|\bops\b|[kmgtb](?:mac|op)",
    "parameters": r"param|weight",
    "activations": r"activation|neuron|values|units",
    "memory": r"bytes?\b|\b[kmgt]i?b\b|\d\s*[kmgt]i?b\b",
}
_SCALE = re.compile(r"\d\s*([kmgt])(?!i)", re.IGNORECASE)
_BILLIONS = re.compile(r"(?<=[\d ])b(?=flop|mac|op)", re.IGNORECASE)  # darknet writes BFLOPs


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueRange:
    """Exact values that a figure may stand for.

    Attributes:
        low: the first value.
        high: the first value beyond.
        note: how the figure was written then, if not rounded and in decimal units.
        assumptions: how much it takes for granted that it was written so.
    """

    low: int | Fraction
    high: int | Fraction
    note: str = ""
    assumptions: int = 0

    def covers(self, value: int) -> bool:
        """Return whether an exact value is in the range."""
        return self.low <= value < self.high

    @property
    def bounds(self) -> tuple[int, int]:
        """Return the first and the last whole number of the range."""
        return ceil(self.low), ceil(self.high) - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotedFigure:
    """A figure as somebody quotes it.

    Attributes:
        text: as it is written.
        value: the number itself.
        quantities: what its unit says that it is a number of; none where there is no unit.
        ranges: the values that it may stand for, the likeliest first.
    """

    text: str
    value: int | Fraction
    quantities: tuple[str, ...]
    ranges: tuple[ValueRange, ...]


def read(text: str | float, of: str | None = None) -> QuotedFigure:
    """Return a figure with the precision that it was written with; a number as it prints.

    Raises: CnncalcError if it is not a number above zero, or `of` is no quantity.

    >>> figure = read("727M")
    >>> figure.ranges[0].low, figure.ranges[0].high
    (726500000, 727500000)
    """
    text = str(text)
    if of is not None and of not in QUANTITIES:
        hint = did_you_mean(of, QUANTITIES)
        message = f"no quantity {of[:40]!r}.{hint} There are: {', '.join(QUANTITIES)}."
        raise CnncalcError(Problem("quantity", message))
    try:
        found = number_text.read_number(_BILLIONS.sub("G", text)).quantity.rounded
    except Unreadable as reason:
        shown = printable(text[:60])
        raise CnncalcError(
            Problem("figure", f"{shown!r} is no figure. {reason} Write it as 727M or 1.14e9.")
        ) from None
    if found.value <= 0:
        raise CnncalcError(Problem("figure", f"a figure is above zero. Received {text[:60]}."))
    named = [of] if of else [q for q, words in QUANTITIES.items() if re.search(words, text.lower())]
    if found.unit == "byte" and not of:
        named = ["memory"]
    return QuotedFigure(
        text=text.strip(),
        value=found.value,
        quantities=tuple(named),
        ranges=tuple(_ranges(text, found)),
    )


def _ranges(text: str, found: Quantity) -> Iterator[ValueRange]:
    """Yield the values that a figure stands for: rounded, cut off, or with binary units."""
    low, high = found.low, found.high
    if low == high:
        yield ValueRange(low=low, high=low + 1)
    else:
        yield ValueRange(low=low, high=high)
        cut_off = found.value + (high - low)
        yield ValueRange(low=high, high=cut_off, note="cut off, not rounded", assumptions=1)
    letter = _SCALE.search(text)
    if not letter or found.digits is None:
        return
    power = "kmgt".index(letter[1].lower()) + 1
    in_bytes = found.unit == "byte"
    sign = letter[1].upper() + "B" * in_bytes
    binary = Fraction(2**10, 10**3) ** power
    yield ValueRange(
        low=low * binary,
        high=high * binary,
        note=f"{sign} of 2^{10 * power}",
        assumptions=1 if in_bytes else 3,
    )
    if power == 3:
        mixed = Fraction(2**20, 10**6)
        yield ValueRange(
            low=low * mixed, high=high * mixed, note=f"{sign} of 1,000 · 2^20", assumptions=2
        )
