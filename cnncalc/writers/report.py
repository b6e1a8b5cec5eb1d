"""The table of a network, in the usual formats."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnncalc import writers
from cnncalc.writers import FORMATS as FORMATS
from cnncalc.writers import Options

if TYPE_CHECKING:
    from cnncalc.model.report import Report
    from cnncalc.writers.terminal import Console


def show(report: Report, console: Console, **options: Any) -> None:
    """Print the table; options are the fields of `Options`."""
    from cnncalc.writers import table

    table.show(report, console, Options(**options))


def write(report: Report, format: str, **options: Any) -> str:
    """Return the table in a format."""
    return writers.write(report, format, Options(**options))
