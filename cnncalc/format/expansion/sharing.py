"""Elements that share the layers and learned values of an earlier one: `shares: NAME`.

The earlier element is expanded once more on other inputs; each node that comes of it is paired
with the node of the same place in the first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from cnncalc.errors import SettingsError, received
from cnncalc.format.expansion.building import Builder
from cnncalc.format.expansion.paths import FromError
from cnncalc.format.expansion.position import Copy
from cnncalc.format.messages import sentence
from cnncalc.layers import TYPES

Again = Callable[[Copy, tuple[int, ...]], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """An element that has been expanded, so that others can share its learned values.

    Attributes:
        copy: the element where it stood, with the values of names there.
        again: expands such a copy on the outputs of nodes; returns the node that it ends in.
        word: the layer type or block that it is; "" for a group and for repeats.
        own: its first node, and the one after its last without the elements that follow it.
        last: the one after the last of those.
    """

    copy: Copy
    again: Again
    word: str
    own: tuple[int, int]
    last: int


class Sharing(Builder):
    """The builder that can expand an element again with the learned values of the first."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.originals: dict[str, Original] = {}

    def remember(self, copy: Copy, again: Again, word: str, own: tuple[int, int]) -> None:
        """Keep an element that was expanded, where the file shares any."""
        if not self.plan.shares:
            return
        # The values of names change on the way from copy to copy.
        position = copy.position.within({})
        self.originals[copy.path] = Original(
            copy=replace(copy, position=position),
            again=again,
            word=word,
            own=own,
            last=len(self.nodes),
        )

    def share(self, copy: Copy, sources: tuple[int, ...]) -> tuple[int, str]:
        """Expand an element that shares another; return the node it ends in, and its type."""
        element, at, use = copy.element, copy.position, copy.position.frame.use
        subject = f"layer {copy.path}"
        try:
            path = self.paths.path_of(element.shares or "", at, training=self.training, use="share")
        except FromError as error:
            self.fail(sentence(str(error)), (*element.path, "shares"), use, subject)
        original = self.originals[path]
        if element.type is not None:
            self._compare(copy, original)
        again = replace(
            original.copy,
            element=replace(
                original.copy.element,
                name=copy.name,
                sources=None,
                when=None,
                training=False,
                then=original.copy.element.then if element.then is None else (),
            ),
            position=original.copy.position._replace(prefixes=at.prefixes),
            row={key: cell for key, cell in original.copy.row.items() if key not in _PLACED},
            name=copy.name,
            index=copy.index,
        )
        first, around = len(self.nodes), self.shared
        shared = range(original.own[0], original.last if element.then is None else original.own[1])
        self.shared = iter(shared)
        end = original.again(again, sources)
        if len(self.nodes) - first != len(shared):
            message = f"{element.shares} comes to other layers on this input."
            self.fail(message, (*element.path, "shares"), use, subject)
        self.shared = around
        return end, original.word

    def _compare(self, copy: Copy, original: Original) -> None:
        """Refuse a type or settings beside `shares` that are not those of the original."""
        element, at, use = copy.element, copy.position, copy.position.frame.use
        assert element.type is not None
        subject, name = f"layer {copy.path}", element.shares
        word = self.word(element.type, at, subject)
        if word != original.word:
            what = f"{name} is of type {original.word}" if original.word else f"{name} is a group"
            message = f"{what}. Received type {word}. Leave it out beside 'shares'."
            self.fail(message, element.type.path, use, subject)
        layer = self.nodes[original.own[0]].layer
        for key, planned in element.settings.items():
            if word not in TYPES or layer is None or key not in type(layer).model_fields:
                message = f"{key}: 'shares' takes what {name} has. Leave it out."
                self.fail(message, planned.path, use, subject)
            value = self.value(planned, at.scope, subject, use)
            try:
                same = type(layer)(**layer.model_dump(exclude_unset=True) | {key: value}) == layer
            except SettingsError as error:
                self.fail(error.found[0].message, planned.path, use, subject)
            if not same:
                there = received(getattr(layer, key))
                message = f"{key} is {there} in {name}. Received {received(value)}. Leave it out."
                self.fail(message, planned.path, use, subject)


_PLACED = ("name", "from", "when")  # columns of a table that say where a copy stands
