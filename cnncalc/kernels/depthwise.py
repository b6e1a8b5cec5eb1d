"""Depthwise convolution: each value the sum of a few products, in blocks that stay in the cache."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cnncalc.kernels.counting import record, record_padding
from cnncalc.kernels.following import done, effort, followers
from cnncalc.kernels.memory import empty
from cnncalc.kernels.threads import each, room, worth
from cnncalc.kernels.windows import (
    WORKSPACE,
    Block,
    Copy,
    Window,
    area,
    blocks,
    carry_out,
    outside,
    places,
    seen,
    slab,
    slab_later,
    span,
    taps,
    unrolled,
)

Array = NDArray[Any]
Piece = tuple[tuple[slice, ...], Array]  # taps, and what they see


class Job(NamedTuple):
    """What one thread does for a block: most is found before, as threads wait for each other."""

    copies: Sequence[Copy]
    pieces: Callable[[], Iterable[Piece]]
    target: Array


VALUES = 2**17  # of the output in a block: 512 KiB
PRODUCT = 8  # times the time of a product in a product of matrices
ROOM = 2**22  # bytes that a thread keeps of the input
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
    lanes = worth(out.size * (PRODUCT * terms + effort(then)))
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

    def work(jobs: Sequence[Job]) -> None:
        for copies, pieces, target in jobs:
            carry_out(copies)
            total = target.reshape(*target.shape[:-2], -1) if joined else target
            for i, (at, values) in enumerate(pieces()):
                some = filters[at][..., : total.shape[-1]]
                if i:
                    np.add(total, np.einsum(product, values, some), out=total)
                else:
                    np.einsum(product, values, some, out=total)
            if bias is not None:
                np.add(target, bias, out=target)
            done(then, target.reshape(-1, d2))

    jobs: list[list[Job]] = [[] for _ in range(lanes)]
    for i, (sample, result, block) in enumerate(
        (sample, result, block) for sample, result in zip(x, out, strict=True) for block in cut
    ):
        found = _prepared(sample, block, windows, multiplier, joined, i % lanes)
        jobs[i % lanes].append(Job(*found, result[area(block)]))
    each(work, jobs, lanes)
    record(out.size, 1, terms)
    record_padding(len(x) * outside(x, windows, extents) * d2)
    return out


def _prepared(
    sample: Array,
    block: Block,
    windows: Sequence[Window],
    multiplier: int,
    joined: bool,
    lane: int,
) -> tuple[Sequence[Copy], Callable[[], Iterable[Piece]]]:
    """Return what is to be copied before the pieces of a block are what its windows see."""
    count, shape = [len(run) for run in block], span(block, windows)
    size = math.prod(shape) * sample.shape[-1]
    if multiplier > 1 or size * sample.itemsize > ROOM:
        return [], partial(_seen, sample, block, windows, multiplier, joined)
    buffer = room(f"patch {lane}", size, sample.dtype)
    patch, copies = slab_later(sample, block, windows, buffer=buffer)
    if not patch.flags.c_contiguous:
        whole = buffer[:size].reshape(patch.shape)
        patch, copies = whole, [(whole, patch)]
    pieces = [((), _unrolled(patch, windows, count, joined))]
    return copies, lambda: pieces


def _seen(
    sample: Array, block: Block, windows: Sequence[Window], multiplier: int, joined: bool
) -> Iterator[Piece]:
    """Return which taps of a block's windows, and what they see there: all, if it fits.

    Shapes: `(*places, *taps, D2)`; if `joined`, `(*places, places·D2, *taps)`.
    """
    count, size = span(block, windows), [len(run) for run in block]
    channels = sample.shape[-1] * multiplier
    if math.prod(count) * channels * sample.itemsize <= WORKSPACE:
        patch = np.repeat(slab(sample, block, windows), multiplier, axis=-1)
        yield (), _unrolled(patch, windows, size, joined)
        return
    for tap in taps(windows):
        values = np.repeat(seen(sample, block, windows, tap), multiplier, axis=-1)
        shape = [*size[:-1], size[-1] * channels] if joined else size
        ends = [1] * len(tap) if joined else [*[1] * len(tap), channels]
        yield tuple(slice(t, t + 1) for t in tap), values.reshape(*shape, *ends)


def _unrolled(patch: Array, windows: Sequence[Window], count: Sequence[int], joined: bool) -> Array:
    """Return the windows on what they span, as `_seen` has them. `patch` lies there in order."""
    if not joined:
        return unrolled(patch, windows, count)
    *lead, (kernel, _, _, _, dilation) = windows
    channels = patch.shape[-1]
    line = patch.reshape(*patch.shape[:-2], -1, 1)
    run = (kernel, 1, 0, 0, dilation * channels)
    return unrolled(line, [*lead, run], [*count[:-1], count[-1] * channels])[..., 0]
