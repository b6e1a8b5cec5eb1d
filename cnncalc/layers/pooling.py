"""Pools whose windows slide: the largest value of each window, or the average."""

from __future__ import annotations

import math
from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar, final

from cnncalc.arithmetic import effective_kernel
from cnncalc.errors import VolumeError
from cnncalc.layers.base import AbstractLayer, Cost, Step, axes
from cnncalc.layers.protocols import Arrays, Number, Tensor, Tensors
from cnncalc.layers.setting_types import Boolean, Padding, PerAxis, Rounding
from cnncalc.layers.step_builders import letters, product
from cnncalc.layers.window_definition import inside, pads
from cnncalc.layers.windowed import AbstractWindowed, ints, taps_formula, window_phrase
from cnncalc.volume import Volume

if TYPE_CHECKING:
    from cnncalc.layers.protocols import Array


class AbstractPool(AbstractLayer):
    """A layer that reduces several positions to their maximum or mean, channel by channel.

    Operations: for k values k - 1 comparisons; for their mean k - 1 additions and 1 division.
    """

    averages: ClassVar[bool]

    @abstractmethod
    def joins(self, output: Volume, volume: Volume) -> int:
        """Return how often two values are added or compared, for the whole output."""

    def cost(self, output: Volume, *volumes: Volume) -> Cost:
        joins = self.joins(output, *volumes)
        if self.averages:
            return Cost(additions=joins, divisions=output.size)
        return Cost(comparisons=joins)

    def join_formulas(self, joins: str, output: Volume) -> dict[str, str]:
        """Return the formulas of the operations, from that of `joins`."""
        each = product(*letters(output, 2))
        return {"comparisons": joins, "additions": joins, "divisions": each}


class AbstractWindowPool(AbstractPool, AbstractWindowed):
    """A pool with a sliding window."""

    def output(self, *volumes: Volume) -> Volume:
        (volume,) = volumes
        output = self.slide(volume, volume.channels)
        self._require_values(volume, output)
        return output

    def _require_values(self, volume: Volume, output: Volume) -> None:
        """Check that no window lies wholly in the padding. Raises: VolumeError if one does."""
        for w, n, window in zip(volume.extents, output.extents, self.windows(volume), strict=True):
            s, before, after, d = ints(window)
            reach = effective_kernel(window.kernel, d)
            if max(before, after) >= reach:
                raise VolumeError(
                    "a pool's padding must be less than its kernel, or a window would see "
                    f"nothing else. Received padding {max(before, after)} for a kernel that "
                    f"covers {reach}. Use a padding of at most {reach - 1}."
                )
            # With a dilation above the input's extent all taps may lie beside the input. Window
            # starts that are d apart have the same taps, so at most d starts are tried.
            starts = range(0, min(before, s * min(d, n)), s)
            if d > w and any((start - before) % d >= w for start in starts):
                raise VolumeError(
                    f"a window at dilation {d} steps over the whole input of {w}: all it sees "
                    "is padding. Use less dilation or padding."
                )

    def joins(self, output: Volume, volume: Volume) -> int:
        return output.size * (math.prod(axes(self.kernel, len(output.extents), "kernel")) - 1)

    def steps(self, output: Volume, *volumes: Volume) -> list[Step]:
        taps, _ = taps_formula(self.windows(*volumes))
        formulas = self.join_formulas(product(*letters(output, 2), f"({taps} - 1)"), output)
        return self.window_steps("D1", formulas, {}, output, *volumes)


@final
class MaxPool(AbstractWindowPool):
    """Max pooling: the largest value under each window, channel by channel.

    Volume: O = (W - K + 2P)/S + 1 along each axis, as deep as the input. The stride is the
    kernel unless given. Padding is below every value; it must be narrower than the kernel.
    Operations: K² - 1 comparisons an output value.
    Source: PyTorch 2.13, torch.nn.MaxPool2d.

    >>> str(MaxPool(kernel=3, stride=2).output(Volume((55, 55), 96)))
    '27x27x96'
    """

    tag = "max_pool"
    family = "pool"
    aliases = ("MaxPooling",)
    averages = False

    kernel: PerAxis
    stride: PerAxis | None = None
    padding: Padding = 0
    dilation: PerAxis = 1
    rounding: Rounding = "floor"

    def forward(self, arrays: Arrays, *inputs: Array) -> Array:
        from cnncalc import kernels

        (x,) = inputs
        return kernels.max_pool(x, self.kernel_windows(x), ceil=self.ceil)

    def value(self, index: tuple[int, ...], arrays: Tensors, *inputs: Tensor) -> Number:
        (x,), (*place, channel) = inputs, index
        positions = [position for _, position in self.taps(x, place)]
        values = [x.at(p, channel) for p in positions if inside(p, x.shape[:-1])]
        largest = values[0]
        for value in values[1:]:
            largest = largest.maximum(value)
        for _ in positions[len(values) :]:
            largest = largest.maximum(-math.inf)  # the padding
        return largest

    def describe(self, output: Volume, *volumes: Volume) -> str:
        return window_phrase("filters", self.windows(*volumes), zero_pad=False)


@final
class AvgPool(AbstractWindowPool):
    """Average pooling: the mean of the values under each window, channel by channel.

    Volume: O = (W - K + 2P)/S + 1 along each axis, as deep as the input. The stride is the
    kernel unless given. Padding counts as values of zero, or not at all with
    `count_include_pad: false` and under `same`; what a window rounded up has beyond the
    padding is never counted. Padding must be narrower than the kernel.
    Operations: K² - 1 additions and 1 division an output value.
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
    averages = True

    kernel: PerAxis
    stride: PerAxis | None = None
    padding: Padding = 0
    rounding: Rounding = "floor"
    count_include_pad: Boolean = True

    @property
    def _counts_padding(self) -> bool:
        return self.count_include_pad and self.padding != "same"

    def forward(self, arrays: Arrays, *inputs: Array) -> Array:
        from cnncalc import kernels

        (x,) = inputs
        return kernels.average_pool(
            x, self.kernel_windows(x), ceil=self.ceil, count_padding=self._counts_padding
        )

    def value(self, index: tuple[int, ...], arrays: Tensors, *inputs: Tensor) -> Number:
        (x,), (*place, channel) = inputs, index
        extents = x.shape[:-1]
        around = pads(extents, *self.window_settings) if self._counts_padding else ()
        positions = [position for _, position in self.taps(x, place)]
        total = x.at(positions[0], channel)
        for position in positions[1:]:
            total = total + x.at(position, channel)
        return total / sum(inside(position, extents, around) for position in positions)

    def describe(self, output: Volume, *volumes: Volume) -> str:
        return window_phrase("average", self.windows(*volumes), zero_pad=False)
