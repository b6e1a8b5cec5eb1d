"""The report on a class: its mistakes, scores and cells, in the terminal or as a page."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from cnncalc import units
from cnncalc.errors import printable
from cnncalc.homework import class_statistics
from cnncalc.writers import Format, grid, terminal
from cnncalc.writers.answer_text import HEADS
from cnncalc.writers.gradebook import decimal
from cnncalc.writers.grid import Part, measure, wrap
from cnncalc.writers.marking_table import WORDS
from cnncalc.writers.styled import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnncalc.homework.class_statistics import CellStatistics, CommonMistake, ScoreStatistics
    from cnncalc.homework.regrading import ChangedGrade, Regrading
    from cnncalc.homework.submissions import MarkedFile
    from cnncalc.homework.verdicts import Verdict
    from cnncalc.writers.terminal import Console

# The terminal's own, and modules with `write(report) -> str`.
FORMATS: dict[str, Format] = {
    "table": Format("class_report", (".txt",)),
    "html": Format("class_page", (".html", ".htm")),
}
MOST_EXPLAINED = 3  # combinations of mistakes that are spelled out in a line
MOST_CELLS = 30  # the hardest ones; a page has all
LEAST_WORDS = 12  # columns of text: in fewer, a mistake's words say nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassReport:
    """The report on a class, for every format.

    Attributes:
        title: how many sheets, against what, and where the marks are.
        mistakes: those that are common.
        sheets: how many were marked.
        scores: their statistics; None where nothing was marked.
        cells: how each cell was answered.
        unmarked: why files could not be marked.
        unmarked_head: the sentence above that.
        conventions: those that hold for the sheets.
        regrading: what is different from an earlier gradebook, if that is asked.
    """

    title: str
    mistakes: list[CommonMistake]
    sheets: int
    scores: ScoreStatistics | None
    cells: list[CellStatistics]
    unmarked: list[str]
    unmarked_head: str
    conventions: str
    regrading: Regrading | None


def report(
    outcomes: Sequence[MarkedFile],
    key: str,
    gradebook: str | None = None,
    regrading: Regrading | None = None,
) -> ClassReport:
    """Return the report on a class that was marked against a key, as `gradebook` has it."""
    sheets = [outcome.marks for outcome in outcomes if outcome.marks is not None]
    title = f"{units.plural(len(sheets), 'sheet')}  marked against {printable(key)}"
    title += f"; marks in {printable(gradebook)}" if gradebook else ""
    held = dict.fromkeys(name for marks in sheets for name in marks.conventions)
    bad = [printable(outcome.problem) for outcome in outcomes if outcome.marks is None]
    verb = "is" if len(bad) == 1 else "are"
    where = f" and {verb} in {printable(gradebook)} without a score" if gradebook else ""
    return ClassReport(
        title=title,
        mistakes=class_statistics.common_mistakes(sheets),
        sheets=len(sheets),
        scores=class_statistics.score_statistics(sheets),
        cells=class_statistics.cell_statistics(sheets),
        unmarked=bad,
        unmarked_head=f"{units.plural(len(bad), 'file')} could not be marked{where}:",
        conventions=f"Conventions of these sheets: {'; '.join(held)}." if held else "",
        regrading=regrading,
    )


def explained(row: CommonMistake) -> str:
    """Return the mistakes that a number is consistent with, in words."""
    several = [" and ".join(mistake.text for mistake in mistakes) for mistakes in row.mistakes]
    return " or ".join(several[:MOST_EXPLAINED])


def points(value: Fraction) -> str:
    """Return points with one decimal, where they are no whole number."""
    return units.rounded(value, 1).removesuffix(".0")


def cell_name(cell: CellStatistics) -> str:
    """Return the name of a cell: its layer and its column."""
    return f"{printable(cell.layer)} {HEADS[cell.column]}"


def commonest(cell: CellStatistics) -> str:
    """Return a cell's commonest wrong answer, how often it is there, and its cause."""
    wrong = cell.commonest
    if wrong is None:
        return ""
    text = printable(wrong.text).strip()
    text = text if len(text) <= 24 else text[:23] + "…"
    return f"{text} ({wrong.count}{', ' + wrong.code if wrong.code else ''})"


