"""Heads of columns as people write them: which column a head means, and the unit of its cells.

A head is read word by word. Each word has a role, in any of ten languages, and the roles together
name the column: `Number of trainable parameters` is a count word, two fillers and a parameter word.
A head with a word that has no role is no head, unless the word is a letter off from one that has.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Literal

from cnncalc.homework.answers.head_words import JOINED, STEMS, WORDS

LONGEST_HEAD = 200  # characters
MOST_WORDS = 12
_SHORTEST_NEAR = 5  # letters of a word in which one may be off

# Columns of tables that hold no answer, or a part of one.
NAME, TYPE, NUMBER, SETTINGS, REMARK = "name", "type", "number", "settings", "remark"
PARTS = ("width", "height", "depth")  # of the output, in columns of their own

How = Literal["words", "key", "near"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What a head says.

    Attributes:
        column: an answer's column, or one of those above.
        unit: that its cells have: K, M, G, or bytes as KB, MiB …
        how: whether the head is known by its words, is the key's own, or is a letter off.
        meant: the word that is a letter off, and the one that is meant.
        open: other columns that the same words may mean, where the cells decide.
    """

    column: str
    unit: str = ""
    how: How = "words"
    meant: str = ""
    open: tuple[str, ...] = ()


def column_of(head: str) -> str | None:
    """Return the column that a head means, or None; longer text is no head.

    >>> column_of("# Params"), column_of("Output Shape (HxWxC)"), column_of("MACs [M]")
    ('parameters', 'output', 'macs')
    """
    found = head_of(head)
    return found.column if found else None


def own_head(text: str, heads: Mapping[str, str]) -> Head | None:
    """Return what a head means by a key's own words, which go before all others."""
    for written, column in heads.items():
        if _plain(written) == _plain(text) or _plain(written) == _plain(_without_unit(text)[0]):
            return Head(column=column, unit=_without_unit(text)[1], how="key")
    return None


@lru_cache(maxsize=4096)  # the heads of a class's sheets are alike
def head_of(text: str) -> Head | None:
    """Return what a head means, or None.

    >>> head_of("Memory (KB)").unit, head_of("MFLOPs").unit, head_of("FLOPs (x10^6)").unit
    ('KB', 'M', 'M')
    """
    if len(text) > LONGEST_HEAD:
        return None
    if "%" in text:
        return Head(column=REMARK)  # a share of a count
    bare, unit = _without_unit(text)
    for candidate in (bare, re.sub(r"[(\[{][^()\[\]{}]*[)\]}]", " ", bare)):
        found = _by_words(candidate, unit)
        if found is not None:
            return found
    return None


# --- units ---------------------------------------------------------------------------------------

_BYTES = re.compile(r"(?:in\s+)?([kKMGT]i?)?(?:[bB]|[bB]ytes?|octets?)")
_SCALE = re.compile(
    r"(?:in\s+)?(?:[x×*·]\s*)?(?:10\s*(?:\^|\*\*)?\s*\{?([³⁶⁹369])\}?|1[eE]([369]))"
)
_SCALED = re.compile(r"(?:in\s+)?([kKMGT])(?:\s*(?:FLOPs?|MACs?|Ops|params?))?", re.IGNORECASE)
_NAMED = {"thousand": "K", "thousands": "K", "million": "M", "millions": "M", "billion": "G",
          "billions": "G", "mio": "M", "tsd": "K", "mrd": "G"}  # fmt: skip
_POWERS = {"3": "K", "6": "M", "9": "G", "³": "K", "⁶": "M", "⁹": "G"}
_PREFIXED = re.compile(
    r"\b([KMGTkmgt])[- ]?(?=(?:FLOPs?|MACs?|MAdds?|Params?|Ops)\b)", re.IGNORECASE
)
_BRACKETS = re.compile(r"[(\[{/,]\s*([^()\[\]{}/,]{1,20}?)\s*[)\]}]?\s*\Z")
_LAST = re.compile(r"(?:\bin\s+|\s)([KMGT]i?B|bytes|(?:thousand|million|billion)s?)\s*\Z", re.I)


