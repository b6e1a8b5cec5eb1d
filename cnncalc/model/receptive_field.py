"""Receptive fields of all layers, on any graph: exact, the input's borders ignored.

Source: Araujo et al. 2019, "Computing Receptive Fields of Convolutional Neural Networks", for
units that are alike; where they differ, `sight` goes through the phases of their period.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

from cnncalc.layers.base import AxisWindow, Everything, Nothing, Scattered, Window, Windows
from cnncalc.layers.merge import Concat
from cnncalc.layers.volume_axes import CHANNELS
from cnncalc.model.row import ReceptiveField
from cnncalc.model.sight import (
    NOTHING,
    Bound,
    Budget,
    Regular,
    Sight,
    TooLargeError,
    between,
    bound,
    gaps,
    has_gaps,
    hull,
    middle,
    seen,
    single,
    sizes,
    slid,
)

if TYPE_CHECKING:
    from cnncalc.model.graph import Graph, Node


Box = tuple[Sight, ...]  # by axis


class View(NamedTuple):
    """The receptive fields of one layer's units: a Sight per axis; None: WHOLE or UNKNOWN.

    A unit sees the boxes in which it sees something along every axis: mostly there is one box.
    Behind merges there may be others, in which some units see nothing (a transposed kernel
    below its stride): whether they count along one axis depends on where along the others.
    `grid` is False where the units lie in no order (after flatten). `regular`: they are a grid
    of units that are all alike, as they nearly always are.
    """

    boxes: tuple[Box, ...] | None
    grid: bool = True
    regular: bool = False


WHOLE = View(None)  # every unit sees the whole input
UNKNOWN = View(None, grid=False)
MOST_BOXES = 8


class Views:
    """The views of a graph's nodes, put together in the order in which they run."""

    def __init__(self, extents: Sequence[int]) -> None:
        self.extents = extents  # of the input
        self.views: list[View] = []
        self.fields: list[ReceptiveField] = []  # the views, as a report has them
        self.budget = Budget()

    def add(self, nodes: Sequence[Node], node: Node, windows: Windows) -> int | None:
        """Add the next node's view; return the axis on which a merge's inputs are misaligned."""
        views, fields, layer = self.views, self.fields, node.layer
        misaligned = None
        if layer is None:
            pixels = tuple(Regular() for _ in node.output.extents)
            view = View((pixels,), grid=bool(pixels), regular=bool(pixels))
            field = self._published(view, ())
        else:
            source = node.inputs[0]
            view, field = views[source], fields[source]
            differ = any(views[other] != view for other in node.inputs)
            if differ and layer.merges:
                view, misaligned = self._merged(nodes, node)
                field = self._published(view, node.output.extents)
            elif differ and layer.family == "attention" and windows is not Everything:
                view = UNKNOWN
            if windows is not None:
                found = None
                if view.regular and isinstance(windows, tuple):
                    found = _slid(view, windows)
                if found is None:
                    view = self._through(view, windows, node.output.extents)
                    found = view, self._published(view, node.output.extents)
                view, field = found
        views.append(view)
        fields.append(field)
        return misaligned

    def _through(self, view: View, windows: Windows, units: Sequence[int]) -> View:
        """Return the fields behind a layer's windows, from the fields of its input."""
        if windows is Everything:
            return WHOLE
        if windows is Nothing:
            return View((tuple(NOTHING for _ in self.extents),), grid=False)
        if view.boxes is None:
            return view
        if windows is Scattered:
            return View(view.boxes, grid=False)
        assert isinstance(windows, tuple)
        if not view.grid or len(windows) != len(view.boxes[0]):
            alone = all(isinstance(window, Window) and window.kernel == 1 for window in windows)
            return view if alone else UNKNOWN
        try:
            boxes = [self._seen(box, windows) for box in view.boxes]
        except TooLargeError:
            return UNKNOWN
        return _grid((boxes[0],) if len(boxes) == 1 else self._joined(boxes, units))

    def _seen(self, box: Box, windows: tuple[AxisWindow, ...]) -> Box:
        """Return one box of the fields behind a layer's windows."""
        axes: list[Sight] = []
        for i, (sight, window) in enumerate(zip(box, windows, strict=True)):
            if isinstance(sight, Regular) and isinstance(window, Window):
                axes.append(slid(sight, window))
            elif i and sight == box[0] and window == windows[0]:
                axes.append(axes[0])  # a long period is worked out and kept once
            else:
                axes.append(seen(sight, window, self.budget))
        return _coupled(tuple(axes))

    def _merged(self, nodes: Sequence[Node], node: Node) -> tuple[View, int | None]:
        """Return the union of a merge's inputs' fields, and the axis on which they differ.

        Along an axis where an input's extent is 1 it spreads: all units see what its one sees.
        """
        views, output = [self.views[source] for source in node.inputs], node.output.extents
        if isinstance(node.layer, Concat) and (node.layer.axis != CHANNELS or not output):
            return _side_by_side([self.fields[source] for source in node.inputs]), None
        if WHOLE in views:
            return WHOLE, None
        if not all(view.grid for view in views):
            return UNKNOWN, None
        boxes: list[Box] = []
        for view, source in zip(views, node.inputs, strict=True):
            for box in view.boxes or ():
                by_axis = zip(box, nodes[source].output.extents, output, strict=True)
                boxes.append(tuple(s if w == n else single(s) for s, w, n in by_axis))
        joined = _grid(self._joined(boxes, output))
        if all(map(_covers, (joined.boxes or ())[0], self.extents)):
            return WHOLE, None
        for axis, sights in enumerate(zip(*boxes, strict=True)):
            whole = any(_covers(sight, self.extents[axis]) for sight in sights)
            if not whole and len(set(map(middle, sights))) > 1:
                return joined, axis
        return joined, None

    def _joined(self, boxes: Sequence[Box], units: Sequence[int]) -> tuple[Box, ...]:
        """Return fewer boxes in which units see the same: those without gaps are one.

        `units`: how many there are along each axis.
        """
        boxes = [box for box in dict.fromkeys(boxes) if NOTHING not in box] or list(boxes[:1])
        closed = [box for box in boxes if len(box) == 1 or not any(map(has_gaps, box))]
        gapped = [box for box in boxes if box not in closed]
        if len(gapped) > MOST_BOXES:  # they are rare; together they are a bound
            closed, gapped = [_coupled(tuple(map(bound, box))) for box in boxes], []
        axes: list[Sight] = []
        before: Sequence[Sight] = ()
        for axis, sights in enumerate(zip(*closed, strict=True)):
            if len(sights) > 1 and any(_covers(sight, self.extents[axis]) for sight in sights):
                axes.append(Regular(0, self.extents[axis] - 1, step=0))
            elif len(set(sights)) == 1:
                axes.append(sights[0])
            elif axis and sights == before:
                axes.append(axes[-1])  # a long period is worked out and kept once
            else:
                axes.append(hull(sights, units[axis], self.budget))
            before = sights
        return (tuple(axes), *gapped) if axes else tuple(gapped)

    def _published(self, view: View, units: Sequence[int]) -> ReceptiveField:
        """Return the view as a report has it."""
        if view.boxes is None:
            return ReceptiveField(None, None, None, None, True if view.grid else None)
        if len(view.boxes) == 1 and all(isinstance(sight, Regular) for sight in view.boxes[0]):
            return _alike(view)
        first = view.boxes[0]
        if len(view.boxes) > 1 or any(map(has_gaps, first)):
            units = units if len(units) == len(first) else (1,) * len(first)
            sized = [self._sizes(view.boxes, axis, n) for axis, n in enumerate(units)]
        else:
            sized = [(*sizes(sight), not isinstance(sight, Bound)) for sight in first]
        return ReceptiveField(
            size=tuple(widest for _, widest, _ in sized),
            smallest=tuple(least for least, _, _ in sized),
            step=None,
            first_centre=None,
            exact=all(exact for _, _, exact in sized),
        )

    def _sizes(self, boxes: Sequence[Box], axis: int, units: int) -> tuple[int, int, bool]:
        """Return the smallest and the widest size along an axis, and whether they are exact.

        Which boxes a unit is in follows from where it lies along the other axes.
        """
        exact, inside = True, {(True,) * len(boxes)}
        for other, sights in enumerate(zip(*boxes, strict=True)):
            if other != axis:
                found = gaps(sights)
                exact = exact and found is not None
                patterns = found or set(product((True, False), repeat=len(boxes)))
                inside = {
                    tuple(a and b for a, b in zip(one, two, strict=True))
                    for one in inside
                    for two in patterns
                }
        least, widest = [], []
        for pattern in inside:
            here = [box[axis] for box, is_in in zip(boxes, pattern, strict=True) if is_in]
            if len(here) > 1:
                sight = hull(here, units, self.budget)
            else:
                sight = here[0] if here else NOTHING
            exact = exact and not isinstance(sight, Bound)
            least.append(sizes(sight)[0])
            widest.append(sizes(sight)[1])
        return min(least), max(widest), exact


