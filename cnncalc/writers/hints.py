"""What a mark says to a student, a step at a time; the expected value only in the last.

Levels: 0 right or wrong; 1 what it is consistent with, and a question; 2 the formula; 3 the
formula with the student's own numbers in it; 4 the answer.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from cnncalc import units
from cnncalc.homework import marks as marking
from cnncalc.homework.conventions import OPTIONS
from cnncalc.homework.layer_truth import worth

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cnncalc.homework.conventions import Conventions
    from cnncalc.homework.layer_truth import Case, Value
    from cnncalc.homework.marks import Mark
    from cnncalc.homework.misconceptions import Explanation
    from cnncalc.layers.base import AbstractLayer, Step

LEVELS = 5
MOST_WAYS = 3  # that are spelled out
HEADS = {
    "output": "output", "input": "input", "extents": "extents", "weights": "weights",
    "biases": "biases", "parameters": "parameters", "macs": "MACs", "flops": "FLOPs",
    "additions": "additions", "activations": "values", "memory": "memory",
    "receptive_field": "field", "step": "step", "working": "working",
    "settings": "settings", "order": "order",
    "peak": "peak",
}  # fmt: skip
_QUESTIONS = {
    "output": "How many places has the window along each axis, and what decides the depth?",
    "input": "What comes out of the row before?",
    "flops": "How many products does one output value take, and how many output values are there?",
    "receptive_field": "What does this layer add to the field of the layer before it?",
    "step": "How far apart in the image are two neighbouring units?",
    "order": "Which kind of layer comes after which?",
}  # fmt: skip
_COUNT = "What does one filter or neuron learn, and how many are there?"
_SIZES = "How many values has the volume?"


def lines(mark: Mark, level: int, how: Conventions) -> list[str]:
    """Return the lines below a mark's head, up to a level."""
    if level < 1 or mark.verdict in (marking.CORRECT, marking.FOLLOWS, marking.BLANK):
        return []
    found = list(_first(mark, how, level))
    if mark.verdict != marking.UNREADABLE and level >= 2:
        found += formula(mark, level, how)
    return found


def _first(mark: Mark, how: Conventions, level: int) -> Iterator[str]:
    """Yield what is said at level 1."""
    if mark.verdict == marking.UNREADABLE:
        yield f"{mark.note} Not counted until it can be read."
    elif mark.verdict == marking.METHOD:
        yield {
            "product": "The working is right; the result is another number than it comes to.",
            "working": "The result is right; the working comes to another number.",
        }[mark.note]
    elif mark.verdict == marking.CONVENTION:
        rounded = " It is rounded, too." if mark.note == "rounded" else ""
        follows = ", given the row before" if mark.note == "follows" else ""
        yield f"Right for {otherwise(mark, how, follows)}{rounded}"
    elif mark.verdict == marking.ROUNDED:
        yield rounding(mark, how, level)
    else:
        yield from _wrong(mark)


def _wrong(mark: Mark) -> Iterator[str]:
    if mark.explanations:
        yield f"Consistent with {explained(mark.explanations)}."
        yield mark.explanations[0][0].question
        return
    yield mark.note or "No known mistake leads to it."
    if mark.column == "settings":
        return
    default = _SIZES if mark.column in ("activations", "memory", "peak") else _COUNT
    if mark.row == "TOTAL":
        yield "Do the rows add up to it?"
    else:
        yield _QUESTIONS.get(
            {"macs": "flops", "extents": "output"}.get(mark.column, mark.column), default
        )


def explained(ways: Sequence[tuple[Explanation, ...]]) -> str:
    """Return the mistakes that a number is consistent with, in words.

    >>> from cnncalc.homework.misconceptions import Explanation
    >>> explained([(Explanation("S-NOPLUS1", "no + 1", ""),)])
    'S-NOPLUS1: no + 1'
    """
    words = [(marking.code_of(way), " and ".join(mistake.text for mistake in way)) for way in ways]
    if len(words) == 1:
        return f"{words[0][0]}: {words[0][1]}"
    *first, last = [f"{code}, {text}" for code, text in words[:MOST_WAYS]]
    if (more := len(words) - MOST_WAYS) > 0:
        first, last = [*first, last], f"{more} more"
    return f"{', '.join(first)}, or {last}"


def otherwise(mark: Mark, how: Conventions, follows: str = "") -> str:
    """Return under which conventions a number is right, and what this sheet has instead."""
    there = " and ".join(OPTIONS[name][option][1] for name, option in mark.changes)
    here = " and ".join(_own(mark, name, how) for name, _ in mark.changes)
    verb = "counts" if mark.changes[0][0] in ("parameters", "batch_norm", "input") else "uses"
    return f"{there}{follows}; this sheet {verb} {here}."


def _own(mark: Mark, name: str, how: Conventions) -> str:
    option = getattr(how, name)
    layer = mark.case.layer if mark.case else None
    if option is None:
        option = {
            "rounding": getattr(layer, "rounding", "floor"),
            "same": "half" if getattr(layer, "padding", "") == "half" else "tensorflow",
            "dilation": "1",
        }[name]
    return OPTIONS[name][option][1]


