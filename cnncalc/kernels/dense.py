"""Dense and locally connected layers, distances and maxout."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnncalc.kernels.counting import record, record_padding
from cnncalc.kernels.windows import (
    AxisWindow,
    at_tap,
    output_extents,
    slices,
    taps,
    taps_on_padding,
    tiles,
)

Array = NDArray[Any]

# Values of the operands laid out at a time: 1,000 distances of 4,096 values take 5.4 at 2^12,
# 2.6 at 2^16, 2.3 at 2^18; 16 filters of 9x9x16 at each of 400 positions 1.7, 0.31, 0.25.
VALUES = 2**18


def linear(x: Array, weight: Array, bias: Array | None) -> Array:
    """Return the product of the channels of x with each row of `weight`.

    Shapes: x `(N, ..., D1)`, weight `(D2, D1)`, bias `(D2,)`; the result `(N, ..., D2)`.
    """
    rows = x.reshape(-1, x.shape[-1])
    out: Array = np.matmul(rows, weight.T)
    if bias is not None:
        out += bias
    record(len(rows), len(weight), x.shape[-1])
    return out.reshape(*x.shape[:-1], len(weight))


def locally_connected(
    x: Array,
    weight: Array,
    bias: Array | None,
    windows: Sequence[AxisWindow],
    *,
    ceil: bool = False,
) -> Array:
    """Return the products of each window with filters of its own.

    Shapes: x `(N, *extents, D1)`, weight `(*positions, D2, *kernel, D1)`, bias `(*positions, D2)`.
    """
    extents, n = output_extents(x, windows, ceil=ceil), len(x)
    d2, size = weight.shape[len(extents)], math.prod(weight.shape[len(extents) + 1 :])
    out = np.empty((n, *extents, d2), np.result_type(x, weight))
    channels = x.shape[-1]
    for tile in tiles(extents, max(1, VALUES // (size * n))):
        m = math.prod(map(len, tile))
        rows = np.empty((m, size // channels, channels, n), x.dtype)
        for i, sample in enumerate(x):
            for j, tap in enumerate(taps(windows)):
                rows[:, j, :, i] = at_tap(sample, tile, windows, tap).reshape(m, channels)
        matrices = weight[slices(tile)].reshape(m, d2, size)
        products = np.matmul(matrices, rows.reshape(m, size, n))  # (positions, D2, N)
        target = out[(slice(None), *slices(tile))]
        target[...] = np.moveaxis(products, -1, 0).reshape(target.shape)
        if bias is not None:
            np.add(target, bias[slices(tile)], out=target)
    record(math.prod(extents) * n, d2, size)
    record_padding(n * taps_on_padding(x, windows, extents) * d2 * channels)
    return out


def matrix_product(a: Array, b: Array) -> Array:
    """Return the products of matrices in the last two axes. Shapes: (…, M, K), (…, K, N).

    With one axis less, `a` is a row for each sample.
    """
    out: Array = np.matmul(a[..., None, :], b)[..., 0, :] if a.ndim < b.ndim else np.matmul(a, b)
    record(math.prod(out.shape[:-1]), out.shape[-1], a.shape[-1])
    return out


def squared_distances(x: Array, centres: Array) -> Array:
    """Return the squared distance of each row of x from each centre.

    Shapes: x `(N, D1)`, centres `(D2, D1)`; the result `(N, D2)`.
    """
    out = np.empty((len(x), len(centres)), np.result_type(x, centres))
    step = max(1, VALUES // x.shape[1])
    for row, result in zip(x, out, strict=True):
        for i in range(0, len(centres), step):
            difference = row - centres[i : i + step]
            np.einsum("ij,ij->i", difference, difference, out=result[i : i + step])
    return out


def maxout(x: Array, pieces: int) -> Array:
    """Return the largest of each `pieces` neighbouring channels."""
    out = x[..., ::pieces].copy()
    for i in range(1, pieces):
        np.maximum(out, x[..., i::pieces], out=out)
    return out
