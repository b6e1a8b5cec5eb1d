"""Marks a sheet against a key: a verdict for each cell, and what a wrong number may come from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from cnncalc.errors import Place, did_you_mean
from cnncalc.homework import claims
from cnncalc.homework.agreement import agreement
from cnncalc.homework.cases import Case, passing_case
from cnncalc.homework.conventions import OptionChange, changed
from cnncalc.homework.key import Key
from cnncalc.homework.layer_truth import true_value
from cnncalc.homework.marks import ORDER, TOTAL, Mark, MarkedRow, Marks
from cnncalc.homework.matching import normalized, passing_types
from cnncalc.homework.misconceptions import WrongValues, wrong_sums
from cnncalc.homework.parsed_cells import parse_cell
from cnncalc.homework.row_marking import RowMarker
from cnncalc.homework.sheet import Sheet, SheetCell, SheetRow
from cnncalc.homework.student_sheet import StudentRow, StudentSheet
from cnncalc.homework.verdicts import Expectation, Judgement, Verdict


def mark(sheet: Sheet, key: Key, *, lenient: bool = False, key_check: bool = False) -> Marks:
    """Return the marks of a sheet.

    `lenient` is for a sheet that has no key beside it: the conventions are those that most of
    its numbers follow, others are right as well, and rows that are missing are not missed.
    `key_check` is for a teacher's own answers: other conventions do not fail, and nothing
    follows from a wrong row.
    """
    marks = _SheetMarker(sheet, key, lenient=lenient or key_check, key_check=key_check).marks()
    if lenient and not key_check and (changes := usual_changes(marks)):
        rules = replace(key.rules, conventions=changed(key.conventions, changes))
        key = Key(key.report, rules, key.label, key.answers)
        marks = _SheetMarker(sheet, key, lenient=True, key_check=False).marks()
    return marks


def usual_changes(marks: Marks) -> tuple[OptionChange, ...]:
    """Return the changes of convention under which more of a column's numbers are right."""
    right: Counter[str] = Counter()
    other: Counter[tuple[str, OptionChange]] = Counter()
    for one in marks.all():
        right[one.column] += one.verdict == Verdict.CORRECT and one.most > 0
        if one.verdict == Verdict.CONVENTION and len(one.changes) == 1:
            other[one.column, one.changes[0]] += 1
    found = {
        change.convention: change
        for (column, change), count in other.items()
        if count > right[column]
    }
    return tuple(found.values())


