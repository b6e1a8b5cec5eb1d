"""Layers with several inputs: arithmetic on values at the same place, and concat."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from functools import reduce
from typing import TYPE_CHECKING, final

from cnncalc.errors import VolumeError
from cnncalc.layers.base import AbstractLayer, Cost, Step, Windows, volume_of
from cnncalc.layers.protocols import Arrays, Number, Tensor, Tensors
from cnncalc.layers.setting_types import AxisName
from cnncalc.layers.step_builders import counted, letters, product, symbols, unchanged
from cnncalc.layers.volume_axes import CHANNELS, axis_number
from cnncalc.volume import Volume

if TYPE_CHECKING:
    from cnncalc.layers.protocols import Array

MOST_INPUTS = 10_000


class AbstractMerge(AbstractLayer):
    """Elementwise combination of the inputs, broadcast along axes where an extent is 1.

    Operations: with n inputs, n - 1 a value.
    """

    arity = (2, MOST_INPUTS)

    @abstractmethod
    def per_value(self, inputs: int) -> Cost:
        """Return the operations for one value of the output."""

    @abstractmethod
    def combine(self, one: Number, other: Number) -> Number:
        """Return the combination of two values."""

    def forward(self, arrays: Arrays, *inputs: Array) -> Array:
        """Return the inputs combined by the kernel of the tag's name."""
        from cnncalc import kernels

        kernel: Callable[[Sequence[Array]], Array] = getattr(kernels, self.tag)
        return kernel(inputs)

    def output(self, *volumes: Volume) -> Volume:
        shape = volumes[0].shape
        for volume in volumes[1:]:
            pairs = list(zip(shape, volume.shape, strict=False))
            if len(shape) != len(volume.shape) or any(a != b and 1 not in (a, b) for a, b in pairs):
                raise VolumeError(
                    f"the inputs of {self.tag} must have the same volume, or 1 where it spreads. "
                    f"Received {' and '.join(map(str, volumes))}."
                )
            shape = tuple(max(pair) for pair in pairs)
        return Volume(shape[:-1], shape[-1])

    def cost(self, output: Volume, *volumes: Volume) -> Cost:
        return self.per_value(len(volumes)).times(output.size)

    def window(self, output: Volume, *volumes: Volume) -> Windows:
        return None

    def value(self, index: tuple[int, ...], arrays: Tensors, *inputs: Tensor) -> Number:
        values = [
            x[tuple(i if w > 1 else 0 for i, w in zip(index, x.shape, strict=True))] for x in inputs
        ]
        return reduce(self.combine, values)

    def steps(self, output: Volume, *volumes: Volume) -> list[Step]:
        same = unchanged(output, output)
        numbers = symbols(output, *volumes) | {"inputs": len(volumes)}
        formula = product("(inputs - 1)", *letters(output, 2))
        each = dict.fromkeys(Cost._fields, formula) | {"divisions": product(*letters(output, 2))}
        return [*same, *counted(self, each, numbers, output, *volumes)]


@final
class Add(AbstractMerge):
    """The sum of the inputs: with n of them, n - 1 additions a value.

    Source: He et al. 2015 (arXiv:1512.03385), section 3.2.
    """

    tag = "add"
    family = "merge"
    aliases = ("Sum", "Eltwise", "shortcut")

    def per_value(self, inputs: int) -> Cost:
        return Cost(additions=inputs - 1)

    def combine(self, one: Number, other: Number) -> Number:
        return one + other

    def describe(self, output: Volume, *volumes: Volume) -> str:
        return f"Sum of {len(volumes)}"


@final
class Multiply(AbstractMerge):
    """The product of the inputs: with n of them, n - 1 multiplications a value.

    Source: Hu et al. 2017 (arXiv:1709.01507), section 3, which scales channels so.
    """

    tag = "multiply"
    family = "merge"
    aliases = ("Mul", "ScaleChannels")

    def per_value(self, inputs: int) -> Cost:
        return Cost(multiplications=inputs - 1)

    def combine(self, one: Number, other: Number) -> Number:
        return one * other

    def describe(self, output: Volume, *volumes: Volume) -> str:
        return f"Product of {len(volumes)}"


@final
class Subtract(AbstractMerge):
    """The first input minus the second: 1 addition a value.

    Source: Bromley et al. 1993, "Signature Verification using a Siamese Time Delay Neural
    Network", which compares the outputs of two arms.
    """

    tag = "subtract"
    family = "merge"
    aliases = ("Sub",)
    arity = (2, 2)

    def per_value(self, inputs: int) -> Cost:
        return Cost(additions=1)

    def combine(self, one: Number, other: Number) -> Number:
        return one - other

    def describe(self, output: Volume, *volumes: Volume) -> str:
        return "Difference of 2"


@final
class Divide(AbstractMerge):
    """The first input over the second: 1 division a value.

    Source: ONNX operator Div, which networks use to normalize by a computed length.
    """

    tag = "divide"
    family = "merge"
    aliases = ("Div",)
    arity = (2, 2)

    def per_value(self, inputs: int) -> Cost:
        return Cost(divisions=1)

    def combine(self, one: Number, other: Number) -> Number:
        return one / other

    def describe(self, output: Volume, *volumes: Volume) -> str:
        return "Quotient of 2"


