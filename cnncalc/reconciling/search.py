"""Searches what a quoted figure is of: network, convention, resolution, batch or unit.

A bounded search: candidate networks, counts of each (named conventions, tools, and
multiply-accumulates with operations added), and factors. Answers are ranked by how much they
assume; every one is a sum of whole numbers that adds up.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import product
from typing import TYPE_CHECKING, Any

from cnncalc.model.printable import Documented
from cnncalc.reconciling.candidates import Candidate, Candidates
from cnncalc.reconciling.countings import COUNTINGS, FACTORS
from cnncalc.reconciling.quoted_figure import QuotedFigure, ValueRange, read
from cnncalc.reconciling.terms import Factor, Sum, Term

if TYPE_CHECKING:
    from cnncalc.model.report import Report

BATCHES = (2, 4, 8, 16, 32, 64, 128, 256)
SHOWN = 5  # answers
MOST_ASSUMED = 4  # with more, nearly every figure is some sum
NEAR = 3  # near misses


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A sum that is the figure, or near it.

    Attributes:
        value: the sum times the factors.
        candidate: the network that is counted.
        sum: what is counted of it.
        factors: what that is multiplied by.
        values: what the figure stands for where it is this value.
    """

    value: int
    candidate: Candidate
    sum: Sum
    factors: tuple[Factor, ...]
    values: ValueRange

    @property
    def assumptions(self) -> int:
        """Return how much it assumes: the smaller, the likelier."""
        factors = sum(factor.assumptions for factor in self.factors)
        own = self.candidate.assumptions + self.sum.assumptions
        return own + self.values.assumptions + factors


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Reconciliation(Documented):
    """What a quoted figure is of.

    Attributes:
        figure: the figure as it was read.
        quantity: flops, parameters, activations or memory.
        report: of the network as given.
        answers: the likeliest first.
        more: how many answers assume more, and are left out.
        near: the nearest counts that are not the figure.
    """

    figure: QuotedFigure
    quantity: str
    report: Report
    answers: tuple[Answer, ...]
    more: int
    near: tuple[Answer, ...]

    def __repr__(self) -> str:
        """Return the figure, and how many answers there are."""
        answers = f"{len(self.answers) + self.more} answers"
        return f"<Reconciliation of {self.figure.text!r} for {self.report.name!r}: {answers}>"


def reconcile(candidates: Candidates, text: str | float, of: str | None = None) -> Reconciliation:
    """Return the counts that a quoted figure of a network may be, and the nearest others.

    `of` says what it is a number of: flops, parameters, activations or memory; else its unit
    says so, or its size.
    Raises: CnncalcError if the figure is no number.
    """
    figure = read(text, of)
    tried: list[Reconciliation] = []
    for quantity in figure.quantities or _by_size(figure, candidates.given.report):
        tried.append(_search(figure, quantity, candidates))
        if tried[-1].answers:
            return tried[-1]
    return tried[0]


def _by_size(figure: QuotedFigure, report: Report) -> list[str]:
    """Return the quantities without a unit, the one of the nearest size first."""
    sizes = {
        "flops": report.macs,
        "parameters": report.parameters,
        "activations": report.activations,
    }
    return sorted(sizes, key=lambda quantity: _ratio(sizes[quantity], figure))


def _ratio(value: int, figure: QuotedFigure) -> Fraction:
    """Return by which factor a value and a figure differ, at least 1."""
    exact = Fraction(max(value, 1))
    return max(exact / figure.value, figure.value / exact)


def _search(figure: QuotedFigure, quantity: str, candidates: Candidates) -> Reconciliation:
    tried = [
        Answer(
            value=counted.value * math.prod(factor.times for factor in factors),
            candidate=candidate,
            sum=counted,
            factors=factors,
            values=figure.ranges[0],
        )
        for candidate in candidates.all
        for counted in COUNTINGS[quantity](candidate.report)
        for factors in _factors(quantity)
        if _sensible(counted, factors)
    ]
    fits = [
        replace(answer, values=values)
        for answer in tried
        for values in figure.ranges
        if values.covers(answer.value)
    ]

    def rank(answer: Answer) -> tuple[Any, ...]:
        return (
            answer.assumptions,
            answer.values.assumptions,
            not answer.candidate.as_given,
            answer.sum.order,
            abs(answer.value - figure.value),
        )

    likely = sorted((one for one in fits if one.assumptions <= MOST_ASSUMED), key=rank)
    answers = _simplest(likely)
    shown = tuple(one for one in answers[:SHOWN] if one.assumptions <= answers[0].assumptions + 1)
    return Reconciliation(
        figure=figure,
        quantity=quantity,
        report=candidates.given.report,
        answers=shown,
        more=len(answers) - len(shown),
        near=_nearest(tried, figure),
    )


def _factors(quantity: str) -> list[tuple[Factor, ...]]:
    """Return the combinations of factors for a quantity's counts, none at all first."""
    own: list[tuple[Factor, ...]] = [(factor,) if factor else () for factor in FACTORS[quantity]]
    if quantity not in ("flops", "activations"):
        return own
    batches = [(), *((Factor(n, f"a batch of {n}", 2),) for n in BATCHES)]
    return [batch + factors for batch, factors in product(batches, own)]


def _sensible(one: Sum, factors: tuple[Factor, ...]) -> bool:
    """Return whether factors go with a count: only a named one that assumes little."""
    assumptions = sum(factor.assumptions for factor in factors)
    return not assumptions or (bool(one.name) and one.assumptions + assumptions < MOST_ASSUMED)


def _simplest(answers: list[Answer]) -> list[Answer]:
    """Return the answers without those that only add terms to one that fits already."""
    kept: list[Answer] = []
    seen: set[tuple[int, tuple[Term, ...]]] = set()
    for answer in answers:
        key = (answer.value, answer.sum.terms)
        if key in seen or any(_adds_to(answer, other) for other in kept):
            continue
        seen.add(key)
        kept.append(answer)
    return kept


def _adds_to(answer: Answer, other: Answer) -> bool:
    """Return whether an answer is another with more terms; one count stands for its parts."""
    if answer.candidate is not other.candidate or answer.factors != other.factors:
        return False
    less, more = set(other.sum.terms), set(answer.sum.terms)
    return less < more or (len(less) == 1 < len(more) and other.assumptions < answer.assumptions)


def _nearest(tried: list[Answer], figure: QuotedFigure) -> tuple[Answer, ...]:
    """Return near misses: named counts of the nearest networks, no network twice, and as given."""
    named = [
        one
        for one in tried
        if one.assumptions <= 2
        and one.sum.name
        and not any(values.covers(one.value) for values in figure.ranges)
    ]

    def apart(answer: Answer) -> tuple[Fraction, int]:
        return _ratio(answer.value, figure), answer.assumptions

    given = sorted(
        (one for one in named if one.candidate.as_given),
        key=lambda one: (one.assumptions, apart(one)),
    )
    taken = {one.value for one in given}
    near = {one.candidate.label: one for one in given[:1] if one.assumptions == 0}
    for answer in sorted(named, key=apart):
        if len(near) == NEAR:
            break
        label = answer.candidate.label
        if label not in near and (answer.candidate.as_given or answer.value not in taken):
            near[label] = answer
            taken.add(answer.value)
    return tuple(sorted(near.values(), key=apart))
