"""Parameters that a sheet gives as weights and biases, in columns of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from cnncalc.homework.asking import asked
from cnncalc.homework.key import Key
from cnncalc.homework.parsed_cells import parse_cell
from cnncalc.homework.sheet import COLUMNS, Sheet, SheetCell

PARTS = ("weights", "biases")


def with_parameters(sheet: Sheet, key: Key) -> Sheet:
    """Return a sheet with its weights and biases added up, where a key asks for parameters alone.

    So whoever answers in more detail than is asked is not blank.
    """
    has, wanted = {*sheet.columns}, {*asked(key).columns}
    if key.rules.missing == "ignored":  # the sheet is asked for what it has
        return sheet
    if "parameters" in has or not has.issuperset(PARTS) or "parameters" not in wanted:
        return sheet
    return replace(
        sheet,
        rows=tuple(
            replace(row, cells={**row.cells, **_sum(row.cells, comma=sheet.decimal_comma)})
            for row in sheet.rows
        ),
        totals={**sheet.totals, **_sum(sheet.totals, comma=sheet.decimal_comma)},
        columns=tuple(column for column in COLUMNS if column in has | {"parameters"}),
    )


def _sum(cells: Mapping[str, SheetCell], *, comma: bool) -> dict[str, SheetCell]:
    """Return the cell of the parameters: nothing where either part is no whole number."""
    found = [
        parse_cell(cells[part], part, decimal_comma=comma).exact for part in PARTS if part in cells
    ]
    if len(found) < len(PARTS) or not all(isinstance(number, int) for number in found):
        return {}
    text = " + ".join(map(str, found))
    return {"parameters": SheetCell(text, cells[PARTS[0]].place)}
