"""The table in a terminal: columns chosen by width before it is built.

Narrowing has one order: bars go, then percentages, then weights and biases together, then
the phrase loses "filters at", then it wraps, then it goes. Columns that were asked for by
name stay: the table breaks into panels.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc import units
from cnncalc.writers import columns, grid, sentences, terminal
from cnncalc.writers.grid import Part, chunks, measure, wrap
from cnncalc.writers.styled import Text, cell_len
from cnncalc.writers.table_model import Sheet

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnncalc.model.report import Report
    from cnncalc.writers import Options
    from cnncalc.writers.table_lines import Line
    from cnncalc.writers.terminal import Console

LONG, SHORT, WRAPPED, GONE = range(4)  # what becomes of the phrase
LEARNED = ("weights", "biases", "other")  # they go together


def write(report: Report, options: Options) -> str:
    """Return the table as it goes down a pipe: of any width, without colour."""
    from io import StringIO

    stream = StringIO()
    show(report, terminal.console(stream), options)
    return stream.getvalue()


def show(report: Report, console: Console, options: Options) -> None:
    """Print the table, what is left out of it, and what needs action."""
    _Printer(report, console, options).show()


class _Printer:
    def __init__(self, report: Report, console: Console, options: Options) -> None:
        self.console, self.width, self.encoding = console, console.width, console.encoding
        self.report, self.sheet = report, Sheet(report, options)
        self.lines, self.names, self.asked = self.sheet.lines, self.sheet.names, self.sheet.asked
        self.cache: dict[tuple[str, int], Part] = {}

    def show(self) -> None:
        panels, dropped = self.choose()
        self.title()
        for panel in panels:
            self.console.print()
            grid.show(self.console, panel, total=any(part.total for part in panel))
        self.console.print()
        rails = any("├" in line.prefix for line in self.lines)
        legend = sentences.rails(rails, any(line.sources for line in self.lines))
        for sentence in filter(None, [*self.sheet.caption(dropped), legend]):
            self.paragraph(sentence, style="dim")
        self.warnings()

    def title(self) -> None:
        name, about = self.sheet.title
        name = self.fit(name)
        first, *more = wrap(f"{name}  {self.fit(about)}".rstrip().split(" "), self.text_width)
        self.console.print(Text.assemble((first[: len(name)], "bold"), first[len(name) :]))
        for line in more:
            self.console.print(Text(line))

    def warnings(self) -> None:
        found = sentences.findings(self.report)
        if found:
            self.console.print()
        for finding in found:
            self.paragraph(f"{finding.name}: {finding.sentence}", Text("! ", "yellow"), "    ")
            for detail in finding.details:
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
        for names, phrase in forms:
            panel = self.panel(names, phrase)
            if panel and measure(panel) <= self.width:
                return [panel], self.dropped(names, phrase)
        names, phrase = forms[-1]
        panels = self.panels(names) if self.asked else [self.parts(names, phrase)]
        return panels, self.dropped(names, phrase)

    def forms(self) -> list[tuple[list[str], int]]:
        """Return what may be shown, from the fullest to the narrowest."""
        names = self.names
        if self.asked.issuperset(names):
            return [(names, LONG), (names, SHORT), (names, WRAPPED)]
        less = [name for name in names if name in self.asked or name not in LEARNED]
        bare = [name for name in less if name in self.asked or name != "description"]
        forms = [(names, LONG), (less, LONG), (less, SHORT), (less, WRAPPED), (bare, GONE)]
        if self.width < terminal.ENDLESS:
            forms.insert(0, (self.with_shares(["percent"]), LONG))
            if terminal.has(units.BLOCKS, self.encoding):
                forms.insert(0, (self.with_shares(["percent", "bar"]), LONG))
        return forms

    def with_shares(self, kinds: Sequence[str]) -> list[str]:
        found = []
        for name in self.names:
            found.append(name)
            if name in ("parameters", "flops"):
                found += [f"{name}_{kind}" for kind in kinds if f"{name}_{kind}" not in self.names]
        return found

    def dropped(self, names: Sequence[str], phrase: int) -> list[str]:
        gone = [name for name in self.names if name not in names and name != "description"]
        need = []
        if gone:
            width = measure(self.parts(self.names, LONG))
            need.append(f"{units.listing(gone)}, which need {units.plural(width, 'column')}")
        if phrase == GONE:
            need.append("descriptions")
        return need

    def panel(self, names: Sequence[str], phrase: int) -> list[Part] | None:
        """Return the parts of a panel, or None where its phrases cannot be wrapped so far."""
        room = 0
        if phrase == WRAPPED:
            others = self.parts([n for n in names if n != "description"], GONE)
            room = self.width - measure(others) + self.part("name", GONE).width
            if room < self.narrowest():
                return None
        return self.parts(names, phrase, room)

    def panels(self, names: Sequence[str]) -> list[list[Part]]:
        """Return as many panels as the columns need, each with volume and name."""
        fixed = [name for name in names if name in ("output", "name")]
        first = [name for name in names if name in ("output", "name", "description")]
        panels: list[list[str]] = [first]
        for name in [name for name in names if name not in first]:
            wider = self.parts([*panels[-1], name], SHORT)
            if len(panels[-1]) > len(fixed) and measure(wider) > self.width:
                panels.append(list(fixed))
            panels[-1].append(name)
        return [self.parts(panel, SHORT) for panel in panels]

    # --- what stands in them ------------------------------------------------------------------

    def parts(self, names: Sequence[str], phrase: int, room: int = 0) -> list[Part]:
        joined = "name" in names and "description" in names
        found = []
        if any(line.lost for line in self.lines):
            marks = [Text("!" * line.lost, "yellow") for line in self.lines]
            found.append(Part("", marks, right=False))
        for name in names:
            if name == "name":
                found.append(self.layers(phrase, room) if joined else self.part(name, GONE))
            elif name != "description" or not joined:
                found.append(self.part(name, phrase))
        return found

    def part(self, name: str, phrase: int) -> Part:
        key = name, phrase * (name == "description")
        if key not in self.cache:
            self.cache[key] = self._part(name, phrase)
        return self.cache[key]

    def _part(self, name: str, phrase: int) -> Part:
        if name == "name":
            return self.layers(GONE, 0)
        if name.endswith("_bar"):
            count = name.removesuffix("_bar")
            whole = columns.total(self.report, count)
            bars = [Text(units.bar(line.count(count), whole), "cyan") for line in self.lines]
            return Part("", bars, right=False, close=True)
        column = columns.COLUMNS[name]
        if name == "description":
            texts = [_phrase(line, phrase) for line in self.lines]
        else:
            texts = [self.sheet.text(line, name) for line in self.lines]
        cells = [Text(self.fit(text), "dim" if text == "0" else "") for text in texts]
        if name == "output":
            cells = [Text.assemble(("[", "dim"), c, ("]", "dim")) if c else c for c in cells]
        right = column.counts or name in columns.FIELD or bool(column.share_of)
        return Part(column.head, cells, self.sheet.total(name), right, bool(column.share_of))

    def layers(self, phrase: int, room: int) -> Part:
        """Return names and phrases in one column, as on the slide."""
        key = "layers", phrase
        if key not in self.cache:
            cells = [self.layer(line, phrase, room) for line in self.lines]
            self.cache[key] = Part("layer", cells, "TOTAL" * self.sheet.sums, right=False)
        return self.cache[key]

    def layer(self, line: Line, phrase: int, room: int) -> Text:
        prefix, label, words = self.words(line, phrase)
        below = line.prefix.replace("├", "│").replace("└", " ") + "  "
        head = [prefix + label] if label else []
        cell = Text("\n".join(wrap([*head, *words], room or 10**9, indent=self.fit(below))))
        cell.stylize("dim", 0, len(prefix))
        cell.stylize("bold", len(prefix), len(prefix) + len(label))
        return cell

    def words(self, line: Line, phrase: int) -> tuple[str, str, list[str]]:
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


def _phrase(line: Line, phrase: int) -> str:
    if phrase == GONE and line.name:
        return ""
    return line.phrase if phrase == LONG else grid.shorten(line.phrase)
