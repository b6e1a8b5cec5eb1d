"""Layers with several inputs: arithmetic on values at the same place, and concat."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from functools import reduce
from typing import TYPE_CHECKING, final

from cnncalc.errors import VolumeError
from cnncalc.layers.base import AbstractLayer, Cost, Step, Windows
from cnncalc.layers.protocols import Arrays, Number, Tensor, Tensors
from cnncalc.layers.step_builders import counted, letters, product, symbols, unchanged
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
    """The channels of the inputs, one input after the other: D2 is their sum. No operations.

    Source: Szegedy et al. 2014 (arXiv:1409.4842), section 4.
    """

    tag = "concat"
    family = "merge"
    aliases = ("Cat", "Concatenate", "route")
    arity = (2, MOST_INPUTS)

    def output(self, *volumes: Volume) -> Volume:
        extents = volumes[0].extents
        if any(volume.extents != extents for volume in volumes):
            raise VolumeError(
                "the inputs of concat must have the same extents; only the channels may differ. "
                f"Received {' and '.join(map(str, volumes))}."
            )
        return Volume(extents, sum(volume.channels for volume in volumes))

    def cost(self, output: Volume, *volumes: Volume) -> Cost:
        return Cost()

    def window(self, output: Volume, *volumes: Volume) -> Windows:
        return None

    def forward(self, arrays: Arrays, *inputs: Array) -> Array:
        from cnncalc import kernels

        return kernels.concatenate(inputs)

    def value(self, index: tuple[int, ...], arrays: Tensors, *inputs: Tensor) -> Number:
        *place, channel = index
        for x in inputs:
            if channel < x.shape[-1]:
                break
            channel -= x.shape[-1]
        return x[(*place, channel)]

    def describe(self, output: Volume, *volumes: Volume) -> str:
        return f"{' + '.join(str(volume.channels) for volume in volumes)} channels"

    def steps(self, output: Volume, *volumes: Volume) -> list[Step]:
        *extents, _ = unchanged(output, output)
        formula = " + ".join(f"D1.{i + 1}" for i in range(len(volumes)))
        numbers = " + ".join(str(volume.channels) for volume in volumes)
        depth = Step(
            topic="volume", symbol="D2", formula=formula, numbers=numbers, value=output.channels
        )
        return [*extents, depth]
