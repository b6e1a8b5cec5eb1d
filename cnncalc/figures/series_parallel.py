"""Graphs that are series-parallel, as blocks make them, placed exactly.

A series is a column, a fork and what follows until all its ways meet again is columns side by
side; widths and heights are sums and maxima.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from cnncalc.figures.cells import (
    BRANCH_GAP,
    CROOKED,
    GUTTER,
    JOIN,
    LANE,
    MOST_NESTED,
    STEM,
    TURN,
    Cell,
    Edge,
    Layout,
)
from cnncalc.figures.scene import Point


def layout(
    cells: Sequence[Cell], sources: Sequence[Sequence[int]], tallest: float = math.inf
) -> Layout | None:
    """Return where the nodes of a series-parallel graph stand; None of any other.

    A graph that is taller goes on in further columns, as far as what is side by side lets it.
    """
    series = _parsed(sources)
    return None if series is None else _Columns(cells, series).layout(tallest)


def is_parallel(sources: Sequence[Sequence[int]]) -> bool:
    """Return whether a graph is series-parallel."""
    return _parsed(sources) is not None


@dataclass(slots=True, eq=False)
class _Parallel:
    """Branches side by side, from the node before to the one after; an empty one is an edge."""

    branches: list[_Series]
    first: int  # of its nodes, in the order of running
    count: int  # of its nodes
    depth: int  # of parallels in one another


_Series = list["int | _Parallel"]


def _parsed(sources: Sequence[Sequence[int]]) -> _Series | None:
    """Return a graph as a series; None if it is not series-parallel with one start and end.

    Two ways between the same nodes become one, and so do the ways into and out of a node that
    has one of each, until one way from the start to the end is left.
    """
    n = len(sources)
    ways: list[dict[int, list[_Series]]] = [{} for _ in sources]  # node: next node: contents
    before: list[set[int]] = [set(taken) for taken in sources]
    for node, taken in enumerate(sources):
        for source in taken:
            ways[source][node] = [[]]
    waiting = list(range(n - 2, 0, -1))
    left = n - 2
    while waiting:
        node = waiting.pop()
        if len(before[node]) != 1 or len(ways[node]) != 1:
            continue
        (above,), (below,) = before[node], ways[node]
        way = [*_joined(ways[above].pop(node)), node, *_joined(ways[node].pop(below))]
        before[node].clear()
        before[below].remove(node)
        before[below].add(above)
        ways[above].setdefault(below, []).append(way)
        left -= 1
        waiting += [end for end in (above, below) if 0 < end < n - 1]
    if n == 1:
        return [0]
    if left or list(ways[0]) != [n - 1] or before[n - 1] != {0}:
        return None
    whole = [0, *_joined(ways[0][n - 1]), n - 1]
    nested = max((item.depth for item in whole if isinstance(item, _Parallel)), default=0)
    return whole if nested <= MOST_NESTED else None


def _joined(ways: list[_Series]) -> _Series:
    """Return ways between the same two nodes as one, in the order of running, empty ones last."""
    if len(ways) == 1:
        return ways[0]
    branches: list[_Series] = []
    for way in ways:
        bare = way[0] if len(way) == 1 else None
        branches += bare.branches if isinstance(bare, _Parallel) else [way]
    branches.sort(key=_first)
    parallels = [item for way in branches for item in way if isinstance(item, _Parallel)]
    return [
        _Parallel(
            branches,
            first=_first(branches[0]),
            count=sum(map(_count, branches)),
            depth=1 + max((one.depth for one in parallels), default=0),
        )
    ]


def _first(series: _Series) -> int:
    """Return the first node of a series in the order of running; of none, beyond all."""
    if not series:
        return sys.maxsize
    # Where it begins with a parallel, its first node runs first: the node after joins it.
    return series[0].first if isinstance(series[0], _Parallel) else series[0]


def _count(series: _Series) -> int:
    return sum(item.count if isinstance(item, _Parallel) else 1 for item in series)


@dataclass(slots=True)
class _Size:
    left: float = 0.0
    right: float = 0.0
    height: float = 0.0
    axes: list[float] = field(default_factory=list)  # of a parallel's branches


class _Columns:
    def __init__(self, cells: Sequence[Cell], series: _Series) -> None:
        self.cells, self.series = cells, series
        self.sizes: dict[int, _Size] = {}  # by the id of a parallel
        self.lanes: dict[int, float] = {}  # the axis of a branch, by its id
        self.tops = [Point(0, 0)] * len(cells)
        self.edges: list[Edge] = []
        self.gutters: list[float] = []  # before each column but the first
        self.column = [0] * len(cells)
        self.number = 0  # of the column that is filled

    def layout(self, tallest: float) -> Layout:
        parts = self.wrapped(tallest)
        sizes = [self.measure(part) for part in parts]
        axis = height = 0.0
        for i, (part, size) in enumerate(zip(parts, sizes, strict=True)):
            if i:
                self.gutters.append(axis + sizes[i - 1].right + GUTTER / 2)
                axis += sizes[i - 1].right + GUTTER + size.left
            self.number = i
            # Ways come in above a further column, and leave below one that is not the last.
            start = TURN if i else 0.0
            self.place(part, axis, start)
            height = max(height, start + size.height + TURN * (i + 1 < len(parts)))
        self.connect(self.series, None, None)
        return Layout(
            tops=self.tops,
            edges=self.edges,
            left=sizes[0].left,
            right=axis + sizes[-1].right,
            height=height,
        )

    def wrapped(self, tallest: float) -> list[_Series]:
        """Return the series in parts of about one height, each after a node, as few as may be."""
        heights = [self.measure([item]).height + STEM for item in self.series]
        wanted = sum(heights) / max(1, math.ceil(sum(heights) / tallest))
        parts: list[_Series] = [[]]
        taken = 0.0
        for item, height in zip(self.series, heights, strict=True):
            after_node = parts[-1] and isinstance(parts[-1][-1], int)
            if after_node and taken + height / 2 > wanted:
                parts.append([])
                taken = 0.0
            parts[-1].append(item)
            taken += height
        return parts

    def measure(self, series: _Series) -> _Size:
        """Return the room of a series; an empty one is a lane."""
        if not series:
            return _Size(LANE, LANE, 0.0)
        size = _Size()
        for i, item in enumerate(series):
            if isinstance(item, _Parallel):
                one = self.measure_parallel(item)
            else:
                cell = self.cells[item]
                one = _Size(cell.half, cell.right, cell.height + _stem(series, i))
            size.left, size.right = max(size.left, one.left), max(size.right, one.right)
            size.height += one.height
        return size

    def measure_parallel(self, parallel: _Parallel) -> _Size:
        """Return the room of branches, with the turns above and below; note their axes."""
        counts = list(map(_count, parallel.branches))
        straight = len(counts) == 2 and counts[0] != counts[1]
        if straight and counts[0] < counts[1]:
            parallel.branches.reverse()
        sizes = [self.measure(branch) for branch in parallel.branches]
        axes = [0.0]
        for before, one in pairwise(sizes):
            axes.append(axes[-1] + before.right + BRANCH_GAP + one.left)
        # Of two, the longer one goes straight on, so that a trunk does not sway at every block.
        shift = 0.0 if straight else _middle(axes)
        size = _Size(height=max(one.height for one in sizes) + 2 * TURN + TURN + JOIN)
        size.axes = [axis - shift for axis in axes]
        size.left = max(one.left - axis for one, axis in zip(sizes, size.axes, strict=True))
        size.right = max(one.right + axis for one, axis in zip(sizes, size.axes, strict=True))
        self.sizes[id(parallel)] = size
        return size

    def place(self, series: _Series, x: float, y: float) -> None:
        """Place a series below a position."""
        for i, item in enumerate(series):
            if isinstance(item, _Parallel):
                size = self.sizes[id(item)]
                for branch, axis in zip(item.branches, size.axes, strict=True):
                    self.lanes[id(branch)] = x + axis
                    self.place(branch, x + axis, y + 2 * TURN)
                y += size.height
            else:
                self.tops[item], self.column[item] = Point(x, y), self.number
                y += self.cells[item].height + _stem(series, i)

    def connect(self, series: _Series, above: int | None, below: int | None) -> None:
        """Add the edges of a series between two nodes, to these too."""
        for i, item in enumerate(series):
            after = series[i + 1] if i + 1 < len(series) else below
            if isinstance(item, _Parallel):
                assert above is not None
                assert isinstance(after, int)
                for branch in item.branches:
                    if branch:
                        self.connect(branch, above, after)
                    else:
                        self.add(above, after, self.lanes[id(branch)])
                above = None  # its branches lead on to the next node
                continue
            if above is not None:
                self.add(above, item, self.tops[item].x)
            above = item
        if above is not None and below is not None:
            self.add(above, below, self.tops[above].x)

    def add(self, source: int, target: int, lane: float) -> None:
        """Add an edge that goes down at `lane`."""
        start, end = self.tops[source], self.tops[target]
        bottom = start.y + self.cells[source].height
        points = [Point(start.x, bottom), Point(start.x, bottom + TURN)]
        if self.column[source] != self.column[target]:
            gutter = self.gutters[self.column[target] - 1]
            points += [Point(gutter, bottom + TURN), Point(gutter, 0.0), Point(lane, 0.0)]
        points += [
            Point(lane, points[-1].y),
            Point(lane, end.y - JOIN),
            Point(end.x, end.y - JOIN),
            Point(end.x, end.y),
        ]
        self.edges.append(Edge(source=source, target=target, points=_simplified(points)))


def _middle(axes: Sequence[float]) -> float:
    """Return the middle of axes, or the one that is so near that its way would look crooked."""
    middle = (axes[0] + axes[-1]) / 2
    nearest = min(axes, key=lambda axis: abs(axis - middle))
    return nearest if abs(nearest - middle) < CROOKED else middle


def _stem(series: _Series, i: int) -> float:
    """Return the space below a node of a series: before another one."""
    return STEM if i + 1 < len(series) and not isinstance(series[i + 1], _Parallel) else 0.0


def _simplified(points: Sequence[Point]) -> tuple[Point, ...]:
    """Return a way without points that lie on the line of their neighbours."""
    found: list[Point] = []
    for point in points:
        if found and abs(point.x - found[-1].x) + abs(point.y - found[-1].y) < 1e-6:
            continue
        if len(found) > 1:
            a, b = found[-2], found[-1]
            same_x = abs(a.x - b.x) < 1e-6 and abs(b.x - point.x) < 1e-6
            same_y = abs(a.y - b.y) < 1e-6 and abs(b.y - point.y) < 1e-6
            if same_x or same_y:
                found[-1] = point
                continue
        found.append(point)
    return tuple(found)
