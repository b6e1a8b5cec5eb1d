"""Where windows lie on real arrays, and what they see there.

A window along one axis is (kernel, stride, padding before, padding after, dilation). Extents
are read off arrays that NumPy has sliced, never worked out from the formula of a layer: that
formula is what they are held against.
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
Window = tuple[int, int, int, int, int]
Block = tuple[range, ...]  # the output places along each axis

WORKSPACE = 2**24  # bytes of one buffer; a kernel holds at most three at a time


def places(x: Array, windows: Sequence[Window], *, ceil: bool = False) -> tuple[int, ...]:
    """Return how many places the windows have along each axis of x.

    Shapes: x `(N, *extents, C)`. With `ceil` a last window may go on past the padding after,
    if it starts in the input or in the padding before.

    >>> places(np.zeros((1, 227, 64, 3)), [(11, 4, 0, 0, 1), (3, 2, 1, 1, 1)], ceil=True)
    (55, 33)
    """
    return tuple(_places(w, window, ceil) for w, window in zip(x.shape[1:-1], windows, strict=True))


@lru_cache(maxsize=256)
def _places(w: int, window: Window, ceil: bool) -> int:
    kernel, stride, before, after, dilation = window
    line = np.arange(before + w + after + (stride - 1 if ceil else 0))
    starts = sliding_window_view(line, dilation * (kernel - 1) + 1)[::stride, 0]
    return len(starts[starts < before + w] if ceil else starts)


def outside(x: Array, windows: Sequence[Window], extents: Sequence[int]) -> int:
    """Return how many taps of the windows lie outside x, over all places, for one sample.

    >>> outside(np.zeros((1, 5, 1)), [(3, 2, 1, 1, 1)], [3])
    2
    """
    return _outside(x.shape[1:-1], tuple(windows), tuple(extents))


@lru_cache(maxsize=256)
def _outside(inputs: tuple[int, ...], windows: tuple[Window, ...], extents: tuple[int, ...]) -> int:
    inside = total = 1
    for w, n, (kernel, stride, before, _, dilation) in zip(inputs, extents, windows, strict=True):
        first = np.arange(n) * stride - before
        low = -np.minimum(first, 0)  # positions before the input
        high = np.clip((w - 1 - first) // dilation + 1, 0, kernel)
        inside *= int(np.maximum(high - -(-low // dilation), 0).sum())
        total *= n * kernel
    return total - inside


def blocks(extents: Sequence[int], most: int) -> list[Block]:
    """Return blocks of at most `most` places, each a run of neighbours in memory, like in size.

    >>> blocks((4, 5), 12)
    [(range(0, 2), range(0, 5)), (range(2, 4), range(0, 5))]
    """
    lengths: list[int] = []
    for extent in reversed(extents):
        room = max(1, most // max(1, math.prod(lengths)))
        parts = -(-extent // room)
        lengths.insert(0, -(-extent // parts))
    return list(
        product(
            *(
                [range(i, min(i + length, extent)) for i in range(0, extent, length)]
                for extent, length in zip(extents, lengths, strict=True)
            )
        )
    )


def area(block: Block) -> tuple[slice, ...]:
    """Return the slices that pick a block out of an array of outputs."""
    return tuple(slice(places.start, places.stop) for places in block)


def picked(
    x: Array,
    first: Sequence[int],
    count: Sequence[int],
    step: Sequence[int],
    fill: float = 0.0,
    buffer: Array | None = None,
) -> Array:
    """Return every `step`-th position of x from `first` on, `count` of them along each axis.

    Shapes: x `(*extents, C)`; the result `(*count, C)`. Positions outside x are `fill`. Where
    there are none it is a view, else it lies in `buffer`, if that is given.

    >>> picked(np.array([[1.0], [2.0], [3.0]]), (-1,), (3,), (2,))[:, 0]
    array([0., 2., 0.])
    """
    source, target = [], []
    for w, start, n, stride in zip(x.shape[:-1], first, count, step, strict=True):
        low = min(n, max(0, -(start // stride)))
        high = max(low, min(n, (w - 1 - start) // stride + 1))
        target.append(slice(low, high))
        begin = max(0, start + low * stride)
        source.append(slice(begin, begin + (high - low) * stride, stride))
    inner = x[tuple(source)]
    shape = (*count, x.shape[-1])
    if inner.shape == shape:
        return inner
    if buffer is None:
        buffer = np.empty(math.prod(shape), x.dtype)
    result = buffer[: math.prod(shape)].reshape(shape)
    for axis, inside in enumerate(target):
        before = (slice(None),) * axis
        result[(*before, slice(inside.start))] = fill
        result[(*before, slice(inside.stop, None))] = fill
    result[tuple(target)] = inner
    return result


def slab(
    x: Array,
    block: Block,
    windows: Sequence[Window],
    fill: float = 0.0,
    buffer: Array | None = None,
) -> Array:
    """Return all that the windows of a block span, padding included.

    Shapes: x `(*extents, C)`.
    """
    first = [run.start * s - before for run, (_, s, before, *_) in zip(block, windows, strict=True)]
    return picked(x, first, span(block, windows), [1] * len(block), fill, buffer)


def span(block: Block, windows: Sequence[Window]) -> list[int]:
    """Return how many positions the windows of a block span along each axis."""
    return [
        (len(run) - 1) * stride + dilation * (kernel - 1) + 1
        for run, (kernel, stride, _, _, dilation) in zip(block, windows, strict=True)
    ]


def seen(
    x: Array, block: Block, windows: Sequence[Window], tap: Sequence[int], fill: float = 0.0
) -> Array:
    """Return what one tap of the windows sees at each place of a block.

    Shapes: x `(*extents, C)`; the result `(*places, C)`.
    """
    first = [
        run.start * stride - before + t * dilation
        for run, (_, stride, before, _, dilation), t in zip(block, windows, tap, strict=True)
    ]
    count, step = [len(run) for run in block], [stride for _, stride, *_ in windows]
    return picked(x, first, count, step, fill)


def taps(windows: Sequence[Window]) -> Iterator[tuple[int, ...]]:
    """Return the taps of a window, in the order of the weights."""
    return product(*(range(kernel) for kernel, *_ in windows))


def unrolled(patch: Array, windows: Sequence[Window], count: Sequence[int]) -> Array:
    """Return the windows on a slab as a view.

    Shapes: patch as `slab` gives it; the result `(*count, *kernel, C)`.
    """
    steps = patch.strides[:-1]
    strides = [step * stride for step, (_, stride, *_) in zip(steps, windows, strict=True)]
    inner = [step * dilation for step, (*_, dilation) in zip(steps, windows, strict=True)]
    return as_strided(
        patch,
        (*count, *(kernel for kernel, *_ in windows), patch.shape[-1]),
        (*strides, *inner, patch.strides[-1]),
        writeable=False,
    )
