"""The analysis of a graph: one pass over its layers, which counts and adds up."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from cnncalc.arithmetic import effective_kernel, lost_input
from cnncalc.layers.base import AxisWindow, Cost, Window
from cnncalc.model.counting import DTYPES, Counting
from cnncalc.model.quick import quick
from cnncalc.model.receptive_field import Views
from cnncalc.model.report import Report
from cnncalc.model.row import Facts, Row, Warning
from cnncalc.model.tiling_fixes import Axis

if TYPE_CHECKING:
    from cnncalc.errors import Place
    from cnncalc.layers.base import AbstractLayer, Shapes
    from cnncalc.model.graph import Graph, Node
    from cnncalc.model.input_sizes import AxisSizes
    from cnncalc.volume import Volume

_make_facts, _make_row = quick(Facts), quick(Row)


def count_shapes(shapes: dict[str, tuple[int, ...]]) -> tuple[int, int, int]:
    """Return how many weights, biases and other values arrays of these names and shapes hold.

    >>> count_shapes({"weight": (96, 11, 11, 3), "bias": (96,)})
    (34848, 96, 0)
    """
    counts = {"weight": 0, "bias": 0}
    other = 0
    for name, shape in shapes.items():
        kind = name.partition("_")[0]
        if kind in counts:
            counts[kind] += math.prod(shape)
        else:
            other += math.prod(shape)
    return counts["weight"], counts["bias"], other


def facts_of(
    layer: AbstractLayer,
    output: Volume,
    inputs: tuple[Volume, ...],
    counting: Counting,
    also: Shapes | None = None,
) -> Facts:
    """Return a layer's counts for given volumes; `also` are learned arrays beside its own."""
    weights, biases, other = count_shapes(layer.parameters(output, *inputs))
    other += sum(map(math.prod, (also or {}).values()))
    cost = layer.cost(output, *inputs)
    windows = layer.window(output, *inputs)
    return _make_facts(
        weights=weights,
        biases=biases,
        other=other,
        buffers=sum(map(math.prod, layer.buffers(output, *inputs).values())),
        cost=cost.times(counting.batch) if counting.batch > 1 else cost,
        windows=windows,
        warnings=_untiled(output, inputs[0], windows) if isinstance(windows, tuple) else (),
        view=layer.is_view(output, *inputs),
        between=layer.between(output, *inputs),
        counting=counting,
    )


def _untiled(
    output: Volume, volume: Volume, windows: tuple[AxisWindow, ...]
) -> tuple[Warning, ...]:
    """Return a warning for each axis along which a window does not tile its input."""
    found = []
    for number, window in enumerate(windows):
        if not isinstance(window, Window) or window.stride == 1:
            continue
        axis, places = Axis.of(volume.extents[number], window), output.extents[number]
        if axis.tiles or axis.places != places:
            continue  # where it is rounded up, nothing is left over
        lost = lost_input(*axis)
        if not lost and axis.remainder <= axis.s - effective_kernel(axis.k, axis.d):
            continue  # it would lie between two windows anyway
        code = "lost_input" if lost else "unused_padding"
        found.append(Warning(code, number, {**axis._asdict(), "o": places, "lost": lost}))
    return tuple(found)


def analyze(
    graph: Graph,
    *,
    file: str | None = None,
    batch: int = 1,
    dtype: str = "float32",
    convention: str = "mac",
    sizes: bool = True,
) -> Report:
    """Return the report of a graph: every volume, learned value, operation and activation.

    Without `sizes` the inputs that would lose nothing, which take most of the time, are left out.
    Units: counts for the whole batch where they depend on it.
    """
    nodes = graph.nodes
    facts: dict[Any, Facts] = {}
    places: dict[int, Place] = {}
    rows: list[Row] = []
    views = Views(nodes[0].output.extents)
    memory = _Memory(nodes)
    counting = Counting(batch=batch, bytes_per_value=DTYPES[dtype], convention=convention)
    for i, node in enumerate(nodes):
        place = places.get(id(node.where))
        if place is None:
            place = places[id(node.where)] = graph.place(node)
        layer = node.layer
        inputs = tuple([nodes[j].output for j in node.inputs])
        if layer is None:
            fact = Facts(cost=Cost(), counting=counting)
        else:
            key = (id(layer), node.output, *inputs, *node.also.items())
            known = facts.get(key)
            if known is None:
                known = facts[key] = facts_of(layer, node.output, inputs, counting, node.also)
            fact = known
        warnings = fact.warnings
        misaligned = views.add(nodes, node, fact.windows)
        if misaligned is not None:
            names = {"inputs": tuple(nodes[j].path for j in node.inputs)}
            warnings = (*warnings, Warning("misaligned", misaligned, names))
        rows.append(
            _make_row(
                name=node.path,
                layer=layer,
                inputs=inputs,
                sources=node.inputs,
                output=node.output,
                facts=fact,
                activations=memory.take(i, node, fact) * batch,
                receptive_field=views.fields[i],
                warnings=warnings,
                training=node.training,
                place=place,
                shares=None if node.shares is None else nodes[node.shares].path,
                also=node.also,
                _rail=node.rail,
                _group=node.group,
            )
        )
    alive = memory.alive()
    peak, at, held = memory.peak(alive)
    lost = any(w.code == "lost_input" for row in rows if row.warnings for w in row.warnings)
    architecture = graph.plan.architecture
    return Report(
        name=architecture.name,
        source=architecture.source,
        year=graph.year,
        file=file,
        variant=graph.variant,
        variant_taken=graph.variant_taken,
        family=graph.family,
        settings=graph.settings,
        batch=batch,
        dtype=dtype,
        convention=convention,
        layers=tuple(rows),
        groups=tuple(graph.groups),
        alive=tuple(values * batch for values in alive),
        peak_activations=peak * batch,
        peak_layers=tuple(nodes[j].path for j in held),
        peak_at=nodes[at].path,
        input_sizes=_input_sizes(graph) if lost and sizes else None,
        notes=graph.notes,
    )


