"""Layer, group, instance and RMS norm: statistics of groups of values."""

from __future__ import annotations

from abc import abstractmethod
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, final

from cnncalc.layers.base import (
    Cost,
    Everything,
    Shapes,
    Step,
    Windows,
    require_divisor,
)
from cnncalc.layers.normalization import NORM_FAN, AbstractAffine
from cnncalc.layers.pointwise import AbstractPositionwise
from cnncalc.layers.protocols import Arrays, Number, Tensor, Tensors
from cnncalc.layers.reshape import ravel
from cnncalc.layers.setting_types import Boolean, Count, Real
from cnncalc.layers.step_builders import counted, letters, product, symbols, unchanged
from cnncalc.volume import Volume

if TYPE_CHECKING:
    from cnncalc.layers.protocols import Array


class AbstractGroupedNorm(AbstractAffine):
    """(x - mean)/√(variance + eps), in groups of n values each; then weight and bias.

    Operations: a group takes n - 1 additions and 1 division for its mean, which n subtractions
    take away; n multiplications, n - 1 additions and 1 division for the variance of what is left;
    1 addition, 1 function and 1 division for the inverse root. Then 1 multiplication a value,
    1 more with a weight, and 1 addition with a bias.
    """

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
        require_divisor("groups", groups, volume)
        return volume

    def parameters(self, output: Volume, *volumes: Volume) -> Shapes:
        return self.affine_shapes(*self.learned_shape(output.shape))

    def cost(self, output: Volume, *volumes: Volume) -> Cost:
        together, groups = self.grouping(output.channels)
        if not together:
            groups *= output.positions
        value = Cost(multiplications=2 + self.scales, additions=3 + self.shifts)
        group = Cost(additions=-1, divisions=3, functions=1)
        return value.times(output.size).plus(group.times(groups))

    def window(self, output: Volume, *volumes: Volume) -> Windows:
        return Everything if self.grouping(output.channels)[0] else None

    def forward(self, arrays: Arrays, *inputs: Array) -> Array:
        from cnncalc import kernels

        (x,) = inputs
        together, groups = self.grouping(x.shape[-1])
        weight, bias = self.affine_arrays(arrays, *self.learned_shape(x.shape[1:]))
        return kernels.normalize(
            x, together=together, groups=groups, eps=self.eps, weight=weight, bias=bias
        )

    def common(self, arrays: Tensors, *inputs: Tensor) -> Any:
        (x,) = inputs

        @cache
        def statistics(place: tuple[int, ...] | None, first: int, last: int) -> Any:
            part = slice(first, last)
            values = x[..., part] if place is None else x[(*place, part)]
            spread = values - values.sum() / len(values)
            return spread, 1 / ((spread * spread).sum() / len(values) + self.eps).root()

        return statistics

    def value(self, index: tuple[int, ...], arrays: Tensors, *inputs: Tensor) -> Number:
        (x,) = inputs
        together, groups = self.grouping(x.shape[-1])
        size = x.shape[-1] // groups
        *place, channel = index
        first = channel // size * size
        spread, inverse = arrays.shared(None if together else index[:-1], first, first + size)
        among = ravel((*place, channel), (*x.shape[:-1], size)) if together else channel
        result: Number = spread[among - first] * inverse
        learned = index[-len(self.learned_shape(x.shape)) :]
        if self.scales:
            result = result * arrays["weight"][learned]
        return result + arrays["bias"][learned] if self.shifts else result

    def steps(self, output: Volume, *volumes: Volume) -> list[Step]:
        together, groups = self.grouping(output.channels)
        *places, channels = letters(output, 2)
        numbers = symbols(output, *volumes) | {"groups": groups}
        name = channels if groups == output.channels else "groups"
        formula = product(*[name] * (groups > 1), *[] if together else places)
        formulas = {
            "multiplications": product(2 + self.scales, *places, channels),
            "additions": f"{product(3 + self.shifts, *places, channels)} - {formula}",
            "divisions": product(3, formula),
            "functions": formula,
        }
        shapes = self.parameters(output, *volumes)
        sizes = {
            name: product(*[*places, channels][-len(shape) :]) for name, shape in shapes.items()
        }
        return [
            *unchanged(output, *volumes),
            *counted(self, formulas | sizes, numbers, output, *volumes),
        ]


