"""Convolution: filters that slide over a volume and share their weights."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, final

from pydantic import model_validator

from cnncalc.errors import VolumeError
from cnncalc.layers.base import Cost, Shapes, Step, axes, require_divisor
from cnncalc.layers.protocols import Arrays, Number, Tensor, Tensors
from cnncalc.layers.setting_types import Boolean, Count, Index, Padding, PerAxis, Rounding
from cnncalc.layers.weighted import AbstractFixable
from cnncalc.layers.window_definition import zero
from cnncalc.layers.windowed import AbstractWindowed, slide, taps_formula, window_phrase
from cnncalc.volume import Volume

if TYPE_CHECKING:
    from cnncalc.layers.protocols import Array


class AbstractConvolution(AbstractFixable):
    """A convolution in groups: each group of filters reads its part of the input's channels."""

    if TYPE_CHECKING:
        filters: int
        kernel: PerAxis
        groups: int

    def require_groups(self) -> None:
        """Check that all groups have equally many filters. Raises: ValueError otherwise."""
        if self.filters % self.groups:
            raise ValueError(
                f"filters ({self.filters}) must be a multiple of groups ({self.groups})"
            )

    def weight_shape(self, dimensions: int, channels: int) -> tuple[int, ...]:
        """Return the shape of the weights: `(D2, *K, D1 / groups)`."""
        return (self.filters, *axes(self.kernel, dimensions, "kernel"), channels // self.groups)

    def array_shapes(self, output: Volume, *volumes: Volume) -> Shapes:
        weight = self.weight_shape(len(output.extents), volumes[0].channels)
        return {"weight": weight} | self.biases(self.filters)

    def channels_of(self, d2: int, channels: int) -> slice:
        """Return which of so many input channels a filter reads, by the definition."""
        each = channels // self.groups
        first = d2 // (self.filters // self.groups) * each
        return slice(first, first + each)


@final
class Conv(AbstractWindowed, AbstractConvolution):
    """Convolution: D2 filters of K x K x D1, shared over all positions.

    Volume: O = (W - K + 2P)/S + 1 along each axis, D2 deep.
    Learned: weight `(D2, *K, D1 / groups)`, bias `(D2,)`; buffers if `fixed`. With `connections`
    (one list of input channels per filter) the weight is `(pairs, *K)`, in the order written.
    MACs: H2·W2·K²·D1·D2 / groups.
    Source: Dumoulin and Visin 2016 (arXiv:1603.07285); LeCun et al. 1998, Table I.

    >>> Conv(filters=96, kernel=11, stride=4).output(Volume((227, 227), 3))
    Volume(extents=(55, 55), channels=96)
    """

    tag = "conv"
    family = "convolution"
    aliases = ("Convolution", "convolutional", "cnv")

    filters: Count
    kernel: PerAxis
    stride: PerAxis = 1
    padding: Padding = 0
    dilation: PerAxis = 1
    groups: Count = 1
    bias: Boolean = True
    rounding: Rounding = "floor"
    fixed: Boolean = False
    connections: tuple[tuple[Index, ...], ...] | None = None

    @model_validator(mode="after")
    def _check(self) -> Conv:
        self.require_groups()
        if self.connections is not None:
            if self.groups > 1:
                raise ValueError("connections and groups cannot both be given")
            if len(self.connections) != self.filters:
                raise ValueError(
                    f"connections has {len(self.connections)} lists for {self.filters} filters"
                )
            if not all(row and len(set(row)) == len(row) for row in self.connections):
                raise ValueError("each list of connections names at least one channel, each once")
        return self

    @property
    def _pairs(self) -> int:
        """Return the number of connections, which are pairs of a filter and an input channel."""
        return sum(map(len, self.connections or ()))

    def output(self, *volumes: Volume) -> Volume:
        (volume,) = volumes
        windows = self.windows(volume)
        require_divisor("groups", self.groups, volume)
        last = volume.channels - 1
        if self.connections and (most := max(map(max, self.connections))) > last:
            raise VolumeError(
                f"connections name channel {most}. Received an input with channels 0 to {last}."
            )
        return slide(volume, windows, self.filters, self.rounding)

    def weight_shape(self, dimensions: int, channels: int) -> tuple[int, ...]:
        if self.connections is None:
            return super().weight_shape(dimensions, channels)
        return (self._pairs, *axes(self.kernel, dimensions, "kernel"))

    def cost(self, output: Volume, *volumes: Volume) -> Cost:
        weights = math.prod(self.weight_shape(len(output.extents), volumes[0].channels))
        return Cost(macs=output.positions * weights, additions=self.bias * output.size)

    def fan_in(self, output: Volume, *volumes: Volume) -> int | None:
        if self.connections is None:
            return math.prod(self.weight_shape(len(output.extents), volumes[0].channels)[1:])
        read = {len(channels) for channels in self.connections}
        taps = math.prod(axes(self.kernel, len(output.extents), "kernel"))
        return taps * read.pop() if len(read) == 1 else None

    def forward(self, arrays: Arrays, *inputs: Array) -> Array:
        from cnncalc import kernels

        (x,) = inputs
        shape = self.weight_shape(x.ndim - 2, x.shape[-1])
        fan = max(1, math.prod(shape) // self.filters)
        weight = arrays("weight", shape, fan=fan, filters_last=self.connections is None)
        bias = self.bias_array(arrays, self.filters)
        windows, ceil = self.kernel_windows(x), self.ceil
        if self.connections is not None:
            return kernels.convolve_connected(
                x, weight, bias, windows, connections=self.connections, ceil=ceil
            )
        return kernels.convolve(x, weight, bias, windows, groups=self.groups, ceil=ceil)

    def value(self, index: tuple[int, ...], arrays: Tensors, *inputs: Tensor) -> Number:
        (x,), (*place, d2), weight = inputs, index, arrays["weight"]
        total, channels = zero(x), self.channels_of(d2, x.shape[-1])
        for tap, position in self.taps(x, place):
            if self.connections is None:
                total = x.at(position, channels).dot(weight[(d2, *tap)], total)
                continue
            pair = sum(map(len, self.connections[:d2]))
            for channel in self.connections[d2]:
                total = total + x.at(position, channel) * weight[(pair, *tap)]
                pair += 1
        return self.plus_bias(total, arrays, d2)

    def describe(self, output: Volume, *volumes: Volume) -> str:
        text = f"{self.filters} {window_phrase('filters', self.windows(*volumes))}"
        if self.connections is not None:
            text += f", {self._pairs} of {volumes[0].channels * self.filters} connections"
        text += f", {self.groups} groups" if self.groups > 1 else ""
        return text + ", fixed" * self.fixed

    def steps(self, output: Volume, *volumes: Volume) -> list[Step]:
        weight, _ = taps_formula(self.windows(*volumes))
        weight += "·D1·D2" if self.groups == 1 else "·D1/G·D2"
        if self.connections is not None:
            weight = weight.replace("D1·D2", "pairs")
        numbers = {"G": self.groups, "filters": self.filters, "pairs": self._pairs}
        formulas = self.sum_formulas(weight, output)
        return self.window_steps("filters", formulas, numbers, output, *volumes)
