"""Convolution as products of matrices: windows laid out in rows, a block at a time."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cnncalc.kernels.counting import record, record_padding
from cnncalc.kernels.depthwise import convolve_depthwise
from cnncalc.kernels.elementwise import follow
from cnncalc.kernels.following import Step, done, effort, followers
from cnncalc.kernels.grouped import convolve_grouped, far
from cnncalc.kernels.memory import empty
from cnncalc.kernels.threads import products, room, worth
from cnncalc.kernels.windows import (
    ROWS,
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
    shares,
    slab_later,
    span,
    strips_of,
    taps,
    unrolled,
)

Array = NDArray[Any]


class Share(NamedTuple):
    """What a thread works on, and the room it has: places of a sample, and a strip of filters.

    `runs` are a few places at a time, and where their values go. `patch` is room for all that
    their windows span, or None if that is too much.
    """

    sample: Array
    block: Block
    strip: slice
    runs: Sequence[tuple[Block, Array]]
    rows: Array
    patch: Array | None


class Part(NamedTuple):
    """A product, whose rows are laid out first."""

    lay_out: Callable[[], object]
    rows: Array
    result: Array


class Job(NamedTuple):
    """What one thread does for its share: all is found before, as threads wait for each other."""

    strip: slice
    copies: Sequence[Copy]
    parts: Sequence[Part]


PLACES = 512  # places that are worth a product, though their windows may be more than ROWS


def convolve(
    x: Array,
    weight: Array,
    bias: Array | None,
    windows: Sequence[Window],
    groups: int = 1,
    *,
    ceil: bool = False,
    out: Array | None = None,
) -> Array:
    """Return the convolution of x with `weight`.

    Shapes: x `(N, *extents, D1)`, weight `(D2, *kernel, D1 / groups)`, bias `(D2,)`.
    """
    if weight.shape[-1] == 1 and groups > 1:
        return convolve_depthwise(x, weight, bias, windows, ceil=ceil, out=out)
    if groups > 1 and not far(x, windows):
        return convolve_grouped(x, weight, bias, windows, groups, ceil=ceil, out=out)
    if out is None:
        shape = (len(x), *places(x, windows, ceil=ceil), len(weight))
        out = empty(shape, np.result_type(x, weight))
    d1, d2 = weight.shape[-1], len(weight) // groups
    then = followers()
    for i in range(groups):
        part, filters = slice(i * d1, (i + 1) * d1), slice(i * d2, (i + 1) * d2)
        some = None if bias is None else bias[filters]
        here = then if groups == 1 else ()
        _convolve(x[..., part], weight[filters], some, windows, out[..., filters], then=here)
    if groups > 1 and then:
        follow(out, then)
    return out


def convolve_connected(
    x: Array,
    weight: Array,
    bias: Array | None,
    windows: Sequence[Window],
    connections: Sequence[Sequence[int]],
    *,
    ceil: bool = False,
    out: Array | None = None,
) -> Array:
    """Return the convolution in which filter i sees only the channels `connections[i]`.

    Shapes: x `(N, *extents, D1)`, weight `(pairs, *kernel)`. Filters are filled up with zeros
    for the channels that they do not see; those products are reported as packed.
    """
    if out is None:
        shape = (len(x), *places(x, windows, ceil=ceil), len(connections))
        out = empty(shape, np.result_type(x, weight))
    step = max(1, WORKSPACE // (x.shape[-1] * weight[0].nbytes))
    pair = 0
    for i in range(0, len(connections), step):
        some = connections[i : i + step]
        full = np.zeros((len(some), *weight.shape[1:], x.shape[-1]), weight.dtype)
        for filter_, channels in zip(full, some, strict=True):
            for channel in channels:
                filter_[..., channel] = weight[pair]
                pair += 1
        part = slice(i, i + step)
        _convolve(
            x,
            full,
            None if bias is None else bias[part],
            windows,
            out[..., part],
            added=full.size - sum(map(len, some)) * weight[0].size,
        )
    return out


def _convolve(
    x: Array,
    weight: Array,
    bias: Array | None,
    windows: Sequence[Window],
    out: Array,
    added: int = 0,
    then: Sequence[Step] = (),
) -> None:
    """Write the convolution to `out`; `added` of the weights are zeros that a kernel put in."""
    extents, d2, dtype = out.shape[1:-1], len(weight), out.dtype
    used = (weight.size - added) // math.prod(weight.shape[1:-1])  # products at a tap and a place
    record_padding(len(x) * outside(x, windows, extents) * used)
    pointwise = math.prod(weight.shape[1:-1]) == 1 and not any(b or a for _, _, b, a, _ in windows)
    matrix = weight.reshape(d2, -1).T
    terms = len(matrix)
    lanes = worth(out.size * (terms + effort(then)))
    row = max(terms, d2 if pointwise else 0) * dtype.itemsize
    most = max(1, min(max(ROWS // row, PLACES), 2 * WORKSPACE // max(lanes, 2) // row))
    strips = strips_of(len(x) * math.prod(extents), d2, lanes)
    in_cache = () if len(strips) > 1 and any(step.across for step in then) else then

    def work(jobs: Sequence[Job]) -> list[tuple[int, int, int]]:
        ran = []
        for strip, copies, parts in jobs:
            carry_out(copies)
            for lay_out, rows, result in parts:
                lay_out()
                np.matmul(rows, matrix[:, strip], out=result)
                if bias is not None:
                    np.add(result, bias[strip], out=result)
                done(in_cache, result, strip)
                ran.append((*result.shape, terms))
        return ran

    cut = _shares(x, extents, windows, lanes if len(strips) == 1 else 1)
    most = min(most, math.prod(map(len, cut[0])))
    rooms = [room(f"rows {lane}", most * terms, x.dtype) for lane in range(lanes)]
    patches = [_patch(x, cut[0], windows, lanes, lane) for lane in range(lanes)]
    prepare = _seen if pointwise else _windows
    jobs: list[list[Job]] = [[] for _ in range(lanes)]
    for i, (sample, result, block, strip) in enumerate(
        (sample, result, block, strip)
        for sample, result in zip(x, out, strict=True)
        for block in cut
        for strip in strips
    ):
        lane = i % lanes
        runs = [(run, result[area(run)].reshape(-1, d2)[:, strip]) for run in blocks(block, most)]
        share = Share(sample, block, strip, runs, rooms[lane], patches[lane])
        jobs[lane].append(prepare(share, windows))
    for ran in products(work, jobs, lanes):
        for operands in ran:
            record(*operands)
    record(0, 0, 0, packed=len(x) * math.prod(extents) * added)
    if then and not in_cache:
        follow(out, then)


def _shares(x: Array, extents: Sequence[int], windows: Sequence[Window], lanes: int) -> list[Block]:
    """Return blocks of places, alike for `lanes` threads, whose input is not too much for one."""
    n = max(1, lanes // max(1, len(x)))
    cut = shares(extents, n)
    if not _fits(x, tuple(range(1) for _ in extents), windows, lanes):
        return cut  # nor is that of one window, and each tap is read by itself
    while not _fits(x, cut[0], windows, lanes):
        n *= 2
        cut = shares(extents, n)
    return cut


def _fits(x: Array, block: Block, windows: Sequence[Window], lanes: int) -> bool:
    """Return whether each thread may keep the input of a block of places."""
    size: int = math.prod(span(block, windows)) * x.shape[-1] * x.itemsize
    return size <= WORKSPACE // max(lanes, 2)


def _patch(
    x: Array, block: Block, windows: Sequence[Window], lanes: int, lane: int
) -> Array | None:
    """Return a thread's room for the input of a block of places, or None if that is too much."""
    if not _fits(x, block, windows, lanes):
        return None
    return room(f"patch {lane}", math.prod(span(block, windows)) * x.shape[-1], x.dtype)


