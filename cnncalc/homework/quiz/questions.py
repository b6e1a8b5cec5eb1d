"""Questions with keys: every answer is the analysis of a network that was drawn for it.

A network is taken when the common mistakes lead to numbers that differ from the answer and
from one another, so that a wrong number tells which mistake it is consistent with. An answer
is marked as a sheet of one cell, by what marks every other sheet.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, overload

from cnncalc.errors import CnncalcError, Place, Problem, did_you_mean
from cnncalc.homework.key import Key, Rules
from cnncalc.homework.layer_truth import EXTENTS, Case, Value
from cnncalc.homework.marking import mark
from cnncalc.homework.marks import CONVENTION, ROUNDED, WRONG, Mark
from cnncalc.homework.quiz.random_network import KINDS, Analyze, Draw
from cnncalc.homework.sheet import Cell, Sheet, SheetRow
from cnncalc.model.printable import Printable

MOST = 500  # questions at once
LEVELS = tuple(KINDS)
MOST_WRONG = 24  # numbers that a question has feedback for
_TRIES = 300  # networks drawn for a question
_AGAIN = 20  # questions drawn until one is new


class Topic(NamedTuple):
    """What is asked: a sheet's column, and of which kinds of layer.

    Each kind has the codes of the common mistakes, which must lead to numbers of their own.
    """

    column: str
    kinds: dict[str, tuple[str, ...]]


TOPICS = {
    "shapes": Topic("output", {
        "conv": ("S-PADONCE", "S-NOPLUS1", "S-NOPAD", "S-NOSTRIDE", "S-CEIL", "S-DEPTHKEEP"),
        "max_pool": ("S-NOPLUS1", "S-NOSTRIDE", "S-CEIL", "S-POOLDIV", "S-POOLDEPTH"),
    }),
    "params": Topic("parameters", {
        "conv": ("P-NODEPTH", "P-NOBIAS", "P-ONEBIAS", "P-ONEFILTER", "P-OUTDEPTH", "P-NOSHARE"),
        "fc": ("P-NOBIAS", "P-ONEBIAS", "P-NOCHANNEL-FC", "P-FCADD", "P-NOFLATTEN"),
    }),
    "flops": Topic("flops", {
        "conv": ("F-INHW", "F-NODEPTH", "F-PARAMS", "F-ONEFILTER", "F-BIASONCE"),
    }),
    "receptive_field": Topic("receptive_field", {
        "field": ("R-OFFBYLAYER", "R-LASTTWICE", "R-NOJUMP", "R-JUMPEARLY", "R-AREA", "R-KERNELSUM",
                  "R-LASTONLY"),
    }),
    "memory": Topic("memory", {
        "conv": ("M-BWD", "M-VALUES", "M-INPUT", "M-NODEPTH"),
        "max_pool": ("M-BWD", "M-VALUES", "M-INPUT", "M-NODEPTH"),
    }),
}  # fmt: skip


class Wrong(NamedTuple):
    """A wrong number, and the marks of all answers in which it stands."""

    value: int
    marks: tuple[Mark, ...]


class Box(NamedTuple):
    """One whole number to be answered, and the wrong ones that have something said to them."""

    label: str  # height, width, ...; nothing where there is one number alone
    value: int
    wrong: tuple[Wrong, ...]


class Question(NamedTuple):
    """A question about the last layer of a network.

    `wrong` are the numbers that other conventions and mistakes lead to, with their marks,
    the likeliest first.
    """

    topic: str
    level: int
    key: Key
    wrong: tuple[tuple[Value, Mark], ...] = ()

    @property
    def column(self) -> str:
        """Return the sheet's column that is asked about."""
        return TOPICS[self.topic].column

    @property
    def case(self) -> Case:
        """Return the layer that is asked about, with its volumes."""
        return self.key.cases[self.place]

    @property
    def place(self) -> int:
        """Return the place of that layer in the network's rows."""
        return len(self.key.cases) - 1

    @property
    def answer(self) -> Value:
        """Return the true value."""
        value = self.key.truth(self.place, self.column)
        return 0 if value is None else self.said(value)

    def said(self, value: Value) -> Value:
        """Return a value as it is asked for: one number for all axes, where it is no volume."""
        if self.column in EXTENTS and isinstance(value, tuple) and len(set(value)) == 1:
            return value[0]
        return value

    def mark(self, text: str) -> Mark:
        """Return the mark of an answer, whatever it looks like."""
        cell = Cell(text, Place())
        line = SheetRow(self.case.name, self.case.type, {self.column: cell}, Place())
        sheet = Sheet(file="answer", rows=(line,), columns=(self.column,))
        ((_, marks),) = mark(sheet, self.key).rows
        return marks[self.column]

    def boxes(self) -> tuple[Box, ...]:
        """Return the whole numbers that make up the answer: one, or one for each extent."""
        if not isinstance(self.answer, tuple):
            return (Box("", int(self.answer), _gathered(self.wrong)),)
        labels = ("height", "width", "depth")
        wrong = [
            (value, one)
            for value, one in self.wrong
            if isinstance(value, tuple) and "layout" not in dict(one.changes)  # another order
        ]
        return tuple(
            Box(label, int(n), _gathered((v[i], one) for v, one in wrong if v[i] != n))
            for i, (label, n) in enumerate(zip(labels, self.answer, strict=True))
        )