def _input_sizes(graph: Graph) -> tuple[AxisSizes, ...] | None:
    """Return the input extents that lose nothing, if there is a rule; only now its module loads."""
    from cnncalc.model.tiling import sizes_for_report

    return sizes_for_report(graph)


class _Memory:
    """The values that are alive while each layer runs, at inference, in the order of the layers.

    A layer that works in place, or is a view, adds nothing and shares its input's memory. What
    one of several operations makes in between lives from the operation that makes it to the next,
    as if each were a layer.
    """

    def __init__(self, nodes: list[Node]) -> None:
        self.nodes = nodes
        self.readers = [0] * len(nodes)
        self.last = list(range(len(nodes)))
        for i, node in enumerate(nodes):
            if not node.training:
                for j in node.inputs:
                    self.readers[j] += 1
                    self.last[j] = i
        self.owner = [0] * len(nodes)  # the node in whose memory this one's values are
        self.until = list(self.last)  # by owner: when its memory is read for the last time
        self.sizes = [0] * len(nodes)
        self.between: dict[int, list[int]] = {}

    def take(self, i: int, node: Node, facts: Facts) -> int:
        """Return how many values a node adds to memory."""
        self.owner[i] = i
        if node.training:
            self.until[i] = -1
            return 0
        if node.layer is not None and (facts.view or node.layer.in_place):
            j = node.inputs[0]
            root = self.owner[j]
            if facts.view or (self.readers[j] == 1 and self.until[root] <= i):
                self.owner[i] = root
                self.until[root] = max(self.until[root], self.last[i])
                return 0
        size = self.sizes[i] = node.output.size
        if not facts.between:
            return size
        self.between[i] = [volume.size for volume in facts.between]
        return size + sum(self.between[i])

    def alive(self) -> list[int]:
        """Return the values alive while each node runs; 0 for what exists in training only.

        Of a node of several operations it is the most: each reads what the one before it made,
        and only the first reads the node's inputs.
        """
        sizes, until = self.sizes, self.until
        ends = [0] * len(sizes)  # the values that a node is the last to read
        for i, size in enumerate(sizes):
            if until[i] > i:
                ends[until[i]] += size
        alive, found = 0, []
        for i, node in enumerate(self.nodes):
            most = alive + sizes[i]
            if i in self.between:
                made = self._made(i)
                later = [alive - ends[i] + sum(two) for two in pairwise(made)]
                most = max(alive + made[0], *later)
            found.append(0 if node.training else most)
            if until[i] > i:
                alive += sizes[i]
            alive -= ends[i]
        return found

    def _made(self, i: int) -> list[int]:
        """Return the values that each operation of a node makes, its output last."""
        return [*self.between.get(i, ()), self.sizes[i]]

    def peak(self, alive: list[int]) -> tuple[int, int, list[int]]:
        """Return the most values alive at once, at which node, and the nodes that hold them."""
        most = max(alive)
        at = alive.index(most)
        held = [j for j, n in enumerate(self.sizes[:at]) if n and self.until[j] >= at]
        if (
            sum(self.sizes[j] for j in held) + self._made(at)[0] < most
        ):  # behind the first operation
            held = [j for j in held if self.until[j] > at]
        return most, at, [*held, at]
