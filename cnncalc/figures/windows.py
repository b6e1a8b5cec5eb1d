"""Windows on the volume before, as drawn between two boxes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from cnncalc.figures import operations
from cnncalc.figures.scene import Disc, Line, Polygon, Shape
from cnncalc.figures.solids import Box, Window, rays

if TYPE_CHECKING:
    from cnncalc.model.row import Row


def slides(row: Row) -> bool:
    """Return whether a layer slides a window."""
    return operations.sliding(row) is not None


def wedge(before: Box, box: Box) -> Polygon:
    """Return the wedge that says: each unit sees all of the volume before."""
    upper, lower = before.at(1, 1, 0), before.at(1, 1, 1)
    return Polygon((upper, box.at(0, 0, 0), box.at(0, 0, 1), lower), "dense")


def reading(before: Box, row: Row, box: Box, height: float) -> list[Shape]:
    """Return the window that a layer slides over the volume before, and the unit it makes."""
    window = operations.sliding(row)
    assert window is not None
    if window.enlarges:
        return _spreading(before, window, row, box, height)
    drawn = _window(before, window.reach, row.inputs[0].extents, operations.channels_read(row))
    drawn = replace(drawn, centre=_centred(height, drawn.height))
    return [*before.window(drawn), *rays(before.face(drawn), box.at(0, 0, drawn.centre))]


def _spreading(
    before: Box, window: operations.Sliding, row: Row, box: Box, height: float
) -> list[Shape]:
    """Return the drawing of a transposed window: one unit, and the outputs that it reaches."""
    drawn = _window(box, window.reach, row.output.extents, 1.0)
    centre = _centred(height, drawn.height)
    unit = before.at(1, 0, centre)
    upper, lower = centre - drawn.height / 2, centre + drawn.height / 2
    corners = (box.at(0, 0, upper), box.at(0, 0, lower))
    return [
        Polygon((*corners, box.at(1, 0, lower), box.at(1, 0, upper)), "strip"),
        Polygon((unit, *corners), "beam"),
        *(Line(unit, corner, "ray") for corner in corners),
        Disc(unit, 2.6, "dot"),
    ]


def _window(box: Box, reach: Sequence[int], extents: Sequence[int], channels: float) -> Window:
    """Return a window in proportion to the face that it is drawn on."""
    depth = box.share(reach[-1] / extents[-1], "depth")
    height = box.share(reach[-2] / extents[-2], "height") if len(reach) > 1 else 1.0
    return Window(centre=0.5, height=height, depth=depth, channels=channels)


def _centred(at: float, height: float) -> float:
    """Return where a window of this height stands, so that none of it leaves its face."""
    return min(max(at, height / 2), 1 - height / 2)
