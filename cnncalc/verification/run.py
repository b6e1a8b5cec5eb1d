"""The run: every layer on seeded arrays, its findings beside what its rules claim.

Claims are worked out for the volumes that really arrived, so that a wrong rule shows in its
own layer and in no later one. The rules of volumes and counts are asked, never used: what
is found comes from the arrays.
"""

from __future__ import annotations

import math
from time import perf_counter
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cnncalc.errors import CnncalcError, LimitError, Problem
from cnncalc.verification.activations import Live
from cnncalc.verification.arrays import SeededArrays, seeded
from cnncalc.verification.samples import TAPS, Definition, Sample, define, pick
from cnncalc.volume import Volume

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping, Sequence

    from numpy.typing import NDArray

    from cnncalc.layers.base import AbstractLayer, Shapes
    from cnncalc.model.graph import Node
    from cnncalc.verification.probe import Probe

    Values = NDArray[np.float32]

SUMS = 160  # after more merges by addition, weights are made smaller


class Facts(NamedTuple):
    """What a layer's rules claim, or what its run showed; None where there was nothing to see.

    Units: macs and effective are multiply-accumulates for the batch; effective leaves out
    those that met padding, of which no rule claims anything.
    """

    output: Volume | None
    parameters: Shapes
    buffers: Shapes
    macs: int | None
    effective: int | None = None

    @property
    def entries(self) -> int:
        """Return the number of learned values."""
        return sum(map(math.prod, self.parameters.values()))


class Finding(NamedTuple):
    """One layer: what was claimed of it, and what was found.

    `problem` says why it could not run, or why nothing could be claimed. `seconds` are those
    of the forward pass, without the making of arrays and samples.
    """

    path: str
    type: str
    row: bool
    training: bool
    inputs: tuple[Volume, ...]
    claimed: Facts
    found: Facts
    samples: tuple[Sample, ...]
    seconds: float
    live: int = 0  # bytes of all activations that live while it runs
    digests: Mapping[str, str] = {}
    problem: str = ""
    ran: bool = True
    field: Probe | None = None  # where the receptive field was looked for
    reported: str = ""  # what the report says otherwise than the rules
    spoilt: bool = False  # whether it wrote over values that others may still read

    @property
    def wrong(self) -> tuple[str, ...]:
        """Return the quantities in which the run differs from the claims."""
        if not self.ran:
            return ()
        claimed, found = self.claimed, self.found
        checks = {
            "volume": claimed.output == found.output,
            "parameters": claimed.parameters == found.parameters,
            "buffers": claimed.buffers == found.buffers,
            "FLOPs": claimed.macs == found.macs,
            "values": all(sample.ok for sample in self.samples),
            "receptive field": self.field is None or not self.field.problem,
            "report": not self.reported,
            "inputs": not self.spoilt,
        }
        return tuple(what for what, right in checks.items() if not right)

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
    # With A sums in a row, each of a branch of two layers, variances grow by e^80 at most.
    sums = sum(node.layer is not None and node.layer.tag == "add" for node in nodes)
    damping = max(1.0, math.sqrt(sums / SUMS))
    live = Live(nodes, batch)
    for i, node in enumerate(nodes):
        if node.layer is None:
            live.put(i, seeded(seed, node.path, "input", (batch, *node.output.shape)))
            continue
        arrays = SeededArrays(seed, node.path, damping)
        try:
            inputs = live.inputs(i)
        except KeyError:
            yield _not_run(node, "nothing arrives")
            continue
        try:
            with np.errstate(all="ignore"):  # what overflows is told from the samples
                finding, result = _layer(node, node.layer, arrays, inputs, live.reusable(i), seed)
        except MemoryError:
            raise LimitError(
                Problem("memory", "the memory does not suffice for it.", path=node.path)
            ) from None
        except (CnncalcError, ArithmeticError, LookupError, ValueError) as error:
            yield _not_run(node, str(error) or type(error).__name__, inputs)
            continue
        live.put(i, result)
        noted = arrays.digests() if digests else {}
        yield finding._replace(live=live.bytes(i), digests=noted)
        live.drop(i)
        del inputs, result, arrays


