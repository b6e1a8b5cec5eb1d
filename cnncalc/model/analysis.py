"""The only walk over the graph that counts."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from cnncalc.arithmetic import lost_input, window_extent, window_remainder
from cnncalc.layers.base import Cost, Windows
from cnncalc.model.receptive_field import Sight, View, published, through, union
from cnncalc.model.report import DTYPES, Report, Row, Warning, flops
from cnncalc.model.tiling import tilings

if TYPE_CHECKING:
    from cnncalc.errors import Place
    from cnncalc.layers.base import AbstractLayer
    from cnncalc.model.graph import Graph, Node
    from cnncalc.volume import Volume

NOTHING = Cost()


class Facts(NamedTuple):
    """What a layer's rules say of it for given volumes; the same wherever it occurs."""

    weights: int
    biases: int
    other: int
    buffers: int
    cost: Cost
    flops: int
    windows: Windows
    warnings: tuple[Warning, ...]
    view: bool


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


def _facts(
    layer: AbstractLayer, output: Volume, inputs: list[Volume], batch: int, convention: str
) -> Facts:
    weights, biases, other = count_shapes(layer.parameters(output, *inputs))
    buffers = sum(map(math.prod, layer.buffers(output, *inputs).values()))
    cost = layer.cost(output, *inputs)
    if batch > 1:
        cost = cost.times(batch)
    windows = layer.window(output, *inputs)
    warnings = _untiled(output, inputs[0], windows) if isinstance(windows, tuple) else ()
    view = layer.is_view(output, *inputs)
    return Facts(
        weights, biases, other, buffers, cost, flops(cost, convention), windows, warnings, view
    )


def _untiled(output: Volume, volume: Volume, windows: Any) -> tuple[Warning, ...]:
    """Return what a window that does not tile leaves over, along each axis."""
    found = []
    for axis, (k, s, b, a, d) in enumerate(windows):
        if s <= 1:
            continue
        w, o = volume.extents[axis], output.extents[axis]
        if s != int(s) or not window_remainder(w, k, s, b, a, d):
            continue
        if o != window_extent(w, k, s, b, a, d):
            continue  # rounded up: nothing is left over
        lost = lost_input(w, k, s, b, a, d)
        left = window_remainder(w, k, s, b, a, d)
        if not lost and left <= s - (d * (k - 1) + 1):
            continue  # it would lie between two windows anyway
        code = "lost_input" if lost else "unused_padding"
        numbers = {"w": w, "k": k, "s": s, "b": b, "a": a, "d": d, "o": o, "lost": lost}
        found.append(Warning(code, axis, numbers))
    return tuple(found)


def analyze(
    graph: Graph,
    *,
    file: str | None = None,
    batch: int = 1,
    dtype: str = "float32",
    convention: str = "mac",
) -> Report:
    """Return the report of a graph: every volume, learned value, operation and activation.

    Units: counts for the whole batch where they depend on it.
    """
    nodes = graph.nodes
    facts: dict[Any, Facts] = {}
    places: dict[int, Place] = {}
    rows: list[Row] = []
    views: list[View] = []
    memory = _Memory(nodes)
    bytes_per_value = DTYPES[dtype]
    for i, node in enumerate(nodes):
        place = places.get(id(node.where))
        if place is None:
            place = places[id(node.where)] = graph.place(node)
        layer = node.layer
        if layer is None:
            size = tuple(Sight() for _ in node.output.extents)
            views.append(View(size) if size else View((), grid=False))
            activations = memory.take(i, node, False) * batch
            rows.append(
                Row(node.path, "input", None, (), (), node.output, 0, 0, 0, 0, NOTHING, 0,
                    activations, published(views[0]), (), False, "", -1, place, bytes_per_value)
            )  # fmt: skip
            continue
        inputs = [nodes[j].output for j in node.inputs]
        key = (id(layer), node.output, *inputs)
        fact = facts.get(key)
        if fact is None:
            fact = facts[key] = _facts(layer, node.output, inputs, batch, convention)
        warnings = fact.warnings
        if len(node.inputs) == 1 or layer.arity[1] == 2:
            seen = views[node.inputs[0]]
        else:
            seen, axis = union([views[j] for j in node.inputs])
            if axis is not None:
                names = {"inputs": tuple(nodes[j].path for j in node.inputs)}
                warnings = (*warnings, Warning("misaligned", axis, names))
        if fact.windows is not None:
            seen = through(seen, fact.windows)
        views.append(seen)
        training = node.training
        activations = memory.take(i, node, fact.view) * batch
        rows.append(
            Row(node.path, layer.tag, layer, tuple(inputs), node.inputs, node.output,
                fact.weights, fact.biases, fact.other, fact.buffers,
                NOTHING if training else fact.cost, 0 if training else fact.flops,
                activations, published(seen), warnings, training, node.rail, node.group,
                place, bytes_per_value)
        )  # fmt: skip
    peak, at, held = memory.peak()
    lost = any(w.code == "lost_input" for row in rows for w in row.warnings)
    architecture = graph.plan.architecture
    return Report(
        name=architecture.name,
        source=architecture.source,
        year=graph.year,
        file=file,
        variant=graph.variant,
        settings=graph.settings,
        batch=batch,
        dtype=dtype,
        convention=convention,
        layers=tuple(rows),
        groups=tuple(graph.groups),
        peak_activations=peak * batch,
        peak_layers=tuple(nodes[j].path for j in held),
        peak_at=nodes[at].path,
        tiling=tilings(graph) if lost else None,
    )


class _Memory:
    """Which values are alive while each layer runs: at inference, in the order of the layers.

    A layer that works in place, or only reads its input otherwise, adds nothing and shares
    its input's memory.
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

    def take(self, i: int, node: Node, view: bool) -> int:
        """Return the values that a node adds."""
        self.owner[i] = i
        if node.training:
            self.until[i] = -1
            return 0
        if node.layer is not None and (view or node.layer.in_place):
            j = node.inputs[0]
            root = self.owner[j]
            if view or (self.readers[j] == 1 and self.until[root] <= i):
                self.owner[i] = root
                self.until[root] = max(self.until[root], self.last[i])
                return 0
        self.sizes[i] = node.output.size
        return self.sizes[i]

    def peak(self) -> tuple[int, int, list[int]]:
        """Return the most values alive at once, at which node, and the nodes that hold them."""
        ends: dict[int, int] = {}
        for i, size in enumerate(self.sizes):
            if size:
                ends[self.until[i]] = ends.get(self.until[i], 0) + size
        alive = most = at = 0
        for i, size in enumerate(self.sizes):
            alive += size
            if alive > most:
                most, at = alive, i
            alive -= ends.get(i, 0)
        held = [j for j, n in enumerate(self.sizes[: at + 1]) if n and self.until[j] >= at]
        return most, at, held
