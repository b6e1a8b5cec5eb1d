"""A student's sheet read against a key: parsed answers, and the student's own volumes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from cnncalc.errors import VolumeError, did_you_mean
from cnncalc.homework.agreement import same_volume
from cnncalc.homework.answers.quantity import Exact
from cnncalc.homework.asking import Asked, asked
from cnncalc.homework.cases import Case
from cnncalc.homework.key import Key
from cnncalc.homework.layer_truth import Value
from cnncalc.homework.matching import NOTHING, Match, Values, match, passing_types
from cnncalc.homework.parsed_cells import ParsedCell, as_volume, parse_cell
from cnncalc.homework.sheet import COLUMNS, Sheet, SheetRow
from cnncalc.homework.volume_order import declared, in_order, order_of
from cnncalc.volume import Volume

# Columns that are worked out from a layer's output, too: they take it as stated.
_OF_OUTPUT = ("flops", "macs", "additions", "activations", "memory")

MOST_SUGGESTED, MOST_COMPARED = 20, 500  # rows that get a suggestion, and names that it is among

Cell = tuple[int, str]  # of a layer, by its index in the network's rows, and a column


@dataclass(frozen=True, slots=True)
class StudentRow:
    """A row of a sheet, the layer that it is about, and what its answers say."""

    sheet_row: SheetRow
    index: int | None  # of its layer in the network's rows; None: there is none, or several
    parsed: Mapping[str, ParsedCell]  # by column, where something is answered
    matched: Match = NOTHING  # all layers that it is about, and by what


class StudentSheet:
    """A sheet read against a key.

    Attributes:
        asked: the cells that the key asks for.
        asks_own: whether no more is asked for than the sheet has.
        columns: those that are marked: asked for, or on the sheet.
        rows: the sheet's rows, in its order.
        perhaps: by the id of a row that is about no known layer, the layer that is left for it.
        order: in which it writes the numbers of volumes; `parsed` has them in the key's.
        by_index: the rows that are about a layer, by its index.
        totals: by column, where there are any.
        own: the volume that leaves each layer, as the student has it: stated, or what the
            layer's rule gives for the student's earlier volumes.
    """

    def __init__(self, sheet: Sheet, key: Key, *, asks_own: bool = False) -> None:
        self.key = key
        self.asks_own = asks_own or key.rules.missing == "ignored"
        self.asked = self._asked(sheet)
        wanted = {*self.asked.columns, *sheet.columns}
        self.columns = tuple(column for column in COLUMNS if column in wanted)
        parsed = [_parsed(row, decimal_comma=sheet.decimal_comma) for row in sheet.rows]
        matched = match(sheet.rows, key.layers, key.blocks, [_values(each) for each in parsed])
        self.rows = [
            StudentRow(row, one.indices[0] if len(one.indices) == 1 else None, each, one)
            for row, each, one in zip(sheet.rows, parsed, matched, strict=True)
        ]
        self._unknown: dict[str, str] = {}
        self.order = declared(key.conventions.layout)
        self._ordered()
        self.by_index = {row.index: row for row in self.rows if row.index is not None}
        self.perhaps = self._perhaps()
        self.totals = {
            column: parse_cell(cell, _total_as(column), decimal_comma=sheet.decimal_comma)
            for column, cell in sheet.totals.items()
            if not cell.blank
        }
        self.own = [case.row.output for case in key.cases]
        self._known = [True] * len(key.cases)  # whether the student knows each of these volumes
        self._entering: dict[int, tuple[Volume, ...]] = {}
        self._stated: dict[int, Volume] = {}
        self._roots: list[frozenset[Cell]] = [frozenset()] * len(key.cases)
        self._entering_roots: dict[int, frozenset[Cell]] = {}
        self._follow()

    def _asked(self, sheet: Sheet) -> Asked:
        """Return what is asked for: of a sheet that is asked for what it has, all of that."""
        if not self.asks_own:
            return asked(self.key)
        columns = self.key.rules.columns or sheet.columns
        return Asked(self.key, columns, frozenset(range(1, len(self.key.cases))))

    def _perhaps(self) -> dict[int, int]:
        """Return the asked layers without a row that stand where rows without a layer do."""
        found: dict[int, int] = {}
        left = self.asked.rows - {i for row in self.rows for i in row.matched.indices}
        limits = [len(self.key.cases)]  # from the end on, the first layer of the rows below
        for row in reversed(self.rows):
            limits.append(min((limits[-1], *row.matched.indices)))
        before = 0
        for number, row in enumerate(self.rows):
            before = max((before, *row.matched.indices))
            if not row.parsed or self._stands_for_others(row):
                continue
            for index in range(before + 1, limits[len(self.rows) - number - 1]):
                if index in left and any((index, c) in self.asked for c in row.parsed):
                    found[id(row)] = before = index
                    left -= {index}
                    break
        return found

    def unknown(self, row: StudentRow) -> str:
        """Return in a sentence that no layer is called as a row is; the first ones with a name."""
        name = row.sheet_row.name
        if name not in self._unknown:
            suggested = ""
            if len(self._unknown) < MOST_SUGGESTED:
                shown = [layer.name for layer in self.key.layers if layer.shown]
                suggested = did_you_mean(name, shown[:MOST_COMPARED])
            self._unknown[name] = f"The network has no layer {name[:40]!r}.{suggested}"
        return self._unknown[name]

    def passes_on(self, row: StudentRow) -> bool:
        """Return whether a row is about a layer of its own that only passes on a volume."""
        return not row.matched.indices and row.sheet_row.type in passing_types()

    def _stands_for_others(self, row: StudentRow) -> bool:
        """Return whether a row is about several layers, or one that only passes on a volume."""
        passes = row.sheet_row.type in passing_types()
        return bool(row.matched.indices) or row.sheet_row.block or passes

    def parsed(self, index: int, column: str) -> ParsedCell | None:
        """Return the answer in a layer's column; None if there is none, or it cannot be read."""
        row = self.by_index.get(index)
        parsed = row.parsed.get(column) if row else None
        return parsed if parsed and not parsed.problem else None

    def charged(self, index: int, column: str) -> ParsedCell | None:
        """Return the answer in a layer's column if it is worth points, else None."""
        asked = (index, column) in self.asked
        worth = asked and self.key.points(self.key.cases[index].row.name, column) > 0
        return self.parsed(index, column) if worth else None

    def _ordered(self) -> None:
        """Read the volumes in the order in which the sheet writes them, as the key's."""
        key = declared(self.key.conventions.layout)
        stated = [
            (column, row, index)
            for index, row in self._about_layers()
            for column in ("output", "input")
            if column in row.parsed and row.parsed[column].volume is not None
        ]
        volumes = {"output": self._output, "input": self._input}
        pairs = [
            (row.parsed[column].volume, volumes[column](index)) for column, row, index in stated
        ]
        known = [(written, volume) for written, volume in pairs if written and volume]
        self.order = order_of(known, key)
        if self.order == key:
            return
        moved = {
            (id(row), column): replace(
                row.parsed[column], volume=in_order(written, volume, self.order, key)
            )
            for (column, row, _), (written, volume) in zip(stated, pairs, strict=True)
            if written and volume
        }
        self.rows = [
            replace(row, parsed={c: moved.get((id(row), c), one) for c, one in row.parsed.items()})
            for row in self.rows
        ]

    def _about_layers(self) -> Iterator[tuple[int, StudentRow]]:
        """Yield each row with the layer whose output it states: of several, the last one."""
        before = 0
        for row in self.rows:
            if row.matched.indices:
                before = row.matched.indices[-1]
            elif row.sheet_row.type not in passing_types():
                continue
            yield before, row

    def _output(self, index: int) -> Volume:
        return self.key.cases[index].row.output

    def _input(self, index: int) -> Volume | None:
        inputs = self.key.cases[index].row.inputs
        return inputs[0] if inputs else None

    def _follow(self) -> None:
        """Work out the student's own volumes, layer by layer."""
        volumes_asked = "output" in self.columns or "extents" in self.columns
        for index, case in enumerate(self.key.cases):
            row = case.row
            if row.layer is None:
                continue
            inputs = tuple(self.own[source] for source in row.sources)
            roots = frozenset[Cell]().union(*(self._roots[i] for i in row.sources))
            if len(inputs) == 1 and (given := self._volume(index, "input", row.inputs[0])):
                roots |= self._root(index, "input", given, inputs[0])
                inputs = (given,)
            self._entering[index] = inputs
            self._entering_roots[index] = roots
            # Where volumes are asked for, a layer with a row of its own has to have stated it.
            silent = all(self._known[i] for i in row.sources) and not (volumes_asked and case.shown)
            if inputs != row.inputs:
                try:
                    self.own[index] = row.layer.output(*inputs)
                except VolumeError:
                    silent = False
            stated = self._volume(index, "output", row.output)
            if stated is not None:
                roots |= self._root(index, "output", stated, self.own[index])
                self._stated[index] = self.own[index] = stated
            self._roots[index] = roots
            self._known[index] = stated is not None or silent

    def _root(self, index: int, column: str, stated: Volume, right: Volume) -> frozenset[Cell]:
        """Return a cell if it is an error that costs nothing there, as it is worth no points."""
        free = stated != right and self.charged(index, column) is None
        return frozenset({(index, column)} if free else ())

    def free_roots(self, index: int, column: str) -> frozenset[Cell]:
        """Return the errors behind a cell's volumes that cost nothing where they were made."""
        entering = self._entering_roots.get(index, frozenset())
        return entering | self._roots[index] if column in _OF_OUTPUT else entering

    def _volume(self, index: int, column: str, like: Volume) -> Volume | None:
        """Return the volume that is stated for a layer, if it can be read."""
        parsed = self.parsed(index, column)
        if parsed is None or parsed.volume is None:
            return None
        for layout, shape in _arrangements(like):
            if same_volume(parsed.volume, shape, layout):
                return like
        return as_volume(parsed.volume, like, self.key.conventions.layout)

    def own_case(self, index: int, column: str, *, as_stated: bool = True) -> Case | None:
        """Return a layer on the student's own volumes, or None where they are the true ones.

        Its output is the one that is stated, or else the right one for the student's input.
        """
        case = self.key.cases[index]
        if case.row.layer is None:
            return None
        if column == "input":  # the volume before counts, whatever the student says here
            inputs = tuple(self.own[source] for source in case.row.sources)
            return None if inputs == case.row.inputs else case.with_inputs(inputs)
        inputs = self._entering[index]
        of_input = column in ("output", "extents") or not as_stated
        stated = None if of_input else self._stated.get(index)
        if inputs == case.row.inputs and stated in (None, case.row.output):
            return None
        try:
            return case.with_volumes(inputs, stated)
        except VolumeError:
            return None

    def above(self, index: int, column: str) -> Value | None:
        """Return the last answer in a column above a layer's row, zeros aside."""
        above = None
        for row in self.rows:
            if row.index == index:
                break
            parsed = row.parsed.get(column)
            if parsed is not None and parsed.exact:
                above = parsed.exact
        return above

    def knows_volumes(self, index: int, column: str) -> bool:
        """Return whether the student has stated every volume that a column is worked out from.

        Volumes that the layer cannot take are none that it could be worked out from.
        """
        row = self.key.cases[index].row
        own = self._entering.get(index, row.inputs), self._stated.get(index, row.output)
        others = own[0] != row.inputs or (column in _OF_OUTPUT and own[1] != row.output)
        if others and self.own_case(index, column) is None:
            return False
        needed = [*row.sources]
        return all(self._known[i] for i in needed + [index] * (column in _OF_OUTPUT))

    def answered(self, column: str) -> int:
        """Return how many layers have an answer in a column that can be read."""
        return sum(self.parsed(index, column) is not None for index in self.by_index)

    def sums(self, column: str) -> Iterator[Exact]:
        """Yield the sums of the student's own rows: with blanks as zeros, and as the truth."""
        for fill_blanks in (False, True):
            total: Exact = 0
            for index in range(len(self.key.cases)):
                parsed = self.parsed(index, column)
                truth = self.key.truth(index, column)
                if parsed is not None and parsed.number is not None:
                    total += parsed.number.quantity.value
                elif (index not in self.by_index or fill_blanks) and not isinstance(truth, tuple):
                    total += truth or 0
            yield total


def _total_as(column: str) -> str:
    """Return the column as which a total is read."""
    return "activations" if column == "peak" else column


def _values(parsed: Mapping[str, ParsedCell]) -> Values:
    """Return what a row's answers say, as far as it helps to find its layer."""
    output, parameters = parsed.get("output"), parsed.get("parameters")
    sizes: tuple[int, ...] = ()
    if output is not None and output.volume is not None:
        sizes = tuple(sorted(n for n in output.volume.numbers if isinstance(n, int) and n != 1))
    number = parameters.number if parameters is not None else None
    return Values(sizes, (number.quantity.low, number.quantity.high) if number else (0, 0))


def _parsed(row: SheetRow, *, decimal_comma: bool) -> dict[str, ParsedCell]:
    return {
        column: parse_cell(cell, column, decimal_comma=decimal_comma)
        for column, cell in row.cells.items()
        if not cell.blank and column != "settings"
    }


def _arrangements(volume: Volume) -> tuple[tuple[str, tuple[int, ...]], ...]:
    """Return each layout with the volume's numbers in that order."""
    return ("hwc", volume.shape), ("chw", (volume.channels, *volume.extents))
