"""The layer types that a file may name, with their settings, as a list to be searched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cnncalc.errors import Problem, UnknownNameError, did_you_mean
from cnncalc.layers import TYPES, layer_type, meant
from cnncalc.model.printable import Tabular

MOST_WORDS = 100  # that are looked for


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerType:
    """One layer type.

    Attributes:
        type: its word in a file.
        family: convolution, dense, pool, norm, activation, merge …
        required: the settings that must be given.
        settings: the others, each with the value that it has if it is not given.
        description: what it is, in one sentence.
        aliases: what others call it.
    """

    type: str
    family: str
    required: tuple[str, ...]
    settings: Mapping[str, Any]
    description: str
    aliases: tuple[str, ...]

    @property
    def words(self) -> str:
        """Return all that is known of it in words, in lower case, to be searched."""
        known = [self.type, self.family, self.description]
        return "\n".join([*known, *self.required, *self.settings, *self.aliases]).casefold()


class LayerTypes(tuple[LayerType, ...], Tabular):
    """Layer types, in the order of the documentation."""

    __slots__ = ()

    def __repr__(self) -> str:
        """Return their words."""
        return f"<LayerTypes: {', '.join(one.type for one in self)}>"


def select(words: str | None = None) -> LayerTypes:
    """Return the layer types that have every word of a text, or all of them.

    Raises: UnknownNameError if none has.

    >>> [one.type for one in select("max pool")][:2]
    ['max_pool', 'adaptive_max_pool']
    """
    wanted = (words or "").casefold().split()[:MOST_WORDS]
    found = LayerTypes(
        one for one in map(_layer_type, TYPES) if all(word in one.words for word in wanted)
    )
    if not found and (named := meant(str(words), TYPES)):  # `nn.Conv2d`
        return LayerTypes([_layer_type(named)])
    if not found:
        hint = did_you_mean(str(words), TYPES)
        message = f"no layer type has {str(words)[:100]!r}.{hint} cnncalc list --layers shows all."
        raise UnknownNameError(Problem("unknown_type", message))
    return found


def _layer_type(tag: str) -> LayerType:
    found = layer_type(tag)
    fields = found.model_fields
    return LayerType(
        type=tag,
        family=found.family,
        required=tuple(name for name, field in fields.items() if field.is_required()),
        settings={name: field.default for name, field in fields.items() if not field.is_required()},
        description=(found.__doc__ or "").strip().splitlines()[0],
        aliases=found.aliases,
    )
