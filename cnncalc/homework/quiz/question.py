"""A question: its answer, the marks of what is answered, and the wrong numbers with feedback."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from cnncalc.homework.conventions import Conventions
from cnncalc.homework.layer_truth import Value
from cnncalc.homework.marks import Mark
from cnncalc.homework.misconceptions import WrongValue
from cnncalc.homework.sheet import SheetCell
from cnncalc.homework.verdicts import Verdict

MOST_WRONG = 24  # numbers that a question has feedback for


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


@dataclass(frozen=True, slots=True, kw_only=True)
class AbstractQuestion(ABC):
    """A question.

    Attributes:
        topic: one of `TOPICS`.
        level: one of `LEVELS`.
        wrong: the answers for which there is feedback, the likeliest first.
    """

    topic: str
    level: int
    wrong: tuple[WrongAnswer, ...] = ()

    @property
    @abstractmethod
    def column(self) -> str:
        """Return the sheet's column that is asked about."""

    @property
    @abstractmethod
    def conventions(self) -> Conventions:
        """Return the conventions that hold for the answer."""

    @property
    @abstractmethod
    def answer(self) -> Value:
        """Return the true value."""

    @abstractmethod
    def wrong_values(self) -> Sequence[WrongValue]:
        """Return the wrong values, with the mistakes that lead to them."""

    @abstractmethod
    def mark(self, text: str) -> Mark:
        """Return the mark of an answer as it was written."""

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

    def wrong_answers(self, values: Iterable[Value]) -> Iterator[WrongAnswer]:
        """Yield those of some values that have feedback: whole numbers that are wrong, once."""
        seen: set[Value] = {self.answer}
        for value in values:
            numbers = value if isinstance(value, tuple) else (value,)
            if value in seen or not all(isinstance(n, int) and n > 0 for n in numbers):
                continue
            seen.add(value)
            found = self.mark("x".join(map(str, numbers)))
            if found.verdict in (Verdict.CONVENTION, Verdict.ROUNDED, Verdict.WRONG):
                yield WrongAnswer(value, found)
            if len(seen) > MOST_WRONG:
                return

    def _blank(self, cell: SheetCell) -> Mark:
        """Return the mark of a cell that is blank, or not judged yet."""
        return Mark(
            row=self.topic,
            layer=self.topic,
            column=self.column,
            text=cell.text,
            place=cell.place,
            verdict=Verdict.BLANK,
            most=Fraction(1),
            expected=self.answer,
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
