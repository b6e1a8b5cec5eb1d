"""Cases: the rows of a network, with the volumes that a calculation may have been made with.

A case's row may be hypothetical: the layer on volumes that a student has stated, or as other
conventions have its settings.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any

from cnncalc.homework.conventions import Conventions
from cnncalc.layers import layer_type
from cnncalc.layers.base import AbstractLayer, Cost, Window
from cnncalc.model.analysis import facts_of
from cnncalc.model.report import Report
from cnncalc.model.row import Facts, ReceptiveField, Row
from cnncalc.volume import Volume

# How many volumes before a row are tried as its input by mistake, beside the image's: with all
# of them the search would take too long in very deep networks.
RECENT = 64


@dataclass(frozen=True, slots=True)
class WindowPath:
    """The windows from the image to a layer along the first axis, as a list linked backwards.

    The layers of a sequence share the beginnings of their paths.
    """

    before: WindowPath | None = None
    type: str = ""
    window: Window | None = None  # None: this is the image
    length: int = 0

    def windows(self) -> list[tuple[str, Window]]:
        """Return each layer's type and window, from the image on."""
        found = []
        path: WindowPath | None = self
        while path is not None and path.window is not None:
            found.append((path.type, path.window))
            path = path.before
        return found[::-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A row of a network, and the volumes before it that a mistake may have taken for its own."""

    row: Row
    earlier: tuple[Volume, ...] = ()  # distinct volumes of the rows before it, the image first
    path: WindowPath | None = None  # None where no plain sequence leads here from the image
    neighbours: tuple[Row, ...] = ()  # the nearest rows with windows or units, the one above first

    @property
    def shown(self) -> bool:
        """Return whether the layer has a row of its own in the usual table."""
        return self.row._has_row

    def with_inputs(self, inputs: tuple[Volume, ...]) -> Case:
        """Return the same row with other volumes before it; its output and counts stay."""
        return replace(self, row=replace(self.row, inputs=inputs))

    def with_volumes(self, inputs: tuple[Volume, ...], output: Volume | None = None) -> Case:
        """Return the same layer on other volumes. Raises: VolumeError if it cannot take them.

        `output` is the output that is stated; it counts where it has the right number of extents.
        """
        layer = self.row.layer
        if layer is None:
            return self
        true = layer.output(*inputs)
        if output is None or len(output.extents) != len(true.extents):
            output = true
        return replace(self, row=recounted(self.row, layer, inputs, output))


def recounted(row: Row, layer: AbstractLayer, inputs: tuple[Volume, ...], output: Volume) -> Row:
    """Return a row for another layer or other volumes: with its learned values and its cost.

    Receptive field, activations and warnings stay those of the row.
    """
    facts = facts_of(layer, output, inputs, row.facts.counting)
    return replace(row, layer=layer, inputs=inputs, output=output, facts=facts)


def cases_of(report: Report, conventions: Conventions) -> list[Case]:
    """Return a case for each row of a report, with its layers' settings under conventions."""
    cases: list[Case] = []
    seen: set[Volume] = set()
    recent: deque[Volume] = deque(maxlen=RECENT)
    earlier: tuple[Volume, ...] = ()  # one for many rows: there may be very many
    for row in report.layers:
        if row.layer is not None:
            layer = with_conventions(row.layer, conventions)
            inputs = tuple(cases[i].row.output for i in row.sources)
            if layer is not row.layer or inputs != row.inputs:
                row = recounted(row, layer, inputs, layer.output(*inputs))
        cases.append(Case(row=row, earlier=earlier, path=_path(cases, row)))
        if row.output not in seen:
            seen.add(row.output)
            recent.append(row.output)
            earlier = (cases[0].row.output, *recent) if len(seen) > RECENT else tuple(recent)
    beside = _neighbours([case.row for case in cases])
    return [replace(case, neighbours=near) for case, near in zip(cases, beside, strict=True)]


def _neighbours(rows: Sequence[Row]) -> list[tuple[Row, ...]]:
    """Return the rows whose kernel or filters may be taken for those of each row.

    They are the nearest ones with a kernel or with units, on both sides, and the nearest ones on
    both sides that are of the row's own family.
    """
    found: list[list[Row]] = [[] for _ in rows]
    for order in (range(len(rows)), range(len(rows) - 1, -1, -1)):
        nearest: dict[str, Row] = {}  # by family; under "" of any
        for index in order:
            layer = rows[index].layer
            if layer is None or not (hasattr(layer, "kernel") or hasattr(layer, "units")):
                continue
            family = layer.family
            for near in (nearest.get(""), nearest.get(family)):
                if near is not None and not any(near is one for one in found[index]):
                    found[index].append(near)
            nearest[""] = nearest[family] = rows[index]
    return [tuple(near) for near in found]


def _path(cases: Sequence[Case], row: Row) -> WindowPath | None:
    """Return the windows from the image to a row; `cases` has the rows before it."""
    if row.layer is None:
        return WindowPath()
    before = cases[row.sources[0]].path if len(row.sources) == 1 else None
    windows = row.layer.window(row.output, *row.inputs)
    if before is None or windows is None:
        return before
    if not isinstance(windows, tuple) or not isinstance(windows[0], Window):
        return None
    return WindowPath(before, row.type, windows[0], before.length + 1)


def with_conventions(layer: AbstractLayer, conventions: Conventions) -> AbstractLayer:
    """Return a layer with its settings under conventions; itself where nothing changes."""
    update: dict[str, Any] = {}
    fields = type(layer).model_fields
    if conventions.rounding in ("floor", "ceil") and "rounding" in fields:
        update["rounding"] = conventions.rounding
    if conventions.same and getattr(layer, "padding", None) in ("same", "half"):
        update["padding"] = "half" if conventions.same == "half" else "same"
    padding = getattr(layer, "padding", 0)
    if conventions.padding == "total" and isinstance(padding, int) and padding:
        update["padding"] = ((padding // 2, padding - padding // 2),)
    dilation = getattr(layer, "dilation", 1)
    counted_from_0 = conventions.dilation == "0" and "dilation" in layer.model_fields_set
    if counted_from_0 and isinstance(dilation, int):
        update["dilation"] = dilation + 1
    if all(getattr(layer, name) == value for name, value in update.items()):
        return layer
    return layer.model_copy(update=update)


def passing_case(name: str, type: str, before: Row, volume: Volume) -> Case:
    """Return the case of a layer after a row that only passes on a volume, as flatten does.

    Its receptive field is left open: such rows of a sheet are not asked about it.
    """
    layer = layer_type(type)()
    row = recounted(before, layer, (volume,), layer.output(volume))
    nothing = ReceptiveField(None, None, None, None, None)
    return Case(row=replace(row, name=name, receptive_field=nothing))


def total_case(name: str, cases: Sequence[Case]) -> Case:
    """Return several layers as one row: the last one's output, and the counts added up."""
    inside = [case.row for case in cases]
    facts = Facts(
        weights=sum(row.weights for row in inside),
        biases=sum(row.biases for row in inside),
        other=sum(row.other for row in inside),
        buffers=sum(row.buffers for row in inside),
        cost=reduce(Cost.plus, (row.cost for row in inside)),
        counting=inside[0].facts.counting,
    )
    first, last = inside[0], inside[-1]
    row = replace(last, name=name, layer=None, inputs=first.inputs, facts=facts, training=False)
    return Case(row=row)


def block_ranges(report: Report) -> dict[str, range]:
    """Return the layers of each block of a network, by its path: indices of the network's rows."""
    ranges = {group.path: report.rows_of(group) for group in report.groups}
    return {path: indices for path, indices in ranges.items() if len(indices)}
