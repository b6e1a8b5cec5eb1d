"""Arrays as people write them: `1 2; 3 4 | 5 6; 7 8`, JSON, CSV, and NumPy's `.npy`.

In text, spaces or commas separate values, `;` rows, `|` channels, and `||` filters. JSON and
`.npy` have channels last, or first with the layout chw. `4x4x1: …` before the values says which
volume they are.
"""

from __future__ import annotations

import csv
import io
import json
import math
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import Any

from cnncalc import readers
from cnncalc.applying.exact import Value, bounded
from cnncalc.errors import CnncalcError, Problem, received
from cnncalc.volume import Volume

MOST_VALUES = 20_000  # of one array
MOST_AXES = 8
_NUMBER = re.compile(r"[+-]?(\d{1,40}(\.\d{0,40})?|\.\d{1,40})([eE][+-]?\d{1,2})?(/\d{1,40})?")
_VOLUME = re.compile(r"\s*(\d{1,9}(?:x\d{1,9}){0,7})\s*:")
FILES = (".npy", ".csv", ".json", ".txt")


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """An array as it was given, in the order in which it was written."""

    shape: tuple[int, ...]
    values: Sequence[Value]
    planes: bool = False  # as text has it: the axes are filters, channels, rows and columns
    volume: tuple[int, ...] | None = None  # the volume that stands before the values

    @property
    def one_row(self) -> bool:
        """Return whether it is one row of values, so that nothing is said about axes."""
        return math.prod(self.shape[:-1]) == 1

    def moved(self, order: Sequence[int]) -> list[Value]:
        """Return the values in C order after the axes are transposed, as NumPy's `transpose`.

        >>> Given(shape=(2, 3), values=[1, 2, 3, 4, 5, 6]).moved((1, 0))
        [1, 4, 2, 5, 3, 6]
        """
        steps = [math.prod(self.shape[axis + 1 :]) for axis in order]
        places = product(*(range(self.shape[axis]) for axis in order))
        return [
            self.values[sum(i * step for i, step in zip(place, steps, strict=True))]
            for place in places
        ]


def parse(what: str, source: Any, layout: str = "hwc") -> Given:
    """Return an array from text, from a file that the text names, or from lists or NumPy.

    `what` names it in messages. Raises: CnncalcError; ReadError for a file.

    >>> parse("x", "1 2; 3 4 | 5 6; 7 8").shape
    (1, 2, 2, 2)
    """
    try:
        if isinstance(source, os.PathLike):
            source = os.fsdecode(source)
        if isinstance(source, str):
            return _file(source, layout) if _is_file(source) else _text(source, layout)
        return _nested(source)
    except (ValueError, RecursionError) as error:
        if isinstance(error, RecursionError):
            error = ValueError("lists lie too deep in one another")
        raise CnncalcError(Problem("array", f"{what}: {error}.")) from None


def number(text: str) -> Value:
    """Return the exact number that a text is: `2`, `-0.5`, `1/3`, `1e-3`.

    Raises: ValueError if it is none.

    >>> number("0.01"), number("4/2")
    (Fraction(1, 100), 2)
    """
    plain = text.replace("\u2212", "-")
    if not _NUMBER.fullmatch(plain):
        raise ValueError(f"{received(text)} is no number")
    above, _, below = plain.partition("/")
    if below and not int(below):
        raise ValueError(f"{received(text)} divides by zero")
    return bounded(Fraction(above) / Fraction(below or 1))


def _is_file(text: str) -> bool:
    return text == "-" or text.lower().endswith(FILES)


def _file(name: str, layout: str) -> Given:
    ending = os.path.splitext(name)[1].lower()
    data = readers.read_bytes(name)
    if ending == ".npy":
        return _npy(data)
    text = readers.source_of(data, name).text
    if ending == ".csv":
        text = "; ".join(" ".join(row) for row in csv.reader(io.StringIO(text)) if row)
    return _text(text, layout)


def _text(text: str, layout: str) -> Given:
    volume = None
    if stated := _VOLUME.match(text):
        volume = Volume.of(stated[1]).shape
        text = text[stated.end() :]
    given = _nested(_json(text)) if text.lstrip().startswith("[") else _planes(text)
    if volume is None:
        return given
    if math.prod(volume) != len(given.values):
        raise ValueError(
            f"{'x'.join(map(str, volume))} has {math.prod(volume):,} values. "
            f"Received {len(given.values):,}"
        )
    if given.one_row:
        first = layout == "chw"
        shape = (volume[-1], *volume[:-1]) if first else volume
        given = Given(shape=shape, values=given.values)
    return Given(shape=given.shape, values=given.values, planes=given.planes, volume=volume)