def _without_unit(text: str) -> tuple[str, str]:
    """Return a head without the unit at its end, and the unit."""
    text = text.strip()
    for pattern in (_BRACKETS, _LAST):
        match = pattern.search(text)
        if match and (unit := _unit(match[1])):
            return text[: match.start()], unit
    if match := _SCALE.search(text):
        rest = text[: match.start()] + text[match.end() :]
        return rest, _POWERS[match[1] or match[2]]
    if match := _PREFIXED.search(text):
        return text[: match.start()] + text[match.end() :], match[1].upper()
    return text, ""


def _unit(text: str) -> str:
    """Return a unit in brackets; nothing for other text.

    >>> _unit("in MB"), _unit("x10^6"), _unit("10⁹"), _unit("million"), _unit("HxWxC")
    ('MB', 'M', 'G', 'M', '')
    """
    text = text.strip()
    if match := _BYTES.fullmatch(text):
        prefix = (match[1] or "").replace("k", "K")
        return f"{prefix}B" if prefix else "bytes"
    if match := _SCALE.fullmatch(text):
        return _POWERS[match[1] or match[2]]
    if match := _SCALED.fullmatch(text):
        return match[1].upper()
    return _NAMED.get(text.lower().removeprefix("in ").rstrip("."), "")


# --- words ---------------------------------------------------------------------------------------


def _plain(text: str) -> str:
    """Return a text in lower case without accents, marks and doubled spaces."""
    spread = unicodedata.normalize("NFKD", text.casefold().replace("ß", "ss"))
    kept = (c for c in spread if not unicodedata.combining(c) or ord(c) >= 0x3000)
    return " ".join(unicodedata.normalize("NFKC", "".join(kept)).split())


_TOKEN = re.compile(r"[^\W\d_]+|#|№")
_AXES = {"h": "height", "w": "width", "c": "depth", "d": "depth", "n": "filler", "b": "filler"}


def _tokens(text: str) -> list[str]:
    """Return the words of a head, and its number signs."""
    text = _plain(re.sub(r"(?<=[a-z])(?=[A-Z][a-z])", " ", text))  # outputShape
    for joined, spread in JOINED.items():
        text = text.replace(joined, spread)
    if re.fullmatch(r"\W*[hwcdnb](?:\W*x?\W*[hwcdnb])+\W*", text):  # HxWxC
        return [letter for letter in text if letter in _AXES]
    text = re.sub(r"\b[nbhwcd](?:\s*[x×*,]\s*[hwcd]){1,3}\b", " ", text)
    return _TOKEN.findall(text)


def _by_words(text: str, unit: str) -> Head | None:
    """Return what the words of a head mean together; None where one of them has no role."""
    tokens = _tokens(text)
    if not tokens or len(tokens) > MOST_WORDS:
        return None
    roles: list[str] = []
    meant: list[str] = []
    for token in tokens:
        role = _role(token, alone=len(tokens) == 1)
        if role is None:
            near = _near(token)
            if near is None:
                return None
            role = WORDS[near]
            meant.append(f"{token!r} as {near!r}")
        roles.extend(role.split("+"))
    columns = _columns(frozenset(roles) - {"filler"}, unit)
    if not columns:
        return None
    return Head(
        column=columns[0],
        unit=unit,
        how="near" if meant else "words",
        meant=", ".join(meant),
        open=columns[1:],
    )


def _role(token: str, *, alone: bool) -> str | None:
    if alone and token in ("in", "d"):
        return {"in": "in", "d": "depth"}[token]
    if token in WORDS:
        return WORDS[token]
    if token in "hwcd":
        return _AXES[token]
    found = []
    for stem, role in STEMS:
        if stem in token:
            found.append(role)
            token = token.replace(stem, "")
    return "+".join(found) or None


