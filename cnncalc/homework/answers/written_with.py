"""How a sheet writes its numbers: whether a comma, or a point, separates a fraction."""

from __future__ import annotations

import re
from itertools import chain

from cnncalc.homework.answers.tables import Collected

COUNTS = ("weights", "biases", "parameters", "macs", "flops", "additions", "activations", "memory")
_COMMA = re.compile(
    r"(?<![\d.,])\d{1,3}(?:\.\d{3})+,\d|(?<![\d.,])\d+,(?:\d{1,2}|\d{4,})(?![\d,.])"
)
_POINT = re.compile(
    r"(?<![\d.,])\d{1,3}(?:,\d{3})+\.\d|(?<![\d.,])\d+\.(?:\d{1,2}|\d{4,})(?![\d,.])"
    r"|(?<![\d.,])\d{1,3}(?:,\d{3}){2,}(?![\d,])"
)
_GROUPED = re.compile(r"(?<![\d.,])\d{1,3}(?:\.\d{3}){2,}(?![\d.])")


def writes_comma(found: Collected, mark: str) -> bool:
    """Return whether a sheet writes fractions with a comma, and is consistent about it.

    A semicolon between the fields of CSV is the spreadsheet's word for it.
    """
    cells = chain(
        (cell for row in found.rows for column, cell in row.cells.items() if column in COUNTS),
        found.totals.values(),
    )
    comma = 2 * (mark == ";")
    for cell in cells:
        text = cell.text[:200]
        if _POINT.search(text):
            return False
        comma += bool(_COMMA.search(text)) + bool(_GROUPED.search(text))
    return comma > 0


def with_point(text: str) -> str:
    """Return a text that writes fractions with a comma as others write it.

    >>> with_point("34.944"), with_point("1.234,5"), with_point("105,4M")
    ('34944', '1234.5', '105.4M')
    """
    text = re.sub(r"(?<=\d)\.(?=\d{3}(?!\d))", "", text)
    return re.sub(r"(?<=\d),(?=\d)", ".", text)
