"""Pseudorandom arrays made from a seed by integer arithmetic: the same bits on every machine.

A value follows from the seed, the layer's path, the array's name and the element's place in
memory alone. 2^16 fixed odd words are multiplied by an odd key modulo 2^32, a new key for each
2^16 elements. The products are odd, so never zero, and uniform about zero as signed integers.
Converting them to float32 rounds once, and so does scaling them.
"""

from __future__ import annotations

import hashlib
import math
from functools import cache
from itertools import count
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Words = NDArray[np.uint32]
    Values = NDArray[np.float32]

# Elements that share a key. With fewer, calls of NumPy take longer than the arithmetic: 0.68 ns a
# value at 2^16, 0.73 at 2^15, 0.82 at 2^14, of which 0.45 go to clearing new memory (Zen 4).
BLOCK = 1 << 16
_WORD64 = (1 << 64) - 1


@cache
def _pattern() -> Words:
    """Return the words 0 to 2^16 - 1, mixed by the finalizer of MurmurHash3 and made odd."""
    words = np.arange(BLOCK, dtype=np.uint32)
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35), (16, 1)):
        words ^= words >> np.uint32(shift)
        words *= np.uint32(factor)
    return words | np.uint32(1)


def _mixed(word: int) -> int:
    """Return a 64-bit word mixed as SplitMix64 does it. Source: Steele, Lea, Flood 2014.

    >>> _mixed(0) == _mixed(1)
    False
    """
    word = (word ^ (word >> 30)) * 0xBF58476D1CE4E5B9 & _WORD64
    word = (word ^ (word >> 27)) * 0x94D049BB133111EB & _WORD64
    return word ^ (word >> 31)


def random_words(key: str) -> Iterator[int]:
    """Yield 64-bit words that follow from `key`, without end."""
    start = int.from_bytes(hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()[:8])
    for turn in count(1):
        yield _mixed(start + turn * 0x9E3779B97F4A7C15 & _WORD64)


def seeded(
    seed: int, path: str, name: str, shape: tuple[int, ...], *, fan: float = 1, centre: float = 0.0
) -> Values:
    """Return float32 values uniform about `centre`, with variance 1 / `fan`.

    >>> seeded(0, "CONV1", "bias", (3,), fan=100).tolist() == (
    ...     seeded(0, "CONV1", "bias", (3,), fan=100).tolist())
    True
    """
    values = np.empty(shape, np.float32)
    flat = values.reshape(-1)
    # The uniform distribution over (-a, a) has variance a^2 / 3.
    scale = np.float32(math.sqrt(3 / fan) / (1 << 31))
    pattern, keys = _pattern(), random_words(f"{seed}\0{path}\0{name}")
    for first, key in zip(range(0, flat.size, BLOCK), keys, strict=False):
        part = flat[first : first + BLOCK]
        words = part.view(np.uint32)
        np.multiply(pattern[: part.size], np.uint32(key >> 32 | 1), out=words)
        np.copyto(part, words.view(np.int32), casting="unsafe")
        part *= scale
        if centre:
            part += np.float32(centre)
    return values


def digest(values: Values) -> str:
    """Return the SHA-256 of an array's shape and its bytes, least significant first."""
    made = hashlib.sha256(repr(tuple(map(int, values.shape))).encode())
    rows = values.reshape(1) if values.ndim == 0 else values
    step = max(1, BLOCK * len(rows) // max(1, rows.size))  # bounds the copies of strided rows
    for first in range(0, len(rows), step):
        made.update(np.ascontiguousarray(rows[first : first + step], dtype="<f4").data)
    return made.hexdigest()


class SeededArrays:
    """The arrays that a layer's `forward` asks for: made once for each name and shape.

    `damping` divides the variances, so that a sum to which many layers add stays small.

    Attributes:
        made: the arrays, by name.
        seconds: how long making them took.
    """

    def __init__(self, seed: int, path: str, damping: float = 1.0) -> None:
        self._seed, self._path, self._damping = seed, path, damping
        self.made: dict[str, Values] = {}
        self.seconds = 0.0

    def __call__(
        self,
        name: str,
        shape: tuple[int, ...],
        *,
        fan: int = 1,
        centre: float = 0.0,
        filters_last: bool = False,
    ) -> Values:
        """Return float32 values uniform about `centre`, with variance 1 / `fan`.

        With `filters_last` the first axis, the filters, is the last in memory.
        """
        shape = tuple(map(int, shape))
        if name not in self.made or self.made[name].shape != shape:
            start = perf_counter()
            memory = (*shape[1:], shape[0]) if filters_last else shape
            values = seeded(
                self._seed, self._path, name, memory, fan=fan * self._damping, centre=centre
            )
            self.made[name] = np.moveaxis(values, -1, 0) if filters_last else values
            self.seconds += perf_counter() - start
        return self.made[name]

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Return the shape of each array, by name."""
        return {name: values.shape for name, values in self.made.items()}

    def digests(self) -> dict[str, str]:
        """Return the SHA-256 of each array, by name."""
        return {name: digest(values) for name, values in self.made.items()}
