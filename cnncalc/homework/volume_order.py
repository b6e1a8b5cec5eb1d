"""The order in which a sheet writes the numbers of its volumes: HxWxC, WxHxC, CxHxW or CxWxH."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from cnncalc.homework.answers.quantity import Exact
from cnncalc.homework.answers.volume_text import WrittenVolume
from cnncalc.volume import Volume

FEWEST = 2  # volumes that can be consistent
CHANNELS_FIT = 0.1  # what the place of the channels says, where no volume fits as a whole


@dataclass(frozen=True, slots=True)
class VolumeOrder:
    """An order of a volume's numbers."""

    channels_first: bool = False
    reversed: bool = False  # whether the width goes before the height

    def __str__(self) -> str:
        """Return the order in letters."""
        extents = "WxH" if self.reversed else "HxW"
        return f"Cx{extents}" if self.channels_first else f"{extents}xC"

    def of(self, volume: Volume) -> tuple[int, ...]:
        """Return a volume's numbers in this order."""
        extents = volume.extents[::-1] if self.reversed else volume.extents
        return (volume.channels, *extents) if self.channels_first else (*extents, volume.channels)

    def moved(self, numbers: tuple[Exact, ...], to: VolumeOrder) -> tuple[Exact, ...]:
        """Return numbers in this order as they are written in another."""
        if len(numbers) < 2:
            return numbers
        channels, extents = (
            (numbers[0], numbers[1:]) if self.channels_first else (numbers[-1], numbers[:-1])
        )
        if self.reversed != to.reversed:
            extents = extents[::-1]
        return (channels, *extents) if to.channels_first else (*extents, channels)


def declared(layout: str) -> VolumeOrder:
    """Return the order that a key declares."""
    return VolumeOrder(channels_first=layout == "chw")


def order_of(pairs: Iterable[tuple[WrittenVolume, Volume]], key: VolumeOrder) -> VolumeOrder:
    """Return the order in which most of the volumes fit those that they are about.

    It is the key's unless more fit another one; where none fits, the channels' place decides. One
    volume alone is not consistent with anything.
    """
    orders = [key, *(o for o in _ORDERS if o != key)]
    fits = dict.fromkeys(orders, 0.0)
    whole = [one for one in pairs if len(one[0].numbers) >= len(one[1].shape) > 1]
    if len(whole) < FEWEST:
        return key
    for written, volume in whole:
        numbers = _unbatched(written.numbers, volume)
        if written.channels_first or len(numbers) != len(volume.shape) or len(numbers) < 2:
            continue
        for order in orders:
            fits[order] += order.of(volume) == numbers
            place = numbers[0] if order.channels_first else numbers[-1]
            extents = numbers[1:] if order.channels_first else numbers[:-1]
            square = len({*extents}) == len({*volume.extents}) == 1 and len(extents) > 1
            fits[order] += CHANNELS_FIT * (square and place == volume.channels)
    return max(orders, key=lambda order: fits[order])  # of equal ones the first


def in_order(
    written: WrittenVolume, volume: Volume, order: VolumeOrder, key: VolumeOrder
) -> WrittenVolume:
    """Return a volume of a sheet as its key would write it; as it is where that fits already."""
    numbers = _unbatched(written.numbers, volume)
    whole = len(numbers) == len(volume.shape)
    if order == key or written.channels_first or not whole or numbers == key.of(volume):
        return written
    return replace(written, numbers=order.moved(numbers, key))


def _unbatched(numbers: tuple[Exact, ...], volume: Volume) -> tuple[Exact, ...]:
    """Return the numbers of a volume without a batch size in front."""
    return numbers[1:] if len(numbers) == len(volume.shape) + 1 else numbers


_ORDERS = tuple(VolumeOrder(first, back) for first in (False, True) for back in (False, True))
