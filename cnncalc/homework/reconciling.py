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
from math import ceil
from typing import TYPE_CHECKING, Any, NamedTuple

from cnncalc.errors import CnncalcError, Problem, did_you_mean, printable
from cnncalc.homework import numbers
from cnncalc.homework.sums import MULTIPLIED, SUMS, Sum

if TYPE_CHECKING:
    from cnncalc.architecture import Architecture
    from cnncalc.report import Report

QUANTITIES = {
    "flops": r"flops?\b|flop/s|\bg?macs?\b|madds?|maccs?|mult|operations|\bops\b|[kmgt](?:flop|mac|op)",
    "parameters": r"param|weight",
    "activations": r"activation|neuron|values|units",
    "memory": r"bytes?\b|\b[kmgt]i?b\b|\d\s*[kmgt]i?b\b",
}
SIDES = (224, 227, 256)  # the inputs that papers use for one and the same network
BATCHES = (2, 4, 8, 16, 32, 64, 128, 256)
MOST = 5  # answers, and assumptions
NEAR = 3  # near misses
MOST_BASES = 24
_SCALE = re.compile(r"\d\s*([kmgt])(?!i)", re.IGNORECASE)


class Reading(NamedTuple):
    """A range of exact values, from `low` to below `high`, that a figure may stand for."""

    low: int | Fraction
    high: int | Fraction
    note: str = ""
    cost: int = 0

    def covers(self, value: int) -> bool:
        """Return whether an exact value is in the range."""
        return self.low <= value < self.high


class Figure(NamedTuple):
    """A quoted figure: as written, what it may be a number of, and its readings, likely first."""

    text: str
    value: int | Fraction
    quantities: tuple[str, ...]
    readings: tuple[Reading, ...]


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


# --- the figure ------------------------------------------------------------------------------


def read(text: str, of: str | None = None) -> Figure:
    """Return a figure with the precision that it was written with.

    Raises: CnncalcError if it is not a number above zero, or `of` is no quantity.

    >>> figure = read("727M")
    >>> figure.readings[0].low, figure.readings[0].high
    (726500000, 727500000)
    """
    if of is not None and of not in QUANTITIES:
        hint = did_you_mean(of, QUANTITIES)
        message = f"no quantity {of[:40]!r}.{hint} There are: {', '.join(QUANTITIES)}."
        raise CnncalcError(Problem("quantity", message))
    try:
        found = numbers.read_number(text).rounded
    except numbers.Unreadable as reason:
        shown = printable(text[:60])
        raise CnncalcError(
            Problem("figure", f"{shown!r} is no figure. {reason} Write it as 727M or 1.14e9.")
        ) from None
    if found.value <= 0:
        raise CnncalcError(Problem("figure", f"a figure is above zero. Received {text[:60]}."))
    named = [of] if of else [q for q, words in QUANTITIES.items() if re.search(words, text.lower())]
    if found.unit == "byte" and not of:
        named = ["memory"]
    return Figure(text.strip(), found.value, tuple(named), tuple(_readings(text, found)))


def _readings(text: str, found: numbers.Quantity) -> Iterator[Reading]:
    low, high = found.low, found.high
    if low == high:
        yield Reading(low, low + 1)
    else:
        step = high - low
        yield Reading(low, high)
        yield Reading(high, found.value + step, "cut off, not rounded", 1)
    letter = _SCALE.search(text)
    if letter and found.digits is not None:
        power = "kmgt".index(letter[1].lower()) + 1
        memory = found.unit == "byte"
        sign = letter[1].upper() + "B" * memory
        binary = numbers.plain(Fraction(2**10, 10**3) ** power)
        yield Reading(
            low * binary, high * binary, f"{sign} of 2^{10 * power}", 1 if memory else 2
        )
        if power == 3:
            mixed = Fraction(2**20, 10**6)
            yield Reading(low * mixed, high * mixed, f"{sign} of 1,000 · 2^20", 2)


# --- the networks ----------------------------------------------------------------------------


