"""Which network, convention, resolution, batch or unit makes a quoted figure.

A bounded search: bases (the network, its relatives, other inputs), sums over each (named
conventions, tools, and multiply-accumulates with operations added), and factors. Answers are
ranked by how much they assume; every one is a sum of whole numbers that adds up.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING, Any, NamedTuple

from cnncalc.errors import CnncalcError, printable
from cnncalc.homework.figures import Figure, Reading, read
from cnncalc.homework.sums import MULTIPLIED, SUMS, Sum, Term
from cnncalc.volume import Volume

if TYPE_CHECKING:
    from cnncalc.architecture import Architecture
    from cnncalc.report import Report

SIDES = (224, 227, 256)  # the inputs that papers use for one and the same network
BATCHES = (2, 4, 8, 16, 32, 64, 128, 256)
SHOWN = 5  # answers
MOST_ASSUMED = 4
NEAR = 3  # near misses
MOST_BASES = 24
MOST_ROWS = 20_000  # of all bases together
# A name without what tells one make of a network from another: vgg16_bn is a vgg16.
_FAMILY = re.compile(r"[A-Za-z]+\d*(?:_v\d+)?")


class Base(NamedTuple):
    """One network, resolution and setting to count: a report, its name, and what it assumes."""

    report: Report
    name: str
    cost: int
    own: bool

    @property
    def label(self) -> str:
        """Return the name with the input: `alexnet, 227x227x3`."""
        return f"{self.name}, {self.report.input}"


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


# --- the networks ----------------------------------------------------------------------------


class Bases:
    """The network as asked for, and what else the figure may be of: made when it is needed."""

    def __init__(self, source: Any, options: Mapping[str, Any]) -> None:
        from cnncalc import api

        self._options = {name: value for name, value in options.items() if value}
        self._architecture: Architecture = api.load(source)
        report = api.analyze(self._architecture, **self._options)
        self._chosen = self._options.get("variant") or self._architecture.variant
        shown = str(self._chosen or (source if isinstance(source, str) else report.name))
        self.own = Base(report, printable(shown), 0, True)

    @cached_property
    def all(self) -> list[Base]:
        """Return the bases that a figure may be of."""
        found = [self.own]
        rows = len(self.own.report.layers)
        for name, source, changes in [*self._relatives(), *self._resized(), *self._flipped()]:
            if len(found) == MOST_BASES or rows > MOST_ROWS:
                break
            report = _analyzed(source, self._options | changes)
            rows += len(report.layers) if report else 0
            if report and not any(_same(report, base.report) for base in found):
                named = _family(name) == _family(self.own.name)
                cost = 1 if named or (source is self._architecture and not self._chosen) else 3
                found.append(Base(report, printable(name), cost, False))
        return found

    def _resized(self) -> Iterator[tuple[str, Any, dict[str, Any]]]:
        """Yield the network on other images that are about as large."""
        volume = self.own.report.input
        if "input" in self._options or len(volume.extents) != 2:
            return
        for side in SIDES:
            other = Volume((side, side), volume.channels)
            if self._about(other):
                yield self.own.name, self._architecture, {"input": str(other)}

    def _flipped(self) -> Iterator[tuple[str, Any, dict[str, Any]]]:
        """Yield the network with one of the file's switches the other way."""
        given = self._options.get("set", {})
        settings = self._architecture.parameters
        chosen = settings | dict(self._architecture.variants.get(self._chosen or "", {})) | given
        for name, value in chosen.items():
            if isinstance(value, bool) and name not in given:
                word = str(not value).lower()
                change = {"set": given | {name: not value}}
                yield f"{self.own.name} --set {name}={word}", self._architecture, change

    def _relatives(self) -> Iterator[tuple[str, Any, dict[str, Any]]]:
        """Yield the file's other variants, and shipped networks whose names begin alike."""
        from cnncalc import shipped

        variants = [v for v in self._architecture.variants if v != self.own.name]
        entries = {entry.name: entry for entry in shipped.index()}
        for variant in variants:
            yield variant, self._architecture, {"variant": variant}
        stem = re.match(r"[A-Za-z]+", self.own.name)
        if self.own.name in entries and stem:
            for name, entry in entries.items():
                alike = name.startswith(stem[0]) and self._about(Volume.parse(entry.input))
                if alike and name not in (*variants, self.own.name):
                    yield name, name, {"variant": None, "set": {}}

    def _about(self, volume: Volume) -> bool:
        """Return whether a volume is of about the size of the input."""
        pairs = zip(volume.extents, self.own.report.input.extents, strict=False)
        return all(4 * one <= 5 * other and 4 * other <= 5 * one for one, other in pairs)


def _analyzed(source: Any, options: Mapping[str, Any]) -> Report | None:
    from cnncalc import api

    try:
        return api.analyze(source, **options)
    except CnncalcError:  # not every network takes every input
        return None


def _family(name: str) -> str:
    found = _FAMILY.match(name)
    return found[0] if found else name


def _same(one: Report, other: Report) -> bool:
    return one.input == other.input and [(r.macs, r.parameters) for r in one.layers] == [
        (r.macs, r.parameters) for r in other.layers
    ]


# --- the search ------------------------------------------------------------------------------


def reconcile(
    source: Any,
    text: str,
    of: str | None = None,
    **options: Any,
) -> Found:
    """Return what makes a quoted figure of a network; where nothing does, what comes nearest.

    `of` says what it is a number of: flops, parameters, activations or memory; else its unit
    says so, or its size. Options are those of `api.analyze`: input, variant, set.
    Raises: CnncalcError if the figure is no number; as `api.analyze`.

    >>> reconcile("vgg16", "138.36M").answers[0].value
    138357544
    """
    figure = read(text, of)
    bases = Bases(source, options)
    tried: list[Found] = []
    for quantity in figure.quantities or _by_size(figure, bases.own.report):
        tried.append(_search(figure, quantity, bases))
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


def _search(figure: Figure, quantity: str, bases: Bases) -> Found:
    candidates = [
        Answer(one.value * _times(factors), base, one, factors, figure.readings[0])
        for base in bases.all
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
        return (answer.cost, not answer.base.own, answer.sum.order, abs(answer.value - target))

    fits = _simplest(sorted((one for one in fits if one.cost <= MOST_ASSUMED), key=rank))
    shown = tuple(one for one in fits[:SHOWN] if one.cost <= fits[0].cost + 1)
    near = _nearest(candidates, figure)
    return Found(figure, quantity, bases.own.report, shown, len(fits) - len(shown), near)


def _factors(quantity: str) -> list[tuple[Factor, ...]]:
    """Return what a sum of a quantity may be multiplied by, nothing first."""
    others = [tuple(Factor(*one) for one in several) for several in MULTIPLIED[quantity]]
    if quantity not in ("flops", "activations"):
        return others
    batches = [(), *[(Factor(n, f"a batch of {n}", 2),) for n in BATCHES]]
    return [a + b for a, b in product(batches, others)]


def _sensible(one: Sum, factors: tuple[Factor, ...]) -> bool:
    """Return whether factors go with a sum: those that assume something, with named ones alone."""
    return bool(one.name) or not any(factor.cost for factor in factors)


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
