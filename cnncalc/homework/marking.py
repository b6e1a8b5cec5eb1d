"""Marks a sheet against a key: a verdict for each cell, and what a wrong number may come from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from fractions import Fraction

from cnncalc.errors import Place, did_you_mean
from cnncalc.homework import claims
from cnncalc.homework.answers.quantity import Unreadable
from cnncalc.homework.conventions import Change, others
from cnncalc.homework.judging import Reading, says, too_short
from cnncalc.homework.key import Key, distinct
from cnncalc.homework.layer_truth import Case, Facts, Value, worth
from cnncalc.homework.marks import (
    BLANK,
    CONVENTION,
    CORRECT,
    METHOD,
    UNREADABLE,
    VERDICTS,
    WRONG,
    Mark,
    Marks,
)
from cnncalc.homework.matching import PASSING, plain
from cnncalc.homework.misconceptions import Ways, missummed, wrong
from cnncalc.homework.sheet import Cell, Sheet, SheetRow
from cnncalc.homework.student import Student, read
from cnncalc.homework.verdicts import Other, Truth, judge
from cnncalc.layers import layer_type
from cnncalc.volume import Volume

MOST_SEARCHED = 1_000  # wrong answers of a sheet; more is no homework, and would take long
# What a calculation may be of, the likeliest first.
_WORKED = ("parameters", "weights", "flops", "macs", "biases", "activations", "extents")


def mark(sheet: Sheet, key: Key, *, lenient: bool = False, key_check: bool = False) -> Marks:
    """Return the marks of a sheet.

    `lenient` is for a sheet that has no key beside it: the conventions are those that most of
    its numbers follow, others are right as well, and rows that are missing are not missed.
    `key_check` is for a teacher's own answers: other conventions do not fail, and nothing
    follows from a wrong row.
    """
    marks = _Marker(sheet, key, lenient or key_check, key_check).marks()
    if lenient and not key_check and (changes := followed(marks)):
        rules = key.rules._replace(conventions=key.how._replace(**changes))
        key = Key(key.report, rules, key.label, key.answers)
        marks = _Marker(sheet, key, True, False).marks()
    return marks


def followed(marks: Marks) -> dict[str, str]:
    """Return the changes of convention under which more of a column's numbers are right."""
    right: Counter[str] = Counter()
    other: Counter[tuple[str, Change]] = Counter()
    for mark in marks.all():
        right[mark.column] += mark.verdict == CORRECT and mark.most > 0
        if mark.verdict == CONVENTION and len(mark.changes) == 1:
            other[mark.column, mark.changes[0]] += 1
    return {name: to for (column, (name, to)), n in other.items() if n > right[column]}


