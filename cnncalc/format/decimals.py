"""Decimal numbers of any length: exact where they are short, else the nearest double.

A double is IEEE 754's number of 64 bits, which frameworks compute and write their settings with.
"""

from __future__ import annotations

from fractions import Fraction

from cnncalc.format.bounds import NUMBERS_BELOW

LARGEST = 10**65  # of a number in any file; a network's numbers stay below NUMBERS_BELOW
SHORT = 100  # characters of a number that is read exactly, before it is rounded if it must be


def parse(text: str) -> Fraction:
    """Return the number that `text` writes as in JSON; if it is long, the nearest double.

    Raises: OverflowError if it is 10^65 or more.

    >>> parse("0.25"), parse("1e2"), parse("0." + "3" * 200) == Fraction(1 / 3)
    (Fraction(1, 4), Fraction(100, 1), True)
    """
    mantissa, _, exponent = text.lower().partition("e")
    if "." in mantissa:
        mantissa = mantissa.rstrip("0").rstrip(".")
    if len(mantissa) <= SHORT and len(exponent) <= 4:
        number = Fraction(f"{mantissa}e{exponent or 0}")
    else:
        number = Fraction(float(text))  # which reads any length in little time
    if abs(number) >= LARGEST:
        raise OverflowError("a number of 10^65 or more")
    return number


def kept(number: Fraction) -> int | Fraction:
    """Return a number as it is if both its parts are below 2^63, else the nearest double.

    >>> kept(Fraction(1, 3)), kept(Fraction(6, 2)), kept(Fraction("0." + "3" * 40)) == 1 / 3
    (Fraction(1, 3), 3, True)
    """
    if max(abs(number.numerator), number.denominator) >= NUMBERS_BELOW:
        number = Fraction(float(number))
    return number.numerator if number.denominator == 1 else number
