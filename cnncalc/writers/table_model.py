"""What a table says, whatever it is written in: its columns, lines, cells, totals, caption."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc import units
from cnncalc.writers import columns, sentences, table_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnncalc.model.report import Report
    from cnncalc.writers import Options
    from cnncalc.writers.table_lines import Line


class Sheet:
    """A report under options. Cells are text; it is for the formats to escape them."""

    def __init__(self, report: Report, options: Options) -> None:
        self.report, self.options = report, options
        self.names, self.asked = columns.chosen(report, options.columns)
        self.found = table_lines.lines(report, options)
        self.lines = self.found.with_hidden(self.names)
        self.title = sentences.title(report, options)

    @property
    def sums(self) -> bool:
        """Return whether there is a total of anything."""
        return any(columns.COLUMNS[name].counts for name in self.names)

    def text(self, line: Line, name: str) -> str:
        """Return what a line has in a column; nothing where that has no meaning."""
        column = columns.COLUMNS[name]
        if not line.rows:
            return {"name": line.name, "description": line.phrase}.get(name, "")
        if column.counts:
            return units.group(line.count(name))
        if column.share_of:
            whole = columns.total(self.report, column.share_of)
            return units.percent(line.count(column.share_of), whole)
        if name == "description":
            return f"{line.phrase} ← {line.sources}" if line.sources else line.phrase
        if name == "name" or not line.name:  # the hidden layers together have no volume
            return line.name
        if name == "type" and len(line.rows) > 1:
            return ""
        row = line.rows[0] if name == "inputs" else line.leaves
        return columns.fact(row, name, self.options.layout)

    def total(self, name: str) -> str:
        """Return the network's total of a column, where it has one."""
        if not columns.COLUMNS[name].counts:
            return ""
        return units.group(columns.total(self.report, name))

    def caption(self, dropped: Sequence[str] = ()) -> list[str]:
        """Return the sentences under the table; `dropped`: what did not fit, in words."""
        report, names = self.report, self.names
        shown = [
            sentences.convention(report) if {"flops", "flops_percent"} & set(names) else "",
            sentences.left_out(self.found, self.lines is not self.found.shown, dropped),
            sentences.folded(self.found, self.options.depth),
            sentences.fields(report, names, self.options),
            sentences.memory(report, names),
            *sentences.notes(report, names),
        ]
        return [sentence for sentence in shown if sentence]

    def warnings(self) -> list[list[str]]:
        """Return the lines of each warning: a sentence, its arithmetic, its repairs."""
        found = [[f"{x.name}: {x.sentence}", *x.details] for x in sentences.findings(self.report)]
        rule = sentences.tiling(self.report) if found else ""
        return [*found, [rule]] if rule else found


def head(name: str) -> str:
    """Return a column's head as a title: `Volume`."""
    text = columns.COLUMNS[name].head
    return text[:1].upper() + text[1:]
