"""Verdict records: what marking finds, and what every report of it is written from."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

from cnncalc.errors import Place
from cnncalc.homework.conventions import Change
from cnncalc.homework.key import Rules
from cnncalc.homework.layer_truth import Case, Value
from cnncalc.homework.misconceptions import Explanation

CORRECT, CONVENTION, FOLLOWS = "correct", "correct_other_convention", "follow_through"
ROUNDED, METHOD, WRONG = "close_rounding", "method", "wrong"
UNREADABLE, BLANK = "unparsable", "blank"
# From the best to the worst.
VERDICTS = (CORRECT, FOLLOWS, CONVENTION, ROUNDED, METHOD, WRONG, UNREADABLE, BLANK)


class Mark(NamedTuple):
    """The verdict on one cell.

    `explanations` has every way that leads to a wrong number: one mistake, or two together.
    `changes` are the conventions under which the number would be right. `case` is the layer
    with its true volumes, `own` with the student's; `open` is whether those are all the
    student's own words. `note` says what cannot be read, or what is right and what is not.
    """

    row: str
    layer: str
    column: str
    text: str
    place: Place
    verdict: str
    points: Fraction
    most: Fraction
    expected: Value | None = None
    explanations: tuple[tuple[Explanation, ...], ...] = ()
    changes: tuple[Change, ...] = ()
    note: str = ""
    case: Case | None = None
    own: Case | None = None
    open: bool = True

    @property
    def counted(self) -> bool:
        """Return whether the cell counts: what cannot be read waits until it can."""
        return self.verdict != UNREADABLE and self.most > 0

    @property
    def code(self) -> str:
        """Return the stable code: `P-NODEPTH`, `S-PADONCE or S-NOPLUS1`, or nothing."""
        return " or ".join(dict.fromkeys(map(code_of, self.explanations)))


def code_of(explanation: tuple[Explanation, ...]) -> str:
    """Return the code of mistakes made together: `P-NODEPTH-ONEBIAS`.

    >>> code_of((Explanation("P-NODEPTH", "", ""), Explanation("P-ONEBIAS", "", "")))
    'P-NODEPTH-ONEBIAS'
    """
    first, *rest = (mistake.code for mistake in explanation)
    return "-".join([first, *(code.partition("-")[2] for code in rest)])


class Marks(NamedTuple):
    """All verdicts on a sheet: `rows` in the network's order, each with its marks by column."""

    file: str
    key: str
    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, dict[str, Mark]], ...]
    totals: dict[str, Mark]
    order: Mark | None
    conventions: list[str]
    rules: Rules
    lenient: bool = False
    key_check: bool = False

    def all(self) -> Iterator[Mark]:
        """Yield every mark, in the order of the sheet."""
        for _, marks in self.rows:
            yield from marks.values()
        yield from self.totals.values()
        if self.order is not None:
            yield self.order

    @property
    def claims(self) -> bool:
        """Return whether anything is answered, beside what is given: the input, and zeros."""
        return any(
            m.text.strip() and (m.most > 0 or m.verdict != CORRECT or m.expected == 0)
            for m in self.all()
        )

    @property
    def score(self) -> Fraction:
        """Return the points reached."""
        return sum((mark.points for mark in self.all() if mark.counted), Fraction(0))

    @property
    def most(self) -> Fraction:
        """Return the points that could be reached with what can be read."""
        return sum((mark.most for mark in self.all() if mark.counted), Fraction(0))

    @property
    def uncounted(self) -> int:
        """Return how many cells could not be read."""
        return sum(mark.verdict == UNREADABLE for mark in self.all())

    @property
    def ok(self) -> bool:
        """Return whether all is right: full marks, and nothing that cannot be read."""
        return self.score == self.most and not self.uncounted
