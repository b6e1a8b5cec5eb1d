"""Rules of counting: which layers, how many of each, and the words for it.

A rule counts for one sample. What tools do differently from one another are rules of their own.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cnncalc.layers import tags_of

if TYPE_CHECKING:
    from cnncalc.model.report import Row

CONVS, DENSE, POOLS = tags_of("convolution"), tags_of("dense"), tags_of("pool")


@dataclass(frozen=True, slots=True)
class Rule:
    """One term of a count: in words what it counts, of which types, and how many of a row.

    `words` is a phrase that can follow a number: `multiply-accumulates`.
    """

    words: str
    types: tuple[str, ...]
    count: Callable[[Row], int]

    def total(self, rows: Mapping[str, Sequence[Row]]) -> int:
        """Return the sum over the rows of its types, which are given by their type."""
        return sum(self.count(row) for type in self.types for row in rows.get(type, ()))


def by_type(rows: Iterable[Row]) -> dict[str, list[Row]]:
    """Return the rows that run at inference, by their type."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        if not row.training:
            found.setdefault(row.type, []).append(row)
    return found


# --- how many of a row ------------------------------------------------------------------------


def macs(row: Row) -> int:
    """Return the multiply-accumulates."""
    return row.macs


def outputs(row: Row) -> int:
    """Return the values of the output."""
    return row.output.size


def inputs(row: Row) -> int:
    """Return the values of the first input."""
    return row.inputs[0].size


def biases_added(row: Row) -> int:
    """Return the additions of biases: one at each output, where there are biases."""
    return row.output.size if row.biases else 0


def window_values(row: Row) -> int:
    """Return the values under a pool's window, summed over its outputs."""
    windows = row.layer.window(row.output, *row.inputs) if row.layer else None
    if not isinstance(windows, tuple):
        return row.inputs[0].size
    return math.prod(window.most for window in windows) * row.output.size


def kernel_side(row: Row) -> int:
    """Return a kernel's width if one number gives it, else the product of its sides."""
    kernel = getattr(row.layer, "kernel", 1)
    return kernel if isinstance(kernel, int) else math.prod(kernel)


def slid_everywhere(row: Row) -> int:
    """Return a convolution's weights once for each output position.

    That is too many where it is transposed: its filters visit every input position.
    """
    return row.weights * row.output.positions if row.type == "conv_transpose" else row.macs


def floored_windows(row: Row) -> int:
    """Return (H1 // H2)·(W1 // W2) + 1 for each output of an adaptive pool."""
    extents = row.output.extents or (1,) * len(row.inputs[0].extents)
    ratios = zip(row.inputs[0].extents, extents, strict=True)
    return (math.prod(before // after for before, after in ratios) + 1) * row.output.size


def softmax_operations(row: Row) -> int:
    """Return n exponentials, n - 1 additions and n divisions for each vector of n."""
    return 3 * row.output.size - row.output.size // row.output.channels


def interpolated(nearest: int, linear: int) -> Callable[[Row], int]:
    """Return the function that counts an upsampling: so many for each output, by its mode."""

    def count(row: Row) -> int:
        mode = getattr(row.layer, "mode", "")
        return row.output.size * (nearest if mode == "nearest" else linear)

    return count


def each(n: int, of: Callable[[Row], int] = outputs) -> Callable[[Row], int]:
    """Return the function that counts `n` for each value that `of` counts."""
    return lambda row: n * of(row)


def normalized(with_affine: int, without: int) -> Callable[[Row], int]:
    """Return the function that counts a normalization: so many for each value.

    The numbers are those of a layer that learns a factor and an offset, and of one that does not.
    """
    return lambda row: row.output.size * (with_affine if row.weights else without)
