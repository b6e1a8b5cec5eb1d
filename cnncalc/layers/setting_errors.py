"""Errors in the settings of a layer, a sentence for each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cnncalc import units
from cnncalc.errors import Problem, SettingsError, did_you_mean, received
from cnncalc.layers.hints import setting_hint
from cnncalc.layers.setting_types import words_in

if TYPE_CHECKING:
    from pydantic import ValidationError

    from cnncalc.layers.base import AbstractLayer


@dataclass(frozen=True, slots=True)
class WrongSetting:
    """One setting that is wrong."""

    field: str | None  # None: it is wrong beside another one
    code: str  # stable, as that of a Problem
    message: str


def settings_error(cls: type[AbstractLayer], error: ValidationError) -> SettingsError:
    """Return the error of settings that Pydantic found wrong."""
    found = list(_wrong_settings(cls, error))
    subject = f"layer {cls.tag}"
    return SettingsError([Problem(wrong.code, wrong.message, subject) for wrong in found], found)


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
