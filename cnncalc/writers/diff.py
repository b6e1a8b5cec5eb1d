"""The differences of two networks, as a table and as a JSON document."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cnncalc import units
from cnncalc.errors import printable
from cnncalc.model.diff import COUNTS as EVERY
from cnncalc.writers import FORMATS as FORMATS
from cnncalc.writers import Options, grid, sentences, table_lines, terminal
from cnncalc.writers.content import Content
from cnncalc.writers.folding import folded
from cnncalc.writers.json import VERSION, plain
from cnncalc.writers.styled import Text, cell_len
from cnncalc.writers.table_model import Cell, Head, Records, Table, TableRow

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cnncalc.model.diff import Change, Diff, Limit
    from cnncalc.model.report import Report, Row
    from cnncalc.writers.table_lines import TableLine
    from cnncalc.writers.terminal import Console

WORDS = {"~": "changed", "+": "added", "-": "removed"}  # a spreadsheet takes signs for formulas
COUNTS = {"parameters": "parameters", "flops": "FLOPs"}
LEAST_NAME = 12  # columns: in fewer, a name cannot be read
STYLES = {"~": "yellow", "+": "green", "-": "red"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A line: a layer that differs, or a block that only one of the networks has."""

    mark: str
    name: str
    phrase: str
    counts: tuple[int | None, ...]  # in the second network
    deltas: tuple[int, ...]


def differences(
    diff: Diff, *, all_layers: bool = False, depth: int | None = None
) -> list[Difference]:
    """Return the lines: layers that differ, blocks of one network alone, blocks that are closed.

    A block deeper than `depth` is closed: one line says how many of its layers differ. Layers
    without a row of their own have a line only where they count, or with `all_layers`.
    """
    alone = {id(row): line for line in _alone(diff) for row in line.rows}
    closed = {
        id(row): line
        for report in (diff.first, diff.second)
        for line in table_lines.blocks(report, depth)
        for row in line.rows
    }
    found: dict[str | int, list[Change]] = {}  # by the block's name, or the first row's id
    for change in diff.changes:
        key = id(change.second or change.first)
        line, block = alone.get(key), closed.get(key)
        if block and not (line and len(line.rows) >= len(block.rows)):
            found.setdefault(block.name, []).append(change)
        else:
            found.setdefault(id(line.rows[0]) if line else key, []).append(change)
    lines = []
    for place, changes in found.items():
        rows = [row for change in changes if (row := change.second or change.first)]
        deltas = tuple(sum(change.delta(name) for change in changes) for name in COUNTS)
        if not (all_layers or any(deltas) or any(row._has_row for row in rows)):
            continue
        mark, name, text = changes[0].mark, printable(rows[0].name), phrase(changes[0])
        counted: Sequence[Row] = [change.second for change in changes if change.second]
        if isinstance(place, str):
            mark, name = "~", place
            many = sum(row._has_row for row in rows) or len(rows)
            text = units.plural(many, "layer differs", "layers differ")
            blocks = [closed[id(row)] for row in counted]
            counted = blocks[0].rows if blocks else ()
        elif line := alone.get(place):
            name, text = line.name, line.phrase
        counts = tuple(sum(getattr(row, count) for row in counted) for count in COUNTS)
        lines.append(
            Difference(
                mark=mark,
                name=name,
                phrase=text,
                counts=counts if counted else (None,) * len(COUNTS),
                deltas=deltas,
            )
        )
    return lines


def _alone(diff: Diff) -> Iterator[TableLine]:
    """Yield the lines of layers and blocks that only one of the networks has."""
    for mark, report in (("-", diff.first), ("+", diff.second)):
        only = {id(x.second or x.first) for x in diff.changes if x.mark == mark}
        wanted = {i for i, row in enumerate(report.layers) if id(row) in only}
        yield from table_lines.folded(report, wanted)


