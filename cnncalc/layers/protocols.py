"""Protocols of what a layer's `forward` and `value` are given: arrays, and tracked numbers."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Protocol, Self

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]


class Arrays(Protocol):
    """The source of learned arrays and buffers, which are made when `forward` asks for them."""

    def __call__(
        self,
        name: str,
        shape: tuple[int, ...],
        *,
        fan: int = 1,
        centre: float = 0.0,
        filters_last: bool = False,
    ) -> Array:
        """Return float32 values, uniform about `centre` with variance 1 / `fan`.

        For weights `fan` is the number of products in a sum, so that sums keep the variance of
        the input. `filters_last` asks for an array whose first axis is the last in memory.
        """
        ...


class Number(Protocol):
    """A number, or a vector of numbers, that keeps track of the operations on it.

    `value` computes with these alone: in `verification` some carry an error bound, others count
    the operations. Every operator is one operation for each element; `dot`, `sum`
    and `largest` reduce a vector to one number.
    """

    def __add__(self, other: Number | float) -> Self: ...
    def __radd__(self, other: float) -> Self: ...
    def __sub__(self, other: Number | float) -> Self: ...
    def __rsub__(self, other: float) -> Self: ...
    def __mul__(self, other: Number | float | Fraction) -> Self: ...
    def __rmul__(self, other: float) -> Self: ...
    def __truediv__(self, other: Number | float) -> Self: ...
    def __rtruediv__(self, other: float) -> Self: ...
    def __neg__(self) -> Self:
        """Return the number with its sign changed, which counts as no operation."""
        ...

    def __getitem__(self, index: int | slice) -> Self:
        """Return an element, or a part, of a vector."""
        ...

    def __len__(self) -> int: ...

    def dot(self, other: Number, start: Number | None = None) -> Self:
        """Return the sum of the products and `start` (zero if None): n products, n additions."""
        ...

    def sum(self) -> Self:
        """Return the sum of the elements: n - 1 additions."""
        ...

    def largest(self) -> Self:
        """Return the largest element: n - 1 comparisons."""
        ...

    def maximum(self, other: Number | float) -> Self:
        """Return the larger of the two: 1 comparison."""
        ...

    def minimum(self, other: Number | float) -> Self:
        """Return the smaller of the two: 1 comparison."""
        ...

    def if_positive(self, yes: Number, no: Number) -> Self:
        """Return `yes` where self > 0, else `no`: 1 comparison."""
        ...

    def exp(self) -> Self: ...
    def log(self) -> Self: ...
    def root(self) -> Self: ...
    def erf(self) -> Self: ...
    def tanh(self) -> Self: ...
    def power(self, exponent: float) -> Self: ...


class Tensor(Protocol):
    """One sample of an array, read as Numbers: `x[3, 4]` is the vector of channels at (3, 4)."""

    shape: tuple[int, ...]

    def __getitem__(self, index: Any) -> Number:
        """Return a number, or a vector of what the index leaves over, in C order."""
        ...

    def at(self, position: Sequence[int], channels: slice | int = slice(None)) -> Number:
        """Return channels at a position; zeros where position or channel lie outside.

        A negative number lies outside: the slice from -2 to 3 is two zeros and channels 0 to 2.
        """
        ...


class Tensors(Protocol):
    """The arrays of a layer, by name: `arrays["weight"]`; and as `shared` what `common` gave."""

    def __getitem__(self, name: str) -> Tensor: ...

    shared: Any
