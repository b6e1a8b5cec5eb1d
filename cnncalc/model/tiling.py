"""Which input extents a network takes without losing input, and which of them tile, exactly.

A network is expanded with a `Line` for the input's extent along one axis: all inputs of a class
modulus·q + residue at once. Where a layer's rule depends on the remainder, the class is split;
where an extent gets too small, its smaller inputs are looked at by themselves. So every input
is in one class in the end, of which all are taken, or none.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import count
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from cnncalc.arithmetic import effective_kernel, lost_input
from cnncalc.errors import CnncalcError, LimitError, VolumeError
from cnncalc.layers.windowed import AbstractWindowed
from cnncalc.model.input_sizes import AxisSizes, Kind, Need, NoRule, Reason, Sizes
from cnncalc.model.symbolic_extent import Class, Free, Line, Unsettled
from cnncalc.model.tiling_fixes import Axis
from cnncalc.volume import LARGEST_EXTENT, Volume

if TYPE_CHECKING:
    from cnncalc.layers.base import AbstractLayer
    from cnncalc.model.graph import Graph, Node

Again = Callable[[Volume], "Graph"]

MOST_RESIDUES = 4096  # of one modulus; beyond it there are too many cases
MOST_NODES = 150_000  # that are expanded for one axis: some seconds
MOST_NODES_UNASKED = 20_000  # where no one asked for them
MOST_SMALLER = 10_000  # extents that are listed one by one


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """The inputs modulus·q + residue, q from `low` to `high`, and what is known of them."""

    modulus: int
    residue: int
    low: int
    high: int
    tiles: bool = True

    @property
    def endless(self) -> bool:
        """Return whether its extents go on as far as there are any."""
        return self.extent(self.high + 1) > LARGEST_EXTENT

    def extent(self, q: int) -> int:
        """Return the extent of one input."""
        return self.modulus * q + self.residue

    def split(self, parts: int, remainders: Iterable[int]) -> Iterator[_Part]:
        """Yield the inputs by the remainder of q by `parts`, for some remainders."""
        for j in remainders:
            low, high = -((j - self.low) // parts), (self.high - j) // parts
            if low <= high:
                yield _Part(
                    modulus=self.modulus * parts,
                    residue=self.residue + self.modulus * j,
                    low=low,
                    high=high,
                    tiles=self.tiles,
                )


class _Stopped(Exception):
    """The search ended with no rule."""

    def __init__(self, path: str, why: str) -> None:
        super().__init__(path, why)
        self.path, self.why = path, why


class _Unread(NamedTuple):
    """The first layers, as places in the graph, that leave input unread, or do not tile."""

    lost: int | None
    left: int | None


class _Search:
    """The classes of inputs along one axis: those that are taken, and why the others are not."""

    def __init__(self, again: Again, volume: Volume, axis: int, most_nodes: int) -> None:
        self.again, self.volume, self.axis = again, volume, axis
        self.free = True  # whether the other axes agree with whatever is asked of them
        self.nodes_left = most_nodes
        self.path = ""  # of the last layer that was looked at
        self.taken: list[tuple[_Part, Graph]] = []
        self.unseen = 0  # the largest of the small inputs that were not looked at
        self.reasons: dict[str, tuple[tuple[bool, int], Reason]] = {}
        self.layers: dict[int, AbstractLayer] = {}  # all that was met, by identity

    def run(self) -> None:
        """Look at all inputs. Raises: _Stopped."""
        parts = [_Part(modulus=1, residue=0, low=1, high=LARGEST_EXTENT)]
        while parts:
            # Small inputs come last: of them some may stay unknown.
            at = next((i for i, part in enumerate(parts) if part.endless), -1)
            part = parts.pop(at)
            if self.nodes_left < 0 or len(parts) > MOST_RESIDUES:
                if part.endless:
                    raise _Stopped(self.path, "there are too many cases to look at")
                self.unseen = max(self.unseen, part.extent(part.high))
                continue
            parts += self.look(part)

    def result(self) -> AxisSizes | NoRule:
        """Return the sets of extents along the axis, or where there is no rule."""
        try:
            self.run()
            fits, tiles = self.sizes("fits"), self.sizes("tiles")
        except _Stopped as stopped:
            return NoRule(self.axis, stopped.path, stopped.why)
        needs = self.needs("tiles" if tiles else "fits")
        return AxisSizes(axis=self.axis, fits=fits, tiles=tiles, needs=needs, joined=not self.free)

    def look(self, part: _Part) -> list[_Part]:
        """Expand the network for some inputs; return those of them that are still to be seen."""
        inputs = Class(part.modulus, part.residue, part.low, part.high)
        error: CnncalcError | None = None
        try:
            graph = self.again(self.input(inputs))
        except CnncalcError as caught:
            if caught.graph is None or not isinstance(caught, (VolumeError, LimitError)):
                path = self.path or caught.problems[0].path
                raise _Stopped(path, "it depends on the input in another way") from None
            graph, error = caught.graph, caught
        self.nodes_left -= len(graph.nodes) + 1
        met = [*graph.nodes, graph.failed] if graph.failed else graph.nodes
        self.layers |= {id(node.layer): node.layer for node in met if node.layer is not None}
        self.path = (graph.failed or graph.nodes[-1]).path
        unread = _Unread(None, None)
        if not inputs.stuck:
            with suppress(Unsettled):  # a rule of the window itself depends on the remainder
                unread = _unread(graph, self.axis)
        if inputs.stuck:
            if not self.free or len(self.volume.extents) == 1:
                raise _Stopped(self.path, inputs.stuck)
            self.free = False  # the axes meet: the others keep the file's extents
            return self.look(part)
        smaller = [replace(part, high=inputs.low - 1)] if inputs.low > part.low else []
        part = replace(part, low=inputs.low)
        if unread.left is not None and part.tiles:
            self.note("tiles", part, graph, unread.left, "left")
            part = replace(part, tiles=False)
        if unread.lost is not None:
            self.refuse(part, graph, unread.lost, "lost")
        elif inputs.split:
            smaller += part.split(inputs.split, self.remainders(part, graph, inputs.split))
        elif error is not None:
            self.refuse(part, graph, len(graph.nodes), "refused")
        else:
            self.taken.append((part, graph))
        return smaller

    def remainders(self, part: _Part, graph: Graph, parts: int) -> Iterable[int]:
        """Return the remainders of q by `parts` with which the layer that failed may lose nothing.

        Raises: _Stopped if they are too many.
        """
        node = graph.failed
        layer = None if node is None else node.layer
        if node is not None and isinstance(layer, AbstractWindowed):
            floor = not layer.ceil and layer.padding != "same"
            window = window_of(graph, node, self.axis) if floor else None
            line: Any = None if window is None else window.room
            if window is not None and parts == window.s // math.gcd(line.slope, window.s):
                # More than this is left over of input that is read elsewhere.
                unread = window.a + max(0, window.s - effective_kernel(window.k, window.d))
                if unread < min(window.s - 1, MOST_RESIDUES):
                    self.refuse(part, graph, len(graph.nodes), "lost")
                    rests = range(unread + 1)
                    whole = [_linear(line.slope, n - line.offset, window.s) for n in rests]
                    return [one[0] for one in whole if one is not None]
        if parts > MOST_RESIDUES:
            raise _Stopped(self.path, f"it asks for {parts:,} cases")
        return range(parts)

    def input(self, inputs: Class) -> Volume:
        """Return the input volume of a class."""
        free: Any = Free()
        extents = [free if self.free else extent for extent in self.volume.extents]
        extents[self.axis] = inputs.extent()
        return Volume(tuple(extents), self.volume.channels)

    def refuse(self, part: _Part, graph: Graph, index: int, kind: Kind) -> None:
        """Note that inputs are not taken, nor tile."""
        self.note("fits", part, graph, index, kind)
        if part.tiles:
            self.note("tiles", part, graph, index, kind)

    def note(self, what: str, part: _Part, graph: Graph, index: int, kind: Kind) -> None:
        """Keep the reason of the inputs that got furthest; those without end come first."""
        depth = part.endless, index
        if what in self.reasons and depth <= self.reasons[what][0]:
            return
        node = graph.nodes[index] if index < len(graph.nodes) else graph.failed
        own = (self.volume.extents[self.axis] - part.residue) // part.modulus
        q = min(max(own, part.low), part.high)
        extents = [graph.nodes[source].output.extents for source in node.inputs] if node else []
        lines: list[Any] = [one[self.axis] for one in extents if self.axis < len(one)]
        reason = Reason(
            path=node.path if node else self.path,
            kind=kind,
            extent=part.extent(q),
            inputs=tuple(line.at(q) if isinstance(line, Line) else line for line in lines),
            steady=len({line.slope if isinstance(line, Line) else 0 for line in lines}) == 1,
        )
        self.reasons[what] = depth, reason

    def sizes(self, what: Literal["fits", "tiles"]) -> Sizes:
        """Return the set of all inputs that are taken. Raises: _Stopped."""
        parts = [part for part, _ in self.taken if what == "fits" or part.tiles]
        endless = [part for part in parts if part.endless]
        modulus = math.lcm(*(part.modulus for part in endless))
        residues: set[int] = set()
        for part in endless:
            if len(residues) + modulus // part.modulus > MOST_RESIDUES:
                raise _Stopped(self.path, "there are too many cases to look at")
            residues.update(range(part.residue % part.modulus, modulus, part.modulus))
        modulus = _shortest(residues, modulus) if residues else 0
        residues = {residue % modulus for residue in residues}
        start = max((part.extent(part.low) for part in endless), default=LARGEST_EXTENT + 1)
        known = self.unseen + 1
        start = max(start, known)
        small = self.below(parts, start)
        kept = tuple(sorted(residues))
        if residues:
            start = _least(kept, modulus, small, known, start)
            small = {n for n in small if n < start}
        if self.volume.extents[self.axis] > 1:
            # At 1 no window moves, and all sides of a merge spread: no size to recommend.
            small -= {1}
        smaller = tuple(sorted(small))
        reason = None if residues or smaller else self.reasons[what][1]
        return Sizes(modulus=modulus, residues=kept, least=start, smaller=smaller, reason=reason)

    def below(self, parts: Sequence[_Part], start: int) -> set[int]:
        """Return the extents below one that are taken. Raises: _Stopped if they are many."""
        small: set[int] = set()
        for part in parts:
            last = min(part.extent(part.high), start - 1)
            found = range(part.extent(part.low), last + 1, part.modulus)
            if len(small) + len(found) > MOST_SMALLER:
                raise _Stopped(self.path, "there are too many cases to look at")
            small.update(found)
        return small

    def needs(self, what: Literal["fits", "tiles"]) -> tuple[Need, ...]:
        """Return each layer's condition on its input, if one class of inputs alone is taken."""
        ends = [
            (part, graph)
            for part, graph in self.taken
            if part.endless and (part.tiles or what == "fits")
        ]
        if len(ends) != 1:
            return ()
        ((part, graph),) = ends
        needs: list[Need] = []
        residue, modulus = 0, 1
        for node in graph.nodes:
            window = window_of(graph, node, self.axis)
            if window is None or window.s == 1 or window.remainder:
                continue
            line: Any = window.w
            if not isinstance(line, Line):
                continue
            # slope·q + offset + padding - reach = 0 mod stride, with q = (H - residue)/modulus
            padding, reach = window.b + window.a, effective_kernel(window.k, window.d)
            rest = (line.offset + padding - reach) * part.modulus - line.slope * part.residue
            congruence = _linear(line.slope, -rest, window.s * part.modulus)
            both = congruence and combine(residue, modulus, *congruence)
            if both and both != (residue, modulus):
                residue, modulus = both
                needs.append(
                    Need(
                        path=node.path,
                        divisor=window.s,
                        padding=padding,
                        reach=reach,
                        first=residue,
                        modulus=modulus,
                    )
                )
        return tuple(needs)


