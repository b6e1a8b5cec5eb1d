"""Marks a sheet against a key: a verdict for each cell, and what a wrong number may come from.

The order is: right; right under another convention; right given the student's own earlier
rows; rounded too far; and only then wrong, with every mistake that leads to the number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import NamedTuple

from cnncalc.errors import Place, VolumeError, did_you_mean
from cnncalc.homework import order
from cnncalc.homework.case import Case, Facts, Value, worth
from cnncalc.homework.conventions import Change, others
from cnncalc.homework.judging import Reading, agrees, read_cell, says, slip, volume_of
from cnncalc.homework.key import Key, Rules, asked, distinct
from cnncalc.homework.matching import PASSING, match
from cnncalc.homework.misconceptions import Explanation, wrong
from cnncalc.homework.numbers import Quantity, Unreadable
from cnncalc.homework.sheet import Cell, Line, Sheet
from cnncalc.layers import layer_type
from cnncalc.volume import Volume

CORRECT, CONVENTION, FOLLOWS = "correct", "correct_other_convention", "follow_through"
ROUNDED, METHOD, WRONG = "close_rounding", "method", "wrong"
UNREADABLE, BLANK = "unparsable", "blank"
VERDICTS = (CORRECT, FOLLOWS, CONVENTION, ROUNDED, METHOD, WRONG, UNREADABLE, BLANK)
_LETTER = {"flops": "F", "macs": "F", "additions": "F", "output": "S", "input": "S", "extents": "S",
           "receptive_field": "R", "step": "R", "memory": "M", "activations": "M", "peak": "M"}  # fmt: skip


class Mark(NamedTuple):
    """The verdict on one cell.

    `explanations` has every way that leads to a wrong number: one mistake, or two together.
    `changes` are the conventions under which the number would be right. `case` is the layer
    with its true volumes, `own` with the student's; `open` is whether those are all the
    student's own words. `note` says what cannot be read, or what is right and what is not.
    """

    row: str
    layer: str
    column: str
    text: str
    place: Place
    verdict: str
    points: Fraction
    most: Fraction
    expected: Value | None = None
    explanations: tuple[tuple[Explanation, ...], ...] = ()
    changes: tuple[Change, ...] = ()
    note: str = ""
    case: Case | None = None
    own: Case | None = None
    open: bool = True

    @property
    def counted(self) -> bool:
        """Return whether the cell counts: what cannot be read waits until it can."""
        return self.verdict != UNREADABLE and self.most > 0

    @property
    def code(self) -> str:
        """Return the stable code: `P-NODEPTH`, `S-PADONCE or S-NOPLUS1`, or nothing."""
        return " or ".join(dict.fromkeys(map(code_of, self.explanations)))


def code_of(explanation: tuple[Explanation, ...]) -> str:
    """Return the code of mistakes made together: `P-NODEPTH-ONEBIAS`.

    >>> code_of((Explanation("P-NODEPTH", "", ""), Explanation("P-ONEBIAS", "", "")))
    'P-NODEPTH-ONEBIAS'
    """
    first, *rest = (mistake.code for mistake in explanation)
    return "-".join([first, *(code.partition("-")[2] for code in rest)])


class Marks(NamedTuple):
    """All verdicts on a sheet: `rows` in the sheet's order, each with its marks by column."""

    file: str
    key: str
    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, dict[str, Mark]], ...]
    totals: dict[str, Mark]
    order: Mark | None
    conventions: list[str]
    rules: Rules
    key_check: bool = False

    def all(self) -> Iterator[Mark]:
        """Yield every mark, in the order of the sheet."""
        for _, marks in self.rows:
            yield from marks.values()
        yield from self.totals.values()
        if self.order is not None:
            yield self.order

    @property
    def score(self) -> Fraction:
        """Return the points reached."""
        return sum((mark.points for mark in self.all() if mark.counted), Fraction(0))

    @property
    def most(self) -> Fraction:
        """Return the points that could be reached with what can be read."""
        return sum((mark.most for mark in self.all() if mark.counted), Fraction(0))

    @property
    def uncounted(self) -> int:
        """Return how many cells could not be read."""
        return sum(mark.verdict == UNREADABLE for mark in self.all())

    @property
    def ok(self) -> bool:
        """Return whether all is right: full marks, and nothing that cannot be read."""
        return self.score == self.most and not self.uncounted


