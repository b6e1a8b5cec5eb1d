"""O = (W - K + 2P)/S + 1 backwards: given some of W, K, S, P and O, the others."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import product
from typing import NamedTuple

from cnncalc.errors import CnncalcError, Problem
from cnncalc.model.tiling_fixes import Axis

SYMBOLS = {"in": "W", "kernel": "K", "stride": "S", "padding": "P", "out": "O"}
LARGEST = 2**20
USUAL_KERNELS = 11  # the largest kernel that is looked at if none is given
MOST_TRIED = 1_000_000
_RANGE = re.compile(r"(\d{1,7})(?:(?:\.\.|-)(\d{1,7}))?")


class Solution(NamedTuple):
    """One way to fill in the formula: the window along an axis, and its output extent."""

    axis: Axis
    out: int

    @property
    def tiles(self) -> bool:
        """Return whether nothing is left over."""
        return not self.axis.remainder

    @property
    def unused(self) -> tuple[int, int]:
        """Return the positions of the input, and of the padding after it, that are left over."""
        left = self.axis.remainder
        return max(0, left - self.axis.a), min(left, self.axis.a)


class Found(NamedTuple):
    """Every solution, those that tile first; and what was looked at: symbol to a range."""

    given: tuple[tuple[str, range], ...]
    searched: tuple[tuple[str, range], ...]
    solutions: tuple[Solution, ...]


def read_range(name: str, text: str) -> range:
    """Return the whole numbers that `11` or `1..4` names.

    Raises: CnncalcError for anything else, or beyond the bounds.

    >>> read_range("stride", "1..4")
    range(1, 5)
    """
    match = _RANGE.fullmatch(text.strip())
    least = 0 if name == "padding" else 1
    if match:
        first = int(match[1])
        last = int(match[2] or match[1])
        if least <= first <= last <= LARGEST:
            return range(first, last + 1)
    raise CnncalcError(
        Problem(
            "range",
            f"{name} is a whole number from {least} to {LARGEST:,}, or a range such as 1..4. "
            f"Received {text[:40]!r}.",
        )
    )


def solve(given: Mapping[str, range]) -> Found:
    """Return the ways to fill in O = (W - K + 2P)/S + 1 along one axis.

    `given` has some of in, kernel, stride, padding and out. Where they are not given, strides
    from 1 to K are looked at, paddings from 0 to K - 1, and kernels from 1 to 11.
    Raises: CnncalcError if neither in nor out is given, or there is too much to look at.

    >>> found = solve({"in": range(227, 228), "kernel": range(11, 12), "out": range(55, 56)})
    >>> found.solutions[0].axis.s, found.solutions[0].axis.b
    (4, 0)
    """
    if "in" not in given and "out" not in given:
        raise CnncalcError(Problem("solve", "give at least the input's extent or the output's."))
    kernels = given.get("kernel", range(1, USUAL_KERNELS + 1))
    widest = kernels[-1]
    strides = given.get("stride", range(1, widest + 1))
    paddings = given.get("padding", range(widest))
    size = len(kernels) * len(strides) * len(paddings)
    size *= len(given.get("in", given.get("out", range(1))))
    # Where the window is known, as many inputs as its stride come to an output.
    known = "in" not in given and len(kernels) == len(strides) == len(paddings) == 1
    left_over = range(strides[0]) if known else range(1)
    size *= len(left_over)
    if size > MOST_TRIED:
        message = (
            f"that is {size:,} cases to look at; at most {MOST_TRIED:,}. Give more, or less wide."
        )
        raise CnncalcError(Problem("solve", message))
    solutions: list[Solution] = []
    for k, s, p in product(kernels, strides, paddings):
        if ("stride" not in given and s > k) or ("padding" not in given and p >= k):
            continue
        solutions += _fill(given, k, s, p, left_over)
    searched = [
        (SYMBOLS[name], found)
        for name, found in (("kernel", kernels), ("stride", strides), ("padding", paddings))
        if name not in given
    ]
    solutions.sort(key=lambda one: (not one.tiles, one.axis.b, -one.axis.s, one.axis.k, one.axis.w))
    named = tuple((SYMBOLS[name], given[name]) for name in SYMBOLS if name in given)
    return Found(named, tuple(searched), tuple(solutions))


def _fill(
    given: Mapping[str, range], k: int, s: int, p: int, left_over: range
) -> Iterable[Solution]:
    """Yield the inputs and outputs that a window fits, for inputs with so much left over."""
    outs = given.get("out")
    if "in" in given:
        extents: Iterable[int] = given["in"]
    else:
        assert outs is not None
        extents = [(o - 1) * s + k - 2 * p + rest for o in outs for rest in left_over]
    for w in extents:
        axis = Axis(w, k, s, p, p, 1)
        if w >= 1 and axis.room >= 0 and (outs is None or axis.places in outs):
            yield Solution(axis, axis.places)
