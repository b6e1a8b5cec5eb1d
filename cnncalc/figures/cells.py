"""Boxes of a graph with the room that they need, and the edges between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cnncalc.figures.scene import Point

STEM = 34.0  # from a box to the one below it
TURN = 22.0  # from a box to where its ways part: the size of its volume fits above
JOIN = 18.0  # from where ways meet to the box that joins them
BRANCH_GAP = 20.0
GUTTER = 48.0  # between the columns of a graph that is wrapped
CROOKED = 24.0  # a way that leaves a straight line by less
MOST_NESTED = 50  # parallels inside one another
LANE, LANE_GAP = 17.0, 16.0  # half of what an empty branch takes; between lanes


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """The room of a node: to the left and the right of its axis, labels included, and down."""

    half: float  # of the box itself
    right: float
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """A way from one node to another, all its angles right."""

    source: int
    target: int
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Positions of a graph's nodes, by axis and top, and the edges between them."""

    tops: Sequence[Point]
    edges: Sequence[Edge]
    left: float  # of x = 0
    right: float
    height: float
    lanes: bool = False  # whether nodes stand in one column, or two, with lanes beside
    upwards: frozenset[int] = frozenset()  # nodes that lead up: their sizes stand above them
