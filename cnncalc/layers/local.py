"""Locally connected: a sliding window as a convolution's, without shared weights."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, final

from cnncalc.layers.base import Cost, Shapes, Step, axes
from cnncalc.layers.protocols import Arrays, Number, Tensor, Tensors
from cnncalc.layers.setting_types import Boolean, Count, Padding, PerAxis, Rounding
from cnncalc.layers.step_builders import letters, product
from cnncalc.layers.weighted import AbstractWeighted
from cnncalc.layers.window_definition import zero
from cnncalc.layers.windowed import AbstractWindowed, taps_formula, window_phrase
from cnncalc.volume import Volume

if TYPE_CHECKING:
    from cnncalc.layers.protocols import Array


@final
class Local(AbstractWindowed, AbstractWeighted):
    """Locally connected: every output position has D2 filters and biases of its own.

    Volume: O = (W - K + 2P)/S + 1 along each axis, D2 deep.
    Learned: weight `(*O, D2, *K, D1)`, bias `(*O, D2)`.
    MACs: H2·W2·K²·D1·D2, as many as weights.
    Source: LeCun 1989, "Generalization and network design strategies", Net-3.

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
    bias: Boolean = True
    rounding: Rounding = "floor"

    def output(self, *volumes: Volume) -> Volume:
        return self.slide(volumes[0], self.filters)

    def parameters(self, output: Volume, *volumes: Volume) -> Shapes:
        kernel = axes(self.kernel, len(output.extents), "kernel")
        weight = (*output.shape, *kernel, volumes[0].channels)
        return {"weight": weight} | self.biases(*output.shape)

    def cost(self, output: Volume, *volumes: Volume) -> Cost:
        macs = output.size * self.fan_in(output, *volumes)
        return Cost(macs=macs, additions=self.bias * output.size)

    def fan_in(self, output: Volume, *volumes: Volume) -> int:
        return math.prod(axes(self.kernel, len(output.extents), "kernel")) * volumes[0].channels

    def forward(self, arrays: Arrays, *inputs: Array) -> Array:
        from cnncalc import kernels

        (x,) = inputs
        windows, ceil = self.kernel_windows(x), self.ceil
        shape = (*kernels.output_extents(x, windows, ceil=ceil), self.filters)
        one_filter = (*axes(self.kernel, x.ndim - 2, "kernel"), x.shape[-1])
        weight = arrays("weight", (*shape, *one_filter), fan=math.prod(one_filter))
        bias = self.bias_array(arrays, *shape)
        return kernels.locally_connected(x, weight, bias, windows, ceil=ceil)

    def value(self, index: tuple[int, ...], arrays: Tensors, *inputs: Tensor) -> Number:
        (x,), weight = inputs, arrays["weight"]
        total = zero(x)
        for tap, position in self.taps(x, index[:-1]):
            total = x.at(position).dot(weight[(*index, *tap)], total)
        return self.plus_bias(total, arrays, *index)

    def describe(self, output: Volume, *volumes: Volume) -> str:
        return f"{self.filters} {window_phrase('local filters', self.windows(*volumes))}"

    def steps(self, output: Volume, *volumes: Volume) -> list[Step]:
        taps, _ = taps_formula(self.windows(*volumes))
        *place, d2 = letters(output, 2)
        weight, bias = product(*place, taps, "D1", d2), product(*place, d2)
        formulas = {"weight": weight, "bias": bias, "macs": weight, "additions": bias}
        return self.window_steps("filters", formulas, {"filters": self.filters}, output, *volumes)
