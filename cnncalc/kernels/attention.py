"""Attention over positions, or over the positions of windows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnncalc.kernels.counting import record, record_between

Array = NDArray[Any]

MASKED = -100.0  # added to the scores of positions that only a shift has brought together
LARGEST_SCALE = 100.0
LEAST_LENGTH = 1e-12


@dataclass(frozen=True, slots=True)
class AttentionWindows:
    """Windows that divide the extents.

    Attributes:
        sides: the length of a window along each axis.
        shifts: how far the windows are moved, the positions going round.
        grid: whether a window has positions as far apart as there are windows.
    """

    sides: Sequence[int]
    shifts: Sequence[int]
    grid: bool = False

    def split(self, x: Array) -> Array:
        """Return x by windows. Shapes: `(N, *extents, D)`; `(N, windows, positions, D)`."""
        axes = range(1, x.ndim - 1)
        x = np.roll(x, [-shift for shift in self.shifts], list(axes))
        parts: list[int] = []
        for n, side in zip(x.shape[1:-1], self.sides, strict=True):
            parts += (side, n // side) if self.grid else (n // side, side)
        x = x.reshape(len(x), *parts, x.shape[-1])
        order = self._order(len(axes))
        x = x.transpose(0, *order, x.ndim - 1)
        return x.reshape(len(x), -1, math.prod(self.sides), x.shape[-1])

    def join(self, x: Array, extents: Sequence[int]) -> Array:
        """Return positions from windows: the inverse of `split`."""
        counts = [n // side for n, side in zip(extents, self.sides, strict=True)]
        parts = x.reshape(len(x), *counts, *self.sides, x.shape[-1])
        order = [1 + i for i in np.argsort(np.array(self._order(len(counts))) - 1)]
        parts = parts.transpose(0, *order, parts.ndim - 1)
        joined = parts.reshape(len(x), *extents, x.shape[-1])
        return np.roll(joined, list(self.shifts), list(range(1, joined.ndim - 1)))

    def _order(self, count: int) -> list[int]:
        """Return the split axes, those of the windows first, then those inside them."""
        windows = [2 + 2 * i if self.grid else 1 + 2 * i for i in range(count)]
        inside = [1 + 2 * i if self.grid else 2 + 2 * i for i in range(count)]
        return windows + inside

    def mask(self, extents: Sequence[int]) -> Array | None:
        """Return an addend to scores, `(windows, positions, positions)`; None without shifts."""
        if not any(self.shifts):
            return None
        region = np.zeros((1, *extents, 1), np.int64)
        for axis, (n, side, shift) in enumerate(
            zip(extents, self.sides, self.shifts, strict=True), start=1
        ):
            if shift:
                along = np.zeros(n, np.int64)
                along[n - side : n - shift], along[n - shift :] = 1, 2
                shape = [n if i == axis else 1 for i in range(len(extents) + 2)]
                region = region * 3 + along.reshape(shape)
        unshifted = AttentionWindows(self.sides, [0] * len(self.shifts), self.grid)
        found = unshifted.split(region)[0, ..., 0]
        mask: Array = np.where(found[:, :, None] == found[:, None, :], 0.0, MASKED)
        return mask

    def distances(self) -> Array:
        """Return for each two positions of a window the row of a table of biases by distance."""
        places = np.stack(np.meshgrid(*map(np.arange, self.sides), indexing="ij"), -1)
        places = places.reshape(-1, len(self.sides))
        apart = places[:, None] - places[None] + (np.array(self.sides) - 1)
        lengths = [2 * side - 1 for side in self.sides]
        rows: Array = np.ravel_multi_index(tuple(np.moveaxis(apart, -1, 0)), tuple(lengths))
        return rows


def thirds(x: Array) -> tuple[Array, Array, Array]:
    """Return the three equal parts of the channels."""
    q, k, v = np.split(x, 3, axis=-1)
    return q, k, v


def _length(x: Array) -> Array:
    """Return the lengths of the vectors along the last axis, which stays."""
    length: Array = np.sqrt(np.square(x).sum(-1, keepdims=True))
    return length


def attention(
    qkv: tuple[Array, Array, Array],
    *,
    heads: int,
    windows: AttentionWindows | None,
    table: Array | None,
    scale: Array | None,
) -> Array:
    """Return softmax(Q·Kᵀ/√d)·V for each head; with `scale` cosines times e to it.

    Shapes: Q, K, V `(N, *extents, D)`, table `(1 or N, 2·side - 1, …, heads)`, scale `(heads,)`.
    """
    extents = qkv[0].shape[1:-1]
    if windows is None:
        parts = [x.reshape(len(x), 1, -1, x.shape[-1]) for x in qkv]
    else:
        parts = [windows.split(x) for x in qkv]
    # (N, windows, heads, positions, d)
    q, k, v = (x.reshape(*x.shape[:-1], heads, -1).swapaxes(2, 3) for x in parts)
    if scale is None:
        q = q * np.asarray(q.shape[-1] ** -0.5, q.dtype)
    else:
        q, k = (x / np.maximum(_length(x), LEAST_LENGTH) for x in (q, k))
    scores: Array = np.matmul(q, k.swapaxes(-1, -2))
    record(math.prod(scores.shape[:-1]), scores.shape[-1], q.shape[-1])
    if scale is not None:
        scores *= np.exp(np.minimum(scale, math.log(LARGEST_SCALE)))[:, None, None]
    if windows is not None:
        if table is not None:
            rows = table.reshape(len(table), -1, heads)[:, windows.distances()]
            scores += rows.transpose(0, 3, 1, 2)[:, None]
        mask = windows.mask(extents)
        if mask is not None:
            scores += mask[:, None].astype(scores.dtype)
    record_between(scores)
    scores -= scores.max(-1, keepdims=True)
    np.exp(scores, out=scores)
    scores /= scores.sum(-1, keepdims=True)
    out: Array = np.matmul(scores, v)
    record(math.prod(out.shape[:-1]), out.shape[-1], scores.shape[-1])
    out = out.swapaxes(2, 3).reshape(*parts[0].shape[:-1], -1)
    return out.reshape(len(out), *extents, -1) if windows is None else windows.join(out, extents)
