"""Depthwise convolution: each value the sum of a few products, in blocks that stay in the cache."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnncalc.kernels.counting import record, record_padding
from cnncalc.kernels.following import done, effort, followers
from cnncalc.kernels.memory import empty
from cnncalc.kernels.threads import each, worth
from cnncalc.kernels.windows import (
    WORKSPACE,
    Block,
    Window,
    area,
    blocks,
    outside,
    places,
    seen,
    slab,
    span,
    taps,
    unrolled,
)

Array = NDArray[Any]

VALUES = 2**17  # of the output in a block: 512 KiB
SLOWER = 8  # times the time that products take in a product of matrices
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
        out = empty((len(x), *extents, d2), np.result_type(x, weight))
    multiplier = d2 // x.shape[-1]
    then = followers()
    terms = math.prod(kernel for kernel, *_ in windows)
    lanes = worth(out.size * (SLOWER * terms + effort(then)))
    lane = -(-math.prod(extents) * len(x) // lanes)
    cut = blocks(extents, max(1, min(VALUES // d2, lane)))
    filters = np.ascontiguousarray(np.moveaxis(weight[..., 0], 0, -1))  # (*kernel, D2)
    place, tap = "uvw"[: len(extents)], "abc"[: len(extents)]
    product = f"{place}{tap}z,{tap}z->{place}z"
    joined = d2 < RUN and windows[-1][1] == 1
    if joined:
        # What a tap sees along the last axis lies together: one long run of many short ones.
        filters = np.tile(filters, len(cut[0][-1]))
        product = f"{place}{tap},{tap}{place[-1]}->{place}"

    def work(job: tuple[Array, Array, Block]) -> None:
        sample, result, block = job
        target = result[area(block)]
        total = target.reshape(*target.shape[:-2], -1) if joined else target
        for i, (at, values) in enumerate(_seen(sample, block, windows, multiplier, joined)):
            some = filters[at][..., : total.shape[-1]]
            if i:
                np.add(total, np.einsum(product, values, some), out=total)
            else:
                np.einsum(product, values, some, out=total)
        if bias is not None:
            np.add(target, bias, out=target)
        done(then, target.reshape(-1, d2))

    each(work, [(a, b, block) for a, b in zip(x, out, strict=True) for block in cut], lanes)
    record(out.size, 1, terms)
    record_padding(len(x) * outside(x, windows, extents) * d2)
    return out


def _seen(
    sample: Array, block: Block, windows: Sequence[Window], multiplier: int, joined: bool
) -> Iterator[tuple[tuple[slice, ...], Array]]:
    """Return which taps of a block's windows, and what they see there: all, if it fits.

    Shapes: `(*places, *taps, D2)`; if `joined`, `(*places, places·D2, *taps)`.
    """
    count, size = span(block, windows), [len(run) for run in block]
    channels = sample.shape[-1] * multiplier
    if math.prod(count) * channels * sample.itemsize > WORKSPACE:
        for tap in taps(windows):
            values = np.repeat(seen(sample, block, windows, tap), multiplier, axis=-1)
            shape = [*size[:-1], size[-1] * channels] if joined else size
            ends = [1] * len(tap) if joined else [*[1] * len(tap), channels]
            yield tuple(slice(t, t + 1) for t in tap), values.reshape(*shape, *ends)
        return
    patch = slab(sample, block, windows)
    if multiplier > 1:
        patch = np.repeat(patch, multiplier, axis=-1)
    if not joined:
        yield (), unrolled(patch, windows, size)
        return
    patch = np.ascontiguousarray(patch)
    *lead, (kernel, _, _, _, dilation) = windows
    line = patch.reshape(*patch.shape[:-2], -1, 1)
    run = (kernel, 1, 0, 0, dilation * channels)
    yield (), unrolled(line, [*lead, run], [*size[:-1], size[-1] * channels])[..., 0]
