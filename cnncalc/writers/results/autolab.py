"""Autolab's last two lines: what to show of each answer, then a score for each column.

Source: autolab/Autolab, docs/lab.md and docs/features/formatted-feedback.md. The names of a lab's
problems are those of the columns: output, parameters, flops, ...
"""

from __future__ import annotations

import json
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from cnncalc.writers.results import number

if TYPE_CHECKING:
    from cnncalc.writers.results import Results


def write(found: Results) -> str:
    """Return the two lines."""
    stages: dict[str, dict[str, Any]] = {}
    scores: dict[str, Fraction] = {}
    for answer in found.answers:
        one: dict[str, Any] = {"passed": bool(answer.passed)}
        if answer.remark or not answer.passed:
            one["hint"] = answer.message
        stages.setdefault(answer.column, {})[answer.layer] = one
        scores[answer.column] = scores.get(answer.column, Fraction(0)) + answer.points
    shown = {"_presentation": "semantic", "stages": list(stages), **stages}
    said = {"scores": {column: number(points) for column, points in scores.items()}}
    return "".join(json.dumps(line) + "\n" for line in (shown, said))
