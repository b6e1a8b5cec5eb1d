"""What the tests of layers stand on: numbers that count, and arrays that are kept."""

from __future__ import annotations

import ast
import math
import operator
from collections import Counter
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

import cnncalc
from cnncalc.figures.scene import FONTS, Scene, Text
from cnncalc.layers.base import AbstractLayer, Cost
from cnncalc.model.report import Report
from cnncalc.model.sight import Bound, Regular, Sight
from cnncalc.volume import Volume

Array = NDArray[Any]


@cache
def report_of(name: str) -> Report:
    """Return the report of a shipped network."""
    return cnncalc.analyze(name)


# --- numbers that count, and the fields they are read from ---------------------------------


class Counting:
    """A number or a vector in float64, with a tally of the operations done to its kind."""

    def __init__(self, value: Any, tally: Counter[str]) -> None:
        self.value = np.asarray(value, np.float64)
        self.tally = tally

    def _result(self, value: Any, kind: str, times: int | None = None) -> Counting:
        result = Counting(value, self.tally)
        self.tally[kind] += result.value.size if times is None else times
        return result

    def _binary(self, function: Callable[[Any, Any], Any], other: Any, kind: str) -> Counting:
        return self._result(function(self.value, getattr(other, "value", other)), kind)

    def __add__(self, other: Counting | float) -> Counting:
        return self._binary(np.add, other, "additions")

    def __sub__(self, other: Counting | float) -> Counting:
        return self._binary(np.subtract, other, "additions")

    def __rsub__(self, other: float) -> Counting:
        return self._result(other - self.value, "additions")

    def __mul__(self, other: Counting | float) -> Counting:
        return self._binary(np.multiply, other, "multiplications")

    def __truediv__(self, other: Counting | float) -> Counting:
        return self._binary(np.divide, other, "divisions")

    def __rtruediv__(self, other: float) -> Counting:
        return self._result(other / self.value, "divisions")

    __radd__ = __add__
    __rmul__ = __mul__

    def __neg__(self) -> Counting:
        return Counting(-self.value, self.tally)

    def __getitem__(self, index: int | slice) -> Counting:
        return Counting(self.value[index], self.tally)

    def __len__(self) -> int:
        return len(self.value)

    def dot(self, other: Counting, start: Counting | None = None) -> Counting:
        """Return the products added to `start`, or to zero: as many of the one as of the other."""
        assert len(self) == len(other)
        self.tally["additions"] += len(self)
        total = self.value @ other.value + (0 if start is None else start.value)
        return self._result(total, "multiplications", len(self))

    def sum(self) -> Counting:
        """Return the sum of the elements."""
        return self._result(self.value.sum(), "additions", len(self) - 1)

    def largest(self) -> Counting:
        """Return the largest element."""
        return self._result(self.value.max(), "comparisons", len(self) - 1)

    def maximum(self, other: Counting | float) -> Counting:
        """Return the larger of the two."""
        return self._binary(np.maximum, other, "comparisons")

    def minimum(self, other: Counting | float) -> Counting:
        """Return the smaller of the two."""
        return self._binary(np.minimum, other, "comparisons")

    def if_positive(self, yes: Counting, no: Counting) -> Counting:
        """Return one or the other by the sign."""
        return self._result(np.where(self.value > 0, yes.value, no.value), "comparisons")

    def exp(self) -> Counting:
        """Return e to this power."""
        return self._result(np.exp(self.value), "functions")

    def log(self) -> Counting:
        """Return the natural logarithm."""
        return self._result(np.log(self.value), "functions")

    def root(self) -> Counting:
        """Return the square root."""
        return self._result(np.sqrt(self.value), "functions")

    def erf(self) -> Counting:
        """Return the error function."""
        return self._result(np.vectorize(math.erf, otypes=[float])(self.value), "functions")

    def tanh(self) -> Counting:
        """Return the hyperbolic tangent."""
        return self._result(np.tanh(self.value), "functions")

    def power(self, exponent: float) -> Counting:
        """Return this to a power."""
        return self._result(self.value**exponent, "functions")


class CountingField:
    """One sample of an array, read as counting numbers."""

    def __init__(self, array: Array, tally: Counter[str]) -> None:
        self.array = array
        self.shape: tuple[int, ...] = array.shape
        self.tally = tally

    def __getitem__(self, index: Any) -> Counting:
        part = np.asarray(self.array[index])
        return Counting(part.reshape(-1) if part.ndim else part, self.tally)

    def at(self, position: Sequence[int], channels: slice | int = slice(None)) -> Counting:
        """Return the channels at a position; zeros where it lies outside."""
        depth = self.shape[-1]
        if isinstance(channels, int):
            return self.at(position, slice(channels, channels + 1))[0]
        wanted = range(
            0 if channels.start is None else channels.start,
            depth if channels.stop is None else channels.stop,
        )
        within = all(0 <= p < n for p, n in zip(position, self.shape[:-1], strict=True))
        numbers = [self.array[(*position, c)] if within and 0 <= c < depth else 0.0 for c in wanted]
        return Counting(numbers, self.tally)


