"""Grids of cells as a sheet's rows: which column is what, decided by its head and its cells."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from cnncalc.homework.answers.grid import Cells, Grid, is_rule
from cnncalc.homework.answers.heads import (
    NAME,
    TYPE,
    head_of,
)
from cnncalc.homework.answers.phrases import element_of, kind_of
from cnncalc.homework.answers.table_columns import NOTHING, Columns, columns_of, headless, turned
from cnncalc.homework.sheet import (
    COLUMNS,
    LONGEST_NAME,
    Sheet,
    SheetCell,
    SheetHead,
    SheetRow,
    Unread,
    is_total,
)

_TENSOR = re.compile(r"\.(?:weight|bias|running_mean|running_var|num_batches_tracked)\Z")
_COUNTS = {"weights", "biases", "parameters", "macs", "flops", "additions"}
_OWN_CSV = {"output", "name", "description", "buffers", "bytes_moved", "fan_in", "first_centre"}
_CALL = re.compile(r"(.+?)\s*\(([A-Za-z]\w*(?::\s*[\d-]+)?)\)?\s*")  # dense_3 (Dense)


@dataclass(slots=True)
class Collected:
    """What has been read of a sheet so far; tables and lines add to it."""

    file: str
    own: Mapping[str, str] = field(default_factory=dict)  # a key's own heads, and their columns
    rows: list[SheetRow] = field(default_factory=list)
    columns: set[str] = field(default_factory=set)
    totals: dict[str, SheetCell] = field(default_factory=dict)
    order: SheetCell | None = None
    forms: dict[str, None] = field(default_factory=dict)
    heads: list[SheetHead] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)

    def sheet(self, *, decimal_comma: bool = False) -> Sheet | None:
        """Return the sheet, or None if nothing was read as an answer or a layer."""
        if not (self.rows or self.totals or self.order or self.columns):
            return None
        present = self.columns.union(*(row.cells for row in self.rows))
        return Sheet(
            file=self.file,
            rows=tuple(self.rows),
            columns=tuple(column for column in COLUMNS if column in present),
            totals=self.totals,
            order=self.order,
            forms=tuple(self.forms),
            heads=tuple(self.heads),
            unread=tuple(sorted(self.unread, key=lambda one: one.place.line or 0)),
            decimal_comma=decimal_comma,
        )

    def table(self, grid: Grid) -> bool:
        """Add the rows of a grid; return whether it is a table of answers."""
        columns = columns_of(grid, self.own)
        if columns is None:
            across, bare = turned(grid), headless(grid)
            columns = columns_of(across, self.own)
            if columns is not None:
                grid = replace(across, form=f"{grid.form}, a layer in each column")
            elif bare is not None and (columns := columns_of(bare, self.own)):
                grid = bare
            else:
                return False
        self.forms[grid.form] = None
        reader = _TableReader(grid, columns, self)
        self.heads += reader.heads()
        self.columns |= {*columns.by_name} & {*COLUMNS}
        for cells in grid.rows[: columns.row]:
            text = " | ".join(cell.text for cell in cells if cell.text)
            if re.search(r"\d", text):
                reason = "It stands above the heads of its table."
                self.unread.append(
                    Unread(kind="line", text=text, place=cells[0].place, reason=reason)
                )
        first = len(self.rows)
        for number, cells in enumerate(grid.rows[columns.row + 1 :], columns.row + 1):
            reader.row(number, cells)
        if {cell.text for cell in grid.rows[columns.row]} >= _OWN_CSV and not self.totals:
            self.add_up(self.rows[first:])
        return True

    def add_up(self, rows: Sequence[SheetRow]) -> None:
        """Add the totals of this program's own CSV, which is data and has no row for them."""
        for column in ("weights", "biases", "parameters", "macs", "flops"):
            cells = [row.cells[column] for row in rows if column in row.cells]
            if cells and all(cell.text.isdecimal() for cell in cells):
                total = sum(int(cell.text) for cell in cells)
                self.totals[column] = replace(cells[-1], text=str(total))


def sheet_of(
    grids: Iterable[Grid], file: str, own: Mapping[str, str] | None = None
) -> Sheet | None:
    """Return the answers of several tables together, or None if no heads are known."""
    found = Collected(file, own or {})
    for grid in grids:
        found.table(grid)
    return found.sheet()


# --- rows ----------------------------------------------------------------------------------------


