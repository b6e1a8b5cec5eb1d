"""Pools: the maximum or the sum of shifted tiles, one axis after the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from cnncalc.kernels.windows import (
    SCRATCH,
    AxisWindow,
    at_tap,
    output_extents,
    patch,
    patch_bytes,
    slices,
    taps,
    tiles,
)

Array = NDArray[Any]

# Values of the output in a tile: 3x3 at stride 2 on 112x112x64 takes 0.63 at 2^14, 0.47 at 2^16,
# 0.44 from 2^17 on; 2x2 at stride 2 on 224x224x64 1.8, 1.1, 0.9.
VALUES = 2**17


def max_pool(x: Array, windows: Sequence[AxisWindow], *, ceil: bool = False) -> Array:
    """Return the largest value under each window. Shapes: x `(N, *extents, C)`."""
    return _pool(np.maximum, x, windows, fill=-np.inf, ceil=ceil)


def average_pool(
    x: Array, windows: Sequence[AxisWindow], *, ceil: bool = False, count_padding: bool = True
) -> Array:
    """Return the mean of the values under each window. Shapes: x `(N, *extents, C)`.

    What a window has beyond input and padding is never counted; padding if `count_padding`.
    """
    out = _pool(np.add, x, windows, fill=0.0, ceil=ceil)
    for axis, (w, n, window) in enumerate(zip(x.shape[1:], out.shape[1:], windows, strict=False)):
        kernel, stride, before, after, dilation = window
        line = np.zeros(before + w + after + stride)
        line[slice(before + w + after) if count_padding else slice(before, before + w)] = 1
        spans = sliding_window_view(line, dilation * (kernel - 1) + 1)[::stride, ::dilation]
        _divide(out, axis, spans[:n].sum(axis=1))
    return out


def _divide(out: Array, axis: int, counts: Array) -> None:
    """Divide sums by how many values each has along a spatial axis."""
    np.divide(out, counts.astype(out.dtype).reshape(-1, *[1] * (out.ndim - 2 - axis)), out=out)


def _pool(
    join: np.ufunc, x: Array, windows: Sequence[AxisWindow], *, fill: float, ceil: bool
) -> Array:
    """Return the values under each window joined, one axis after the other, tile by tile."""
    extents = output_extents(x, windows, ceil=ceil)
    out = np.empty((len(x), *extents, x.shape[-1]), x.dtype)
    output_tiles = tiles(extents, max(1, VALUES // x.shape[-1]))
    for sample, result in zip(x, out, strict=True):
        for tile in output_tiles:
            target = result[slices(tile)]
            if patch_bytes(sample, tile, windows) > SCRATCH:
                for i, tap in enumerate(taps(windows)):
                    values = at_tap(sample, tile, windows, tap, fill=fill)
                    target[...] = join(target, values) if i else values
                continue
            values = patch(sample, tile, windows, fill=fill)
            for axis, (kernel, stride, _, _, dilation) in enumerate(windows):
                length = (len(tile[axis]) - 1) * stride + 1
                shifted = [
                    values[(slice(None),) * axis + (slice(i, i + length, stride),)]
                    for i in range(0, kernel * dilation, dilation)
                ]
                last = axis == len(windows) - 1
                values = target if last else np.empty(shifted[0].shape, x.dtype)
                np.copyto(values, shifted[0])
                for other in shifted[1:]:
                    join(values, other, out=values)
    return out


def adaptive_max_pool(x: Array, size: Sequence[int]) -> Array:
    """Return the largest value of each of `size` bins; x itself where each holds one value.

    Shapes: x `(N, *extents, C)`.
    """
    return x if tuple(size) == x.shape[1:-1] else _binned(np.maximum, x, size)


def adaptive_average_pool(x: Array, size: Sequence[int]) -> Array:
    """Return the mean of each of `size` bins; x itself where each holds one value.

    Shapes: x `(N, *extents, C)`.
    """
    if tuple(size) == x.shape[1:-1]:
        return x
    out = _binned(np.add, x, size)
    for axis, (w, n) in enumerate(zip(x.shape[1:-1], size, strict=True)):
        _divide(out, axis, np.array([len(_bin(i, w, n)) for i in range(n)]))
    return out


def _bin(i: int, w: int, n: int) -> range:
    """Return the positions that bin i of n over w touches."""
    return range(i * w // n, -(-(i + 1) * w // n))


def _binned(join: np.ufunc, x: Array, size: Sequence[int]) -> Array:
    """Return the values of each bin joined."""
    out = np.empty((len(x), *size, x.shape[-1]), x.dtype)

    def fill(values: Array, result: Array) -> None:
        for i in range(len(result)):
            positions = _bin(i, len(values), len(result))
            part = values[positions.start : positions.stop]
            if result.ndim == 2:
                join.reduce(part, axis=0, out=result[i])
            else:
                fill(join.reduce(part, axis=0), result[i])

    for sample, result in zip(x, out, strict=True):
        fill(sample, result)
    return out
