"""The mistakes that people make, each a change of the calculation that yields its wrong number.

A calculation is a record of what goes into it, taken from the layer's own rules: `LearnedTerms`
for weights and biases, `OperationTerms` for operations, `SlidingTerms` for a volume. A
misconception changes the record; worked out again, it gives the number that this mistake leads
to. So mistakes can be put together, two at a time, and no formula is written twice.

Codes are stable. A wrong number is *consistent with* a mistake, never proof of it.

To add a mistake, add a `Misconception` to the table of its calculation (LEARNED, OPERATIONS,
SLIDING, WINDOWS or SIZES) and its code to docs/homework.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from cnncalc.homework.answers.quantity import Exact
from cnncalc.homework.cases import Case
from cnncalc.homework.layer_truth import Value
from cnncalc.homework.misconceptions.fields import wrong_fields
from cnncalc.homework.misconceptions.learned import FLATTEN, flattens, wrong_biases, wrong_learned
from cnncalc.homework.misconceptions.memory import wrong_memory
from cnncalc.homework.misconceptions.mistake import Mistake as Mistake
from cnncalc.homework.misconceptions.mistake import WrongValue as WrongValue
from cnncalc.homework.misconceptions.mistake import WrongValues as WrongValues
from cnncalc.homework.misconceptions.mistake import letter as letter
from cnncalc.homework.misconceptions.operations import (
    BINARY,
    in_powers_of_two,
    wrong_additions,
    wrong_operations,
)
from cnncalc.homework.misconceptions.volumes import wrong_volumes

# Two mistakes that are as common together as one alone.
TOGETHER = ("P-NODEPTH-NOBIAS", "P-NODEPTH-ONEBIAS")


def wrong_values(case: Case, column: str, macs_factor: int = 1) -> WrongValues:
    """Yield each wrong value of a column with the mistakes that lead to it.

    `macs_factor` is how many operations a multiply-accumulate counts as.
    """
    if case.row.layer is None:
        return
    if column in ("parameters", "weights"):
        yield from wrong_learned(case, column)
    elif column == "biases":
        yield from wrong_biases(case)
    elif column in ("macs", "flops"):
        yield from wrong_operations(case, macs_factor if column == "flops" else 1)
    elif column == "additions":
        yield from wrong_additions(case)
    elif column in ("output", "extents"):
        for shape, mistakes in wrong_volumes(case):
            if isinstance(shape, tuple):
                yield WrongValue(shape if column == "output" else shape[:-1], mistakes)
    elif column in ("receptive_field", "step"):
        yield from wrong_fields(case, column)
    elif column in ("activations", "memory"):
        yield from wrong_memory(case, case.row.bytes_per_value if column == "memory" else 1)


def copied(column: str) -> Mistake:
    """Return the mistake of writing the number of the row above again."""
    return Mistake(
        f"{letter(column)}-COPIED",
        "the number of the row above",
        "Which layer is this row about, and what is different from the row above?",
    )


def last_resort(case: Case, column: str, number: Value) -> Mistake | None:
    """Return the mistake that explains a number which nothing else does, if one may."""
    if column in ("parameters", "weights") and flattens(case, column, number):
        return FLATTEN
    return None


def wrong_totals(
    cases: Sequence[Case],
    column: str,
    *,
    truth: Value | None,
    parts: Sequence[int],
    macs_factor: int,
) -> WrongValues:
    """Yield the wrong totals: of one mistake made in every row, and of rows left out.

    `parts` has the number of each row that the true total adds up.
    """
    if truth is None or isinstance(truth, tuple):
        return
    changes: dict[Mistake, Exact] = {}
    for case, part in zip(cases, parts, strict=True):
        seen = set()
        for value, (mistake, *others) in wrong_values(case, column, macs_factor):
            if others or mistake.code in seen or isinstance(value, tuple) or not part:
                continue
            seen.add(mistake.code)
            changes[mistake] = changes.get(mistake, 0) + value - part
    for mistake, change in changes.items():
        if mistake != BINARY:
            yield WrongValue(truth + change, (mistake,))
    if column in ("flops", "macs") and isinstance(truth, int):
        yield from in_powers_of_two(truth)
    yield from wrong_sums(truth, column, parts)


def wrong_sums(total: Exact, column: str, parts: Iterable[int]) -> WrongValues:
    """Yield the totals in which one row is left out, or counted twice."""
    why = Mistake(
        f"{letter(column)}-SUM", "a row left out, or counted twice", "What do the rows add up to?"
    )
    for part in filter(None, parts):
        yield WrongValue(total - part, (why,))
        yield WrongValue(total + part, (why,))
