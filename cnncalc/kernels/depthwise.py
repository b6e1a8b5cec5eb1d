"""Depthwise convolution: a filter for each channel, in tiles that fit the cache."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnncalc.kernels.counting import record, record_padding
from cnncalc.kernels.windows import (
    SCRATCH,
    AxisWindow,
    Tile,
    at_tap,
    output_extents,
    patch,
    patch_bytes,
    slices,
    taps,
    taps_on_padding,
    tiles,
    window_view,
)

Array = NDArray[Any]

# Values of the output in a tile: 144 channels of 56x56 take 1.2 at 2^15, 0.87 at 2^17, 0.77 at
# 2^19; 96 of 112x112 at stride 2 take 1.4, 1.2, 1.2.
VALUES = 2**17
# Channels that are a long enough run for einsum by themselves. Fewer are merged with the last
# axis into one run: 144 of 56x56 take 0.87 so and 1.27 else, 240 of 28x28 0.79 and 0.98, 576 the
# same.
RUN = 256


def convolve_depthwise(
    x: Array,
    weight: Array,
    bias: Array | None,
    windows: Sequence[AxisWindow],
    *,
    ceil: bool = False,
) -> Array:
    """Return the convolution in which each filter sees one channel.

    Shapes: x `(N, *extents, D1)`, weight `(D2, *kernel, 1)`, bias `(D2,)`; D2 is a multiple m
    of D1, and filter i sees channel i // m.
    """
    extents, d2 = output_extents(x, windows, ceil=ceil), len(weight)
    out = np.empty((len(x), *extents, d2), np.result_type(x, weight))
    filters = np.ascontiguousarray(np.moveaxis(weight[..., 0], 0, -1))  # (*kernel, D2)
    output_tiles = tiles(extents, max(1, VALUES // d2))
    place, tap = "uvw"[: len(extents)], "abc"[: len(extents)]
    summed = f"{place}{tap}z,{tap}z->{place}z"
    merged = d2 < RUN and windows[-1][1] == 1
    if merged:
        # At stride 1 the values at a tap lie together along the last axis, in one long run.
        filters = np.tile(filters, len(output_tiles[0][-1]))
        summed = f"{place}{tap},{tap}{place[-1]}->{place}"
    for sample, result in zip(x, out, strict=True):
        for tile in output_tiles:
            target = result[slices(tile)]
            total = target.reshape(*target.shape[:-2], -1) if merged else target
            pieces = _covered(sample, tile, windows, multiplier=d2 // x.shape[-1], merged=merged)
            for i, (at, values) in enumerate(pieces):
                some = filters[at][..., : total.shape[-1]]
                if i:
                    np.add(total, np.einsum(summed, values, some), out=total)
                else:
                    np.einsum(summed, values, some, out=total)
            if bias is not None:
                np.add(target, bias, out=target)
    terms = math.prod(kernel for kernel, *_ in windows)
    record(out.size, 1, terms)
    record_padding(len(x) * taps_on_padding(x, windows, extents) * d2)
    return out


def _covered(
    sample: Array, tile: Tile, windows: Sequence[AxisWindow], *, multiplier: int, merged: bool
) -> Iterator[tuple[tuple[slice, ...], Array]]:
    """Yield taps of a tile's windows and the values there: all at once, if the patch is small.

    Shapes: `(*positions, *taps, D2)`; if `merged`, `(*positions, positions·D2, *taps)`.
    """
    count, channels = [len(run) for run in tile], sample.shape[-1] * multiplier
    if patch_bytes(sample, tile, windows) * multiplier <= SCRATCH:
        covered = patch(sample, tile, windows)
        if multiplier > 1:
            covered = np.repeat(covered, multiplier, axis=-1)
        yield (), _window_view(np.ascontiguousarray(covered), windows, count, merged)
        return
    for tap in taps(windows):
        values = np.repeat(at_tap(sample, tile, windows, tap), multiplier, axis=-1)
        shape = [*count[:-1], count[-1] * channels] if merged else count
        ends = [1] * len(tap) if merged else [*[1] * len(tap), channels]
        yield tuple(slice(t, t + 1) for t in tap), values.reshape(*shape, *ends)


def _window_view(
    patch: Array, windows: Sequence[AxisWindow], count: Sequence[int], merged: bool
) -> Array:
    """Return the windows on a contiguous patch as a view, in the shapes of `_covered`."""
    if not merged:
        return window_view(patch, windows, count)
    *lead, (kernel, _, _, _, dilation) = windows
    channels = patch.shape[-1]
    line = patch.reshape(*patch.shape[:-2], -1, 1)
    run = (kernel, 1, 0, 0, dilation * channels)
    return window_view(line, [*lead, run], [*count[:-1], count[-1] * channels])[..., 0]
