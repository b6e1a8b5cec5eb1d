"""Questions with keys: every answer is the analysis of a network that was drawn for it.

An answer is marked as a sheet of one cell.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import overload

from cnncalc.errors import Place
from cnncalc.homework.cases import Case
from cnncalc.homework.key import Key
from cnncalc.homework.layer_truth import EXTENTS, Value
from cnncalc.homework.marking import mark
from cnncalc.homework.marks import Mark
from cnncalc.homework.sheet import Sheet, SheetCell, SheetRow
from cnncalc.model.printable import Printable


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
