"""Marks a sheet against a key: a verdict for each cell, and what a wrong number may come from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from cnncalc.errors import Place
from cnncalc.homework import claims
from cnncalc.homework.added_up import with_parameters
from cnncalc.homework.conventions import OptionChange, changed
from cnncalc.homework.evidence import ranked
from cnncalc.homework.key import Key
from cnncalc.homework.key_lint import mixed_conventions
from cnncalc.homework.marks import ORDER, TOTAL, Mark, MarkedRow, Marks
from cnncalc.homework.misconceptions import WrongValues, wrong_sums
from cnncalc.homework.other_rows import OtherRows
from cnncalc.homework.reading import reading_of
from cnncalc.homework.row_marking import RowMarker
from cnncalc.homework.sheet import Sheet, SheetCell
from cnncalc.homework.student_sheet import StudentSheet
from cnncalc.homework.verdicts import Expectation, Judgement, Verdict


def mark(sheet: Sheet, key: Key, *, lenient: bool = False, key_check: bool = False) -> Marks:
    """Return the marks of a sheet.

    `lenient` is for a sheet that has no key beside it: the conventions are those that most of
    its numbers follow, others are right as well, and rows that are missing are not missed.
    `key_check` is for a teacher's own answers: other conventions do not fail, and nothing
    follows from a wrong row.
    """
    if not (lenient or key_check):
        sheet = with_parameters(sheet, key)
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
        self.student = StudentSheet(sheet, key, asks_own=lenient or key_check)
        self.row_marker = RowMarker(self.student, lenient=lenient, key_check=key_check)
        self.others = OtherRows(self.row_marker, sheet.file)

    def marks(self) -> Marks:
        """Return the marks of the whole sheet."""
        rows: list[tuple[int, MarkedRow]] = []
        before = 0
        for row in self.student.rows:
            if row.index is not None:
                found = self.others.once(row, self.row_marker.row(row, row.index))
            else:
                found = self.others.without_layer(row, before)
            before = row.matched.indices[-1] if row.matched.indices else before
            rows.append((before, MarkedRow(row.sheet_row.name, found)))
        if not self.student.asks_own:
            rows += self.others.missing()
            rows.sort(key=lambda row: row[0])
        totals = dict(self.totals())
        columns = self.student.columns
        marks = Marks(
            file=self.sheet.file,
            key=self.key.label,
            name=self.key.report.title,
            columns=columns,
            rows=tuple(ranked([row for _, row in rows], self.key)),
            totals=totals,
            order=self.order(),
            conventions=self.key.named_conventions((*columns, *totals)),
            rules=self.key.rules,
            lenient=self.row_marker.lenient,
            key_check=self.row_marker.key_check,
            reading=reading_of(self.student, self.sheet),
        )
        if not self.row_marker.key_check:
            return marks
        return replace(marks, mixed=mixed_conventions(marks.all(), self.key))

    def totals(self) -> Iterator[tuple[str, Mark]]:
        """Yield the marks of totals: those on the sheet, and those that are asked for."""
        for column, cell in self.sheet.totals.items():
            if not cell.blank and self.key.truth(-1, column) is not None:
                yield column, self.total(column, cell)
        for column in self.student.asked.columns:
            found = self.sheet.totals.get(column)
            if (found is None or found.blank) and (-1, column) in self.student.asked:
                if self.student.asks_own and found is None:
                    continue
                one = Mark(
                    row=TOTAL,
                    layer=TOTAL,
                    column=column,
                    text="",
                    place=found.place if found else Place(self.sheet.file),
                    most=self.key.points("total", column),
                    expected=self.key.truth(-1, column),
                )
                yield column, self.row_marker.graded(one, Judgement(verdict=Verdict.BLANK))

    def total(self, column: str, cell: SheetCell) -> Mark:
        """Return the mark of a total: right, or the sum of the student's own rows."""
        parsed = self.student.totals[column]
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
            most=self.total_worth(column),
            expected=truth,
        )
        answered = self.student.answered(column)
        sums = list(self.student.sums(column)) if answered else []

        def wrong() -> WrongValues:
            yield from self.key.wrong_values(-1, counted)
            for number in sums:
                yield from wrong_sums(number, column, self.key.parts(counted))

        expected = Expectation(
            value=truth,
            alternatives=self.key.alternatives(-1, counted),
            following=tuple(sums) if self.row_marker.follow else (),
            wrong_values=wrong,
            rows=answered,
        )
        return self.row_marker.graded(one, self.row_marker.judgement(parsed, expected, column))

    def total_worth(self, column: str) -> Fraction:
        """Return the points of a total: none where it is not asked for."""
        asked = self.student.asks_own or (-1, column) in self.student.asked
        return self.key.points("total", column) if asked else Fraction(0)

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
