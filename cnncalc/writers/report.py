"""The table of a network: which lines and columns it has, and what stands around it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from cnncalc.errors import LimitError
from cnncalc.writers import FORMATS as FORMATS
from cnncalc.writers import Options, columns, sentences, table_lines
from cnncalc.writers.columns import Share
from cnncalc.writers.content import Content

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnncalc.figures.scene import Scene
    from cnncalc.model.report import Report
    from cnncalc.writers.columns import Column
    from cnncalc.writers.table_lines import TableLine
    from cnncalc.writers.table_model import Cell, Head, Pictures, Records, Table
    from cnncalc.writers.terminal import Console

PAGE = 1300  # pixels at which a row of boxes is wrapped on a page


def content(report: Report, **options: Any) -> ReportContent:
    """Return a report as content; options are the fields of `Options`.

    Raises: UnknownNameError for an unknown column.
    """
    return ReportContent(report, Options(**options))


class ReportContent(Content):
    """A report, and what is to be shown of it."""

    def __init__(self, report: Report, options: Options) -> None:
        self.report, self.options = report, options
        self.columns, self.asked = columns.chosen(report, options.columns)
        self.found = table_lines.lines(report, options)
        self.lines = self.found.with_hidden(self.columns)
        self.title = sentences.title(report, options)

    def text(self, line: TableLine, column: Column) -> str:
        """Return the cell of a line as people read it."""
        return column.text(line, self.report, self.options.layout)

    def totals(self, shown: Sequence[Column]) -> list[str]:
        """Return the network's value of each column; empty if no column has one."""
        totals = [column.total(self.report) for column in shown]
        if not any(totals):
            return []
        label = {"name": "TOTAL"}
        return [label.get(one.role, total) for one, total in zip(shown, totals, strict=True)]

    def summary(self) -> str:
        """Return the totals on one line for people, if there are any in the table."""
        return sentences.summary(self.report) if any(self.totals(self.columns)) else ""

    def convention(self) -> str:
        """Return the sentence that says what a FLOP is, if there are FLOPs in the table."""
        return sentences.convention(self.report) if "convention" in self.topics else ""

    @property
    def topics(self) -> set[str]:
        """Return the topics that the columns need a sentence about."""
        return {column.topic for column in self.columns}

    def notes(self, dropped: Sequence[str] = ()) -> list[str]:
        """Return the other sentences under the table; `dropped`: what did not fit, in words."""
        report, shown = self.report, self.columns
        found = [
            sentences.left_out(self.found, self.lines is not self.found.shown, dropped),
            sentences.folded(self.found, self.options.depth),
            sentences.fields(report, shown),
            sentences.memory(report) if "memory" in self.topics else "",
            sentences.traffic(report) if "traffic" in self.topics else "",
            *sentences.notes(report, shown),
        ]
        return [sentence for sentence in found if sentence]

    def warnings(self) -> list[list[str]]:
        """Return the lines of each warning: a sentence, its arithmetic, its repairs."""
        found = [[f"{x.name}: {x.sentence}", *x.details] for x in sentences.warnings(self.report)]
        rule = sentences.tiling(self.report) if found else ""
        return [*found, [rule]] if rule else found

    def table(self, *, shares: bool = False) -> Table:
        """Return the table; headings of blocks are left to terminals."""
        from cnncalc.writers.table_model import Table, TableRow  # a terminal needs neither

        shown = self.columns
        if shares and not self.asked.issuperset(shown):
            shown = columns.with_shares(shown)
        name, about = self.title
        return Table(
            title=name,
            about=about,
            heads=[_head(column, column in self.asked) for column in shown],
            rows=[
                TableRow(
                    cells=[self._cell(line, column) for column in shown],
                    marked=line.loses_input,
                    layers=range(line.first, line.last),
                )
                for line in self.lines
                if line.rows
            ],
            totals=self.totals(shown),
            summary=self.summary(),
            convention=self.convention(),
            notes=self.notes(),
            warnings=self.warnings(),
            label=self.report.variant or PurePath(self.report.file or self.report.name).stem,
        )

    def _cell(self, line: TableLine, column: Column) -> Cell:
        from cnncalc.writers.table_model import Cell

        share = column.share(line.rows, self.report) if isinstance(column, Share) else None
        return Cell(text=self.text(line, column), value=column.size(line.rows), share=share)

    def pictures(self) -> Pictures:
        """Return the network's usual figure, and its memory and shares; none that is too large."""
        from cnncalc.writers import figure
        from cnncalc.writers.table_model import Pictures

        def drawn(*names: str | None) -> list[Scene]:
            found = []
            for name in names:
                wanted = figure.Options(
                    figure=name,
                    depth=self.options.depth,
                    layout=self.options.layout,
                    width=PAGE,
                    title=False,
                )
                with suppress(LimitError):
                    found.append(figure.scene(self.report, wanted))
            return found

        return Pictures(above=drawn(None), below=drawn("memory", "where"))

    def records(self) -> Records:
        """Return a row for each layer, whatever the depth; all columns if none are asked for."""
        from cnncalc.writers.table_model import Records

        options = replace(self.options, depth=None, all_layers=True)
        shown, _ = columns.chosen(self.report, options.columns, every=True)
        lines = table_lines.lines(self.report, options).shown
        return Records(
            names=[column.name for column in shown],
            rows=[
                [column.raw(line.rows[0], self.report, options.layout) for column in shown]
                for line in lines
                if line.rows
            ],
        )

    def to_dict(self) -> dict[str, Any]:
        """Return all that the report knows, whatever the options."""
        from cnncalc.writers.document import to_dict

        return to_dict(self.report)

    def document(self) -> dict[str, Any]:
        """Return the same, its layers made when they are due."""
        from cnncalc.writers.document import parts

        return parts(self.report)

    def show(self, console: Console) -> None:
        """Print the table, what is left out of it, and what needs action."""
        from cnncalc.writers.report_layout import show

        show(self, console)


def _head(column: Column, asked: bool) -> Head:
    from cnncalc.writers.table_model import Head

    return Head(
        text=column.head[:1].upper() + column.head[1:],
        meaning=column.meaning,
        right=column.right,
        minor=column.minor and not asked,
        role=column.role,
    )
