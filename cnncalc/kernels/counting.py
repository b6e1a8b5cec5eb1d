"""A count of the multiply-accumulates that kernels run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass
class Ledger:
    """The multiply-accumulates that ran while it was open, for all samples.

    They are counted from the shapes of the operands that kernels multiplied.

    Attributes:
        macs: all but the packed ones.
        packed: with zeros that a kernel put in, to make one matrix product of several small ones.
        padding: those of `macs` that met the zeros around the input.
        between: bytes of what a layer of several operations made between them, in order.
    """

    macs: int = 0
    packed: int = 0
    padding: int = 0
    between: list[int] = field(default_factory=list)


_ledger: ContextVar[Ledger | None] = ContextVar("ledger", default=None)


@contextmanager
def count() -> Iterator[Ledger]:
    """Open a ledger of the multiply-accumulates that run inside the `with` block.

    >>> import numpy as np
    >>> from cnncalc import kernels
    >>> with kernels.count() as ledger:
    ...     result = kernels.linear(np.ones((2, 3)), np.ones((4, 3)), None)
    >>> ledger.macs
    24
    """
    ledger = Ledger()
    token = _ledger.set(ledger)
    try:
        yield ledger
    finally:
        _ledger.reset(token)


def record(m: int, n: int, k: int, *, packed: int = 0) -> None:
    """Count the product of an m x k and a k x n matrix, `packed` of it with added zeros."""
    ledger = _ledger.get()
    if ledger is not None:
        ledger.macs += m * n * k - packed
        ledger.packed += packed


def record_padding(products: int) -> None:
    """Count multiply-accumulates that were recorded as ones with the zeros around the input."""
    ledger = _ledger.get()
    if ledger is not None:
        ledger.padding += products


def record_between(made: NDArray[Any]) -> None:
    """Note an array that one operation of a layer makes for the next one."""
    ledger = _ledger.get()
    if ledger is not None:
        ledger.between.append(made.nbytes)
