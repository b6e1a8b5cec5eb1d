"""Softmax: every channel of a position together."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, final

from cnncalc.layers.base import Cost, Step
from cnncalc.layers.pointwise import AbstractPositionwise
from cnncalc.layers.protocols import Arrays, Number, Tensor, Tensors
from cnncalc.layers.step_builders import counted, letters, product, symbols, unchanged
from cnncalc.volume import Volume

if TYPE_CHECKING:
    from cnncalc.layers.protocols import Array


@final
class Softmax(AbstractPositionwise):
    """e^(x - m) over its sum along the channels of a position, m the largest of them.

    Operations: over C channels, C - 1 comparisons, C subtractions, C functions, C - 1
    additions and C divisions a position.
    Source: Bridle 1990, "Probabilistic Interpretation of Feedforward Classification Network
    Outputs"; m keeps the exponentials finite.
    """

    tag = "softmax"
    family = "activation"
    row = False
    in_place = True

    def cost(self, output: Volume, *volumes: Volume) -> Cost:
        c = output.channels
        vector = Cost(additions=2 * c - 1, divisions=c, comparisons=c - 1, functions=c)
        return vector.times(output.positions)

    def forward(self, arrays: Arrays, *inputs: Array) -> Array:
        from cnncalc import kernels

        return kernels.softmax(inputs[0])

    def common(self, arrays: Tensors, *inputs: Tensor) -> Any:
        @cache
        def vector(place: tuple[int, ...]) -> tuple[Number, Number]:
            x = inputs[0][place]
            powers = (x - x.largest()).exp()
            return powers, powers.sum()

        return vector

    def value(self, index: tuple[int, ...], arrays: Tensors, *inputs: Tensor) -> Number:
        *place, channel = index
        powers, total = arrays.shared(tuple(place))
        share: Number = powers[channel] / total
        return share

    def describe(self, output: Volume, *volumes: Volume) -> str:
        return "Softmax"

    def steps(self, output: Volume, *volumes: Volume) -> list[Step]:
        numbers = symbols(output, *volumes)
        *places, channels = letters(output, 2)
        each = product(*places, channels)
        formulas = {
            "additions": product(*places, f"(2·{channels} - 1)"),
            "divisions": each,
            "comparisons": product(*places, f"({channels} - 1)"),
            "functions": each,
        }
        return [*unchanged(output, *volumes), *counted(self, formulas, numbers, output, *volumes)]
