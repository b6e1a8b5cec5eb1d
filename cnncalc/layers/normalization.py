"""Batch norm, scale, L2 norm, and local response norm."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Self, final

from pydantic import model_validator

from cnncalc.layers.base import AbstractLayer, Cost, Shapes, Step
from cnncalc.layers.pointwise import AbstractPointwise, AbstractPositionwise
from cnncalc.layers.protocols import Arrays, Number, Tensor, Tensors
from cnncalc.layers.setting_types import Boolean, Count, Real
from cnncalc.layers.step_builders import counted, letters, product, symbols, unchanged
from cnncalc.volume import Volume

if TYPE_CHECKING:
    from cnncalc.layers.protocols import Array

NORM_FAN = 100  # variance 1/100 about 0 or 1: learned factors and variances stay positive
LEAST_LENGTH = 1e-12  # PyTorch 2.13, torch.nn.functional.normalize, eps


class AbstractAffine(AbstractLayer):
    """A layer that ends in a learned factor (`weight`) and a learned offset (`bias`).

    `affine` is the word for both. What is not given is as the class attribute `learns` says.
    """

    learns: ClassVar[bool] = True

    weight: Boolean | None = None
    bias: Boolean | None = None
    affine: Boolean | None = None

    @model_validator(mode="after")
    def _said_once(self) -> Self:
        if self.affine is not None and not self.weight is self.bias is None:
            raise ValueError("affine is the word for weight and bias: give it alone, or them")
        return self

    def _learns(self, setting: bool | None) -> bool:
        usual = self.learns if self.affine is None else self.affine
        return usual if setting is None else setting

    @property
    def scales(self) -> bool:
        """Return whether there is a learned factor."""
        return self._learns(self.weight)

    @property
    def shifts(self) -> bool:
        """Return whether there is a learned offset."""
        return self._learns(self.bias)

    def affine_shapes(self, *shape: int) -> Shapes:
        """Return the learned arrays, each of the same shape: name to shape."""
        names = ["weight"] * self.scales + ["bias"] * self.shifts
        return dict.fromkeys(names, shape)

    def affine_arrays(self, arrays: Arrays, *shape: int) -> tuple[Array | None, Array | None]:
        """Return the arrays of factors and offsets, None where there are none."""
        weight = arrays("weight", shape, fan=NORM_FAN, centre=1) if self.scales else None
        return weight, arrays("bias", shape, fan=NORM_FAN) if self.shifts else None


@final
class BatchNorm(AbstractAffine, AbstractPointwise):
    """(x - mean)/√(variance + eps) · weight + bias, each channel with its own running statistics.

    Learned: weight `(C,)` and bias `(C,)`, unless they are false.
    Buffers: mean `(C,)`, variance `(C,)`.
    Operations: 1 multiplication and 1 addition a value; folding the four into a factor and an
    offset is done once for a network, not for an input, and is not counted.
    Source: Ioffe and Szegedy 2015 (arXiv:1502.03167), Algorithm 2, step 11.
    """

    tag = "batch_norm"
    family = "norm"
    aliases = ("BatchNormalization", "FusedBatchNorm", "SyncBatchNorm", "bn")
    in_place = True

    eps: Real = 1e-5

    def per_value(self) -> Cost:
        return Cost(multiplications=1, additions=1)

    def parameters(self, output: Volume, *volumes: Volume) -> Shapes:
        return self.affine_shapes(output.channels)

    def buffers(self, output: Volume, *volumes: Volume) -> Shapes:
        return {"mean": (output.channels,), "variance": (output.channels,)}

    def forward(self, arrays: Arrays, *inputs: Array) -> Array:
        from cnncalc import kernels

        (x,) = inputs
        shape = x.shape[-1:]
        mean = arrays("mean", shape, fan=NORM_FAN)
        variance = arrays("variance", shape, fan=NORM_FAN, centre=1)
        weight, bias = self.affine_arrays(arrays, *shape)
        return kernels.batch_norm(
            x, mean=mean, variance=variance, weight=weight, bias=bias, eps=self.eps
        )

    def common(self, arrays: Tensors, *inputs: Tensor) -> Any:
        factor = 1 / (arrays["variance"][:] + self.eps).root()
        if self.scales:
            factor = arrays["weight"][:] * factor
        offset = arrays["mean"][:] * factor
        return factor, arrays["bias"][:] - offset if self.shifts else -offset

    def value(self, index: tuple[int, ...], arrays: Tensors, *inputs: Tensor) -> Number:
        factor, offset = arrays.shared
        result: Number = inputs[0][index] * factor[index[-1]] + offset[index[-1]]
        return result

    def describe(self, output: Volume, *volumes: Volume) -> str:
        return "Batch normalization"


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
