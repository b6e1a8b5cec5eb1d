"""Sums as records: terms with words, which add up, and factors of the whole."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Term:
    """A whole number of a sum, and what it counts.

    Attributes:
        value: the number.
        words: what it counts, as a phrase.
        fixed: whether it is the same for any batch, as parameters are.
    """

    value: int
    words: str
    fixed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """Terms that are added up.

    Attributes:
        terms: the numbers that are added.
        name: the convention's or the tool's; nothing for terms that are put together here.
        assumptions: how much it takes for granted that a figure is this one.
        order: of the sums that assume as much, the likelier ones come first.
        of_tool: whether it is what a tool prints: that is quoted as it is, and not multiplied.
    """

    terms: tuple[Term, ...]
    name: str = ""
    assumptions: int = 0
    order: int = 0
    of_tool: bool = False

    @property
    def value(self) -> int:
        """Return the sum of the terms."""
        return sum(term.value for term in self.terms)

    def of_batch(self, images: int) -> Sum:
        """Return the sum for several images: its fixed terms stay."""
        words = f", of {images} images"
        terms = [
            term if term.fixed else Term(images * term.value, term.words + words)
            for term in self.terms
        ]
        return replace(self, terms=tuple(terms))


@dataclass(frozen=True, slots=True)
class Factor:
    """A factor of a whole sum.

    Attributes:
        times: the factor.
        words: why it may be one, as a phrase.
        assumptions: how much it takes for granted.
        unusual: whether it comes last, however little else a sum assumes.
    """

    times: int
    words: str
    assumptions: int
    unusual: bool = False


def kept(*terms: Term) -> tuple[Term, ...]:
    """Return the terms without those that are zero."""
    return tuple(term for term in terms if term.value)
