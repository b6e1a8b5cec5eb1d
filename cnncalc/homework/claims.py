"""Claims about layers themselves: the order of their kinds, and what a phrase says of one."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from cnncalc.errors import VolumeError
from cnncalc.homework.answers.phrases import kind_of
from cnncalc.homework.layer_truth import Case
from cnncalc.homework.matching import alike

_WORDS = {
    "conv": "CONV", "depthwise_conv": "CONV", "separable_conv": "CONV", "max_pool": "POOL",
    "avg_pool": "POOL", "fc": "FC", "linear": "FC", "lrn": "NORM", "batch_norm": "NORM",
    "relu": "RELU", "dropout": "DROPOUT", "softmax": "SOFTMAX", "flatten": "FLATTEN",
}  # fmt: skip
_ALWAYS = ("CONV", "POOL", "FC")  # said whenever they are there; the others may be left out


def words(text: str) -> list[str]:
    """Return the kinds that a claim names, in order.

    >>> words("CONV-POOL-FC")
    ['CONV', 'POOL', 'FC']
    """
    parts = [part for part in re.split(r"[^A-Za-z]+", text) if part]
    return [_WORDS.get(kind_of(part) or "", part.upper()) for part in parts]


def kinds_of(text: str, types: Sequence[str]) -> list[str]:
    """Return the network's kinds, without those that the claim never names."""
    named = {*words(text), *_ALWAYS}
    return [word for type in types if (word := _WORDS.get(type, type.upper())) in named]


def order_differs(text: str, types: Sequence[str]) -> str:
    """Return where a claimed order first differs, without what is there; nothing if it does not.

    The output layer may be left out.

    >>> order_differs("CONV-POOL-FC", ["conv", "relu", "max_pool", "fc", "fc"])
    ''
    >>> order_differs("CONV-FC", ["conv", "max_pool", "fc"])
    'The first difference is at place 2, FC.'
    """
    claimed, true = words(text), kinds_of(text, types)
    if claimed == true or (true[-2:] == ["FC", "FC"] and claimed == true[:-1]):
        return ""
    for place, (one, other) in enumerate(zip(claimed, true, strict=False), 1):
        if one != other:
            return f"The first difference is at place {place}, {one}."
    count = "more" if len(true) > len(claimed) else "fewer"
    return f"It names {len(claimed)} layers; the network has {count}."


def differs(element: Mapping[str, Any], case: Case) -> str:
    """Return in which settings a layer in words is another than the key's, or nothing.

    Only what is said counts: each setting is put into the key's layer, and has to leave it as
    it is.
    """
    layer = case.layer
    if layer is None:
        return ""
    kind = element["type"]
    if not alike(kind, case.type):
        return f"This layer is no {kind}."
    changed = []
    for name in [name for name in element if name in type(layer).model_fields]:
        try:
            other = layer.model_validate({**layer.model_dump(), name: element[name]})
            same = case.on(case.inputs) == case._replace(layer=other).on(case.inputs)._replace(
                layer=layer
            ) and other.window(case.output, *case.inputs) == layer.window(case.output, *case.inputs)
        except (ValueError, VolumeError):
            same = False
        if not same:
            changed.append(name)
    return f"The key's layer has other {', '.join(changed)}." if changed else ""
