"""The key: a network's true values under the declared conventions, and its teacher's answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from cnncalc.errors import Place, Problem, ReadError
from cnncalc.homework.cases import Case, block_ranges, cases_of, total_case
from cnncalc.homework.conventions import Conventions, changed, changes_for, named
from cnncalc.homework.layer_truth import Alternative, Value, true_total, true_value
from cnncalc.homework.names import KeyWords, LayerName, normalized
from cnncalc.homework.rules import Rules
from cnncalc.homework.sheet import Sheet, refuse_unknown
from cnncalc.model.report import Report

if TYPE_CHECKING:
    from cnncalc.homework.misconceptions import WrongValue


class Key:
    """What sheets are marked against. Values are worked out when they are asked for, and kept.

    So a class is marked against one key quickly. In its methods, `index` is that of a layer in
    the network's rows; -1 stands for the total.

    Attributes:
        report: of the network.
        rules: what the teacher declares; `conventions` are a part of them.
        label: the file, as the user called it.
        answers: the teacher's own numbers, if the key has any.
        cases: the network's rows under the conventions.
        words: with which sheets are read.
        blocks: the layers of the network's blocks, by their normalized paths.
    """

    def __init__(
        self, report: Report, rules: Rules, label: str, answers: Sheet | None = None
    ) -> None:
        self.report = report
        self.rules = rules
        self.label = label
        self.answers = answers
        self.conventions = rules.conventions
        self.cases = cases_of(report, self.conventions)
        ranges = block_ranges(report)
        self.blocks = {normalized(path): indices for path, indices in ranges.items()}
        self.layers = [_layer_name(case) for case in self.cases]
        names = {normalized(layer.name.rpartition(".")[2]) for layer in self.layers}
        names |= {normalized(layer.name) for layer in self.layers} | {*self.blocks}
        self.words = KeyWords(rules.heads, frozenset(names))
        self._together: dict[tuple[int, ...], Case] = {}
        self._truths: dict[tuple[int, str], Value | None] = {}
        self._alternatives: dict[tuple[int, str], list[Alternative]] = {}
        self._wrong: dict[tuple[int, str], list[WrongValue]] = {}

    def asking(self, columns: tuple[str, ...]) -> Key:
        """Return the same key, which asks for other columns.

        Raises: UnknownNameError for a column that no sheet has; ReadError where the key's own
        file says which columns it asks for.
        """
        refuse_unknown(columns)
        if self.rules.columns is not None:
            said = ", ".join(self.rules.columns)
            message = f"the key itself says what it asks for, under columns: {said}."
            raise ReadError(Problem("columns", message, place=Place(self.label)))
        rules = replace(self.rules, columns=columns)
        return Key(self.report, rules, self.label, self.answers)

    def together(self, indices: tuple[int, ...]) -> Case:
        """Return several layers as one row."""
        if indices not in self._together:
            cases = [self.cases[index] for index in indices]
            self._together[indices] = total_case(cases[-1].row.name, cases)
        return self._together[indices]

    def truth(self, index: int, column: str) -> Value | None:
        """Return the true value of a layer's column; None if it has none there."""
        if (index, column) not in self._truths:
            self._truths[index, column] = self._value(index, column, self.conventions)
        return self._truths[index, column]

    def _value(self, index: int, column: str, conventions: Conventions) -> Value | None:
        if index < 0:
            return true_total(self.cases, self.report, column, conventions)
        return true_value(self.cases[index], column, conventions)

    def alternatives(self, index: int, column: str) -> list[Alternative]:
        """Return the values of a layer's column under other conventions."""
        if (index, column) not in self._alternatives:
            self._alternatives[index, column] = self._distinct(
                column, lambda conventions: self._value(index, column, conventions)
            )
        return self._alternatives[index, column]

    def alternatives_of(self, case: Case, column: str) -> list[Alternative]:
        """Return the values of any case's column under other conventions."""
        return self._distinct(column, lambda conventions: true_value(case, column, conventions))

    def _distinct(
        self, column: str, value_under: Callable[[Conventions], Value | None]
    ) -> list[Alternative]:
        """Return each value under other conventions once, with the fewest changes."""
        seen = {value_under(self.conventions)}
        found = []
        for changes in changes_for(column, self.conventions):
            value = value_under(changed(self.conventions, changes))
            if value is not None and value not in seen:
                seen.add(value)
                found.append(Alternative(changes, value))
        return found

    def wrong_values(self, index: int, column: str) -> list[WrongValue]:
        """Return the wrong values of a layer's column, with the mistakes that lead to them."""
        from cnncalc.homework.misconceptions import wrong_totals, wrong_values

        if (index, column) not in self._wrong:
            truth = self.truth(index, column)
            if index >= 0:
                found = wrong_values(self.cases[index], column, self.macs_factor)
            else:
                found = wrong_totals(
                    self.cases,
                    column,
                    truth=truth,
                    parts=self.parts(column),
                    macs_factor=self.macs_factor,
                )
            self._wrong[index, column] = [one for one in found if one.value != truth]
        return self._wrong[index, column]

    def parts(self, column: str) -> list[int]:
        """Return the counts that a column's total adds up, a number for each row."""
        values = (self.truth(index, column) for index in range(len(self.cases)))
        return [value if isinstance(value, int) else 0 for value in values]

    @property
    def macs_factor(self) -> int:
        """Return how many operations a multiply-accumulate counts as."""
        return 2 if self.conventions.flops in ("2mac", "full") else 1

    def points(self, layer: str, column: str) -> Fraction:
        """Return the points of an answer: those declared for it or its column, else 1."""
        points = self.rules.points
        default = Fraction(column not in ("working", "settings"))
        return points.get(f"{layer}.{column}", points.get(column, default))

    def named_conventions(self, columns: tuple[str, ...]) -> list[str]:
        """Return the conventions as a report of these columns repeats them."""
        roundings = {getattr(case.row.layer, "rounding", None) for case in self.cases} - {None}
        return named(
            self.conventions,
            columns,
            rounding="ceil" if roundings == {"ceil"} else "floor",
            batch_norm=any(case.row.type == "batch_norm" for case in self.cases),
        )


def _layer_name(case: Case) -> LayerName:
    """Return what the rows of sheets are matched to a layer by."""
    row = case.row
    sizes = tuple(sorted(n for n in row.output.shape if n != 1))
    return LayerName(row.name, row.type, case.shown, sizes, row.facts.parameters)
