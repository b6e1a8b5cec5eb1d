"""The table of a marking report: each answer as it is written, with a sign for its verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc.errors import printable
from cnncalc.homework.conventions import OPTIONS
from cnncalc.homework.verdicts import Verdict
from cnncalc.writers import terminal
from cnncalc.writers.answer_text import HEADS, value_text
from cnncalc.writers.grid import Part, measure
from cnncalc.writers.styled import Text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cnncalc.homework.marks import Mark, Marks
    from cnncalc.writers.terminal import Console

LONGEST = 40  # characters of an answer
SIGNS = {
    Verdict.CORRECT: "✓",
    Verdict.FOLLOWS: "→",
    Verdict.CONVENTION: "*",
    Verdict.ROUNDED: "≈",
    Verdict.METHOD: "=",
    Verdict.WRONG: "✗",
    Verdict.UNREAD: "?",
    Verdict.BLANK: "·",
}
# What a verdict is called in a sentence.
WORDS = {
    Verdict.CORRECT: "right",
    Verdict.FOLLOWS: "right, given an earlier answer of the same sheet",
    Verdict.CONVENTION: "right under another convention",
    Verdict.ROUNDED: "rounded too far",
    Verdict.METHOD: "working and result differ",
    Verdict.WRONG: "wrong",
    Verdict.UNREAD: "could not be read",
    Verdict.BLANK: "blank",
}
STYLES = {
    Verdict.CORRECT: "green",
    Verdict.FOLLOWS: "green",
    Verdict.CONVENTION: "yellow",
    Verdict.ROUNDED: "yellow",
    Verdict.METHOD: "yellow",
    Verdict.WRONG: "red",
    Verdict.UNREAD: "yellow",
    Verdict.BLANK: "dim",
}


def signs(encoding: str) -> dict[Verdict, str]:
    """Return the sign of each verdict in an encoding."""
    found = {verdict: terminal.fit(sign, encoding) for verdict, sign in SIGNS.items()}
    if found[Verdict.BLANK] == found[Verdict.CONVENTION]:  # where the encoding lacks the dot
        found[Verdict.BLANK] = "."
    return found


def shortened(mark: Mark) -> str:
    """Return an answer as it is written, cut to the characters that are shown."""
    text = printable(mark.text).strip()
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def panels(marks: Marks, console: Console) -> list[list[Part]]:
    """Return the table, in several panels where it is wider than the terminal."""
    return _Table(marks, console).panels()


class _Table:
    def __init__(self, marks: Marks, console: Console) -> None:
        self.marks, self.console = marks, console
        self.signs = signs(console.encoding)

    def fit(self, text: str) -> str:
        return terminal.fit(text, self.console.encoding)

    def panels(self) -> list[list[Part]]:
        names = Part(
            "layer",
            [Text(self.fit(printable(row.name))) for row in self.marks.rows],
            "TOTAL" if self.marks.totals else "",
            right=False,
        )
        used = {column for row in self.marks.rows for column in row.marks} | {*self.marks.totals}
        parts = [self.column(column) for column in HEADS if column in used]
        if self.marks.key_check:
            parts += self.again()
        panels = [[names]]
        for part in parts:
            if len(panels[-1]) > 1 and measure([*panels[-1], part]) > self.console.width:
                panels.append([names])
            panels[-1].append(part)
        return panels if parts else []

    def column(self, column: str) -> Part:
        cells = [self.cell(row.marks.get(column)) for row in self.marks.rows]
        total = self.cell(self.marks.totals.get(column))
        return Part(HEADS[column] + "  ", cells, total, right=True)

    def cell(self, mark: Mark | None) -> Text:
        """Return an answer, and the sign of its verdict after it."""
        if mark is None:
            return Text("  ")
        text = "blank" if mark.verdict == Verdict.BLANK and mark.most else shortened(mark)
        # What is given gets no sign: a blank for a zero, and a number in the input's row.
        right, blank = mark.verdict == Verdict.CORRECT, mark.verdict == Verdict.BLANK
        nothing = (right or blank) and mark.text.strip() in ("", "-", "0")
        if not mark.most and (nothing or (right and mark.column != "output")):
            return Text(f"{self.fit(text)}  ", "dim" if text == "0" else "")
        sign = self.signs[mark.verdict]
        return Text.assemble(self.fit(text) + " ", (sign, STYLES[mark.verdict]))

    def again(self) -> list[Part]:
        """Return the columns of a teacher's key: the true values, and why the key has others."""
        rows = [
            [
                mark
                for mark in row.marks.values()
                if mark.verdict not in (Verdict.CORRECT, Verdict.BLANK)
            ]
            for row in self.marks.rows
        ]
        totals = [mark for mark in self.marks.totals.values() if mark.verdict != Verdict.CORRECT]
        values = Part("worked again ", [*map(self.values, rows)], self.values(totals), right=True)
        why = Part("consistent with", [*map(self.why, rows)], self.why(totals), right=False)
        return [values, why] if any([*rows, totals]) else []

    def values(self, marks: Iterable[Mark]) -> Text:
        known = [mark for mark in marks if mark.verdict != Verdict.UNREAD]
        return Text(" ".join(value_text(mark.expected) for mark in known))

    def why(self, marks: Iterable[Mark]) -> Text:
        return Text(self.fit(", ".join(filter(None, map(_reason, marks)))))


def _reason(mark: Mark) -> str:
    if mark.verdict == Verdict.CONVENTION:
        return "* " + " and ".join(OPTIONS[name][option][1] for name, option in mark.changes)
    if mark.verdict == Verdict.ROUNDED:
        return "rounded"
    if mark.verdict == Verdict.WRONG:
        return mark.code or "unexplained"
    return mark.detail or mark.note
