"""Finds the layer of the network, or the layers, that each row of a sheet is about.

The rows and the layers are aligned as two sequences: the alignment that explains most wins, by the
rows' kinds and order, their names, and the values in them.
"""

from __future__ import annotations

import re
import sys
from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Literal

from cnncalc.homework.answers.heads import is_near
from cnncalc.homework.answers.phrases import bare_name, kind_of
from cnncalc.homework.answers.quantity import Exact
from cnncalc.homework.names import LayerName, normalized
from cnncalc.homework.sheet import SheetRow
from cnncalc.layers import TYPES, layer_type, tags_of
from cnncalc.volume import Volume

By = Literal["name", "name, a letter off", "kind and order", "values and order", "order", "block"]

# What speaks for a row being about a layer, and against: tuned so that kinds and order outweigh a
# name, and a name outweighs what the values say.
KIND, RELATED, OTHER_KIND = 3.0, 2.0, -8.0
NAME, NEAR_NAME, SAME_NUMBER = 2.5, 1.5, 0.25
SAME_OUTPUT, SAME_COUNT, SAME_PLACE = 1.0, 0.75, 0.5
UNKNOWN = -4.0  # a row that nothing speaks for
SKIPPED_LAYER = -0.6
SKIPPED_ROW, SKIPPED_KNOWN_ROW, SKIPPED_PASSING_ROW = -0.5, -1.0, -0.1
BLOCK = 6.0
# Of rows and layers: more are taken apart at the rows that one layer alone is called as, and of
# what is larger still the rows are matched by name and kind. 10,000 take some 20 ms.
FEW_PAIRS, MOST_PAIRS = 2_000, 100_000
MOST_PARTS = 12  # layers of one row


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
_POOLS = ("max_pool", "avg_pool", "global_avg_pool", "global_max_pool", "adaptive_avg_pool",
          "adaptive_max_pool")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Values:
    """What a row's answers say, as far as it helps to find its layer."""

    sizes: tuple[int, ...] = ()
    parameters: tuple[Exact, Exact] = (0, 0)  # the least and the most that they may be

    def count(self, parameters: int) -> bool:
        """Return whether they say a number of parameters."""
        low, high = self.parameters
        return parameters > 0 and low <= parameters <= high


@dataclass(frozen=True, slots=True)
class Match:
    """The layers that a row is about, by their indices, and by what it was matched to them."""

    indices: tuple[int, ...] = ()
    by: By = "order"


NOTHING = Match()


def alike(kind: str, other: str) -> bool:
    """Return whether people call two layer types the same.

    >>> alike("max_pool", "avg_pool"), alike("conv", "fc")
    (True, False)
    """
    return _SAME.get(kind, kind) == _SAME.get(other, other)


@cache
def _kinship(kind: str, other: str) -> float:
    """Return what it says for a row of a kind that a layer has a type."""
    if kind == other:
        return KIND
    if "avg" in kind and "avg" in other:
        return KIND - 0.25  # an average, of everything or not
    if alike(kind, other):
        return KIND - 0.5 * (kind == "avg_pool")
    if kind not in TYPES or other not in TYPES or "input" in (kind, other):
        return OTHER_KIND
    if kind in _POOLS and other in _POOLS:
        return RELATED
    same = layer_type(kind).family == layer_type(other).family
    return RELATED if same else OTHER_KIND


# --- what a row says -----------------------------------------------------------------------------

_TIMES = re.compile(r"(?:\(|\s|^)[x×*]\s*(\d{1,2})\)?\s*\Z|\A(\d{1,2})\s*[x×*]\s*(?=[A-Za-z(])")
_AND = re.compile(r"\s*(?:\+|&|,|/|\band\b|\bund\b|->|→)\s*")
# The kinds that the letters of LeNet's paper may mean; its C5 is a convolution or an FC layer.
_LETTERS = {"C": ("conv", "fc"), "S": ("avg_pool", "max_pool"), "P": ("max_pool",), "F": ("fc",)}


@dataclass(frozen=True, slots=True)
class _Row:
    """What a row says of its layer."""

    name: str
    kinds: tuple[str, ...]
    parts: tuple[str, ...]  # the kinds of several layers that it stands for
    values: Values
    skipped: float  # what it costs to leave it without a layer
    kind_from_name: bool  # whether its kind is no more than what its name begins with


