"""What each unit of each layer sees of the input, on any graph.

Along one axis a layer's units are described by a `Sight`: how many input pixels the widest
of them sees, where the first one's pixels begin, and how far apart the units are. Only
layers that enlarge make units jump: after them neighbours are not equally far apart, and
the widest of them is what counts.

Source: Araujo et al. 2019, "Computing Receptive Fields of Convolutional Neural Networks".
"""

from __future__ import annotations

import math
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from cnncalc.layers.base import Everything, Scattered, Window, Windows, simplified
from cnncalc.model.report import ReceptiveField

Number = int | Fraction


class Sight(NamedTuple):
    """What the units along one axis see. Units: input pixels.

    `jumps` are the strides since the first one that was a fraction: units m apart are at most
    `base` times m, passed through them and rounded up each time, apart. `jitter` is how far
    a unit may lie from its place in the regular grid.
    """

    size: Number = 1
    start: Number = 0
    base: int = 1
    jumps: tuple[Number, ...] = ()
    jitter: Number = 0

    @property
    def step(self) -> Number:
        """Return the distance of neighbouring units, on the average."""
        if not self.jumps:  # fractions cost time, and are rare
            return self.base
        return simplified(math.prod(self.jumps, start=Fraction(self.base)))

    @property
    def centre(self) -> Number:
        """Return the centre of what the first unit sees."""
        return simplified(self.start + Fraction(self.size - 1, 2))

    def apart(self, units: int) -> int:
        """Return how far apart, at the most, two units begin that are `units` apart."""
        for stride in reversed(self.jumps):
            units = math.ceil(units * stride)
        return self.base * units


class View(NamedTuple):
    """What the units of one layer see: a Sight per axis; None: the whole input.

    `grid` is False where the units lie in no regular order (after flatten).
    """

    axes: tuple[Sight, ...] | None
    grid: bool = True


WHOLE = View(None)


@lru_cache(maxsize=4096)
def _through(sight: Sight, window: Window) -> Sight:
    """Return what the units of a layer see whose input units see `sight`.

    >>> _through(Sight(), Window(11, 4)).size
    11
    """
    size = sight.size + sight.apart((window.kernel - 1) * window.dilation)
    start = simplified(sight.start - window.before * sight.step)
    stride = window.stride
    if not sight.jumps and stride == int(stride):
        return sight._replace(size=size, start=start, base=sight.base * int(stride))
    q = Fraction(stride).denominator
    jitter = simplified(sight.jitter + Fraction(q - 1, 2 * q) * sight.step)
    return Sight(size, start, sight.base, (*sight.jumps, stride), jitter)


def through(view: View, windows: Windows) -> View:
    """Return what the units of a layer see, from what its input's units see."""
    if windows is None or (view.axes is None and windows is not Everything):
        return view
    if windows is Everything:
        return WHOLE
    if windows is Scattered:
        return view._replace(grid=False)
    assert isinstance(windows, tuple)
    if not view.grid or len(windows) != len(view.axes or ()):
        return view if all(window.kernel == 1 for window in windows) else WHOLE
    return View(tuple(map(_through, view.axes or (), windows)))


def union(views: list[View]) -> tuple[View, int | None]:
    """Return what sees all that several inputs see, and the axis on which they are misaligned.

    >>> union([View((Sight(3, -1),)), View((Sight(5, -2),))])[0].axes[0].size
    5
    """
    first = views[0]
    if all(view == first for view in views):
        return first, None
    if any(view.axes is None for view in views):
        return WHOLE, None
    if not all(view.grid for view in views) or len({len(view.axes or ()) for view in views}) > 1:
        return WHOLE, None
    axes, misaligned = [], None
    for axis, sights in enumerate(zip(*[view.axes or () for view in views], strict=True)):
        if len({sight.step for sight in sights}) > 1:
            return WHOLE, axis
        if len({sight.centre for sight in sights}) > 1 and misaligned is None:
            misaligned = axis
        axes.append(_hull(sights))
    return View(tuple(axes)), misaligned


def _hull(sights: tuple[Sight, ...]) -> Sight:
    """Return the smallest Sight that contains all of them, wherever their units jump to."""
    starts = [sight.start for sight in sights]
    ends = [sight.start + sight.size for sight in sights]
    size = max(sight.size for sight in sights)
    for i, one in enumerate(sights):
        for j, other in enumerate(sights):
            if i != j:
                size = max(size, ends[i] + one.jitter - starts[j] + other.jitter)
    middle = Fraction(min(starts) + max(ends)) / 2
    widest = max(sights, key=lambda sight: (sight.apart(1), len(sight.jumps)))
    size = math.ceil(size)
    jitter = max(sight.jitter for sight in sights)
    return widest._replace(size=size, start=simplified(middle - Fraction(size, 2)), jitter=jitter)


@lru_cache(maxsize=4096)
def published(view: View) -> ReceptiveField:
    """Return the view as a report has it: size, step, first centre.

    >>> published(View((Sight(11, 0, 4),)))
    ReceptiveField(size=(11,), step=(4,), first_centre=(5,))
    """
    if view.axes is None:
        return ReceptiveField(None, None, None)
    size = tuple(sight.size for sight in view.axes)
    if not view.grid:
        return ReceptiveField(size, None, None)
    return ReceptiveField(
        size,
        tuple(sight.step for sight in view.axes),
        tuple(sight.centre for sight in view.axes),
    )
