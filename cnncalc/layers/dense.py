"""Layers of units without windows: fully connected, linear."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, final

from cnncalc.layers.base import Cost, Everything, Shapes, Step, Windows
from cnncalc.layers.protocols import Arrays, Number, Tensor, Tensors
from cnncalc.layers.setting_types import Boolean, Count
from cnncalc.layers.step_builders import counted, filled, letters, product, symbols, volume_step
from cnncalc.layers.weighted import AbstractWeighted
from cnncalc.volume import Volume

if TYPE_CHECKING:
    from cnncalc.layers.protocols import Array


class AbstractNeurons(AbstractWeighted):
    """A layer of `units` neurons."""

    if TYPE_CHECKING:
        units: int

    def neuron_steps(self, inputs: str, output: Volume, volume: Volume) -> list[Step]:
        """Return the steps, from the formula of how many values each neuron sees."""
        numbers, weight = symbols(output, volume) | {"units": self.units}, product(inputs, "D2")
        *places, d2 = letters(output, 2)
        return [
            *(volume_step(n, n.replace("2", "1"), numbers) for n in places),
            volume_step(d2, "units", numbers),
            Step(
                topic="inputs",
                symbol="inputs",
                formula=inputs,
                numbers=filled(inputs, numbers),
                value=math.prod(numbers[symbol] for symbol in inputs.split("·")),
                note="values that each neuron sees (in_features of nn.Linear)",
            ),
            *counted(self, self.sum_formulas(weight, output), numbers, output, volume),
        ]


@final
class Fc(AbstractNeurons):
    """Fully connected: each neuron sees every value of the input, which is flattened.

    Volume: a vector of `units`.
    Learned: weight `(units, H1·W1·D1)`, bias `(units,)`.
    MACs: H1·W1·D1·D2.
    Source: the lecture's FC layer; LeCun et al. 1998, F6.

    >>> Fc(units=4096).parameters(Volume((), 4096), Volume((6, 6), 256))["weight"]
    (4096, 9216)
    """

    tag = "fc"
    family = "dense"
    aliases = ("Dense", "FullyConnected", "InnerProduct", "Gemm", "connected", "affine")

    units: Count
    bias: Boolean = True

    def output(self, *volumes: Volume) -> Volume:
        return Volume((), self.units)

    def parameters(self, output: Volume, *volumes: Volume) -> Shapes:
        return {"weight": (self.units, volumes[0].size)} | self.biases(self.units)

    def cost(self, output: Volume, *volumes: Volume) -> Cost:
        return Cost(macs=volumes[0].size * self.units, additions=self.bias * self.units)

    def fan_in(self, output: Volume, *volumes: Volume) -> int:
        return volumes[0].size

    def window(self, output: Volume, *volumes: Volume) -> Windows:
        return Everything

    def forward(self, arrays: Arrays, *inputs: Array) -> Array:
        from cnncalc import kernels

        x = inputs[0].reshape(len(inputs[0]), -1)
        weight = arrays("weight", (self.units, x.shape[1]), fan=x.shape[1])
        return kernels.linear(x, weight, self.bias_array(arrays, self.units))

    def value(self, index: tuple[int, ...], arrays: Tensors, *inputs: Tensor) -> Number:
        (unit,) = index
        return self.plus_bias(inputs[0][()].dot(arrays["weight"][unit]), arrays, unit)

    def describe(self, output: Volume, *volumes: Volume) -> str:
        return f"{self.units} neurons"

    def steps(self, output: Volume, *volumes: Volume) -> list[Step]:
        return self.neuron_steps(product(*letters(volumes[0], 1)), output, *volumes)


@final
class Linear(AbstractNeurons):
    """Linear: the same neurons at every position, on the channels there.

    Volume: the input's extents, `units` deep.
    Learned: weight `(units, D1)`, bias `(units,)`.
    MACs: H2·W2·D1·D2, as a 1x1 convolution.
    Source: Lin et al. 2013 (arXiv:1312.4400), section 3.1.

    >>> str(Linear(units=4).output(Volume((7, 7), 3)))
    '7x7x4'
    """

    tag = "linear"
    family = "dense"

    units: Count
    bias: Boolean = True

    def output(self, *volumes: Volume) -> Volume:
        return Volume(volumes[0].extents, self.units)

    def parameters(self, output: Volume, *volumes: Volume) -> Shapes:
        return {"weight": (self.units, volumes[0].channels)} | self.biases(self.units)

    def cost(self, output: Volume, *volumes: Volume) -> Cost:
        return Cost(macs=output.size * volumes[0].channels, additions=self.bias * output.size)

    def fan_in(self, output: Volume, *volumes: Volume) -> int:
        return volumes[0].channels

    def window(self, output: Volume, *volumes: Volume) -> Windows:
        return None if output.extents else Everything

    def forward(self, arrays: Arrays, *inputs: Array) -> Array:
        from cnncalc import kernels

        (x,) = inputs
        shape = (self.units, x.shape[-1])
        weight = arrays("weight", shape, fan=x.shape[-1], filters_last=True)
        return kernels.linear(x, weight, self.bias_array(arrays, self.units))

    def value(self, index: tuple[int, ...], arrays: Tensors, *inputs: Tensor) -> Number:
        *place, unit = index
        total = inputs[0][tuple(place)].dot(arrays["weight"][unit])
        return self.plus_bias(total, arrays, unit)

    def describe(self, output: Volume, *volumes: Volume) -> str:
        return f"{self.units} neurons" + (" at each position" if output.extents else "")

    def steps(self, output: Volume, *volumes: Volume) -> list[Step]:
        return self.neuron_steps("D1", output, *volumes)
