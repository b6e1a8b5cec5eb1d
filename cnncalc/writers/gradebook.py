"""The reports on a class: the gradebook as CSV, and the common mistakes in the terminal."""

from __future__ import annotations

import codecs
from fractions import Fraction
from typing import TYPE_CHECKING

from cnncalc import readers, units
from cnncalc.errors import printable
from cnncalc.homework import grading
from cnncalc.homework.verdicts import Verdict
from cnncalc.writers import csv, grid, terminal
from cnncalc.writers.grid import Part, measure, wrap
from cnncalc.writers.styled import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnncalc.homework.grading import CommonMistake
    from cnncalc.homework.submissions import MarkedFile
    from cnncalc.writers.terminal import Console

MOST_EXPLAINED = 3  # combinations of mistakes that are spelled out in a line
LEAST_WORDS = 12  # columns of text: in fewer, a mistake's words say nothing
HEADS = ("file", "score", "out_of", *Verdict, "mistakes", "not_read", "problem")


def write(outcomes: Sequence[MarkedFile]) -> str:
    """Return the gradebook: a line for each file. No spreadsheet takes its text for a formula."""
    return csv.grid(HEADS, [_line(outcome) for outcome in outcomes])


def is_gradebook(path: str) -> bool:
    """Return whether a file begins as gradebooks do. Raises: ReadError if it cannot be read."""
    head = ",".join(HEADS[:3]) + ","
    return readers.read_bytes(path).removeprefix(codecs.BOM_UTF8).startswith(head.encode())


def _line(outcome: MarkedFile) -> list[object]:
    file, problem, marks = printable(outcome.file), printable(outcome.problem), outcome.marks
    if marks is None:
        return [file, *[""] * (len(HEADS) - 2), problem]
    counts, score = grading.verdict_counts(marks), grading.score(marks)
    mistakes = "; ".join(
        f"{printable(mark.layer)}.{mark.column} {mark.code or 'unexplained'}"
        for mark in marks.all()
        if mark.verdict == Verdict.WRONG
    )
    points = [decimal(score.points), decimal(score.most)]
    # What was not read counts as unread, whether it is a cell, a line or a column.
    counts[Verdict.UNREAD] = max(counts[Verdict.UNREAD], len(marks.reading.unread))
    verdicts = [counts[verdict] for verdict in Verdict]
    return [file, *points, *verdicts, mistakes, printable(marks.reading.summary), problem]


def decimal(value: Fraction) -> str:
    """Return points with at most four decimals.

    >>> decimal(Fraction(47, 2)), decimal(Fraction(29)), decimal(Fraction(1, 3))
    ('23.5', '29', '0.3333')
    """
    text = units.rounded(value, 4).replace(",", "")
    return text.rstrip("0").rstrip(".")


def show(outcomes: Sequence[MarkedFile], key: str, file: str | None, console: Console) -> None:
    """Print the common mistakes, the statistics of the scores, and what could not be marked."""
    _Printer(outcomes, console).show(key, file)


class _Printer:
    def __init__(self, outcomes: Sequence[MarkedFile], console: Console) -> None:
        self.outcomes, self.console, self.width = outcomes, console, console.width
        self.sheets = [outcome.marks for outcome in outcomes if outcome.marks is not None]

    def fit(self, text: str) -> str:
        return terminal.fit(text, self.console.encoding)

    def show(self, key: str, file: str | None) -> None:
        text = f"{units.plural(len(self.sheets), 'sheet')}  marked against {printable(key)}"
        text += f"; marks in {printable(file)}" if file else ""
        self.console.print(Text(self.fit(text)))
        mistakes = grading.common_mistakes(self.sheets)
        if mistakes:
            self.console.print()
            self.table(mistakes)
        self.scores()
        self.unmarked(file)
        self.conventions()

    def conventions(self) -> None:
        """Print the conventions that hold for every sheet."""
        held = dict.fromkeys(name for marks in self.sheets for name in marks.conventions)
        if held:
            self.console.print()
            text = self.fit(f"Conventions of these sheets: {'; '.join(held)}.")
            for line in wrap(text.split(" "), min(self.width, terminal.WIDEST_TEXT)):
                self.console.print(Text(line, "dim"))

    def table(self, mistakes: Sequence[CommonMistake]) -> None:
        """Print the common mistakes; without bars and cells where the terminal is narrow."""
        codes = self.part("consistent with", [row.code or "unexplained" for row in mistakes])
        words = self.part("", [self.words(row) for row in mistakes])
        students = Part("students", [Text(units.group(row.students)) for row in mistakes])
        shares = [Fraction(100 * row.students, len(self.sheets)) for row in mistakes]
        percent = Part("%", [Text(units.rounded(share, 0)) for share in shares], close=True)
        cells = Part("cells", [Text(units.group(row.answers)) for row in mistakes])
        places = [f" {printable(row.layer)} ({row.on_layer})" * bool(row.code) for row in mistakes]
        where = self.part(" most on", places)
        wide = [codes, words, students, percent, cells, where]
        if terminal.has(units.BLOCKS, self.console.encoding) and self.width < terminal.ENDLESS:
            bars = [units.bar(row.students, len(self.sheets)) for row in mistakes]
            drawn = [Text(bar, "cyan") for bar in bars]
            wide.insert(4, Part("", drawn, right=False, close=True))
        if measure(wide) > self.width:
            wide = [codes, students, percent, where]
            room = self.width - measure(wide) - 1
            if room >= LEAST_WORDS:
                wide.insert(1, self.part("", [self.words(row) for row in mistakes], room))
        grid.show(self.console, wide, total=False)

    def part(self, head: str, texts: Sequence[str], room: int = 0) -> Part:
        """Return a column of text, cut to the room that there is."""
        cut = [t[: room - 1] + "…" if room and len(t) > room else t for t in texts]
        return Part(head, [Text(self.fit(text)) for text in cut], right=False)

    def words(self, row: CommonMistake) -> str:
        several = [" and ".join(mistake.text for mistake in mistakes) for mistakes in row.mistakes]
        return " or ".join(several[:MOST_EXPLAINED])

    def scores(self) -> None:
        """Print the statistics of the scores."""
        found = grading.score_statistics(self.sheets)
        if found is None:
            return
        mean, median, lowest = (
            units.rounded(n, 1).removesuffix(".0") for n in (found.mean, found.median, found.lowest)
        )
        self.console.print()
        line = (
            f"Score of {units.number(found.most)}  mean {mean}   median {median}   lowest {lowest}"
            f"   full marks on {units.plural(found.full, 'sheet')}"
        )
        for part in wrap(line.split(" "), self.console.width):
            self.console.print(Text(part, "bold"))

    def unmarked(self, file: str | None) -> None:
        """Print which files could not be marked, and why."""
        bad = [outcome for outcome in self.outcomes if outcome.marks is None]
        if not bad:
            return
        verb = "is" if len(bad) == 1 else "are"
        where = f" and {verb} in {printable(file)} without a score" if file else ""
        self.console.print()
        head = f"? {units.plural(len(bad), 'file')} could not be marked{where}:"
        self.console.print(Text(self.fit(head), "yellow"))
        for outcome in bad:
            self.console.print(Text(self.fit(f"    {printable(outcome.problem)}")))
