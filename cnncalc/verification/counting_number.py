"""Numbers without a value that count the operations done to them, and the tensors of them.

What a layer's definition (`value`) does never depends on the numbers themselves, only on their
shapes. So its operations are counted by evaluating it on numbers that know their length alone.
"""

from __future__ import annotations

from itertools import product
from math import prod
from typing import TYPE_CHECKING, Any, Self, cast

import numpy as np

from cnncalc.layers.base import Cost

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cnncalc.layers.base import AbstractLayer
    from cnncalc.layers.protocols import Tensor, Tensors
    from cnncalc.volume import Volume

# Of a longer axis so many indexes stand for all, if they cost the same. For AlexNet counting takes
# 11 ms with 6 and 4, half of that for its 11x11 filters; on every index 130 ms.
WHOLE_AXIS, SPREAD = 6, 4


class Tally:
    """How many operations of each class were done; `macs` are the products of `dot`."""

    __slots__ = ("additions", "comparisons", "divisions", "functions", "macs", "multiplications")

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> Cost:
        """Return the counts so far, and count from 0 again."""
        counts = {kind: getattr(self, kind, 0) for kind in self.__slots__}
        self.macs = self.multiplications = self.additions = 0
        self.divisions = self.comparisons = self.functions = 0
        return Cost(**counts)


class CountingNumber:
    """A number, or a vector of `length` numbers, that adds each operation to a tally."""

    __slots__ = ("length", "tally")

    def __init__(self, tally: Tally, length: int | None = None) -> None:
        self.tally = tally
        self.length = length

    def _with(self, other: object) -> tuple[Self, int]:
        """Return the result of an operation on each element, and how many that are."""
        length = self.length
        if length is None:
            length = getattr(other, "length", None)
        return type(self)(self.tally, length), 1 if length is None else length

    def _added(self, other: object) -> Self:
        result, times = self._with(other)
        self.tally.additions += times
        return result

    def _multiplied(self, other: object) -> Self:
        result, times = self._with(other)
        self.tally.multiplications += times
        return result

    def _divided(self, other: object) -> Self:
        result, times = self._with(other)
        self.tally.divisions += times
        return result

    def _compared(self, other: object) -> Self:
        result, times = self._with(other)
        self.tally.comparisons += times
        return result

    def _function(self, exponent: float = 0) -> Self:
        result, times = self._with(None)
        self.tally.functions += times
        return result

    __add__ = __radd__ = __sub__ = __rsub__ = _added
    __mul__ = __rmul__ = _multiplied
    __truediv__ = __rtruediv__ = _divided
    maximum = minimum = _compared
    exp = log = root = erf = tanh = power = _function

    def if_positive(self, yes: object, no: object) -> Self:
        """Return `yes` or `no`: 1 comparison for each element."""
        return self._compared(yes)

    def __neg__(self) -> Self:
        return self

    def __getitem__(self, index: int | slice) -> Self:
        part = range(len(self))[index]
        return type(self)(self.tally, len(part) if isinstance(part, range) else None)

    def __len__(self) -> int:
        if self.length is None:
            raise TypeError("a single number has no length")
        return self.length

    def dot(self, other: Self, start: Self | None = None) -> Self:
        """Return the sum of the products and `start`, or zero."""
        n = len(self)
        if n != other.length:
            raise ValueError(f"{n} numbers times {other.length}")
        self.tally.macs += n
        return type(self)(self.tally)

    def sum(self) -> Self:
        """Return the sum of the elements."""
        self.tally.additions += len(self) - 1
        return type(self)(self.tally)

    def largest(self) -> Self:
        """Return the largest element."""
        self.tally.comparisons += len(self) - 1
        return type(self)(self.tally)


