"""Float64 numbers that carry a bound on what a float32 kernel may be off by.

A float32 kernel cannot give the exact value, but how far off it may be follows from the terms:
a sum of n products, in any order, is within `probabilistic(n)` of the sum of their absolute
values. Every `Tracked` carries that sum, that count, and the error of its own terms; products,
divisions and functions pass the error on by their derivative. No constant is fitted.

Source: Higham 2002, Accuracy and Stability of Numerical Algorithms, chapters 3 and 4;
Higham and Mary 2019, A New Approach to Probabilistic Rounding Error Analysis, theorem 2.4.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Self

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    Values = NDArray[np.float32]

UNIT = 2.0**-24  # half the distance from 1 to the next float32: one rounding, at most
TINY = 2.0**-126  # what a result may lose when it falls below the normal float32
CERTAINTY = 8  # a sum breaks its bound with a probability below 2 exp(-8^2 / 2) = 3e-14
FUNCTION = 8  # roundings of a function: NumPy promises 4 units in the last place
DIVISION = 2  # roundings of a division: a kernel may multiply by the reciprocal


def worst_case(additions: int) -> float:
    """Return the largest relative error of a float32 sum: every addition rounds the same way.

    Terms of one sign that are all alike come near it, so it is the bound for one sign.
    """
    return math.expm1(UNIT * additions)


def probabilistic(additions: int) -> float:
    """Return the error bound of a float32 sum of terms of both signs, over their magnitude.

    By Higham and Mary's theorem errors grow as the root of the number of additions, but never
    above the worst case; the smaller of the two is the bound.

    >>> probabilistic(1) == worst_case(1), probabilistic(10**4) < worst_case(10**3)
    (True, True)
    """
    return math.expm1(UNIT * min(additions, CERTAINTY * math.sqrt(additions)))


def _tracked(other: Tracked | float) -> Tracked:
    """Return a number as Tracked: a constant is off by its rounding to float32."""
    if isinstance(other, Tracked):
        return other
    number = np.float64(other)
    rounding = 0.0 if math.isinf(number) else abs(number - np.float64(np.float32(number)))
    return Tracked(number, inherited=rounding)


class Tracked:
    """A number or vector in float64, and what a float32 kernel may make of it.

    Attributes:
        value: the number.
        magnitude: the sum of the absolute values of its terms.
        additions: how many additions it took.
        inherited: the sum of the errors that its terms may have.
    """

    __slots__ = ("additions", "inherited", "magnitude", "value")

    def __init__(
        self, value: Any, magnitude: Any = None, additions: int = 0, inherited: Any = 0.0
    ) -> None:
        self.value = value
        self.magnitude = abs(value) if magnitude is None else magnitude
        self.additions = additions
        self.inherited = inherited

    @property
    def bound(self) -> Any:
        """Return the most by which a correct float32 result differs from the value."""
        if not self.additions:
            return self.inherited
        if self.additions <= CERTAINTY**2:
            return self.inherited + worst_case(self.additions) * self.magnitude
        one_sign = 2 * abs(self.value) > self.magnitude
        share = np.where(one_sign, worst_case(self.additions), probabilistic(self.additions))
        return self.inherited + share * self.magnitude

    @property
    def exact(self) -> bool:
        """Return whether it was only read or copied, so that nothing rounded."""
        return not self.additions and isinstance(self.inherited, float) and not self.inherited

    # A sum of sums is one sum: a kernel may add its terms in any order.

    def __add__(self, other: Tracked | float) -> Self:
        o = _tracked(other)
        return type(self)(
            self.value + o.value,
            self.magnitude + o.magnitude,
            self.additions + o.additions + 1,
            self.inherited + o.inherited,
        )

    __radd__ = __add__

    def __neg__(self) -> Self:
        return type(self)(-self.value, self.magnitude, self.additions, self.inherited)

    def __sub__(self, other: Tracked | float) -> Self:
        return self + -_tracked(other)

    def __rsub__(self, other: float) -> Self:
        return -self + other

    def __mul__(self, other: Tracked | float) -> Self:
        o = _tracked(other)
        magnitude = self.magnitude * o.magnitude
        mine, its = self.bound, o.bound
        error = self.magnitude * its + o.magnitude * mine + mine * its
        return type(self)(self.value * o.value, magnitude, 0, error + UNIT * magnitude + TINY)

    __rmul__ = __mul__

    def __truediv__(self, other: Tracked | float) -> Self:
        o = _tracked(other)
        with np.errstate(divide="ignore", invalid="ignore"):
            least = np.maximum(abs(o.value) - o.bound, 0)  # the divisor that may be in its place
            magnitude = np.divide(self.magnitude, abs(o.value))
            error = np.divide(self.bound + magnitude * o.bound, least)
            rounding = np.divide(self.magnitude, least) * DIVISION * UNIT
            return type(self)(np.divide(self.value, o.value), magnitude, 0, error + rounding + TINY)

    def __rtruediv__(self, other: float) -> Self:
        return type(self)(np.float64(other)) / self

    def __getitem__(self, index: int | slice) -> Self:
        inherited = self.inherited
        return type(self)(
            self.value[index],
            self.magnitude[index],
            self.additions,
            inherited[index] if np.ndim(inherited) else inherited,
        )

    def __len__(self) -> int:
        return len(self.value)

    def dot(self, other: Tracked, start: Tracked | None = None) -> Self:
        """Return `start` (zero if none) plus the products, added up."""
        count = len(self)
        magnitude = np.dot(self.magnitude, other.magnitude)
        error = UNIT * magnitude + count * TINY
        for mine, its in ((self, other), (other, self)):
            if not mine.exact:
                error = error + np.sum(mine.bound * (its.magnitude + its.bound))
        products = type(self)(np.dot(self.value, other.value), magnitude, max(count - 1, 0), error)
        return products if start is None else products + start

    def sum(self) -> Self:
        """Return the sum of the elements."""
        count = len(self)
        return type(self)(
            np.sum(self.value),
            np.sum(self.magnitude),
            max(count * (self.additions + 1) - 1, 0),
            np.sum(self.inherited) * (1 if np.ndim(self.inherited) else count),
        )

    def largest(self) -> Self:
        """Return the largest element."""
        place = int(np.argmax(self.value))
        return self._chosen(self.value[place], self.magnitude[place], np.max(self.bound))

    def maximum(self, other: Tracked | float) -> Self:
        """Return the larger of the two."""
        return self._either(other, self.value >= _tracked(other).value)

    def minimum(self, other: Tracked | float) -> Self:
        """Return the smaller of the two."""
        return self._either(other, self.value <= _tracked(other).value)

    def _either(self, other: Tracked | float, mine: Any) -> Self:
        o = _tracked(other)
        return self._chosen(
            np.where(mine, self.value, o.value),
            np.where(mine, self.magnitude, o.magnitude),
            np.maximum(self.bound, o.bound),
        )

    def _chosen(self, value: Any, magnitude: Any, error: Any) -> Self:
        return type(self)(value, magnitude, 0, error)

    def if_positive(self, yes: Tracked | float, no: Tracked | float) -> Self:
        """Return `yes` where self > 0, else `no`; either, where self is that near to 0."""
        y, n = _tracked(yes), _tracked(no)
        bound = self.bound
        chosen = np.where(self.value > 0, y.value, n.value)
        error = np.where(self.value > 0, y.bound, n.bound)
        unsure = (abs(self.value) <= bound) & (bound > 0)
        either = np.maximum(y.bound, n.bound) + abs(y.value - n.value)
        return self._chosen(
            chosen,
            np.where(self.value > 0, y.magnitude, n.magnitude),
            np.where(unsure, either, error),
        )

    # Functions: the error that comes in, by the derivative, and the function's own roundings.

    def _function(self, value: Any, error: Any, roundings: int = FUNCTION) -> Self:
        return type(self)(value, abs(value), 0, error + roundings * UNIT * abs(value) + TINY)

    def exp(self) -> Self:
        """Return e to this power."""
        value = np.exp(self.value)
        return self._function(value, value * np.expm1(self.bound))

    def log(self) -> Self:
        """Return the natural logarithm."""
        with np.errstate(divide="ignore"):
            least = np.maximum(self.value - self.bound, 0)
            return self._function(np.log(self.value), np.log(self.value) - np.log(least))

    def root(self) -> Self:
        """Return the square root."""
        value = np.sqrt(self.value)
        least = np.sqrt(np.maximum(self.value - self.bound, 0))
        return self._function(value, value - least, DIVISION)

    def erf(self) -> Self:
        """Return the error function."""
        return self._function(
            np.vectorize(math.erf)(self.value), 2 / math.sqrt(math.pi) * self.bound
        )

    def tanh(self) -> Self:
        """Return the hyperbolic tangent."""
        return self._function(np.tanh(self.value), self.bound)

    def power(self, exponent: float) -> Self:
        """Return this to a power; where it is negative, only to a whole one."""
        size = np.abs(self.value)
        least = np.maximum(size - self.bound, 0)
        with np.errstate(divide="ignore", invalid="ignore"):
            value = self.value**exponent
            error = np.abs(value) * np.expm1(abs(exponent) * np.log(size / least))
            near_zero = (size + self.bound) ** exponent if exponent > 0 else np.inf
        return self._function(value, np.where(least > 0, error, near_zero))


class Reads:
    """A count of the reads of a layer's arrays, which is what evaluating its definition costs."""

    count = 0


