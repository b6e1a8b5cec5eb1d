"""Convolution as products of matrices: windows laid out in rows, a block at a time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnncalc.kernels.counting import record, record_padding
from cnncalc.kernels.depthwise import convolve_depthwise
from cnncalc.kernels.threads import number, products, room
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

Job = tuple[Array, Array, Block, slice]  # a sample, its result, places and filters of a part

ROWS = 2**20  # bytes of the windows laid out at a time: as much as stays in a cache
PLACES = 512  # places that are worth a product, though their windows may be more than ROWS
STRIP = 64  # filters that are worth a product
PACK = 32  # channels of a product that small groups share


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
    return _convolve(x, weight, bias, windows, groups, ceil=ceil, out=out)


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
        out = np.empty(shape, np.result_type(x, weight))
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
            1,
            ceil=ceil,
            out=out[..., part],
            added=full.size - sum(map(len, some)) * weight[0].size,
        )
    return out


def _convolve(
    x: Array,
    weight: Array,
    bias: Array | None,
    windows: Sequence[Window],
    groups: int,
    *,
    ceil: bool,
    out: Array | None,
    added: int = 0,
) -> Array:
    """Return the convolution; `added` of the weights are zeros that a kernel put in."""
    extents, d2, dtype = places(x, windows, ceil=ceil), len(weight), np.result_type(x, weight)
    if out is None:
        out = np.empty((len(x), *extents, d2), dtype)
    used = (weight.size - added) // math.prod(weight.shape[1:-1])  # products at a tap and a place
    record_padding(len(x) * outside(x, windows, extents) * used)
    joined = _joined(weight, groups)
    matrices = _packed(weight, groups, joined)  # (parts, taps·D1, D2), D1 and D2 of a part
    parts, terms, width = matrices.shape
    added += matrices.size * (joined - 1) // joined
    pointwise = math.prod(weight.shape[1:-1]) == 1 and not any(b or a for _, _, b, a, _ in windows)

    def work(job: Job) -> tuple[int, int, int]:
        sample, result, block, strip = job
        m = math.prod(map(len, block))
        target = result[area(block)].reshape(m, parts, width)[..., strip]
        if pointwise:
            flat = seen(sample, block, windows, [0] * len(block)).reshape(m, parts, terms)
            rows = flat.transpose(1, 0, 2)
        else:
            rows = room("rows", m * parts * terms, dtype).reshape(parts, m, terms)
            _lay_out(sample, block, windows, rows)
        some = matrices[..., strip]
        np.matmul(rows, some, out=target.transpose(1, 0, 2))
        if bias is not None:
            np.add(target, bias.reshape(parts, width)[:, strip], out=target)
        return m, parts * some.shape[-1], terms

    row = parts * max(terms, width if pointwise else 0) * dtype.itemsize
    for operands in products(work, _jobs(x, out, extents, row, width)):
        record(*operands)
    record(0, 0, 0, packed=len(x) * math.prod(extents) * added)
    return out


def _jobs(x: Array, out: Array, extents: Sequence[int], row: int, width: int) -> list[Job]:
    """Return the blocks of places and filters that make up the result, alike for all threads.

    What has more filters than places is cut into strips of filters, so that each thread reads a
    part of the weights.
    """
    lanes, count = number(), math.prod(extents)
    most = max(1, min(max(ROWS // row, PLACES), 2 * WORKSPACE // lanes // row))
    strips = min(lanes, width // STRIP) if min(count, most) < width else 1
    if strips <= 1:
        rounds = -(-count * len(x) // (most * lanes))
        strips, most = 1, min(most, -(-count * len(x) // (rounds * lanes)))
    length = -(-width // strips)
    return [
        (sample, result, block, slice(first, first + length))
        for sample, result in zip(x, out, strict=True)
        for block in blocks(extents, max(most, 1))
        for first in range(0, width, length)
    ]


def _joined(weight: Array, groups: int) -> int:
    """Return how many groups share a product: the most that have PACK channels together."""
    most = min(PACK // weight.shape[-1], WORKSPACE // weight.nbytes)
    return next((n for n in range(min(groups, most), 0, -1) if groups % n == 0), 1)


def _packed(weight: Array, groups: int, joined: int) -> Array:
    """Return one matrix for each product, with zeros between the groups it joins.

    Shapes: weight `(D2, *kernel, d1)`; the result `(groups / joined, taps·joined·d1,
    joined·D2 / groups)`, a view if nothing is joined.
    """
    d1, d2 = weight.shape[-1], len(weight) // groups
    split = weight.reshape(groups, d2, -1, d1)  # (group, d2, taps, d1)
    if joined == 1:
        return split.reshape(groups, d2, -1).transpose(0, 2, 1)
    taps = split.shape[2]
    full = np.zeros((groups // joined, joined, d2, taps, joined, d1), weight.dtype)
    for i in range(joined):
        full[:, i, :, :, i] = split[i::joined]
    return full.reshape(groups // joined, joined * d2, -1).transpose(0, 2, 1)


def _lay_out(sample: Array, block: Block, windows: Sequence[Window], rows: Array) -> None:
    """Write the windows of a block into `rows`, `(parts, places, taps·channels)`."""
    parts, count = len(rows), [len(run) for run in block]
    kernel = [k for k, *_ in windows]
    split = (*count, *kernel, parts, sample.shape[-1] // parts)
    target = np.moveaxis(rows.reshape(parts, *split[:-2], split[-1]), 0, -2)
    every = [slice(None)] * len(count)
    size = math.prod(span(block, windows)) * sample.shape[-1]
    if size * sample.itemsize > WORKSPACE:  # each tap by itself
        for tap in taps(windows):
            values = seen(sample, block, windows, tap)
            at: tuple[slice | int, ...] = (*every, *tap)
            target[at] = values.reshape(*count, *split[-2:])
        return
    patch = slab(sample, block, windows, buffer=room("patch", size, sample.dtype))
    source = unrolled(patch, windows, count).reshape(split)
    for row in product(*map(range, kernel[:-1])):
        at = (*every, *row)
        target[at] = source[at]
