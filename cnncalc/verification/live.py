"""The activations that live while a network runs: freed by their last reader, written over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from cnncalc.verification.memory import WORKSPACE, give_back, last_readers, needs

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cnncalc import kernels
    from cnncalc.graph import Node
    from cnncalc.layers.base import AbstractLayer
    from cnncalc.layers.definition import Arrays

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

    def clear(self) -> None:
        """Forget all arrays."""
        self._arrays.clear()

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

    def drop(self, i: int) -> None:
        """Free what nobody reads after a node."""
        for source in {*self._nodes[i].inputs, i}:
            if self._last[source] == i:
                self._arrays.pop(source, None)


class Forward:
    """A forward pass, nothing checked: prepared once, and run as often as wanted.

    Unless `every` layer's result is wanted, those that only go over values that one other layer
    made are done to them block by block, as that makes them. The numbers are the same.
    """

    def __init__(
        self,
        nodes: Sequence[Node],
        arrays: Callable[[Node], Arrays],
        batch: int = 1,
        *,
        every: bool = True,
    ) -> None:
        self._nodes, self._arrays = nodes, arrays
        self._live = Live(nodes, batch)
        self._followers: dict[int, list[int]] = {} if every else _followers(nodes)
        self._inside = {j for others in self._followers.values() for j in others}
        self._steps: dict[int, tuple[int, list[kernels.Step]]] = {}

    def __call__(self, x: Values) -> Iterator[tuple[int, Values]]:
        """Yield each node's index and result; a later one may write over it.

        Shapes: x `(N, *extents, C)`, which is left as it is.
        """
        self._live.clear()
        for i, node in enumerate(self._nodes):
            if i in self._inside:
                continue
            last, result = i, x.copy() if node.layer is None else None
            if result is None:
                last, result = self._run(i, self._followers.get(i, []))
            self._live.put(last, result)
            yield last, result
            for done in (i, last):
                self._live.drop(done)

    def _run(self, i: int, followers: Sequence[int]) -> tuple[int, Values]:
        """Return the index and the result of the last of a layer and those that follow it."""
        from cnncalc import kernels

        layer = self._layer(i)
        inputs = self._live.inputs(i)
        if i not in self._steps:
            self._steps[i] = self._prepared(len(inputs[0]), self._followers.get(i, []))
        last, steps = self._steps[i]
        over = layer.in_place and self._live.reusable(i)
        with kernels.overwriting(over), kernels.followed_by(steps) as left:
            result = layer.forward(self._arrays(self._nodes[i]), *inputs)
        if left:
            kernels.follow(result, left)
        return i if last is None else last, result

    def _prepared(
        self, samples: int, followers: Sequence[int]
    ) -> tuple[int | None, list[kernels.Step]]:
        """Return the last of the layers that can follow block by block, and what all of them do."""
        from cnncalc import kernels

        last, steps = None, list[kernels.Step]()
        for i in followers:
            node = self._nodes[i]
            stand_in = np.broadcast_to(np.float32(0), (samples, *node.output.shape))
            with kernels.deferred() as more:
                if self._layer(i).forward(self._arrays(node), stand_in) is not stand_in:
                    raise TypeError(f"{node.path}: the kernel of an in-place layer is blockwise")
            last = i
            steps += more
        return last, steps

    def _layer(self, i: int) -> AbstractLayer:
        layer = self._nodes[i].layer
        assert layer is not None
        return layer


def _followers(nodes: Sequence[Node]) -> dict[int, list[int]]:
    """Return for the layers that can do so which they may go on with, block by block."""
    readers: dict[int, list[int]] = {}
    for i, node in enumerate(nodes):
        for source in node.inputs:
            readers.setdefault(source, []).append(i)
    found: dict[int, list[int]] = {}
    inside: set[int] = set()
    for i, node in enumerate(nodes):
        if i in inside or node.layer is None or not (node.layer.leads or node.layer.in_place):
            continue
        last = i
        while len(readers.get(last, ())) == 1:
            (reader,) = readers[last]
            other = nodes[reader]
            if other.layer is None or not other.layer.in_place or other.inputs != (last,):
                break
            found.setdefault(i, []).append(reader)
            last = reader
        inside.update(found.get(i, ()))
    return found
