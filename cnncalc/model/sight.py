"""Receptive fields of a layer's units along one axis of the input, in pixels: borders ignored.

All units of most layers are alike: `Regular` says what the first one sees, and how far on the
next one is. Behind layers that enlarge they differ, but periodically: `Phases` holds the first
and the last pixel for each unit of a period. Where a period would be very long, or there is
none, `Bound` has lines between which the pixels lie.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from cnncalc.layers.base import AxisWindow, Window

MOST_PHASES = 4096  # of one axis; beyond it a bound is kept
MOST_WORK = 1_000_000  # phases that are worked out for one network: about a second
SHORT = 128  # units of periods that are kept for the next analysis
MOST_BITS = 256  # of a number of pixels; no image is as wide as that
Number = int | Fraction
Pixel = int | None  # None: the unit sees nothing


class Regular(NamedTuple):
    """Units that are all alike: unit u sees the pixels from first + step·u to last + step·u.

    `step` 0: all of them see the same pixels.
    """

    first: int = 0
    last: int = 0
    step: int = 1


class Phases(NamedTuple):
    """Units that repeat: unit u + len(firsts) sees what unit u sees, `advance` pixels further on.

    A unit whose pixels are None sees nothing (a transposed kernel below its stride).
    """

    firsts: tuple[Pixel, ...]
    lasts: tuple[Pixel, ...]
    advance: int


class Bound(NamedTuple):
    """Lines: the first pixel of unit u lies between the two of `first` + step·u, so the last.

    `empty`: there may be units that see nothing.
    """

    step: Fraction
    first: tuple[Fraction, Fraction]
    last: tuple[Fraction, Fraction]
    empty: bool


Sight = Regular | Phases | Bound
ZERO = Fraction(0)
NOTHING = Phases((None,), (None,), 0)


class TooLargeError(Exception):
    """A number of pixels that no input has."""


class Budget:
    """The work that may still be done on phases, for one network."""

    def __init__(self) -> None:
        self.left = MOST_WORK

    def allows(self, units: int, work: int) -> bool:
        """Return whether a period of so many units may be worked out; then it is taken off."""
        if units > MOST_PHASES or work > self.left:
            return False
        self.left -= work
        return True


def slid(sight: Regular, window: Window) -> Regular:
    """Return the fields behind a sliding window on inputs that are all alike.

    Raises: TooLargeError.

    >>> slid(Regular(), Window(11, 4))
    Regular(first=0, last=10, step=4)
    """
    k, stride, before, _, dilation = window
    first, last, step = sight
    reach = dilation * (k - 1)
    found = Regular(first - before * step, last + (reach - before) * step, stride * step)
    _check(*found)
    return found


def _check(*numbers: Number) -> None:
    """Raise TooLargeError for numbers that no input has: they would grow from layer to layer."""
    for number in numbers:
        if max(number.numerator.bit_length(), number.denominator.bit_length()) > MOST_BITS:
            raise TooLargeError


def seen(sight: Sight, window: AxisWindow, budget: Budget) -> Sight:
    """Return the fields behind any window. Raises: TooLargeError.

    >>> from cnncalc.layers.periodic_windows import Resampling
    >>> double = seen(Regular(0, 2), Resampling(Fraction(1, 2)), Budget())
    >>> double
    Phases(firsts=(0, 0), lasts=(2, 2), advance=1)
    >>> seen(double, Window(2), Budget())
    Phases(firsts=(0, 0), lasts=(2, 3), advance=1)
    """
    if sight == NOTHING:
        return NOTHING
    if isinstance(sight, Bound) or window.phases is None:
        return _bounded(sight, window)
    inputs = _phases(sight)
    period = len(inputs.firsts)
    # Both begin anew together after so many of the window's periods.
    turns = period // math.gcd(period, window.advance)
    units = window.phases * turns
    if not budget.allows(units, units + period * window.most.bit_length()):
        return _bounded(sight, window)
    advance = inputs.advance * (window.advance * turns // period)
    work_out = _short if period + units <= SHORT else _periodic
    return work_out(inputs, window, units, advance)


def hull(sights: Sequence[Sight], units: int, budget: Budget) -> Sight:
    """Return the union, unit by unit, of several fields; `units` is how many units there are.

    >>> hull([Regular(-1, 1, 2), Regular(0, 4, 2)], 10, Budget())
    Regular(first=-1, last=4, step=2)
    """
    sights = [sight for sight in sights if sight != NOTHING] or [NOTHING]
    periodic = [_phases(sight) for sight in sights if not isinstance(sight, Bound)]
    if len(periodic) == len(sights):
        period = math.lcm(*[len(sight.firsts) for sight in periodic])
        advances = {sight.advance * (period // len(sight.firsts)) for sight in periodic}
        if len(advances) == 1 and budget.allows(period, (period - 1) * len(sights)):
            firsts = [_repeated(s.firsts, s.advance, period) for s in periodic]
            lasts = [_repeated(s.lasts, s.advance, period) for s in periodic]
            return _shortest(
                [_least(*unit) for unit in zip(*firsts, strict=True)],
                [_most(*unit) for unit in zip(*lasts, strict=True)],
                advances.pop(),
            )
    return _bounded_hull([bound(sight) for sight in sights], units)


def single(sight: Sight) -> Sight:
    """Return the sight of units that all see what the first one sees."""
    if isinstance(sight, Bound):
        return sight._replace(step=ZERO)
    units = _phases(sight)
    first, last = units.firsts[0], units.lasts[0]
    return NOTHING if first is None or last is None else Regular(first, last, 0)


def middle(sight: Sight) -> tuple[Number, Number]:
    """Return how far apart units are, and the centre of what the first one sees, on average."""
    if isinstance(sight, Regular):
        return sight.step, Fraction(sight.first + sight.last, 2)
    if isinstance(sight, Bound):
        return sight.step, sum((*sight.first, *sight.last), ZERO) / 4
    period = len(sight.firsts)
    units = [unit for unit, pixel in enumerate(sight.firsts) if pixel is not None]
    borders = [pixel for pixel in (*sight.firsts, *sight.lasts) if pixel is not None]
    moved = 2 * sight.advance * sum(units)  # in parts of the period, from where the first one is
    centre = Fraction(sum(borders) * period - moved, 2 * period * max(1, len(units)))
    return Fraction(sight.advance, period), centre


def sizes(sight: Sight) -> tuple[int, int]:
    """Return how many pixels the unit sees that sees least, and the one that sees most.

    Of a bound: no fewer, and no more.
    """
    if isinstance(sight, Bound):
        least = 0 if sight.empty else max(1, math.ceil(sight.last[0] - sight.first[1]) + 1)
        return least, math.floor(sight.last[1] - sight.first[0]) + 1
    units = _phases(sight)
    widths = [
        0 if first is None or last is None else last - first + 1
        for first, last in zip(units.firsts, units.lasts, strict=True)
    ]
    return min(widths), max(widths)


def between(least: int, widest: int, *, exact: bool) -> Sight:
    """Return a sight of these sizes, for units in no order.

    >>> sizes(between(3, 5, exact=True)), sizes(between(0, 5, exact=False))
    ((3, 5), (0, 5))
    """
    if exact:
        return Phases((0, 0 if least else None), (widest - 1, least - 1 if least else None), 0)
    return Bound(ZERO, (ZERO, ZERO), (Fraction(least - 1), Fraction(widest - 1)), not least)


def bound(sight: Sight) -> Bound:
    """Return the closest lines around what units see."""
    if isinstance(sight, Bound):
        return sight
    firsts, lasts, advance = _phases(sight)
    step = Fraction(advance, len(firsts))
    first = [pixel - unit * step for unit, pixel in enumerate(firsts) if pixel is not None]
    last = [pixel - unit * step for unit, pixel in enumerate(lasts) if pixel is not None]
    return Bound(step, (min(first), max(first)), (min(last), max(last)), None in firsts)


def has_gaps(sight: Sight) -> bool:
    """Return whether there are units that see nothing."""
    return isinstance(sight, Phases) and None in sight.firsts


def gaps(sights: Sequence[Sight]) -> set[tuple[bool, ...]] | None:
    """Return in which of several sights a unit sees something: all that there is together.

    None: too many to look through.

    >>> sorted(gaps([Regular(), Phases((None, 0), (None, 0), 2)]))
    [(True, False), (True, True)]
    """
    periods = [len(sight.firsts) if isinstance(sight, Phases) else 1 for sight in sights]
    if math.lcm(*periods) > MOST_PHASES or any(isinstance(s, Bound) and s.empty for s in sights):
        return None
    seen_by = [
        [pixel is not None for pixel in sight.firsts] if isinstance(sight, Phases) else [True]
        for sight in sights
    ]
    units = range(math.lcm(*periods))
    return {tuple(some[unit % len(some)] for some in seen_by) for unit in units}


def _phases(sight: Regular | Phases) -> Phases:
    if isinstance(sight, Phases):
        return sight
    return Phases((sight.first,), (sight.last,), sight.step)


def _least(*pixels: Pixel) -> Pixel:
    return min((pixel for pixel in pixels if pixel is not None), default=None)


def _most(*pixels: Pixel) -> Pixel:
    return max((pixel for pixel in pixels if pixel is not None), default=None)


def _on(pixel: Pixel, further: int) -> Pixel:
    return None if pixel is None else pixel + further


def _repeated(pixels: Sequence[Pixel], advance: int, count: int) -> list[Pixel]:
    """Return the pixels of so many units, a multiple of the period."""
    turns = range(count // len(pixels))
    return [_on(pixel, turn * advance) for turn in turns for pixel in pixels]


def _periodic(sight: Phases, window: AxisWindow, units: int, advance: int) -> Sight:
    """Return the fields behind a window on inputs that repeat; `units` have all phases."""
    period, step = len(sight.firsts), sight.advance
    hulls: dict[int, tuple[Sequence[Pixel], Sequence[Pixel]]] = {0: ((None,), (None,))}
    firsts: list[Pixel] = []
    lasts: list[Pixel] = []
    for unit in range(units):
        start, count = window.taps(unit)
        if count not in hulls:  # by how many inputs are seen
            lowest, highest = (min, _least), (max, _most)
            hulls[count] = (
                _over(sight.firsts, step, lowest, count, window.spacing),
                _over(sight.lasts, step, highest, count, window.spacing),
            )
        turn, phase = divmod(start, period)
        further = turn * step
        least, most = hulls[count]
        first, last = least[phase if count else 0], most[phase if count else 0]
        firsts.append(None if first is None else first + further)
        lasts.append(None if last is None else last + further)
    return _shortest(firsts, lasts, advance)


_short = lru_cache(maxsize=1024)(_periodic)  # the same networks are analyzed again and again


Pick = Callable[..., Pixel]


def _over(
    pixels: Sequence[Pixel], advance: int, picks: tuple[Pick, Pick], count: int, spacing: int
) -> Sequence[Pixel]:
    """Return, for each unit of a period, the pick of `count` units from it on, `spacing` apart.

    Windows of twice the length come of two of the length, so the work is that of log2(count).
    `picks`: of two pixels, and of two of which some may be None.
    """
    period = len(pixels)
    pick = picks[None in pixels]

    def widened(found: Sequence[Pixel], shift: int) -> Sequence[Pixel]:
        turn, phase = divmod(shift, period)
        here, beyond = turn * advance, (turn + 1) * advance
        shifted = [_on(pixel, here) for pixel in found[phase:]]
        shifted += [_on(pixel, beyond) for pixel in found[:phase]]
        return list(map(pick, found, shifted))

    found, length = pixels, 1
    while 2 * length <= count:
        found = widened(found, length * spacing)
        length *= 2
    return widened(found, (count - length) * spacing) if count > length else found


def _shortest(firsts: Sequence[Pixel], lasts: Sequence[Pixel], advance: int) -> Sight:
    """Return the units of a period with the shortest period that they have."""
    if all(pixel is None for pixel in firsts):
        return NOTHING
    _check(advance, *(pixel for pixel in (firsts[0], lasts[0]) if pixel is not None))
    period, divisor = len(firsts), 2
    left = period  # without the primes below `divisor`
    while left > 1:
        further, rest = divmod(advance, divisor)
        if left % divisor:
            divisor += 1
            continue
        left //= divisor
        part = period // divisor
        if not rest and _repeats(firsts, part, further) and _repeats(lasts, part, further):
            firsts, lasts = firsts[:part], lasts[:part]
            period, advance = part, further
    first, last = firsts[0], lasts[0]
    if period == 1 and first is not None and last is not None:
        return Regular(first, last, advance)
    return Phases(tuple(firsts), tuple(lasts), advance)


def _repeats(pixels: Sequence[Pixel], part: int, further: int) -> bool:
    """Return whether a part of the units repeats, `further` pixels on."""
    if pixels[part] != _on(pixels[0], further):  # mostly this settles it
        return False
    return list(pixels[part:]) == [_on(pixel, further) for pixel in pixels[:-part]]


def _bounded(sight: Sight, window: AxisWindow) -> Bound:
    """Return lines around what the units of a window see."""
    inputs, lines = bound(sight), window.lines
    step = inputs.step
    first, last = (
        (low + step * lowest, high + step * highest)
        for (low, high), (lowest, highest) in (
            (inputs.first, lines.first),
            (inputs.last, lines.last),
        )
    )
    _check(step * lines.slope, *first, *last)
    return Bound(step * lines.slope, first, last, inputs.empty or lines.empty)


def _bounded_hull(bounds: Sequence[Bound], units: int) -> Bound:
    """Return lines around what several see together.

    Where their steps differ they drift apart, over the units that there are.
    """
    step = bounds[0].step
    pairs = [(bound, (bound.step - step) * (units - 1)) for bound in bounds]
    # A unit that sees nothing in one input takes the other's pixels.
    certain = [pair for pair in pairs if not pair[0].empty] or pairs
    first = (
        min(bound.first[0] + min(drift, ZERO) for bound, drift in pairs),
        min(bound.first[1] + max(drift, ZERO) for bound, drift in certain),
    )
    last = (
        max(bound.last[0] + min(drift, ZERO) for bound, drift in certain),
        max(bound.last[1] + max(drift, ZERO) for bound, drift in pairs),
    )
    return Bound(step, first, last, all(bound.empty for bound in bounds))
