"""What is said of a class: the gradebook as CSV, and the mistakes in the terminal."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from typing import TYPE_CHECKING

from cnncalc import units
from cnncalc.errors import printable
from cnncalc.homework import classes
from cnncalc.homework import marks as marking
from cnncalc.writers import csv, grid, terminal
from cnncalc.writers.grid import Part, measure, wrap
from cnncalc.writers.styled import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnncalc.homework.classes import Mistaken, Outcome
    from cnncalc.writers.terminal import Console

LEAST_WORDS = 12  # columns that words are worth printing in
HEADS = ("file", "score", "out_of", *marking.VERDICTS, "mistakes", "problem")


def write(outcomes: Sequence[Outcome]) -> str:
    """Return the gradebook: a line for each file, numbers as numbers, text that no
    spreadsheet takes for a formula.
    """
    return csv.grid(HEADS, [_line(outcome) for outcome in outcomes])


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
        self.outcomes, self.console, self.width = outcomes, console, console.width
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
        self.conventions()

    def conventions(self) -> None:
        """Print the conventions that hold for every sheet."""
        named = [outcome.marks.conventions for outcome in self.outcomes if outcome.marks]
        held = dict.fromkeys(one for conventions in named for one in conventions)
        if held:
            self.console.print()
            text = self.fit(f"Conventions of these sheets: {'; '.join(held)}.")
            for line in wrap(text.split(" "), min(self.width, terminal.WIDEST_TEXT)):
                self.console.print(Text(line, "dim"))

    def table(self, mistakes: Sequence[Mistaken]) -> None:
        """Print the mistakes: bars and cells where there is room, words as far as there is."""
        codes = self.part("consistent with", [row.code or "unexplained" for row in mistakes])
        words = self.part("", [self.words(row) for row in mistakes])
        students = Part("students", [Text(units.group(row.students)) for row in mistakes])
        shares = [Fraction(100 * row.students, self.marked) for row in mistakes]
        percent = Part("%", [Text(units.rounded(share, 0)) for share in shares], close=True)
        cells = Part("cells", [Text(units.group(row.cells)) for row in mistakes])
        places = [f" {printable(row.layer)} ({row.on_layer})" * bool(row.code) for row in mistakes]
        where = self.part(" most on", places)
        wide = [codes, words, students, percent, cells, where]
        if terminal.has(units.BLOCKS, self.console.encoding) and self.width < terminal.ENDLESS:
            drawn = [Text(units.bar(row.students, self.marked), "cyan") for row in mistakes]
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
        verb = "is" if len(bad) == 1 else "are"
        where = f" and {verb} in {printable(file)} without a score" if file else ""
        self.console.print()
        head = f"? {units.plural(len(bad), 'file')} could not be marked{where}:"
        self.console.print(Text(self.fit(head), "yellow"))
        for outcome in bad:
            self.console.print(Text(self.fit(f"    {printable(outcome.problem)}")))
