"""Pools whose windows slide: the largest value of each window, or the average."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, final

from pydantic import Field as Setting

from cnncalc.arithmetic import effective_kernel
from cnncalc.errors import VolumeError
from cnncalc.layers import windowed as sliding
from cnncalc.layers.base import AbstractLayer, Cost, Shapes, Step, Window, Windows
from cnncalc.layers.protocols import Arrays, Field, Fields, Number
from cnncalc.layers.setting_types import Padding, PerAxis, Rounding
from cnncalc.layers.step_builders import letters, operations, product, symbols, worked
from cnncalc.layers.window_definition import inside, pads, taps
from cnncalc.volume import Volume

if TYPE_CHECKING:
    from cnncalc.layers.protocols import Array


@final
class MaxPool(AbstractLayer):
    """Max pooling: the largest value under each window, channel by channel.

    Volume: O = (W - K + 2P)/S + 1 along each axis, as deep as the input. The stride is the
    kernel unless given. Padding is below every value; it must be narrower than the kernel.
    Cost: K² - 1 comparisons an output value.
    Source: PyTorch 2.13, torch.nn.MaxPool2d.

    >>> str(MaxPool(kernel=3, stride=2).output(Volume((55, 55), 96)))
    '27x27x96'
    """

    tag = "max_pool"
    family = "pool"
    aliases = ("MaxPooling",)

    kernel: PerAxis
    stride: PerAxis | None = None
    padding: Padding = 0
    dilation: PerAxis = 1
    rounding: Rounding = "floor"

    def output(self, *volumes: Volume) -> Volume:
        (volume,) = volumes
        windows = self._windows(volume)
        output = sliding.slide(volume, windows, volume.channels, self.rounding)
        _require_values(volume, windows, output)
        return output

    def _windows(self, volume: Volume) -> tuple[Window, ...]:
        stride = self.kernel if self.stride is None else self.stride
        return sliding.resolve(volume, self.kernel, stride, self.padding, self.dilation)

    def parameters(self, output: Volume, *volumes: Volume) -> Shapes:
        return {}

    def buffers(self, output: Volume, *volumes: Volume) -> Shapes:
        return {}

    def cost(self, output: Volume, *volumes: Volume) -> Cost:
        taps = math.prod(window.kernel for window in self._windows(*volumes))
        return Cost(comparisons=output.size * (taps - 1))

    def window(self, output: Volume, *volumes: Volume) -> Windows:
        return self._windows(*volumes)

    def forward(self, arrays: Arrays, *inputs: Array) -> Array:
        from cnncalc import kernels

        (x,) = inputs
        windows = self._windows(Volume(x.shape[1:-1], x.shape[-1]))
        return kernels.max_pool(x, sliding.as_tuples(windows), ceil=self.rounding == "ceil")

    def value(self, index: tuple[int, ...], arrays: Fields, *inputs: Field) -> Number:
        (x,), (*place, channel) = inputs, index
        stride = self.kernel if self.stride is None else self.stride
        positions = [
            position
            for _, position in taps(
                x.shape[:-1], place, self.kernel, stride, self.padding, self.dilation
            )
        ]
        values = [x.at(p, channel) for p in positions if inside(p, x.shape[:-1])]
        largest = values[0]
        for value in values[1:]:
            largest = largest.maximum(value)
        for _ in positions[len(values) :]:
            largest = largest.maximum(-math.inf)  # the padding
        return largest

    def describe(self, output: Volume, *volumes: Volume) -> str:
        windows = self._windows(*volumes)
        size = sliding.sized("filters", windows)
        return size + sliding.at_stride(windows, zero_pad=False)

    def steps(self, output: Volume, *volumes: Volume) -> list[Step]:
        return _steps(self, self._windows(*volumes), output, *volumes)


@final
class AvgPool(AbstractLayer):
    """Average pooling: the mean of the values under each window, channel by channel.

    Volume: O = (W - K + 2P)/S + 1 along each axis, as deep as the input. The stride is the
    kernel unless given. Padding counts as values of zero, or not at all with
    `count_include_pad: false` and under `same`; what a window rounded up has beyond the
    padding is never counted. Padding must be narrower than the kernel.
    Cost: K² - 1 additions and 1 division an output value.
    Source: PyTorch 2.13, torch.nn.AvgPool2d; TensorFlow, tf.nn.avg_pool.

    >>> str(AvgPool(kernel=4, padding=2, rounding="ceil").output(Volume((9, 9), 1)))
    '3x3x1'
    """

    tag = "avg_pool"
    family = "pool"
    aliases = (
        "AvgPooling",
        "AveragePool",
        "AveragePooling",
        "MeanPool",
        "Subsampling",
        "Subsample",
    )

    kernel: PerAxis
    stride: PerAxis | None = None
    padding: Padding = 0
    rounding: Rounding = "floor"
    count_include_pad: bool = Setting(True, strict=True)

    def output(self, *volumes: Volume) -> Volume:
        (volume,) = volumes
        windows = self._windows(volume)
        output = sliding.slide(volume, windows, volume.channels, self.rounding)
        _require_values(volume, windows, output)
        return output

    def _windows(self, volume: Volume) -> tuple[Window, ...]:
        stride = self.kernel if self.stride is None else self.stride
        return sliding.resolve(volume, self.kernel, stride, self.padding)

    def parameters(self, output: Volume, *volumes: Volume) -> Shapes:
        return {}

    def buffers(self, output: Volume, *volumes: Volume) -> Shapes:
        return {}

    def cost(self, output: Volume, *volumes: Volume) -> Cost:
        taps = math.prod(window.kernel for window in self._windows(*volumes))
        return Cost(additions=output.size * (taps - 1), divisions=output.size)

    def window(self, output: Volume, *volumes: Volume) -> Windows:
        return self._windows(*volumes)

    def forward(self, arrays: Arrays, *inputs: Array) -> Array:
        from cnncalc import kernels

        (x,) = inputs
        windows = self._windows(Volume(x.shape[1:-1], x.shape[-1]))
        count_padding = self.count_include_pad and self.padding != "same"
        return kernels.average_pool(
            x, sliding.as_tuples(windows), ceil=self.rounding == "ceil", count_padding=count_padding
        )

    def value(self, index: tuple[int, ...], arrays: Fields, *inputs: Field) -> Number:
        (x,), (*place, channel) = inputs, index
        extents = x.shape[:-1]
        stride = self.kernel if self.stride is None else self.stride
        window = (self.kernel, stride, self.padding)
        counted = self.count_include_pad and self.padding != "same"
        around = pads(extents, *window) if counted else ()
        positions = [position for _, position in taps(extents, place, *window)]
        total = x.at(positions[0], channel)
        for position in positions[1:]:
            total = total + x.at(position, channel)
        return total / sum(inside(position, extents, around) for position in positions)

    def describe(self, output: Volume, *volumes: Volume) -> str:
        windows = self._windows(*volumes)
        size = sliding.sized("average", windows)
        return size + sliding.at_stride(windows, zero_pad=False)

    def steps(self, output: Volume, *volumes: Volume) -> list[Step]:
        return _steps(self, self._windows(*volumes), output, *volumes)


def _steps(
    layer: MaxPool | AvgPool, windows: Sequence[Window], output: Volume, volume: Volume
) -> list[Step]:
    """Return the working: to join k values takes k - 1 operations."""
    taps, numbers = sliding.taps_formula(windows)
    numbers |= symbols(output, volume)
    values = letters(output, 2)
    joined = product(*values, f"({taps} - 1)")
    formulas = {"comparisons": joined, "additions": joined, "divisions": product(*values)}
    return [
        *sliding.volume_steps(volume, output, windows, layer.rounding),
        worked("volume", "D2", "D1", numbers, output.channels),
        *operations(layer.cost(output, volume), formulas, numbers),
    ]


def _require_values(volume: Volume, windows: Sequence[Window], output: Volume) -> None:
    """Check that no window lies wholly in the padding. Raises: VolumeError if one does."""
    for w, n, window in zip(volume.extents, output.extents, windows, strict=True):
        s, before, after, d = sliding.ints(window)
        reach = effective_kernel(window.kernel, d)
        if max(before, after) >= reach:
            raise VolumeError(
                "a pool's padding must be less than its kernel, or a window would see nothing "
                f"else. Received padding {max(before, after)} for a kernel that covers {reach}. "
                f"Use a padding of at most {reach - 1}."
            )
        # Taps that lie wider apart than the input is wide can step over it. Starts in the
        # padding meet the same taps again after d of them.
        starts = range(0, min(before, s * min(d, n)), s)
        if d > w and any((start - before) % d >= w for start in starts):
            raise VolumeError(
                f"a window at dilation {d} steps over the whole input of {w}: all it sees is "
                "padding. Use less dilation or padding."
            )
