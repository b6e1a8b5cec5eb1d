"""The flat graph of a network: what `expansion` makes of a plan, and `analysis` counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cnncalc.volume import Volume

if TYPE_CHECKING:
    from cnncalc.errors import Place
    from cnncalc.format.plan import Path, Plan
    from cnncalc.layers.base import AbstractLayer, Shapes


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A run of nodes that a file holds together: a block, named layers, or their copies.

    Attributes:
        path: the part that its nodes' paths have in common.
        parent: the index of the group around it, -1 at the top.
        type: the block's name; "" for plain layers, and for a container of copies.
        arguments: those of the block that are not its defaults.
        index: the copy's number, if it is a copy.
        copies: how many it holds, if it is a container of copies.
        first: the index of its first node.
        last: the index after its last node; -1 where an error ended the expansion inside it.
    """

    path: str
    parent: int
    type: str
    arguments: tuple[tuple[str, Any], ...]
    index: int | None
    copies: int | None
    first: int
    last: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """One use of a block.

    Attributes:
        around: the use of the block that this one stands in.
        where: the element's path in the file.
        path: its path in the network.
        volume: what it is used on.
    """

    around: Use | None
    where: Path
    path: str
    volume: Volume


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One layer of the network, with where it came from.

    Attributes:
        path: its path in the network.
        layer: the layer; None: the input.
        inputs: the indexes of the nodes that it takes, all of them earlier.
        output: its output volume.
        group: the index of the innermost group, -1: none.
        rail: "" in sequence, "fork" where it begins a branch, "branch" where it goes on in one,
            "merge" where it ends several.
        training: whether it exists in training only.
        where: its element's path in the file.
        use: the use of the block that it stands in, if any.
        shares: the index of the node whose learned values it uses; None: it has its own.
        also: the shapes of learned arrays that the file adds to the layer's own, by name.
    """

    path: str
    layer: AbstractLayer | None
    inputs: tuple[int, ...]
    output: Volume
    group: int
    rail: str
    training: bool
    where: Path
    use: Use | None
    shares: int | None = None
    also: Shapes = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Note:
    """Something about a network as a whole that is worth a line, and stops nothing.

    Its sentence stands in `writers`.

    Attributes:
        code: what it is.
            shipped: a shipped network is taken for a file that is not in this folder.
            channels_first: the first number of the input is probably its channels.
            relearned: at this input layers learn more or fewer values than at the file's own.
            hidden_name: a name in `from` or `shares` stands for an inner and an outer element.
        numbers: of shipped the `file` and the shipped `network`; of channels_first the `input`;
            of relearned the file's own `input`, and the `layers`: name, weights and parameters
            here, and own_weights and own_parameters there; of hidden_name the `names`: pairs of
            paths, the one taken and the one hidden.
    """

    code: str
    numbers: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """The network, flat.

    Attributes:
        plan: what it was expanded from.
        nodes: in the order in which they run, the input first.
        groups: in the order in which they begin.
        variant: the variant that was chosen.
        variant_taken: the same, or where none was chosen that whose parameters it has.
        family: what its file is called, if it comes from one.
        parameters: those of the file, as used.
        settings: what was given beside the file: input, and values of parameters.
        year: that of the publication that describes it.
        notes: what is worth knowing of the network as a whole.
        again: returns the graph of the same network at another input; raises as `expand`.
        failed: the layer after the nodes that could not take its inputs; its output is that of
            the first of them.
    """

    plan: Plan
    nodes: list[Node]
    groups: list[Group]
    variant: str | None
    variant_taken: str | None
    family: str | None
    parameters: Mapping[str, Any]
    settings: Mapping[str, Any]
    year: int | None
    again: Callable[[Volume], Graph]
    failed: Node | None = None
    notes: tuple[Note, ...] = ()

    def place(self, node: Node) -> Place:
        """Return where a node's element stands in the file."""
        return self.plan.place(node.where)
