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
Copy = tuple[Array, Array | float]  # what is written to, and what is written there

STRIP = 64  # filters that are worth a product
ROWS = 2**21  # bytes of the windows laid out at a time: as much as stays in a cache
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


def blocks(extents: Sequence[int] | Block, most: int) -> list[Block]:
    """Return blocks of at most `most` places, each a run of neighbours in memory, like in size.

    They make up all places of these extents, or of a block.

    >>> blocks((4, 5), 12)
    [(range(0, 2), range(0, 5)), (range(2, 4), range(0, 5))]
    """
    runs = [range(extent) if isinstance(extent, int) else extent for extent in extents]
    lengths: list[int] = []
    for run in reversed(runs):
        room = max(1, most // max(1, math.prod(lengths)))
        parts = -(-len(run) // room)
        lengths.insert(0, -(-len(run) // parts))
    return list(
        product(
            *(
                [run[i : i + length] for i in range(0, len(run), length)]
                for run, length in zip(runs, lengths, strict=True)
            )
        )
    )


def shares(extents: Sequence[int], number: int) -> list[Block]:
    """Return about so many blocks of places, each a run of neighbours in memory, like in size.

    >>> shares((13, 2), 2), shares((1, 5), 2)
    ([(range(0, 7), range(0, 2)), (range(7, 13), range(0, 2))], \
[(range(0, 1), range(0, 3)), (range(0, 1), range(3, 5))])
    """
    if number <= 1 or not extents:
        return [tuple(map(range, extents))]
    first, *rest = extents
    if first >= number or not rest:
        length = -(-first // number)
        lead = [range(first)[i : i + length] for i in range(0, first, length)]
        return [(run, *map(range, rest)) for run in lead]
    others = shares(rest, -(-number // first))
    return [(range(i, i + 1), *other) for i in range(first) for other in others]


def strips_of(places: int, filters: int, lanes: int) -> list[slice]:
    """Return the strips of filters that threads share out.

    More than one where there are more filters than places: each thread then reads a part of
    the weights.

    >>> strips_of(49, 512, 2), strips_of(3136, 512, 2)
    ([slice(0, 256, None), slice(256, 512, None)], [slice(0, 512, None)])
    """
    strips = max(1, min(lanes, filters // STRIP)) if places < filters else 1
    length = -(-filters // strips)
    return [slice(first, first + length) for first in range(0, filters, length)]


def area(block: Block, within: Block | None = None) -> tuple[slice, ...]:
    """Return the slices that pick a block out of an array of outputs, or of those of a block."""
    starts = [run.start for run in within] if within else [0] * len(block)
    return tuple(
        slice(run.start - start, run.stop - start) for run, start in zip(block, starts, strict=True)
    )


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
    result, copies = picked_later(x, first, count, step, fill, buffer)
    carry_out(copies)
    return result


def picked_later(
    x: Array,
    first: Sequence[int],
    count: Sequence[int],
    step: Sequence[int],
    fill: float = 0.0,
    buffer: Array | None = None,
) -> tuple[Array, list[Copy]]:
    """Return what `picked` returns once the copies are made."""
    source, inside, margins = _overlap(x.shape[:-1], tuple(first), tuple(count), tuple(step))
    inner = x[source]
    if not margins:
        return inner, []
    shape = (*count, x.shape[-1])
    size = math.prod(shape)
    if buffer is None:
        buffer = np.empty(size, x.dtype)
    result = buffer[:size].reshape(shape)
    return result, [*((result[margin], fill) for margin in margins), (result[inside], inner)]


def carry_out(copies: Sequence[Copy]) -> None:
    """Make the copies."""
    for target, source in copies:
        target[...] = source


@lru_cache(maxsize=4096)
def _overlap(
    extents: tuple[int, ...],
    first: tuple[int, ...],
    count: tuple[int, ...],
    step: tuple[int, ...],
) -> tuple[tuple[slice, ...], tuple[slice, ...], tuple[tuple[slice, ...], ...]]:
    """Return which positions lie inside, as slices of the extents and of the count; and which not.

    Those outside are a margin before and one after along each axis, where there is one.
    """
    source, inside, margins = [], [], []
    for axis, (w, start, n, stride) in enumerate(zip(extents, first, count, step, strict=True)):
        low = min(n, max(0, -(start // stride)))
        high = max(low, min(n, (w - 1 - start) // stride + 1))
        inside.append(slice(low, high))
        begin = max(0, start + low * stride)
        source.append(slice(begin, begin + (high - low) * stride, stride))
        before = (slice(None),) * axis
        if low:
            margins.append((*before, slice(low)))
        if high < n:
            margins.append((*before, slice(high, n)))
    return tuple(source), tuple(inside), tuple(margins)


def slab(x: Array, block: Block, windows: Sequence[Window], fill: float = 0.0) -> Array:
    """Return all that the windows of a block span, padding included.

    Shapes: x `(*extents, C)`.
    """
    result, copies = slab_later(x, block, windows, fill)
    carry_out(copies)
    return result


def slab_later(
    x: Array,
    block: Block,
    windows: Sequence[Window],
    fill: float = 0.0,
    buffer: Array | None = None,
) -> tuple[Array, list[Copy]]:
    """Return what `slab` returns once the copies are made: all that is left to a thread."""
    first = [run.start * s - before for run, (_, s, before, *_) in zip(block, windows, strict=True)]
    return picked_later(x, first, span(block, windows), [1] * len(block), fill, buffer)


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
    shape = (*count, *(kernel for kernel, *_ in windows), patch.shape[-1])
    every = (*strides, *inner, patch.strides[-1])
    if patch.flags.c_contiguous:  # a tenth of the time
        view: Array = np.ndarray(shape, patch.dtype, patch.reshape(-1), 0, every)
        view.flags.writeable = False
        return view
    return as_strided(patch, shape, every, writeable=False)
