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
from cnncalc.homework.quiz import values
from cnncalc.homework.quiz.questions import TOPICS, AnyQuestion, Question, Quiz
from cnncalc.homework.quiz.random_network import KINDS, Analyze, Draw
from cnncalc.homework.quiz.values import ValueQuestion
from cnncalc.homework.rules import Rules

MOST = 500  # questions at once
LEVELS = tuple(KINDS)
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
    check_plan(topics, levels, count)
    asked = questions(analyze, seed, topics=topics, levels=levels, count=count)
    return Quiz(seed, tuple(map(with_feedback, asked)))


def check_plan(topics: Sequence[str], levels: Sequence[int], count: int) -> None:
    """Raise the CnncalcError of an unknown topic or level, or of too many questions."""
    for topic in topics:
        if topic not in TOPICS:
            hint = did_you_mean(topic, TOPICS)
            raise _refused(f"no topic {topic[:60]!r}.{hint} It is one of {', '.join(TOPICS)}.")
    known = all(isinstance(level, int) and level in LEVELS for level in levels)
    if not levels or not topics or not known:
        raise _refused(f"a level is one of {', '.join(map(str, LEVELS))}.")
    if not isinstance(count, int) or not 1 <= count <= MOST:
        raise _refused(f"a quiz has from 1 to {MOST} questions. Received {count!s:.60}.")


def questions(
    analyze: Analyze,
    seed: int | str,
    *,
    topics: Sequence[str],
    levels: Sequence[int],
    count: int,
) -> Iterator[AnyQuestion]:
    """Yield the questions of a quiz, without feedback, as they are drawn."""
    seen: set[object] = set()
    for number in range(count):
        topic, level = topics[number % len(topics)], levels[number * len(levels) // count]
        for again in range(_AGAIN):
            question = drawn(analyze, topic, level, (seed, number, again))
            asked = _what_is_asked(question)
            if asked not in seen:
                break
        seen.add(asked)
        yield question


def _what_is_asked(question: AnyQuestion) -> object:
    """Return a value by which questions are compared."""
    if isinstance(question, Question):
        rows = question.key.report.layers
        return question.topic, tuple((row.layer, row.output) for row in rows)
    return question.exercise


def _refused(message: str) -> CnncalcError:
    return CnncalcError(Problem("quiz", message))


def draw(analyze: Analyze, topic: str, level: int, seed: Sequence[object]) -> AnyQuestion:
    """Return the question of a seed, with feedback on wrong answers."""
    return with_feedback(drawn(analyze, topic, level, seed))


def drawn(analyze: Analyze, topic: str, level: int, seed: Sequence[object]) -> AnyQuestion:
    """Return the question of a seed: the first drawn that tells all mistakes apart.

    If none of them does, it is the one that tells the most apart.
    """
    dice = Draw((*seed, topic, level))
    kind, codes = dice.among(list(TOPICS[topic].kinds.items()))
    best: tuple[int, AnyQuestion] | None = None
    for _ in range(_TRIES):
        question = _try(dice, analyze, topic, kind, level)
        if question is None:
            continue
        missing = len(codes) - told_apart(question, codes)
        if best is None or missing < best[0]:
            best = missing, question
        if not missing:
            break
    if best is None:
        raise _refused("no network was found for this question. Use another seed.")
    return best[1]


def with_feedback(question: AnyQuestion) -> AnyQuestion:
    """Return a question with the wrong answers that have feedback."""
    return replace(question, wrong=tuple(question.wrong_answers(_likeliest(question))))


def _try(dice: Draw, analyze: Analyze, topic: str, kind: str, level: int) -> AnyQuestion | None:
    """Return a question that is drawn at random, or None where what was drawn asks nothing."""
    if topic == "values":
        exercise = values.draw(dice, kind, level)
        asked = ValueQuestion(topic=topic, level=level, exercise=exercise)
        numbers = [one.value for one in asked.wrong_values() if len(one.mistakes) == 1]
        positive = all(isinstance(n, int) and n > 0 for n in (asked.answer, *numbers))
        return asked if positive else None
    report = dice.network(kind, level, analyze)
    if report is None:
        return None
    key = Key(report, Rules(missing="ignored"), "quiz")
    question = Question(topic=topic, level=level, key=key)
    field = report.layers[-1].receptive_field.size
    # What a unit sees beyond the image is padding: no answer there that people would agree on.
    wide = field is None or any(n > w for n, w in zip(field, report.input.extents, strict=True))
    return None if topic == "receptive_field" and wide else question


def told_apart(question: AnyQuestion, codes: Sequence[str]) -> int:
    """Return how many of these mistakes lead to a wrong number of their own."""
    numbers: dict[str, set[Value]] = {}
    for value, (mistake, *others) in question.wrong_values():
        if not others and mistake.code in codes:
            numbers.setdefault(mistake.code, set()).add(value)
    return sum(
        not any(values & other for name, other in numbers.items() if name != code)
        for code, values in numbers.items()
    )


def _likeliest(question: AnyQuestion) -> Iterator[Value]:
    """Yield the wrong answers that may have feedback, the likeliest first.

    They come of other conventions, of every mistake, and of two common ones together.
    """
    common = {code for codes in TOPICS[question.topic].kinds.values() for code in codes}
    if isinstance(question, Question):
        for one in question.key.alternatives(question.index, question.column):
            if len(one.changes) == 1:
                yield question.as_asked(one.value)
    for count in (1, 2):
        for value, mistakes in question.wrong_values():
            usual = count == 1 or common.issuperset(mistake.code for mistake in mistakes)
            if len(mistakes) == count and usual:
                yield question.as_asked(value) if isinstance(question, Question) else value
