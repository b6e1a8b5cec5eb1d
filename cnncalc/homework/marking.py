"""Marks a sheet against a key: a verdict for each cell, and what a wrong number may come from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

from cnncalc.errors import Place, did_you_mean
from cnncalc.homework import claims
from cnncalc.homework.cases import Case, passing_case
from cnncalc.homework.conventions import OptionChange, changed
from cnncalc.homework.evidence import ranked
from cnncalc.homework.key import Key
from cnncalc.homework.key_lint import mixed_conventions
from cnncalc.homework.layer_truth import true_value
from cnncalc.homework.marks import ORDER, TOTAL, Mark, MarkedRow, Marks
from cnncalc.homework.matching import passing_types
from cnncalc.homework.misconceptions import WrongValues, wrong_sums
from cnncalc.homework.reading import reading_of
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
        self.student = StudentSheet(sheet, key, asks_own=lenient or key_check)
        self.row_marker = RowMarker(self.student, lenient=lenient, key_check=key_check)

    def marks(self) -> Marks:
        """Return the marks of the whole sheet."""
        rows: list[tuple[int, MarkedRow]] = []
        before = 0
        for row in self.student.rows:
            if row.index is not None:
                found = self.row_marker.row(row, row.index)
            else:
                found = self.row_without_layer(row, before)
            before = row.matched.indices[-1] if row.matched.indices else before
            rows.append((before, MarkedRow(row.sheet_row.name, found)))
        if not self.student.asks_own:
            rows += self.missing()
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

    def row_without_layer(self, row: StudentRow, before: int) -> dict[str, Mark]:
        """Return the marks of a row about several layers, about one that only passes on the volume
        of the row before, or about nothing that the network has.
        """
        name, type = row.sheet_row.name, row.sheet_row.type
        if indices := row.matched.indices:
            return self.beside(row, self.key.together(indices), None, indices)
        if type in passing_types():
            last = self.key.cases[before].row
            case = passing_case(name, type, last, last.output)
            own = passing_case(name, type, last, self.student.own[before])
            return self.beside(row, case, None if own.row.inputs == case.row.inputs else own)
        names = [layer.name for layer in self.key.layers if layer.shown]
        note = f"The network has no layer {name[:40]!r}.{did_you_mean(name, names)}"
        return self.unread(row, note, self.student.perhaps.get(id(row)))

    def unread(self, row: StudentRow, note: str, index: int | None) -> dict[str, Mark]:
        """Return the marks of a row that cannot be matched; `index` is of the layer left for it."""
        marks = {}
        for column in self.student.columns:
            worth = Fraction(0) if index is None else self.row_marker.worth(index, column)
            cell = row.sheet_row.cells.get(column)
            blank = cell is None or cell.blank
            if (blank and not worth) or column == "working":
                continue
            one = Mark(
                row=row.sheet_row.name,
                layer="" if index is None else self.key.cases[index].row.name,
                column=column,
                text="" if cell is None else cell.text,
                place=row.sheet_row.place if cell is None else cell.place,
                most=worth,
            )
            found = Judgement(verdict=Verdict.BLANK if blank else Verdict.UNREAD, note=note)
            marks[column] = self.row_marker.graded(one, found)
        return marks

    def beside(
        self, row: StudentRow, case: Case, own: Case | None, indices: Sequence[int] = ()
    ) -> dict[str, Mark]:
        """Return the marks of a row that stands for several layers, or for none of the network's.

        `indices` are of the layers that it stands for: it is worth as much as all of them.
        """
        marks = {}
        conventions = self.key.conventions
        alone = [index for index in indices if index not in self.student.by_index]
        for column in self.student.columns:
            parsed, value = row.parsed.get(column), true_value(case, column, conventions)
            worth = sum((self.row_marker.worth(index, column) for index in alone), Fraction(0))
            if self.student.asks_own and value:
                worth = self.key.points(row.sheet_row.name, column)
            if value is None or (parsed is None and not worth):
                continue
            cell = row.sheet_row.cells.get(column)
            one = Mark(
                row=row.sheet_row.name,
                layer=case.row.name,
                column=column,
                text=cell.text if cell else "",
                place=cell.place if cell else row.sheet_row.place,
                most=worth,
                expected=value,
                case=case,
                own_case=own,
            )
            if parsed is None:
                marks[column] = self.row_marker.graded(one, Judgement(verdict=Verdict.BLANK))
                continue
            follow = own if self.row_marker.follow else None
            follows = true_value(follow, column, conventions) if follow else None
            expected = Expectation(
                value=value,
                alternatives=self.key.alternatives_of(case, column),
                following=() if follows is None else (follows,),
            )
            found = self.row_marker.judgement(parsed, expected, column)
            marks[column] = self.row_marker.graded(one, found)
        return marks

    def missing(self) -> Iterator[tuple[int, MarkedRow]]:
        """Yield blank marks for the layers that the sheet has no row for."""
        have = {index for row in self.student.rows for index in row.matched.indices}
        have |= {*self.student.perhaps.values()}
        for index in sorted(self.student.asked.rows - have):
            case = self.key.cases[index]
            row = SheetRow(case.row.name, case.row.type, {}, Place(self.sheet.file))
            marks = self.row_marker.row(StudentRow(row, index, {}), index)
            asked = {column: one for column, one in marks.items() if one.most}
            if asked:
                yield index, MarkedRow(case.row.name, asked)

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