def _gathered(pairs: Iterable[tuple[Value, Mark]]) -> tuple[Wrong, ...]:
    """Return each number once, with the answers that it stands in and that take the least."""
    found: dict[int, list[Mark]] = {}
    for value, one in pairs:
        if isinstance(value, int):
            found.setdefault(value, []).append(one)
    return tuple(
        Wrong(value, tuple(one for one in marks if _mistakes(one) == _mistakes(marks[0])))
        for value, marks in found.items()
    )


def _mistakes(one: Mark) -> int:
    """Return how many mistakes a wrong number takes; none where a convention explains it."""
    return min(map(len, one.explanations), default=0)


@dataclass(frozen=True, slots=True, repr=False)
class Quiz(Sequence[Question], Printable):
    """The questions of a seed, in order."""

    seed: int | str = field(compare=False)
    questions: tuple[Question, ...]

    def __repr__(self) -> str:
        """Return the seed, and how many questions there are."""
        return f"<Quiz of seed {self.seed!r}: {len(self.questions)} questions>"

    def __len__(self) -> int:
        """Return how many questions there are."""
        return len(self.questions)

    @overload
    def __getitem__(self, index: int) -> Question: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Question, ...]: ...
    def __getitem__(self, index: int | slice) -> Question | tuple[Question, ...]:
        """Return a question, counted from 0."""
        return self.questions[index]

    def to_markdown(self, **options: str) -> str:
        """Return the questions as Markdown, without their answers; `title` is what is on top."""
        return str(self.to("markdown", **options))


def quiz(
    analyze: Analyze,
    seed: int | str,
    *,
    topics: Sequence[str] = tuple(TOPICS),
    levels: Sequence[int] = (1,),
    count: int = 10,
) -> Quiz:
    """Return so many questions, the same for the same seed; levels rise, topics alternate.

    Raises: CnncalcError for an unknown topic or level, or too many questions.
    """
    for topic in topics:
        if topic not in TOPICS:
            raise _refused(f"no topic {topic[:60]!r}.{did_you_mean(topic, TOPICS)} "
                           f"It is one of {', '.join(TOPICS)}.")  # fmt: skip
    if (
        not levels
        or not topics
        or not all(isinstance(level, int) and level in LEVELS for level in levels)
    ):
        raise _refused(f"a level is one of {', '.join(map(str, LEVELS))}.")
    if not isinstance(count, int) or not 1 <= count <= MOST:
        raise _refused(f"a quiz has from 1 to {MOST} questions. Received {count!s:.60}.")
    found: list[Question] = []
    seen: set[object] = set()
    for number in range(count):
        topic, level = topics[number % len(topics)], levels[number * len(levels) // count]
        for again in range(_AGAIN):
            question = draw(analyze, topic, level, seed, number, again)
            rows = question.key.report.layers
            asked = topic, tuple((row.layer, row.output) for row in rows)
            if asked not in seen:
                break
        seen.add(asked)
        found.append(question)
    return Quiz(seed, tuple(found))


def _refused(message: str) -> CnncalcError:
    return CnncalcError(Problem("quiz", message))


def draw(analyze: Analyze, topic: str, level: int, *seed: object) -> Question:
    """Return the question of a seed: the first network drawn that tells all mistakes apart.

    If none of them does, it is the one that tells the most apart.
    """
    drawn = Draw(*seed, topic, level)
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
    return best[1]._replace(wrong=tuple(_wrong(best[1])))


def told_apart(question: Question, codes: Sequence[str]) -> int:
    """Return how many of these mistakes lead to a wrong number of their own."""
    numbers: dict[str, set[Value]] = {}
    for value, why in question.key.wrong(question.place, question.column):
        if len(why) == 1 and why[0].code in codes:
            numbers.setdefault(why[0].code, set()).add(value)
    return sum(
        not any(values & other for name, other in numbers.items() if name != code)
        for code, values in numbers.items()
    )


def _wrong(question: Question) -> Iterator[tuple[Value, Mark]]:
    """Yield the wrong numbers that are worth a word, the likeliest first.

    They come of other conventions, of every mistake, and of two common ones together.
    """
    place, column = question.place, question.column
    common = {code for codes in TOPICS[question.topic].kinds.values() for code in codes}
    values = [value for changes, value in question.key.others(place, column) if len(changes) == 1]
    for count in (1, 2):
        values += [
            value
            for value, why in question.key.wrong(place, column)
            if len(why) == count and (count == 1 or common.issuperset(x.code for x in why))
        ]
    seen: set[Value] = {question.answer}
    for value in map(question.said, values):
        numbers = value if isinstance(value, tuple) else (value,)
        if value in seen or not all(isinstance(n, int) and n > 0 for n in numbers):
            continue
        seen.add(value)
        found = question.mark("x".join(map(str, numbers)))
        if found.verdict in (CONVENTION, ROUNDED, WRONG):
            yield value, found
        if len(seen) > MOST_WRONG:
            return
