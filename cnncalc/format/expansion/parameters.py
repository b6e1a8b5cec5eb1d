"""The file's parameters and its input, settled before the walk: file < variant < --set."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any, NoReturn, Protocol

from cnncalc.errors import (
    ArchitectureError,
    CnncalcError,
    Problem,
    UnknownNameError,
    did_you_mean,
    received,
)
from cnncalc.format.expressions import ExpressionError, Scope, parse
from cnncalc.format.messages import path_text
from cnncalc.format.plan import KnownNames, Path, Plan, PlannedValue, Site
from cnncalc.format.plan.values import ValueCompiler
from cnncalc.volume import LARGEST_EXTENT, Volume

MOST_VARIANTS = 100  # that are compared with what a file says without one


class Placed(Protocol):
    """The builder, as far as parameters need it: it evaluates, and fails with a place."""

    def fail(self, message: str, where: Path) -> NoReturn:
        """Raise the error of one problem."""

    def value(self, value: PlannedValue, scope: Scope, subject: str) -> Any:
        """Return the value of an expression; an error names its place."""


def unknown(architecture: str, what: str, name: str, known: Iterable[str]) -> UnknownNameError:
    """Return the error of a variant or parameter that a file does not have."""
    names = list(known)
    some = ", ".join(names[:20]) + (", …" if len(names) > 20 else "") if names else "none"
    hint = did_you_mean(name, names)
    message = f"{architecture} has no {what} {name[:100]!r}.{hint} It has: {some}."
    return UnknownNameError(Problem(f"unknown_{what}", message))


def settle(
    plan: Plan, variant: str | None, given: Mapping[str, Any], walk: Placed
) -> dict[str, Any]:
    """Return the value of each of the file's parameters.

    Raises: UnknownNameError for a variant or a parameter that is not there; ArchitectureError.
    """
    chosen: Mapping[str, PlannedValue] = {}
    if variant is not None:
        if variant not in plan.variants:
            raise unknown(plan.architecture.name, "variant", variant, plan.variants)
        chosen = plan.variants[variant]
    for name in given:
        if name not in plan.parameters:
            raise unknown(plan.architecture.name, "parameter", name, plan.parameters)
    result: dict[str, Any] = {}
    scope = dict(plan.words)
    for name, default in plan.parameters.items():
        value = chosen.get(name, default)
        if name in given:
            value = _read(plan, name, given[name], result)
        if value is None or (value.is_constant and value.constant is None):
            hint = "Give it with --set, or in the file."
            if plan.variants:
                hint = f"Choose a variant: {', '.join(list(plan.variants)[:20])}."
            walk.fail(f"parameter {name!r} has no value. {hint}", ("parameters", name))
        scope[name] = result[name] = walk.value(value, scope, f"parameter {name}")
    return result


def variant_of(plan: Plan, parameters: Mapping[str, Any], walk: Placed) -> str | None:
    """Return the first variant whose parameters are these, if there is one."""
    for name in list(plan.variants)[:MOST_VARIANTS]:
        with suppress(CnncalcError):  # one that cannot be settled is not the one
            if settle(plan, name, {}, walk) == parameters:
                return name
    return None


def _read(plan: Plan, name: str, raw: Any, known: Iterable[str]) -> PlannedValue:
    """Return a value that is given beside the file; it sees the parameters before its own."""
    compiler = ValueCompiler(plan.architecture, None)
    path = ("--set", name)
    site = Site(path, KnownNames(frozenset(known)), path_text(path))
    value = compiler.value_or_table(raw, site)
    if compiler.problems:
        raise ArchitectureError(compiler.problems[0]._replace(path=f"--set {name}"))
    return value


def input_volume(plan: Plan, scope: Scope, walk: Placed) -> Volume:
    """Return the volume of the file's `input`: text, or a list of expressions."""
    raw = plan.input.constant
    if isinstance(raw, str):
        try:
            return Volume.parse(raw)
        except CnncalcError as error:
            walk.fail(error.problems[0].message, ("input",))
    value = walk.value(plan.input, scope, "input")
    shape = value if isinstance(value, tuple) else (value,)
    if not 1 <= len(shape) <= 4 or not all(
        type(n) is int and 1 <= n <= LARGEST_EXTENT for n in shape
    ):
        shown = "[" + ", ".join(map(received, shape[:8])) + "]"
        walk.fail(
            f"a volume is one to four whole numbers of at least 1. Received {shown}. "
            "Write it like 224x224x3.",
            ("input",),
        )
    return Volume(tuple(shape[:-1]), shape[-1])


def publication_year(plan: Plan, scope: Scope) -> int | None:
    """Return the year that a file gives, which may be an expression over its parameters."""
    year = plan.architecture.year
    if isinstance(year, str):
        try:
            year = parse(year).evaluate({**plan.words, **scope})
        except ExpressionError:
            return None
    return year if type(year) is int else None
