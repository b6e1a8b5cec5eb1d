"""Records as comma-separated values: raw whole numbers, full names, no total."""

from __future__ import annotations

import csv
import re
from io import StringIO
from typing import TYPE_CHECKING

from cnncalc.errors import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cnncalc.writers.content import Tabulated

_NUMBER = re.compile(r"-?\d+(\.\d+)?")


def write(content: Tabulated) -> str:
    """Return a line for each record, below a line of names."""
    records = content.records()
    return grid(records.names, records.rows)


def grid(heads: Sequence[str], body: Iterable[Sequence[object]]) -> str:
    """Return lines of comma-separated values; no text is taken for a formula."""
    stream = StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(heads)
    writer.writerows([neutral(cell) for cell in cells] for cells in body)
    return stream.getvalue()


def neutral(cell: object) -> object:
    """Return a cell that no spreadsheet takes for a formula; numbers stay numbers.

    >>> neutral("=1+1"), neutral("-2"), neutral("a"), neutral(3)
    ("'=1+1", '-2', 'a', 3)
    """
    if not isinstance(cell, str):
        return cell
    text = printable(cell)
    formula = text.lstrip()[:1] in tuple("=+-@") and not _NUMBER.fullmatch(text)
    return f"'{text}" if text and formula else text
