"""Verify a network: run it layer by layer, and sum up what was found."""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cnncalc.errors import LimitError, Problem, whole_number
from cnncalc.layers.base import Cost
from cnncalc.model.counting import LARGEST_BATCH
from cnncalc.model.printable import Tabular
from cnncalc.verification.memory import (
    MemoryNeed,
    all_at_once,
    free_memory,
    parse_size,
    peak_need,
    size_text,
)

if TYPE_CHECKING:
    from cnncalc.model.graph import Graph
    from cnncalc.model.report import Report, Row
    from cnncalc.verification.expectations import Expectation
    from cnncalc.verification.run import Finding

LARGEST_SEED = 2**64 - 1
# Bytes up to which arrays are made once for all passes with NaN, where the limit allows it.
MOST_KEPT = 2**30

Watch = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Verification(Tabular):
    """The result of running a network, layer by layer.

    Attributes:
        report: what was claimed of the network.
        seed: what its arrays were made from.
        layers: the findings of the layers that were run, in their order.
        total: how many layers there are; an interrupted run has fewer findings.
        expectations: what the file states under `expect:`; none where it is run otherwise than
            the file describes it.
        unchecked: whether the file states something, but of another input or other parameters.
        input_digest: the SHA-256 of the input, where digests were asked for.
        interrupted: whether Ctrl-C ended the run.
    """

    report: Report
    seed: int
    layers: tuple[Finding, ...]
    total: int
    expectations: tuple[Expectation, ...] = ()
    unchecked: bool = False
    input_digest: str | None = None
    interrupted: bool = False

    def __repr__(self) -> str:
        """Return which network was run, and whether it is as claimed."""
        verdict = "as claimed" if self.ok else "not as claimed"
        return f"<Verification of {self.name!r}: {len(self.layers)} layers run, {verdict}>"

    @property
    def name(self) -> str:
        """Return the network's name."""
        return self.report.name

    @property
    def numpy(self) -> str:
        """Return the version of NumPy that it ran in."""
        import numpy

        return numpy.__version__

    @property
    def complete(self) -> bool:
        """Return whether everything that was asked for was run."""
        return not self.interrupted and all(layer.ran for layer in self.layers)

    @property
    def ok(self) -> bool:
        """Return whether every layer was run and is as claimed, and the file is right."""
        return self.complete and not self.failures

    @property
    def failures(self) -> list[tuple[str, str]]:
        """Return each layer that differs from its claims, with the quantity: `FLOPs`.

        What the file states wrongly follows, as of a layer `expect`.
        """
        return self.differing + [("expect", each.name) for each in self.unmet]

    @property
    def unmet(self) -> list[Expectation]:
        """Return the facts of the file that are wrong."""
        return [each for each in self.expectations if not each.met]

    @property
    def differing(self) -> list[tuple[str, str]]:
        """Return each layer that differs from its claims, with the quantity."""
        found = [(layer.path, what) for layer in self.layers for what in layer.wrong]
        if self.complete and not found and self.peak_bytes != self.claimed_peak_bytes:
            found.append((self.report.peak_at, "memory"))
        return found

    @property
    def overflows(self) -> str | None:
        """Return the first layer that has values which no float32 holds, if there is one."""
        for layer in self.layers:
            if not all(sample.proves for sample in layer.samples):
                return layer.path
        return None

    @property
    def samples(self) -> int:
        """Return how many values were compared with a definition that says something of them."""
        return sum(sample.proves for layer in self.layers for sample in layer.samples)

    @property
    def forward_seconds(self) -> float:
        """Return the seconds of the forward pass: no arrays made, nothing checked."""
        return sum(layer.seconds for layer in self.layers if not layer.training)

    @property
    def peak_bytes(self) -> int:
        """Return the most bytes of activations that lived at once."""
        return max((layer.live_bytes for layer in self.layers), default=0)

    @property
    def claimed_peak_bytes(self) -> int:
        """Return the same by the report, in float32."""
        return 4 * self.report.peak_activations


class Interrupted(KeyboardInterrupt):
    """Ctrl-C, with what was done until then."""

    def __init__(self, verification: Verification) -> None:
        super().__init__()
        self.verification = verification


