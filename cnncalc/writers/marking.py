"""The printed report on a sheet: the student's answers with marks, then notes and the score."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from cnncalc import units
from cnncalc.errors import printable, whole_number
from cnncalc.homework import grading
from cnncalc.homework.conventions import OPTIONS
from cnncalc.homework.verdicts import Verdict
from cnncalc.writers import (
    Format,
    answer_text,
    grid,
    hints,
    marking_table,
    reading,
    results,
    terminal,
)
from cnncalc.writers.grid import Part, wrap
from cnncalc.writers.marking_table import STYLES, shortened
from cnncalc.writers.styled import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnncalc.homework.conventions import Conventions
    from cnncalc.homework.key_lint import MixedConvention
    from cnncalc.homework.marks import Mark, Marks
    from cnncalc.homework.reading import Reading
    from cnncalc.writers.terminal import Console

FORMATS: dict[str, Format] = {"table": Format("marking", (".txt",)), **results.FORMATS}
MOST_NAMED = 3  # answers of a key that follow an option of a convention
MOST_NOTES = 500  # answers that get one
_WORDS = {
    Verdict.CORRECT: "right",
    Verdict.FOLLOWS: "follow an earlier row",
    Verdict.CONVENTION: "other convention",
    Verdict.ROUNDED: "too rounded",
    Verdict.METHOD: "product or working wrong",
    Verdict.WRONG: "wrong",
    Verdict.UNREAD: "unread",
    Verdict.BLANK: "blank",
}
# The verdicts that get a note, in the order of the notes.
_NOTED = (
    Verdict.WRONG,
    Verdict.METHOD,
    Verdict.CONVENTION,
    Verdict.ROUNDED,
    Verdict.UNREAD,
)


def show(marks: Marks, console: Console, *, hints: int = 1) -> None:
    """Print the report on one sheet, with hints up to a level."""
    _Printer(marks, console, whole_number("hints", hints, 0, 4)).show()


def write(marks: Marks, format: str, *, hints: int = 1) -> str:
    """Return the marks as a service reads them, with hints up to a level."""
    return results.write(results.results(marks, whole_number("hints", hints, 0, 4)), format)


class _Printer:
    def __init__(self, marks: Marks, console: Console, level: int) -> None:
        self.marks, self.console, self.level = marks, console, level
        self.signs = marking_table.signs(console.encoding)
        self.width = min(console.width, terminal.WIDEST_TEXT)

    def show(self) -> None:
        about = "its own answers, worked again" if self.marks.key_check else self.against()
        title = self.fit(f"{printable(self.marks.file)}  {about}")
        self.console.print(
            Text.assemble((title[: len(self.marks.file)], "bold"), title[len(self.marks.file) :])
        )
        if not self.marks.answered:
            self.nothing()
            return
        self.reading()
        for panel in marking_table.panels(self.marks, self.console):
            self.console.print()
            grid.show(self.console, panel, total=bool(self.marks.totals))
        if self.marks.order is not None:
            self.order(self.marks.order)
        self.console.print()
        if self.marks.key_check:
            self.mistakes()
        else:
            self.counts()
            self.notes()
            self.score()
        self.conventions()

    def reading(self) -> None:
        """Print what holds for the whole sheet, and what of it was not read."""
        read = self.marks.reading
        said = [(line, "dim") for line in reading.conventions(read)]
        if read.summary:
            said.append((read.summary, "yellow"))
        if read.missing:
            said.append((self.missing(read), "yellow"))
        for line, style in said:
            for part in wrap(self.fit(printable(line)).split(" "), self.width):
                self.console.print(Text(part, style))

    def missing(self, read: Reading) -> str:
        """Return which columns that are asked for the sheet does not have at all."""
        cells = sum(
            mark.column in read.missing and mark.most > 0 and mark.verdict == Verdict.BLANK
            for mark in self.marks.all()
        )
        heads = units.listing([answer_text.HEADS[column] for column in read.missing], "or")
        there = [column for column in self.marks.columns if column not in read.missing]
        named = ",".join(there) or "A,B"
        option = f" --columns {named} asks for others."
        return f"No column is read as {heads}: {units.plural(cells, 'cell')} blank.{option}"

    def nothing(self) -> None:
        """Print that nothing is answered; the volumes of layers that a sheet only describes."""
        rows = [row for row in self.marks.rows if "output" in row.marks]
        if self.marks.lenient and rows:
            names = [Text(self.fit(printable(row.name))) for row in rows]
            volumes = [Text(answer_text.value_text(row.marks["output"].expected)) for row in rows]
            panel = [Part("layer", names, right=False), Part("output", volumes)]
            self.console.print()
            grid.show(self.console, panel, total=False)
        text = "Nothing to mark: no answer is given. Write it beside its layer."
        self.console.print()
        for line in wrap(text.split(" "), self.width):
            self.console.print(Text(line))

    def against(self) -> str:
        if self.marks.key == self.marks.file:
            return "marked against its own layers"
        name = f" ({printable(self.marks.name)})" * (self.marks.name != self.marks.key)
        return f"marked against {printable(self.marks.key)}{name}"

    def fit(self, text: str) -> str:
        return terminal.fit(text, self.console.encoding)

    # --- below it --------------------------------------------------------------------------------

    def counts(self) -> None:
        """Print how many answers have which verdict."""
        counts = grading.verdict_counts(self.marks)
        words = [
            f"{self.signs[verdict]} {counts[verdict]} {words}"
            for verdict, words in _WORDS.items()
            if counts[verdict]
        ]
        for line in wrap([word + " " for word in words], self.width):
            self.console.print(self.coloured(line.rstrip()))

    def coloured(self, line: str) -> Text:
        """Return a line with its signs in their colours."""
        text = Text(line)
        for verdict, sign in self.signs.items():
            if line.startswith(f"{sign} "):
                text.stylize(STYLES[verdict], 0, len(sign))
        return text

    def notes(self) -> None:
        """Print a note for each cell that is not right, wrong ones first."""
        found = [m for verdict in _NOTED for m in self.marks.all() if m.verdict == verdict]
        if found:
            self.console.print()
        notes: dict[tuple[Verdict, str, tuple[str, ...]], list[Mark]] = {}
        for mark in found[:MOST_NOTES]:
            lines = tuple(hints.lines(mark, self.level, self.marks.rules.conventions))
            alone = mark.row if mark.verdict in (Verdict.WRONG, Verdict.METHOD) else mark.verdict
            notes.setdefault((mark.verdict, alone, lines or (mark.row,)), []).append(mark)
        for (verdict, _, lines), marks in notes.items():
            head = self.fit(f"{self.signs[verdict]} {headed(marks)}")
            for line in wrap(head.split(" "), self.width, indent="    "):
                self.console.print(self.coloured(line))
            for line in lines if self.level else ():
                self.indented(line)
        if len(found) > MOST_NOTES:
            self.console.print(Text(f"and {len(found) - MOST_NOTES:,} more"))

    def indented(self, line: str) -> None:
        """Print a line of a hint; working as it is, sentences wrapped."""
        text = self.fit(printable(line))
        if " = " in text:
            self.console.print(Text("    " + text))
            return
        for part in wrap(text.split(" "), self.width, "    ", "    "):
            self.console.print(Text(part))

    def order(self, mark: Mark) -> None:
        self.console.print()
        self.console.print(
            self.coloured(self.fit(f"{self.signs[mark.verdict]} [{printable(mark.text)}]"))
        )

    def score(self) -> None:
        """Print the points, and what each verdict earns."""
        score = grading.score(self.marks)
        words = [
            f"{' '.join(self.signs[verdict] for verdict in verdicts)} {share_text(share)}"
            for share, verdicts in grading.shares(self.marks).items()
        ]
        said = [", ".join(words)] if len(words) > 1 or (words and score.unread) else []
        if score.unread:
            said.append(f"{units.plural(score.unread, 'cell')} unread, without points so far")
        detail = f"  ({'; '.join(said)})" if said else ""
        line = f"Score {units.number(score.points)} of {units.number(score.most)}"
        self.console.print()
        self.console.print(Text.assemble((line, "bold"), self.fit(detail)))

    def mistakes(self) -> None:
        """Print the meaning of each code in a teacher's key, and how many answers fail."""
        known = {
            mistake.code: mistake
            for mark in self.marks.all()
            for mistakes in mark.mistakes
            for mistake in mistakes
        }
        width = max(map(len, known), default=0)
        for code, mistake in known.items():
            self.console.print(Text(self.fit(f"{code:{width}}  {mistake.text}")))
        if known:
            self.console.print()
        count, failed = grading.reproduced(self.marks)
        answers = units.plural(count, "answer")
        if failed:
            sign = Text(self.fit("✗ "), "red")
            text = f"{failed} of {answers} cannot be reproduced under any convention."
        else:
            sign = Text(self.fit("✓ "), "green")
            text = f"All {answers} can be reproduced."
        self.console.print(sign + Text(text))
        for mixed in self.marks.mixed:
            line = self.fit(f"✗ {mixture(mixed, self.marks.rules.conventions)}")
            for part in wrap(line.split(" "), self.width, indent="    "):
                self.console.print(self.coloured(part))

    def conventions(self) -> None:
        """Print the conventions that hold, and how to get more help."""
        of = "key" if self.marks.key_check else "sheet"
        text = f"Conventions of this {of}: {'; '.join(self.marks.conventions)}."
        wrong = any(mark.verdict in (Verdict.WRONG, Verdict.METHOD) for mark in self.marks.all())
        if wrong and self.level < hints.LEVELS - 1 and not self.marks.key_check:
            levels = [str(n) for n in range(self.level + 1, hints.LEVELS)]
            text += f" More help: --hints {units.listing(levels, 'or')}."
        for line in wrap(self.fit(text).split(" "), self.width):
            self.console.print(Text(line, "dim"))


