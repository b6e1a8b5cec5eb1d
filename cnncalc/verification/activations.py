"""The activations that are alive while a network runs: freed after their last reader."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from cnncalc.verification.memory import WORKSPACE, last_readers, memory_needs, trim_heap

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cnncalc.layers.protocols import Arrays
    from cnncalc.model.graph import Node

    Values = NDArray[np.float32]


class Activations:
    """The outputs of nodes, by their index, from when they are made to when they are last read.

    A path for training only does not count: not its arrays, nor those that only it still reads,
    nor does a layer count it as a reader.
    """

    def __init__(self, nodes: Sequence[Node], batch: int) -> None:
        self._nodes = nodes
        self._arrays: dict[int, Values] = {}
        self._last = last_readers(nodes)
        inference = [replace(node, inputs=()) if node.training else node for node in nodes]
        self._last_at_inference = last_readers(inference)
        self._readers = Counter(source for node in inference for source in node.inputs)
        held = [need.held for need in memory_needs(nodes, batch)]
        least = max(WORKSPACE // 4, max(held) // 2)
        self._large = {i for i, size in enumerate(held) if size > least}

    def inputs(self, i: int) -> list[Values]:
        """Return the arrays that a node reads. Raises: KeyError if one was never made.

        Before a node that takes much, freed memory goes back to the system. Before others the
        C library keeps it: new memory is slow, as the system clears it page by page.
        """
        if i in self._large:
            trim_heap()
        return [self._arrays[source] for source in self._nodes[i].inputs]

    def may_overwrite(self, i: int) -> bool:
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
        """Keep the output of a node."""
        self._arrays[i] = result

    def live_bytes(self, i: int, between: Sequence[int] = ()) -> int:
        """Return the bytes that are alive while a node runs: memory that is shared counts once.

        `between` are those of the arrays that it made from one of its operations to the next:
        each is alive while it is made and read, the node's inputs while it makes the first.
        """
        if self._nodes[i].training:
            return 0
        if not between:
            return self._bytes(i, i, output=True)
        first = self._bytes(i, i) + between[0]
        inner = self._bytes(i, i + 1) + max(map(sum, pairwise(between)), default=0)
        return max(first, inner, self._bytes(i, i + 1, output=True) + between[-1])

    def _bytes(self, i: int, reader: int, *, output: bool = False) -> int:
        """Return the bytes of what a node from `reader` on reads, and of the output of node i."""
        sizes = {}
        for j, array in self._arrays.items():
            read = j != i and self._last_at_inference[j] >= reader and not self._nodes[j].training
            if read or (j == i and output):
                owner = array
                while isinstance(owner.base, np.ndarray):
                    owner = owner.base
                sizes[id(owner)] = owner.nbytes
        return sum(sizes.values())

    def drop(self, i: int) -> None:
        """Free what nobody reads after a node."""
        for j in {*self._nodes[i].inputs, i}:
            if self._last[j] == i:
                self._arrays.pop(j, None)


def forward(
    nodes: Sequence[Node], x: Values, arrays: Callable[[Node], Arrays]
) -> Iterator[tuple[int, Values]]:
    """Yield each node's index and result, unchecked; a later node may write over a result.

    Shapes: x `(N, *extents, C)`, which is not written over.
    """
    from cnncalc import kernels

    activations = Activations(nodes, len(x))
    for i, node in enumerate(nodes):
        if node.layer is None:
            result = x.copy()
        else:
            inputs = activations.inputs(i)
            if node.layer.in_place and activations.may_overwrite(i):
                with kernels.overwriting():
                    result = node.layer.forward(arrays(node), *inputs)
            else:
                result = node.layer.forward(arrays(node), *inputs)
            del inputs
        activations.put(i, result)
        yield i, result
        activations.drop(i)
