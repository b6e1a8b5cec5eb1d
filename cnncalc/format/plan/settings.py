"""From evaluated settings to a layer, or to every sentence about what is wrong with them."""

from __future__ import annotations

import typing
from collections.abc import Iterator
from functools import cache
from typing import Any

from pydantic import ValidationError

from cnncalc.errors import any_of
from cnncalc.format.expressions import SPECIAL
from cnncalc.format.pydantic_messages import received
from cnncalc.layers import TYPES, layer_type
from cnncalc.layers.base import AbstractLayer


@cache
def field_words(cls: type[AbstractLayer], field: str) -> frozenset[str]:
    """Return the words that a field takes as they are: half, same, ceil.

    >>> from cnncalc.layers import Conv
    >>> sorted(field_words(Conv, "padding"))
    ['half', 'same', 'valid']
    """
    return frozenset(_words(cls.model_fields[field].annotation))


def _words(annotation: Any) -> Iterator[str]:
    """Yield the words that a type has among its values, in their order."""
    if typing.get_origin(annotation) is typing.Literal:
        yield from (word for word in typing.get_args(annotation) if isinstance(word, str))
    for inner in typing.get_args(annotation):
        yield from _words(inner)


@cache
def words_of(setting: str) -> frozenset[str]:
    """Return the words that a setting takes in any layer type, where the type is known only later.

    A setting that no type has may be a block's, which hands it on: it takes any word that is no
    name of the format. Imports every layer type.

    >>> sorted(words_of("over")), "channels" in words_of("filters")
    (['all', 'channels'], False)
    """
    types = [layer_type(tag) for tag in TYPES]
    found = [field_words(cls, setting) for cls in types if setting in cls.model_fields]
    if found:
        return frozenset().union(*found)
    every = [field_words(cls, field) for cls in types for field in cls.model_fields]
    return frozenset().union(*every) - {*SPECIAL}


def build(cls: type[AbstractLayer], settings: dict[str, Any]) -> AbstractLayer:
    """Return the layer of evaluated settings.

    Raises: SettingsError with every setting that is wrong.
    """
    try:
        return cls(**settings)
    except ValidationError as error:
        raise SettingsError(list(_setting_problems(cls, error))) from None


class SettingsError(Exception):
    """Settings do not make a layer; `.found` has (field or None, code, message) of each."""

    def __init__(self, found: list[tuple[str | None, str, str]]) -> None:
        self.found = found
        super().__init__(found)


def _setting_problems(
    cls: type[AbstractLayer], error: ValidationError
) -> Iterator[tuple[str | None, str, str]]:
    for found in error.errors(include_url=False):
        field = str(found["loc"][0]) if found["loc"] else None
        kind = found["type"]
        if kind == "missing":
            yield field, "missing", f"{field} is missing. Add it."
            continue
        if kind == "value_error" and field is None:
            yield None, "setting", f"{found['ctx']['error']}."
            continue
        if kind == "value_error":
            what = str(found["ctx"]["error"])
        elif kind == "literal_error":
            what = f"must be {any_of(_words(cls.model_fields[field or ''].annotation))}"
        elif kind == "greater_than_equal":
            what = f"must be at least {found['ctx']['ge']:g}"
        elif kind == "less_than_equal":
            what = f"must be at most {found['ctx']['le']:g}"
        elif kind.startswith("bool"):
            what = "must be true or false"
        else:
            what = "is not a value that it takes"
        hint = ""
        info = cls.model_fields.get(field or "")
        if info is not None and not info.is_required() and info.default is not None:
            hint = f" Leave it out for {received(info.default)}."
        yield field, "setting", f"{field} {what}. Received {received(found['input'])}.{hint}"
