"""Mistakes in counting operations."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from fractions import Fraction

from cnncalc.homework.cases import Case
from cnncalc.homework.misconceptions.filters import (
    dense_reach,
    full_depth,
    learned_terms,
    ungrouped,
)
from cnncalc.homework.misconceptions.mistake import (
    Misconception,
    Mistake,
    WrongValue,
    WrongValues,
    changed,
    kernel_side,
    neighbours_filters,
    neighbours_windows,
    row_mistakes,
    windows_of,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationTerms:
    """factor · positions · area · depth · filters + extra: the operations of a layer."""

    positions: int
    area: int  # of a filter in one channel
    depth: int
    filters: int
    factor: int  # operations that a multiply-accumulate counts as
    extra: int = 0

    def value(self) -> int:
        """Return the count."""
        macs = self.positions * self.area * self.depth * self.filters
        return self.factor * macs + self.extra


def operation_terms(case: Case, factor: int) -> OperationTerms | None:
    """Return the terms of a layer's multiply-accumulates, or None if it has no filters."""
    learned, macs = learned_terms(case), case.row.cost.macs
    if learned is None or not macs:
        return None
    positions, rest = divmod(macs, learned.area * learned.depth * learned.filters)
    if rest:
        return None
    return OperationTerms(
        positions=positions,
        area=learned.area,
        depth=learned.depth,
        filters=learned.filters,
        factor=factor,
    )


_WHERE = "At how many positions does each filter work?"
BIASONCE = Misconception(
    "F-BIASONCE",
    "each bias added once, not at each output",
    _WHERE,
    lambda terms, case: replace(terms, extra=case.row.biases) if case.row.biases else None,
)
OPERATIONS = (
    Misconception(
        "F-INHW",
        "the input's size in place of the output's",
        _WHERE,
        lambda terms, case: (
            replace(terms, positions=case.row.inputs[0].positions) if terms.positions > 1 else None
        ),
    ),
    Misconception(
        "F-NODEPTH",
        "filters only one channel deep",
        "How deep is one filter of this layer?",
        lambda terms, case: replace(terms, depth=1),
    ),
    Misconception(
        "F-KERNELSIDE",
        "the filter's side in place of its area",
        "How many products are there in one channel of a filter?",
        kernel_side,
    ),
    Misconception(
        "F-ONEFILTER",
        "one filter alone",
        "How many filters are there?",
        lambda terms, case: replace(terms, filters=1),
    ),
    Misconception(
        "F-GROUPS",
        "groups ignored",
        "Which channels does one filter see, with groups?",
        ungrouped,
    ),
    Misconception(
        "F-PARAMS",
        "the weights counted, not the operations",
        _WHERE,
        lambda terms, case: replace(terms, positions=1, factor=1) if terms.positions > 1 else None,
    ),
    Misconception(
        "F-NOAREA",
        "the filter's area left out",
        "How many products are there in one channel of a filter?",
        lambda terms, case: replace(terms, area=1),
    ),
    Misconception(
        "F-ONEEXTENT",
        "one extent of the output in place of its positions",
        _WHERE,
        lambda terms, case: (
            replace(terms, positions=case.row.output.extents[0])
            if len(case.row.output.extents) > 1
            else None
        ),
    ),
    Misconception(
        "F-DEPTHWISE",
        "a depthwise layer counted as a full convolution",
        "How many channels does one filter of a depthwise layer see?",
        full_depth,
    ),
    Misconception(
        "F-DILATED",
        "a dilated filter counted as a larger dense one",
        "How many products has the filter, however far apart its weights stand?",
        dense_reach,
    ),
    BIASONCE,
)
POOL = Mistake(
    "F-POOL",
    "an operation for each place of a pool's window",
    "Which of a pool's operations does this sheet count?",
)
ROWKERNEL, ROWFILTERS = row_mistakes("F")
BINARY = Mistake("F-BINARY", "K, M or G as a power of 2", "How many operations are a mega of them?")
DOUBLED = Mistake(
    "F-X2",
    "another count for a multiply-accumulate",
    "Is a multiplication with its addition one or two?",
)


def wrong_operations(case: Case, factor: int) -> WrongValues:
    """Yield the wrong counts of operations, where a multiply-accumulate counts as `factor`."""
    terms = operation_terms(case, factor)
    yield from changed(terms, OPERATIONS, case)
    if terms is not None:
        for windows in neighbours_windows(case):
            area = math.prod(window.kernel for window in windows)
            yield WrongValue(replace(terms, area=area).value(), (ROWKERNEL,))
        for count in neighbours_filters(case):
            yield WrongValue(replace(terms, filters=count).value(), (ROWFILTERS,))
    elif "pool" in case.row.type:
        area = math.prod(window.kernel for window in windows_of(case) or ())
        yield WrongValue(area * case.row.output.size, (POOL,))
        yield WrongValue((area - 1) * case.row.output.size, (POOL,))
    for value, mistakes in changed(operation_terms(case, 3 - factor), OPERATIONS, case):
        yield WrongValue(value, (DOUBLED, *mistakes))
    yield from in_powers_of_two(case.row.cost.macs * factor)


def in_powers_of_two(value: int) -> WrongValues:
    """Yield a count as it is read where its K, M or G was meant as a power of 2."""
    for power in (1, 2, 3):
        yield WrongValue(Fraction(value * 1000**power, 1024**power), (BINARY,))


def wrong_additions(case: Case) -> WrongValues:
    """Yield the wrong counts of additions."""
    yield WrongValue(case.row.biases, (BIASONCE,))
