"""The run: every layer on seeded arrays, what is found beside what the layer's rules claim.

The rules are asked for the volumes that really arrived, so that a wrong rule shows in its own
layer and in no later one. What is found comes from the arrays alone: no rule of volumes or
counts has a part in it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np

from cnncalc.errors import CnncalcError, LimitError, Problem
from cnncalc.layers.base import Cost
from cnncalc.verification.activations import Activations
from cnncalc.verification.arrays import SeededArrays, seeded
from cnncalc.verification.samples import MOST_TAPS, Expected, Sample, define, pick
from cnncalc.verification.small_run import SmallRun, run_small
from cnncalc.volume import Volume

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping, Sequence

    from numpy.typing import NDArray

    from cnncalc.layers.base import AbstractLayer, Shapes
    from cnncalc.model.graph import Node
    from cnncalc.verification.probe import Probe

    Values = NDArray[np.float32]

# Merges by addition in a row, each with a branch of two layers, let variances grow by e^80 at
# most up to this number of them; after more, weights are made smaller.
MOST_SUMS = 160


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantities:
    """The quantities of a layer: those that its rules claim, or those that its run showed.

    Attributes:
        output: the output volume, None where nothing came out.
        parameters: the shapes of the learned arrays, by name.
        buffers: the shapes of the arrays that are kept but not learned, by name.
        macs: multiply-accumulates for the batch, None where nothing ran.
        cost: all operations for the batch, by their rule; a run of the network counts none but
            multiply-accumulates.
        effective_macs: those of `macs` that met no padding, of which no rule claims anything.
    """

    output: Volume | None = None
    parameters: Shapes = field(default_factory=dict)
    buffers: Shapes = field(default_factory=dict)
    macs: int | None = None
    cost: Cost = field(default_factory=Cost)
    effective_macs: int | None = None

    @property
    def entries(self) -> int:
        """Return the number of learned values."""
        return sum(map(math.prod, self.parameters.values()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """The claims of one layer, and what was found of it.

    Attributes:
        path: its path in the network.
        type: its tag in a file.
        training: whether it is on a path for training only.
        inputs: the volumes that arrived.
        claimed: what its rules say for those.
        found: what its arrays and kernels showed.
        samples: output values beside what its definition gives.
        alone: what it does alone on small volumes: its operations, values beside negative ones.
        seconds: of its forward pass, without the making of arrays and samples.
        live_bytes: of all activations that lived while it ran.
        digests: the SHA-256 of each of its arrays, by name, where asked for.
        problem: why it could not run; empty if it did.
        receptive_field: what NaN showed of it, where looked for.
        report_differs: what the report says otherwise than its rules.
        overwrote: whether it wrote over inputs that others may still read.
    """

    path: str
    type: str
    training: bool
    inputs: tuple[Volume, ...]
    claimed: Quantities = Quantities()
    found: Quantities = Quantities()
    samples: tuple[Sample, ...] = ()
    alone: SmallRun | None = None
    seconds: float = 0.0
    live_bytes: int = 0
    digests: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""
    receptive_field: Probe | None = None
    report_differs: str = ""
    overwrote: bool = False

    @property
    def ran(self) -> bool:
        """Return whether it could run."""
        return not self.problem

    @property
    def wrong(self) -> tuple[str, ...]:
        """Return the quantities in which the run differs from the claims."""
        if not self.ran:
            return ()
        claimed, found, alone = self.claimed, self.found, self.alone
        values = all(sample.ok for sample in self.samples)
        checks = {
            "volume": claimed.output == found.output,
            "parameters": claimed.parameters == found.parameters,
            "buffers": claimed.buffers == found.buffers,
            "FLOPs": claimed.macs == found.macs,
            "operations": alone is None or not alone.miscounted,
            "values": values,
            "values alone": not values or alone is None or not alone.wrong,
            "receptive field": self.receptive_field is None or not self.receptive_field.problem,
            "report": not self.report_differs,
            "inputs": not self.overwrote,
        }
        return tuple(what for what, right in checks.items() if not right)

    @property
    def counted(self) -> bool:
        """Return whether all its operations were counted."""
        return self.alone is not None and self.alone.counted is not None

    @property
    def ok(self) -> bool:
        """Return whether it ran and everything is as claimed."""
        return self.ran and not self.wrong

    @property
    def error(self) -> float:
        """Return the largest difference of a sample over the sum of its absolute terms."""
        errors = [sample.error for sample in self.samples]
        return math.nan if any(map(math.isnan, errors)) else max(errors, default=0.0)


def run(
    nodes: Sequence[Node], *, seed: int, batch: int, digests: bool = False
) -> Generator[Finding, None, None]:
    """Yield the finding of each node but the first, the input, in order.

    Raises: LimitError if the memory does not suffice after all.
    """
    sums = sum(node.layer is not None and node.layer.tag == "add" for node in nodes)
    damping = max(1.0, math.sqrt(sums / MOST_SUMS))
    activations = Activations(nodes, batch)
    small_runs: dict[object, SmallRun | None] = {}
    for i, node in enumerate(nodes):
        if node.layer is None:
            activations.put(i, seeded(seed, node.path, "input", (batch, *node.output.shape)))
            continue
        owner = node if node.shares is None else nodes[node.shares]
        arrays = SeededArrays(seed, owner.path, damping)
        try:
            inputs = activations.inputs(i)
        except KeyError:
            yield _not_run(node, "nothing arrives")
            continue
        layer_run = _LayerRun(
            node=node,
            layer=node.layer,
            arrays=arrays,
            inputs=inputs,
            sources=[nodes[source].path for source in node.inputs],
            seed=seed,
        )
        try:
            with np.errstate(all="ignore"):  # what overflows is told from the samples
                in_place = activations.may_overwrite(i)
                finding, result, between = layer_run.finding(in_place=in_place)
        except MemoryError:
            raise LimitError(
                Problem("memory", "the memory does not suffice for it.", path=node.path)
            ) from None
        except (CnncalcError, ArithmeticError, LookupError, ValueError) as error:
            yield _not_run(node, str(error) or type(error).__name__, inputs)
            continue
        if node.shares is not None:
            finding = _counted_once(finding)
        activations.put(i, result)
        noted = arrays.digests() if digests else {}
        live = activations.live_bytes(i, between)
        volumes = finding.inputs
        kind = (node.layer, *[tuple(n == 1 for n in volume.extents) for volume in volumes])
        if kind not in small_runs:
            small_runs[kind] = run_small(node.layer, volumes, seed)
        yield replace(finding, live_bytes=live, digests=noted, alone=small_runs[kind])
        activations.drop(i)
        del inputs, result, arrays, layer_run


@dataclass(frozen=True, slots=True, kw_only=True)
class _LayerRun:
    """The run of one layer on the arrays that arrived; `sources` are the paths of their layers."""

    node: Node
    layer: AbstractLayer
    arrays: SeededArrays
    inputs: Sequence[Values]
    sources: Sequence[str]
    seed: int

    def finding(self, *, in_place: bool) -> tuple[Finding, Values, list[int]]:
        """Return the layer's finding, its output, and the bytes made between its operations.

        `in_place` lets it overwrite its input.
        """
        from cnncalc import kernels

        layer, arrays, inputs = self.layer, self.arrays, self.inputs
        volumes = tuple(map(_volume, inputs))
        output = layer.output(*volumes)
        cost = layer.cost(output, *volumes).times(len(inputs[0]))
        claimed = Quantities(
            output=output,
            parameters={**layer.parameters(output, *volumes), **self.node.also},
            buffers=layer.buffers(output, *volumes),
            macs=cost.macs,
            cost=cost,
        )
        window = layer.window(output, *volumes)
        taps = math.prod(w.most for w in window) if isinstance(window, tuple) else 1

        def expected(shape: tuple[int, ...]) -> list[Expected]:
            picks = pick(self.seed, self.node.path, shape) if taps <= MOST_TAPS else ()
            return list(define(layer, arrays.made, inputs, picks))

        overwrote = False
        with kernels.count() as ledger:
            if in_place and layer.in_place:
                result, definitions, seconds = self._over_input(expected)
            else:
                before = self._input_samples()
                start = perf_counter()
                result = layer.forward(arrays, *inputs)
                seconds = perf_counter() - start - arrays.seconds
                overwrote = not np.array_equal(before, self._input_samples(), equal_nan=True)
                if not layer.is_view(output, *volumes) and any(
                    np.may_share_memory(result, x) for x in inputs
                ):
                    result = result.copy()  # it would keep all of its input alive
                definitions = None
            if len(result) != len(inputs[0]):
                raise ValueError(f"from a batch of {len(inputs[0])} came one of {len(result)}")
            if definitions is None:
                definitions = expected(result.shape)
        for name, shape in self.node.also.items():
            arrays(name, shape)
        buffers = {name: shape for name, shape in arrays.shapes.items() if name in claimed.buffers}
        learned = {name: shape for name, shape in arrays.shapes.items() if name not in buffers}
        finding = Finding(
            path=self.node.path,
            type=layer.tag,
            training=self.node.training,
            inputs=volumes,
            claimed=claimed,
            found=Quantities(
                output=_volume(result),
                parameters=learned,
                buffers=buffers,
                macs=ledger.macs,
                effective_macs=ledger.macs - ledger.padding,
            ),
            samples=tuple(Sample(each, float(result[each.at])) for each in definitions),
            seconds=seconds,
            overwrote=overwrote,
        )
        return finding, result, ledger.between

    def _input_samples(self) -> Values:
        """Return the values that were sampled of the inputs when their layers ran."""
        found = [
            x[index]
            for x, path in zip(self.inputs, self.sources, strict=True)
            for index in pick(self.seed, path, x.shape)
        ]
        return np.array(found, np.float32)

    def _over_input(
        self, expected: Callable[[tuple[int, ...]], list[Expected]]
    ) -> tuple[Values, list[Expected], float]:
        """Return the input with the layer's result written over it.

        The definition is evaluated while the input is still there; a run on one position tells
        before that what arrays the layer uses.
        """
        from cnncalc import kernels

        (x,) = self.inputs
        one = x[(slice(None, 1), *[slice(None, 1)] * (x.ndim - 2))]
        shapes = [self.layer.parameters(_volume(y), _volume(y)) for y in (one, x)]
        trial = one if shapes[0] == shapes[1] else x  # learned values may differ by position
        self.layer.forward(self.arrays, trial.copy())
        definitions = expected(x.shape)
        start = perf_counter()
        with kernels.overwriting():
            result = self.layer.forward(self.arrays, x)
        if result.shape != x.shape:
            definitions = []  # it is wrong whatever its values
        elif not np.may_share_memory(result, x):
            x[...] = result
            result = x
        return result, definitions, perf_counter() - start


def _counted_once(finding: Finding) -> Finding:
    """Return the finding of a layer whose arrays are counted at the layer that shares them."""
    claimed, found = finding.claimed, finding.found
    if (claimed.parameters, claimed.buffers) != (found.parameters, found.buffers):
        return finding
    return replace(
        finding,
        claimed=replace(claimed, parameters={}, buffers={}),
        found=replace(found, parameters={}, buffers={}),
    )


def _volume(x: Values) -> Volume:
    """Return the volume of one sample of an array."""
    return Volume(x.shape[1:-1], x.shape[-1])


def _not_run(node: Node, why: str, inputs: Sequence[Values] = ()) -> Finding:
    """Return the finding of a layer that could not run on what arrived."""
    assert node.layer is not None
    return Finding(
        path=node.path,
        type=node.layer.tag,
        training=node.training,
        inputs=tuple(map(_volume, inputs)),
        problem=why,
    )
