"""The statistics of a class: scores, cells, and the mistakes that are common."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import sqrt
from typing import TYPE_CHECKING

from cnncalc.homework.grading import score
from cnncalc.homework.verdicts import Mistakes, Verdict

if TYPE_CHECKING:
    from cnncalc.homework.marks import Mark, Marks

FEWEST = 3  # sheets from which a correlation says anything


@dataclass(frozen=True, slots=True, kw_only=True)
class CommonMistake:
    """A mistake of a class: how many students and answers have it, and where most of them do."""

    code: str  # "": no known mistake leads to the number
    mistakes: tuple[Mistakes, ...]
    students: int
    answers: int
    layer: str
    on_layer: int  # answers


def common_mistakes(sheets: Sequence[Marks]) -> list[CommonMistake]:
    """Return the mistakes of a class, those of most students first; the unexplained last.

    A number that is consistent with several is counted as `A or B`, apart from A and from B.
    """
    wrong: dict[str, list[tuple[int, Mark]]] = {}
    for number, marks in enumerate(sheets):
        for mark in marks.all():
            if mark.verdict == Verdict.WRONG:
                wrong.setdefault(mark.code, []).append((number, mark))
    found = []
    for code, several in wrong.items():
        (layer, on_layer), *_ = Counter(mark.layer for _, mark in several).most_common(1)
        found.append(
            CommonMistake(
                code=code,
                mistakes=several[0][1].mistakes,
                students=len({number for number, _ in several}),
                answers=len(several),
                layer=layer,
                on_layer=on_layer,
            )
        )
    return sorted(found, key=lambda one: (not one.code, -one.students, -one.answers, one.code))


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreStatistics:
    """The scores of a class; quartiles are the medians of the lower and of the upper half."""

    most: Fraction
    mean: Fraction
    median: Fraction
    lower_quartile: Fraction
    upper_quartile: Fraction
    lowest: Fraction
    highest: Fraction
    full: int  # sheets with full marks
    counts: tuple[tuple[Fraction, int], ...]  # each mark that was given, and how many have it


def score_statistics(sheets: Iterable[Marks]) -> ScoreStatistics | None:
    """Return the statistics of the scores of a class, or None if nothing was marked.

    A middle sheet belongs to neither half; a single one to both.
    """
    found = sorted(map(score, sheets), key=lambda one: one.points)
    if not found:
        return None
    points = [one.points for one in found]
    half = len(points) // 2
    return ScoreStatistics(
        most=max(one.most for one in found),
        mean=sum(points, Fraction(0)) / len(points),
        median=median(points),
        lower_quartile=median(points[:half] or points),
        upper_quartile=median(points[-half:] or points),
        lowest=points[0],
        highest=points[-1],
        full=sum(one.full for one in found),
        counts=tuple(sorted(Counter(points).items())),
    )


def median(ordered: Sequence[Fraction]) -> Fraction:
    """Return the middle of ordered numbers, or the mean of the two in the middle.

    >>> median([Fraction(1), Fraction(2), Fraction(4), Fraction(9)])
    Fraction(3, 1)
    """
    middle = len(ordered) // 2
    return (ordered[middle] + ordered[-1 - middle]) / 2


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongText:
    """The commonest wrong answer of a cell: as it was written, how often, and its cause."""

    text: str
    count: int
    code: str  # "": none is known


@dataclass(frozen=True, slots=True, kw_only=True)
class CellStatistics:
    """How a class answered one cell.

    Attributes:
        layer: as the network calls it.
        column: of the sheet.
        asked: the sheets of which it was asked.
        right: those with full points.
        blank: those without an answer.
        unread: those with an answer that could not be read.
        difficulty: the share of its points that the class earned: 1 where all are right.
        discrimination: the correlation of its points with those of the rest of the sheet; None
            for fewer than three sheets, or where either of them does not vary.
        commonest: the commonest wrong answer, if there is one.
    """

    layer: str
    column: str
    asked: int
    right: int
    blank: int
    unread: int
    difficulty: Fraction
    discrimination: float | None
    commonest: WrongText | None


def cell_statistics(sheets: Sequence[Marks]) -> list[CellStatistics]:
    """Return how a class answered each cell that is worth points, in the order of the sheet."""
    cells: dict[tuple[str, str], list[tuple[Mark, Fraction]]] = {}
    for marks in sheets:
        total = score(marks).points
        for mark in marks.all():
            if mark.most:
                name = mark.layer or mark.row
                cells.setdefault((name, mark.column), []).append((mark, total - mark.points))
    return [_cell(layer, column, found) for (layer, column), found in cells.items()]


def _cell(layer: str, column: str, found: Sequence[tuple[Mark, Fraction]]) -> CellStatistics:
    marks = [mark for mark, _ in found]
    points = [mark.points for mark in marks]
    return CellStatistics(
        layer=layer,
        column=column,
        asked=len(marks),
        right=sum(mark.points == mark.most for mark in marks),
        blank=sum(mark.verdict == Verdict.BLANK for mark in marks),
        unread=sum(mark.verdict == Verdict.UNREAD for mark in marks),
        difficulty=sum(points, Fraction(0)) / sum((mark.most for mark in marks), Fraction(0)),
        discrimination=correlation(points, [rest for _, rest in found]),
        commonest=_commonest(marks),
    )


def _commonest(marks: Sequence[Mark]) -> WrongText | None:
    """Return the commonest wrong answer; how numbers are grouped makes no difference."""
    wrong: dict[str, list[Mark]] = {}
    for mark in marks:
        if mark.verdict == Verdict.WRONG:
            wrong.setdefault(re.sub(r"[\s,_']", "", mark.text).lower(), []).append(mark)
    if not wrong:
        return None
    most = max(wrong.values(), key=len)
    codes = Counter(mark.code for mark in most)
    return WrongText(text=most[0].text, count=len(most), code=codes.most_common(1)[0][0])


def correlation(one: Sequence[Fraction], other: Sequence[Fraction]) -> float | None:
    """Return Pearson's correlation; None for too few numbers, or where some do not vary.

    >>> numbers = [Fraction(n) for n in (1, 2, 3)]
    >>> correlation(numbers, [2 * n for n in numbers])
    1.0
    """
    count = len(one)
    if count < FEWEST:
        return None
    a, b = (sum(numbers, Fraction(0)) / count for numbers in (one, other))
    both = sum(((x - a) * (y - b) for x, y in zip(one, other, strict=True)), Fraction(0))
    squares = sum(((x - a) ** 2 for x in one), Fraction(0)) * sum(
        ((y - b) ** 2 for y in other), Fraction(0)
    )
    # Rounded: no more digits than a class can bear, and none of the machine's.
    return round(float(both) / sqrt(squares), 9) if squares else None
