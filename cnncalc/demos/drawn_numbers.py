"""The numbers of a demonstration, and what the kernels make of them.

The page draws the same numbers from the same seed, by the same generator.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from cnncalc.demos.records import Setting
from cnncalc.layers.base import AbstractLayer

if TYPE_CHECKING:
    from cnncalc.layers.protocols import Array

LECTURE = (1, 1, 2, 4, 5, 6, 7, 8, 3, 2, 1, 0, 1, 2, 3, 4)  # a pool's, of 4x4


def generator(seed: int) -> Iterator[int]:
    """Yield whole numbers below 2^16, the upper half of a linear congruential generator's.

    Source: Knuth 1997, The Art of Computer Programming 2, section 3.3.4, line 16 of table 1.
    """
    state = seed
    while True:
        state = (state * 1664525 + 1013904223) % 2**32
        yield state >> 16


def drawn(setting: Setting) -> tuple[list[int], list[int], list[int]]:
    """Return input, weights and biases: channels and filters first, then positions.

    Inputs are 0, 1 or 2 and weights -1, 0 or 1, as in the course notes' demonstration; the
    inputs of a pool are digits.
    """
    size = setting.channels * math.prod(setting.extents)
    if setting.kind != "conv":
        if setting.seed == 0 and (setting.channels, setting.extents) == (1, (4, 4)):
            return [*LECTURE], [], []
        source = generator(setting.seed)
        return [next(source) % 10 for _ in range(size)], [], []
    source = generator(setting.seed)
    x = [next(source) % 3 for _ in range(size)]
    taps = math.prod(window.kernel for window in setting.windows)
    each = setting.channels // setting.groups
    weight = [next(source) % 3 - 1 for _ in range(setting.filters * each * taps)]
    bias = [next(source) % 2 * setting.bias for _ in range(setting.filters)]
    return x, weight, bias


def computed(setting: Setting) -> tuple[float, ...]:
    """Return the output of the layer's kernel on the numbers drawn: filters, then positions."""
    import numpy as np

    x, weight, bias = drawn(setting)
    image = np.moveaxis(np.array(x, np.float32).reshape(setting.channels, *setting.extents), 0, -1)
    kernel = [window.kernel for window in setting.windows]
    first = (setting.filters, setting.channels // setting.groups, *kernel)

    def arrays(name: str, shape: tuple[int, ...], **_: Any) -> Array:
        if name == "bias":
            return np.array(bias, np.float32).reshape(shape)
        made = np.array(weight, np.float32).reshape(first)
        return np.ascontiguousarray(np.moveaxis(made, 1, -1)).reshape(shape)

    result = layer(setting).forward(arrays, image[None])[0]
    return tuple(map(float, np.moveaxis(result, -1, 0).reshape(-1)))


def layer(setting: Setting) -> AbstractLayer:
    """Return the layer that a setting shows."""
    from cnncalc.layers.convolution import Conv
    from cnncalc.layers.pooling import AvgPool, MaxPool

    windows = setting.windows
    settings: dict[str, Any] = {
        "kernel": [window.kernel for window in windows],
        "stride": [window.stride for window in windows],
        "padding": [[window.before, window.after] for window in windows],
        "rounding": "ceil" if setting.ceil else "floor",
    }
    dilation = [window.dilation for window in windows]
    if setting.kind == "avg":
        return AvgPool(**settings, count_include_pad=setting.counts_padding)
    if setting.kind == "max":
        return MaxPool(**settings, dilation=dilation)
    return Conv(
        **settings,
        dilation=dilation,
        filters=setting.filters,
        groups=setting.groups,
        bias=setting.bias,
    )
