"""The definition of a sliding window, tap by tap, as `value` uses it.

It shares no code with `arithmetic` and `kernels`: both are verified against it. A tap is an
element of the kernel.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import product

from cnncalc.layers.protocols import Number, Tensor
from cnncalc.layers.setting_types import Padding, PerAxis

Tap = tuple[tuple[int, ...], tuple[int, ...]]
"""The index of a tap in the kernel, and the input position that it reads."""


def taps(
    extents: Sequence[int],
    place: Sequence[int],
    kernel: PerAxis,
    stride: PerAxis,
    padding: Padding,
    dilation: PerAxis = 1,
) -> Iterator[Tap]:
    """Return the taps of the window at an output position; outside the input is the padding.

    >>> list(taps((5,), (0,), kernel=2, stride=1, padding=1))
    [((0,), (-1,)), ((1,), (0,))]
    """
    k, s, d = (_each(setting, extents) for setting in (kernel, stride, dilation))
    start = [
        o * step - before
        for o, step, (before, _) in zip(place, s, pads(extents, k, s, padding, d), strict=True)
    ]
    for tap in product(*map(range, k)):
        yield tap, tuple(first + t * gap for first, t, gap in zip(start, tap, d, strict=True))


def taps_reaching(
    extents: Sequence[int],
    place: Sequence[int],
    kernel: PerAxis,
    stride: PerAxis,
    padding: Padding,
    dilation: PerAxis = 1,
) -> Iterator[Tap]:
    """Return the taps of a transposed window that contribute to an output position.

    Input i contributes to the outputs i·S + D·t - P, one for each tap t.

    >>> list(taps_reaching((2,), (1,), kernel=3, stride=2, padding=1))
    [((0,), (1,)), ((2,), (0,))]
    """
    k, s, d = (_each(setting, extents) for setting in (kernel, stride, dilation))
    larger = [w * step for w, step in zip(extents, s, strict=True)]
    start = [
        o + before for o, (before, _) in zip(place, pads(larger, k, s, padding, d), strict=True)
    ]
    axes = [
        [
            (t, (first - t * gap) // step)
            for t in range(size)
            if (first - t * gap) % step == 0 and 0 <= first - t * gap < w * step
        ]
        for first, size, step, gap, w in zip(start, k, s, d, extents, strict=True)
    ]
    for pairs in product(*axes):
        yield tuple(t for t, _ in pairs), tuple(position for _, position in pairs)


def zero(x: Tensor) -> Number:
    """Return the number zero, read from outside a tensor."""
    return x.at([-1] * (len(x.shape) - 1), 0)


def _each(setting: PerAxis, extents: Sequence[int]) -> tuple[int, ...]:
    return setting if isinstance(setting, tuple) else (setting,) * len(extents)


def pads(
    extents: Sequence[int],
    kernel: PerAxis,
    stride: PerAxis,
    padding: Padding,
    dilation: PerAxis = 1,
) -> list[tuple[int, int]]:
    """Return the padding before and after along each axis, by the definition of its words.

    >>> pads((224, 225), kernel=3, stride=2, padding="same")
    [(0, 1), (1, 1)]
    """
    pairs = []
    for i, w in enumerate(extents):
        k, s, d = (n[i] if isinstance(n, tuple) else n for n in (kernel, stride, dilation))
        reach = d * (k - 1) + 1
        if padding == "same":
            total = max(0, (math.ceil(Fraction(w, s)) - 1) * s + reach - w)
            pairs.append((total // 2, total - total // 2))
        elif isinstance(padding, str):
            half = (reach - 1) // 2 if padding == "half" else 0
            pairs.append((half, half))
        else:
            one = padding if isinstance(padding, int) else padding[i if len(padding) > 1 else 0]
            pairs.append((one, one) if isinstance(one, int) else one)
    return pairs


def inside(
    position: Sequence[int], extents: Sequence[int], around: Sequence[tuple[int, int]] = ()
) -> bool:
    """Return whether a position lies in the input, or in the padding `around` it if given.

    >>> inside((-1,), (5,)), inside((-1,), (5,), [(1, 1)])
    (False, True)
    """
    around = around or [(0, 0)] * len(extents)
    return all(
        -before <= i < w + after
        for i, w, (before, after) in zip(position, extents, around, strict=True)
    )
