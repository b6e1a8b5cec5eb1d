"""Output values picked by the seed, and what the layer's definition gives for them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, cast

import numpy as np

from cnncalc.verification.arrays import random_words
from cnncalc.verification.error_bounds import ArrayFields, Reads, SampleField

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from cnncalc.layers.base import AbstractLayer
    from cnncalc.layers.protocols import Tensor, Tensors
    from cnncalc.verification.error_bounds import Tracked

    Values = NDArray[np.float32]
    Index = tuple[int, ...]  # of a value in an output: sample, position, channel

SAMPLES = 16
LARGEST = float(np.finfo(np.float32).max)
MOST_READS = 1 << 15  # of a layer's arrays: no further value is computed after as many
MOST_TAPS = 1 << 14  # of a window: of a wider one no value is computed from the definition


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """An output value as the layer's definition gives it, in float64."""

    at: Index
    """Sample, position, channel."""
    value: float
    """The value; NaN if the definition could not be followed."""
    bound: float
    """The most by which a correct float32 kernel differs; -1 if the definition failed."""
    magnitude: float
    """The sum of the absolute values of the terms that were added up."""

    @property
    def finite(self) -> bool:
        """Return whether float64 holds the value and its bound."""
        return all(map(math.isfinite, (self.value, self.bound, self.magnitude)))


@dataclass(frozen=True, slots=True)
class Sample:
    """An output value as the kernels gave it, beside what the definition gives."""

    expected: Expected
    """The value by the definition."""
    found: float
    """The value that the kernel computed."""

    @property
    def ok(self) -> bool:
        """Return whether the value is within its bound.

        Beyond the largest float32 it is infinite; where the inputs were no numbers any more,
        it is none either.
        """
        value, bound = self.expected.value, self.expected.bound
        if bound < 0:
            return False
        if math.isnan(value) or math.isinf(value):
            return math.isnan(self.found) or self.found == value
        if math.isinf(self.found):
            return abs(value) + bound >= LARGEST and (value > 0) == (self.found > 0)
        return math.isnan(bound) or abs(self.found - value) <= bound

    @property
    def proves(self) -> bool:
        """Return whether it says anything: values beyond float32 do not, unless they are wrong."""
        return (math.isfinite(self.found) and self.expected.finite) or not self.ok

    @property
    def error(self) -> float:
        """Return the difference over the sum of the absolute terms."""
        difference = abs(self.found - self.expected.value)
        if self.ok and not math.isfinite(difference):
            return 0.0
        magnitude = self.expected.magnitude
        return difference / magnitude if magnitude else difference and math.inf


@lru_cache(maxsize=256)  # an output is looked at again before each layer that reads it
def pick(seed: int, path: str, shape: tuple[int, ...]) -> tuple[Index, ...]:
    """Return up to 16 indexes into an output, the corners and edges of its positions first.

    In two dimensions 4 are corners, 8 lie on an edge, 4 anywhere. Each axis, samples and
    channels too, is stratified: one index of 16 lies in each sixteenth of it, both ends among
    them. An array of no more than 16 values is taken whole.

    Shapes: `shape` is samples, extents, channels.

    >>> [index[1:3] for index in pick(0, "CONV1", (1, 5, 5, 64))[:2]]
    [(0, 0), (4, 0)]
    >>> sorted(index[3] for index in pick(0, "CONV1", (1, 5, 5, 16))) == list(range(16))
    True
    """
    if math.prod(shape) <= SAMPLES:
        return tuple(np.ndindex(*shape))
    words = random_words(f"{seed}\0{path}\0samples")
    axes = [_stratified(n, words) for n in shape]
    picked: dict[Index, None] = {}
    for turn in range(8 * SAMPLES):  # where an index comes again, another is drawn
        if len(picked) == SAMPLES:
            break
        # Each pair of digits comes once in 16 turns; 0 and 1 stand for the ends of an axis.
        digits = (turn % 4, turn // 4 % 4, (turn + turn // 4) % 4)
        index = [next(axis) for axis in axes]
        for axis, digit in enumerate(digits[: len(shape) - 2], start=1):
            if digit < 2:
                index[axis] = digit * (shape[axis] - 1)
        picked[tuple(index)] = None
    return tuple(picked)


def _stratified(n: int, words: Iterator[int]) -> Iterator[int]:
    """Yield indexes below n without end: of 16, one in each sixteenth, 0 and n - 1 too."""
    while True:
        word = next(words)
        step, start = word % SAMPLES | 1, word >> 4  # an odd step visits every sixteenth
        for turn in range(SAMPLES):
            part = (start + turn * step) % SAMPLES
            if part in (0, SAMPLES - 1):
                yield n - 1 if part else 0
            else:
                low, high = part * n // SAMPLES, (part + 1) * n // SAMPLES
                yield low + (word >> 8 + turn) % max(high - low, 1)


def define(
    layer: AbstractLayer,
    made: Mapping[str, Values],
    inputs: Sequence[Values],
    indexes: Sequence[Index],
) -> Iterator[Expected]:
    """Yield what the layer's definition gives at each index, and by how much a kernel may differ.

    There are fewer where a single value reads very many positions. Where the definition cannot
    be followed, as the arrays do not fit it, no result agrees.
    """
    reads = Reads()
    fields = ArrayFields.of(made, reads)
    image: int | None = None
    for index in sorted(indexes):
        if reads.count > MOST_READS:
            return
        if index[0] != image:
            image = index[0]
            samples = [cast("Tensor", SampleField(array[image], reads)) for array in inputs]
            fields.shared = layer.common(cast("Tensors", fields), *samples)
        try:
            number = cast("Tracked", layer.value(index[1:], cast("Tensors", fields), *samples))
            yield Expected(
                at=index,
                value=float(number.value),
                bound=float(number.bound),
                magnitude=float(number.magnitude),
            )
        except (LookupError, ValueError):
            yield Expected(at=index, value=math.nan, bound=-1.0, magnitude=0.0)
