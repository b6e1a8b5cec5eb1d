"""Mistakes in volumes."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any, NamedTuple

from cnncalc.arithmetic import effective_kernel, same_padding, transposed_extent
from cnncalc.homework.answers.quantity import Exact
from cnncalc.homework.layer_truth import Case
from cnncalc.homework.misconceptions.mistake import (
    Explanation,
    Mistake,
    Ways,
    changed,
    windows_of,
)
from cnncalc.layers.base import Window


class Sliding(NamedTuple):
    """floor((w + before + after - reach) / stride) + one along each axis, and the depth."""

    extents: tuple[int, ...]
    windows: tuple[Window, ...]
    depth: int
    one: int = 1
    rounding: str = "floor"

    def value(self) -> tuple[Exact, ...]:
        """Return the volume's numbers."""
        numbers: list[Exact] = []
        for w, window in zip(self.extents, self.windows, strict=True):
            reach = effective_kernel(window.kernel, window.dilation)
            extent = Fraction(w + window.before + window.after - reach) / window.stride + self.one
            whole = {"floor": math.floor, "ceil": math.ceil}.get(self.rounding)
            exact = extent if extent.denominator > 1 else extent.numerator
            numbers.append(whole(extent) if whole else exact)
        return (*numbers, self.depth)


def sliding(case: Case) -> Sliding | None:
    """Return what goes into a volume where a window slides over one input, or None."""
    windows = windows_of(case)
    if windows is None or len(case.inputs) != 1:
        return None
    rounding = getattr(case.layer, "rounding", "floor")
    return Sliding(case.inputs[0].extents, windows, case.output.channels, 1, rounding)


def _each(**changes: Callable[[int, Window], Any]) -> Callable[[Sliding, Case], Sliding]:
    """Return the change of some settings of every axis's window."""

    def change(terms: Sliding, case: Case) -> Sliding:
        windows = tuple(
            window._replace(**{name: new(w, window) for name, new in changes.items()})
            for w, window in zip(terms.extents, terms.windows, strict=True)
        )
        return terms._replace(windows=windows)

    return change


def _assume_same(terms: Sliding, case: Case) -> Sliding:
    pairs = [
        same_padding(w, x.kernel, int(x.stride), x.dilation)
        for w, x in zip(terms.extents, terms.windows, strict=True)
    ]
    windows = tuple(
        x._replace(before=b, after=a) for x, (b, a) in zip(terms.windows, pairs, strict=True)
    )
    return terms._replace(windows=windows)


def _swap(terms: Sliding, case: Case) -> Sliding | None:
    filters = getattr(case.layer, "filters", None)
    if filters is None or len({window.kernel for window in terms.windows}) > 1:
        return None
    windows = tuple(window._replace(kernel=filters) for window in terms.windows)
    return terms._replace(windows=windows, depth=terms.windows[0].kernel)


def _is_pool(case: Case) -> bool:
    return case.type in ("max_pool", "avg_pool")


def _reach(w: int, window: Window) -> int:
    return effective_kernel(window.kernel, window.dilation) - 1


def _divided(terms: Sliding, case: Case, rounding: str = "floor") -> Sliding | None:
    if not _is_pool(case):
        return None
    windows = tuple(Window(window.kernel, window.kernel) for window in terms.windows)
    return terms._replace(windows=windows, rounding=rounding)


