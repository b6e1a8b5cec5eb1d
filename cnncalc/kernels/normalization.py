"""Normalization with given statistics, or with those of groups of values."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnncalc.kernels.elementwise import blockwise, scale

Array = NDArray[Any]


def batch_norm(
    x: Array,
    *,
    mean: Array,
    variance: Array,
    weight: Array | None,
    bias: Array | None,
    eps: float,
) -> Array:
    """Return x normalized with given statistics, a mean and a variance for each channel."""
    factor = 1 / np.sqrt(variance.astype(np.float64) + eps)
    if weight is not None:
        factor *= weight
    offset = -mean * factor
    if bias is not None:
        offset += bias
    return scale(x, factor.astype(x.dtype), offset.astype(x.dtype))


def normalize(
    x: Array,
    *,
    together: bool,
    groups: int,
    eps: float,
    weight: Array | None,
    bias: Array | None,
) -> Array:
    """Return x with groups of values brought to mean 0 and variance 1.

    Shapes: x `(N, *extents, C)`. A group is C / `groups` channels, of all positions together
    or of one; weight and bias `(C,)` or `(*extents, C)`.
    """
    if not together and groups == 1 and (weight is None or weight.ndim == 1):
        return _normalize(x, eps, weight, bias)
    result = np.empty(x.shape, x.dtype)
    along, summed = ((0, 2), "pgc,pgc->g") if together else ((2,), "pgc,pgc->pg")
    for sample, out in zip(x, result, strict=True):
        grouped = sample.reshape(-1, groups, x.shape[-1] // groups)
        centred = out.reshape(grouped.shape)
        mean = grouped.mean(along, keepdims=True, dtype=np.float64)
        np.subtract(grouped, mean.astype(x.dtype), out=centred)
        squares = np.einsum(summed, centred, centred, dtype=np.float64)
        variance = squares.reshape(mean.shape) * (mean.size / grouped.size)
        centred *= (1 / np.sqrt(variance + eps)).astype(x.dtype)
        if weight is not None:
            out *= weight
        if bias is not None:
            out += bias
    return result


@blockwise
def _normalize(x: Array, out: Array, eps: float, weight: Array | None, bias: Array | None) -> None:
    """Return the channels of each row brought to mean 0 and variance 1."""
    np.subtract(x, x.mean(-1, keepdims=True), out=out)
    variance = np.einsum("ij,ij->i", out, out) / np.float32(x.shape[-1])
    out *= (1 / np.sqrt(variance + np.float32(eps)))[:, None]
    if weight is not None:
        out *= weight
    if bias is not None:
        out += bias


@blockwise
def rms_normalize(x: Array, out: Array, eps: float, weight: Array | None) -> None:
    """Return the channels of each row over the root of the mean of their squares."""
    squares = np.einsum("ij,ij->i", x, x) / np.float32(x.shape[-1])
    np.multiply(x, (1 / np.sqrt(squares + np.float32(eps)))[:, None], out=out)
    if weight is not None:
        out *= weight


@blockwise
def l2_normalize(x: Array, out: Array, least: float) -> None:
    """Return x over the length of its channels, or over `least` if that is more."""
    length = np.sqrt(np.square(x).sum(-1, keepdims=True))
    np.divide(x, np.maximum(length, least), out=out)


@blockwise
def lrn(x: Array, out: Array, *, size: int, alpha: float, beta: float, k: float) -> None:
    """Return x/(k + alpha · sum of squares)^beta over `size` channels, the first size // 2 before.

    Source: Krizhevsky et al. 2012, section 3.3.
    """
    squares = np.square(x)
    channels = x.shape[-1]
    total = np.zeros_like(squares)
    for shift in range(max(-(size // 2), 1 - channels), min(size - size // 2, channels)):
        near = slice(max(0, shift), channels + min(0, shift))
        total[..., max(0, -shift) : channels - max(0, shift)] += squares[..., near]
    total *= alpha
    total += k
    if beta == 0.75:  # two roots take a tenth of a power's time
        root = np.sqrt(total)
        total = root * np.sqrt(root)
    else:
        total **= beta
    np.divide(x, total, out=out)
