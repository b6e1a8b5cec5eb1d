"""The mistakes that people make, each a change to the calculation that yields its wrong number.

A calculation is a record of what goes into it, taken from the layer's own rules: `Learned`
for weights and biases, `Work` for operations, `Sliding` for a volume. A mistake changes the
record; worked out again, it gives the number that this mistake leads to. So mistakes can be
put together, two at a time, and no formula is written twice.

Codes are stable. A wrong number is *consistent with* a mistake, never proof of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from cnncalc.homework.answers.quantity import Exact
from cnncalc.homework.layer_truth import Case, Value
from cnncalc.homework.misconceptions.counts import (
    in_powers_of_two,
    wrong_additions,
    wrong_biases,
    wrong_learned,
    wrong_memory,
    wrong_work,
)
from cnncalc.homework.misconceptions.fields import wrong_fields
from cnncalc.homework.misconceptions.mistake import Explanation as Explanation
from cnncalc.homework.misconceptions.mistake import Ways as Ways
from cnncalc.homework.misconceptions.mistake import letter
from cnncalc.homework.misconceptions.volumes import wrong_volumes


def wrong(case: Case, column: str, factor: int = 1) -> Ways:
    """Yield each wrong number of a column with the mistakes that lead to it.

    Single mistakes come before pairs. `factor` is what a multiply-accumulate counts as.
    """
    if case.layer is None:
        return
    if column in ("parameters", "weights"):
        yield from wrong_learned(case, column)
    elif column == "biases":
        yield from wrong_biases(case)
    elif column in ("macs", "flops"):
        yield from wrong_work(case, factor if column == "flops" else 1)
    elif column == "additions":
        yield from wrong_additions(case)
    elif column in ("output", "extents"):
        for shape, why in wrong_volumes(case):
            if isinstance(shape, tuple):
                yield (shape if column == "output" else shape[:-1]), why
    elif column in ("receptive_field", "step"):
        yield from wrong_fields(case, column)
    elif column in ("activations", "memory"):
        yield from wrong_memory(case, case.bytes_per_value if column == "memory" else 1)


def wrong_total(
    cases: Sequence[Case], column: str, factor: int, total: Value | None, parts: Sequence[int]
) -> Ways:
    """Yield the wrong totals: of one mistake made in every row, and of rows left out."""
    if total is None or isinstance(total, tuple):
        return
    changes: dict[Explanation, Exact] = {}
    for case, part in zip(cases, parts, strict=True):
        seen = set()
        for value, why in wrong(case, column, factor):
            if len(why) == 1 and why[0].code not in seen and not isinstance(value, tuple) and part:
                seen.add(why[0].code)
                changes[why[0]] = changes.get(why[0], 0) + value - part
    for mistake, change in changes.items():
        if mistake.code != "F-BINARY":
            yield total + change, (mistake,)
    if column in ("flops", "macs") and isinstance(total, int):
        yield from in_powers_of_two(total)
    yield from missummed(total, column, parts)


def missummed(total: Exact, column: str, parts: Iterable[int]) -> Ways:
    """Yield the totals in which one row is left out, or counted twice."""
    why = Explanation(
        f"{letter(column)}-SUM", "a row left out, or counted twice", "What do the rows add up to?"
    )
    for part in filter(None, parts):
        yield total - part, (why,)
        yield total + part, (why,)
