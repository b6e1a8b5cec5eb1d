"""Depthwise convolution: shifted products and sums, in blocks that stay in the cache."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnncalc.kernels.counting import record
from cnncalc.kernels.threads import each
from cnncalc.kernels.windows import (
    WORKSPACE,
    Block,
    Window,
    area,
    blocks,
    picked,
    places,
    seen,
    slab_size,
    taps,
)

Array = NDArray[Any]

VALUES = 2**15  # of the output in a block: 128 KiB, and two more arrays like it
RUN = 256  # channels that are long enough a run by themselves


def depthwise(
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
    runs = blocks(extents, max(1, VALUES // d2))
    # A filter for each place along the last axis makes one long run of values out of many short
    # ones, if the channels are few.
    width = len(runs[0][-1]) if d2 < RUN else 1
    filters = np.tile(weight.reshape(d2, -1).T[:, None, :], (1, width, 1))  # (taps, width, D2)

    def work(job: tuple[Array, Array, Block]) -> None:
        sample, result, block = job
        target = result[area(block)]
        if width == 1:
            shifted = _Shifted(sample, block, windows, 1)
        else:
            shifted = _Shifted(sample, block, windows, windows[-1][1])
        term = np.empty(target.shape, target.dtype)
        length = len(block[-1])
        for i, tap in enumerate(taps(windows)):
            seen = shifted(tap)
            if multiplier > 1:
                seen = np.repeat(seen, multiplier, axis=-1)
            np.multiply(seen, filters[i, :length], out=term if i else target)
            if i:
                np.add(target, term, out=target)
        if bias is not None:
            np.add(target, bias, out=target)

    each(work, [(a, b, block) for a, b in zip(x, out, strict=True) for block in runs])
    record(out.size, 1, math.prod(kernel for kernel, *_ in windows))
    return out


class _Shifted:
    """What each tap of a block's windows sees, as views of one slab where that is not too big.

    The slab is kept as one part for each remainder of the last position by `phases`, so that
    what windows at a stride see lies together.
    """

    def __init__(self, sample: Array, block: Block, windows: Sequence[Window], phases: int) -> None:
        self.sample, self.block, self.windows, self.phases = sample, block, windows, phases
        self.slabs: dict[int, Array] = {}
        bytes_ = slab_size(block, windows) * sample.shape[-1] * sample.itemsize
        self.small = bytes_ <= WORKSPACE

    def __call__(self, tap: Sequence[int]) -> Array:
        """Return the values at a tap, `(*places, C)`."""
        if not self.small:
            return seen(self.sample, self.block, self.windows, tap)
        offset = [t * dilation for t, (*_, dilation) in zip(tap, self.windows, strict=True)]
        phase = offset[-1] % self.phases
        if phase not in self.slabs:
            self.slabs[phase] = self._slab(phase)
        offset[-1] //= self.phases
        strides = [stride for _, stride, *_ in self.windows]
        strides[-1] //= self.phases
        return self.slabs[phase][
            tuple(
                slice(o, o + (len(run) - 1) * stride + 1, stride)
                for o, run, stride in zip(offset, self.block, strides, strict=True)
            )
        ]

    def _slab(self, phase: int) -> Array:
        first, count = [], []
        for run, (kernel, stride, before, _, dilation) in zip(
            self.block, self.windows, strict=True
        ):
            first.append(run.start * stride - before)
            count.append((len(run) - 1) * stride + dilation * (kernel - 1) + 1)
        first[-1] += phase
        count[-1] = -(-(count[-1] - phase) // self.phases)
        step = [1] * (len(count) - 1) + [self.phases]
        slab = picked(self.sample, first, count, step)
        return slab if self.phases == 1 else np.ascontiguousarray(slab)
