"""Grading: what verdicts earn, the score of a sheet, and the statistics of a class."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from cnncalc.homework.verdicts import Mistakes, Verdict

if TYPE_CHECKING:
    from cnncalc.homework.marks import Mark, Marks
    from cnncalc.homework.rules import Rules


def share(verdict: Verdict, rules: Rules, lenient: bool) -> Fraction:
    """Return the share of its points that an answer with a verdict earns."""
    if lenient and verdict == Verdict.CONVENTION:
        return Fraction(1)
    return rules.credit.get(verdict, Fraction(0))


def listed(marks: Marks) -> list[Mark]:
    """Return the marks that reports list: of what is asked for, and what else is not right."""
    return [mark for mark in marks.all() if mark.most or remarkable(mark)]


def remarkable(mark: Mark) -> bool:
    """Return whether there is something to say about an answer: it is there, and not right."""
    return mark.verdict not in (Verdict.CORRECT, Verdict.FOLLOWS, Verdict.BLANK)


def verdict_counts(marks: Marks) -> Counter[Verdict]:
    """Return how many listed answers have which verdict."""
    return Counter(mark.verdict for mark in listed(marks))


def shares(marks: Marks) -> dict[Fraction, list[Verdict]]:
    """Return the verdicts that occur by the share that each earns, the largest share first."""
    seen = {mark.verdict for mark in marks.all() if mark.most} - {Verdict.UNREAD}
    found: dict[Fraction, list[Verdict]] = {}
    for verdict in Verdict:
        if verdict in seen:
            earned = share(verdict, marks.rules, marks.lenient)
            found.setdefault(earned, []).append(verdict)
    return dict(sorted(found.items(), reverse=True))


# --- one sheet ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """The points of a sheet."""

    points: Fraction
    most: Fraction  # of all that is asked for
    unread: int  # answers that could not be read: they earn nothing until someone reads them

    @property
    def full(self) -> bool:
        """Return whether all is right: full marks, and nothing that cannot be read."""
        return self.points == self.most and not self.unread

    @property
    def share(self) -> float:
        """Return the share of the points that are asked for, from 0 to 1."""
        return float(self.points / self.most) if self.most else 0.0


def score(marks: Marks) -> Score:
    """Return the points of a sheet: what cannot be read earns none until someone reads it."""
    found = list(marks.all())
    return Score(
        points=sum((mark.points for mark in found), Fraction(0)),
        most=sum((mark.most for mark in found), Fraction(0)),
        unread=sum(mark.verdict == Verdict.UNREAD for mark in found),
    )


def passed(mark: Mark) -> bool | None:
    """Return whether an answer has full points; None if it cannot be read."""
    return None if mark.verdict == Verdict.UNREAD else not failed(mark)


def failed(mark: Mark) -> bool:
    """Return whether an answer lacks points, or is wrong where none are given."""
    return mark.points < mark.most or (not mark.most and mark.verdict == Verdict.WRONG)


def reproduced(marks: Marks) -> tuple[int, int]:
    """Return how many of a key's own answers there are, and how many cannot be reproduced."""
    answers = [mark for mark in marks.all() if mark.verdict != Verdict.BLANK and mark.text.strip()]
    wrong = [mark for mark in answers if mark.verdict not in (Verdict.CORRECT, Verdict.CONVENTION)]
    return len(answers), len(wrong)


# --- a class -----------------------------------------------------------------------------------


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
    """The scores of a class."""

    most: Fraction
    mean: Fraction
    median: Fraction
    lowest: Fraction
    full: int  # sheets with full marks


def score_statistics(sheets: Iterable[Marks]) -> ScoreStatistics | None:
    """Return the statistics of the scores of a class, or None if nothing was marked."""
    found = sorted(map(score, sheets), key=lambda one: one.points)
    if not found:
        return None
    points = [one.points for one in found]
    middle = len(points) // 2
    return ScoreStatistics(
        most=max(one.most for one in found),
        mean=sum(points, Fraction(0)) / len(points),
        median=(points[middle] + points[-1 - middle]) / 2,
        lowest=points[0],
        full=sum(one.full for one in found),
    )
