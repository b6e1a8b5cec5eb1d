"""Padding, cropping, upsampling, and values moved between pixels and channels.

The results are new arrays, never views: a layer then adds to memory what its volume says, and
its input can be freed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnncalc.kernels.windows import slices, tiles

Array = NDArray[Any]

# Values of the output in a tile: 56x56x128 at twice its extents takes 1.46 nearest and 4.8
# bilinear at 2^14, 0.56 and 2.4 at 2^17, 0.49 and 6.9 at 2^20.
VALUES = 2**17


def pad(x: Array, padding: Sequence[tuple[int, int]]) -> Array:
    """Return x with zeros before and after along all axes but the first."""
    extents = [before + n + after for n, (before, after) in zip(x.shape[1:], padding, strict=True)]
    result = np.zeros((len(x), *extents), x.dtype)
    inside = [slice(b, b + n) for n, (b, _) in zip(x.shape[1:], padding, strict=True)]
    result[(slice(None), *inside)] = x
    return result


def crop(x: Array, cropping: Sequence[tuple[int, int]]) -> Array:
    """Return x without the first and the last positions along the spatial axes."""
    inside = [slice(b, n - a) for n, (b, a) in zip(x.shape[1:-1], cropping, strict=True)]
    return x[(slice(None), *inside)].copy()


def part(x: Array, axis: int, start: int, stop: int | None) -> Array:
    """Return the part of x from `start` up to `stop` along an axis."""
    return x[(*[slice(None)] * axis, slice(start, stop))].copy()


def rearrange(x: Array, split: Sequence[int], order: Sequence[int], shape: Sequence[int]) -> Array:
    """Return each sample of x with its axes split, put in another order, and joined to `shape`.

    The result shares the memory of x where the order leaves it as it is.
    """
    parts = x.reshape(len(x), *split).transpose(0, *[axis + 1 for axis in order])
    return np.ascontiguousarray(parts).reshape(len(x), *shape)


def repeat(values: Array, samples: int) -> Array:
    """Return the same values for each sample."""
    return np.repeat(values[None], samples, axis=0)


def channel_shuffle(x: Array, groups: int) -> Array:
    """Return x with the channels of its groups interleaved."""
    parts = x.reshape(*x.shape[:-1], groups, -1)
    return parts.swapaxes(-1, -2).copy().reshape(x.shape)


def nearest(x: Array, extents: Sequence[int]) -> Array:
    """Return x at other extents; output o takes the value at o·w/n, rounded down."""
    indexes = [np.arange(n) * w // n for n, w in zip(extents, x.shape[1:-1], strict=True)]
    out = np.empty((len(x), *extents, x.shape[-1]), x.dtype)
    for sample, result in zip(x, out, strict=True):
        for tile in tiles(extents, max(1, VALUES // x.shape[-1])):
            picked = [index[run.start : run.stop] for index, run in zip(indexes, tile, strict=True)]
            result[slices(tile)] = sample[np.ix_(*picked)]
    return out


def linear_interpolation(x: Array, extents: Sequence[int], align_corners: bool) -> Array:
    """Return x at other extents, blended from the two neighbours along each axis in turn."""
    blends = [
        _blend(w, n, align_corners, x.dtype) for w, n in zip(x.shape[1:-1], extents, strict=True)
    ]
    out = np.empty((len(x), *extents, x.shape[-1]), x.dtype)
    for sample, result in zip(x, out, strict=True):
        for tile in tiles(extents, max(1, VALUES // x.shape[-1])):
            part = sample
            for axis, (run, blend) in enumerate(zip(tile, blends, strict=True)):
                if blend is None:
                    part = part[(slice(None),) * axis + (slice(run.start, run.stop),)]
                    continue
                (first, second), weights = (each[:, run.start : run.stop] for each in blend)
                before, after = weights.reshape(2, -1, *[1] * (x.ndim - 2 - axis))
                part = part.take(first, axis) * before + part.take(second, axis) * after
            result[slices(tile)] = part
    return out


def _blend(w: int, n: int, align_corners: bool, dtype: np.dtype[Any]) -> tuple[Array, Array] | None:
    """Return which two of w positions each of n lies between, and their weights; None if w is n.

    Shapes: both `(2, n)`.
    """
    if n == w:
        return None
    o = np.arange(n)
    if align_corners:
        numerator, denominator = o * (w - 1), max(n - 1, 1)
    else:
        numerator, denominator = np.maximum((2 * o + 1) * w - n, 0), 2 * n
    first, rest = np.divmod(numerator, denominator)
    # Each weight rounds once: 1 less a rounded 9/10 would be a poor 1/10.
    weights = np.stack([denominator - rest, rest]) / denominator
    return np.stack([first, np.minimum(first + 1, w - 1)]), weights.astype(dtype)


def pixel_shuffle(x: Array, factor: int) -> Array:
    """Return x with r^axes neighbouring channels spread over r x r pixels."""
    samples, *extents, channels = x.shape
    count = len(extents)
    parts = x.reshape(samples, *extents, channels // factor**count, *[factor] * count)
    order = [0, *[a for i in range(count) for a in (1 + i, 2 + count + i)], 1 + count]
    return parts.transpose(order).copy().reshape(samples, *[factor * w for w in extents], -1)


def pixel_unshuffle(x: Array, factor: int) -> Array:
    """Return x with its r x r pixels gathered into r^axes neighbouring channels."""
    samples, *extents, channels = x.shape
    count = len(extents)
    split = [part for w in extents for part in (w // factor, factor)]
    parts = x.reshape(samples, *split, channels)
    order = [0, *range(1, 2 * count, 2), 2 * count + 1, *range(2, 2 * count + 1, 2)]
    return parts.transpose(order).copy().reshape(samples, *[w // factor for w in extents], -1)
