"""Why the volumes of a merge do not fit: both sides, and where each came from."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cnncalc.model.graph import Graph


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
    lines = tuple(
        "  ".join([c.ljust(w) for c, w in zip(row[:3], widths, strict=True)] + [row[3]]).rstrip()
        for row in rows
    )
    return (*lines, *likely(graph, sources, fork))


def likely(graph: Graph, sources: tuple[int, ...], fork: int) -> tuple[str, ...]:
    """Return the sentence that names what probably differs between the sides; or nothing.

    Where extents differ it is a stride, or else a padding; where channels differ, the filters
    that come last on each side.
    """
    volumes = [graph.nodes[source].output for source in sources]
    first = volumes[0]
    other = next((i for i, volume in enumerate(volumes) if volume != first), None)
    if other is None:
        return ()
    sides = (_path(graph, sources[0], fork), _path(graph, sources[other], fork))
    if first.extents != volumes[other].extents:
        strides = [[n for n in side if _stride(graph, n) not in ("", "/1")] for side in sides]
        if len(strides[0]) != len(strides[1]):
            most = strides[0] if len(strides[0]) > len(strides[1]) else strides[1]
            fewer = sides[1] if most is strides[0] else sides[0]
            without = [n for n in fewer if _stride(graph, n) == "/1"]
            text = f"Likely: stride {_stride(graph, most[-1])[1:]} in {_name(graph, most[-1])}"
            text += f" and stride 1 in {_name(graph, without[-1])}" if without else ""
            return (f"{text}. Give both sides the same stride.",)
        windowed = [[n for n in side if _stride(graph, n)] for side in sides]
        longer = max(windowed, key=len)
        if longer:
            return (
                f"Likely: the padding of {_name(graph, longer[-1])}. Both must keep the extents.",
            )
        return ()
    last = [next((n for n in reversed(side) if _makes_channels(graph, n)), None) for side in sides]
    named = [
        f"{volume.channels} channels from {_name(graph, n)}"
        for volume, n in zip((first, volumes[other]), last, strict=True)
        if n is not None
    ]
    return (f"Likely: {' and '.join(named)}. Give both the same number.",) if named else ()


def _path(graph: Graph, source: int, fork: int) -> list[int]:
    """Return the nodes from the fork to a source, along first inputs."""
    found = []
    while source > fork and graph.nodes[source].inputs:
        found.append(source)
        source = graph.nodes[source].inputs[0]
    return found[::-1]


def _name(graph: Graph, index: int) -> str:
    node = graph.nodes[index]
    line = graph.place(node).line
    return node.path.rsplit(".", 1)[-1] + (f" (line {line})" if line else "")


def _makes_channels(graph: Graph, index: int) -> bool:
    node = graph.nodes[index]
    return node.output.channels != graph.nodes[node.inputs[0]].output.channels


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
    """Return the last windowed layers from the fork to a source, each with its stride."""
    found = [
        f"{graph.nodes[n].path.rsplit('.', 1)[-1]} {_stride(graph, n)}"
        for n in _path(graph, source, fork)
        if _stride(graph, n)
    ]
    return found[-6:]


def _stride(graph: Graph, index: int) -> str:
    """Return `/2` for a stride of 2; nothing for a layer without a window."""
    node = graph.nodes[index]
    if node.layer is None:
        return ""
    window = node.layer.window(node.output, *[graph.nodes[i].output for i in node.inputs])
    if not isinstance(window, tuple):
        return ""
    steps = [str(Fraction(axis.advance, axis.phases or 1)) for axis in window]
    return "/" + (steps[0] if len(set(steps)) == 1 else "x".join(steps))
