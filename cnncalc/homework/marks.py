"""Marks: the verdicts on a sheet, from which every report of it is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

from cnncalc.errors import Place
from cnncalc.homework import grading
from cnncalc.homework.cases import Case
from cnncalc.homework.conventions import OptionChange
from cnncalc.homework.layer_truth import Value
from cnncalc.homework.rules import Rules
from cnncalc.homework.verdicts import Mistakes, Verdict, joined_code

TOTAL, ORDER = "TOTAL", "ORDER"  # what the rows of a total, and of an order, are called


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """The verdict on one answer."""

    row: str  # as the sheet calls it
    layer: str  # as the network calls it; "" where it has none
    column: str
    text: str  # the answer as it is written
    place: Place
    verdict: Verdict = Verdict.CORRECT
    most: Fraction  # the points that it is worth
    points: Fraction = Fraction(0)  # the points that it earns
    expected: Value | None = None
    counted: str = ""  # the column of the expected value, where it is not this one
    mistakes: tuple[Mistakes, ...] = ()  # that lead to a wrong number: any of them
    changes: tuple[OptionChange, ...] = ()  # conventions under which it would be right
    detail: Literal["", "rounded", "follows", "product", "working"] = ""  # as in Judgement
    note: str = ""  # one sentence: why it cannot be read, or what is wrong with it
    # The layer with its true volumes, and with the student's own where they are others.
    case: Case | None = field(default=None, repr=False)
    own_case: Case | None = field(default=None, repr=False)
    volumes_known: bool = True  # whether the student has stated, or was given, all its volumes

    @property
    def code(self) -> str:
        """Return the stable code: `P-NODEPTH`, `S-PADONCE or S-NOPLUS1`, or nothing."""
        return " or ".join(dict.fromkeys(map(joined_code, self.mistakes)))


@dataclass(frozen=True, slots=True)
class MarkedRow:
    """The marks of one row of a sheet, by column."""

    name: str
    marks: Mapping[str, Mark]


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """All verdicts on a sheet."""

    file: str
    key: str  # what it was marked against, as the user called it
    name: str  # of the network
    columns: tuple[str, ...]
    rows: tuple[MarkedRow, ...]  # in the network's order
    totals: Mapping[str, Mark]  # by column
    order: Mark | None  # of a claim about the order of layer types
    conventions: list[str]  # that hold, as a report names them
    rules: Rules
    lenient: bool = False  # other conventions than these are right as well
    key_check: bool = False  # a teacher's own answers

    def all(self) -> Iterator[Mark]:
        """Yield every mark, in the order of the sheet."""
        for row in self.rows:
            yield from row.marks.values()
        yield from self.totals.values()
        if self.order is not None:
            yield self.order

    @property
    def answered(self) -> bool:
        """Return whether anything is answered, beside what is given: the input, and zeros."""
        return any(
            m.text.strip() and (m.most > 0 or m.verdict != Verdict.CORRECT or m.expected == 0)
            for m in self.all()
        )

    @property
    def score(self) -> Fraction:
        """Return the points that are earned."""
        return grading.score(self).points

    @property
    def most(self) -> Fraction:
        """Return the points of all answers that can be read."""
        return grading.score(self).most

    @property
    def uncounted(self) -> int:
        """Return how many answers cannot be read."""
        return grading.score(self).unreadable

    @property
    def ok(self) -> bool:
        """Return whether all is right: full marks, and nothing that cannot be read."""
        return grading.score(self).full
