"""A quoted figure as it is written: what it may be a number of, and which values it stands for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from cnncalc.errors import CnncalcError, Problem, did_you_mean, printable
from cnncalc.homework.answers import number_text
from cnncalc.homework.answers.quantity import Exact, Quantity, Unreadable

# What a figure may be a number of, and the words that say so.
QUANTITIES = {
    "flops": (
        r"flop|\d\s*[kmgt]f\b|\bmacs?\b|madds?|maccs?|mult|operations|\bops\b|[kmgtb](?:mac|op)"
    ),
    "parameters": r"param|weight",
    "activations": r"activation|neuron|values|units",
    "memory": r"bytes?\b|\bmemory\b|\b[kmgt]i?b\b|\d\s*[kmgt]i?b\b",
}
# The letter of a unit, as in 30.9 GFLOPs, 528 MB, 62.4M.
_LETTER = re.compile(
    r"\d\s*([kmgt])(?=b|byte|f\b|flop|op|mac|madd|mult|param|[\W_]|\Z)(?!ac)", re.IGNORECASE
)
_GF = re.compile(r"(?<=\d)\s*([kmgt])f\b", re.IGNORECASE)
# A table's head has the unit in brackets: Params (M) 25.56, Size (MB) 528.
_HEAD = re.compile(r"\(\s*([KMGTB]|[KMG]?i?B|million|billion)s?\s*\)", re.IGNORECASE)
_BINARY = re.compile(r"\d\s*[kmgt]i(?:b|byte|\b)", re.IGNORECASE)
_LONG_PREFIX = re.compile(r"(?<=[\d ])(?:kilo|mega|giga|tera)", re.IGNORECASE)
_BILLIONS = re.compile(r"(?<=[\d ])b(?=flop|mac|op)", re.IGNORECASE)  # darknet writes BFLOPs
# After so many digits, B is no billion.
_BYTES = re.compile(r"(?<=\d{4})\s*B\b|(?<=\d,\d{3})\s*B\b")
_BYTES_OF_MEMORY = re.compile(r"(?<=\d)\s*[Bb]\b")
_WORDS = re.compile(  # beside the unit: they may say what is counted, and belong to no number
    r"\bmult(?:iply|iplication)?s?[-\u2010-\u2013 ]?(?:and[- ])?(?:adds?|additions?|accumulat\w*)\b"
    r"|\b(?:floating[- ]point|of|memory|total|(?:non-)?trainable|learn(?:ed|able))\b|#",
    re.IGNORECASE,
)
_SHOWN_ZERO = re.compile(r"(?<![\d.,])\d+\.\d*0(?![\d.])")  # 3.80: its zero was worked out


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueRange:
    """Exact values that a figure may stand for.

    Attributes:
        low: the first value.
        high: the first value beyond.
        note: how the figure was written then, if not rounded and in decimal units.
        assumptions: how much it takes for granted that it was written so.
    """

    low: Exact
    high: Exact
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
    value: Exact
    quantities: tuple[str, ...]
    ranges: tuple[ValueRange, ...]


def read(text: str | float, of: str | None = None) -> QuotedFigure:
    """Return a figure with the precision that it was written with; a number as it prints.

    Zeros at the end of a whole number may be rounding, so 720M, 0.72G and 720,000,000 are one
    figure.
    Raises: CnncalcError if it is not a number above zero, or `of` is no quantity.

    >>> figure = read("727M")
    >>> figure.ranges[0].bounds
    (726500000, 727499999)
    """
    text = _text(text)
    if of is not None and of not in QUANTITIES:
        hint = did_you_mean(of, QUANTITIES)
        message = f"no quantity {of[:40]!r}.{hint} There are: {', '.join(QUANTITIES)}."
        raise CnncalcError(Problem("quantity", message))
    found = _number(text, of)
    quantities = (of,) if of else _quantities(text, found)
    ranges = tuple(sorted(_ranges(text, found, "memory" in quantities), key=_assumed))
    first, last = ranges[0].bounds
    if first > last:
        message = f"{text} stands for no whole number. Write it as 727M or 1.14e9."
        raise CnncalcError(Problem("figure", message))
    return QuotedFigure(text=text, value=found.value, quantities=quantities, ranges=ranges)


def _text(figure: str | float) -> str:
    """Return a figure as it is written: of a whole float without the point and the zero."""
    if isinstance(figure, float) and figure.is_integer():
        figure = int(figure)
    try:
        return str(figure).strip()
    except ValueError:  # a number of more digits than Python prints
        message = "a number that large is out of bounds."
        raise CnncalcError(Problem("figure", message)) from None


def _number(text: str, of: str | None) -> Quantity:
    """Return the number of a text. Raises: CnncalcError if there is none above zero."""
    bare = text
    if len(text) <= number_text.LONGEST:
        bare = _unit_behind(text)
        bare = _LONG_PREFIX.sub(lambda word: word[0][0], _GF.sub(r"\1flop", bare))
        bare = _BILLIONS.sub("G", bare)
        bare = (_BYTES_OF_MEMORY if of == "memory" else _BYTES).sub(" bytes", bare)
        bare = _WORDS.sub(" ", bare)
    try:
        found = number_text.read_number(bare).quantity
    except Unreadable as reason:
        shown = printable(text[:60])
        raise CnncalcError(
            Problem("figure", f"{shown!r} is no figure. {reason} Write it as 727M or 1.14e9.")
        ) from None
    if found.value <= 0:
        shown = printable(text[:60])
        raise CnncalcError(Problem("figure", f"a figure is above zero. Received {shown}."))
    return found


def _unit_behind(text: str) -> str:
    """Return a text with a unit that stands in brackets put behind the number."""
    unit = _HEAD.search(text)
    if not unit:
        return text
    return re.sub(r"(\d[\d.,]*)", rf"\1 {unit[1]} ", _HEAD.sub("", text), count=1)


def _quantities(text: str, found: Quantity) -> tuple[str, ...]:
    """Return the quantities that a figure's unit and words name."""
    if found.unit == "byte":
        return ("memory",)
    return tuple(name for name, words in QUANTITIES.items() if re.search(words, text.lower()))


