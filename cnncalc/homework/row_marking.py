"""Marks a row of a sheet against its layer: each cell, a calculation, the layer's settings."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from cnncalc.homework import claims, grading
from cnncalc.homework.agreement import agreement
from cnncalc.homework.cases import Case
from cnncalc.homework.follow_through import following
from cnncalc.homework.layer_truth import Value
from cnncalc.homework.marks import Mark
from cnncalc.homework.misconceptions import (
    WrongValue,
    WrongValues,
    copied,
    last_resort,
    wrong_values,
)
from cnncalc.homework.parsed_cells import ParsedCell, missing_numbers
from cnncalc.homework.sheet import SheetRow
from cnncalc.homework.student_sheet import Cell, StudentRow, StudentSheet
from cnncalc.homework.verdicts import Alternative, Expectation, Judgement, Verdict, judge

MOST_SEARCHED = 1_000  # wrong answers of a sheet; more is no homework, and would take long
# What a calculation may be of, the likeliest first.
_CALCULATED = ("parameters", "weights", "flops", "macs", "biases", "activations", "extents")


class RowMarker:
    """Marks the rows of a sheet that are about a layer, and gives every mark its points."""

    def __init__(self, student: StudentSheet, *, lenient: bool, key_check: bool) -> None:
        self.student, self.key = student, student.key
        self.lenient, self.key_check = lenient, key_check
        # Whether what follows from the student's own rows is right.
        self.follow = self.key.rules.follow_through and not key_check
        self.charged: frozenset[Cell] = frozenset()  # the errors without cost that have cost since
        self.searched = 0  # wrong answers for which mistakes were looked for

    def judgement(self, parsed: ParsedCell, expected: Expectation, column: str) -> Judgement:
        """Return the verdict on what was parsed in a column."""
        problem = parsed.problem
        if not problem and column in ("input", "output"):
            flat = column == "input" and agreement(parsed, expected.value, column) == "exact"
            problem = "" if flat else missing_numbers(parsed, expected.value)
        if problem:
            return Judgement(verdict=Verdict.UNREAD, note=problem)
        return self.judged(parsed, expected, column)

    def judged(self, parsed: ParsedCell, expected: Expectation, column: str) -> Judgement:
        """Return the verdict; a bracket is a remark or a factor, whichever is right."""
        layout, number = self.key.conventions.layout, parsed.number
        found = judge(parsed, expected, column, layout)
        if number is None or number.plain is None or found.verdict != Verdict.WRONG:
            return found
        plain = ParsedCell(number=replace(number, quantity=number.plain, plain=None))
        found = judge(plain, expected, column, layout)
        if number.remark is None or found.verdict != Verdict.WRONG:
            return found
        remark = ParsedCell(number=replace(number, quantity=number.remark, plain=None))
        if judge(remark, expected, column, layout).verdict in (Verdict.CORRECT, Verdict.FOLLOWS):
            return Judgement(verdict=Verdict.METHOD, detail="product")
        return found

    def worth(self, index: int, column: str) -> Fraction:
        """Return the points of a layer's cell: none where it is not asked for."""
        if (index, column) not in self.student.asked:
            return Fraction(0)
        return self.key.points(self.key.cases[index].row.name, column)

    def graded(self, one: Mark, found: Judgement) -> Mark:
        """Return a mark with its verdict, and the points that this earns."""
        return replace(
            one,
            verdict=found.verdict,
            changes=found.changes,
            detail=found.detail,
            mistakes=found.mistakes,
            note=found.note,
            points=one.most * grading.share(found.verdict, self.key.rules, self.lenient),
        )

    def row(self, row: StudentRow, index: int) -> dict[str, Mark]:
        """Return the marks of a row about a layer, by column."""
        found = {}
        for column in self.student.columns:
            if column == "working":
                if calculation := self.calculation(row, index):
                    found[column] = calculation
            else:
                counted = "output" if self.is_whole(row, index, column) else column
                if (truth := self.key.truth(index, counted)) is not None:
                    found[column] = self.cell(row, index, column, truth, counted)
        if settings := self.settings(row.sheet_row, index):
            found["settings"] = settings
        return self.with_calculation(found)

    def is_whole(self, row: StudentRow, index: int, column: str) -> bool:
        """Return whether a cell under spatial sizes has a whole volume, with its depth."""
        parsed, output = row.parsed.get(column), self.key.cases[index].row.output
        if column != "extents" or parsed is None or parsed.volume is None:
            return False
        return len(parsed.volume.numbers) > len(output.extents)

    def cell(self, row: StudentRow, index: int, column: str, truth: Value, counted: str) -> Mark:
        """Return the mark of one cell of a layer's row, whose answer counts as of a column."""
        case, cell = self.key.cases[index], row.sheet_row.cells.get(column)
        blank = cell is None or cell.blank
        own = None if blank else self.student.own_case(index, counted)
        one = Mark(
            row=row.sheet_row.name,
            layer=case.row.name,
            column=column,
            text=cell.text if cell else "",
            place=cell.place if cell else row.sheet_row.place,
            most=self.worth(index, column),
            expected=truth,
            case=case,
            own_case=own,
            volumes_known=self.student.knows_volumes(index, counted),
            counted=counted if counted != column else "",
        )
        if not blank:
            expected = self.expectation(index, counted, truth, own)
            # Behind layers that enlarge, what some of the units see is right, too.
            least = case.row.receptive_field.smallest if column == "receptive_field" else None
            if least is not None and agreement(row.parsed[column], least, column) == "exact":
                expected = replace(expected, value=least)
            in_place = case.row.activations == 0 and column in ("activations", "memory")
            if in_place and agreement(row.parsed[column], 0, column) == "exact":
                expected = replace(expected, value=0)  # an activation function adds no values
            found = self.judgement(row.parsed[column], expected, counted)
            return self.graded(one, self.paid(found, index, column) if one.most else found)
        if self.student.asks_own and cell is None:
            one = replace(one, most=Fraction(0))
        given = truth == 0 or index == 0
        return self.graded(one, Judgement(verdict=Verdict.CORRECT if given else Verdict.BLANK))

    def paid(self, found: Judgement, index: int, column: str) -> Judgement:
        """Return a judgement, which is wrong where it first follows from an error without cost.

        An error costs once: in a cell that is worth no points it would cost nothing at all.
        """
        unpaid = self.student.free_roots(index, column) - self.charged
        if not unpaid or (found.verdict != Verdict.FOLLOWS and found.detail != "follows"):
            return found
        self.charged |= unpaid
        note = "It follows from a volume of your own that earns no points: the error counts here."
        return Judgement(verdict=Verdict.WRONG, note=note)

    def expectation(self, index: int, column: str, truth: Value, own: Case | None) -> Expectation:
        """Return the values that an answer is compared with; `own`: the layer on own volumes."""
        own = own if self.follow else None

        def following_alternatives() -> list[Alternative]:
            return self.key.alternatives_of(own, column) if own else []

        def wrong() -> WrongValues:
            self.searched += 1
            if self.searched > MOST_SEARCHED:
                return
            yield from self.key.wrong_values(index, column)
            if own is not None:
                yield from wrong_values(own, column, self.key.macs_factor)
            if (above := self.student.above(index, column)) is not None:
                yield WrongValue(above, (copied(column),))

        return Expectation(
            value=truth,
            alternatives=self.key.alternatives(index, column),
            following=following(self.student, index, column) if self.follow else (),
            following_alternatives=following_alternatives,
            wrong_values=wrong,
            last_resort=lambda number: last_resort(self.key.cases[index], column, number),
        )

    def calculation(self, row: StudentRow, index: int) -> Mark | None:
        """Return the mark of a calculation, which may be of any count of its row.

        Where no points are given for it, text that is no calculation gets no mark.
        """
        cell, case = row.sheet_row.cells.get("working"), self.key.cases[index]
        blank = cell is None or cell.blank
        if blank and not self.worth(index, "working"):
            return None
        one = Mark(
            row=row.sheet_row.name,
            layer=case.row.name,
            column="working",
            text=cell.text if cell else "",
            place=cell.place if cell else row.sheet_row.place,
            most=self.worth(index, "working"),
            case=case,
        )
        if blank:
            return self.graded(one, Judgement(verdict=Verdict.BLANK))
        parsed = row.parsed["working"]
        if parsed.problem:
            found = Judgement(verdict=Verdict.UNREAD, note=parsed.problem)
            return self.graded(one, found) if one.most else None
        tried: list[tuple[Mark, Judgement]] = []
        for column in _CALCULATED:
            truth = self.key.truth(index, column)
            if truth is None or (column != "parameters" and truth == 0):
                continue
            own = self.student.own_case(index, column)
            truth = truth[0] if isinstance(truth, tuple) else truth
            counted = replace(
                one,
                counted=column,
                expected=truth,
                own_case=own,
                volumes_known=self.student.knows_volumes(index, column),
            )
            expected = self.expectation(index, column, truth, own)
            tried.append((counted, self.judgement(parsed, expected, column)))
        best_first = list(Verdict)
        return self.graded(*min(tried, key=lambda each: best_first.index(each[1].verdict)))

    def settings(self, row: SheetRow, index: int) -> Mark | None:
        """Return the mark of a described layer, if it is another than the network's."""
        cell, case = row.cells.get("settings"), self.key.cases[index]
        if cell is None or row.element is None:
            return None
        note = claims.differs(row.element, case)
        if not note:
            return None
        one = Mark(
            row=row.name,
            layer=case.row.name,
            column="settings",
            text=cell.text,
            place=cell.place,
            most=self.key.points(case.row.name, "settings"),
        )
        return self.graded(one, Judgement(verdict=Verdict.WRONG, note=note))

    def with_calculation(self, marks: dict[str, Mark]) -> dict[str, Mark]:
        """Return a row's marks, where a right calculation speaks for a wrong product."""
        calculation, result = marks.get("working"), marks.get("parameters")
        if calculation is None or result is None or result.verdict != Verdict.WRONG:
            return marks
        right = calculation.verdict not in (Verdict.WRONG, Verdict.UNREAD)
        if not right or calculation.expected != result.expected:
            return marks
        result = self.graded(result, Judgement(verdict=Verdict.METHOD, detail="product"))
        return {**marks, "parameters": result}
