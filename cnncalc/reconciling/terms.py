"""Countings as records: terms with words, which add up, and factors of the whole."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Term:
    """A whole number of a counting, and what it counts."""

    value: int
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Counting:
    """Terms that are added up."""

    terms: tuple[Term, ...]
    name: str = ""  # the convention's or the tool's; "" for terms that are put together here
    assumptions: int = 0  # how much it takes for granted that a figure is this one
    order: int = 0  # of the countings that assume as much, the likelier ones come first

    @property
    def value(self) -> int:
        """Return the sum of the terms."""
        return sum(term.value for term in self.terms)


@dataclass(frozen=True, slots=True)
class Factor:
    """What a whole counting is multiplied by."""

    times: int
    words: str
    assumptions: int


def kept(*terms: Term) -> tuple[Term, ...]:
    """Return the terms without those that are zero."""
    return tuple(term for term in terms if term.value)