@cache
def _near(token: str) -> str | None:
    """Return the word that a token is one letter off from: other, missing, too many, or swapped.

    >>> _near("paramters"), _near("ouptut"), _near("banana")
    ('parameters', 'output', None)
    """
    if not _SHORTEST_NEAR <= len(token) <= 20:
        return None
    return next((word for word in WORDS if len(word) >= 4 and is_near(token, word)), None)


def is_near(one: str, other: str) -> bool:
    """Return whether two words differ in one letter, or in two neighbours that are swapped."""
    if abs(len(one) - len(other)) > 1 or one == other:
        return False
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    a, b = one[start:], other[start:]
    if len(a) == len(b):
        swapped = a[:2] == b[1::-1] if len(a) > 1 else False
        return a[1:] == b[1:] or (swapped and a[2:] == b[2:])
    longer, shorter = (a, b) if len(a) > len(b) else (b, a)
    return longer[1:] == shorter


def _columns(roles: frozenset[str], unit: str) -> tuple[str, ...]:
    """Return the column that roles name, and those that it may be instead."""
    in_bytes = unit.endswith("B") or unit == "bytes"
    within = [(needed, columns) for needed, columns in _RULES if needed <= roles]
    whole = (columns for needed, columns in within if not roles - needed - _BESIDE)
    columns = next(whole, next((columns for _, columns in within), ()))
    if in_bytes and not roles & {"param", "weight", "bias"}:
        return ("memory",)
    return columns


# Roles that change nothing beside another: a number of parameters is parameters.
_BESIDE = frozenset({"count", "total", "learned", "size", "shape", "layer", "value"})

# The roles that name a column: what is more particular goes first. Further columns are those that
# the same words may mean; the cells decide.
_RULES: tuple[tuple[frozenset[str], tuple[str, ...]], ...] = tuple(
    (frozenset(roles.split()), tuple(columns.split()))
    for roles, columns in (
        ("field receptive", "receptive_field"),
        ("receptive", "receptive_field"),
        ("mac", "macs"),
        ("flop", "flops"),
        ("working", "working"),
        ("weight bias", "parameters"),
        ("param weight", "weights"),
        ("param bias", "parameters"),
        ("param shape", "parameters"),
        ("param layer", "parameters settings"),
        ("add bias", "additions"),
        ("weight", "weights"),
        ("bias", "biases"),
        ("param", "parameters settings"),
        ("add", "additions"),
        ("bytes", "memory"),
        ("memory", "activations memory"),
        ("effective stride", "step"),
        ("step", "step"),
        ("remark", "remark"),
        ("setting depth", "settings"),
        ("in depth", "settings"),
        ("stride", "settings step"),
        ("height width depth", "output"),
        ("height width", "extents output"),
        ("spatial", "extents output"),
        ("setting", "settings"),
        ("in", "input"),
        ("activation shape", "output"),
        ("activation volume", "output"),
        ("activation map", "output"),
        ("activation size", "activations output"),
        ("activation count", "activations output"),
        ("activation function", "type"),
        ("activations", "activations output"),
        ("activation out", "output"),
        ("activation", "type output activations"),
        ("map count", "depth output"),
        ("out depth", "depth output"),
        ("out width", "width"),
        ("out height", "height"),
        ("width", "width extents"),
        ("height", "height extents"),
        ("depth", "depth"),
        ("value out", "activations output"),
        ("value", "activations"),
        ("out", "output"),
        ("map", "output"),
        ("volume", "output"),
        ("shape", "output"),
        ("layer number", "number"),
        ("layer count", "name"),
        ("layer size", "extents output memory"),
        ("layer type", "type"),
        ("type", "type"),
        ("layer", "name"),
        ("name", "name"),
        ("size", "extents output memory"),
        ("learned", "parameters"),
        ("total", "parameters"),
        ("number", "number"),
        ("count", "number parameters"),
    )
)


def known(texts: Iterable[str]) -> int:
    """Return how many texts are heads that are known."""
    return sum(column_of(text) is not None for text in texts)
