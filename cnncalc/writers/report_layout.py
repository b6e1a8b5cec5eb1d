"""The table of a network on a terminal: the columns are chosen by its width.

Narrowing has one order: bars go, then percentages, then weights and biases together, then
the phrase loses "filters at", then it wraps, then it goes. Columns that were asked for by
name stay: the table breaks into panels.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cnncalc import units
from cnncalc.writers import columns, grid, sentences, terminal
from cnncalc.writers.columns import Column, Share
from cnncalc.writers.grid import Part, chunks, measure, wrap
from cnncalc.writers.styled import Text, cell_len

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnncalc.writers.report import ReportContent
    from cnncalc.writers.table_lines import TableLine
    from cnncalc.writers.terminal import Console

LONG, SHORT, WRAPPED, GONE = range(4)  # the forms of the phrase, from the fullest


class Bar(NamedTuple):
    """A column of bars beside the percentages that they draw."""

    share: Share


Shown = Column | Bar


def show(content: ReportContent, console: Console) -> None:
    """Print the table, what is left out of it, and what needs action."""
    _Printer(content, console).show()


class _Printer:
    def __init__(self, content: ReportContent, console: Console) -> None:
        self.console, self.width, self.encoding = console, console.width, console.encoding
        self.report, self.content, self.lines = content.report, content, content.lines
        self.asked: set[Shown] = {*content.asked}
        self.cache: dict[tuple[Shown | None, int], Part] = {}

    def show(self) -> None:
        panels, dropped = self.choose()
        self.title()
        for panel in panels:
            self.console.print()
            grid.show(self.console, panel, total=any(part.total for part in panel))
        self.console.print()
        if summary := self.content.summary():
            self.paragraph(summary)
        rails = any("├" in line.prefix for line in self.lines)
        legend = sentences.rails(rails, any(line.sources for line in self.lines))
        caption = [self.content.convention(), *self.content.notes(dropped), legend]
        for sentence in filter(None, caption):
            self.paragraph(sentence, style="dim")
        self.warnings()

    def title(self) -> None:
        name, about = self.content.title
        name = self.fit(name)
        first, *more = wrap(f"{name}  {self.fit(about)}".rstrip().split(" "), self.text_width)
        self.console.print(Text.assemble((first[: len(name)], "bold"), first[len(name) :]))
        for line in more:
            self.console.print(Text(line))

    def warnings(self) -> None:
        found = sentences.warnings(self.report)
        if found:
            self.console.print()
        for warning in found:
            self.paragraph(f"{warning.name}: {warning.sentence}", Text("! ", "yellow"), "    ")
            for detail in warning.details:
                self.paragraph(detail, Text("    "), "      ")
        if found and (rule := sentences.tiling(self.report)):
            self.paragraph(rule, Text("  "), "  ")

    @property
    def text_width(self) -> int:
        return min(self.width, terminal.WIDEST_TEXT)

    def fit(self, text: str) -> str:
        return terminal.fit(text, self.encoding)

    def paragraph(
        self, text: str, head: Text | None = None, indent: str = "", style: str = ""
    ) -> None:
        """Print running text, wrapped, behind a head."""
        words, head = chunks(self.fit(text)), head or Text()
        for i, line in enumerate(wrap(words, self.text_width, " " * len(head), indent)):
            body = Text(line, style)
            self.console.print(body if i else Text.assemble(head, body[len(head) :]))

    # --- which columns ----------------------------------------------------------------------

    def choose(self) -> tuple[list[list[Part]], list[str]]:
        """Return the panels to print, and in words what did not fit."""
        forms = self.forms()
        for shown, phrase in forms:
            panel = self.panel(shown, phrase)
            if panel and measure(panel) <= self.width:
                return [panel], self.dropped(shown, phrase)
        shown, phrase = forms[-1]
        panels = self.panels(shown) if self.asked else [self.parts(shown, phrase)]
        return panels, self.dropped(shown, phrase)

    def forms(self) -> list[tuple[Sequence[Shown], int]]:
        """Return the columns and forms of phrases to try, from the widest to the narrowest."""
        usual = self.content.columns
        if self.asked.issuperset(usual):
            return [(usual, LONG), (usual, SHORT), (usual, WRAPPED)]
        less = [column for column in usual if column in self.asked or not column.minor]
        bare = [column for column in less if column in self.asked or column.role != "phrase"]
        forms: list[tuple[Sequence[Shown], int]] = [
            (usual, LONG), (less, LONG), (less, SHORT), (less, WRAPPED), (bare, GONE),
        ]  # fmt: skip
        if self.width < terminal.ENDLESS:
            shares = columns.with_shares(usual)
            forms.insert(0, (shares, LONG))
            if terminal.has(units.BLOCKS, self.encoding):
                forms.insert(0, (self.with_bars(shares), LONG))
        return forms

    def with_bars(self, shares: Sequence[Column]) -> list[Shown]:
        """Return columns with a bar after each percentage that was not asked for."""
        found: list[Shown] = []
        for column in shares:
            found.append(column)
            if isinstance(column, Share) and column not in self.content.columns:
                found.append(Bar(column))
        return found

    def dropped(self, shown: Sequence[Shown], phrase: int) -> list[str]:
        """Return in words what there was no room for."""
        usual = self.content.columns
        gone = [one.head for one in usual if one not in shown and one.role != "phrase"]
        need = []
        if gone:
            width = measure(self.parts(usual, LONG))
            need.append(f"{units.listing(gone)}, which need {units.plural(width, 'column')}")
        if phrase == GONE:
            need.append("descriptions")
        return need

    def panel(self, shown: Sequence[Shown], phrase: int) -> list[Part] | None:
        """Return the parts of a panel, or None where its phrases cannot be wrapped so far."""
        room = 0
        if phrase == WRAPPED:
            others = self.parts([one for one in shown if _role(one) != "phrase"], GONE)
            room = self.width - measure(others) + self.layers(GONE, 0).width
            if room < self.narrowest():
                return None
        return self.parts(shown, phrase, room)

    def panels(self, shown: Sequence[Shown]) -> list[list[Part]]:
        """Return as many panels as the columns need, each with those that are fixed."""
        fixed = [one for one in shown if isinstance(one, Column) and one.fixed]
        first = [one for one in shown if one in fixed or _role(one) == "phrase"]
        panels: list[list[Shown]] = [first]
        for one in [one for one in shown if one not in first]:
            wider = self.parts([*panels[-1], one], SHORT)
            if len(panels[-1]) > len(fixed) and measure(wider) > self.width:
                panels.append([*fixed])
            panels[-1].append(one)
        return [self.parts(panel, SHORT) for panel in panels]

    # --- what stands in them ------------------------------------------------------------------

    def parts(self, shown: Sequence[Shown], phrase: int, room: int = 0) -> list[Part]:
        """Return the parts of a panel; name and phrase are one of them where both are shown."""
        joined = {"name", "phrase"} <= {_role(one) for one in shown}
        found = []
        if any(line.loses_input for line in self.lines):
            marks = [Text("!" * line.loses_input, "yellow") for line in self.lines]
            found.append(Part("", marks, right=False))
        for one in shown:
            if _role(one) == "name":
                found.append(self.layers(phrase, room) if joined else self.layers(GONE, 0))
            elif _role(one) != "phrase" or not joined:
                found.append(self.part(one, phrase))
        return found

    def part(self, one: Shown, phrase: int) -> Part:
        """Return a column as it is printed; `phrase` is the form of phrases."""
        key = one, phrase * (_role(one) == "phrase")
        if key not in self.cache:
            found = self.bars(one.share) if isinstance(one, Bar) else self._part(one, phrase)
            self.cache[key] = found
        return self.cache[key]

    def bars(self, share: Share) -> Part:
        """Return the column of bars."""
        shares = [share.share(line.rows, self.report) for line in self.lines]
        bars = [Text(units.bar(n.numerator, n.denominator), "cyan") for n in shares]
        return Part("", bars, right=False, close=True)

    def _part(self, column: Column, phrase: int) -> Part:
        if column.role == "phrase":
            texts = [_phrase(line, phrase) for line in self.lines]
        else:
            texts = [self.content.text(line, column) for line in self.lines]
        cells = [Text(self.fit(text), "dim" if text == "0" else "") for text in texts]
        if isinstance(column, columns.Volumes) and column.framed:
            cells = [Text.assemble(("[", "dim"), c, ("]", "dim")) if c else c for c in cells]
        total = column.total(self.report)
        return Part(column.head, cells, total, column.right, close=column.role == "share")

    def layers(self, phrase: int, room: int) -> Part:
        """Return names and phrases in one column, as on the slide."""
        key = None, phrase
        if key not in self.cache:
            cells = [self.layer(line, phrase, room) for line in self.lines]
            total = "TOTAL" * bool(self.content.totals(self.content.columns))
            self.cache[key] = Part(columns.NAME.head, cells, total, right=False)
        return self.cache[key]

    def layer(self, line: TableLine, phrase: int, room: int) -> Text:
        """Return a line's name and its phrase, behind its rails."""
        prefix, label, words = self.words(line, phrase)
        below = line.prefix.replace("├", "│").replace("└", " ") + "  "
        head = [prefix + label] if label else []
        cell = Text("\n".join(wrap([*head, *words], room or 10**9, indent=self.fit(below))))
        cell.stylize("dim", 0, len(prefix))
        cell.stylize("bold", len(prefix), len(prefix) + len(label))
        return cell

    def words(self, line: TableLine, phrase: int) -> tuple[str, str, list[str]]:
        """Return a line's rails, its name, and its phrase in parts that stay whole."""
        text = self.fit(_phrase(line, phrase))
        words = chunks(text) if text else []
        label = self.fit(line.label) + ":" * bool(words and line.label)
        if line.sources:
            words.append(self.fit(f" ← {line.sources}"))
        return self.fit(line.prefix), label, words

    def narrowest(self) -> int:
        """Return the least width in which the phrases can be wrapped."""
        least = 0
        for line in self.lines:
            prefix, label, words = self.words(line, SHORT)
            least = max(least, cell_len(prefix + label))
            least = max([least, *(cell_len(prefix) + 2 + cell_len(word) for word in words)])
        return least


def _role(one: Shown) -> str:
    return "" if isinstance(one, Bar) else one.role


def _phrase(line: TableLine, phrase: int) -> str:
    if phrase == GONE and line.name:
        return ""
    return line.phrase if phrase == LONG else grid.shorten(line.phrase)
