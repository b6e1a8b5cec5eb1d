"""Where the boxes of a graph stand: top down, branches side by side.

A graph that is series-parallel, as blocks make it, is placed exactly: a series is a column, a
fork and what follows until all its ways meet again is columns side by side, and widths and
heights are sums and maxima. Any other graph is one column in the order of running, with a lane
at the right for every volume that is read further down.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from cnncalc.figures.scene import Point

STEM = 34.0  # from a box to the one below it
TURN = 22.0  # from a box to where its ways part: the size of its volume fits above
JOIN = 18.0  # from where ways meet to the box that joins them
BRANCH_GAP = 20.0
MOST_NESTED = 50  # parallels inside one another
LANE, LANE_GAP = 17.0, 16.0  # half of what an empty branch takes; between lanes


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What a node takes: to the left and the right of its axis, labels included, and down."""

    half: float  # of the box itself
    right: float
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """A way from one node to another, all its angles right."""

    source: int
    target: int
    points: tuple[Point, ...]


@dataclass(slots=True, kw_only=True)
class Layout:
    """Where each node's axis and top are, and the edges between them."""

    tops: list[Point]
    edges: list[Edge]
    left: float
    right: float
    height: float


def layout(cells: Sequence[Cell], sources: Sequence[Sequence[int]]) -> Layout:
    """Return where nodes stand, given those that each works on; a node works on earlier ones."""
    series = _parsed(sources)
    return _Lanes(cells, sources).layout() if series is None else _Columns(cells, series).layout()


def is_parallel(sources: Sequence[Sequence[int]]) -> bool:
    """Return whether a graph is placed in columns side by side."""
    return _parsed(sources) is not None


# --- series-parallel ----------------------------------------------------------------------


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

    def layout(self) -> Layout:
        size = self.measure(self.series)
        self.place(self.series, 0.0, 0.0)
        self.connect(self.series, None, None)
        return Layout(
            tops=self.tops,
            edges=self.edges,
            left=size.left,
            right=size.right,
            height=size.height,
        )

    def measure(self, series: _Series) -> _Size:
        """Return what a series takes; an empty one is a lane."""
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
        """Return what branches take, with the turns above and below; note their axes."""
        counts = list(map(_count, parallel.branches))
        straight = len(counts) == 2 and counts[0] != counts[1]
        if straight and counts[0] < counts[1]:
            parallel.branches.reverse()
        sizes = [self.measure(branch) for branch in parallel.branches]
        axes = [0.0]
        for before, one in pairwise(sizes):
            axes.append(axes[-1] + before.right + BRANCH_GAP + one.left)
        # Of two, the longer one goes straight on, so that a trunk does not sway at every block.
        shift = 0.0 if straight else (axes[0] + axes[-1]) / 2
        size = _Size(height=max(one.height for one in sizes) + 2 * TURN + TURN + JOIN)
        size.axes = [axis - shift for axis in axes]
        size.left = max(one.left - axis for one, axis in zip(sizes, size.axes, strict=True))
        size.right = max(one.right + axis for one, axis in zip(sizes, size.axes, strict=True))
        self.sizes[id(parallel)] = size
        return size

    def place(self, series: _Series, x: float, y: float) -> None:
        """Put a series below a place."""
        for i, item in enumerate(series):
            if isinstance(item, _Parallel):
                size = self.sizes[id(item)]
                for branch, axis in zip(item.branches, size.axes, strict=True):
                    self.lanes[id(branch)] = x + axis
                    self.place(branch, x + axis, y + 2 * TURN)
                y += size.height
            else:
                self.tops[item] = Point(x, y)
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
        points = [
            Point(start.x, bottom),
            Point(start.x, bottom + TURN),
            Point(lane, bottom + TURN),
            Point(lane, end.y - JOIN),
            Point(end.x, end.y - JOIN),
            Point(end.x, end.y),
        ]
        self.edges.append(Edge(source=source, target=target, points=_simplified(points)))


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


# --- one column with lanes ----------------------------------------------------------------


class _Lanes:
    def __init__(self, cells: Sequence[Cell], sources: Sequence[Sequence[int]]) -> None:
        self.cells, self.sources = cells, sources

    def layout(self) -> Layout:
        cells, sources = self.cells, self.sources
        half = max(cell.half for cell in cells)
        tops, y = [], 0.0
        for cell in cells:
            tops.append(Point(0.0, y))
            y += cell.height + STEM
        lanes = self.lanes()
        first = max(cell.right for cell in cells) + LANE_GAP
        edges = []
        for target, taken in enumerate(sources):
            far = sorted(s for s in taken if s != target - 1)
            cell, top = cells[target], tops[target].y
            for i, source in enumerate(reversed(far)):  # the nearest lane enters lowest
                share = 0.5 if len(far) == 1 else 0.7 - 0.5 * i / (len(far) - 1)
                x, into = first + lanes[source] * LANE_GAP, top + share * cell.height * 0.8
                out = tops[source].y + 0.75 * cells[source].height
                leaves, enters = Point(cells[source].half, out), Point(cell.half, into)
                around = (leaves, Point(x, out), Point(x, into), enters)
                edges.append(Edge(source=source, target=target, points=around))
            if target - 1 in taken:
                above = Point(0.0, tops[target - 1].y + cells[target - 1].height)
                down = (above, Point(0.0, top))
                edges.append(Edge(source=target - 1, target=target, points=down))
        right = first + LANE_GAP * max(lanes.values(), default=-1)
        return Layout(tops=tops, edges=edges, left=half, right=right, height=y - STEM)

    def lanes(self) -> dict[int, int]:
        """Return the lane of each volume that is read further down: the first that is free."""
        last: dict[int, int] = {}
        for target, taken in enumerate(self.sources):
            for source in taken:
                if source != target - 1:
                    last[source] = target
        taken_by: list[list[tuple[int, int]]] = []
        found = {}
        for source, end in sorted(last.items(), key=lambda item: (item[1] - item[0], item)):
            lane = 0
            while lane < len(taken_by) and any(
                source <= other_end and other <= end for other, other_end in taken_by[lane]
            ):
                lane += 1
            if lane == len(taken_by):
                taken_by.append([])
            taken_by[lane].append((source, end))
            found[source] = lane
        return found
