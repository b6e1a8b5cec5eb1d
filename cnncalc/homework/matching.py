"""Finds the layer of the network that each row of a sheet is about."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain

from cnncalc.homework.answers.phrases import kind_of
from cnncalc.homework.sheet import SheetRow
from cnncalc.layers import layer_type, tags_of
from cnncalc.volume import Volume


@cache
def passing_types() -> tuple[str, ...]:
    """Return the types of rows that a sheet may have where the network has none.

    They keep all values, learn nothing, and need no settings. To know them takes an object of
    every such type, so they are found when they are first asked for.
    """
    one, types = Volume((), 1), map(layer_type, tags_of("activation", "regularization", "view"))
    bare = [cls() for cls in types if not cls.needs_settings()]
    return tuple(layer.tag for layer in bare if not layer.parameters(one, one))


# People call these the same.
_SAME = {
    "avg_pool": "pool", "max_pool": "pool", "adaptive_avg_pool": "global_avg_pool",
    "linear": "fc", "adaptive_max_pool": "global_max_pool",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class LayerName:
    """What a row may be matched by: a layer's name and type, and whether it is usually shown."""

    name: str
    type: str
    shown: bool = True


def normalized(name: str) -> str:
    """Return a name in lower case, without anything but letters, digits and points.

    >>> normalized("MAX POOL1"), normalized("Conv_1")
    ('maxpool1', 'conv1')
    """
    return re.sub(r"[^a-z0-9.]", "", name.lower())


def match(
    rows: Sequence[SheetRow],
    layers: Sequence[LayerName],
    blocks: Container[str] = (),
) -> list[int | None]:
    """Return for each row of a sheet the index of its layer, None where there is none.

    Rows are matched by name; else by type, in order, between the rows that were; else, where
    there are as many rows as layers that are shown, by position. Rows called as one of `blocks`
    are about no single layer.

    >>> rows = [SheetRow("C1", "conv", {}, ()), SheetRow("pool", "max_pool", {}, ())]
    >>> match(rows, [LayerName("INPUT", "input"), LayerName("conv1", "conv"),
    ...              LayerName("max_pool1", "max_pool")])
    [1, 2]
    """
    names: dict[str, list[int]] = {}
    for index, layer in enumerate(layers):
        own, last = normalized(layer.name), normalized(layer.name.rpartition(".")[2])
        for name in dict.fromkeys((own, last)):
            names.setdefault(name, []).append(index)
    found: list[int | None] = []
    taken: set[int] = set()
    recurring = Counter(normalized(row.name) for row in rows)
    for row in rows:
        called = names.get(normalized(row.name), [])
        if _counts_from_0(normalized(row.name), recurring, names):
            called = []
        free = [i for i in called if i not in taken]
        if not free or recurring[normalized(row.name)] > len(called):  # no name, a kind
            found.append(None)
        else:
            found.append(free[0])
            taken.add(free[0])
    shown = [i for i, layer in enumerate(layers) if layer.shown]
    if not taken - {0}:  # names of their own: by position, if kinds agree
        for start in (0, 1):
            if len(rows) == len(shown[start:]) and all(
                _may_be(row, layers[i].type) for row, i in zip(rows, shown[start:], strict=True)
            ):
                return list(shown[start:])
    for number, index in _by_kind(rows, layers, found, blocks).items():
        found[number] = index
    return found


def _counts_from_0(name: str, rows: Container[str], layers: Container[str]) -> bool:
    """Return whether a sheet counts from 0, so that its `conv_1` is the network's second one.

    >>> _counts_from_0("relu1", {"relu", "relu1"}, {"relu1", "relu2"})
    True
    """
    stem = name.rstrip("0123456789")
    return any(first in rows and first not in layers for first in (stem, f"{stem}0"))


def _by_kind(
    rows: Sequence[SheetRow],
    layers: Sequence[LayerName],
    named: Sequence[int | None],
    blocks: Container[str],
) -> dict[int, int]:
    """Return the layers of the rows that no name has matched: the next of the row's type.

    A layer stands before those of later rows that have matched by name.
    """
    found: dict[int, int] = {}
    taken = {index for index in named if index is not None}
    after = -1
    for number, row in enumerate(rows):
        index = named[number]
        if index is None and normalized(row.name) not in blocks:
            limit = min((i for i in named[number + 1 :] if i is not None), default=len(layers))
            free = range(after + 1, limit)
            average = (row.type or kind_of(row.name)) == "avg_pool"
            averages = (i for i in free if "avg_pool" in layers[i].type) if average else ()
            others = (i for i in free if _may_be(row, layers[i].type, strict=True))
            index = next((i for i in chain(averages, others) if i not in taken), None)
            if index is not None:
                found[number] = index
                taken.add(index)
        after = after if index is None else index
    return found


def _may_be(row: SheetRow, type: str, strict: bool = False) -> bool:
    """Return whether a row may be about a layer of a type; one of unknown type may be any."""
    kind = row.type or kind_of(row.name) or ""
    if not kind:
        return not strict
    return alike(kind, type)


def alike(kind: str, other: str) -> bool:
    """Return whether people call two layer types the same.

    >>> alike("max_pool", "avg_pool"), alike("conv", "fc")
    (True, False)
    """
    return _SAME.get(kind, kind) == _SAME.get(other, other)