def _layer(
    node: Node,
    layer: AbstractLayer,
    arrays: SeededArrays,
    inputs: Sequence[Values],
    reusable: bool,
    seed: int,
) -> tuple[Finding, Values]:
    """Return the finding of one layer, and its result."""
    from cnncalc import kernels

    volumes = tuple(Volume(x.shape[1:-1], x.shape[-1]) for x in inputs)
    output = layer.output(*volumes)
    claimed = Facts(
        output,
        layer.parameters(output, *volumes),
        layer.buffers(output, *volumes),
        layer.cost(output, *volumes).macs * len(inputs[0]),
    )
    window = layer.window(output, *volumes)
    taps = math.prod(w.kernel for w in window) if isinstance(window, tuple) else 1

    spoilt = False

    def defined(shape: tuple[int, ...]) -> list[Definition]:
        picks = pick(seed, node.path, shape) if taps <= TAPS else []
        return list(define(layer, arrays.made, inputs, picks))

    with kernels.count() as ledger:
        if reusable and layer.in_place:
            definitions: list[Definition] | None
            result, definitions, seconds = _in_place(layer, arrays, inputs[0], defined)
        else:
            glimpses = [pick(seed, node.path, x.shape) for x in inputs]
            before = _seen(inputs, glimpses)
            start = perf_counter()
            result = layer.forward(arrays, *inputs)
            seconds = perf_counter() - start - arrays.seconds
            spoilt = not np.array_equal(before, _seen(inputs, glimpses), equal_nan=True)
            if not layer.is_view(output, *volumes) and any(
                np.may_share_memory(result, x) for x in inputs
            ):
                result = result.copy()  # it would keep all of its input alive
            definitions = None
        if len(result) != len(inputs[0]):
            raise ValueError(f"from a batch of {len(inputs[0])} came one of {len(result)}")
        if definitions is None:
            definitions = defined(result.shape)
    buffers = {name: shape for name, shape in arrays.shapes.items() if name in claimed.buffers}
    found = Facts(
        Volume(result.shape[1:-1], result.shape[-1]),
        {name: shape for name, shape in arrays.shapes.items() if name not in buffers},
        buffers,
        ledger.macs,
        ledger.macs - ledger.padding,
    )
    samples = tuple(Sample(each.at, float(result[each.at]), *each[1:]) for each in definitions)
    finding = Finding(
        node.path, layer.tag, layer.row, node.training, volumes, claimed, found, samples, seconds
    )
    return finding._replace(spoilt=spoilt), result


def _seen(inputs: Sequence[Values], glimpses: Sequence[Sequence[tuple[int, ...]]]) -> Values:
    """Return the values of arrays at the indexes for each, one after the other."""
    found = [x[index] for x, picks in zip(inputs, glimpses, strict=True) for index in picks]
    return np.array(found, np.float32)


def _in_place(
    layer: AbstractLayer,
    arrays: SeededArrays,
    x: Values,
    defined: Callable[[tuple[int, ...]], list[Definition]],
) -> tuple[Values, list[Definition], float]:
    """Return x with the layer's result written over it.

    The definitions are followed while x is still whole; a run on one position tells before
    that what arrays the layer uses.
    """
    from cnncalc import kernels

    one = (slice(None, 1), *[slice(None, 1)] * (x.ndim - 2))
    layer.forward(arrays, x[one].copy())
    definitions = defined(x.shape)
    start = perf_counter()
    with kernels.overwriting():
        result = layer.forward(arrays, x)
    if result.shape != x.shape:
        definitions = []  # it is wrong whatever its values
    elif not np.may_share_memory(result, x):
        x[...] = result
        result = x
    return result, definitions, perf_counter() - start


def _not_run(node: Node, why: str, inputs: Sequence[Values] = ()) -> Finding:
    """Return the finding of a layer that could not run on what arrived."""
    assert node.layer is not None
    nothing = Facts(None, {}, {}, None)
    volumes = tuple(Volume(x.shape[1:-1], x.shape[-1]) for x in inputs)
    return Finding(
        node.path,
        node.layer.tag,
        node.layer.row,
        node.training,
        volumes,
        nothing,
        nothing,
        (),
        0.0,
        problem=why,
        ran=False,
    )
