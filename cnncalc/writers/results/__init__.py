"""Marks in the formats that grading services read. A format is one line here.

Every format is written from one record, `Results`, which holds no expected value below the
last level of help.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from cnncalc.errors import printable
from cnncalc.homework import marks as marking
from cnncalc.writers import Format, hints

if TYPE_CHECKING:
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
    marking.CORRECT: "Right.",
    marking.FOLLOWS: "Right, given an earlier row.",
    marking.CONVENTION: "Right under another convention.",
    marking.ROUNDED: "Rounded too far.",
    marking.METHOD: "The working and the result differ.",
    marking.WRONG: "Wrong.",
    marking.UNREADABLE: "It cannot be read.",
    marking.BLANK: "Blank.",
}


class Item(NamedTuple):
    """One answer. `passed` is None where it could not be read, and is not counted yet."""

    layer: str
    column: str
    given: str
    verdict: str
    passed: bool | None
    points: Fraction
    most: Fraction
    code: str
    message: str
    line: int | None

    @property
    def name(self) -> str:
        """Return what the answer is called: its layer and its column."""
        return f"{self.layer} {self.column}"


class Results(NamedTuple):
    """All answers of a sheet; of a file that cannot be read, one that says so.

    `most` counts what could not be read, too: a share of it is a grade.
    """

    file: str
    key: str
    items: tuple[Item, ...]
    points: Fraction
    most: Fraction
    conventions: str

    @property
    def passed(self) -> bool:
        """Return whether all is right."""
        return all(item.passed for item in self.items)

    @property
    def share(self) -> float:
        """Return the share of the points that was reached, from 0 to 1."""
        return float(self.points / self.most) if self.most else 0.0


def results(marks: Marks, level: int) -> Results:
    """Return the results of a sheet, with help up to a level."""
    shown = [
        _item(one, marks, level)
        for one in marks.all()
        if one.most or one.verdict == marking.UNREADABLE
    ]
    return Results(
        printable(marks.file),
        printable(marks.key),
        tuple(shown),
        marks.score,
        sum((item.most for item in shown), Fraction(0)),
        "; ".join(marks.conventions),
    )


def refused(error: CnncalcError, file: str, key: str) -> Results:
    """Return the results of a file that could not be read."""
    none, place, file = Fraction(0), error.problems[0].place, printable(file)
    item = Item(
        "answers", "file", file, marking.UNREADABLE, None, none, none, "", str(error), place.line
    )
    return Results(file, printable(key), (item,), none, none, "none")


def _item(one: Mark, marks: Marks, level: int) -> Item:
    said = hints.lines(one, level, marks.rules.conventions) or [_SAID[one.verdict]]
    passed = None if one.verdict == marking.UNREADABLE else one.points == one.most
    return Item(
        printable(one.layer or one.row),
        one.column,
        printable(one.text[:LONGEST]),
        one.verdict,
        passed,
        one.points,
        one.most if one.layer else Fraction(0),  # a row that the network does not have
        one.code,
        "\n".join(map(printable, said)),
        one.place.line,
    )


def number(value: Fraction) -> int | float:
    """Return points as JSON has them: whole where they are.

    >>> number(Fraction(3)), number(Fraction(47, 2))
    (3, 23.5)
    """
    return value.numerator if value.denominator == 1 else float(value)


def write(found: Results, format: str) -> str:
    """Return results in a format. Raises: KeyError for an unknown one."""
    text: str = FORMATS[format].write(found)
    return text
