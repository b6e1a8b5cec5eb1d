"""Boxes in oblique projection, and the windows that are drawn on them.

Channels lie along x, the height along y, the width goes into the page: up and to the right.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from cnncalc.figures.scene import Disc, Line, Point, Polygon, Shape

# What goes into the page is drawn at 34 degrees and half as long.
ACROSS, UP = 0.4145, 0.2796
LARGEST = {"extent": 180.0, "channels": 74.0, "vector": 187.0}
LEAST = {"extent": 7.0, "channels": 5.0, "vector": 16.0}
BAR = 11.0  # how wide a vector is
FLAT = 16.0  # the height drawn of a vector
LEAST_WINDOW = {"height": 9.0, "depth": 16.0}  # what goes into the page is drawn shorter


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How long a number is drawn: relative to the largest of its sort, never under a least."""

    kind: str  # sqrt, linear or log
    largest: dict[str, int]

    def length(self, sort: str, value: int) -> float:
        """Return the pixels of an extent, of channels or of a vector."""
        largest = self.largest[sort]
        share = value / largest
        if self.kind == "sqrt":
            share = math.sqrt(share)
        elif self.kind == "log":
            share = math.log1p(value) / math.log1p(largest)
        return max(LEAST[sort], LARGEST[sort] * share)


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A window on a face: shares of the height, of what goes into the page, of the channels."""

    centre: float  # of the height, from the top
    height: float
    depth: float
    channels: float  # 0: one channel, so that nothing is drawn on the front


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A box: `x` is where its front begins, `top` where its back ends above."""

    x: float
    top: float
    front: float  # how wide the front is: the channels
    height: float
    depth: float  # how long what goes into the page is drawn, before it is foreshortened
    kind: str

    @property
    def across(self) -> float:
        """Return how far the back is shifted to the right."""
        return self.depth * ACROSS

    @property
    def up(self) -> float:
        """Return how far the back is shifted up."""
        return self.depth * UP

    @property
    def width(self) -> float:
        """Return the pixels that the box takes along x."""
        return self.front + self.across

    @property
    def whole_height(self) -> float:
        """Return the pixels that the box takes along y."""
        return self.height + self.up

    @property
    def right(self) -> float:
        """Return where the box ends."""
        return self.x + self.width

    def at(self, channels: float, depth: float, height: float) -> Point:
        """Return the place at shares of the channels, of the depth, and of the height."""
        x = self.x + channels * self.front + depth * self.across
        return Point(x, self.top + (1 - depth) * self.up + height * self.height)

    def faces(self) -> list[Shape]:
        """Return the three faces that are seen."""
        at = self.at
        corners = {
            "side": (at(1, 0, 0), at(1, 1, 0), at(1, 1, 1), at(1, 0, 1)),
            "top": (at(0, 0, 0), at(1, 0, 0), at(1, 1, 0), at(0, 1, 0)),
            "front": (at(0, 0, 0), at(1, 0, 0), at(1, 0, 1), at(0, 0, 1)),
        }
        return [Polygon(points, f"{self.kind}-{face}") for face, points in corners.items()]

    def share(self, part: float, along: Literal["height", "depth"]) -> float:
        """Return the share of a side that a window takes: so much, but not under a least."""
        length = self.height if along == "height" else self.depth
        return min(1.0, max(part, LEAST_WINDOW[along] / length))

    def window(self, of: Window) -> list[Shape]:
        """Return a window on the side, and the strip of channels that it reads on the front."""
        top, bottom = of.centre - of.height / 2, of.centre + of.height / 2
        at, first = self.at, 1 - of.channels
        shapes: list[Shape] = [Polygon(self.face(of), "window")]
        if of.channels:
            corners = (at(first, 0, top), at(1, 0, top), at(1, 0, bottom), at(first, 0, bottom))
            shapes.append(Polygon(corners, "strip"))
        return shapes

    def face(self, of: Window) -> tuple[Point, ...]:
        """Return the corners of a window on the side."""
        top, bottom = of.centre - of.height / 2, of.centre + of.height / 2
        at = self.at
        return at(1, 0, top), at(1, of.depth, top), at(1, of.depth, bottom), at(1, 0, bottom)


def rays(corners: Sequence[Point], to: Point) -> list[Shape]:
    """Return the lines from a window to the unit that it makes."""
    beam = Polygon((corners[0], corners[1], to, corners[2], corners[3]), "beam")
    return [beam, *(Line(corner, to, "ray") for corner in corners), Disc(to, 2.6, "dot")]
