"""The true value of each column for a layer, and of its total, under any convention."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from cnncalc.arithmetic import effective_kernel
from cnncalc.errors import VolumeError
from cnncalc.homework.answers.quantity import Exact, reduced
from cnncalc.homework.cases import Case, with_conventions
from cnncalc.homework.conventions import Conventions, OptionChange
from cnncalc.layers.base import Window
from cnncalc.model.counting import CONVENTIONS, flops
from cnncalc.model.report import Report

Value = Exact | tuple[Exact, ...]  # a count, or the numbers of a volume or of extents
VOLUMES = ("input", "output")
EXTENTS = ("extents", "receptive_field", "step")
COUNTS = ("weights", "biases", "parameters", "macs", "flops", "additions", "activations", "memory")


@dataclass(frozen=True, slots=True)
class Alternative:
    """A value that is right under other conventions."""

    changes: tuple[OptionChange, ...]
    value: Value


def true_value(case: Case, column: str, conventions: Conventions) -> Value | None:
    """Return the true value of a column under conventions; None if it has none there."""
    value = _VALUES.get(column)
    return value(case, conventions) if value else None


def _input(case: Case, conventions: Conventions) -> Value | None:
    inputs = case.row.inputs
    return _arranged(inputs[0].shape, conventions.layout) if inputs else None


def _output(case: Case, conventions: Conventions) -> Value:
    return _arranged(_output_shape(case, conventions), conventions.layout)


def _extents(case: Case, conventions: Conventions) -> Value | None:
    return _output_shape(case, conventions)[:-1] or None


def _output_shape(case: Case, conventions: Conventions) -> tuple[Exact, ...]:
    """Return the output volume's numbers; fractions where division is exact and none tiles."""
    row = case.row
    if row.layer is None:
        return row.output.shape
    layer = with_conventions(row.layer, conventions)
    try:
        output = row.output if layer is row.layer else layer.output(*row.inputs)
        if conventions.rounding != "exact":
            return output.shape
        windows = layer.window(output, *row.inputs)
    except VolumeError:
        return row.output.shape
    if not isinstance(windows, tuple):
        return output.shape
    sliding = zip(row.inputs[0].extents, windows, output.extents, strict=True)
    extents = [
        exact_extent(w, window) if isinstance(window, Window) else n for w, window, n in sliding
    ]
    return (*extents, output.channels)


def _widest_field(case: Case) -> tuple[int, ...] | None:
    """Return what the widest units see; None where no more than a bound is known."""
    field = case.row.receptive_field
    return field.size if field.exact else None


def exact_extent(w: int, window: Window) -> Exact:
    """Return (W - K + 2P)/S + 1 without rounding."""
    reach = effective_kernel(window.kernel, window.dilation)
    extent = Fraction(w + window.before + window.after - reach, window.stride) + 1
    return reduced(extent)


def _arranged(shape: tuple[Exact, ...], layout: str) -> tuple[Exact, ...]:
    return (shape[-1], *shape[:-1]) if layout == "chw" else shape


def _weights(case: Case, conventions: Conventions) -> int:
    row = case.row
    if row.type != "batch_norm":
        return row.weights + row.other
    if conventions.batch_norm == "0":
        return 0
    return row.weights + (row.buffers if conventions.batch_norm == "4C" else 0)


def _biases(case: Case, conventions: Conventions) -> int:
    row = case.row
    if conventions.separable == "two" and row.type == "separable_conv" and row.biases:
        return row.biases + row.inputs[0].channels * getattr(row.layer, "multiplier", 1)
    return row.biases


def _parameters(case: Case, conventions: Conventions) -> int:
    weights = _weights(case, conventions)
    if case.row.type == "batch_norm":  # its offsets are no biases: they count with its factors
        return weights + case.row.biases if conventions.batch_norm != "0" else 0
    if conventions.parameters == "weights":
        return weights
    return weights + _biases(case, conventions)


def _flops(case: Case, conventions: Conventions) -> int:
    cost = case.row.cost
    if conventions.flops in CONVENTIONS:
        return flops(cost, conventions.flops)
    if not cost.macs:
        return 0
    if conventions.flops == "mac_bias":
        return cost.macs + cost.additions
    return 2 * cost.macs - case.row.output.size


def _memory(case: Case, conventions: Conventions) -> Exact:
    return _in_units(case.row.output.size * case.row.bytes_per_value, conventions)


def _in_units(size: int, conventions: Conventions) -> Exact:
    """Return the number of bytes that the right answer is read as.

    Answers in MB are read as 10^6 bytes each: in MB of 2^20 bytes the same answer says less.
    """
    return size if conventions.memory == "MB" else Fraction(size * 10**6, 2**20)


_VALUES: dict[str, Callable[[Case, Conventions], Value | None]] = {
    "input": _input,
    "output": _output,
    "extents": _extents,
    "weights": _weights,
    "biases": _biases,
    "parameters": _parameters,
    "macs": lambda case, conventions: case.row.cost.macs,
    "flops": _flops,
    "additions": lambda case, conventions: case.row.cost.additions,
    "activations": lambda case, conventions: case.row.output.size,
    "memory": _memory,
    "receptive_field": lambda case, conventions: _widest_field(case),
    "step": lambda case, conventions: case.row.receptive_field.step,
}


def true_total(
    cases: Sequence[Case], report: Report, column: str, conventions: Conventions
) -> Value | None:
    """Return the true value of a column's total under conventions; None if it has none."""
    if column in ("activations", "memory"):
        values = report.activations
        if conventions.input == "left_out":
            values -= report.input.size * report.batch
        if column == "activations":
            return values
        return _in_units(values * report.bytes_per_value, conventions)
    if column == "peak":
        return report.peak_activations
    if column in ("receptive_field", "step", "output", "extents"):
        return true_value(cases[-1], column, conventions)
    if column not in COUNTS:
        return None
    counts = [true_value(case, column, conventions) for case in cases]
    return sum(count for count in counts if isinstance(count, int))
