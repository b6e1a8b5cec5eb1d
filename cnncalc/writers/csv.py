"""Every layer as comma-separated values: raw whole numbers, full paths, no total."""

from __future__ import annotations

import csv
import re
from io import StringIO
from typing import TYPE_CHECKING

from cnncalc.writers import table_lines
from cnncalc.writers.columns import COLUMNS, chosen, count, fact, total

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cnncalc.model.report import Report, Row
    from cnncalc.writers import Options

_NUMBER = re.compile(r"-?\d+(\.\d+)?")


def write(report: Report, options: Options) -> str:
    """Return a line for each layer, whatever the depth; all columns if none are asked for."""
    names, _ = chosen(report, options.columns, every=True)
    everything = options._replace(depth=None, all_layers=True)
    lines = [line.rows[0] for line in table_lines.lines(report, everything).shown if line.rows]
    return grid(names, [[_cell(report, row, n, options.layout) for n in names] for row in lines])


def grid(heads: Sequence[str], body: Iterable[Sequence[object]]) -> str:
    """Return lines of comma-separated values; no text is taken for a formula."""
    stream = StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(heads)
    writer.writerows([neutral(cell) for cell in cells] for cells in body)
    return stream.getvalue()


def neutral(cell: object) -> object:
    """Return a cell as no spreadsheet will take it for a formula; numbers stay numbers.

    >>> neutral("=1+1"), neutral("-2"), neutral("a"), neutral(3)
    ("'=1+1", '-2', 'a', 3)
    """
    if isinstance(cell, str) and cell.lstrip()[:1] in tuple("=+-@") and cell:
        return cell if _NUMBER.fullmatch(cell) else f"'{cell}"
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in tuple("\t\r\n") else cell


def _cell(report: Report, row: Row, name: str, layout: str) -> object:
    column = COLUMNS[name]
    if column.counts:
        return count(row, name)
    if column.share_of:
        whole = total(report, column.share_of)
        return 100 * count(row, column.share_of) / whole if whole else 0
    return fact(row, name, layout)
