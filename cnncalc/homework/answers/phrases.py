"""Layers in words, as slides, notes and exams say them: `96 11x11 filters at stride 4, pad 0`."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from typing import Any

from cnncalc.homework.answers.kind_words import LETTERS, STEMS, WORDS
from cnncalc.layers import layer_type, tags_by_name

_AHEAD = re.compile(
    r"(?:\(?(?:[a-h]|\d{1,2})[).:]\s+|\([a-h]\)|layer\s*#?\d{1,3}\s*[:.)–-]*\s+|(?:after|nach|at|the|of"
    r"|output|layer)\s+|(?:\d{1,2}(?:st|nd|rd|th|\.)|first|second|third|fourth|fifth|sixth|last|final"
    r"|erste[rs]?|zweite[rs]?|dritte[rs]?|letzte[rs]?)\s+|(?:tf\.|keras\.|torch\.|nn\.|layers\.|f\.)+"
    r"|\d{1,3}\s*[x×]\s*\d{1,3}(?:\s*[x×]\s*\d{1,4})?\s+|[123]-?d\s+)(?=\S)",
    re.IGNORECASE,
)
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
        for name in dict.fromkeys((text, bare_name(text))):
            if match := re.fullmatch(r"([CSPF])\d{1,2}", name.strip()):
                return LETTERS[match[1]]
            word = re.sub(r"[^a-z]", "", _letters(name))
            kinds = _kinds()
            for length in range(min(len(word), _LONGEST_KIND), 0, -1):
                if word[:length] in kinds:
                    return kinds[word[:length]]
            stem = next((kind for stem, kind in STEMS.items() if stem in text.lower()), None)
            if stem is not None:
                return stem
    return None


def _letters(text: str) -> str:
    """Return a text in lower case, without accents."""
    if text.isascii():
        return text.lower()
    spread = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in spread if not unicodedata.combining(c))


def bare_name(text: str) -> str:
    """Return a layer's name without what stands before it: `(a)`, `after`, `First`, `nn.`.

    >>> bare_name("(a) conv1"), bare_name("after conv1"), bare_name("First conv")
    ('conv1', 'conv1', 'conv')
    """
    text = text.strip(" *`_:.")
    for _ in range(4):
        match = _AHEAD.match(text)
        if match is None:
            break
        text = text[match.end() :]
    inside = re.fullmatch(r"\(([^()]*)\)", text)  # Layer 1 (conv)
    return inside[1] if inside else text


_LONGEST_KIND = 40  # letters of a word


@cache
def _kinds() -> dict[str, str | None]:
    """Return what a name's letters may begin with, and the type it means.

    It imports every layer type, which a sheet without names in words does not need.
    """
    kinds = {re.sub(r"\d", "", name): tag for name, tag in tags_by_name().items()} | WORDS
    return kinds


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
    if called := module_element(phrase) or module_element(name):
        return called
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


_MODULE = re.compile(r"\s*(?:[A-Za-z]+\.)*([A-Za-z]\w*)\((.{1,200}?)\)?\s*")
_KEYWORDS = {
    "kernel_size": "kernel", "pool_size": "kernel", "strides": "stride", "stride": "stride",
    "padding": "padding", "dilation": "dilation", "dilation_rate": "dilation", "groups": "groups",
    "filters": "filters", "out_channels": "filters", "out_features": "units", "units": "units",
    "kernel": "kernel",
}  # fmt: skip


def module_element(text: str) -> dict[str, Any] | None:
    """Return the layer that is made by a call, as PyTorch and Keras write it, or None.

    >>> module_element("nn.Conv2d(3, 8, 5)"), module_element("Dense(10)")
    ({'type': 'conv', 'filters': 8, 'kernel': 5}, {'type': 'fc', 'units': 10})
    """
    match = _MODULE.fullmatch(text)
    kind = kind_of(match[1]) if match else None
    if match is None or kind not in ("conv", "fc", "max_pool", "avg_pool"):
        return None
    places: list[int | str] = []
    found: dict[str, Any] = {"type": kind}
    for part in re.findall(r"[^,()\[\]]*(?:[(\[][^()\[\]]*[)\]])?[^,()\[\]]*", match[2]):
        name, _, value = part.rpartition("=")
        number = _per_axis(value.strip(" ()[]'\""))
        if number is None:
            if value.strip(" '\"") == "same" and name.strip() == "padding":
                found["padding"] = "same"
        elif not name.strip():
            places.append(number)
        elif setting := _KEYWORDS.get(name.strip()):
            found[setting] = number
    torch = match[1].endswith("d") or match[1] == "Linear"
    wanted: tuple[str, ...]
    if kind == "conv":
        wanted = ("", "filters", "kernel", "stride", "padding") if torch else ("filters", "kernel")
    elif kind == "fc":
        wanted = ("", "units") if torch else ("units",)
    else:
        wanted = ("kernel", "stride", "padding")
    found |= {
        name: n for name, n in zip(wanted, places, strict=False) if name and name not in found
    }
    needed = {"conv": ("filters", "kernel"), "fc": ("units",)}.get(kind, ("kernel",))
    if not all(name in found for name in needed):
        return None
    if found.get("dilation") == 1:
        del found["dilation"]
    return found


def _per_axis(text: str) -> int | str | None:
    """Return an extent per axis, as one number where all are alike; None where it is no number."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not parts or not all(part.isdecimal() and len(part) < 8 for part in parts):
        return None
    return int(parts[0]) if len(set(parts)) == 1 else "x".join(parts)


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
