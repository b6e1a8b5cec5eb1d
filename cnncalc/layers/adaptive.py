"""Adaptive pools, whose windows follow from the output extents, and global pools: to 1."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, final

from cnncalc.arithmetic import adaptive_taps
from cnncalc.layers.base import AxisWindow, Everything, Step, Window, Windows, axes, extents_text
from cnncalc.layers.periodic_windows import Bins, Resampling
from cnncalc.layers.pooling import AbstractPool
from cnncalc.layers.protocols import Arrays, Number, Tensor, Tensors
from cnncalc.layers.setting_types import PerAxis
from cnncalc.layers.step_builders import counted, letters, product, symbols, volume_step
from cnncalc.layers.windowed import require_extents
from cnncalc.volume import Volume

if TYPE_CHECKING:
    from cnncalc.layers.protocols import Array


class AbstractAdaptivePool(AbstractPool):
    """A pool of bins that cover the input, one bin for each output position.

    Volume: the extents `size`, as deep as the input. Bin o of n over w positions goes from
    floor(o·w/n) to ceil((o + 1)·w/n); neighbouring bins may share a position.
    """

    def extents(self, dimensions: int) -> tuple[int, ...]:
        """Return the output extents: the setting `size`; 1 for a global pool."""
        return axes(getattr(self, "size", 1), dimensions, "size")

    def output(self, *volumes: Volume) -> Volume:
        (volume,) = volumes
        return Volume(self.extents(require_extents(volume)), volume.channels)

    def joins(self, output: Volume, volume: Volume) -> int:
        taps = math.prod(
            adaptive_taps(w, n, math.gcd(w, n))
            for w, n in zip(volume.extents, output.extents, strict=True)
        )
        return output.channels * (taps - output.positions)

    def window(self, output: Volume, *volumes: Volume) -> Windows:
        """Return the bins along each axis: sliding windows where the size divides the extent."""
        if output.positions == 1:
            return Everything
        windows: list[AxisWindow] = []
        for w, n in zip(volumes[0].extents, output.extents, strict=True):
            if w % n == 0:
                windows.append(Window(w // n, w // n))
            elif n % w == 0:  # each bin is one position
                windows.append(Resampling(Fraction(w, n)))
            else:
                windows.append(Bins(w, n))
        return tuple(windows)

    def is_view(self, output: Volume, *volumes: Volume) -> bool:
        return output == volumes[0]

    def forward(self, arrays: Arrays, *inputs: Array) -> Array:
        from cnncalc import kernels

        (x,) = inputs
        pool = kernels.adaptive_average_pool if self.averages else kernels.adaptive_max_pool
        return pool(x, self.extents(x.ndim - 2))

    def value(self, index: tuple[int, ...], arrays: Tensors, *inputs: Tensor) -> Number:
        (x,), (*place, channel) = inputs, index
        extents = x.shape[:-1]
        bins = [
            slice(math.floor(Fraction(o * w, n)), math.ceil(Fraction((o + 1) * w, n)))
            for o, w, n in zip(place, extents, self.extents(len(extents)), strict=True)
        ]
        values = x[(*bins, channel)]
        return values.sum() / len(values) if self.averages else values.largest()

    def steps(self, output: Volume, *volumes: Volume) -> list[Step]:
        numbers = symbols(output, *volumes)
        *after, d2 = letters(output, 2)
        before = letters(volumes[0], 1)[:-1]
        size, note = "size" if "size" in type(self).model_fields else "1", ""
        if output.positions == 1:
            joins = f"({product(*before)} - 1)·{d2}"
        else:
            # Two neighbours share a position unless the border between them is a whole number.
            bins = [f"({w} + {n} - G{w[0].lower()})" for w, n in zip(before, after, strict=True)]
            joins = f"({product(*bins)} - {product(*after)})·{d2}"
            for w, n in zip(before, after, strict=True):
                numbers[f"G{w[0].lower()}"] = math.gcd(numbers[w], numbers[n])
            note = "G: the greatest divisor that the extents share"
        formulas = self.join_formulas(joins, output)
        return [
            *(volume_step(n, size, numbers | {"size": numbers[n]}) for n in after),
            volume_step(d2, "D1", numbers),
            *(
                replace(step, note=note) if step.formula == joins else step
                for step in counted(self, formulas, numbers, output, *volumes)
            ),
        ]


@final
class AdaptiveAvgPool(AbstractAdaptivePool):
    """Adaptive average pooling: the mean of each of `size` bins that cover the input.

    Volume: `size` along each axis, as deep as the input.
    Operations: for a bin of k values k - 1 additions and 1 division.
    Source: PyTorch 2.13, torch.nn.AdaptiveAvgPool2d.

    >>> str(AdaptiveAvgPool(size=7).output(Volume((10, 12), 512)))
    '7x7x512'
    """

    tag = "adaptive_avg_pool"
    family = "pool"
    aliases = ("AdaptiveAveragePool", "AdaptiveAvgPooling", "AdaptiveAveragePooling")
    averages = True

    size: PerAxis

    def describe(self, output: Volume, *volumes: Volume) -> str:
        return f"adaptive average pool to {extents_text(output.extents)}"


@final
class AdaptiveMaxPool(AbstractAdaptivePool):
    """Adaptive max pooling: the largest value of each of `size` bins that cover the input.

    Volume: `size` along each axis, as deep as the input.
    Operations: for a bin of k values k - 1 comparisons.
    Source: PyTorch 2.13, torch.nn.AdaptiveMaxPool2d.

    >>> str(AdaptiveMaxPool(size=(2, 3)).output(Volume((5, 5), 4)))
    '2x3x4'
    """

    tag = "adaptive_max_pool"
    family = "pool"
    aliases = ("AdaptiveMaxPooling",)
    averages = False

    size: PerAxis

    def describe(self, output: Volume, *volumes: Volume) -> str:
        return f"adaptive max pool to {extents_text(output.extents)}"


@final
class GlobalAvgPool(AbstractAdaptivePool):
    """Global average pooling: the mean of each channel over all positions.

    Volume: 1 along each axis, as deep as the input.
    Operations: H1·W1 - 1 additions and 1 division a channel.
    Source: Lin et al. 2013 (arXiv:1312.4400), section 3.2.

    >>> str(GlobalAvgPool().output(Volume((7, 7), 2048)))
    '1x1x2048'
    """

    tag = "global_avg_pool"
    family = "pool"
    aliases = ("GlobalAveragePool", "GlobalAvgPooling", "GlobalAveragePooling", "gap")
    averages = True

    def describe(self, output: Volume, *volumes: Volume) -> str:
        return "global average pool"


@final
class GlobalMaxPool(AbstractAdaptivePool):
    """Global max pooling: the largest value of each channel over all positions.

    Volume: 1 along each axis, as deep as the input.
    Operations: H1·W1 - 1 comparisons a channel.
    Source: Oquab et al. 2015, "Is object localization for free?", section 3.

    >>> str(GlobalMaxPool().output(Volume((100,), 16)))
    '1x16'
    """

    tag = "global_max_pool"
    family = "pool"
    aliases = ("GlobalMaxPooling", "gmp")
    averages = False

    def describe(self, output: Volume, *volumes: Volume) -> str:
        return "global max pool"
