"""How large a network is at the least, before any of it is built: what is too large is refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from cnncalc.format.bounds import MAX_REPEATS
from cnncalc.format.expressions import ExpressionError, Word
from cnncalc.format.plan import ElementPlan, Plan, PlannedTable, PlannedValue
from cnncalc.layers import TYPES


class Size(NamedTuple):
    """The layers, and the copies of elements, that there are at the least."""

    layers: int
    copies: int

    def plus(self, other: Size, times: int = 1) -> Size:
        """Return the sum of both, the other one so many times."""
        return Size(self.layers + times * other.layers, self.copies + times * other.copies)


NOTHING = Size(0, 0)


class LeastSize:
    """Counts what is present whatever expressions say that depend on volumes or arguments."""

    def __init__(self, plan: Plan, scope: Mapping[str, Any]) -> None:
        self._plan, self._scope = plan, scope
        self._blocks: dict[str, Size] = {}

    def of(self, elements: Sequence[ElementPlan], *, inside: bool = False) -> Size:
        """Return the size of a sequence; `inside` a block, where parameters are its own."""
        total = NOTHING
        for element in elements:
            total = total.plus(self._element(element, inside))
        return total

    def _element(self, element: ElementPlan, inside: bool) -> Size:
        if element.is_bare:
            return Size(1, 0)
        rows = _rows(element.table)
        times = self._times(element, inside)
        content = Size(0, 1)
        if element.when is None and not _varies(element.table):
            content = content.plus(self._content(element, inside))
        if times is not None:
            content = Size(0, 0).plus(content, times)
        return Size(0, 1).plus(content, rows)

    def _times(self, element: ElementPlan, inside: bool) -> int | None:
        """Return the repeats of an element: None without any, 0 where they are not known yet."""
        repeat = element.repeat
        if repeat is None:
            return 0 if _has(element.table, "repeat") else None
        if repeat.expression is None:
            return _allowed(repeat.constant)
        names = repeat.expression.names
        if inside or element.table is not None or not names <= self._scope.keys():
            return 0
        try:
            found = repeat.evaluate(self._scope)
        except ExpressionError:
            return 0
        return _allowed(found)

    def _content(self, element: ElementPlan, inside: bool) -> Size:
        if element.kind == "branches":
            total = NOTHING
            for branch in element.branches:
                if branch.when is None:
                    total = total.plus(self.of(branch.children, inside=inside))
            return total
        if element.kind == "layers":
            return self.of(element.children, inside=inside)
        word = element.type.constant if element.type is not None else None
        if not isinstance(word, Word):
            return NOTHING
        if word in TYPES:
            return Size(1, 0)
        if word not in self._blocks:
            self._blocks[word] = NOTHING  # of a block that uses itself
            block = self._plan.blocks.get(word)
            if block is not None:
                self._blocks[word] = self._content(block.body, True)
        return self._blocks[word]


def _allowed(times: Any) -> int:
    """Return a number of repeats; 0 for what is none, which the walk refuses."""
    return times if type(times) is int and 0 <= times <= MAX_REPEATS else 0


def _rows(table: PlannedTable | PlannedValue | None) -> int:
    """Return how many rows a table has at the least."""
    if table is None:
        return 1
    if isinstance(table, PlannedValue):
        return 0
    return max(
        (len(c) for c in table.columns.values() if not isinstance(c, PlannedValue)), default=0
    )


def _has(table: PlannedTable | PlannedValue | None, column: str) -> bool:
    return isinstance(table, PlannedValue) or (table is not None and column in table.columns)


def _varies(table: PlannedTable | PlannedValue | None) -> bool:
    """Return whether rows of a table may be absent, or of a type of their own."""
    return _has(table, "when") or _has(table, "type")
