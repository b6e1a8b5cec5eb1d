"""Questions with keys: every answer is the analysis of a network that was drawn for it.

A network is taken when the common mistakes lead to numbers that differ from the answer and
from one another, so that a wrong number tells which mistake it is consistent with. An answer
is marked as a sheet of one cell.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import overload

from cnncalc.errors import CnncalcError, Place, Problem, did_you_mean
from cnncalc.homework.cases import Case
from cnncalc.homework.key import Key
from cnncalc.homework.layer_truth import EXTENTS, Value
from cnncalc.homework.marking import mark
from cnncalc.homework.marks import Mark
from cnncalc.homework.quiz.random_network import KINDS, Analyze, Draw
from cnncalc.homework.rules import Rules
from cnncalc.homework.sheet import Sheet, SheetCell, SheetRow
from cnncalc.homework.verdicts import Verdict
from cnncalc.model.printable import Printable

MOST = 500  # questions at once
LEVELS = tuple(KINDS)
MOST_WRONG = 24  # numbers that a question has feedback for
_TRIES = 300  # networks drawn for a question
_AGAIN = 20  # questions drawn until one is new


@dataclass(frozen=True, slots=True)
class Topic:
    """What is asked: a column of a sheet, and of which kinds of layer.

    Attributes:
        column: of a sheet.
        kinds: the kinds of layer, each with the codes of the common mistakes, which must lead to
            numbers of their own.
    """

    column: str
    kinds: Mapping[str, tuple[str, ...]]


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


@dataclass(frozen=True, slots=True)
class WrongAnswer:
    """An answer that other conventions or mistakes lead to.

    Attributes:
        value: the answer.
        mark: its mark, which says what it is consistent with.
    """

    value: Value
    mark: Mark


@dataclass(frozen=True, slots=True)
class WrongNumber:
    """A wrong number of an answer.

    Attributes:
        value: the number.
        marks: of all wrong answers in which it stands.
    """

    value: int
    marks: tuple[Mark, ...]

    @property
    def credit(self) -> int:
        """Return the percentage of the points that it earns."""
        return int(100 * self.marks[0].points / self.marks[0].most)


@dataclass(frozen=True, slots=True)
class AnswerBox:
    """One whole number to be answered.

    Attributes:
        label: height, width or depth; nothing where there is one number alone.
        value: the right number.
        wrong: the numbers for which there is feedback.
    """

    label: str
    value: int
    wrong: tuple[WrongNumber, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """A question about the last layer of a network.

    Attributes:
        topic: one of `TOPICS`.
        level: one of `LEVELS`.
        key: the network, and its true values.
        wrong: the answers for which there is feedback, the likeliest first.
    """

    topic: str
    level: int
    key: Key
    wrong: tuple[WrongAnswer, ...] = ()

    @property
    def column(self) -> str:
        """Return the sheet's column that is asked about."""
        return TOPICS[self.topic].column

    @property
    def index(self) -> int:
        """Return the index of the layer that is asked about in the network's rows."""
        return len(self.key.cases) - 1

    @property
    def case(self) -> Case:
        """Return the layer that is asked about, with its volumes."""
        return self.key.cases[self.index]

    @property
    def answer(self) -> Value:
        """Return the true value."""
        value = self.key.truth(self.index, self.column)
        assert value is not None  # a question is asked where there is an answer
        return self.as_asked(value)

    def as_asked(self, value: Value) -> Value:
        """Return a value as it is asked for: one number where extents are alike along all axes."""
        if self.column in EXTENTS and isinstance(value, tuple) and len(set(value)) == 1:
            return value[0]
        return value

    def mark(self, text: str) -> Mark:
        """Return the mark of an answer as it was written."""
        row, cell = self.case.row, SheetCell(text, Place())
        rows = (SheetRow(row.name, row.type, {self.column: cell}, Place()),)
        marks = mark(Sheet(file="answer", rows=rows, columns=(self.column,)), self.key)
        # All volumes are in the question, or follow from it.
        return replace(marks.rows[0].marks[self.column], volumes_known=True)

    def boxes(self) -> tuple[AnswerBox, ...]:
        """Return the whole numbers that make up the answer: one, or one for each extent."""
        if not isinstance(self.answer, tuple):
            numbers = [(wrong.value, wrong.mark) for wrong in self.wrong]
            return (AnswerBox("", int(self.answer), _numbers(numbers)),)
        shapes = [
            (wrong.value, wrong.mark)
            for wrong in self.wrong
            if isinstance(wrong.value, tuple)
            # Another order of the numbers means nothing where each has a box.
            and not any(change.convention == "layout" for change in wrong.mark.changes)
        ]
        boxes = zip(("height", "width", "depth"), self.answer, strict=True)
        return tuple(
            AnswerBox(
                label,
                int(number),
                _numbers((shape[i], one) for shape, one in shapes if shape[i] != number),
            )
            for i, (label, number) in enumerate(boxes)
        )


def _numbers(pairs: Iterable[tuple[Value, Mark]]) -> tuple[WrongNumber, ...]:
    """Return each number once, with the marks of its answers that take the fewest mistakes."""
    found: dict[int, list[Mark]] = {}
    for value, one in pairs:
        if isinstance(value, int):
            found.setdefault(value, []).append(one)
    return tuple(
        WrongNumber(value, tuple(one for one in marks if _mistakes(one) == _mistakes(marks[0])))
        for value, marks in found.items()
    )


def _mistakes(one: Mark) -> int:
    """Return how many mistakes lead to a wrong number; none where a convention explains it."""
    return min(map(len, one.mistakes), default=0)


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