def views_of(graph: Graph) -> Views:
    """Return the receptive fields of a graph's nodes."""
    nodes = graph.nodes
    views = Views(nodes[0].output.extents)
    for node in nodes:
        volumes = [nodes[source].output for source in node.inputs]
        windows = None if node.layer is None else node.layer.window(node.output, *volumes)
        views.add(nodes, node, windows)
    return views


def _coupled(box: Box) -> Box:
    """Return a box, where it has bounds, with its gaps along one axis on all: none can tell."""
    bounded = [sight for sight in box if isinstance(sight, Bound)]
    if NOTHING in box or not bounded:
        return box
    if not any(sight.empty for sight in bounded) and not any(map(has_gaps, box)):
        return box
    return tuple(bound(sight)._replace(empty=True) for sight in box)


def _covers(sight: Sight, extent: int) -> bool:
    """Return whether all units see the whole extent, and so whatever is joined to them."""
    return (
        isinstance(sight, Regular)
        and not sight.step
        and sight.first <= 0 <= extent <= sight.last + 1
    )


def _side_by_side(fields: Sequence[ReceptiveField]) -> View:
    """Return the view of units in no order, each of which is a unit of one of several inputs."""
    if any(field.size is None for field in fields):
        return UNKNOWN
    exact = all(field.exact for field in fields)
    least = [min(axis) for axis in zip(*[field.smallest or () for field in fields], strict=True)]
    widest = [max(axis) for axis in zip(*[field.size or () for field in fields], strict=True)]
    sights = zip(least, widest, strict=True)
    return View((tuple(between(a, b, exact=exact) for a, b in sights),), grid=False)


