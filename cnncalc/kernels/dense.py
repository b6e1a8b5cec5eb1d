"""Products of vectors with matrices: dense layers, locally connected ones, distances."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnncalc.kernels.counting import record, record_padding
from cnncalc.kernels.elementwise import follow
from cnncalc.kernels.following import done, effort, followers
from cnncalc.kernels.memory import empty
from cnncalc.kernels.threads import each, products, worth
from cnncalc.kernels.windows import (
    Block,
    Window,
    area,
    blocks,
    outside,
    places,
    seen,
    shares,
    strips_of,
    taps,
)

Array = NDArray[Any]

VALUES = 2**18  # of what is worked on at a time: 1 MiB
PLACES = 256  # that are worth a product, though their values may be more


def linear(x: Array, weight: Array, bias: Array | None, *, out: Array | None = None) -> Array:
    """Return the product of the channels of x with each row of `weight`.

    Shapes: x `(N, ..., D1)`, weight `(D2, D1)`, bias `(D2,)`; the result `(N, ..., D2)`.
    """
    if out is None:
        out = empty((*x.shape[:-1], len(weight)), np.result_type(x, weight))
    then = followers()
    lanes = worth(out.size * (x.shape[-1] + effort(then)))
    parts = strips_of(math.prod(x.shape[:-1]), len(weight), lanes)
    in_cache = () if len(parts) > 1 and any(step.across for step in then) else then
    most = max(PLACES, VALUES // max(weight.shape))

    def work(job: tuple[Block, slice]) -> list[tuple[int, int, int]]:
        share, part = job
        some, ran = weight[part], []
        for block in blocks(share, most):
            rows = x[area(block)].reshape(-1, x.shape[-1])
            result = out[area(block)].reshape(-1, len(weight))[:, part]
            np.matmul(rows, some.T, out=result)
            if bias is not None:
                np.add(result, bias[part], out=result)
            done(in_cache, result, part)
            ran.append((len(rows), *some.shape))
        return ran

    cut = shares(x.shape[:-1], lanes if len(parts) == 1 else 1)
    for ran in products(work, [(block, part) for block in cut for part in parts], lanes):
        for operands in ran:
            record(*operands)
    if then and not in_cache:
        follow(out, then)
    return out


def locally_connected(
    x: Array,
    weight: Array,
    bias: Array | None,
    windows: Sequence[Window],
    *,
    ceil: bool = False,
    out: Array | None = None,
) -> Array:
    """Return the products of each window with filters of its own.

    Shapes: x `(N, *extents, D1)`, weight `(*places, D2, *kernel, D1)`, bias `(*places, D2)`.
    """
    extents, n = places(x, windows, ceil=ceil), len(x)
    d2, size = weight.shape[len(extents)], math.prod(weight.shape[len(extents) + 1 :])
    if out is None:
        out = empty((n, *extents, d2), np.result_type(x, weight))
    channels = x.shape[-1]

    def work(block: Block) -> None:
        m = math.prod(map(len, block))
        rows = np.empty((m, size // channels, channels, n), x.dtype)
        for i, sample in enumerate(x):
            for j, tap in enumerate(taps(windows)):
                rows[:, j, :, i] = seen(sample, block, windows, tap).reshape(m, channels)
        matrices = weight[area(block)].reshape(m, d2, size)
        result = np.matmul(matrices, rows.reshape(m, size, n))  # (places, D2, N)
        target = out[(slice(None), *area(block))]
        target[...] = np.moveaxis(result, -1, 0).reshape(target.shape)
        if bias is not None:
            np.add(target, bias[area(block)], out=target)

    each(work, blocks(extents, max(1, VALUES // (size * n))))
    record(math.prod(extents) * n, d2, size)
    record_padding(n * outside(x, windows, extents) * d2 * channels)
    return out


def squared_distances(x: Array, centres: Array, *, out: Array | None = None) -> Array:
    """Return the squared distance of each row of x from each centre.

    Shapes: x `(N, D1)`, centres `(D2, D1)`; the result `(N, D2)`.
    """
    if out is None:
        out = empty((len(x), len(centres)), np.result_type(x, centres))
    step = max(1, VALUES // x.shape[1])
    for row, result in zip(x, out, strict=True):
        for i in range(0, len(centres), step):
            difference = row - centres[i : i + step]
            np.einsum("ij,ij->i", difference, difference, out=result[i : i + step])
    return out


def maxout(x: Array, pieces: int, *, out: Array | None = None) -> Array:
    """Return the largest of each `pieces` neighbouring channels."""
    if out is None:
        out = empty((*x.shape[:-1], x.shape[-1] // pieces), x.dtype)
    np.copyto(out, x[..., ::pieces])
    for i in range(1, pieces):
        np.maximum(out, x[..., i::pieces], out=out)
    return out
