"""The verdicts on an answer, and the share of its points that each earns."""

from __future__ import annotations

from enum import StrEnum
from fractions import Fraction


class Verdict(StrEnum):
    """What an answer is found to be, from the best to the worst."""

    CORRECT = "correct"
    FOLLOWS = "follow_through"
    CONVENTION = "correct_other_convention"
    ROUNDED = "close_rounding"
    METHOD = "method"
    WRONG = "wrong"
    UNREAD = "unread"
    BLANK = "blank"

    def __repr__(self) -> str:
        """Return the word, as which it is compared and stands in every report."""
        return repr(self.value)


# The share of its points that an answer with a verdict earns, unless the key says another.
CREDIT = {
    Verdict.CORRECT: Fraction(1),
    Verdict.FOLLOWS: Fraction(1),
    Verdict.CONVENTION: Fraction(1, 2),
    Verdict.ROUNDED: Fraction(1, 2),
    Verdict.METHOD: Fraction(1, 2),
    Verdict.WRONG: Fraction(0),
    Verdict.BLANK: Fraction(0),
}
