"""The true numbers of a row, under any convention, and for any volume that enters it."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from cnncalc.arithmetic import effective_kernel
from cnncalc.errors import VolumeError
from cnncalc.homework.answers.quantity import Exact
from cnncalc.homework.conventions import Conventions
from cnncalc.layers.base import AbstractLayer, Cost, Window
from cnncalc.model.analysis import count_shapes
from cnncalc.model.report import CONVENTIONS, Report, flops
from cnncalc.volume import Volume

RECENT = 64  # how many volumes before a row are looked at, beside the image's
Value = Exact | tuple[Exact, ...]  # a count, or the numbers of a volume or of extents
VOLUMES = ("input", "output")
EXTENTS = ("extents", "receptive_field", "step")
COUNTS = ("weights", "biases", "parameters", "macs", "flops", "additions", "activations", "memory")


class Facts(NamedTuple):
    """What a layer's rules say of it, for the volumes that enter it."""

    weights: int = 0
    biases: int = 0
    other: int = 0
    buffers: int = 0
    cost: Cost = Cost()


class Path(NamedTuple):
    """The windows on the way from the image to a layer, the last one first."""

    before: Path | None = None  # None: this is the image
    tag: str = ""
    window: Window = Window(1)
    length: int = 0

    def steps(self) -> list[tuple[str, Window]]:
        """Return each layer's type and window, from the image on."""
        found = []
        step = self
        while step.before is not None:
            found.append((step.tag, step.window))
            step = step.before
        return found[::-1]


class Case(NamedTuple):
    """One layer with the volumes around it. `layer` None: the input.

    `sources` are the places of its inputs in the network's rows; `earlier` the distinct volumes of
    the rows before it, the image first; `field` and `jump` what a unit sees of the image, and how
    far apart two are; `path` the windows on the way from the image, None if there is none.
    """

    name: str
    type: str
    layer: AbstractLayer | None
    inputs: tuple[Volume, ...]
    output: Volume
    facts: Facts
    sources: tuple[int, ...]
    earlier: tuple[Volume, ...]
    field: tuple[Exact, ...] | None
    jump: tuple[Exact, ...] | None
    path: Path | None
    has_row: bool
    bytes_per_value: int

    def on(self, inputs: tuple[Volume, ...], output: Volume | None = None) -> Case:
        """Return the same layer on other volumes. Raises: VolumeError if it cannot take them.

        `output` is what someone says comes out; what the layer's rule says if not given.
        """
        if self.layer is None:
            return self
        true = self.layer.output(*inputs)
        if output is None or len(output.extents) != len(true.extents):
            output = true
        return self._replace(
            inputs=inputs, output=output, facts=facts_of(self.layer, output, inputs)
        )


def facts_of(layer: AbstractLayer, output: Volume, inputs: Sequence[Volume]) -> Facts:
    """Return what a layer's rules count."""
    counts = count_shapes(layer.parameters(output, *inputs))
    buffers = count_shapes(layer.buffers(output, *inputs))
    return Facts(*counts, sum(buffers), layer.cost(output, *inputs))


def cases_of(report: Report, how: Conventions) -> list[Case]:
    """Return a case for each row of a report; with the rounding that the conventions name."""
    cases: list[Case] = []
    seen: set[Volume] = set()
    recent: deque[Volume] = deque(maxlen=RECENT)
    earlier: tuple[Volume, ...] = ()  # one for many rows: there may be very many
    for row in report.layers:
        layer, inputs, output = row.layer, row.inputs, row.output
        facts = Facts(row.weights, row.biases, row.other, row.buffers, row.cost)
        if layer is not None:
            changed = varied(layer, how)
            entering = tuple(cases[i].output for i in row.sources)
            if changed is not layer or entering != inputs:
                layer, inputs = changed, entering
                output = layer.output(*inputs)
                facts = facts_of(layer, output, inputs)
        field = row.receptive_field
        cases.append(
            Case(
                row.name, row.type, layer, inputs, output, facts, row.sources,
                earlier, field.size, field.step,
                _path(cases, row.type, layer, row.sources, output, inputs), row._has_row,
                row.bytes_per_value,
            )
        )  # fmt: skip
        if output not in seen:
            seen.add(output)
            recent.append(output)
            earlier = (cases[0].output, *recent) if len(seen) > RECENT else tuple(recent)
    return cases


class Group(NamedTuple):
    """A block as one row: what its layers are together, and their places."""

    case: Case
    places: range


def groups_of(report: Report, cases: Sequence[Case]) -> dict[str, Group]:
    """Return the blocks of a network by their paths, each as one case."""
    found = {}
    for group in report.groups:
        inside = cases[group.first : group.last]
        if not inside:
            continue
        facts = [case.facts for case in inside]
        weights, biases, other, buffers = (
            sum(counts) for counts in zip(*(one[:4] for one in facts), strict=True)
        )
        cost = Cost(*map(sum, zip(*(one.cost for one in facts), strict=True)))
        whole = inside[-1]._replace(
            name=group.path, type=group.type, layer=None, inputs=inside[0].inputs,
            facts=Facts(weights, biases, other, buffers, cost),
        )  # fmt: skip
        found[group.path] = Group(whole, range(group.first, group.last))
    return found


