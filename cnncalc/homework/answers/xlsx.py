"""Answers in a spreadsheet. The size that it unpacks to is bounded before any of it is read."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from typing import Any

from cnncalc.errors import CnncalcError, Place, Problem, ReadError
from cnncalc.homework.answers.grid import MAX_COLUMNS, MAX_ROWS, Cells, Grid
from cnncalc.homework.answers.text import unmarked
from cnncalc.homework.sheet import SheetCell

MAX_UNPACKED = 20_000_000  # bytes
_PICTURES = (b"\x89P", b"\xff\xd8", b"GI", b"BM")  # the first bytes of PNG, JPEG, GIF and BMP
MAX_PARTS = 500
# Of all parts: 2,000 rows of 60 cells have 480,000. The reader takes some 200 bytes for each.
MOST_TAGS = 500_000
_DOCTYPE = re.compile(rb"<\x00?!\x00?D\x00?O\x00?C\x00?T")
MAX_SHEETS = 5
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # of a workbook


def grids(data: bytes, file: str) -> list[Grid]:
    """Return the grids of a workbook's first sheets: values as last saved, never computed.

    Raises: ReadError if it is no workbook, too large, or the reader is not installed.
    """
    _bound(data, file)
    try:
        import openpyxl
    except ImportError:
        raise _refused(
            file,
            "spreadsheets need an extra: pip install 'cnncalc[xlsx]'. Or save the sheet as CSV.",
        ) from None
    with _foreign(file, "not a workbook that can be read"):
        saved, written = (
            openpyxl.load_workbook(
                io.BytesIO(data), read_only=True, data_only=only, keep_links=False
            )
            for only in (True, False)
        )
        return [
            _grid(values, formulas, file)
            for values, formulas in zip(
                saved.worksheets[:MAX_SHEETS], written.worksheets[:MAX_SHEETS], strict=True
            )
        ]


@contextmanager
def _foreign(file: str, message: str) -> Iterator[None]:
    """Raise a ReadError for whatever a decoder of others raises: there is no common class."""
    try:
        yield
    except (CnncalcError, MemoryError):
        raise
    except Exception as error:
        raise _refused(file, f"{message} ({type(error).__name__}).") from None


def _bound(data: bytes, file: str) -> None:
    """Raise a ReadError for what unpacks to too much, or has XML that may define entities."""
    with (
        _foreign(file, "not a workbook. Save the sheet as xlsx or CSV"),
        zipfile.ZipFile(io.BytesIO(data)) as archive,
    ):
        parts = archive.infolist()
        if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
            raise _refused(file, f"it unpacks to more than {MAX_UNPACKED:,} bytes.")
        if any(part.compress_type not in _METHODS for part in parts):
            raise _refused(file, "it is compressed in a way that no workbook is.")
        tags = 0
        for part in parts:
            content = archive.read(part)
            if _DOCTYPE.search(content):
                raise _refused(file, "its XML defines a document type.")
            # Any part may be a sheet, whatever it is called.
            tags += content.count(b"<") if content[:2] not in _PICTURES else 0
            if tags > MOST_TAGS:
                raise _refused(file, f"its XML has more than {MOST_TAGS:,} tags.")


def _grid(values: Any, formulas: Any, file: str) -> Grid:
    grid: list[Cells] = []
    bounds = {"max_row": MAX_ROWS, "max_col": MAX_COLUMNS, "values_only": True}
    for sheet in (values, formulas):
        sheet.reset_dimensions()
    both = zip(values.iter_rows(**bounds), formulas.iter_rows(**bounds), strict=False)
    for number, (row, texts) in enumerate(both, 1):
        grid.append(
            [
                SheetCell(
                    unmarked(_text(text if value is None else value)), Place(file, number, column)
                )
                for column, (value, text) in enumerate(zip(row, texts, strict=False), 1)
            ]
        )
    return Grid("a spreadsheet", [row for row in grid if row])


def _text(value: Any) -> str:
    """Return what a cell holds as text; whole numbers without the point that floats have."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    if isinstance(value, Fraction | float):
        return repr(float(value)) + "0"  # so that 34.848 in a spreadsheet is a decimal number
    return str(value)[:1000]


def _refused(file: str, message: str) -> ReadError:
    return ReadError(Problem("xlsx", message, place=Place(file, 1, 1)))
