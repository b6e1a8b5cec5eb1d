"""Convolution as a matrix product, tile by tile: im2col rows times the filters."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnncalc.kernels.counting import record, record_padding
from cnncalc.kernels.depthwise import convolve_depthwise
from cnncalc.kernels.grouped import convolve_grouped, fits_scratch
from cnncalc.kernels.windows import (
    ROWS,
    SCRATCH,
    AxisWindow,
    Tile,
    at_tap,
    output_extents,
    patch,
    patch_bytes,
    slices,
    taps,
    taps_on_padding,
    tiles,
    window_view,
)

Array = NDArray[Any]


def convolve(
    x: Array,
    weight: Array,
    bias: Array | None,
    windows: Sequence[AxisWindow],
    *,
    groups: int = 1,
    ceil: bool = False,
) -> Array:
    """Return the convolution of x with `weight`.

    Shapes: x `(N, *extents, D1)`, weight `(D2, *kernel, D1 / groups)`, bias `(D2,)`.
    """
    if weight.shape[-1] == 1 and groups > 1:
        return convolve_depthwise(x, weight, bias, windows, ceil=ceil)
    if groups > 1 and fits_scratch(x, windows):
        return convolve_grouped(x, weight, bias, windows, groups=groups, ceil=ceil)
    shape = (len(x), *output_extents(x, windows, ceil=ceil), len(weight))
    out = np.empty(shape, np.result_type(x, weight))
    d1, d2 = weight.shape[-1], len(weight) // groups
    for i in range(groups):
        channels, filters = slice(i * d1, (i + 1) * d1), slice(i * d2, (i + 1) * d2)
        own_bias = None if bias is None else bias[filters]
        _convolve(x[..., channels], weight[filters], own_bias, windows, out=out[..., filters])
    return out


def convolve_connected(
    x: Array,
    weight: Array,
    bias: Array | None,
    windows: Sequence[AxisWindow],
    *,
    connections: Sequence[Sequence[int]],
    ceil: bool = False,
) -> Array:
    """Return the convolution in which filter i sees only the channels `connections[i]`.

    Shapes: x `(N, *extents, D1)`, weight `(pairs, *kernel)`. Filters are filled up with zeros
    for the channels that they do not see; products with those zeros are recorded as packed.
    """
    shape = (len(x), *output_extents(x, windows, ceil=ceil), len(connections))
    out = np.empty(shape, np.result_type(x, weight))
    step = max(1, SCRATCH // (x.shape[-1] * weight[0].nbytes))
    pair = 0
    for i in range(0, len(connections), step):
        some = connections[i : i + step]
        full = np.zeros((len(some), *weight.shape[1:], x.shape[-1]), weight.dtype)
        for filter_, channels in zip(full, some, strict=True):
            for channel in channels:
                filter_[..., channel] = weight[pair]
                pair += 1
        part = slice(i, i + step)
        zeros = full.size - sum(map(len, some)) * weight[0].size
        own_bias = None if bias is None else bias[part]
        _convolve(x, full, own_bias, windows, out=out[..., part], zeros=zeros)
    return out


def _convolve(
    x: Array,
    weight: Array,
    bias: Array | None,
    windows: Sequence[AxisWindow],
    *,
    out: Array,
    zeros: int = 0,
) -> None:
    """Write the convolution to `out`; a kernel put in `zeros` of the weights."""
    extents, d2 = out.shape[1:-1], len(weight)
    size = math.prod(weight.shape[1:-1])
    record_padding(len(x) * taps_on_padding(x, windows, extents) * ((weight.size - zeros) // size))
    matrix = weight.reshape(d2, -1).T
    most = max(1, ROWS // (len(matrix) * out.itemsize))
    for sample, result in zip(x, out, strict=True):
        for tile in tiles(extents, most):
            rows = im2col(sample, tile, windows)
            product = result[slices(tile)].reshape(-1, d2)
            np.matmul(rows, matrix, out=product)
            if bias is not None:
                np.add(product, bias, out=product)
            record(len(product), d2, len(matrix))
    record(0, 0, 0, packed=len(x) * math.prod(extents) * zeros)


def im2col(sample: Array, tile: Tile, windows: Sequence[AxisWindow]) -> Array:
    """Return the windows of a tile as the rows of a matrix: a view where they lie so in memory.

    Shapes: sample `(*extents, C)`; the result `(positions, taps·C)`.
    """
    count, kernel = [len(run) for run in tile], [kernel for kernel, *_ in windows]
    terms = math.prod(kernel) * sample.shape[-1]
    if patch_bytes(sample, tile, windows) <= SCRATCH:
        covered = patch(sample, tile, windows)
        return window_view(covered, windows, count).reshape(-1, terms)
    rows = np.empty((*count, *kernel, sample.shape[-1]), sample.dtype)
    every: tuple[slice | int, ...] = (slice(None),) * len(count)
    for tap in taps(windows):
        rows[(*every, *tap)] = at_tap(sample, tile, windows, tap)
    return rows.reshape(-1, terms)
