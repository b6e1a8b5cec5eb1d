"""What a mistake is, and how mistakes are put together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, Protocol

from cnncalc.homework.cases import Case
from cnncalc.homework.layer_truth import Value
from cnncalc.layers.base import Window
from cnncalc.model.row import Row


@dataclass(frozen=True, slots=True)
class Mistake:
    """A mistake that a wrong number may come from."""

    code: str  # stable: it stands in the documentation and in gradebooks
    text: str  # what was done, as a phrase
    question: str  # that leads out of it


@dataclass(frozen=True, slots=True)
class Misconception(Mistake):
    """A mistake as a change of the terms that a value is worked out from."""

    change: Callable[[Any, Case], Any]  # of the terms; None: it makes no difference here


class WrongValue(NamedTuple):
    """A wrong value, and the mistake, or the two together, that lead to it."""

    value: Value
    mistakes: tuple[Mistake, ...]


WrongValues = Iterator[WrongValue]


class Terms(Protocol):
    """The terms of a calculation, as a record: a mistake changes its fields, and so its value."""

    def value(self) -> Value:
        """Return the result of the calculation."""
        ...


_LETTER = {
    "flops": "F",
    "macs": "F",
    "additions": "F",
    "output": "S",
    "input": "S",
    "extents": "S",
    "receptive_field": "R",
    "step": "R",
    "memory": "M",
    "activations": "M",
    "peak": "M",
    "value": "V",
}


def letter(column: str) -> str:
    """Return the letter with which the codes of a column's mistakes begin.

    >>> letter("flops"), letter("weights")
    ('F', 'P')
    """
    return _LETTER.get(column, "P")


def changed(
    terms: Terms | None,
    misconceptions: Sequence[Misconception],
    case: Case,
    *,
    together: Callable[[Value, Value], bool] = lambda one, two: True,
) -> WrongValues:
    """Yield the value of each change, then of each two together that both make a difference.

    `together` says whether the mistakes that lead to two values may be made together.
    """
    if terms is None:
        return
    right = terms.value()
    singles = []
    for misconception in misconceptions:
        other = misconception.change(terms, case)
        if other is not None and (value := other.value()) != right:
            singles.append((misconception, other, value))
            yield WrongValue(value, (misconception,))
    for index, (first, other, one) in enumerate(singles):
        for second, _, two in singles[index + 1 :]:
            both = second.change(other, case) if together(one, two) else None
            if both is not None and (value := both.value()) not in (one, two, right):
                yield WrongValue(value, (first, second))


def windows_of(case: Case) -> tuple[Window, ...] | None:
    """Return the windows that slide over one input, or None if the layer has none."""
    return sliding_windows(case.row)


def sliding_windows(row: Row) -> tuple[Window, ...] | None:
    """Return the windows of a row that slide over one input, or None if its layer has none."""
    if row.layer is None:
        return None
    windows = row.layer.window(row.output, *row.inputs)
    if not isinstance(windows, tuple):
        return None
    sliding = tuple(window for window in windows if isinstance(window, Window))
    return sliding if len(sliding) == len(windows) else None


def row_mistakes(letter: str) -> tuple[Mistake, Mistake]:
    """Return the mistakes of taking the kernel, or the filters, of a neighbouring row."""
    kernel = Mistake(
        f"{letter}-ROWKERNEL",
        "the kernel of a neighbouring row",
        "Which kernel has the layer of this row?",
    )
    filters = Mistake(
        f"{letter}-ROWFILTERS",
        "the filters or units of a neighbouring row",
        "How many filters or units has the layer of this row?",
    )
    return kernel, filters


def neighbours_filters(case: Case) -> Iterator[int]:
    """Yield the numbers of filters, or of units, of the rows beside a layer that has some."""
    name = "units" if hasattr(case.row.layer, "units") else "filters"
    for row in case.neighbours:
        count = getattr(row.layer, name, None)
        if count is not None and count != getattr(case.row.layer, name, None):
            yield count


def neighbours_windows(case: Case) -> Iterator[tuple[Window, ...]]:
    """Yield a layer's windows with the kernels of the rows beside it, where these are others."""
    own = windows_of(case)
    for row in case.neighbours:
        if own is None or row.layer is None or not hasattr(row.layer, "kernel"):
            continue
        near = sliding_windows(row)
        if near and len(near) == len(own):
            windows = tuple(
                window._replace(kernel=other.kernel)
                for window, other in zip(own, near, strict=True)
            )
            if windows != own:
                yield windows


def kernel_side(terms: Any, case: Case) -> Any | None:
    """Return the terms with a filter's side in place of its area."""
    windows = windows_of(case)
    return replace(terms, area=windows[0].kernel) if windows else None
