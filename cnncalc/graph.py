"""The flat graph of a network, and `expand`, which makes it from an Architecture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from cnncalc.volume import Volume

if TYPE_CHECKING:
    from cnncalc.layers.base import AbstractLayer


class Group(NamedTuple):
    """A run of nodes that a file holds together: a block, named layers, or their copies.

    `path` is a prefix of its nodes' paths. `type` is the block's name ("" for plain layers
    and for a container of copies whose `copies` is how many there are). `arguments` are those
    of its block that are not the defaults. `index` is the copy's number if it is a copy.
    """

    path: str
    parent: int  # index of the group around it, -1 at the top
    type: str
    arguments: tuple[tuple[str, Any], ...]
    index: int | None
    copies: int | None
    first: int  # its nodes are graph.nodes[first:last]
    last: int


class Node(NamedTuple):
    """One layer of the network, with where it came from."""

    path: str
    layer: AbstractLayer | None  # None: the input
    inputs: tuple[int, ...]  # indexes of earlier nodes
    output: Volume
    group: int
    rail: str
    training: bool
    where: Any  # see Graph.place