@final
class LayerNorm(AbstractGroupedNorm):
    """The channels of each position, or all values, normalized to mean 0 and variance 1.

    Learned: weight and bias `(C,)`, or of the volume's shape if over all, unless they are false.
    Operations: those of a grouped norm; a group is a position's channels, or everything.
    Source: Ba et al. 2016 (arXiv:1607.06450); over channels: Liu et al. 2022 (arXiv:2201.03545).
    """

    tag = "layer_norm"
    family = "norm"
    aliases = ("LayerNormalization",)

    over: Literal["channels", "all"] = "channels"

    def grouping(self, channels: int) -> tuple[bool, int]:
        return self.over == "all", 1

    def learned_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        return shape if self.over == "all" else shape[-1:]

    def describe(self, output: Volume, *volumes: Volume) -> str:
        return "Layer normalization" + (", over all" if self.over == "all" else "")


@final
class GroupNorm(AbstractGroupedNorm):
    """Each group of channels, over all positions, normalized to mean 0 and variance 1.

    Learned: weight `(C,)` and bias `(C,)`, unless they are false.
    Operations: those of a grouped norm, with `groups` groups.
    Source: Wu and He 2018 (arXiv:1803.08494).
    """

    tag = "group_norm"
    family = "norm"
    aliases = ("GroupNormalization",)

    groups: Count

    def grouping(self, channels: int) -> tuple[bool, int]:
        return True, self.groups

    def learned_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        return shape[-1:]

    def describe(self, output: Volume, *volumes: Volume) -> str:
        return f"Group normalization, {self.groups} groups"


@final
class InstanceNorm(AbstractGroupedNorm):
    """Each channel, over all positions, normalized to mean 0 and variance 1.

    Learned: weight `(C,)` and bias `(C,)`, if they are true.
    Operations: those of a grouped norm; each channel is a group.
    Source: Ulyanov et al. 2016 (arXiv:1607.08022).
    """

    tag = "instance_norm"
    family = "norm"
    aliases = ("InstanceNormalization",)

    learns = False

    def grouping(self, channels: int) -> tuple[bool, int]:
        return True, channels

    def learned_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        return shape[-1:]

    def describe(self, output: Volume, *volumes: Volume) -> str:
        return "Instance normalization"


@final
class RmsNorm(AbstractPositionwise):
    """x/√(mean of squares + eps) · weight: the channels of each position, without their mean.

    Learned: weight `(C,)`, unless it is false.
    Operations: over C channels, C multiplications, C - 1 additions and 1 division a position for
    the mean of the squares; 1 addition, 1 function and 1 division for the inverse root; then
    1 multiplication a value, and 1 more with a weight.
    Source: Zhang and Sennrich 2019 (arXiv:1910.07467), equation 4.
    """

    tag = "rms_norm"
    family = "norm"
    aliases = ("RMSNormalization", "SimplifiedLayerNormalization")

    weight: Boolean = True
    eps: Real = 1e-5

    def parameters(self, output: Volume, *volumes: Volume) -> Shapes:
        return {"weight": (output.channels,)} if self.weight else {}

    def cost(self, output: Volume, *volumes: Volume) -> Cost:
        value = Cost(multiplications=2 + self.weight, additions=1)
        return value.times(output.size).plus(Cost(divisions=2, functions=1).times(output.positions))

    def forward(self, arrays: Arrays, *inputs: Array) -> Array:
        from cnncalc import kernels

        (x,) = inputs
        weight = arrays("weight", x.shape[-1:], fan=NORM_FAN, centre=1) if self.weight else None
        return kernels.rms_normalize(x, self.eps, weight)

    def common(self, arrays: Tensors, *inputs: Tensor) -> Any:
        @cache
        def inverse(place: tuple[int, ...]) -> Number:
            x = inputs[0][place]
            return 1 / ((x * x).sum() / len(x) + self.eps).root()

        return inverse

    def value(self, index: tuple[int, ...], arrays: Tensors, *inputs: Tensor) -> Number:
        result: Number = inputs[0][index] * arrays.shared(index[:-1])
        return result * arrays["weight"][index[-1]] if self.weight else result

    def describe(self, output: Volume, *volumes: Volume) -> str:
        return "RMS normalization"

    def steps(self, output: Volume, *volumes: Volume) -> list[Step]:
        *places, channels = letters(output, 2)
        formulas = {
            "weight": channels,
            "multiplications": product(2 + self.weight, *places, channels),
            "additions": product(*places, channels),
            "divisions": product(2, *places),
            "functions": product(*places),
        }
        numbers = symbols(output, *volumes)
        return [
            *unchanged(output, *volumes),
            *counted(self, formulas, numbers, output, *volumes),
        ]
