"""Axes of a volume by name: channels, height, width, and others by the number of dimensions."""

from __future__ import annotations

from cnncalc.errors import VolumeError
from cnncalc.layers.base import AXES
from cnncalc.volume import Volume

CHANNELS = "channels"


def axis_number(name: str, volume: Volume) -> int:
    """Return which number of a volume's shape an axis is; the channels are the last.

    Raises: VolumeError if the volume has no such axis.

    >>> axis_number("width", Volume((5, 7), 3)), axis_number("channels", Volume((), 10))
    (1, 0)
    """
    known = (*AXES[len(volume.extents)], CHANNELS)
    if name not in known:
        raise VolumeError(f"{volume} has no axis {name}. Use {' or '.join(known)}.")
    return known.index(name)
