"""Marks: the verdicts on a sheet, from which every report of it is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

from cnncalc.errors import Place
from cnncalc.homework import grading
from cnncalc.homework.cases import Case
from cnncalc.homework.conventions import OptionChange
from cnncalc.homework.layer_truth import Value
from cnncalc.homework.reading import Reading
from cnncalc.homework.rules import Rules
from cnncalc.homework.verdicts import Mistakes, Verdict, joined_code
from cnncalc.model.printable import Printable

if TYPE_CHECKING:
    from cnncalc.homework.key_lint import MixedConvention

TOTAL, ORDER = "TOTAL", "ORDER"  # what the rows of a total, and of an order, are called


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """The verdict on one answer.

    Attributes:
        row: the row as the sheet calls it.
        layer: the layer as the network calls it; nothing where it has none.
        column: the sheet's column.
        text: the answer as it is written.
        place: where it stands in the file.
        verdict: what it is found to be.
        most: the points that it is worth.
        points: the points that it earns.
        expected: the true value.
        counted: the column of the expected value, where it is not this one.
        mistakes: what leads to a wrong number: any of these, each one mistake or two together.
        changes: the conventions under which it would be right.
        detail: of a convention, that it is rounded or follows from the row before; of working
            and a result that differ, which of them is wrong.
        note: one sentence: why it cannot be read, or what is wrong with it.
        case: the layer with its true volumes.
        own_case: the layer with the student's own volumes, where they are others.
        volumes_known: whether the student has stated, or was given, all volumes that it takes.
    """

    row: str
    layer: str
    column: str
    text: str
    place: Place
    verdict: Verdict = Verdict.CORRECT
    most: Fraction
    points: Fraction = Fraction(0)
    expected: Value | None = None
    counted: str = ""
    mistakes: tuple[Mistakes, ...] = ()
    changes: tuple[OptionChange, ...] = ()
    detail: Literal["", "rounded", "follows", "product", "working"] = ""
    note: str = ""
    case: Case | None = field(default=None, repr=False)
    own_case: Case | None = field(default=None, repr=False)
    volumes_known: bool = True

    @property
    def code(self) -> str:
        """Return the stable code: `P-NODEPTH`, `S-PADONCE or S-NOPLUS1`, or nothing."""
        return " or ".join(dict.fromkeys(map(joined_code, self.mistakes)))


@dataclass(frozen=True, slots=True)
class MarkedRow:
    """The marks of one row of a sheet.

    Attributes:
        name: as the sheet calls it.
        marks: by column.
    """

    name: str
    marks: Mapping[str, Mark]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Marks(Printable):
    """All verdicts on a sheet.

    Attributes:
        file: the sheet, as the user called it.
        key: what it was marked against, as the user called it.
        name: of the network.
        columns: those that are marked.
        rows: in the network's order.
        totals: the marks of totals, by column.
        order: the mark of a claim about the order of layer types.
        conventions: those that hold, as a report names them.
        rules: those of the key.
        reading: how the sheet was read, and what of it was not.
        lenient: whether other conventions than these are right as well.
        key_check: whether these are a teacher's own answers.
        mixed: the conventions that these mix.
        student: whose sheet it is, where it says so, as those of quizzes do.
    """

    file: str
    key: str
    name: str
    columns: tuple[str, ...]
    rows: tuple[MarkedRow, ...]
    totals: Mapping[str, Mark]
    order: Mark | None
    conventions: list[str]
    rules: Rules
    lenient: bool = False
    key_check: bool = False
    mixed: tuple[MixedConvention, ...] = ()
    student: str = ""
    reading: Reading = field(default_factory=Reading)

    def __repr__(self) -> str:
        """Return what was marked against what, and the points."""
        points = f"{float(self.score):g} of {float(self.most):g} points"
        return f"<Marks of {self.file!r} against {self.key!r}: {points}>"

    def all(self) -> Iterator[Mark]:
        """Yield every mark, in the order of the sheet."""
        for row in self.rows:
            yield from row.marks.values()
        yield from self.totals.values()
        if self.order is not None:
            yield self.order

    @property
    def answered(self) -> bool:
        """Return whether anything is answered, beside the input, which is given."""
        return any(
            m.text.strip() and not (m.case and not m.case.row.inputs and m.verdict == "correct")
            for m in self.all()
        )

    @property
    def score(self) -> Fraction:
        """Return the points that are earned."""
        return grading.score(self).points

    @property
    def most(self) -> Fraction:
        """Return the points of all that is asked for."""
        return grading.score(self).most

    @property
    def ok(self) -> bool:
        """Return whether all is right: full marks, nothing unread, nothing else that is wrong.

        Of a key, also whether its own answers follow one set of conventions.
        """
        full = grading.score(self).full and not any(map(grading.failed, self.all()))
        return full and not self.mixed
