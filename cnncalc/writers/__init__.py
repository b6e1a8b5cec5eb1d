"""Results as text: the table of formats, and what is shown of a report. A format is a line here."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from cnncalc.errors import flag, known_name, plain_text, whole_number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cnncalc.model.report import Report
    from cnncalc.writers.content import Content


class Format(NamedTuple):
    """A format: the module that writes it, and the endings of its files."""

    module: str  # below `writers`; it has a function `write`
    endings: tuple[str, ...] = ()

    def write(self, *arguments: Any) -> Any:
        """Import the format's module, and return the result of its `write`."""
        return import_module(f"cnncalc.writers.{self.module}").write(*arguments)

    def pieces(self, *arguments: Any) -> Any:
        """Return what `write` returns, in pieces where the module makes them one by one."""
        module = import_module(f"cnncalc.writers.{self.module}")
        return getattr(module, "pieces", module.write)(*arguments)


# Formats of a network's table, of differences and of the list: modules with
# `write(content) -> str`. Those that write tables serve worksheets and explanations, too.
FORMATS: dict[str, Format] = {
    "table": Format("table", (".txt",)),
    "markdown": Format("markdown", (".md", ".markdown")),
    "csv": Format("csv", (".csv",)),
    "json": Format("json", (".json",)),
    "latex": Format("latex", (".tex",)),
    "html": Format("html", (".html", ".htm")),
    "asciidoc": Format("asciidoc", (".adoc", ".asciidoc")),
}


LAYOUTS = ("hwc", "chw")
MOST_LEVELS = 10**9  # of blocks, that can be asked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Options of a report's table: columns, order, layout, depth."""

    columns: str | None = None  # names, as in `volume,name,step`; `+step` adds to the usual ones
    sort: str | None = None  # the name of a column: the largest first
    layout: str = "hwc"  # or chw
    depth: int | None = 1  # levels of blocks to open, None for all
    all_layers: bool = False  # whether activation functions, dropout and the like have rows

    def __post_init__(self) -> None:
        """Raise the CnncalcError of a value that is none of these."""
        for name in ("columns", "sort"):
            if getattr(self, name) is not None:
                plain_text(name, getattr(self, name))
        known_name("layout", self.layout, LAYOUTS)
        if self.depth is not None:
            whole_number("depth", self.depth, 0, MOST_LEVELS)
        flag("all_layers", self.all_layers)


USUAL = Options()


def write(report: Report, format: str = "table", options: Options = USUAL) -> str:
    """Return the report as text in a format, with a newline at its end.

    Raises: KeyError for an unknown format, UnknownNameError for an unknown column.
    """
    from cnncalc.writers.report import ReportContent

    return write_content(ReportContent(report, options), format)


def write_content(content: Content, format: str) -> str:
    """Return content in one of the formats of FORMATS. Raises: KeyError for another."""
    text: str = FORMATS[format].write(content)
    return text


def format_of(path: str, formats: Mapping[str, Format] = FORMATS) -> str | None:
    """Return the format of a file name's ending; None for an ending that no format has.

    >>> format_of("net.tex"), format_of("net.doc")
    ('latex', None)
    """
    for name, format in formats.items():
        if path.lower().endswith(format.endings):
            return name
    return None