class _SheetMarker:
    """One sheet against one key."""

    def __init__(self, sheet: Sheet, key: Key, *, lenient: bool, key_check: bool) -> None:
        self.sheet, self.key = sheet, key
        self.student = StudentSheet(sheet, key)
        self.row_marker = RowMarker(self.student, lenient=lenient, key_check=key_check)

    def marks(self) -> Marks:
        """Return the marks of the whole sheet."""
        rows: list[tuple[int, MarkedRow]] = []
        before = 0
        for row in self.student.rows:
            if row.index is not None:
                before = row.index
                found = self.row_marker.row(row, row.index)
            else:
                found = self.row_without_layer(row, before)
            rows.append((before, MarkedRow(row.sheet_row.name, found)))
        if self.row_marker.blanks_count and self.sheet.rows:
            rows += self.missing()
            rows.sort(key=lambda row: row[0])
        totals = {
            column: self.total(column, cell)
            for column, cell in self.sheet.totals.items()
            if not cell.blank and self.key.truth(-1, column) is not None
        }
        columns = self.student.columns
        return Marks(
            file=self.sheet.file,
            key=self.key.label,
            name=self.key.report.name,
            columns=columns,
            rows=tuple(row for _, row in rows),
            totals=totals,
            order=self.order(),
            conventions=self.key.named_conventions((*columns, *totals)),
            rules=self.key.rules,
            lenient=self.row_marker.lenient,
            key_check=self.row_marker.key_check,
        )

    def row_without_layer(self, row: StudentRow, before: int) -> dict[str, Mark]:
        """Return the marks of a row about a block, about a layer that only passes on the volume
        of the row before, or about nothing that the network has.
        """
        name, type = row.sheet_row.name, row.sheet_row.type
        if block := self.key.blocks.get(normalized(name)):
            return self.beside(row, block.case, None)
        if type in passing_types():
            last = self.key.cases[before].row
            case = passing_case(name, type, last, last.output)
            own = passing_case(name, type, last, self.student.own[before])
            return self.beside(row, case, None if own.row.inputs == case.row.inputs else own)
        names = [layer.name for layer in self.key.layers if layer.shown]
        note = f"The network has no layer {name[:40]!r}.{did_you_mean(name, names)}"
        found = Judgement(verdict=Verdict.UNREADABLE, note=note)
        marks = {}
        for column, cell in row.sheet_row.cells.items():
            if cell.blank or column not in self.student.columns or column == "working":
                continue
            one = Mark(
                row=name,
                layer="",
                column=column,
                text=cell.text,
                place=cell.place,
                most=self.key.points("", column),
            )
            marks[column] = self.row_marker.graded(one, found)
        return marks

    def beside(self, row: StudentRow, case: Case, own: Case | None) -> dict[str, Mark]:
        """Return the marks of a row that stands beside those of the network's layers."""
        marks = {}
        conventions, follow = self.key.conventions, own if self.row_marker.follow else None
        for column in self.student.columns:
            parsed, value = row.parsed.get(column), true_value(case, column, conventions)
            if parsed is None or value is None:
                continue
            cell = row.sheet_row.cells[column]
            one = Mark(
                row=row.sheet_row.name,
                layer=case.row.name,
                column=column,
                text=cell.text,
                place=cell.place,
                most=self.key.points(row.sheet_row.name, column),
                expected=value,
                case=case,
                own_case=own,
            )
            expected = Expectation(
                value=value,
                alternatives=self.key.alternatives_of(case, column),
                follow_through=true_value(follow, column, conventions) if follow else None,
            )
            found = self.row_marker.judgement(parsed, expected, column)
            marks[column] = self.row_marker.graded(one, found, given=value == 0)
        return marks

    def missing(self) -> Iterator[tuple[int, MarkedRow]]:
        """Yield blank marks for the layers that the sheet has no row for."""
        have = set(self.student.by_index)
        for row in self.sheet.rows:
            if block := self.key.blocks.get(normalized(row.name)):
                have |= {*block.indices}
        for index, case in enumerate(self.key.cases):
            if not index or not case.shown or index in have:
                continue
            row = SheetRow(case.row.name, case.row.type, {}, Place(self.sheet.file))
            marks = self.row_marker.row(StudentRow(row, index, {}), index)
            asked = {column: one for column, one in marks.items() if one.most}
            if asked:
                yield index, MarkedRow(case.row.name, asked)

    def total(self, column: str, cell: SheetCell) -> Mark:
        """Return the mark of a total: right, or the sum of the student's own rows."""
        parsed = parse_cell(cell, "activations" if column == "peak" else column)
        number = parsed.number
        in_bytes = number is not None and number.quantity.unit == "byte"
        counted = "memory" if column == "activations" and in_bytes else column
        truth = self.key.truth(-1, counted)
        assert truth is not None  # asked for totals alone; memory has one where activations do
        one = Mark(
            row=TOTAL,
            layer=TOTAL,
            column=column,
            text=cell.text,
            place=cell.place,
            most=self.key.points("total", column),
            expected=truth,
        )
        answered = self.student.answered(column)
        sums = list(self.student.sums(column)) if answered else []
        agreeing = (n for n in sums if agreement(parsed, n, column, total=True) != "none")

        def wrong() -> WrongValues:
            yield from self.key.wrong_values(-1, counted)
            for number in sums:
                yield from wrong_sums(number, column, self.key.parts(counted))

        expected = Expectation(
            value=truth,
            alternatives=self.key.alternatives(-1, counted),
            follow_through=next(agreeing, None) if self.row_marker.follow else None,
            wrong_values=wrong,
            rows=answered,
        )
        return self.row_marker.graded(one, self.row_marker.judgement(parsed, expected, column))

    def order(self) -> Mark | None:
        """Return the mark of a claim about the order of layer types."""
        cell = self.sheet.order
        if cell is None:
            return None
        note = claims.order_differs(cell.text, [case.row.type for case in self.key.cases[1:]])
        one = Mark(
            row=ORDER,
            layer=ORDER,
            column="order",
            text=cell.text,
            place=cell.place,
            most=self.key.points("order", "order"),
        )
        verdict = Verdict.WRONG if note else Verdict.CORRECT
        return self.row_marker.graded(one, Judgement(verdict=verdict, note=note))