def _assumed(values: ValueRange) -> int:
    return values.assumptions


def _ranges(text: str, found: Quantity, of_memory: bool) -> Iterator[ValueRange]:
    """Yield the values that a figure stands for: rounded, cut off, or with binary units."""
    value, step = found.value, _step(text, found)
    half = Fraction(step, 2)
    low, high = value - half, value + half
    yield ValueRange(low=low, high=high)
    if step <= 1:
        return  # every digit is there
    for times, note, assumptions in _binary(text, value, of_memory):
        yield ValueRange(low=low * times, high=high * times, note=note, assumptions=assumptions)
    yield ValueRange(low=high, high=value + step, note="cut off, not rounded", assumptions=1)
    last = _last_place(value)
    if last > step:
        half = Fraction(last, 2)
        note = "where its zeros are rounding"
        yield ValueRange(low=value - half, high=value + half, note=note, assumptions=1)


def _binary(text: str, value: Exact, of_memory: bool) -> Iterator[tuple[Fraction, str, int]]:
    """Yield the units of 2^10 that may be meant: how much more they are, and what that assumes.

    The letter of another count than memory is that of its size: 0.72G is 720M.
    """
    if _BINARY.search(text):
        return  # that much is said: 240 MiB
    letter = _LETTER.search(text) if of_memory else None
    power = "kmgt".index(letter[1].lower()) + 1 if letter else min(len(str(int(value))) // 3, 4)
    power -= not letter and len(str(int(value))) % 3 == 0
    if power < 1:
        return
    sign = "KMGT"[power - 1] + "B" * of_memory
    kilo = Fraction(2**10, 10**3)
    # A unit of memory is often binary, one of anything else is not; some mix the two.
    yield kilo**power, f"{sign} of 2^{10 * power}", 1 if of_memory else 3
    if power > 1:
        yield kilo ** (power - 1), f"{sign} of 1,000 · 2^{10 * (power - 1)}", 2


def _step(text: str, found: Quantity) -> Exact:
    """Return the place that a figure was rounded to.

    Of a whole number it is the last digit that is no zero, or the second digit; zeros that are
    written behind a point count.
    """
    value = found.value
    as_written = _SHOWN_ZERO.search(text) or _BINARY.search(text)
    if not isinstance(value, int) or (as_written and found.digits):
        return found.high - found.low
    second = int(10 ** max(len(str(value)) - 2, 0))
    return min(_last_place(value), second)


def _last_place(value: Exact) -> int:
    """Return the place of the last digit that is no zero: 1,000 of 727,000."""
    if not isinstance(value, int):
        return 1
    digits = str(value)
    return int(10 ** (len(digits) - len(digits.rstrip("0"))))
