"""The verdict on one answer.

The order is: right; right given the student's own earlier rows; right under another convention;
rounded too far; and only then wrong, with every mistake that leads to the number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Literal

from cnncalc.homework.agreement import Agreement, agreement, is_slip
from cnncalc.homework.answers.quantity import Quantity
from cnncalc.homework.conventions import OptionChange
from cnncalc.homework.credit import Verdict as Verdict
from cnncalc.homework.layer_truth import Alternative as Alternative
from cnncalc.homework.layer_truth import Value
from cnncalc.homework.misconceptions import TOGETHER, Mistake, WrongValue, letter
from cnncalc.homework.parsed_cells import ParsedCell

Mistakes = tuple[Mistake, ...]
"""One mistake, or two that were made together."""

_GUESS = Mistake("P-GUESS", "an estimate", "What does each row come to, and all of them together?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """What an answer is compared with: the true value, and values that explain another one."""

    value: Value
    alternatives: list[Alternative]
    following: tuple[Value, ...] = ()  # the values given the student's own rows
    # These are worked out for answers that nothing else explains.
    following_alternatives: Callable[[], list[Alternative]] = list
    wrong_values: Callable[[], Iterable[WrongValue]] = list
    last_resort: Callable[[Value], Mistake | None] = lambda value: None
    rows: int | None = None  # of a total: how many rows of the sheet may add up to it


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """A verdict, and what a report says about it."""

    verdict: Verdict
    changes: tuple[OptionChange, ...] = ()  # conventions under which the number is right
    # Of a convention: it is rounded, too, or given the row before. Of working and a result that
    # differ: which of them is wrong.
    detail: Literal["", "rounded", "follows", "product", "working"] = ""
    mistakes: tuple[Mistakes, ...] = ()  # each leads to the number: one mistake, else two
    note: str = ""  # one sentence: why it cannot be read


def judge(parsed: ParsedCell, expected: Expectation, column: str, layout: str) -> Judgement:
    """Return the first judgement that fits, in the order of this module's docstring."""
    total = expected.rows is not None

    def agrees(value: Value) -> Agreement:
        return agreement(parsed, value, column, total=total, layout=layout)

    found = _without_mistakes(agrees, expected)
    number = parsed.number
    if number is not None and number.stated is not None:
        truths = (expected.value, *expected.following)
        if detail := _contradiction(number.stated, found.verdict, truths):
            return replace(found, verdict=Verdict.METHOD, detail=detail)
    if found.verdict != Verdict.WRONG:
        return found
    return replace(found, mistakes=_explained(parsed, agrees, expected, column))


def _without_mistakes(agrees: Callable[[Value], Agreement], expected: Expectation) -> Judgement:
    """Return the judgement before mistakes are searched: in which way it is right, or wrong."""
    here = agrees(expected.value)
    if here == "exact":
        return Judgement(verdict=Verdict.CORRECT)
    given_rows = {agrees(value) for value in expected.following}
    if "exact" in given_rows:
        return Judgement(verdict=Verdict.FOLLOWS)
    alternative, there = _first(agrees, expected.alternatives)
    if here == "rounded" and there != "exact":
        changes = alternative.changes if alternative else ()
        return Judgement(verdict=Verdict.ROUNDED, changes=changes)
    if alternative is not None:
        detail: Literal["rounded", ""] = "rounded" if there == "rounded" else ""
        return Judgement(verdict=Verdict.CONVENTION, changes=alternative.changes, detail=detail)
    if "rounded" in given_rows:
        return Judgement(verdict=Verdict.ROUNDED)
    alternative, _ = _first(agrees, expected.following_alternatives())
    if alternative is not None:
        return Judgement(verdict=Verdict.CONVENTION, changes=alternative.changes, detail="follows")
    return Judgement(verdict=Verdict.WRONG)


def _first(
    agrees: Callable[[Value], Agreement], alternatives: list[Alternative]
) -> tuple[Alternative | None, Agreement]:
    """Return the first alternative that agrees exactly, else the first that agrees rounded."""
    rounded: Alternative | None = None
    for one in alternatives:
        found = agrees(one.value)
        if found == "exact":
            return one, found
        if found == "rounded" and rounded is None:
            rounded = one
    return rounded, "rounded" if rounded else "none"


def _explained(
    parsed: ParsedCell, agrees: Callable[[Value], Agreement], expected: Expectation, column: str
) -> tuple[Mistakes, ...]:
    """Return the mistakes that lead to a wrong number: each by itself, else two together."""
    fitting: dict[Agreement, dict[str, Mistakes]] = {"exact": {}, "rounded": {}}
    for value, mistakes in expected.wrong_values():
        if (found := agrees(value)) != "none":
            fitting[found].setdefault(joined_code(mistakes), mistakes)
    by_code = fitting["exact"] or fitting["rounded"]
    if by_code:
        least = min(map(_rarity, by_code.values()))
        likeliest = [mistakes for mistakes in by_code.values() if _rarity(mistakes) == least]
        return tuple(sorted(likeliest, key=neighbouring))
    if expected.rows is not None and expected.rows > 1:
        return ((_sum(column),),)
    written = parsed.exact
    if written is not None:
        near = [expected.value, *expected.following]
        near += [one.value for one in expected.alternatives if len(one.changes) == 1]
        if any(is_slip(written, value) for value in near):
            return ((_slip(column),),)
        if other := expected.last_resort(written):
            return ((other,),)
    return ((_GUESS,),) if parsed.number is not None and parsed.number.about else ()


def _rarity(mistakes: Mistakes) -> int:
    """Return how many mistakes must have been made: those that are often made together are one."""
    return 1 if joined_code(mistakes) in TOGETHER else len(mistakes)


def neighbouring(mistakes: Mistakes) -> bool:
    """Return whether a number takes something of another row: what else leads to it is likelier."""
    return any(word in mistakes[0].code for word in ("-ROW", "-COPIED", "-STALE"))


def _contradiction(
    stated: Quantity, verdict: Verdict, truths: tuple[Value, ...]
) -> Literal["", "product", "working"]:
    """Return what is wrong where working comes to another number than was written after it.

    That is the `product` if the working is right, the `working` if the result is; else nothing.
    """
    if verdict != Verdict.WRONG:
        return "product"
    numbers = [value for value in truths if not isinstance(value, tuple)]
    return "working" if any(stated.covers(value) for value in numbers) else ""


def joined_code(mistakes: Mistakes) -> str:
    """Return the code of mistakes made together: `P-NODEPTH-ONEBIAS`.

    >>> joined_code((Mistake("P-NODEPTH", "", ""), Mistake("P-ONEBIAS", "", "")))
    'P-NODEPTH-ONEBIAS'
    """
    first, *rest = (mistake.code for mistake in mistakes)
    return "-".join([first, *(code.partition("-")[2] for code in rest)])


def _sum(column: str) -> Mistake:
    return Mistake(
        f"{letter(column)}-SUM",
        "not what the sheet's own rows add up to",
        "What do the rows add up to?",
    )


def _slip(column: str) -> Mistake:
    volume = letter(column) in "SR"
    return Mistake(
        f"{letter(column)}-SLIP",
        "a slip: a factor of 2 or 10, one digit, or two swapped",
        "Work each extent and the depth out once more: do they come to the same?"
        if volume
        else "Work the product out once more: does it come to the same?",
    )
