"""Learned values that enter the data: class tokens, tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

from cnncalc.layers.base import AbstractLayer, Cost, Nothing, Shapes, Step, Windows
from cnncalc.layers.protocols import Arrays, Number, Tensor, Tensors
from cnncalc.layers.setting_types import Boolean, Shape
from cnncalc.layers.step_builders import letters, product, symbols, volume_step
from cnncalc.volume import Volume

if TYPE_CHECKING:
    from cnncalc.layers.protocols import Array


@final
class Learned(AbstractLayer):
    """Learned values of a shape, the same for every sample. Of its input it takes nothing.

    Learned: values, of the volume `shape`; a buffer if `fixed`, as a table of positions is.
    Operations: none.
    Source: Dosovitskiy et al. 2020 (arXiv:2010.11929), equation 1: the class token.
    """

    tag = "learned"
    family = "rearrange"
    aliases = ("Parameter", "ClassToken")

    shape: Shape
    fixed: Boolean = False

    def output(self, *volumes: Volume) -> Volume:
        return Volume(self.shape[:-1], self.shape[-1])

    def parameters(self, output: Volume, *volumes: Volume) -> Shapes:
        return {} if self.fixed else {"values": output.shape}

    def buffers(self, output: Volume, *volumes: Volume) -> Shapes:
        return {"values": output.shape} if self.fixed else {}

    def cost(self, output: Volume, *volumes: Volume) -> Cost:
        return Cost()

    def window(self, output: Volume, *volumes: Volume) -> Windows:
        return Nothing

    def forward(self, arrays: Arrays, *inputs: Array) -> Array:
        from cnncalc import kernels

        return kernels.repeat(arrays("values", self.shape), len(inputs[0]))

    def value(self, index: tuple[int, ...], arrays: Tensors, *inputs: Tensor) -> Number:
        return arrays["values"][index]

    def describe(self, output: Volume, *volumes: Volume) -> str:
        return f"{output} {'fixed' if self.fixed else 'learned'} values"

    def steps(self, output: Volume, *volumes: Volume) -> list[Step]:
        numbers = symbols(output)
        steps = [volume_step(symbol, str(n), {symbol: n}) for symbol, n in numbers.items()]
        if self.fixed:
            return steps
        formula = product(*letters(output, 2))
        numbered = product(*output.shape)
        return [
            *steps,
            Step(topic="other", symbol="", formula=formula, numbers=numbered, value=output.size),
        ]
