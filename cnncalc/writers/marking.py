"""The printed report on a sheet: the student's own text with marks, then what needs a word."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from cnncalc import units
from cnncalc.errors import printable
from cnncalc.homework.marks import (
    BLANK,
    CONVENTION,
    CORRECT,
    FOLLOWS,
    METHOD,
    ROUNDED,
    UNREADABLE,
    WRONG,
)
from cnncalc.writers import grid, hints, terminal
from cnncalc.writers.grid import Part, measure, wrap
from cnncalc.writers.styled import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnncalc.homework.marks import Mark, Marks
    from cnncalc.writers.terminal import Console

LONGEST = 40  # characters of an answer in the table
MOST_NOTES = 500  # answers that get one
SIGNS = {
    CORRECT: "✓", FOLLOWS: "→", CONVENTION: "*", ROUNDED: "≈", METHOD: "=", WRONG: "✗",
    UNREADABLE: "?", BLANK: "·",
}  # fmt: skip
STYLES = {
    CORRECT: "green", FOLLOWS: "green", CONVENTION: "yellow", ROUNDED: "yellow",
    METHOD: "yellow", WRONG: "red", UNREADABLE: "yellow", BLANK: "dim",
}  # fmt: skip
_WORDS = {
    CORRECT: "right", FOLLOWS: "follow an earlier row", CONVENTION: "other convention",
    ROUNDED: "too rounded", METHOD: "product or working wrong", WRONG: "wrong",
    UNREADABLE: "unreadable", BLANK: "blank",
}  # fmt: skip
_FIRST = (WRONG, METHOD, CONVENTION, ROUNDED, UNREADABLE)  # of the notes


def show(marks: Marks, console: Console, level: int = 1) -> None:
    """Print the report on one sheet, with hints up to a level."""
    _Printer(marks, console, level).show()


class _Printer:
    def __init__(self, marks: Marks, console: Console, level: int) -> None:
        self.marks, self.console, self.level = marks, console, level
        self.signs = {verdict: self.fit(sign) for verdict, sign in SIGNS.items()}
        if self.signs[BLANK] == self.signs[CONVENTION]:  # where a dot is not to be had
            self.signs[BLANK] = "."
        self.width = min(console.width, terminal.WIDEST_TEXT)

    def show(self) -> None:
        about = "its own answers, worked again" if self.marks.key_check else self.against()
        title = self.fit(f"{printable(self.marks.file)}  {about}")
        self.console.print(
            Text.assemble((title[: len(self.marks.file)], "bold"), title[len(self.marks.file) :])
        )
        if not self.marks.claims:
            self.nothing()
            return
        for panel in self.panels():
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

    def nothing(self) -> None:
        """Print that nothing is claimed, and for layers that have no other key their volumes."""
        rows = [(n, found["output"]) for n, found in self.marks.rows if "output" in found]
        if self.marks.lenient and rows:
            names = [Text(self.fit(printable(name))) for name, _ in rows]
            volumes = [Text(hints.value(mark.expected)) for _, mark in rows]
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

    # --- the table -------------------------------------------------------------------------------

    def panels(self) -> list[list[Part]]:
        """Return the table, in panels where it is wider than the terminal."""
        names = Part("layer", [Text(self.fit(printable(name))) for name, _ in self.marks.rows],
                     "TOTAL" if self.marks.totals else "", right=False)  # fmt: skip
        parts = [part for column in self.columns() if (part := self.column(column))]
        if self.marks.key_check:
            parts += self.again()
        panels = [[names]]
        for part in parts:
            if len(panels[-1]) > 1 and measure([*panels[-1], part]) > self.console.width:
                panels.append([names])
            panels[-1].append(part)
        return panels if parts else []

    def columns(self) -> list[str]:
        used = {column for _, found in self.marks.rows for column in found}
        return [c for c in hints.HEADS if c in used or c in self.marks.totals]

    def column(self, column: str) -> Part:
        cells = [self.cell(found.get(column)) for _, found in self.marks.rows]
        total = self.cell(self.marks.totals.get(column))
        return Part(hints.HEADS[column] + "  ", cells, total, right=True)

    def cell(self, mark: Mark | None) -> Text:
        """Return an answer as written, and the verdict after it."""
        if mark is None:
            return Text("  ")
        text = printable(mark.text).strip()
        if len(text) > LONGEST:
            text = text[: LONGEST - 1] + "…"
        if mark.verdict == BLANK and mark.most:
            text = "blank"
        silent = (
            mark.verdict in (CORRECT, BLANK)
            and not mark.most
            and mark.text.strip() in ("", "-", "0")
        )
        if silent or (mark.verdict == CORRECT and not mark.most and mark.column != "output"):
            return Text(f"{self.fit(text)}  ", "dim" if text == "0" else "")
        sign = self.signs[mark.verdict]
        return Text.assemble(self.fit(text) + " ", (sign, STYLES[mark.verdict]))

    def again(self) -> list[Part]:
        """Return the columns of a teacher's key: what comes out, and why not this."""
        right, why = [], []
        for _, found in self.marks.rows:
            bad = [mark for mark in found.values() if mark.verdict not in (CORRECT, BLANK)]
            right.append(
                Text(" ".join(hints.value(m.expected) for m in bad if m.verdict != UNREADABLE))
            )
            why.append(Text(self.fit(", ".join(filter(None, map(self.reason, bad))))))
        bad = [mark for mark in self.marks.totals.values() if mark.verdict != CORRECT]
        totals = (
            Text(" ".join(hints.value(mark.expected) for mark in bad)),
            Text(self.fit(", ".join(filter(None, map(self.reason, bad))))),
        )
        if not any(cell.plain for cell in [*right, *why, *totals]):
            return []
        return [
            Part("worked again ", right, totals[0], right=True),
            Part("consistent with", why, totals[1], right=False),
        ]

    def reason(self, mark: Mark) -> str:
        if mark.verdict == CONVENTION:
            from cnncalc.homework.conventions import OPTIONS

            return "* " + " and ".join(OPTIONS[name][option][1] for name, option in mark.changes)
        if mark.verdict == ROUNDED:
            return "rounded"
        return mark.code or ("unexplained" if mark.verdict == WRONG else mark.note)

    # --- below it --------------------------------------------------------------------------------

    def counts(self) -> None:
        """Print how many cells have which verdict."""
        counted = [
            mark.verdict for mark in self.marks.all() if mark.most or mark.verdict == UNREADABLE
        ]
        words = [
            f"{self.signs[verdict]} {counted.count(verdict)} {words}"
            for verdict, words in _WORDS.items()
            if verdict in counted
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
        found = [m for verdict in _FIRST for m in self.marks.all() if m.verdict == verdict]
        if found:
            self.console.print()
        notes: dict[tuple[str, str, tuple[str, ...]], list[Mark]] = {}
        for mark in found[:MOST_NOTES]:
            lines = tuple(hints.lines(mark, self.level, self.marks.rules.conventions))
            alone = mark.row if mark.verdict in (WRONG, METHOD) else mark.verdict
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
        """Print the points, and how they come about."""
        marks, credit = self.marks, self.marks.rules.credit
        shares: dict[Fraction, list[str]] = {}
        seen = {mark.verdict for mark in marks.all() if mark.most and mark.verdict != UNREADABLE}
        for verdict, sign in self.signs.items():
            if verdict in seen:
                full = marks.key == marks.file and verdict == CONVENTION
                share = Fraction(1) if full else getattr(credit, verdict)
                shares.setdefault(share, []).append(sign)
        words = [
            f"{' '.join(signs)} {share_text(share)}"
            for share, signs in sorted(shares.items(), reverse=True)
        ]
        said = [", ".join(words)] if len(words) > 1 or (words and marks.uncounted) else []
        if marks.uncounted:
            said.append(f"{units.plural(marks.uncounted, 'cell')} not counted")
        detail = f"  ({'; '.join(said)})" if said else ""
        line = f"Score {units.number(marks.score)} of {units.number(marks.most)}"
        self.console.print()
        self.console.print(Text.assemble((line, "bold"), self.fit(detail)))

    def mistakes(self) -> None:
        """Print what the codes of a teacher's key mean, and how many answers fail."""
        ways = {way: None for mark in self.marks.all() for way in mark.explanations}
        known = {mistake.code: mistake for way in ways for mistake in way}
        width = max(map(len, known), default=0)
        for code, mistake in known.items():
            self.console.print(Text(self.fit(f"{code:{width}}  {mistake.text}")))
        if known:
            self.console.print()
        counted = [mark for mark in self.marks.all() if mark.verdict != BLANK and mark.text.strip()]
        bad = [mark for mark in counted if mark.verdict not in (CORRECT, CONVENTION)]
        if bad:
            sign = Text(self.fit("✗ "), "red")
            text = f"{len(bad)} of {units.plural(len(counted), 'answer')} cannot be reproduced"
            text += " under any convention."
        else:
            sign = Text(self.fit("✓ "), "green")
            text = f"All {units.plural(len(counted), 'answer')} can be reproduced."
        self.console.print(sign + Text(text))

    def conventions(self) -> None:
        """Print the conventions that hold, and how to get more help."""
        of = "key" if self.marks.key_check else "sheet"
        text = f"Conventions of this {of}: {'; '.join(self.marks.conventions)}."
        wrong = any(mark.verdict in (WRONG, METHOD) for mark in self.marks.all())
        if wrong and self.level < hints.LEVELS - 1 and not self.marks.key_check:
            levels = [str(n) for n in range(self.level + 1, hints.LEVELS)]
            text += f" More help: --hints {units.listing(levels, 'or')}."
        for line in wrap(self.fit(text).split(" "), self.width):
            self.console.print(Text(line, "dim"))


def share_text(share: Fraction) -> str:
    """Return a share of a point in words.

    >>> share_text(Fraction(1)), share_text(Fraction(1, 2)), share_text(Fraction(1, 4))
    ('1 point', '½', '1/4')
    """
    return {Fraction(1): "1 point", Fraction(1, 2): "½", Fraction(0): "0"}.get(share, str(share))


def headed(marks: Sequence[Mark]) -> str:
    """Return what stands above a note: the cells that it is about, and their lines."""
    columns = dict.fromkeys(hints.HEADS[mark.column] for mark in marks)
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
    text = printable(mark.text).strip()
    text = text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
    return f"'{text}'" if mark.verdict == UNREADABLE else text