class SampleField:
    """One sample of an array, read as Tracked numbers; only what is read is made float64."""

    def __init__(self, values: Values, reads: Reads | None = None) -> None:
        self._values = values
        self._reads = reads or Reads()
        self.shape: tuple[int, ...] = values.shape

    def __getitem__(self, index: Any) -> Tracked:
        """Return a number, or a vector along the axes that are left, in C order."""
        self._reads.count += 1
        read = np.asarray(self._values[index], np.float64)
        return Tracked(read.reshape(-1) if read.ndim else read[()])

    def at(self, position: Sequence[int], channels: slice | int = slice(None)) -> Tracked:
        """Return the channels at a position; zeros where it lies outside (the padding)."""
        if isinstance(channels, int):
            return self.at(position, slice(channels, channels + 1))[0]
        last = self.shape[-1]
        start = 0 if channels.start is None else channels.start
        stop = last if channels.stop is None else channels.stop
        inside = all(0 <= p < n for p, n in zip(position, self.shape, strict=False))
        if inside and 0 <= start <= stop <= last:
            return self[(*position, slice(start, stop))]
        self._reads.count += 1
        read = np.zeros(max(stop - start, 0))
        first, end = max(start, 0), min(stop, last)
        if inside and first < end:
            read[first - start : end - start] = self._values[tuple(position)][first:end]
        return Tracked(read)


class ArrayFields(dict[str, SampleField]):
    """The arrays of a layer, by name, for its definition to read."""

    shared: Any = None

    @classmethod
    def of(cls, made: Mapping[str, Values], reads: Reads) -> Self:
        """Return the fields of the arrays that `forward` asked for."""
        return cls((name, SampleField(values, reads)) for name, values in made.items())
