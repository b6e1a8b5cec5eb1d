"""Sums, means and extremes along axes, which are kept with length 1."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def reduce(x: Array, of: str, axes: tuple[int, ...]) -> Array:
    """Return a statistic of the values along axes of x: sum, mean, max, min, variance, length."""
    if of in ("max", "min"):
        found: Array = x.max(axes, keepdims=True) if of == "max" else x.min(axes, keepdims=True)
        return found
    wide = x.astype(np.float64)
    if of == "length":
        found = np.sqrt(np.square(wide).sum(axes, keepdims=True))
    else:
        statistic: Any = {"sum": np.sum, "mean": np.mean, "variance": np.var}[of]
        found = statistic(wide, axes, keepdims=True)
    return found.astype(x.dtype)
