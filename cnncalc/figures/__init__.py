"""Figures of networks: from a report to a scene of shapes. A figure is one line here."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

    from cnncalc.figures.scene import Scene
    from cnncalc.model.report import Report

# Each module has `scene(report, settings) -> Scene`, and `parts(report, settings) -> int`.
FIGURES = {
    "volumes": "volumes",
    "graph": "graph",
    "where": "where",
    "memory": "memory",
    "field": "field",
}
SCALES = ("sqrt", "linear", "log")  # of the sides of boxes
LABELS = ("usual", "full")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fold:
    """Rows that a figure draws as one, as the table at its depth has them on one line."""

    name: str  # the full path
    phrase: str
    first: int  # its rows are report.layers[first:last]
    last: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Settings of a figure."""

    title: str = ""  # "": none
    layout: str = "hwc"  # of the volumes in labels
    scale: str = "sqrt"
    labels: str = "usual"  # full: with activation functions, normalizations and the like
    runs: bool = False  # whether three and more equal layers in a row are one box
    width: float | None = None  # pixels at which a row of boxes is wrapped
    block: str = ""  # that is drawn alone; "": the whole network
    training: bool = False  # whether layers are drawn that exist in training only
    folds: Sequence[Fold] = ()


def chain(report: Report) -> bool:
    """Return whether every layer works on the one before it, and on no other."""
    return all(row.sources == (i,) for i, row in enumerate(report.layers[1:]))


def usual(report: Report) -> str:
    """Return the figure that suits a network best."""
    return "volumes" if chain(report) else "graph"


def draw(report: Report, figure: str, settings: Settings) -> Scene:
    """Return a figure of a network. Raises: KeyError for an unknown figure."""
    drawn: Scene = _module(figure).scene(report, settings)
    return drawn


def parts(report: Report, figure: str, settings: Settings) -> int:
    """Return how many boxes, or rows of bars, a figure has."""
    count: int = _module(figure).parts(report, settings)
    return count


def _module(figure: str) -> ModuleType:
    return import_module(f"cnncalc.figures.{FIGURES[figure]}")
