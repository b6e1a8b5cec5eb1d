"""The differences of two networks, layer by layer: matched by name, then by position."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal

from cnncalc.errors import CnncalcError, Problem, UnknownNameError, did_you_mean
from cnncalc.model.printable import Tabular

if TYPE_CHECKING:
    from cnncalc.layers.base import Windows
    from cnncalc.model.report import Report, Row

Mark = Literal["~", "+", "-"]

COUNTS = ("weights", "biases", "other", "parameters", "buffers", "macs", "flops", "activations")
_LONGEST = 2000  # runs of layers that are compared in every way; longer ones go one by one


@dataclass(frozen=True, slots=True)
class Change:
    """A layer that differs.

    Attributes:
        mark: `~` in both networks, `+` only in the second, `-` only in the first.
        first: its row in the first network, if it is there.
        second: its row in the second network, if it is there.
        settings: name and both values of each setting that differs.
    """

    mark: Mark
    first: Row | None
    second: Row | None
    settings: tuple[tuple[str, Any, Any], ...] = ()

    def delta(self, name: str) -> int:
        """Return by how much a count of the layer grew."""
        return _count(self.second, name) - _count(self.first, name)


@dataclass(frozen=True, slots=True, repr=False)
class Diff(Tabular):
    """The differences of two networks.

    Attributes:
        first: the report that the changes start from.
        second: the report that they lead to.
        changes: the layers that differ, in the order of the second network.
        equal: the rows of the second network that do not differ.
        pairs: every row with that of the other network, None where it has none.
    """

    first: Report
    second: Report
    changes: list[Change]
    equal: list[Row]
    pairs: list[tuple[Row | None, Row | None]]

    def __repr__(self) -> str:
        """Return which networks are compared, and how many layers differ."""
        names = f"{self.first.name!r} and {self.second.name!r}"
        return f"<Diff of {names}: {len(self.changes)} layers differ>"

    def delta(self, name: str) -> int:
        """Return by how much a count of the network grew."""
        grown: int = getattr(self.second, name) - getattr(self.first, name)
        return grown


def compare(first: Report, second: Report) -> Diff:
    """Return where two reports differ: in type, settings, volumes or counts of a layer.

    A layer that only has another name in the other network does not differ.

    >>> import cnncalc
    >>> one, other = (cnncalc.analyze({"name": "n", "input": "5x5x4", "layers": [
    ...     {"type": "conv", "filters": 4, "kernel": 3, "groups": groups}]}) for groups in (1, 2))
    >>> [change.settings for change in compare(one, other).changes]
    [(('groups', 1, 2),)]
    """
    changes: list[Change] = []
    equal: list[Row] = []
    pairs = list(_pairs(first.layers, second.layers))
    for before, after in pairs:
        if before is None or after is None:
            changes.append(Change("+" if before is None else "-", before, after))
            continue
        settings = _settings(before, after)
        if settings or before.type != after.type or _facts(before) != _facts(after):
            changes.append(Change("~", before, after, settings))
        else:
            equal.append(after)
    return Diff(first, second, changes, equal, pairs)


def _facts(row: Row) -> tuple[Any, ...]:
    return (row.inputs, row.output, row.training, row.cost, *(_count(row, n) for n in COUNTS))


def _count(row: Row | None, name: str) -> int:
    found: int = getattr(row, name) if row is not None else 0
    return found


def _settings(before: Row, after: Row) -> tuple[tuple[str, Any, Any], ...]:
    if before.type != after.type or before.layer is None or after.layer is None:
        return ()
    one, other = before.layer, after.layer
    names = [n for n in type(one).model_fields if getattr(one, n) != getattr(other, n)]
    if {"padding", "stride"} & {*names} and _windows(before) == _windows(after):
        # the same, written in another way: a pool's stride is its kernel if it is not given
        names = [name for name in names if name not in ("padding", "stride")]
    found = [(name, getattr(one, name), getattr(other, name)) for name in names]
    if (before.shares is None) != (after.shares is None):
        found.append(("shares", before.shares or "none", after.shares or "none"))
    if before.also != after.also:
        found.append(("also", ", ".join(before.also) or "none", ", ".join(after.also) or "none"))
    return tuple(found)


def _windows(row: Row) -> Windows:
    return row.layer.window(row.output, *row.inputs) if row.layer is not None else None


def _pairs(
    first: tuple[Row, ...], second: tuple[Row, ...]
) -> Iterator[tuple[Row | None, Row | None]]:
    """Yield pairs of rows that belong together, in the order of the second network."""
    named = {row.name: i for i, row in enumerate(first)}
    partner = {j: named[row.name] for j, row in enumerate(second) if row.name in named}
    taken = set(partner.values())
    at = 0  # the first row that is not yet accounted for
    run: list[int] = []  # rows of the second that have no partner of their name
    for j in range(len(second) + 1):
        if j < len(second) and j not in partner:
            run.append(j)
            continue
        until = partner[j] if j < len(second) else len(first)
        loose = [i for i in range(at, until) if i not in taken]
        yield from _aligned([first[i] for i in loose], [second[k] for k in run])
        at, run = max(at, until), []
        if j < len(second):
            yield first[until], second[j]


def _aligned(first: list[Row], second: list[Row]) -> Iterator[tuple[Row | None, Row | None]]:
    """Yield two runs of rows as pairs: rows of one type that come in the same order."""
    if max(len(first), len(second)) > _LONGEST:
        blocks = []
    else:
        types = [row.type for row in first], [row.type for row in second]
        blocks = [(*block,) for block in SequenceMatcher(None, *types, False).get_matching_blocks()]
    i = j = 0
    for a, b, size in [*blocks, (len(first), len(second), 0)]:
        yield from ((row, None) for row in first[i:a])
        yield from ((None, row) for row in second[j:b])
        yield from zip(first[a : a + size], second[b : b + size], strict=True)
        i, j = a + size, b + size


@dataclass(frozen=True, slots=True)
class Limit:
    """A bound on how much a count may change: `macs>+2%` is broken by a growth of over 2 %.

    Attributes:
        quantity: one of COUNTS.
        sign: the comparison that breaks it: >, >=, < or <=.
        amount: the bound itself; 2 % are 1/50.
        relative: whether the amount is a share of the first network's count.
    """

    quantity: str
    sign: str
    amount: Fraction
    relative: bool

    @classmethod
    def parse(cls, text: str) -> Limit:
        """Return the limit that a text states, such as `macs>+2%` or `parameters>0`.

        Raises: CnncalcError if it states none, UnknownNameError for an unknown count.

        >>> Limit.parse("macs>+2%")
        Limit(quantity='macs', sign='>', amount=Fraction(1, 50), relative=True)
        """
        form = r"\s*(\w{1,40})\s*([<>]=?)\s*([+-]?\d{1,18}(?:\.\d{1,9})?)\s*(%?)\s*"
        match = re.fullmatch(form, text, re.ASCII)
        if not match:
            raise CnncalcError(
                Problem(
                    "limit",
                    "a limit is a count, < or >, and a change. "
                    f"Received {text[:60]!r}. Write it like macs>+2% or parameters>0.",
                )
            )
        count, sign, amount, percent = match.groups()
        if count.lower() not in COUNTS:
            hint = did_you_mean(count.lower(), COUNTS)
            message = f"unknown count {count!r}.{hint} It is one of {', '.join(COUNTS)}."
            raise UnknownNameError(Problem("unknown_count", message))
        value = Fraction(amount) / (100 if percent else 1)
        return cls(count.lower(), sign, value, bool(percent))

    def broken(self, diff: Diff) -> bool:
        """Return whether the change between two networks is beyond the limit.

        From 0, any growth is more than every percentage.
        """
        change, before = diff.delta(self.quantity), getattr(diff.first, self.quantity)
        bound = self.amount * before if self.relative else self.amount
        return {
            ">": change > bound,
            ">=": change >= bound,
            "<": change < bound,
            "<=": change <= bound,
        }[self.sign]
