"""Everything that turns a Report into something to look at. A format is one line here."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cnncalc.model.report import Report

Format = tuple[str, tuple[str, ...]]  # its module, and the endings of file names that mean it

# Each module has `write(report, options) -> str`.
FORMATS: dict[str, Format] = {
    "table": ("table", (".txt",)),
    "markdown": ("markdown", (".md", ".markdown")),
    "csv": ("csv", (".csv",)),
    "json": ("json", (".json",)),
    "latex": ("latex", (".tex",)),
    "html": ("html", (".html", ".htm")),
}


class Options(NamedTuple):
    """What is shown of a report, and how.

    `columns` is a list such as `volume,name,step`, or `+step`; `depth` the levels of blocks
    to open, None for all; `layout` is hwc or chw; `sort` a column, largest first.
    """

    columns: str | None = None
    sort: str | None = None
    layout: str = "hwc"
    depth: int | None = 1
    all_layers: bool = False


USUAL = Options()


def write(report: Report, format: str = "table", options: Options = USUAL) -> str:
    """Return the report as text in a format, with a newline at its end.

    Raises: KeyError for an unknown format, UnknownNameError for an unknown column.
    """
    module = import_module(f"cnncalc.writers.{FORMATS[format][0]}")
    text: str = module.write(report, options)
    return text


def format_of(path: str, formats: Mapping[str, Format] = FORMATS) -> str | None:
    """Return the format that a file name's ending means, if it means one.

    >>> format_of("net.tex"), format_of("net.doc")
    ('latex', None)
    """
    for name, (_, endings) in formats.items():
        if path.lower().endswith(endings):
            return name
    return None