class CountingTensor:
    """One sample of an array, read as counting numbers."""

    def __init__(self, shape: tuple[int, ...], tally: Tally) -> None:
        self.shape = shape
        self._tally = tally
        self._elements = np.broadcast_to(np.False_, shape)  # of which indexing tells the shape

    def __getitem__(self, index: Any) -> CountingNumber:
        """Return the number at an index, or the vector of what the index leaves over."""
        part = self._elements[index]
        return CountingNumber(self._tally, part.size if part.ndim else None)

    def at(self, position: Sequence[int], channels: slice | int = slice(None)) -> CountingNumber:
        """Return channels at a position, which may lie outside."""
        if isinstance(channels, int):
            return CountingNumber(self._tally)
        last = self.shape[-1] if channels.stop is None else channels.stop
        return CountingNumber(self._tally, max(last - (channels.start or 0), 0))


class CountingTensors(dict[str, CountingTensor]):
    """The arrays of a layer, by name."""

    shared: Any = None


class Definition:
    """A layer's definition, evaluated on counting numbers."""

    def __init__(self, layer: AbstractLayer, output: Volume, *volumes: Volume) -> None:
        self._tally = Tally()
        shapes = layer.parameters(output, *volumes) | layer.buffers(output, *volumes)
        arrays = CountingTensors(
            (name, CountingTensor(shape, self._tally)) for name, shape in shapes.items()
        )
        self._inputs = [cast("Tensor", CountingTensor(v.shape, self._tally)) for v in volumes]
        self._arrays = cast("Tensors", arrays)
        # What follows from the learned arrays alone is worked out once for a network: not counted.
        arrays.shared = layer.common(self._arrays, *self._inputs)
        self._tally.clear()
        self._layer, self._shape = layer, output.shape

    def cost(self, index: tuple[int, ...]) -> Cost:
        """Return the operations of the value at an index.

        What several values share is an operation of the first of them that is evaluated.
        """
        self._layer.value(index, self._arrays, *self._inputs)
        return self._tally.clear()

    def whole_cost(self) -> Cost:
        """Return the operations of all values."""
        return _sum(map(self.cost, product(*map(range, self._shape))))

    def spread_cost(self, most: int, *, by_channel: bool = False) -> Cost | None:
        """Return the operations of all values, where some of them stand for the others.

        Those are spread over each long axis; all but the first, which does what they share, must
        cost the same: of a layer that crops all but the multiply-accumulates, which it has more
        or fewer of by the place. `by_channel`: the values of each channel share something, and
        all channels must cost the same. None if they do not, or are more than `most`.
        """
        *places, depth = axes = [range(n) if n <= WHOLE_AXIS else _spread(n) for n in self._shape]
        if prod(map(len, axes)) > most:
            return None
        apart = by_channel and self._shape[-1] > WHOLE_AXIS
        long = [n for n in self._shape if n > WHOLE_AXIS]
        channels = long.pop() if apart else 1
        groups: dict[tuple[int, ...], list[Cost]] = {}
        for channel, *place in product(depth, *places):
            index = (*place, channel)
            kept = zip(index, self._shape, strict=True)
            key = tuple(i for i, n in kept if n <= WHOLE_AXIS) + (channel,) * apart
            groups.setdefault(key, []).append(self.cost(index))
        wholes: dict[tuple[int, ...], Cost] = {}
        for key, (first, *others) in groups.items():
            alike = {cost._replace(macs=0) if self._layer.crops else cost for cost in others}
            whole = first.plus(others[0].times(prod(long) - 1)) if others else first
            kind = key[:-1] if apart else key
            if len(alike) > 1 or wholes.setdefault(kind, whole) != whole:
                return None
        return _sum(wholes.values()).times(channels)


def _spread(n: int) -> list[int]:
    """Return indexes that are spread over an axis, with both ends.

    >>> _spread(100)
    [0, 33, 66, 99]
    """
    return [i * (n - 1) // (SPREAD - 1) for i in range(SPREAD)]


def _sum(costs: Iterable[Cost]) -> Cost:
    return Cost(*map(sum, zip(*costs, strict=True)))
