"""Layers that bring values to a common scale."""

from __future__ import annotations

from abc import abstractmethod
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Literal, final

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
    Real,
    Shapes,
    Step,
    Windows,
)
from cnncalc.layers.pointwise import AbstractPointwise
from cnncalc.layers.working import learned, letters, operations, product, symbols, unchanged
from cnncalc.volume import Volume

if TYPE_CHECKING:
    from cnncalc.layers.base import Array

SPREAD = 100  # learned values of norms lie close about their centre: variance 1/100
LEAST_LENGTH = 1e-12


@final
class BatchNorm(AbstractPointwise):
    """(x - mean)/√(variance + eps) · weight + bias, each channel with its own running statistics.

    Learned: weight `(C,)` and bias `(C,)` if affine. Buffers: mean `(C,)`, variance `(C,)`.
    Operations: 1 multiplication and 1 addition a value; folding the four into a factor and an
    offset is done once for a network, not for an input, and is not counted.
    Source: Ioffe and Szegedy 2015 (arXiv:1502.03167), Algorithm 2, step 11.
    """

    tag: ClassVar[str] = "batch_norm"
    in_place = True

    affine: bool = Setting(True, strict=True)
    eps: Real = 1e-5

    def per_value(self) -> Cost:
        return Cost(multiplications=1, additions=1)

    def parameters(self, output: Volume, *volumes: Volume) -> Shapes:
        c = output.channels
        return {"weight": (c,), "bias": (c,)} if self.affine else {}

    def buffers(self, output: Volume, *volumes: Volume) -> Shapes:
        return {"mean": (output.channels,), "variance": (output.channels,)}

    def forward(self, arrays: Arrays, *inputs: Array) -> Array:
        from cnncalc import kernels

        (x,) = inputs
        shape = x.shape[-1:]
        mean = arrays("mean", shape, fan=SPREAD)
        variance = arrays("variance", shape, fan=SPREAD, centre=1)
        weight = bias = None
        if self.affine:
            weight = arrays("weight", shape, fan=SPREAD, centre=1)
            bias = arrays("bias", shape, fan=SPREAD)
        return kernels.batch_norm(x, mean, variance, weight, bias, self.eps)

    def common(self, arrays: Fields, *inputs: Field) -> Any:
        factor = 1 / (arrays["variance"][:] + self.eps).root()
        if not self.affine:
            return factor, -(arrays["mean"][:] * factor)
        factor = arrays["weight"][:] * factor
        return factor, arrays["bias"][:] - arrays["mean"][:] * factor

    def value(self, index: tuple[int, ...], arrays: Fields, *inputs: Field) -> Number:
        factor, offset = arrays.shared
        result: Number = inputs[0][index] * factor[index[-1]] + offset[index[-1]]
        return result

    def describe(self, output: Volume, *volumes: Volume) -> str:
        return "Batch normalization"


@final
class Scale(AbstractPointwise):
    """x · weight + bias, each channel with its own.

    Learned: weight `(C,)`, and with `bias` bias `(C,)`.
    Operations: 1 multiplication a value, and with `bias` 1 addition.
    """

    tag: ClassVar[str] = "scale"
    in_place = True

    bias: bool = Setting(False, strict=True)

    def per_value(self) -> Cost:
        return Cost(multiplications=1, additions=int(self.bias))

    def parameters(self, output: Volume, *volumes: Volume) -> Shapes:
        names = ("weight", "bias") if self.bias else ("weight",)
        return {name: (output.channels,) for name in names}

    def buffers(self, output: Volume, *volumes: Volume) -> Shapes:
        return {}

    def forward(self, arrays: Arrays, *inputs: Array) -> Array:
        from cnncalc import kernels

        (x,) = inputs
        weight = arrays("weight", x.shape[-1:], fan=SPREAD, centre=1)
        bias = arrays("bias", x.shape[-1:], fan=SPREAD) if self.bias else None
        return kernels.scale(x, weight, bias)

    def value(self, index: tuple[int, ...], arrays: Fields, *inputs: Field) -> Number:
        x = inputs[0][index] * arrays["weight"][index[-1]]
        return x + arrays["bias"][index[-1]] if self.bias else x

    def describe(self, output: Volume, *volumes: Volume) -> str:
        return "Scale and shift by channel" if self.bias else "Scale by channel"


