"""The layers whose learned values change with the network's input, as fully connected ones do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc.model.analysis import count_shapes
from cnncalc.model.graph import Note

if TYPE_CHECKING:
    from cnncalc.model.graph import Graph, Node


def relearned(graph: Graph, own: Graph) -> Note | None:
    """Return the note of the layers that learn more or fewer values than at the file's own input.

    Its numbers have the `input` and, for each of the `layers`, its name, how many `weights` and
    `parameters` it has, and how many at that input. None if there is no such layer.
    """
    before = {node.path: _learned(own, node) for node in own.nodes[1:]}
    changed = []
    for node in graph.nodes[1:]:
        weights, parameters = _learned(graph, node)
        own_weights, own_parameters = before.get(node.path, (weights, parameters))
        if parameters != own_parameters:
            changed.append(
                {
                    "name": node.path,
                    "weights": weights,
                    "own_weights": own_weights,
                    "parameters": parameters,
                    "own_parameters": own_parameters,
                }
            )
    numbers = {"input": own.nodes[0].output.shape, "layers": tuple(changed)}
    return Note("relearned", numbers) if changed else None


def _learned(graph: Graph, node: Node) -> tuple[int, int]:
    """Return how many weights a node learns, and how many values in all."""
    assert node.layer is not None
    inputs = [graph.nodes[source].output for source in node.inputs]
    counts = count_shapes(node.layer.parameters(node.output, *inputs))
    return counts[0], sum(counts)