_PART = "What happens to a place where only part of the filter fits?"
_APART = "How far apart are two neighbouring windows?"
_PLACES = "How many places has the filter along a row, padding on both sides?"
_DEEP = "What decides how deep the output is?"
SLIDING = (
    Mistake("S-PADONCE", "one side padded", _PLACES, _each(after=lambda w, x: 0)),
    Mistake("S-NOPLUS1", "no + 1", _PLACES, lambda t, c: t._replace(one=0)),
    Mistake("S-NOSTRIDE", "the stride forgotten", "How far does the filter move at each step?",
            _each(stride=lambda w, x: 1)),
    Mistake("S-NOPAD", "the padding forgotten", _PLACES,
            _each(before=lambda w, x: 0, after=lambda w, x: 0)),
    Mistake("S-ASSUMESAME", "size as if padded to keep it, rounded up",
            "Where does the last filter fit, with the padding that there is?", _assume_same),
    Mistake("S-ADDK", "the kernel added, not taken away", _PLACES,
            _each(before=_reach, after=_reach, stride=lambda w, x: 1)),
    Mistake("S-NODILATION", "the dilation forgotten", "How far does a dilated filter reach?",
            _each(dilation=lambda w, x: 1)),
    Mistake("S-CEIL", "rounded up", _PART, lambda t, c: t._replace(rounding="ceil")),
    Mistake("S-FLOOR", "rounded down", _PART, lambda t, c: t._replace(rounding="floor")),
    Mistake("S-FRACTION", "the fraction left", "Can there be a fraction of a place?",
            lambda t, c: t._replace(rounding="exact")),
    Mistake("S-POOLDIV", "the size divided by the window, whatever the stride", _APART, _divided),
    Mistake("S-POOLDIV", "the size divided by the window, the fraction left", _APART,
            lambda t, c: _divided(t, c, "exact")),
    Mistake("S-SWAPFK", "the number of filters and their size swapped",
            "Which number is the kernel's size, and which the number of filters?", _swap),
    Mistake("S-DEPTHKEEP", "the output as deep as the input", _DEEP,
            lambda t, c: t._replace(depth=c.inputs[0].channels)),
    Mistake("S-POOLDEPTH", "the depth pooled, too", "Does pooling work across channels?",
            lambda t, c: t._replace(depth=t.depth // int(t.windows[0].stride))
            if _is_pool(c) else None),
    Mistake("S-PADDEPTH", "the depth padded, too", "Along which axes does padding go?",
            lambda t, c: t._replace(depth=int(t.depth + t.windows[0].before + t.windows[0].after))),
)  # fmt: skip


def _stale(case: Case) -> Ways:
    """Yield the volumes that come of entering another volume than the one before."""
    explanation = Explanation(
        "S-STALE", "another volume than that of the row before", "Which volume enters this layer?"
    )
    terms = sliding(case)
    for volume in case.earlier:
        if len(volume.extents) != len(case.output.extents) or volume == case.inputs[0]:
            continue
        if terms is None:
            yield volume.shape, (explanation,)
            continue
        depth = volume.channels if terms.depth == case.inputs[0].channels else terms.depth
        changed = terms._replace(extents=volume.extents, depth=depth)
        yield changed.value(), (explanation,)


def _padded(case: Case) -> Ways:
    """Yield the wrong volumes of a layer that only pads."""
    volume, output = case.inputs[0], case.output
    added = [o - w for o, w in zip(output.extents, volume.extents, strict=True)]
    once = [w + n // 2 for w, n in zip(volume.extents, added, strict=True)]
    deep = Explanation("S-PADDEPTH", "the depth padded, too", "Along which axes does padding go?")
    one = Explanation("S-PADONCE", "one side padded", "On how many sides does padding go?")
    yield (*once, output.channels), (one,)
    yield (*output.extents, output.channels + added[0]), (deep,)
    yield (*once, output.channels + added[0] // 2), (one, deep)


def _transposed(case: Case) -> Ways:
    """Yield the wrong volumes of a transposed convolution."""
    layer: Any = case.layer
    k, s, p = layer.kernel, layer.stride, layer.padding
    if not all(isinstance(n, int) for n in (k, s, p)):
        return
    question = "What does each input value spread over, and what does the padding cut off?"
    ways = (
        ("S-TCONV", "one side cut off", lambda w: transposed_extent(w, k, s, p, 0, 1, 0)),
        ("S-TCONV", "nothing cut off", lambda w: transposed_extent(w, k, s, 0, 0, 1, 0)),
        ("S-TCONV", "no output padding", lambda w: transposed_extent(w, k, s, p, p, 1, 0)),
        ("S-TCONV", "the size times the stride", lambda w: w * s),
        ("S-TCONV", "a convolution that shrinks", lambda w: (w - k + 2 * p) // s + 1),
    )
    for code, text, extent in ways:
        numbers = tuple(extent(w) for w in case.inputs[0].extents)
        yield (*numbers, case.output.channels), (Explanation(code, text, question),)


def wrong_volumes(case: Case) -> Ways:
    """Yield the wrong output volumes."""
    if case.type == "pad":
        yield from _padded(case)
    elif case.type == "conv_transpose":
        yield from _transposed(case)
    else:
        yield from changed(sliding(case), SLIDING, case)
    yield from _stale(case)
