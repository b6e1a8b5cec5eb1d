"""Volumes: the spatial extents and channels of what goes from layer to layer."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from operator import index
from typing import NamedTuple, SupportsIndex

from cnncalc.errors import CnncalcError, Problem

LARGEST_EXTENT = 2**31 - 1
_TEXT = re.compile(r"\s*\d{1,10}(\s*[x×]\s*\d{1,10}){0,3}\s*\Z")


class Volume(NamedTuple):
    """Spatial extents and channels, channels last: `Volume((227, 227), 3)` is 227x227x3.

    Shapes: `extents` has one number for each spatial dimension (height, width), none for a
    vector; `channels` is the depth.

    >>> str(Volume((55, 55), 96)), str(Volume((), 4096))
    ('55x55x96', '4096')
    """

    extents: tuple[int, ...]
    channels: int

    def __str__(self) -> str:
        """Return the extents and the channels, joined by x."""
        return "x".join(map(str, (*self.extents, self.channels)))

    @property
    def shape(self) -> tuple[int, ...]:
        """Return the shape of an array that holds one such volume: extents, then channels."""
        return (*self.extents, self.channels)

    @property
    def positions(self) -> int:
        """Return the number of spatial positions (1 for a vector)."""
        return math.prod(self.extents)

    @property
    def size(self) -> int:
        """Return the number of values.

        >>> Volume((55, 55), 96).size
        290400
        """
        return math.prod(self.extents) * self.channels

    @classmethod
    def parse(cls, text: str) -> Volume:
        """Return the volume that `text` names.

        Raises: CnncalcError if it is not one to four whole numbers joined by x.

        >>> Volume.parse("227x227x3")
        Volume(extents=(227, 227), channels=3)
        """
        numbers = re.split("[x×]", text) if _TEXT.match(text) else []
        return cls._checked([int(number) for number in numbers], text)

    @classmethod
    def of(cls, value: str | Volume | SupportsIndex | Iterable[SupportsIndex]) -> Volume:
        """Return the volume that a text, a shape (extents, then channels) or a Volume stands for.

        Raises: CnncalcError if it is not one to four whole numbers of at least 1.

        >>> Volume.of((227, 227, 3)) == Volume.of("227x227x3")
        True
        """
        if isinstance(value, str):
            return cls.parse(value)
        shape = value.shape if isinstance(value, Volume) else value
        try:
            numbers = [index(n) for n in shape] if isinstance(shape, Iterable) else [index(shape)]
        except TypeError:
            numbers = []
        return cls._checked(numbers, value)

    @classmethod
    def _checked(cls, shape: list[int], received: object) -> Volume:
        if not 1 <= len(shape) <= 4 or not all(1 <= n <= LARGEST_EXTENT for n in shape):
            raise CnncalcError(
                Problem(
                    "volume",
                    "a volume is one to four whole numbers of at least 1, joined by x. "
                    f"Received {str(received)[:60]!r}. Write it like 224x224x3.",
                )
            )
        return cls(tuple(shape[:-1]), shape[-1])