def correlation(cell: CellStatistics) -> str:
    """Return a cell's discrimination with two decimals, or a dash where there is none."""
    return (
        "–"
        if cell.discrimination is None
        else f"{cell.discrimination:.2f}".replace("-0.00", "0.00")
    )


def change(one: ChangedGrade) -> str:
    """Return in words how a mark has changed, and by which cells."""

    def said(grade: tuple[Fraction, Fraction] | None) -> str:
        return "not marked" if grade is None else f"{decimal(grade[0])} of {decimal(grade[1])}"

    alike: dict[tuple[Fraction, str, Verdict | None], list[str]] = {}
    for cell in one.cells:
        alike.setdefault((cell.gain, cell.code, cell.verdict), []).append(printable(cell.name))
    cells = "; ".join(f"{', '.join(names)} {_gain(*why)}" for why, names in alike.items())
    why = f"  {cells}" if cells else ""
    return f"{printable(one.file)}  {said(one.before)} → {said(one.after)}{why}"


def _gain(gain: Fraction, code: str, verdict: Verdict | None) -> str:
    """Return in words what has changed in a cell: `+1, P-NODEPTH before, now right`."""
    sign = "+" if gain > 0 else "-"
    before = f", {printable(code)} before" if code else ""
    now = "not asked now" if verdict is None else f"now {WORDS[verdict]}"
    return f"{sign}{decimal(abs(gain))}{before}, {now}"


def regraded_lines(found: Regrading) -> list[str]:
    """Return the differences from an earlier gradebook, a line for each mark."""
    head = f"{units.plural(len(found.changed), 'mark')} changed since {printable(found.old)}"
    lines = [f"{head}, {units.group(found.same)} not:"]
    lines += [f"    {change(one)}" for one in found.changed]
    for files, what in ((found.new, "not in it"), (found.gone, "in it, and not marked now")):
        if files:
            names = ", ".join(map(printable, files[:MOST_CELLS]))
            more = f" and {len(files) - MOST_CELLS:,} more" * (len(files) > MOST_CELLS)
            lines.append(f"{what}: {names}{more}")
    return lines


def show(found: ClassReport, console: Console) -> None:
    """Print the report."""
    _Printer(found, console).show()


