"""Locally connected: windows as a convolution has them, without shared weights."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, final

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
class Local(AbstractLayer):
    """Locally connected: at every position D2 filters and biases of its own.

    Volume: O = (W - K + 2P)/S + 1 along each axis, D2 deep.
    Learned: weight `(*O, D2, *K, D1)`, bias `(*O, D2)`.
    MACs: H2·W2·K²·D1·D2, as many as weights.
    Source: LeCun 1989, "Generalization and network design strategies", section 5.3.

    >>> layer = Local(filters=1, kernel=10, padding="same")
    >>> image = Volume((1000, 1000), 1)
    >>> layer.cost(layer.output(image), image).macs
    100000000
    """

    tag = "local"
    family = "convolution"
    aliases = ("LocallyConnected",)

    filters: Count
    kernel: PerAxis
    stride: PerAxis = 1
    padding: Padding = 0
    bias: bool = Setting(True, strict=True)
    rounding: Rounding = "floor"

    def output(self, *volumes: Volume) -> Volume:
        (volume,) = volumes
        return sliding.slide(volume, self._windows(volume), self.filters, self.rounding)

    def _windows(self, volume: Volume) -> tuple[Window, ...]:
        return sliding.resolve(volume, self.kernel, self.stride, self.padding)

    def parameters(self, output: Volume, *volumes: Volume) -> Shapes:
        kernel = [window.kernel for window in self._windows(*volumes)]
        shapes: Shapes = {"weight": (*output.shape, *kernel, volumes[0].channels)}
        return shapes | ({"bias": output.shape} if self.bias else {})

    def buffers(self, output: Volume, *volumes: Volume) -> Shapes:
        return {}

    def cost(self, output: Volume, *volumes: Volume) -> Cost:
        taps = math.prod(window.kernel for window in self._windows(*volumes))
        return Cost(
            macs=output.size * taps * volumes[0].channels, additions=self.bias * output.size
        )

    def window(self, output: Volume, *volumes: Volume) -> Windows:
        return self._windows(*volumes)

    def forward(self, arrays: Arrays, *inputs: Array) -> Array:
        from cnncalc import kernels

        (x,) = inputs
        windows = self._windows(Volume(x.shape[1:-1], x.shape[-1]))
        ceil = self.rounding == "ceil"
        shape = (*kernels.output_extents(x, sliding.as_tuples(windows), ceil=ceil), self.filters)
        filter_shape = (*(window.kernel for window in windows), x.shape[-1])
        weight = arrays("weight", (*shape, *filter_shape), fan=math.prod(filter_shape))
        bias = arrays("bias", shape, fan=100) if self.bias else None
        return kernels.locally_connected(x, weight, bias, sliding.as_tuples(windows), ceil=ceil)

    def value(self, index: tuple[int, ...], arrays: Fields, *inputs: Field) -> Number:
        (x,), place, weight = inputs, index[:-1], arrays["weight"]
        total = x.at([-1] * len(place), 0)  # zero, as the padding is
        window = (self.kernel, self.stride, self.padding)
        for tap, position in taps(x.shape[:-1], place, *window):
            total = x.at(position).dot(weight[(*index, *tap)], total)
        return total + arrays["bias"][index] if self.bias else total

    def describe(self, output: Volume, *volumes: Volume) -> str:
        windows = self._windows(*volumes)
        size = sliding.sized("local filters", windows)
        return f"{self.filters} {size}{sliding.at_stride(windows)}"

    def steps(self, output: Volume, *volumes: Volume) -> list[Step]:
        windows = self._windows(*volumes)
        taps, numbers = sliding.taps_formula(windows)
        numbers |= symbols(output, *volumes) | {"filters": self.filters}
        *place, d2 = letters(output, 2)
        weight, bias = product(*place, taps, "D1", d2), product(*place, d2)
        return [
            *sliding.volume_steps(volumes[0], output, windows, self.rounding),
            worked("volume", d2, "filters", numbers, output.channels),
            *learned(self.parameters(output, *volumes), {"weight": weight, "bias": bias}, numbers),
            *operations(self.cost(output, *volumes), {"macs": weight, "additions": bias}, numbers),
        ]
