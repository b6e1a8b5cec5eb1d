"""Receptive fields, found by a NaN: what it reaches becomes NaN, and nothing else does.

A NaN in every pixel up to column p reaches just the units whose field begins at p or before;
one in every pixel from p on, those whose field ends at p or after. A pass with the column
where a unit's field should begin, and one with the column before, settle it for that unit
and for every layer whose units begin there, too. A unit is probed if its field's border lies
inside what every layer on the way is given, since padding brings no NaN.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
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

FIRST, LAST = 0, 1  # the two borders of a field


class Field(NamedTuple):
    """What a layer's units see along one axis, by the report: columns from `start` on."""

    size: int
    start: int
    step: int

    def border(self, side: int, unit: Any) -> Any:
        """Return the first or the last column that a unit sees."""
        return self.start + self.step * unit + side * (self.size - 1)


class Probe(NamedTuple):
    """What was found of a layer's receptive field.

    `size` per axis; None where no unit could be probed on both sides. `problem` says where a
    NaN went that should not, or the other way round; it is empty if all is as claimed.
    """

    path: str
    size: tuple[int | None, ...]
    problem: str = ""


class _Pass(NamedTuple):
    axis: int
    side: int
    column: int


def probe(
    graph: Graph, report: Report, *, seed: int, watch: Watch | None = None, keep: bool = False
) -> list[Probe]:
    """Return what NaN found of each layer's receptive field that is a grid of whole numbers.

    `keep` has all arrays made once and kept, which takes less time and more memory.
    """
    nodes = graph.nodes
    inside = _inside(nodes)
    fields = {
        i: found
        for i, borders in enumerate(inside)
        if i and borders is not None and (found := _fields(report, i)) is not None
    }
    probed: dict[tuple[int, int, int], int] = {}  # layer, axis, side: the unit
    passes: dict[_Pass, None] = {}
    for i in sorted(fields, key=lambda i: -max(field.step for field in fields[i])):
        for axis, field in enumerate(fields[i]):
            for side in (FIRST, LAST):
                unit = _unit(inside[i], axis, side, field, passes)
                if unit is not None:
                    probed[i, axis, side] = unit
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
                problem = _compare(each, fields[i][each.axis], inside[i], reached)
                if problem:
                    problems[i] = problem
    if problems:  # layers that make NaN of their own, as of a negative variance, tell nothing
        nowhere = _Pass(0, FIRST, -1)
        for i, reached in _reached(run, nodes[0], seed, nowhere):
            if reached.any():
                fields.pop(i, None)
                problems.pop(i, None)
    return [_found(nodes, i, fields[i], probed, problems) for i in sorted(fields)]


def _found(
    nodes: Sequence[Node],
    i: int,
    fields: Sequence[Field],
    probed: dict[tuple[int, int, int], int],
    problems: dict[int, str],
) -> Probe:
    """Return a layer's probe: later layers inherit what is wrong before them, and do not tell."""
    sources = set(nodes[i].inputs)
    spoilt = False
    while sources and not spoilt:
        spoilt = any(source in problems for source in sources)
        sources = {s for source in sources for s in nodes[source].inputs}
    if spoilt:
        return Probe(nodes[i].path, (None,) * len(fields))
    whole = [
        None if i in problems or {(i, a, FIRST), (i, a, LAST)} - probed.keys() else field.size
        for a, field in enumerate(fields)
    ]
    return Probe(nodes[i].path, tuple(whole), problems.get(i, ""))


def _fields(report: Report, i: int) -> list[Field] | None:
    """Return what the report says of a layer, if it is whole numbers on a grid."""
    size, step, centre = report.layers[i].receptive_field
    if size is None or step is None or centre is None:
        return None
    found = []
    for extent, distance, middle in zip(size, step, centre, strict=True):
        start = 2 * middle - (extent - 1)
        if extent != int(extent) or distance != int(distance) or start % 2:
            return None
        found.append(Field(int(extent), int(start) // 2, int(distance)))
    return found


def _inside(nodes: Sequence[Node]) -> list[tuple[list[Flags], list[Flags]] | None]:
    """Return, by axis, of which units the first and the last border meets no padding on its way.

    None for layers without a window of whole numbers, and those after them.
    """
    found: list[tuple[list[Flags], list[Flags]] | None] = []
    for node in nodes:
        if node.layer is None:
            ends = [np.ones(extent, bool) for extent in node.output.extents]
            found.append((ends, ends) if ends else None)
            continue
        volumes = [nodes[source].output for source in node.inputs]
        window: Any = node.layer.window(node.output, *volumes)
        before = [found[source] for source in node.inputs]
        before = before[:1] if node.layer.arity[1] == 2 else before  # the other gives extents
        if window is Everything or any(borders is None for borders in before):
            found.append(None)
            continue
        merged = _merged([borders for borders in before if borders is not None])
        if merged is None or (window is not None and not isinstance(window, tuple)):
            found.append(None)
        elif window is None:
            found.append(merged)
        elif any(number != int(number) for axis in window for number in axis):
            found.append(None)
        else:
            found.append(_through(window, node.output.extents, merged))
    return found


def _merged(
    borders: Sequence[tuple[list[Flags], list[Flags]]],
) -> tuple[list[Flags], list[Flags]] | None:
    """Return the units that are inside in every branch; None if the branches differ in extents."""
    sides = []
    for side in (FIRST, LAST):
        axes = list(zip(*[border[side] for border in borders], strict=False))
        if any(len({len(flags) for flags in axis}) > 1 for axis in axes):
            return None
        sides.append([np.logical_and.reduce(axis) for axis in axes])
    return sides[FIRST], sides[LAST]


def _through(
    windows: Any, extents: Sequence[int], before: tuple[list[Flags], list[Flags]]
) -> tuple[list[Flags], list[Flags]] | None:
    sides: tuple[list[Flags], list[Flags]] = ([], [])
    if len(windows) != len(before[FIRST]):
        return None
    for axis, (kernel, stride, pad, _, dilation) in enumerate(windows):
        for side in (FIRST, LAST):
            flags = before[side][axis]
            tap = np.arange(extents[axis]) * stride - pad + side * (kernel - 1) * dilation
            real = (tap >= 0) & (tap < len(flags))
            sides[side].append(real & flags[np.clip(tap, 0, len(flags) - 1)])
    return sides


def _unit(
    inside: tuple[list[Flags], list[Flags]] | None,
    axis: int,
    side: int,
    field: Field,
    passes: dict[_Pass, None],
) -> int | None:
    """Return the unit to probe: one that a pass probes already, or the one in the middle."""
    assert inside is not None
    units = np.flatnonzero(inside[side][axis])
    if not len(units):
        return None
    borders = field.border(side, units)
    known = [each.column for each in passes if each[:2] == (axis, side)]
    for unit, column in zip(units.tolist(), borders.tolist(), strict=True):
        if column in known and column + 2 * side - 1 in known:
            return int(unit)
    return int(units[len(units) // 2])


def _runner(nodes: Sequence[Node], seed: int, keep: bool) -> Run:
    """Return what runs the nodes on an input, and yields the index and result of each."""
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


def _compare(
    each: _Pass, field: Field, inside: tuple[list[Flags], list[Flags]] | None, reached: Flags
) -> str:
    """Return what a pass finds wrong with a layer's field, or nothing."""
    assert inside is not None
    borders = field.border(each.side, np.arange(len(reached)))
    claimed = borders <= each.column if each.side == FIRST else borders >= each.column
    certain = inside[each.side][each.axis]
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
