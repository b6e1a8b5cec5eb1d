"""Whether what was written says a value: exactly, rounded, or not at all."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import NamedTuple

from cnncalc.homework.answers.number_text import WrittenNumber, read_number
from cnncalc.homework.answers.quantity import Exact, Quantity, Unreadable
from cnncalc.homework.answers.volume_text import WrittenVolume, read_volume
from cnncalc.homework.layer_truth import EXTENTS, VOLUMES, Value
from cnncalc.homework.sheet import Cell
from cnncalc.volume import Volume

ROUNDABLE = ("flops", "macs", "additions", "memory")  # beside all totals
LEAST_DIGITS = 3
_IMPOSSIBLE = ("invalid", "not an integer", "not possible", "impossible", "not fit", "not tile",
               "n't fit", "n't tile", "not valid", "error", "undefined")  # fmt: skip
_EVERYTHING = ("whole", "entire", "all of", "everything", "global")


class Reading(NamedTuple):
    """A cell as read: a shape or an answer; or a word: `impossible`, `everything`."""

    shape: WrittenVolume | None = None
    answer: WrittenNumber | None = None
    word: str = ""


def read_cell(cell: Cell, column: str) -> Reading:
    """Return what a cell says in a column. Raises: Unreadable."""
    low = cell.text.lower()
    if column in VOLUMES or column in EXTENTS:
        try:
            return Reading(shape=read_volume(cell.text))
        except Unreadable:
            if any(word in low for word in _IMPOSSIBLE):
                return Reading(word="impossible")
            if any(word in low for word in _EVERYTHING):
                return Reading(word="everything")
            if column in EXTENTS:
                value = read_number(cell.text).quantity.value
                return Reading(shape=WrittenVolume((value,)))
            raise
    text = cell.text
    if cell.unit and text[-1:].isdigit():
        text += f" {cell.unit}"
    return Reading(answer=read_number(text))


def says(
    reading: Reading, value: Value, column: str, *, total: bool = False, layout: str = "hwc"
) -> str:
    """Return `yes`, `no`, or `rounded`: right as far as it goes, which is not far enough."""
    if reading.word == "impossible" and isinstance(value, tuple):
        return "yes" if any(isinstance(n, Fraction) for n in value) else "no"
    if reading.shape is not None and isinstance(value, tuple):
        same = agrees_extents if column in EXTENTS else agrees
        return "yes" if same(reading.shape, value, layout) else "no"
    if reading.answer is None or isinstance(value, tuple):
        return "no"
    return _says_number(reading.answer, value, total or column in ROUNDABLE)


def _says_number(answer: WrittenNumber, value: Exact, roundable: bool) -> str:
    quantity = answer.quantity
    if isinstance(value, Fraction) and quantity.digits is None:  # MiB: no whole number of bytes
        half = Fraction(1, 2)
        quantity = replace(quantity, low=quantity.low - half, high=quantity.high + half)
    if quantity.digits is None and quantity.covers(value):
        return "yes"
    rounded = quantity.rounded
    if rounded.digits is None or not rounded.covers(value):
        return "rounded" if roundable and cut_off(rounded, value) else "no"
    return "yes" if roundable and rounded.digits >= LEAST_DIGITS else "rounded"


def cut_off(quantity: Quantity, value: Exact) -> bool:
    """Return whether a number of enough digits is a value with its further digits cut off.

    >>> cut_off(read_number("1.13G").quantity, 1135256096)
    True
    """
    step = quantity.high - quantity.low
    enough = quantity.digits is not None and quantity.digits >= LEAST_DIGITS
    return enough and quantity.high < value < quantity.value + step


def agrees(shape: WrittenVolume, value: tuple[Exact, ...], layout: str) -> bool:
    """Return whether a written volume is a volume, whose numbers stand in the order of `layout`.

    A batch in front and extents of 1 make no difference.

    >>> agrees(read_volume("1x1x1000"), (1000,), "hwc")
    True
    >>> agrees(read_volume("96@55x55"), (55, 55, 96), "hwc")
    True
    """
    numbers = shape.numbers
    if shape.channels_first and layout == "hwc":
        numbers = (*numbers[1:], numbers[0])
    if numbers == value or (len(numbers) == len(value) + 1 and numbers[1:] == value):
        return True
    return [n for n in numbers if n != 1] == [n for n in value if n != 1]


def agrees_extents(shape: WrittenVolume, value: tuple[Exact, ...], layout: str) -> bool:
    """Return whether written extents are `value`: one number for all axes, or all of them.

    A volume's depth after them is left aside.
    """
    numbers = shape.numbers
    if len(numbers) == 1:
        return set(value) == set(numbers)
    return numbers == value or (len(numbers) == len(value) + 1 and numbers[:-1] == value)


def volume_of(shape: WrittenVolume | None, like: Volume, layout: str) -> Volume | None:
    """Return the volume that a written one means, for a row whose true volume is `like`."""
    if shape is None or not all(isinstance(n, int) and n > 0 for n in shape.numbers):
        return None
    numbers = [int(n) for n in shape.numbers]
    wanted = len(like.shape)
    if len(numbers) == wanted + 1:
        numbers = numbers[1:]
    if len(numbers) > wanted:
        numbers = [n for n in numbers if n != 1] or [1]
    if len(numbers) != wanted:
        return None
    if layout == "chw" or shape.channels_first:
        numbers = [*numbers[1:], numbers[0]]
    return Volume(tuple(numbers[:-1]), numbers[-1])


def too_short(reading: Reading, truth: Value) -> str:
    """Return what is missing of a volume with fewer numbers than it needs, or nothing."""
    if reading.shape is None or not isinstance(truth, tuple):
        return ""
    have, need = len(reading.shape.numbers), sum(n != 1 for n in truth)
    if have >= need or need < 2:
        return ""
    if have == len(truth) - 1 and have > 1:
        return "Not a volume: the depth is missing."
    return f"Not a volume: it has {have} of {len(truth)} numbers. Write it like 28x28x6."


def written(reading: Reading) -> Value | None:
    """Return the exact value that was written, if it is exact."""
    if reading.shape is not None:
        return reading.shape.numbers
    if reading.answer is None or reading.answer.quantity.digits is not None:
        return None
    return reading.answer.quantity.value


def slip(number: Value, truth: Value) -> bool:
    """Return whether a number is a slip of the pen away: a factor of 2 or 10, a digit, a swap.

    >>> slip(77760, 7776), slip(24848, 34848), slip(34884, 34848), slip(12345, 34848)
    (True, True, True, False)
    """
    if isinstance(number, tuple) or isinstance(truth, tuple):
        if not (isinstance(number, tuple) and isinstance(truth, tuple)) or len(number) != len(
            truth
        ):
            return False
        differing = [(a, b) for a, b in zip(number, truth, strict=True) if a != b]
        return 0 < len(set(differing)) < 2 and _digit_slip(*differing[0])
    if number <= 0 or truth <= 0:
        return False
    ratio = Fraction(number) / Fraction(truth)
    if ratio in (2, Fraction(1, 2), 4, Fraction(1, 4), 10, Fraction(1, 10), 100, Fraction(1, 100),
                 1000, Fraction(1, 1000)):  # fmt: skip
        return True
    return min(number, truth) >= 100 and _digit_slip(number, truth)


def _digit_slip(written: Exact, truth: Exact) -> bool:
    """Return whether one digit is other, missing or too many, or two neighbours are swapped."""
    a, b = str(written), str(truth)
    if len(a) == len(b):
        differing = [i for i in range(len(a)) if a[i] != b[i]]
        if len(differing) == 1:
            return True
        return (
            len(differing) == 2
            and differing[1] == differing[0] + 1
            and (a[differing[0]] == b[differing[1]] and a[differing[1]] == b[differing[0]])
        )
    longer, shorter = (a, b) if len(a) > len(b) else (b, a)
    return len(longer) - len(shorter) == 1 and any(
        longer[:i] + longer[i + 1 :] == shorter for i in range(len(longer))
    )
