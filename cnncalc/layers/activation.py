"""Piecewise linear activation functions, and their products."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

from cnncalc.layers.base import Cost, Shapes
from cnncalc.layers.pointwise import AbstractFunction, AbstractPointwise
from cnncalc.layers.protocols import Arrays, Number, Tensor, Tensors
from cnncalc.layers.setting_types import Boolean, Real
from cnncalc.volume import Volume

if TYPE_CHECKING:
    from cnncalc.layers.protocols import Array


@final
class Relu(AbstractFunction):
    """max(0, x): 1 comparison a value.

    Source: Nair and Hinton 2010, "Rectified Linear Units Improve Restricted Boltzmann Machines".
    """

    tag = "relu"
    family = "activation"
    aliases = ("Rectifier", "RectifiedLinear")

    def per_value(self) -> Cost:
        return Cost(comparisons=1)

    def on_number(self, x: Number) -> Number:
        return x.maximum(0)

    def describe(self, output: Volume, *volumes: Volume) -> str:
        return "ReLU"


@final
class Relu6(AbstractFunction):
    """min(max(0, x), 6): 2 comparisons a value.

    Source: Krizhevsky 2010, "Convolutional Deep Belief Networks on CIFAR-10"; Sandler et al. 2018
    (arXiv:1801.04381), section 4.
    """

    tag = "relu6"
    family = "activation"

    def per_value(self) -> Cost:
        return Cost(comparisons=2)

    def on_array(self, x: Array) -> Array:
        from cnncalc import kernels

        return kernels.clip(x, 0, 6)

    def on_number(self, x: Number) -> Number:
        return x.maximum(0).minimum(6)

    def describe(self, output: Volume, *volumes: Volume) -> str:
        return "ReLU6"


@final
class LeakyRelu(AbstractFunction):
    """x where x > 0, else slope·x: 1 comparison and 1 multiplication a value.

    Source: Maas et al. 2013, "Rectifier Nonlinearities Improve Neural Network Acoustic Models".
    """

    tag = "leaky_relu"
    family = "activation"
    aliases = ("lrelu", "leaky")

    slope: Real = 0.01

    def per_value(self) -> Cost:
        return Cost(multiplications=1, comparisons=1)

    def on_array(self, x: Array) -> Array:
        from cnncalc import kernels

        return kernels.leaky_relu(x, self.slope)

    def on_number(self, x: Number) -> Number:
        return x.if_positive(x, self.slope * x)

    def describe(self, output: Volume, *volumes: Volume) -> str:
        return f"Leaky ReLU, slope {self.slope:g}"


@final
class Prelu(AbstractPointwise):
    """x where x > 0, else weight·x, with a learned weight for each channel, or one for all.

    Learned: weight `(C,)`, or `(1,)` if shared.
    Operations: 1 comparison and 1 multiplication a value.
    Source: He et al. 2015 (arXiv:1502.01852).
    """

    tag = "prelu"
    family = "activation"
    aliases = ("ParametricRelu",)
    row = False
    in_place = True

    shared: Boolean = False

    def per_value(self) -> Cost:
        return Cost(multiplications=1, comparisons=1)

    def parameters(self, output: Volume, *volumes: Volume) -> Shapes:
        return {"weight": (1 if self.shared else output.channels,)}

    def forward(self, arrays: Arrays, *inputs: Array) -> Array:
        from cnncalc import kernels

        (x,) = inputs
        # Slopes of about 1/4, as the paper initializes them.
        weight = arrays("weight", (1 if self.shared else x.shape[-1],), fan=16)
        return kernels.leaky_relu(x, weight)

    def value(self, index: tuple[int, ...], arrays: Tensors, *inputs: Tensor) -> Number:
        x = inputs[0][index]
        return x.if_positive(x, arrays["weight"][0 if self.shared else index[-1]] * x)

    def describe(self, output: Volume, *volumes: Volume) -> str:
        return "PReLU, one slope" if self.shared else "PReLU"


@final
class Hardsigmoid(AbstractFunction):
    """min(max(0, x + 3), 6)/6: 1 addition, 2 comparisons and 1 division a value.

    Source: Howard et al. 2019 (arXiv:1905.02244), section 5.2.
    """

    tag = "hardsigmoid"
    family = "activation"
    aliases = ("HSigmoid",)

    def per_value(self) -> Cost:
        return Cost(additions=1, divisions=1, comparisons=2)

    def on_number(self, x: Number) -> Number:
        return (x + 3).maximum(0).minimum(6) / 6

    def describe(self, output: Volume, *volumes: Volume) -> str:
        return "Hard sigmoid"


@final
class Hardswish(AbstractFunction):
    """x · min(max(0, x + 3), 6)/6: the operations of hardsigmoid, and 1 multiplication a value.

    Source: Howard et al. 2019 (arXiv:1905.02244), section 5.2.
    """

    tag = "hardswish"
    family = "activation"
    aliases = ("HSwish",)

    def per_value(self) -> Cost:
        return Cost(multiplications=1, additions=1, divisions=1, comparisons=2)

    def on_number(self, x: Number) -> Number:
        return x * ((x + 3).maximum(0).minimum(6) / 6)

    def describe(self, output: Volume, *volumes: Volume) -> str:
        return "Hard swish"
