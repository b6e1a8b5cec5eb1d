"""The lines of a table: layers, blocks that are closed, equal neighbours that are folded.

A line is the sum of all it stands for, so that lines add up to the total at every depth.
Layers without a row of their own (activation functions, dropout) belong to the closed block
that they lie in; outside one they are a last line together, where they have anything to add.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from cnncalc import units
from cnncalc.errors import printable
from cnncalc.writers.branch_rails import structure
from cnncalc.writers.columns import Column, counted, last_row, parse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from cnncalc.model.graph import Group
    from cnncalc.model.names import Part
    from cnncalc.model.report import Report, Row
    from cnncalc.writers import Options

# What copies have in common that are folded to one line.
_SHOWN = [
    "layer",
    "output",
    "weights",
    "biases",
    "other",
    "buffers",
    "cost",
    "flops",
    "activations",
]

_SUMS = ("parameters", "flops", "activations")  # what the parts of a block are added up by


@dataclass(frozen=True, slots=True, kw_only=True)
class TableLine:
    """A line of a table: the rows that it stands for, its name and its description."""

    name: str  # the full path; stage1.1-2 for equal neighbours
    label: str  # the same under its heading
    phrase: str
    rows: Sequence[Row]  # report.layers[first:last]; none: a heading
    first: int
    last: int
    group: int = -1  # the heading that it stands under: a group's index
    prefix: str = ""  # rails and indentation
    sources: str = ""  # inputs that are not the line above

    @property
    def last_row(self) -> Row:
        """Return the row whose output is the line's."""
        return last_row(self.rows)

    @property
    def loses_input(self) -> bool:
        """Return whether a window in it leaves input unread."""
        return any(w.code == "lost_input" for row in self.rows for w in row.warnings)

    def count(self, name: str) -> int:
        """Return the sum of a count over all that the line stands for."""
        return counted(name).of(self.rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class TableLines:
    """The lines of a table, and the layers that have none because they have no row."""

    shown: list[TableLine]
    hidden: list[Row]
    closed: bool  # whether a line stands for a block

    def with_hidden(self, columns: Sequence[Column]) -> list[TableLine]:
        """Return the lines, with one for the hidden layers if they add to one of the columns."""
        if not self.hidden:
            return self.shown
        phrase = hidden_phrase(self.hidden)
        line = TableLine(name="", label="", phrase=phrase, rows=self.hidden, first=0, last=0)
        adds = any(column.adds and column.of(self.hidden) for column in columns)
        return [*self.shown, line] if adds else self.shown


def lines(report: Report, options: Options) -> TableLines:
    """Return the lines of a report at the options' depth, in their order."""
    depth = options.depth
    walk = _Walk(report, options.all_layers, lambda _, level: depth is not None and level >= depth)
    shown = list(walk.group(-1, 0, len(report.layers), 1, -1))
    if options.sort:
        column = parse(options.sort)[0]
        shown = [line for line in shown if line.rows]
        shown.sort(key=column.sort_key)
        shown = [replace(line, label=line.name) for line in shown]
    else:
        shown = structure(walk.layers, walk.groups, shown)
    return TableLines(shown=shown, hidden=walk.hidden, closed=walk.closed)


def blocks(report: Report, depth: int | None) -> list[TableLine]:
    """Return a line for each block that is closed at a depth; equal neighbours are not folded."""
    if depth is None:
        return []
    walk = _Walk(report, True, lambda _, level: level >= depth, folds=False)
    lines = walk.group(-1, 0, len(report.layers), 1, -1)
    return [line for line in lines if len(line.rows) > 1]


def inside(report: Report, part: Part) -> tuple[str, list[TableLine]]:
    """Return a block in words, and the lines of what it holds: the blocks in it are closed.

    Of copies that a table folds, and of the whole network, these are the copies and the blocks.
    """
    walk = _Walk(report, False, lambda *_: True)
    if len(part.groups) > 1:
        found = [walk.close([copy], -1) for copy in part.groups]
        phrase = f"{units.group(len(found))} × {walk.phrase(part.groups[0])}"
    elif part.groups:
        (group,) = part.groups
        heading = group if report.groups[group].copies is None else -1
        found = list(walk.group(group, part.first, part.last, 1, heading))
        phrase = walk.phrase(group)
    else:
        found, phrase = list(walk.group(-1, part.first, part.last, 1, -1)), "the whole network"
    hidden = TableLines(shown=found, hidden=walk.hidden, closed=False)
    return phrase, hidden.with_hidden([counted(name) for name in _SUMS])


def folded(report: Report, wanted: set[int]) -> list[TableLine]:
    """Return the lines of some rows, by their indexes: groups of nothing else are closed."""

    def inside(group: Group, _: int) -> bool:
        return wanted.issuperset(range(group.first, group.last))

    walk = _Walk(report, True, inside)
    lines = walk.group(-1, 0, len(report.layers), 1, -1)
    found = [line for line in lines if line.rows and line.first in wanted]
    return [replace(line, label=line.name) for line in found]


def hidden_phrase(rows: Sequence[Row]) -> str:
    """Return layers without rows in words: `10 activation functions and dropouts`."""
    families = {"activation": "activation function", "regularization": "dropout"}
    words = dict.fromkeys(
        sorted(families.get(row.layer.family, row.type) for row in rows if row.layer)
    )
    if len(rows) == 1:
        return f"1 {next(iter(words))}"
    plurals = [word[:-1] + "ies" if word.endswith("y") else word + "s" for word in words]
    return f"{units.group(len(rows))} {units.listing(plurals)}"


class _Walk:
    """A walk down the groups, which opens or closes each, and folds equal neighbours."""

    def __init__(
        self,
        report: Report,
        all_layers: bool,
        closes: Callable[[Group, int], bool],
        *,
        folds: bool = True,
    ) -> None:
        self.layers, self.all_layers, self.closes = report.layers, all_layers, closes
        self.folds = folds  # whether equal neighbours are one line
        self.groups = [replace(group, last=report.rows_of(group).stop) for group in report.groups]
        self.children: dict[int, list[int]] = {}
        for i, group in enumerate(self.groups):
            if group.first < group.last:
                self.children.setdefault(group.parent, []).append(i)
        self.hidden: list[Row] = []
        self.closed = False

    def group(
        self, parent: int, first: int, last: int, level: int, heading: int
    ) -> Iterator[TableLine]:
        """Yield the lines of the rows from first to last, which lie in a group."""
        at = first
        folded: list[int] = []  # neighbours that are closed and alike
        for child in self.children.get(parent, []):
            group = self.groups[child]
            single = self._single(child)
            closes = not single and self._shows(group) and self.closes(group, level)
            joins = self.folds and closes and at == group.first
            if folded and not (joins and self._alike(folded[-1], child)):
                yield self.close(folded, heading)
                folded = []
            yield from self.rows(at, group.first, heading)
            at = group.last
            if closes:
                folded.append(child)
            elif single:
                yield from self.group(child, group.first, group.last, level, heading)
            elif not self._shows(group):
                self.hidden += self.layers[group.first : group.last]
            elif group.copies is None:
                yield self._line([child], (), heading)
                yield from self.group(child, group.first, group.last, level + 1, child)
            else:
                yield from self.group(child, group.first, group.last, level + 1, heading)
        if folded:
            yield self.close(folded, heading)
        yield from self.rows(at, last, heading)

    def rows(self, first: int, last: int, heading: int) -> Iterator[TableLine]:
        """Yield a line for each row of its own."""
        for i in range(first, last):
            row = self.layers[i]
            if row._has_row or self.all_layers:
                name = printable(row.name)
                phrase = units.brief(printable(row.description))
                phrase += _shares(row.name, (row,)) + self._only(row, heading)
                yield TableLine(
                    name=name,
                    label=self._label(row.name, heading),
                    phrase=phrase,
                    rows=(row,),
                    first=i,
                    last=i + 1,
                    group=heading,
                )
            else:
                self.hidden.append(row)

    def close(self, folded: Sequence[int], heading: int) -> TableLine:
        """Return the line of a closed group, or of neighbours that are alike."""
        self.closed = True
        first, last = self.groups[folded[0]], self.groups[folded[-1]]
        return self._line(folded, self.layers[first.first : last.last], heading)

    def _line(self, folded: Sequence[int], rows: Sequence[Row], heading: int) -> TableLine:
        """Return the line of a group, or of neighbours that are alike; without rows a heading."""
        first, last = self.groups[folded[0]], self.groups[folded[-1]]
        name, label = printable(first.path), self._label(first.path, heading)
        phrase = self.phrase(folded[0]) + _shares(first.path, rows)
        phrase += self._only(self.layers[first.first], heading)
        if len(folded) > 1:
            name, label = f"{name}-{last.index}", f"{label}-{last.index}"
            phrase = f"{len(folded)} × {phrase}"
        return TableLine(
            name=name,
            label=label,
            phrase=phrase,
            rows=rows,
            first=first.first,
            last=last.last,
            group=heading,
        )

    def phrase(self, child: int) -> str:
        """Return a group in words: `3 × bottleneck, width 64`."""
        group = self.groups[child]
        copies = self.children.get(child, []) if group.copies is not None else []
        return self._times(group) + self._content(copies or [child])

    def _times(self, group: Group) -> str:
        return f"{units.group(group.copies)} × " if group.copies and group.copies > 1 else ""

    def _content(self, copies: Sequence[int]) -> str:
        """Return a copy in words: its block and those arguments that all copies share."""
        group = self.groups[copies[0]]
        if group.type:
            others = [dict(self.groups[copy].arguments) for copy in copies[1:]]
            arguments = [
                f"{name} {_value(value)}"
                for name, value in group.arguments
                # the first copy may differ from the rest, as where it alone has a stride
                if all(other.get(name) == others[0].get(name) for other in others)
            ]
            return printable(", ".join([group.type, *arguments]))
        rows = [r for r in self.layers[group.first : group.last] if r._has_row or self.all_layers]
        if group.copies is not None:  # of one layer
            layers = [r for r in rows if r.name.rpartition(".")[0] == group.path]
            phrases = {printable(row.description) for row in layers}
            return phrases.pop() if len(phrases) == 1 else layers[0].type if layers else ""
        if self.layers[group.first].name == group.path:
            return printable(rows[0].description) if rows else ""
        return self._parts(copies[0], len(rows)) or units.plural(len(rows), "layer")

    def _parts(self, child: int, rows: int) -> str:
        """Return the blocks that a group consists of, if they are few and it holds nothing else."""
        parts = []
        for below in self.children.get(child, []):
            group, copies = self.groups[below], self.children.get(below, [])
            block = self.groups[copies[0]] if group.copies is not None and copies else group
            rows -= sum(
                r._has_row or self.all_layers for r in self.layers[group.first : group.last]
            )
            parts.append(self._times(group) + block.type)
        few = 0 < len(parts) <= 3 and all(part[-1:].strip() for part in parts)
        return printable(", ".join(parts)) if few and not rows else ""

    def _single(self, child: int) -> bool:
        """Return whether a group is no level of its own: one layer, or a table of repeats."""
        group = self.groups[child]
        below = self.children.get(child, [])
        if group.copies is not None and below:
            return all(self.groups[copy].copies is not None for copy in below)
        return self.layers[group.first].name == group.path

    def _only(self, row: Row, heading: int) -> str:
        """Return `, training only` for such a row or group, unless its heading says so."""
        said = heading >= 0 and self.layers[self.groups[heading].first].training
        return ", training only" * (row.training and not said)

    def _shows(self, group: Group) -> bool:
        return self.all_layers or any(r._has_row for r in self.layers[group.first : group.last])

    def _alike(self, one: int, other: int) -> bool:
        """Return whether two neighbours are copies that look the same in the table."""
        a, b = self.groups[one], self.groups[other]
        if a.index is None or b.index != a.index + 1:
            return False
        if (a.type, a.arguments) != (b.type, b.arguments):
            return False
        first, second = (self.layers[group.first : group.last] for group in (a, b))
        return len(first) == len(second) and all(
            getattr(x, name) == getattr(y, name)
            for x, y in zip(first, second, strict=True)
            for name in _SHOWN
        )

    def _label(self, path: str, heading: int) -> str:
        around = self.groups[heading].path + "." if heading >= 0 else ""
        return printable(path.removeprefix(around))


def _shares(path: str, rows: Sequence[Row]) -> str:
    """Return `, shares conv1` for rows all of whose learned values are counted elsewhere."""
    learning = [row for row in rows if row.facts.parameters]
    if not learning or any(row.shares is None for row in learning):
        return ""
    row = learning[0]
    return f", shares {printable((row.shares or '').removesuffix(row.name.removeprefix(path)))}"


def _value(value: Any) -> str:
    return units.brief(str(value).lower() if isinstance(value, bool) else str(value), 40)
