"""Rows of bars: a name for each row, and columns of bars beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cnncalc.figures.scene import Group, Point, Rectangle, Shape, Text, shorten, text_width

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnncalc.figures import Settings
    from cnncalc.figures.frame import Frame
    from cnncalc.model.report import Report
    from cnncalc.model.row import Row

ROW, BAR = 20.0, 13.0
LONGEST = 170.0  # a bar
ASIDE = 6.0  # from a bar to its label
GAP, NAME_GAP = 34.0, 10.0
THINNEST = 1.0  # a bar of something


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A bar: shares of the longest, each in a style, one after the other; and its label."""

    parts: tuple[tuple[float, str], ...]
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of bars, and what stands above it."""

    head: str
    bars: Sequence[Bar]  # one for each row
    total: str = ""
    longest: float = LONGEST


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A row: the layers that it stands for."""

    name: str
    tip: str
    rows: Sequence[Row]
    first: int  # rows[0] is report.layers[first]

    @property
    def leaves(self) -> Row:
        """Return the layer whose output leaves the row."""
        return next((row for row in reversed(self.rows) if not row.training), self.rows[-1])


def members(report: Report, settings: Settings) -> list[Member]:
    """Return the rows of a network's table at its depth; hidden layers with the row before."""
    found: list[Member] = []
    for fold in settings.folds:
        rows = report.layers[fold.first : fold.last]
        if settings.training or not all(row.training for row in rows):
            found.append(Member(name=fold.name, tip=fold.phrase, rows=rows, first=fold.first))
    return found


def draw(
    frame: Frame, rows: Sequence[Member], columns: Sequence[Column], left: float
) -> tuple[list[Shape], float]:
    """Return the shapes of rows of bars below the frame's place, and where they end."""
    names = [shorten(row.name) for row in rows]
    first = left + max(text_width(name, "label") for name in names) + NAME_GAP
    starts = [first]
    widths = []
    for column in columns:
        label = max((text_width(bar.label, "note") for bar in column.bars), default=0.0)
        heads = text_width(column.head, "heading") + 16 + text_width(column.total, "label")
        widths.append(max(column.longest + ASIDE + label, heads if column.total else 0.0))
        starts.append(starts[-1] + widths[-1] + GAP)
    shapes: list[Shape] = []
    for column, x, width in zip(columns, starts, widths, strict=False):
        shapes.append(Text(Point(x, frame.y + 12), column.head, "heading"))
        if column.total:
            shapes.append(Text(Point(x + width, frame.y + 12), column.total, "label", "end"))
    frame.y += ROW + 4
    for i, (row, name) in enumerate(zip(rows, names, strict=True)):
        base = frame.y + 10.5
        own: list[Shape] = [Text(Point(first - NAME_GAP, base), name, "label", "end")]
        for column, x in zip(columns, starts, strict=False):
            own += _bar(column.bars[i], x, frame.y, column.longest)
        shapes.append(Group(row.name, row.tip, tuple(own), row.first))
        frame.y += ROW
    return shapes, starts[-1] - GAP


def _bar(bar: Bar, x: float, y: float, longest: float) -> list[Shape]:
    shapes: list[Shape] = []
    for share, style in bar.parts:
        if share:
            length = max(THINNEST, share * longest)
            shapes.append(Rectangle(Point(x, y), length, BAR, style, 1.5))
            x += length
    shapes.append(Text(Point(x + (ASIDE if shapes else 0), y + 10.5), bar.label, "note"))
    return shapes
