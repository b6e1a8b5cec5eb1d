"""The sums that a quoted figure may be: over one report, each with what it assumes.

A sum's terms are whole numbers with words; their total is its value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

from cnncalc.layers import tags_of
from cnncalc.reconciling import tools
from cnncalc.reconciling.tools import CONVS, DENSE, POOLS, TOOLS, Rule

if TYPE_CHECKING:
    from cnncalc.model.report import Report, Row

NORMS = tags_of("norm")
# Softmax has a term of its own: its operations differ, and many leave it out.
ACTIVATIONS = tuple(tag for tag in tags_of("activation") if tag != "softmax")


class Term(NamedTuple):
    """A whole number of a sum, and what it counts."""

    value: int
    words: str


class Sum(NamedTuple):
    """Terms that are added; `name` is the convention's or tool's, "" for one put together."""

    name: str
    terms: tuple[Term, ...]
    cost: int
    order: int = 0

    @property
    def value(self) -> int:
        """Return the total."""
        return sum(term.value for term in self.terms)


def _term(report: Report, rule: Rule) -> Term:
    return Term(rule.total(report.layers), rule.words)


def _kept(*terms: Term) -> tuple[Term, ...]:
    return tuple(term for term in terms if term.value)


# --- operations --------------------------------------------------------------------------------


def _others(row: Row) -> int:
    return row.cost.others


def _each_window(row: Row) -> int:
    return row.cost.others + row.output.size * row.type.endswith("max_pool")


# What people add to the multiply-accumulates, the most usual first: what it assumes, and the ways.
ADDED = (
    (1, (
        Rule("biases added, one at each output", (*CONVS, *DENSE), tools.biases_added),
        Rule("biases, one for each filter and neuron", (*CONVS, *DENSE), lambda row: row.biases),
    )),
    (1, (Rule("{activations}, one for each unit{of}", ACTIVATIONS, tools.outputs),)),
    (1, (
        Rule("{operations} in {pools}, {k} - 1 at each output", POOLS, _others),
        Rule("{operations} in {pools}, {k} at each output", POOLS, _each_window),
        Rule("values that enter {pools}", POOLS, tools.inputs),
    )),
    (1, (Rule("operations where branches merge", ("add", "multiply"), _others),)),
    (2, (Rule("operations of normalization", NORMS, _others),)),
    (2, (Rule("operations of softmax", ("softmax",), _others),)),
)  # fmt: skip


def operations(report: Report) -> Iterator[Sum]:
    """Yield the ways to count operations, those with names first."""
    layers = report.layers
    total = report.macs
    convs = sum(row.macs for row in layers if row.type in CONVS)
    grouped = _groups(report)
    mac = Term(total, "multiply-accumulates" + grouped)
    double = Term(2 * total, "2 for each multiply-accumulate" + grouped)
    yield Sum("mac", (mac,), 0)
    yield Sum("2mac", (double,), 1)
    yield Sum("full", _kept(double, Term(report.cost.others, "every other operation")), 1, 1)
    if convs != total:
        words = " of convolutions" + grouped
        yield Sum("mac, convolutions alone", (Term(convs, "multiply-accumulates" + words),), 1, 2)
        apart = Term(2 * convs, "2 for each multiply-accumulate" + words)
        yield Sum("2mac, convolutions alone", (apart,), 2, 2)
    for tool in TOOLS.values():
        yield from _tool(report, tool)
    yield from _added(report, mac, double)


def _added(report: Report, mac: Term, double: Term) -> Iterator[Sum]:
    """Yield multiply-accumulates with operations added: those that are usual together first."""
    choices = []
    for cost, rules in ADDED:
        terms = [_term(report, rule) for rule in rules]
        worded = [term._replace(words=_worded(report, term.words)) for term in terms if term.value]
        if worded:
            choices.append([None, *[(term, cost, i) for i, term in enumerate(worded)]])
    for chosen in product(*choices):
        taken = [one for one in chosen if one]
        if not taken:
            continue
        last = max(i for i, one in enumerate(chosen) if one)
        order = 10 * sum(one is None for one in chosen[:last]) + sum(i for _, _, i in taken)
        extra = tuple(term for term, _, _ in taken)
        cost = sum(cost for _, cost, _ in taken)
        yield Sum("", (mac, *extra), cost, order)
        yield Sum("", (double, *extra), cost + 1, order)


def _tool(report: Report, tool: tools.Tool) -> Iterator[Sum]:
    """Yield a tool's number, also where it does not see what the file has."""
    terms = _kept(*(_term(report, rule) for rule in tool.rules))
    name = f"{tool.name} {tool.versions}"
    yield Sum(name, terms, tool.cost, 5)
    bare = tuple(term for term in terms if not term.words.startswith("softmax"))
    if bare != terms:
        yield Sum(f"{name}, without softmax", bare, tool.cost + 1, 5)
    unseen = tuple(term for term in bare if not term.words.startswith("average pools of a given"))
    if unseen != bare and tool.name == "thop":
        yield Sum(f"{name}, which does not see the last pool", unseen, tool.cost + 1, 5)


def _groups(report: Report) -> str:
    """Return which convolutions work in groups, where these are few."""
    groups = {row.name: getattr(row.layer, "groups", 1) for row in report.layers}
    found = {name: count for name, count in groups.items() if count > 1}
    if not 1 <= len(found) <= 4 or len(set(found.values())) > 1:
        return ""
    *first, last = found
    names = f"{', '.join(first)} and {last}" if first else last
    return f", {names} in {next(iter(found.values()))} groups"


