"""Windows whose units are not all alike: of transposed, resampling and adaptive layers.

A `Window` slides: each unit sees as many inputs, a whole stride further on. Where a layer
enlarges, or its output does not divide its input, what a unit sees depends on its phase: unit
o + phases sees what unit o sees, `advance` inputs further on. All answer the same questions:

    phases, advance: the period, in units and in inputs; phases None: no unit repeats another.
    spacing: from one input that a unit sees to the next.
    taps(o): the first input that unit o sees, and how many of them; none where it sees nothing.
    most: the most inputs that one unit sees.
    lines: between which lines the first and the last input lie, whatever the phase.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import NamedTuple

from cnncalc.arithmetic import adaptive_widest, transposed_taps


class Lines(NamedTuple):
    """Bounds on what unit o sees: `slope`·o plus these, in inputs.

    `first` and `last` are the lowest and the highest offset of the first and the last input;
    `empty` whether there are units that see nothing.
    """

    slope: Fraction
    first: tuple[Fraction, Fraction]
    last: tuple[Fraction, Fraction]
    empty: bool = False


class TransposedWindow(NamedTuple):
    """The window of a transposed convolution: inputs i with i·stride + dilation·tap - before.

    The settings are those of the convolution that it is the transpose of.

    >>> window = TransposedWindow(3, stride=2, before=1)
    >>> [window.taps(o) for o in range(3)]
    [(0, 1), (0, 2), (1, 1)]
    """

    kernel: int
    stride: int = 1
    before: int = 0
    dilation: int = 1

    @property
    def phases(self) -> int:
        """Return the period in units: the stride."""
        return self.stride

    @property
    def advance(self) -> int:
        """Return the period in inputs."""
        return 1

    @property
    def spacing(self) -> int:
        """Return how far apart the inputs lie that meet at a place."""
        return self.dilation // math.gcd(self.stride, self.dilation)

    @property
    def most(self) -> int:
        """Return the most inputs that meet at a place."""
        divisor = math.gcd(self.stride, self.dilation)
        return transposed_taps(self.kernel, self.stride, self.dilation, divisor)

    def taps(self, unit: int) -> tuple[int, int]:
        """Return the first input that meets at a place, and how many do."""
        divisor = math.gcd(self.stride, self.dilation)
        whole, left = divmod(unit + self.before, divisor)
        if left:
            return 0, 0
        # tap·dilation = unit + before mod stride: every `apart`-th tap, from `tap` on
        apart = self.stride // divisor
        tap = whole * pow(self.dilation // divisor, -1, apart) % apart
        count = max(0, (self.kernel - 1 - tap) // apart + 1)
        last = tap + (count - 1) * apart
        return (unit + self.before - self.dilation * last) // self.stride, count

    @property
    def lines(self) -> Lines:
        """Return the lines between which the inputs lie."""
        k, s, b, d = self
        apart = s // math.gcd(s, d)

        def at(tap: int) -> Fraction:
            return Fraction(b - d * tap, s)

        first = at(k - 1), at(max(0, k - apart))
        last = at(min(k, apart) - 1), at(0)
        return Lines(Fraction(1, s), first, last, empty=apart < s or k < s)


class Resampling(NamedTuple):
    """The window of an interpolation: `most` inputs from o·ratio + offset, rounded down, on.

    >>> [Resampling(Fraction(1, 2), Fraction(-1, 4), 2).taps(o) for o in range(3)]
    [(-1, 2), (0, 2), (0, 2)]
    """

    ratio: Fraction
    offset: Fraction = Fraction(0)
    most: int = 1

    @property
    def phases(self) -> int:
        """Return the period in units."""
        return self.ratio.denominator

    @property
    def advance(self) -> int:
        """Return the period in inputs."""
        return self.ratio.numerator

    @property
    def spacing(self) -> int:
        """Return 1: the inputs are neighbours."""
        return 1

    def taps(self, unit: int) -> tuple[int, int]:
        """Return the first input that a unit sees, and how many."""
        return math.floor(unit * self.ratio + self.offset), self.most

    @property
    def lines(self) -> Lines:
        """Return the lines between which the inputs lie."""
        places = math.lcm(self.ratio.denominator, self.offset.denominator)
        low, high = self.offset - Fraction(places - 1, places), self.offset
        more = self.most - 1
        return Lines(self.ratio, (low, high), (low + more, high + more))


class Bins(NamedTuple):
    """The window of an adaptive pool: inputs from o·w/n rounded down to (o + 1)·w/n, up.

    >>> [Bins(10, 3).taps(o) for o in range(3)]
    [(0, 4), (3, 4), (6, 4)]
    """

    w: int
    n: int

    @property
    def phases(self) -> None:
        """Return None: with no common divisor no unit repeats another."""
        return None

    @property
    def advance(self) -> int:
        """Return the period in inputs: there is none."""
        return 0

    @property
    def spacing(self) -> int:
        """Return 1: the inputs are neighbours."""
        return 1

    @property
    def most(self) -> int:
        """Return the extent of the widest bin."""
        return adaptive_widest(self.w, self.n)

    def taps(self, unit: int) -> tuple[int, int]:
        """Return the first input of a bin, and how many it holds."""
        first = unit * self.w // self.n
        return first, -(-(unit + 1) * self.w // self.n) - first

    @property
    def lines(self) -> Lines:
        """Return the lines between which the inputs lie."""
        ratio = Fraction(self.w, self.n)
        rest = 1 - Fraction(1, ratio.denominator)
        zero = Fraction(0)
        return Lines(ratio, (zero - rest, zero), (ratio - 1, ratio - 1 + rest))


class Blocks(NamedTuple):
    """The window of attention in blocks: all inputs of the unit's block, which begin at `shift`.

    >>> [Blocks(4, 1).taps(o) for o in (0, 1, 4, 5)]
    [(-3, 4), (1, 4), (1, 4), (5, 4)]
    """

    side: int
    shift: int = 0

    @property
    def phases(self) -> int:
        """Return the period in units: a block."""
        return self.side

    @property
    def advance(self) -> int:
        """Return the period in inputs: a block."""
        return self.side

    @property
    def spacing(self) -> int:
        """Return 1: the inputs are neighbours."""
        return 1

    @property
    def most(self) -> int:
        """Return how many inputs a block has."""
        return self.side

    def taps(self, unit: int) -> tuple[int, int]:
        """Return the first input of a unit's block, and how many it has."""
        return (unit - self.shift) // self.side * self.side + self.shift, self.side

    @property
    def lines(self) -> Lines:
        """Return the lines between which a block's ends lie."""
        more, zero = Fraction(self.side - 1), Fraction(0)
        return Lines(Fraction(1), (-more, zero), (zero, more))


class Strided(NamedTuple):
    """The window of attention on a grid: `inputs` of them, equally far apart over the extent.

    >>> [Strided(6, 3).taps(o) for o in range(3)]
    [(0, 3), (1, 3), (0, 3)]
    """

    extent: int
    inputs: int

    @property
    def phases(self) -> int:
        """Return the period in units: the distance of two inputs."""
        return self.extent // self.inputs

    @property
    def advance(self) -> int:
        """Return 0: after a period a unit sees the same inputs again."""
        return 0

    @property
    def spacing(self) -> int:
        """Return the distance of two inputs."""
        return self.extent // self.inputs

    @property
    def most(self) -> int:
        """Return how many inputs a unit sees."""
        return self.inputs

    def taps(self, unit: int) -> tuple[int, int]:
        """Return the first input that a unit sees, and how many."""
        return unit % self.phases, self.inputs

    @property
    def lines(self) -> Lines:
        """Return the lines between which the inputs lie: none of them rises."""
        last, zero = Fraction(self.phases - 1), Fraction(0)
        end = Fraction(self.extent - 1)
        return Lines(zero, (zero, last), (end - last, end))