def content(diff: Diff, *, all_layers: bool = False, depth: int | None = None) -> DiffContent:
    """Return the content of differences that the formats write."""
    shown = Options(all_layers=all_layers, depth=depth)
    return DiffContent(diff, all_layers=shown.all_layers, depth=shown.depth)


class DiffContent(Content):
    """The differences of two networks."""

    def __init__(self, diff: Diff, **options: Any) -> None:
        self.diff, self.lines = diff, differences(diff, **options)
        self.names = [sentences.short_title(report) for report in (diff.first, diff.second)]

    def table(self, *, shares: bool = False) -> Table:
        """Return a row for each layer that differs, or for a block that only one network has."""
        heads = [Head(text=""), Head(text="Layer", role="name")]
        heads.append(Head(text="Difference", role="phrase"))
        for head in COUNTS.values():
            title = head[:1].upper() + head[1:]
            heads += [Head(text=title, right=True), Head(text=f"Change in {head}", right=True)]
        return Table(
            title=" → ".join(self.names),
            heads=heads,
            rows=[self._row(line) for line in self.lines],
            totals=["", "TOTAL", "", *self._totals()] if self.lines else (),
            convention=self.convention(),
            notes=[self.equal()],
            label="-".join(self.names),
        )

    def _row(self, line: Difference) -> TableRow:
        cells = [Cell(text=text) for text in (line.mark, line.name, line.phrase)]
        for count, delta in zip(line.counts, line.deltas, strict=True):
            cells.append(Cell(text=number(count), value=count))
            cells.append(Cell(text=signed(delta), value=delta))
        return TableRow(cells=cells)

    def _totals(self) -> Iterator[str]:
        for name in COUNTS:
            before, after = (
                getattr(report, name) for report in (self.diff.first, self.diff.second)
            )
            change = units.change(before, after)
            yield units.group(after)
            yield signed(after - before) + f" ({change})" * bool(change and after != before)

    def records(self) -> Records:
        """Return a row for each layer that differs, with what each count grew by."""
        names = ["change", "first", "second", "difference", "first_output", "second_output"]
        return Records(
            names=[*names, *(f"{name}_change" for name in EVERY)],
            rows=[
                [
                    WORDS[change.mark],
                    *(printable(row.name) if row else "" for row in (change.first, change.second)),
                    phrase(change),
                    *(str(row.output) if row else "" for row in (change.first, change.second)),
                    *(change.delta(name) for name in EVERY),
                ]
                for change in self.diff.changes
            ],
        )

    def to_dict(self) -> dict[str, Any]:
        """Return every change with its counts, and the names of the layers that are equal."""

        def row(change: Change) -> dict[str, Any]:
            before, after = change.first, change.second
            return {
                "mark": change.mark,
                "first": before and before.name,
                "second": after and after.name,
                "settings": {name: plain([one, two]) for name, one, two in change.settings},
                "output": [x and list(x.output.shape) for x in (before, after)],
                **{name: change.delta(name) for name in EVERY},
            }

        def network(report: Report) -> dict[str, Any]:
            about = {"name": report.name, "title": report.title}
            return {**about, **{name: getattr(report, name) for name in EVERY}}

        diff = self.diff
        return {
            "version": VERSION,
            "convention": diff.second.convention,
            "first": network(diff.first),
            "second": network(diff.second),
            "changes": [row(change) for change in diff.changes],
            "equal": [row.name for row in diff.equal],
        }

    def show(self, console: Console) -> None:
        """Print the layers that differ, by how much, and what the networks differ by in all."""

        def fit(text: str) -> str:
            return terminal.fit(text, console.encoding)

        console.print(Text(fit("  →  ".join(self.names)), "bold"))
        shown = self.lines
        if shown:
            console.print()
            marks = grid.Part("", [Text(x.mark, STYLES[x.mark]) for x in shown], right=False)
            numbers = _numbers(self.diff, shown)
            room = console.width - grid.measure([marks, grid.Part("", []), *numbers])
            lines = [(fit(x.name), fit(x.phrase)) for x in shown]
            grid.show(console, [marks, _layers(lines, room), *numbers], total=True)
        console.print()
        width = min(console.width, terminal.WIDEST_TEXT)
        caption = " ".join(filter(None, [self.equal(), self.convention()]))
        for line in grid.wrap(fit(caption).split(" "), width):
            console.print(Text(line, "dim"))

    def equal(self) -> str:
        """Return the sentence that says how many layers are equal."""
        same = sum(row._has_row and row.layer is not None for row in self.diff.equal)
        if not self.lines:
            return "No difference."
        if not same:
            return "No layer is equal."
        others = f"{units.group(same)} layers are" if same > 1 else "layer is"
        return f"The other {others} equal."

    def convention(self) -> str:
        """Return the sentence of what a FLOP is, where there is any in the table."""
        return sentences.convention(self.diff.second, formula=False) if self.lines else ""


