"""One number as written, with its unit: `34,944`, `35K`, `3.5e4`, `37.7 MFLOPs`, `1.1×10^9`.

It keeps the precision that it was written with. Nothing is guessed: `34.848` may be 34,848 or a
fraction, and is refused with a question.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from fractions import Fraction

FEWEST_ZEROS = 3  # at the end of a whole number that may have been rounded
Exact = int | Fraction


class Unreadable(Exception):
    """An answer is not a number or a volume: one sentence, which says how to write it."""


class Ambiguous(Unreadable):
    """A number that may mean two things."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """A number as written, and the range of exact values that it may stand for."""

    value: Exact
    low: Exact
    high: Exact
    digits: int | None = None  # significant digits that were written; None: the number is exact
    zeros: int = 0  # at the end of a whole number, where they may be rounding
    unit: str = ""  # `byte` where bytes were written

    def covers(self, truth: Exact) -> bool:
        """Return whether `truth`, rounded as this number is, gives this number.

        >>> scan("34.8K")[0].covers(34848), scan("34.8K")[0].covers(34944)
        (True, False)
        """
        return self.low <= truth <= self.high

    def stands_for(self, exact: Exact) -> bool:
        """Return whether someone who had `exact` may have written this, rounding or cutting off.

        >>> scan("150K")[0].stands_for(150528), scan("330")[0].stands_for(320)
        (True, False)
        """
        if self.digits is None:
            return self.rounded.covers(exact)
        scaled, last = Fraction(self.high - self.low), str(abs(self.value))
        zeros = len(last) - len(last.rstrip("0"))
        if isinstance(self.value, int):
            scaled = max(scaled, Fraction(10**zeros))
        return abs(Fraction(exact) - self.value) <= scaled

    @property
    def rounded(self) -> Quantity:
        """Return the number with the zeros at its end taken as rounding."""
        if self.digits is not None or not self.zeros:
            return self
        half = Fraction(10**self.zeros, 2)
        digits = len(str(self.value)) - self.zeros
        return replace(self, low=self.value - half, high=self.value + half, digits=digits)


_FACTORS = {
    "k": 10**3, "thousand": 10**3, "m": 10**6, "mil": 10**6, "mill": 10**6, "mio": 10**6,
    "mln": 10**6, "million": 10**6, "millions": 10**6, "g": 10**9, "b": 10**9, "bn": 10**9,
    "mrd": 10**9, "billion": 10**9, "billions": 10**9, "t": 10**12, "trillion": 10**12,
    "kilo": 10**3, "mega": 10**6, "giga": 10**9, "tera": 10**12,
    "ki": 2**10, "mi": 2**20, "gi": 2**30, "ti": 2**40,
}  # fmt: skip
_BYTES = {"byte", "bytes"}
_NOUNS = re.compile(
    r"(?:flops?|flop/s|macs?|madds?|maccs?|mult(?:iply)?-?adds?|multiply-accumulates?|multiplications?|operations?|ops|params?|parameters?"
    r"|weights?|bias(?:es)?|values?|neurons?|units?|activations?|floats?|numbers?|px|pixels?)\Z"
)
_GROUP = "[,'_\u2019\u00a0\u2009\u202f ]"
_LITERAL = re.compile(
    rf"(?P<whole>\d{{1,3}}(?:{_GROUP}\d{{3}})+(?!\d)|\d{{1,3}}(?:\.\d{{3}}){{2,}}(?!\d)|\d+)"
    r"(?P<decimals>[.,]\d*)?(?P<exponent>[eE][+-]?\d{1,3}(?!\d))?"
)
_POWER = re.compile(r"\s*[×x*·⋅]\s*10(?:\^|\*\*)(\d{1,2})(?!\d)")  # of a decimal fraction: 1.1×10^9
_WORD = re.compile(r"[A-Za-zµ][A-Za-z/-]*")


def scan(text: str, start: int = 0) -> tuple[Quantity, int] | None:
    """Return the number at a position of a text, with its unit, and where it ends; None if none.

    Raises: Unreadable if it is not clear which number it is.

    >>> quantity, end = scan("24 M params")
    >>> quantity.low, quantity.value, quantity.high, quantity.digits, end
    (23500000, 24000000, 24500000, 2, 11)
    """
    match = _LITERAL.match(text, start)
    if match is None:
        return None
    whole = re.sub(r"\D", "", match["whole"])
    decimals = match["decimals"] or ""
    exponent = match["exponent"]
    position = match.end()
    if decimals and exponent is None and (raised := _POWER.match(text, position)):
        exponent, position = f"e{raised[1]}", raised.end()
    factor, unit = 1, ""
    while word := _WORD.match(text, _after_spaces(text, position)):
        if word[0] in "xX" and _LITERAL.match(text, _after_spaces(text, word.end())):
            break  # a multiplication sign
        scale, bytes_written = _word(word[0])
        factor, unit = factor * scale, unit or bytes_written
        position = word.end()
    if decimals.startswith(",") and factor == 1:
        raise Ambiguous(f"{match[0]}: is the comma a decimal point? Write it without commas.")
    scaled = factor > 1 or exponent
    if re.fullmatch(r"[1-9]\d{0,2}\.\d{3}", match[0]) and not scaled and not unit:
        raise Ambiguous(
            f"Is it {match[0].replace('.', ',')}, or {match['whole']} and a fraction? "
            "Write whole numbers without a point."
        )
    if len(whole) + len(decimals) > 40:
        raise Unreadable("A number of more than 40 digits.")
    digits = decimals[1:]
    power = int((exponent or "e0")[1:])
    if abs(power) > 30:
        raise Unreadable("A number that large is out of bounds.")
    step = Fraction(10) ** (power - len(digits)) * factor
    value = reduced(int(whole + digits) * step)
    if not scaled and not digits:
        zeros = len(whole) - len(whole.rstrip("0")) if value else 0
        zeros *= zeros >= FEWEST_ZEROS
        return Quantity(value=value, low=value, high=value, zeros=zeros, unit=unit), position
    if isinstance(value, int) and step <= 1:
        return Quantity(value=value, low=value, high=value, unit=unit), position
    found = Quantity(
        value=value,
        low=reduced(value - step / 2),
        high=reduced(value + step / 2),
        digits=len((whole + digits).lstrip("0")) or 1,
        unit=unit,
    )
    return found, position


def reduced(value: Exact) -> Exact:
    """Return a number as an int if it is whole."""
    return value if isinstance(value, int) or value.denominator > 1 else value.numerator


def _after_spaces(text: str, position: int) -> int:
    while text[position : position + 1].isspace():
        position += 1
    return position


def _word(word: str) -> tuple[int, str]:
    """Return the factor that a word after a number stands for, and `byte` if it says bytes."""
    low = word.lower()
    if low in _FACTORS:
        return _FACTORS[low], ""
    if low in _BYTES or _NOUNS.match(low):
        return 1, "byte" if low in _BYTES else ""
    for prefix in ("kilo", "mega", "giga", "tera", "ki", "mi", "gi", "ti", "k", "m", "g", "t"):
        if low.startswith(prefix):
            noun = low[len(prefix) :]
            if noun == "b" or noun in _BYTES:
                return _FACTORS[prefix], "byte"
            if _NOUNS.match(noun):
                return _FACTORS[prefix], ""
    raise Unreadable(f"Not a number: what is {word[:20]!r}?")
