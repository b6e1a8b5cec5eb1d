"""Each distinct layer alone on small volumes: all its operations, and values beside negative ones.

The run of a network multiplies and adds as its layers do, but it counts multiply-accumulates
alone; and its data may hide what a kernel does wrong: behind a ReLU, a max pool that pads with
zeros is right. Here a layer's definition is evaluated on numbers that count, at every index or at
some that cost what all are claimed to; and what has no weighted sums is run on an array that is
negative everywhere, and on one that reaches from well below 0 to well above.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import TYPE_CHECKING

import numpy as np

from cnncalc.errors import CnncalcError, VolumeError
from cnncalc.layers.base import Cost
from cnncalc.verification.arrays import SeededArrays
from cnncalc.verification.counting_number import Definition
from cnncalc.verification.samples import MOST_TAPS, Sample, define, pick
from cnncalc.volume import Volume

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from cnncalc.layers.base import AbstractLayer

    Values = NDArray[np.float32]
    DefinitionCost = Callable[..., Cost | None]

# Extents and channels that are tried, from the least on: each up to 32, then four an octave, and
# the divisors of what there is.
SIZES = (*range(1, 33), *(m << p for p in range(3, 20) for m in (5, 6, 7, 8)))
# Positions of the output along the last axis, and along any other: with as many, a count that
# takes one axis for another is wrong, too.
LAST, OTHERS = 3, 2
LARGEST = 8.0  # of the inputs: beyond where any activation function bends
MOST_READS = 2**17  # of the definition: a layer that takes more (0.2 s) is not counted
# Values of inputs and output of a layer that is run: with its copies less than 16 MiB. One that
# can be no smaller, as a reshape, would take more memory than its run in the network.
MOST_VALUES = 2**18


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallRun:
    """The run of a layer alone, on small volumes.

    Attributes:
        inputs: the volumes.
        claimed: the operations for one sample, by the layer's rule.
        counted: those that its definition does; None where they are too many to count.
        samples: values beside what the definition gives; none of weighted sums, as their values
            in the network are as telling.
    """

    inputs: tuple[Volume, ...]
    claimed: Cost
    counted: Cost | None
    samples: tuple[Sample, ...]

    @property
    def miscounted(self) -> bool:
        """Return whether the claimed operations are not those of the definition."""
        return self.counted is not None and self.counted != self.claimed

    @property
    def wrong(self) -> list[Sample]:
        """Return the values that differ from the definition."""
        return [sample for sample in self.samples if not sample.ok]


def run_small(layer: AbstractLayer, volumes: Sequence[Volume], seed: int) -> SmallRun | None:
    """Return the run of a layer alone, on small volumes made from those that it is used on.

    None where its own rules do not work on them.
    """
    inputs = small_volumes(layer, volumes)
    try:
        output = layer.output(*inputs)
        claimed = layer.cost(output, *inputs)
        size = output.size + sum(volume.size for volume in inputs)
        run = not claimed.macs and size <= MOST_VALUES
        run = run and _taps(layer, output, *inputs) <= MOST_TAPS
        return SmallRun(
            inputs=inputs,
            claimed=claimed,
            counted=_counted(layer, claimed, output, *inputs),
            samples=_samples(layer, seed, inputs) if run else (),
        )
    except (CnncalcError, ArithmeticError, LookupError, ValueError):
        return None  # as where an array has no or another shape, which the network's run tells


def small_volumes(layer: AbstractLayer, volumes: Sequence[Volume]) -> tuple[Volume, ...]:
    """Return about the least volumes that a layer accepts, from some that it does.

    It has 2 channels and, if it can, 3 output positions along its last axis and 2 along others.

    >>> from cnncalc import Conv
    >>> list(map(str, small_volumes(Conv(filters=8, kernel=5, groups=4), [Volume((99, 99), 64)])))
    ['6x7x4']
    """
    found, full = tuple(volumes), layer.output(*volumes)
    dimensions = len(volumes[0].extents)
    for axis in range(dimensions + 1):
        channels = axis == dimensions
        wanted = LAST if axis == dimensions - 1 else OTHERS
        most = max(_along(volume, axis) for volume in volumes)
        for cut in _cuts(found, axis, [n for n in _sizes(most) if n >= wanted]):
            try:
                output = layer.output(*cut)
            except VolumeError:
                continue
            same_axes = not channels and len(output.extents) == len(full.extents) == dimensions
            if not same_axes or output.extents[axis] >= min(wanted, full.extents[axis]):
                found = cut
                break
    return found


@lru_cache(maxsize=256)
def _sizes(most: int) -> list[int]:
    """Return the sizes to try below one that there is."""
    divisors = {n for n in range(2, math.isqrt(min(most, MOST_READS)) + 1) if most % n == 0}
    divisors |= {most // n for n in divisors}
    return sorted({n for n in SIZES if n < most} | divisors)


def _cuts(
    volumes: tuple[Volume, ...], axis: int, sizes: Sequence[int]
) -> Iterator[tuple[Volume, ...]]:
    """Yield volumes cut along an axis: all of them, then those alone that are like the first."""
    for n in sizes:
        yield tuple(_cut(volume, axis, n) for volume in volumes)
        like = [_along(volume, axis) == _along(volumes[0], axis) for volume in volumes]
        if not all(like):
            yield tuple(
                _cut(volume, axis, n) if same else volume
                for volume, same in zip(volumes, like, strict=True)
            )


def _along(volume: Volume, axis: int) -> int:
    return volume.shape[axis] if axis < len(volume.shape) else 1


def _cut(volume: Volume, axis: int, n: int) -> Volume:
    """Return a volume with at most n along an axis, so that what is broadcast stays so."""
    shape = [min(extent, n) if i == axis else extent for i, extent in enumerate(volume.shape)]
    return Volume(tuple(shape[:-1]), shape[-1])


def _counted(layer: AbstractLayer, claimed: Cost, output: Volume, *inputs: Volume) -> Cost | None:
    """Return the operations of a definition; None if they are too many to count.

    Some of its values stand for all, unless that is not what is claimed.
    """
    found = None
    for count in (spread_cost, partial(spread_cost, by_channel=True), whole_cost):
        found = operations(count, layer, claimed, output, *inputs)
        if found == claimed:
            break
    return found


def operations(
    count: DefinitionCost, layer: AbstractLayer, claimed: Cost, output: Volume, *inputs: Volume
) -> Cost | None:
    """Return the operations of a definition; multiply-accumulates are those that are claimed.

    Kernels count those as they run. A definition has them as `dot`, or written out as products
    and sums; those that a layer crops it has not.
    """
    defined = count(layer, output, *inputs)
    if defined is None:
        return None
    more = 0 if layer.crops else defined.macs - claimed.macs
    found = defined._replace(macs=claimed.macs)
    return found.plus(Cost(multiplications=more, additions=more))


def spread_cost(
    layer: AbstractLayer, output: Volume, *inputs: Volume, by_channel: bool = False
) -> Cost | None:
    """Return the operations of a definition, from some of its values if those can stand for all."""
    most = MOST_READS // _taps(layer, output, *inputs)
    return Definition(layer, output, *inputs).spread_cost(most, by_channel=by_channel)


def whole_cost(layer: AbstractLayer, output: Volume, *inputs: Volume) -> Cost | None:
    """Return the operations of a definition at every index; None if they are too many to count."""
    if output.size * _taps(layer, output, *inputs) > MOST_READS:
        return None
    return Definition(layer, output, *inputs).whole_cost()


def _taps(layer: AbstractLayer, output: Volume, *inputs: Volume) -> int:
    """Return about how many positions of its input an output value is made of."""
    windows = layer.window(output, *inputs)
    return math.prod(w.most for w in windows) if isinstance(windows, tuple) else 1


def _samples(layer: AbstractLayer, seed: int, volumes: Sequence[Volume]) -> tuple[Sample, ...]:
    """Return values that the kernels give for two samples, the first of them all negative."""
    arrays = SeededArrays(seed, layer.tag)
    inputs = [_ramps(volume, turn) for turn, volume in enumerate(volumes)]
    with np.errstate(all="ignore"):  # values beyond float32 are told from the samples
        result = layer.forward(arrays, *[x.copy() for x in inputs])
        picks = pick(seed, layer.tag, result.shape)
        expected = define(layer, arrays.made, inputs, picks)
        return tuple(Sample(each, float(result[each.at])) for each in expected)


def _ramps(volume: Volume, turn: int) -> Values:
    """Return two samples: one from -1 down to -8, one from -8 up to 8; turned by some places."""
    ramps = [
        np.linspace(first, last, volume.size, dtype=np.float32)
        for first, last in ((-1, -LARGEST), (-LARGEST, LARGEST))
    ]
    return np.stack([np.roll(ramp, turn) for ramp in ramps]).reshape(2, *volume.shape)