def mixture(mixed: MixedConvention, conventions: Conventions) -> str:
    """Return in words which answers of a key follow which options of a convention."""
    said = []
    for option, marks in mixed.answers.items():
        held = option or getattr(conventions, mixed.convention)
        name = OPTIONS[mixed.convention][held][1] if held else "as the file says"
        cells = [f"{printable(mark.row)} {answer_text.HEADS[mark.column]}" for mark in marks]
        more = [f"{len(cells) - MOST_NAMED} more"] * (len(cells) > MOST_NAMED)
        said.append(f"{name} in {units.listing([*cells[:MOST_NAMED], *more], 'and')}")
    return f"The key mixes conventions: {'; '.join(said)}."


def share_text(share: Fraction) -> str:
    """Return a share of a point in words.

    >>> share_text(Fraction(1)), share_text(Fraction(1, 2)), share_text(Fraction(1, 4))
    ('1 point', '½', '1/4')
    """
    return {Fraction(1): "1 point", Fraction(1, 2): "½", Fraction(0): "0"}.get(share, str(share))


def headed(marks: Sequence[Mark]) -> str:
    """Return what stands above a note: the cells that it is about, and their lines."""
    columns = dict.fromkeys(answer_text.HEADS[mark.column] for mark in marks)
    numbers = dict.fromkeys(str(mark.place.line) for mark in marks if mark.place.line)
    name = f"{printable(marks[0].row)} {' and '.join(columns)}"
    if len(marks) == 1:
        name += f"  {quoted(marks[0])}"
    elif len({mark.row for mark in marks}) > 1:
        name = f"{' and '.join(columns)} of {units.plural(len(marks), 'row')}"
    line = "line" if len(numbers) == 1 else "lines"
    return f"{name}  {line} {', '.join(numbers)}" if numbers else name


def quoted(mark: Mark) -> str:
    """Return an answer for a note; in quotes where it could not be read."""
    text = shortened(mark)
    return f"'{text}'" if mark.verdict == Verdict.UNREAD else text