class CountingFields:
    """The arrays that a layer asked for, read as fields."""

    def __init__(self, arrays: dict[str, Array], tally: Counter[str]) -> None:
        self.fields = {name: CountingField(array, tally) for name, array in arrays.items()}
        self.shared: Any = None

    def __getitem__(self, name: str) -> CountingField:
        return self.fields[name]


class Recorded:
    """The arrays of one layer: made when they are asked for, and kept by name."""

    def __init__(self, seed: int = 0) -> None:
        self.random = np.random.default_rng(seed)
        self.made: dict[str, Array] = {}

    def __call__(
        self,
        name: str,
        shape: tuple[int, ...],
        *,
        fan: int = 1,
        centre: float = 0.0,
        filters_last: bool = False,
    ) -> Array:
        """Return values of variance 1 / `fan` about `centre`, the same each time."""
        if name not in self.made:
            reach = math.sqrt(3 / fan)
            values = self.random.uniform(centre - reach, centre + reach, shape)
            self.made[name] = values.astype(np.float32)
        assert self.made[name].shape == shape
        return self.made[name]


def inputs_for(volumes: Sequence[Volume], samples: int = 1, seed: int = 1) -> list[Array]:
    """Return arrays for volumes. Shapes: `(samples, *extents, C)`."""
    random = np.random.default_rng(seed)
    return [
        random.uniform(-2, 2, (samples, *volume.shape)).astype(np.float32) for volume in volumes
    ]


def define(
    layer: AbstractLayer, arrays: dict[str, Array], inputs: Sequence[Array], folded: bool = False
) -> tuple[Array, Cost]:
    """Return what the definition gives at every index of one sample, and what it costs.

    `folded`: what the values share is worked out once for the network, and not counted.
    """
    volumes = [Volume(x.shape[:-1], x.shape[-1]) for x in inputs]
    tally: Counter[str] = Counter()
    fields = CountingFields(arrays, tally)
    samples = [CountingField(x, tally) for x in inputs]
    fields.shared = layer.common(fields, *samples)  # type: ignore[arg-type]
    if folded:
        tally.clear()
    result = np.empty(layer.output(*volumes).shape)
    for index in np.ndindex(result.shape):
        number: Any = layer.value(index, fields, *samples)  # type: ignore[arg-type]
        result[index] = number.value
    return result, Cost(**tally)


def evaluate(text: str) -> Fraction:
    """Return the exact value of plain arithmetic, with a raised dot for times.

    >>> evaluate("(227 - 11 + 2·0)/4 + 1")
    Fraction(55, 1)
    """
    operators: dict[type, Any] = {
        ast.Add: operator.add,
        ast.Sub: operator.sub,
        ast.Mult: operator.mul,
        ast.Div: operator.truediv,
        ast.Pow: operator.pow,
    }

    def value(node: ast.expr) -> Fraction:
        match node:
            case ast.Constant(value=int(number)):
                return Fraction(number)
            case ast.BinOp(left=left, op=op, right=right):
                return Fraction(operators[type(op)](value(left), value(right)))
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return -value(operand)
        raise ValueError(f"not plain arithmetic: {text}")

    return value(ast.parse(text.replace("·", "*"), mode="eval").body)


# --- receptive fields ----------------------------------------------------------------------


def border(sight: Sight, unit: int) -> tuple[int, int] | None:
    """Return the first and the last pixel of a unit; None if it sees nothing."""
    assert not isinstance(sight, Bound)
    if isinstance(sight, Regular):
        return sight.first + unit * sight.step, sight.last + unit * sight.step
    turn, phase = divmod(unit, len(sight.firsts))
    first, last = sight.firsts[phase], sight.lasts[phase]
    if first is None or last is None:
        return None
    return first + turn * sight.advance, last + turn * sight.advance


# --- figures ------------------------------------------------------------------------------


def require_apart(drawn: Scene) -> None:
    """Check that texts, as they are measured, do not overlap and lie inside the figure."""
    texts = sorted((x for x in drawn.walk() if isinstance(x, Text)), key=lambda x: x.at.y)
    for i, text in enumerate(texts):
        size = FONTS[text.style].size
        assert text.left >= 0, text
        assert text.right <= drawn.width, text
        assert size * 0.7 <= text.at.y <= drawn.height, text
        for other in texts[i + 1 :]:
            if other.at.y - 0.7 * FONTS[other.style].size >= text.at.y:
                if other.at.y > text.at.y + 30:
                    break
                continue
            assert other.left >= text.right or other.right <= text.left, (text, other)
