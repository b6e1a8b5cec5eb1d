"""The frame of every figure: margins, the title with totals, sentences at the foot."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cnncalc import units
from cnncalc.errors import printable
from cnncalc.figures.scene import Point, Scene, Shape, Text, right_edge, text_width

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cnncalc.figures import Settings
    from cnncalc.model.report import Report

MARGIN = 18.0
LONGEST_TITLE = 60


def totals(parameters: int, macs: int) -> str:
    """Return the totals of a network or of a block in a line."""
    return f"{units.plural(parameters, 'parameter')} · {units.plural(macs, 'multiply-accumulate')}"


@dataclass(slots=True, kw_only=True)
class Frame:
    """A page that is filled from the top: `y` is where what comes next may begin."""

    name: str
    subtitle: str
    y: float = MARGIN
    shapes: list[Shape] = field(default_factory=list)

    @classmethod
    def of(cls, report: Report, settings: Settings, subtitle: str | None = None) -> Frame:
        """Return a page of a network, with its totals under the title."""
        title = settings.title and units.brief(settings.title, LONGEST_TITLE)
        name = units.brief(settings.title or report.name, LONGEST_TITLE)
        if subtitle is None:
            subtitle = totals(report.parameters, report.macs)
        frame = cls(name=name, subtitle=subtitle)
        if title:
            frame.text(title, "title")
            frame.text(subtitle, "subtitle")
            frame.y += 8
        return frame

    def text(self, text: str, style: str, after: float = 6) -> None:
        """Add a line of text at the left margin."""
        from cnncalc.figures.scene import FONTS

        size = FONTS[style].size
        self.shapes.append(Text(Point(MARGIN, self.y + 0.8 * size), text, style))
        self.y += size + after

    def finished(
        self, width: float, shapes: Iterable[Shape], description: str, foot: Iterable[str] = ()
    ) -> Scene:
        """Return the scene: `width` is what the shapes take with the left margin."""
        self.shapes += shapes
        width = max(width, right_edge(self.shapes), 320)
        for line in wrapped(foot, width - MARGIN, "note"):
            self.text(line, "note", after=4)
        return Scene(
            width=width + MARGIN,
            height=self.y + MARGIN - 4,
            title=printable(self.name),
            subtitle=printable(self.subtitle),
            description=printable(description),
            shapes=tuple(self.shapes),
        )


def wrapped(sentences: Iterable[str], width: float, style: str) -> list[str]:
    """Return sentences as lines of running text that are at most so wide."""
    lines: list[str] = []
    for word in " ".join(sentences).split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, style) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