def phrase(change: Change) -> str:
    """Return how a layer differs: `groups 1 → 2`."""
    before, after = change.first, change.second
    if before is None or after is None:
        return _description(before or after)
    if before.type != after.type:
        return printable(f"{before.type} → {after.type}")
    parts = [f"{name} {_value(one)} → {_value(two)}" for name, one, two in change.settings]
    if not parts and before.output != after.output:
        parts = [f"{before.output} → {after.output}"]
    elif not parts and before.inputs != after.inputs:
        parts = [f"from {_volumes(before)} → {_volumes(after)}"]
    elif not parts and before.training != after.training:
        parts = ["training only" if after.training else "no longer training only"]
    return printable(", ".join(parts))


def _description(row: Row | None) -> str:
    return units.brief(printable(row.description)) if row else ""


def _volumes(row: Row) -> str:
    return " + ".join(map(str, row.inputs))


def _value(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return str(value).lower()
    if isinstance(value, tuple):
        if all(isinstance(part, tuple) for part in value):  # padding before and after, channels
            return units.brief(" x ".join("+".join(map(str, part)) for part in value), 40)
        return "x".join(map(_value, value))
    return units.brief(str(value), 40)


def _layers(lines: list[tuple[str, str]], room: int) -> grid.Part:
    """Return names and phrases, wrapped where there is no room for them."""
    if max(cell_len(f"{name}: {text}") for name, text in lines) > room:
        lines = [(name, grid.shorten(text)) for name, text in lines]
    cells: list[Text] = []
    for name, text in lines:
        words = [name + ":" * bool(text), *(grid.chunks(text) if text else ())]
        cell = Text("\n".join(grid.wrap(words, room, indent="  ")))
        cell.stylize("bold", 0, len(name))
        folds = Text()
        for line in folded(cell.lines(), max(room, LEAST_NAME)):
            folds.append("\n" * bool(folds.plain))
            folds.append(line)
        cells.append(folds)
    return grid.Part("layer", cells, "TOTAL", right=False)


def _numbers(diff: Diff, shown: list[Difference]) -> list[grid.Part]:
    parts = []
    for i, (name, head) in enumerate(COUNTS.items()):
        before, after = (getattr(report, name) for report in (diff.first, diff.second))
        counts = [number(line.counts[i]) for line in shown]
        deltas = [signed(line.deltas[i]) for line in shown]
        total = f"{signed(diff.delta(name))}\n{units.change(before, after)}".rstrip()
        parts += [
            grid.Part(head, [Text(text) for text in counts], units.group(after)),
            grid.Part("change", [Text(text) for text in deltas], total),
        ]
    return parts


def exceeded(text: str, limit: Limit, diff: Diff) -> str:
    """Return the sentence of a limit that a change is beyond; `text` is how it was given."""
    return f"✗ {text}: {limit.quantity} changed by {signed(diff.delta(limit.quantity)) or 0}"


def number(n: int | None) -> str:
    """Return a count; nothing where the second network has none."""
    return "" if n is None else units.group(n)


def signed(n: int) -> str:
    """Return a change with its sign; nothing for none."""
    return f"{'+' * (n > 0)}{units.group(n)}" if n else ""