def rounding(mark: Mark, how: Conventions, level: int) -> str:
    """Return why a number is rounded too far, and what it cannot tell apart."""
    head = HEADS[mark.column]
    text = f"{head[:1].upper()}{head[1:]} are to be exact here."
    if mark.row == "TOTAL" or mark.column in ("flops", "macs", "additions", "memory"):
        text = "Three digits are wanted, the last one rounded."
    if mark.changes:
        other = " and ".join(OPTIONS[name][option][1] for name, option in mark.changes)
        own = " and ".join(_own(mark, name, how) for name, _ in mark.changes)
        text += f" It cannot tell {other} from {own}"
        if level == LEVELS - 1 and mark.case is not None:
            there = worth(mark.case, mark.column, how._replace(**dict(mark.changes)))
            text += f": {value(there)} and {value(mark.expected)} alike"
        text += "."
    return text


def phrase(description: str, layer: AbstractLayer | None) -> str:
    """Return a layer's phrase, with its rounding where that is not down."""
    up = getattr(layer, "rounding", "floor") == "ceil"
    return description + ", rounded up" * up


# --- the formula, the numbers, the answer --------------------------------------------------------


def formula(mark: Mark, level: int, how: Conventions) -> list[str]:
    """Return the formula, with the numbers in it from level 3 on, and the result at level 4.

    At level 3 the numbers are the student's own; where those are not known, they stay out.
    """
    case = mark.case if level >= 4 or mark.own is None else mark.own
    found: list[str] = []
    for symbol, letters, numbers, result in _working(case, mark, how):
        indent = " " * len(symbol)
        found.append(f"{symbol} = {letters}")
        if level == 3 and not mark.open:
            found.append(f"{indent}   with the numbers of your row before, once it has them")
        elif level >= 3 and numbers not in ("", result):
            found.append(f"{indent} = {numbers}")
        if level >= 4:
            found.append(f"{indent} = {result}")
    return found


def value(value: Value | None) -> str:
    """Return an expected value as people write it.

    >>> value((7, 7, 1280)), value(34944)
    ('7x7x1280', '34,944')
    """
    if isinstance(value, tuple):
        return "x".join(units.number(n, commas="") for n in value)
    return "" if value is None else units.number(value)


Working = tuple[str, str, str, str]  # symbol, in letters, in numbers, the result


def _working(case: Case | None, mark: Mark, how: Conventions) -> Iterator[Working]:
    column, expected = mark.column, value(mark.expected)
    head = HEADS[column]
    if case is None or case.layer is None:
        if mark.expected is not None:
            yield head, "the sum of the rows" if mark.row == "TOTAL" else "as given", "", expected
        return
    steps = case.layer.steps(case.output, *case.inputs)
    if column in ("output", "extents"):
        yield from _volume([step for step in steps if step.topic == "volume"])
    elif column in ("weights", "biases", "parameters", "working"):
        topics = {"weights": ("weights", "other"), "biases": ("biases",)}.get(
            column, ("weights", "biases", "other")
        )
        if how.parameters == "weights" and column != "biases":
            topics = ("weights", "other")
        used = [step for step in steps if step.topic in topics]
        yield head, *_sum([(1, step) for step in used], case), expected
    elif column in ("macs", "flops", "additions"):
        yield head, *_operations(steps, column, how, case), expected
    elif column in ("activations", "memory"):
        letters, numbers = _size(case)
        each = f"·{case.bytes_per_value}" if column == "memory" else ""
        yield head, letters + each, numbers + each, expected
    elif column == "receptive_field":
        yield head, "the field before + (K - 1)·step before", "", expected
    elif column == "step":
        yield head, "the step before·S", "", expected
    else:
        yield head, "the output of the row before", "", expected


def _volume(steps: Sequence[Step]) -> Iterator[Working]:
    """Yield the working of each axis, those that are alike together."""
    groups: dict[tuple[str, str], list[Step]] = {}
    for step in steps:
        plain = step.formula.replace(f"{step.symbol[:1]}1", "W1")
        groups.setdefault((plain, step.numbers), []).append(step)
    for alike in groups.values():
        step = alike[0]
        symbol = " = ".join(one.symbol for one in alike)
        result = units.number(step.value)
        if isinstance(step.value, Fraction) and step.value.denominator > 1:
            way = "up" if step.rounding == "ceil" else "down"
            result += f", rounded {way}: {step.result}"
        yield symbol, step.formula, step.numbers, result


def _sum(terms: Sequence[tuple[int, Step]], case: Case) -> tuple[str, str]:
    def joined(texts: Sequence[str]) -> str:
        shown = [
            f"{factor}·{text}" if factor > 1 else text
            for (factor, _), text in zip(terms, texts, strict=True)
        ]
        return " + ".join(shown) or "0"

    return joined([step.formula for _, step in terms]), joined([step.numbers for _, step in terms])


def _operations(
    steps: Sequence[Step], column: str, how: Conventions, case: Case
) -> tuple[str, str]:
    kinds = {step.symbol: step for step in steps if step.topic == "FLOPs"}
    if column == "additions":
        return _sum([(1, kinds["additions"])] if "additions" in kinds else [], case)
    factor = 2 if column == "flops" and how.flops in ("2mac", "full", "2mac-1") else 1
    terms = [(factor, kinds["macs"])] if "macs" in kinds else []
    if column == "flops" and how.flops == "full":
        terms += [(1, step) for symbol, step in kinds.items() if symbol != "macs"]
    if column == "flops" and how.flops == "mac_bias" and "additions" in kinds:
        terms.append((1, kinds["additions"]))
    return _sum(terms, case)


def _size(case: Case) -> tuple[str, str]:
    letters = ("D2", "W2·D2", "H2·W2·D2", "T2·H2·W2·D2")[min(len(case.output.extents), 3)]
    return letters, "·".join(map(str, case.output.shape))
