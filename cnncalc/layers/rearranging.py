"""Axes split, put in another order and joined, by a pattern in the words of einops."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Annotated, final

from pydantic import BeforeValidator

from cnncalc.errors import VolumeError
from cnncalc.layers.base import Scattered, Step, Windows, volume_of
from cnncalc.layers.protocols import Arrays
from cnncalc.layers.reshape import AbstractMove, ravel, unravel
from cnncalc.layers.step_builders import letters, symbols
from cnncalc.volume import Volume

if TYPE_CHECKING:
    from cnncalc.layers.protocols import Array

MOST_CHARACTERS = 200
MOST_PARTS = 12  # of the axes of one side
_AXIS = re.compile(r"\(([^()]*)\)|([^\s()]+)")
_PART = re.compile(r"([A-Za-z]\w*)(?:=([1-9]\d{0,8}))?|1")


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern, read: for each axis of both sides the names of its parts, in order.

    Attributes:
        before: of the input, the channels last.
        after: of the output.
        lengths: those that the pattern gives, by name.
    """

    before: tuple[tuple[str, ...], ...]
    after: tuple[tuple[str, ...], ...]
    lengths: tuple[tuple[str, int], ...]


@cache
def read_pattern(text: str) -> Pattern:
    """Return a pattern. Raises: ValueError.

    >>> read_pattern("(h p=2) w c -> h w (p c)").after
    (('h',), ('w',), ('p', 'c'))
    """
    if len(text) > MOST_CHARACTERS:
        raise ValueError(f"must be at most {MOST_CHARACTERS} characters")
    sides = text.split("->")
    if len(sides) != 2:
        raise ValueError("must have one arrow, as in 'h w c -> (h w) c'")
    lengths: dict[str, int] = {}
    before, after = (_side(side, lengths) for side in sides)
    names = [[name for axis in side for name in axis] for side in (before, after)]
    if any(len(set(side)) < len(side) for side in names) or sorted(names[0]) != sorted(names[1]):
        raise ValueError("must have each name once on either side of the arrow")
    return Pattern(before, after, tuple(lengths.items()))


def _side(text: str, lengths: dict[str, int]) -> tuple[tuple[str, ...], ...]:
    axes = []
    if _AXIS.sub("", text).strip():
        raise ValueError("must have brackets in pairs, and none inside others")
    for group, single in _AXIS.findall(text):
        parts = []
        for part in (single or group).split():
            found = _PART.fullmatch(part)
            if found is None:
                raise ValueError(f"has names, some with a length, as p=4; not {part[:40]!r}")
            if found[1]:
                parts.append(found[1])
                if found[2]:
                    lengths[found[1]] = int(found[2])
        axes.append(tuple(parts))
    if not 1 <= len(axes) <= 4 or sum(map(len, axes)) > MOST_PARTS:
        raise ValueError("must have one to four axes on either side, the channels last")
    return tuple(axes)


def _pattern(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("must be a pattern, as 'h w c -> (h w) c'")
    read_pattern(value)
    return value


@final
class Rearrange(AbstractMove):
    """The axes split into the named parts of the left side, and joined as on the right side.

    `(h p=4) (w q=4) c -> (h w) (p q) c` makes one axis of the windows of 4 x 4 positions, and one
    of the positions in each. Of each bracket on the left one part may be without a length.
    Volume: each axis is the product of its parts. No operations.
    Source: Rogozhnikov 2022, "Einops", ICLR.
    """

    tag = "rearrange"
    family = "rearrange"
    aliases = ("Permute", "Transpose", "einops")

    pattern: Annotated[str, BeforeValidator(_pattern)]

    def parts(self, volume: Volume) -> dict[str, int]:
        """Return the length of each part, by name, in the input's order. Raises: VolumeError."""
        pattern = read_pattern(self.pattern)
        given = dict(pattern.lengths)
        if len(pattern.before) != len(volume.shape):
            raise VolumeError(
                f"the pattern has {len(pattern.before)} axes on the left, and the input, {volume}, "
                f"has {len(volume.shape)}, with the channels."
            )
        lengths: dict[str, int] = {}
        for axis, extent in zip(pattern.before, volume.shape, strict=True):
            known = math.prod(given.get(name, 1) for name in axis)
            open_ = [name for name in axis if name not in given]
            if len(open_) > 1:
                raise VolumeError(f"only one of {' '.join(axis)} can be without a length, as p=4.")
            if extent % known or (not open_ and extent != known):
                what = "does not come to" if not open_ else "does not divide"
                raise VolumeError(f"({' '.join(axis)}): {known} {what} {extent}.")
            lengths |= {name: given.get(name, extent // known) for name in axis}
        return lengths

    def output(self, *volumes: Volume) -> Volume:
        (volume,) = volumes
        lengths = self.parts(volume)
        shape = [math.prod(lengths[name] for name in axis) for axis in self._after]
        return Volume(tuple(shape[:-1]), shape[-1])

    @property
    def _after(self) -> tuple[tuple[str, ...], ...]:
        return read_pattern(self.pattern).after

    def _order(self, lengths: dict[str, int]) -> list[int]:
        """Return the parts of the output as numbers of the input's parts."""
        names = list(lengths)
        return [names.index(name) for axis in self._after for name in axis]

    def is_view(self, output: Volume, *volumes: Volume) -> bool:
        lengths = self.parts(*volumes)
        moved = [i for i in self._order(lengths) if list(lengths.values())[i] > 1]
        return moved == sorted(moved)

    def window(self, output: Volume, *volumes: Volume) -> Windows:
        return Scattered

    def forward(self, arrays: Arrays, *inputs: Array) -> Array:
        from cnncalc import kernels

        (x,) = inputs
        lengths = self.parts(volume_of(x))
        shape = [math.prod(lengths[name] for name in axis) for axis in self._after]
        return kernels.rearrange(x, list(lengths.values()), self._order(lengths), shape)

    def source(self, index: tuple[int, ...], *shapes: tuple[int, ...]) -> tuple[int, ...]:
        (shape,) = shapes
        lengths = self.parts(Volume(shape[:-1], shape[-1]))
        at: dict[str, int] = {}
        for axis, number in zip(self._after, index, strict=True):
            at |= zip(axis, unravel(number, tuple(lengths[name] for name in axis)), strict=True)
        place = tuple(at[name] for name in lengths)
        return unravel(ravel(place, tuple(lengths.values())), shape)

    def describe(self, output: Volume, *volumes: Volume) -> str:
        return f"Rearrange {self.pattern}"

    def steps(self, output: Volume, *volumes: Volume) -> list[Step]:
        lengths = self.parts(*volumes)
        numbers = symbols(output)
        return [
            Step(
                topic="volume",
                symbol=symbol,
                formula="·".join(axis) or "1",
                numbers="·".join(str(lengths[name]) for name in axis) or "1",
                value=numbers[symbol],
            )
            for symbol, axis in zip(letters(output, 2), self._after, strict=True)
        ]
