"""A figure as shapes with measured labels: what every graphic format is written from.

Coordinates are pixels, x to the right and y down. A shape has the name of a style, never a
colour: colours and themes stand in `writers.figure.palette`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple

from cnncalc.errors import printable

LONGEST_LABEL = 24  # characters of a name that a figure shows
LONGEST_TIP = 200


class Point(NamedTuple):
    """A place in a figure."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Font:
    """The size of a text style, in pixels, and whether it is bold."""

    size: float
    bold: bool = False


FONTS = {
    "title": Font(18, True),
    "subtitle": Font(12),
    "heading": Font(13, True),
    "name": Font(12, True),
    "label": Font(12),
    "note": Font(10.5),
    "detail": Font(10.5),  # a note inside a box
    "sign": Font(18),
    "mark": Font(15, True),
}


@dataclass(frozen=True, slots=True)
class Polygon:
    """A closed area."""

    points: tuple[Point, ...]
    style: str


@dataclass(frozen=True, slots=True)
class Line:
    """A straight line."""

    start: Point
    end: Point
    style: str


@dataclass(frozen=True, slots=True)
class Route:
    """A line of right angles, whose corners the writer rounds."""

    points: tuple[Point, ...]
    radius: float
    style: str


@dataclass(frozen=True, slots=True)
class Rectangle:
    """An upright rectangle with rounded corners; `at` is its upper left one."""

    at: Point
    width: float
    height: float
    style: str
    radius: float = 0


@dataclass(frozen=True, slots=True)
class Disc:
    """A filled circle."""

    centre: Point
    radius: float
    style: str


@dataclass(frozen=True, slots=True)
class Text:
    """One line of text; `at` is on its baseline."""

    at: Point
    text: str
    style: str
    anchor: Literal["start", "middle", "end"] = "start"

    @property
    def left(self) -> float:
        """Return where it may begin."""
        share = {"start": 0.0, "middle": 0.5, "end": 1.0}[self.anchor]
        return self.at.x - share * text_width(self.text, self.style)

    @property
    def right(self) -> float:
        """Return where it may end."""
        return self.left + text_width(self.text, self.style)


@dataclass(frozen=True, slots=True)
class Group:
    """The shapes of one thing, and what is said of it."""

    name: str  # a path in the file
    tip: str
    shapes: tuple[Shape, ...]
    row: int  # the first of report.layers that it stands for


Shape = Polygon | Line | Route | Rectangle | Disc | Text | Group


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A figure: its size, what it is called, what it shows in a sentence, and its shapes."""

    width: float
    height: float
    title: str
    subtitle: str  # what it shows of the network, in a few words
    description: str
    shapes: tuple[Shape, ...]

    def walk(self) -> Iterator[Shape]:
        """Yield every shape, those of groups after their group."""
        for shape in self.shapes:
            yield shape
            if isinstance(shape, Group):
                yield from shape.shapes


# Widths in hundredths of an em. The font of a viewer is not known, so that each is the widest
# of Liberation Sans (as Arial) with a tenth more, and DejaVu Sans.
_REGULAR = {
    28: "'ijl",
    32: " ,.I·",
    36: "/:;\\|f",
    40: "-()[]t",
    44: "!r²³",
    50: '"*`',
    56: "Jcsz",
    60: "kvxy",
    64: "?L_aeo–$0123456789bdghnpqu{}µ",
    70: "FTZ│",
    74: "ABEKPSVXYΔ",
    80: "CDHNRU&└├",
    84: "#+<=>^~×−≈≤±w",
    88: "GOQ",
    92: "M",
    104: "%m½W",
    112: "@…→←",
}
_BOLD = {
    38: "' ijl,./I\\|·",
    42: "-:;",
    48: "f²³!()[]t",
    54: '"*`r',
    62: "zJ_cs–",
    70: "?LaekvxyFTo│$0123456789",
    74: "bdghnpqu{}EPSYZµ",
    80: "VX└├ABCKRΔ",
    86: "U#+<=>DHN^~×−≈≤±GOQ",
    94: "&w",
    106: "M%m½",
    112: "@W…→←",
}
_WIDEST = 112  # of characters that the tables lack


def _by_character(widths: dict[int, str]) -> dict[str, int]:
    return {character: width for width, all_ in widths.items() for character in all_}


_WIDTHS = {False: _by_character(_REGULAR), True: _by_character(_BOLD)}
KNOWN = frozenset(_WIDTHS[False])  # characters whose widths are known


@lru_cache(maxsize=4096)
def text_width(text: str, style: str) -> float:
    """Return the most pixels that a text takes in a style, in the usual fonts.

    >>> text_width("227", "label")
    23.04
    """
    font = FONTS[style]
    widths = _WIDTHS[font.bold]
    return font.size * sum(widths.get(character, _WIDEST) for character in text) / 100


def shorten(text: str, most: int = LONGEST_LABEL) -> str:
    """Return a name of at most so many characters, its middle replaced by `…`.

    >>> shorten("a_very_long_name_of_a_layer", 12)
    'a_very…layer'
    """
    text = printable(text)
    head = most // 2
    return text if len(text) <= most else f"{text[:head]}…{text[len(text) - (most - head - 1) :]}"


def right_edge(shapes: Iterable[Shape]) -> float:
    """Return how far to the right texts may reach."""
    return max((shape.right for shape in shapes if isinstance(shape, Text)), default=0.0)
