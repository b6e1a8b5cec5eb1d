"""A quiz for each student: seeds made from a secret and a name, and sheets marked by making the
key again.

A student's seed is an HMAC of the secret over what the sheet says of itself: the title, the name
and the plan (how many questions, on what). So none of them can be changed without another quiz
coming out, and nothing on a sheet makes its key: for that it takes the secret.
"""

from __future__ import annotations

import csv
import hashlib
import hmac
import re
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from cnncalc.errors import CnncalcError, Place, Problem, ReadError
from cnncalc.homework.answers.quiz_sheet import Plan, QuizSheet, WrittenAnswer, same
from cnncalc.homework.marks import MarkedRow, Marks
from cnncalc.homework.quiz import drawing
from cnncalc.homework.quiz.questions import AnyQuestion, Question, Quiz
from cnncalc.homework.quiz.random_network import Analyze
from cnncalc.homework.rules import Rules

MOST_NAMES = 10_000
LONGEST_NAME = 200
_HEADS = ("name", "student", "full name", "student name", "display name")
_FIRST, _LAST = ("first name", "firstname", "given name"), ("last name", "surname", "lastname")


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalQuiz:
    """The quiz of one student."""

    name: str
    title: str
    plan: Plan
    quiz: Quiz


def drawn_secret() -> str:
    """Return a secret of 64 bits that is drawn."""
    return secrets.token_hex(8)


def seed_of(secret: str, title: str, name: str, plan: Plan) -> str:
    """Return the seed of a student's quiz: HMAC-SHA256 of title, name and plan under the secret.

    Spaces, and capital or small letters, make no difference to a title and a name.

    >>> plan = Plan(count=1, topics=("shapes",), levels=(1,))
    >>> seed_of("w", "Quiz 1", "Ann Lee", plan) == seed_of("w", "quiz 1", " ANN  LEE", plan)
    True
    >>> seed_of("w", "Quiz 1", "Ann Lee", plan) == seed_of("v", "Quiz 1", "Ann Lee", plan)
    False
    """
    said = "\n".join((same(title), same(name), str(plan)))
    key = secret.encode("utf-8", "surrogatepass")
    return hmac.new(key, said.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()


def personal(analyze: Analyze, secret: str, title: str, name: str, plan: Plan) -> PersonalQuiz:
    """Return a student's quiz, always the same for the same secret, title, name and plan."""
    seed = seed_of(secret, title, name, plan)
    quiz = drawing.quiz(analyze, seed, topics=plan.topics, levels=plan.levels, count=plan.count)
    return PersonalQuiz(name=name, title=title, plan=plan, quiz=quiz)


# --- the roster ---------------------------------------------------------------------------------


def names(text: str, file: str) -> list[str]:
    """Return the names of a roster: lines, or CSV with a head such as name or first and last name.

    Raises: ReadError for none, too many, too long ones, or two that are taken for the same.
    """
    found: dict[str, str] = {}
    for name in _listed(text):
        if len(name) > LONGEST_NAME:
            raise _roster(file, f"the name {name[:40]!r}… has more than {LONGEST_NAME} letters.")
        if same(name) in found:
            raise _roster(file, f"the name {name!r} is there twice: tell the two apart.")
        found[same(name)] = name
    if not found:
        raise _roster(file, "no names in it. Write one on each line.")
    if len(found) > MOST_NAMES:
        raise _roster(file, f"more than {MOST_NAMES:,} names.")
    return list(found.values())


def _listed(text: str) -> Iterator[str]:
    """Yield the names of a roster's lines; without a head that is known, a line is a name."""
    first, *lines = text.lstrip("\ufeff").splitlines() or [""]
    delimiter = max(",;\t", key=first.count)
    heads = [same(cell) for cell in _cells(first, delimiter)]
    whole = [heads.index(head) for head in _HEADS if head in heads]
    parts = [heads.index(head) for head in (*_FIRST, *_LAST) if head in heads]
    for line in lines if whole or parts else [first, *lines]:
        cells = _cells(line, delimiter) if whole or parts else [line]
        chosen = (whole[:1] or parts) or [0]
        if name := " ".join(" ".join(cells[i] for i in chosen if i < len(cells)).split()):
            yield name


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return [line]


def _roster(file: str, message: str) -> ReadError:
    return ReadError(Problem("roster", message, place=Place(file)))


# --- a sheet that comes back --------------------------------------------------------------------


def mark_sheet(
    analyze: Analyze,
    sheet: QuizSheet,
    secret: str,
    wording: Callable[[AnyQuestion], str],
) -> Marks:
    """Return the marks of a quiz's sheet against the key that its secret makes again.

    `wording` returns a question's text as sheets have it, down to the answer.
    Raises: ReadError if the questions are not those that this secret makes for this name.
    """
    plan = sheet.plan
    seed = seed_of(secret, sheet.title, sheet.name, plan)
    rows = []
    conventions: dict[str, None] = {}
    try:
        drawing.check_plan(plan.topics, plan.levels, plan.count)
    except CnncalcError:
        raise _other_quiz(sheet) from None
    made = drawing.questions(
        analyze, seed, topics=plan.topics, levels=plan.levels, count=plan.count
    )
    for number, question in enumerate(made, 1):
        written = sheet.answers.get(number)
        # A student's own words may stand below the question's.
        words = _words(wording(question))
        if written is not None and _words(written.asked)[: len(words)] != words:
            raise _other_quiz(sheet)
        rows.append(_row(number, question, written, sheet.file))
        if isinstance(question, Question):
            conventions |= dict.fromkeys(question.key.named_conventions((question.column,)))
    if sheet.answers.keys().isdisjoint(range(1, plan.count + 1)):
        raise _other_quiz(sheet)
    columns = tuple(dict.fromkeys(column for row in rows for column in row.marks))
    return Marks(
        file=sheet.file,
        key=sheet.title,
        name=sheet.name,
        columns=columns,
        rows=tuple(rows),
        totals={},
        order=None,
        conventions=list(conventions),
        rules=Rules(missing="ignored"),
        student=sheet.name,
    )


def _row(number: int, question: AnyQuestion, written: WrittenAnswer | None, file: str) -> MarkedRow:
    name = f"{number}. {question.topic.replace('_', ' ')}"
    one = question.mark(written.text if written else "")
    place = Place(file, written.line if written else None)
    one = replace(one, row=name, layer=name, place=place)
    return MarkedRow(name, {question.column: one})


def _words(text: str) -> list[str]:
    """Return a question's words, without the signs that an editor may add or take away."""
    return re.findall(r"\w+", text.replace("\\", "").lower())


def _other_quiz(sheet: QuizSheet) -> ReadError:
    message = (
        f"these are not the questions that this word makes for {sheet.name[:60]!r}: it is another "
        "word, another name, or a sheet that was changed."
    )
    return ReadError(Problem("quiz", message, place=Place(sheet.file)))
