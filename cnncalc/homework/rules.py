"""The rules of a key: conventions, points, and what each verdict earns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from cnncalc.errors import Place, Problem, ReadError, did_you_mean
from cnncalc.homework.conventions import Conventions, conventions_of
from cnncalc.homework.credit import CREDIT, Verdict
from cnncalc.homework.sheet import COLUMNS

# What a key may call a verdict, besides its name.
_VERDICTS = {
    "other_convention": Verdict.CONVENTION,
    "convention": Verdict.CONVENTION,
    "rounded": Verdict.ROUNDED,
    "rounding": Verdict.ROUNDED,
    "working": Verdict.METHOD,
}
RULES = ("conventions", "points", "credit", "follow_through", "columns", "heads", "missing")
# What a teacher's own heads may mean beside an answer's column.
HEADS = (*COLUMNS, "name", "type", "number", "settings", "remark", "width", "height", "depth")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What a key declares under `marking:`."""

    conventions: Conventions = field(default_factory=Conventions)
    points: Mapping[str, Fraction] = field(default_factory=dict)  # of `parameters`, `CONV1.macs`
    credit: Mapping[Verdict, Fraction] = field(default_factory=CREDIT.copy)  # by verdict
    follow_through: bool = True  # whether an error costs only once
    columns: tuple[str, ...] | None = None  # that are asked for; None: those that a sheet has
    heads: Mapping[str, str] = field(default_factory=dict)  # of columns, in the teacher's words
    missing: str = "blank"  # what a layer without a row is: blank, or ignored


_NOWHERE = Place()


def rules_of(data: Any, place: Place = _NOWHERE) -> Rules:
    """Return the rules under a key's `marking:`. Raises: ReadError for what is unknown."""
    if not isinstance(data, Mapping):
        raise _refused("marking", data, "a mapping", place)
    for key in data:
        if key not in RULES:
            raise ReadError(
                Problem(
                    "marking",
                    f"unknown rule {key[:40]!r}.{did_you_mean(key, RULES)} "
                    f"There are: {', '.join(RULES)}.",
                    place=place,
                )
            )
    for name in ("conventions", "points", "credit"):
        if not isinstance(data.get(name) or {}, Mapping):
            raise _refused(name, data[name], "a mapping", place)
    credit = CREDIT.copy()
    for name, share in (data.get("credit") or {}).items():
        verdict = _VERDICTS.get(name, name)
        if verdict not in CREDIT:
            raise _refused("credit", name, f"one of {', '.join(CREDIT)}", place)
        credit[Verdict(verdict)] = _number(f"credit.{name}", share, place, most=1)
    follow = data.get("follow_through", True)
    if follow in ("on", "off"):
        follow = follow == "on"
    columns = data.get("columns")
    if columns is not None and not (
        isinstance(columns, list) and all(str(column) in COLUMNS for column in columns)
    ):
        raise _refused("columns", columns, f"a list of {', '.join(COLUMNS)}", place)
    heads = _heads(data.get("heads") or {}, place)
    missing = data.get("missing", "blank")
    if missing not in ("blank", "ignored") or not isinstance(follow, bool):
        raise _refused("missing", missing, "blank or ignored", place)
    points = data.get("points") or {}
    return Rules(
        conventions=conventions_of(data.get("conventions"), place),
        points={name: _number(f"points.{name}", n, place) for name, n in points.items()},
        credit=credit,
        follow_through=follow,
        columns=tuple(columns) if columns is not None else None,
        heads=heads,
        missing=missing,
    )


def _heads(data: Any, place: Place) -> dict[str, str]:
    """Return a teacher's own heads: `{Gewichte: parameters}`, or `{parameters: [Gewichte, …]}`."""
    wanted = f"a mapping of heads, each to one of {', '.join(HEADS)}"
    if not isinstance(data, Mapping):
        raise _refused("heads", data, wanted, place)
    found: dict[str, str] = {}
    for key, value in data.items():
        if isinstance(value, str) and value in HEADS:
            found[str(key)] = value
        elif key in HEADS and isinstance(value, (str, list)):
            found |= {
                str(word): str(key) for word in ([value] if isinstance(value, str) else value)
            }
        else:
            raise _refused(f"heads.{str(key)[:40]}", value, wanted, place)
    return found


def _number(name: str, value: Any, place: Place, most: int = 1_000_000) -> Fraction:
    if (
        isinstance(value, bool)
        or not isinstance(value, (int, float, Fraction))
        or not 0 <= value <= most
    ):
        raise _refused(name, value, f"a number from 0 to {most:,}", place)
    return Fraction(str(value)) if isinstance(value, float) else Fraction(value)


def _refused(name: str, value: Any, wanted: str, place: Place) -> ReadError:
    message = f"{name} must be {wanted}. Received {str(value)[:60]!r}."
    return ReadError(Problem("marking", message, place=place))
