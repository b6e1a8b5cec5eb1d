"""The start of a page of demonstrations: a window on an input, and its output."""

from __future__ import annotations

from dataclasses import dataclass

from cnncalc.layers.base import Window

Kind = str  # conv, max or avg


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A window that steps over an input of whole numbers.

    Attributes:
        kind: conv, max (the largest value) or avg (the mean).
        extents: of the input, one or two.
        channels: of the input.
        filters: how many there are; for a pool, the channels.
        groups: of channels; for a depthwise convolution, as many as there are channels.
        windows: kernel, stride, padding and dilation along each axis.
        ceil: whether extents are rounded up.
        counts_padding: whether a mean counts its zeros.
        bias: whether a bias is added.
        seed: what the numbers follow from; 0 are those of the lecture, for a pool.
    """

    kind: Kind
    extents: tuple[int, ...]
    channels: int
    filters: int
    groups: int = 1
    windows: tuple[Window, ...]
    ceil: bool = False
    counts_padding: bool = True
    bias: bool = True
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """A page of demonstrations.

    Attributes:
        conv: the convolution it starts with.
        pool: the pool it starts with.
        starts: conv or pool, which is shown first.
        about: the layer that it is of, if it is of one.
        notes: how its input and channels differ from the layer's.
        output: of what is shown first, as the kernels compute it: filters, then positions.
    """

    conv: Setting
    pool: Setting
    starts: str = "conv"
    about: str = ""
    notes: tuple[str, ...] = ()
    output: tuple[float, ...]
