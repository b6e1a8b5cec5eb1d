"""A chain of layers as boxes: every volume to scale, and what one filter reads of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from cnncalc import units
from cnncalc.figures import chain, operations, windows
from cnncalc.figures.frame import MARGIN, Frame
from cnncalc.figures.scene import (
    Group,
    Point,
    Polygon,
    Scene,
    Shape,
    Text,
    shorten,
    text_width,
)
from cnncalc.figures.solids import BAR, FLAT, Box, Scale

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnncalc.figures import Settings
    from cnncalc.model.report import Report
    from cnncalc.model.row import Row

WIDEST = 2700.0  # of a row, where no other width is asked for
BOX_GAP, LABEL_GAP, ROW_GAP = 30.0, 12.0, 34.0
LINE = 17.0  # from one line of a label to the next
HEIGHTS = (0.34, 0.68)  # at which windows stand in turn, so that their rays form no skewer
LEAST_RUN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Solid:
    """The rows of one box: the one that makes the volume, or a run of such rows."""

    row: Row
    first: int  # row is report.layers[first]
    box: Box  # at 0, 0
    labels: tuple[tuple[str, str], ...]  # text and style
    tip: str

    @property
    def label_width(self) -> float:
        """Return the pixels that its labels take."""
        return max(text_width(text, style) for text, style in self.labels)


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A box at its place; a ghost shows again, at the start of a row, where the last one ended."""

    solid: Solid
    box: Box
    middle: float
    ghost: bool


def scene(report: Report, settings: Settings) -> Scene:
    """Return the volumes of a network whose layers form a chain."""
    if not chain(report):
        from cnncalc.errors import CnncalcError, Problem

        raise CnncalcError(
            Problem(
                "figure",
                f"{report.name} branches: its volumes do not stand in a row. Use the figure graph.",
            )
        )
    solids = _solids(report, settings)
    frame = Frame.of(report, settings)
    shapes: list[Shape] = []
    right = 0.0
    at = 0
    limit = (settings.width or WIDEST) - 2 * MARGIN
    while at < len(solids):
        placed, at = _row(solids, at, frame.y, limit)
        shapes += _drawn(placed, frame)
        right = max(right, *(_right(one) for one in placed))
        frame.y += ROW_GAP * (at < len(solids))
    frame.y += 24
    return frame.finished(right, shapes, _description(report, solids), _foot(solids, settings))


def parts(report: Report, settings: Settings) -> int:
    """Return how many boxes the figure has."""
    return len(_solids(report, settings))


# --- rows with a box ----------------------------------------------------------------------


def boxed(row: Row) -> bool:
    """Return whether a layer has a box: the input, a window, or another volume."""
    if row.layer is None:
        return True
    if row.layer.is_view(row.output, *row.inputs) and not row.output.extents:
        return False  # the same values, in a vector
    if row.output != row.inputs[0]:
        return True
    changes = not row.layer.is_view(row.output, *row.inputs)
    return changes and operations.kind(row) != operations.OTHER


def _solids(report: Report, settings: Settings) -> list[Solid]:
    rows: list[list[Row]] = []
    for row in report.layers:
        if boxed(row) or not rows:
            rows.append([row])
        else:
            rows[-1].append(row)
    runs = _runs(rows) if settings.runs else [(one,) for one in rows]
    volumes = [one[0].output for one in rows]
    scale = Scale(
        kind=settings.scale,
        largest={
            "extent": max((n for shape in volumes for n in shape.extents[-2:]), default=1),
            "channels": max((shape.channels for shape in volumes if shape.extents), default=1),
            "vector": max((shape.channels for shape in volumes if not shape.extents), default=1),
        },
    )
    names = _names([run[0][0].name for run in runs])
    solids = [_solid(run, name, scale, settings) for run, name in zip(runs, names, strict=True)]
    index = {id(row): i for i, row in enumerate(report.layers)}
    return [replace(solid, first=index[id(solid.row)]) for solid in solids]


def _runs(rows: Sequence[list[Row]]) -> list[tuple[list[Row], ...]]:
    """Return runs of boxes that look the same; shorter ones one by one."""
    found: list[list[list[Row]]] = []
    for one in rows:
        before = found[-1][-1][0] if found else None
        if before is not None and _look(before) == _look(one[0]):
            found[-1].append(one)
        else:
            found.append([one])
    split: list[tuple[list[Row], ...]] = []
    for run in found:
        split += [tuple(run)] if len(run) >= LEAST_RUN else [(one,) for one in run]
    return split


def _look(row: Row) -> tuple[object, ...]:
    return row.type, operations.how(row), row.output


def _solid(run: tuple[list[Row], ...], name: str, scale: Scale, settings: Settings) -> Solid:
    row, *followers = run[0]
    if len(run) > 1:
        name = f"{len(run)} × {name}"
    labels = [(name, "name"), (operations.volume(row.output, settings.layout), "label")]
    labels.append((operations.how(row), "note"))
    if settings.labels == "full":
        labels.append((" · ".join(map(operations.word, followers)), "note"))
    more = ""
    if followers:
        more = f"Then {units.listing([operations.word(one) for one in followers])}."
    if len(run) > 1:
        more = f"And {units.listing([one[0].name for one in run[1:]])}. {more}"
    return Solid(
        row=row,
        first=0,
        box=_box(row, scale),
        labels=tuple(labels),
        tip=operations.tip(row, settings.layout, more),
    )


