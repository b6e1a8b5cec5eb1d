"""Figures in a format: a scene as graphics, or a graph's nodes as text for other tools."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from cnncalc import figures, units, writers
from cnncalc.errors import (
    CnncalcError,
    LimitError,
    Problem,
    flag,
    known_name,
    plain_text,
    whole_number,
)
from cnncalc.figures.nodes import find_block, nodes
from cnncalc.model.report import Report
from cnncalc.writers import Format, sentences, table_lines

if TYPE_CHECKING:
    from cnncalc.figures.scene import Scene
    from cnncalc.model.diff import Diff

# Each module has `write(scene, look)`, or `write(nodes, title, layout)` if it holds the graph
# alone and is laid out by others.
FORMATS: dict[str, Format] = {
    "svg": Format("figure.svg", (".svg",)),
    "tikz": Format("figure.tikz", (".tex", ".tikz")),
    "png": Format("figure.png", (".png",)),
    "dot": Format("figure.dot", (".dot", ".gv")),
    "mermaid": Format("figure.mermaid", (".mmd", ".mermaid")),
}
OF_NODES = ("dot", "mermaid")
THEMES = ("auto", "light", "dark")
DEEPEST, WIDEST, MOST_NODES = 10**9, 10**6, 10**6


class Svg(str):
    """A figure as SVG, which a notebook shows."""

    __slots__ = ()

    def _repr_svg_(self) -> str:
        return str(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How a scene is written: its theme, and what its classes and ids begin with in a page."""

    theme: str = "auto"
    prefix: str = ""
    standalone: bool = False  # whether TikZ is a document, and no picture to be \\input


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Options of a network's figure. Raises: UnknownNameError with the nearest names."""

    figure: str | None = None  # None: the one that suits the network
    block: str | None = None  # that is drawn alone
    training: bool = False  # whether layers are drawn that exist in training only
    max_nodes: int = 400  # boxes, or rows of bars
    depth: int | None = 1  # levels of blocks to open, None for all
    theme: str = "auto"  # auto is light on paper, and dark on a dark page
    layout: str = "hwc"
    scale: str = "sqrt"  # of the sides of boxes
    labels: str = "usual"  # full: with activation functions, normalizations and the like
    runs: bool = False  # whether three and more equal layers in a row are one box
    width: int | None = None  # pixels at which a row of boxes is wrapped
    title: bool = True
    standalone: bool = False  # whether TikZ is a document of its own

    def __post_init__(self) -> None:
        """Check all of them."""
        if self.figure is not None:
            known_name("figure", self.figure, figures.FIGURES)
        known_name("theme", self.theme, THEMES)
        known_name("layout", self.layout, ("hwc", "chw"))
        known_name("scale", self.scale, figures.SCALES)
        known_name("labels", self.labels, figures.LABELS)
        if self.block is not None:
            plain_text("block", self.block)
        if self.depth is not None:
            whole_number("depth", self.depth, 0, DEEPEST)
        if self.width is not None:
            whole_number("width", self.width, 1, WIDEST)
        whole_number("max_nodes", self.max_nodes, 1, MOST_NODES)
        for name in ("training", "runs", "title", "standalone"):
            flag(name, getattr(self, name))


OPTIONS = tuple(Options.__dataclass_fields__)


def settings(report: Report, options: Options) -> figures.Settings:
    """Return a figure's settings from a report and the options."""
    return figures.Settings(
        title=title(report, options.block) if options.title else "",
        layout=options.layout,
        scale=options.scale,
        labels=options.labels,
        runs=options.runs,
        width=options.width,
        block=options.block or "",
        training=options.training,
        folds=folds(report, options.depth, options.block),
    )


def scene(report: Report, options: Options) -> Scene:
    """Return a figure of a network."""
    figure = options.figure or ("graph" if options.block else figures.usual(report))
    shown = settings(report, options)
    if len(report.layers) > options.max_nodes:
        _require_few_parts(report, figure, options, shown)
    return figures.draw(report, figure, shown)


def compared(diff: Diff, options: Options) -> Scene:
    """Return the graphs of two networks side by side. Raises: CnncalcError for another figure."""
    if options.figure not in (None, "graph"):
        message = f"two networks are compared by their graphs. Leave out {options.figure}."
        raise CnncalcError(Problem("figure", message))
    first, second = settings(diff.first, options), settings(diff.second, options)
    if max(len(diff.first.layers), len(diff.second.layers)) > options.max_nodes:
        for report, shown in ((diff.first, first), (diff.second, second)):
            _require_few_parts(report, "graph", options, shown)
    from cnncalc.figures import comparison

    return comparison.scene(diff, first, second)


def _require_few_parts(
    report: Report, figure: str, options: Options, shown: figures.Settings
) -> None:
    """Raise the LimitError of a figure with more boxes than are drawn."""
    count = figures.parts(report, figure, shown)
    if count <= options.max_nodes:
        return
    text = f"{units.group(count)} boxes at --depth {options.depth or 'all'}"
    others, depth = [], 1
    while options.depth is None or depth < options.depth:
        fewer = replace(shown, folds=folds(report, depth, options.block))
        found = figures.parts(report, figure, fewer)
        if found >= count:
            break
        others.append(f", {units.group(found)} at {depth}")
        depth += 1
    message = (
        f"{sentences.short_title(report)} has {text}{''.join(reversed(others))}; at most "
        f"{units.group(options.max_nodes)} are drawn. "
        f"{'Open fewer levels, or give' if others else 'Give'} --max-nodes."
    )
    raise LimitError(Problem("max_nodes", message))


def folds(report: Report, depth: int | None, block: str | None = None) -> list[figures.Fold]:
    """Return the rows that belong together at a depth, as the table has them.

    The depth is that inside the block, where one is given.
    """
    if block and depth is not None:
        depth += _level(report, block)
    found = table_lines.lines(report, writers.Options(depth=depth, all_layers=True))
    return [
        figures.Fold(name=line.name, phrase=line.phrase, first=line.first, last=line.last)
        for line in found.shown
        if line.rows
    ]


def _level(report: Report, block: str) -> int:
    """Return how many levels are open where the block still is one fold."""
    group = find_block(report, block)
    levels = 1 + len(group.path.split("."))  # it lies in no more groups than its path has parts
    for level in range(1, levels):
        if any(group.first < fold.first < group.last for fold in folds(report, level)):
            return level - 1
    return levels - 1


def title(report: Report, block: str | None = None) -> str:
    """Return the title of a network's figure."""
    name, _ = sentences.title(report, writers.USUAL)
    variant = report.variant or ""
    same = _letters(variant) in _letters(name)
    name = name if same else f"{name} ({variant})"
    return f"{name} / {block}" if block else name


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.lower()))


def write(found: Report | Diff, format: str, options: Options) -> Any:
    """Return a figure of a network, or of two, in a format: text, or bytes of an image.

    Raises: CnncalcError where the format holds one graph alone, and another figure is wanted.
    """
    if format not in OF_NODES:
        look = Look(theme=options.theme, standalone=options.standalone)
        drawn = scene(found, options) if isinstance(found, Report) else compared(found, options)
        return FORMATS[format].write(drawn, look)
    if not isinstance(found, Report):
        message = f"{format} holds one network. Use svg, tikz or png for two."
        raise CnncalcError(Problem("figure", message))
    if options.figure not in (None, "graph"):
        message = f"{format} holds the graph alone. Leave out the figure {options.figure}."
        raise CnncalcError(Problem("figure", message))
    shown = settings(found, options)
    return FORMATS[format].write(nodes(found, shown), shown.title, options.layout)
