"""The ways to count operations: named conventions, tools, and what people add to the MACs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING

from cnncalc import units
from cnncalc.layers import tags_of
from cnncalc.reconciling.rules import (
    CONVS,
    DENSE,
    POOLS,
    Rule,
    biases_added,
    by_type,
    inputs,
    outputs,
)
from cnncalc.reconciling.terms import Sum, Term, kept
from cnncalc.reconciling.tools import ADAPTIVE, TOOLS, Tool

if TYPE_CHECKING:
    from cnncalc.model.report import Report, Row

    Rows = Mapping[str, Sequence[Row]]

# Softmax has a term of its own: its operations differ, and many leave it out.
ACTIVATIONS = tuple(tag for tag in tags_of("activation") if tag != "softmax")
MOST_ADDED = 4  # assumptions of what is added to the multiply-accumulates


@dataclass(frozen=True, slots=True)
class _Addition:
    """Operations that people add to the multiply-accumulates, and the ways to count them."""

    assumptions: int
    rules: tuple[Rule, ...]


def _others(row: Row) -> int:
    return row.cost.others


def _each_window(row: Row) -> int:
    return row.cost.others + row.output.size * row.type.endswith("max_pool")


# The most usual first. Words in braces are filled in by `_worded`.
ADDITIONS = (
    _Addition(
        1,
        (
            Rule("biases added, one at each output", (*CONVS, *DENSE), biases_added),
            Rule(
                "biases, one for each filter and neuron",
                (*CONVS, *DENSE),
                lambda row: row.biases,
            ),
        ),
    ),
    _Addition(1, (Rule("{activations}, one for each unit{of}", ACTIVATIONS, outputs),)),
    _Addition(
        1,
        (
            Rule("{operations} in {pools}, {k} - 1 at each output", POOLS, _others),
            Rule("{operations} in {pools}, {k} at each output", POOLS, _each_window),
            Rule("values that enter {pools}", POOLS, inputs),
        ),
    ),
    _Addition(1, (Rule("operations where branches merge", ("add", "multiply"), _others),)),
    _Addition(2, (Rule("operations of normalization", tags_of("norm"), _others),)),
    _Addition(2, (Rule("operations of softmax", ("softmax",), _others),)),
)


def operations(report: Report) -> Iterator[Sum]:
    """Yield the ways to count operations, those with names first."""
    total, rows = report.macs, by_type(report.layers)
    convs = sum(row.macs for type in CONVS for row in rows.get(type, ()))
    side = sum(row.facts.cost.macs for row in report.layers if row.training)
    grouped = _groups(report)
    for name, times, each, assumptions in (
        ("mac", 1, "multiply-accumulates", 0),
        ("2mac", 2, "2 for each multiply-accumulate", 1),
    ):
        every = Term(times * total, each + grouped)
        yield Sum(name=name, terms=(every,), assumptions=assumptions)
        if side:
            words = "those of the side paths that only training uses"
            yield Sum(
                name=f"{name}, side paths of training too",
                terms=(every, Term(times * side, words)),
                assumptions=assumptions + 1,
                order=1,
            )
        if convs != total:
            yield Sum(
                name=f"{name}, convolutions alone",
                terms=(Term(times * convs, f"{each} of convolutions{grouped}"),),
                assumptions=assumptions + 1,
                order=2,
            )
    mac = Term(total, "multiply-accumulates" + grouped)
    double = Term(2 * total, "2 for each multiply-accumulate" + grouped)
    others = Term(report.cost.others, "every other operation")
    yield Sum(name="full", terms=kept(double, others), assumptions=1, order=1)
    for tool in TOOLS.values():
        yield from _of_tool(rows, tool)
    yield from _with_additions(report, rows, mac, double)


def _with_additions(report: Report, rows: Rows, mac: Term, double: Term) -> Iterator[Sum]:
    """Yield multiply-accumulates with operations added: those that are usual together first."""
    choices = []
    for addition in ADDITIONS:
        worded = [
            (addition.assumptions, number, replace(term, words=_worded(report, rows, term.words)))
            for number, term in enumerate(_terms(addition.rules, rows))
        ]
        if worded:
            choices.append([None, *worded])
    for chosen in product(*choices):
        taken = [one for one in chosen if one]
        assumptions = sum(assumptions for assumptions, _, _ in taken)
        if not taken or assumptions > MOST_ADDED:
            continue
        last = max(i for i, one in enumerate(chosen) if one)
        left_out = sum(one is None for one in chosen[:last])
        found = Sum(
            terms=(mac, *(term for _, _, term in taken)),
            assumptions=assumptions,
            order=10 * left_out + sum(number for _, number, _ in taken),
        )
        yield found
        doubled = (double, *found.terms[1:])
        yield replace(found, terms=doubled, assumptions=found.assumptions + 1)


def _of_tool(rows: Rows, tool: Tool) -> Iterator[Sum]:
    """Yield a tool's number, also where it does not see all that the file has."""
    name = f"{tool.name} {tool.versions}"
    every = Sum(
        name=name,
        terms=_terms(tool.rules, rows),
        assumptions=tool.assumptions,
        order=5,
        of_tool=True,
    )
    yield every
    # PyTorch's networks end without a softmax: it is in the loss.
    seen = [rule for rule in tool.rules if "softmax" not in rule.types]
    bare = replace(
        every,
        name=f"{name}, without softmax",
        terms=_terms(seen, rows),
        assumptions=tool.assumptions + 1,
    )
    if bare.terms != every.terms:
        yield bare
    if tool.may_miss_pools:
        seen = [rule for rule in seen if rule.types != ADAPTIVE]
        unseen = replace(
            every,
            name=f"{name}, without average pools of a given size",
            terms=_terms(seen, rows),
            assumptions=tool.assumptions + 1,
        )
        if unseen.terms != bare.terms:
            yield unseen


def _groups(report: Report) -> str:
    """Return which convolutions work in groups, where these are few."""
    groups = {row.name: getattr(row.layer, "groups", 1) for row in report.layers}
    found = {name: count for name, count in groups.items() if count > 1}
    if not 1 <= len(found) <= 4 or len(set(found.values())) > 1:
        return ""
    return f", {units.listing(list(found))} in {next(iter(found.values()))} groups"


def _worded(report: Report, rows: Rows, words: str) -> str:
    """Return a term's words with the layers that it is about filled in."""
    if "{" not in words:
        return words
    types = [type for type in rows if type in ACTIVATIONS]
    names = {"relu": "ReLU", "relu6": "ReLU6"}
    name = names.get(types[0], "activations") if len(types) == 1 else "activations"
    active = [row for row in report.layers if row.type in types and not row.training]
    ends = [report.layers[row.sources[0]].name for row in (active[0], active[-1])] if active else []
    of = f" of {ends[0]} to {ends[1]}" if ends and not any("." in name for name in ends) else ""
    pools = [row for type in POOLS for row in rows.get(type, ())]
    kernels = {getattr(row.layer, "kernel", None) for row in pools}
    side = next(iter(kernels)) if len(kernels) == 1 else None
    return words.format(
        activations=name,
        of=of,
        k=f"{side}·{side}" if isinstance(side, int) else "K·K",
        pools=f"{len(pools)} pools" if len(pools) > 1 else "the pool",
        operations=(
            "comparisons" if all(row.type.endswith("max_pool") for row in pools) else "operations"
        ),
    )


def _terms(rules: Sequence[Rule], rows: Rows) -> tuple[Term, ...]:
    """Return the term of each rule that counts anything."""
    return kept(*(Term(rule.total(rows), rule.words) for rule in rules))