def mark(sheet: Sheet, key: Key, *, lenient: bool = False, key_check: bool = False) -> Marks:
    """Return the marks of a sheet.

    `lenient` is for a sheet that declares nothing and has no key beside it: other conventions
    are right as well, and rows that are missing are not missed. `key_check` is for a
    teacher's own answers: as lenient, and nothing follows from a wrong row.
    """
    return _Marker(sheet, key, lenient or key_check, key_check).marks()


class _Marker:
    """One sheet against one key."""

    def __init__(self, sheet: Sheet, key: Key, lenient: bool, key_check: bool) -> None:
        self.sheet, self.key = sheet, key
        self.lenient, self.key_check = lenient, key_check
        self.follow = key.rules.follow and not key_check
        self.columns = asked(key.rules, sheet)
        self.places = match(sheet.rows, key.layers)
        self.readings: dict[tuple[int, str], Reading | Unreadable] = {}
        for number, row in enumerate(sheet.rows):
            for column, cell in row.cells.items():
                if not cell.blank:
                    self.readings[number, column] = self.read(cell, column)
        self.layout = self._layout()
        self.follow_volumes()

    def read(self, cell: Cell, column: str) -> Reading | Unreadable:
        """Return what a cell says, or why it cannot be read."""
        try:
            return read_cell(cell, column)
        except Unreadable as error:
            return error

    def _layout(self) -> str:
        """Return the order in which this student writes volumes: the key's, if that fits at all."""
        fits = {"hwc": 0, "chw": 0}
        for number, index in enumerate(self.places):
            reading = self.readings.get((number, "output"))
            if index is None or not isinstance(reading, Reading) or reading.shape is None:
                continue
            shape = self.key.cases[index].output.shape
            fits["hwc"] += agrees(reading.shape, shape, "hwc")
            fits["chw"] += agrees(reading.shape, (shape[-1], *shape[:-1]), "chw")
        declared = self.key.how.layout
        other = "chw" if declared == "hwc" else "hwc"
        return other if fits[other] > fits[declared] else declared

    # --- the student's own volumes ---------------------------------------------------------------

    def follow_volumes(self) -> None:
        """Carry the volumes that the student states through the network."""
        cases = self.key.cases
        self.own: list[Volume] = [case.output for case in cases]
        self.open = [True] * len(cases)
        self.entering: dict[int, tuple[Volume, ...]] = {}
        self.stated: dict[int, Volume] = {}
        rows = {index: number for number, index in enumerate(self.places) if index is not None}
        volumes_asked = "output" in self.columns or "extents" in self.columns
        for index, case in enumerate(cases):
            if case.layer is None:
                continue
            inputs = tuple(self.own[i] for i in case.sources)
            number = rows.get(index)
            given = self._volume(number, "input", case.inputs[0]) if len(inputs) == 1 else None
            self.entering[index] = inputs = (given,) if given else inputs
            stated = self._volume(number, "output", case.output)
            if stated is not None:
                self.stated[index] = self.own[index] = stated
            elif inputs != case.inputs:
                try:
                    self.own[index] = case.layer.output(*inputs)
                except VolumeError:
                    self.own[index] = case.output
            known = all(self.open[i] for i in case.sources) and not (volumes_asked and case.has_row)
            self.open[index] = stated is not None or known

    def _volume(self, number: int | None, column: str, like: Volume) -> Volume | None:
        """Return the volume that a row states, if it can be read."""
        reading = self.readings.get((number, column)) if number is not None else None
        if not isinstance(reading, Reading) or reading.shape is None:
            return None
        for layout, shape in (("hwc", like.shape), ("chw", (like.channels, *like.extents))):
            if agrees(reading.shape, shape, layout):
                return like
        return volume_of(reading.shape, like, self.layout)

    def own_case(self, index: int, column: str) -> Case | None:
        """Return the layer on the student's own volumes, or None where they are the true ones."""
        case = self.key.cases[index]
        if case.layer is None or not self.follow:
            return None
        inputs = self.entering[index]
        if column == "input":
            sources = tuple(self.own[i] for i in case.sources)
            return None if sources == case.inputs else case._replace(inputs=sources)
        stated = None if column in ("output", "extents") else self.stated.get(index)
        if inputs == case.inputs and stated in (None, case.output):
            return None
        try:
            return case.on(inputs, stated)
        except VolumeError:
            return None

    # --- verdicts --------------------------------------------------------------------------------

    def marks(self) -> Marks:
        """Return the marks of the whole sheet."""
        rows: list[tuple[int, str, dict[str, Mark]]] = []
        before = 0
        for number, (row, index) in enumerate(zip(self.sheet.rows, self.places, strict=True)):
            if index is not None:
                before = max(before, index)
                rows.append((index, row.name, self.row(number, row, index)))
            else:
                rows.append((before, row.name, self.extra_row(number, row, before)))
        if not self.lenient and self.key.rules.missing == "blank" and self.sheet.rows:
            rows += self.missing()
            rows.sort(key=lambda entry: entry[0])
        totals = {
            column: self.total(column, cell)
            for column, cell in self.sheet.totals.items()
            if not cell.blank and self.key.truth(-1, column) is not None
        }
        return Marks(
            self.sheet.file,
            self.key.label,
            self.key.report.name,
            self.columns,
            tuple((name, marks) for _, name, marks in rows),
            totals,
            self.order(),
            self.key.conventions((*self.columns, *totals)),
            self.key.rules,
            self.key_check,
        )

    def row(self, number: int, row: Line, index: int) -> dict[str, Mark]:
        """Return the marks of a row, by column."""
        found = {}
        for column in self.columns:
            cell = row.cells.get(column)
            if column == "working":
                if cell is not None and not cell.blank:
                    found[column] = self.working(number, row, index, cell)
            elif (truth := self.key.truth(index, column)) is not None:
                found[column] = self.cell(number, row, index, column, cell, truth)
        return self.with_working(found)

    def cell(
        self, number: int, row: Line, index: int, column: str, cell: Cell | None, truth: Value
    ) -> Mark:
        """Return the mark of a cell."""
        name = self.key.cases[index].name
        points = self.key.points(name, column)
        given = truth == 0 or index == 0  # nothing to work out: it is no answer, unless wrong
        most = points if self.key_check or not given else Fraction(0)
        text, place = (cell.text, cell.place) if cell else ("", row.place)
        mark = Mark(
            row.name, name, column, text, place, CORRECT, most, most, truth, case=self.key.cases[index]
        )
        if cell is None or cell.blank:
            if given:
                return mark._replace(points=Fraction(0), most=Fraction(0))
            if self.key.rules.missing == "ignored" or (cell is None and self.lenient):
                return mark._replace(verdict=BLANK, points=Fraction(0), most=Fraction(0))
            return self.earn(mark, BLANK)
        reading = self.readings[number, column]
        mark = self.judged(mark, reading, index, column)
        if mark.verdict == CORRECT:
            return mark
        return self.earn(mark._replace(most=points), mark.verdict)

    def earn(self, mark: Mark, verdict: str) -> Mark:
        """Return the mark with a verdict and its points."""
        share = getattr(self.key.rules.credit, verdict, Fraction(0))
        if verdict == CONVENTION and self.lenient:
            share = Fraction(1)
        return mark._replace(verdict=verdict, points=mark.most * share)

    def judged(self, mark: Mark, reading: Reading | Unreadable, index: int, column: str) -> Mark:
        """Return the mark with the verdict on what was read."""
        if isinstance(reading, Unreadable):
            return mark._replace(verdict=UNREADABLE, note=str(reading))
        truth = mark.expected
        if truth is None:
            return mark
        own = self.own_case(index, column)
        needed = list(self.key.cases[index].sources)
        if column in ("flops", "macs", "additions", "activations", "memory"):
            needed.append(index)
        mark = mark._replace(own=own, open=all(self.open[i] for i in needed))
        if reading.shape is not None and isinstance(truth, tuple) and column in ("input", "output"):
            if reason := too_short(reading, truth):
                return mark._replace(verdict=UNREADABLE, note=reason)
        own_truth = worth(own, column, self.key.how) if own else None

        def own_others() -> list[tuple[tuple[Change, ...], Value]]:
            if own is None:
                return []
            values = ((changes, worth(own, column, how)) for changes, how in others(column, self.key.how))
            return distinct(values, own_truth)

        def mistakes() -> Iterator[tuple[Value, tuple[Explanation, ...]]]:
            yield from self.key.wrong(index, column)
            if own is not None:
                yield from wrong(own, column, self.key.factor)

        return self.verdict(
            mark, reading, truth, self.key.others(index, column), own_truth, own_others, mistakes
        )

    def verdict(
        self,
        mark: Mark,
        reading: Reading,
        truth: Value,
        others: list[tuple[tuple[Change, ...], Value]],
        follows: Value | None,
        follows_others: Callable[[], list[tuple[tuple[Change, ...], Value]]],
        mistakes: Callable[[], Iterator[tuple[Value, tuple[Explanation, ...]]]],
        total: bool = False,
    ) -> Mark:
        """Return the mark with the first verdict that fits, in the order of this module's head."""

        def said(value: Value | None) -> str:
            if value is None:
                return "no"
            # Under another layout the value is arranged so; how it was written does not matter.
            return says(reading, value, mark.column, total=total, layout=self.key.how.layout)

        verdict, changes = WRONG, ()
        here, there = said(truth), said(follows)
        if here == "yes":
            verdict = CORRECT
        elif here == "rounded":
            verdict = ROUNDED
            changes = next((c for c, value in others if said(value) != "no"), ())
        elif found := next(((c, said(v)) for c, v in others if said(v) != "no"), None):
            verdict, changes = CONVENTION, found[0]
            mark = mark._replace(note="rounded" * (found[1] == "rounded"))
        elif there != "no":
            verdict = FOLLOWS if there == "yes" else ROUNDED
        elif found := next(((c, said(v)) for c, v in follows_others() if said(v) != "no"), None):
            verdict, changes = CONVENTION, found[0]
            mark = mark._replace(note="follows")
        stated = reading.answer.stated if reading.answer else None
        if stated is not None:
            note = contradiction(stated, verdict, (truth, follows))
            if note:
                return mark._replace(verdict=METHOD, changes=changes, note=note)
        if verdict == WRONG:
            return mark._replace(verdict=WRONG, explanations=self.explained(mark, reading, said, mistakes()))
        return mark._replace(verdict=verdict, changes=changes)

    def explained(
        self,
        mark: Mark,
        reading: Reading,
        said: Callable[[Value], str],
        mistakes: Iterator[tuple[Value, tuple[Explanation, ...]]],
    ) -> tuple[tuple[Explanation, ...], ...]:
        """Return every way that leads to a wrong number: those of one mistake, else of two."""
        ways = dict.fromkeys(why for value, why in mistakes if said(value) != "no")
        by_code = {code_of(why): why for why in reversed(ways)}
        least = min(map(len, by_code.values()), default=0)
        found = tuple(why for why in reversed(by_code.values()) if len(why) == least)
        if found:
            return found
        if mark.row == "TOTAL" and self.answered(mark.column) > 1:
            return ((_sum(mark.column),),)
        written = written_value(reading)
        targets = [mark.expected]
        if mark.own is not None:
            targets.append(worth(mark.own, mark.column, self.key.how))
        targets += [value for _, value in self._others_of(mark)]
        if written is not None and any(t is not None and slip(written, t) for t in targets):
            return ((_slip(mark.column),),)
        return ((GUESS,),) if reading.answer is not None and reading.answer.about else ()

    def answered(self, column: str) -> int:
        """Return how many rows have a number in a column."""
        return sum(isinstance(self.readings.get((n, column)), Reading) for n in range(len(self.places)))

    def _others_of(self, mark: Mark) -> list[tuple[tuple[Change, ...], Value]]:
        if mark.case is None or mark.case not in self.key.cases:
            return []
        found = self.key.others(self.key.cases.index(mark.case), mark.column)
        return [(changes, value) for changes, value in found if len(changes) == 1]

    # --- rows that the network does not have, and rows that the sheet does not ------------------

    def extra_row(self, number: int, row: Line, before: int) -> dict[str, Mark]:
        """Return the marks of a row without a layer: it passes a volume on, or is unknown."""
        if row.type in PASSING and before < len(self.key.cases):
            return self.passing(number, row, before)
        names = [name for name, _, usual in self.key.layers if usual]
        note = f"The network has no layer {row.name[:40]!r}.{did_you_mean(row.name, names)}"
        return {
            column: Mark(row.name, "", column, cell.text, cell.place, UNREADABLE, Fraction(0), Fraction(1), note=note)
            for column, cell in row.cells.items()
            if not cell.blank and column in self.columns and column != "working"
        }

    def passing(self, number: int, row: Line, before: int) -> dict[str, Mark]:
        """Return the marks of a row such as ReLU or Flatten, worked out from the row before."""
        layer = layer_type(row.type)()

        def case_on(volume: Volume) -> Case:
            output = layer.output(volume)
            return Case(
                row.name, row.type, layer, (volume,), output, Facts(cost=layer.cost(output, volume)),
                (before,), (), None, None, None, True, 4,
            )  # fmt: skip

        case = case_on(self.key.cases[before].output)
        own = case_on(self.own[before]) if self.own[before] != self.key.cases[before].output else None
        found = {}
        for column in self.columns:
            cell = row.cells.get(column)
            truth = worth(case, column, self.key.how)
            if truth is None or cell is None or cell.blank:
                continue
            points = Fraction(0) if truth == 0 else self.key.points(row.name, column)
            mark = Mark(row.name, row.name, column, cell.text, cell.place, CORRECT, points, points, truth, case=case, own=own)
            reading = self.readings[number, column]
            if isinstance(reading, Unreadable):
                found[column] = mark._replace(verdict=UNREADABLE, note=str(reading))
                continue
            other = distinct(((c, worth(case, column, how)) for c, how in others(column, self.key.how)), truth)
            follows = worth(own, column, self.key.how) if own else None
            mark = self.verdict(mark, reading, truth, other, follows, list, lambda: iter(()))
            if mark.verdict != CORRECT:
                mark = self.earn(mark._replace(most=points or Fraction(1)), mark.verdict)
            found[column] = mark
        return found

    def missing(self) -> list[tuple[int, str, dict[str, Mark]]]:
        """Return blank marks for the layers that the sheet has no row for."""
        found = []
        have = set(self.places)
        for index, case in enumerate(self.key.cases):
            if index in have or not case.has_row or index == 0:
                continue
            row = Line(case.name, case.type, {}, Place(self.sheet.file))
            marks = {c: m for c, m in self.row(-1, row, index).items() if m.most}
            if marks:
                found.append((index, case.name, marks))
        return found

    # --- working, totals, the order of kinds ----------------------------------------------------

    def working(self, number: int, row: Line, index: int, cell: Cell) -> Mark:
        """Return the mark of a calculation, which may be of any count of its row."""
        case = self.key.cases[index]
        points = self.key.points(case.name, "working")
        mark = Mark(row.name, case.name, "working", cell.text, cell.place, CORRECT, points, points, case=case)
        reading = self.readings[number, "working"]
        if isinstance(reading, Unreadable):
            return mark._replace(verdict=UNREADABLE, note=str(reading), most=points)
        best: Mark | None = None
        for column in ("parameters", "weights", "flops", "macs", "biases", "activations", "extents"):
            truth = self.key.truth(index, column)
            if truth is None or (column != "parameters" and truth == 0):
                continue
            if isinstance(truth, tuple):
                truth = truth[0]
            tried = self.judged(
                mark._replace(column=column, expected=truth), reading, index, column
            )._replace(column="working")
            if best is None or VERDICTS.index(tried.verdict) < VERDICTS.index(best.verdict):
                best = tried
        best = best or mark
        return best if best.verdict == CORRECT else self.earn(best, best.verdict)

    def with_working(self, marks: dict[str, Mark]) -> dict[str, Mark]:
        """Return a row's marks, where right working speaks for a wrong product."""
        working, result = marks.get("working"), marks.get("parameters")
        if working is None or result is None or result.verdict != WRONG:
            return marks
        if working.verdict in (CORRECT, FOLLOWS, CONVENTION, METHOD) and working.expected == result.expected:
            result = self.earn(result._replace(note="product", explanations=()), METHOD)
        return {**marks, "parameters": result}

    def total(self, column: str, cell: Cell) -> Mark:
        """Return the mark of a total: right, or the sum of the student's own rows."""
        points = self.key.points("total", column)
        truth = self.key.truth(-1, column)
        mark = Mark("TOTAL", "TOTAL", column, cell.text, cell.place, CORRECT, points, points, truth)
        kind = "activations" if column == "peak" else column
        reading = self.read(cell, kind)
        if isinstance(reading, Unreadable):
            return mark._replace(verdict=UNREADABLE, note=str(reading))
        if truth is None:
            return mark
        if column == "activations" and reading.answer and reading.answer.quantity.unit == "byte":
            column = "memory"
            truth = self.key.truth(-1, column)
        sums = list(self.sums(kind))
        follows = next((s for s in sums if self.follow and covers(reading, s)), None)
        mark = self.verdict(
            mark, reading, truth or 0, self.key.others(-1, column), follows, list,
            lambda: self.missums(kind, sums), total=True,
        )  # fmt: skip
        return mark if mark.verdict == CORRECT else self.earn(mark, mark.verdict)

    def sums(self, column: str) -> Iterator[Value]:
        """Yield what the student's own rows add up to, blanks as nothing and as the truth."""
        rows = {index: number for number, index in enumerate(self.places) if index is not None}
        for blanks in (False, True):
            total: Value = 0
            for index in range(len(self.key.cases)):
                number = rows.get(index)
                reading = self.readings.get((number, column)) if number is not None else None
                truth = self.key.truth(index, column)
                if isinstance(reading, Reading) and reading.answer is not None:
                    total += reading.answer.quantity.value  # type: ignore[operator]
                elif (number is None or blanks) and not isinstance(truth, tuple):
                    total += truth or 0  # type: ignore[operator]
            yield total

    def missums(self, column: str, sums: list[Value]) -> Iterator[tuple[Value, tuple[Explanation, ...]]]:
        """Yield totals with a row left out or counted twice, and any sum that does not add up."""
        why = _sum(column, "a row left out, or counted twice")
        for index in range(len(self.key.cases)):
            value = self.key.truth(index, column)
            if isinstance(value, int) and value:
                for whole in (self.key.truth(-1, column), *sums):
                    yield whole - value, (why,)  # type: ignore[operator]
                    yield whole + value, (why,)  # type: ignore[operator]

    def order(self) -> Mark | None:
        """Return the mark of a claim about the order of kinds."""
        cell = self.sheet.order
        if cell is None:
            return None
        points = self.key.points("order", "order")
        mark = Mark("ORDER", "ORDER", "order", cell.text, cell.place, CORRECT, points, points)
        kinds = [case.type for case in self.key.cases[1:]]
        if order.agrees(cell.text, kinds):
            return mark
        note = order.difference(cell.text, kinds)
        return self.earn(mark._replace(note=note), WRONG)


