"""The gradebook of a class, as CSV."""

from __future__ import annotations

import codecs
from fractions import Fraction
from typing import TYPE_CHECKING

from cnncalc import readers, units
from cnncalc.errors import printable
from cnncalc.homework import grading, regrading
from cnncalc.homework.verdicts import Verdict
from cnncalc.writers import csv

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnncalc.homework.regrading import Regrading
    from cnncalc.homework.submissions import MarkedFile

_WORDS = ("student", "mistakes", regrading.LOST, "not_read", "problem")
HEADS = ("file", "score", "out_of", *Verdict, *_WORDS)


def write(outcomes: Sequence[MarkedFile]) -> str:
    """Return the gradebook: a line for each file. No spreadsheet takes its text for a formula."""
    return csv.grid(HEADS, [_line(outcome) for outcome in outcomes])


def is_gradebook(path: str) -> bool:
    """Return whether a file begins as gradebooks do. Raises: ReadError if it cannot be read."""
    head = ",".join(HEADS[:3]) + ","
    return readers.read_bytes(path).removeprefix(codecs.BOM_UTF8).startswith(head.encode())


def regraded(outcomes: Sequence[MarkedFile], old: str) -> Regrading:
    """Return how outcomes differ from an old gradebook, a file. Raises: ReadError if it is none."""
    text = readers.source_of(readers.read_bytes(old), old).text
    named = [(str(csv.neutral(printable(one.file))), one.marks) for one in outcomes]
    return regrading.regraded(named, regrading.read_gradebook(text, old), old)


def _line(outcome: MarkedFile) -> list[object]:
    file, problem, marks = printable(outcome.file), printable(outcome.problem), outcome.marks
    if marks is None:
        return [file, *[""] * (len(HEADS) - 2), problem]
    counts, score = grading.verdict_counts(marks), grading.score(marks)
    mistakes = "; ".join(
        f"{printable(mark.layer)}.{mark.column} {mark.code or 'unexplained'}"
        for mark in marks.all()
        if mark.verdict == Verdict.WRONG
    )
    # What was not read counts as unread, whether it is a cell, a line or a column.
    counts[Verdict.UNREAD] = max(counts[Verdict.UNREAD], len(marks.reading.unread))
    lost = {printable(cell): n for cell, n in regrading.lost_points(marks).items()}
    return [
        file,
        *(decimal(score.points), decimal(score.most)),
        *(counts[verdict] for verdict in Verdict),
        printable(marks.student),
        mistakes,
        regrading.written_lost(lost),
        printable(marks.reading.summary),
        problem,
    ]


def decimal(value: Fraction) -> str:
    """Return points with at most four decimals.

    >>> decimal(Fraction(47, 2)), decimal(Fraction(29)), decimal(Fraction(1, 3))
    ('23.5', '29', '0.3333')
    """
    text = units.rounded(value, 4).replace(",", "")
    return text.rstrip("0").rstrip(".")
