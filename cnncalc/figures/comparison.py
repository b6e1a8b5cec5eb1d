"""Two networks beside one another: what belongs together at one height, what differs marked."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cnncalc import units
from cnncalc.figures import boxes, columns
from cnncalc.figures.cells import LANE_GAP, STEM, Cell, Layout
from cnncalc.figures.frame import MARGIN, Frame, totals
from cnncalc.figures.nodes import Node, nodes
from cnncalc.figures.scene import Point, Rectangle, Scene, Shape, Text, shorten, text_width

if TYPE_CHECKING:
    from cnncalc.figures import Settings
    from cnncalc.model.diff import Diff
    from cnncalc.model.report import Report
    from cnncalc.model.row import Row

BETWEEN = 70.0  # the columns: room for marks
HEAD = 46.0  # what the names and the totals of the networks take
HALO = 3.5  # around a box that differs
MARKS = {"~": "changed", "-": "removed", "+": "added"}  # as `diff` has them: their styles
COUNTS = {"parameters": "parameters", "macs": "multiply-accumulates"}
LEGEND = "~ differs; − only in the first; + only in the second; without a mark: equal."


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Nodes at one height, by their indexes: of both networks, or of one."""

    first: int | None
    second: int | None
    mark: str  # "": equal

    def grown(self, sides: tuple[Side, Side]) -> str:
        """Return by how much its parameters, or else its work, grow."""
        for name, words in COUNTS.items():
            totals = [
                sum(getattr(row, name) for row in side.rows(i)) if i is not None else 0
                for side, i in zip(sides, (self.first, self.second), strict=True)
            ]
            if change := totals[1] - totals[0]:
                return f"{_signed(change)} {words}"
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of the networks: its nodes, and what they take."""

    report: Report
    settings: Settings
    nodes: Sequence[Node]
    cells: Sequence[Cell]

    @classmethod
    def of(cls, report: Report, settings: Settings) -> Side:
        """Return a network with its nodes measured."""
        found = nodes(report, settings)
        cells = boxes.cells(found, settings, discs=False)
        return cls(report=report, settings=settings, nodes=found, cells=cells)

    def rows(self, node: int) -> list[Row]:
        """Return the layers of a node."""
        return [self.report.layers[row] for row in self.nodes[node].rows]

    @property
    def half(self) -> float:
        """Return half of what the widest box takes."""
        return max(cell.half for cell in self.cells)

    @property
    def right(self) -> float:
        """Return the room of boxes and sizes to the right of their axis."""
        return max(cell.right for cell in self.cells)

    @property
    def heading(self) -> tuple[tuple[str, str], ...]:
        """Return the heading over a network: text and style."""
        name = units.brief(self.settings.title or self.report.name, 40)
        return (name, "heading"), (totals(self.report.parameters, self.report.macs), "note")


def scene(diff: Diff, first: Settings, second: Settings) -> Scene:
    """Return the graphs of two networks in two columns."""
    sides = Side.of(diff.first, first), Side.of(diff.second, second)
    matches = _matches(diff, sides)
    tops, height = _placed(matches, sides)
    starts = -sides[0].half - LANE_GAP, sides[1].right + LANE_GAP
    edges = [
        columns.column(side.cells, side_tops, [node.sources for node in side.nodes], start)
        for side, side_tops, start in zip(sides, tops, starts, strict=True)
    ]
    lanes = [LANE_GAP * count for _, count in edges]
    widths = [max(text_width(*line) for line in side.heading) for side in sides]
    left = MARGIN + lanes[0] + sides[0].half
    notes = [match.grown(sides) if match.mark else "" for match in matches]
    between = max(BETWEEN, 32 + max((text_width(note, "note") for note in notes), default=0.0))
    beside = max(sides[0].right + between, sides[0].half + between, widths[0] - sides[0].half + 40)
    axes = left, left + beside + sides[1].half
    frame = Frame(name=_title(diff), subtitle=_change(diff))
    top = frame.y + HEAD
    shapes: list[Shape] = []
    for side, axis, side_tops, (ways, _) in zip(sides, axes, tops, edges, strict=True):
        for i, (text, style) in enumerate(side.heading):
            shapes.append(Text(Point(axis - side.half, frame.y + 12 + 17 * i), text, style))
        plan = Layout(tops=side_tops, edges=ways, left=0, right=0, height=height)
        halos = [_halo(match, side, side_tops, Point(axis, top), sides) for match in matches]
        shapes += [halo for halo in halos if halo is not None]
        shapes += boxes.shapes(side.nodes, plan, Point(axis, top), side.settings, discs=False)
    outer, inner = axes[0] + sides[0].right, axes[1] - sides[1].half
    shapes += _marks(matches, notes, _middles(matches, sides, tops, top), (outer + inner) / 2)
    frame.y = top + height + 16
    end = axes[1] + max(sides[1].right + lanes[1], widths[1] - sides[1].half)
    return frame.finished(end, shapes, f"{_title(diff)}. {_change(diff)}.", [LEGEND])


def parts(diff: Diff, first: Settings, second: Settings) -> int:
    """Return how many boxes the longer column has."""
    return max(len(nodes(diff.first, first)), len(nodes(diff.second, second)))


def _title(diff: Diff) -> str:
    return f"{shorten(diff.first.name)} and {shorten(diff.second.name)}"


def _signed(change: int) -> str:
    return f"{'+' if change > 0 else '−' if change else ''}{units.group(abs(change))}"


def _change(diff: Diff) -> str:
    """Return by how much the counts grow, in words."""
    return ", ".join(f"{_signed(diff.delta(name))} {words}" for name, words in COUNTS.items())


# --- what belongs together ----------------------------------------------------------------


def _matches(diff: Diff, sides: tuple[Side, Side]) -> list[Match]:
    """Return the nodes of both networks, those side by side whose rows mostly belong together."""
    owners = [
        {id(side.report.layers[row]): i for i, node in enumerate(side.nodes) for row in node.rows}
        for side in sides
    ]
    shared: Counter[tuple[int, int]] = Counter()
    for before, after in diff.pairs:
        ends = owners[0].get(id(before)), owners[1].get(id(after))
        if ends[0] is not None and ends[1] is not None:
            shared[ends[0], ends[1]] += 1
    partner: dict[int, tuple[int, int]] = {}  # node of the second: rows shared, node of the first
    for (one, other), count in sorted(shared.items()):
        partner[other] = max(partner.get(other, (0, 0)), (count, -one))
    pairs = [(-one, other) for other, (_, one) in sorted(partner.items())]
    differing = {id(row) for x in diff.changes for row in (x.first, x.second) if row is not None}
    found: list[Match] = []
    at = (0, 0)
    for one, other in [*_rising(pairs), (len(sides[0].nodes), len(sides[1].nodes))]:
        found += [Match(first=i, second=None, mark="-") for i in range(at[0], one)]
        found += [Match(first=None, second=i, mark="+") for i in range(at[1], other)]
        if one < len(sides[0].nodes):
            rows = [*sides[0].rows(one), *sides[1].rows(other)]
            mark = "~" * any(id(row) in differing for row in rows)
            found.append(Match(first=one, second=other, mark=mark))
        at = (one + 1, other + 1)
    return found


def _rising(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the most pairs that come in the order of both networks.

    >>> _rising([(0, 0), (3, 1), (1, 2), (2, 3)])
    [(0, 0), (1, 2), (2, 3)]
    """
    ends: list[int] = []  # the least last first number of so many pairs
    chosen: list[int] = []  # its pair
    before: list[int] = []
    for i, (one, _) in enumerate(pairs):
        length = bisect_left(ends, one)
        before.append(chosen[length - 1] if length else -1)
        ends[length:] = [one] if length == len(ends) else [one, *ends[length + 1 :]]
        chosen[length:] = [i] if length == len(chosen) else [i, *chosen[length + 1 :]]
    found: list[tuple[int, int]] = []
    at = chosen[-1] if chosen else -1
    while at >= 0:
        found.append(pairs[at])
        at = before[at]
    return found[::-1]


