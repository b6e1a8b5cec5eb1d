"""Graphs of any other form: in one column with lanes, or in two, down and up again.

An hourglass is a network that goes down to small extents and up to large ones, with volumes
that are handed across: U-Net, FCN. Every other graph is one column in the order of running, with
a lane at the right for every volume that is read further down.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from cnncalc.figures.cells import LANE_GAP, STEM, TURN, Cell, Edge, Layout
from cnncalc.figures.scene import Point

COLUMN_GAP = 70.0
LEAST_ACROSS = 2  # volumes that are handed across in an hourglass
LEAST_RUNGS = 3  # the same, where the graph could stand in columns side by side: less is a block
_Pair = tuple[int, int]  # the source of an edge, and its target


def layout(cells: Sequence[Cell], sources: Sequence[Sequence[int]]) -> Layout:
    """Return where the nodes of a graph stand: in the lower of the hourglasses that it may be."""
    found = [_Hourglass(cells, sources, turn).layout() for turn in _turns(sources)]
    return min(found, key=lambda one: one.height) if found else _one_column(cells, sources)


def is_ladder(sources: Sequence[Sequence[int]]) -> bool:
    """Return whether a graph is an hourglass in which all else goes on to its neighbour."""
    turns = _turns(sources)
    far = sum(node - source > 1 for node, taken in enumerate(sources) for source in taken)
    rungs = len(_across(_pairs(sources), turns[0])) if turns else 0
    return rungs >= LEAST_RUNGS and far == rungs


def _pairs(sources: Sequence[Sequence[int]]) -> list[_Pair]:
    return [(source, target) for target, taken in enumerate(sources) for source in taken]


# --- one column ---------------------------------------------------------------------------


def _one_column(cells: Sequence[Cell], sources: Sequence[Sequence[int]]) -> Layout:
    tops, y = [], 0.0
    for cell in cells:
        tops.append(Point(0.0, y))
        y += cell.height + STEM
    half = max(cell.half for cell in cells)
    first = max(cell.right for cell in cells) + LANE_GAP
    edges, lanes = column(cells, tops, sources, first)
    right = first + LANE_GAP * max(lanes - 1, 0)
    return Layout(tops=tops, edges=edges, left=half, right=right, height=y - STEM, lanes=True)


def column(
    cells: Sequence[Cell], tops: Sequence[Point], sources: Sequence[Sequence[int]], first: float
) -> tuple[list[Edge], int]:
    """Return the edges of nodes that stand below one another, and how many lanes they take.

    Lanes begin at `first`: at the left of the column where that is negative.
    """
    pairs = _pairs(sources)
    edges, lanes = _beside(cells, tops, [pair for pair in pairs if pair[1] - pair[0] > 1], first)
    edges += [_straight(cells, tops, pair) for pair in pairs if pair[1] - pair[0] == 1]
    return edges, lanes


def _straight(cells: Sequence[Cell], tops: Sequence[Point], pair: _Pair) -> Edge:
    """Return the edge between neighbours in a column, down or up."""
    source, target = pair
    start, end = tops[source], tops[target]
    if start.y < end.y:
        ends = (Point(start.x, start.y + cells[source].height), end)
    else:
        ends = (start, Point(end.x, end.y + cells[target].height))
    return Edge(source=source, target=target, points=ends)


def _beside(
    cells: Sequence[Cell], tops: Sequence[Point], pairs: Sequence[_Pair], first: float
) -> tuple[list[Edge], int]:
    """Return edges in lanes beside a column, from `first` on; how many lanes there are."""
    lanes = _lanes(pairs)
    side = 1 if first > 0 else -1
    into: dict[int, list[int]] = {}
    for source, target in pairs:
        into.setdefault(target, []).append(source)
    edges = []
    for target, taken in into.items():
        cell, end, up = cells[target], tops[target], tops[target].y < tops[taken[0]].y
        for i, source in enumerate(sorted(taken, reverse=True)):
            # The nearest lane enters where it comes from, so that lanes do not cross there.
            share = 0.4 if len(taken) == 1 else 0.56 - 0.4 * i / (len(taken) - 1)
            start, lane = tops[source], first + side * lanes[source] * LANE_GAP
            leaves = start.y + cells[source].height * (0.25 if up else 0.75)
            enters = end.y + cell.height * (1 - share if up else share)
            points = (
                Point(start.x + side * cells[source].half, leaves),
                Point(lane, leaves),
                Point(lane, enters),
                Point(end.x + side * cell.half, enters),
            )
            edges.append(Edge(source=source, target=target, points=points))
    return edges, max(lanes.values(), default=-1) + 1


def _lanes(pairs: Iterable[_Pair]) -> dict[int, int]:
    """Return the lane of each volume that is read further on: the first that is free."""
    last: dict[int, int] = {}
    for source, target in pairs:
        last[source] = max(target, last.get(source, target))
    taken_by: list[list[_Pair]] = []
    found = {}
    for source, end in sorted(last.items(), key=lambda pair: (pair[1] - pair[0], pair)):
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


# --- two columns --------------------------------------------------------------------------


def _across(pairs: Iterable[_Pair], turn: int) -> list[_Pair]:
    """Return the edges from before a turn to after it, but that at the turn itself."""
    return sorted(p for p in pairs if p[0] < turn <= p[1] and p != (turn - 1, turn))


def _turns(sources: Sequence[Sequence[int]]) -> list[int]:
    """Return where the way up may begin so that most volumes are handed across like rungs."""
    pairs = _pairs(sources)
    found: dict[int, list[int]] = {}
    for turn in range(1, len(sources)):
        rungs = _across(pairs, turn)
        starts, ends = [source for source, _ in rungs], [target for _, target in rungs]
        nested = len({*starts}) == len({*ends}) == len(rungs)
        if nested and ends == sorted(ends, reverse=True):
            found.setdefault(len(rungs), []).append(turn)
    most = max(found, default=0)
    return found[most] if most >= LEAST_ACROSS else []


class _Hourglass:
    """Nodes before the turn go down at the left, those from it on go up at the right."""

    def __init__(self, cells: Sequence[Cell], sources: Sequence[Sequence[int]], turn: int) -> None:
        self.cells, self.turn = cells, turn
        self.pairs = _pairs(sources)
        self.rungs = _across(self.pairs, turn)
        self.far = [p for p in self.pairs if p[1] - p[0] > 1 and p not in self.rungs]

    def layout(self) -> Layout:
        cells, turn = self.cells, self.turn
        down, up = [p for p in self.far if p[1] < turn], [p for p in self.far if p[0] >= turn]
        right = max(cell.right for cell in cells[:turn]) + COLUMN_GAP
        right += max(cell.half for cell in cells[turn:])
        ys, height = self.heights()
        tops = [Point(0.0 if i < turn else right, y) for i, y in enumerate(ys)]
        half = max(cell.half for cell in cells[:turn])
        outer = right + max(cell.right for cell in cells[turn:]) + LANE_GAP
        left_edges, left_lanes = _beside(cells, tops, down, -half - LANE_GAP)
        right_edges, right_lanes = _beside(cells, tops, up, outer)
        edges = [*left_edges, *right_edges]
        for pair in self.pairs:
            if pair in self.rungs:
                edges.append(self.rung(tops, pair))
            elif pair == (turn - 1, turn):
                edges.append(self.bottom(tops, height + TURN))
            elif pair[1] - pair[0] == 1:
                edges.append(_straight(cells, tops, pair))
        return Layout(
            tops=tops,
            edges=edges,
            left=half + LANE_GAP * left_lanes,
            right=outer + LANE_GAP * max(right_lanes - 1, 0),
            height=height + TURN,
            upwards=frozenset(range(turn, len(cells))),
            lanes=True,
        )

    def heights(self) -> tuple[list[float], float]:
        """Return the top of each node, and the lowest end: both ends of a rung at one height."""
        ys = [0.0] * len(self.cells)
        bases = [0.0, 0.0]
        left, right = 0, len(self.cells) - 1  # the cells not yet placed
        for source, target in self.rungs:
            runs = range(left, source + 1), range(right, target - 1, -1)
            ends = [self.stack(run, base, ys) for run, base in zip(runs, bases, strict=True)]
            halves = [self.cells[run[-1]].height / 2 for run in runs]
            middle = max(end - half for end, half in zip(ends, halves, strict=True))
            for run, end, half in zip(runs, ends, halves, strict=True):
                for node in run:
                    ys[node] += middle - (end - half)
            bases = [middle + half + STEM for half in halves]
            left, right = source + 1, target - 1
        rest = range(left, self.turn), range(right, self.turn - 1, -1)
        ends = [self.stack(run, base, ys) for run, base in zip(rest, bases, strict=True)]
        return ys, max(ends)

    def stack(self, run: Sequence[int], base: float, ys: list[float]) -> float:
        """Place nodes below one another; return the bottom of the last one."""
        y = base - STEM
        for node in run:
            ys[node] = y + STEM
            y = ys[node] + self.cells[node].height
        return y

    def rung(self, tops: Sequence[Point], pair: _Pair) -> Edge:
        """Return an edge from the left column to the right one."""
        source, target = pair
        y = tops[source].y + self.cells[source].height / 2
        start = Point(tops[source].x + self.cells[source].half, y)
        end = Point(tops[target].x - self.cells[target].half, y)
        return Edge(source=source, target=target, points=(start, end))

    def bottom(self, tops: Sequence[Point], y: float) -> Edge:
        """Return the edge at the turn: below both columns."""
        source, target = self.turn - 1, self.turn
        start, end = (
            Point(tops[node].x, tops[node].y + self.cells[node].height) for node in (source, target)
        )
        points = (start, Point(start.x, y), Point(end.x, y), end)
        return Edge(source=source, target=target, points=points)
