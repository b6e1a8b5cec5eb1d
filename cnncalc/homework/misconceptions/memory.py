"""Mistakes in counting values and their bytes."""

from __future__ import annotations

from cnncalc.homework.cases import Case
from cnncalc.homework.misconceptions.mistake import Mistake, WrongValue, WrongValues

BACKWARD = Mistake("M-BWD", "gradients counted, too", "Which pass is asked about?")
INPUT = Mistake("M-INPUT", "the input's values, not the output's", "Which volume is asked about?")
NODEPTH = Mistake("M-NODEPTH", "one channel alone", "How deep is the volume?")
VALUES = Mistake("M-VALUES", "values counted, not bytes", "How many bytes has a value?")


def wrong_memory(case: Case, bytes_per_value: int) -> WrongValues:
    """Yield the wrong numbers of bytes, or of values where `bytes_per_value` is 1."""
    output, before = case.row.output, case.row.inputs[0]
    for mistake, value in (
        (BACKWARD, 2 * output.size * bytes_per_value),
        (INPUT, before.size * bytes_per_value),
        (NODEPTH, output.positions * bytes_per_value),
        (VALUES, output.size),
    ):
        if value != output.size * bytes_per_value:
            yield WrongValue(value, (mistake,))
