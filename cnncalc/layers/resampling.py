"""Upsampling, and rearrangement of channels to pixels and back."""

from __future__ import annotations

import math
import operator
from fractions import Fraction
from functools import reduce
from itertools import product as places
from typing import TYPE_CHECKING, Literal, final

from pydantic import model_validator

from cnncalc.errors import VolumeError
from cnncalc.layers.base import (
    AbstractLayer,
    AxisWindow,
    Cost,
    Step,
    Window,
    Windows,
    axes,
    extents_text,
    volume_of,
)
from cnncalc.layers.periodic_windows import Resampling
from cnncalc.layers.protocols import Arrays, Number, Tensor, Tensors
from cnncalc.layers.reshape import AbstractMove, ravel, unravel
from cnncalc.layers.setting_types import Boolean, Count, PerAxis
from cnncalc.layers.step_builders import counted, letters, product, symbols, volume_step
from cnncalc.layers.windowed import require_extents
from cnncalc.volume import Volume

if TYPE_CHECKING:
    from cnncalc.layers.protocols import Array


@final
class Upsample(AbstractLayer):
    """Resampling to `scale` times the extents, to `size`, or to the extents of a second input.

    With w positions becoming n, nearest takes position ⌊o·w/n⌋ for output o. Bilinear (linear
    along one axis, trilinear along three) takes the weighted sum of the two neighbours of
    (o + 1/2)·w/n - 1/2 along each axis, or with align_corners of o·(w - 1)/(n - 1); what lies
    outside is the value at the edge. An axis that keeps its extent is left alone.
    Operations: nearest none; bilinear over a axes that change, 2^a multiplications and 2^a - 1
    additions a value (the weights of the neighbours are known without the input).
    Source: PyTorch 2.13, torch.nn.Upsample.
    """

    tag = "upsample"
    family = "resample"
    aliases = ("UpSampling", "UpsamplingNearest", "UpsamplingBilinear", "Interpolate", "Resize")
    arity = (1, 2)

    scale: PerAxis | None = None
    size: PerAxis | None = None
    mode: Literal["nearest", "bilinear"] = "nearest"
    align_corners: Boolean = False

    @model_validator(mode="after")
    def _check(self) -> Upsample:
        if self.scale is not None and self.size is not None:
            raise ValueError("scale and size cannot both be given")
        if self.align_corners and self.mode == "nearest":
            raise ValueError("align_corners has a meaning for bilinear alone")
        return self

    def _extents(self, volumes: tuple[Volume, ...]) -> tuple[int, ...]:
        count = require_extents(volumes[0])
        given = [n is not None for n in (self.scale, self.size)]
        if sum(given) + len(volumes) != 2:
            raise VolumeError(
                "an upsample takes one of scale, size and a second input. "
                f"Received {len(volumes)} input(s), scale {self.scale}, size {self.size}."
            )
        if self.scale is not None:
            factors = axes(self.scale, count, "scale")
            return tuple(w * s for w, s in zip(volumes[0].extents, factors, strict=True))
        if self.size is not None:
            return axes(self.size, count, "size")
        if len(volumes[1].extents) != count:
            raise VolumeError(f"the axes differ. Received {volumes[0]} to bring to {volumes[1]}.")
        return volumes[1].extents

    def output(self, *volumes: Volume) -> Volume:
        return Volume(self._extents(volumes), volumes[0].channels)

    def _blended(self, output: Volume, volume: Volume) -> int:
        """Return how many input values are blended to one: 2 along each axis that changes."""
        changed = sum(n != w for n, w in zip(output.extents, volume.extents, strict=True))
        return 1 << changed * (self.mode == "bilinear")

    def cost(self, output: Volume, *volumes: Volume) -> Cost:
        n = self._blended(output, volumes[0])
        return Cost(multiplications=n * (n > 1), additions=n - 1).times(output.size)

    def window(self, output: Volume, *volumes: Volume) -> Windows:
        windows: list[AxisWindow] = []
        for w, n in zip(volumes[0].extents, output.extents, strict=True):
            ratio = Fraction(w, n)
            if w == n:
                windows.append(Window(1))
            elif w == 1:  # every unit sees the one position
                windows.append(Resampling(Fraction(0)))
            elif self.mode == "nearest":
                windows.append(Resampling(ratio))
            elif self.align_corners:
                windows.append(Resampling(Fraction(w - 1, max(n - 1, 1)), most=2))
            else:
                windows.append(Resampling(ratio, (ratio - 1) / 2, most=2))
        return tuple(windows)

    def forward(self, arrays: Arrays, *inputs: Array) -> Array:
        from cnncalc import kernels

        volumes = tuple(map(volume_of, inputs))
        extents = self._extents(volumes)
        if self.mode == "nearest":
            return kernels.nearest(inputs[0], extents)
        return kernels.linear_interpolation(inputs[0], extents, self.align_corners)

    def _neighbours(self, o: int, w: int, n: int) -> list[tuple[int, Fraction]]:
        """Return the input positions that output o reads along an axis, with their weights."""
        if w == n:
            return [(o, Fraction(1))]
        if self.mode == "nearest":
            return [(o * w // n, Fraction(1))]
        if self.align_corners:
            centre = Fraction(o * (w - 1), max(n - 1, 1))
        else:
            centre = max(Fraction((2 * o + 1) * w, 2 * n) - Fraction(1, 2), Fraction(0))
        first = math.floor(centre)
        rest = centre - first
        return [(first, 1 - rest), (min(first + 1, w - 1), rest)]

    def value(self, index: tuple[int, ...], arrays: Tensors, *inputs: Tensor) -> Number:
        *place, channel = index
        extents = self._extents(tuple(Volume(x.shape[:-1], x.shape[-1]) for x in inputs))
        x = inputs[0]
        along = [
            self._neighbours(o, w, n) for o, w, n in zip(place, x.shape[:-1], extents, strict=True)
        ]
        terms = []
        for neighbours in places(*along):
            positions, weights = zip(*neighbours, strict=True)
            value = x[(*positions, channel)]
            terms.append((value, math.prod(weights)))
        if len(terms) == 1:
            return terms[0][0]
        total: Number = reduce(operator.add, [value * weight for value, weight in terms])
        return total

    def describe(self, output: Volume, *volumes: Volume) -> str:
        aligned = ", corners aligned" if self.align_corners else ""
        return f"Upsampling to {extents_text(output.extents)}, {self.mode}{aligned}"

    def steps(self, output: Volume, *volumes: Volume) -> list[Step]:
        numbers = symbols(output, *volumes)
        *before, depth = letters(volumes[0], 1)
        *after, channels = letters(output, 2)
        factors = axes(self.scale, len(before), "scale") if self.scale is not None else None
        extents = [
            volume_step(symbol, f"scale·{w}", numbers | {"scale": factors[i]})
            if factors
            else volume_step(symbol, str(numbers[symbol]), numbers)
            for i, (symbol, w) in enumerate(zip(after, before, strict=True))
        ]
        n = self._blended(output, volumes[0])
        formulas = {
            "multiplications": product(n, *after, channels),
            "additions": product(n - 1, *after, channels),
        }
        return [
            *extents,
            volume_step(channels, depth, numbers),
            *counted(self, formulas, numbers, output, *volumes),
        ]


@final
class PixelShuffle(AbstractMove):
    """Channels to pixels: r·r neighbouring channels become the r x r pixels of one channel.

    Volume: O = r·W along each axis, D2 = D1 / r^axes.
    Source: Shi et al. 2016 (arXiv:1609.05158); the order of channels is PyTorch's.
    """

    tag = "pixel_shuffle"
    family = "rearrange"
    aliases = ("DepthToSpace", "SubPixel")

    factor: Count

    def output(self, *volumes: Volume) -> Volume:
        (volume,) = volumes
        pixels = self.factor ** require_extents(volume)
        if volume.channels % pixels:
            raise VolumeError(
                f"the channels must be a multiple of {pixels}, the pixels that they become. "
                f"Received {volume} and factor {self.factor}."
            )
        extents = tuple(self.factor * w for w in volume.extents)
        return Volume(extents, volume.channels // pixels)

    def window(self, output: Volume, *volumes: Volume) -> Windows:
        return (Resampling(Fraction(1, self.factor)),) * len(output.extents)

    def forward(self, arrays: Arrays, *inputs: Array) -> Array:
        from cnncalc import kernels

        return kernels.pixel_shuffle(inputs[0], self.factor)

    def source(self, index: tuple[int, ...], *shapes: tuple[int, ...]) -> tuple[int, ...]:
        *place, channel = index
        sub = tuple(i % self.factor for i in place)
        pixels = self.factor ** len(place)
        number = channel * pixels + ravel(sub, (self.factor,) * len(place))
        return (*[i // self.factor for i in place], number)

    def describe(self, output: Volume, *volumes: Volume) -> str:
        return f"Pixel shuffle, factor {self.factor}"

    def steps(self, output: Volume, *volumes: Volume) -> list[Step]:
        numbers = symbols(output, *volumes) | {"factor": self.factor}
        *before, depth = letters(volumes[0], 1)
        *after, channels = letters(output, 2)
        pixels = product(*["factor"] * len(before))
        return [
            *(volume_step(n, f"factor·{w}", numbers) for n, w in zip(after, before, strict=True)),
            volume_step(channels, f"{depth}/({pixels})", numbers),
        ]


@final
class PixelUnshuffle(AbstractMove):
    """Pixels to channels: the r x r pixels of one channel become r·r neighbouring channels.

    Volume: O = W / r along each axis, D2 = D1 · r^axes.
    Source: PyTorch 2.13, torch.nn.PixelUnshuffle, whose order of channels this is.
    """

    tag = "pixel_unshuffle"
    family = "rearrange"
    aliases = ("SpaceToDepth", "reorg")

    factor: Count

    def output(self, *volumes: Volume) -> Volume:
        (volume,) = volumes
        count = require_extents(volume)
        if any(w % self.factor for w in volume.extents):
            raise VolumeError(
                f"the extents must be multiples of the factor. Received {volume} "
                f"and factor {self.factor}."
            )
        extents = tuple(w // self.factor for w in volume.extents)
        return Volume(extents, volume.channels * self.factor**count)

    def window(self, output: Volume, *volumes: Volume) -> Windows:
        return (Window(self.factor, self.factor),) * len(output.extents)

    def forward(self, arrays: Arrays, *inputs: Array) -> Array:
        from cnncalc import kernels

        return kernels.pixel_unshuffle(inputs[0], self.factor)

    def source(self, index: tuple[int, ...], *shapes: tuple[int, ...]) -> tuple[int, ...]:
        *place, channel = index
        pixels = self.factor ** len(place)
        sub = unravel(channel % pixels, (self.factor,) * len(place))
        positions = [i * self.factor + j for i, j in zip(place, sub, strict=True)]
        return (*positions, channel // pixels)

    def describe(self, output: Volume, *volumes: Volume) -> str:
        return f"Pixel unshuffle, factor {self.factor}"

    def steps(self, output: Volume, *volumes: Volume) -> list[Step]:
        numbers = symbols(output, *volumes) | {"factor": self.factor}
        *before, depth = letters(volumes[0], 1)
        *after, channels = letters(output, 2)
        pixels = ["factor"] * len(before)
        return [
            *(volume_step(n, f"{w}/factor", numbers) for n, w in zip(after, before, strict=True)),
            volume_step(channels, product(depth, *pixels), numbers),
        ]
