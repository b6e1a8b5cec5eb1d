"""Several networks as a table, a line for each; one that failed says so on its line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnncalc import units
from cnncalc.errors import printable
from cnncalc.writers import FORMATS as FORMATS
from cnncalc.writers import grid, sentences, terminal
from cnncalc.writers.columns import volume
from cnncalc.writers.content import Content
from cnncalc.writers.json import VERSION
from cnncalc.writers.styled import Text, cell_len
from cnncalc.writers.table_model import Cell, Head, Records, Table, TableRow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnncalc.model.report import Report
    from cnncalc.model.summaries import Summary
    from cnncalc.writers.terminal import Console

# The counts of a line: heading, and attribute of a report.
COUNTS = {"parameters": "parameters", "FLOPs": "flops", "peak memory": "peak_bytes"}
RECORD = ("name", "title", "variant", "input", "output")
NUMBERS = ("parameters", "parameter_bytes", "macs", "flops", "activations", "peak_bytes")
SHORTEST = 12  # columns of a name
LEAST = 30  # columns of a sentence beside the names
GAP = "  "


def content(entries: Sequence[Summary], *, layout: str = "hwc") -> SummariesContent:
    """Return several networks as content."""
    return SummariesContent(entries, layout)


class SummariesContent(Content):
    """Several networks, a row for each."""

    def __init__(self, entries: Sequence[Summary], layout: str) -> None:
        self.entries, self.layout = entries, layout
        self.reports = [one.report for one in entries if one.report is not None]

    def convention(self) -> str:
        """Return the sentence that defines a FLOP, if any network was analyzed."""
        return sentences.convention(self.reports[0], formula=False) if self.reports else ""

    def memory(self) -> str:
        """Return the sentence that defines the peak memory."""
        if not self.reports:
            return ""
        one = self.reports[0]
        return f"Peak memory is that of the activations ({one.dtype}, batch {one.batch})."

    def table(self, *, shares: bool = False) -> Table:
        """Return title, input and counts of each network, or what is wrong with it."""
        heads = [Head(text="Network", role="name"), Head(text="Title"), Head(text="Input")]
        heads += [Head(text=head[:1].upper() + head[1:], right=True) for head in COUNTS]
        rows = []
        for one in self.entries:
            cells = [Cell(text=printable(one.network))]
            if one.report is None:
                cells += [Cell(text=_problem(one)), *[Cell(text="")] * (len(heads) - 2)]
            else:
                cells += [Cell(text=printable(one.report.title)), Cell(text=self.input(one.report))]
                cells += [
                    Cell(text=text, value=getattr(one.report, name))
                    for text, name in zip(_counts(one.report), COUNTS.values(), strict=True)
                ]
            rows.append(TableRow(cells=cells, marked=one.report is None))
        return Table(
            title="Networks",
            heads=heads,
            rows=rows,
            convention=self.convention(),
            notes=[self.memory()],
            label="networks",
        )

    def input(self, report: Report) -> str:
        """Return the input volume in the chosen order."""
        return volume(report.input, self.layout)

    def records(self) -> Records:
        """Return a row for each network; one that failed has its error last."""
        return Records(
            names=["network", *RECORD, *NUMBERS, "error"],
            rows=[[*_record(one).values()] for one in self.entries],
        )

    def to_dict(self) -> dict[str, Any]:
        """Return a dict for each network; one that failed has its error."""
        found = self.reports[0] if self.reports else None
        return {
            "version": VERSION,
            "convention": found and found.convention,
            "batch": found and found.batch,
            "dtype": found and found.dtype,
            "networks": [
                {
                    **_record(one),
                    "input": one.report and list(one.report.input.shape),
                    "output": one.report and list(one.report.output.shape),
                }
                for one in self.entries
            ],
        }

    def show(self, console: Console) -> None:
        """Print a line for each network, and the rounded counts where there is little width."""

        def fit(text: str) -> str:
            return terminal.fit(text, console.encoding)

        names = [fit(printable(one.network)) for one in self.entries]
        first = max(map(cell_len, [*names, "network"]))
        shown: list[tuple[str, ...]] = []
        for rounded in (False, True):
            rows = [(self.input(report), *_counts(report, rounded)) for report in self.reports]
            heads = [head.split()[0] if rounded else head for head in COUNTS]
            shown = [("input", *heads), *rows]
            widths = [max(map(len, column)) for column in zip(*shown, strict=True)]
            numbers = sum(widths) + len(GAP) * len(widths)
            if first + numbers <= console.width:
                break
        first = min(first, max(console.width - numbers, SHORTEST))
        names = [units.brief(name, first - 1) if cell_len(name) > first else name for name in names]
        total = first + numbers
        lines = iter([_line(cells, widths) for cells in shown])
        console.print(Text(f"{'network':<{first}}{GAP}{next(lines)}", "dim"))
        console.print(Text(fit("─") * total))
        for one, name in zip(self.entries, names, strict=True):
            room = " " * (first - cell_len(name))
            if one.report is not None:
                console.print(Text.assemble((name, "bold"), f"{room}{GAP}{next(lines)}"))
                continue
            indent = min(first + len(GAP), max(console.width - LEAST, 2))
            words = fit(f"✗ {_problem(one)}").split(" ")
            width = min(console.width, max(total, terminal.WIDEST_TEXT))
            wrapped = grid.wrap(words, width, f"{name}{room}{GAP}", " " * indent)
            console.print(Text.assemble((name, "bold"), (wrapped[0][len(name) :], "red")))
            for line in wrapped[1:]:
                console.print(Text(line, "red"))
        console.print()
        caption = " ".join(filter(None, [self.convention(), self.memory()]))
        for line in grid.wrap(fit(caption).split(" "), min(console.width, terminal.WIDEST_TEXT)):
            console.print(Text(line, "dim"))


def _counts(report: Report, rounded: bool = False) -> tuple[str, ...]:
    """Return the counts of a line as text."""
    written = units.brief_count if rounded else units.group
    return written(report.parameters), written(report.flops), units.brief_bytes(report.peak_bytes)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return GAP.join(f"{cell:>{width}}" for cell, width in zip(cells, widths, strict=True))


def _problem(one: Summary) -> str:
    """Return the first problem of a network in a sentence, and how many more there are."""
    if one.error is None:
        return ""
    first, *more = one.error.problems
    place = f"{first.line}:{first.column}: " if first.line else ""
    text = f"{place}{first.sentence}"
    return text + f" And {units.plural(len(more), 'more problem')}." * bool(more)


def _record(one: Summary) -> dict[str, Any]:
    """Return all that a line may show, as raw values."""
    report = one.report
    found: dict[str, Any] = {"network": one.network}
    for name in (*RECORD, *NUMBERS):
        value = None if report is None else getattr(report, name)
        found[name] = str(value) if name in ("input", "output") and report else value
    return {**found, "error": _problem(one) or None}
