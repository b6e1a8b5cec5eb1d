"""The ways of counting that a quoted figure may come from, over one report."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from cnncalc.layers import tags_of
from cnncalc.reconciling.operations import operations
from cnncalc.reconciling.rules import CONVS, DENSE
from cnncalc.reconciling.terms import Factor, Sum, Term, kept

if TYPE_CHECKING:
    from cnncalc.model.report import Report, Row

NORMS = tags_of("norm")


def _alone(value: int, words: str, order: int, name: str = "") -> Sum:
    """Return a count of one term that is not the usual one of its quantity."""
    return Sum(name=name, terms=(Term(value, words),), assumptions=1, order=order)


def _made(row: Row) -> int:
    """Return the values that a layer makes, where tools see each of its operations as a layer."""
    return row.output.size + sum(volume.size for volume in row.facts.between)


def parameters(report: Report) -> Iterator[Sum]:
    """Yield the ways to count learned values."""
    rows = report.layers

    def of(types: tuple[str, ...]) -> int:
        return sum(row.parameters for row in rows if row.type in types)

    weights, biases = Term(report.weights, "weights"), Term(report.biases, "biases")
    every = kept(weights, biases, Term(report.other, "other learned values"))
    yield Sum(name="parameters", terms=every)
    yield Sum(name="weights alone", terms=(weights,), assumptions=1, order=1)
    statistics = Term(report.buffers, "running means and variances of norms")
    if statistics.value:
        yield Sum(name="Keras, Total params", terms=(*every, statistics), assumptions=1, order=2)
        yield _alone(report.parameters - of(NORMS), "outside of norms", 3, "without norms")
    convs, dense = of(CONVS), of(DENSE)
    if convs and dense:
        yield _alone(convs, "parameters of the convolutions alone", 4)
        yield _alone(dense, "parameters of the FC layers alone", 5)
        last = [row for row in rows if row.type in DENSE and row.parameters][-1]
        rest = report.parameters - last.parameters
        yield _alone(rest, f"parameters without those of {last.name}", 6)


def activations(report: Report) -> Iterator[Sum]:
    """Yield the ways to count values that flow through the network."""
    rows = [row for row in report.layers if not row.training]
    image = report.input.size * report.batch
    counted = report.activations - image
    yield Sum(
        name="activations", terms=(Term(image, "the input"), Term(counted, "outputs of the layers"))
    )
    yield _alone(counted, "outputs of the layers", 1, "without the input")
    yield _alone(report.peak_activations, f"alive while {report.peak_at} runs", 2, "peak")
    learned = sum(_made(row) for row in rows if row.parameters)
    weighted = sum(_made(row) for row in rows if row.type in (*CONVS, *DENSE) and row.macs)
    every = sum(map(_made, rows[1:]))
    yield _alone(weighted, "outputs of convolutions and FC layers", 3)
    if learned != weighted:
        yield _alone(learned, "outputs of layers that learn", 4)
    yield _alone(every, "outputs of every layer, ReLU, dropout and softmax too", 5)


def memory(report: Report) -> Iterator[Sum]:
    """Yield what may be kept in memory, in values; factors make bytes of them."""
    yield from parameters(report)
    for one in activations(report):
        yield one
        doubled = tuple(Term(2 * term.value, f"{term.words}, and gradients") for term in one.terms)
        yield replace(one, terms=doubled, assumptions=one.assumptions + 1, order=one.order + 10)
    values = Term(report.activations, "activations")
    learned = Term(report.parameters, "parameters")
    yield Sum(name="parameters and activations", terms=(learned, values), assumptions=1, order=20)
    for order, name, states in ((21, "SGD", 0), (22, "momentum", 1), (23, "Adam", 2)):
        held = "gradients" + (f" and {states} more of {name}" if states else "")
        yield Sum(
            name=f"training with {name}",
            terms=(
                Term(2 * values.value, "activations and their gradients"),
                Term((2 + states) * learned.value, f"parameters, their {held}"),
            ),
            assumptions=1,
            order=order,
        )
    learning = [row for row in report.layers if row.parameters and not row.training]
    passes = Term(
        2 * sum(map(_made, learning)),
        "outputs of layers that learn, forward and backward",
    )
    yield Sum(
        name="torchinfo, forward/backward pass size", terms=(passes,), assumptions=1, order=30
    )
    yield Sum(
        name="torchinfo, estimated total size",
        terms=(Term(report.input.size, "the input"), passes, learned),
        assumptions=1,
        order=31,
    )


COUNTINGS: dict[str, Callable[[Report], Iterator[Sum]]] = {
    "flops": operations,
    "parameters": parameters,
    "activations": activations,
    "memory": memory,
}
# What may multiply the counts of a quantity; None: nothing.
FACTORS: dict[str, tuple[Factor | None, ...]] = {
    "flops": (None, Factor(3, "training: forward, and twice as much backward", 2)),
    "parameters": (None,),
    "activations": (None, Factor(2, "a gradient for each", 1)),
    "memory": (
        Factor(4, "bytes of a float32", 0),
        Factor(2, "bytes of a float16", 1),
        Factor(8, "bytes of a float64", 3),
        Factor(1, "byte of an int8", 3),
    ),
}
