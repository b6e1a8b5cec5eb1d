"""What a mistake is, and how mistakes are put together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from cnncalc.homework.layer_truth import Case, Value
from cnncalc.layers.base import Window


class Mistake(NamedTuple):
    """A mistake: its stable code, what was done, and a question that leads out of it."""

    code: str
    text: str
    question: str
    change: Callable[[Any, Case], Any | None]  # None: it makes no difference here


class Explanation(NamedTuple):
    """What a wrong number is consistent with: a code, a sentence's worth of text, a question."""

    code: str
    text: str
    question: str


Ways = Iterator[tuple[Value, tuple[Explanation, ...]]]
"""Wrong numbers, each with the mistake, or the two together, that lead to it."""


_LETTER = {
    "flops": "F", "macs": "F", "additions": "F", "output": "S", "input": "S", "extents": "S",
    "receptive_field": "R", "step": "R", "memory": "M", "activations": "M", "peak": "M",
}  # fmt: skip


def letter(column: str) -> str:
    """Return what the codes of a column's mistakes begin with.

    >>> letter("flops"), letter("weights")
    ('F', 'P')
    """
    return _LETTER.get(column, "P")


def explain(mistake: Mistake) -> Explanation:
    """Return what a report says of a mistake."""
    return Explanation(mistake.code, mistake.text, mistake.question)


def changed(terms: Any | None, mistakes: Sequence[Mistake], case: Case) -> Ways:
    """Yield the value of each change, then of each two together that both make a difference."""
    if terms is None:
        return
    right = terms.value()
    singles = []
    for mistake in mistakes:
        changed = mistake.change(terms, case)
        if changed is not None and (value := changed.value()) != right:
            singles.append((mistake, changed, value))
            yield value, (explain(mistake),)
    for index, (first, changed, one) in enumerate(singles):
        for second, _, other in singles[index + 1 :]:
            both = second.change(changed, case)
            if both is not None and (value := both.value()) not in (one, other, right):
                yield value, (explain(first), explain(second))


def windows_of(case: Case) -> tuple[Window, ...] | None:
    """Return the windows that slide over one input, or None if the layer has none."""
    if case.layer is None:
        return None
    windows = case.layer.window(case.output, *case.inputs)
    if not isinstance(windows, tuple) or any(window.stride < 1 for window in windows):
        return None
    return windows


def kernel_side(terms: Any, case: Case) -> Any | None:
    """Return the terms with a filter's side in place of its area."""
    windows = windows_of(case)
    return terms._replace(taps=windows[0].kernel) if windows else None
