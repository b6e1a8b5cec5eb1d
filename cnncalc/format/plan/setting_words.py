"""The words that settings take as they are, and not as names in an expression: half, ceil."""

from __future__ import annotations

from functools import cache

from cnncalc.format.expressions import SPECIAL
from cnncalc.layers import TYPES, layer_type
from cnncalc.layers.base import AbstractLayer
from cnncalc.layers.setting_types import words_in


@cache
def field_words(cls: type[AbstractLayer], field: str) -> frozenset[str]:
    """Return the words that a field takes as they are: half, same, ceil.

    >>> from cnncalc.layers.convolution import Conv
    >>> sorted(field_words(Conv, "padding"))
    ['half', 'same', 'valid']
    """
    return frozenset(words_in(cls.model_fields[field].annotation))


@cache
def words_of(setting: str) -> frozenset[str]:
    """Return the words that a setting takes in any layer type, where the type is known only later.

    A setting that no type has may be a block's, which hands it on: it takes any word that is no
    name of the format. Imports every layer type.

    >>> sorted(words_of("over")), "channels" in words_of("filters")
    (['all', 'channels', 'positions'], False)
    """
    types = [layer_type(tag) for tag in TYPES]
    found = [field_words(cls, setting) for cls in types if setting in cls.model_fields]
    if found:
        return frozenset().union(*found)
    every = [field_words(cls, field) for cls in types for field in cls.model_fields]
    return frozenset().union(*every) - {*SPECIAL}
