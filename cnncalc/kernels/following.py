"""What follows a kernel: done to each block of its result while that is still in the cache."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np
from numpy.typing import NDArray

Step = Callable[[NDArray[Any]], object]  # writes over rows, `(places, C)`

_deferred: ContextVar[list[Step] | None] = ContextVar("deferred", default=None)
_followers: ContextVar[list[Step] | None] = ContextVar("followers", default=None)


@contextmanager
def deferred() -> Iterator[list[Step]]:
    """Have functions of single values write down what they would do, and return their input.

    >>> from cnncalc import kernels
    >>> with kernels.deferred() as steps:
    ...     x = kernels.relu(np.zeros((1, 2, 3)))
    >>> with kernels.followed_by(steps):
    ...     kernels.linear(np.ones((1, 2)), -np.eye(2), None)
    array([[0., 0.]])
    """
    steps: list[Step] = []
    token = _deferred.set(steps)
    try:
        yield steps
    finally:
        _deferred.reset(token)


def deferral() -> list[Step] | None:
    """Return where a function of single values writes down what it would do, if it shall."""
    return _deferred.get()


@contextmanager
def followed_by(steps: Sequence[Step]) -> Iterator[list[Step]]:
    """Let the kernel that runs inside do `steps` to its result, block by block.

    What is left of the list in the end no kernel has done.
    """
    left = list(steps)
    token = _followers.set(left)
    try:
        with np.errstate(over="ignore"):  # as functions of single values have it
            yield left
    finally:
        _followers.reset(token)


def followers() -> tuple[Step, ...]:
    """Return what is to be done to the result of the kernel that asks, which then has to do it."""
    left = _followers.get()
    if not left:
        return ()
    taken = tuple(left)
    left.clear()
    return taken
