"""The types of layers' settings: how a value of the file is read, and its JSON Schema."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import BeforeValidator, Field, WithJsonSchema

from cnncalc.errors import CnncalcError
from cnncalc.volume import Volume

LARGEST_WINDOW = 2**20  # of a kernel, stride, padding or dilation, along one axis
LARGEST_COUNT = 2**31 - 1  # of filters, units, groups
_JOINED = re.compile(r"\d{1,9}(?:\s*[x×]\s*\d{1,9}){1,3}")


def whole(value: object) -> int:
    """Return `value` as an int if it is a whole number, and not true or false.

    Raises: ValueError otherwise.

    >>> whole(6.0)
    6
    """
    if type(value) is int:
        return value
    if (
        isinstance(value, (int, float, Fraction))
        and not isinstance(value, bool)
        and math.isfinite(value)
        and value == int(value)
    ):
        return int(value)
    raise ValueError("must be a whole number")


def words_in(annotation: Any) -> Iterator[str]:
    """Yield the words that a type has among its values, in their order.

    >>> list(words_in(int | Literal["floor", "ceil"]))
    ['floor', 'ceil']
    """
    if get_origin(annotation) is Literal:
        yield from (word for word in get_args(annotation) if isinstance(word, str))
    for inner in get_args(annotation):
        yield from words_in(inner)


def extents(text: str) -> tuple[int, ...] | None:
    """Return the two to four whole numbers that a text such as `3x5` joins, None for another text.

    >>> extents("3x5"), extents("7 x 7 x 512"), extents("x5")
    ((3, 5), (7, 7, 512), None)
    """
    joined = _JOINED.fullmatch(text)
    return tuple(map(int, re.split("[x×]", text))) if joined else None


def _count(least: int, most: int) -> Callable[[object], int]:
    def check(value: object) -> int:
        number = whole(value)
        if number < least:
            raise ValueError(f"must be at least {least}")
        if number > most:
            raise ValueError(f"must be at most {most:,}")
        return number

    return check


def real(value: object) -> float:
    """Return `value` as a finite float. Raises: ValueError if it is not a number."""
    if isinstance(value, (int, float, Fraction)) and not isinstance(value, bool):
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if math.isfinite(number):
            return number
    raise ValueError("must be a number")


def _per_channel(value: object) -> float | tuple[float, ...]:
    if not isinstance(value, (list, tuple)):
        return real(value)
    if not value:
        raise ValueError("must be a number, or a list with one for each channel")
    return tuple(map(real, value))


def _per_axis(least: int) -> Callable[[object], int | tuple[int, ...]]:
    check = _count(least, LARGEST_WINDOW)

    def convert(value: object) -> int | tuple[int, ...]:
        if isinstance(value, str):
            value = extents(value) or value
        if isinstance(value, (list, tuple)):
            if not 1 <= len(value) <= 3:
                raise ValueError("must be one number, or one for each axis, as in 3x5")
            axes = tuple(check(part) for part in value)
            return axes[0] if len(axes) == 1 else axes
        return check(value)

    return convert


def _shape(value: object) -> tuple[int, ...]:
    if isinstance(value, str):
        try:
            return Volume.parse(value).shape
        except CnncalcError as error:
            raise ValueError("must be a volume such as 7x7x512, or a list") from error
    numbers = value if isinstance(value, (list, tuple)) else (value,)
    shape = tuple(map(whole, numbers))
    if not 1 <= len(shape) <= 4 or min(shape) < 1:
        raise ValueError("must be one to four whole numbers of at least 1, the channels last")
    return shape


def _padding(value: object) -> object:
    if isinstance(value, str) and value in PADDING_WORDS:
        return value
    if isinstance(value, (list, tuple)) and any(isinstance(part, (list, tuple)) for part in value):
        check = _count(0, LARGEST_WINDOW)
        if not all(isinstance(part, (list, tuple)) and len(part) == 2 for part in value):
            raise ValueError("must be [before, after] for each axis")
        return tuple((check(before), check(after)) for before, after in value)
    return _per_axis(0)(value)


PADDING_WORDS = ("half", "same", "valid")
_NUMBER = {"type": "integer", "minimum": 1}
_AXES = {"type": "array", "items": {"type": "integer"}, "minItems": 1, "maxItems": 3}
_EXTENTS = {"type": "string", "pattern": r"^\d+(\s*[x×]\s*\d+){1,2}$"}

Count = Annotated[int, BeforeValidator(_count(1, LARGEST_COUNT)), WithJsonSchema(_NUMBER)]
"""A whole number of at least 1: filters, units, groups."""
Index = Annotated[
    int,
    BeforeValidator(_count(0, LARGEST_COUNT)),
    WithJsonSchema({"type": "integer", "minimum": 0}),
]
"""A whole number of at least 0."""
Real = Annotated[float, BeforeValidator(real), WithJsonSchema({"type": "number"})]
"""A decimal number."""
PerChannel = Annotated[
    float | tuple[float, ...],
    BeforeValidator(_per_channel),
    WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "array", "items": {"type": "number"}}]}),
]
"""A decimal number, or a list with one for each channel."""
Shape = Annotated[
    tuple[int, ...],
    BeforeValidator(_shape),
    WithJsonSchema(
        {
            "anyOf": [
                _NUMBER,
                {"type": "string"},
                {"type": "array", "items": _NUMBER, "maxItems": 4},
            ]
        }
    ),
]
"""A volume: `7x7x512`, a number, or a list, the channels last."""
AxisName = Literal["channels", "length", "depth", "height", "width"]
"""An axis of a volume: its channels, or an extent by its name."""
AxisNames = Annotated[
    tuple[AxisName, ...],
    BeforeValidator(lambda value: (value,) if isinstance(value, str) else value),
    Field(min_length=1),
]
"""One axis, or a list of them."""
Boolean = Annotated[bool, Field(strict=True)]
"""True or false; 1 and 0 are refused."""
PerAxis = Annotated[
    int | tuple[int, ...],
    BeforeValidator(_per_axis(1)),
    WithJsonSchema({"anyOf": [_NUMBER, _AXES, _EXTENTS]}),
]
"""One number for every axis, `3x5`, or a list with one per axis; each at least 1."""
PerAxisOrZero = Annotated[
    int | tuple[int, ...],
    BeforeValidator(_per_axis(0)),
    WithJsonSchema({"anyOf": [{"type": "integer", "minimum": 0}, _AXES, _EXTENTS]}),
]
"""As PerAxis, each at least 0."""
Padding = Annotated[
    int | Literal["half", "same", "valid"] | tuple[int, ...] | tuple[tuple[int, int], ...],
    BeforeValidator(_padding),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "minimum": 0},
                {"enum": list(PADDING_WORDS)},
                {"type": "array", "minItems": 1, "maxItems": 3},
                _EXTENTS,
            ]
        }
    ),
]
"""One number, one per axis, `[[before, after], ...]`, or half, same, valid."""
Rounding = Literal["floor", "ceil"]
