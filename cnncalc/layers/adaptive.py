"""Pools whose windows follow from the output that is wanted: adaptive and global."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from itertools import product
from typing import TYPE_CHECKING, ClassVar, final

from cnncalc.arithmetic import adaptive_taps, adaptive_widest
from cnncalc.layers.base import (
    AbstractLayer,
    Arrays,
    Cost,
    Everything,
    Field,
    Fields,
    Number,
    PerAxis,
    Shapes,
    Step,
    Window,
    Windows,
    axes,
    by,
)
from cnncalc.layers.windows import DIMENSIONS, depth_step, places, require_extents
from cnncalc.volume import Volume

if TYPE_CHECKING:
    from cnncalc.layers.base import Array


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

    tag: ClassVar[str] = "adaptive_avg_pool"

    size: PerAxis

    def output(self, *volumes: Volume) -> Volume:
        return _sized(*volumes, self.size)

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
        return [*_adaptive_steps("additions", output, *volumes), _divisions(output)]


@final
class AdaptiveMaxPool(AbstractLayer):
    """Adaptive max pooling: the largest value of each of the bins of AdaptiveAvgPool.

    Volume: `size` along each axis, as deep as the input.
    Cost: for a bin of k values k - 1 comparisons.
    Source: PyTorch 2.13, torch.nn.AdaptiveMaxPool2d.

    >>> str(AdaptiveMaxPool(size=(2, 3)).output(Volume((5, 5), 4)))
    '2x3x4'
    """

    tag: ClassVar[str] = "adaptive_max_pool"

    size: PerAxis

    def output(self, *volumes: Volume) -> Volume:
        return _sized(*volumes, self.size)

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
        return _adaptive_steps("comparisons", output, *volumes)


@final
class GlobalAvgPool(AbstractLayer):
    """Global average pooling: the mean of each channel; the extents stay, as 1.

    Cost: H1·W1 - 1 additions and 1 division a channel.
    Source: Lin et al. 2013 (arXiv:1312.4400), section 3.2.

    >>> str(GlobalAvgPool().output(Volume((7, 7), 2048)))
    '1x1x2048'
    """

    tag: ClassVar[str] = "global_avg_pool"

    def output(self, *volumes: Volume) -> Volume:
        return _sized(*volumes, 1)

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
        return [*_global_steps("additions", output, *volumes), _divisions(output)]


@final
class GlobalMaxPool(AbstractLayer):
    """Global max pooling: the largest value of each channel; the extents stay, as 1.

    Cost: H1·W1 - 1 comparisons a channel.
    Source: Oquab et al. 2015, "Is object localization for free?", section 3.

    >>> str(GlobalMaxPool().output(Volume((100,), 16)))
    '1x16'
    """

    tag: ClassVar[str] = "global_max_pool"

    def output(self, *volumes: Volume) -> Volume:
        return _sized(*volumes, 1)

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
        return _global_steps("comparisons", output, *volumes)


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
        windows.append(Window(kernel, _plain(stride), _plain(before), _plain(before)))
    return tuple(windows)


def _plain(number: Fraction) -> int | Fraction:
    return number.numerator if number.denominator == 1 else number


def _in_bin(index: Sequence[int], size: PerAxis, x: Field) -> list[Number]:
    """Return the values in the bin of one output value."""
    *place, channel = index
    extents = x.shape[:-1]
    sizes = size if isinstance(size, tuple) else (size,) * len(extents)
    bins = [
        range(math.floor(Fraction(o * w, n)), math.ceil(Fraction((o + 1) * w, n)))
        for o, w, n in zip(place, extents, sizes, strict=True)
    ]
    return [x.at(position, channel) for position in product(*bins)]


def _divisions(output: Volume) -> Step:
    at, count = places(output)
    d2 = output.channels
    return Step("FLOPs", "divisions", f"{at}·D2", f"{count}·{d2}", output.size)


def _adaptive_steps(operation: str, output: Volume, volume: Volume) -> list[Step]:
    letters = DIMENSIONS[len(volume.extents)]
    widths = [(w, n, math.gcd(w, n)) for w, n in zip(volume.extents, output.extents, strict=True)]
    bins = "·".join(f"({c}1 + {c}2 - gcd({c}1, {c}2))" for c in letters)
    numbers = "·".join(f"({w} + {n} - {divisor})" for w, n, divisor in widths)
    at, count = places(output)
    return [
        *_size_steps(output, "size"),
        depth_step("D1", volume.channels, output.channels),
        Step(
            "FLOPs",
            operation,
            f"({bins} - {at})·D2",
            f"({numbers} - {count})·{output.channels}",
            _joined(output, volume),
            note="positions in all bins, less one for each bin",
        ),
    ]


def _global_steps(operation: str, output: Volume, volume: Volume) -> list[Step]:
    at, count = places(volume, 1)
    return [
        *_size_steps(output, "1"),
        depth_step("D1", volume.channels, output.channels),
        Step(
            "FLOPs",
            operation,
            f"({at} - 1)·D2",
            f"({count} - 1)·{output.channels}",
            volume.size - output.size,
        ),
    ]


def _size_steps(output: Volume, formula: str) -> list[Step]:
    letters = DIMENSIONS[len(output.extents)]
    return [
        Step("volume", f"{letter}2", formula, f"{n}", n)
        for letter, n in zip(letters, output.extents, strict=True)
    ]
