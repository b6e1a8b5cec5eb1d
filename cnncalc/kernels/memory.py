"""Memory for results: used again where many are made, as soon as nobody holds it any more.

The system clears new memory page by page when it is first touched; that takes longer than
most layers take to fill it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

SLACK = 2  # times as much as is asked for may be given


class Arena:
    """Buffers that arrays lie in until they are released.

    >>> arena = Arena()
    >>> with arena.used():
    ...     first = empty((4, 2), np.dtype(np.float32))
    ...     arena.release(first)
    ...     np.may_share_memory(first, empty((8,), np.dtype(np.float32)))
    True
    """

    def __init__(self) -> None:
        self._taken: dict[int, Array] = {}
        self._free: list[Array] = []

    @contextmanager
    def used(self) -> Iterator[None]:
        """Have the results of kernels lie in these buffers."""
        token = _arena.set(self)
        try:
            yield
        finally:
            _arena.reset(token)

    def take(self, size: int) -> Array:
        """Return so many bytes, of the smallest buffer that is free and not far too large."""
        fit = [buffer for buffer in self._free if size <= buffer.nbytes <= SLACK * size]
        if fit:
            buffer = min(fit, key=len)
            self._free = [other for other in self._free if other is not buffer]
        else:
            buffer = np.empty(size, np.uint8)
        self._taken[id(buffer)] = buffer
        return buffer[:size]

    def release(self, array: Array) -> None:
        """Let the buffer that an array lies in be used again, if it is one of these."""
        while isinstance(array.base, np.ndarray):
            array = array.base
        if self._taken.pop(id(array), None) is not None:
            self._free.append(array)


_arena: ContextVar[Arena | None] = ContextVar("arena", default=None)


def empty(shape: Sequence[int], dtype: np.dtype[Any]) -> Array:
    """Return an array whose values are to be written: in the arena in use, if there is one."""
    arena = _arena.get()
    if arena is None:
        return np.empty(tuple(shape), dtype)
    size = math.prod(shape) * dtype.itemsize
    return arena.take(size).view(dtype).reshape(tuple(shape))
