"""A number that records the formula it comes from, and a vector of such numbers.

They do what `layers.protocols.Number` asks for, so that a layer's `value` runs on them as it is.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

from cnncalc.applying import exact
from cnncalc.applying.exact import Value

Kind = Literal[
    "read",  # a value of an input or of an array
    "number",  # one of the definition's own
    "sum",
    "dot",  # parts are what is added to, or None; then pairs of factors
    "product",
    "quotient",
    "negative",
    "max",
    "min",
    "power",  # parts are base and exponent
    "root",
    "exp",
    "log",
    "erf",
    "tanh",
    "choice",  # parts are what was compared with 0, and what was chosen by that
]


@dataclass(frozen=True, slots=True)
class Place:
    """The place of a value: the tensor it stands in, and its index, which may lie outside."""

    tensor: str
    index: tuple[int, ...]
    inside: bool = True


class Formula:
    """A number, with the operation that made it and the numbers that went in.

    Attributes:
        kind: the operation.
        parts: its operands.
        value: its result.
        place: where a value was read.
    """

    __slots__ = ("kind", "parts", "place", "value")

    def __init__(
        self, kind: Kind, value: Value, parts: tuple[Any, ...] = (), place: Place | None = None
    ) -> None:
        self.kind = kind
        self.value = value
        self.parts = parts
        self.place = place

    def __repr__(self) -> str:
        return f"<Formula {self.kind} {self.value}>"

    def __add__(self, other: Formula | Vector | float | Fraction) -> Any:
        if isinstance(other, Vector):
            return other.each(lambda one: self + one)
        o = formula(other)
        if o.kind == "product" and _is_outside(self):
            return o  # a sum of products begins with `window_definition.zero`: not written
        return Formula("sum", exact.add(self.value, o.value), (self, o))

    def __radd__(self, other: float | Fraction) -> Any:
        return formula(other) + self

    def __neg__(self) -> Formula:
        return Formula("negative", exact.negative(self.value), (self,))

    def __sub__(self, other: Formula | Vector | float | Fraction) -> Any:
        return self + (-other if isinstance(other, Vector) else -formula(other))

    def __rsub__(self, other: float | Fraction) -> Any:
        return formula(other) - self

    def __mul__(self, other: Formula | Vector | float | Fraction) -> Any:
        if isinstance(other, Vector):
            return other.each(lambda one: self * one)
        o = formula(other)
        return Formula("product", exact.multiply(self.value, o.value), (self, o))

    def __rmul__(self, other: float | Fraction) -> Any:
        return formula(other) * self

    def __truediv__(self, other: Formula | Vector | float | Fraction) -> Any:
        if isinstance(other, Vector):
            return other.each(lambda one: self / one)
        o = formula(other)
        return Formula("quotient", exact.divide(self.value, o.value), (self, o))

    def __rtruediv__(self, other: float | Fraction) -> Any:
        return formula(other) / self

    def maximum(self, other: Formula | float) -> Formula:
        """Return the larger of the two; the other, if either is no number."""
        o = formula(other)
        larger = self.value if exact.larger(self.value, o.value) else o.value
        return Formula("max", larger, (self, o))

    def minimum(self, other: Formula | float) -> Formula:
        """Return the smaller of the two."""
        o = formula(other)
        smaller = o.value if exact.larger(self.value, o.value) else self.value
        return Formula("min", smaller, (self, o))

    def if_positive(self, yes: Formula, no: Formula) -> Formula:
        """Return one or the other by the sign."""
        chosen = yes if exact.larger(self.value, 0) else no
        return Formula("choice", chosen.value, (self, chosen))

    def exp(self) -> Formula:
        """Return e to this power."""
        return Formula("exp", exact.exp(self.value), (self,))

    def log(self) -> Formula:
        """Return the natural logarithm."""
        return Formula("log", exact.log(self.value), (self,))

    def root(self) -> Formula:
        """Return the square root."""
        return Formula("root", exact.root(self.value), (self,))

    def erf(self) -> Formula:
        """Return the error function."""
        return Formula("erf", exact.erf(self.value), (self,))

    def tanh(self) -> Formula:
        """Return the hyperbolic tangent."""
        return Formula("tanh", exact.tanh(self.value), (self,))

    def power(self, exponent: float) -> Formula:
        """Return this to a power."""
        o = formula(exponent)
        return Formula("power", exact.power(self.value, o.value), (self, o))


class Vector:
    """Several numbers, on which an operation works one by one."""

    __slots__ = ("numbers",)

    def __init__(self, numbers: Sequence[Formula]) -> None:
        self.numbers = tuple(numbers)

    def each(self, function: Any) -> Vector:
        """Return the function of each number."""
        return Vector([function(one) for one in self.numbers])

    def _with(self, other: Any, function: Any) -> Vector:
        if isinstance(other, Vector):
            return Vector(
                [function(a, b) for a, b in zip(self.numbers, other.numbers, strict=True)]
            )
        return Vector([function(a, other) for a in self.numbers])

    def __len__(self) -> int:
        return len(self.numbers)

    def __getitem__(self, index: int | slice) -> Any:
        found = self.numbers[index]
        return found if isinstance(found, Formula) else Vector(found)

    def __add__(self, other: Any) -> Vector:
        return self._with(other, lambda a, b: a + b)

    def __radd__(self, other: float) -> Vector:
        return self.each(lambda one: other + one)

    def __neg__(self) -> Vector:
        return self.each(lambda one: -one)

    def __sub__(self, other: Any) -> Vector:
        return self._with(other, lambda a, b: a - b)

    def __rsub__(self, other: float) -> Vector:
        return self.each(lambda one: other - one)

    def __mul__(self, other: Any) -> Vector:
        return self._with(other, lambda a, b: a * b)

    def __rmul__(self, other: float) -> Vector:
        return self.each(lambda one: other * one)

    def __truediv__(self, other: Any) -> Vector:
        return self._with(other, lambda a, b: a / b)

    def __rtruediv__(self, other: float) -> Vector:
        return self.each(lambda one: other / one)

    def dot(self, other: Vector, start: Formula | None = None) -> Formula:
        """Return the sum of the products and `start`, as one node however long it is."""
        pairs = tuple(zip(self.numbers, other.numbers, strict=True))
        value = 0 if start is None else start.value
        for a, b in pairs:
            value = exact.add(value, exact.multiply(a.value, b.value))
        if start is not None and _is_outside(start):
            start = None  # as in `Formula.__add__`
        return Formula("dot", value, (start, pairs))

    def sum(self) -> Formula:
        """Return the sum of the elements."""
        total = self.numbers[0]
        for one in self.numbers[1:]:
            total = total + one
        return total

    def largest(self) -> Formula:
        """Return the largest element."""
        largest = self.numbers[0]
        for one in self.numbers[1:]:
            largest = largest.maximum(one)
        return largest

    # One method for all functions of a number: each works on every element.
    def __getattr__(self, name: str) -> Any:
        if name not in ("exp", "log", "root", "erf", "tanh", "power", "maximum", "minimum"):
            raise AttributeError(name)
        return lambda *others: self.each(lambda one: getattr(one, name)(*others))


def formula(number: Formula | float | Fraction) -> Formula:
    """Return a number of the definition as a formula; a double that is a root is that root.

    >>> formula(math.sqrt(0.5)).parts
    (<Formula number 1/2>,)
    """
    if isinstance(number, Formula):
        return number
    if isinstance(number, float) and len(repr(number)) > 17:  # more digits than people write
        square = Fraction(number * number).limit_denominator(1000)
        if math.sqrt(square) == number:
            return Formula("number", exact.constant(square)).root()
    return Formula("number", exact.constant(number))


def _is_outside(node: Formula) -> bool:
    """Return whether a number is a zero from outside of a tensor."""
    return node.place is not None and not node.place.inside


def operands(node: Formula, kind: Kind) -> Iterator[Formula]:
    """Yield what a sum, product, maximum or minimum is of, however it was nested.

    >>> a, b, c = (Formula("number", n) for n in (1, 2, 3))
    >>> [one.value for one in operands(a.maximum(b).maximum(c), "max")]
    [1, 2, 3]
    """
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if one.kind == kind:
            waiting += reversed(one.parts)
        elif one.kind == "dot" and kind == "sum":
            start, pairs = one.parts
            waiting += [
                Formula("product", exact.multiply(a.value, b.value), (a, b))
                for a, b in reversed(pairs)
            ]
            if start is not None:
                waiting.append(start)
        else:
            yield one
