"""A quoted figure as it is written: what it may be a number of, and which numbers it stands for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from math import ceil
from typing import NamedTuple

from cnncalc.errors import CnncalcError, Problem, did_you_mean, printable
from cnncalc.homework.answers import number_text

# What a figure may be a number of, and the words that say so.
QUANTITIES = {
    "flops": r"flop|\bmacs?\b|madds?|maccs?|mult|operations|\bops\b|[kmgtb](?:mac|op)",
    "parameters": r"param|weight",
    "activations": r"activation|neuron|values|units",
    "memory": r"bytes?\b|\b[kmgt]i?b\b|\d\s*[kmgt]i?b\b",
}
_SCALE = re.compile(r"\d\s*([kmgt])(?!i)", re.IGNORECASE)
_BILLIONS = re.compile(r"(?<=[\d ])b(?=flop|mac|op)", re.IGNORECASE)  # darknet writes BFLOPs


class Reading(NamedTuple):
    """A range of exact values, from `low` to below `high`, that a figure may stand for."""

    low: int | Fraction
    high: int | Fraction
    note: str = ""
    cost: int = 0

    def covers(self, value: int) -> bool:
        """Return whether an exact value is in the range."""
        return self.low <= value < self.high


class Figure(NamedTuple):
    """A quoted figure: as written, what it may be a number of, and its readings, likely first."""

    text: str
    value: int | Fraction
    quantities: tuple[str, ...]
    readings: tuple[Reading, ...]


def read(text: str | float, of: str | None = None) -> Figure:
    """Return a figure with the precision that it was written with; a number as it prints.

    Raises: CnncalcError if it is not a number above zero, or `of` is no quantity.

    >>> figure = read("727M")
    >>> figure.readings[0].low, figure.readings[0].high
    (726500000, 727500000)
    """
    text = str(text)
    if of is not None and of not in QUANTITIES:
        hint = did_you_mean(of, QUANTITIES)
        message = f"no quantity {of[:40]!r}.{hint} There are: {', '.join(QUANTITIES)}."
        raise CnncalcError(Problem("quantity", message))
    try:
        found = number_text.read_number(_BILLIONS.sub("G", text)).rounded
    except number_text.Unreadable as reason:
        shown = printable(text[:60])
        raise CnncalcError(
            Problem("figure", f"{shown!r} is no figure. {reason} Write it as 727M or 1.14e9.")
        ) from None
    if found.value <= 0:
        raise CnncalcError(Problem("figure", f"a figure is above zero. Received {text[:60]}."))
    named = [of] if of else [q for q, words in QUANTITIES.items() if re.search(words, text.lower())]
    if found.unit == "byte" and not of:
        named = ["memory"]
    return Figure(text.strip(), found.value, tuple(named), tuple(_readings(text, found)))


def _readings(text: str, found: number_text.Quantity) -> Iterator[Reading]:
    low, high = found.low, found.high
    if low == high:
        yield Reading(low, low + 1)
    else:
        step = high - low
        yield Reading(low, high)
        yield Reading(high, found.value + step, "cut off, not rounded", 1)
    letter = _SCALE.search(text)
    if letter and found.digits is not None:
        power = "kmgt".index(letter[1].lower()) + 1
        memory = found.unit == "byte"
        sign = letter[1].upper() + "B" * memory
        binary = Fraction(2**10, 10**3) ** power
        yield Reading(low * binary, high * binary, f"{sign} of 2^{10 * power}", 1 if memory else 3)
        if power == 3:
            mixed = Fraction(2**20, 10**6)
            yield Reading(low * mixed, high * mixed, f"{sign} of 1,000 · 2^20", 2)


def bounds(reading: Reading) -> tuple[int, int]:
    """Return the first and the last whole number of a range."""
    return ceil(reading.low), ceil(reading.high) - 1
