"""What is said of a class: the gradebook as CSV, and the mistakes in the terminal."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from typing import TYPE_CHECKING

from rich.text import Text

from cnncalc.errors import printable
from cnncalc.homework import classes
from cnncalc.homework import marks as marking
from cnncalc.writers import csv, grid, terminal, units
from cnncalc.writers.grid import Part, measure, wrap

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from cnncalc.homework.classes import Mistaken, Outcome


def write(outcomes: Sequence[Outcome]) -> str:
    """Return the gradebook: a line for each file, numbers as numbers, text that no
    spreadsheet takes for a formula.
    """
    heads = ["file", "score", "out_of", *marking.VERDICTS, "mistakes", "problem"]
    return csv.grid(heads, [_line(outcome) for outcome in outcomes])


def _line(outcome: Outcome) -> list[object]:
    file, problem, marks = printable(outcome.file), printable(outcome.problem), outcome.marks
    if marks is None:
        return [file, *[""] * (len(marking.VERDICTS) + 3), problem]
    counts = Counter(
        mark.verdict for mark in marks.all() if mark.most or mark.verdict == marking.UNREADABLE
    )
    mistakes = "; ".join(
        f"{printable(mark.layer)}.{mark.column} {mark.code or 'unexplained'}"
        for mark in marks.all()
        if mark.verdict == marking.WRONG
    )
    score, most = decimal(marks.score), decimal(marks.most)
    return [file, score, most, *[counts[v] for v in marking.VERDICTS], mistakes, problem]


def decimal(value: Fraction) -> str:
    """Return points with at most four decimals.

    >>> decimal(Fraction(47, 2)), decimal(Fraction(29)), decimal(Fraction(1, 3))
    ('23.5', '29', '0.3333')
    """
    text = units.rounded(value, 4).replace(",", "")
    return text.rstrip("0").rstrip(".")


def show(outcomes: Sequence[Outcome], key: str, file: str | None, console: Console) -> None:
    """Print which mistakes were made how often and where, the scores, and what was not marked."""
    _Printer(outcomes, console).show(key, file)


class _Printer:
    def __init__(self, outcomes: Sequence[Outcome], console: Console) -> None:
        self.outcomes, self.console = outcomes, console
        self.marked = sum(outcome.marks is not None for outcome in outcomes)

    def fit(self, text: str) -> str:
        return terminal.fit(text, self.console.encoding)

    def show(self, key: str, file: str | None) -> None:
        text = f"{units.plural(self.marked, 'sheet')}  marked against {printable(key)}"
        text += f"; marks in {printable(file)}" if file else ""
        self.console.print(Text(self.fit(text)))
        mistakes = classes.tally(self.outcomes)
        if mistakes:
            self.console.print()
            self.table(mistakes)
        self.spread()
        self.unmarked(file)

    def table(self, mistakes: Sequence[Mistaken]) -> None:
        """Print the mistakes; bars and cells where there is room."""
        shares = [100 * row.students for row in mistakes]
        codes = [Text(self.fit(row.code or "unexplained"), "bold") for row in mistakes]
        texts = [Text(self.fit(self.words(row))) for row in mistakes]
        students = Part("students", [Text(units.group(row.students)) for row in mistakes])
        percent = Part(
            "%", [Text(units.rounded(Fraction(n, self.marked), 0)) for n in shares], close=True
        )
        bars = Part("", [Text(units.bar(row.students, self.marked), "cyan") for row in mistakes],
                    right=False, close=True)  # fmt: skip
        cells = Part("cells", [Text(units.group(row.cells)) for row in mistakes])
        where = Part(
            " most on",
            [
                Text(self.fit(f" {printable(row.layer)} ({row.on_layer})" if row.code else ""))
                for row in mistakes
            ],
            right=False,
        )
        code, text = Part("consistent with", codes, right=False), Part("", texts, right=False)
        full = [code, text, students, percent, bars, cells, where]
        forms = [full, [code, text, students, percent, where], [code, students, percent, where]]
        if self.console.width >= terminal.ENDLESS or not terminal.has(
            units.BLOCKS, self.console.encoding
        ):
            forms[0] = [code, text, students, percent, cells, where]
        form = next((form for form in forms if measure(form) <= self.console.width), forms[-1])
        grid.show(self.console, form, total=False)

    def words(self, row: Mistaken) -> str:
        if not row.ways:
            return ""
        return " or ".join(" and ".join(mistake.text for mistake in way) for way in row.ways[:3])

    def spread(self) -> None:
        """Print how the scores are spread."""
        found = classes.spread(self.outcomes)
        if found is None:
            return
        mean, median, lowest = (units.rounded(n, 1).removesuffix(".0") for n in found[1:4])
        self.console.print()
        line = (
            f"Score of {units.number(found.most)}  mean {mean}   median {median}   lowest {lowest}"
        )
        line += f"   full marks on {units.plural(found.full, 'sheet')}"
        for part in wrap(line.split(" "), self.console.width):
            self.console.print(Text(part, "bold"))

    def unmarked(self, file: str | None) -> None:
        """Print which files could not be marked, and why."""
        bad = [outcome for outcome in self.outcomes if outcome.marks is None]
        if not bad:
            return
        where = f" and are in {printable(file)} without a score" if file else ""
        self.console.print()
        head = f"? {units.plural(len(bad), 'file')} could not be marked{where}:"
        self.console.print(Text(self.fit(head), "yellow"))
        for outcome in bad:
            self.console.print(Text(self.fit(f"    {printable(outcome.problem)}")))
