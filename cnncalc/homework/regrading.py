"""The marks of a class beside those of an earlier gradebook, after a key was corrected."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from io import StringIO
from typing import TYPE_CHECKING

from cnncalc.errors import Place, Problem, ReadError
from cnncalc.homework import grading
from cnncalc.homework.verdicts import Verdict

if TYPE_CHECKING:
    from cnncalc.homework.marks import Mark, Marks

_POINTS = re.compile(r"\d{1,9}(?:[./]\d{1,9})?")
LOST = "lost"  # the gradebook's column of cells that have lost points


@dataclass(frozen=True, slots=True, kw_only=True)
class OldGrade:
    """A line of an earlier gradebook: the points, and the cells that lost some."""

    points: Fraction | None  # None: the file could not be marked
    most: Fraction | None
    lost: Mapping[str, Fraction]
    mistakes: Mapping[str, str]  # the codes of cells that were wrong


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedCell:
    """A cell that makes a difference.

    Attributes:
        name: its layer and its column.
        gain: the points that it has gained, or lost below zero.
        code: the mistake that it was consistent with before, if it was wrong.
        verdict: what it is found to be now; None where it is not asked for any more.
    """

    name: str
    gain: Fraction
    code: str
    verdict: Verdict | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedGrade:
    """A sheet whose mark is another now, and the cells that make the difference.

    Attributes:
        file: the sheet.
        before: points and their most, as the old gradebook has them; None where it was not marked.
        after: the same now.
        cells: those that make the difference.
    """

    file: str
    before: tuple[Fraction, Fraction] | None
    after: tuple[Fraction, Fraction] | None
    cells: tuple[ChangedCell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Regrading:
    """How the marks of a class differ from an earlier gradebook.

    Attributes:
        old: the earlier gradebook, as the user called it.
        same: sheets with the same mark.
        changed: those with another one.
        new: files that the gradebook does not have.
        gone: files that it has, and that were not marked now.
    """

    old: str
    same: int
    changed: tuple[ChangedGrade, ...]
    new: tuple[str, ...]
    gone: tuple[str, ...]


def cell_name(mark: Mark) -> str:
    """Return the name of a cell in gradebooks."""
    return f"{mark.layer or mark.row}.{mark.column}"


def lost_points(marks: Marks) -> dict[str, Fraction]:
    """Return the points that each cell has lost."""
    return {
        cell_name(mark): mark.most - mark.points for mark in marks.all() if mark.points < mark.most
    }


def written_lost(lost: Mapping[str, Fraction]) -> str:
    """Return lost points as a gradebook has them.

    >>> written_lost({"CONV1.output": Fraction(1), "FC2.parameters": Fraction(1, 2)})
    'CONV1.output 1; FC2.parameters 1/2'
    """
    return "; ".join(f"{cell} {points}" for cell, points in lost.items())


def read_gradebook(text: str, file: str) -> dict[str, OldGrade]:
    """Return the grades of a gradebook by file. Raises: ReadError if it is none."""
    try:
        rows = csv.DictReader(StringIO(text.lstrip("\ufeff")), restval="")
        if not {"file", "score", "out_of"} <= {*(rows.fieldnames or ())}:
            raise _refused(file, "no gradebook: it has no columns file, score and out_of.")
        return {row["file"]: _grade(row) for row in rows}
    except (csv.Error, ValueError, ZeroDivisionError) as error:
        raise _refused(file, f"no gradebook that can be read: {error}.") from None


def _grade(row: Mapping[str, str]) -> OldGrade:
    points, most = (_number(row[name]) for name in ("score", "out_of"))
    lost = {}
    for cell, number in _pairs(row.get(LOST)).items():
        if (points_lost := _number(number)) is not None:
            lost[cell] = points_lost
    mistakes = _pairs((row.get("mistakes") or "").replace(" or ", "/"))
    return OldGrade(points=points, most=most, lost=lost, mistakes=mistakes)


def _pairs(text: str | None) -> dict[str, str]:
    """Return the word behind each cell's name in a gradebook's column."""
    parts = (part.rpartition(" ") for part in filter(None, (text or "").split("; ")))
    return {cell: word for cell, _, word in parts}


def _number(text: str) -> Fraction | None:
    if not text.strip():
        return None
    if not _POINTS.fullmatch(text):  # 1e999999999 would be a number, too
        raise ValueError(f"{text[:40]!r} is no number of points")
    return Fraction(text)


def _refused(file: str, message: str) -> ReadError:
    return ReadError(Problem("regrade", message, place=Place(file)))


def regraded(
    outcomes: Iterable[tuple[str, Marks | None]], old: Mapping[str, OldGrade], file: str
) -> Regrading:
    """Return how the marks of files, named as in an old gradebook, differ from it."""
    changed: list[ChangedGrade] = []
    new: list[str] = []
    same, seen = 0, set()
    for name, marks in outcomes:
        before = old.get(name)
        seen.add(name)
        if before is None:
            new.append(name)
        elif (change := _change(name, before, marks)) is None:
            same += 1
        else:
            changed.append(change)
    gone = tuple(name for name in old if name not in seen)
    return Regrading(old=file, same=same, changed=tuple(changed), new=tuple(new), gone=gone)


def _change(name: str, before: OldGrade, marks: Marks | None) -> ChangedGrade | None:
    then = None if before.points is None else (before.points, before.most or Fraction(0))
    now, lost = None, dict[str, Fraction]()
    verdicts: dict[str, Verdict] = {}
    if marks is not None:
        found = grading.score(marks)
        now, lost = (_rounded(found.points), _rounded(found.most)), lost_points(marks)
        verdicts = {cell_name(mark): mark.verdict for mark in marks.all()}
    if then == now:
        return None
    gains = {
        cell: before.lost.get(cell, Fraction(0)) - lost.get(cell, Fraction(0))
        for cell in dict.fromkeys((*before.lost, *lost))
    }
    cells = [
        ChangedCell(
            name=cell,
            gain=gain,
            code=before.mistakes.get(cell, ""),
            verdict=verdicts.get(cell),
        )
        for cell, gain in gains.items()
        if gain
    ]
    return ChangedGrade(file=name, before=then, after=now, cells=tuple(cells))


def _rounded(points: Fraction) -> Fraction:
    """Return points as a gradebook has them: with four decimals."""
    return round(points, 4)
