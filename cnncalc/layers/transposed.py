"""Transposed convolution: each input value times the filters is added to the output."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, final

from pydantic import model_validator

from cnncalc.arithmetic import effective_kernel, transposed_extent
from cnncalc.errors import VolumeError
from cnncalc.layers import windowed as sliding
from cnncalc.layers.base import (
    Cost,
    Step,
    Window,
    Windows,
    axes,
    per_axis_text,
    require_divisor,
    volume_of,
)
from cnncalc.layers.convolution import AbstractConvolution
from cnncalc.layers.periodic_windows import TransposedWindow
from cnncalc.layers.protocols import Arrays, Number, Tensor, Tensors
from cnncalc.layers.setting_types import Boolean, Count, Padding, PerAxis, PerAxisOrZero
from cnncalc.layers.step_builders import counted, letters, product, symbols, volume_step
from cnncalc.layers.window_definition import taps_reaching, zero
from cnncalc.volume import Volume

if TYPE_CHECKING:
    from cnncalc.layers.protocols import Array


@final
class ConvTranspose(AbstractConvolution):
    """Transposed convolution: input i adds its K x K product to the output from i·S - P on.

    Volume: (W - 1)·S - 2P + K + output_padding along each axis, D2 deep. Padding crops;
    `same` makes the output W·S.
    Learned: weight `(D2, *K, D1 / groups)`, bias `(D2,)`.
    MACs: H1·W1·K²·D1·D2 / groups, those of cropped outputs included.
    Source: Dumoulin and Visin 2016 (arXiv:1603.07285), relation 14.

    >>> ConvTranspose(filters=3, kernel=2, stride=2).output(Volume((2, 2), 1))
    Volume(extents=(4, 4), channels=3)
    """

    tag = "conv_transpose"
    family = "convolution"
    aliases = ("ConvTransposed", "TransposedConv", "Deconv", "Deconvolution", "UpConv")
    crops = True

    filters: Count
    kernel: PerAxis
    stride: PerAxis = 1
    padding: Padding = 0
    dilation: PerAxis = 1
    groups: Count = 1
    bias: Boolean = True
    output_padding: PerAxisOrZero = 0
    fixed: Boolean = False

    @model_validator(mode="after")
    def _check(self) -> ConvTranspose:
        self.require_groups()
        if self.padding == "same" and self.output_padding != 0:
            raise ValueError("output_padding has no meaning beside padding: same")
        return self

    def output(self, *volumes: Volume) -> Volume:
        (volume,) = volumes
        windows = self._windows(volume)
        require_divisor("groups", self.groups, volume)
        extra = self._extra(windows)
        extents = []
        for w, more, window in zip(volume.extents, extra, windows, strict=True):
            s, b, a, d = sliding.ints(window)
            if more >= max(s, d) and self.output_padding != 0:
                raise VolumeError(
                    f"output_padding must be less than stride or dilation. Received {more} at "
                    f"stride {s} and dilation {d}. Use at most {max(s, d) - 1}."
                )
            extents.append(transposed_extent(w, window.kernel, s, b, a, d, more))
        if min(extents) < 1:
            step = sliding.transposed_steps(volume, Volume(tuple(extents), 1), windows, extra)[
                next(i for i, n in enumerate(extents) if n < 1)
            ]
            raise VolumeError(
                f"the output would be less than 1 along {step.symbol}: {step.numbers} < 1, from "
                f"input {volume}. Use less padding: it takes away from a transposed output."
            )
        return Volume(tuple(extents), self.filters)

    def _windows(self, volume: Volume) -> tuple[Window, ...]:
        """Return the windows of the convolution whose transpose this is."""
        stride = axes(self.stride, sliding.require_extents(volume), "stride")
        larger = tuple(w * s for w, s in zip(volume.extents, stride, strict=True))
        return sliding.resolve(
            Volume(larger, volume.channels), self.kernel, stride, self.padding, self.dilation
        )

    def _extra(self, windows: tuple[Window, ...]) -> tuple[int, ...]:
        """Return the output padding; with `same` the gap that a kernel below the stride leaves."""
        if self.padding != "same":
            return axes(self.output_padding, len(windows), "output_padding")
        gaps = [int(w.stride) - effective_kernel(w.kernel, w.dilation) for w in windows]
        return tuple(gap * (gap > 0) for gap in gaps)

    def cost(self, output: Volume, *volumes: Volume) -> Cost:
        weights = math.prod(self.weight_shape(len(output.extents), volumes[0].channels))
        return Cost(macs=volumes[0].positions * weights, additions=self.bias * output.size)

    def window(self, output: Volume, *volumes: Volume) -> Windows:
        return tuple(
            TransposedWindow(w.kernel, w.stride, w.before, w.dilation)
            for w in self._windows(*volumes)
        )

    def forward(self, arrays: Arrays, *inputs: Array) -> Array:
        from cnncalc import kernels

        (x,) = inputs
        windows = self._windows(volume_of(x))
        shape = self.weight_shape(len(windows), x.shape[-1])
        meet = math.prod(-(-w.kernel // int(w.stride)) for w in windows)
        weight = arrays("weight", shape, fan=meet * shape[-1])
        bias = self.bias_array(arrays, self.filters)
        extra = self._extra(windows)
        return kernels.convolve_transposed(
            x, weight, bias, sliding.as_tuples(windows), extra=extra, groups=self.groups
        )

    def value(self, index: tuple[int, ...], arrays: Tensors, *inputs: Tensor) -> Number:
        (x,), (*place, d2), weight = inputs, index, arrays["weight"]
        total, channels = zero(x), self.channels_of(d2, x.shape[-1])
        window = (self.kernel, self.stride, self.padding, self.dilation)
        for tap, position in taps_reaching(x.shape[:-1], place, *window):
            total = x.at(position, channels).dot(weight[(d2, *tap)], total)
        return self.plus_bias(total, arrays, d2)

    def describe(self, output: Volume, *volumes: Volume) -> str:
        windows = self._windows(*volumes)
        phrase = sliding.window_phrase("transposed filters", windows, zero_pad=False)
        text = f"{self.filters} {phrase}"
        if any(extra := self._extra(windows)):
            text += f", output pad {per_axis_text(extra)}"
        text += f", {self.groups} groups" if self.groups > 1 else ""
        return text + ", fixed" * self.fixed

    def steps(self, output: Volume, *volumes: Volume) -> list[Step]:
        (volume,) = volumes
        windows = self._windows(volume)
        weight, numbers = sliding.taps_formula(windows)
        weight += "·D1·D2" if self.groups == 1 else "·D1/G·D2"
        numbers |= symbols(output, volume) | {"G": self.groups, "filters": self.filters}
        # Each input value is multiplied by every tap, also where the product is cropped away.
        formulas = {
            "weight": weight,
            "bias": "D2",
            "macs": product(*letters(volume, 1)[:-1], weight),
            "additions": product(*letters(output, 2)),
        }
        return [
            *sliding.transposed_steps(volume, output, windows, self._extra(windows)),
            volume_step("D2", "filters", numbers),
            *counted(self, formulas, numbers, output, volume),
        ]
