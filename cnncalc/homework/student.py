"""What a student's sheet says, as read, and the student's own volumes through the network."""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.errors import VolumeError
from cnncalc.homework.answers.quantity import Exact, Unreadable
from cnncalc.homework.judging import Reading, agrees, read_cell, volume_of
from cnncalc.homework.key import Key, asked
from cnncalc.homework.layer_truth import Case
from cnncalc.homework.matching import match
from cnncalc.homework.sheet import Cell, Sheet
from cnncalc.volume import Volume

_OF_OUTPUT = ("flops", "macs", "additions", "activations", "memory")  # they take it as stated


class Student:
    """A sheet read against a key.

    Attributes:
        places: for each row of the sheet, the place of its layer; None where there is none.
        readings: what each answer says, or why it cannot be read, by row and column.
        own: the volume that leaves each layer, as the student has it: stated, or what the
            layer makes of the student's earlier volumes.
    """

    def __init__(self, sheet: Sheet, key: Key) -> None:
        self.sheet, self.key = sheet, key
        self.columns = asked(key.rules, sheet)
        self.places = match(sheet.rows, key.layers, key.groups)
        self.rows = {place: row for row, place in enumerate(self.places) if place is not None}
        self.readings: dict[tuple[int, str], Reading | Unreadable] = {
            (number, column): read(cell, column)
            for number, row in enumerate(sheet.rows)
            for column, cell in row.cells.items()
            if not cell.blank and column != "settings"
        }
        self.layout = self._layout()
        self.own = [case.output for case in key.cases]
        self._open = [True] * len(key.cases)
        self._entering: dict[int, tuple[Volume, ...]] = {}
        self._stated: dict[int, Volume] = {}
        self._follow()

    def _layout(self) -> str:
        """Return how this student arranges volumes: as the key does, unless less of them fit."""
        declared = self.key.how.layout
        other = "chw" if declared == "hwc" else "hwc"
        fits = {declared: 0, other: 0}
        for place, row in self.rows.items():
            reading = self.readings.get((row, "output"))
            if isinstance(reading, Reading) and reading.shape is not None:
                volume = self.key.cases[place].output
                fits["hwc"] += agrees(reading.shape, volume.shape, "hwc")
                fits["chw"] += agrees(reading.shape, (volume.channels, *volume.extents), "chw")
        return other if fits[other] > fits[declared] else declared

    def _follow(self) -> None:
        """Carry the volumes that the student states through the network."""
        volumes_asked = "output" in self.columns or "extents" in self.columns
        for place, case in enumerate(self.key.cases):
            if case.layer is None:
                continue
            inputs = tuple(self.own[source] for source in case.sources)
            row = self.rows.get(place)
            if len(inputs) == 1 and (given := self._volume(row, "input", case.inputs[0])):
                inputs = (given,)
            self._entering[place] = inputs
            stated = self._volume(row, "output", case.output)
            if stated is not None:
                self._stated[place] = self.own[place] = stated
            elif inputs != case.inputs:
                try:
                    self.own[place] = case.layer.output(*inputs)
                except VolumeError:
                    self.own[place] = case.output
            silent = all(self._open[i] for i in case.sources) and not (
                volumes_asked and case.has_row
            )
            self._open[place] = stated is not None or silent

    def _volume(self, row: int | None, column: str, like: Volume) -> Volume | None:
        """Return the volume that a row states, if it can be read."""
        reading = self.readings.get((row, column)) if row is not None else None
        if not isinstance(reading, Reading) or reading.shape is None:
            return None
        for layout, shape in (("hwc", like.shape), ("chw", (like.channels, *like.extents))):
            if agrees(reading.shape, shape, layout):
                return like
        return volume_of(reading.shape, like, self.layout)

    def case(self, place: int, column: str) -> Case | None:
        """Return a layer on the student's own volumes, or None where they are the true ones."""
        case = self.key.cases[place]
        if case.layer is None:
            return None
        inputs = self._entering[place]
        if column == "input":
            before = tuple(self.own[source] for source in case.sources)
            return None if before == case.inputs else case._replace(inputs=before)
        stated = None if column in ("output", "extents") else self._stated.get(place)
        if inputs == case.inputs and stated in (None, case.output):
            return None
        try:
            return case.on(inputs, stated)
        except VolumeError:
            return None

    def knows(self, place: int, column: str) -> bool:
        """Return whether the student has stated every volume that a column is worked out from."""
        needed = [*self.key.cases[place].sources]
        return all(self._open[i] for i in needed + [place] * (column in _OF_OUTPUT))

    def answered(self, column: str) -> int:
        """Return how many rows have a number in a column."""
        return sum(
            isinstance(self.readings.get((row, column)), Reading) for row in self.rows.values()
        )

    def sums(self, column: str) -> Iterator[Exact]:
        """Yield what the student's own rows add up to, blanks as nothing and as the truth."""
        for blanks in (False, True):
            total: Exact = 0
            for place in range(len(self.key.cases)):
                row = self.rows.get(place)
                reading = self.readings.get((row, column)) if row is not None else None
                truth = self.key.truth(place, column)
                if isinstance(reading, Reading) and reading.answer is not None:
                    total += reading.answer.quantity.value
                elif (row is None or blanks) and not isinstance(truth, tuple):
                    total += truth or 0
            yield total


def read(cell: Cell, column: str) -> Reading | Unreadable:
    """Return what a cell says, or why it cannot be read."""
    try:
        return read_cell(cell, column)
    except Unreadable as reason:
        return reason
