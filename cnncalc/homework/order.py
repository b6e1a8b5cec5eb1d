"""Claims about the order of kinds: `[CONV-POOL-CONV-POOL-FC-FC]`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from cnncalc.homework.answers.phrases import kind_of

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


def agrees(text: str, types: Sequence[str]) -> bool:
    """Return whether a claim is the order of a network; the output layer may be left out.

    >>> agrees("CONV-POOL-FC", ["conv", "relu", "max_pool", "fc", "fc"])
    True
    """
    claimed, true = words(text), kinds_of(text, types)
    return claimed == true or (true[-2:] == ["FC", "FC"] and claimed == true[:-1])


def difference(text: str, types: Sequence[str]) -> str:
    """Return where a claim first differs, without saying what is there."""
    claimed, true = words(text), kinds_of(text, types)
    for place, (one, other) in enumerate(zip(claimed, true, strict=False), 1):
        if one != other:
            return f"The first difference is at place {place}, {one}."
    return f"It names {len(claimed)} layers; the network has {'more' if len(true) > len(claimed) else 'fewer'}."
