"""The reading of a sheet: what was read as what, matched to which layer by what, what was not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from cnncalc.errors import Place
from cnncalc.homework.asking import Asked
from cnncalc.homework.parsed_cells import ParsedCell
from cnncalc.homework.sheet import Sheet, SheetHead, Unread
from cnncalc.homework.student_sheet import StudentRow, StudentSheet
from cnncalc.homework.volume_order import declared
from cnncalc.units import listing, plural

MOST_NAMED = 4  # things that were not read, in one line
LONGEST = 40  # characters of each


@dataclass(frozen=True, slots=True, kw_only=True)
class CellReading:
    """A cell, and what it is read as.

    Attributes:
        column: under which it stands.
        text: as it is written.
        read: as it is read; nothing where it could not be.
        reason: why it could not be read.
        place: where it stands.
    """

    column: str
    text: str
    read: str
    reason: str
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class RowReading:
    """A row, and the layers that it is matched to.

    Attributes:
        name: as the sheet calls it.
        place: where it stands.
        layers: as the network calls them; none where it is matched to none.
        by: by what it is matched: name, kind and order, block …
        cells: its answers.
    """

    name: str
    place: Place
    layers: tuple[str, ...]
    by: str
    cells: tuple[CellReading, ...]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Reading:
    """How a sheet was read.

    Attributes:
        file: the sheet, as the user called it.
        key: what it is read for, as the user called it.
        forms: of what is read: `a table with pipes`, `lines`.
        heads: of columns, as they are read.
        rows: in the sheet's order.
        totals: as they are read.
        unread: columns, lines and cells that were not read, by their place.
        missing: columns that are asked for, and that the sheet does not have.
        order: in which its volumes are written, where that is not the key's: `CxHxW`.
        decimal_comma: whether it writes fractions with a comma.
    """

    file: str = ""
    key: str = ""
    forms: tuple[str, ...] = ()
    heads: tuple[SheetHead, ...] = ()
    rows: tuple[RowReading, ...] = ()
    totals: tuple[CellReading, ...] = ()
    unread: tuple[Unread, ...] = ()
    missing: tuple[str, ...] = ()
    order: str = ""
    decimal_comma: bool = False

    def __repr__(self) -> str:
        """Return what was read, and how much of it was not."""
        return f"<Reading of {self.file!r}: {plural(len(self.rows), 'row')}, {self.counts}>"

    @property
    def counts(self) -> str:
        """Return how much was not read: `2 columns and 1 line not read`, or `all read`."""
        kinds = Counter(one.kind for one in self.unread)
        words = [plural(kinds[kind], kind) for kind in ("column", "line", "cell") if kinds[kind]]
        return f"{listing(words, 'and')} not read" if words else "all read"

    @property
    def summary(self) -> str:
        """Return in a sentence what was not read, or nothing where all was."""
        if not self.unread:
            return ""
        verb = "was" if len(self.unread) == 1 else "were"
        named = [_named(one) for one in self.unread[:MOST_NAMED]]
        more = len(self.unread) - len(named)
        named += [f"and {more} more"] * (more > 0)
        return f"{self.counts.removesuffix(' not read')} {verb} not read: {', '.join(named)}."


def _named(one: Unread) -> str:
    text = " ".join(one.text.split())
    text = text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
    line = f" in line {one.place.line}" if one.place.line else ""
    return f"{one.kind} {text!r}{line}" if one.kind != "line" else f"{text!r}{line}"


def reading_of(student: StudentSheet, sheet: Sheet) -> Reading:
    """Return how a sheet was read for a key."""
    key = student.key
    rows = tuple(_row(student, row) for row in student.rows)
    unread = [
        *sheet.unread,
        *_unread_rows(student),
        *_unread_cells(rows),
        *_unread_totals(student, sheet),
    ]
    lost = {one.place[:2] for one in unread if one.kind == "line"}
    kept = [one for one in unread if one.kind != "cell" or one.place[:2] not in lost]
    differs = student.order != declared(key.conventions.layout)
    return Reading(
        file=sheet.file,
        key=key.label,
        forms=sheet.forms,
        heads=sheet.heads,
        rows=rows,
        totals=tuple(
            _cell(column, cell.text, cell.place, student.totals.get(column))
            for column, cell in sheet.totals.items()
        ),
        unread=tuple(sorted(kept, key=lambda one: (one.place.line or 0, one.place.column or 0))),
        missing=tuple(_missing(student.asked, sheet, student)),
        order=str(student.order) if differs else "",
        decimal_comma=sheet.decimal_comma,
    )


def _row(student: StudentSheet, row: StudentRow) -> RowReading:
    written = row.sheet_row
    layers = tuple(student.key.layers[index].name for index in row.matched.indices)
    by: str = row.matched.by if layers else ""
    if not layers and written.block:
        by = "a block of other rows"
    elif not layers and student.passes_on(row):
        by = "passes a volume on"
    cells = tuple(
        _cell(column, written.cells[column].text, written.cells[column].place, parsed)
        for column, parsed in row.parsed.items()
    )
    return RowReading(name=written.name, place=written.place, layers=layers, by=by, cells=cells)


def _cell(column: str, text: str, place: Place, parsed: ParsedCell | None) -> CellReading:
    if parsed is None:
        return CellReading(column=column, text=text, read="", reason="", place=place)
    return CellReading(
        column=column, text=text, read=str(parsed), reason=parsed.problem, place=place
    )


def _unread_rows(student: StudentSheet) -> Iterator[Unread]:
    """Yield the rows that say something and are about no layer that is known."""
    for row in student.rows:
        if row.matched.indices or student.passes_on(row) or not row.parsed or row.sheet_row.block:
            continue
        name, place = row.sheet_row.name, row.sheet_row.place
        yield Unread(kind="line", text=name, place=place, reason=student.unknown(row))


def _unread_cells(rows: tuple[RowReading, ...]) -> Iterator[Unread]:
    for row in rows:
        for cell in row.cells:
            if cell.reason and cell.column != "working":
                yield Unread(kind="cell", text=cell.text, place=cell.place, reason=cell.reason)


def _unread_totals(student: StudentSheet, sheet: Sheet) -> Iterator[Unread]:
    for column, parsed in student.totals.items():
        if parsed.problem:
            cell = sheet.totals[column]
            yield Unread(kind="cell", text=cell.text, place=cell.place, reason=parsed.problem)


def _missing(asked: Asked, sheet: Sheet, student: StudentSheet) -> Iterator[str]:
    """Yield the columns that are asked for of which a sheet has nothing."""
    if student.asks_own:
        return
    said = {column for row in student.rows for column in row.parsed} | {*sheet.columns}
    yield from (column for column in asked.columns if column not in said)
