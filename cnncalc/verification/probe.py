"""Receptive fields, found by a NaN: every unit that depends on it becomes NaN, and no other.

A NaN in every pixel up to column p reaches just the units whose field begins at p or before;
one in every pixel from p on, those whose field ends at p or after. A pass with the column
where a unit's field should begin, and one with the column before, settle it for that unit
and for every layer that has a unit whose field begins there. A unit is probed if its field's
border lies inside the input of every layer on the way, since padding brings no NaN. Where units
of one layer see differently much, one that sees most is probed, and one that sees least.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cnncalc.layers.base import AxisWindow, Window
from cnncalc.layers.periodic_windows import Resampling
from cnncalc.model.receptive_field import views_of
from cnncalc.model.sight import Bound, Phases, Regular, Sight, sizes
from cnncalc.verification.activations import forward
from cnncalc.verification.arrays import SeededArrays, seeded

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cnncalc.model.graph import Graph, Node
    from cnncalc.model.receptive_field import View
    from cnncalc.model.report import Report
    from cnncalc.verification.result import Watch

    Columns = NDArray[np.int64]
    Flags = NDArray[np.bool_]
    Values = NDArray[np.float32]
    Run = Callable[[Values], Iterator[tuple[int, Values]]]

FIRST, LAST = 0, 1  # the two sides of a field
WIDEST = 2**28  # columns beyond it are not probed: products with a unit's number stay exact
FAR = 2**61  # where a unit that sees nothing begins


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedField:
    """The receptive fields of a layer's units along one axis, by the analysis.

    Attributes:
        borders: the first and the last column of each unit.
        clear: by side, the units whose border meets no padding on its way to them.
        loose: the units that read a column twice, at an edge of an interpolation, or may see
            one that does: of them a pass tells nothing.
        least, widest: what units of any phase see; there may be none of it here.
    """

    borders: tuple[Columns, Columns]
    clear: tuple[Flags, Flags]
    loose: Flags
    least: int
    widest: int

    @property
    def widths(self) -> Columns:
        """Return how many columns each unit sees; 0 or less where it sees nothing."""
        return self.borders[LAST] - self.borders[FIRST] + 1

    @property
    def step(self) -> float:
        """Return how far apart units are on average."""
        first = self.borders[FIRST]
        return float(first[-1] - first[0]) / max(1, len(first) - 1)


@dataclass(frozen=True, slots=True)
class Probe:
    """A layer's receptive field as NaN showed it.

    Attributes:
        path: of the layer.
        size: of the widest field along each axis; None where no unit that sees as much could
            be probed on both sides.
        problem: where a NaN went that should not, or did not go; empty if all is as claimed.
    """

    path: str
    size: tuple[int | None, ...]
    problem: str = ""


class _Pass(NamedTuple):
    """A forward pass with NaN in all columns of an axis up to one (FIRST) or from one on (LAST)."""

    axis: int
    side: int
    column: int


class _Target(NamedTuple):
    """A side of a layer's field along an axis."""

    layer: int
    axis: int
    side: int


def probe(
    graph: Graph, report: Report, *, seed: int, watch: Watch | None = None, keep: bool = False
) -> list[Probe]:
    """Return the probe of each layer whose receptive field is exactly known.

    `keep` has all arrays made once and kept, which takes less time and more memory.
    """
    nodes, views = graph.nodes, views_of(graph)
    found = _claimed_fields(nodes, views.views)
    fields = {i: each for i, each in enumerate(found) if i and each is not None}
    problems = {
        i: "the report says otherwise than its rule"
        for i in fields
        if report.layers[i].receptive_field != views.fields[i]
    }
    probed: set[_Target] = set()  # where a unit that sees most is among the probed
    passes: dict[_Pass, None] = {}
    for i in sorted(fields, key=lambda i: -max(field.step for field in fields[i])):
        for axis, field in enumerate(fields[i]):
            for side in (FIRST, LAST):
                for width in dict.fromkeys((field.widest, field.least)):
                    unit = _unit(field, width, axis=axis, side=side, passes=passes)
                    if unit is not None:
                        column = int(field.borders[side][unit])
                        passes[_Pass(axis, side, column)] = None
                        passes[_Pass(axis, side, column + 2 * side - 1)] = None
                        if width == field.widest:
                            probed.add(_Target(i, axis, side))
    run = _runner(nodes[: max(fields, default=0) + 1], seed, keep)
    for done, each in enumerate(passes):
        if watch is not None:
            watch(done, len(passes), f"receptive field, column {each.column}")
        for i, reached in _reached(run, nodes[0], seed, each):
            if i in fields and i not in problems:
                problem = _compare(each, fields[i][each.axis], reached)
                if problem:
                    problems[i] = problem
    if problems:  # layers that make NaN of their own, as of a negative variance, tell nothing
        nowhere = _Pass(0, FIRST, -1)
        for i, reached in _reached(run, nodes[0], seed, nowhere):
            if reached.any():
                fields.pop(i, None)
                problems.pop(i, None)
    return [_found(nodes, i, fields[i], probed=probed, problems=problems) for i in sorted(fields)]


