"""Arrays of numbers, read as formulas: what a layer's `value` is given."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any

from cnncalc.applying.exact import Value
from cnncalc.applying.formula import Formula, Place, Vector


class Field:
    """One array of numbers in C order, read as formulas that know their place in it."""

    def __init__(self, name: str, shape: tuple[int, ...], values: Sequence[Value]) -> None:
        assert math.prod(shape) == len(values)
        self.name, self.shape = name, shape
        self.values = values
        self._made: dict[int, Formula] = {}

    def _number(self, index: tuple[int, ...]) -> int:
        number = 0
        for i, n in zip(index, self.shape, strict=True):
            number = number * n + i
        return number

    def value_at(self, index: tuple[int, ...]) -> Value:
        """Return a value; zero where the index lies outside."""
        inside = all(0 <= i < n for i, n in zip(index, self.shape, strict=True))
        return self.values[self._number(index)] if inside else 0

    def _read(self, index: tuple[int, ...]) -> Formula:
        number = self._number(index)
        found = self._made.get(number)
        if found is None:
            found = Formula("read", self.values[number], place=Place(self.name, index))
            self._made[number] = found
        return found

    def __getitem__(self, index: Any) -> Any:
        """Return a number, or a vector along the axes that are left, in C order."""
        given = index if isinstance(index, tuple) else (index,)
        rest = (slice(None),) * (len(self.shape) - sum(one is not Ellipsis for one in given))
        if Ellipsis in given:
            at = given.index(Ellipsis)
            full = (*given[:at], *rest, *given[at + 1 :])
        else:
            full = (*given, *rest)
        axes = [
            range(n)[one] if isinstance(one, slice) else (range(n)[one],)
            for one, n in zip(full, self.shape, strict=True)
        ]
        found = [self._read(place) for place in product(*axes)]
        return Vector(found) if any(isinstance(one, slice) for one in full) else found[0]

    def at(self, position: Sequence[int], channels: slice | int = slice(None)) -> Any:
        """Return channels at a position; zeros where position or channel lie outside."""
        if isinstance(channels, int):
            return self.at(position, slice(channels, channels + 1))[0]
        depth = self.shape[-1]
        first = 0 if channels.start is None else channels.start
        last = depth if channels.stop is None else channels.stop
        return Vector([self._at((*position, channel)) for channel in range(first, last)])

    def _at(self, index: tuple[int, ...]) -> Formula:
        if all(0 <= i < n for i, n in zip(index, self.shape, strict=True)):
            return self._read(index)
        return Formula("read", 0, place=Place(self.name, index, inside=False))


class Fields(dict[str, Field]):
    """The arrays of a layer, by name; and as `shared` what its `common` gave."""

    shared: Any = None


def places_read(root: Formula) -> Iterator[Place]:
    """Yield the places of all values that a formula reads, each once."""
    seen: set[int] = set()
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if node.place is not None:
            yield node.place
        waiting += below(node)


def below(node: Formula) -> list[Formula]:
    """Return the formulas that a node is made from."""
    if node.kind != "dot":
        return list(node.parts)
    start, pairs = node.parts
    found = [one for pair in pairs for one in pair]
    return found if start is None else [start, *found]
