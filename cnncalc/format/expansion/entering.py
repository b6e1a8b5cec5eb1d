"""The volume that enters a network: channels left out, and channels that stand first."""

from __future__ import annotations

from cnncalc.errors import CnncalcError, Problem
from cnncalc.layers.base import DIMENSIONS
from cnncalc.layers.windowed import ADJECTIVES
from cnncalc.volume import Volume

MOST_COLOURS = 4  # channels of an image: grey, RGB, RGB with transparency
MOST_OBLONG = 4  # how many times as wide as high an image may be


def completed(given: Volume, own: Volume) -> Volume:
    """Return an input given in place of the file's own, with its channels where they are left out.

    Raises: CnncalcError if it has fewer numbers, but for two extents where the file's has two.

    >>> str(completed(Volume((200,), 300), Volume((227, 227), 3)))
    '200x300x3'
    """
    if len(given.shape) >= len(own.shape):
        return given
    if len(given.shape) == len(own.extents) == 2:
        return Volume(given.shape, own.channels)
    raise CnncalcError(
        Problem(
            "input",
            f"the file's input is {own}, {len(own.shape)} numbers with the channels last. "
            f"Received {given}. Write as many.",
            "input",
        )
    )


def is_channels_first(volume: Volume, own: Volume, first_kernel: int | None) -> bool:
    """Return whether the first number of an input is probably its channels.

    It is as few as colours are, or as many as the file's channels, and all others are larger. A
    small volume of many channels has that form, too, and so has one axis too many with an extent
    of 1, along which the first kernel is 1.

    >>> image, generator = Volume((3, 32), 32), Volume((4, 4), 1024)
    >>> is_channels_first(image, image, 3), is_channels_first(generator, generator, 4)
    (True, False)
    """
    first, *others = volume.shape
    if not others or min(others) <= first:
        return False
    if first > MOST_COLOURS and first != own.channels:
        return False
    if len(others) == 2 and others[1] > MOST_OBLONG * others[0]:
        return False
    return not first == first_kernel == 1


def channels_first(volume: Volume) -> str:
    """Return the sentence about an input whose first number is probably its channels.

    >>> channels_first(Volume((3, 32), 32))
    'channels come last, so 3x32x32 is 3 high, 32 wide and 32 deep. Write 32x32x3 for 3 channels.'
    """
    first, *others = volume.shape
    axes = zip(volume.extents, DIMENSIONS[len(volume.extents)], strict=True)
    extents = ", ".join(f"{extent} {ADJECTIVES[letter]}" for extent, letter in axes)
    plural = "s" * (first > 1)
    return (
        f"channels come last, so {volume} is {extents} and {volume.channels} deep. "
        f"Write {Volume(tuple(others), first)} for {first} channel{plural}."
    )
