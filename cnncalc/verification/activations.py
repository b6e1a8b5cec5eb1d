"""The activations that live while a network runs: freed by their last reader, written over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from cnncalc.verification.memory import WORKSPACE, give_back, last_readers, needs

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cnncalc.layers.protocols import Arrays
    from cnncalc.model.graph import Node

    Values = NDArray[np.float32]


class Live:
    """The outputs of nodes, by their index, from when they are made to when they are last read.

    A path for training only is a guest: its arrays, and those that only it still reads, are
    not counted as live, and a layer does not count it as a reader.
    """

    def __init__(self, nodes: Sequence[Node], batch: int) -> None:
        self._nodes = nodes
        self._arrays: dict[int, Values] = {}
        self._last = last_readers(nodes)
        without = [node._replace(inputs=()) if node.training else node for node in nodes]
        self._needed = last_readers(without)
        self._readers = Counter(source for node in without for source in node.inputs)
        held = [need.held for need in needs(nodes, batch)]
        least = max(WORKSPACE // 4, max(held) // 2)
        self._large = {i for i, size in enumerate(held) if size > least}

    def inputs(self, i: int) -> list[Values]:
        """Return the arrays that a node reads. Raises: KeyError if one was never made.

        Before a node that takes much, what is free goes back to the system: new memory is slow,
        and elsewhere it may be kept.
        """
        if i in self._large:
            give_back()
        return [self._arrays[source] for source in self._nodes[i].inputs]

    def reusable(self, i: int) -> bool:
        """Return whether a node may write over its first input: nothing else reads that memory."""
        source = self._nodes[i].inputs[0]
        x = self._arrays[source]
        alone = self._readers[source] == 1 and self._last[source] == i
        return (
            alone
            and x.flags.c_contiguous
            and not any(
                np.may_share_memory(x, other)
                for j, other in self._arrays.items()
                if self._last[j] > i
            )
        )

    def put(self, i: int, result: Values) -> None:
        """Keep what a node made."""
        self._arrays[i] = result

    def bytes(self, i: int) -> int:
        """Return the bytes that live while a node runs: each piece of memory once."""
        sizes = {}
        for j, array in self._arrays.items():
            if j == i or (self._needed[j] >= i and not self._nodes[j].training):
                owner = array
                while isinstance(owner.base, np.ndarray):
                    owner = owner.base
                sizes[id(owner)] = owner.nbytes
        return 0 if self._nodes[i].training else sum(sizes.values())

    def drop(self, i: int) -> list[Values]:
        """Free what nobody reads after a node, and return it."""
        sources = {*self._nodes[i].inputs, i}
        done = [j for j in sources if self._last[j] == i and j in self._arrays]
        return [self._arrays.pop(j) for j in done]

    def shows(self, array: Values) -> bool:
        """Return whether an array that lives lies in the memory of this one."""
        return any(np.may_share_memory(array, other) for other in self._arrays.values())


def forward(
    nodes: Sequence[Node], x: Values, arrays: Callable[[Node], Arrays]
) -> Iterator[tuple[int, Values]]:
    """Yield each node's index and result, nothing checked; a later one may write over it.

    Shapes: x `(N, *extents, C)`, which is left as it is.
    """
    from cnncalc import kernels

    live = Live(nodes, len(x))
    for i, node in enumerate(nodes):
        if node.layer is None:
            result = x.copy()
        else:
            inputs = live.inputs(i)
            if node.layer.in_place and live.reusable(i):
                with kernels.overwriting():
                    result = node.layer.forward(arrays(node), *inputs)
            else:
                result = node.layer.forward(arrays(node), *inputs)
            del inputs
        live.put(i, result)
        yield i, result
        live.drop(i)
