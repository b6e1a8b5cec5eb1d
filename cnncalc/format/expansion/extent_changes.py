"""Which layers change an extent on a way through the network, by how much, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from cnncalc import units
from cnncalc.layers.base import LINES, AxisWindow, Everything, Window
from cnncalc.layers.periodic_windows import Resampling, TransposedWindow

if TYPE_CHECKING:
    from cnncalc.layers.base import AbstractLayer
    from cnncalc.model.graph import Graph


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A layer's input and output extent along one axis.

    Attributes:
        name: of the layer, with its line.
        layer: itself.
        window: what its units see; None of a global pool.
        before, after: the extent.
        line: what one position of it is: a row, a column, …
        rate: how many times smaller its stride makes the extent; None where `after` is fixed.
    """

    name: str
    layer: AbstractLayer
    window: AxisWindow | None
    before: int
    after: int
    line: str
    rate: Fraction | None

    @property
    def exact(self) -> bool:
        """Return whether the extent changes as the stride alone says."""
        return self.rate is not None and self.after * self.rate == self.before

    @property
    def enlarges(self) -> bool:
        """Return whether its stride makes the extent larger."""
        return self.rate is not None and self.rate < 1

    @property
    def rounds(self) -> bool:
        """Return whether the extent is off only as the stride does not divide it."""
        if self.rate is None or self.exact or self.rate < 1:
            return False
        return self.after in (self.before // self.rate, -(-self.before // self.rate))

    @property
    def text(self) -> str:
        """Return `pool4 makes 87 of 175`."""
        return f"{self.name} makes {units.group(self.after)} of {units.group(self.before)}"

    @property
    def reason(self) -> str:
        """Return why the extent is not what the stride alone says; nothing if it is."""
        if self.rate is None:
            return "whatever comes in" if self.before != self.after else ""
        if self.exact:
            return ""
        if self.rounds:
            return self._rounding(int(self.rate))
        if isinstance(self.window, Window) and self.window.kernel > 1:
            return padding_reason(self.window)
        if isinstance(self.window, TransposedWindow):
            more = int(self.after - self.before / self.rate)
            what = f"{units.group(abs(more))} {'more' if more > 0 else 'less'}"
            return f"{what} than {units.group(self.window.stride)}·{units.group(self.before)}"
        return ""

    def _rounding(self, stride: int) -> str:
        extent = f"{units.group(stride)} does not divide it, so it"
        if stride == 2:
            extent = "an odd extent"
        lost = self.before - self.after * stride
        if lost <= 0:
            return f"{extent} is rounded up"
        lines = f"{units.group(lost)} {self.line}s" if lost > 1 else f"a {self.line}"
        return f"{extent} loses {lines}"


def padding_reason(window: Window) -> str:
    """Return why the padding of a window does not keep the extent, up to its stride.

    >>> padding_reason(Window(3))
    'without padding its kernel of 3 takes the border'
    """
    reach = window.dilation * (window.kernel - 1) + 1
    kernel = f"its kernel of {units.group(reach)}"
    padding = window.before + window.after
    if reach % 2 == 0 and window.before == window.after:
        return f"{kernel} is even, and equal padding does not keep the extent"
    if not padding:
        return f"without padding {kernel} takes the border"
    less = "less" if padding < reach - 1 else "more"
    return f"its padding is {less} than {kernel} needs"


def changes(graph: Graph, way: Sequence[int], axis: int) -> list[Change]:
    """Return the changes of the extent along an axis by the layers on a way."""
    found = []
    for index in way:
        node = graph.nodes[index]
        volumes = [graph.nodes[source].output for source in node.inputs]
        if node.layer is None or axis >= len(node.output.extents):
            continue
        windows = node.layer.window(node.output, *volumes)
        if windows is not Everything and not isinstance(windows, tuple):
            continue
        if len(volumes) > 1 or axis >= len(volumes[0].extents):
            continue  # of two inputs, the second gives the extents
        window = windows[axis] if isinstance(windows, tuple) else None
        change = Change(
            name=name_of(graph, index),
            layer=node.layer,
            window=window,
            before=volumes[0].extents[axis],
            after=node.output.extents[axis],
            line=LINES[len(node.output.extents)][axis],
            rate=_rate(node.layer, window),
        )
        if change.rate != 1 or not change.exact:
            found.append(change)
    return found


def _rate(layer: AbstractLayer, window: AxisWindow | None) -> Fraction | None:
    fixed = getattr(layer, "size", None) is not None
    if window is None or fixed:
        return None
    if isinstance(window, Window):
        return Fraction(window.stride)
    if isinstance(window, TransposedWindow):
        return Fraction(1, window.stride)
    return window.ratio if isinstance(window, Resampling) else None


def name_of(graph: Graph, index: int) -> str:
    """Return a node's name in messages: the end of its path, and its line."""
    node = graph.nodes[index]
    line = graph.place(node).line
    return last_name(node.path) + (f" (line {line})" if line else "")


def last_name(path: str) -> str:
    """Return the end of a path.

    >>> last_name("stage.0.conv")
    'conv'
    """
    return path.rsplit(".", 1)[-1]
