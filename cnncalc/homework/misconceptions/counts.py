"""Mistakes in counting: weights and biases, and operations."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

from cnncalc.homework.layer_truth import Case
from cnncalc.homework.misconceptions.mistake import (
    Explanation,
    Mistake,
    Ways,
    changed,
    explain,
    kernel_side,
    windows_of,
)


class Learned(NamedTuple):
    """copies · (taps · depth · filters + biases): the learned values of a layer."""

    taps: int
    depth: int
    filters: int
    biases: int
    copies: int = 1

    def value(self) -> int:
        """Return the count."""
        return self.copies * (self.taps * self.depth * self.filters + self.biases)


def learned(case: Case) -> Learned | None:
    """Return what goes into a layer's learned values, or None if they are no filters."""
    layer = case.layer
    if layer is None or not case.facts.weights:
        return None
    shapes = layer.parameters(case.output, *case.inputs)
    weight = shapes.get("weight")
    if weight is None or len(weight) < 2 or len(shapes) > 2:
        return None
    biases = case.facts.biases
    if case.type == "fc":
        volume = case.inputs[0]
        return Learned(volume.positions, volume.channels, weight[0], biases)
    if math.prod(weight) != case.facts.weights:
        return None
    return Learned(math.prod(weight[1:-1]), weight[-1], weight[0], biases)


def _flattened_before(terms: Learned, case: Case) -> Iterator[Learned]:
    for volume in case.earlier:
        yield terms._replace(taps=volume.positions, depth=volume.channels)


_DEPTH = "How deep is one filter of this layer?"
_BIAS = "How many biases does a layer learn: what has one of its own?"
NOBIAS = Mistake("P-NOBIAS", "biases left out", _BIAS, lambda t, c: t._replace(biases=0))
ONEBIAS = Mistake("P-ONEBIAS", "one bias for the whole layer", _BIAS,
                  lambda t, c: t._replace(biases=1) if t.biases else None)  # fmt: skip
LEARNED = (
    Mistake("P-NODEPTH", "filters only one channel deep", _DEPTH,
            lambda t, c: t._replace(depth=1) if c.type != "fc" else None),
    Mistake("P-NOCHANNEL-FC", "the channels forgotten when flattening",
            "How many values come out when the volume is flattened?",
            lambda t, c: t._replace(depth=1) if c.type == "fc" and t.taps > 1 else None),
    Mistake("P-NOFLATTEN", "not flattened: the channels alone are connected",
            "Which values is each neuron connected to?",
            lambda t, c: t._replace(taps=1) if c.type == "fc" else None),
    Mistake("P-KERNELSIDE", "the filter's side in place of its area",
            "How many weights has a filter in one channel?", kernel_side),
    Mistake("P-ONEFILTER", "one filter alone", "How many filters are there?",
            lambda t, c: t._replace(filters=1, biases=min(t.biases, 1))),
    Mistake("P-OUTDEPTH", "the depth of the output in place of the input's", _DEPTH,
            lambda t, c: t._replace(depth=t.filters) if c.type != "fc" and t.filters > 1 else None),
    Mistake("P-STALE", "the depth of the image in place of this layer's input", _DEPTH,
            lambda t, c: t._replace(depth=c.earlier[0].channels)
            if c.type != "fc" and c.earlier[0].channels > 1 and len(c.earlier) > 1 else None),
    Mistake("P-GROUPS", "groups ignored", "Which channels does one filter see, with groups?",
            lambda t, c: t._replace(depth=t.depth * getattr(c.layer, "groups", 1))),
    Mistake("P-SPATIAL", "the image's size in place of the filter's",
            "Which size do the weights depend on: the image's or the filter's?",
            lambda t, c: t._replace(taps=c.inputs[0].positions) if c.type != "fc" else None),
    Mistake("P-SPATIAL", "a weight for each pixel of the image, and one bias",
            "Which size do the weights depend on: the image's or the filter's?",
            lambda t, c: Learned(c.inputs[0].positions, 1, 1, min(t.biases, 1))
            if c.type != "fc" else None),
    Mistake("P-NOSHARE", "weights not shared between positions",
            "Do filters have weights of their own at each position?",
            lambda t, c: t._replace(copies=c.output.positions)),
    NOBIAS,
    ONEBIAS,
    Mistake("P-FCADD", "a bias for each input instead of each neuron", _BIAS,
            lambda t, c: t._replace(biases=t.taps * t.depth) if c.type == "fc" else None),
    Mistake("P-BIASADDED", "biases where the layer has none", "Does this layer have biases?",
            lambda t, c: t._replace(biases=t.filters) if not t.biases else None),
)  # fmt: skip
FLATTEN = Explanation(
    "P-FLATTEN",
    "another layer's volume flattened",
    "Which volume arrives here, and how many values has it?",
)
POOL = Explanation(
    "P-POOL", "weights for a layer that has none", "Which weights would this layer learn?"
)


