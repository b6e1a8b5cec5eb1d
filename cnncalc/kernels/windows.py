"""Positions of a convolution's or a pool's windows on an array, and the values they cover.

Extents are measured on arrays that NumPy has sliced, never computed by the formula of a layer:
that formula is what `verify` compares them with.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import product
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided, sliding_window_view
from numpy.typing import NDArray

Array = NDArray[Any]
AxisWindow = tuple[
    int, int, int, int, int
]  # along an axis: kernel, stride, pad before, after, dilation
Tile = tuple[range, ...]  # output positions that are worked on together: a range along each axis

# Bytes of one scratch buffer at most; a kernel holds three at a time, which with its smaller
# temporaries makes less than the 64 MiB that verify allows for.
SCRATCH = 2**24
# Bytes of the im2col rows of a tile. On two threads VGG-16's second convolution takes 38 at 2^20,
# 32 at 2^21, 34 at 2^22, 46 at 2^23; its fourth 46, 46, 44, 35; ResNet's stem 7.1, 4.8, 3.6, 3.5.
ROWS = 2**22


def output_extents(
    x: Array, windows: Sequence[AxisWindow], *, ceil: bool = False
) -> tuple[int, ...]:
    """Return how many windows there are along each axis of x.

    Shapes: x `(N, *extents, C)`. With `ceil` a last window may go on past the padding after,
    if it starts in the input or in the padding before.

    >>> output_extents(np.zeros((1, 227, 64, 3)), [(11, 4, 0, 0, 1), (3, 2, 1, 1, 1)], ceil=True)
    (55, 33)
    """
    return tuple(_extent(w, window, ceil) for w, window in zip(x.shape[1:-1], windows, strict=True))


@lru_cache(maxsize=256)
def _extent(w: int, window: AxisWindow, ceil: bool) -> int:
    kernel, stride, before, after, dilation = window
    line = np.arange(before + w + after + (stride - 1 if ceil else 0))
    starts = sliding_window_view(line, dilation * (kernel - 1) + 1)[::stride, 0]
    return len(starts[starts < before + w] if ceil else starts)


def taps_on_padding(x: Array, windows: Sequence[AxisWindow], extents: Sequence[int]) -> int:
    """Return how many taps of all windows lie outside x, for one sample.

    >>> taps_on_padding(np.zeros((1, 5, 1)), [(3, 2, 1, 1, 1)], [3])
    2
    """
    return _taps_on_padding(x.shape[1:-1], tuple(windows), tuple(extents))


@lru_cache(maxsize=256)
def _taps_on_padding(
    inputs: tuple[int, ...], windows: tuple[AxisWindow, ...], extents: tuple[int, ...]
) -> int:
    inside = total = 1
    for w, n, (kernel, stride, before, _, dilation) in zip(inputs, extents, windows, strict=True):
        first = np.arange(n) * stride - before
        low = -np.minimum(first, 0)  # positions before the input
        high = np.clip((w - 1 - first) // dilation + 1, 0, kernel)
        inside *= int(np.maximum(high - -(-low // dilation), 0).sum())
        total *= n * kernel
    return total - inside


def tiles(extents: Sequence[int], most: int) -> list[Tile]:
    """Return tiles of at most `most` positions, of about the same size, that cover all extents.

    The positions of a tile are neighbours in memory.

    >>> tiles((4, 5), 12)
    [(range(0, 2), range(0, 5)), (range(2, 4), range(0, 5))]
    """
    lengths: list[int] = []
    for extent in reversed(extents):
        fit = max(1, most // max(1, math.prod(lengths)))
        parts = -(-extent // fit)
        lengths.insert(0, -(-extent // parts))
    return list(
        product(
            *(
                [range(extent)[i : i + length] for i in range(0, extent, length)]
                for extent, length in zip(extents, lengths, strict=True)
            )
        )
    )


def slices(tile: Tile) -> tuple[slice, ...]:
    """Return the index of a tile in an array of all output positions."""
    return tuple(slice(run.start, run.stop) for run in tile)


def padded_slice(
    x: Array,
    first: Sequence[int],
    count: Sequence[int],
    step: Sequence[int],
    *,
    fill: float = 0.0,
) -> Array:
    """Return every `step`-th position of x from `first` on, `count` of them along each axis.

    Shapes: x `(*extents, C)`; the result `(*count, C)`. Positions outside x are `fill`; where
    there are none, the result is a view.

    >>> padded_slice(np.array([[1.0], [2.0], [3.0]]), (-1,), (3,), (2,))[:, 0]
    array([0., 2., 0.])
    """
    source, inside = [], []
    for w, start, n, stride in zip(x.shape, first, count, step, strict=False):
        low = min(n, max(0, -(start // stride)))
        high = max(low, min(n, (w - 1 - start) // stride + 1))
        inside.append(slice(low, high))
        begin = max(0, start + low * stride)
        source.append(slice(begin, begin + (high - low) * stride, stride))
    inner = x[tuple(source)]
    if inner.shape[:-1] == tuple(count):
        return inner
    result = np.full((*count, x.shape[-1]), fill, x.dtype)
    result[tuple(inside)] = inner
    return result


def patch(x: Array, tile: Tile, windows: Sequence[AxisWindow], *, fill: float = 0.0) -> Array:
    """Return the part of x that the windows of a tile cover, padding included.

    Shapes: x `(*extents, C)`.
    """
    first = [run.start * s - before for run, (_, s, before, *_) in zip(tile, windows, strict=True)]
    return padded_slice(x, first, patch_extents(tile, windows), [1] * len(tile), fill=fill)


def patch_extents(tile: Tile, windows: Sequence[AxisWindow]) -> list[int]:
    """Return how many input positions the windows of a tile cover along each axis."""
    return [
        (len(run) - 1) * stride + dilation * (kernel - 1) + 1
        for run, (kernel, stride, _, _, dilation) in zip(tile, windows, strict=True)
    ]


def patch_bytes(x: Array, tile: Tile, windows: Sequence[AxisWindow]) -> int:
    """Return the bytes of a tile's patch. Shapes: x `(*extents, C)`."""
    size: int = math.prod(patch_extents(tile, windows)) * x.shape[-1] * x.itemsize
    return size