def window_of(graph: Graph, node: Node, axis: int) -> Axis | None:
    """Return a layer's sliding window along an axis, with its input's extent; None of others."""
    if not isinstance(node.layer, AbstractWindowed):
        return None
    volume = graph.nodes[node.inputs[0]].output
    if axis >= len(volume.extents):
        return None
    return Axis.of(volume.extents[axis], node.layer.windows(volume)[axis])


def lost_of(window: Axis, places: int) -> int:
    """Return the input positions that a window leaves unread; none where it is rounded up."""
    return lost_input(*window) if window.places == places else 0


def _unread(graph: Graph, axis: int) -> _Unread:
    """Return which windows leave something over along an axis. Raises: Unsettled."""
    left = None
    for index, node in enumerate(graph.nodes):
        window = window_of(graph, node, axis)
        if window is None or window.s == 1 or not window.remainder:
            continue
        left = index if left is None else left
        if lost_of(window, node.output.extents[axis]):
            return _Unread(index, left)
    return _Unread(None, left)


def solve(
    again: Again, volume: Volume, *, most_nodes: int = MOST_NODES
) -> tuple[AxisSizes | NoRule, ...]:
    """Return the input extents that a network takes along each axis, whatever it was given.

    `again` expands it at another input than `volume`. The other axes agree with everything, or
    keep their extents where several axes meet in a layer.
    """
    found: list[AxisSizes | NoRule] = []
    alike = False
    for axis in range(len(volume.extents)):
        if alike:
            found.append(replace(found[0], axis=axis))
            continue
        search = _Search(again, volume, axis, most_nodes)
        found.append(search.result())
        alike = search.free and all(map(_alike, search.layers.values()))
    return tuple(found)


