"""Rows of a sheet that are about several layers, about none, or about one that another row has;
and the layers that no row is about.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from fractions import Fraction

from cnncalc.errors import Place
from cnncalc.homework.cases import Case, passing_case
from cnncalc.homework.layer_truth import EXTENTS, VOLUMES, Value, true_value
from cnncalc.homework.marks import Mark, MarkedRow
from cnncalc.homework.matching import passing_types
from cnncalc.homework.names import normalized
from cnncalc.homework.row_marking import RowMarker
from cnncalc.homework.sheet import SheetRow
from cnncalc.homework.student_sheet import StudentRow
from cnncalc.homework.verdicts import Expectation, Judgement, Verdict

TWICE = "Several rows have this name, with different answers."
MOST_TOGETHER = 4  # layers that a sum may stand for, as in `conv3-512 x 4`


class OtherRows:
    """Marks rows about several layers or about none, and layers without a row."""

    def __init__(self, row_marker: RowMarker, file: str) -> None:
        self.row_marker, self.file = row_marker, file
        self.student, self.key = row_marker.student, row_marker.key
        self.again = self._again()  # rows without a layer whose name another one has, by that name

    def _again(self) -> dict[str, list[StudentRow]]:
        about = Counter(
            normalized(row.sheet_row.name) for row in self.student.rows if row.index is not None
        )
        found: dict[str, list[StudentRow]] = {}
        for row in self.student.rows:
            name = normalized(row.sheet_row.name)
            free = row.index is None and not row.matched.indices
            if free and about[name] == 1 and row.sheet_row.type not in passing_types():
                found.setdefault(name, []).append(row)
        return found

    def once(self, row: StudentRow, marks: dict[str, Mark]) -> dict[str, Mark]:
        """Return a row's marks; unread where another row of its name has another answer.

        Else whoever writes several answers would have the best of them counted.
        """
        others = self.again.get(normalized(row.sheet_row.name), [])
        for column, mark in marks.items():
            said = row.parsed.get(column)
            if said and any(said != other.parsed.get(column, said) for other in others):
                found = Judgement(verdict=Verdict.UNREAD, note=TWICE)
                marks[column] = self.row_marker.graded(mark, found)
        return marks

    def without_layer(self, row: StudentRow, before: int) -> dict[str, Mark]:
        """Return the marks of a row about several layers, about one that only passes on the volume
        of the row before, or about nothing that the network has.
        """
        name, type = row.sheet_row.name, row.sheet_row.type
        if indices := row.matched.indices:
            return self.beside(row, self.key.together(indices), None, indices)
        if row.sheet_row.block:
            return {}
        if type in passing_types():
            last = self.key.cases[before].row
            case = passing_case(name, type, last, last.output)
            own = passing_case(name, type, last, self.student.own[before])
            return self.beside(row, case, None if own.row.inputs == case.row.inputs else own)
        note = TWICE if normalized(name) in self.again else self.student.unknown(row)
        return self.unread(row, note, self.student.perhaps.get(id(row)))

    def beside(
        self, row: StudentRow, case: Case, own: Case | None, indices: Sequence[int] = ()
    ) -> dict[str, Mark]:
        """Return the marks of a row that stands for several layers, or for none of the network's.

        `indices` are of the layers that it stands for: it is worth as much as those of them whose
        answers it gives.
        """
        marks = {}
        conventions = self.key.conventions
        for column in self.student.columns:
            parsed, value = row.parsed.get(column), true_value(case, column, conventions)
            given = self.given(row, indices, column, value)
            worth = sum((self.row_marker.worth(index, column) for index in given), Fraction(0))
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

    def given(
        self, row: StudentRow, indices: Sequence[int], column: str, value: Value | None
    ) -> list[int]:
        """Return the layers whose answers a row about several layers gives, in a column.

        A block, which has a row in worksheets, gives all of them. Else a volume is that of the
        layers that have it, and a sum stands for a few layers with nothing between them: one
        number is not all the answers of a network.
        """
        alone = [index for index in indices if index not in self.student.by_index]
        if normalized(row.sheet_row.name) in self.key.blocks:
            return alone
        if column in VOLUMES or column in EXTENTS:
            return [index for index in alone if self.key.truth(index, column) == value]
        counted = [index for index in alone if (index, column) in self.student.asked]
        last = [*counted[-1:]]
        between = range(counted[0], counted[-1]) if counted else ()
        apart = any(i in self.student.asked.rows and i not in counted for i in between)
        return last if apart or len(counted) > MOST_TOGETHER else counted

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

    def missing(self) -> Iterator[tuple[int, MarkedRow]]:
        """Yield blank marks for the layers that the sheet has no answer for."""
        have = {row.index for row in self.student.rows} | {*self.student.perhaps.values()}
        given: set[tuple[int, str]] = set()
        for row in self.student.rows:
            if row.index is not None or not row.matched.indices:
                continue
            case = self.key.together(row.matched.indices)
            for column in self.student.columns:
                value = true_value(case, column, self.key.conventions)
                several = self.given(row, row.matched.indices, column, value)
                given |= {(index, column) for index in several}
        for index in sorted(self.student.asked.rows - have):
            case = self.key.cases[index]
            blank = SheetRow(case.row.name, case.row.type, {}, Place(self.file))
            marks = self.row_marker.row(StudentRow(blank, index, {}), index)
            asked = {
                column: one
                for column, one in marks.items()
                if one.most and (index, column) not in given
            }
            if asked:
                yield index, MarkedRow(case.row.name, asked)
