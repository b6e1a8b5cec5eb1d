"""The submissions of a class: which files they are, and each marked against one key."""

from __future__ import annotations

import glob
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from cnncalc.errors import CnncalcError, Place, Problem, ReadError
from cnncalc.homework.marks import Marks

MOST_FILES = 100_000


@dataclass(frozen=True, slots=True)
class MarkedFile:
    """The marks of one file, or why it could not be marked."""

    file: str
    marks: Marks | None
    problem: str = ""


def files(patterns: Iterable[str]) -> list[str]:
    """Return the files of names and patterns, each once; those of a pattern in order of name.

    Patterns are expanded here, as not every shell does it; a file of that very name goes first.
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
    once: dict[str, str] = {}
    for path in found:  # a file under two names is one sheet; a pipe has no other name
        once.setdefault(os.path.realpath(path) if os.path.isfile(path) else path, path)
    return list(once.values())


def without(paths: Sequence[str], gradebook: str) -> list[str]:
    """Return the sheets without the gradebook of an earlier run, which a pattern meant, too.

    Raises: ReadError if nothing is left.
    """
    kept = [path for path in paths if not same_file(path, gradebook)]
    if not kept:
        raise ReadError(Problem("answers", f"{gradebook[:200]} is a gradebook, no sheet to mark."))
    return kept


def same_file(path: str, other: str) -> bool:
    """Return whether two names are of one file that exists."""
    try:
        return os.path.samefile(path, other)
    except OSError:
        return False


def mark_class(
    paths: Sequence[str],
    mark_file: Callable[[str], Marks],
    progress: Callable[[int, int, str], None] | None = None,
) -> list[MarkedFile]:
    """Return the outcome of each file; one that cannot be read does not stop the others."""
    outcomes = []
    for done, path in enumerate(paths):
        if progress is not None:
            progress(done, len(paths), "")
        outcomes.append(_outcome(path, mark_file))
    return _of_one_student_each(outcomes)


def _of_one_student_each(outcomes: Sequence[MarkedFile]) -> list[MarkedFile]:
    """Return the outcomes; files that are sheets of the same student are left to a person.

    Someone may have handed in another's sheet.
    """
    from cnncalc.homework.answers import quiz_sheet

    files: dict[str, list[str]] = {}
    for one in outcomes:
        if one.marks is not None and one.marks.student:
            files.setdefault(quiz_sheet.same(one.marks.student), []).append(one.file)
    found = []
    for one in outcomes:
        several = files.get(quiz_sheet.same(one.marks.student), []) if one.marks else []
        if one.marks is not None and len(several) > 1:
            other = next(file for file in several if file != one.file)
            message = f"the sheet of {one.marks.student[:60]!r}, and so is {other[:100]}."
            problem = Problem("quiz", message, place=Place(one.file))
            one = MarkedFile(one.file, None, str(problem))
        found.append(one)
    return found


def _outcome(path: str, mark_file: Callable[[str], Marks]) -> MarkedFile:
    try:
        return MarkedFile(path, mark_file(path))
    except CnncalcError as error:
        return MarkedFile(path, None, str(error.problems[0]))
    except Exception as error:  # whatever it is, the others of the class are marked
        problem = Problem("answers", f"cannot be marked ({type(error).__name__}).", "", Place(path))
        return MarkedFile(path, None, str(problem))