def tried(again: Again, volume: Volume) -> tuple[tuple[bool, bool], ...]:
    """Return, along each axis, whether an input fits and whether it tiles, by expanding it."""
    try:
        graph = again(volume)
    except (VolumeError, LimitError):
        return ((False, False),) * len(volume.extents)
    unread = [_unread(graph, axis) for axis in range(len(volume.extents))]
    return tuple((one.lost is None, one.left is None) for one in unread)


def sizes_for_report(graph: Graph) -> tuple[AxisSizes, ...] | None:
    """Return the sets of a network of which some window loses input, if there is a rule.

    What a report names of them is tried before.
    """
    volume = graph.nodes[0].output
    if graph.failed is not None or 3 * len(graph.nodes) > MOST_NODES_UNASKED:
        return None
    found = []
    for sizes in solve(graph.again, volume, most_nodes=MOST_NODES_UNASKED):
        if isinstance(sizes, NoRule):
            return None
        for extent in (sizes.tiles or sizes.fits).near(volume.extents[sizes.axis]):
            extents = list(volume.extents)
            extents[sizes.axis] = extent
            fits = tried(graph.again, Volume(tuple(extents), volume.channels))[sizes.axis]
            if fits != (True, extent in sizes.tiles):
                return None
        found.append(sizes)
    return tuple(found)


