"""Names of elements while a network is put together, and what a `from` may take."""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.errors import did_you_mean, received
from cnncalc.format.plan import Item


class FromError(Exception):
    """A `from` names nothing that it may take: one sentence."""


class Paths:
    """Where each element that has run so far ends, by its path."""

    def __init__(self) -> None:
        self.ends: dict[str, int] = {}
        self.training: set[str] = set()

    def add(self, path: str, end: int, *, training: bool) -> bool:
        """Remember where an element ends; return whether its path is new."""
        if path in self.ends:
            return False
        self.ends[path] = end
        if training:
            self.training.add(path)
        return True

    def find(
        self,
        name: str,
        prefixes: tuple[str, ...],
        inputs: tuple[int, ...],
        items: list[Item],
        *,
        training: bool,
    ) -> int:
        """Return the node of a name: in its scope, then those around it, up to the block's edge.

        `inputs` are what entered the block, `items` what it is made of.
        Raises: FromError, which says why not.
        """
        head, _, number = name.partition(".")
        if name == "input":
            return inputs[0]
        if head == "input" and number.isdecimal() and len(number) < 10:
            if int(number) < len(inputs):
                return inputs[int(number)]
            raise FromError(f"the block was given {len(inputs)} inputs. Received {received(name)}")
        for prefix in reversed(prefixes):
            end = self.ends.get(prefix + name)
            if end is not None:
                if prefix + name in self.training and not training:
                    raise FromError(
                        f"{name!r} is inside 'training', and nothing outside may take it"
                    )
                return end
        raise FromError(
            f"cannot take 'from' {received(name)}: {self._reason(name, prefixes, items)}"
        )

    def _reason(self, name: str, prefixes: tuple[str, ...], items: list[Item]) -> str:
        if name in self.ends:
            return "it is outside this block, which sees only 'input' and its own elements"
        head = name.partition(".")[0]
        if head in _names(items):
            return "it comes later, or 'when' leaves it out; 'from' sees earlier elements only"
        within = prefixes[0]
        known = [path[len(within) :] for path in self.ends if path.startswith(within)]
        return f"nothing here has that name.{did_you_mean(name, known[-2000:])}".rstrip(".")


def _names(items: list[Item]) -> Iterator[str]:
    for item in items:
        yield item.name or item.stem
        yield item.merge_name
        yield from _names(item.children)
        for _, branch in item.branches:
            yield from _names(branch)
