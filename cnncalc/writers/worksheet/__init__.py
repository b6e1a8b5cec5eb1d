"""Blank sheets to fill in, for `check` to read and for paper. A format is one line here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cnncalc import units
from cnncalc.errors import flag, printable
from cnncalc.writers import FORMATS as FORMATS_OF_TABLES
from cnncalc.writers import Format
from cnncalc.writers.answer_text import phrase, value_text
from cnncalc.writers.content import Tabulated
from cnncalc.writers.table_model import Cell, Head, Records, Table, TableRow

if TYPE_CHECKING:
    from cnncalc.homework.layer_truth import Value
    from cnncalc.homework.worksheet import Worksheet, WorksheetRow

# Each module has `write(page) -> str | bytes`. These are what `check` reads …
READ_BACK: dict[str, Format] = {
    "markdown": Format("worksheet.markdown", (".md", ".markdown", ".txt")),
    "csv": FORMATS_OF_TABLES["csv"],
    "xlsx": Format("worksheet.xlsx", (".xlsx",)),
}
# … and the others are for paper and pages; neither a terminal's table nor data is filled in.
FORMATS: dict[str, Format] = READ_BACK | {
    name: format
    for name, format in FORMATS_OF_TABLES.items()
    if name not in ("table", "json", *READ_BACK)
}

# A column's head, as `check` knows it and as people say it. What a layer is stands under a head
# that it does not know: that is the sheet's word, not a student's claim.
_HEADS = {
    "input": "Input volume", "output": "Output volume", "extents": "Spatial size",
    "weights": "Weights", "biases": "Biases", "parameters": "# Params", "macs": "MACs",
    "flops": "FLOPs", "additions": "Additions", "activations": "Activations",
    "memory": "Memory (bytes)", "receptive_field": "Receptive field", "step": "Step",
    "working": "Calculation",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Tabulated):
    """The text of a worksheet, for every format; whole numbers as numbers."""

    title: str
    heads: list[str]
    body: list[list[str | int]]
    conventions: str

    def table(self, *, shares: bool = False) -> Table:
        """Return the sheet as a table to be printed, with its numbers in groups of digits."""
        return Table(
            title=self.title,
            heads=[Head(text=head) for head in self.heads],
            rows=[TableRow(cells=[_cell(cell) for cell in cells]) for cells in self.body],
            convention=self.conventions,
            label=self.title,
        )

    def records(self) -> Records:
        """Return the sheet's table alone."""
        return Records(names=self.heads, rows=self.body)


def _cell(value: str | int) -> Cell:
    text = units.group(value) if isinstance(value, int) else value
    return Cell(text=text, value=value if isinstance(value, int) else None)


def write(sheet: Worksheet, format: str, filled: bool = False) -> str | bytes:
    """Return the sheet in a format; `filled`: with the right answers.

    Raises: ReadError if the format needs an extra that is not there.
    """
    written: str | bytes = FORMATS[format].write(page(sheet, flag("filled", filled)))
    return written


def page(sheet: Worksheet, filled: bool = False) -> Page:
    """Return the text of a worksheet."""
    return Page(
        title=printable(sheet.key.report.title),
        heads=["Layer", "What it is", *(_HEADS[column] for column in sheet.columns)],
        body=[
            [
                printable(row.name),
                _description(row),
                *(_answer(row.values.get(c)) if filled or row.given else "" for c in sheet.columns),
            ]
            for row in sheet.rows
        ],
        conventions=f"Conventions of this sheet: {'; '.join(sheet.conventions)}.",
    )


def _description(row: WorksheetRow) -> str:
    names = ", ".join(map(printable, row.sources))
    return phrase(row.description, row.layer) + f" from {names}" * bool(names)


def _answer(value: Value | None) -> str | int:
    """Return an answer as it is written; nothing for a zero, which a blank says as well."""
    return value if isinstance(value, int) and value else value_text(value or None)
