"""Chains of nodes that lead nowhere, as auxiliary heads in training: beside what they read."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from cnncalc.figures.cells import GUTTER, STEM, Cell, Edge, Layout
from cnncalc.figures.scene import Point

LABEL_GAP = 6.0  # from the label beside a disc to the way that leaves it
Placing = Callable[[Sequence[Cell], Sequence[Sequence[int]]], Layout]


def layout(
    cells: Sequence[Cell], sources: Sequence[Sequence[int]], placing: Placing
) -> Layout | None:
    """Return where nodes stand, those that lead nowhere at the right of all others.

    `placing` lays out the others. None if no node leads nowhere, or if some are no chains, or a
    way to them would cross anything.
    """
    chains = _chains(sources)
    if not chains:
        return None
    aside = {node for chain in chains for node in chain}
    main = [node for node in range(len(sources)) if node not in aside]
    number = {node: i for i, node in enumerate(main)}
    found = placing([cells[node] for node in main], others(sources))
    tops = {node: found.tops[i] for node, i in number.items()}
    edges = [
        Edge(source=main[edge.source], target=main[edge.target], points=edge.points)
        for edge in found.edges
    ]
    half = max(cells[node].half for node in aside)
    axis = found.right + GUTTER + half
    free = 0.0  # from here on down, the column at the right is empty
    for chain in chains:
        (source,) = sources[chain[0]]
        cell, first = cells[source], cells[chain[0]]
        level = tops[source].y + cell.height / 2
        top = level - first.height / 2
        start = tops[source].x + (cell.right + LABEL_GAP if _is_disc(cell) else cell.half)
        way = (Point(start, level), Point(axis - first.half, level))
        if top < free or _crosses(way, source, tops, cells, edges):
            return None
        edges.append(Edge(source=source, target=chain[0], points=way))
        for before, node in zip([source, *chain], chain, strict=False):
            tops[node] = Point(axis, top)
            if node != chain[0]:
                down = Point(axis, top - STEM), Point(axis, top)
                edges.append(Edge(source=before, target=node, points=down))
            top += cells[node].height + STEM
        free = top
    return Layout(
        tops=[tops[node] for node in range(len(sources))],
        edges=edges,
        left=found.left,
        lanes=found.lanes,
        right=axis + max(cells[node].right for node in aside),
        height=max(found.height, free - STEM),
        upwards=frozenset(main[node] for node in found.upwards),
    )


def others(sources: Sequence[Sequence[int]]) -> list[list[int]]:
    """Return the sources of the nodes that lead to the last one; of all if the rest is no chains.

    >>> others([(), (0,), (1,), (1,)])
    [[], [0], [1]]
    """
    aside = {node for chain in _chains(sources) for node in chain}
    main = [node for node in range(len(sources)) if node not in aside]
    number = {node: i for i, node in enumerate(main)}
    return [[number[one] for one in sources[node]] for node in main]


def _chains(sources: Sequence[Sequence[int]]) -> list[list[int]]:
    """Return the nodes that do not lead to the last one, as chains; none if they are no chains."""
    leads = {len(sources) - 1}
    for node in range(len(sources) - 1, -1, -1):
        if node in leads:
            leads.update(sources[node])
    chains: list[list[int]] = []
    for node, taken in enumerate(sources):
        if node in leads:
            continue
        if len(taken) != 1:
            return []
        before = next((chain for chain in chains if chain[-1] == taken[0]), None)
        if before is not None:
            before.append(node)
        elif taken[0] in leads:
            chains.append([node])
        else:
            return []  # two read the same one
    return sorted(chains, key=lambda chain: chain[0])


def _is_disc(cell: Cell) -> bool:
    """Return whether a node is a disc, whose label stands at its right."""
    return cell.height == 2 * cell.half


def _crosses(
    way: tuple[Point, Point],
    source: int,
    tops: dict[int, Point],
    cells: Sequence[Cell],
    edges: Sequence[Edge],
) -> bool:
    """Return whether a level way meets the room of another node, or a way of another height."""
    (left, level), right = way[0], way[1].x
    for node, top in tops.items():
        cell = cells[node]
        apart = top.x + cell.right <= left or top.x - cell.half >= right
        if node != source and not apart and top.y <= level <= top.y + cell.height:
            return True
    return any(
        left <= max(a.x, b.x) and min(a.x, b.x) <= right and min(a.y, b.y) <= level <= max(a.y, b.y)
        for edge in edges
        for a, b in zip(edge.points, edge.points[1:], strict=False)
    )
