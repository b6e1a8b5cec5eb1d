"""The names of a key: by which the rows of a sheet are matched to its layers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class KeyWords:
    """The words of a key that a sheet is read with.

    Attributes:
        heads: a teacher's own heads, and the column of each.
        names: of the network's layers, normalized.
    """

    heads: Mapping[str, str] = field(default_factory=dict)
    names: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class LayerName:
    """What a row may be matched by.

    Attributes:
        name: of the layer.
        type: of the layer.
        shown: whether it usually has a row.
        sizes: the numbers of its output, sorted, without extents of 1.
        parameters: how many it has, where it has any.
    """

    name: str
    type: str
    shown: bool = True
    sizes: tuple[int, ...] = ()
    parameters: int = 0


def normalized(name: str) -> str:
    """Return a name in lower case, without anything but letters, digits and points.

    >>> normalized("MAX POOL1"), normalized("Conv_1")
    ('maxpool1', 'conv1')
    """
    return re.sub(r"[^\w.]|_", "", name.lower())
