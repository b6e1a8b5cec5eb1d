"""The values that follow from a student's own cells, so that one error costs once.

A layer on the student's own volumes is a case of its own (`StudentSheet.own_case`). Here are the
other ways in which one cell is worked out from another: weights and biases added up, operations
from weights and positions, bytes from values, a receptive field from that of the row before.
A cell follows from cells of earlier columns and rows alone: of two that agree in the same wrong
number, the first one costs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from cnncalc.arithmetic import effective_kernel
from cnncalc.homework.answers.quantity import Exact
from cnncalc.homework.cases import Case
from cnncalc.homework.layer_truth import Value, true_value
from cnncalc.homework.misconceptions.mistake import windows_of
from cnncalc.homework.student_sheet import StudentSheet


def following(student: StudentSheet, index: int, column: str) -> tuple[Value, ...]:
    """Return the values of a layer's column that follow from the student's own other cells."""
    case = student.own_case(index, column)
    conventions = student.key.conventions
    values: list[Value | None] = []
    for one in (case, student.own_case(index, column, as_stated=False)):
        if one is not None:
            values.append(true_value(one, column, conventions))
    if rule := _RULES.get(column):
        values += rule(_Own(student, index, case or student.key.cases[index]))
    truth = student.key.truth(index, column)
    distinct = dict.fromkeys(values)
    return tuple(value for value in distinct if value is not None and value != truth)


class _Own:
    """The student's cells about one layer, and the layer on the student's own volumes."""

    def __init__(self, student: StudentSheet, index: int, case: Case) -> None:
        self.student, self.index, self.case = student, index, case

    def true(self, column: str) -> int:
        """Return a count of the layer on the student's volumes."""
        value = true_value(self.case, column, self.student.key.conventions)
        return value if isinstance(value, int) else 0

    def number(self, column: str) -> Exact | None:
        """Return the student's own count, or None where none is stated."""
        parsed = self.student.charged(self.index, column)
        return parsed.number.quantity.value if parsed and parsed.number else None

    def before(self, column: str) -> tuple[Exact, ...] | None:
        """Return the extents that the student states for the row before; the true ones if none."""
        sources = self.student.key.cases[self.index].row.sources
        while len(sources) == 1:
            parsed = self.student.charged(sources[0], column)
            if parsed is not None and parsed.volume is not None:
                return parsed.volume.numbers
            if sources[0] in self.student.by_index:
                break
            sources = self.student.key.cases[sources[0]].row.sources
        truth = self.student.key.truth(sources[0], column) if len(sources) == 1 else None
        return truth if isinstance(truth, tuple) else None


def _parameters(own: _Own) -> Iterator[Exact]:
    weights, biases = own.number("weights"), own.number("biases")
    if weights is not None or biases is not None:
        yield (own.true("weights") if weights is None else weights) + (
            own.true("biases") if biases is None else biases
        )


def _macs(own: _Own) -> Iterator[Exact]:
    """Yield the weights times the positions: the weights as stated, or left of the parameters."""
    macs, weights = own.true("macs"), own.true("weights")
    if not weights or macs % weights:
        return
    positions = macs // weights
    stated, parameters = own.number("weights"), own.number("parameters")
    if stated is not None:
        yield stated * positions
    elif parameters is not None:
        yield (parameters - own.true("biases")) * positions
        yield parameters * positions


def _flops(own: _Own) -> Iterator[Value]:
    factor = own.student.key.macs_factor
    beside = own.true("flops") - factor * own.true("macs")
    macs = own.number("macs")
    for value in _macs(own) if macs is None else (macs,):
        yield factor * value + beside


def _additions(own: _Own) -> Iterator[Value]:
    if (biases := own.number("biases")) is not None:
        yield biases * own.case.row.output.positions


def _memory(own: _Own) -> Iterator[Value]:
    if (values := own.number("activations")) is not None:
        yield values * own.case.row.bytes_per_value


def _extents(own: _Own) -> Iterator[Value]:
    yield own.student.own[own.index].extents


def _receptive_field(own: _Own) -> Iterator[Value]:
    """Yield the field before + (K - 1) times the step before, along each axis."""
    windows, field, step = windows_of(own.case), own.before("receptive_field"), own.before("step")
    if windows and field and step:
        yield tuple(
            field[axis % len(field)]
            + (effective_kernel(window.kernel, window.dilation) - 1) * step[axis % len(step)]
            for axis, window in enumerate(windows)
        )


def _step(own: _Own) -> Iterator[Value]:
    windows, step = windows_of(own.case), own.before("step")
    if windows and step:
        yield tuple(window.stride * step[axis % len(step)] for axis, window in enumerate(windows))


_RULES: dict[str, Callable[[_Own], Iterable[Value]]] = {
    "extents": _extents,
    "parameters": _parameters,
    "macs": _macs,
    "flops": _flops,
    "additions": _additions,
    "memory": _memory,
    "receptive_field": _receptive_field,
    "step": _step,
}
