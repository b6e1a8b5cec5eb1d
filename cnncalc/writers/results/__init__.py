"""Marks in the formats that grading services read. A format is one line here.

Every format is written from one record, `Results`, which holds no expected value below the
last level of help.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from cnncalc.errors import printable
from cnncalc.homework import grading
from cnncalc.homework.grading import Score
from cnncalc.homework.verdicts import Verdict
from cnncalc.writers import Format, hints

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnncalc.errors import CnncalcError
    from cnncalc.homework.marks import Mark, Marks

# Each module has `write(results) -> str`.
FORMATS: dict[str, Format] = {
    "gradescope": Format("results.gradescope"),
    "prairielearn": Format("results.prairielearn"),
    "autolab": Format("results.autolab"),
    "github": Format("results.github"),
    "check50": Format("results.check50", (".json",)),
    "junit": Format("results.junit", (".xml",)),
}
LONGEST = 100  # of what a student wrote, in a report

_SAID = {
    Verdict.CORRECT: "Right.",
    Verdict.FOLLOWS: "Right, given an earlier row.",
    Verdict.CONVENTION: "Right under another convention.",
    Verdict.ROUNDED: "Rounded too far.",
    Verdict.METHOD: "The working and the result differ.",
    Verdict.WRONG: "Wrong.",
    Verdict.UNREAD: "It cannot be read.",
    Verdict.BLANK: "Blank.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerResult:
    """One answer, as services show it."""

    layer: str
    column: str
    given: str  # the answer as it is written
    verdict: Verdict
    passed: bool | None  # None where it cannot be read, and is not counted yet
    points: Fraction
    most: Fraction
    code: str
    message: str
    line: int | None  # of the file

    @property
    def remark(self) -> bool:
        """Return whether it is no answer, but says what was not read."""
        return self.verdict == Verdict.UNREAD and self.passed is True

    @property
    def name(self) -> str:
        """Return the answer's name: its layer and its column."""
        return f"{self.layer} {self.column}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """All answers of a sheet; of a file that cannot be read, one that says so."""

    file: str
    key: str
    answers: tuple[AnswerResult, ...]
    score: Score
    conventions: str
    unread: str = ""  # in a sentence, what of the sheet was not read

    @property
    def said(self) -> str:
        """Return what holds for the whole sheet: the conventions, and what was not read."""
        return f"Conventions of this sheet: {self.conventions}." + f" {self.unread}" * bool(
            self.unread
        )

    @property
    def passed(self) -> bool:
        """Return whether all is right."""
        return all(answer.passed for answer in self.answers)


def results(marks: Marks, level: int) -> Results:
    """Return the results of a sheet, with help up to a level."""
    return Results(
        file=printable(marks.file),
        key=printable(marks.key),
        answers=(*(_answer(mark, marks, level) for mark in grading.listed(marks)), *_unread(marks)),
        score=grading.score(marks),
        conventions="; ".join(marks.conventions),
        unread=printable(marks.reading.summary),
    )


def _unread(marks: Marks) -> Iterator[AnswerResult]:
    """Yield one line about what of a sheet was not read: it costs nothing, and says so."""
    unread, none = marks.reading.unread, Fraction(0)
    if unread:
        yield AnswerResult(
            layer="sheet",
            column="reading",
            given="",
            verdict=Verdict.UNREAD,
            passed=True,
            points=none,
            most=none,
            code="",
            message=printable(marks.reading.summary),
            line=unread[0].place.line,
        )


def refused(error: CnncalcError, file: str, key: str) -> Results:
    """Return the results of a file that could not be read."""
    none, file = Fraction(0), printable(file)
    answer = AnswerResult(
        layer="answers",
        column="file",
        given=file,
        verdict=Verdict.UNREAD,
        passed=None,
        points=none,
        most=none,
        code="",
        message=str(error),
        line=error.problems[0].place.line,
    )
    return Results(
        file=file,
        key=printable(key),
        answers=(answer,),
        score=Score(points=none, most=none, unread=1),
        conventions="none",
    )


def _answer(mark: Mark, marks: Marks, level: int) -> AnswerResult:
    said = hints.lines(mark, level, marks.rules.conventions) or [_SAID[mark.verdict]]
    return AnswerResult(
        layer=printable(mark.layer or mark.row),
        column=mark.column,
        given=printable(mark.text[:LONGEST]),
        verdict=mark.verdict,
        passed=grading.passed(mark),
        points=mark.points,
        most=mark.most,
        code=mark.code,
        message="\n".join(map(printable, said)),
        line=mark.place.line,
    )


def number(value: Fraction) -> int | float:
    """Return points as a number of JSON: whole where they are.

    >>> number(Fraction(3)), number(Fraction(47, 2))
    (3, 23.5)
    """
    return value.numerator if value.denominator == 1 else float(value)


def write(found: Results, format: str) -> str:
    """Return results in a format. Raises: KeyError for an unknown one."""
    text: str = FORMATS[format].write(found)
    return text
