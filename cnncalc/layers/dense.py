"""Layers of neurons without windows: fully connected, linear, radial basis, maxout."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, final

from pydantic import Field as Setting

from cnncalc.errors import VolumeError
from cnncalc.layers.base import (
    AbstractLayer,
    Arrays,
    Cost,
    Count,
    Everything,
    Field,
    Fields,
    Number,
    Shapes,
    Step,
    Windows,
)
from cnncalc.layers.windows import depth_step, learned_steps, places, times
from cnncalc.volume import Volume

if TYPE_CHECKING:
    from cnncalc.layers.base import Array


@final
class Fc(AbstractLayer):
    """Fully connected: each neuron sees every value of the input, which is flattened.

    Volume: a vector of `units`.
    Learned: weight `(units, H1·W1·D1)`, bias `(units,)`.
    MACs: H1·W1·D1·D2.
    Source: the lecture's FC layer; LeCun et al. 1998, F6.

    >>> Fc(units=4096).parameters(Volume((), 4096), Volume((6, 6), 256))["weight"]
    (4096, 9216)
    """

    tag: ClassVar[str] = "fc"

    units: Count
    bias: bool = Setting(True, strict=True)

    def output(self, *volumes: Volume) -> Volume:
        return Volume((), self.units)

    def parameters(self, output: Volume, *volumes: Volume) -> Shapes:
        shapes: Shapes = {"weight": (self.units, volumes[0].size)}
        return shapes | ({"bias": (self.units,)} if self.bias else {})

    def buffers(self, output: Volume, *volumes: Volume) -> Shapes:
        return {}

    def cost(self, output: Volume, *volumes: Volume) -> Cost:
        return Cost(macs=volumes[0].size * self.units, additions=self.bias * self.units)

    def window(self, output: Volume, *volumes: Volume) -> Windows:
        return Everything

    def forward(self, arrays: Arrays, *inputs: Array) -> Array:
        from cnncalc import kernels

        x = inputs[0].reshape(len(inputs[0]), -1)
        weight = arrays("weight", (self.units, x.shape[1]), fan=x.shape[1])
        bias = arrays("bias", (self.units,), fan=100) if self.bias else None
        return kernels.linear(x, weight, bias)

    def value(self, index: tuple[int, ...], arrays: Fields, *inputs: Field) -> Number:
        (unit,) = index
        total = inputs[0][()].dot(arrays["weight"][unit])
        return total + arrays["bias"][unit] if self.bias else total

    def describe(self, output: Volume, *volumes: Volume) -> str:
        return f"{self.units} neurons"

    def steps(self, output: Volume, *volumes: Volume) -> list[Step]:
        (volume,) = volumes
        at, count = places(volume, 1)
        symbols, numbers = times(at, "D1·D2"), times(count, volume.channels, self.units)
        return [
            depth_step("units", self.units, self.units),
            *learned_steps(output, volume.size * self.units, symbols, numbers, bias=self.bias),
        ]


@final
class Linear(AbstractLayer):
    """Linear: the same neurons at every position, on the channels there.

    Volume: the input's extents, `units` deep.
    Learned: weight `(units, D1)`, bias `(units,)`.
    MACs: H2·W2·D1·D2, as a 1x1 convolution.
    Source: Lin et al. 2013 (arXiv:1312.4400), section 3.1.

    >>> str(Linear(units=4).output(Volume((7, 7), 3)))
    '7x7x4'
    """

    tag: ClassVar[str] = "linear"

    units: Count
    bias: bool = Setting(True, strict=True)

    def output(self, *volumes: Volume) -> Volume:
        return Volume(volumes[0].extents, self.units)

    def parameters(self, output: Volume, *volumes: Volume) -> Shapes:
        shapes: Shapes = {"weight": (self.units, volumes[0].channels)}
        return shapes | ({"bias": (self.units,)} if self.bias else {})

    def buffers(self, output: Volume, *volumes: Volume) -> Shapes:
        return {}

    def cost(self, output: Volume, *volumes: Volume) -> Cost:
        return Cost(macs=output.size * volumes[0].channels, additions=self.bias * output.size)

    def window(self, output: Volume, *volumes: Volume) -> Windows:
        return None if output.extents else Everything

    def forward(self, arrays: Arrays, *inputs: Array) -> Array:
        from cnncalc import kernels

        (x,) = inputs
        weight = arrays("weight", (self.units, x.shape[-1]), fan=x.shape[-1])
        bias = arrays("bias", (self.units,), fan=100) if self.bias else None
        return kernels.linear(x, weight, bias)

    def value(self, index: tuple[int, ...], arrays: Fields, *inputs: Field) -> Number:
        *place, unit = index
        total = inputs[0][tuple(place)].dot(arrays["weight"][unit])
        return total + arrays["bias"][unit] if self.bias else total

    def describe(self, output: Volume, *volumes: Volume) -> str:
        return f"{self.units} neurons" + (" at each position" if output.extents else "")

    def steps(self, output: Volume, *volumes: Volume) -> list[Step]:
        d1 = volumes[0].channels
        return [
            depth_step("units", self.units, self.units),
            *learned_steps(output, d1 * self.units, "D1·D2", f"{d1}·{self.units}", bias=self.bias),
        ]


@final
class Rbf(AbstractLayer):
    """Radial basis units: the squared distance of the flattened input from a fixed centre.

    Volume: a vector of `units`. Learned: nothing; the centres are given.
    Buffers: centres `(units, H1·W1·D1)`.
    Cost: 1 subtraction, 1 multiplication and 1 addition a term.
    Source: LeCun et al. 1998, equation 7.

    >>> Rbf(units=10).cost(Volume((), 10), Volume((), 84)).multiplications
    840
    """

    tag: ClassVar[str] = "rbf"

    units: Count

    def output(self, *volumes: Volume) -> Volume:
        return Volume((), self.units)

    def parameters(self, output: Volume, *volumes: Volume) -> Shapes:
        return {}

    def buffers(self, output: Volume, *volumes: Volume) -> Shapes:
        return {"centres": (self.units, volumes[0].size)}

    def cost(self, output: Volume, *volumes: Volume) -> Cost:
        terms = volumes[0].size * self.units
        return Cost(multiplications=terms, additions=2 * terms)

    def window(self, output: Volume, *volumes: Volume) -> Windows:
        return Everything

    def forward(self, arrays: Arrays, *inputs: Array) -> Array:
        from cnncalc import kernels

        x = inputs[0].reshape(len(inputs[0]), -1)
        centres = arrays("centres", (self.units, x.shape[1]), fan=x.shape[1])
        return kernels.squared_distances(x, centres)

    def value(self, index: tuple[int, ...], arrays: Fields, *inputs: Field) -> Number:
        (unit,) = index
        difference = inputs[0][()] - arrays["centres"][unit]
        return difference.dot(difference)

    def describe(self, output: Volume, *volumes: Volume) -> str:
        return f"{self.units} radial basis units"

    def steps(self, output: Volume, *volumes: Volume) -> list[Step]:
        (volume,) = volumes
        at, count = places(volume, 1)
        symbols, numbers = times(at, "D1·D2"), times(count, volume.channels, self.units)
        cost = self.cost(output, volume)
        return [
            depth_step("units", self.units, self.units),
            Step("FLOPs", "multiplications", symbols, numbers, cost.multiplications),
            Step("FLOPs", "additions", f"2·{symbols}", f"2·{numbers}", cost.additions),
        ]


@final
class Maxout(AbstractLayer):
    """Maxout: the largest of each `pieces` neighbouring channels.

    Volume: the input's extents, D2 = D1 / pieces.
    Cost: pieces - 1 comparisons an output value.
    Source: Goodfellow et al. 2013 (arXiv:1302.4389), section 3.

    >>> Maxout(pieces=2).output(Volume((7, 7), 64))
    Volume(extents=(7, 7), channels=32)
    """

    tag: ClassVar[str] = "maxout"

    pieces: Count

    def output(self, *volumes: Volume) -> Volume:
        (volume,) = volumes
        if volume.channels % self.pieces:
            raise VolumeError(
                f"pieces must divide the input's channels. Received pieces {self.pieces} and "
                f"{volume.channels} channels. Use a divisor of {volume.channels}."
            )
        return Volume(volume.extents, volume.channels // self.pieces)

    def parameters(self, output: Volume, *volumes: Volume) -> Shapes:
        return {}

    def buffers(self, output: Volume, *volumes: Volume) -> Shapes:
        return {}

    def cost(self, output: Volume, *volumes: Volume) -> Cost:
        return Cost(comparisons=output.size * (self.pieces - 1))

    def window(self, output: Volume, *volumes: Volume) -> Windows:
        return None if output.extents else Everything

    def forward(self, arrays: Arrays, *inputs: Array) -> Array:
        from cnncalc import kernels

        return kernels.maxout(inputs[0], self.pieces)

    def value(self, index: tuple[int, ...], arrays: Fields, *inputs: Field) -> Number:
        *place, channel = index
        first = channel * self.pieces
        return inputs[0].at(place, slice(first, first + self.pieces)).largest()

    def describe(self, output: Volume, *volumes: Volume) -> str:
        return f"the largest of each {self.pieces} channels"

    def steps(self, output: Volume, *volumes: Volume) -> list[Step]:
        (volume,) = volumes
        at, count = places(output)
        return [
            depth_step("D1/pieces", f"{volume.channels}/{self.pieces}", output.channels),
            Step(
                "FLOPs",
                "comparisons",
                times(at, "D2·(pieces - 1)"),
                times(count, output.channels, f"({self.pieces} - 1)"),
                self.cost(output, volume).comparisons,
            ),
        ]
