"""The facts that a network's file states under `expect:`, beside those of its report."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cnncalc.errors import CnncalcError, Place, Problem, UnknownNameError
from cnncalc.model.row import ReceptiveField, Row
from cnncalc.volume import Volume

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cnncalc.format.plan import Path
    from cnncalc.model.graph import Graph
    from cnncalc.model.report import Report


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """A fact that a file states of its network, and what is found.

    Attributes:
        name: what it is: `parameters`, or of a layer `CONV1 parameters`.
        stated: the value in the file, as text.
        found: that of the report, as text.
        place: where the file states it.
        problem: why there is no such fact.
    """

    name: str
    stated: str
    found: str = ""
    place: Place = field(default_factory=Place)
    problem: str = ""

    @property
    def met(self) -> bool:
        """Return whether the network is as stated."""
        return not self.problem and self.stated == self.found

    def __str__(self) -> str:
        """Return the sentence that says what is wrong with it, with its place in front."""
        message = self.problem or f"{self.name} {self.stated}, found {self.found}."
        return str(Problem("expect", message, "expect", self.place))


def expectations(graph: Graph, report: Report) -> tuple[Expectation, ...]:
    """Return each fact that the file states of the network, beside the report of one image.

    There are none if the network is not run as its file describes it: at another input, or with
    parameters that are those of no variant.
    """
    stated, path = _stated(graph)
    return tuple(_facts(graph, report, stated, path))


def _stated(graph: Graph) -> tuple[Mapping[str, Any], Path]:
    """Return the facts that the file states of the network as it is run, and their path in it."""
    plan, settings = graph.plan, dict(graph.settings)
    expect, own = plan.architecture.expect, plan.input.constant
    volume = settings.pop("input", None)
    if volume is not None and (own is None or Volume.of(own) != volume):
        return {}, ()
    variant = graph.variant or graph.variant_taken
    if any(name in plan.variants for name in expect):
        unlike = graph.variant and settings
        return ({} if unlike or not variant else expect.get(variant) or {}), ("expect", variant)
    changed = any(
        getattr(plan.parameters.get(name), "constant", None) != value
        for name, value in settings.items()
    )
    return ({} if graph.variant or changed else expect), ("expect",)


def _facts(
    graph: Graph, report: Report, stated: Mapping[str, Any], path: Path
) -> Iterator[Expectation]:
    for name, value in stated.items():
        if name != "layers":
            place = graph.plan.place((*path, name))
            found = str(getattr(report, name))
            yield Expectation(name=name, stated=str(value), found=found, place=place)
            continue
        for layer, facts in value.items():
            here = (*path, name, layer)
            try:
                row = report[layer]
            except UnknownNameError as error:
                place = graph.plan.place(here, key=True)
                problem = error.problems[0].message
                yield Expectation(name=layer, stated="", place=place, problem=problem)
                continue
            for fact, claim in facts.items():
                yield _of_layer(row, fact, claim, graph.plan.place((*here, fact)))


def _of_layer(row: Row, fact: str, claim: Any, place: Place) -> Expectation:
    name = f"{row.name} {fact}"
    if fact.startswith("_") or not hasattr(row, fact):
        problem = f"{row.name} has no {fact[:100]!r}."
        return Expectation(name=name, stated=str(claim), place=place, problem=problem)
    found = getattr(row, fact)
    if isinstance(found, ReceptiveField):
        found = Volume.of(found.size) if found.size else None
    if isinstance(found, Volume):
        with suppress(CnncalcError):  # what is no volume is not this one
            claim = Volume.of(claim)
    return Expectation(name=name, stated=str(claim), found=str(found), place=place)
