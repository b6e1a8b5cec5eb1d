"""Blank sheets to fill in, in the formats that `check` reads. A format is one line here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cnncalc.errors import printable
from cnncalc.writers import Format
from cnncalc.writers.answer_text import phrase, value_text

if TYPE_CHECKING:
    from cnncalc.homework.layer_truth import Value
    from cnncalc.homework.worksheet import Worksheet, WorksheetRow

# Each module has `write(page) -> str | bytes`.
FORMATS: dict[str, Format] = {
    "markdown": Format("worksheet.markdown", (".md", ".markdown", ".txt")),
    "csv": Format("worksheet.csv", (".csv",)),
    "xlsx": Format("worksheet.xlsx", (".xlsx",)),
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
class Page:
    """The text of a worksheet, for every format; whole numbers as numbers."""

    title: str
    heads: list[str]
    body: list[list[str | int]]
    conventions: str


def write(sheet: Worksheet, format: str, filled: bool = False) -> str | bytes:
    """Return the sheet in a format; `filled`: with the right answers.

    Raises: ReadError if the format needs an extra that is not there.
    """
    written: str | bytes = FORMATS[format].write(page(sheet, filled))
    return written


def page(sheet: Worksheet, filled: bool = False) -> Page:
    """Return the text of a worksheet."""
    return Page(
        title=printable(sheet.key.report.name),
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