@final
class Maximum(AbstractMerge):
    """The largest of the inputs: with n of them, n - 1 comparisons a value.

    Source: Goodfellow et al. 2013 (arXiv:1302.4389), section 2: maxout over feature maps.
    """

    tag = "maximum"
    family = "merge"
    aliases = ("Max",)

    def per_value(self, inputs: int) -> Cost:
        return Cost(comparisons=inputs - 1)

    def combine(self, one: Number, other: Number) -> Number:
        return one.maximum(other)

    def describe(self, output: Volume, *volumes: Volume) -> str:
        return f"Maximum of {len(volumes)}"


@final
class Minimum(AbstractMerge):
    """The smallest of the inputs: with n of them, n - 1 comparisons a value.

    Source: ONNX operator Min.
    """

    tag = "minimum"
    family = "merge"
    aliases = ("Min",)

    def per_value(self, inputs: int) -> Cost:
        return Cost(comparisons=inputs - 1)

    def combine(self, one: Number, other: Number) -> Number:
        return one.minimum(other)

    def describe(self, output: Volume, *volumes: Volume) -> str:
        return f"Minimum of {len(volumes)}"


@final
class Average(AbstractMerge):
    """The mean of the inputs: with n of them, n - 1 additions and 1 division a value.

    Source: Keras 3, Average.
    """

    tag = "average"
    family = "merge"
    aliases = ("Mean",)

    def per_value(self, inputs: int) -> Cost:
        return Cost(additions=inputs - 1, divisions=1)

    def combine(self, one: Number, other: Number) -> Number:
        return one + other

    def value(self, index: tuple[int, ...], arrays: Tensors, *inputs: Tensor) -> Number:
        return super().value(index, arrays, *inputs) / len(inputs)

    def describe(self, output: Volume, *volumes: Volume) -> str:
        return f"Mean of {len(volumes)}"


@final
class Concat(AbstractLayer):
    """The inputs one after the other along an axis, by default the channels. No operations.

    Volume: along the axis the sum of the inputs' lengths; D2 is the sum of D1 along the channels.
    Source: Szegedy et al. 2014 (arXiv:1409.4842), section 4.
    """

    tag = "concat"
    family = "merge"
    aliases = ("Cat", "Concatenate", "route")
    arity = (2, MOST_INPUTS)

    axis: AxisName = "channels"

    def output(self, *volumes: Volume) -> Volume:
        axis = axis_number(self.axis, volumes[0])
        same = _without(volumes[0].shape, axis)
        if any(_without(volume.shape, axis) != same for volume in volumes):
            others = "channels may" if self.axis == CHANNELS else f"{self.axis} may"
            which = "extents" if self.axis == CHANNELS else "other extents and channels"
            raise VolumeError(
                f"the inputs of concat must have the same {which}; only the {others} differ. "
                f"Received {' and '.join(map(str, volumes))}."
            )
        shape = list(volumes[0].shape)
        shape[axis] = sum(volume.shape[axis] for volume in volumes)
        return Volume(tuple(shape[:-1]), shape[-1])

    def cost(self, output: Volume, *volumes: Volume) -> Cost:
        return Cost()

    def window(self, output: Volume, *volumes: Volume) -> Windows:
        return None

    def forward(self, arrays: Arrays, *inputs: Array) -> Array:
        from cnncalc import kernels

        return kernels.concatenate(inputs, 1 + axis_number(self.axis, volume_of(inputs[0])))

    def value(self, index: tuple[int, ...], arrays: Tensors, *inputs: Tensor) -> Number:
        shape = inputs[0].shape
        axis, place = axis_number(self.axis, Volume(shape[:-1], shape[-1])), list(index)
        for x in inputs:
            if place[axis] < x.shape[axis]:
                break
            place[axis] -= x.shape[axis]
        return x[tuple(place)]

    def describe(self, output: Volume, *volumes: Volume) -> str:
        axis = axis_number(self.axis, output)
        text = " + ".join(str(volume.shape[axis]) for volume in volumes)
        return f"{text} channels" if self.axis == CHANNELS else f"{text} along the {self.axis}"

    def steps(self, output: Volume, *volumes: Volume) -> list[Step]:
        axis, steps = axis_number(self.axis, output), unchanged(output, output)
        letter = letters(output, 1)[axis]
        lengths = [volume.shape[axis] for volume in volumes]
        steps[axis] = Step(
            topic="volume",
            symbol=letters(output, 2)[axis],
            formula=" + ".join(f"{letter}.{i + 1}" for i in range(len(volumes))),
            numbers=" + ".join(map(str, lengths)),
            value=sum(lengths),
        )
        return steps


def _without(shape: tuple[int, ...], axis: int) -> tuple[int, ...]:
    return (*shape[:axis], *shape[axis + 1 :], len(shape))
