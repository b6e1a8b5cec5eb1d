"""Batch norm, and what norms share: a learned factor and offset."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Self, final

from pydantic import model_validator

from cnncalc.layers.base import AbstractLayer, Cost, Shapes
from cnncalc.layers.pointwise import AbstractPointwise
from cnncalc.layers.protocols import Arrays, Number, Tensor, Tensors
from cnncalc.layers.setting_types import Boolean, Real
from cnncalc.volume import Volume

if TYPE_CHECKING:
    from cnncalc.layers.protocols import Array

NORM_FAN = 100  # variance 1/100 about 0 or 1: learned factors and variances stay positive


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
