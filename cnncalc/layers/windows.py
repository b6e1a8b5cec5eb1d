"""The settings that all sliding windows share, resolved for the volume that arrives."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from itertools import product
from typing import Any

from cnncalc.arithmetic import (
    effective_kernel,
    half_padding,
    same_padding,
    window_extent,
    window_extent_ceil,
    window_remainder,
)
from cnncalc.errors import VolumeError
from cnncalc.layers.base import Step, Window, alike, axes
from cnncalc.volume import Volume

DIMENSIONS = ("", "W", "HW", "THW")  # a letter for each axis, by their number; D is the channels


def require_extents(volume: Volume) -> int:
    """Return the number of spatial dimensions. Raises: VolumeError if there are none."""
    count = len(volume.extents)
    if not 1 <= count <= 3:
        raise VolumeError(
            f"needs one to three spatial dimensions. Received {volume}. "
            "Use fc or linear on a vector."
        )
    return count


def resolve(
    volume: Volume,
    kernel: int | tuple[int, ...],
    stride: int | tuple[int, ...],
    padding: Any,
    dilation: int | tuple[int, ...] = 1,
) -> tuple[Window, ...]:
    """Return a Window for each axis of `volume`, with padding words worked out.

    Raises: VolumeError if a setting has numbers for another number of axes.
    """
    count = require_extents(volume)
    k, s = axes(kernel, count, "kernel"), axes(stride, count, "stride")
    d = axes(dilation, count, "dilation")
    return tuple(
        Window(k[i], s[i], before, after, d[i])
        for i, (before, after) in enumerate(pad_pairs(volume, k, s, padding, d))
    )


def pad_pairs(
    volume: Volume,
    kernel: tuple[int, ...],
    stride: tuple[int, ...],
    padding: Any,
    dilation: tuple[int, ...],
) -> list[tuple[int, int]]:
    """Return the padding before and after along each axis."""
    count = len(kernel)
    if padding == "same":
        return [
            same_padding(w, k, s, d)
            for w, k, s, d in zip(volume.extents, kernel, stride, dilation, strict=True)
        ]
    if padding == "half":
        return [(p, p) for p in map(half_padding, kernel, dilation)]
    if padding == "valid":
        return [(0, 0)] * count
    if isinstance(padding, tuple) and isinstance(padding[0], tuple):
        pairs = padding * count if len(padding) == 1 else padding
        if len(pairs) != count:
            axes((0,) * len(pairs), count, "padding")
        return list(pairs)
    return [(p, p) for p in axes(padding, count, "padding")]


def slide(volume: Volume, windows: Sequence[Window], channels: int, rounding: str) -> Volume:
    """Return the volume of the places that the windows take, `channels` deep.

    Raises: VolumeError if there is no place along an axis.
    """
    extent = window_extent_ceil if rounding == "ceil" else window_extent
    extents = tuple(
        extent(w, window.kernel, *ints(window)) for w, window in zip(volume.extents, windows, strict=True)
    )
    if min(extents) < 1:
        axis = next(i for i, n in enumerate(extents) if n < 1)
        too_small(volume, windows, axis)
    return Volume(extents, channels)


def ints(window: Window) -> tuple[int, int, int, int]:
    """Return stride, padding before, padding after and dilation, all whole here."""
    return window.stride, window.before, window.after, window.dilation  # type: ignore[return-value]


def too_small(volume: Volume, windows: Sequence[Window], axis: int) -> None:
    """Raise the VolumeError of a window that has no place along an axis."""
    window, w = windows[axis], volume.extents[axis]
    _, numbers = extent_formula(w, window)
    name = {"W": "wide", "H": "high", "T": "long"}[DIMENSIONS[len(volume.extents)][axis]]
    reach = effective_kernel(window.kernel, window.dilation)
    least = w + window.before + window.after
    fits = (least - 1) // window.dilation + 1
    raise VolumeError(
        f"the output would be less than 1 {name}: {numbers} < 1, from input {volume}. "
        f"The kernel covers {reach:,}, the input with its padding {least:,}. "
        f"Remove the layer, or use a kernel of at most {fits:,}."
    )


def extent_formula(w: int, window: Window) -> tuple[str, str]:
    """Return (W - K + 2P)/S + 1 in symbols and in numbers.

    >>> extent_formula(227, Window(11, 4))
    ('(W1 - K + 2P)/S + 1', '(227 - 11 + 2·0)/4 + 1')
    """
    k, s, b, a, d = window.kernel, *ints(window)
    kernel, taps = ("K", f"{k}") if d == 1 else ("(D·(K - 1) + 1)", f"({d}·({k} - 1) + 1)")
    padding, pixels = ("2P", f"2·{b}") if a == b else ("Pb + Pa", f"{b} + {a}")
    return f"(W1 - {kernel} + {padding})/S + 1", f"({w} - {taps} + {pixels})/{s} + 1"


def volume_steps(volume: Volume, output: Volume, windows: Sequence[Window], rounding: str) -> list[Step]:
    """Return the working of each extent of a sliding window's output."""
    steps = []
    letters = DIMENSIONS[len(volume.extents)]
    for letter, w, n, window in zip(letters, volume.extents, output.extents, windows, strict=True):
        formula, numbers = extent_formula(w, window)
        s, b, a, d = ints(window)
        left = window_remainder(w, window.kernel, s, b, a, d)
        exact = Fraction(w + b + a - effective_kernel(window.kernel, d), s) + 1
        note = ""
        if left and rounding == "ceil" and n < -(-exact.numerator // exact.denominator):
            exact, rounding_here = Fraction(n), "ceil"
            numbers, note = f"{n}", "the last window would start past the input and is left out"
        else:
            rounding_here = rounding if left else ""
        steps.append(
            Step(
                "volume",
                f"{letter}2",
                formula.replace("W1", f"{letter}1"),
                numbers,
                exact if left else n,
                rounding_here,  # type: ignore[arg-type]
                note,
            )
        )
    return steps


def taps(
    extents: Sequence[int],
    place: Sequence[int],
    kernel: int | tuple[int, ...],
    stride: int | tuple[int, ...],
    padding: Any,
    dilation: int | tuple[int, ...] = 1,
) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Return each tap of the window at an output place, with the input position it reads.

    Positions outside the input are the padding. This is the definition that `value` stands
    on: it shares nothing with `resolve` or the formulas.
    """
    count = len(extents)
    k, s, d = (n if isinstance(n, tuple) else (n,) * count for n in (kernel, stride, dilation))
    first = []
    for i, w in enumerate(extents):
        reach = d[i] * (k[i] - 1) + 1
        if padding == "same":
            places = math.ceil(Fraction(w, s[i]))
            before = max(0, (places - 1) * s[i] + reach - w) // 2
        elif padding == "half":
            before = (reach - 1) // 2
        elif padding == "valid":
            before = 0
        else:
            one = padding if isinstance(padding, int) else padding[i if len(padding) > 1 else 0]
            before = one if isinstance(one, int) else one[0]
        first.append(place[i] * s[i] - before)
    return [
        (tap, tuple(f + t * step for f, t, step in zip(first, tap, d, strict=True)))
        for tap in product(*map(range, k))
    ]


def at_stride(windows: Sequence[Window]) -> str:
    """Return ` at stride 4, pad 0`, with dilation where there is any.

    >>> at_stride((Window(3, 2, 1, 1),))
    ' at stride 2, pad 1'
    """
    text = f" at stride {alike([w.stride for w in windows])}{pad_phrase(windows)}"
    if any(w.dilation > 1 for w in windows):
        text += f", dilation {alike([w.dilation for w in windows])}"
    return text


def pad_phrase(windows: Sequence[Window]) -> str:
    """Return `, pad 1`; both sides where they differ."""
    pads = [f"{w.before}" if w.before == w.after else f"{w.before}+{w.after}" for w in windows]
    return f", pad {alike(pads)}"
