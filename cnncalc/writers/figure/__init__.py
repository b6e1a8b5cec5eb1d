"""Figures in a format: a scene as graphics, or a graph's nodes as text for other tools."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cnncalc import figures, writers
from cnncalc.errors import known_name
from cnncalc.writers import Format, sentences, table_lines

if TYPE_CHECKING:
    from cnncalc.figures.scene import Scene
    from cnncalc.model.report import Report

# Each module has `write(scene, look)`.
FORMATS: dict[str, Format] = {
    "svg": Format("figure.svg", (".svg",)),
}
THEMES = ("auto", "light", "dark")


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How a scene is written: its theme, and what its classes and ids begin with in a page."""

    theme: str = "auto"
    prefix: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What is drawn of a network, and how. Raises: UnknownNameError with the nearest names."""

    figure: str | None = None  # None: the one that suits the network
    depth: int | None = 1  # levels of blocks to open, None for all
    theme: str = "auto"  # auto is light on paper, and dark on a dark page
    layout: str = "hwc"
    scale: str = "sqrt"  # of the sides of boxes
    labels: str = "usual"  # full: with activation functions, normalizations and the like
    runs: bool = False  # whether three and more equal layers in a row are one box
    width: float | None = None  # pixels at which a row of boxes is wrapped
    title: bool = True

    def __post_init__(self) -> None:
        """Check the names."""
        if self.figure is not None:
            known_name("figure", self.figure, figures.FIGURES)
        known_name("theme", self.theme, THEMES)
        known_name("layout", self.layout, ("hwc", "chw"))
        known_name("scale", self.scale, figures.SCALES)
        known_name("labels", self.labels, figures.LABELS)


OPTIONS = tuple(Options.__dataclass_fields__)


def scene(report: Report, options: Options) -> Scene:
    """Return a figure of a network."""
    settings = figures.Settings(
        title=title(report) if options.title else "",
        layout=options.layout,
        scale=options.scale,
        labels=options.labels,
        runs=options.runs,
        width=options.width,
        folds=folds(report, options.depth),
    )
    return figures.draw(report, options.figure or figures.usual(report), settings)


def folds(report: Report, depth: int | None) -> list[figures.Fold]:
    """Return the rows that belong together at a depth, as the table has them."""
    found = table_lines.lines(report, writers.Options(depth=depth, all_layers=True))
    return [
        figures.Fold(name=line.name, phrase=line.phrase, first=line.first, last=line.last)
        for line in found.shown
        if line.rows
    ]


def title(report: Report) -> str:
    """Return what stands over a network's figure."""
    name, _ = sentences.title(report, writers.USUAL)
    variant = report.variant or ""
    same = _letters(variant) in _letters(name)
    return name if same else f"{name} ({variant})"


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.lower()))


def write(report: Report, format: str, options: Options) -> Any:
    """Return a figure of a network in a format: text, or bytes where it is one of pixels."""
    return FORMATS[format].write(scene(report, options), Look(theme=options.theme))
