"""Questions with keys: every answer is the analysis of a network that was drawn for it.

An answer is marked as a sheet of one cell.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import final, overload

from cnncalc.errors import Place
from cnncalc.homework.cases import Case
from cnncalc.homework.conventions import Conventions
from cnncalc.homework.key import Key
from cnncalc.homework.layer_truth import EXTENTS, Value
from cnncalc.homework.marking import mark
from cnncalc.homework.marks import Mark
from cnncalc.homework.misconceptions import WrongValue
from cnncalc.homework.quiz.question import AbstractQuestion
from cnncalc.homework.quiz.values import KINDS, ValueQuestion
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
    "values": Topic("value", {
        kind: tuple(mistake.code for mistake in mistakes) for kind, mistakes in KINDS.items()
    }),
}  # fmt: skip


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Question(AbstractQuestion):
    """A question about the last layer of a network.

    Attributes:
        key: the network, and its true values.
    """

    key: Key

    @property
    def conventions(self) -> Conventions:
        """Return the conventions that hold for the answer."""
        return self.key.conventions

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

    def wrong_values(self) -> list[WrongValue]:
        """Return the wrong values, with the mistakes that lead to them."""
        return self.key.wrong_values(self.index, self.column)

    def mark(self, text: str) -> Mark:
        """Return the mark of an answer as it was written."""
        row, cell = self.case.row, SheetCell(text, Place())
        rows = (SheetRow(row.name, row.type, {self.column: cell}, Place()),)
        marks = mark(Sheet(file="answer", rows=rows, columns=(self.column,)), self.key)
        # All volumes are in the question, or follow from it.
        return replace(marks.rows[0].marks[self.column], volumes_known=True)


AnyQuestion = Question | ValueQuestion


@dataclass(frozen=True, slots=True, repr=False)
class Quiz(Sequence[AnyQuestion], Printable):
    """The questions of a seed, in order."""

    seed: int | str = field(compare=False)
    questions: tuple[AnyQuestion, ...]

    def __repr__(self) -> str:
        """Return the seed, and how many questions there are."""
        return f"<Quiz of seed {self.seed!r}: {len(self.questions)} questions>"

    def __len__(self) -> int:
        """Return how many questions there are."""
        return len(self.questions)

    @overload
    def __getitem__(self, index: int) -> AnyQuestion: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[AnyQuestion, ...]: ...
    def __getitem__(self, index: int | slice) -> AnyQuestion | tuple[AnyQuestion, ...]:
        """Return a question, counted from 0."""
        return self.questions[index]

    def to_markdown(self, **options: str) -> str:
        """Return the questions as Markdown, without their answers; `title` is what is on top."""
        return str(self.to("markdown", **options))