def _worded(report: Report, words: str) -> str:
    """Return a term's words with the layers that it is about filled in."""
    if "{" not in words:
        return words
    rows = [row for row in report.layers if not row.training]
    active = [row for row in rows if row.type in ACTIVATIONS]
    kinds = {row.type for row in active}
    names = {"relu": "ReLU", "relu6": "ReLU6"}
    kind = names.get(next(iter(kinds), ""), "activations") if len(kinds) == 1 else "activations"
    ends = [report.layers[row.sources[0]].name for row in (active[0], active[-1])] if active else []
    of = f" of {ends[0]} to {ends[1]}" if ends and not any("." in name for name in ends) else ""
    kernels = [getattr(row.layer, "kernel", None) for row in rows if row.type in POOLS]
    side = kernels[0] if len(set(kernels)) == 1 else None
    k = f"{side}·{side}" if isinstance(side, int) else "K·K"
    pools = f"{len(kernels)} pools" if len(kernels) > 1 else "the pool"
    largest = all(row.type.endswith("max_pool") for row in rows if row.type in POOLS)
    operations = "comparisons" if largest else "operations"
    return words.format(activations=kind, of=of, k=k, pools=pools, operations=operations)


# --- learned values, activations, memory -------------------------------------------------------


def parameters(report: Report) -> Iterator[Sum]:
    """Yield the ways to count learned values."""
    rows = report.layers

    def of(types: tuple[str, ...]) -> int:
        return sum(row.parameters for row in rows if row.type in types)

    weights, biases = Term(report.weights, "weights"), Term(report.biases, "biases")
    other = Term(report.other, "other learned values")
    every = _kept(weights, biases, other)
    yield Sum("parameters", every, 0)
    yield Sum("weights alone", (weights,), 1, 1)
    statistics = Term(report.buffers, "running means and variances of norms")
    if statistics.value:
        yield Sum("Keras, Total params", (*every, statistics), 1, 2)
        norms = of(NORMS)
        yield Sum("without norms", (Term(report.parameters - norms, "outside of norms"),), 1, 3)
    convs, dense = of(CONVS), of(DENSE)
    if convs and dense:
        yield Sum("", (Term(convs, "parameters of the convolutions alone"),), 1, 4)
        yield Sum("", (Term(dense, "parameters of the FC layers alone"),), 1, 5)
        last = [row for row in rows if row.type in DENSE and row.parameters][-1]
        rest = report.parameters - last.parameters
        yield Sum("", (Term(rest, f"parameters without those of {last.name}"),), 1, 6)


def activations(report: Report) -> Iterator[Sum]:
    """Yield the ways to count values that flow through the network."""
    rows = [row for row in report.layers if not row.training]
    whole = report.input.size * report.batch
    counted = Term(report.activations - whole, "outputs of the layers")
    entering = Term(whole, "the input")
    yield Sum("activations", (entering, counted), 0)
    yield Sum("without the input", (counted,), 1, 1)
    yield Sum("peak", (Term(report.peak_activations, f"alive while {report.peak_at} runs"),), 1, 2)
    learned = sum(row.output.size for row in rows if row.parameters)
    weighted = sum(row.output.size for row in rows if row.type in (*CONVS, *DENSE) and row.macs)
    every = sum(row.output.size for row in rows[1:])
    yield Sum("", (Term(weighted, "outputs of convolutions and FC layers"),), 1, 3)
    if learned != weighted:
        yield Sum("", (Term(learned, "outputs of layers that learn"),), 1, 4)
    yield Sum("", (Term(every, "outputs of every layer, ReLU, dropout and softmax too"),), 1, 5)


def memory(report: Report) -> Iterator[Sum]:
    """Yield what may be kept in memory, in values; factors make bytes of them."""
    for one in parameters(report):
        yield one
    for one in activations(report):
        yield one
        doubled = tuple(Term(2 * term.value, f"{term.words}, and gradients") for term in one.terms)
        yield Sum(one.name, doubled, one.cost + 1, one.order + 10)
    kept = Term(report.activations, "activations")
    learned = Term(report.parameters, "parameters")
    yield Sum("parameters and activations", (learned, kept), 1, 20)
    for name, states in (("SGD", 0), ("momentum", 1), ("Adam", 2)):
        held = "gradients" + (f" and {states} more of {name}" if states else "")
        yield Sum(
            f"training with {name}",
            (
                Term(2 * kept.value, "activations and their gradients"),
                Term((2 + states) * learned.value, f"parameters, their {held}"),
            ),
            1, 21 + states,
        )  # fmt: skip
    rows = [row for row in report.layers if not row.training]
    passes = Term(2 * sum(row.output.size for row in rows if row.parameters),
                  "outputs of layers that learn, forward and backward")  # fmt: skip
    yield Sum("torchinfo, forward/backward pass size", (passes,), 1, 30)
    entering = Term(report.input.size, "the input")
    yield Sum("torchinfo, estimated total size", (entering, passes, learned), 1, 31)


SUMS: dict[str, Callable[[Report], Iterator[Sum]]] = {
    "flops": operations,
    "parameters": parameters,
    "activations": activations,
    "memory": memory,
}
# Quantity: what may multiply its sums, as (times, in words, what it assumes).
MULTIPLIED: dict[str, list[tuple[tuple[int, str, int], ...]]] = {
    "flops": [(), ((3, "training: forward, and twice as much backward", 2),)],
    "parameters": [()],
    "activations": [(), ((2, "a gradient for each", 1),)],
    "memory": [
        ((4, "bytes of a float32", 0),), ((2, "bytes of a float16", 1),),
        ((8, "bytes of a float64", 3),), ((1, "byte of an int8", 3),),
    ],
}  # fmt: skip
