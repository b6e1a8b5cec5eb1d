"""A forward pass that is prepared once and run often: what its kernels did is done again.

Layers that go over the values of one other layer are done to them block by block, as that one
makes them. The numbers are those of the layers one by one, to the last bit.
"""

from __future__ import annotations

from contextvars import Context
from functools import partial
from threading import get_ident
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cnncalc.verification.activations import Live

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from cnncalc import kernels
    from cnncalc.layers.base import AbstractLayer
    from cnncalc.layers.protocols import Arrays
    from cnncalc.model.graph import Node

    Values = NDArray[np.float32]


class _Done(NamedTuple):
    """What made the result of a layer and of those that followed it, the last of them `i`."""

    i: int
    result: Values
    calls: Sequence[Callable[[], object]]


class Prepared:
    """The forward pass of a network on arrays that are made already.

    The first pass notes what the kernels do; later ones on an input of the same shape, in the
    same thread, only do that. Arrays are held from then on, and count as unchanged. One pass
    has to end before another begins.
    """

    def __init__(
        self, nodes: Sequence[Node], arrays: Callable[[Node], Arrays], *, every: bool = False
    ) -> None:
        """Prepare to run nodes; with `every`, none is done in another's blocks."""
        self._nodes, self._arrays = nodes, arrays
        self._followers = {} if every else _followers(nodes)
        self._made_for: object = None
        self._input: Values
        self._done: list[_Done] = []

    def __call__(self, x: Values) -> Iterator[tuple[int, Values]]:
        """Yield the index and result of each layer that no other goes on with, in order.

        Shapes: x `(N, *extents, C)`, which is left as it is. A later result may be written over
        an earlier one.
        """
        if self._made_for != (x.shape, x.dtype, get_ident()):
            self._made_for, self._done = None, []
            yield from self._first(x)
            return
        np.copyto(self._input, x)
        for i, result, calls in self._done:
            with np.errstate(all="ignore"):
                for call in calls:
                    call()
            yield i, result

    def _first(self, x: Values) -> Iterator[tuple[int, Values]]:
        from cnncalc import kernels

        arena, live = kernels.Arena(), Live(self._nodes, len(x))
        inside = {j for others in self._followers.values() for j in others}
        for i, node in enumerate(self._nodes):
            if i in inside:
                continue
            if node.layer is None:
                with arena.used():
                    self._input = kernels.empty(x.shape, x.dtype)
                np.copyto(self._input, x)
                done = _Done(i, self._input, ())
            else:
                done = self._run(i, node.layer, live, arena)
            live.put(done.i, done.result)
            self._done.append(done)
            if len(self._done) == len(self._nodes) - len(inside):
                self._made_for = (x.shape, x.dtype, get_ident())
            yield done.i, done.result
            for array in (*live.drop(i), *live.drop(done.i)):
                if not live.shows(array):
                    arena.release(array)

    def _run(self, i: int, layer: AbstractLayer, live: Live, arena: kernels.Arena) -> _Done:
        """Return what a layer does, and those that follow it."""
        from cnncalc import kernels

        inputs, arrays = live.inputs(i), self._arrays(self._nodes[i])
        if not replays(layer):
            result = layer.forward(arrays, *inputs)
            if any(np.may_share_memory(result, x) for x in inputs):
                return _Done(i, result, ())  # a view, which shows what is there
            return _Done(i, result, [partial(_again, layer, arrays, inputs, result)])
        followers = self._followers.get(i, [])
        over = layer.in_place and live.reusable(i)
        with (
            np.errstate(all="ignore"),
            arena.used(),
            kernels.overwriting(over),
            kernels.followed_by(self._steps(followers, inputs[0])) as left,
            kernels.recorded() as calls,
        ):
            result = layer.forward(partial(_made, arrays), *inputs)
            if left and not over and any(np.may_share_memory(result, x) for x in inputs):
                result = kernels.add([result])  # others may read what it shows
            elif left:
                kernels.follow(result, left)
        return _Done(followers[-1] if followers else i, result, calls)

    def _steps(self, followers: Sequence[int], x: Values) -> list[kernels.Step]:
        """Return what layers do to single values of the kind of x."""
        from cnncalc import kernels

        with kernels.deferred() as steps:
            for j in followers:
                node = self._nodes[j]
                stand_in = np.broadcast_to(x.dtype.type(0), (len(x), *node.output.shape))
                assert node.layer is not None
                node.layer.forward(partial(_made, self._arrays(node)), stand_in)
        return steps


def replays(layer: AbstractLayer | type[AbstractLayer]) -> bool:
    """Return whether what a layer does is what its kernel is seen to do."""
    return layer.leads or layer.in_place


def _made(arrays: Arrays, name: str, shape: tuple[int, ...], **settings: Any) -> Values:
    """Return what `arrays` returns; how it is made is no part of what the layer does."""
    result: Values = Context().run(arrays, name, shape, **settings)
    return result


def _again(layer: AbstractLayer, arrays: Arrays, inputs: Sequence[Values], out: Values) -> None:
    np.copyto(out, layer.forward(arrays, *inputs))


def _followers(nodes: Sequence[Node]) -> dict[int, list[int]]:
    """Return for each layer that can go on with others which these are."""
    readers: dict[int, list[int]] = {}
    for i, node in enumerate(nodes):
        for source in node.inputs:
            readers.setdefault(source, []).append(i)
    found: dict[int, list[int]] = {}
    inside: set[int] = set()
    for i, node in enumerate(nodes):
        if i in inside or node.layer is None or not replays(node.layer):
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
