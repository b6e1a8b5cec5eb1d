"""Whether a parsed cell says a value: exactly, rounded too far, or not at all."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from math import prod
from typing import Literal

from cnncalc.homework.answers.number_text import WrittenNumber
from cnncalc.homework.answers.quantity import Exact, Quantity
from cnncalc.homework.answers.volume_text import WrittenVolume
from cnncalc.homework.layer_truth import EXTENTS, Value
from cnncalc.homework.parsed_cells import ParsedCell

ROUNDABLE = ("flops", "macs", "additions", "memory")  # columns that may be, as all totals may
LEAST_DIGITS = 3  # significant digits that a rounded number must have
SLIPS = (2, 4, 10, 100, 1000)  # factors that a slip of the pen makes

Agreement = Literal["exact", "rounded", "none"]
"""Rounded: the digits that there are agree, but they are too few, or the last one is cut off."""


def agreement(
    parsed: ParsedCell, value: Value, column: str, *, total: bool = False, layout: str = "hwc"
) -> Agreement:
    """Return how far a parsed cell of a column agrees with a value."""
    if isinstance(value, tuple):
        if parsed.word == "impossible":
            same = any(isinstance(n, Fraction) for n in value)
        elif parsed.volume is None:
            same = False
        elif column == "input" and parsed.volume.numbers == (prod(value),):
            same = True  # flattened, as it enters a fully connected layer
        elif column in EXTENTS:
            same = same_extents(parsed.volume, value)
        else:
            same = same_volume(parsed.volume, value, layout)
        return "exact" if same else "none"
    if parsed.number is None:
        return "none"
    return _number_agreement(parsed.number, value, roundable=total or column in ROUNDABLE)


def _number_agreement(number: WrittenNumber, value: Exact, *, roundable: bool) -> Agreement:
    quantity = number.quantity
    if isinstance(value, Fraction) and quantity.digits is None:
        # An MB of 2^20 bytes: the truth is no whole number, and the nearest one is right.
        half = Fraction(1, 2)
        quantity = replace(quantity, low=quantity.low - half, high=quantity.high + half)
    if quantity.digits is None and quantity.covers(value):
        return "exact"
    rounded = quantity.rounded
    if rounded.digits is None or not rounded.covers(value):
        return "rounded" if roundable and cut_off(rounded, value) else "none"
    return "exact" if roundable and rounded.digits >= LEAST_DIGITS else "rounded"


def cut_off(quantity: Quantity, value: Exact) -> bool:
    """Return whether a number of enough digits is a value with its further digits cut off.

    >>> from cnncalc.homework.answers.number_text import read_number
    >>> cut_off(read_number("1.13G").quantity, 1135256096)
    True
    """
    unit = quantity.high - quantity.low  # of the last digit
    enough = quantity.digits is not None and quantity.digits >= LEAST_DIGITS
    return enough and quantity.high < value < quantity.value + unit


def same_volume(written: WrittenVolume, value: tuple[Exact, ...], layout: str) -> bool:
    """Return whether a written volume is `value`, whose numbers are in the order of `layout`.

    A batch size in front and extents of 1 make no difference.

    >>> from cnncalc.homework.answers.volume_text import read_volume
    >>> same_volume(read_volume("1x1x1000"), (1000,), "hwc")
    True
    >>> same_volume(read_volume("96@55x55"), (55, 55, 96), "hwc")
    True
    """
    numbers = written.numbers
    if written.channels_first and layout == "hwc":
        numbers = (*numbers[1:], numbers[0])
    if numbers == value or (len(numbers) == len(value) + 1 and numbers[1:] == value):
        return True
    return [n for n in numbers if n != 1] == [n for n in value if n != 1]


def same_extents(written: WrittenVolume, value: tuple[Exact, ...]) -> bool:
    """Return whether written extents are `value`: one number for all axes, or all of them.

    A volume's depth after them is left aside.
    """
    numbers = written.numbers
    if len(numbers) == 1:
        return set(value) == set(numbers)
    return numbers == value or (len(numbers) == len(value) + 1 and numbers[:-1] == value)


def is_slip(number: Value, truth: Value) -> bool:
    """Return whether a number differs from the truth by a slip of the pen.

    That is a factor of 2 or 10, one digit, or two digits swapped. Of the small numbers of a volume
    a tenth are one digit away from the true one: there it is two digits swapped, or one that is
    missing or repeated.

    >>> is_slip(77760, 7776), is_slip(24848, 34848), is_slip(34884, 34848), is_slip(12345, 34848)
    (True, True, True, False)
    """
    if isinstance(number, tuple) and isinstance(truth, tuple) and len(number) == len(truth):
        # One number of the volume, or the same one along several axes.
        differing = {(a, b) for a, b in zip(number, truth, strict=True) if a != b}
        if len(differing) != 1:
            return False
        a, b = differing.pop()
        one_digit = min(a, b) >= 100 or (min(a, b) >= 10 and len(str(a)) != len(str(b)))
        return _is_digit_slip(a, b) and (one_digit or sorted(str(a)) == sorted(str(b)))
    if isinstance(number, tuple) or isinstance(truth, tuple) or number <= 0 or truth <= 0:
        return False
    ratio = Fraction(max(number, truth)) / Fraction(min(number, truth))
    return ratio in SLIPS or (min(number, truth) >= 100 and _is_digit_slip(number, truth))


def _is_digit_slip(written: Exact, truth: Exact) -> bool:
    """Return whether one digit is other, missing or too many, or two neighbours are swapped."""
    a, b = str(written), str(truth)
    if len(a) == len(b):
        differing = [i for i in range(len(a)) if a[i] != b[i]]
        if len(differing) == 1:
            return True
        swapped = len(differing) == 2 and differing[1] == differing[0] + 1
        return swapped and a[differing[0]] == b[differing[1]] and a[differing[1]] == b[differing[0]]
    longer, shorter = (a, b) if len(a) > len(b) else (b, a)
    return len(longer) - len(shorter) == 1 and any(
        longer[:i] + longer[i + 1 :] == shorter for i in range(len(longer))
    )
