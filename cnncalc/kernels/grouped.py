"""Convolution in groups: the channels of each group laid out apart, and a product for each.

A group has few filters, and a product with few columns is slow. So the filters for several
neighbouring output positions stand side by side as the columns of one matrix, with zeros at the
taps that only the neighbours' windows have; the products with those zeros are recorded as packed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnncalc.kernels.counting import record, record_padding
from cnncalc.kernels.windows import (
    ROWS,
    SCRATCH,
    AxisWindow,
    Tile,
    output_extents,
    padded_slice,
    patch_bytes,
    patch_extents,
    slices,
    taps_on_padding,
    tiles,
    window_view,
)

Array = NDArray[Any]

# Columns that a product should have. ResNeXt's 32 groups of 4 filters at 56x56 take 3.0 with no
# neighbours, 2.3 with 8 columns, 1.5 with 16, 2.3 with 32.
COLUMNS = 16
# How many times the taps of a window a row may have for the neighbours' windows: the same take
# 2.7 at 1, and 1.5 from 2 on.
SPARSE = 4
# Bytes of a tile's patch, its groups apart: the same take 1.75 at 2^18, 1.5 from 2^20 on.
PATCH = 2**21
# Types by whose items the channels of a group are copied, by bytes: 1.5 instead of 2.5.
ITEMS: dict[int, Any] = {8: np.complex64, 16: np.complex128}


def convolve_grouped(
    x: Array,
    weight: Array,
    bias: Array | None,
    windows: Sequence[AxisWindow],
    *,
    groups: int,
    ceil: bool = False,
) -> Array:
    """Return the convolution in which each group of filters sees a group of channels.

    Shapes: x `(N, *extents, D1)`, weight `(D2, *kernel, D1 / groups)`, bias `(D2,)`.
    """
    extents, dtype = output_extents(x, windows, ceil=ceil), np.result_type(x, weight)
    d1, d2 = weight.shape[-1], len(weight) // groups
    out = np.empty((len(x), *extents, len(weight)), dtype)
    x = x.astype(dtype, copy=False)
    if x.strides[-1] != x.itemsize:  # channels are copied several at a time
        x = np.ascontiguousarray(x)
    joined = _neighbours(x, weight, windows, filters=d2, last=extents[-1])
    matrices, wide = _side_by_side(weight, windows, groups, joined)
    terms = matrices.shape[1]
    row = -(-terms * dtype.itemsize // joined)  # bytes for a position of a group
    for sample, result in zip(x, out, strict=True):
        for tile in _tiles(x, windows, extents, joined=joined, row=row):
            count = [*map(len, tile)]
            count[-1] = -(-count[-1] // joined)
            m = math.prod(count)
            source = _wide_windows(sample, tile, windows, wide=wide, groups=groups, count=count)
            target = result[slices(tile)].reshape(*map(len, tile), groups, d2)
            target = np.moveaxis(target, -2, 0)
            step = max(1, ROWS // (row * m * joined))
            for first in range(0, groups, step):
                some = slice(first, first + step)
                rows = np.ascontiguousarray(source[some]).view(dtype).reshape(-1, m, terms)
                product = np.matmul(rows, matrices[some])
                apart = product.reshape(len(rows), *count[:-1], count[-1] * joined, d2)
                _items(target[some])[...] = _items(apart[..., : len(tile[-1]), :])
            if bias is not None:
                values = result[slices(tile)]
                np.add(values, bias, out=values)
            used = math.prod(map(len, tile)) * weight.size
            columns = len(weight) * joined
            record(m, columns, terms, packed=m * columns * terms - used)
    record_padding(len(x) * taps_on_padding(x, windows, extents) * len(weight) * d1)
    return out


def fits_scratch(x: Array, windows: Sequence[AxisWindow]) -> bool:
    """Return whether the values under a window are few enough to be laid out."""
    reach = [stride + dilation * (kernel - 1) for kernel, stride, _, _, dilation in windows]
    return bool(math.prod(reach) * x.shape[-1] * x.itemsize <= PATCH)


def _tiles(
    x: Array, windows: Sequence[AxisWindow], extents: Sequence[int], *, joined: int, row: int
) -> list[Tile]:
    """Return tiles whose patches can be laid out; a group takes `row` bytes for a position."""
    position = x.shape[-1] * x.itemsize * math.prod(stride for _, stride, *_ in windows)
    most = PATCH // max(row, position)
    while True:
        found = tiles(extents, max(joined, most))
        if most <= joined or patch_bytes(x[0], found[0], windows) <= SCRATCH:
            return found
        most //= 2


def _neighbours(
    x: Array, weight: Array, windows: Sequence[AxisWindow], *, filters: int, last: int
) -> int:
    """Return how many neighbours along the last axis share a product."""
    kernel, stride, _, _, dilation = windows[-1]
    joined = max(1, min(COLUMNS // filters, last))

    def columns() -> int:
        return (joined - 1) * stride + dilation * (kernel - 1) + 1

    while joined > 1 and (
        columns() > SPARSE * kernel or weight.nbytes * joined * columns() > SCRATCH * kernel
    ):
        joined //= 2
    if joined > 1:
        with np.errstate(over="ignore", invalid="ignore"):
            # NaN and infinity are no zeros where they meet a zero: nothing is joined then.
            return joined if np.isfinite(x.sum()) else 1
    return 1


def _side_by_side(
    weight: Array, windows: Sequence[AxisWindow], groups: int, joined: int
) -> tuple[Array, Sequence[AxisWindow]]:
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


def _wide_windows(
    sample: Array,
    tile: Tile,
    windows: Sequence[AxisWindow],
    *,
    wide: Sequence[AxisWindow],
    groups: int,
    count: Sequence[int],
) -> Array:
    """Return the wide windows of each group as a view.

    Shapes: `(groups, *positions, *taps, items)`, items as `_items` makes them of channels.
    """
    sample = np.moveaxis(sample.reshape(*sample.shape[:-1], groups, -1), -2, 0)
    first = [run.start * s - before for run, (_, s, before, *_) in zip(tile, windows, strict=True)]
    size = [groups, *patch_extents(tuple(map(range, count)), wide)]
    apart = padded_slice(_items(sample), [0, *first], size, [1] * len(size))
    apart = np.ascontiguousarray(apart)
    return window_view(apart, [(1, 1, 0, 0, 1), *wide], [groups, *count])


def _items(values: Array) -> Array:
    """Return the channels of each position as one item, if there is one of that many bytes."""
    item = ITEMS.get(values.shape[-1] * values.itemsize)
    return values if item is None else values.view(item)
