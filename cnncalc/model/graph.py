"""The flat graph of a network: what `expansion` makes of a plan, and `analysis` counts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from cnncalc.volume import Volume

if TYPE_CHECKING:
    from cnncalc.errors import Place
    from cnncalc.format.plan import Path, Plan
    from cnncalc.layers.base import AbstractLayer


class Group(NamedTuple):
    """A run of nodes that a file holds together: a block, named layers, or their copies.

    `path` is a prefix of its nodes' paths. `type` is the block's name ("" for plain layers
    and for a container of copies, whose `copies` is how many there are). `arguments` are those
    of its block that are not the defaults. `index` is the copy's number if it is a copy.
    """

    path: str
    parent: int  # index of the group around it, -1 at the top
    type: str
    arguments: tuple[tuple[str, Any], ...]
    index: int | None  # type: ignore[assignment]  # of a copy; a tuple's own index is not used
    copies: int | None
    first: int  # its nodes are graph.nodes[first:last]
    last: int


class Use(NamedTuple):
    """The use of a block: where, as what, on which volume, and inside which other use."""

    around: Use | None
    where: Path
    path: str
    volume: Volume


class Node(NamedTuple):
    """One layer of the network, with where it came from."""

    path: str
    layer: AbstractLayer | None  # None: the input
    inputs: tuple[int, ...]  # indexes of earlier nodes
    output: Volume
    group: int  # index of the innermost group, -1: none
    rail: str  # "" in sequence, "fork" begins a branch, "branch" goes on in one, "merge"
    training: bool
    where: Path  # in the file
    use: Use | None


class Graph(NamedTuple):
    """The network, flat: nodes in the order in which they run, the input first."""

    plan: Plan
    nodes: list[Node]
    groups: list[Group]
    variant: str | None
    parameters: Mapping[str, Any]  # of the file, as used
    settings: Mapping[str, Any]  # what was given beside the file: input, set
    year: int | None  # of the publication that describes it

    def place(self, node: Node) -> Place:
        """Return where a node's element stands in the file."""
        return self.plan.place(node.where)
