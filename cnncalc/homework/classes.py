"""A class: every sheet marked against one key, and which mistakes were made how often."""

from __future__ import annotations

import glob
import os
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from typing import NamedTuple

from cnncalc.errors import CnncalcError, Problem, ReadError
from cnncalc.homework.answers.documents import read_sheet
from cnncalc.homework.key import Key
from cnncalc.homework.marking import mark
from cnncalc.homework.marks import WRONG, Mark, Marks
from cnncalc.homework.misconceptions import Explanation

MOST_FILES = 100_000


class Outcome(NamedTuple):
    """What became of one file: its marks, or why it could not be marked."""

    file: str
    marks: Marks | None
    problem: str = ""


class Mistaken(NamedTuple):
    """One row of the class's mistakes: how many students and cells, and where most of them.

    `ways` are the explanations that such a number is consistent with; none: unexplained.
    """

    code: str
    ways: tuple[tuple[Explanation, ...], ...]
    students: int
    cells: int
    layer: str
    on_layer: int


def files(patterns: Iterable[str]) -> list[str]:
    """Return the files that names and patterns mean, each once, patterns in order of name.

    Patterns are expanded here, whatever the shell does; a file of that very name goes first.
    Raises: ReadError if a pattern matches nothing.
    """
    found: dict[str, None] = {}
    for pattern in patterns:
        if pattern == "-" or os.path.lexists(pattern) or not glob.has_magic(pattern):
            found[pattern] = None
            continue
        matching = sorted(
            path for path in glob.iglob(pattern, recursive=True) if os.path.isfile(path)
        )
        if not matching:
            raise ReadError(Problem("not_found", f"no file matches {pattern[:100]!r}."))
        found |= dict.fromkeys(matching)
    if len(found) > MOST_FILES:
        raise ReadError(Problem("size", f"more than {MOST_FILES:,} files."))
    # One file under two names is one sheet; pipes and the like are what they are.
    once = {os.path.realpath(path) if os.path.isfile(path) else path: path
            for path in reversed(found)}  # fmt: skip
    return list(once.values())[::-1]


def without(paths: Sequence[str], gradebook: str, head: str) -> list[str]:
    """Return the sheets without the gradebook of an earlier time, which begins with `head`.

    Raises: ReadError if the gradebook would overwrite a sheet.
    """
    kept = [path for path in paths if not same_file(path, gradebook)]
    if len(kept) < len(paths):
        with open(gradebook, encoding="utf-8", errors="replace") as file:
            if file.read(len(head)) != head:
                raise _overwritten(gradebook, "one of the sheets")
    return kept


def unharmed(gradebook: str, key: str) -> None:
    """Raise a ReadError if the gradebook would overwrite the key."""
    if same_file(gradebook, key):
        raise _overwritten(gradebook, "the key")


def _overwritten(gradebook: str, what: str) -> ReadError:
    message = f"{gradebook[:200]} is {what}: the gradebook would overwrite it."
    return ReadError(Problem("gradebook", message))


def same_file(path: str, other: str) -> bool:
    """Return whether two names are of one file that exists."""
    try:
        return os.path.samefile(path, other)
    except OSError:
        return False


def mark_class(
    paths: Sequence[str], key: Key, progress: Callable[[int, int, str], None] | None = None
) -> list[Outcome]:
    """Return what becomes of each file; one that cannot be read spoils nothing."""
    outcomes = []
    for done, path in enumerate(paths):
        if progress is not None:
            progress(done, len(paths), "")
        outcomes.append(_outcome(path, key))
    return outcomes


def _outcome(path: str, key: Key) -> Outcome:
    try:
        return Outcome(path, mark(read_sheet(path), key))
    except CnncalcError as error:
        return Outcome(path, None, str(error.problems[0]))


def tally(outcomes: Iterable[Outcome]) -> list[Mistaken]:
    """Return the mistakes of a class, those of most students first; the unexplained last.

    A number that is consistent with several is counted as `A or B`, apart from A and from B.
    """
    wrong: dict[str, list[tuple[str, Mark]]] = {}
    for outcome in outcomes:
        for one in outcome.marks.all() if outcome.marks else ():
            if one.verdict == WRONG:
                wrong.setdefault(one.code, []).append((outcome.file, one))
    found = []
    for code, marks in wrong.items():
        (layer, on_layer), *_ = Counter(one.layer for _, one in marks).most_common(1)
        students = len({file for file, _ in marks})
        found.append(
            Mistaken(code, marks[0][1].explanations, students, len(marks), layer, on_layer)
        )
    return sorted(found, key=lambda row: (not row.code, -row.students, -row.cells, row.code))


class Spread(NamedTuple):
    """The scores of a class."""

    most: Fraction
    mean: Fraction
    median: Fraction
    lowest: Fraction
    full: int


def spread(outcomes: Iterable[Outcome]) -> Spread | None:
    """Return how the scores are spread, or None if nothing was marked."""
    marked = [outcome.marks for outcome in outcomes if outcome.marks is not None]
    if not marked:
        return None
    scores = sorted(marks.score for marks in marked)
    middle = len(scores) // 2
    median = scores[middle] if len(scores) % 2 else (scores[middle - 1] + scores[middle]) / 2
    return Spread(
        max(marks.most for marks in marked),
        sum(scores, Fraction(0)) / len(scores),
        median,
        scores[0],
        sum(marks.ok for marks in marked),
    )