def _row(row: SheetRow, values: Values) -> _Row:
    """Return what a row says of its layer."""
    name = normalized(bare_name(row.name))
    kind = row.type or kind_of(row.name) or ""
    letter = re.fullmatch(r"([CSPF])\d{1,2}", bare_name(row.name))
    kinds = _LETTERS[letter[1]] if letter else (kind,) if kind else ()
    skipped = SKIPPED_PASSING_ROW if kind in passing_types() else SKIPPED_ROW
    if kinds and kind not in passing_types():
        skipped = SKIPPED_KNOWN_ROW
    from_name = kind_of(row.name) == kind
    if row.block:  # no layer, unless one is called so
        return _Row(name, (), (), Values(), 0.0, kind_from_name=True)
    return _Row(name, kinds, parts_of(row.name, kind), values, skipped, from_name)


def parts_of(name: str, kind: str) -> tuple[str, ...]:
    """Return the kinds of the layers that a row stands for, if they are several.

    >>> parts_of("conv3-64 x 2", "conv"), parts_of("Conv1 + BN1 + ReLU", "conv")
    (('conv', 'conv'), ('conv', 'batch_norm'))
    """
    if match := _TIMES.search(name):
        count = int(match[1] or match[2])
        bare = (name[: match.start()] + name[match.end() :]).strip(" ()")
        kinds = parts_of(bare, kind) or ((kind_of(bare) or kind),)
        found = kinds * count if 2 <= count <= MOST_PARTS else ()
        return found if all(found) and len(found) <= MOST_PARTS else ()
    words = [word for word in _AND.split(name) if re.search(r"[A-Za-z]{2}", word)]
    if not 2 <= len(words) <= MOST_PARTS:
        return ()
    found = tuple(kind for word in words if (kind := kind_of(word) or ""))
    known = tuple(kind for kind in found if kind not in passing_types())
    return known if len(found) == len(words) and len(known) > 1 else ()


# --- the alignment -------------------------------------------------------------------------------


def match(
    rows: Sequence[SheetRow],
    layers: Sequence[LayerName],
    blocks: Mapping[str, range] | None = None,
    values: Sequence[Values] = (),
) -> list[Match]:
    """Return for each row of a sheet the layers that it is about; none where there are none.

    `blocks` are the indices of the network's blocks by their normalized paths, `values` what the
    rows' answers say.

    >>> rows = [SheetRow("C1", "conv", {}, ()), SheetRow("pool", "max_pool", {}, ())]
    >>> [one.indices for one in match(rows, [LayerName("INPUT", "input"),
    ...     LayerName("conv1", "conv"), LayerName("max_pool1", "max_pool")])]
    [(1,), (2,)]
    """
    said = [_row(row, values[number] if values else Values()) for number, row in enumerate(rows)]
    return _Aligner(said, layers, blocks or {}).best()


