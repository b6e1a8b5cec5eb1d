"""Solves O = (W - K + 2P)/S + 1 along one axis: given some of W, K, S, P and O, the others."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from heapq import nsmallest
from itertools import islice, product
from numbers import Integral
from typing import TYPE_CHECKING, Any

from cnncalc.errors import CnncalcError, Problem
from cnncalc.model import tiling
from cnncalc.model.input_sizes import AxisSizes, NoRule, Sizes
from cnncalc.model.printable import Documented
from cnncalc.model.symbolic_extent import Free
from cnncalc.model.tiling_fixes import Axis
from cnncalc.volume import Volume

if TYPE_CHECKING:
    from cnncalc.model.graph import Graph
    from cnncalc.model.report import Report

SYMBOLS = {"in": "W", "kernel": "K", "stride": "S", "padding": "P", "out": "O"}
LARGEST = 2**20  # of a given number
USUAL_KERNELS = 11  # the largest kernel that is tried if none is given: AlexNet's first
MOST_KEPT = 10_000  # solutions
MOST_TRIED = 1_000_000  # combinations: some seconds
ANSWERS_TRIED = 10  # of each set of a network's input sizes, and what lies between them
MOST_TRIED_NODES = 100_000  # that are expanded to try them: some seconds
_RANGE = re.compile(r"(\d{1,7})(?:(?:\.\.|-)(\d{1,7}))?")


@dataclass(frozen=True, slots=True, repr=False)
class Solutions(Documented):
    """Every solution of the formula, as a window along an axis: those that tile first.

    Attributes:
        given: the values that were given, by symbol.
        searched: the values that were tried, by the symbols that were not given.
        axes: the solutions: extent, kernel, stride, padding on each side; the first 10,000.
        count: how many there are.
        nearest: what comes nearest to the output, where there is no solution.
    """

    given: Mapping[str, range]
    searched: Mapping[str, range]
    axes: tuple[Axis, ...]
    count: int
    nearest: Axis | None

    def __repr__(self) -> str:
        """Return the given values, and how many solutions there are."""
        given = ", ".join(f"{name} {n[0]}..{n[-1]}" for name, n in self.given.items())
        return f"<Solutions for {given}: {self.count}>"


@dataclass(frozen=True, slots=True, repr=False)
class InputSizes(Documented):
    """The input extents that a network takes without losing input, and those that tile.

    Attributes:
        report: of the network, up to the layer that fails where one does.
        axes: the sets for each axis of the input, or where there is no rule.
    """

    report: Report
    axes: tuple[AxisSizes | NoRule, ...]

    def __repr__(self) -> str:
        """Return which network it is of, and what fits along each axis."""
        rules = ", ".join("no rule" if isinstance(a, NoRule) else _rule(a.fits) for a in self.axes)
        return f"<InputSizes of {self.report.name!r}: {rules}>"


def _rule(sizes: Sizes) -> str:
    if len(sizes.residues) == 1:
        return f"{sizes.least} + {sizes.modulus}n"
    if sizes.residues:
        return f"{len(sizes.residues)} in {sizes.modulus} from {sizes.least} on"
    return "/".join(map(str, sizes.smaller)) or "none"


def input_sizes(graph: Graph, report: Report) -> InputSizes:
    """Return the input extents that a network takes without losing input, and those that tile.

    `graph` may end at a layer that fails. The first answers, and the extents between them, are
    tried.
    Raises: CnncalcError if the input is a vector.
    """
    volume = graph.nodes[0].output
    if not volume.extents:
        message = f"{report.name}: its input is a vector, which has no extents."
        raise CnncalcError(Problem("solve", message))
    found = tiling.solve(graph.again, volume)
    first = found[0]
    if isinstance(first, AxisSizes) and all(replace(one, axis=0) == first for one in found):
        tried = _tried(graph, found, 0, alike=True)
        return InputSizes(report, tuple(replace(tried, axis=axis) for axis in range(len(found))))
    return InputSizes(report, tuple(_tried(graph, found, axis) for axis in range(len(found))))


def _tried(
    graph: Graph, found: tuple[AxisSizes | NoRule, ...], axis: int, *, alike: bool = False
) -> AxisSizes | NoRule:
    """Return an axis's sets of extents if expanding the network agrees; else a NoRule.

    `alike`: all axes are tried at once.
    """
    sizes = found[axis]
    if isinstance(sizes, NoRule):
        return sizes
    volume = graph.nodes[0].output
    answers = [*islice(sizes.fits, ANSWERS_TRIED), *islice(sizes.tiles, ANSWERS_TRIED)]
    between = range(min(answers), max(answers)) if answers else range(0)
    most = MOST_TRIED_NODES // len(graph.nodes)
    for extent in islice(dict.fromkeys([*answers, *islice(between, most)]), most):
        extents = [
            extent
            if alike or number == axis
            else own
            if sizes.joined
            else _other(found[number], own)
            for number, own in enumerate(volume.extents)
        ]
        fits, tiles = tiling.tried(graph.again, Volume(tuple(extents), volume.channels))[axis]
        if (fits, fits and tiles) != (extent in sizes.fits, extent in sizes.tiles):
            return NoRule(axis, sizes.needs[-1].path if sizes.needs else "", f"{extent:,} fails")
    return sizes


def _other(sizes: AxisSizes | NoRule, own: int) -> Any:
    """Return an extent along another axis that fits: the network's own, if it does."""
    if isinstance(sizes, NoRule) or own in sizes.fits:
        return own
    return sizes.fits.first if sizes.fits else Free()


