"""Layers that rearrange values and compute nothing: identity, flatten, reshape, shuffles."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, final

from cnncalc.errors import VolumeError
from cnncalc.layers.base import AbstractLayer, Cost, Scattered, Step, Windows, require_divisor
from cnncalc.layers.protocols import Arrays, Number, Tensor, Tensors
from cnncalc.layers.setting_types import Count, Shape
from cnncalc.layers.step_builders import letters, symbols, unchanged, volume_step
from cnncalc.volume import Volume

if TYPE_CHECKING:
    from cnncalc.layers.protocols import Array


class AbstractMove(AbstractLayer):
    """A layer whose output values are input values or zeros: no operations, nothing learned."""

    @abstractmethod
    def source(self, index: tuple[int, ...], *shapes: tuple[int, ...]) -> tuple[int, ...]:
        """Return the index of the input value that is the output value at `index`."""

    def cost(self, output: Volume, *volumes: Volume) -> Cost:
        return Cost()

    def value(self, index: tuple[int, ...], arrays: Tensors, *inputs: Tensor) -> Number:
        *place, channel = self.source(index, *[x.shape for x in inputs])
        return inputs[0].at(place, slice(channel, channel + 1))[0]


def unravel(number: int, shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the index of the value with a number, counted from 0 in C order.

    >>> unravel(7, (2, 3, 2))
    (1, 0, 1)
    """
    index = []
    for extent in reversed(shape):
        index.append(number % extent)
        number //= extent
    return tuple(reversed(index))


def ravel(index: tuple[int, ...], shape: tuple[int, ...]) -> int:
    """Return the number of the value at `index`, counted from 0 in C order.

    >>> ravel((1, 0, 1), (2, 3, 2))
    7
    """
    number = 0
    for position, extent in zip(index, shape, strict=True):
        number = number * extent + position
    return number


@final
class Identity(AbstractMove):
    """The input as it is. No operations."""

    tag = "identity"
    family = "view"
    row = False

    def output(self, *volumes: Volume) -> Volume:
        return volumes[0]

    def window(self, output: Volume, *volumes: Volume) -> Windows:
        return None

    def forward(self, arrays: Arrays, *inputs: Array) -> Array:
        return inputs[0]

    def source(self, index: tuple[int, ...], *shapes: tuple[int, ...]) -> tuple[int, ...]:
        return index

    def describe(self, output: Volume, *volumes: Volume) -> str:
        return "Identity"

    def steps(self, output: Volume, *volumes: Volume) -> list[Step]:
        return unchanged(output, *volumes)


@final
class Flatten(AbstractMove):
    """All values as one vector, in C order: position by position, the channels of each together.

    Volume: D2 = H1·W1·D1. No operations.
    Source: Keras 3, layers.Flatten, with channels last.
    """

    tag = "flatten"
    family = "view"

    def output(self, *volumes: Volume) -> Volume:
        return Volume((), volumes[0].size)

    def window(self, output: Volume, *volumes: Volume) -> Windows:
        return Scattered

    def forward(self, arrays: Arrays, *inputs: Array) -> Array:
        (x,) = inputs
        return x.reshape(len(x), -1)

    def source(self, index: tuple[int, ...], *shapes: tuple[int, ...]) -> tuple[int, ...]:
        return unravel(index[0], shapes[0])

    def describe(self, output: Volume, *volumes: Volume) -> str:
        return "Flatten"

    def steps(self, output: Volume, *volumes: Volume) -> list[Step]:
        formula = "·".join(letters(volumes[0], 1))
        return [volume_step("D2", formula, symbols(output, *volumes))]


@final
class Reshape(AbstractMove):
    """The same values in another volume, in the same C order. No operations.

    Source: NumPy, ndarray.reshape.
    """

    tag = "reshape"
    family = "view"
    aliases = ("View", "Unflatten")

    to: Shape

    def output(self, *volumes: Volume) -> Volume:
        (volume,) = volumes
        result = Volume(self.to[:-1], self.to[-1])
        if result.size != volume.size:
            raise VolumeError(
                f"a reshape keeps the number of values. Received {volume}, which has "
                f"{volume.size:,}, and to {result}, which has {result.size:,}."
            )
        return result

    def window(self, output: Volume, *volumes: Volume) -> Windows:
        return Scattered

    def forward(self, arrays: Arrays, *inputs: Array) -> Array:
        (x,) = inputs
        return x.reshape(len(x), *self.to)

    def source(self, index: tuple[int, ...], *shapes: tuple[int, ...]) -> tuple[int, ...]:
        return unravel(ravel(index, self.to), shapes[0])

    def describe(self, output: Volume, *volumes: Volume) -> str:
        return f"Reshape to {output}"

    def steps(self, output: Volume, *volumes: Volume) -> list[Step]:
        return [volume_step(symbol, str(n), {symbol: n}) for symbol, n in symbols(output).items()]


@final
class ChannelShuffle(AbstractMove):
    """The channels of `groups` groups interleaved: the first of each, the second of each, ...

    Volume: as the input. No operations.
    Source: Zhang et al. 2017 (arXiv:1707.01083), section 3.1.
    """

    tag = "channel_shuffle"
    family = "rearrange"
    aliases = ("ShuffleChannel",)

    groups: Count

    def output(self, *volumes: Volume) -> Volume:
        (volume,) = volumes
        require_divisor("groups", self.groups, volume)
        return volume

    def window(self, output: Volume, *volumes: Volume) -> Windows:
        return None

    def forward(self, arrays: Arrays, *inputs: Array) -> Array:
        from cnncalc import kernels

        return kernels.channel_shuffle(inputs[0], self.groups)

    def source(self, index: tuple[int, ...], *shapes: tuple[int, ...]) -> tuple[int, ...]:
        *place, channel = index
        size = shapes[0][-1] // self.groups
        return (*place, channel % self.groups * size + channel // self.groups)

    def describe(self, output: Volume, *volumes: Volume) -> str:
        return f"Channel shuffle, {self.groups} groups"

    def steps(self, output: Volume, *volumes: Volume) -> list[Step]:
        return unchanged(output, *volumes)
