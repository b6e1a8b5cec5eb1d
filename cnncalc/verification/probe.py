"""Receptive fields, found by a NaN: every unit that depends on it becomes NaN, and no other.

A NaN in every pixel up to column p reaches just the units whose field begins at p or before;
one in every pixel from p on, those whose field ends at p or after. A pass with the column
where a unit's field should begin, and one with the column before, settle it for that unit
and for every layer that has a unit whose field begins there. A unit is probed if its field's
border lies inside the input of every layer on the way, since padding brings no NaN.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cnncalc.layers.base import Everything
from cnncalc.verification.activations import forward
from cnncalc.verification.arrays import SeededArrays, seeded

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cnncalc.model.graph import Graph, Node
    from cnncalc.model.report import Report
    from cnncalc.verification.result import Watch

    Flags = NDArray[np.bool_]
    Values = NDArray[np.float32]
    Run = Callable[[Values], Iterator[tuple[int, Values]]]
    Clear = tuple[list[Flags], list[Flags]]  # by side, then by axis: the units of `_clear_units`

FIRST, LAST = 0, 1  # the two sides of a field


class ClaimedField(NamedTuple):
    """The receptive fields of a layer's units along one axis, by the report.

    Unit u sees `size` columns from `start + step·u` on.
    """

    size: int
    start: int
    step: int

    def border(self, side: int, unit: Any) -> Any:
        """Return the first or the last column that a unit sees."""
        return self.start + self.step * unit + side * (self.size - 1)


@dataclass(frozen=True, slots=True)
class Probe:
    """What NaN showed of a layer's receptive field.

    Attributes:
        path: of the layer.
        size: of the field along each axis; None where no unit could be probed on both sides.
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
    """Return what NaN showed of each layer's receptive field that is a grid of whole numbers.

    `keep` has all arrays made once and kept, which takes less time and more memory.
    """
    nodes = graph.nodes
    clear = _clear_units(nodes)
    fields = {
        i: found
        for i, units in enumerate(clear)
        if i and units is not None and (found := _claimed_fields(report, i)) is not None
    }
    probed: set[_Target] = set()
    passes: dict[_Pass, None] = {}
    for i in sorted(fields, key=lambda i: -max(field.step for field in fields[i])):
        for axis, field in enumerate(fields[i]):
            for side in (FIRST, LAST):
                unit = _unit(clear[i], field, axis=axis, side=side, passes=passes)
                if unit is not None:
                    probed.add(_Target(i, axis, side))
                    column = field.border(side, unit)
                    passes[_Pass(axis, side, column)] = None
                    passes[_Pass(axis, side, column + 2 * side - 1)] = None
    problems: dict[int, str] = {}
    run = _runner(nodes[: max(fields, default=0) + 1], seed, keep)
    for done, each in enumerate(passes):
        if watch is not None:
            watch(done, len(passes), f"receptive field, column {each.column}")
        for i, reached in _reached(run, nodes[0], seed, each):
            if i in fields and i not in problems:
                problem = _compare(each, fields[i][each.axis], clear[i], reached)
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
        field.size
        if i not in problems and {_Target(i, a, FIRST), _Target(i, a, LAST)} <= probed
        else None
        for a, field in enumerate(fields)
    ]
    return Probe(nodes[i].path, tuple(sizes), problems.get(i, ""))


def _claimed_fields(report: Report, i: int) -> list[ClaimedField] | None:
    """Return what the report says of a layer along each axis, if it is a grid of whole numbers."""
    size, step, centre = report.layers[i].receptive_field
    if size is None or step is None or centre is None:
        return None
    found = []
    for extent, distance, middle in zip(size, step, centre, strict=True):
        start = 2 * middle - (extent - 1)
        if extent != int(extent) or distance != int(distance) or start % 2:
            return None
        found.append(ClaimedField(int(extent), int(start) // 2, int(distance)))
    return found


def _clear_units(nodes: Sequence[Node]) -> list[Clear | None]:
    """Return of which units the first and the last column meets no padding on its way to them.

    None for layers whose window is no grid of whole numbers, and those after them.
    """
    found: list[Clear | None] = []
    for node in nodes:
        if node.layer is None:
            every = [np.ones(extent, bool) for extent in node.output.extents]
            found.append((every, every) if every else None)
            continue
        volumes = [nodes[source].output for source in node.inputs]
        window: Any = node.layer.window(node.output, *volumes)
        before = [found[source] for source in node.inputs]
        before = before[:1] if node.layer.arity[1] == 2 else before  # the other gives extents
        if window is Everything or any(units is None for units in before):
            found.append(None)
            continue
        merged = _merged([units for units in before if units is not None])
        if merged is None or (window is not None and not isinstance(window, tuple)):
            found.append(None)
        elif window is None:
            found.append(merged)
        elif any(number != int(number) for axis in window for number in axis):
            found.append(None)
        else:
            found.append(_through(window, node.output.extents, merged))
    return found


def _merged(branches: Sequence[Clear]) -> Clear | None:
    """Return the units that are clear in every branch; None if the branches differ in extents."""
    sides = []
    for side in (FIRST, LAST):
        axes = list(zip(*[branch[side] for branch in branches], strict=False))
        if any(len({len(flags) for flags in axis}) > 1 for axis in axes):
            return None
        sides.append([np.logical_and.reduce(axis) for axis in axes])
    return sides[FIRST], sides[LAST]


def _through(windows: Any, extents: Sequence[int], before: Clear) -> Clear | None:
    """Return the units whose first or last tap is a clear unit of the layer before."""
    sides: Clear = ([], [])
    if len(windows) != len(before[FIRST]):
        return None
    for axis, (kernel, stride, padding, _, dilation) in enumerate(windows):
        for side in (FIRST, LAST):
            flags = before[side][axis]
            tap = np.arange(extents[axis]) * stride - padding + side * (kernel - 1) * dilation
            real = (tap >= 0) & (tap < len(flags))
            sides[side].append(real & flags[np.clip(tap, 0, len(flags) - 1)])
    return sides


def _unit(
    clear: Clear | None,
    field: ClaimedField,
    *,
    axis: int,
    side: int,
    passes: dict[_Pass, None],
) -> int | None:
    """Return the unit to probe: one that a pass probes already, or the one in the middle."""
    assert clear is not None
    units = np.flatnonzero(clear[side][axis])
    if not len(units):
        return None
    borders = field.border(side, units)
    known = {each.column for each in passes if (each.axis, each.side) == (axis, side)}
    for unit, column in zip(units.tolist(), borders.tolist(), strict=True):
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


def _compare(each: _Pass, field: ClaimedField, clear: Clear | None, reached: Flags) -> str:
    """Return what a pass finds wrong with a layer's field, or nothing."""
    assert clear is not None
    borders = field.border(each.side, np.arange(len(reached)))
    claimed = borders <= each.column if each.side == FIRST else borders >= each.column
    certain = clear[each.side][each.axis]
    if len(certain) != len(reached):
        return "its extents are not those of its rule"
    wrong = np.flatnonzero((reached & ~claimed) | (claimed & ~reached & certain))
    if not len(wrong):
        return ""
    unit = int(wrong[len(wrong) // 2])
    where, verb = ("up to", "begins") if each.side == FIRST else ("from", "ends")
    should = "should not reach" if reached[unit] else "should reach"
    return (
        f"NaN in the columns {where} {each.column} along axis {each.axis + 1} {should} "
        f"unit {unit}, which {verb} at {borders[unit]} by its claim"
    )
