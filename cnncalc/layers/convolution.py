"""Convolution: filters that slide over a volume and share their weights."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, final

from pydantic import Field as Setting
from pydantic import model_validator

from cnncalc.errors import VolumeError
from cnncalc.layers.base import AbstractLayer, Cost, Shapes, Step, Window, Windows
from cnncalc.layers.protocols import Arrays, Field, Fields, Number
from cnncalc.layers.setting_types import Count, Index, Padding, PerAxis, Rounding
from cnncalc.layers.step_builders import learned, letters, operations, product, symbols, worked
from cnncalc.layers.window_definition import taps
from cnncalc.layers.windowed import (
    as_tuples,
    at_stride,
    resolve,
    sized,
    slide,
    taps_formula,
    volume_steps,
)
from cnncalc.volume import Volume

if TYPE_CHECKING:
    from cnncalc.layers.protocols import Array


@final
class Conv(AbstractLayer):
    """Convolution: D2 filters of K x K x D1, shared over all positions.

    Volume: O = (W - K + 2P)/S + 1 along each axis, D2 deep.
    Learned: weight `(D2, *K, D1 / groups)`, bias `(D2,)`. With `connections` (one list of
    input channels per filter) the weight is `(pairs, *K)`, in the order written.
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
    bias: bool = Setting(True, strict=True)
    rounding: Rounding = "floor"
    connections: tuple[tuple[Index, ...], ...] | None = None

    @model_validator(mode="after")
    def _check(self) -> Conv:
        if self.filters % self.groups:
            raise ValueError(
                f"filters ({self.filters}) must be a multiple of groups ({self.groups})"
            )
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

    def output(self, *volumes: Volume) -> Volume:
        windows = self._windows(*volumes)
        channels = volumes[0].channels
        if channels % self.groups:
            raise VolumeError(
                f"groups must divide the input's channels. Received groups {self.groups} and "
                f"{channels} channels. Use a divisor of {channels}."
            )
        if self.connections and (most := max(map(max, self.connections))) >= channels:
            raise VolumeError(
                f"connections name channel {most}. Received an input with channels 0 to "
                f"{channels - 1}."
            )
        return slide(volumes[0], windows, self.filters, self.rounding)

    def _windows(self, volume: Volume) -> tuple[Window, ...]:
        return resolve(volume, self.kernel, self.stride, self.padding, self.dilation)

    def _weight(self, windows: tuple[Window, ...], channels: int) -> tuple[int, ...]:
        kernel = tuple(window.kernel for window in windows)
        if self.connections is not None:
            return (sum(map(len, self.connections)), *kernel)
        return (self.filters, *kernel, channels // self.groups)

    def parameters(self, output: Volume, *volumes: Volume) -> Shapes:
        shapes = {"weight": self._weight(self._windows(*volumes), volumes[0].channels)}
        return shapes | ({"bias": (self.filters,)} if self.bias else {})

    def buffers(self, output: Volume, *volumes: Volume) -> Shapes:
        return {}

    def cost(self, output: Volume, *volumes: Volume) -> Cost:
        weight = self._weight(self._windows(*volumes), volumes[0].channels)
        return Cost(macs=output.positions * math.prod(weight), additions=self.bias * output.size)

    def window(self, output: Volume, *volumes: Volume) -> Windows:
        return self._windows(*volumes)

    def forward(self, arrays: Arrays, *inputs: Array) -> Array:
        from cnncalc import kernels

        (x,) = inputs
        windows = self._windows(Volume(x.shape[1:-1], x.shape[-1]))
        shape = self._weight(windows, x.shape[-1])
        fan = max(1, math.prod(shape) // self.filters)
        weight = arrays("weight", shape, fan=fan, filters_last=self.connections is None)
        bias = arrays("bias", (self.filters,), fan=100) if self.bias else None
        ceil = self.rounding == "ceil"
        if self.connections is not None:
            return kernels.convolve_connected(
                x, weight, bias, as_tuples(windows), self.connections, ceil=ceil
            )
        return kernels.convolve(x, weight, bias, as_tuples(windows), self.groups, ceil=ceil)

    def value(self, index: tuple[int, ...], arrays: Fields, *inputs: Field) -> Number:
        (x,), (*place, d2), weight = inputs, index, arrays["weight"]
        total = x.at([-1] * len(place), 0)  # zero, as the padding is
        each = x.shape[-1] // self.groups
        first = d2 // (self.filters // self.groups) * each
        window = (self.kernel, self.stride, self.padding, self.dilation)
        for tap, position in taps(x.shape[:-1], place, *window):
            if self.connections is None:
                total = x.at(position, slice(first, first + each)).dot(weight[(d2, *tap)], total)
                continue
            pair = sum(map(len, self.connections[:d2]))
            for channel in self.connections[d2]:
                total = total + x.at(position, channel) * weight[(pair, *tap)]
                pair += 1
        return total + arrays["bias"][d2] if self.bias else total

    def describe(self, output: Volume, *volumes: Volume) -> str:
        windows = self._windows(*volumes)
        text = f"{self.filters} {sized('filters', windows)}{at_stride(windows)}"
        if self.connections is not None:
            pairs = sum(map(len, self.connections))
            text += f", {pairs} of {volumes[0].channels * self.filters} connections"
        return text + (f", {self.groups} groups" if self.groups > 1 else "")

    def steps(self, output: Volume, *volumes: Volume) -> list[Step]:
        windows = self._windows(*volumes)
        weight, numbers = taps_formula(windows)
        weight += "·D1·D2" if self.groups == 1 else "·D1/G·D2"
        numbers |= symbols(output, *volumes) | {"G": self.groups, "filters": self.filters}
        if self.connections is not None:
            weight = weight.replace("D1·D2", "pairs")
            numbers["pairs"] = sum(map(len, self.connections))
        *place, d2 = letters(output, 2)
        formulas = {"macs": product(*place, weight), "additions": product(*place, d2)}
        return [
            *volume_steps(volumes[0], output, windows, self.rounding),
            worked("volume", d2, "filters", numbers, output.channels),
            *learned(self.parameters(output, *volumes), {"weight": weight, "bias": d2}, numbers),
            *operations(self.cost(output, *volumes), formulas, numbers),
        ]