class _Printer:
    def __init__(self, report: ClassReport, console: Console) -> None:
        self.report, self.console, self.width = report, console, console.width

    def fit(self, text: str) -> str:
        return terminal.fit(text, self.console.encoding)

    def show(self) -> None:
        self.console.print(Text(self.fit(self.report.title)))
        if self.report.regrading is not None:
            self.regrading(regraded_lines(self.report.regrading))
        if self.report.mistakes:
            self.console.print()
            self.table(self.report.mistakes)
        if self.report.cells:
            self.console.print()
            self.cells(self.report.cells)
        if self.report.scores is not None:
            self.console.print()
            self.scores(self.report.scores)
        self.unmarked()
        if self.report.conventions:
            self.console.print()
            self.wrapped(self.report.conventions, "dim", min(self.width, terminal.WIDEST_TEXT))

    def wrapped(self, text: str, style: str, width: int) -> None:
        for line in wrap(self.fit(text).split(" "), width):
            self.console.print(Text(line, style))

    def regrading(self, lines: Sequence[str]) -> None:
        """Print whose marks have changed, and why."""
        self.console.print()
        for line in lines:
            indent = "    " * line.startswith("    ")
            for part in wrap(
                self.fit(line.strip()).split(" "), self.width, indent, indent + "    "
            ):
                self.console.print(Text(part))

    def table(self, mistakes: Sequence[CommonMistake]) -> None:
        """Print the common mistakes; without bars and cells where the terminal is narrow."""
        codes = self.part("consistent with", [row.code or "unexplained" for row in mistakes])
        words = self.part("", [explained(row) for row in mistakes])
        students = Part("students", [Text(units.group(row.students)) for row in mistakes])
        shares = [Fraction(100 * row.students, self.report.sheets) for row in mistakes]
        percent = Part("%", [Text(units.rounded(share, 0)) for share in shares], close=True)
        cells = Part("cells", [Text(units.group(row.answers)) for row in mistakes])
        places = [f" {printable(row.layer)} ({row.on_layer})" * bool(row.code) for row in mistakes]
        where = self.part(" most on", places)
        wide = [codes, words, students, percent, cells, where]
        if terminal.has(units.BLOCKS, self.console.encoding) and self.width < terminal.ENDLESS:
            bars = [units.bar(row.students, self.report.sheets) for row in mistakes]
            drawn = [Text(bar, "cyan") for bar in bars]
            wide.insert(4, Part("", drawn, right=False, close=True))
        if measure(wide) > self.width:
            if (most := self.width - measure([students, percent, where]) - 3) < measure([codes]):
                texts = [row.code or "unexplained" for row in mistakes]
                codes = self.part("consistent with", texts, max(most, LEAST_WORDS))
            wide = [codes, students, percent, where]
            room = self.width - measure(wide) - 1
            if room >= LEAST_WORDS:
                wide.insert(1, self.part("", [explained(row) for row in mistakes], room))
        grid.show(self.console, wide, total=False)

    def part(self, head: str, texts: Sequence[str], room: int = 0) -> Part:
        """Return a column of text, cut to the room that there is."""
        cut = [t[: room - 1] + "…" if room and len(t) > room else t for t in texts]
        return Part(head, [Text(self.fit(text)) for text in cut], right=False)

    def cells(self, cells: Sequence[CellStatistics]) -> None:
        """Print how the cells were answered that not all have right, the hardest first."""
        hard = sorted((c for c in cells if c.right < c.asked), key=lambda cell: cell.difficulty)
        shown = hard[:MOST_CELLS]
        right = [Text(f"{units.group(cell.right)} of {units.group(cell.asked)}") for cell in shown]
        parts = [
            self.part("cell", [cell_name(cell) for cell in shown]),
            Part("right", right),
            Part("difficulty", [Text(f"{float(cell.difficulty):.2f}") for cell in shown]),
            Part("discrimination", [Text(self.fit(correlation(cell))) for cell in shown]),
            self.part(" commonest wrong", [f" {commonest(cell)}" for cell in shown]),
        ]
        while len(parts) > 2 and measure(parts) > self.width:
            parts.pop()
        if shown:
            grid.show(self.console, parts, total=False)
        alike = [f"{len(hard) - len(shown):,} more that not all have right"] * (hard != shown)
        if len(hard) < len(cells):
            alike.append(f"{units.plural(len(cells) - len(hard), 'cell')} right on every sheet")
        if alike:
            self.wrapped(f"and {', '.join(alike)}", "dim", self.width)

    def scores(self, found: ScoreStatistics) -> None:
        """Print the statistics of the scores, and how many have each of them."""
        quartiles = f"{points(found.lower_quartile)} and {points(found.upper_quartile)}"
        line = (
            f"Score of {units.number(found.most)}  mean {points(found.mean)}   "
            f"median {points(found.median)}   quartiles {quartiles}   "
            f"lowest {points(found.lowest)}   highest {points(found.highest)}   "
            f"full marks on {units.plural(found.full, 'sheet')}"
        )
        self.wrapped(line, "bold", self.width)
        counts = [f"{decimal(mark)}: {units.group(count)}" for mark, count in found.counts]
        self.wrapped(f"Sheets with each mark  {'   '.join(counts)}", "", self.width)

    def unmarked(self) -> None:
        """Print which files could not be marked, and why."""
        if not self.report.unmarked:
            return
        self.console.print()
        self.console.print(Text(self.fit(f"? {self.report.unmarked_head}"), "yellow"))
        for problem in self.report.unmarked:
            self.console.print(Text(self.fit(f"    {problem}")))