def _box(row: Row, scale: Scale) -> Box:
    extents, channels = row.output
    if not extents:
        front, height, depth = BAR, scale.length("vector", channels), BAR
    else:
        front, depth = scale.length("channels", channels), scale.length("extent", extents[-1])
        height = scale.length("extent", extents[-2]) if len(extents) > 1 else FLAT
    kind = operations.kind(row)
    return Box(x=0, top=0, front=front, height=height, depth=depth, kind=kind)


def _names(paths: Sequence[str]) -> list[str]:
    """Return the shortest ends of paths that tell them apart, at most so long as labels are."""
    parts = [path.split(".") for path in paths]
    ends = [len(part) - 1 for part in parts]
    for _ in range(max(map(len, parts))):
        shown = [".".join(part[end:]) for part, end in zip(parts, ends, strict=True)]
        ends = [
            max(0, end - (shown.count(text) > 1 or part[end].isdecimal()))
            for part, end, text in zip(parts, ends, shown, strict=True)
        ]
    return [shorten(".".join(part[end:])) for part, end in zip(parts, ends, strict=True)]


# --- where it stands ----------------------------------------------------------------------


def _row(solids: Sequence[Solid], first: int, y: float, limit: float) -> tuple[list[Placed], int]:
    """Return the boxes from `first` on that fit in a row, and which one the next row has first."""
    ghost = first > 0
    members = [solids[first - 1], *solids[first:]] if ghost else list(solids[first:])
    middles: list[float] = []
    for i, solid in enumerate(members):
        half = max(solid.box.width, solid.label_width) / 2
        if not i:
            middles.append(MARGIN + half)
            continue
        before = members[i - 1]
        apart = (before.box.width + solid.box.width) / 2 + BOX_GAP
        labels = (before.label_width + solid.label_width) / 2 + LABEL_GAP
        middle = max(middles[-1] + max(apart, labels), MARGIN + half)
        if middle + half > MARGIN + limit and i > ghost + 1:
            break
        middles.append(middle)
    members = members[: len(middles)]
    axis = y + max(one.box.whole_height for one in members) / 2
    placed = [
        Placed(
            solid=one,
            box=replace(one.box, x=middle - one.box.width / 2, top=axis - one.box.whole_height / 2),
            middle=middle,
            ghost=ghost and not i,
        )
        for i, (one, middle) in enumerate(zip(members, middles, strict=True))
    ]
    return placed, first + len(members) - ghost


def _right(one: Placed) -> float:
    return max(one.box.right, one.middle + one.solid.label_width / 2)


# --- drawing ------------------------------------------------------------------------------


def _drawn(row: Sequence[Placed], frame: Frame) -> list[Shape]:
    """Return the shapes of a row of boxes, and move the frame under its labels."""
    floor = frame.y + max(one.box.whole_height for one in row) + 22
    lines = max(len(one.solid.labels) for one in row)
    shapes: list[Shape] = []
    for before, one in pairwise(row):
        if not windows.slides(one.solid.row) and operations.sees_everything(one.solid.row):
            shapes.append(windows.wedge(before.box, one.box))
    for one in row:
        own: list[Shape] = list(one.box.faces())
        own += _labels(one, floor)
        if one.ghost:
            shapes += [replace(x, style="ghost") for x in own if isinstance(x, Polygon)]
            shapes += [replace(x, style="note") for x in own if isinstance(x, Text)][:1]
        else:
            shapes.append(Group(one.solid.row.name, one.solid.tip, tuple(own), one.solid.first))
    turn = 0
    for before, one in pairwise(row):
        if windows.slides(one.solid.row):
            shapes += windows.reading(before.box, one.solid.row, one.box, HEIGHTS[turn % 2])
            turn += 1
    frame.y = floor + (lines - 1) * LINE
    return shapes


def _labels(one: Placed, floor: float) -> list[Text]:
    return [
        Text(Point(one.middle, floor + i * LINE), text, style, "middle")
        for i, (text, style) in enumerate(one.solid.labels)
        if text
    ]


def _foot(solids: Sequence[Solid], settings: Settings) -> list[str]:
    words = {"sqrt": "the square root of their extents", "log": "the logarithm of their extents"}
    drawn = words.get(settings.scale, "")
    found = [f"Sides are drawn as {drawn}." if drawn else "Sides are drawn in proportion."]
    rows = [one.row for one in solids]
    if any(map(windows.slides, rows)):
        found.append("Windows with rays, in red: what one filter reads, and the unit it makes.")
    if any(not windows.slides(row) and operations.sees_everything(row) for row in rows):
        found.append("Wedges, in grey: each unit sees the whole extent of the volume before.")
    if any(len(row.output.extents) == 3 for row in rows):
        found.append("Time is not drawn.")
    return found


def _description(report: Report, solids: Sequence[Solid]) -> str:
    """Return the chain as a sentence."""
    steps = [f"{shorten(one.row.name)} {operations.volume(one.row.output)}" for one in solids]
    return units.brief(f"{shorten(report.name)}: {', then '.join(steps)}.", 1000)
