"""A position in the walk that expands a plan: the use of a block, and the values of names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from cnncalc.format.plan import ElementPlan
    from cnncalc.model.graph import Use

Scope = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One use of a block, or the file itself: what `from` and `input` refer to in it."""

    inputs: tuple[int, ...]  # the nodes that entered it
    elements: tuple[ElementPlan, ...]  # what it is made of
    renumbered: Mapping[str, str] = field(default_factory=dict)  # as BlockPlan has it
    use: Use | None = None  # None: the file
    depth: int = 0  # of blocks around it


class Position(NamedTuple):
    """A position in the walk."""

    frame: Frame
    scope: Scope  # the values of names; the walk sets `channels` and `index` as it goes
    prefixes: tuple[str, ...]  # paths of the scopes, each with a dot, from the block's edge inwards

    def within(self, values: Mapping[str, Any]) -> Position:
        """Return the same position, with a scope of its own that has these values, too."""
        return self._replace(scope={**self.scope, **values})

    def under(self, path: str) -> Position:
        """Return the position inside a scope of this path."""
        return self._replace(prefixes=(*self.prefixes, f"{path}."))


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """One copy of an element that is about to be expanded."""

    element: ElementPlan
    position: Position
    row: Mapping[str, Any]  # its row of the element's table
    name: str  # within its scope
    index: int | None  # its number, where copies are told apart by numbers

    @property
    def path(self) -> str:
        """Return its path in the network."""
        return self.position.prefixes[-1] + self.name
