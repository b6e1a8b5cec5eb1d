"""Mistakes in volumes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from cnncalc.arithmetic import effective_kernel, same_padding, transposed_extent
from cnncalc.homework.answers.quantity import Exact, reduced
from cnncalc.homework.cases import Case
from cnncalc.homework.layer_truth import Value
from cnncalc.homework.misconceptions.mistake import (
    Misconception,
    Mistake,
    WrongValue,
    WrongValues,
    changed,
    neighbours_filters,
    neighbours_windows,
    row_mistakes,
    windows_of,
)
from cnncalc.layers.base import Window


@dataclass(frozen=True, slots=True, kw_only=True)
class SlidingTerms:
    """floor((w + before + after - reach) / stride) + one along each axis, and the depth."""

    extents: tuple[int, ...]
    windows: tuple[Window, ...]
    depth: int
    one: int = 1
    rounding: str = "floor"  # "exact": the fraction is left

    def value(self) -> tuple[Exact, ...]:
        """Return the volume's numbers."""
        return (*map(self._extent, self.extents, self.windows), self.depth)

    def _extent(self, w: int, window: Window) -> Exact:
        reach = effective_kernel(window.kernel, window.dilation)
        room = w + window.before + window.after - reach
        if self.rounding == "exact":
            return reduced(Fraction(room, window.stride)) + self.one
        if self.rounding == "ceil":
            return -(-room // window.stride) + self.one
        return room // window.stride + self.one


def sliding_terms(case: Case) -> SlidingTerms | None:
    """Return the terms of an output volume, or None where no window slides over one input."""
    windows = windows_of(case)
    if windows is None or len(case.row.inputs) != 1:
        return None
    return SlidingTerms(
        extents=case.row.inputs[0].extents,
        windows=windows,
        depth=case.row.output.channels,
        rounding=getattr(case.row.layer, "rounding", "floor"),
    )


Change = Callable[[SlidingTerms, Case], SlidingTerms | None]


def _each(**changes: Callable[[int, Window], Any]) -> Change:
    """Return the change of some settings of the window along every axis."""

    def change(terms: SlidingTerms, case: Case) -> SlidingTerms:
        windows = tuple(
            window._replace(**{name: new(w, window) for name, new in changes.items()})
            for w, window in zip(terms.extents, terms.windows, strict=True)
        )
        return replace(terms, windows=windows)

    return change


def _first_axis_padded(terms: SlidingTerms, case: Case) -> SlidingTerms | None:
    if len(terms.windows) < 2:
        return None
    first, *others = terms.windows
    return replace(terms, windows=(first, *(one._replace(before=0, after=0) for one in others)))


def _apart(one: Value, two: Value) -> bool:
    """Return whether one of two volumes has another depth and the other one other extents.

    Two mistakes in the same small extents lead to almost any number near the right one.
    """
    a, b = (value if isinstance(value, tuple) else (value,) for value in (one, two))
    return a[:-1] != b[:-1] and a[-1] != b[-1]


def _assume_same(terms: SlidingTerms, case: Case) -> SlidingTerms:
    def padded(w: int, window: Window) -> Window:
        before, after = same_padding(w, window.kernel, window.stride, window.dilation)
        return window._replace(before=before, after=after)

    return replace(terms, windows=tuple(map(padded, terms.extents, terms.windows)))


def _swap(terms: SlidingTerms, case: Case) -> SlidingTerms | None:
    filters = getattr(case.row.layer, "filters", None)
    if filters is None or len({window.kernel for window in terms.windows}) > 1:
        return None
    windows = tuple(window._replace(kernel=filters) for window in terms.windows)
    return replace(terms, windows=windows, depth=terms.windows[0].kernel)


def _is_pool(case: Case) -> bool:
    return case.row.type in ("max_pool", "avg_pool")


def _reach(w: int, window: Window) -> int:
    return effective_kernel(window.kernel, window.dilation) - 1


def _divided(terms: SlidingTerms, case: Case, rounding: str = "floor") -> SlidingTerms | None:
    if not _is_pool(case):
        return None
    windows = tuple(Window(window.kernel, window.kernel) for window in terms.windows)
    return replace(terms, windows=windows, rounding=rounding)


def _pooled_depth(terms: SlidingTerms, case: Case) -> SlidingTerms | None:
    if not _is_pool(case):
        return None
    return replace(terms, depth=terms.depth // terms.windows[0].stride)


def _padded_depth(terms: SlidingTerms, case: Case) -> SlidingTerms:
    window = terms.windows[0]
    return replace(terms, depth=int(terms.depth + window.before + window.after))


_PART = "What happens to a place where only part of the filter fits?"
_APART = "How far apart are two neighbouring windows?"
_PLACES = "How many places has the filter along a row, padding on both sides?"
_DEEP = "What decides how deep the output is?"
SLIDING = (
    Misconception("S-PADONCE", "one side padded", _PLACES, _each(after=lambda w, window: 0)),
    Misconception("S-PADONCE", "one axis padded", _PLACES, _first_axis_padded),
    Misconception("S-NOPLUS1", "no + 1", _PLACES, lambda terms, case: replace(terms, one=0)),
    Misconception(
        "S-NOSTRIDE",
        "the stride forgotten",
        "How far does the filter move at each step?",
        _each(stride=lambda w, window: 1),
    ),
    Misconception(
        "S-NOPAD",
        "the padding forgotten",
        _PLACES,
        _each(before=lambda w, window: 0, after=lambda w, window: 0),
    ),
    Misconception(
        "S-NODILATION",
        "the dilation forgotten",
        "How far does a dilated filter reach?",
        _each(dilation=lambda w, window: 1),
    ),
    Misconception(
        "S-ASSUMESAME",
        "size as if padded to keep it, rounded up",
        "Where does the last filter fit, with the padding that there is?",
        _assume_same,
    ),
    Misconception(
        "S-ADDK",
        "the kernel added, not taken away",
        _PLACES,
        _each(before=_reach, after=_reach, stride=lambda w, window: 1),
    ),
    Misconception(
        "S-CEIL", "rounded up", _PART, lambda terms, case: replace(terms, rounding="ceil")
    ),
    Misconception(
        "S-FLOOR", "rounded down", _PART, lambda terms, case: replace(terms, rounding="floor")
    ),
    Misconception(
        "S-FRACTION",
        "the fraction left",
        "Can there be a fraction of a place?",
        lambda terms, case: replace(terms, rounding="exact"),
    ),
    Misconception(
        "S-POOLDIV", "the size divided by the window, whatever the stride", _APART, _divided
    ),
    Misconception(
        "S-POOLDIV",
        "the size divided by the window, the fraction left",
        _APART,
        lambda terms, case: _divided(terms, case, "exact"),
    ),
    Misconception(
        "S-SWAPFK",
        "the number of filters and their size swapped",
        "Which number is the kernel's size, and which the number of filters?",
        _swap,
    ),
    Misconception(
        "S-DEPTHKEEP",
        "the output as deep as the input",
        _DEEP,
        lambda terms, case: replace(terms, depth=case.row.inputs[0].channels),
    ),
    Misconception(
        "S-POOLDEPTH", "the depth pooled, too", "Does pooling work across channels?", _pooled_depth
    ),
    Misconception(
        "S-PADDEPTH", "the depth padded, too", "Along which axes does padding go?", _padded_depth
    ),
)


PADDEPTH = Mistake("S-PADDEPTH", "the depth padded, too", "Along which axes does padding go?")
PADONCE = Mistake("S-PADONCE", "one side padded", "On how many sides does padding go?")
ROWKERNEL, ROWFILTERS = row_mistakes("S")
STALE = Mistake(
    "S-STALE", "another volume than that of the row before", "Which volume enters this layer?"
)


def wrong_volumes(case: Case) -> WrongValues:
    """Yield the wrong output volumes."""
    if case.row.type == "pad":
        yield from _padded(case)
    elif case.row.type == "conv_transpose":
        yield from _transposed(case)
    else:
        yield from changed(sliding_terms(case), SLIDING, case, together=_apart)
        yield from _neighbours(case)
    yield from _stale(case)


def _neighbours(case: Case) -> WrongValues:
    """Yield the outputs with the kernel, or the filters, of a neighbouring row."""
    if (terms := sliding_terms(case)) is not None:
        for windows in neighbours_windows(case):
            yield WrongValue(replace(terms, windows=windows).value(), (ROWKERNEL,))
    for count in neighbours_filters(case):
        yield WrongValue((*case.row.output.extents, count), (ROWFILTERS,))


def _stale(case: Case) -> WrongValues:
    """Yield the outputs for other inputs than the volume before: the image, the one before that."""
    terms, given = sliding_terms(case), case.row.inputs[0]
    before = [volume for volume in case.earlier if volume != given]
    for volume in dict.fromkeys((*before[:1], *before[-1:])):
        if len(volume.extents) != len(case.row.output.extents):
            continue
        if terms is None:
            yield WrongValue(volume.shape, (STALE,))
            continue
        depth = volume.channels if terms.depth == given.channels else terms.depth
        other = replace(terms, extents=volume.extents, depth=depth)
        yield WrongValue(other.value(), (STALE,))


def _padded(case: Case) -> WrongValues:
    """Yield the wrong volumes of a layer that only pads."""
    volume, output = case.row.inputs[0], case.row.output
    added = [o - w for o, w in zip(output.extents, volume.extents, strict=True)]
    once = [w + n // 2 for w, n in zip(volume.extents, added, strict=True)]
    yield WrongValue((*once, output.channels), (PADONCE,))
    yield WrongValue((*output.extents, output.channels + added[0]), (PADDEPTH,))
    yield WrongValue((*once, output.channels + added[0] // 2), (PADONCE, PADDEPTH))


def _transposed(case: Case) -> WrongValues:
    """Yield the wrong volumes of a transposed convolution."""
    layer: Any = case.row.layer
    k, s, p = layer.kernel, layer.stride, layer.padding
    if not all(isinstance(n, int) for n in (k, s, p)):
        return
    question = "What does each input value spread over, and what does the padding cut off?"

    def cut(w: int, before: int, after: int) -> int:
        return transposed_extent(w, k=k, s=s, b=before, a=after, d=1, extra=0)

    extents: dict[str, Callable[[int], int]] = {
        "one side cut off": lambda w: cut(w, p, 0),
        "nothing cut off": lambda w: cut(w, 0, 0),
        "no output padding": lambda w: cut(w, p, p),
        "the size times the stride": lambda w: w * s,
        "a convolution that shrinks": lambda w: (w - k + 2 * p) // s + 1,
    }
    for text, extent in extents.items():
        numbers = tuple(map(extent, case.row.inputs[0].extents))
        mistake = Mistake("S-TCONV", text, question)
        yield WrongValue((*numbers, case.row.output.channels), (mistake,))
