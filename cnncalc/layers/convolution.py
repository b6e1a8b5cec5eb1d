"""Layers that slide filters over a volume: shared, grouped, depthwise, transposed, local."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, ClassVar, final

from pydantic import Field as Setting
from pydantic import model_validator

from cnncalc.arithmetic import convolution_macs
from cnncalc.errors import VolumeError
from cnncalc.layers.base import (
    AbstractLayer,
    Arrays,
    Cost,
    Count,
    Fields,
    Index,
    Number,
    Padding,
    PerAxis,
    Rounding,
    Shapes,
    Step,
    Windows,
    by,
)
from cnncalc.layers.base import Field
from cnncalc.layers.windows import at_stride, resolve, slide, taps, volume_steps
from cnncalc.volume import Volume

if TYPE_CHECKING:
    from cnncalc.layers.base import Array


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

    tag: ClassVar[str] = "conv"

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
        (volume,) = volumes
        windows = resolve(volume, self.kernel, self.stride, self.padding, self.dilation)
        if volume.channels % self.groups:
            raise VolumeError(
                f"groups must divide the input's channels. Received groups {self.groups} and "
                f"{volume.channels} channels. Use a divisor of {volume.channels}."
            )
        if self.connections and (most := max(map(max, self.connections))) >= volume.channels:
            raise VolumeError(
                f"connections name channel {most}, but the input has channels 0 to "
                f"{volume.channels - 1}."
            )
        return slide(volume, windows, self.filters, self.rounding)

    def _weight_shape(self, dimensions: int, channels: int) -> tuple[int, ...]:
        kernel = self.kernel if isinstance(self.kernel, tuple) else (self.kernel,) * dimensions
        if self.connections is not None:
            return (sum(map(len, self.connections)), *kernel)
        return (self.filters, *kernel, channels // self.groups)

    def parameters(self, output: Volume, *volumes: Volume) -> Shapes:
        shapes = {"weight": self._weight_shape(len(output.extents), volumes[0].channels)}
        return shapes | ({"bias": (self.filters,)} if self.bias else {})

    def buffers(self, output: Volume, *volumes: Volume) -> Shapes:
        return {}

    def cost(self, output: Volume, *volumes: Volume) -> Cost:
        weights = math.prod(self._weight_shape(len(output.extents), volumes[0].channels))
        return Cost(
            macs=output.positions * weights, additions=output.size if self.bias else 0
        )

    def window(self, output: Volume, *volumes: Volume) -> Windows:
        return resolve(volumes[0], self.kernel, self.stride, self.padding, self.dilation)

    def forward(self, arrays: Arrays, *inputs: Array) -> Array:
        from cnncalc import kernels

        (x,) = inputs
        volume = Volume(x.shape[1:-1], x.shape[-1])
        windows = resolve(volume, self.kernel, self.stride, self.padding, self.dilation)
        shape = self._weight_shape(len(windows), volume.channels)
        fan = max(1, math.prod(shape) // self.filters)
        weight = arrays("weight", shape, fan=fan)
        bias = arrays("bias", (self.filters,), fan=100) if self.bias else None
        if self.connections is not None:
            weight = kernels.connect(weight, self.connections, volume.channels)
        return kernels.convolve(x, weight, bias, windows, self.groups, ceil=self.rounding == "ceil")

    def value(self, index: tuple[int, ...], arrays: Fields, *inputs: Field) -> Number:
        *place, d2 = index
        (x,) = inputs
        ...

    def describe(self, output: Volume, *volumes: Volume) -> str:
        windows = resolve(volumes[0], self.kernel, self.stride, self.padding, self.dilation)
        size = by(tuple(w.kernel for w in windows))
        groups = f", {self.groups} groups" if self.groups > 1 else ""
        return f"{self.filters} {size} filters{at_stride(windows)}{groups}"