def _found(
    nodes: Sequence[Node],
    i: int,
    fields: Sequence[ClaimedField],
    *,
    probed: set[_Target],
    problems: dict[int, str],
) -> Probe:
    """Return a layer's probe; what is wrong before a layer shows in it too, and tells nothing."""
    sources = set(nodes[i].inputs)
    wrong_before = False
    while sources and not wrong_before:
        wrong_before = any(source in problems for source in sources)
        sources = {s for source in sources for s in nodes[source].inputs}
    if wrong_before:
        return Probe(nodes[i].path, (None,) * len(fields))
    sizes = [
        field.widest
        if i not in problems and {_Target(i, a, FIRST), _Target(i, a, LAST)} <= probed
        else None
        for a, field in enumerate(fields)
    ]
    return Probe(nodes[i].path, tuple(sizes), problems.get(i, ""))


def _claimed_fields(
    nodes: Sequence[Node], views: Sequence[View]
) -> list[list[ClaimedField] | None]:
    """Return the fields of each node's units along each axis; None where no pass can tell."""
    found: list[list[ClaimedField] | None] = []
    for node, view in zip(nodes, views, strict=True):
        boxes, fields = view.boxes or (), None
        if len(boxes) == 1 and view.grid and all(map(_probeable, boxes[0])):
            merges = node.layer is not None and node.layer.merges
            sources = node.inputs if merges else node.inputs[:1]  # another only gives extents
            before = [((views[source].boxes or ((),))[0], found[source]) for source in sources]
            fields = _through(nodes, node, boxes[0], before)
            if fields and not all((field.widths > 0).any() for field in fields):
                fields = None  # no unit of these sees anything
        found.append(fields)
    return found


def _probeable(sight: Sight) -> bool:
    """Return whether a sight is exact, and in numbers that an array can hold."""
    if isinstance(sight, Bound):
        return False
    numbers: Sequence[int | None] = sight if isinstance(sight, Regular) else ()
    if isinstance(sight, Phases):
        numbers = (*sight.firsts, *sight.lasts, sight.advance)
    return all(abs(number or 0) < WIDEST for number in numbers)


def _through(
    nodes: Sequence[Node],
    node: Node,
    axes: Sequence[Sight],
    before: Sequence[tuple[Sequence[Sight], list[ClaimedField] | None]],
) -> list[ClaimedField] | None:
    """Return the fields of a node: `axes` are its sights, `before` its inputs' and their fields."""
    extents = node.output.extents
    units = [np.arange(extent) for extent in extents]
    if node.layer is None:
        return [
            _claimed(sight, u, (u >= 0, u >= 0), u < 0)
            for sight, u in zip(axes, units, strict=True)
        ]
    volumes = [nodes[source].output for source in node.inputs]
    windows = node.layer.window(node.output, *volumes)
    found = []
    for axis, sight in enumerate(axes):
        window = windows[axis] if isinstance(windows, tuple) else Window(1)
        sources = []
        for sights, fields in before:
            if fields is None or (windows is None and len(fields[axis].loose) != extents[axis]):
                return None  # it spreads along this axis
            sources.append((sights[axis], fields[axis]))
        first, last = (_clear(window, units[axis], sources, side) for side in (FIRST, LAST))
        loose = _loose(window, units[axis], [field for _, field in sources])
        found.append(_claimed(sight, units[axis], (first, last), loose))
    return found


def _claimed(
    sight: Sight, units: Columns, clear: tuple[Flags, Flags], loose: Flags
) -> ClaimedField:
    least, widest = sizes(sight)
    borders = _borders(sight, units)
    return ClaimedField(borders=borders, clear=clear, loose=loose, least=least, widest=widest)


def _borders(sight: Sight, units: Columns) -> tuple[Columns, Columns]:
    """Return the first and the last columns of units, which may lie beyond the extent."""
    assert not isinstance(sight, Bound)
    if isinstance(sight, Regular):
        start = sight.step * units
        return sight.first + start, sight.last + start
    turn, phase = np.divmod(units, len(sight.firsts))
    first, last = (
        np.array([nothing if pixel is None else pixel for pixel in pixels])[phase]
        for pixels, nothing in ((sight.firsts, FAR), (sight.lasts, -FAR))
    )
    return first + turn * sight.advance, last + turn * sight.advance


