"""What is wrong with the settings of a layer, in a sentence for each."""

from __future__ import annotations

import typing
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cnncalc import units
from cnncalc.errors import ArchitectureError, Problem, did_you_mean, received
from cnncalc.layers.hints import setting_hint

if TYPE_CHECKING:
    from pydantic import ValidationError

    from cnncalc.layers.base import AbstractLayer


@dataclass(frozen=True, slots=True)
class WrongSetting:
    """One setting that is wrong."""

    field: str | None  # None: it is wrong beside another one
    code: str  # stable, as that of a Problem
    message: str


class SettingsError(ArchitectureError):
    """Settings do not make a layer.

    Attributes:
        found: what is wrong, setting by setting; `problems` has the same for people.
    """

    def __init__(
        self, problems: Iterable[Problem] | Problem | str, found: Iterable[WrongSetting] = ()
    ) -> None:
        super().__init__(problems)
        self.found = tuple(found)


def settings_error(cls: type[AbstractLayer], error: ValidationError) -> SettingsError:
    """Return the error of settings that Pydantic found wrong."""
    found = list(_wrong_settings(cls, error))
    subject = f"layer {cls.tag}"
    return SettingsError([Problem(wrong.code, wrong.message, subject) for wrong in found], found)


def words_in(annotation: Any) -> Iterator[str]:
    """Yield the words that a type has among its values, in their order.

    >>> list(words_in(int | typing.Literal["floor", "ceil"]))
    ['floor', 'ceil']
    """
    if typing.get_origin(annotation) is typing.Literal:
        yield from (word for word in typing.get_args(annotation) if isinstance(word, str))
    for inner in typing.get_args(annotation):
        yield from words_in(inner)


def _wrong_settings(cls: type[AbstractLayer], error: ValidationError) -> Iterator[WrongSetting]:
    for found in error.errors(include_url=False):
        field = str(found["loc"][0]) if found["loc"] else None
        info = cls.model_fields.get(field or "")
        kind = found["type"]
        if kind == "extra_forbidden" and field is not None:
            hint = setting_hint(field, found["input"], cls.model_fields)
            hint = hint or did_you_mean(field, cls.model_fields)
            yield WrongSetting(field, "unknown_field", f"unknown field {field!r}.{hint}")
            continue
        if kind == "missing":
            yield WrongSetting(field, "missing", f"{field} is missing. Add it.")
            continue
        if field is None or info is None:
            what = found["ctx"]["error"] if kind == "value_error" else "the settings do not fit"
            yield WrongSetting(None, "setting", f"{what}.")
            continue
        if kind == "value_error":
            what = str(found["ctx"]["error"])
        elif kind == "literal_error":
            what = f"must be {units.listing([*words_in(info.annotation)], 'or')}"
        elif kind == "greater_than_equal":
            what = f"must be at least {found['ctx']['ge']:g}"
        elif kind == "less_than_equal":
            what = f"must be at most {found['ctx']['le']:g}"
        elif kind.startswith("bool"):
            what = "must be true or false"
        else:
            what = "is not a value that it takes"
        hint = ""
        if not info.is_required() and info.default is not None:
            hint = f" Leave it out for {received(info.default)}."
        message = f"{field} {what}. Received {received(found['input'])}.{hint}"
        yield WrongSetting(field, "setting", message)
