"""Grading: what verdicts earn, and the score of a sheet."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from cnncalc.homework.verdicts import Verdict

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
