"""A scene as SVG: presentation attributes for paper, one style sheet for dark pages."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from cnncalc.figures.scene import (
    FONTS,
    KNOWN,
    Disc,
    Group,
    Line,
    Polygon,
    Rectangle,
    Route,
    Scene,
    Shape,
    Text,
    text_width,
)
from cnncalc.writers.figure.palette import STYLES, Ink, Style

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cnncalc.writers.figure import Look

FAMILY = "system-ui, Segoe UI, Liberation Sans, Arial, sans-serif"


def write(scene: Scene, look: Look) -> str:
    """Return an SVG document."""
    return _Writer(scene, look).document()


def element(scene: Scene, look: Look, ids: str, links: Mapping[int, str]) -> str:
    """Return an element of a page, in one line: boxes link to the ids of their layers.

    `ids` is what the ids of boxes begin with, `links` has ids by the index of a layer.
    """
    return _Writer(scene, look, ids, links).document().replace("\n", "")


def boxes(scene: Scene, ids: str) -> dict[int, str]:
    """Return the ids of an element's boxes, by the index of their first layer."""
    groups = [shape for shape in scene.shapes if isinstance(shape, Group)]
    return {group.row: f"{ids}{i}" for i, group in reversed(list(enumerate(groups)))}


def number(value: float) -> str:
    """Return a coordinate with at most one decimal.

    >>> number(3.96), number(-0.01)
    ('4', '0')
    """
    text = f"{value:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


class _Writer:
    def __init__(
        self, scene: Scene, look: Look, ids: str = "", links: Mapping[int, str] | None = None
    ) -> None:
        self.scene, self.look, self.ids, self.links = scene, look, ids, links
        self.used: dict[str, None] = {}
        self.count = 0  # boxes so far

    def document(self) -> str:
        scene, width, height = self.scene, number(self.scene.width), number(self.scene.height)
        body = "".join(map(self.shape, scene.shapes))
        page = ""
        if self.look.theme != "auto":
            page = f'<rect width="100%" height="100%"{self.style("page")}/>\n'
        space = "" if self.links is not None else ' xmlns="http://www.w3.org/2000/svg"'
        return (
            f'<svg{space} width="{width}" height="{height}" '
            f'viewBox="0 0 {width} {height}" role="img" font-family="{FAMILY}">\n'
            f"<title>{text(scene.title)}</title>\n<desc>{text(scene.description)}</desc>\n"
            f"{self.sheet()}{page}{body}</svg>\n"
        )

    def sheet(self) -> str:
        """Return the rules for dark pages, of the styles that are used."""
        if self.look.theme != "auto":
            return ""
        rules = []
        for name in self.used:
            style = STYLES[name]
            parts = [f"fill:#{style.fill.dark}"] if style.fill else []
            parts += [f"stroke:#{style.stroke.dark}"] if style.stroke else []
            rules.append(f".{self.look.prefix}{name}{{{';'.join(parts)}}}")
        rules_text = "\n".join(rules)
        return f"<style>@media (prefers-color-scheme: dark) {{\n{rules_text}\n}}</style>\n"

    def color(self, ink: Ink) -> str:
        return f"#{ink.dark if self.look.theme == 'dark' else ink.light}"

    def style(self, name: str) -> str:
        """Return the attributes of a style, and its class."""
        self.used[name] = None
        style: Style = STYLES[name]
        found = f' class="{self.look.prefix}{name}"' if self.look.theme == "auto" else ""
        found += f' fill="{self.color(style.fill) if style.fill else "none"}"'
        if style.fill and style.opacity < 1:
            found += f' fill-opacity="{style.opacity}"'
        if style.stroke:
            found += f' stroke="{self.color(style.stroke)}"'
            found += f' stroke-width="{style.width}"' if style.width != 1 else ""
            found += ' stroke-dasharray="4 3"' if style.dashed else ""
        return found

    def shape(self, shape: Shape) -> str:
        match shape:
            case Group():
                tag, attributes = "g", ' tabindex="0"'
                if self.links is not None:
                    attributes = f' id="{self.ids}{self.count}"{attributes}'
                    if target := self.links.get(shape.row):
                        tag = "a"  # which the keyboard reaches by itself
                        attributes = f' id="{self.ids}{self.count}" href="#{target}"'
                self.count += 1
                inside = "".join(map(self.shape, shape.shapes))
                title = f"<title>{text(shape.tip)}</title>"
                return f"<{tag}{attributes}>\n{title}\n{inside}</{tag}>\n"
            case Polygon(points, style):
                corners = " ".join(f"{number(x)},{number(y)}" for x, y in points)
                joined = ' stroke-linejoin="round"' if STYLES[style].stroke else ""
                return f'<polygon points="{corners}"{joined}{self.style(style)}/>\n'
            case Line(start, end, style):
                places = zip(("x1", "y1", "x2", "y2"), (*start, *end), strict=True)
                ends = " ".join(f'{name}="{number(value)}"' for name, value in places)
                return f"<line {ends}{self.style(style)}/>\n"
            case Rectangle():
                corner = f' rx="{number(shape.radius)}"' if shape.radius else ""
                return (
                    f'<rect x="{number(shape.at.x)}" y="{number(shape.at.y)}" '
                    f'width="{number(shape.width)}" height="{number(shape.height)}"{corner}'
                    f"{self.style(shape.style)}/>\n"
                )
            case Disc(centre, radius, style):
                place = f'cx="{number(centre.x)}" cy="{number(centre.y)}" r="{number(radius)}"'
                return f"<circle {place}{self.style(style)}/>\n"
            case Route():
                return f'<path d="{path(shape)}"{self.style(shape.style)}/>\n'
            case Text():
                return self.text(shape)

    def text(self, shape: Text) -> str:
        font = FONTS[shape.style]
        found = f'<text x="{number(shape.at.x)}" y="{number(shape.at.y)}"'
        found += f' font-size="{number(font.size)}"' + ' font-weight="600"' * font.bold
        if shape.anchor != "start":
            found += f' text-anchor="{shape.anchor}"'
        if not KNOWN.issuperset(shape.text):  # what fonts have for it may be of any width
            found += f' textLength="{number(text_width(shape.text, shape.style))}"'
            found += ' lengthAdjust="spacingAndGlyphs"'
        return f"{found}{self.style(shape.style)}>{text(shape.text)}</text>\n"


def path(route: Route) -> str:
    """Return the path of a route, its corners rounded."""
    points = route.points
    parts = [f"M{number(points[0].x)} {number(points[0].y)}"]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        sides = [
            (max(abs(other.x - corner.x), abs(other.y - corner.y)), other)
            for other in (before, after)
        ]
        radius = min(route.radius, *(length / 2 for length, _ in sides))
        ends = [
            (
                corner.x + (other.x - corner.x) * radius / (length or 1),
                corner.y + (other.y - corner.y) * radius / (length or 1),
            )
            for length, other in sides
        ]
        (x1, y1), (x2, y2) = ends
        parts.append(
            f"L{number(x1)} {number(y1)}Q{number(corner.x)} {number(corner.y)} "
            f"{number(x2)} {number(y2)}"
        )
    parts.append(f"L{number(points[-1].x)} {number(points[-1].y)}")
    return "".join(parts)


def text(content: str) -> str:
    """Return text as XML 1.0 can hold it: what it cannot is dropped."""
    kept = "".join(
        character
        for character in content
        if (character >= " " and not "\ud800" <= character <= "\udfff" and character < "\ufffe")
        or character > "\uffff"
    )
    return escape(kept)
