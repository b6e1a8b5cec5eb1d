"""What the products that ran are counted in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass
class Ledger:
    """The products that ran while it was open, counted from the operands they were given.

    Units: multiply-accumulates, for all samples. `macs` are without those of `packed`: the
    products with zeros that a kernel put in itself, to make one product of several small ones.
    `padding` are those of `macs` that met the zeros around the input.
    """

    macs: int = 0
    packed: int = 0
    padding: int = 0


_ledger: ContextVar[Ledger | None] = ContextVar("ledger", default=None)


@contextmanager
def count() -> Iterator[Ledger]:
    """Open a ledger of the products that run inside the `with` block.

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
    """Note that an m x k operand met a k x n one, `packed` of the products with added zeros.

    Kernels call it from the thread they were called in, once for each block of work.
    """
    ledger = _ledger.get()
    if ledger is not None:
        ledger.macs += m * n * k - packed
        ledger.packed += packed


def record_padding(products: int) -> None:
    """Note that so many of the products that were recorded met the zeros around the input."""
    ledger = _ledger.get()
    if ledger is not None:
        ledger.padding += products