def _planes(text: str) -> Given:
    """Return the values of `filter || filter`, of `channel | channel`, of `row; row`."""
    values: list[Value] = []
    shape: tuple[int, ...] | None = None
    filters = [part.split("|") for part in text.split("||")]
    for channels in filters:
        for channel in channels:
            rows = [row.replace(",", " ").split() for row in re.split(r"[;\n]", channel)]
            rows = [row for row in rows if row]
            if not rows:
                raise ValueError("there are no values" if not values else "a channel is empty")
            for row in rows:
                values += map(number, row)
                _few(len(values))
                if len(row) != len(rows[0]):
                    raise ValueError(
                        f"rows must be equally long. Received {len(rows[0])} and {len(row)} values"
                    )
            here = (len(filters), len(channels), len(rows), len(rows[0]))
            shape = shape or here
            if here != shape:
                raise ValueError(
                    "all channels, and all filters, must have the same rows and columns"
                )
    assert shape is not None
    return Given(shape=shape, values=values, planes=True)


def _json(text: str) -> Any:
    def refuse(word: str) -> Any:
        raise ValueError(f"{word} is no number")

    return json.loads(text, parse_int=number, parse_float=number, parse_constant=refuse)


def _nested(source: Any) -> Given:
    """Return the values of lists in lists, or of an array of NumPy's."""
    if hasattr(source, "dtype") and hasattr(source, "shape"):
        return _array(source)
    shape: list[int] = []
    level = source
    while isinstance(level, (list, tuple)):
        shape.append(len(level))
        if not level or len(shape) > MOST_AXES:
            raise ValueError("an array has values, and at most eight axes")
        level = level[0]
    _few(math.prod(shape))
    return Given(shape=tuple(shape) or (1,), values=[*_leaves(source, tuple(shape))])


def _leaves(level: Any, shape: tuple[int, ...]) -> Iterator[Value]:
    if shape:
        if not isinstance(level, (list, tuple)) or len(level) != shape[0]:
            raise ValueError("lists that lie in one another must be equally long")
        for one in level:
            yield from _leaves(one, shape[1:])
    elif isinstance(level, bool) or not isinstance(level, (int, float, Fraction)):
        raise ValueError(
            "an array is text such as '1 2; 3 4', a file, lists of numbers, or one of NumPy's. "
            f"Received {received(level)[:100]}"
        )
    elif isinstance(level, float):
        yield number(repr(level))
    else:
        yield bounded(level)


def _array(array: Any) -> Given:
    """Return the values of an array of NumPy's; a float as the shortest decimals that it is."""
    if array.dtype.kind not in "iuf":
        raise ValueError(f"values must be whole numbers or floats. Received {array.dtype}")
    shape = tuple(map(int, array.shape)) or (1,)
    _few(math.prod(shape))
    if len(shape) > MOST_AXES or not math.prod(shape):
        raise ValueError("an array has values, and at most eight axes")
    return Given(shape=shape, values=[number(str(one)) for one in array.flatten()])


def _npy(data: bytes) -> Given:
    """Return the array of a `.npy` file. Its header is checked before there is memory for it."""
    import numpy as np

    stream = io.BytesIO(data)
    try:
        version = np.lib.format.read_magic(stream)
        if version == (1, 0):
            shape, fortran, dtype = np.lib.format.read_array_header_1_0(stream)
        else:
            shape, fortran, dtype = np.lib.format.read_array_header_2_0(stream)
    except ValueError:
        raise ValueError("the file is no .npy of NumPy's") from None
    if dtype.kind not in "iuf":
        raise ValueError(f"values must be whole numbers or floats. Received {dtype}")
    size = math.prod(shape)
    _few(size)
    rest = stream.read()
    if len(rest) != size * dtype.itemsize:
        raise ValueError("the file is not as long as its header says")
    flat = np.frombuffer(rest, dtype)
    return _array(flat.reshape(shape, order="F" if fortran else "C"))


def _few(count: int) -> None:
    if count > MOST_VALUES:
        raise ValueError(f"an array has at most {MOST_VALUES:,} values")
