"""Why the volumes of a merge do not fit: both sides, and where each came from."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cnncalc.graph import Graph, Node


def sides(graph: Graph, sources: tuple[int, ...]) -> tuple[str, ...]:
    """Return a line for each input of a merge: volume, path, and the strides on its way."""
    if len(sources) < 2:
        return ()
    fork = common_ancestor(graph, sources)
    rows = []
    for source in sources:
        node = graph.nodes[source]
        line = graph.place(node).line
        where = f"line {line}" if line else ""
        rows.append((str(node.output), node.path, where, ", ".join(way(graph, source, fork))))
    widths = [max(len(row[i]) for row in rows) for i in range(3)]
    return tuple(
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[3]]).rstrip()
        for row in rows
    )


def common_ancestor(graph: Graph, sources: tuple[int, ...]) -> int:
    """Return the last node that all of them come from (the fork)."""
    ancestors: set[int] | None = None
    for source in sources:
        seen, stack = set(), [source]
        while stack:
            node = stack.pop()
            if node not in seen:
                seen.add(node)
                stack.extend(graph.nodes[node].inputs)
        ancestors = seen if ancestors is None else ancestors & seen
    return max(ancestors or {0})


def way(graph: Graph, source: int, fork: int) -> list[str]:
    """Return the windowed layers from the fork to a source, each with its stride."""
    found: list[str] = []
    node = source
    while node > fork and graph.nodes[node].inputs:
        stride = strides(graph, graph.nodes[node])
        if stride:
            found.append(f"{graph.nodes[node].path.rsplit('.', 1)[-1]} {stride}")
        node = graph.nodes[node].inputs[0]
    return found[::-1][-6:]


def strides(graph: Graph, node: Node) -> str:
    """Return `/2` for a stride of 2; nothing for a layer without a window."""
    if node.layer is None:
        return ""
    window = node.layer.window(node.output, *[graph.nodes[i].output for i in node.inputs])
    if not isinstance(window, tuple):
        return ""
    steps = [str(axis.stride) for axis in window]
    return "/" + (steps[0] if len(set(steps)) == 1 else "x".join(steps))
