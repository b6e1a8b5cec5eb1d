"""Searches what a quoted figure is of: network, convention, resolution, batch or unit.

A bounded search: candidate networks, counts of each (named conventions, tools, and
multiply-accumulates with operations added), and factors. Answers are ranked by how much they
assume; every one is a sum of whole numbers that adds up, with the chance that a random figure
would have been a sum that is as likely.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from cnncalc.errors import flag, whole_number
from cnncalc.model.printable import Tabular
from cnncalc.reconciling.candidates import Candidate, Candidates
from cnncalc.reconciling.chance import DECADE, LIKELY, Coverage
from cnncalc.reconciling.multiples import MOST_ASSUMED, multiples
from cnncalc.reconciling.quoted_figure import QuotedFigure, ValueRange, read
from cnncalc.reconciling.terms import Factor, Sum

if TYPE_CHECKING:
    from cnncalc.model.report import Report

LARGEST_BATCH = 2**31 - 1
SHOWN = 5  # answers
NEAR = 3  # near misses with a name
# Without a unit a figure is of parameters or operations, seldom of values that flow, or of bytes.
SELDOM = {"activations": 3, "memory": 4}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A sum that is the figure, or near it.

    Attributes:
        value: the sum times the factors.
        quantity: flops, parameters, activations or memory.
        candidate: the network that is counted.
        sum: what is counted of it.
        factors: what that is multiplied by.
        values: what the figure stands for where it is this value.
        unlikely: how much it takes for granted that the figure is of this quantity.
        tried: how many sums are as likely or likelier.
        chance: that a random figure of this precision would be one of those.
    """

    value: int
    quantity: str
    candidate: Candidate
    sum: Sum
    factors: tuple[Factor, ...]
    values: ValueRange
    unlikely: int = 0
    tried: int = 1
    chance: float = 0.0

    @property
    def assumptions(self) -> int:
        """Return how much it assumes: the smaller, the likelier."""
        factors = sum(factor.assumptions for factor in self.factors)
        own = self.candidate.assumptions + self.sum.assumptions + self.unlikely
        return own + self.values.assumptions + factors

    @property
    def last(self) -> bool:
        """Return whether it comes after all others: of another network, or of an odd dtype."""
        return self.candidate.unlike or any(factor.unusual for factor in self.factors)

    @property
    def possible(self) -> bool:
        """Return whether it is no more than possible: chance alone may well have found it."""
        return self.chance > LIKELY


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Reconciliation(Tabular):
    """The counts that a quoted figure may be, and the nearest others.

    Attributes:
        figure: the figure as it was read.
        quantity: flops, parameters, activations or memory.
        report: of the network as given.
        answers: the likeliest first; those that are no more than possible say so.
        more: how many that fit are left out: they assume more, or add to a simpler one.
        near: the nearest counts that are not the figure, each nearer than all that assume less;
            last a sum that is put together, where it is nearer still.
        tried: how many sums were tried.
        fits: how many of them are within the figure's rounding.
        chance: that a random figure of this precision would be one of those tried.
    """

    figure: QuotedFigure
    quantity: str
    report: Report
    answers: tuple[Answer, ...]
    more: int
    near: tuple[Answer, ...]
    tried: int
    fits: int
    chance: float

    @property
    def answered(self) -> bool:
        """Return whether there is an answer that is more than possible."""
        return any(not answer.possible for answer in self.answers)

    def __repr__(self) -> str:
        """Return the figure, and how many answers there are."""
        answers = f"{len(self.answers) + self.more} answers"
        return f"<Reconciliation of {self.figure.text!r} for {self.report.name!r}: {answers}>"


def reconcile(
    candidates: Candidates,
    text: str | float,
    of: str | None = None,
    *,
    batch: int | None = None,
    all: bool = False,
) -> Reconciliation:
    """Return the counts that a quoted figure of a network may be, and the nearest others.

    `of` says what it is a number of: flops, parameters, activations or memory; else its unit
    says so, or its size. `batch` is of how many images it is; without it several are tried.
    `all` keeps the answers that assume much, and those that only add to a simpler one.
    Raises: CnncalcError if the figure is no number.
    """
    figure = read(text, of)
    if batch is not None:
        whole_number("batch", batch, 1, LARGEST_BATCH)
    flag("all", all)
    report = candidates.given.report
    quantities = dict.fromkeys(figure.quantities, 0) or _by_size(figure, report)
    tried = [
        one
        for quantity, unlikely in quantities.items()
        for one in _tried(figure, quantity, unlikely, candidates, batch)
    ]
    fits, chance = _fits(tried, figure)
    simplest = fits if all else _simplest(fits)[:SHOWN]
    shown = [one for one in simplest if all or _about_as_likely(one, simplest[0])]
    likely = [one.quantity for one in shown[:1] if not one.possible]
    return Reconciliation(
        figure=figure,
        quantity=[*likely, *quantities][0],
        report=report,
        answers=tuple(shown),
        more=len(fits) - len(shown),
        near=_nearest(tried, figure),
        tried=len(tried),
        fits=len(fits),
        chance=chance,
    )


def _about_as_likely(answer: Answer, first: Answer) -> bool:
    return answer.assumptions <= first.assumptions + 1 and answer.last == first.last


