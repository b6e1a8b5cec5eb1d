"""Output values picked by the seed, and what the layer's definition says of them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple, cast

import numpy as np

from cnncalc.verification.arrays import stream
from cnncalc.verification.error_bounds import ArrayFields, Reads, SampleField

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from cnncalc.layers.base import AbstractLayer
    from cnncalc.layers.protocols import Tensor, Tensors
    from cnncalc.verification.error_bounds import Tracked

    Values = NDArray[np.float32]

SAMPLES = 16
LARGEST = float(np.finfo(np.float32).max)
READS = 1 << 15  # after as many, no further value of a layer is defined
TAPS = 1 << 14  # of a window; above, it is too wide for the definition to be followed at all


class Definition(NamedTuple):
    """What one output value must be: in float64, with its bound and its absolute terms."""

    at: tuple[int, ...]  # sample, position, channel
    value: float
    bound: float
    magnitude: float


class Sample(NamedTuple):
    """An output value as the kernels gave it, beside its definition."""

    at: tuple[int, ...]
    found: float
    value: float
    bound: float
    magnitude: float

    @property
    def ok(self) -> bool:
        """Return whether the value is within its bound.

        Beyond the largest float32 it is infinite; where the inputs were not numbers any more,
        it is none either.
        """
        if self.bound < 0:  # the definition could not be followed
            return False
        if math.isnan(self.value) or math.isinf(self.value):
            return math.isnan(self.found) or self.found == self.value
        if math.isinf(self.found):
            return abs(self.value) + self.bound >= LARGEST and (self.value > 0) == (self.found > 0)
        return math.isnan(self.bound) or abs(self.found - self.value) <= self.bound

    @property
    def proves(self) -> bool:
        """Return whether it says anything: what is beyond float32 does not."""
        return all(map(math.isfinite, self[1:])) or not self.ok

    @property
    def error(self) -> float:
        """Return the difference over the sum of the absolute terms."""
        difference = abs(self.found - self.value)
        if self.ok and not math.isfinite(difference):
            return 0.0
        return difference / self.magnitude if self.magnitude else difference and math.inf


def pick(seed: int, path: str, shape: Sequence[int], most: int = SAMPLES) -> list[tuple[int, ...]]:
    """Return up to `most` indexes into an array, the corners and the edges of its positions first.

    Of 16 picks in two dimensions, 4 are corners, 8 lie on an edge, 4 anywhere. Along every axis,
    samples and channels too, they are spread over its whole length, both ends among them. An
    array that has no more values than that is taken whole.

    Shapes: `shape` is samples, extents, channels.

    >>> [index[1:3] for index in pick(0, "CONV1", (1, 5, 5, 64))[:2]]
    [(0, 0), (4, 0)]
    >>> sorted(index[3] for index in pick(0, "CONV1", (1, 5, 5, 16))) == list(range(16))
    True
    """
    if math.prod(shape) <= most:
        return [tuple(map(int, index)) for index in np.ndindex(*shape)]
    words = stream(f"{seed}\0{path}\0samples")
    axes = [_spread(n, most, words) for n in shape]
    picked: dict[tuple[int, ...], None] = {}
    for turn in range(8 * most):
        if len(picked) == most:
            break
        digits = (turn % 4, turn // 4 % 4, (turn + turn // 4) % 4)  # each pair meets once
        index = [next(axis) for axis in axes]
        for axis, digit in enumerate(digits[: len(shape) - 2], start=1):
            if digit < 2:
                index[axis] = digit * (shape[axis] - 1)
        picked[tuple(index)] = None
    return list(picked)


def _spread(n: int, parts: int, words: Iterator[int]) -> Iterator[int]:
    """Yield places among n without end: of each `parts` one in every part, and both ends."""
    while True:
        for part in sorted(range(parts), key=lambda _: next(words)):
            low, high = part * n // parts, (part + 1) * n // parts
            inner = low + next(words) % max(high - low, 1)
            yield {0: 0, parts - 1: n - 1}.get(part, inner)


def define(
    layer: AbstractLayer,
    made: Mapping[str, Values],
    inputs: Sequence[Values],
    indexes: Sequence[tuple[int, ...]],
) -> Iterator[Definition]:
    """Yield what the layer's definition gives at each index, and by how much a kernel may differ.

    There are fewer where a single one visits very many positions. Where the definition cannot
    be followed, as the arrays do not fit it, the value is not a number, and nothing agrees.
    """
    reads = Reads()
    fields = ArrayFields.of(made, reads)
    image: int | None = None
    for index in sorted(indexes):
        if reads.count > READS:
            return
        if index[0] != image:
            image = index[0]
            samples = [cast("Tensor", SampleField(array[image], reads)) for array in inputs]
            fields.shared = layer.common(cast("Tensors", fields), *samples)
        try:
            with np.errstate(all="ignore"):
                found = layer.value(index[1:], cast("Tensors", fields), *samples)
                number = cast("Tracked", found)
                yield Definition(
                    index, float(number.value), float(number.bound), float(number.magnitude)
                )
        except (LookupError, ValueError):
            yield Definition(index, math.nan, -1.0, 0.0)
