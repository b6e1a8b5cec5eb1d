"""The report on the reading of a sheet: what was read as what, and everything that was not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc.errors import printable
from cnncalc.writers import terminal
from cnncalc.writers.answer_text import HEADS
from cnncalc.writers.grid import wrap
from cnncalc.writers.styled import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cnncalc.homework.reading import CellReading, Reading, RowReading
    from cnncalc.homework.sheet import SheetHead
    from cnncalc.writers.terminal import Console

LONGEST = 60  # characters of a cell
MOST_LAYERS = 4  # of a row
_READ_AS = {
    "name": "the layer's name", "type": "the layer's type", "number": "the row's number",
    "settings": "settings", "remark": "a remark, not marked",
}  # fmt: skip


def show(readings: Sequence[Reading], console: Console) -> None:
    """Print how sheets were read, one after the other."""
    width = min(console.width, terminal.WIDEST_TEXT)
    lines = [
        line
        for number, reading in enumerate(readings)
        for line in ([("", "")] * bool(number) + list(_lines(reading)))
    ]
    for line, style in lines:
        text = terminal.fit(printable(line), console.encoding)
        indent = "    " if line.startswith("  ") else ""
        for part in wrap(text.strip().split(" "), width, indent and "  ", indent):
            console.print(Text(part, style))


def _lines(reading: Reading) -> Iterator[tuple[str, str]]:
    """Yield each line of the report, and its style."""
    forms = ", ".join(reading.forms) or "answers by name"
    yield f"{reading.file}  read for {reading.key}: {forms}", "bold"
    yield from ((line, "") for line in conventions(reading))
    if reading.heads:
        yield "", ""
        yield "Columns", "bold"
        yield from ((f"  {_head(head)}", "") for head in reading.heads)
    if reading.rows:
        yield "", ""
        yield "Rows", "bold"
        yield from ((f"  {_row(row)}", "") for row in reading.rows)
    if reading.totals:
        yield "", ""
        yield "Totals", "bold"
        yield from ((f"  {_cell(cell)}", "") for cell in reading.totals)
    yield "", ""
    if not reading.unread:
        yield "Everything was read.", "green"
        return
    yield "Not read", "yellow"
    for one in reading.unread:
        place = f"line {one.place.line}, " if one.place.line else ""
        yield f"  {place}{one.kind} {_cut(one.text)!r}: {one.reason}", ""


def conventions(reading: Reading) -> list[str]:
    """Return what holds for the whole sheet, a sentence each."""
    found = []
    if reading.order:
        found.append(f"Its volumes are written {reading.order}, and read so.")
    if reading.decimal_comma:
        found.append("It writes fractions with a comma, and points between thousands.")
    return found


def _head(head: SheetHead) -> str:
    as_what = _READ_AS.get(head.column) or HEADS.get(head.column) or f"the output's {head.column}"
    unit = f" in {head.unit}" if head.unit else ""
    how = f" ({head.how})" if head.how else ""
    return f"{_cut(head.text)}: {as_what}{unit}{how}"


def _row(row: RowReading) -> str:
    line = f"line {row.place.line}, " if row.place.line else ""
    more = len(row.layers) - MOST_LAYERS
    layers = " + ".join(row.layers[:MOST_LAYERS]) + f" + {more} more" * (more > 0)
    matched = f"{layers}, by {row.by}" if row.layers else row.by or "no layer"
    cells = "; ".join(_cell(cell) for cell in row.cells)
    return f"{line}{_cut(row.name)} = {matched}" + (f": {cells}" if cells else "")


def _cell(cell: CellReading) -> str:
    head = HEADS.get(cell.column, cell.column)
    if cell.reason:
        return f"{head} {_cut(cell.text)!r} not read"
    plain = cell.text.replace(",", "").replace(" ", "")
    same = not cell.read or cell.read.replace(",", "") == plain
    return f"{head} {_cut(cell.text)}" + ("" if same else f" = {cell.read}")


def _cut(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
