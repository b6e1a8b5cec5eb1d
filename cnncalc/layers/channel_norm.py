"""Norms of each position over its channels: L2 norm, local response norm."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, final

from cnncalc.layers.base import Cost, Step
from cnncalc.layers.pointwise import AbstractPointwise, AbstractPositionwise
from cnncalc.layers.protocols import Arrays, Number, Tensor, Tensors
from cnncalc.layers.setting_types import Count, Real
from cnncalc.layers.step_builders import counted, letters, product, symbols, unchanged
from cnncalc.volume import Volume

if TYPE_CHECKING:
    from cnncalc.layers.protocols import Array

LEAST_LENGTH = 1e-12  # PyTorch 2.13, torch.nn.functional.normalize, eps


@final
class L2Norm(AbstractPositionwise):
    """x/max(√(sum of squares), 10^-12): the channels of each position scaled to length 1.

    Operations: over C channels, C multiplications, C - 1 additions, 1 function, 1 comparison
    and C divisions a position.
    Source: Liu et al. 2015 (arXiv:1506.04579), section 3.3; the bound keeps zeros as they are.
    """

    tag = "l2_norm"
    family = "norm"
    aliases = ("L2Normalize", "L2Normalization", "LpNormalization", "UnitNormalization")

    def cost(self, output: Volume, *volumes: Volume) -> Cost:
        c = output.channels
        vector = Cost(multiplications=c, additions=c - 1, divisions=c, comparisons=1, functions=1)
        return vector.times(output.positions)

    def forward(self, arrays: Arrays, *inputs: Array) -> Array:
        from cnncalc import kernels

        return kernels.l2_normalize(inputs[0], LEAST_LENGTH)

    def common(self, arrays: Tensors, *inputs: Tensor) -> Any:
        @cache
        def length(place: tuple[int, ...]) -> Number:
            x = inputs[0][place]
            return (x * x).sum().root().maximum(LEAST_LENGTH)

        return length

    def value(self, index: tuple[int, ...], arrays: Tensors, *inputs: Tensor) -> Number:
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
        return [
            *unchanged(output, *volumes),
            *counted(self, formulas, symbols(output, *volumes), output, *volumes),
        ]


@final
class Lrn(AbstractPointwise):
    """x/(k + alpha · (sum of squares of `size` neighbouring channels))^beta.

    The neighbours begin size // 2 channels before; those that do not exist are zeros, and
    count. Alpha multiplies the sum as in the paper; PyTorch and ONNX divide it by `size`.
    Operations: size multiplications for the squares, size - 1 additions, 1 multiplication, 1
    addition, 1 function (the power) and 1 division a value.
    Source: Krizhevsky et al. 2012, section 3.3.
    """

    tag = "lrn"
    family = "norm"
    aliases = ("LocalResponseNorm", "LocalResponseNormalization")

    size: Count = 5
    alpha: Real = 1e-4
    beta: Real = 0.75
    k: Real = 2.0

    def per_value(self) -> Cost:
        return Cost(multiplications=self.size + 1, additions=self.size, divisions=1, functions=1)

    def forward(self, arrays: Arrays, *inputs: Array) -> Array:
        from cnncalc import kernels

        return kernels.lrn(inputs[0], size=self.size, alpha=self.alpha, beta=self.beta, k=self.k)

    def value(self, index: tuple[int, ...], arrays: Tensors, *inputs: Tensor) -> Number:
        (x,) = inputs
        *place, channel = index
        first = channel - self.size // 2
        near = x.at(place, slice(first, first + self.size))
        return x[index] / (self.k + self.alpha * (near * near).sum()).power(self.beta)

    def describe(self, output: Volume, *volumes: Volume) -> str:
        return "Normalization layer"