def extents(name: str, value: int | range | str) -> range:
    """Return the whole numbers that a number, a range, or text such as `1..4` stands for.

    Raises: CnncalcError for anything else, or beyond the bounds.

    >>> extents("stride", "1..4"), extents("kernel", 3)
    (range(1, 5), range(3, 4))
    """
    found = range(0)
    if isinstance(value, Integral) and not isinstance(value, bool):
        found = range(int(value), int(value) + 1)
    elif isinstance(value, range):
        found = value
    elif isinstance(value, str) and (match := _RANGE.fullmatch(value.strip())):
        found = range(int(match[1]), int(match[2] or match[1]) + 1)
    least = 0 if name == "padding" else 1
    if found and found.step == 1 and least <= found[0] and found[-1] <= LARGEST:
        return found
    raise CnncalcError(
        Problem(
            "range",
            f"{name} is a whole number from {least} to {LARGEST:,}, or a range such as 1..4. "
            f"Received {str(value)[:40]!r}.",
        )
    )


def solve(given: Mapping[str, range]) -> Solutions:
    """Return the windows for which O = (W - K + 2P)/S + 1 along one axis.

    `given` has some of in, kernel, stride, padding and out. Where they are not given, strides
    from 1 to K are tried, paddings from 0 to K - 1, and kernels from 1 to 11.
    Raises: CnncalcError if neither in nor out is given, or there is too much to try.

    >>> found = solve({"in": range(227, 228), "kernel": range(11, 12), "out": range(55, 56)})
    >>> found.axes[0].s, found.axes[0].b
    (4, 0)
    """
    if "in" not in given and "out" not in given:
        raise CnncalcError(Problem("solve", "give at least the input's extent or the output's."))
    kernels = given.get("kernel", range(1, USUAL_KERNELS + 1))
    widest = kernels[-1]
    strides = given.get("stride", range(1, widest + 1))
    paddings = given.get("padding", range(widest))
    # A window that is known maps as many inputs as its stride to one output: all are listed.
    known = "in" not in given and len(kernels) == len(strides) == len(paddings) == 1
    remainders = range(strides[0]) if known else range(1)
    size = len(kernels) * len(strides) * len(paddings) * len(remainders)
    size *= len(given["in"] if "in" in given else given["out"])
    if size > MOST_TRIED:
        message = (
            f"that is {size:,} cases to look at; at most {MOST_TRIED:,}. Give more, or less wide."
        )
        raise CnncalcError(Problem("solve", message))
    tally = _Tally(given.get("out"))
    windows = (
        Axis(w=w, k=k, s=s, b=p, a=p, d=1)
        for k, s, p in product(kernels, strides, paddings)
        # Else it would skip input, or lie in the padding alone.
        if not (("stride" not in given and s > k) or ("padding" not in given and p >= k))
        for w in _inputs(given, k - 2 * p, s, remainders)
    )
    found = nsmallest(
        MOST_KEPT,
        filter(tally.fits, windows),
        key=lambda axis: (not axis.tiles, axis.b, -axis.s, axis.k, axis.w),
    )
    tried = {"kernel": kernels, "stride": strides, "padding": paddings}
    return Solutions(
        given={SYMBOLS[name]: given[name] for name in SYMBOLS if name in given},
        searched={SYMBOLS[name]: tried[name] for name in tried if name not in given},
        axes=tuple(found),
        count=tally.count,
        nearest=None if found else tally.nearest,
    )


def _inputs(
    given: Mapping[str, range], least: int, stride: int, remainders: range
) -> Iterable[int]:
    """Return the given inputs, or those that the given outputs come from.

    `least` is the input that the window fits once, K - 2P.
    """
    if "in" in given:
        return given["in"]
    return [(o - 1) * stride + least + rest for o in given["out"] for rest in remainders]


class _Tally:
    """Counts the windows that fit, and keeps what comes nearest until there is one."""

    def __init__(self, outs: range | None) -> None:
        self.outs, self.count = outs, 0
        self.nearest: Axis | None = None
        self._distance: tuple[bool, int] | None = None

    def fits(self, axis: Axis) -> bool:
        """Return whether a window fits its input, and gives one of the outputs asked for."""
        inside = axis.w >= 1 and axis.room >= 0
        if inside and (self.outs is None or axis.places in self.outs):
            self.count += 1
            return True
        if axis.w >= 1 and not self.count:
            outs = self.outs or range(1, 2)
            missing = max(outs[0] - axis.places, axis.places - outs[-1]) if inside else -axis.room
            distance = (not inside, missing)
            if self._distance is None or distance < self._distance:
                self._distance, self.nearest = distance, axis
        return False