def too_short(reading: Reading, truth: tuple[object, ...]) -> str:
    """Return what is missing of a volume with fewer numbers than it needs, or nothing."""
    if reading.shape is None:
        return ""
    have, need = len(reading.shape.numbers), sum(n != 1 for n in truth)
    if have >= need or need < 2:
        return ""
    if have == len(truth) - 1 and have > 1:
        return "Not a volume: the depth is missing."
    return f"Not a volume: it has {have} of {len(truth)} numbers. Write it like 28x28x6."


def contradiction(stated: Quantity, verdict: str, right: tuple[Value | None, ...]) -> str:
    """Return what is wrong where working comes to another number than was written after it.

    That is the `product` if the working is right, the `working` if the result is; else nothing.
    """
    if verdict != WRONG:
        return "product"
    numbers = [value for value in right if value is not None and not isinstance(value, tuple)]
    return "working" if any(stated.covers(value) for value in numbers) else ""


def covers(reading: Reading, value: Value) -> bool:
    """Return whether a written number may stand for a sum."""
    if reading.answer is None or isinstance(value, tuple):
        return False
    quantity = reading.answer.quantity
    return quantity.covers(value) or quantity.rounded.covers(value)


def written_value(reading: Reading) -> Value | None:
    """Return the exact value that was written, if it is exact."""
    if reading.shape is not None:
        return reading.shape.numbers
    if reading.answer is None or reading.answer.quantity.digits is not None:
        return None
    return reading.answer.quantity.value


def _slip(column: str) -> Explanation:
    return Explanation(
        f"{_LETTER.get(column, 'P')}-SLIP",
        "a slip: a factor of 2 or 10, one digit, or two swapped",
        "Work the product out once more: does it come to the same?",
    )


def _sum(column: str, text: str = "not what the sheet's own rows add up to") -> Explanation:
    return Explanation(f"{_LETTER.get(column, 'P')}-SUM", text, "What do the rows add up to?")


GUESS = Explanation("P-GUESS", "an estimate", "What does each row come to, and all of them together?")
