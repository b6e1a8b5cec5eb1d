"""The right answer of a column as text: its value, and the formula that leads to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from cnncalc import units
from cnncalc.errors import VolumeError
from cnncalc.homework.layer_truth import true_value
from cnncalc.layers.step_builders import letters as volume_letters
from cnncalc.volume import Volume

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnncalc.homework.cases import Case
    from cnncalc.homework.conventions import Conventions
    from cnncalc.homework.layer_truth import Value
    from cnncalc.layers.base import AbstractLayer, Step

# A column's head in reports.
HEADS = {
    "output": "output",
    "input": "input",
    "extents": "extents",
    "weights": "weights",
    "biases": "biases",
    "parameters": "parameters",
    "macs": "MACs",
    "flops": "FLOPs",
    "additions": "additions",
    "activations": "values",
    "memory": "memory",
    "receptive_field": "field",
    "step": "step",
    "working": "working",
    "settings": "settings",
    "order": "order",
    "peak": "peak",
    "value": "value",
}


@dataclass(frozen=True, slots=True)
class Formula:
    """`symbol = letters = numbers = result`, each as text."""

    symbol: str
    letters: str
    numbers: str  # nothing where the formula takes values of other rows
    result: str
    hidden: bool = False  # whether the numbers come of volumes that the student has not stated


def value_text(value: Value | None) -> str:
    """Return a value as people write it.

    >>> value_text((7, 7, 1280)), value_text(34944)
    ('7x7x1280', '34,944')
    """
    if isinstance(value, tuple):
        return "x".join(units.number(n, commas="") for n in value)
    return "" if value is None else units.number(value)


def phrase(description: str, layer: AbstractLayer | None) -> str:
    """Return a layer's phrase, with its rounding where that is not down."""
    up = getattr(layer, "rounding", "floor") == "ceil"
    return description + ", rounded up" * up


def formulas(case: Case, column: str, conventions: Conventions) -> list[Formula]:
    """Return the formulas of a column's true value: of a volume, one for each of its numbers.

    Axes with the same formula share one.
    """
    row, head = case.row, HEADS[column]
    result = value_text(true_value(case, column, conventions))
    if row.layer is None:
        return [Formula(head, "as given", "", result)]
    steps = row.layer.steps(row.output, *row.inputs)
    if column in ("output", "extents"):
        return list(_volume([step for step in steps if step.topic == "volume"]))
    if column in ("weights", "biases", "parameters"):
        return [_sum(head, _learned(steps, column, conventions), result)]
    if column in ("macs", "flops", "additions"):
        return [_sum(head, _operations(steps, column, conventions), result)]
    if column in ("activations", "memory"):
        letters = "·".join(volume_letters(row.output, 2))
        numbers = "·".join(map(str, row.output.shape))
        each = f"·{row.bytes_per_value}" if column == "memory" else ""
        return [Formula(head, letters + each, numbers + each, result)]
    letters = {
        "receptive_field": "the field before + (K - 1)·step before",
        "step": "the step before·S",
        "input": "the output of the row before",
    }[column]
    return [Formula(head, letters, "", result)]


def _volume(steps: Sequence[Step]) -> Iterator[Formula]:
    """Yield the formula of each number of a volume, those that are alike together."""
    groups: dict[tuple[str, str], list[Step]] = {}
    for step in steps:
        formula = step.formula.replace(f"{step.symbol[:1]}1", "W1")
        groups.setdefault((formula, step.numbers), []).append(step)
    for alike in groups.values():
        step = alike[0]
        symbol = " = ".join(one.symbol for one in alike)
        result = units.number(step.value)
        if isinstance(step.value, Fraction) and step.value.denominator > 1:
            way = "up" if step.rounding == "ceil" else "down"
            result += f", rounded {way}: {step.result}"
        yield Formula(symbol, step.formula, step.numbers, result)


def _learned(
    steps: Sequence[Step], column: str, conventions: Conventions
) -> list[tuple[int, Step]]:
    """Return the steps that a count of learned values adds up, each with its factor."""
    topics = {"weights": ("weights", "other"), "biases": ("biases",)}.get(
        column, ("weights", "biases", "other")
    )
    if conventions.parameters == "weights" and column != "biases":
        topics = ("weights", "other")
    return [(1, step) for step in steps if step.topic in topics]


def _operations(
    steps: Sequence[Step], column: str, conventions: Conventions
) -> list[tuple[int, Step]]:
    """Return the steps that a count of operations adds up, each with its factor."""
    by_class = {step.symbol: step for step in steps if step.topic == "FLOPs"}
    flops = conventions.flops if column == "flops" else ""
    if column == "additions":
        return [(1, by_class["additions"])] if "additions" in by_class else []
    factor = 2 if flops in ("2mac", "full", "2mac-1") else 1
    terms = [(factor, by_class["macs"])] if "macs" in by_class else []
    if flops == "full":
        terms += [(1, step) for name, step in by_class.items() if name != "macs"]
    if flops == "mac_bias" and "additions" in by_class:
        terms.append((1, by_class["additions"]))
    return terms


def _sum(head: str, terms: Sequence[tuple[int, Step]], result: str) -> Formula:
    def joined(texts: Sequence[str]) -> str:
        shown = [
            f"{factor}·{text}" if factor > 1 else text
            for (factor, _), text in zip(terms, texts, strict=True)
        ]
        return " + ".join(shown) or "0"

    letters = joined([step.formula for _, step in terms])
    return Formula(head, letters, joined([step.numbers for _, step in terms]), result)


def with_unknown_volumes(
    found: Sequence[Formula], case: Case, column: str, conventions: Conventions
) -> list[Formula]:
    """Return formulas whose numbers are hidden where they come of the volumes that enter.

    They do where other volumes make them others.
    """
    inputs = tuple(
        Volume(tuple(2 * n + 8 for n in volume.extents), 2 * volume.channels)
        for volume in case.row.inputs
    )
    try:
        others = formulas(case.with_volumes(inputs), column, conventions)
    except VolumeError:
        others = []
    same = {one.numbers for one in others}
    return [replace(one, hidden=one.numbers not in same) for one in found]


def lines(found: Sequence[Formula], level: int) -> list[str]:
    """Return formulas as lines: with their numbers from level 3 on, and results at level 4.

    Below level 4 hidden numbers stay out.
    """
    written = []
    for formula in found:
        if formula.letters == formula.result and level < 4:  # 0, which is the answer
            continue
        indent = " " * len(formula.symbol)
        written.append(f"{formula.symbol} = {formula.letters}")
        if level == 3 and formula.hidden:
            written.append(f"{indent}   with the numbers of your row before, once it has them")
        elif level >= 3 and formula.numbers not in ("", formula.result):
            written.append(f"{indent} = {formula.numbers}")
        if level >= 4 and formula.letters != formula.result:
            written.append(f"{indent} = {formula.result}")
    return written