def _path(
    cases: list[Case], tag: str, layer: AbstractLayer | None, sources: tuple[int, ...],
    output: Volume, inputs: tuple[Volume, ...],
) -> Path | None:  # fmt: skip
    """Return the way from the image to here, along the first axis, in a plain sequence."""
    if layer is None:
        return Path()
    before = cases[sources[0]].path if len(sources) == 1 else None
    windows = layer.window(output, *inputs)
    if before is None or windows is None:
        return before
    return Path(before, tag, windows[0], before.length + 1) if isinstance(windows, tuple) else None


def varied(layer: AbstractLayer, how: Conventions) -> AbstractLayer:
    """Return the layer as other conventions have it; itself where nothing changes."""
    update: dict[str, Any] = {}
    fields = type(layer).model_fields
    if how.rounding in ("floor", "ceil") and "rounding" in fields:
        update["rounding"] = how.rounding
    if how.same and getattr(layer, "padding", None) in ("same", "half"):
        update["padding"] = "half" if how.same == "half" else "same"
    padding = getattr(layer, "padding", 0)
    if how.padding == "total" and isinstance(padding, int) and padding:
        update["padding"] = ((padding // 2, padding - padding // 2),)
    dilation = getattr(layer, "dilation", 1)
    if how.dilation == "0" and isinstance(dilation, int) and "dilation" in layer.model_fields_set:
        update["dilation"] = dilation + 1
    if all(getattr(layer, name) == value for name, value in update.items()):
        return layer
    return layer.model_copy(update=update)


def worth(case: Case, column: str, how: Conventions) -> Value | None:
    """Return the true value of a column under conventions; None if it has none there."""
    facts = case.facts
    if column in ("weights", "parameters", "biases"):
        return _learned(case, column, how)
    if column == "output":
        return _arranged(_output(case, how), how.layout)
    if column == "extents":
        return _output(case, how)[:-1] or None
    if column == "input":
        return _arranged(case.inputs[0].shape, how.layout) if case.inputs else None
    if column == "macs":
        return facts.cost.macs
    if column == "flops":
        return _flops(case, how.flops)
    if column == "additions":
        return facts.cost.additions
    if column == "activations":
        return case.output.size
    if column == "memory":
        exact = case.output.size * case.bytes_per_value
        return exact if how.memory == "MB" else Fraction(exact * 10**6, 2**20)
    return {"receptive_field": case.field, "step": case.jump}.get(column)


def _learned(case: Case, column: str, how: Conventions) -> int:
    facts = case.facts
    biases = facts.biases
    if how.separable == "two" and case.type == "separable_conv" and biases:
        biases += case.inputs[0].channels * getattr(case.layer, "multiplier", 1)
    if column == "biases":
        return biases
    if case.type == "batch_norm":
        if how.batch_norm == "0":
            return 0
        extra = facts.buffers if how.batch_norm == "4C" else 0
        return facts.weights + extra + (facts.biases if column == "parameters" else 0)
    if column == "weights" or how.parameters == "weights":
        return facts.weights + facts.other
    return facts.weights + biases + facts.other


def _flops(case: Case, option: str) -> int:
    cost = case.facts.cost
    if option in CONVENTIONS:
        return flops(cost, option)
    if not cost.macs:
        return 0
    return cost.macs + cost.additions if option == "mac_bias" else 2 * cost.macs - case.output.size


def _output(case: Case, how: Conventions) -> tuple[Exact, ...]:
    """Return the output volume's numbers; fractions where division is exact and none tiles."""
    if case.layer is None:
        return case.output.shape
    layer = varied(case.layer, how)
    try:
        output = case.output if layer is case.layer else layer.output(*case.inputs)
        if how.rounding != "exact":
            return output.shape
        windows = layer.window(output, *case.inputs)
    except VolumeError:
        return case.output.shape
    if not isinstance(windows, tuple):
        return output.shape
    return (*map(exact_extent, case.inputs[0].extents, windows), output.channels)


def exact_extent(w: int, window: Window) -> Exact:
    """Return (W - K + 2P)/S + 1 as it is, without rounding."""
    reach = effective_kernel(window.kernel, window.dilation)
    extent = Fraction(w + window.before + window.after - reach) / window.stride + 1
    return extent.numerator if extent.denominator == 1 else extent


def _arranged(shape: tuple[Exact, ...], layout: str) -> tuple[Exact, ...]:
    return (shape[-1], *shape[:-1]) if layout == "chw" else shape


def total(cases: Sequence[Case], report: Report, column: str, how: Conventions) -> Value | None:
    """Return the true value of a column's total under conventions."""
    if column in ("activations", "memory"):
        values = report.activations - (report.input.size * report.batch) * (how.input == "left_out")
        if column == "activations":
            return values
        exact = values * report.bytes_per_value
        return exact if how.memory == "MB" else Fraction(exact * 10**6, 2**20)
    if column == "peak":
        return report.peak_activations
    if column in ("receptive_field", "step", "output", "extents"):
        return worth(cases[-1], column, how)
    if column not in COUNTS:
        return None
    counts = [worth(case, column, how) for case in cases]
    return sum(count for count in counts if isinstance(count, int))