@lru_cache(maxsize=4096)  # nearly all layers of nearly all networks
def _slid(view: View, windows: tuple[AxisWindow, ...]) -> tuple[View, ReceptiveField] | None:
    """Return the fields of units all alike behind sliding windows; None of others."""
    axes: list[Sight] = []
    for sight, window in zip((view.boxes or ())[0], windows, strict=True):
        if not isinstance(sight, Regular) or not isinstance(window, Window):
            return None
        try:
            axes.append(slid(sight, window))
        except TooLargeError:
            return None
    after = _grid((tuple(axes),))
    return after, _alike(after)


def _grid(boxes: tuple[Box, ...]) -> View:
    regular = len(boxes) == 1 and all(isinstance(sight, Regular) for sight in boxes[0])
    return View(boxes, regular=regular)


def _alike(view: View) -> ReceptiveField:
    """Return the view of units that are all alike as a report has it.

    >>> _alike(View(((Regular(0, 10, 4),),)))
    ReceptiveField(size=(11,), smallest=(11,), step=(4,), first_centre=(5,), exact=True)
    """
    ((*axes,),) = view.boxes or ()
    sights = [sight for sight in axes if isinstance(sight, Regular)]
    size = tuple(sight.last - sight.first + 1 for sight in sights)
    grid = view.grid and all(sight.step for sight in sights)
    return ReceptiveField(
        size=size,
        smallest=size,
        step=tuple(sight.step for sight in sights) if grid else None,
        first_centre=tuple(map(_centre, sights)) if grid else None,
        exact=True,
    )


def _centre(sight: Regular) -> int | Fraction:
    twice = sight.first + sight.last
    return Fraction(twice, 2) if twice % 2 else twice // 2
