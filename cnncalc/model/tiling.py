"""Which input extents make every window of a network tile, exactly.

Where every window tiles, each layer's extent is a straight line in the input's, w = aH + b.
A window of stride s then wants w + padding - kernel to be divisible by s: a congruence for H.
All of them together are one: H = first mod modulus.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from cnncalc.arithmetic import effective_kernel
from cnncalc.errors import VolumeError
from cnncalc.layers.base import Window, Windows
from cnncalc.model.report import Tiling
from cnncalc.volume import Volume

if TYPE_CHECKING:
    from cnncalc.model.graph import Graph, Node


class Line(NamedTuple):
    """An extent as a function of the input's: slope·H + offset; slope 0 is a constant."""

    slope: Fraction
    offset: Fraction


class Need(NamedTuple):
    """What one layer asks of the input extent, by itself and with all before it."""

    path: str
    divisor: int  # w + before + after - reach must be divisible by it
    padding: int
    reach: int
    first: int  # H = first mod modulus, with all the layers before
    modulus: int


class Solution(NamedTuple):
    """Every extent `first + modulus * n` tiles; `needs` says which layer asks for what."""

    first: int
    modulus: int
    needs: tuple[Need, ...]


class NoRule(NamedTuple):
    """There is no such congruence: `path` contradicts the layers before it, or is not straight."""

    path: str
    contradiction: bool


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


def solve(graph: Graph, axis: int) -> Solution | NoRule:
    """Return the input extents along an axis for which every window of the graph tiles.

    NoRule where a layer contradicts those before it, or where its extent is no straight line
    of the input's (padding same with a stride, a reshape).
    """
    lines: list[Line | None] = [Line(Fraction(1), Fraction(0))]
    residue, modulus, least = 0, 1, Fraction(1)
    needs: list[Need] = []
    for node in graph.nodes[1:]:
        inputs = [graph.nodes[i].output for i in node.inputs]
        line = lines[node.inputs[0]]
        if line is None or not node.output.extents or len(inputs[0].extents) <= axis:
            lines.append(None)  # a vector has no extents, and asks for nothing
            continue
        if node.layer is None or len(inputs) > 1 or not line.slope:
            lines.append(
                line if len(inputs) > 1 and _same(node, inputs, axis) else _constant(node, axis)
            )
            continue
        windows = node.layer.window(node.output, *inputs)
        window = _integral(windows, axis)
        if window is None:
            found = _probe(node, inputs, axis, line)
            if found is None:
                return NoRule(node.path, False)
            lines.append(found)
            continue
        stride, reach = int(window.stride), effective_kernel(window.kernel, window.dilation)
        padding = int(window.before + window.after)
        if getattr(node.layer, "padding", None) == "same":
            if stride > 1:
                return NoRule(node.path, False)
            lines.append(line)
            continue
        if stride > 1:
            # slope·H + offset + padding - reach = 0 mod stride, cleared of denominators
            q = math.lcm(line.slope.denominator, (line.offset).denominator)
            p, t = int(line.slope * q), int((line.offset + padding - reach) * q)
            congruence = _linear(p, -t, q * stride)
            both = congruence and combine(residue, modulus, *congruence)
            if not both:
                return NoRule(node.path, True)
            if both != (residue, modulus):
                residue, modulus = both
                needs.append(Need(node.path, stride, padding, reach, residue, modulus))
        lines.append(Line(line.slope / stride, (line.offset + padding - reach) / stride + 1))
        # the output is at least 1: slope·H + offset + padding >= reach
        least = max(least, (reach - padding - line.offset) / line.slope)
    first = residue + math.ceil((least - residue) / modulus) * modulus
    return Solution(first, modulus, tuple(needs))


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


def _integral(windows: Windows, axis: int) -> Window | None:
    if not isinstance(windows, tuple) or axis >= len(windows):
        return None
    window = windows[axis]
    return window if isinstance(window, Window) else None


def _constant(node: Node, axis: int) -> Line:
    return Line(Fraction(0), Fraction(node.output.extents[axis]))


def _same(node: Node, inputs: list[Volume], axis: int) -> bool:
    return node.output.extents[axis] == inputs[0].extents[axis]


def _probe(node: Node, inputs: list[Volume], axis: int, line: Line) -> Line | None:
    """Return the line of a layer without a whole window, from its output one pixel further."""
    volume, layer = inputs[0], node.layer
    assert layer is not None
    more = []
    for extra in (1, 2):
        extents = list(volume.extents)
        extents[axis] += extra
        try:
            more.append(layer.output(Volume(tuple(extents), volume.channels)).extents[axis])
        except (VolumeError, IndexError):
            return None
    now = node.output.extents[axis]
    slope = more[0] - now
    if more[1] - more[0] != slope:
        return None
    offset = now - slope * volume.extents[axis]
    return Line(line.slope * slope, line.offset * slope + offset)


def tilings(graph: Graph) -> tuple[Tiling, ...] | None:
    """Return the extents that tile along each axis of the input; None where no rule holds."""
    found = []
    for axis in range(len(graph.nodes[0].output.extents)):
        solution = solve(graph, axis)
        if isinstance(solution, NoRule):
            return None
        found.append(Tiling(axis, solution.first, solution.modulus))
    return tuple(found)
