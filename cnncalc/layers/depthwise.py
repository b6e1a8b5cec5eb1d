"""Convolutions with filters one channel deep: depthwise, and separable with its pointwise half."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any, final

from pydantic import Field as Setting

from cnncalc.layers import windowed as sliding
from cnncalc.layers.base import AbstractLayer, Cost, Shapes, Step, Window, Windows
from cnncalc.layers.protocols import Arrays, Field, Fields, Number
from cnncalc.layers.setting_types import Count, Padding, PerAxis, Rounding
from cnncalc.layers.step_builders import learned, letters, operations, product, symbols, worked
from cnncalc.layers.window_definition import taps
from cnncalc.volume import Volume

if TYPE_CHECKING:
    from cnncalc.layers.protocols import Array


@final
class DepthwiseConv(AbstractLayer):
    """Depthwise convolution: `multiplier` filters of its own, one channel deep, a channel.

    It is a convolution with as many groups as channels: output channel c reads input
    channel c // multiplier.
    Volume: O = (W - K + 2P)/S + 1 along each axis; D2 = D1·multiplier.
    Learned: weight `(D2, *K, 1)`, bias `(D2,)`.
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
    bias: bool = Setting(True, strict=True)
    rounding: Rounding = "floor"

    def output(self, *volumes: Volume) -> Volume:
        (volume,) = volumes
        filters = volume.channels * self.multiplier
        return sliding.slide(volume, self._windows(volume), filters, self.rounding)

    def _windows(self, volume: Volume) -> tuple[Window, ...]:
        return sliding.resolve(volume, self.kernel, self.stride, self.padding, self.dilation)

    def parameters(self, output: Volume, *volumes: Volume) -> Shapes:
        kernel = [window.kernel for window in self._windows(*volumes)]
        shapes: Shapes = {"weight": (output.channels, *kernel, 1)}
        return shapes | ({"bias": (output.channels,)} if self.bias else {})

    def buffers(self, output: Volume, *volumes: Volume) -> Shapes:
        return {}

    def cost(self, output: Volume, *volumes: Volume) -> Cost:
        taps = math.prod(window.kernel for window in self._windows(*volumes))
        return Cost(macs=output.size * taps, additions=self.bias * output.size)

    def window(self, output: Volume, *volumes: Volume) -> Windows:
        return self._windows(*volumes)

    def forward(self, arrays: Arrays, *inputs: Array) -> Array:
        from cnncalc import kernels

        (x,) = inputs
        windows = self._windows(Volume(x.shape[1:-1], x.shape[-1]))
        kernel, filters = [window.kernel for window in windows], x.shape[-1] * self.multiplier
        shape = (filters, *kernel, 1)
        weight = arrays("weight", shape, fan=math.prod(kernel), filters_last=True)
        bias = arrays("bias", (filters,), fan=100) if self.bias else None
        return kernels.convolve_depthwise(
            x, weight, bias, sliding.as_tuples(windows), ceil=self.rounding == "ceil"
        )

    def value(self, index: tuple[int, ...], arrays: Fields, *inputs: Field) -> Number:
        (x,), (*place, d2) = inputs, index
        total = _filtered(self, x, arrays["weight"], place, d2)
        return total + arrays["bias"][d2] if self.bias else total

    def describe(self, output: Volume, *volumes: Volume) -> str:
        windows = self._windows(*volumes)
        size = sliding.sized("depthwise filters", windows)
        return f"{output.channels} {size}{sliding.at_stride(windows)}"

    def steps(self, output: Volume, *volumes: Volume) -> list[Step]:
        windows = self._windows(*volumes)
        weight, numbers = sliding.taps_formula(windows)
        numbers |= symbols(output, *volumes) | {"multiplier": self.multiplier}
        *place, d2 = letters(output, 2)
        weight = f"{weight}·{d2}"
        formulas = {"macs": product(*place, weight), "additions": product(*place, d2)}
        return [
            *sliding.volume_steps(volumes[0], output, windows, self.rounding),
            worked("volume", d2, "D1·multiplier", numbers, output.channels),
            *learned(self.parameters(output, *volumes), {"weight": weight, "bias": d2}, numbers),
            *operations(self.cost(output, *volumes), formulas, numbers),
        ]


