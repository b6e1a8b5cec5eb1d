"""Marks a sheet against a key: a verdict for each cell, and what a wrong number may come from.

The order is: right; right under another convention; right given the student's own earlier
rows; rounded too far; and only then wrong, with every mistake that leads to the number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import NamedTuple

from cnncalc.errors import Place, did_you_mean
from cnncalc.homework import claims
from cnncalc.homework.case import Case, Facts, Value, worth
from cnncalc.homework.conventions import Change, others
from cnncalc.homework.judging import Reading, says, slip, too_short, written
from cnncalc.homework.key import Key, distinct
from cnncalc.homework.marks import (
    BLANK,
    CONVENTION,
    CORRECT,
    FOLLOWS,
    METHOD,
    ROUNDED,
    UNREADABLE,
    VERDICTS,
    WRONG,
    Mark,
    Marks,
    code_of,
)
from cnncalc.homework.matching import PASSING
from cnncalc.homework.misconceptions import Explanation, Ways, wrong
from cnncalc.homework.numbers import Quantity, Unreadable
from cnncalc.homework.sheet import Cell, Line, Sheet
from cnncalc.homework.student import Student, read
from cnncalc.layers import layer_type
from cnncalc.volume import Volume

_LETTER = {
    "flops": "F", "macs": "F", "additions": "F", "output": "S", "input": "S", "extents": "S",
    "receptive_field": "R", "step": "R", "memory": "M", "activations": "M", "peak": "M",
}  # fmt: skip
# What a calculation may be of, the likeliest first.
_WORKED = ("parameters", "weights", "flops", "macs", "biases", "activations", "extents")
_GUESS = Explanation(
    "P-GUESS", "an estimate", "What does each row come to, and all of them together?"
)

Other = list[tuple[tuple[Change, ...], Value]]


def mark(sheet: Sheet, key: Key, *, lenient: bool = False, key_check: bool = False) -> Marks:
    """Return the marks of a sheet.

    `lenient` is for a sheet that has no key beside it and declares nothing: other conventions
    are right as well, and rows that are missing are not missed. `key_check` is for a
    teacher's own answers: as lenient, and nothing follows from a wrong row.
    """
    return _Marker(sheet, key, lenient or key_check, key_check).marks()


class _Truth(NamedTuple):
    """What an answer is held against: the truth, and what may stand in for it.

    `others` are values under other conventions; `follows` the value given the student's own
    rows, `follows_others` that under other conventions; `mistakes` the wrong values.
    """

    value: Value
    others: Other
    follows: Value | None
    follows_others: Callable[[], Other]
    mistakes: Callable[[], Ways]
    total: bool = False


class _Marker:
    """One sheet against one key."""

    def __init__(self, sheet: Sheet, key: Key, lenient: bool, key_check: bool) -> None:
        self.sheet, self.key = sheet, key
        self.lenient, self.key_check = lenient, key_check
        self.student = Student(sheet, key)

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
                before = max(before, place)
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

    def row(self, number: int, line: Line, place: int) -> dict[str, Mark]:
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
        self, number: int, line: Line, place: int, column: str, cell: Cell | None, truth: Value
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
            most = most if missed or (cell is not None and self.lenient) else Fraction(0)
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
        own = None if self.key_check else self.student.case(place, column)
        how = self.key.how
        follows = worth(own, column, how) if own else None

        def follows_others() -> Other:
            return elsewhere(own, column, follows, self.key) if own else []

        def mistakes() -> Ways:
            yield from self.key.wrong(place, column)
            if own is not None:
                yield from wrong(own, column, self.key.factor)

        mark = mark._replace(own=own, open=self.student.knows(place, column))
        known = self.key.others(place, column)
        return self.verdict(mark, reading, _Truth(truth, known, follows, follows_others, mistakes))

    def verdict(self, mark: Mark, reading: Reading, truth: _Truth) -> Mark:
        """Return the mark with the first verdict that fits, in the order of this module's head."""

        def said(value: Value | None) -> str:
            if value is None:
                return "no"
            return says(reading, value, mark.column, total=truth.total, layout=self.key.how.layout)

        def first(values: Other) -> tuple[tuple[Change, ...], str] | None:
            return next(((c, said(v)) for c, v in values if said(v) != "no"), None)

        verdict: str = WRONG
        changes: tuple[Change, ...] = ()
        here, there = said(truth.value), said(truth.follows)
        if here == "yes":
            verdict = CORRECT
        elif here == "rounded":
            verdict, (changes, _) = ROUNDED, first(truth.others) or ((), "")
        elif found := first(truth.others):
            verdict, (changes, how) = CONVENTION, found
            mark = mark._replace(note="rounded" * (how == "rounded"))
        elif there != "no":
            verdict = FOLLOWS if there == "yes" else ROUNDED
        elif found := first(truth.follows_others()):
            verdict, changes = CONVENTION, found[0]
            mark = mark._replace(note="follows")
        stated = reading.answer.stated if reading.answer else None
        right = (truth.value, truth.follows)
        if stated is not None and (note := contradiction(stated, verdict, right)):
            verdict, mark = METHOD, mark._replace(note=note)
        mark = mark._replace(verdict=verdict, changes=changes)
        if verdict != WRONG:
            return mark
        return mark._replace(explanations=self.explained(mark, reading, said, truth))

    def explained(
        self, mark: Mark, reading: Reading, said: Callable[[Value], str], truth: _Truth
    ) -> tuple[tuple[Explanation, ...], ...]:
        """Return every way that leads to a wrong number: those of one mistake, else of two."""
        by_code: dict[str, tuple[Explanation, ...]] = {}
        for value, why in truth.mistakes():
            if said(value) != "no":
                by_code.setdefault(code_of(why), why)
        least = min(map(len, by_code.values()), default=0)
        if by_code:
            return tuple(why for why in by_code.values() if len(why) == least)
        if truth.total and self.student.answered(mark.column) > 1:
            return ((_sum(mark.column),),)
        number = written(reading)
        near = [truth.value, truth.follows, *(v for c, v in truth.others if len(c) == 1)]
        if number is not None and any(v is not None and slip(number, v) for v in near):
            return ((_slip(mark.column),),)
        return ((_GUESS,),) if reading.answer is not None and reading.answer.about else ()

    # --- rows that the network does not have, and rows that the sheet does not ------------------

    def extra_row(self, number: int, line: Line, before: int) -> dict[str, Mark]:
        """Return the marks of a row without a layer: it passes a volume on, or is unknown."""
        if line.type in PASSING:
            return self.passing(number, line, before)
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

    def passing(self, number: int, line: Line, before: int) -> dict[str, Mark]:
        """Return the marks of a row such as ReLU or Flatten, worked out from the row before."""
        case = passed(line, self.key.cases[before].output, before)
        volume = self.student.own[before]
        own = passed(line, volume, before) if volume != case.inputs[0] else None
        found = {}
        for column in self.student.columns:
            cell, value = line.cells.get(column), worth(case, column, self.key.how)
            if value is None or cell is None or cell.blank or column == "working":
                continue
            points = self.key.points(line.name, column)
            most = points if value != 0 else Fraction(0)
            mark = Mark(
                line.name, line.name, column, cell.text, cell.place, CORRECT, most, most, value,
                case=case, own=own,
            )  # fmt: skip
            reading = self.student.readings[number, column]
            if isinstance(reading, Unreadable):
                mark = mark._replace(verdict=UNREADABLE, note=str(reading))
            else:
                follows = worth(own, column, self.key.how) if own else None
                known = elsewhere(case, column, value, self.key)
                mark = self.verdict(
                    mark, reading, _Truth(value, known, follows, list, lambda: iter(()))
                )
            found[column] = (
                mark if mark.verdict == CORRECT else self.earn(mark._replace(most=points))
            )
        return found

    def missing(self) -> Iterator[tuple[int, str, dict[str, Mark]]]:
        """Yield blank marks for the layers that the sheet has no row for."""
        for place, case in enumerate(self.key.cases):
            if place and case.has_row and place not in self.student.rows:
                line = Line(case.name, case.type, {}, Place(self.sheet.file))
                marks = {c: m for c, m in self.row(-1, line, place).items() if m.most}
                if marks:
                    yield place, case.name, marks

    # --- working, settings, totals, the order of kinds ------------------------------------------

    def working(self, number: int, line: Line, place: int) -> Mark | None:
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

    def settings(self, line: Line, place: int) -> Mark | None:
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
        follow = self.key.rules.follow and not self.key_check
        follows = next(
            (s for s in sums if follow and says(reading, s, column, total=True) != "no"), None
        )
        known = self.key.others(-1, counted)

        def mistakes() -> Ways:
            for place in range(len(self.key.cases)):
                value = self.key.truth(place, counted)
                for whole in (truth, *sums) if isinstance(value, int) and value else ():
                    if not isinstance(whole, tuple) and isinstance(value, int):
                        yield whole - value, (_sum(column, _LEFT_OUT),)
                        yield whole + value, (_sum(column, _LEFT_OUT),)

        mark = self.verdict(
            mark._replace(expected=truth),
            reading,
            _Truth(truth, known, follows, list, mistakes, True),
        )
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


def passed(line: Line, volume: Volume, before: int) -> Case:
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


def contradiction(stated: Quantity, verdict: str, right: tuple[Value | None, ...]) -> str:
    """Return what is wrong where working comes to another number than was written after it.

    That is the `product` if the working is right, the `working` if the result is; else nothing.
    """
    if verdict != WRONG:
        return "product"
    numbers = [value for value in right if value is not None and not isinstance(value, tuple)]
    return "working" if any(stated.covers(value) for value in numbers) else ""


_LEFT_OUT = "a row left out, or counted twice"


def _sum(column: str, text: str = "not what the sheet's own rows add up to") -> Explanation:
    return Explanation(f"{_LETTER.get(column, 'P')}-SUM", text, "What do the rows add up to?")


def _slip(column: str) -> Explanation:
    return Explanation(
        f"{_LETTER.get(column, 'P')}-SLIP",
        "a slip: a factor of 2 or 10, one digit, or two swapped",
        "Work the product out once more: does it come to the same?",
    )
