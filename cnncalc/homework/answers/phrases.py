"""Layers in words, as slides, notes and exams say them: `96 11x11 filters at stride 4, pad 0`."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Any

from cnncalc.layers import layer_type, tags_by_name

# What a sheet means by words that name no single type, or another one in a file.
_LOOSE: dict[str, str | None] = {
    "pool": "max_pool", "norm": "lrn", "normalization": "lrn", "linear": "fc", "output": "fc",
    "classifier": "fc", "hidden": "fc", "input": "input", "image": "input",
    "shortcut": None, "identityblock": None,  # of a ResNet: may be convolutions
}  # fmt: skip
_CONVS = ("conv", "conv_transpose", "separable_conv")  # whose phrase has a number of filters
_WINDOWED = (*_CONVS, "depthwise_conv", "max_pool", "avg_pool")
_SIZE = r"(\d{1,4}(?:\s*[x×]\s*\d{1,4}){0,2})"


@lru_cache(maxsize=4096)  # the rows of a class's sheets are called alike
def kind_of(*texts: str) -> str | None:
    """Return the layer type that a name or a type in words begins with, or None.

    >>> kind_of("MAX POOL1"), kind_of("Conv2D"), kind_of("FC6"), kind_of("Layer 3", "Dense")
    ('max_pool', 'conv', 'fc', 'fc')
    """
    for text in texts:
        word = re.sub(r"[^a-z]", "", text.lower())
        for beginning, kind in _kinds():
            if word.startswith(beginning):
                return kind
    return None


@cache
def _kinds() -> tuple[tuple[str, str | None], ...]:
    """Return what a name's letters may begin with, and the type it means: the longer word first.

    It imports every layer type, which a sheet without names in words does not need.
    """
    kinds = {re.sub(r"\d", "", name): tag for name, tag in tags_by_name().items()} | _LOOSE
    return tuple(sorted(kinds.items(), key=lambda kind: len(kind[0]), reverse=True))


def element_of(name: str, kind: str | None, phrase: str, output: str = "") -> dict[str, Any] | None:
    """Return the layer that a name and a phrase describe, as an element of a file, or None.

    `output` is the volume written beside it: it has the number of neurons of an FC layer.

    >>> element_of("CONV1", "conv", "96 11x11 filters at stride 4, pad 0")
    {'type': 'conv', 'filters': 96, 'kernel': 11, 'stride': 4, 'padding': 0}
    >>> element_of("CONV3-64", "conv", "")
    {'type': 'conv', 'filters': 64, 'kernel': 3, 'padding': 1}
    >>> element_of("CONV-9-32", "conv", "")
    {'type': 'conv', 'filters': 32, 'kernel': 9}
    """
    kind = kind or kind_of(name, phrase)
    if kind is None or kind == "input":
        return None
    short = shorthand(name)
    if short is not None:
        return short
    text = re.sub(r"[(\[](\d+),\s*(\d+)[)\]]", r"\1x\2", phrase.lower().replace("×", "x"))
    if kind == "fc":
        units = _number(r"(\d[\d,]*)\s*(?:neurons|units|outputs|classes|nodes|-?way)", text)
        units = units or _number(r"(?:units|neurons|out(?:_features)?)\s*[=:]\s*(\d[\d,]*)", text)
        units = units or _number(r"\s*(\d[\d,]*)\s*\Z", text)
        units = units or _number(r"\D*(?:1\s*[x×]\s*1\s*[x×]\s*)?(\d[\d,]*)\D*\Z", output)
        return {"type": "fc", "units": units} if units else None
    if kind in _WINDOWED:
        return _window(kind, text)
    cls = layer_type(kind)
    if cls.needs_settings() or cls.family in ("merge", "rearrange", "resample"):
        return None
    return {"type": kind}


def shorthand(name: str) -> dict[str, Any] | None:
    """Return the layer of exam shorthand, `CONV-K-N`, `POOL-K`, `FC-N`, or None.

    `CONV3-64` is the notes': kernel 3, padding 1.

    >>> shorthand("POOL-2"), shorthand("POOL2"), shorthand("FC-64"), shorthand("CONV1")
    ({'type': 'max_pool', 'kernel': 2}, None, {'type': 'fc', 'units': 64}, None)
    """
    word = name.strip().upper().replace("–", "-").replace("_", "-")
    if match := re.fullmatch(r"CONV-(\d{1,3})-(\d{1,6})", word):
        return {"type": "conv", "filters": int(match[2]), "kernel": int(match[1])}
    if match := re.fullmatch(r"CONV(\d{1,3})-(\d{1,6})", word):
        return {
            "type": "conv",
            "filters": int(match[2]),
            "kernel": int(match[1]),
            "padding": int(match[1]) // 2,
        }
    if match := re.fullmatch(r"(MAX-?|AVG-?)?POOL-(\d{1,3})", word):
        kind = "avg_pool" if (match[1] or "").startswith("AVG") else "max_pool"
        return {"type": kind, "kernel": int(match[2])}
    if match := re.fullmatch(r"(?:FC|DENSE)-(\d{1,9})", word):
        return {"type": "fc", "units": int(match[1])}
    return None


def _number(pattern: str, text: str) -> int | None:
    match = re.search(pattern, text)
    return int(match[1].replace(",", "")) if match else None


def _size(pattern: str, text: str) -> int | str | None:
    """Return an extent per axis, as one number where all are alike."""
    match = re.search(pattern, text)
    if not match:
        return None
    parts = [int(part) for part in re.split(r"\s*x\s*", match[1])]
    return parts[0] if len(set(parts)) == 1 else "x".join(map(str, parts))


def _window(kind: str, text: str) -> dict[str, Any] | None:
    """Return a convolution or a pool from its phrase."""
    kernel = _size(r"(?:kernel|filter|window|pool|field)(?:[ _]?size)?\s*[=:]?\s*" + _SIZE, text)
    kernel = (
        _size(r"(\d{1,4}(?:\s*x\s*\d{1,4}){1,2})", text)
        or kernel
        or _size(r"\b[kf]\s*[=:]\s*" + _SIZE, text)
    )
    if kernel is None:
        return None
    element: dict[str, Any] = {"type": kind, "kernel": kernel}
    if kind in _CONVS:
        filters = _number(r"(\d+)\s+(?:of\s+)?(?:size\s+)?\d+\s*x\s*\d+", text)
        filters = filters or _number(
            r"(?<![x\d])(\d+)\s*(?:filters|kernels|(?:feature )?maps|channels)\b", text
        )
        filters = filters or _number(
            r"(?:filters|kernels|out(?:_channels)?|\bn)\s*[=:]\s*(\d+)", text
        )
        filters = filters or _number(r"\d+\s*x\s*\d+(?:\s*conv)?\s*,\s*(\d+)\b(?!\s*x)", text)
        if filters is None:
            return None
        element = {"type": kind, "filters": filters, "kernel": kernel}
    stride = _size(r"(?:strides?|\bs)\s*(?:of\s*)?[=:]?\s*" + _SIZE, text)
    if stride is not None:
        element["stride"] = stride
    padding = _size(r"(?:pad(?:ding)?|\bp)\s*(?:of\s*)?[=:]?\s*" + _SIZE, text)
    if padding is not None:
        element["padding"] = padding
    elif re.search(r"\bsame\b", text):
        element["padding"] = "same"
    for setting in ("dilation", "groups"):
        number = _number(rf"{setting}?\s*[=:]?\s*(\d+)", text)
        number = number or (_number(r"(\d+)\s*groups", text) if setting == "groups" else None)
        if number and number > 1:
            element[setting] = number
    return element