class Work(NamedTuple):
    """factor · positions · taps · depth · filters + extra: the operations of a layer."""

    positions: int
    taps: int
    depth: int
    filters: int
    factor: int = 1
    extra: int = 0

    def value(self) -> int:
        """Return the count."""
        return self.factor * self.positions * self.taps * self.depth * self.filters + self.extra


def work(case: Case, factor: int) -> Work | None:
    """Return what goes into a layer's multiply-accumulates, or None if they are not counted so."""
    terms = learned(case)
    if terms is None or not case.facts.cost.macs:
        return None
    each = terms.taps * terms.depth * terms.filters
    positions, rest = divmod(case.facts.cost.macs, each)
    return None if rest else Work(positions, terms.taps, terms.depth, terms.filters, factor)


_WHERE = "At how many positions does each filter work?"
BIASONCE = Mistake(
    "F-BIASONCE",
    "each bias added once, not at each output",
    _WHERE,
    lambda t, c: t._replace(extra=c.facts.biases) if c.facts.biases else None,
)
WORK = (
    Mistake("F-INHW", "the input's size in place of the output's", _WHERE,
            lambda t, c: t._replace(positions=c.inputs[0].positions) if t.positions > 1 else None),
    Mistake("F-NODEPTH", "filters only one channel deep", _DEPTH,
            lambda t, c: t._replace(depth=1)),
    Mistake("F-KERNELSIDE", "the filter's side in place of its area",
            "How many products are there in one channel of a filter?", kernel_side),
    Mistake("F-ONEFILTER", "one filter alone", "How many filters are there?",
            lambda t, c: t._replace(filters=1)),
    Mistake("F-GROUPS", "groups ignored", "Which channels does one filter see, with groups?",
            lambda t, c: t._replace(depth=t.depth * getattr(c.layer, "groups", 1))),
    Mistake("F-PARAMS", "the weights counted, not the operations", _WHERE,
            lambda t, c: t._replace(positions=1, factor=1) if t.positions > 1 else None),
    BIASONCE,
)  # fmt: skip
BINARY = Explanation(
    "F-BINARY", "K, M or G as a power of 2", "How many operations are a mega of them?"
)
DOUBLED = Explanation(
    "F-X2",
    "another count for a multiply-accumulate",
    "Is a multiplication with its addition one or two?",
)


def wrong_learned(case: Case, column: str) -> Ways:
    """Yield the wrong counts of weights and biases, or of weights alone."""
    terms = learned(case)
    if terms is None:
        if not case.facts.weights:
            yield from _of_a_pool(case)
        return
    if column == "weights":
        terms = terms._replace(biases=0)
    yield from changed(terms, LEARNED, case)
    if case.type == "fc":
        for other in _flattened_before(terms, case):
            yield other.value(), (FLATTEN,)
            yield other._replace(biases=0).value(), (FLATTEN, explain(NOBIAS))
            yield other._replace(biases=1).value(), (FLATTEN, explain(ONEBIAS))


def _of_a_pool(case: Case) -> Ways:
    windows = windows_of(case)
    if windows:
        taps, channels = math.prod(window.kernel for window in windows), case.output.channels
        for number in (taps, taps * channels, (taps + 1) * channels, taps * channels + 1,
                       (taps * channels + 1) * channels, taps * channels**2):  # fmt: skip
            yield number, (POOL,)


def wrong_biases(case: Case) -> Ways:
    """Yield the wrong counts of biases."""
    yield 1, (explain(ONEBIAS),)
    yield 0, (explain(NOBIAS),)
    yield case.facts.weights, (Explanation("P-SWAP", "weights and biases swapped", _BIAS),)
    yield case.output.size, (Explanation("P-NOSHARE", "a bias at each position", _BIAS),)


def wrong_work(case: Case, factor: int) -> Ways:
    """Yield the wrong counts of operations, where a multiply-accumulate counts as `factor`."""
    yield from changed(work(case, factor), WORK, case)
    for value, why in changed(work(case, 3 - factor), WORK, case):
        yield value, (DOUBLED, *why)
    yield from in_powers_of_two(case.facts.cost.macs * factor)


def in_powers_of_two(value: int) -> Ways:
    """Yield what a count comes to where K, M or G stand for a power of 2."""
    for power in (1, 2, 3):
        yield Fraction(value * 1000**power, 1024**power), (BINARY,)


def wrong_additions(case: Case) -> Ways:
    """Yield the wrong counts of additions."""
    yield case.facts.biases, (explain(BIASONCE),)


def wrong_memory(case: Case, each: int) -> Ways:
    """Yield the wrong counts of values, `each` of so many bytes."""
    output, entering = case.output, case.inputs[0]
    ways = [
        ("M-BWD", "gradients counted, too", "Which pass is asked about?", 2 * output.size * each),
        ("M-INPUT", "the input's values, not the output's", "Which volume is asked about?",
         entering.size * each),
        ("M-NODEPTH", "one channel alone", "How deep is the volume?", output.positions * each),
        ("M-VALUES", "values counted, not bytes", "How many bytes has a value?", output.size),
    ]  # fmt: skip
    for code, text, question, value in ways:
        if value != output.size * each:
            yield value, (Explanation(code, text, question),)
