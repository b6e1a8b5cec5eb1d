"""Transposed convolution: a product for each tap, added up where the tap lands."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnncalc.kernels.counting import record
from cnncalc.kernels.windows import AxisWindow, Tile, slices, taps, tiles

Array = NDArray[Any]

# Values of one tap's product: 2x2 at stride 2 on 28x28x1024 takes 41 at 2^16, 35 at 2^18, 34 at
# 2^20; on 112x112x128 13.5, 12.7, 14.4.
VALUES = 2**18


def landing(
    x: Array, windows: Sequence[AxisWindow], extra: Sequence[int]
) -> tuple[list[Array], list[int]]:
    """Return where each tap of each input lands along each axis, and the output's extents.

    Shapes: x `(N, *extents, C)`; an array `(inputs, taps)` for each axis, of positions in the
    cropped output.
    """
    lands, extents = [], []
    for w, (kernel, stride, before, after, dilation), more in zip(
        x.shape[1:-1], windows, extra, strict=True
    ):
        at = np.add.outer(np.arange(w) * stride, np.arange(kernel) * dilation)
        whole = np.arange(int(at.max()) + 1 + more)
        extents.append(len(whole[before : len(whole) - after]))
        lands.append(at - before)
    return lands, extents


def convolve_transposed(
    x: Array,
    weight: Array,
    bias: Array | None,
    windows: Sequence[AxisWindow],
    *,
    extra: Sequence[int],
    groups: int = 1,
) -> Array:
    """Return the transposed convolution of x: `windows` are those of the convolution it undoes.

    Shapes: x `(N, *extents, D1)`, weight `(D2, *kernel, D1 / groups)`, bias `(D2,)`, extra
    positions after the last along each axis.
    """
    lands, extents = landing(x, windows, extra)
    d2, d1 = len(weight), weight.shape[-1]
    out = np.empty((len(x), *extents, d2), np.result_type(x, weight))
    out[...] = 0 if bias is None else bias
    filters = weight.reshape(groups, d2 // groups, *weight.shape[1:])
    for sample, result in zip(x, out, strict=True):
        for tile in tiles(x.shape[1:-1], max(1, VALUES // max(d2, x.shape[-1]))):
            m = math.prod(map(len, tile))
            rows = sample[slices(tile)].reshape(m, groups, d1).transpose(1, 0, 2)
            product = np.empty((m, groups, d2 // groups), out.dtype)
            for tap in taps(windows):
                picks: tuple[slice | int, ...] = (slice(None), slice(None), *tap)
                matrix = filters[picks].transpose(0, 2, 1)
                if d1 == 1:
                    np.multiply(rows.transpose(1, 0, 2), matrix[:, 0], out=product)
                else:
                    np.matmul(rows, matrix, out=product.transpose(1, 0, 2))
                record(m, d2, d1)
                _land(
                    product.reshape(*map(len, tile), d2),
                    tile,
                    tap,
                    lands=lands,
                    windows=windows,
                    result=result,
                )
    return out


def _land(
    product: Array,
    tile: Tile,
    tap: Sequence[int],
    *,
    lands: Sequence[Array],
    windows: Sequence[AxisWindow],
    result: Array,
) -> None:
    """Add a tap's products at the positions where they land; those outside are cropped."""
    source, target = [], []
    for run, t, at, extent, (_, stride, *_) in zip(
        tile, tap, lands, result.shape, windows, strict=False
    ):
        positions = at[run.start : run.stop, t]
        low, high = np.searchsorted(positions, [0, extent])
        source.append(slice(low, high))
        first = int(positions[low]) if low < high else 0
        target.append(slice(first, first + int(high - low) * stride, stride))
    part = result[tuple(target)]
    np.add(part, product[tuple(source)], out=part)
