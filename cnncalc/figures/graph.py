"""A network as boxes and arrows: blocks folded, branches side by side, sizes on the edges."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc import units
from cnncalc.figures import asides, boxes, operations
from cnncalc.figures.frame import MARGIN, Frame, totals
from cnncalc.figures.layered import branches, layout
from cnncalc.figures.nodes import Node, find_block, nodes
from cnncalc.figures.scene import Point, Scene

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnncalc.figures import Settings
    from cnncalc.model.report import Report


TALLEST = 2700.0  # of a column, before the graph goes on in another one


def scene(report: Report, settings: Settings) -> Scene:
    """Return the graph of a network, or of one of its blocks."""
    found = nodes(report, settings)
    subtitle = None
    if settings.block:
        group = find_block(report, settings.block)
        rows = report.layers[group.first : group.last]
        counts = sum(row.parameters for row in rows), sum(row.macs for row in rows)
        subtitle = " · ".join(filter(None, [group.type, totals(*counts)]))
    frame = Frame.of(report, settings, subtitle)
    sources = [node.sources for node in found]
    discs = branches(asides.others(sources))
    plan = layout(boxes.cells(found, settings, discs=discs), sources, TALLEST)
    if discs and plan.lanes:  # what leads nowhere has no place at the side: all is in one column
        discs = False
        plan = layout(boxes.cells(found, settings, discs=False), sources, TALLEST)
    shift = Point(MARGIN + plan.left, frame.y + 4)
    shapes = boxes.shapes(found, plan, shift, settings, discs=discs)
    frame.y += 4 + plan.height + 8
    return frame.finished(shift.x + plan.right, shapes, _description(report, found))


def parts(report: Report, settings: Settings) -> int:
    """Return how many boxes the figure has."""
    return len(nodes(report, settings))


def _description(report: Report, found: Sequence[Node]) -> str:
    """Return the graph as a sentence."""
    first, last = found[0], found[-1]
    steps = ", ".join(node.title for node in found)
    return units.brief(
        f"{report.name}: {units.plural(len(found), 'box', 'boxes')} from "
        f"{first.title} {operations.volume(first.output)} to "
        f"{operations.volume(last.output)}: {steps}.",
        1000,
    )