@final
class SeparableConv(AbstractLayer):
    """Separable convolution: depthwise without bias, then a 1x1 convolution with bias.

    Volume: O = (W - K + 2P)/S + 1 along each axis, D2 = filters.
    Learned: weight_depthwise `(D1·multiplier, *K, 1)`, weight_pointwise
    `(D2, D1·multiplier)`, bias `(D2,)`.
    MACs: H2·W2·(K²·D1·multiplier + D1·multiplier·D2).
    Source: Chollet 2016 (arXiv:1610.02357), section 2.

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
    bias: bool = Setting(True, strict=True)
    rounding: Rounding = "floor"

    def output(self, *volumes: Volume) -> Volume:
        (volume,) = volumes
        return sliding.slide(volume, self._windows(volume), self.filters, self.rounding)

    def _windows(self, volume: Volume) -> tuple[Window, ...]:
        return sliding.resolve(volume, self.kernel, self.stride, self.padding, self.dilation)

    def parameters(self, output: Volume, *volumes: Volume) -> Shapes:
        kernel = [window.kernel for window in self._windows(*volumes)]
        between = volumes[0].channels * self.multiplier
        shapes: Shapes = {
            "weight_depthwise": (between, *kernel, 1),
            "weight_pointwise": (self.filters, between),
        }
        return shapes | ({"bias": (self.filters,)} if self.bias else {})

    def buffers(self, output: Volume, *volumes: Volume) -> Shapes:
        return {}

    def cost(self, output: Volume, *volumes: Volume) -> Cost:
        taps = math.prod(window.kernel for window in self._windows(*volumes))
        between = volumes[0].channels * self.multiplier
        return Cost(
            macs=output.positions * between * (taps + self.filters),
            additions=self.bias * output.size,
        )

    def window(self, output: Volume, *volumes: Volume) -> Windows:
        return self._windows(*volumes)

    def forward(self, arrays: Arrays, *inputs: Array) -> Array:
        from cnncalc import kernels

        (x,) = inputs
        windows = self._windows(Volume(x.shape[1:-1], x.shape[-1]))
        kernel, between = [window.kernel for window in windows], x.shape[-1] * self.multiplier
        depthwise = arrays("weight_depthwise", (between, *kernel, 1), fan=math.prod(kernel))
        pointwise = arrays("weight_pointwise", (self.filters, between), fan=between)
        bias = arrays("bias", (self.filters,), fan=100) if self.bias else None
        y = kernels.convolve_depthwise(
            x, depthwise, None, sliding.as_tuples(windows), ceil=self.rounding == "ceil"
        )
        return kernels.linear(y, pointwise, bias)

    def common(self, arrays: Fields, *inputs: Field) -> Any:
        """Return the depthwise half at a place and channel, each worked out once."""
        (x,) = inputs
        return cache(
            lambda place, channel: _filtered(self, x, arrays["weight_depthwise"], place, channel)
        )

    def value(self, index: tuple[int, ...], arrays: Fields, *inputs: Field) -> Number:
        (x,), (*place, d2), weight = inputs, index, arrays["weight_pointwise"]
        depthwise: Callable[[tuple[int, ...], int], Number] = arrays.shared
        total = x.at([-1] * len(place), 0)  # zero, as the padding is
        for channel in range(x.shape[-1] * self.multiplier):
            total = total + depthwise(tuple(place), channel) * weight[d2, channel]
        return total + arrays["bias"][d2] if self.bias else total

    def describe(self, output: Volume, *volumes: Volume) -> str:
        windows = self._windows(*volumes)
        size = sliding.sized("separable filters", windows)
        return f"{self.filters} {size}{sliding.at_stride(windows)}"

    def steps(self, output: Volume, *volumes: Volume) -> list[Step]:
        windows = self._windows(*volumes)
        taps, numbers = sliding.taps_formula(windows)
        numbers |= symbols(output, *volumes) | {"M": self.multiplier, "filters": self.filters}
        *place, d2 = letters(output, 2)
        between = "D1" if self.multiplier == 1 else "D1·M"
        weights = {"weight_depthwise": f"{taps}·{between}", "weight_pointwise": f"{between}·{d2}"}
        formulas = {
            "macs": product(*place, f"({' + '.join(weights.values())})"),
            "additions": product(*place, d2),
        }
        return [
            *sliding.volume_steps(volumes[0], output, windows, self.rounding),
            worked("volume", d2, "filters", numbers, output.channels),
            *learned(self.parameters(output, *volumes), weights | {"bias": d2}, numbers),
            *operations(self.cost(output, *volumes), formulas, numbers),
        ]


def _filtered(
    layer: DepthwiseConv | SeparableConv,
    x: Field,
    weight: Field,
    place: tuple[int, ...] | list[int],
    channel: int,
) -> Number:
    """Return one value of a depthwise convolution without bias."""
    total = x.at([-1] * len(place), 0)  # zero, as the padding is
    window = (layer.kernel, layer.stride, layer.padding, layer.dilation)
    for tap, position in taps(x.shape[:-1], place, *window):
        total = total + x.at(position, channel // layer.multiplier) * weight[(channel, *tap, 0)]
    return total