def _clear(
    window: AxisWindow, units: Columns, sources: Sequence[tuple[Sight, ClaimedField]], side: int
) -> Flags:
    """Return the units whose first or last column comes through a tap that is clear, too.

    By its inputs' fields the taps are found that see the outermost column; one of them at least
    must be no padding, and itself clear.
    """
    starts, counts = np.array([window.taps(unit) for unit in units.tolist()]).T
    best = np.full(len(units), FAR)
    clear = np.zeros(len(units), bool)
    for sight, field in sources:
        # After a period, further taps see further columns.
        period = len(sight.firsts) if isinstance(sight, Phases) else 1
        for tap in range(min(int(counts.max()), period)):
            number = tap if side == FIRST else counts - 1 - tap
            at = starts + number * window.spacing
            outermost = (1 - 2 * side) * _borders(sight, at)[side]
            real = (tap < counts) & (at >= 0) & (at < len(field.loose))
            flags = real & field.clear[side][np.clip(at, 0, len(field.loose) - 1)]
            outermost[tap >= counts] = FAR
            clear = (flags & (outermost <= best)) | (clear & (outermost >= best))
            best = np.minimum(best, outermost)
    return clear


def _loose(window: AxisWindow, units: Columns, sources: Sequence[ClaimedField]) -> Flags:
    """Return the units that see an edge twice, or may see a unit that does."""
    starts, counts = np.array([window.taps(unit) for unit in units.tolist()]).T
    ends = starts + (counts - 1) * window.spacing
    extent = len(sources[0].loose)
    loose = np.zeros(len(units), bool)
    if isinstance(window, Resampling):
        loose = (starts < 0) | (ends >= extent)
    for field in sources:
        before = np.concatenate([[0], np.cumsum(field.loose)])
        low, high = np.clip(starts, 0, extent), np.clip(ends + 1, 0, extent)
        loose |= before[np.maximum(low, high)] > before[low]
    return loose


def _unit(
    field: ClaimedField, width: int, *, axis: int, side: int, passes: dict[_Pass, None]
) -> int | None:
    """Return a unit of a width to probe: one that a pass probes already, or one in the middle."""
    certain = field.clear[side] & ~field.loose & (field.widths == width) & (width > 0)
    units = np.flatnonzero(certain)
    if not len(units):
        return None
    known = {each.column for each in passes if (each.axis, each.side) == (axis, side)}
    for unit in units.tolist():
        column = int(field.borders[side][unit])
        if column in known and column + 2 * side - 1 in known:
            return int(unit)
    return int(units[len(units) // 2])


def _runner(nodes: Sequence[Node], seed: int, keep: bool) -> Run:
    """Return a function that runs the nodes on an input, and yields each index and result."""
    if keep:
        made = {node.path: SeededArrays(seed, node.path) for node in nodes}
        return lambda x: forward(nodes, x, lambda node: made[node.path])
    return lambda x: forward(nodes, x, lambda node: SeededArrays(seed, node.path))


def _reached(run: Run, first: Node, seed: int, each: _Pass) -> Iterator[tuple[int, Flags]]:
    """Yield of each layer which of its units along the axis a pass's NaN reaches."""
    x = seeded(seed, first.path, "input", (1, *first.output.shape))
    along = np.moveaxis(x, each.axis + 1, 0)
    low, high = max(each.column, 0), max(each.column + 1, 0)
    along[slice(0, high) if each.side == FIRST else slice(low, None)] = np.nan
    with np.errstate(all="ignore"):
        for i, result in run(x):
            if result.ndim > each.axis + 2:
                others = tuple(a for a in range(result.ndim) if a != each.axis + 1)
                yield i, np.isnan(result.max(axis=others))  # a NaN counts as the largest


def _compare(each: _Pass, field: ClaimedField, reached: Flags) -> str:
    """Return how a pass differs from a layer's claimed field, as text; empty if it does not."""
    borders = field.borders[each.side]
    if len(borders) != len(reached):
        return "its extents are not those of its rule"
    claimed = borders <= each.column if each.side == FIRST else borders >= each.column
    certain = field.clear[each.side] & ~field.loose
    wrong = np.flatnonzero((reached & ~claimed & ~field.loose) | (claimed & ~reached & certain))
    if not len(wrong):
        return ""
    unit = int(wrong[len(wrong) // 2])
    where, verb = ("up to", "begins") if each.side == FIRST else ("from", "ends")
    should = "should not reach" if reached[unit] else "should reach"
    claim = f"{verb} at {borders[unit]}" if abs(borders[unit]) < FAR // 2 else "sees nothing"
    return (
        f"NaN in the columns {where} {each.column} along axis {each.axis + 1} {should} "
        f"unit {unit}, which {claim} by its claim"
    )
