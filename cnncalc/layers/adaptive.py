"""Pools whose windows follow from the output that is wanted: adaptive and global."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, final

from cnncalc.arithmetic import adaptive_taps, adaptive_widest
from cnncalc.layers.base import (
    AbstractLayer,
    Cost,
    Everything,
    Shapes,
    Step,
    Window,
    Windows,
    axes,
    by,
)
from cnncalc.layers.protocols import Arrays, Field, Fields, Number
from cnncalc.layers.setting_types import PerAxis
from cnncalc.layers.step_builders import letters, operations, product, symbols, worked
from cnncalc.layers.windowed import plain, require_extents
from cnncalc.volume import Volume

if TYPE_CHECKING:
    from cnncalc.layers.protocols import Array


@final
class AdaptiveAvgPool(AbstractLayer):
    """Adaptive average pooling: bins that cover the input give the `size` that is asked for.

    Volume: `size` along each axis, as deep as the input. Bin o of n over w positions goes
    from floor(o·w/n) to ceil((o + 1)·w/n).
    Cost: for a bin of k values k - 1 additions and 1 division.
    Source: PyTorch 2.13, torch.nn.AdaptiveAvgPool2d.

    >>> str(AdaptiveAvgPool(size=7).output(Volume((10, 12), 512)))
    '7x7x512'
    """

    tag = "adaptive_avg_pool"
    family = "pool"
    aliases = ("AdaptiveAveragePool", "AdaptiveAvgPooling", "AdaptiveAveragePooling")

    size: PerAxis

    def output(self, *volumes: Volume) -> Volume:
        return _sized(volumes[0], self.size)

    def parameters(self, output: Volume, *volumes: Volume) -> Shapes:
        return {}

    def buffers(self, output: Volume, *volumes: Volume) -> Shapes:
        return {}

    def cost(self, output: Volume, *volumes: Volume) -> Cost:
        return Cost(additions=_joined(output, *volumes), divisions=output.size)

    def window(self, output: Volume, *volumes: Volume) -> Windows:
        return _bins(output, *volumes)

    def is_view(self, output: Volume, *volumes: Volume) -> bool:
        return output == volumes[0]

    def forward(self, arrays: Arrays, *inputs: Array) -> Array:
        from cnncalc import kernels

        return kernels.adaptive_average_pool(inputs[0], axes(self.size, inputs[0].ndim - 2, "size"))

    def value(self, index: tuple[int, ...], arrays: Fields, *inputs: Field) -> Number:
        values = _in_bin(index, self.size, *inputs)
        total = values[0]
        for value in values[1:]:
            total = total + value
        return total / len(values)

    def describe(self, output: Volume, *volumes: Volume) -> str:
        return f"adaptive average pool to {by(output.extents)}"

    def steps(self, output: Volume, *volumes: Volume) -> list[Step]:
        return _steps(self, "size", output, *volumes)


@final
class AdaptiveMaxPool(AbstractLayer):
    """Adaptive max pooling: the largest value of each of the bins of AdaptiveAvgPool.

    Volume: `size` along each axis, as deep as the input.
    Cost: for a bin of k values k - 1 comparisons.
    Source: PyTorch 2.13, torch.nn.AdaptiveMaxPool2d.

    >>> str(AdaptiveMaxPool(size=(2, 3)).output(Volume((5, 5), 4)))
    '2x3x4'
    """

    tag = "adaptive_max_pool"
    family = "pool"
    aliases = ("AdaptiveMaxPooling",)

    size: PerAxis

    def output(self, *volumes: Volume) -> Volume:
        return _sized(volumes[0], self.size)

    def parameters(self, output: Volume, *volumes: Volume) -> Shapes:
        return {}

    def buffers(self, output: Volume, *volumes: Volume) -> Shapes:
        return {}

    def cost(self, output: Volume, *volumes: Volume) -> Cost:
        return Cost(comparisons=_joined(output, *volumes))

    def window(self, output: Volume, *volumes: Volume) -> Windows:
        return _bins(output, *volumes)

    def is_view(self, output: Volume, *volumes: Volume) -> bool:
        return output == volumes[0]

    def forward(self, arrays: Arrays, *inputs: Array) -> Array:
        from cnncalc import kernels

        return kernels.adaptive_max_pool(inputs[0], axes(self.size, inputs[0].ndim - 2, "size"))

    def value(self, index: tuple[int, ...], arrays: Fields, *inputs: Field) -> Number:
        values = _in_bin(index, self.size, *inputs)
        largest = values[0]
        for value in values[1:]:
            largest = largest.maximum(value)
        return largest

    def describe(self, output: Volume, *volumes: Volume) -> str:
        return f"adaptive max pool to {by(output.extents)}"

    def steps(self, output: Volume, *volumes: Volume) -> list[Step]:
        return _steps(self, "size", output, *volumes)


@final
class GlobalAvgPool(AbstractLayer):
    """Global average pooling: the mean of each channel; the extents stay, as 1.

    Cost: H1·W1 - 1 additions and 1 division a channel.
    Source: Lin et al. 2013 (arXiv:1312.4400), section 3.2.

    >>> str(GlobalAvgPool().output(Volume((7, 7), 2048)))
    '1x1x2048'
    """

    tag = "global_avg_pool"
    family = "pool"
    aliases = ("GlobalAveragePool", "GlobalAvgPooling", "GlobalAveragePooling", "gap")

    def output(self, *volumes: Volume) -> Volume:
        return _sized(volumes[0], 1)

    def parameters(self, output: Volume, *volumes: Volume) -> Shapes:
        return {}

    def buffers(self, output: Volume, *volumes: Volume) -> Shapes:
        return {}

    def cost(self, output: Volume, *volumes: Volume) -> Cost:
        return Cost(additions=volumes[0].size - output.size, divisions=output.size)

    def window(self, output: Volume, *volumes: Volume) -> Windows:
        return Everything

    def is_view(self, output: Volume, *volumes: Volume) -> bool:
        return output == volumes[0]

    def forward(self, arrays: Arrays, *inputs: Array) -> Array:
        from cnncalc import kernels

        return kernels.adaptive_average_pool(inputs[0], (1,) * (inputs[0].ndim - 2))

    def value(self, index: tuple[int, ...], arrays: Fields, *inputs: Field) -> Number:
        values = inputs[0][(..., index[-1])]
        return values.sum() / len(values)

    def describe(self, output: Volume, *volumes: Volume) -> str:
        return "global average pool"

    def steps(self, output: Volume, *volumes: Volume) -> list[Step]:
        return _steps(self, "1", output, *volumes)


@final
class GlobalMaxPool(AbstractLayer):
    """Global max pooling: the largest value of each channel; the extents stay, as 1.

    Cost: H1·W1 - 1 comparisons a channel.
    Source: Oquab et al. 2015, "Is object localization for free?", section 3.

    >>> str(GlobalMaxPool().output(Volume((100,), 16)))
    '1x16'
    """

    tag = "global_max_pool"
    family = "pool"
    aliases = ("GlobalMaxPooling", "gmp")

    def output(self, *volumes: Volume) -> Volume:
        return _sized(volumes[0], 1)

    def parameters(self, output: Volume, *volumes: Volume) -> Shapes:
        return {}

    def buffers(self, output: Volume, *volumes: Volume) -> Shapes:
        return {}

    def cost(self, output: Volume, *volumes: Volume) -> Cost:
        return Cost(comparisons=volumes[0].size - output.size)

    def window(self, output: Volume, *volumes: Volume) -> Windows:
        return Everything

    def is_view(self, output: Volume, *volumes: Volume) -> bool:
        return output == volumes[0]

    def forward(self, arrays: Arrays, *inputs: Array) -> Array:
        from cnncalc import kernels

        return kernels.adaptive_max_pool(inputs[0], (1,) * (inputs[0].ndim - 2))

    def value(self, index: tuple[int, ...], arrays: Fields, *inputs: Field) -> Number:
        return inputs[0][(..., index[-1])].largest()

    def describe(self, output: Volume, *volumes: Volume) -> str:
        return "global max pool"

    def steps(self, output: Volume, *volumes: Volume) -> list[Step]:
        return _steps(self, "1", output, *volumes)


def _sized(volume: Volume, size: PerAxis) -> Volume:
    return Volume(axes(size, require_extents(volume), "size"), volume.channels)


def _joined(output: Volume, volume: Volume) -> int:
    """Return how often two values become one: for each output one less than its bin holds."""
    taps = math.prod(
        adaptive_taps(w, n, math.gcd(w, n))
        for w, n in zip(volume.extents, output.extents, strict=True)
    )
    return output.channels * (taps - output.positions)


def _bins(output: Volume, volume: Volume) -> Windows:
    """Return the widest bin along each axis, about the exact centre of the first."""
    if output.positions == 1:
        return Everything
    windows = []
    for w, n in zip(volume.extents, output.extents, strict=True):
        kernel, stride = adaptive_widest(w, n), Fraction(w, n)
        before = Fraction(kernel + -w // n, 2)  # the first bin has ceil(w/n) positions
        windows.append(Window(kernel, plain(stride), plain(before), plain(before)))
    return tuple(windows)


def _in_bin(index: Sequence[int], size: PerAxis, x: Field) -> list[Number]:
    """Return the values in the bin of one output value."""
    *place, channel = index
    extents = x.shape[:-1]
    sizes = size if isinstance(size, tuple) else (size,) * len(extents)
    bins = [
        range(math.floor(Fraction(o * w, n)), math.ceil(Fraction((o + 1) * w, n)))
        for o, w, n in zip(place, extents, sizes, strict=True)
    ]
    return [x.at(position, channel) for position in itertools.product(*bins)]


def _steps(
    layer: AdaptiveAvgPool | AdaptiveMaxPool | GlobalAvgPool | GlobalMaxPool,
    size: str,
    output: Volume,
    volume: Volume,
) -> list[Step]:
    """Return the working: the values in all bins, less one for each bin."""
    numbers = symbols(output, volume)
    *after, d2 = letters(output, 2)
    before = letters(volume, 1)[:-1]
    if output.positions == 1:
        joined = f"({product(*before)} - 1)·{d2}"
    else:
        # A bin begins in the last position of the one before it, unless their border is whole.
        bins = [f"({w} + {n} - G{w[0].lower()})" for w, n in zip(before, after, strict=True)]
        joined = f"({product(*bins)} - {product(*after)})·{d2}"
        numbers |= {
            f"G{w[0].lower()}": math.gcd(numbers[w], numbers[n])
            for w, n in zip(before, after, strict=True)
        }
    formulas = {"comparisons": joined, "additions": joined, "divisions": product(*after, d2)}
    note = "" if output.positions == 1 else "G: the greatest divisor that the extents share"
    return [
        *(Step("volume", n, size, f"{numbers[n]}", numbers[n]) for n in after),
        worked("volume", d2, "D1", numbers, output.channels),
        *(
            step._replace(note=note) if step.formula == joined else step
            for step in operations(layer.cost(output, volume), formulas, numbers)
        ),
    ]
