"""Changes with which a window tiles its input: of the input, padding, stride or kernel."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cnncalc.arithmetic import effective_kernel, window_extent, window_remainder
from cnncalc.layers.base import Window

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cnncalc.model.row import Warning


class Axis(NamedTuple):
    """A window and the extent that it slides over along one axis, by the symbols of `arithmetic`.

    >>> Axis(w=224, k=11, s=4, b=0, a=0, d=1).remainder
    1
    """

    w: int  # extent of the input
    k: int  # kernel
    s: int  # stride
    b: int  # padding before
    a: int  # padding after
    d: int  # dilation

    @classmethod
    def of(cls, extent: int, window: Window) -> Axis:
        """Return a window over an extent."""
        return cls(
            w=extent,
            k=window.kernel,
            s=window.stride,
            b=window.before,
            a=window.after,
            d=window.dilation,
        )

    @classmethod
    def of_warning(cls, warning: Warning) -> Axis:
        """Return the window that a warning is about."""
        return cls(**{symbol: warning.numbers[symbol] for symbol in cls._fields})

    @property
    def window(self) -> Window:
        """Return the window itself, without the extent that it slides over."""
        return Window(self.k, self.s, self.b, self.a, self.d)

    @property
    def remainder(self) -> int:
        """Return the positions left over after the last window: 0 where it tiles."""
        return window_remainder(*self)

    @property
    def tiles(self) -> bool:
        """Return whether nothing is left over."""
        return not self.remainder

    @property
    def unused(self) -> tuple[int, int]:
        """Return the positions of the input, and of the padding after it, that are left over."""
        left = self.remainder
        return max(0, left - self.a), min(left, self.a)

    @property
    def places(self) -> int:
        """Return the places that the window takes, rounded down."""
        return window_extent(*self)

    @property
    def room(self) -> int:
        """Return W - K + 2P: how far the window can move; below 0 it does not fit."""
        return self.w + self.b + self.a - effective_kernel(self.k, self.d)


def inputs(axis: Axis) -> list[Axis]:
    """Return the next smaller and larger input for which the window tiles.

    >>> [one.w for one in inputs(Axis(w=224, k=11, s=4, b=0, a=0, d=1))]
    [223, 227]
    """
    down = axis.remainder
    return _tiling(axis._replace(w=axis.w + by) for by in (-down, axis.s - down))


def paddings(axis: Axis) -> list[Axis]:
    """Return the least more padding for which the window tiles: equal on both sides if any is.

    Equal padding cannot help where the stride is even and W - K odd: W - K + 2P stays odd.

    >>> [(one.b, one.a) for one in paddings(Axis(w=224, k=11, s=4, b=0, a=0, d=1))]
    [(1, 2)]
    """
    least = max(axis.b, axis.a)
    equal = axis._replace(b=least, a=least)
    missing = -equal.remainder % axis.s
    if missing % 2:
        missing += axis.s  # the next one, which is even where the stride is odd
    if missing % 2 == 0:
        return [equal._replace(b=least + missing // 2, a=least + missing // 2)]
    more = axis.s - axis.remainder
    return [axis._replace(b=axis.b + more // 2, a=axis.a + more - more // 2)]


def strides(axis: Axis) -> list[Axis]:
    """Return the other strides for which the window tiles and skips nothing, nearest first.

    >>> [one.s for one in strides(Axis(w=224, k=11, s=4, b=0, a=0, d=1))]
    [3, 1]
    """
    widest = min(_FAR, effective_kernel(axis.k, axis.d))
    found = _tiling(axis._replace(s=s) for s in range(1, widest + 1))
    return sorted(found, key=lambda one: abs(one.s - axis.s))[:3]


def kernels(axis: Axis) -> list[Axis]:
    """Return the nearest larger and smaller kernel with which the window tiles.

    >>> [one.k for one in kernels(Axis(w=224, k=11, s=4, b=0, a=0, d=1))]
    [12, 8]
    """
    near = min(_FAR, axis.s)
    larger = _tiling(axis._replace(k=axis.k + by) for by in range(1, near + 1))
    smaller = _tiling(axis._replace(k=axis.k - by) for by in range(1, near + 1))
    return larger[:1] + smaller[:1]


_FAR = 1000  # no stride or kernel further away is looked for


def _tiling(axes: Iterable[Axis]) -> list[Axis]:
    """Return the windows that fit into their input, and tile it."""
    return [axis for axis in axes if min(axis.w, axis.k) > 0 and axis.room >= 0 and axis.tiles]
