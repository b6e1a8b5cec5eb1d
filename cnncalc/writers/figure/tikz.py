"""A scene as a TikZ picture: colours first, so that a paper can change them, then the shapes.

It is written to be `\\input` into a document with `\\usepackage{tikz}`; standalone, it is one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc.errors import printable
from cnncalc.figures.scene import (
    FONTS,
    Disc,
    Group,
    Line,
    Point,
    Polygon,
    Rectangle,
    Route,
    Scene,
    Shape,
    Text,
)
from cnncalc.writers import latex
from cnncalc.writers.figure.palette import STYLES, Ink
from cnncalc.writers.figure.svg import number

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cnncalc.writers.figure import Look

PIXEL = 0.75  # in big points: \small and \footnotesize then have the proportions of the SVG
SIZES = {10.5: r"\footnotesize", 12: r"\small", 13: r"\normalsize", 15: r"\large", 18: r"\large"}
ANCHORS = {"start": "base west", "middle": "base", "end": "base east"}


def write(scene: Scene, look: Look) -> str:
    """Return a picture, or a document that has nothing else where the look is standalone."""
    writer = _Writer(dark=look.theme == "dark")
    body = "".join(map(writer.shape, scene.shapes))
    width, height = number(scene.width), number(scene.height)
    if look.theme != "auto":
        page = Rectangle(Point(0, 0), scene.width, scene.height, "page")
        body = writer.shape(page) + body
    colors = "".join(f"\\definecolor{{{name}}}{{HTML}}{{{x}}}\n" for name, x in writer.used.items())
    picture = (
        f"{colors}\\begin{{tikzpicture}}[x={PIXEL}bp,y=-{PIXEL}bp,line width={PIXEL}bp,"
        f"line join=round]\n\\useasboundingbox (0,0) rectangle ({width},{height});\n"
        f"{body}\\end{{tikzpicture}}%\n"
    )
    if not look.standalone:
        return picture
    wide, high = (number(length * PIXEL + 1) for length in (scene.width, scene.height))
    paper = f"paperwidth={wide}bp,paperheight={high}bp"
    return (
        "\\documentclass{article}\n\\usepackage[utf8]{inputenc}\n\\usepackage{tikz}\n"
        f"\\usepackage[{paper},margin=0bp]{{geometry}}\n\\pagestyle{{empty}}\n"
        "\\setlength{\\parindent}{0bp}\n\\setlength{\\topskip}{0bp}\n\\begin{document}\n\\sffamily%\n"
        f"{picture}\\end{{document}}\n"
    )


class _Writer:
    def __init__(self, dark: bool) -> None:
        self.dark = dark
        self.used: dict[str, str] = {}  # the name of a colour: its digits

    def color(self, ink: Ink | None) -> str:
        """Return the name of a colour, which is defined before the picture."""
        assert ink is not None
        name = f"cnn{ink.light}"
        self.used[name] = (ink.dark if self.dark else ink.light).upper()
        return name

    def options(self, name: str, *more: str) -> str:
        """Return how a style is drawn."""
        style = STYLES[name]
        found = []
        if style.fill:
            found.append(f"fill={self.color(style.fill)}")
            if style.opacity < 1:
                found.append(f"fill opacity={style.opacity}")
        if style.stroke:
            found.append(f"draw={self.color(style.stroke)}")
            if style.width != 1:
                found.append(f"line width={style.width * PIXEL:.2f}bp")
            if style.dashed:
                found.append("dash pattern=on 3bp off 2.25bp")
        return ",".join([*found, *more])

    def shape(self, shape: Shape) -> str:
        match shape:
            case Group():
                inside = "".join(map(self.shape, shape.shapes))
                return f"% {comment(shape.name)}\n{inside}"
            case Polygon(points, style):
                return f"\\path[{self.options(style)}] {joined(points)} -- cycle;\n"
            case Line(start, end, style):
                return f"\\path[{self.options(style)}] {joined((start, end))};\n"
            case Route(points, radius, style):
                rounded = f"rounded corners={number(radius * PIXEL)}bp"
                return f"\\path[{self.options(style, rounded)}] {joined(points)};\n"
            case Rectangle(at, width, height, style, radius):
                more = [f"rounded corners={number(radius * PIXEL)}bp"] if radius else []
                end = Point(at.x + width, at.y + height)
                return f"\\path[{self.options(style, *more)}] {place(at)} rectangle {place(end)};\n"
            case Disc(centre, radius, style):
                size = number(radius * PIXEL)
                return f"\\path[{self.options(style)}] {place(centre)} circle[radius={size}bp];\n"
            case Text(at, content, style, anchor):
                font = SIZES[FONTS[style].size] + r"\bfseries" * FONTS[style].bold
                color = self.color(STYLES[style].fill)
                options = f"inner sep=0,anchor={ANCHORS[anchor]},text={color},font={font}"
                return f"\\node[{options}] at {place(at)} {{{latex.escape(content)}}};\n"


def place(point: Point) -> str:
    """Return a place as TikZ has it."""
    return f"({number(point.x)},{number(point.y)})"


def joined(points: Iterable[Point]) -> str:
    """Return a path through places."""
    return " -- ".join(map(place, points))


def comment(name: str) -> str:
    """Return a name as a comment may have it: in one line, of ASCII signs."""
    return printable(name).encode("ascii", "backslashreplace").decode()[:80]
