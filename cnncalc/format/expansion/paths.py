"""Names of elements while a network is expanded, and what a `from` may take."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

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
        self.hidden: dict[str, str] = {}  # by path that was taken: another of that name

    def add(self, path: str, end: int, *, training: bool) -> bool:
        """Note the node that an element ends in; return whether its path is new."""
        if path in self.ends:
            return False
        self.ends[path] = end
        if training:
            self.training.add(path)
        return True

    def find(self, name: str, at: Position, *, training: bool) -> int:
        """Return the node of a name: an element's, or `input`. Raises: FromError, as `path_of`."""
        inputs = at.frame.inputs
        head, _, number = name.partition(".")
        if name == "input":
            return inputs[0]
        if head == "input" and number.isdecimal() and len(number) < 10:
            if int(number) < len(inputs):
                return inputs[int(number)]
            raise FromError(f"the block was given {len(inputs)} inputs. Received {received(name)}")
        return self.ends[self.path_of(name, at, training=training)]

    def path_of(
        self, name: str, at: Position, *, training: bool = False, use: str = "take 'from'"
    ) -> str:
        """Return the path of an earlier element that a name stands for.

        It is looked for in its scope, then those around it, up to the block's edge; of a name
        that begins with a dot, at the edge alone. `hidden` notes where there is a further one.
        Raises: FromError, which says why there is none.
        """
        inner, prefixes = name.removeprefix("."), at.prefixes
        if inner != name:
            prefixes = prefixes[:1]
        names, head = [inner], inner.partition(".")[0]
        if head in at.frame.renumbered:
            names.append(at.frame.renumbered[head] + inner.removeprefix(head))
        near = [[prefix + each for each in names] for prefix in reversed(prefixes)]
        known = (next((path for path in paths if path in self.ends), None) for paths in near)
        found = [path for path in known if path is not None]
        if not found:
            raise FromError(f"cannot {use} {received(name)}: {self._reason(inner, at)}")
        path, *others = found
        if path in self.training and not training:
            raise FromError(f"{name!r} is inside 'training', and nothing outside may {use} it")
        if others:
            self.hidden.setdefault(path, others[-1])
        return path

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