def verify(
    graph: Graph,
    *,
    seed: int = 0,
    batch: int = 1,
    limit_memory: int | str | None = None,
    receptive_field: bool = False,
    digests: bool = False,
    watch: Watch | None = None,
) -> Verification:
    """Return the result of running a network in NumPy on arrays made from the seed.

    `limit_memory` is bytes, or text such as 2GiB; half of what is free, if it is not given.
    `receptive_field` also finds what each layer sees, by a NaN in the input. `digests` keeps
    the SHA-256 of every array. `watch` is called before each part of the work, with how many
    parts are done, how many there are, and the name of the next.
    Raises: LimitError if the network needs more memory; nothing of it is run then.
    Interrupted on Ctrl-C, with the layers that were done.
    """
    from cnncalc.model.analysis import analyze
    from cnncalc.verification.arrays import digest, seeded
    from cnncalc.verification.expectations import expectations
    from cnncalc.verification.probe import probe
    from cnncalc.verification.run import run

    seed = whole_number("seed", seed, 0, LARGEST_SEED)
    batch = whole_number("batch", batch, 1, LARGEST_BATCH)
    report = analyze(graph, file=graph.plan.architecture.file, batch=batch)
    most = check_memory(peak_need(graph.nodes, batch), limit_memory)
    stated = expectations(graph, report if batch == 1 else analyze(graph))
    total = len(graph.nodes) - 1
    first = graph.nodes[0]
    shape = (batch, *first.output.shape)
    input_digest = digest(seeded(seed, first.path, "input", shape)) if digests else None
    layers: list[Finding] = []

    def verification(*, interrupted: bool = False) -> Verification:
        return Verification(
            report=report,
            seed=seed,
            layers=tuple(layers),
            total=total,
            expectations=stated,
            unchecked=bool(graph.plan.architecture.expect) and not stated,
            input_digest=input_digest,
            interrupted=interrupted,
        )

    try:
        with closing(run(graph.nodes, seed=seed, batch=batch, digests=digests)) as findings:
            for i, row in enumerate(report.layers[1:]):
                if watch is not None:
                    watch(i, total, row.name)
                layers.append(_compared(next(findings), row))
        if receptive_field and all(layer.ran for layer in layers):
            keep = all_at_once(graph.nodes, 1) <= min(most, MOST_KEPT)
            probes = probe(graph, report, seed=seed, watch=watch, keep=keep)
            fields = {each.path: each for each in probes}
            layers = [replace(each, receptive_field=fields.get(each.path)) for each in layers]
    except KeyboardInterrupt:
        raise Interrupted(verification(interrupted=True)) from None
    return verification()


def _compared(finding: Finding, row: Row) -> Finding:
    """Return a finding with what the report says otherwise than the layer's own rules.

    The rules were asked for the volumes that arrived. After a wrong volume those are not the
    report's, and a difference means nothing.
    """
    if not finding.ran or row.inputs != finding.inputs:
        return finding
    claimed = finding.claimed
    cost = Cost() if row.training else claimed.cost
    rules = {
        "output": claimed.output,
        "parameters": claimed.entries,
        "buffers": sum(map(math.prod, claimed.buffers.values())),
        **cost._asdict(),
    }
    said = {name: getattr(row, name) for name in ("output", "parameters", "buffers")}
    said |= row.cost._asdict()
    wrong = [
        f"{name} {said[name]}, by its rules {value}"
        for name, value in rules.items()
        if said[name] != value
    ]
    return replace(finding, report_differs="; ".join(wrong))


def check_memory(need: MemoryNeed, limit: int | str | None) -> float:
    """Return the bytes that a network may take. Raises: LimitError if it needs more."""
    where = "--limit-memory"
    if isinstance(limit, str):
        most = parse_size(limit)
    elif limit is not None:
        most = whole_number("limit_memory", limit, 1, 2**63)
    else:
        free = free_memory()
        if free is None:
            return math.inf
        most, where = free // 2, "half of what is free"
    if need.total > most:
        raise LimitError(
            Problem(
                "memory",
                f"would take {size_text(need.total)} while it runs: {size_text(need.weights)} of "
                f"weights, {size_text(need.activations)} of activations, and a workspace. "
                f"The limit is {size_text(most)} ({where}). Raise it with --limit-memory.",
                path=need.path,
            )
        )
    return most
