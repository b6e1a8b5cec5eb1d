"""Convolution as products of matrices: windows laid out in rows, a block at a time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnncalc.kernels.counting import record
from cnncalc.kernels.depthwise import depthwise
from cnncalc.kernels.threads import each
from cnncalc.kernels.windows import (
    WORKSPACE,
    Block,
    Window,
    area,
    blocks,
    places,
    seen,
    slab,
    slab_size,
    taps,
    unrolled,
)

Array = NDArray[Any]

ROWS = 2**20  # bytes of the windows laid out at a time: as much as stays in a cache
PLACES = 256  # places that are worth a product, though their windows may be more than ROWS
PACK = 32  # channels that are worth a product of their own


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
        return depthwise(x, weight, bias, windows, ceil=ceil, out=out)
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
    filters = np.repeat(np.arange(len(connections)), [len(row) for row in connections])
    channels = np.concatenate([np.asarray(row, dtype=np.intp) for row in connections])
    full = np.zeros((len(connections), x.shape[-1], *weight.shape[1:]), weight.dtype)
    full[filters, channels] = weight
    return _convolve(
        x,
        np.moveaxis(full, 1, -1),
        bias,
        windows,
        1,
        ceil=ceil,
        out=out,
        added=full.size - weight.size,
    )


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
    joined = _joined(groups, weight.shape[-1])
    matrices = _packed(weight, groups, joined)  # (parts, taps·D1, D2), D1 and D2 of a part
    parts, terms, width = matrices.shape
    added += matrices.size * (joined - 1) // joined
    pointwise = terms == weight.shape[-1] and not any(b or a for _, _, b, a, _ in windows)
    pointwise = terms == joined * weight.shape[-1] and not any(b or a for _, _, b, a, _ in windows)
    row = max(parts * (width if pointwise else terms), parts * terms) * dtype.itemsize
    most = max(1, min(max(ROWS // row, PLACES), WORKSPACE // row))
    buffer = np.empty(0, dtype)
    for sample, result in zip(x, out, strict=True):
        for block in blocks(extents, most):
            m = math.prod(map(len, block))
            target = result[area(block)].reshape(m, parts, width)
            if pointwise:
                flat = seen(sample, block, windows, [0] * len(windows)).reshape(m, parts, terms)
                rows = flat.transpose(1, 0, 2)
            else:
                if not buffer.size:  # the first block is the largest
                    buffer = np.empty(m * parts * terms, dtype)
                rows = buffer[: m * parts * terms].reshape(parts, m, terms)
                _lay_out(sample, block, windows, rows)
            np.matmul(rows, matrices, out=target.transpose(1, 0, 2))
            record(m, width * parts, terms, packed=m * added)
            if bias is not None:
                flat = target.reshape(m, d2)
                np.add(flat, bias, out=flat)
    return out


def _joined(groups: int, channels: int) -> int:
    """Return how many groups share a product: the fewest that have PACK channels together."""
    fitting = [n for n in range(1, groups + 1) if groups % n == 0]
    return next((n for n in fitting if n * channels >= PACK), groups)


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
    kernel, parts = [k for k, *_ in windows], len(rows)
    count = [len(run) for run in block]
    target = rows.reshape(parts, *count, *kernel, -1)
    if slab_size(block, windows) * sample.shape[-1] * sample.itemsize > WORKSPACE:
        for tap in taps(windows):
            source = seen(sample, block, windows, tap).reshape(*count, parts, -1)
            target[(slice(None),) * (len(count) + 1) + tap] = np.moveaxis(source, -2, 0)
        return
    view = unrolled(slab(sample, block, windows), windows, count)
    split = view.reshape(*view.shape[:-1], parts, -1) if parts > 1 else view[..., None, :]
    source = np.moveaxis(split, -2, 0)
    axis = next((i for i, n in enumerate(count) if n > 1), 0)  # the first that has several
    before = (slice(None),) * (axis + 1)

    def copy(run: slice) -> None:
        target[(*before, run)] = source[(*before, run)]

    half = -(-count[axis] // 2)
    each(copy, [slice(0, half), slice(half, None)] if rows.nbytes > 2**18 else [slice(None)])