class _Aligner:
    """One sheet's rows against one network's layers."""

    def __init__(
        self, rows: Sequence[_Row], layers: Sequence[LayerName], blocks: Mapping[str, range]
    ) -> None:
        self.rows, self.layers, self.blocks = rows, layers, blocks
        self.names: dict[str, list[int]] = {}
        self.called = [
            (normalized(layer.name), normalized(layer.name.rpartition(".")[2])) for layer in layers
        ]
        for index, called in enumerate(self.called):
            for name in dict.fromkeys(called):
                self.names.setdefault(name, []).append(index)
        self.shown = [index for index, layer in enumerate(layers) if layer.shown]
        self.place: dict[int, int] = {}  # of each row, if there are as many as layers
        for start in (0, 1):
            if len(rows) == len(self.shown[start:]):
                self.place = dict(enumerate(self.shown[start:]))

    def best(self) -> list[Match]:
        """Return the alignment in order, or that by names where it explains more."""
        named = self.by_names()
        anchors = self.anchors() if len(self.rows) * len(self.layers) > FEW_PAIRS else []
        ends = [*anchors, (len(self.rows), len(self.layers))]
        ordered: list[Match] = []
        score, row, layer = 0.0, 0, 0
        for next_row, next_layer in ends:
            if (next_row - row) * (next_layer - layer) > MOST_PAIRS:
                return named
            found, worth = self.in_order(range(row, next_row), range(layer, next_layer))
            ordered, score = ordered + found, score + worth
            if next_row < len(self.rows):
                ordered.append(Match((next_layer,), "name"))
                score += self.pair(next_row, next_layer)
            row, layer = next_row + 1, next_layer + 1
        return named if self.worth(named) > score + 1e-9 else ordered

    def anchors(self) -> list[tuple[int, int]]:
        """Return rows that are called as one layer alone is, while these are in order."""
        count = Counter(row.name for row in self.rows)
        found: list[tuple[int, int]] = []
        for number, row in enumerate(self.rows):
            called = self.names.get(row.name, ())
            if len(called) == 1 and count[row.name] == 1 and self.pair(number, called[0]) > 0:
                if found and called[0] <= found[-1][1]:
                    return []
                found.append((number, called[0]))
        return found

    def worth(self, matches: Sequence[Match]) -> float:
        """Return what an assignment explains, by the measure of the alignment."""
        used = {index for one in matches for index in one.indices}
        total = SKIPPED_LAYER * sum(i not in used for i in self.shown if i)
        for number, one in enumerate(matches):
            if one.by == "block":
                total += BLOCK
            elif one.indices:
                total += self.pair(number, one.indices[0])
            else:
                total += self.rows[number].skipped
        return total - 0.5 * _turns(matches)

    # --- one row, one layer -----------------------------------------------------------------------

    def pair(self, number: int, index: int) -> float:
        """Return what speaks for a row's being about a layer."""
        row, layer, (own, last) = self.rows[number], self.layers[index], self.called[index]
        named = bool(row.name) and row.name in (own, last)
        score = max((_kinship(kind, layer.type) for kind in row.kinds), default=0.0)
        if score < 0:
            if not (named and row.kind_from_name):
                return score
            score = KIND  # a layer that is called by another kind's word
        if named:
            score += NAME
        elif self.near(row.name, own) or self.near(row.name, last):
            score += NEAR_NAME
        elif _number(row.name) and _number(row.name) == _number(own):
            score += SAME_NUMBER * bool(row.kinds)
        values = row.values
        score += SAME_OUTPUT * (bool(values.sizes) and values.sizes == layer.sizes)
        score += SAME_COUNT * values.count(layer.parameters) + SAME_PLACE * (
            self.place.get(number) == index
        )
        if not named and row.kind_from_name and not row.kinds and not row.skipped:
            return UNKNOWN
        if not layer.shown and not row.kinds and not named:
            return UNKNOWN
        return score or UNKNOWN

    def near(self, name: str, other: str) -> bool:
        """Return whether two names are a letter apart, and not only in their numbers."""
        if len(name) < 4 or abs(len(name) - len(other)) > 1:
            return False
        return _number(name) == _number(other) and is_near(name, other)

    def by(self, number: int, index: int) -> By:
        """Return by what a row is matched to a layer, the most telling first."""
        row, layer, (own, last) = self.rows[number], self.layers[index], self.called[index]
        if row.name in (own, last):
            return "name"
        if self.near(row.name, own) or self.near(row.name, last):
            return "name, a letter off"
        if row.kinds:
            return "kind and order"
        known = row.values.sizes == layer.sizes or row.values.count(layer.parameters)
        return "values and order" if known else "order"

    # --- in order --------------------------------------------------------------------------------

    def in_order(self, rows: range, layers: range) -> tuple[list[Match], float]:
        """Return the best alignment that keeps the order of both, and what it explains."""
        skip = [SKIPPED_LAYER * (i > 0 and self.layers[i].shown) for i in layers]
        runs = [self.runs(number, layers) for number in rows]
        score = [0.0]
        for cost in skip:
            score.append(score[-1] + cost)
        taken: list[list[int]] = []  # by row and layer: -1 the row, 0 the layer, n layers for it
        for number in rows:
            skipped, ends = self.rows[number].skipped, runs[number - rows.start]
            following, steps = [score[0] + skipped], [-1]
            for end in range(1, len(layers) + 1):
                best, step = following[end - 1] + skip[end - 1], 0
                if score[end] + skipped > best:
                    best, step = score[end] + skipped, -1
                worth = score[end - 1] + self.pair(number, layers.start + end - 1)
                if worth > best:
                    best, step = worth, 1
                for length, said in ends.get(end, ()):
                    if score[end - length] + said > best:
                        best, step = score[end - length] + said, length
                following.append(best)
                steps.append(step)
            taken.append(steps)
            score = following
        found = [NOTHING] * len(rows)
        row, end = len(rows) - 1, len(layers)
        while row >= 0:
            step = taken[row][end]
            if step > 0:
                found[row] = self.matched(rows[row], layers.start + end, step)
            row, end = row - (step != 0), end - (1 if step == 0 else max(step, 0))
        return found, score[-1]

    def matched(self, number: int, end: int, length: int) -> Match:
        """Return the match of a row with the layers before an index."""
        if length > 1 or self.pair(number, end - 1) < 0:
            return Match(tuple(range(end - length, end)), "block")
        return Match((end - 1,), self.by(number, end - 1))

    def runs(self, number: int, layers: range) -> dict[int, list[tuple[int, float]]]:
        """Return the runs of layers that a row may stand for: by their end, length and worth.

        Ends are counted from the first of the layers.
        """
        row = self.rows[number]
        found: dict[int, list[tuple[int, float]]] = {}
        block = self.blocks.get(row.name)
        if block and layers.start <= block.start and block.stop <= layers.stop:
            found[block.stop - layers.start] = [(len(block), BLOCK)]
        if not row.parts:
            return found
        for start in range(max(1, layers.start), layers.stop):
            end, score = self.fits(row.parts, start)
            if end is None or end > layers.stop:
                continue
            total = sum(layer.parameters for layer in self.layers[start:end])
            score += SAME_COUNT * row.values.count(total)
            sizes = row.values.sizes
            score += SAME_OUTPUT * (bool(sizes) and sizes == self.layers[end - 1].sizes)
            found.setdefault(end - layers.start, []).append((end - start, score))
        return found

    def fits(self, parts: Sequence[str], start: int) -> tuple[int | None, float]:
        """Return where a run that begins at a layer ends, if its kinds are those of the parts."""
        end, score = start, 0.0
        for part in parts:
            while end < len(self.layers) and not self.layers[end].shown and end > start:
                end += 1
            if end >= len(self.layers):
                return None, 0.0
            kinship = _kinship(part, self.layers[end].type)
            if kinship < 0:
                return None, 0.0
            score, end = score + kinship, end + 1
        return end, score

    # --- by names --------------------------------------------------------------------------------

    def by_names(self) -> list[Match]:
        """Return the layers that rows are called by, in any order; the others by kind, in order."""
        found: list[Match] = []
        taken: set[int] = set()
        for number, row in enumerate(self.rows):
            called = [i for i in self.names.get(row.name, ()) if i not in taken]
            called = [i for i in called if self.pair(number, i) > 0]
            if row.name in self.blocks:
                block = self.blocks[row.name]
                found.append(Match(tuple(block), "block"))
            elif called:
                found.append(Match((called[0],), "name"))
                taken.add(called[0])
            else:
                found.append(NOTHING)
        by_type: dict[str, list[int]] = {}
        for index, layer in enumerate(self.layers):
            by_type.setdefault(layer.type, []).append(index)
        limits = [len(self.layers)]  # from the end on, the next row's layer
        for one in reversed(found):
            limits.append(one.indices[0] if one.indices else limits[-1])
        after = 0
        for number, row in enumerate(self.rows):
            if found[number].indices:
                after = found[number].indices[-1]
                continue
            limit = limits[len(self.rows) - number - 1]
            nearest = [
                following
                for type, indices in by_type.items()
                if any(_kinship(kind, type) > 0 for kind in row.kinds) and not row.parts
                if (following := _next(indices, after, taken)) < limit
            ]
            if nearest:
                after = min(nearest)
                found[number] = Match((after,), self.by(number, after))
                taken.add(after)
        return found


def _next(indices: Sequence[int], after: int, taken: set[int]) -> int:
    """Return the next of some indices that is not taken."""
    place = bisect_right(indices, after)
    while place < len(indices) and indices[place] in taken:
        place += 1
    return indices[place] if place < len(indices) else sys.maxsize


def _turns(matches: Sequence[Match]) -> int:
    """Return how often rows go back in the order of the layers."""
    order = [one.indices[0] for one in matches if one.indices]
    return sum(b < a for a, b in pairwise(order))


def _number(name: str) -> str:
    match = re.search(r"\d+\Z", name)
    return match[0] if match else ""