def _alike(layer: AbstractLayer) -> bool:
    """Return whether a layer does the same along all axes: no setting has numbers that differ."""
    settings = (getattr(layer, name) for name in type(layer).model_fields)
    return not any(isinstance(value, tuple) and len(set(value)) > 1 for value in settings)


def combine(r1: int, m1: int, r2: int, m2: int) -> tuple[int, int] | None:
    """Return the residue and modulus of both congruences together; None if they contradict.

    Source: the Chinese remainder theorem, for moduli that may share factors.

    >>> combine(3, 4, 7, 8)
    (7, 8)
    """
    common = math.gcd(m1, m2)
    if (r2 - r1) % common:
        return None
    step = (r2 - r1) // common * pow(m1 // common, -1, m2 // common) % (m2 // common)
    modulus = m1 // common * m2
    return (r1 + m1 * step) % modulus, modulus


def _linear(a: int, b: int, m: int) -> tuple[int, int] | None:
    """Return the residue and modulus of x in a·x = b mod m.

    >>> _linear(1, 11, 4)
    (3, 4)
    """
    common = math.gcd(a, m)
    if b % common:
        return None
    m //= common
    return b // common * pow(a // common, -1, m) % m, m


def _shortest(residues: set[int], modulus: int) -> int:
    """Return the smallest modulus by which the residues repeat.

    >>> _shortest({1, 3, 5}, 6)
    2
    """
    divisor, left = 2, modulus
    while left > 1:
        if divisor * divisor > left:
            divisor = left
        if left % divisor:
            divisor += 1
            continue
        left //= divisor
        part = modulus // divisor
        if all((r + part) % modulus in residues for r in residues):
            residues, modulus = {r % part for r in residues}, part
    return modulus


def _least(residues: Sequence[int], modulus: int, small: set[int], known: int, start: int) -> int:
    """Return from which extent on the residues are exact.

    They are from `start` on; below it, `small` are all extents of the set from `known` on.

    >>> _least((0,), 4, {2, 8, 12}, 1, 16)
    8
    """
    below = iter(sorted((n for n in small if n >= known), reverse=True))
    turn = start - start % modulus
    expected = (t + r for t in count(turn, -modulus) for r in reversed(residues) if t + r < start)
    end = known  # the residues hold from here on
    for extent in expected:
        found = next(below, 0)
        if extent != found or extent < known:
            end = max(extent + 1, found + 1, known)
            break
    rest = end % modulus
    return end - rest + next((r for r in residues if r >= rest), residues[0] + modulus)
