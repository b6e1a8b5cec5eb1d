"""Claims about the layers themselves: their order, and the settings of one."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from cnncalc.errors import VolumeError
from cnncalc.homework.answers.phrases import kind_of
from cnncalc.homework.cases import Case
from cnncalc.homework.matching import alike
from cnncalc.layers import TYPES, layer_type
from cnncalc.layers.base import AbstractLayer
from cnncalc.model.analysis import facts_of
from cnncalc.model.counting import Counting
from cnncalc.volume import Volume

_WORDS = {"convolution": "CONV", "pool": "POOL", "dense": "FC", "norm": "NORM"}
_ALWAYS = ("CONV", "POOL", "FC")  # said whenever they are there; the others may be left out


def words(text: str) -> list[str]:
    """Return the kinds that a claim names, in order.

    >>> words("CONV-POOL-FC")
    ['CONV', 'POOL', 'FC']
    """
    parts = [part for part in re.split(r"[^A-Za-z]+", text) if part]
    return [_word(kind_of(part) or part) for part in parts]


def _word(type: str) -> str:
    """Return what people call a layer in an order of layers: by its family, or as its type."""
    family = layer_type(type).family if type in TYPES else ""
    return _WORDS.get(family, type.upper())


def kinds_of(text: str, types: Sequence[str]) -> list[str]:
    """Return the network's kinds, without those that the claim leaves out altogether."""
    named = {*words(text), *_ALWAYS}
    return [word for type in types if (word := _word(type)) in named]


def order_differs(text: str, types: Sequence[str]) -> str:
    """Return in a sentence where a claimed order first differs; nothing if it does not.

    The network's own order is not given away. The output layer may be left out, and global pools.

    >>> order_differs("CONV-POOL-FC", ["conv", "relu", "max_pool", "fc", "fc"])
    ''
    >>> order_differs("CONV-FC", ["conv", "max_pool", "fc"])
    'The first difference is at place 2, FC.'
    >>> types = ["conv", "global_avg_pool", "fc"]
    >>> [order_differs(claim, types) for claim in ("CONV-GAP-FC", "CONV-FC")]
    ['', '']
    """
    claimed, true = words(text), kinds_of(text, types)
    sliding = kinds_of(text, [type for type in types if not type.startswith("global_")])
    for order in (true, sliding):
        if claimed == order or (order[-2:] == ["FC", "FC"] and claimed == order[:-1]):
            return ""
    for place, (one, other) in enumerate(zip(claimed, true, strict=False), 1):
        if one != other:
            return f"The first difference is at place {place}, {one}."
    count = "more" if len(true) > len(claimed) else "fewer"
    return f"It names {len(claimed)} layers; the network has {count}."


def differs(element: Mapping[str, Any], case: Case) -> str:
    """Return in which settings a described layer is another than the key's, in a sentence.

    Only what is said counts: each setting is put into the key's layer, and must not change it.
    """
    layer, inputs = case.row.layer, case.row.inputs
    if layer is None:
        return ""
    kind = element["type"]
    if not alike(kind, case.row.type):
        return f"This layer is no {kind}."
    changed = []
    for name in [name for name in element if name in type(layer).model_fields]:
        try:
            other = layer.model_validate({**layer.model_dump(), name: element[name]})
            same = _same(layer, other, inputs)
        except (ValueError, VolumeError):
            same = False
        if not same:
            changed.append(name)
    return f"The key's layer has other {', '.join(changed)}." if changed else ""


def _same(layer: AbstractLayer, other: AbstractLayer, inputs: tuple[Volume, ...]) -> bool:
    """Return whether two layers have the same output, learned values, cost and windows."""
    output = layer.output(*inputs)
    if other.output(*inputs) != output:
        return False
    counting = Counting()
    return facts_of(layer, output, inputs, counting) == facts_of(other, output, inputs, counting)
