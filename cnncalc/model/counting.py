"""How numbers are counted: for how many images, in which type of value, and what a FLOP is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cnncalc.layers.base import Cost

LARGEST_BATCH = 2**31 - 1

# Bytes of one value, by the name of its type.
DTYPES = {
    "float64": 8,
    "float32": 4,
    "float16": 2,
    "bfloat16": 2,
    "int8": 1,
}

# What a FLOP is: factor of a multiply-accumulate, factor of every other operation, in words.
CONVENTIONS: dict[str, tuple[int, int, str]] = {
    "mac": (1, 0, "multiply-accumulates"),
    "2mac": (2, 0, "multiplications and additions of multiply-accumulates, counted apart"),
    "full": (2, 1, "all operations, a multiply-accumulate as two"),
}


# The values that an optimizer keeps for each parameter.
OPTIMIZERS = {"sgd": 0, "momentum": 1, "adam": 2}


def flops(cost: Cost, convention: str) -> int:
    """Return the FLOPs of a cost under a convention.

    >>> from cnncalc.layers.base import Cost
    >>> flops(Cost(macs=10, additions=3), "full")
    23
    """
    macs, others, _ = CONVENTIONS[convention]
    return macs * cost.macs + (others * cost.others if others else 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counting:
    """How the numbers of a report are counted, the same for all its layers.

    Attributes:
        batch: images at a time.
        bytes_per_value: bytes of one value of the report's dtype.
        convention: what a FLOP is: mac, 2mac or full.
    """

    batch: int = 1
    bytes_per_value: int = 4
    convention: str = "mac"