class _Marker:
    """One sheet against one key."""

    def __init__(self, sheet: Sheet, key: Key, lenient: bool, key_check: bool) -> None:
        self.sheet, self.key = sheet, key
        self.lenient, self.key_check = lenient, key_check
        self.follow = key.rules.follow and not key_check
        self.student = Student(sheet, key)
        self.searched = 0  # wrong answers for which mistakes were looked for

    def marks(self) -> Marks:
        """Return the marks of the whole sheet."""
        rows: list[tuple[int, str, dict[str, Mark]]] = []
        before = 0
        for number, (line, place) in enumerate(
            zip(self.sheet.rows, self.student.places, strict=True)
        ):
            if place is None:
                rows.append((before, line.name, self.extra_row(number, line, before)))
            else:
                before = place
                rows.append((place, line.name, self.row(number, line, place)))
        if not self.lenient and self.key.rules.missing == "blank" and self.sheet.rows:
            rows += self.missing()
            rows.sort(key=lambda row: row[0])
        totals = {
            column: self.total(column, cell)
            for column, cell in self.sheet.totals.items()
            if not cell.blank and self.key.truth(-1, column) is not None
        }
        columns = self.student.columns
        return Marks(
            self.sheet.file,
            self.key.label,
            self.key.report.name,
            columns,
            tuple((name, marks) for _, name, marks in rows),
            totals,
            self.order(),
            self.key.conventions((*columns, *totals)),
            self.key.rules,
            self.lenient,
            self.key_check,
        )

    def earn(self, mark: Mark) -> Mark:
        """Return the mark with the points of its verdict."""
        share = getattr(self.key.rules.credit, mark.verdict, Fraction(0))
        if mark.verdict == CONVENTION and self.lenient:
            share = Fraction(1)
        return mark._replace(points=mark.most * share)

    # --- rows ------------------------------------------------------------------------------------

    def row(self, number: int, line: SheetRow, place: int) -> dict[str, Mark]:
        """Return the marks of a row, by column."""
        found = {}
        for column in self.student.columns:
            cell = line.cells.get(column)
            if column == "working":
                if working := self.working(number, line, place):
                    found[column] = working
            elif (truth := self.key.truth(place, column)) is not None:
                found[column] = self.cell(number, line, place, column, cell, truth)
        if said := self.settings(line, place):
            found["settings"] = said
        return with_working(found, self.earn)

    def cell(
        self, number: int, line: SheetRow, place: int, column: str, cell: Cell | None, truth: Value
    ) -> Mark:
        """Return the mark of a cell."""
        case = self.key.cases[place]
        points = self.key.points(case.name, column)
        given = truth == 0 or place == 0  # nothing to work out: it is no answer, unless wrong
        most = points if self.key_check or not given else Fraction(0)
        text, where = (cell.text, cell.place) if cell else ("", line.place)
        mark = Mark(
            line.name, case.name, column, text, where, CORRECT, most, most, truth, case=case
        )
        if cell is None or cell.blank:
            if given:
                return mark._replace(points=Fraction(0), most=Fraction(0))
            missed = not self.lenient and self.key.rules.missing == "blank"
            most = most if missed or cell is not None else Fraction(0)
            return self.earn(mark._replace(verdict=BLANK, most=most))
        mark = self.judged(mark, self.student.readings[number, column], place)
        return mark if mark.verdict == CORRECT else self.earn(mark._replace(most=points))

    def judged(self, mark: Mark, reading: Reading | Unreadable, place: int) -> Mark:
        """Return the mark with the verdict on what was read."""
        if isinstance(reading, Unreadable):
            return mark._replace(verdict=UNREADABLE, note=str(reading))
        truth, column = mark.expected, mark.column
        if truth is None:
            return mark
        if column in ("input", "output") and (reason := too_short(reading, truth)):
            return mark._replace(verdict=UNREADABLE, note=reason)
        own = self.student.case(place, column) if self.follow else None
        how = self.key.how
        follows = worth(own, column, how) if own else None

        def follows_others() -> Other:
            return elsewhere(own, column, follows, self.key) if own else []

        def mistakes() -> Ways:
            self.searched += 1
            if self.searched > MOST_SEARCHED:
                return
            yield from self.key.wrong(place, column)
            if own is not None:
                yield from wrong(own, column, self.key.factor)

        mark = mark._replace(own=own, open=self.student.knows(place, column))
        known = self.key.others(place, column)
        held = Truth(truth, known, follows, follows_others, mistakes)
        return judge(mark, reading, held, self.key.how.layout)

    # --- rows that the network does not have, and rows that the sheet does not ------------------

    def extra_row(self, number: int, line: SheetRow, before: int) -> dict[str, Mark]:
        """Return the marks of a row without a layer: a block, a row that passes a volume on, or
        one that is unknown.
        """
        if group := self.key.groups.get(plain(line.name)):
            return self.beside(number, line, group.case, None)
        if line.type in PASSING:
            case = passed(line, self.key.cases[before].output, before)
            volume = self.student.own[before]
            own = passed(line, volume, before) if volume != case.inputs[0] else None
            return self.beside(number, line, case, own)
        names = [name for name, _, usual in self.key.layers if usual]
        note = f"The network has no layer {line.name[:40]!r}.{did_you_mean(line.name, names)}"
        return {
            column: Mark(
                line.name, "", column, cell.text, cell.place, UNREADABLE, Fraction(0),
                self.key.points("", column), note=note,
            )
            for column, cell in line.cells.items()
            if not cell.blank and column in self.student.columns and column != "working"
        }  # fmt: skip

    def beside(self, number: int, line: SheetRow, case: Case, own: Case | None) -> dict[str, Mark]:
        """Return the marks of a row that stands beside those of the network's layers."""
        found = {}
        for column in self.student.columns:
            cell, value = line.cells.get(column), worth(case, column, self.key.how)
            if value is None or cell is None or cell.blank or column == "working":
                continue
            points = self.key.points(line.name, column)
            most = points if value != 0 else Fraction(0)
            mark = Mark(
                line.name, case.name, column, cell.text, cell.place, CORRECT, most, most, value,
                case=case, own=own,
            )  # fmt: skip
            reading = self.student.readings[number, column]
            if isinstance(reading, Unreadable):
                mark = mark._replace(verdict=UNREADABLE, note=str(reading))
            elif column in ("input", "output") and (reason := too_short(reading, value)):
                mark = mark._replace(verdict=UNREADABLE, note=reason)
            else:
                follows = worth(own, column, self.key.how) if own and self.follow else None
                known = elsewhere(case, column, value, self.key)
                held = Truth(value, known, follows, list, lambda: iter(()))
                mark = judge(mark, reading, held, self.key.how.layout)
            found[column] = (
                mark if mark.verdict == CORRECT else self.earn(mark._replace(most=points))
            )
        return found

    def missing(self) -> Iterator[tuple[int, str, dict[str, Mark]]]:
        """Yield blank marks for the layers that the sheet has no row for."""
        closed = [self.key.groups.get(plain(line.name)) for line in self.sheet.rows]
        have = {*self.student.rows, *(i for group in closed if group for i in group.places)}
        for place, case in enumerate(self.key.cases):
            if place and case.has_row and place not in have:
                line = SheetRow(case.name, case.type, {}, Place(self.sheet.file))
                marks = {c: m for c, m in self.row(-1, line, place).items() if m.most}
                if marks:
                    yield place, case.name, marks

    # --- working, settings, totals, the order of kinds ------------------------------------------

    def working(self, number: int, line: SheetRow, place: int) -> Mark | None:
        """Return the mark of a calculation, which may be of any count of its row.

        Where no points are given for it, what is no calculation is left alone.
        """
        cell = line.cells.get("working")
        if cell is None or cell.blank:
            return None
        case = self.key.cases[place]
        points = self.key.points(case.name, "working")
        mark = Mark(
            line.name, case.name, "working", cell.text, cell.place, CORRECT, points, points,
            case=case,
        )  # fmt: skip
        reading = self.student.readings[number, "working"]
        if isinstance(reading, Unreadable):
            return mark._replace(verdict=UNREADABLE, note=str(reading)) if points else None
        tried = []
        for column in _WORKED:
            truth = self.key.truth(place, column)
            if truth is None or (column != "parameters" and truth == 0):
                continue
            truth = truth[0] if isinstance(truth, tuple) else truth
            one = mark._replace(column=column, expected=truth)
            tried.append(self.judged(one, reading, place)._replace(column="working"))
        return self.earn(min(tried, key=lambda one: VERDICTS.index(one.verdict), default=mark))

    def settings(self, line: SheetRow, place: int) -> Mark | None:
        """Return the mark of what a row says its layer is; nothing unless that is wrong."""
        cell, case = line.cells.get("settings"), self.key.cases[place]
        if cell is None or line.element is None or case.layer is None:
            return None
        note = claims.differs(line.element, case)
        if not note:
            return None
        points = self.key.points(case.name, "settings")
        return self.earn(
            Mark(line.name, case.name, "settings", cell.text, cell.place, WRONG, points, points,
                 note=note)
        )  # fmt: skip

    def total(self, column: str, cell: Cell) -> Mark:
        """Return the mark of a total: right, or the sum of the student's own rows."""
        points = self.key.points("total", column)
        mark = Mark("TOTAL", "TOTAL", column, cell.text, cell.place, CORRECT, points, points)
        reading = read(cell, "activations" if column == "peak" else column)
        if isinstance(reading, Unreadable):
            return mark._replace(verdict=UNREADABLE, note=str(reading))
        counted = column
        if column == "activations" and reading.answer and reading.answer.quantity.unit == "byte":
            counted = "memory"
        truth = self.key.truth(-1, counted)
        if truth is None:
            return mark
        sums = list(self.student.sums(column)) if self.student.answered(column) else []
        follows = next(
            (s for s in sums if self.follow and says(reading, s, column, total=True) != "no"), None
        )
        known = self.key.others(-1, counted)

        def mistakes() -> Ways:
            yield from self.key.wrong(-1, counted)
            for whole in sums:
                yield from missummed(whole, column, self.key.parts(counted))

        held = Truth(truth, known, follows, list, mistakes, self.student.answered(column))
        mark = judge(mark._replace(expected=truth), reading, held, self.key.how.layout)
        return mark if mark.verdict == CORRECT else self.earn(mark)

    def order(self) -> Mark | None:
        """Return the mark of a claim about the order of kinds."""
        cell = self.sheet.order
        if cell is None:
            return None
        points = self.key.points("order", "order")
        note = claims.order_differs(cell.text, [case.type for case in self.key.cases[1:]])
        verdict = WRONG if note else CORRECT
        return self.earn(
            Mark(
                "ORDER", "ORDER", "order", cell.text, cell.place, verdict, points, points, note=note
            )
        )


def elsewhere(case: Case, column: str, value: Value | None, key: Key) -> Other:
    """Return the values of a case's column under other conventions than the key's."""
    return distinct(((c, worth(case, column, how)) for c, how in others(column, key.how)), value)


def passed(line: SheetRow, volume: Volume, before: int) -> Case:
    """Return the case of a row that passes a volume on."""
    layer = layer_type(line.type)()
    output = layer.output(volume)
    facts = Facts(cost=layer.cost(output, volume))
    return Case(
        line.name, line.type, layer, (volume,), output, facts, (before,), (), None, None, None,
        True, 4,
    )  # fmt: skip


def with_working(marks: dict[str, Mark], earn: Callable[[Mark], Mark]) -> dict[str, Mark]:
    """Return a row's marks, where right working speaks for a wrong product."""
    working, result = marks.get("working"), marks.get("parameters")
    if working is None or result is None or result.verdict != WRONG:
        return marks
    if working.verdict in (WRONG, UNREADABLE) or working.expected != result.expected:
        return marks
    result = result._replace(verdict=METHOD, note="product", explanations=())
    return {**marks, "parameters": earn(result)}
