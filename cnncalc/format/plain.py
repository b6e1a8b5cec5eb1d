"""Python objects as the plain values that a file holds."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from numbers import Integral, Real
from typing import Any

from pydantic import BaseModel

from cnncalc.errors import Problem, ReadError
from cnncalc.format.bounds import MAX_DEPTH, MAX_VALUES
from cnncalc.volume import Volume


def plain(data: object) -> Any:
    """Return a Python object as plain values: decimals exact, lists, text keys.

    Layers and parts of an architecture stay what they are.
    Raises: ReadError for what no file could hold.

    >>> plain({"rate": 0.5, "kernel": (3, 5)})
    {'rate': Fraction(1, 2), 'kernel': [3, 5]}
    """
    return _Conversion().value(data, 0)


class _Conversion:
    """A conversion, which counts the values."""

    def __init__(self) -> None:
        self.values = 0

    def value(self, data: object, depth: int) -> Any:
        self.values += 1
        if depth > MAX_DEPTH or self.values > MAX_VALUES:
            message = f"nested more than {MAX_DEPTH} deep, or more than {MAX_VALUES:,} values."
            raise ReadError(Problem("structure", message))
        if data is None or isinstance(data, (str, int, Fraction, BaseModel)):
            return data
        if isinstance(data, Volume):
            return str(data)
        if isinstance(data, Mapping):
            if not all(isinstance(key, str) for key in data):
                raise ReadError(Problem("structure", "the keys of a mapping are text."))
            return {key: self.value(value, depth + 1) for key, value in data.items()}
        if isinstance(data, (list, tuple)):
            return [self.value(value, depth + 1) for value in data]
        if isinstance(data, Integral):
            return int(data)
        if isinstance(data, Real):  # NumPy's too
            if not math.isfinite(data):
                raise ReadError(Problem("structure", f"a number must be finite. Received {data}."))
            exact = Fraction(repr(float(data)))
            return int(exact) if exact.denominator == 1 else exact
        message = f"{type(data).__name__} cannot stand in a network."
        raise ReadError(Problem("structure", message))
