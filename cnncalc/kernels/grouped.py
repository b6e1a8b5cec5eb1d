"""Convolution in groups: a product for each, their channels laid out apart.

The few filters of a group would leave a product nearly without columns. So the filters of
neighbouring places stand side by side there, each between zeros where only its neighbours'
windows are; the products with those zeros are reported as packed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnncalc.kernels.counting import record, record_padding
from cnncalc.kernels.elementwise import follow
from cnncalc.kernels.following import Step, done, effort, followers
from cnncalc.kernels.memory import empty
from cnncalc.kernels.threads import again, products, room, worth
from cnncalc.kernels.windows import (
    ROWS,
    WORKSPACE,
    Block,
    Window,
    area,
    blocks,
    outside,
    picked,
    places,
    span,
    unrolled,
)

Array = NDArray[Any]

COLUMNS = 16  # of a product that are worth it
SPARSE = 4  # times the terms of a window, at most, are laid out for neighbours
PATCH = 2**22  # bytes of the channels laid apart at a time
ITEMS: dict[int, Any] = {8: np.complex64, 16: np.complex128}  # copied in one go, by bytes


def convolve_grouped(
    x: Array,
    weight: Array,
    bias: Array | None,
    windows: Sequence[Window],
    groups: int,
    *,
    ceil: bool = False,
    out: Array | None = None,
) -> Array:
    """Return the convolution in which each group of filters sees a group of channels.

    Shapes: x `(N, *extents, D1)`, weight `(D2, *kernel, D1 / groups)`, bias `(D2,)`.
    """
    extents, dtype = places(x, windows, ceil=ceil), np.result_type(x, weight)
    d2 = len(weight) // groups
    if out is None:
        out = empty((len(x), *extents, len(weight)), dtype)
    target, then = out, followers()
    packed = cache(lambda joined: _side_by_side(weight, windows, groups, joined))

    def run() -> None:
        values = x.astype(dtype, copy=False)
        if values.strides[-1] != values.itemsize:  # channels are copied several at a time
            values = np.ascontiguousarray(values)
        joined = _joined(values, weight, windows, d2, extents[-1])
        matrices, wide = packed(joined)
        _convolve(values, weight, bias, windows, groups, joined, matrices, wide, then, target)

    again(run)
    taps_of_all = len(x) * outside(x, windows, extents)
    record_padding(taps_of_all * weight.size // math.prod(weight.shape[1:-1]))
    return out


def _convolve(
    x: Array,
    weight: Array,
    bias: Array | None,
    windows: Sequence[Window],
    groups: int,
    joined: int,
    matrices: Array,
    wide: Sequence[Window],
    then: Sequence[Step],
    out: Array,
) -> None:
    """Write the convolution to `out`; matrices and windows are those for so many joined."""
    terms, d2, dtype = matrices.shape[1], len(weight) // groups, out.dtype
    row = -(-terms * dtype.itemsize // joined)  # bytes for a place of a group
    cut = _cut(x, windows, out.shape[1:-1], joined, row)
    lanes = worth(out.size * (terms + effort(then)))
    some = -(-groups // lanes)
    in_cache = () if some < groups and any(step.across for step in then) else then

    def work(job: tuple[Array, Array, Block, range]) -> tuple[int, int, int, int]:
        sample, result, block, part = job
        count = [*map(len, block)]
        count[-1] = -(-count[-1] // joined)
        m, d1 = math.prod(count), weight.shape[-1]
        source = _windows(sample, block, windows, wide, part, count, d1)
        target = result[area(block)].reshape(*map(len, block), groups, d2)
        target = np.moveaxis(target[..., part.start : part.stop, :], -2, 0)
        step = max(1, ROWS // (row * m * joined))
        for first in range(0, len(part), step):
            n = min(step, len(part) - first)
            few, i = slice(first, first + n), part.start + first
            rows = room("rows", n * m * terms, dtype)
            _items(rows.reshape(*source[few].shape[:-1], d1))[...] = source[few]
            product = room("product", n * m * joined * d2, dtype).reshape(n, m, -1)
            np.matmul(rows.reshape(n, m, terms), matrices[i : i + n], out=product)
            spread = product.reshape(n, *count[:-1], count[-1] * joined, d2)
            _items(target[few])[...] = _items(spread[..., : len(block[-1]), :])
        strip = slice(part.start * d2, part.stop * d2)
        values = result[area(block)].reshape(-1, groups * d2)[:, strip]
        if bias is not None:
            np.add(values, bias[strip], out=values)
        done(in_cache, values, strip)
        used = math.prod(map(len, block)) * len(part) * (weight.size // groups)
        ran = m, len(part) * joined * d2, terms
        return *ran, math.prod(ran) - used

    jobs = [
        (sample, result, block, range(first, min(first + some, groups)))
        for sample, result in zip(x, out, strict=True)
        for block in cut
        for first in range(0, groups, some)
    ]
    for m, n, k, packed in products(work, jobs, lanes):
        record(m, n, k, packed=packed)
    if then and not in_cache:
        follow(out, then)


def far(x: Array, windows: Sequence[Window]) -> bool:
    """Return whether what a window spans is too much to be laid out."""
    reach = [stride + dilation * (kernel - 1) for kernel, stride, _, _, dilation in windows]
    return bool(math.prod(reach) * x.shape[-1] * x.itemsize > PATCH)


def _cut(
    x: Array, windows: Sequence[Window], extents: Sequence[int], joined: int, row: int
) -> list[Block]:
    """Return blocks of places that span as much as can be laid out; `row` bytes for each place."""
    place = x.shape[-1] * x.itemsize * math.prod(stride for _, stride, *_ in windows)
    most = PATCH // max(row, place)
    while True:
        cut = blocks(extents, max(joined, most))
        if most <= joined or math.prod(span(cut[0], windows)) * place <= 2 * WORKSPACE:
            return cut
        most //= 2


def _joined(x: Array, weight: Array, windows: Sequence[Window], d2: int, last: int) -> int:
    """Return how many neighbours along the last axis share a product."""
    kernel, stride, _, _, dilation = windows[-1]
    joined = max(1, min(COLUMNS // d2, last))

    def columns() -> int:
        return (joined - 1) * stride + dilation * (kernel - 1) + 1

    while joined > 1 and (
        columns() > SPARSE * kernel or weight.nbytes * joined * columns() > WORKSPACE * kernel
    ):
        joined //= 2
    if joined > 1:
        with np.errstate(over="ignore", invalid="ignore"):
            # NaN and infinity are no zeros where they meet a zero: nothing is joined then.
            return joined if np.isfinite(x.sum()) else 1
    return 1


def _side_by_side(
    weight: Array, windows: Sequence[Window], groups: int, joined: int
) -> tuple[Array, Sequence[Window]]:
    """Return a matrix for each group, and the windows that its rows are.

    Shapes: the matrices are `(groups, taps·D1 / groups, joined·D2 / groups)`.
    """
    split = weight.reshape(groups, -1, *weight.shape[1:])
    if joined == 1:
        return split.reshape(*split.shape[:2], -1).transpose(0, 2, 1), windows
    *lead, (kernel, stride, before, after, dilation) = windows
    reach = dilation * (kernel - 1) + 1
    columns = (joined - 1) * stride + reach
    full = np.zeros((groups, joined, *split.shape[1:-2], columns, split.shape[-1]), weight.dtype)
    for i in range(joined):
        full[:, i, ..., i * stride : i * stride + reach : dilation, :] = split
    matrices = full.reshape(groups, joined * split.shape[1], -1).transpose(0, 2, 1)
    return np.ascontiguousarray(matrices), [*lead, (columns, joined * stride, before, after, 1)]


def _windows(
    sample: Array,
    block: Block,
    windows: Sequence[Window],
    wide: Sequence[Window],
    part: range,
    count: Sequence[int],
    d1: int,
) -> Array:
    """Return the wide windows of some groups as a view.

    Shapes: `(groups, *places, *taps, items)`, items as `_items` makes them of channels.
    """
    sample = sample[..., part.start * d1 : part.stop * d1]
    sample = np.moveaxis(sample.reshape(*sample.shape[:-1], len(part), d1), -2, 0)
    first = [run.start * s - before for run, (_, s, before, *_) in zip(block, windows, strict=True)]
    size = [len(part), *span(tuple(map(range, count)), wide)]
    patch = _items(room("patch", math.prod(size) * d1, sample.dtype).reshape(*size, d1))
    flat = patch.reshape(-1)
    found = picked(_items(sample), [0, *first], size, [1] * len(size), buffer=flat)
    if not np.may_share_memory(found, patch):
        patch[...] = found
    return unrolled(patch, [(1, 1, 0, 0, 1), *wide], [len(part), *count])


def _items(values: Array) -> Array:
    """Return the channels of each place as one item, if there is one of that many bytes."""
    item = ITEMS.get(values.shape[-1] * values.itemsize)
    return values if item is None else values.view(item)
