"""What follows a kernel: done to each block of its result while that is still in the cache."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray


class Step(NamedTuple):
    """What a function does to rows, `(places, C)`: it writes over them.

    `channels` are all that there are; `passes` is how often it goes over the values, about.
    `across` tells that a value needs the other channels of its place.
    """

    function: Callable[..., object]
    settings: tuple[Any, ...]
    channels: int
    passes: int
    across: bool

    def on(self, rows: NDArray[Any], part: slice | None = None) -> None:
        """Do it to rows of all channels, or of a part of them."""
        settings = self.settings
        if part is not None and rows.shape[-1] < self.channels:
            # An array has a value for each channel, once or several times over, or one for all.
            settings = tuple(
                each[: self.channels][part]
                if isinstance(each, np.ndarray) and each.size > 1
                else each
                for each in settings
            )
        self.function(rows, rows, *settings)


BLOCK = 2**18  # values: what a step needs in between then stays in the cache
SLOWER = 12  # times the time of a product in a product of matrices, for going over a value once

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


def done(steps: Sequence[Step], rows: NDArray[Any], part: slice | None = None) -> None:
    """Do the steps to rows of all channels, or of a part of them, as many at a time as fit."""
    if steps:
        length = max(1, BLOCK // rows.shape[-1])
        for first in range(0, len(rows), length):
            for step in steps:
                step.on(rows[first : first + length], part)


def effort(steps: Sequence[Step]) -> int:
    """Return how many products in a product of matrices take as long as the steps, for a value."""
    return SLOWER * sum(step.passes for step in steps)
