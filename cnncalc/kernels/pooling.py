"""Pools: the maximum or the sum of shifted blocks, one axis after the other."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from cnncalc.kernels.memory import empty
from cnncalc.kernels.threads import each
from cnncalc.kernels.windows import (
    WORKSPACE,
    Block,
    Window,
    area,
    blocks,
    places,
    seen,
    slab,
    span,
    taps,
)

Array = NDArray[Any]

VALUES = 2**16  # of the output in a block


def max_pool(
    x: Array, windows: Sequence[Window], *, ceil: bool = False, out: Array | None = None
) -> Array:
    """Return the largest value under each window. Shapes: x `(N, *extents, C)`."""
    return _pool(np.maximum, -np.inf, x, windows, ceil, out)


def average_pool(
    x: Array,
    windows: Sequence[Window],
    *,
    ceil: bool = False,
    count_padding: bool = True,
    out: Array | None = None,
) -> Array:
    """Return the mean of the values under each window. Shapes: x `(N, *extents, C)`.

    What a window has beyond input and padding is never counted; padding if `count_padding`.
    """
    out = _pool(np.add, 0.0, x, windows, ceil, out)
    divisors = []
    for axis, (w, n, window) in enumerate(zip(x.shape[1:], out.shape[1:], windows, strict=False)):
        kernel, stride, before, after, dilation = window
        line = np.zeros(before + w + after + stride)
        line[slice(before + w + after) if count_padding else slice(before, before + w)] = 1
        spans = sliding_window_view(line, dilation * (kernel - 1) + 1)[::stride, ::dilation]
        counts = spans[:n].sum(axis=1).astype(x.dtype)
        divisors.append(counts.reshape(-1, *[1] * (x.ndim - 2 - axis)))
    return _divided(out, divisors)


def _divided(x: Array, divisors: Sequence[Array]) -> Array:
    """Return x, each sample divided by the divisors."""

    def work(sample: Array) -> None:
        for divisor in divisors:
            np.divide(sample, divisor, out=sample)

    each(work, list(x))
    return x


def _pool(
    join: np.ufunc,
    fill: float,
    x: Array,
    windows: Sequence[Window],
    ceil: bool,
    out: Array | None,
) -> Array:
    extents = places(x, windows, ceil=ceil)
    if out is None:
        out = empty((len(x), *extents, x.shape[-1]), x.dtype)
    runs = blocks(extents, max(1, VALUES // x.shape[-1]))

    def work(job: tuple[Array, Array, Block]) -> None:
        sample, result, block = job
        target = result[area(block)]
        if math.prod(span(block, windows)) * sample.shape[-1] * sample.itemsize > WORKSPACE:
            for i, tap in enumerate(taps(windows)):
                values = seen(sample, block, windows, tap, fill)
                target[...] = join(target, values) if i else values
            return
        values = slab(sample, block, windows, fill)
        for axis, (kernel, stride, _, _, dilation) in enumerate(windows):
            length = (len(block[axis]) - 1) * stride + 1
            shifted = [
                values[(slice(None),) * axis + (slice(i, i + length, stride),)]
                for i in range(0, kernel * dilation, dilation)
            ]
            last = axis == len(windows) - 1
            values = target if last else np.empty(shifted[0].shape, x.dtype)
            np.copyto(values, shifted[0])
            for other in shifted[1:]:
                join(values, other, out=values)

    each(work, [(a, b, block) for a, b in zip(x, out, strict=True) for block in runs])
    return out


def adaptive_max_pool(x: Array, size: Sequence[int], *, out: Array | None = None) -> Array:
    """Return the largest value of each of `size` bins; x itself where each holds one value.

    Shapes: x `(N, *extents, C)`.
    """
    if out is None and tuple(size) == x.shape[1:-1]:
        return x
    return _binned(np.maximum, x, size, out)


def adaptive_average_pool(x: Array, size: Sequence[int], *, out: Array | None = None) -> Array:
    """Return the mean of each of `size` bins; x itself where each holds one value.

    Shapes: x `(N, *extents, C)`.
    """
    if out is None and tuple(size) == x.shape[1:-1]:
        return x
    divisors = []
    for axis, (w, n) in enumerate(zip(x.shape[1:-1], size, strict=True)):
        counts = np.array([len(_bin(i, w, n)) for i in range(n)], x.dtype)
        divisors.append(counts.reshape(-1, *[1] * (x.ndim - 2 - axis)))
    return _divided(_binned(np.add, x, size, out), divisors)


def _bin(i: int, w: int, n: int) -> range:
    """Return the positions in bin i of n over w: all that it touches."""
    return range(i * w // n, -(-(i + 1) * w // n))


def _binned(join: np.ufunc, x: Array, size: Sequence[int], out: Array | None) -> Array:
    if out is None:
        out = empty((len(x), *size, x.shape[-1]), x.dtype)

    def fill(values: Array, result: Array) -> None:
        for i in range(len(result)):
            places = _bin(i, len(values), len(result))
            if result.ndim == 2:
                join.reduce(values[places.start : places.stop], axis=0, out=result[i])
            else:
                fill(join.reduce(values[places.start : places.stop], axis=0), result[i])

    each(lambda job: fill(*job), list(zip(x, out, strict=True)))
    return out
