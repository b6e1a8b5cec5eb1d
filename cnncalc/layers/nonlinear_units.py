"""Units that are no plain weighted sum of their inputs: radial basis, maxout."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

from cnncalc.layers.base import (
    AbstractLayer,
    Cost,
    Everything,
    Shapes,
    Step,
    Windows,
    require_divisor,
)
from cnncalc.layers.protocols import Arrays, Number, Tensor, Tensors
from cnncalc.layers.setting_types import Count
from cnncalc.layers.step_builders import counted, letters, product, symbols, volume_step
from cnncalc.volume import Volume

if TYPE_CHECKING:
    from cnncalc.layers.protocols import Array


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

    tag = "rbf"
    family = "dense"
    aliases = ("RadialBasis",)

    units: Count

    def output(self, *volumes: Volume) -> Volume:
        return Volume((), self.units)

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

    def value(self, index: tuple[int, ...], arrays: Tensors, *inputs: Tensor) -> Number:
        (unit,) = index
        difference = inputs[0][()] - arrays["centres"][unit]
        return difference.dot(difference)

    def describe(self, output: Volume, *volumes: Volume) -> str:
        return f"{self.units} radial basis units"

    def steps(self, output: Volume, *volumes: Volume) -> list[Step]:
        numbers = symbols(output, *volumes) | {"units": self.units}
        terms = product(*letters(volumes[0], 1), "D2")
        formulas = {"multiplications": terms, "additions": f"2·{terms}"}
        return [
            volume_step("D2", "units", numbers),
            *counted(self, formulas, numbers, output, *volumes),
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

    tag = "maxout"
    family = "activation"

    pieces: Count

    def output(self, *volumes: Volume) -> Volume:
        (volume,) = volumes
        require_divisor("pieces", self.pieces, volume)
        return Volume(volume.extents, volume.channels // self.pieces)

    def cost(self, output: Volume, *volumes: Volume) -> Cost:
        return Cost(comparisons=output.size * (self.pieces - 1))

    def window(self, output: Volume, *volumes: Volume) -> Windows:
        return None if output.extents else Everything

    def forward(self, arrays: Arrays, *inputs: Array) -> Array:
        from cnncalc import kernels

        return kernels.maxout(inputs[0], self.pieces)

    def value(self, index: tuple[int, ...], arrays: Tensors, *inputs: Tensor) -> Number:
        *place, channel = index
        first = channel * self.pieces
        return inputs[0].at(place, slice(first, first + self.pieces)).largest()

    def describe(self, output: Volume, *volumes: Volume) -> str:
        return f"the largest of each {self.pieces} channels"

    def steps(self, output: Volume, *volumes: Volume) -> list[Step]:
        numbers = symbols(output, *volumes) | {"pieces": self.pieces}
        *places, d2 = letters(output, 2)
        formulas = {"comparisons": product(*places, d2, "(pieces - 1)")}
        return [
            *(volume_step(n, n.replace("2", "1"), numbers) for n in places),
            volume_step(d2, "D1/pieces", numbers),
            *counted(self, formulas, numbers, output, *volumes),
        ]
