"""The blank sheet as a spreadsheet: text is never a formula, numbers are numbers."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from cnncalc.errors import Problem, ReadError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnncalc.writers.worksheet import Page

_WIDEST = 60  # of a column, in characters


def write(page: Page) -> bytes:
    """Return the workbook. Raises: ReadError if the extra that writes it is not installed."""
    try:
        from openpyxl import Workbook
        from openpyxl.styles import Font
        from openpyxl.utils import get_column_letter
    except ImportError:
        message = "spreadsheets need an extra: pip install 'cnncalc[xlsx]'. Or write CSV."
        raise ReadError(Problem("xlsx", message)) from None
    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    sheet = workbook.create_sheet("Answers")
    rows: list[Sequence[str | int]] = [page.heads, *page.body]
    for number, cells in enumerate(rows, 1):
        for column, value in enumerate(cells, 1):
            cell = sheet.cell(number, column, value)
            if isinstance(value, str):
                cell.data_type = "s"  # whatever it begins with
            cell.font = Font(bold=number == 1)
    for column, cells in enumerate(zip(*rows, strict=True), 1):
        width = min(_WIDEST, max(len(str(cell)) for cell in cells) + 2)
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.freeze_panes = "A2"
    workbook.create_sheet("Conventions").cell(1, 1, page.conventions)
    stream = BytesIO()
    workbook.save(stream)
    return stream.getvalue()
