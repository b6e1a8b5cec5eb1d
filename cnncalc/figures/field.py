"""The figure of receptive fields: nested on the input, and as bars."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cnncalc import units
from cnncalc.figures import operations
from cnncalc.figures.bars import Bar, Column, Member, draw, members
from cnncalc.figures.frame import MARGIN, Frame
from cnncalc.figures.scene import Group, Point, Rectangle, Scene, Shape, Text, shorten

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnncalc.figures import Settings
    from cnncalc.model.report import Report
    from cnncalc.model.row import ReceptiveField

SIDE = 300.0  # of the input's longer side
LABEL_ROOM = 14.0  # between two squares, for the outer one's name
AXES = {1: ("length",), 2: ("height", "width"), 3: ("time", "height", "width")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The receptive field of a row's units: input pixels along each axis, not cut at the border."""

    row: Member
    size: tuple[int, ...]  # of the widest unit; the input's where it sees all of that
    words: str


def scene(report: Report, settings: Settings) -> Scene:
    """Return the receptive field of a unit of each layer that enlarges it."""
    extents = report.input.extents
    seen = _seen(members(report, settings), extents)
    frame = Frame.of(report, settings, "what one unit of each layer sees of the input")
    frame.y += 6
    top = bottom = frame.y
    shapes: list[Shape] = []
    left = MARGIN
    if len(extents) > 1:
        nested, width, height = _nested(seen, extents, Point(MARGIN, top + 4))
        shapes += nested
        left, bottom = MARGIN + width + 36, top + height + 8
    rows = [replace(one.row, tip=_tip(one)) for one in seen]
    bars, right = draw(frame, rows, _columns(seen, extents), left)
    frame.y = max(frame.y, bottom) + 8
    description = "; ".join(f"{shorten(one.row.name)} sees {one.words}" for one in seen)
    name = shorten(report.name)
    foot = _foot(seen, extents)
    return frame.finished(
        right, [*shapes, *bars], units.brief(f"{name}: {description}.", 1000), foot
    )


def _seen(rows: Sequence[Member], extents: tuple[int, ...]) -> list[Seen]:
    """Return the rows whose units see more than those of the row before."""
    found: list[Seen] = []
    for row in rows:
        field = row.leaves.receptive_field
        size = extents if field.size is None else field.size
        if row.leaves.layer is None or field.exact is None or len(size) != len(extents):
            continue
        one = Seen(row=row, size=size, words=_words(field))
        if not found or (one.size, one.words) != (found[-1].size, found[-1].words):
            found.append(one)
    return found


def _words(field: ReceptiveField) -> str:
    """Return how much a unit sees; the least, too, where units of a layer see differently much."""
    if field.size is None or field.smallest is None:
        return "all of the input"
    if not field.exact:
        return f"at most {operations.by(field.size)}"
    least = "" if field.smallest == field.size else f"{operations.by(field.smallest)} to "
    return f"{least}{operations.by(field.size)}"


def _kind(one: Seen) -> str:
    return operations.kind(one.row.rows[0]) if len(one.row.rows) == 1 else operations.OTHER


def _tip(one: Seen) -> str:
    about = f" ({one.row.tip})" if one.row.tip else ""
    return units.brief(f"{shorten(one.row.name, 60)}{about}: a unit sees {one.words}.", 200)


# --- nested on the input ------------------------------------------------------------------


def _nested(
    seen: Sequence[Seen], extents: tuple[int, ...], at: Point
) -> tuple[list[Shape], float, float]:
    """Return the receptive fields of middle units drawn on the input, with width and height."""
    high, wide = extents[-2:]
    scale = SIDE / max(high, wide)
    width, height = scale * wide, scale * high
    squares: dict[tuple[float, float], Seen] = {}  # one of each size, the first
    for one in seen:
        sides = min(width, one.size[-1] * scale), min(height, one.size[-2] * scale)
        squares.setdefault(sides, one)
    order = sorted(squares, key=lambda sides: -sides[0] * sides[1])
    middle = Point(at.x + width / 2, at.y + height / 2)
    corners = {sides: Point(middle.x - sides[0] / 2, middle.y - sides[1] / 2) for sides in order}
    shapes: list[Shape] = [Rectangle(at, width, height, "input-box")]
    for sides in order:
        one, corner = squares[sides], corners[sides]
        own: list[Shape] = [Rectangle(corner, *sides, f"{_kind(one)}-square")]
        label = Text(Point(corner.x + 4, corner.y + 11), shorten(one.row.name), "detail")
        clear = all(
            abs(other.y - corner.y) >= LABEL_ROOM or other.x >= label.right
            for other in corners.values()
            if other != corner
        )
        if clear and label.right + 4 <= corner.x + sides[0] and sides != (width, height):
            own.append(label)
        shapes.append(Group(one.row.name, _tip(one), tuple(own), one.row.first))
    return shapes, width, height


# --- bars ---------------------------------------------------------------------------------


def _columns(seen: Sequence[Seen], extents: tuple[int, ...]) -> list[Column]:
    """Return a column for each axis, those together along which all is alike."""
    profiles: dict[tuple[int, ...], list[int]] = {}
    for axis, extent in enumerate(extents):
        profiles.setdefault((extent, *(one.size[axis] for one in seen)), []).append(axis)
    longest = max([1, *(n for profile in profiles for n in profile)])
    found = []
    for (whole, *sizes), axes in profiles.items():
        head = "input pixels"
        if len(profiles) > 1:
            names = units.listing([AXES[len(extents)][axis] for axis in axes])
            head = f"{names}, of {whole}"
        bars = []
        for one, size in zip(seen, sizes, strict=True):
            inside, style = min(size, whole), _kind(one)
            parts = (
                (inside / longest, f"{style}-bar"),
                ((size - inside) / longest, f"{style}-pale"),
            )
            alone = len(profiles) == 1 or one.words[:1].isalpha()  # a sentence, and no numbers
            bars.append(Bar(parts=parts, label=one.words if alone else str(size)))
        found.append(Column(head=head, bars=bars))
    return found


def _foot(seen: Sequence[Seen], extents: tuple[int, ...]) -> list[str]:
    found = []
    if any(n > extent for one in seen for n, extent in zip(one.size, extents, strict=True)):
        found.append("Faint: beyond the input's border.")
    if len(extents) == 3:
        found.append("Of the squares, time is not drawn.")
    return found


def parts(report: Report, settings: Settings) -> int:
    """Return how many rows the figure has."""
    return len(_seen(members(report, settings), report.input.extents))
