"""Depthwise convolution: shifted products and sums, in blocks that stay in the cache."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnncalc.kernels.counting import record
from cnncalc.kernels.threads import each, number
from cnncalc.kernels.windows import (
    WORKSPACE,
    Block,
    Window,
    area,
    blocks,
    picked,
    places,
    seen,
    span,
    taps,
)

Array = NDArray[Any]

VALUES = 2**16  # of the output in a block: 256 KiB, and two more arrays like it
RUN = 256  # channels that are long enough a run by themselves


def convolve_depthwise(
    x: Array,
    weight: Array,
    bias: Array | None,
    windows: Sequence[Window],
    *,
    ceil: bool = False,
    out: Array | None = None,
) -> Array:
    """Return the convolution in which each filter sees one channel.

    Shapes: x `(N, *extents, D1)`, weight `(D2, *kernel, 1)`, bias `(D2,)`; D2 is a multiple m
    of D1, and filter i sees channel i // m.
    """
    extents, d2 = places(x, windows, ceil=ceil), len(weight)
    if out is None:
        out = np.empty((len(x), *extents, d2), np.result_type(x, weight))
    multiplier = d2 // x.shape[-1]
    lane = -(-math.prod(extents) * len(x) // number())
    runs = blocks(extents, max(1, min(VALUES // d2, lane)))
    # A filter for each place along the last axis makes one long run of values out of many short
    # ones, if the channels are few.
    width = len(runs[0][-1]) if d2 < RUN else 1
    filters = np.tile(weight.reshape(d2, -1).T[:, None, :], (1, width, 1))  # (taps, width, D2)

    phases = windows[-1][1] if width > 1 else 1

    def work(job: tuple[Array, Array, Block]) -> None:
        sample, result, block = job
        target = result[area(block)]
        term, some = np.empty(target.shape, target.dtype), filters[:, : len(block[-1])]
        for i, values in enumerate(_views(sample, block, windows, phases)):
            if multiplier > 1:
                values = np.repeat(values, multiplier, axis=-1)
            np.multiply(values, some[i], out=term if i else target)
            if i:
                np.add(target, term, out=target)
        if bias is not None:
            np.add(target, bias, out=target)

    each(work, [(a, b, block) for a, b in zip(x, out, strict=True) for block in runs])
    record(out.size, 1, math.prod(kernel for kernel, *_ in windows))
    return out


def _views(sample: Array, block: Block, windows: Sequence[Window], phases: int) -> Iterator[Array]:
    """Return what each tap of a block's windows sees, `(*places, C)`.

    They are views of one slab where that is not too big. It is kept as one part for each
    remainder of the last position by `phases`, so that what windows at a stride see lies
    together.
    """
    count = span(block, windows)
    if math.prod(count) * sample.shape[-1] * sample.itemsize > WORKSPACE:
        for tap in taps(windows):
            yield seen(sample, block, windows, tap)
        return
    first = [run.start * s - before for run, (_, s, before, *_) in zip(block, windows, strict=True)]
    step = [1] * (len(count) - 1) + [phases]
    slabs: dict[int, Array] = {}
    for phase, at in _offsets(tuple(map(len, block)), tuple(windows), phases):
        if phase not in slabs:
            last = -(-(count[-1] - phase) // phases)
            part = picked(sample, [*first[:-1], first[-1] + phase], [*count[:-1], last], step)
            slabs[phase] = part if phases == 1 else np.ascontiguousarray(part)
        yield slabs[phase][at]


@lru_cache(maxsize=64)
def _offsets(
    places: tuple[int, ...], windows: tuple[Window, ...], phases: int
) -> list[tuple[int, tuple[slice, ...]]]:
    """Return for each tap the part of the slab that it sees, and the slices that pick it."""
    strides = [stride for _, stride, *_ in windows]
    strides[-1] //= phases
    found = []
    for tap in taps(windows):
        offset = [t * dilation for t, (*_, dilation) in zip(tap, windows, strict=True)]
        offset[-1], phase = divmod(offset[-1], phases)
        found.append(
            (
                phase,
                tuple(
                    slice(o, o + (n - 1) * stride + 1, stride)
                    for o, n, stride in zip(offset, places, strides, strict=True)
                ),
            )
        )
    return found
