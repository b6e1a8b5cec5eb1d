"""PrairieLearn's results.json for external graders: a share from 0 to 1, a test for each answer.

Source: PrairieLearn, docs/externalGrading.md. What cannot be read is `gradable: false` with its
`format_errors`, and costs no attempt. Reports above 1 MB are not accepted: a larger one is
written without its tests.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from cnncalc.writers.results import number

if TYPE_CHECKING:
    from cnncalc.writers.results import Results

LARGEST = 1_000_000  # bytes


def write(found: Results) -> str:
    """Return the file that the service reads."""
    errors = [
        f"{answer.name}, {answer.given!r}: {answer.message}"
        for answer in found.answers
        if answer.passed is None
    ]
    report: dict[str, Any] = {"gradable": not errors}
    if errors:
        remarks = [answer.message for answer in found.answers if answer.remark]
        report["format_errors"] = [*errors, *remarks]
    else:
        report["score"] = found.score.share
        report["message"] = found.said
        report["tests"] = [
            {
                "name": answer.name,
                "description": answer.verdict.replace("_", " "),
                "points": number(answer.points),
                "max_points": number(answer.most),
                "message": answer.message,
                "output": answer.given or "(blank)",
            }
            for answer in found.answers
        ]
    text = json.dumps(report, indent=1) + "\n"
    if len(text) > LARGEST:
        report = {**report, "tests": [], "format_errors": errors[:1]}
        text = json.dumps(report, indent=1) + "\n"
    return text
