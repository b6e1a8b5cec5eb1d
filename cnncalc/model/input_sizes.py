"""Sets of input extents, along one axis: residues of a modulus, from a least extent on."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count, islice
from typing import Literal, NamedTuple

Kind = Literal["lost", "left", "refused"]


class Need(NamedTuple):
    """One layer's condition on its input extent, and the network's that follows from it."""

    path: str
    divisor: int  # its extent + padding - reach must be divisible by it
    padding: int
    reach: int
    first: int  # the input is first mod modulus, with all the layers before
    modulus: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why no extent is in a set: the layer at which those fail that get furthest.

    Attributes:
        path: of the layer.
        kind: `lost`: its window leaves input unread; `left`: it does not end with the input;
            `refused`: it does not take its inputs.
        extent: one that gets so far.
        inputs: those of the layer then.
        steady: whether inputs of the layer that differ do so by as much at every extent.
    """

    path: str
    kind: Kind
    extent: int
    inputs: tuple[int, ...]
    steady: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """A set of extents: from `least` on those with certain residues, and some smaller ones.

    Attributes:
        modulus: 0 where there are none from `least` on.
        residues: from 0 to modulus - 1.
        least: the first extent of the set from which on the residues are exact.
        smaller: extents of the set below it, but for 1 where the network is given more.
        reason: of an empty set.
    """

    modulus: int
    residues: tuple[int, ...]
    least: int
    smaller: tuple[int, ...]
    reason: Reason | None = None

    def __contains__(self, extent: int) -> bool:
        if extent < self.least:
            return extent in self.smaller
        return bool(self.modulus) and extent % self.modulus in self.residues

    def __bool__(self) -> bool:
        return bool(self.residues or self.smaller)

    def __iter__(self) -> Iterator[int]:
        """Yield the extents, the smallest first; without end where there are residues."""
        yield from self.smaller
        if self.residues:
            start = self.least - self.least % self.modulus
            for turn in count(start, self.modulus):
                yield from (turn + r for r in self.residues if turn + r >= self.least)

    @property
    def first(self) -> int:
        """Return `least`; of a set without residues its smallest extent."""
        return self.least if self.residues else self.smaller[0]

    def after(self, extent: int) -> int | None:
        """Return the smallest extent of the set above one, if there is any."""
        smaller = bisect_right(self.smaller, extent)
        if smaller < len(self.smaller):
            return self.smaller[smaller]
        if not self.residues:
            return None
        turn, rest = divmod(max(extent + 1, self.least), self.modulus)
        place = bisect_left(self.residues, rest)
        if place < len(self.residues):
            return turn * self.modulus + self.residues[place]
        return (turn + 1) * self.modulus + self.residues[0]

    def upto(self, extent: int) -> int | None:
        """Return the largest extent of the set that is not above one, if there is any."""
        if self.residues and extent >= self.least:
            turn, rest = divmod(extent, self.modulus)
            place = bisect_right(self.residues, rest)
            turn -= not place
            found = turn * self.modulus + self.residues[place - 1]
            if found >= self.least:
                return found
        smaller = bisect_right(self.smaller, extent)
        return self.smaller[smaller - 1] if smaller else None

    def near(self, extent: int) -> list[int]:
        """Return the first two extents of the set, and the next ones below and above one.

        >>> Sizes(modulus=32, residues=(3,), least=67, smaller=()).near(224)
        [67, 99, 195, 227]
        """
        around = (self.upto(extent), self.after(extent))
        return sorted({*islice(self, 2), *(found for found in around if found is not None)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Tiling:
    """Input extents along one axis at which every window tiles: residues of a modulus.

    Attributes:
        axis: the axis of the input, from 0.
        first: the least extent at which all do.
        modulus: 0 means that only `first` does.
        residues: from `first` on, extents tile whose remainder by the modulus is among them.
    """

    axis: int
    first: int
    modulus: int
    residues: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AxisSizes:
    """The input extents along one axis that a network takes without losing any input.

    Attributes:
        axis: from 0.
        fits: the extents that every layer takes and of which every position is read.
        tiles: those of them at which every window ends with the input and its padding.
        needs: what each layer needs of its input, where one residue alone is left.
        joined: whether they hold only while the other axes keep their extents.
    """

    axis: int
    fits: Sizes
    tiles: Sizes
    needs: tuple[Need, ...] = ()
    joined: bool = False

    @property
    def tiling(self) -> Tiling:
        """Return the extents that tile as a report has them."""
        tiles = self.tiles
        return Tiling(
            axis=self.axis, first=tiles.first, modulus=tiles.modulus, residues=tiles.residues
        )


@dataclass(frozen=True, slots=True)
class NoRule:
    """There is no such set: `path` is the layer where the arithmetic ends, and `why` says why."""

    axis: int
    path: str
    why: str
