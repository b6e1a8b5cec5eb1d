"""Boxes, edges and sizes of a graph, where a layout has placed them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc.figures import operations
from cnncalc.figures.cells import Cell, Layout
from cnncalc.figures.scene import (
    Disc,
    Group,
    Line,
    Point,
    Polygon,
    Rectangle,
    Route,
    Shape,
    Text,
    text_width,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnncalc.figures import Settings
    from cnncalc.figures.nodes import Node

NARROWEST, PADDING = 120.0, 14.0  # a box, and what stands free beside its label
USUAL, MUCH = 0.9, 1.4  # the share of labels that boxes have room for; beyond, how much more
HEIGHT, LOW = 40.0, 30.0  # a box with two lines, and with one
RADIUS, CORNER = 6.0, 9.0
DISC = 13.0
ASIDE = 7.0  # from an edge to its size
ARROW, HEAD = 7.0, 3.5  # how long the head of an edge is, and half of how wide


def shapes(
    found: Sequence[Node], plan: Layout, shift: Point, settings: Settings, *, discs: bool
) -> list[Shape]:
    """Return a graph's edges, and over them its boxes with the sizes of their volumes.

    `discs`: what joins branches is one, and no box.
    """
    drawn = _edges(plan, shift)
    read = {source for node in found for source in node.sources}
    needs = cells(found, settings, discs=discs)
    for i, (node, cell, top) in enumerate(zip(found, needs, plan.tops, strict=True)):
        place = Point(top.x + shift.x, top.y + shift.y)
        disc = discs and bool(node.merge)
        drawn.append(_box(node, cell, place, settings, disc=disc))
        if i in read and not disc:
            beside = place.y - 9 if i in plan.upwards else place.y + cell.height + 14
            size = operations.volume(node.output, settings.layout)
            drawn.append(Text(Point(place.x + ASIDE, beside), size, "note"))
    return drawn


def cells(found: Sequence[Node], settings: Settings, *, discs: bool) -> list[Cell]:
    """Return the room that nodes take."""
    sizes = [operations.volume(node.output, settings.layout) for node in found]
    boxes = _widths(found, discs=discs)
    needs = []
    read = {source for node in found for source in node.sources}
    for i, (node, size, box) in enumerate(zip(found, sizes, boxes, strict=True)):
        if discs and node.merge:
            right = DISC + ASIDE + text_width(_beside(node, settings), "note")
            needs.append(Cell(half=DISC, right=right, height=2 * DISC))
        else:
            label = ASIDE + text_width(size, "note") if i in read else 0.0
            height = HEIGHT if node.name else LOW
            needs.append(Cell(half=box / 2, right=max(box / 2, label), height=height))
    return needs


def _widths(found: Sequence[Node], *, discs: bool) -> list[float]:
    """Return how wide boxes are: all alike, but for the few whose labels are much longer."""
    labels = [_label_width(node) for node in found]
    usual = sorted(w for node, w in zip(found, labels, strict=True) if not (discs and node.merge))
    most = usual[int(len(usual) * USUAL)] if usual else 0.0
    if usual and usual[-1] <= MUCH * most:
        most = usual[-1]
    return [max(NARROWEST, most + 2 * PADDING, label + 2 * PADDING) for label in labels]


def _label_width(node: Node) -> float:
    return max(text_width(node.title, "name"), text_width(node.name, "note"))


def _beside(node: Node, settings: Settings) -> str:
    """Return the label beside a merge: `add · ReLU 56×56×256`."""
    what = " · ".join(filter(None, [node.merge, node.name]))
    return f"{what} {operations.volume(node.output, settings.layout)}"


def _edges(plan: Layout, shift: Point) -> list[Shape]:
    shapes: list[Shape] = []
    for edge in plan.edges:
        points = tuple(Point(x + shift.x, y + shift.y) for x, y in edge.points)
        shapes += _edge(points)
    return shapes


def _edge(points: tuple[Point, ...]) -> list[Shape]:
    """Return a way with its head, which ends where the way does."""
    (x, y), before = points[-1], points[-2]
    across, down = _sign_of(x - before.x), _sign_of(y - before.y)
    end = Point(x - across * ARROW, y - down * ARROW)
    head = (
        Point(x, y),
        Point(end.x - HEAD * down, end.y - HEAD * across),
        Point(end.x + HEAD * down, end.y + HEAD * across),
    )
    return [Route((*points[:-1], end), CORNER, "wire"), Polygon(head, "arrow")]


def _sign_of(length: float) -> int:
    return (length > 0) - (length < 0)


def _box(node: Node, cell: Cell, top: Point, settings: Settings, *, disc: bool) -> Group:
    kind = "training" if node.training else node.kind
    shapes: list[Shape]
    if disc:
        centre = Point(top.x, top.y + DISC)
        shapes = [Disc(centre, DISC, "merge"), *_mark(node.merge, centre)]
        beside = Point(top.x + DISC + ASIDE, centre.y + 4)
        shapes.append(Text(beside, _beside(node, settings), "note"))
        return Group(node.path, node.tip, tuple(shapes), node.first)
    corner = Point(top.x - cell.half, top.y)
    shapes = [Rectangle(corner, 2 * cell.half, cell.height, f"{kind}-box", RADIUS)]
    first = top.y + (17 if node.name else cell.height / 2 + 4.5)
    shapes.append(Text(Point(top.x, first), node.title, "name", "middle"))
    if node.name:
        shapes.append(Text(Point(top.x, top.y + 31), node.name, "detail", "middle"))
    return Group(node.path, node.tip, tuple(shapes), node.first)


def _mark(merge: str, centre: Point) -> list[Shape]:
    """Return the sign in a merge's disc: plus, times, or the bars of a stack."""
    x, y = centre

    def line(x1: float, y1: float, x2: float, y2: float) -> Line:
        return Line(Point(x + x1, y + y1), Point(x + x2, y + y2), "sign")

    if merge == "add":
        return [line(-6, 0, 6, 0), line(0, -6, 0, 6)]
    if merge == "multiply":
        return [line(-4.5, -4.5, 4.5, 4.5), line(-4.5, 4.5, 4.5, -4.5)]
    return [line(-6, step, 6, step) for step in (-4.5, 0, 4.5)]