class _TableReader:
    """Reads the rows under the heads of a table."""

    def __init__(self, grid: Grid, columns: Columns, into: Collected) -> None:
        self.grid, self.columns, self.into = grid, columns, into
        self.head = grid.rows[columns.row]
        names = [self.name(cells) for cells in grid.rows[columns.row + 1 :]]
        self.inside = {  # the names of blocks that are open: other rows are of their layers
            name[: match.end()]
            for name in names
            if not _TENSOR.search(name)
            for match in re.finditer(r"\.", name[:LONGEST_NAME])
        }

    def heads(self) -> list[SheetHead]:
        """Return the heads as they are read; columns that are not read are noted."""
        found = []
        for index, cell in enumerate(self.head):
            head, why = self.columns.known.get(index), self.columns.why.get(index)
            if why:
                self.into.unread.append(
                    Unread(kind="column", text=cell.text, place=cell.place, reason=why)
                )
            elif head is not None:
                how = {"key": "the key's own head", "words": "", "near": f"reads {head.meant}"}
                found.append(
                    SheetHead(
                        text=cell.text,
                        place=cell.place,
                        column=head.column,
                        unit=head.unit,
                        how=how[head.how],
                    )
                )
        return found

    def row(self, number: int, cells: Cells) -> None:
        """Add a row, a total, or what cannot be read."""
        if all(is_rule(cell.text) for cell in cells):
            return
        width = len(self.head)
        extra = [cell for cell in cells[width:] if cell.text]
        name = self.name(cells)
        if _TENSOR.search(name):  # the shape of a layer's weights, as fvcore lists it
            self.into.rows.append(SheetRow(name, "", {}, cells[0].place))
            return
        block = self.container(number) or f"{name}." in self.inside
        if extra and not any(re.search(r"\d", cell.text) for cell in extra):
            self.into.unread += [
                Unread(
                    kind="cell", text=cell.text, place=cell.place, reason="No head stands above it."
                )
                for cell in extra
            ]
        elif extra:
            text = " | ".join(cell.text for cell in cells)
            why = f"{len(cells)} cells under {width} heads. Put what has commas in quotes."
            self.lost(name, cells, text, why)
            return
        answers = self.answers(cells)
        said = self.settings(cells)
        named = None if said else re.fullmatch(r"([^\s:]{1,60}):\s+(\S.*)", name)
        if named and not re.fullmatch(r"[\d-]+", named[2]):  # CONV1: 6 5x5 filters at stride 1
            name, said = named[1], named[2]
        kind_word = self.text(cells, TYPE)
        if not (name or kind_word or said) and not any(cell.text for cell in answers.values()):
            return
        filled = {column for column, cell in answers.items() if cell.text not in NOTHING}
        if not (name or kind_word or said) and filled <= _COUNTS and self.into.rows:
            name = "Total"  # a last row without a name
        if is_total(name) or (not name and is_total(kind_word)):
            self.total(name or kind_word, answers)
            return
        name, kind_word = name[:LONGEST_NAME], kind_word[:LONGEST_NAME]
        name = re.sub(r":\s*\d{1,3}-\d{1,4}\Z", "", name)  # torchinfo's place in the tree
        if not re.search(r"[^\W\d_]", name) and kind_word:  # numbered rows are called by their type
            name = kind_word
        call = _CALL.fullmatch(name)
        if call and call[2][0].islower() and kind_of(call[1]):  # Conv2d (conv1)
            name, kind_word = call[2], kind_word or call[1]
        kind = kind_of(kind_word, *([call[2], call[1]] if call else [name]))
        if said:
            where = self.columns.settings[:1] or [self.columns.by_name.get(NAME, 0)]
            answers["settings"] = SheetCell(said, cells[where[0]].place)
        output = answers["output"].text if "output" in answers else ""
        element = element_of(name, kind, said or name, output)
        row = SheetRow(name, kind or "", answers, cells[0].place, element=element, block=block)
        self.into.rows.append(row)

    def container(self, number: int) -> bool:
        """Return whether a row of a tree only names the block of the rows after it."""
        depths = self.grid.depths
        after = depths.get(number + 1, 0)
        return bool(depths) and after > depths.get(number, 0)

    def lost(self, name: str, cells: Cells, text: str, why: str) -> None:
        """Add a row whose cells cannot be told apart: none of them is read."""
        place = cells[0].place
        self.into.unread.append(Unread(kind="line", text=text, place=place, reason=why))
        if is_total(name):
            return
        columns = [column for column in self.columns.by_name if column in COLUMNS]
        columns += ["output"] * bool(self.columns.parts)
        rest = " | ".join(cell.text for cell in cells[1:])
        answers = {column: SheetCell(rest, place, problem=why) for column in columns}
        self.into.rows.append(SheetRow(name, kind_of(name) or "", answers, place))

    def text(self, cells: Cells, column: str) -> str:
        index = self.columns.by_name.get(column)
        return "" if index is None or index >= len(cells) else cells[index].text

    def name(self, cells: Cells) -> str:
        return self.text(cells, NAME)

    def answers(self, cells: Cells) -> dict[str, SheetCell]:
        """Return the answers of a row by column, with the units that the heads give."""
        known = self.columns.known
        found = {
            column: replace(cells[index], unit=known[index].unit)
            for column, index in self.columns.by_name.items()
            if index < len(cells) and column in COLUMNS
        }
        if self.columns.parts and (whole := self.whole(cells)):
            found["output"] = whole
        return found

    def whole(self, cells: Cells) -> SheetCell | None:
        """Return the output that columns for its parts say together."""
        parts = [
            cells[index]
            for part in ("extents", "height", "width", "depth")
            if (index := self.columns.parts.get(part)) is not None and index < len(cells)
        ]
        if not parts:
            return None
        texts = [cell.text for cell in parts if cell.text not in NOTHING]
        if self.columns.parts.keys() == {"extents", "depth"} and len(texts) == 2:
            size = texts[0]
            if re.fullmatch(r"\d{1,6}", size) and size != "1":
                texts[0] = f"{size}x{size}"
        return replace(parts[0], text="x".join(texts))

    def settings(self, cells: Cells) -> str:
        """Return what the columns of settings say together."""
        said = [
            (self.head[index].text, cells[index].text)
            for index in self.columns.settings
            if index < len(cells) and cells[index].text not in NOTHING
        ]
        if len(self.columns.settings) == 1:
            return said[0][1] if said else ""
        return ", ".join(
            f"{re.sub(r'^(?:#|number of|no. of)', '', head.lower()).strip()}={text}"
            for head, text in said
        )

    def total(self, name: str, answers: dict[str, SheetCell]) -> None:
        """Add totals; one number beside a name that says of what it is goes where that says."""
        said = {column: cell for column, cell in answers.items() if cell.text not in NOTHING}
        head = head_of(re.sub(r"(?i)total|sum|overall", "", name).strip(" :*"))
        if head is not None and head.column in COLUMNS and len(said) == 1:
            said = {head.column: next(iter(said.values()))}
        for column, cell in said.items():
            self.into.totals.setdefault(column, cell)
