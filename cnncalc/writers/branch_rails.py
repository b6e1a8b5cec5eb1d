"""How lines are connected: rails for branches, and the inputs that are not the line above.

A merge at the end of branches is traced back, line by line, from each of its inputs to the
line where they all begin: that is the fork, and what was passed on the way are branches.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cnncalc import units
from cnncalc.errors import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cnncalc.model.graph import Group
    from cnncalc.model.report import Row
    from cnncalc.writers.table_lines import TableLine

_SIGNS = {"add": " + ", "multiply": " × ", "concat": " + "}  # between what a merge joins


def structure(
    layers: Sequence[Row], groups: Sequence[Group], lines: list[TableLine]
) -> list[TableLine]:
    """Return the lines with their rails, and with the names of inputs from elsewhere."""
    return _Structure(layers, groups, lines).result()


class _Structure:
    def __init__(
        self, layers: Sequence[Row], groups: Sequence[Group], lines: list[TableLine]
    ) -> None:
        self.groups, self.lines = groups, lines
        self.at = [-1] * len(layers)  # row: its line
        for i, line in enumerate(lines):
            for row in range(line.first, line.first + len(line.rows)):
                self.at[row] = i
        for i, shown in enumerate(self.at):
            if shown < 0:  # a layer without a line: that of its input
                self.at[i] = self.at[layers[i].sources[0]]
        self.levels = [self._level(line.group) for line in lines]
        self.inputs = [list(dict.fromkeys(map(self.at.__getitem__, _outside(x)))) for x in lines]
        self.rails: list[list[tuple[int, str]]] = [[] for _ in lines]  # level and sign, outer last
        self.merges: dict[int, tuple[int, int]] = {}  # merge: its fork, its branches' first line
        self.begins: set[int] = set()  # lines that take the volume at a fork

    def result(self) -> list[TableLine]:
        for i, line in enumerate(self.lines):
            if line.rows and line.last_row._rail == "merge" and len(line.rows) == 1:
                self._trace(i)
        found = []
        above = beside = -1  # the lines that the next one follows unless it names its inputs
        for i, line in enumerate(self.lines):
            phrase, sources = line.phrase, ""
            sign = _SIGNS.get(line.last_row.type) if len(line.rows) == 1 else None
            if sign:
                if not (
                    line.last_row.type == "concat" and self.rails[i]
                ):  # whose phrase has the channels
                    phrase = units.brief(sign.join(self._names(line.last_row.sources, line)))
            elif i not in self.begins and not {above, beside}.issuperset(self.inputs[i]):
                taken = dict.fromkeys(self._names(_outside(line), line))
                sources = units.brief(", ".join(taken))
            found.append(replace(line, phrase=phrase, prefix=self._prefix(i), sources=sources))
            if line.rows:
                beside = i
                above = above if all(row.training for row in line.rows) else i
        return found

    def _trace(self, merge: int) -> None:
        """Add the rails of the branches that end in a merge."""
        ends = set(self.inputs[merge])
        passed: dict[int, int] = {}  # line: the one that it follows
        while len(ends) > 1:
            at = max(ends)
            back = self.merges[at][0] if at in self.merges else max(self.inputs[at], default=-1)
            if back < 0:
                return
            passed[at] = back
            ends = (ends - {at}) | {back}
        if not passed:
            return
        fork = ends.pop()
        first = [at for at, back in passed.items() if back == fork]
        starts = {self._start(at, merge) for at in first}
        self.begins.update(first)
        for i in range(min(starts), merge):
            self.rails[i].append((self.levels[merge], "├" if i in starts else "│"))
        self.rails[merge].append((self.levels[merge], "└"))
        self.merges[merge] = fork, min(starts)

    def _start(self, line: int, merge: int) -> int:
        """Return the first line of a branch, or the heading right above it."""
        start = self.merges[line][1] if line in self.merges else line
        end = self.lines[merge].first
        while start and not self.lines[start - 1].rows and self.lines[start - 1].last <= end:
            start -= 1
        return start

    def _level(self, group: int) -> int:
        """Return how many headings a line stands under."""
        return sum(1 for _ in self._headings(group))

    def _prefix(self, line: int) -> str:
        prefix = ""
        for level in range(self.levels[line] + 1):
            signs = [sign for at, sign in reversed(self.rails[line]) if at == level]
            prefix += f" {' '.join(signs)} " if signs else "   " * bool(level)
        return prefix

    def _names(self, sources: Sequence[int], line: TableLine) -> list[str]:
        """Return the names of rows' volumes at a line: within its block, if those are distinct."""
        names = [self._name(source, line) for source in sources]
        short = [self._within(line, name) for name in names]
        return short if len(set(short)) == len(set(names)) else names

    def _name(self, source: int, line: TableLine) -> str:
        """Return the name of a row's volume at a line: the layer's, or that of its block."""
        shown = self.at[source]
        name, group = self.lines[shown].name, self.lines[shown].group
        around = set(self._headings(line.group))
        for heading in self._headings(group):
            if heading in around or self.at[self.groups[heading].last - 1] != shown:
                break
            name = printable(self.groups[heading].path)
        return name

    def _within(self, line: TableLine, name: str) -> str:
        """Return a name as it is read inside a line's block."""
        for heading in self._headings(line.group):
            prefix = printable(self.groups[heading].path) + "."
            if name.startswith(prefix):
                return name.removeprefix(prefix)
        return name

    def _headings(self, group: int) -> Iterator[int]:
        """Yield the groups with a heading around a line, from the innermost."""
        while group >= 0:
            if self.groups[group].copies is None:
                yield group
            group = self.groups[group].parent


def _outside(line: TableLine) -> list[int]:
    """Return the rows outside a line that its rows take, in their order."""
    return [s for row in line.rows for s in row.sources if not line.first <= s < line.last]
