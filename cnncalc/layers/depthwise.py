"""Convolutions with filters one channel deep: depthwise and separable."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, final

from cnncalc.layers.base import Cost, Shapes, Step, axes
from cnncalc.layers.protocols import Arrays, Number, Tensor, Tensors
from cnncalc.layers.setting_types import Boolean, Count, Padding, PerAxis, Rounding
from cnncalc.layers.weighted import AbstractFixable, AbstractWeighted
from cnncalc.layers.window_definition import zero
from cnncalc.layers.windowed import AbstractWindowed, taps_formula, window_phrase
from cnncalc.volume import Volume

if TYPE_CHECKING:
    from cnncalc.layers.protocols import Array


class AbstractDepthwise(AbstractWindowed, AbstractWeighted):
    """A layer with `multiplier` filters, one channel deep, for each channel of its input."""

    if TYPE_CHECKING:
        multiplier: int

    def depthwise_shape(self, dimensions: int, channels: int) -> tuple[int, ...]:
        """Return the shape of the depthwise weights: `(D1·multiplier, *K, 1)`."""
        return (channels * self.multiplier, *axes(self.kernel, dimensions, "kernel"), 1)

    def filtered(self, x: Tensor, weight: Tensor, place: Sequence[int], channel: int) -> Number:
        """Return one value of a depthwise convolution without bias, by the definition."""
        total = zero(x)
        for tap, position in self.taps(x, place):
            total = total + x.at(position, channel // self.multiplier) * weight[(channel, *tap, 0)]
        return total


@final
class DepthwiseConv(AbstractDepthwise, AbstractFixable):
    """Depthwise convolution: each input channel has `multiplier` filters, one channel deep.

    It is a convolution with as many groups as input channels: output channel c reads input
    channel c // multiplier.
    Volume: O = (W - K + 2P)/S + 1 along each axis; D2 = D1·multiplier.
    Learned: weight `(D2, *K, 1)`, bias `(D2,)`; buffers if `fixed`, as in a blur before a stride.
    MACs: H2·W2·K²·D2.
    Source: Howard et al. 2017 (arXiv:1704.04861), section 3.1.

    >>> str(DepthwiseConv(kernel=3, padding=1).output(Volume((112, 112), 32)))
    '112x112x32'
    """

    tag = "depthwise_conv"
    family = "convolution"
    aliases = ("Depthwise", "DwConv")

    kernel: PerAxis
    multiplier: Count = 1
    stride: PerAxis = 1
    padding: Padding = 0
    dilation: PerAxis = 1
    bias: Boolean = True
    rounding: Rounding = "floor"
    fixed: Boolean = False

    def output(self, *volumes: Volume) -> Volume:
        return self.slide(volumes[0], volumes[0].channels * self.multiplier)

    def array_shapes(self, output: Volume, *volumes: Volume) -> Shapes:
        weight = self.depthwise_shape(len(output.extents), volumes[0].channels)
        return {"weight": weight} | self.biases(output.channels)

    def cost(self, output: Volume, *volumes: Volume) -> Cost:
        macs = output.size * self.fan_in(output, *volumes)
        return Cost(macs=macs, additions=self.bias * output.size)

    def fan_in(self, output: Volume, *volumes: Volume) -> int:
        return math.prod(axes(self.kernel, len(output.extents), "kernel"))

    def forward(self, arrays: Arrays, *inputs: Array) -> Array:
        from cnncalc import kernels

        (x,) = inputs
        shape = self.depthwise_shape(x.ndim - 2, x.shape[-1])
        weight = arrays("weight", shape, fan=math.prod(shape[1:]), filters_last=True)
        bias = self.bias_array(arrays, shape[0])
        return kernels.convolve_depthwise(x, weight, bias, self.kernel_windows(x), ceil=self.ceil)

    def value(self, index: tuple[int, ...], arrays: Tensors, *inputs: Tensor) -> Number:
        *place, d2 = index
        total = self.filtered(inputs[0], arrays["weight"], place, d2)
        return self.plus_bias(total, arrays, d2)

    def describe(self, output: Volume, *volumes: Volume) -> str:
        phrase = window_phrase("depthwise filters", self.windows(*volumes))
        return f"{output.channels} {phrase}" + ", fixed" * self.fixed

    def steps(self, output: Volume, *volumes: Volume) -> list[Step]:
        taps, _ = taps_formula(self.windows(*volumes))
        formulas = self.sum_formulas(f"{taps}·D2", output)
        numbers = {"multiplier": self.multiplier}
        return self.window_steps("D1·multiplier", formulas, numbers, output, *volumes)


@final
class SeparableConv(AbstractDepthwise):
    """Separable convolution: depthwise without bias, then a 1x1 convolution with bias.

    Volume: O = (W - K + 2P)/S + 1 along each axis, D2 = filters.
    Learned: weight_depthwise `(D1·multiplier, *K, 1)`, weight_pointwise
    `(D2, D1·multiplier)`, bias `(D2,)`.
    MACs: H2·W2·(K²·D1·multiplier + D1·multiplier·D2).
    Between: H2 x W2 x D1·multiplier, which are activations as those that leave it.
    Source: Chollet 2016 (arXiv:1610.02357), section 1.2.

    >>> layer = SeparableConv(filters=3, kernel=3)
    >>> layer.parameters(Volume((3, 3), 3), Volume((5, 5), 2))["weight_pointwise"]
    (3, 2)
    """

    tag = "separable_conv"
    family = "convolution"
    aliases = ("DepthwiseSeparableConv", "SeparableConvolution")

    filters: Count
    kernel: PerAxis
    multiplier: Count = 1
    stride: PerAxis = 1
    padding: Padding = 0
    dilation: PerAxis = 1
    bias: Boolean = True
    rounding: Rounding = "floor"

    def output(self, *volumes: Volume) -> Volume:
        return self.slide(volumes[0], self.filters)

    def parameters(self, output: Volume, *volumes: Volume) -> Shapes:
        depthwise = self.depthwise_shape(len(output.extents), volumes[0].channels)
        shapes = {
            "weight_depthwise": depthwise,
            "weight_pointwise": (self.filters, depthwise[0]),
        }
        return shapes | self.biases(self.filters)

    def cost(self, output: Volume, *volumes: Volume) -> Cost:
        between, *kernel, _ = self.depthwise_shape(len(output.extents), volumes[0].channels)
        macs = output.positions * between * (math.prod(kernel) + self.filters)
        return Cost(macs=macs, additions=self.bias * output.size)

    def between(self, output: Volume, *volumes: Volume) -> tuple[Volume, ...]:
        return (Volume(output.extents, volumes[0].channels * self.multiplier),)

    def forward(self, arrays: Arrays, *inputs: Array) -> Array:
        from cnncalc import kernels

        (x,) = inputs
        shape = self.depthwise_shape(x.ndim - 2, x.shape[-1])
        depthwise = arrays("weight_depthwise", shape, fan=math.prod(shape[1:]))
        pointwise = arrays("weight_pointwise", (self.filters, shape[0]), fan=shape[0])
        bias = self.bias_array(arrays, self.filters)
        windows = self.kernel_windows(x)
        y = kernels.convolve_depthwise(x, depthwise, None, windows, ceil=self.ceil)
        kernels.record_between(y)
        return kernels.linear(y, pointwise, bias)

    def common(self, arrays: Tensors, *inputs: Tensor) -> Any:
        """Return the depthwise result as a function of position and channel, cached."""
        weight = arrays["weight_depthwise"]
        return cache(lambda place, channel: self.filtered(inputs[0], weight, place, channel))

    def value(self, index: tuple[int, ...], arrays: Tensors, *inputs: Tensor) -> Number:
        (x,), (*place, d2), weight = inputs, index, arrays["weight_pointwise"]
        depthwise: Callable[[tuple[int, ...], int], Number] = arrays.shared
        total = zero(x)
        for channel in range(x.shape[-1] * self.multiplier):
            total = total + depthwise(tuple(place), channel) * weight[d2, channel]
        return self.plus_bias(total, arrays, d2)

    def describe(self, output: Volume, *volumes: Volume) -> str:
        phrase = window_phrase("separable filters", self.windows(*volumes))
        return f"{self.filters} {phrase}"

    def steps(self, output: Volume, *volumes: Volume) -> list[Step]:
        taps, _ = taps_formula(self.windows(*volumes))
        between = "D1" if self.multiplier == 1 else "D1·M"
        depthwise, pointwise = f"{taps}·{between}", f"{between}·D2"
        formulas = self.sum_formulas(f"({depthwise} + {pointwise})", output)
        formulas |= {"weight_depthwise": depthwise, "weight_pointwise": pointwise}
        numbers = {"M": self.multiplier, "filters": self.filters}
        return self.window_steps("filters", formulas, numbers, output, *volumes)
