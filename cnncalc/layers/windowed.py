"""Sliding windows: their settings resolved for an input volume, their steps and phrases."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, NoReturn

from cnncalc.arithmetic import (
    effective_kernel,
    half_padding,
    same_padding,
    window_extent,
    window_extent_ceil,
    window_remainder,
)
from cnncalc.errors import VolumeError
from cnncalc.layers.base import (
    DIMENSIONS,
    AbstractLayer,
    Step,
    Window,
    Windows,
    axes,
    extents_text,
    per_axis_text,
    volume_of,
)
from cnncalc.layers.protocols import Tensor
from cnncalc.layers.setting_types import Padding, PerAxis, Rounding
from cnncalc.layers.step_builders import counted, symbols, volume_step
from cnncalc.layers.window_definition import Tap, taps
from cnncalc.volume import Volume

if TYPE_CHECKING:
    from cnncalc.layers.protocols import Array

KernelWindow = tuple[int, int, int, int, int]
"""A window as the kernels take it: kernel, stride, padding before and after, dilation."""

ADJECTIVES = {"W": "wide", "H": "high", "T": "long"}


def require_extents(volume: Volume) -> int:
    """Return the number of spatial dimensions. Raises: VolumeError unless one to three."""
    count = len(volume.extents)
    if not 1 <= count <= 3:
        kind = f", which has {count} of them" if count else ", a vector"
        raise VolumeError(
            f"needs one to three spatial dimensions. Received {volume}{kind}. "
            "Use fc or linear on a vector."
        )
    return count


@lru_cache(maxsize=1024)  # all rules of a layer ask for the same, one after the other
def resolve(
    volume: Volume, kernel: PerAxis, stride: PerAxis, padding: Padding, dilation: PerAxis = 1
) -> tuple[Window, ...]:
    """Return a Window for each axis of `volume`; `half`, `same` and `valid` become numbers.

    Raises: VolumeError if a setting has numbers for another number of axes.

    >>> resolve(Volume((224, 225), 3), 3, 2, "same")[1]
    Window(kernel=3, stride=2, before=1, after=1, dilation=1)
    """
    count = require_extents(volume)
    k, s = axes(kernel, count, "kernel"), axes(stride, count, "stride")
    d = axes(dilation, count, "dilation")
    pads = _pad_pairs(volume, k, s, padding, d)
    return tuple(Window(k[i], s[i], *pads[i], d[i]) for i in range(count))


def _pad_pairs(
    volume: Volume, kernel: Sequence[int], stride: Sequence[int], padding: Padding, d: Sequence[int]
) -> Sequence[tuple[int, int]]:
    count = len(kernel)
    if padding == "same":
        return list(map(same_padding, volume.extents, kernel, stride, d))
    if padding == "half":
        return [(p, p) for p in map(half_padding, kernel, d)]
    if padding == "valid":
        padding = 0
    if isinstance(padding, tuple) and isinstance(padding[0], tuple):
        pairs: Sequence[tuple[int, int]] = padding
        if len(pairs) not in (1, count):
            received = ", ".join(f"[{before}, {after}]" for before, after in pairs)
            raise VolumeError(
                f"padding has a number for each of {len(pairs)} axes, but the input has {count}. "
                f"Received [{received}]. Give one pair, or {count}."
            )
        return [*pairs] * (count // len(pairs))
    return [(p, p) for p in axes(padding, count, "padding")]


def slide(volume: Volume, windows: Sequence[Window], channels: int, rounding: str) -> Volume:
    """Return the output volume of sliding windows, `channels` deep.

    Raises: VolumeError if a window is larger than the padded input.

    >>> str(slide(Volume((227, 227), 3), (Window(11, 4), Window(11, 4)), 96, "floor"))
    '55x55x96'
    """
    extent = window_extent_ceil if rounding == "ceil" else window_extent
    extents = tuple(
        extent(w, window.kernel, *ints(window))
        for w, window in zip(volume.extents, windows, strict=True)
    )
    if min(extents) < 1:
        _too_small(volume, windows, next(i for i, n in enumerate(extents) if n < 1))
    return Volume(extents, channels)


def ints(window: Window) -> tuple[int, int, int, int]:
    """Return stride, padding before and after, and dilation."""
    return window.stride, window.before, window.after, window.dilation


def as_tuples(windows: Sequence[Window]) -> list[KernelWindow]:
    """Return windows as the kernels take them."""
    return [(window.kernel, *ints(window)) for window in windows]


class AbstractWindowed(AbstractLayer):
    """A layer with a sliding window.

    Volume: O = (W - K + 2P)/S + 1 along each axis, rounded down or up.
    The final classes declare the settings, because their order is that of the documentation;
    without a setting `dilation` it is 1.
    """

    if TYPE_CHECKING:
        kernel: PerAxis
        stride: PerAxis | None  # None: the kernel's extents
        padding: Padding
        rounding: Rounding

    @property
    def window_settings(self) -> tuple[PerAxis, PerAxis, Padding, PerAxis]:
        """Return kernel, stride, padding and dilation, as the file has them."""
        stride = self.kernel if self.stride is None else self.stride
        return self.kernel, stride, self.padding, getattr(self, "dilation", 1)

    def windows(self, volume: Volume) -> tuple[Window, ...]:
        """Return the window along each axis of a volume."""
        return resolve(volume, *self.window_settings)

    def window(self, output: Volume, *volumes: Volume) -> Windows:
        return self.windows(volumes[0])

    def slide(self, volume: Volume, channels: int) -> Volume:
        """Return the output volume, `channels` deep. Raises: VolumeError."""
        return slide(volume, self.windows(volume), channels, self.rounding)

    def kernel_windows(self, x: Array) -> list[KernelWindow]:
        """Return the windows on an array, as the kernels take them."""
        return as_tuples(self.windows(volume_of(x)))

    @property
    def ceil(self) -> bool:
        """Return whether extents are rounded up."""
        return self.rounding == "ceil"

    def taps(self, x: Tensor, place: Sequence[int]) -> Iterator[Tap]:
        """Return the taps of the window at an output position, by the definition."""
        return taps(x.shape[:-1], place, *self.window_settings)

    def window_steps(
        self,
        depth: str,
        formulas: Mapping[str, str],
        numbers: Mapping[str, int],
        output: Volume,
        volume: Volume,
    ) -> list[Step]:
        """Return the steps of extents and channels (`depth`), of learned arrays and operations."""
        windows = self.windows(volume)
        known = {**taps_formula(windows)[1], **symbols(output, volume), **numbers}
        return [
            *volume_steps(volume, output, windows, self.rounding),
            volume_step("D2", depth, known),
            *counted(self, formulas, known, output, volume),
        ]


def _too_small(volume: Volume, windows: Sequence[Window], axis: int) -> NoReturn:
    window, w = windows[axis], volume.extents[axis]
    _, numbers = extent_formula(w, window)
    _, before, after, dilation = ints(window)
    padded = w + before + after
    raise VolumeError(
        f"the output would be less than 1 {ADJECTIVES[DIMENSIONS[len(volume.extents)][axis]]}: "
        f"{numbers} < 1, from input {volume}. "
        f"The kernel covers {effective_kernel(window.kernel, dilation):,}, "
        f"the input with its padding {padded:,}. "
        f"Remove the layer, or use a kernel of at most {(padded - 1) // dilation + 1:,}."
    )


def extent_formula(w: int, window: Window) -> tuple[str, str]:
    """Return (W - K + 2P)/S + 1 in symbols and in numbers.

    >>> extent_formula(227, Window(11, 4))
    ('(W1 - K + 2P)/S + 1', '(227 - 11 + 2·0)/4 + 1')
    """
    s, b, a, d = ints(window)
    kernel, reach = _reach_formula(window.kernel, d)
    padding, pixels = ("2P", f"2·{b}") if a == b else ("Pb + Pa", f"{b} + {a}")
    return f"(W1 - {kernel} + {padding})/S + 1", f"({w} - {reach} + {pixels})/{s} + 1"


def _reach_formula(k: int, d: int) -> tuple[str, str]:
    return ("K", f"{k}") if d == 1 else ("(d·(K - 1) + 1)", f"({d}·({k} - 1) + 1)")


def volume_steps(
    volume: Volume, output: Volume, windows: Sequence[Window], rounding: str
) -> list[Step]:
    """Return the steps of the output extents of sliding windows."""
    return [
        _extent_step(letter, w, n, window, rounding)
        for letter, w, n, window in zip(
            DIMENSIONS[len(volume.extents)], volume.extents, output.extents, windows, strict=True
        )
    ]


def _extent_step(letter: str, w: int, n: int, window: Window, rounding: str) -> Step:
    formula, numbers = extent_formula(w, window)
    formula = formula.replace("W1", f"{letter}1")
    s, b, a, d = ints(window)
    left = window_remainder(w, window.kernel, s, b, a, d)
    exact = Fraction(w + b + a - effective_kernel(window.kernel, d), s) + 1
    if rounding == "ceil" and n < exact:
        return Step(
            topic="volume",
            symbol=f"{letter}2",
            formula=f"({letter}1 + P - 1)/S + 1",
            numbers=f"({w} + {b} - 1)/{s} + 1",
            value=Fraction(w + b - 1, s) + 1,
            rounding="floor",
            note="the last window must start in the input or in the padding before it",
        )
    return Step(
        topic="volume",
        symbol=f"{letter}2",
        formula=formula,
        numbers=numbers,
        value=exact if left else n,
        rounding=("ceil" if rounding == "ceil" else "floor") if left else "",
    )


def transposed_steps(
    volume: Volume, output: Volume, windows: Sequence[Window], extra: Sequence[int]
) -> list[Step]:
    """Return the steps of the output extents of a transposed convolution; `extra` is its Po."""
    steps = []
    for i, letter in enumerate(DIMENSIONS[len(volume.extents)]):
        s, b, a, d = ints(windows[i])
        kernel, reach = _reach_formula(windows[i].kernel, d)
        padding, pixels = ("2P", f"2·{b}") if a == b else ("Pb - Pa", f"{b} - {a}")
        more, pixels_more = (" + Po", f" + {extra[i]}") if extra[i] else ("", "")
        steps.append(
            Step(
                topic="volume",
                symbol=f"{letter}2",
                formula=f"({letter}1 - 1)·S - {padding} + {kernel}{more}",
                numbers=f"({volume.extents[i]} - 1)·{s} - {pixels} + {reach}{pixels_more}",
                value=output.extents[i],
            )
        )
    return steps


def taps_formula(windows: Sequence[Window]) -> tuple[str, dict[str, int]]:
    """Return the number of taps of a kernel as a formula, and the numbers of its symbols.

    >>> taps_formula((Window(3), Window(3))), taps_formula((Window(1), Window(7)))
    (('K·K', {'K': 3}), ('Kh·Kw', {'Kh': 1, 'Kw': 7}))
    """
    sizes = [window.kernel for window in windows]
    letters = [""] * len(sizes) if len(set(sizes)) == 1 else DIMENSIONS[len(sizes)].lower()
    symbols = [f"K{letter}" for letter in letters]
    return "·".join(symbols), dict(zip(symbols, sizes, strict=True))


def window_phrase(what: str, windows: Sequence[Window], *, zero_pad: bool = True) -> str:
    """Return the phrase of a kernel: its extents, stride, padding and dilation.

    >>> window_phrase("filters", (Window(3, 2, 1, 1), Window(5, 2, 2, 2)))
    '3x5 filters at stride 2, pad 1x2'
    >>> window_phrase("average", (Window(2, 2),), zero_pad=False)
    'average of 2 at stride 2'
    """
    size = extents_text([w.kernel for w in windows])
    text = f"{what} of {size}" if len(windows) == 1 else f"{size} {what}"
    text += f" at stride {per_axis_text([str(w.stride) for w in windows])}"
    if zero_pad or any(w.before or w.after for w in windows):
        pads = [f"{w.before}" if w.before == w.after else f"{w.before}+{w.after}" for w in windows]
        text += f", pad {per_axis_text(pads)}"
    if any(w.dilation > 1 for w in windows):
        text += f", dilation {per_axis_text([w.dilation for w in windows])}"
    return text