class AbstractGroupedNorm(AbstractLayer):
    """(x - mean)/√(variance + eps), of G groups of n values each; then weight and bias.

    Operations: a group takes n - 1 additions and 1 division for its mean; n subtractions, n
    multiplications, n - 1 additions and 1 division for its variance; 1 addition, 1 function
    and 1 division for the inverse root. Then 1 subtraction and 1 multiplication a value, and
    if affine 1 multiplication and 1 addition more.
    """

    affine: bool
    eps: Real = 1e-5

    @abstractmethod
    def grouping(self, channels: int) -> tuple[bool, int]:
        """Return whether a group spans all positions, and how many groups share the channels."""

    @abstractmethod
    def learned_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """Return the shape of weight and bias, for a volume of `shape`."""

    def output(self, *volumes: Volume) -> Volume:
        (volume,) = volumes
        _, groups = self.grouping(volume.channels)
        if volume.channels % groups:
            raise VolumeError(
                f"groups must divide the input's channels. Received groups {groups} and "
                f"{volume.channels} channels. Use a divisor of {volume.channels}."
            )
        return volume

    def parameters(self, output: Volume, *volumes: Volume) -> Shapes:
        names = ("weight", "bias") if self.affine else ()
        return {name: self.learned_shape(output.shape) for name in names}

    def buffers(self, output: Volume, *volumes: Volume) -> Shapes:
        return {}

    def cost(self, output: Volume, *volumes: Volume) -> Cost:
        together, groups = self.grouping(output.channels)
        if not together:
            groups *= output.positions
        value = Cost(multiplications=2 + self.affine, additions=4 + self.affine)
        group = Cost(additions=-1, divisions=3, functions=1)
        return value.times(output.size).plus(group.times(groups))

    def window(self, output: Volume, *volumes: Volume) -> Windows:
        return Everything if self.grouping(output.channels)[0] else None

    def forward(self, arrays: Arrays, *inputs: Array) -> Array:
        from cnncalc import kernels

        (x,) = inputs
        together, groups = self.grouping(x.shape[-1])
        weight = bias = None
        if self.affine:
            shape = self.learned_shape(x.shape[1:])
            weight = arrays("weight", shape, fan=SPREAD, centre=1)
            bias = arrays("bias", shape, fan=SPREAD)
        return kernels.normalize(x, together, groups, self.eps, weight, bias)

    def common(self, arrays: Fields, *inputs: Field) -> Any:
        (x,) = inputs

        @cache
        def statistics(place: tuple[int, ...] | None, first: int, last: int) -> Any:
            part = slice(first, last)
            values = x[..., part] if place is None else x[(*place, part)]
            mean = values.sum() / len(values)
            spread = values - mean
            return mean, 1 / ((spread * spread).sum() / len(values) + self.eps).root()

        return statistics

    def value(self, index: tuple[int, ...], arrays: Fields, *inputs: Field) -> Number:
        (x,) = inputs
        together, groups = self.grouping(x.shape[-1])
        size = x.shape[-1] // groups
        first = index[-1] // size * size
        mean, inverse = arrays.shared(None if together else index[:-1], first, first + size)
        result: Number = (x[index] - mean) * inverse
        if not self.affine:
            return result
        place = index[-len(self.learned_shape(x.shape)) :]
        return result * arrays["weight"][place] + arrays["bias"][place]

    def steps(self, output: Volume, *volumes: Volume) -> list[Step]:
        together, groups = self.grouping(output.channels)
        *places, channels = letters(output, 2)
        numbers = symbols(output, *volumes) | {"G": groups}
        formula = product(*["G"] * (groups > 1), *[] if together else places)
        formulas = {
            "multiplications": product(2 + self.affine, *places, channels),
            "additions": f"{product(4 + self.affine, *places, channels)} - {formula}",
            "divisions": product(3, formula),
            "functions": formula,
        }
        shapes = self.parameters(output, *volumes)
        sizes = {
            name: product(*[*places, channels][-len(shape) :]) for name, shape in shapes.items()
        }
        return [
            *unchanged(output, *volumes),
            *learned(shapes, sizes, numbers),
            *operations(self.cost(output, *volumes), formulas, numbers),
        ]


@final
class LayerNorm(AbstractGroupedNorm):
    """The channels of each position, or all values, to mean 0 and variance 1.

    Learned: weight and bias `(C,)`, or the shape of the volume if over all, if affine.
    Operations: those of a grouped norm; a group is a position's channels, or everything.
    Source: Ba et al. 2016 (arXiv:1607.06450); over channels: Liu et al. 2022 (arXiv:2201.03545).
    """

    tag: ClassVar[str] = "layer_norm"

    over: Literal["channels", "all"] = "channels"
    affine: bool = Setting(True, strict=True)

    def grouping(self, channels: int) -> tuple[bool, int]:
        return self.over == "all", 1

    def learned_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        return shape if self.over == "all" else shape[-1:]

    def describe(self, output: Volume, *volumes: Volume) -> str:
        return "Layer normalization" + (", over all" if self.over == "all" else "")