class Bases:
    """The network as asked for, and what else the figure may be of: made when it is needed."""

    def __init__(self, source: Any, options: Mapping[str, Any]) -> None:
        from cnncalc import api

        self._options = {name: value for name, value in options.items() if value}
        self._architecture: Architecture = api.load(source)
        report = api.analyze(self._architecture, **self._options)
        name = self._options.get("variant") or self._architecture.variant
        shown = str(name or (source if isinstance(source, str) else report.name))
        self.own = Base(report, printable(shown), 0, True)

    def all(self, figure: Figure, quantity: str) -> list[Base]:
        """Return the bases that a figure may be of, those that assume least first."""
        found = [self.own]
        for name, source, changes in [*self._relatives(), *self._resized(), *self._flipped()]:
            if len(found) == MOST_BASES:
                break
            report = _analyzed(source, self._options | changes)
            if report is None or any(_same(report, base.report) for base in found):
                continue
            found.append(Base(report, printable(name), 1, False))
        return found

    def _resized(self) -> Iterator[tuple[str, Any, dict[str, Any]]]:
        """Yield the network on other images that are about as large."""
        volume = self.own.report.input
        if "input" in self._options or len(volume.extents) != 2:
            return
        for side in SIDES:
            if 0.8 * side <= volume.extents[0] <= 1.25 * side:
                input = f"{side}x{side}x{volume.channels}"
                yield self.own.name, self._architecture, {"input": input}

    def _flipped(self) -> Iterator[tuple[str, Any, dict[str, Any]]]:
        """Yield the network with one of the file's switches the other way."""
        given = self._options.get("set", {})
        settings = self._architecture.parameters
        variant = self._options.get("variant") or self._architecture.variant
        chosen = settings | dict(self._architecture.variants.get(variant or "", {})) | given
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
            for name in entries:
                if name not in variants and name != self.own.name and name.startswith(stem[0]):
                    yield name, name, {"variant": None, "set": {}}


def _analyzed(source: Any, options: Mapping[str, Any]) -> Report | None:
    from cnncalc import api

    try:
        return api.analyze(source, **options)
    except CnncalcError:  # not every network takes every input
        return None


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
        for base in bases.all(figure, quantity)
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

    fits = _simplest(sorted((one for one in fits if one.cost <= MOST), key=rank))
    shown = tuple(fits[:MOST])
    near = _nearest(candidates, figure, shown)
    return Found(figure, quantity, bases.own.report, shown, len(fits) - len(shown), near)


def _factors(quantity: str) -> list[tuple[Factor, ...]]:
    batches = [(), *[(Factor(n, f"a batch of {n}", 2),) for n in BATCHES]]
    others = [(), *[(Factor(*one),) for one in MULTIPLIED[quantity]]]
    if quantity == "parameters":
        return others
    if quantity == "memory":
        batches = [()]
    return [a + b for a, b in product(batches, others)]


def _sensible(one: Sum, factors: tuple[Factor, ...]) -> bool:
    """Return whether factors go with a sum: those that assume more, with the named sums alone."""
    return one.cost + sum(factor.cost for factor in factors) <= MOST - 1


def _times(factors: Iterable[Factor]) -> int:
    times = 1
    for factor in factors:
        times *= factor.times
    return times


def _simplest(answers: list[Answer]) -> list[Answer]:
    """Return the answers without those that only add terms to one that fits already."""
    kept: list[Answer] = []
    values: set[int] = set()
    for answer in answers:
        if answer.value in values or any(_adds_to(answer, other) for other in kept):
            continue
        values.add(answer.value)
        kept.append(answer)
    return kept


def _adds_to(answer: Answer, other: Answer) -> bool:
    """Return whether an answer is another one with more terms; a whole count stands for its parts."""
    if answer.base is not other.base or answer.factors != other.factors:
        return False
    less, more = set(other.sum.terms), set(answer.sum.terms)
    return less < more or (len(less) == 1 < len(more) and other.cost < answer.cost)


def _nearest(
    candidates: list[Answer], figure: Figure, shown: tuple[Answer, ...]
) -> tuple[Answer, ...]:
    """Return near misses: named counts of the nearest networks, no network twice, and as given."""
    taken = {answer.value for answer in shown}
    plain = [
        one
        for one in candidates
        if one.cost <= 2 and one.sum.name and not one.factors[1:] and one.value not in taken
    ]

    def apart(answer: Answer) -> tuple[Fraction, int]:
        value = Fraction(max(answer.value, 1))
        return max(value / figure.value, figure.value / value), answer.cost

    near: dict[str, Answer] = {}
    for answer in sorted(plain, key=apart):
        near.setdefault(answer.base.label, answer)
    others = [answer for answer in near.values() if not answer.base.own]
    own = [answer for answer in near.values() if answer.base.own]
    return tuple(sorted([*others[: NEAR - len(own)], *own], key=apart))


def bounds(reading: Reading) -> tuple[int, int]:
    """Return the first and the last whole number of a range."""
    return ceil(reading.low), ceil(reading.high) - 1