def _by_size(figure: QuotedFigure, report: Report) -> dict[str, int]:
    """Return the quantities of a figure without a unit, and how much each assumes.

    Parameters or operations come first, whichever are nearer in size.
    """
    sizes = {"parameters": report.parameters, "flops": report.macs}
    nearer, other = sorted(sizes, key=lambda quantity: _ratio(sizes[quantity], figure))
    return {nearer: 0, other: 1, **SELDOM}


def _ratio(value: int, figure: QuotedFigure) -> float:
    """Return the logarithm of the factor by which a value and a figure differ."""
    one, other = Fraction(max(value, 1)), Fraction(figure.value)
    return math.log1p(float(abs(one - other) / min(one, other)))


def _tried(
    figure: QuotedFigure, quantity: str, unlikely: int, candidates: Candidates, batch: int | None
) -> Iterator[Answer]:
    """Yield every sum of a quantity that does not assume too much, those of a network together."""
    seen: set[Any] = set()  # two tools may count alike, and another input has the same parameters
    for candidate in candidates.all:
        most = MOST_ASSUMED - unlikely - candidate.assumptions
        for counted, factors in multiples(quantity, candidate.report, batch, most):
            numbers = tuple(term.value for term in counted.terms)
            keys = {(id(candidate), numbers, factors), (counted.terms, factors)}
            value = counted.value * math.prod(factor.times for factor in factors)
            if not value or keys & seen:
                continue
            seen |= keys
            yield Answer(
                value=value,
                quantity=quantity,
                candidate=candidate,
                sum=counted,
                factors=factors,
                values=figure.ranges[0],
                unlikely=unlikely,
            )


def _fits(tried: list[Answer], figure: QuotedFigure) -> tuple[list[Answer], float]:
    """Return the sums that are the figure, the likeliest first, and the chance of any match."""
    covered, seen, found = Coverage(), set[int](), dict[int, Answer]()
    for i, values, low, high in _readings(tried, figure):
        seen.add(i)
        covered.add(low, high)
        if i not in found and values.covers(tried[i].value):
            found[i] = replace(tried[i], values=values, tried=len(seen), chance=covered.share)
    return list(found.values()), covered.share


def _readings(
    tried: list[Answer], figure: QuotedFigure
) -> list[tuple[int, ValueRange, float, float]]:
    """Return each sum with each range of the figure, those that assume least first.

    Each is the sum's index, the range, and the figures for which the range would hold the sum,
    as logarithms of how many times the quoted one they are.
    """
    size = math.log(figure.value)
    ranges = [
        (values, math.log(values.high) - size, math.log1p(float(values.high / values.low - 1)))
        for values in figure.ranges
    ]
    found: list[tuple[tuple[Any, ...], tuple[int, ValueRange, float, float]]] = []
    for i, one in enumerate(tried):
        last, own, *others = _likeliness(one)
        place = math.log(one.value) - size
        for values, high, width in ranges:
            assumed, low = own + values.assumptions, place - high
            # Beyond the decade nothing matches, but the sum has been tried.
            near = not values.assumptions or abs(low) < DECADE / 2 + width
            if near and assumed <= MOST_ASSUMED:
                key = (last, assumed, values.assumptions, *others)
                found.append((key, (i, values, low, low + width)))
    return [reading for _, reading in sorted(found, key=lambda pair: pair[0])]


def _simplest(fits: Iterable[Answer]) -> list[Answer]:
    """Return the answers without those that only add terms to one that fits already."""
    kept: dict[Any, list[Answer]] = defaultdict(list)
    found = []
    for answer in fits:
        others = kept[id(answer.candidate), answer.factors]
        if not any(_adds_to(answer, other) for other in others):
            others.append(answer)
            found.append(answer)
    return found


def _adds_to(answer: Answer, other: Answer) -> bool:
    """Return whether an answer is another with more terms; one count stands for its parts."""
    less, more = set(other.sum.terms), set(answer.sum.terms)
    return less <= more or (len(less) == 1 < len(more) and other.assumptions < answer.assumptions)


def _nearest(tried: list[Answer], figure: QuotedFigure) -> tuple[Answer, ...]:
    """Return near misses, each nearer than all that assume less: the nearest count with a name
    first, the one that assumes least last; behind them a nearer sum that is put together, if any.
    """
    near: dict[bool, list[Answer]] = {True: [], False: []}
    least: dict[bool, float] = {}
    for answer in sorted(tried, key=_likeliness):
        named, ratio = bool(answer.sum.name), _ratio(answer.value, figure)
        if ratio >= min(least.get(named, ratio + 1), least.get(True, ratio + 1)):
            continue
        if not any(values.covers(answer.value) for values in figure.ranges):
            near[named].append(answer)
            least[named] = ratio
    counts = [*reversed(near[True][1:][-NEAR + 1 :]), *near[True][:1]]
    together = [one for one in near[False][-1:] if not counts or least[False] < least[True]]
    return (*counts, *together)


def _likeliness(answer: Answer) -> tuple[Any, ...]:
    return answer.last, answer.assumptions, answer.sum.order, not answer.candidate.as_given
