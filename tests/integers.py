"""Arrays of small whole numbers over a power of two, the same on every machine and NumPy."""

from __future__ import annotations

import math
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray


def integers(name: str, shape: tuple[int, ...]) -> NDArray[Any]:
    """Return float64 values that follow from the name: odd 64ths between -1 and 1, none 0."""
    words = np.arange(math.prod(shape), dtype=np.uint64) + np.uint64(crc32(name.encode()))
    for shift in (16, 13, 16):
        words = (words ^ (words >> np.uint64(shift))) * np.uint64(0x45D9F3B) % np.uint64(2**32)
    numbers = (words >> np.uint64(26)).astype(np.int64)  # 0 to 63
    return ((2 * numbers - 63) / 64).reshape(shape)


def array(case: int, name: str, shape: tuple[int, ...]) -> NDArray[Any]:
    """Return the array of a golden case: inputs up to 3, variances above 0, the rest up to 1."""
    values = integers(f"{case} {name}", shape)
    if name.startswith("input"):
        return 3 * values
    return np.abs(values) + 0.25 if name == "variance" else values
