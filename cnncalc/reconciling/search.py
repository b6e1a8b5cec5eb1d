"""Which network, convention, resolution, batch or unit makes a quoted figure.

A bounded search: bases (the network and its relatives), sums over each (named conventions,
tools, and multiply-accumulates with operations added), and factors. Answers are ranked by how
much they assume; every one is a sum of whole numbers that adds up.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from itertools import product
from typing import TYPE_CHECKING, Any, NamedTuple

from cnncalc.reconciling.candidates import Base, Relatives
from cnncalc.reconciling.countings import MULTIPLIED, SUMS, Sum, Term
from cnncalc.reconciling.quoted_figure import Figure, Reading, read

if TYPE_CHECKING:
    from cnncalc.model.report import Report

BATCHES = (2, 4, 8, 16, 32, 64, 128, 256)
SHOWN = 5  # answers
MOST_ASSUMED = 4
NEAR = 3  # near misses


class Factor(NamedTuple):
    """What a whole sum is multiplied by."""

    times: int
    words: str
    cost: int


class Answer(NamedTuple):
    """A sum that gives the figure, or nearly: (the terms added) times the factors is `value`."""

    value: int
    base: Base
    sum: Sum
    factors: tuple[Factor, ...]
    reading: Reading

    @property
    def cost(self) -> int:
        """Return how much it assumes."""
        extra = sum(factor.cost for factor in self.factors)
        return self.base.cost + self.sum.cost + self.reading.cost + extra


class Found(NamedTuple):
    """What the search found: answers, how many more there are, and near misses."""

    figure: Figure
    quantity: str
    report: Report
    answers: tuple[Answer, ...]
    more: int
    near: tuple[Answer, ...]


def reconcile(relatives: Relatives, text: str | float, of: str | None = None) -> Found:
    """Return what makes a quoted figure of a network; where nothing does, what comes nearest.

    `of` says what it is a number of: flops, parameters, activations or memory; else its unit
    says so, or its size.
    Raises: CnncalcError if the figure is no number.
    """
    figure = read(text, of)
    tried: list[Found] = []
    for quantity in figure.quantities or _by_size(figure, relatives.own.report):
        tried.append(_search(figure, quantity, relatives))
        if tried[-1].answers:
            return tried[-1]
    return tried[0]


def _by_size(figure: Figure, report: Report) -> list[str]:
    """Return the quantities without a unit, the one of the nearest size first."""
    sizes = {
        "flops": report.macs, "parameters": report.parameters, "activations": report.activations,
    }  # fmt: skip

    def apart(quantity: str) -> Fraction:
        size = Fraction(max(sizes[quantity], 1))
        return max(figure.value / size, size / figure.value)

    return sorted(sizes, key=apart)


def _search(figure: Figure, quantity: str, relatives: Relatives) -> Found:
    candidates = [
        Answer(one.value * _times(factors), base, one, factors, figure.readings[0])
        for base in relatives.all
        for one in SUMS[quantity](base.report)
        for factors in _factors(quantity)
        if _sensible(one, factors)
    ]
    fits = [
        answer._replace(reading=reading)
        for answer in candidates
        for reading in figure.readings
        if reading.covers(answer.value)
    ]
    target = figure.value

    def rank(answer: Answer) -> tuple[Any, ...]:
        likely = (answer.cost, answer.reading.cost, not answer.base.own, answer.sum.order)
        return (*likely, abs(answer.value - target))

    fits = _simplest(sorted((one for one in fits if one.cost <= MOST_ASSUMED), key=rank))
    shown = tuple(one for one in fits[:SHOWN] if one.cost <= fits[0].cost + 1)
    near = _nearest(candidates, figure)
    return Found(figure, quantity, relatives.own.report, shown, len(fits) - len(shown), near)


def _factors(quantity: str) -> list[tuple[Factor, ...]]:
    """Return what a sum of a quantity may be multiplied by, nothing first."""
    others = [tuple(Factor(*one) for one in several) for several in MULTIPLIED[quantity]]
    if quantity not in ("flops", "activations"):
        return others
    batches = [(), *[(Factor(n, f"a batch of {n}", 2),) for n in BATCHES]]
    return [a + b for a, b in product(batches, others)]


def _sensible(one: Sum, factors: tuple[Factor, ...]) -> bool:
    """Return whether factors go with a sum: what assumes much goes with what assumes little."""
    cost = sum(factor.cost for factor in factors)
    return not cost or (bool(one.name) and one.cost + cost < MOST_ASSUMED)


def _times(factors: Iterable[Factor]) -> int:
    times = 1
    for factor in factors:
        times *= factor.times
    return times


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
    if answer.base is not other.base or answer.factors != other.factors:
        return False
    less, more = set(other.sum.terms), set(answer.sum.terms)
    return less < more or (len(less) == 1 < len(more) and other.cost < answer.cost)


def _nearest(candidates: list[Answer], figure: Figure) -> tuple[Answer, ...]:
    """Return near misses: named counts of the nearest networks, no network twice, and as given."""
    plain = [
        one
        for one in candidates
        if one.cost <= 2 and one.sum.name and not any(r.covers(one.value) for r in figure.readings)
    ]

    def apart(answer: Answer) -> tuple[Fraction, int]:
        value = Fraction(max(answer.value, 1))
        return max(value / figure.value, figure.value / value), answer.cost

    own = sorted((one for one in plain if one.base.own), key=lambda one: (one.cost, apart(one)))
    taken = {one.value for one in own}
    near = {one.base.label: one for one in own[:1] if one.cost == 0}
    for answer in sorted(plain, key=apart):
        if len(near) == NEAR:
            break
        if answer.base.label not in near and (answer.base.own or answer.value not in taken):
            near[answer.base.label] = answer
            taken.add(answer.value)
    return tuple(sorted(near.values(), key=apart))
