"""Draws the networks of questions, so that a wrong number tells which mistake led to it.

A network is taken when the common mistakes lead to numbers that differ from the answer and from
one another.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from cnncalc.errors import CnncalcError, Problem, did_you_mean
from cnncalc.homework.key import Key
from cnncalc.homework.layer_truth import Value
from cnncalc.homework.quiz.questions import TOPICS, Question, Quiz, WrongAnswer
from cnncalc.homework.quiz.random_network import KINDS, Analyze, Draw
from cnncalc.homework.rules import Rules
from cnncalc.homework.verdicts import Verdict

MOST = 500  # questions at once
LEVELS = tuple(KINDS)
MOST_WRONG = 24  # numbers that a question has feedback for
_TRIES = 300  # networks drawn for a question
_AGAIN = 20  # questions drawn until one is new


def quiz(
    analyze: Analyze,
    seed: int | str,
    *,
    topics: Sequence[str] = tuple(TOPICS),
    levels: Sequence[int] = (1,),
    count: int = 10,
) -> Quiz:
    """Return `count` questions, the same for the same seed; levels rise, topics alternate.

    Raises: CnncalcError for an unknown topic or level, or too many questions.
    """
    for topic in topics:
        if topic not in TOPICS:
            hint = did_you_mean(topic, TOPICS)
            raise _refused(f"no topic {topic[:60]!r}.{hint} It is one of {', '.join(TOPICS)}.")
    known = all(isinstance(level, int) and level in LEVELS for level in levels)
    if not levels or not topics or not known:
        raise _refused(f"a level is one of {', '.join(map(str, LEVELS))}.")
    if not isinstance(count, int) or not 1 <= count <= MOST:
        raise _refused(f"a quiz has from 1 to {MOST} questions. Received {count!s:.60}.")
    found: list[Question] = []
    seen: set[object] = set()
    for number in range(count):
        topic, level = topics[number % len(topics)], levels[number * len(levels) // count]
        for again in range(_AGAIN):
            question = draw(analyze, topic, level, (seed, number, again))
            rows = question.key.report.layers
            asked = topic, tuple((row.layer, row.output) for row in rows)
            if asked not in seen:
                break
        seen.add(asked)
        found.append(question)
    return Quiz(seed, tuple(found))


def _refused(message: str) -> CnncalcError:
    return CnncalcError(Problem("quiz", message))


def draw(analyze: Analyze, topic: str, level: int, seed: Sequence[object]) -> Question:
    """Return the question of a seed: the first network drawn that tells all mistakes apart.

    If none of them does, it is the one that tells the most apart.
    """
    drawn = Draw((*seed, topic, level))
    kind, codes = drawn.among(list(TOPICS[topic].kinds.items()))
    best: tuple[int, Question] | None = None
    for _ in range(_TRIES):
        report = drawn.network(kind, level, analyze)
        if report is None:
            continue
        question = Question(topic, level, Key(report, Rules(missing="ignored"), "quiz"))
        missing = len(codes) - told_apart(question, codes)
        if best is None or missing < best[0]:
            best = missing, question
        if not missing:
            break
    if best is None:
        raise _refused("no network was found for this question. Use another seed.")
    return replace(best[1], wrong=tuple(_wrong_answers(best[1])))


def told_apart(question: Question, codes: Sequence[str]) -> int:
    """Return how many of these mistakes lead to a wrong number of their own."""
    numbers: dict[str, set[Value]] = {}
    for value, (mistake, *others) in question.key.wrong_values(question.index, question.column):
        if not others and mistake.code in codes:
            numbers.setdefault(mistake.code, set()).add(value)
    return sum(
        not any(values & other for name, other in numbers.items() if name != code)
        for code, values in numbers.items()
    )


def _wrong_answers(question: Question) -> Iterator[WrongAnswer]:
    """Yield the wrong answers that have feedback, the likeliest first.

    They come of other conventions, of every mistake, and of two common ones together.
    """
    index, column = question.index, question.column
    common = {code for codes in TOPICS[question.topic].kinds.values() for code in codes}
    alternatives = question.key.alternatives(index, column)
    values = [one.value for one in alternatives if len(one.changes) == 1]
    for count in (1, 2):
        values += [
            value
            for value, mistakes in question.key.wrong_values(index, column)
            if len(mistakes) == count
            and (count == 1 or common.issuperset(mistake.code for mistake in mistakes))
        ]
    seen: set[Value] = {question.answer}
    for value in map(question.as_asked, values):
        numbers = value if isinstance(value, tuple) else (value,)
        if value in seen or not all(isinstance(n, int) and n > 0 for n in numbers):
            continue
        seen.add(value)
        found = question.mark("x".join(map(str, numbers)))
        if found.verdict in (Verdict.CONVENTION, Verdict.ROUNDED, Verdict.WRONG):
            yield WrongAnswer(value, found)
        if len(seen) > MOST_WRONG:
            return
