"""Names of elements while a network is expanded, and what a `from` may take."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

from cnncalc.errors import did_you_mean, received
from cnncalc.format.expansion.position import Position
from cnncalc.format.plan import ElementPlan


class FromError(Exception):
    """A `from` names nothing that it may take: one sentence."""


class Paths:
    """The node that each element expanded so far ends in, by the element's path."""

    def __init__(self) -> None:
        self.ends: dict[str, int] = {}
        self.training: set[str] = set()

    def add(self, path: str, end: int, *, training: bool) -> bool:
        """Note the node that an element ends in; return whether its path is new."""
        if path in self.ends:
            return False
        self.ends[path] = end
        if training:
            self.training.add(path)
        return True

    def find(self, name: str, at: Position, *, training: bool) -> int:
        """Return the node of a name: in its scope, then those around it, up to the block's edge.

        Raises: FromError, which says why there is none.
        """
        inputs = at.frame.inputs
        head, _, number = name.partition(".")
        if name == "input":
            return inputs[0]
        if head == "input" and number.isdecimal() and len(number) < 10:
            if int(number) < len(inputs):
                return inputs[int(number)]
            raise FromError(f"the block was given {len(inputs)} inputs. Received {received(name)}")
        names = [name]
        if head in at.frame.renumbered:
            names.append(at.frame.renumbered[head] + name.removeprefix(head))
        for prefix, found in product(reversed(at.prefixes), names):
            end = self.ends.get(prefix + found)
            if end is not None:
                if prefix + found in self.training and not training:
                    raise FromError(
                        f"{name!r} is inside 'training', and nothing outside may take it"
                    )
                return end
        raise FromError(f"cannot take 'from' {received(name)}: {self._reason(name, at)}")

    def _reason(self, name: str, at: Position) -> str:
        if name in self.ends:
            return "it is outside this block, which sees only 'input' and its own elements"
        head = name.partition(".")[0]
        if head in _names(at.frame.elements):
            return "it comes later, or 'when' leaves it out; 'from' sees earlier elements only"
        edge = at.prefixes[0]
        known = [path.removeprefix(edge) for path in self.ends if path.startswith(edge)]
        return f"nothing here has that name.{did_you_mean(name, known[-2000:])}".rstrip(".")


def _names(elements: Sequence[ElementPlan]) -> Iterator[str]:
    for element in elements:
        yield element.name or element.stem
        yield element.merge_name
        yield from _names(element.children)
        for branch in element.branches:
            yield from _names(branch.children)