# --- where it stands ----------------------------------------------------------------------


def _placed(
    matches: Sequence[Match], sides: tuple[Side, Side]
) -> tuple[tuple[list[Point], list[Point]], float]:
    """Return the top of each node of both networks, and how far down they go."""
    tops = tuple([Point(0.0, 0.0)] * len(side.nodes) for side in sides)
    y = 0.0
    for match in matches:
        members = [
            (side, places, i)
            for side, places, i in zip(sides, tops, (match.first, match.second), strict=True)
            if i is not None
        ]
        height = max(side.cells[i].height for side, _, i in members)
        for side, places, i in members:
            places[i] = Point(0.0, y + (height - side.cells[i].height) / 2)
        y += height + STEM
    return (tops[0], tops[1]), y - STEM


def _halo(
    match: Match, side: Side, tops: Sequence[Point], shift: Point, sides: tuple[Side, Side]
) -> Rectangle | None:
    """Return the frame around a box that differs."""
    i = match.first if side is sides[0] else match.second
    if i is None or not match.mark:
        return None
    cell, top = side.cells[i], tops[i]
    corner = Point(shift.x - cell.half - HALO, shift.y + top.y - HALO)
    size = 2 * (cell.half + HALO), cell.height + 2 * HALO
    return Rectangle(corner, *size, MARKS[match.mark], boxes.RADIUS + HALO)


def _middles(
    matches: Sequence[Match],
    sides: tuple[Side, Side],
    tops: tuple[list[Point], list[Point]],
    top: float,
) -> list[float]:
    """Return the middle of each match's boxes, from the top."""
    found = []
    for match in matches:
        side, i = (0, match.first) if match.first is not None else (1, match.second)
        assert i is not None
        found.append(top + tops[side][i].y + sides[side].cells[i].height / 2)
    return found


def _marks(
    matches: Sequence[Match], notes: Sequence[str], middles: Sequence[float], x: float
) -> list[Shape]:
    """Return the marks between the columns, and under each what it comes to."""
    shapes: list[Shape] = []
    for match, note, y in zip(matches, notes, middles, strict=True):
        if match.mark:
            shown = {"-": "−"}.get(match.mark, match.mark)
            shapes.append(Text(Point(x, y + (0 if note else 5)), shown, "mark", "middle"))
            shapes += [Text(Point(x, y + 15), note, "note", "middle")] * bool(note)
    return shapes
