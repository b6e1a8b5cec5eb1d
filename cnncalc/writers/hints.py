"""Hints: what a mark says to a student, a step at a time; the expected value only in the last.

Levels: 0 right or wrong; 1 what it is consistent with, and a question; 2 the formula; 3 the
formula with the student's own numbers in it; 4 the answer.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cnncalc.homework.agreement import ROUNDABLE
from cnncalc.homework.conventions import OPTIONS, changed
from cnncalc.homework.layer_truth import true_value
from cnncalc.homework.marks import TOTAL
from cnncalc.homework.verdicts import Verdict, joined_code
from cnncalc.writers import answer_text
from cnncalc.writers.answer_text import HEADS, value_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cnncalc.homework.conventions import Conventions
    from cnncalc.homework.marks import Mark
    from cnncalc.homework.verdicts import Mistakes

LEVELS = 5
_QUESTIONS = {
    "output": "How many places has the window along each axis, and what decides the depth?",
    "input": "What comes out of the row before?",
    "flops": "How many products does one output value take, and how many output values are there?",
    "receptive_field": "What does this layer add to the field of the layer before it?",
    "step": "How far apart in the image are two neighbouring units?",
    "order": "Which kind of layer comes after which?",
    "activations": "How many values has the volume?",
    "value": "What does the window see there, and what becomes of it?",
    "learned": "What does one filter or neuron learn, and how many are there?",
}
_WITHOUT_LAYER = {
    "value": "value·weight of all that the window sees, + bias; of a max pool the largest value",
}
_ALIKE = {"macs": "flops", "extents": "output", "memory": "activations", "peak": "activations"}


def question(column: str) -> str:
    """Return a question that leads to the value of a column."""
    return _QUESTIONS.get(_ALIKE.get(column, column), _QUESTIONS["learned"])


def lines(mark: Mark, level: int, conventions: Conventions) -> list[str]:
    """Return what is said about a mark, up to a level."""
    if level < 1 or mark.verdict in (Verdict.CORRECT, Verdict.FOLLOWS, Verdict.BLANK):
        return []
    found = list(_first(mark, level, conventions))
    if mark.verdict != Verdict.UNREAD and level >= 2:
        found += _formula(mark, level, conventions)
    return found


def _first(mark: Mark, level: int, conventions: Conventions) -> Iterator[str]:
    """Yield what is said at level 1."""
    if mark.verdict == Verdict.UNREAD:
        yield f"{mark.note} No points until someone reads it."
    elif mark.verdict == Verdict.METHOD:
        yield {
            "product": "The working is right; the result is another number than it comes to.",
            "working": "The result is right; the working comes to another number.",
        }[mark.detail]
    elif mark.verdict == Verdict.CONVENTION:
        rounded = " It is rounded, too." if mark.detail == "rounded" else ""
        yield f"Right for {otherwise(mark, conventions)}{rounded}"
    elif mark.verdict == Verdict.ROUNDED:
        yield rounding(mark, level, conventions)
    elif mark.mistakes:
        yield f"Consistent with {explained(mark.mistakes)}."
        yield from _questions_of(mark.mistakes)
    else:
        yield mark.note or "No known mistake leads to it."
        if mark.row == TOTAL:
            yield "Do the rows add up to it?"
        elif mark.column != "settings":
            yield question(mark.column)


def explained(alternatives: Sequence[Mistakes]) -> str:
    """Return the mistakes that a number is consistent with, in words.

    >>> from cnncalc.homework.misconceptions import Mistake
    >>> explained([(Mistake("S-NOPLUS1", "no + 1", ""),)])
    'S-NOPLUS1: no + 1'
    """
    words = [
        (joined_code(mistakes), " and ".join(mistake.text for mistake in mistakes))
        for mistakes in alternatives
    ]
    if len(words) == 1:
        return f"{words[0][0]}: {words[0][1]}"
    *first, last = [f"{code}, {text}" for code, text in words]
    return f"{', '.join(first)}, or {last}"


def _questions_of(alternatives: Sequence[Mistakes]) -> Iterator[str]:
    """Yield each mistake's question once, after the codes that it is for if there are several."""
    codes: dict[str, dict[str, None]] = {}
    for mistake in (one for mistakes in alternatives for one in mistakes):
        codes.setdefault(mistake.question, {})[mistake.code] = None
    for question, asked in codes.items():
        yield question if len(codes) == 1 else f"{', '.join(asked)}: {question}"


def otherwise(mark: Mark, conventions: Conventions) -> str:
    """Return under which conventions a number is right, and those of this sheet instead."""
    there, here = _options(mark, conventions)
    follows = ", given the row before" if mark.detail == "follows" else ""
    counted = mark.changes[0].convention in ("parameters", "batch_norm", "input")
    return f"{there}{follows}; this sheet {'counts' if counted else 'uses'} {here}."


def _options(mark: Mark, conventions: Conventions) -> tuple[str, str]:
    """Return in words the options under which a number is right, and those that hold here."""
    there = [OPTIONS[name][option][1] for name, option in mark.changes]
    here = [OPTIONS[name][_held(mark, name, conventions)][1] for name, _ in mark.changes]
    return " and ".join(there), " and ".join(here)


def _held(mark: Mark, name: str, conventions: Conventions) -> str:
    """Return the option of a convention that holds for a mark's layer."""
    option = getattr(conventions, name)
    if option is not None:
        return str(option)
    layer = mark.case.row.layer if mark.case else None
    if name == "rounding":
        return str(getattr(layer, "rounding", "floor"))
    if name == "same":
        return "half" if getattr(layer, "padding", "") == "half" else "tensorflow"
    return {"dilation": "1", "padding": "each"}[name]


def rounding(mark: Mark, level: int, conventions: Conventions) -> str:
    """Return why a number is rounded too far, and which values it cannot tell apart."""
    head = HEADS[mark.column]
    text = f"{head[:1].upper()}{head[1:]} are to be exact here."
    if mark.row == TOTAL or mark.column in ROUNDABLE:
        text = "Three digits are wanted, the last one rounded."
    if mark.changes:
        there, here = _options(mark, conventions)
        text += f" It cannot tell {there} from {here}"
        if level == LEVELS - 1 and mark.case is not None:
            value = true_value(mark.case, mark.column, changed(conventions, mark.changes))
            text += f": {value_text(value)} and {value_text(mark.expected)} alike"
        text += "."
    return text


def _formula(mark: Mark, level: int, conventions: Conventions) -> list[str]:
    """Return the formula of the right answer; at level 3 with the student's own volumes."""
    head, result = HEADS[mark.column], value_text(mark.expected)
    if mark.expected is None:
        return []
    if mark.case is None:
        letters = _WITHOUT_LAYER.get(mark.column, "the sum of the rows")
        found = [answer_text.Formula(head, letters, "", result)]
    else:
        case = mark.case if level >= 4 or mark.own_case is None else mark.own_case
        column = mark.counted or mark.column
        found = answer_text.formulas(case, column, conventions)
        if not mark.volumes_known:
            found = answer_text.with_unknown_volumes(found, case, column, conventions)
        if mark.counted and len(found) == 1:  # a calculation is called so, whatever it is of
            found = [replace(found[0], symbol=head)]
    return answer_text.lines(found, level)
