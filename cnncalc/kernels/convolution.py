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
from cnncalc.kernels.grouped import convolve_grouped, far
from cnncalc.kernels.threads import products, room, worth
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
        out = np.empty(shape, np.result_type(x, weight))
    d1, d2 = weight.shape[-1], len(weight) // groups
    for i in range(groups):
        part, filters = slice(i * d1, (i + 1) * d1), slice(i * d2, (i + 1) * d2)
        some = None if bias is None else bias[filters]
        _convolve(x[..., part], weight[filters], some, windows, out[..., filters])
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
) -> None:
    """Write the convolution to `out`; `added` of the weights are zeros that a kernel put in."""
    extents, d2, dtype = out.shape[1:-1], len(weight), out.dtype
    used = (weight.size - added) // math.prod(weight.shape[1:-1])  # products at a tap and a place
    record_padding(len(x) * outside(x, windows, extents) * used)
    pointwise = math.prod(weight.shape[1:-1]) == 1 and not any(b or a for _, _, b, a, _ in windows)
    matrix = weight.reshape(d2, -1).T
    terms = len(matrix)

    def work(job: Job) -> tuple[int, int, int]:
        sample, result, block, strip = job
        m = math.prod(map(len, block))
        target, some = result[area(block)].reshape(m, d2)[:, strip], matrix[:, strip]
        if pointwise:
            rows = seen(sample, block, windows, [0] * len(block)).reshape(m, terms)
        else:
            rows = room("rows", m * terms, dtype).reshape(m, terms)
            _lay_out(sample, block, windows, rows)
        np.matmul(rows, some, out=target)
        if bias is not None:
            np.add(target, bias[strip], out=target)
        return m, some.shape[1], terms

    row = max(terms, d2 if pointwise else 0) * dtype.itemsize
    lanes = worth(out.size * terms)
    for operands in products(work, _jobs(x, out, row, lanes), lanes):
        record(*operands)
    record(0, 0, 0, packed=len(x) * math.prod(extents) * added)


def _jobs(x: Array, out: Array, row: int, lanes: int) -> list[Job]:
    """Return the blocks of places and filters that make up the result, alike for `lanes` threads.

    What has more filters than places is cut into strips of filters, so that each thread reads a
    part of the weights.
    """
    extents, width = out.shape[1:-1], out.shape[-1]
    count = math.prod(extents)
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


def _lay_out(sample: Array, block: Block, windows: Sequence[Window], rows: Array) -> None:
    """Write the windows of a block into `rows`, `(places, taps·channels)`."""
    count, kernel = [len(run) for run in block], [k for k, *_ in windows]
    target = rows.reshape(*count, *kernel, -1)
    every: list[slice | int] = [slice(None)] * len(count)
    size = math.prod(span(block, windows)) * sample.shape[-1]
    if size * sample.itemsize > WORKSPACE:  # each tap by itself
        for tap in taps(windows):
            target[(*every, *tap)] = seen(sample, block, windows, tap)
        return
    patch = slab(sample, block, windows, buffer=room("patch", size, sample.dtype))
    source = unrolled(patch, windows, count)
    for row in product(*map(range, kernel[:-1])):
        at = (*every, *row)
        target[at] = source[at]