@final
class GroupNorm(AbstractGroupedNorm):
    """All positions of each group of channels to mean 0 and variance 1.

    Learned: weight `(C,)` and bias `(C,)` if affine.
    Operations: those of a grouped norm, with `groups` groups.
    Source: Wu and He 2018 (arXiv:1803.08494).
    """

    tag: ClassVar[str] = "group_norm"

    groups: Count
    affine: bool = Setting(True, strict=True)

    def grouping(self, channels: int) -> tuple[bool, int]:
        return True, self.groups

    def learned_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        return shape[-1:]

    def describe(self, output: Volume, *volumes: Volume) -> str:
        return f"Group normalization, {self.groups} groups"


@final
class InstanceNorm(AbstractGroupedNorm):
    """All positions of each channel to mean 0 and variance 1.

    Learned: weight `(C,)` and bias `(C,)` if affine.
    Operations: those of a grouped norm; each channel is a group.
    Source: Ulyanov et al. 2016 (arXiv:1607.08022).
    """

    tag: ClassVar[str] = "instance_norm"

    affine: bool = Setting(False, strict=True)

    def grouping(self, channels: int) -> tuple[bool, int]:
        return True, channels

    def learned_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        return shape[-1:]

    def describe(self, output: Volume, *volumes: Volume) -> str:
        return "Instance normalization"


@final
class L2Norm(AbstractLayer):
    """x/max(√(sum of squares), 10^-12): the channels of each position to length 1.

    Operations: over C channels, C multiplications, C - 1 additions, 1 function, 1 comparison
    and C divisions a position.
    Source: Liu et al. 2015 (arXiv:1506.04579), section 3.3; the bound keeps zeros as they are.
    """

    tag: ClassVar[str] = "l2_norm"

    def output(self, *volumes: Volume) -> Volume:
        return volumes[0]

    def parameters(self, output: Volume, *volumes: Volume) -> Shapes:
        return {}

    def buffers(self, output: Volume, *volumes: Volume) -> Shapes:
        return {}

    def cost(self, output: Volume, *volumes: Volume) -> Cost:
        c = output.channels
        vector = Cost(multiplications=c, additions=c - 1, divisions=c, comparisons=1, functions=1)
        return vector.times(output.positions)

    def window(self, output: Volume, *volumes: Volume) -> Windows:
        return None

    def forward(self, arrays: Arrays, *inputs: Array) -> Array:
        from cnncalc import kernels

        return kernels.l2_normalize(inputs[0], LEAST_LENGTH)

    def common(self, arrays: Fields, *inputs: Field) -> Any:
        @cache
        def length(place: tuple[int, ...]) -> Number:
            x = inputs[0][place]
            return (x * x).sum().root().maximum(LEAST_LENGTH)

        return length

    def value(self, index: tuple[int, ...], arrays: Fields, *inputs: Field) -> Number:
        length: Number = arrays.shared(index[:-1])
        return inputs[0][index] / length

    def describe(self, output: Volume, *volumes: Volume) -> str:
        return "L2 normalization"

    def steps(self, output: Volume, *volumes: Volume) -> list[Step]:
        *places, channels = letters(output, 2)
        each, once = product(*places, channels), product(*places)
        formulas = {
            "multiplications": each,
            "additions": product(*places, f"({channels} - 1)"),
            "divisions": each,
            "comparisons": once,
            "functions": once,
        }
        cost = self.cost(output, *volumes)
        numbers = symbols(output, *volumes)
        return [*unchanged(output, *volumes), *operations(cost, formulas, numbers)]


@final
class Lrn(AbstractPointwise):
    """x/(k + alpha · (sum of squares of `size` neighbouring channels))^beta.

    The neighbours begin size // 2 channels before; those that do not exist are zeros, and
    count. Alpha multiplies the sum as in the paper; PyTorch and ONNX divide it by `size`.
    Operations: size multiplications for the squares, size - 1 additions, 1 multiplication, 1
    addition, 1 function (the power) and 1 division a value.
    Source: Krizhevsky et al. 2012, section 3.3.
    """

    tag: ClassVar[str] = "lrn"

    size: Count = 5
    alpha: Real = 1e-4
    beta: Real = 0.75
    k: Real = 2.0

    def per_value(self) -> Cost:
        return Cost(multiplications=self.size + 1, additions=self.size, divisions=1, functions=1)

    def parameters(self, output: Volume, *volumes: Volume) -> Shapes:
        return {}

    def buffers(self, output: Volume, *volumes: Volume) -> Shapes:
        return {}

    def forward(self, arrays: Arrays, *inputs: Array) -> Array:
        from cnncalc import kernels

        return kernels.lrn(inputs[0], self.size, self.alpha, self.beta, self.k)

    def value(self, index: tuple[int, ...], arrays: Fields, *inputs: Field) -> Number:
        (x,) = inputs
        *place, channel = index
        first = channel - self.size // 2
        near = x.at(place, slice(first, first + self.size))
        return x[index] / (self.k + self.alpha * (near * near).sum()).power(self.beta)

    def describe(self, output: Volume, *volumes: Volume) -> str:
        return "Normalization layer"
