"""The activations that are in memory while each layer runs, and which layer needs the most."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cnncalc import units
from cnncalc.figures.bars import Bar, Column, Member, draw, members
from cnncalc.figures.frame import MARGIN, Frame
from cnncalc.figures.scene import Scene, shorten

if TYPE_CHECKING:
    from cnncalc.figures import Settings
    from cnncalc.model.report import Report
    from cnncalc.model.row import Row

OWN, KEPT = "convolution-bar", "convolution-pale"
OWN_PEAK, KEPT_PEAK = "pooling-bar", "pooling-pale"


def scene(report: Report, settings: Settings) -> Scene:
    """Return a bar a row: what is alive where it needs the most; the peak in another colour."""
    rows = _joined(members(report, settings))
    alive = dict(zip((id(row) for row in report.layers), report.alive, strict=True))
    most = max(report.alive)
    peaks = [max(row.rows, key=lambda layer: alive[id(layer)]) for row in rows]
    first = next(i for i, layer in enumerate(peaks) if alive[id(layer)] == most)
    bars, shown = [], []
    for i, (row, layer) in enumerate(zip(rows, peaks, strict=True)):
        values = alive[id(layer)]
        own, kept = (OWN_PEAK, KEPT_PEAK) if i == first else (OWN, KEPT)
        adds = min(layer.activations, values)
        parts = ((adds / most, own), ((values - adds) / most, kept))
        size = units.megabytes(values * report.bytes_per_value)
        label = f"{size}, the peak" if i == first else size
        if i == first and layer.name != row.name:
            label += f", in {shorten(layer.name)}"
        bars.append(Bar(parts=parts, label=label))
        shown.append(replace(row, tip=_tip(row, layer, values)))
    frame = Frame.of(report, settings, "activations in memory while each layer runs")
    frame.y += 6
    head = f"{report.dtype}, batch {units.group(report.batch)}"
    column = Column(head=head, bars=bars, longest=260.0)
    shapes, right = draw(frame, shown, [column], MARGIN)
    frame.y += 8
    foot = ["Faint: what is kept from before; the rest is what the layer adds."]
    description = (
        f"{shorten(report.name)}: at most {units.megabytes(report.peak_bytes)} of activations "
        f"are in memory, while {shorten(report.peak_at)} runs."
    )
    return frame.finished(right, shapes, description, foot)


def parts(report: Report, settings: Settings) -> int:
    """Return how many rows the figure has."""
    return len(_joined(members(report, settings)))


def _joined(rows: list[Member]) -> list[Member]:
    """Return the rows, those without a row of their own joined to the one before."""
    found: list[Member] = []
    for row in rows:
        if found and len(row.rows) == 1 and row.rows[0].layer and not row.rows[0].layer.row:
            found[-1] = replace(found[-1], rows=[*found[-1].rows, *row.rows])
        else:
            found.append(row)
    return found


def _tip(row: Member, layer: Row, values: int) -> str:
    text = f"{shorten(row.name, 60)}: {units.plural(values, 'value')} in memory"
    if layer.name != row.name:
        text += f" while {shorten(layer.name, 60)} runs"
    return f"{text}; it adds {units.group(layer.activations)}."
