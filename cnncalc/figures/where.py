"""The figure of parameters, operations and memory by layer: three columns of bars."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cnncalc import units
from cnncalc.figures import operations
from cnncalc.figures.bars import Bar, Column, Member, draw, members
from cnncalc.figures.frame import MARGIN, Frame
from cnncalc.figures.scene import Scene, shorten

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnncalc.figures import Settings
    from cnncalc.model.report import Report

COUNTS = {
    "parameters": "parameters",
    "macs": "multiply-accumulates",
    "activations": "activations",
}


def scene(report: Report, settings: Settings) -> Scene:
    """Return the shares of a network's rows: those that have none of anything are left out."""
    rows = [replace(row, tip=_tip(row)) for row in _counting(report, settings)]
    columns = [_column(report, rows, name) for name in COUNTS]
    frame = Frame.of(report, settings, "where its parameters, its work and its activations are")
    frame.y += 6
    shapes, right = draw(frame, rows, columns, MARGIN)
    return frame.finished(right, shapes, _description(report, rows))


def parts(report: Report, settings: Settings) -> int:
    """Return how many rows the figure has."""
    return len(_counting(report, settings))


def _counting(report: Report, settings: Settings) -> list[Member]:
    return [row for row in members(report, settings) if any(_count(row, n) for n in COUNTS)]


def _count(row: Member, name: str) -> int:
    return sum(getattr(layer, name) for layer in row.rows)


def _column(report: Report, rows: Sequence[Member], name: str) -> Column:
    counts = [_count(row, name) for row in rows]
    whole, most = getattr(report, name), max(counts, default=0) or 1
    bars = []
    for row, count in zip(rows, counts, strict=True):
        share = units.percent(count, whole)
        label = f"{share} %" if share and share != "0.0" else "< 0.1 %" if count else "0"
        style = f"{_kind(row)}-bar"
        bars.append(Bar(parts=((count / most, style),), label=label))
    return Column(head=COUNTS[name], total=units.group(whole), bars=bars)


def _kind(row: Member) -> str:
    return operations.kind(row.rows[0]) if len(row.rows) == 1 else operations.OTHER


def _tip(row: Member) -> str:
    counts = ", ".join(
        f"{units.group(_count(row, name))} {words}" for name, words in COUNTS.items()
    )
    about = f": {row.tip}" if row.tip else ""
    return units.brief(f"{shorten(row.name, 60)}{about}. {counts}.", 200)


def _description(report: Report, rows: Sequence[Member]) -> str:
    parts = []
    for name, words in COUNTS.items():
        most = max(rows, key=lambda row: _count(row, name))
        share = units.percent(_count(most, name), getattr(report, name))
        if share:
            parts.append(f"{share} % of the {words} are in {shorten(most.name)}")
    return f"{shorten(report.name)}: {units.listing(parts)}." if parts else shorten(report.name)
