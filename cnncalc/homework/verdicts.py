"""The verdict on one answer.

The order is: right; right under another convention; right given the student's own earlier
rows; rounded too far; and only then wrong, with every mistake that leads to the number.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from cnncalc.homework.answers.quantity import Quantity
from cnncalc.homework.conventions import Change
from cnncalc.homework.judging import Reading, says, slip, written
from cnncalc.homework.layer_truth import Value
from cnncalc.homework.marks import (
    CONVENTION,
    CORRECT,
    FOLLOWS,
    METHOD,
    ROUNDED,
    WRONG,
    Mark,
    code_of,
)
from cnncalc.homework.misconceptions import Explanation, Ways
from cnncalc.homework.misconceptions.mistake import letter

_GUESS = Explanation(
    "P-GUESS", "an estimate", "What does each row come to, and all of them together?"
)

Other = list[tuple[tuple[Change, ...], Value]]


class Truth(NamedTuple):
    """What an answer is held against: the truth, and what may stand in for it.

    `others` are values under other conventions; `follows` the value given the student's own
    rows, `follows_others` that under other conventions; `mistakes` the wrong values.
    `rows` is how many rows of the sheet a total may add up; -1: it is none.
    """

    value: Value
    others: Other
    follows: Value | None
    follows_others: Callable[[], Other]
    mistakes: Callable[[], Ways]
    rows: int = -1


def judge(mark: Mark, reading: Reading, truth: Truth, layout: str) -> Mark:
    """Return the mark with the first verdict that fits, in the order of this module's head."""

    def said(value: Value | None) -> str:
        if value is None:
            return "no"
        return says(reading, value, mark.column, total=truth.rows >= 0, layout=layout)

    def first(values: Other) -> tuple[tuple[Change, ...], str] | None:
        found = [(changes, how) for changes, value in values if (how := said(value)) != "no"]
        return next((one for one in found if one[1] == "yes"), found[0] if found else None)

    verdict: str = WRONG
    changes: tuple[Change, ...] = ()
    here, there = said(truth.value), said(truth.follows)
    elsewhere = first(truth.others) if here != "yes" else None
    if here == "yes":
        verdict = CORRECT
    elif here == "rounded" and (elsewhere is None or elsewhere[1] == "rounded"):
        verdict, changes = ROUNDED, elsewhere[0] if elsewhere else ()
    elif elsewhere is not None:
        verdict, changes = CONVENTION, elsewhere[0]
        mark = mark._replace(note="rounded" * (elsewhere[1] == "rounded"))
    elif there != "no":
        verdict = FOLLOWS if there == "yes" else ROUNDED
    elif found := first(truth.follows_others()):
        verdict, changes = CONVENTION, found[0]
        mark = mark._replace(note="follows")
    stated = reading.answer.stated if reading.answer else None
    right = (truth.value, truth.follows)
    if stated is not None and (note := contradiction(stated, verdict, right)):
        verdict, mark = METHOD, mark._replace(note=note)
    mark = mark._replace(verdict=verdict, changes=changes)
    if verdict != WRONG:
        return mark
    return mark._replace(explanations=explained(mark, reading, said, truth))


def explained(
    mark: Mark, reading: Reading, said: Callable[[Value], str], truth: Truth
) -> tuple[tuple[Explanation, ...], ...]:
    """Return every way that leads to a wrong number: those of one mistake, else of two."""
    fitting: dict[str, dict[str, tuple[Explanation, ...]]] = {"yes": {}, "rounded": {}, "no": {}}
    for value, why in truth.mistakes():
        fitting[said(value)].setdefault(code_of(why), why)
    by_code = fitting["yes"] or fitting["rounded"]
    least = min(map(len, by_code.values()), default=0)
    if by_code:
        return tuple(why for why in by_code.values() if len(why) == least)
    if truth.rows > 1:
        return ((_sum(mark.column),),)
    number = written(reading)
    near = [truth.value, truth.follows, *(v for c, v in truth.others if len(c) == 1)]
    if number is not None and any(v is not None and slip(number, v) for v in near):
        return ((_slip(mark.column),),)
    return ((_GUESS,),) if reading.answer is not None and reading.answer.about else ()


def contradiction(stated: Quantity, verdict: str, right: tuple[Value | None, ...]) -> str:
    """Return what is wrong where working comes to another number than was written after it.

    That is the `product` if the working is right, the `working` if the result is; else nothing.
    """
    if verdict != WRONG:
        return "product"
    numbers = [value for value in right if value is not None and not isinstance(value, tuple)]
    return "working" if any(stated.covers(value) for value in numbers) else ""


def _sum(column: str, text: str = "not what the sheet's own rows add up to") -> Explanation:
    return Explanation(f"{letter(column)}-SUM", text, "What do the rows add up to?")


def _slip(column: str) -> Explanation:
    return Explanation(
        f"{letter(column)}-SLIP",
        "a slip: a factor of 2 or 10, one digit, or two swapped",
        "Work the product out once more: does it come to the same?",
    )
