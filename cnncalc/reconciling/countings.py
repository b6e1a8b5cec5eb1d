"""The ways of counting that a quoted figure may come from, over one report."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from cnncalc.layers import tags_of
from cnncalc.reconciling.operations import operations
from cnncalc.reconciling.rules import CONVS, DENSE
from cnncalc.reconciling.terms import Sum, Term, kept
from cnncalc.reconciling.tools import ADAPTIVE

if TYPE_CHECKING:
    from cnncalc.model.report import Report, Row

NORMS = tags_of("norm")
WITHOUT_SIDES = "without the side paths of training"


def _alone(value: int, words: str, order: int, name: str = "") -> Sum:
    """Return a count of values of one term that is not the usual one."""
    return Sum(name=name, terms=(Term(value, words),), assumptions=1, order=order)


def _part(value: int, words: str, order: int, name: str = "") -> Sum:
    """Return a count of some of the parameters."""
    assumptions = 1 if name else 2
    terms = (Term(value, words, fixed=True),)
    return Sum(name=name, terms=terms, assumptions=assumptions, order=order)


def _made(row: Row) -> int:
    """Return the values that a layer makes, where tools see each of its operations as a layer."""
    return row.output.size + sum(volume.size for volume in row.facts.between)


def parameters(report: Report) -> Iterator[Sum]:
    """Yield the ways to count learned values."""
    rows = report.layers
    yield from _learned(rows)
    used = [row for row in rows if not row.training]
    if any(row.parameters for row in rows if row.training):
        for one in _learned(used):
            name = f"{one.name}, {WITHOUT_SIDES}"
            yield replace(one, name=name, assumptions=one.assumptions + 1)
    convs, dense = _of_types(used, CONVS), _of_types(used, DENSE)
    if convs and dense:
        yield _part(convs, "parameters of the convolutions alone", 4)
        yield _part(dense, "parameters of the FC layers alone", 5)
        last = [row for row in used if row.type in DENSE and row.parameters][-1]
        rest = sum(row.parameters for row in used) - last.parameters
        yield _part(rest, f"parameters without those of {last.name}", 6)


def _of_types(rows: Sequence[Row], types: tuple[str, ...]) -> int:
    return sum(row.parameters for row in rows if row.type in types)


def _learned(rows: Sequence[Row]) -> Iterator[Sum]:
    """Yield the ways to count the learned values of layers, with the usual one first."""
    weights = Term(sum(row.weights for row in rows), "weights", fixed=True)
    biases = Term(sum(row.biases for row in rows), "biases", fixed=True)
    other = Term(sum(row.other for row in rows), "other learned values", fixed=True)
    every = kept(weights, biases, other)
    yield Sum(name="parameters", terms=every)
    if len(every) > 1:
        yield Sum(name="weights alone", terms=(weights,), assumptions=1, order=1)
    statistics = sum(row.buffers for row in rows)
    if statistics:
        buffers = Term(statistics, "running means and variances of norms", fixed=True)
        keras = Sum(name="Keras, Total params", terms=(*every, buffers), assumptions=1, order=2)
        yield keras
        bare = sum(row.output.channels for row in rows if row.type in CONVS and not row.biases)
        added = Term(bare, "biases in the convolutions without", fixed=True)
        yield replace(
            keras,
            name="Keras, Total params, each convolution with biases",
            terms=(*keras.terms, added),
            assumptions=2,
        )
        scales = sum(row.weights for row in rows if row.type in NORMS)
        learned = kept(replace(weights, value=weights.value - scales), biases, other)
        yield replace(
            keras,
            name="Keras, Total params, norms without scale",
            terms=(*learned, buffers),
            assumptions=2,
        )
    norms = _of_types(rows, NORMS)
    if norms:
        rest = sum(row.parameters for row in rows) - norms
        yield _part(rest, "outside of norms", 3, "without norms")


def activations(report: Report) -> Iterator[Sum]:
    """Yield the ways to count values that flow through the network, for one image."""
    rows = [row for row in report.layers if not row.training]
    counted = report.activations - report.input.size
    image = Term(report.input.size, "the input")
    yield Sum(name="activations", terms=(image, Term(counted, "outputs of the layers")))
    yield _alone(counted, "outputs of the layers", 1, "without the input")
    alive = f"alive while {report.peak_at} runs"
    yield _alone(report.peak_activations, alive, 2, "peak")
    learned = sum(_made(row) for row in rows if row.parameters)
    weighted = sum(_made(row) for row in rows if row.type in (*CONVS, *DENSE) and row.macs)
    every = sum(map(_made, rows[1:]))
    yield _alone(weighted, "outputs of convolutions and FC layers", 3)
    if learned != weighted:
        yield _alone(learned, "outputs of layers that learn", 4)
    yield _alone(every, "outputs of every layer, ReLU, dropout and softmax too", 5)
    in_place = _added_in_place(report)
    if in_place:
        once = Term(counted - sum(in_place.values()), "outputs of the layers but additions")
        name = "activations, additions in place"
        yield Sum(name=name, terms=(image, once), assumptions=1, order=6)
        held = [values - in_place.get(i, 0) for i, values in enumerate(report.alive)]
        at = report.layers[held.index(max(held))].name
        yield _alone(max(held), f"alive while {at} runs", 7, "peak, additions in place")


def _added_in_place(report: Report) -> dict[int, int]:
    """Return the sizes of additions, by their row, that may overwrite one of their inputs."""
    last: dict[int, int] = {}  # by row: the last one that reads the memory in which it is
    owner: list[int] = []
    for i, row in enumerate(report.layers):
        shares = row.layer is not None and not row.activations and not row.training
        owner.append(owner[row.sources[0]] if shares else i)
        if not row.training:
            last |= {owner[j]: i for j in row.sources}
    return {
        i: row.output.size
        for i, row in enumerate(report.layers)
        if row.type == "add" and row.activations and i in {last[owner[j]] for j in row.sources}
    }


def memory(report: Report) -> Iterator[Sum]:
    """Yield what may be kept in memory for one image, in values; factors make bytes of them."""
    for one in parameters(report):
        yield one if one.name else replace(one, assumptions=one.assumptions + 1)
    yield from _summaries(report)
    for one in activations(report):
        yield one
        doubled = tuple(Term(2 * term.value, f"{term.words}, and gradients") for term in one.terms)
        yield replace(one, terms=doubled, assumptions=one.assumptions + 1, order=one.order + 10)
    values = Term(report.activations, "activations")
    learned = Term(report.parameters, "parameters", fixed=True)
    yield Sum(name="parameters and activations", terms=(learned, values), assumptions=2, order=20)
    for order, name, states in ((21, "SGD", 0), (22, "momentum", 1), (23, "Adam", 2)):
        held = "gradients" + (f" and {states} more of {name}" if states else "")
        kept_for_each = Term((2 + states) * learned.value, f"parameters, their {held}", fixed=True)
        yield Sum(
            name=f"training with {name}",
            terms=(Term(2 * values.value, "activations and their gradients"), kept_for_each),
            assumptions=2,
            order=order,
        )


def _summaries(report: Report) -> Iterator[Sum]:
    """Yield the sizes that torchinfo and torchsummary print of a network.

    They take 2 values for each output of their layers. PyTorch's networks end without a softmax,
    and older ones without a pool of a given size.
    """
    rows = [row for row in report.layers[1:] if not row.training]
    layers = [row for row in rows if row.type != "softmax"]
    fewer = [row for row in layers if row.type not in ADAPTIVE]
    learning = [row for row in rows if row.parameters]
    bare = "torchsummary, without average pools of a given size"
    for order, tool, seen, words, assumptions in (
        (30, "torchinfo", learning, "outputs of layers that learn", 2),
        (31, "torchsummary", layers, "outputs of every layer but softmax", 2),
        (32, bare, fewer, "outputs of every layer but softmax and such pools", 3),
    ):
        passes = Term(2 * sum(map(_made, seen)), f"{words}, forward and backward")
        learned = Term(report.parameters, "parameters", fixed=True)
        size = Sum(
            name=f"{tool}, forward/backward pass size",
            terms=(passes,),
            assumptions=assumptions,
            order=order,
        )
        yield size
        total = (Term(report.input.size, "the input"), passes, learned)
        yield replace(size, name=f"{tool}, estimated total size", terms=total)


COUNTINGS: dict[str, Callable[[Report], Iterator[Sum]]] = {
    "flops": operations,
    "parameters": parameters,
    "activations": activations,
    "memory": memory,
}
