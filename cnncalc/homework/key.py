"""The key: a network, what its teacher declares about counting and points, and their answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any, NamedTuple

from cnncalc.errors import Place, Problem, ReadError, did_you_mean
from cnncalc.homework.conventions import Change, Conventions, conventions_of, declared, others
from cnncalc.homework.layer_truth import Value, cases_of, groups_of, total, worth
from cnncalc.homework.matching import plain
from cnncalc.homework.misconceptions import Explanation, wrong, wrong_total
from cnncalc.homework.sheet import COLUMNS, Sheet
from cnncalc.model.report import Report

RULES = ("conventions", "points", "credit", "follow_through", "columns", "missing")
Wrong = list[tuple[Value, tuple[Explanation, ...]]]


class Credit(NamedTuple):
    """The share of a cell's points that a verdict earns."""

    correct: Fraction = Fraction(1)
    follow_through: Fraction = Fraction(1)
    correct_other_convention: Fraction = Fraction(1, 2)
    close_rounding: Fraction = Fraction(1, 2)
    method: Fraction = Fraction(1, 2)
    wrong: Fraction = Fraction(0)
    blank: Fraction = Fraction(0)


_CREDIT = {
    "other_convention": "correct_other_convention", "convention": "correct_other_convention",
    "rounded": "close_rounding", "rounding": "close_rounding", "working": "method",
}  # fmt: skip


class Rules(NamedTuple):
    """What a key declares: `marking:` in its file.

    `points` by column (`parameters`) or cell (`CONV1.parameters`); `columns` those asked for,
    None for those that a sheet has; `missing` whether a row that a sheet lacks is blank, or
    ignored.
    """

    conventions: Conventions = Conventions()
    points: Mapping[str, Fraction] = {}
    credit: Credit = Credit()
    follow: bool = True
    columns: tuple[str, ...] | None = None
    missing: str = "blank"


_NOWHERE = Place()


def rules_of(data: Any, place: Place = _NOWHERE) -> Rules:
    """Return the rules that a key's `marking:` holds. Raises: ReadError for what is unknown."""
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
    credit = {}
    for name, share in (data.get("credit") or {}).items():
        verdict = _CREDIT.get(name, name)
        if verdict not in Credit._fields:
            raise _refused("credit", name, f"one of {', '.join(Credit._fields)}", place)
        credit[verdict] = _number(f"credit.{name}", share, place, most=1)
    follow = data.get("follow_through", True)
    if follow in ("on", "off"):
        follow = follow == "on"
    columns = data.get("columns")
    if columns is not None and not (
        isinstance(columns, list) and all(str(column) in COLUMNS for column in columns)
    ):
        raise _refused("columns", columns, f"a list of {', '.join(COLUMNS)}", place)
    missing = data.get("missing", "blank")
    if missing not in ("blank", "ignored") or not isinstance(follow, bool):
        raise _refused("missing", missing, "blank or ignored", place)
    return Rules(
        conventions_of(data.get("conventions"), place),
        {k: _number(f"points.{k}", v, place) for k, v in (data.get("points") or {}).items()},
        Credit(**credit),
        follow,
        tuple(columns) if columns is not None else None,
        missing,
    )


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


class Key:
    """A network's true numbers under the declared conventions, worked out when they are asked.

    What is found is kept, so that a class is marked against one key quickly.

    Attributes:
        label: the file, as the user called it.
        answers: the teacher's own numbers, if the key has any.
    """

    def __init__(
        self, report: Report, rules: Rules, label: str, answers: Sheet | None = None
    ) -> None:
        self.report = report
        self.rules = rules
        self.label = label
        self.answers = answers
        self.how = rules.conventions
        self.cases = cases_of(report, self.how)
        groups = groups_of(report, self.cases)
        self.groups = {plain(path): group for path, group in groups.items()}
        self.layers = [(case.name, case.type, case.has_row) for case in self.cases]
        self._truths: dict[tuple[int, str], Value | None] = {}
        self._others: dict[tuple[int, str], list[tuple[tuple[Change, ...], Value]]] = {}
        self._wrong: dict[tuple[int, str], Wrong] = {}

    def truth(self, index: int, column: str) -> Value | None:
        """Return the true value of a row's column; index -1 is the total."""
        if (index, column) not in self._truths:
            self._truths[index, column] = self._value(index, column, self.how)
        return self._truths[index, column]

    def _value(self, index: int, column: str, how: Conventions) -> Value | None:
        if index < 0:
            return total(self.cases, self.report, column, how)
        return worth(self.cases[index], column, how)

    def others(self, index: int, column: str) -> list[tuple[tuple[Change, ...], Value]]:
        """Return the values of a row's column under other conventions, with what is other."""
        if (index, column) not in self._others:
            values = (
                (changes, self._value(index, column, how))
                for changes, how in others(column, self.how)
            )
            self._others[index, column] = distinct(values, self.truth(index, column))
        return self._others[index, column]

    def wrong(self, index: int, column: str) -> Wrong:
        """Return the wrong values of a row's column, each with the mistakes that lead to it."""
        if (index, column) not in self._wrong:
            right = self.truth(index, column)
            if index >= 0:
                found = wrong(self.cases[index], column, self.factor)
            else:
                found = wrong_total(self.cases, column, self.factor, right, self.parts(column))
            self._wrong[index, column] = [(value, why) for value, why in found if value != right]
        return self._wrong[index, column]

    def parts(self, column: str) -> list[int]:
        """Return the counts that a column's total adds up, a number for each row."""
        values = (self.truth(index, column) for index in range(len(self.cases)))
        return [value if isinstance(value, int) else 0 for value in values]

    @property
    def factor(self) -> int:
        """Return what a multiply-accumulate counts as."""
        return 2 if self.how.flops in ("2mac", "full") else 1

    def points(self, layer: str, column: str) -> Fraction:
        """Return the points of a cell: those declared for it or its column, else 1."""
        points = self.rules.points
        default = Fraction(column not in ("working", "settings"))
        return points.get(f"{layer}.{column}", points.get(column, default))

    def conventions(self, columns: tuple[str, ...]) -> list[str]:
        """Return the conventions as a report of these columns repeats them."""
        roundings = {
            getattr(case.layer, "rounding", None) for case in self.cases if case.layer is not None
        } - {None}
        rounding = "ceil" if roundings == {"ceil"} else "floor"
        if roundings == {"ceil", "floor"}:
            rounding = "floor"
        norm = any(case.type == "batch_norm" for case in self.cases)
        return declared(self.how, columns, rounding, norm)


def distinct(
    values: Iterator[tuple[tuple[Change, ...], Value | None]], truth: Value | None
) -> list[tuple[tuple[Change, ...], Value]]:
    """Return each value once, with the fewest changes that lead to it; the truth not at all."""
    found: dict[Value, tuple[Change, ...]] = {}
    for changes, value in values:
        if value is not None and value != truth:
            found.setdefault(value, changes)
    return [(changes, value) for value, changes in found.items()]


def asked(rules: Rules, sheet: Sheet) -> tuple[str, ...]:
    """Return the columns that a sheet is marked in."""
    if rules.columns is None:
        return sheet.columns
    return tuple(c for c in COLUMNS if c in rules.columns or c in sheet.columns)