def _seen(share: Share, windows: Sequence[Window]) -> Job:
    """Return what is to be done for a share where windows have one tap."""
    parts = []
    for run, result in share.runs:
        found = seen(share.sample, run, windows, [0] * len(run))
        lay_out = _nothing
        if not found.flags.c_contiguous:
            target = share.rows[: found.size].reshape(found.shape)
            lay_out, found = partial(np.copyto, target, found), target
        parts.append(Part(lay_out, found.reshape(-1, found.shape[-1]), result))
    return Job(share.strip, [], parts)


def _windows(share: Share, windows: Sequence[Window]) -> Job:
    """Return what is to be done for a share: windows are laid out in rows."""
    sample, block, strip, runs, rows, patch = share
    shape = [*(kernel for kernel, *_ in windows), sample.shape[-1]]
    terms, copies, parts, whole = math.prod(shape), list[Copy](), list[Part](), None
    if patch is not None:
        spanned, copies = slab_later(sample, block, windows, buffer=patch)
        whole = unrolled(spanned, windows, [len(run) for run in block])
    for run, result in runs:
        some = rows[: len(result) * terms]
        target = some.reshape(*map(len, run), *shape)
        lay_out = (
            partial(_tap_by_tap, sample, run, windows, target)
            if whole is None
            else partial(np.copyto, target, whole[area(run, block)])
        )
        parts.append(Part(lay_out, some.reshape(-1, terms), result))
    return Job(strip, copies, parts)


def _tap_by_tap(sample: Array, block: Block, windows: Sequence[Window], target: Array) -> None:
    """Write the windows of a block to `target`. Shapes: `(*places, *taps, C)`."""
    every: tuple[slice | int, ...] = (slice(None),) * len(block)
    for tap in taps(windows):
        target[(*every, *tap)] = seen(sample, block, windows, tap)


def _nothing() -> None:
    """Lay out what lies there in rows already."""
