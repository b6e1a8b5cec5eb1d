"""Which layer of the network each row of a sheet is about."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Sequence
from itertools import chain

from cnncalc.homework.answers.phrases import kind_of
from cnncalc.homework.sheet import SheetRow
from cnncalc.layers import layer_type, tags_of
from cnncalc.volume import Volume


def _passing() -> tuple[str, ...]:
    """Return the types that keep all values, learn nothing, and need no settings."""
    one, types = Volume((), 1), map(layer_type, tags_of("activation", "regularization", "view"))
    bare = [cls() for cls in types if not cls.needs_settings()]
    return tuple(layer.tag for layer in bare if not layer.parameters(one, one))


PASSING = _passing()  # rows that a sheet may have where the network has none
_SAME = {
    "avg_pool": "pool", "max_pool": "pool", "adaptive_avg_pool": "global_avg_pool",
    "linear": "fc", "adaptive_max_pool": "global_max_pool",
}  # fmt: skip


def plain(name: str) -> str:
    """Return a name with nothing but its letters and digits.

    >>> plain("MAX POOL1"), plain("Conv_1")
    ('maxpool1', 'conv1')
    """
    return re.sub(r"[^a-z0-9.]", "", name.lower())


def match(
    rows: Sequence[SheetRow],
    layers: Sequence[tuple[str, str, bool]],
    blocks: Container[str] = (),
) -> list[int | None]:
    """Return for each row of a sheet the place of its layer, None where there is none.

    `layers` has the name, the type and whether it is usually shown, for each layer. Rows are
    matched by name; else by kind, in order, between the rows that were; else, where there
    are as many rows as layers that are shown, by position. Rows called as one of `blocks` are
    about no single layer.

    >>> match([SheetRow("C1", "conv", {}, ()), SheetRow("pool", "max_pool", {}, ())],
    ...       [("INPUT", "input", True), ("conv1", "conv", True), ("max_pool1", "max_pool", True)])
    [1, 2]
    """
    names: dict[str, list[int]] = {}
    for index, (name, _, _) in enumerate(layers):
        names.setdefault(plain(name), []).append(index)
        short = plain(name.rpartition(".")[2])
        if short != plain(name):
            names.setdefault(short, []).append(index)
    found: list[int | None] = []
    taken: set[int] = set()
    recurring = Counter(plain(row.name) for row in rows)
    for row in rows:
        called = names.get(plain(row.name), [])
        if _counts_from_0(plain(row.name), recurring, names):
            called = []
        places = [i for i in called if i not in taken]
        if not places or recurring[plain(row.name)] > len(called):  # no name, a kind
            found.append(None)
        else:
            found.append(places[0])
            taken.add(places[0])
    shown = [i for i, (_, type, usual) in enumerate(layers) if usual]
    if not taken - {0}:  # names of their own: by position, if kinds agree
        for start in (0, 1):
            if len(rows) == len(shown[start:]) and all(
                _may_be(row, layers[i][1]) for row, i in zip(rows, shown[start:], strict=True)
            ):
                return list(shown[start:])
    single = [plain(row.name) not in blocks for row in rows]
    return _by_kind(rows, layers, found, taken, single)


def _counts_from_0(name: str, rows: Container[str], layers: Container[str]) -> bool:
    """Return whether a sheet counts from 0, so that its `conv_1` is the network's second one.

    >>> _counts_from_0("relu1", {"relu", "relu1"}, {"relu1", "relu2"})
    True
    """
    stem = name.rstrip("0123456789")
    return any(first in rows and first not in layers for first in (stem, f"{stem}0"))


def _by_kind(
    rows: Sequence[SheetRow],
    layers: Sequence[tuple[str, str, bool]],
    found: list[int | None],
    taken: set[int],
    single: Sequence[bool],
) -> list[int | None]:
    """Give each row without a layer the next one of its kind, before that of a later row."""
    after = -1
    for number, row in enumerate(rows):
        here = found[number]
        if here is None and single[number]:
            limit = min((i for i in found[number + 1 :] if i is not None), default=len(layers))
            free = range(after + 1, limit)
            average = (row.type or kind_of(row.name)) == "avg_pool"
            averages = (i for i in free if "avg_pool" in layers[i][1]) if average else ()
            others = (i for i in free if _may_be(row, layers[i][1], strict=True))
            here = next((i for i in chain(averages, others) if i not in taken), None)
            found[number] = here
            taken |= {here} if here is not None else set()
        after = here if here is not None else after
    return found


def _may_be(row: SheetRow, type: str, strict: bool = False) -> bool:
    """Return whether a row may be about a layer of a type; one of no known kind may, always."""
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