def at_tap(
    x: Array, tile: Tile, windows: Sequence[AxisWindow], tap: Sequence[int], *, fill: float = 0.0
) -> Array:
    """Return the values at one tap of each window of a tile.

    Shapes: x `(*extents, C)`; the result `(*positions, C)`.
    """
    first = [
        run.start * stride - before + t * dilation
        for run, (_, stride, before, _, dilation), t in zip(tile, windows, tap, strict=True)
    ]
    count, step = [len(run) for run in tile], [stride for _, stride, *_ in windows]
    return padded_slice(x, first, count, step, fill=fill)


def taps(windows: Sequence[AxisWindow]) -> Iterator[tuple[int, ...]]:
    """Return the taps of a window, in the order of the weights."""
    return product(*(range(kernel) for kernel, *_ in windows))


def window_view(patch: Array, windows: Sequence[AxisWindow], count: Sequence[int]) -> Array:
    """Return a read-only view of the windows on a patch, `count` of them along each axis.

    Shapes: patch `(*extents, C)`; the result `(*count, *kernel, C)`.
    """
    steps = patch.strides[:-1]
    strides = [step * stride for step, (_, stride, *_) in zip(steps, windows, strict=True)]
    inner = [step * dilation for step, (*_, dilation) in zip(steps, windows, strict=True)]
    shape = (*count, *(kernel for kernel, *_ in windows), patch.shape[-1])
    return as_strided(patch, shape, (*strides, *inner, patch.strides[-1]), writeable=False)
