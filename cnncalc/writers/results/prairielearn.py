"""PrairieLearn's results.json for external graders: a share from 0 to 1, a test for each answer.

Source: PrairieLearn, docs/externalGrading.md. What cannot be read is `gradable: false` with its
`format_errors`, and costs no attempt. A larger report than 1 MB is not taken: without its tests
it is none.
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
        f"{item.name}, {item.given!r}: {item.message}"
        for item in found.items
        if item.passed is None
    ]
    report: dict[str, Any] = {"gradable": not errors}
    if errors:
        report["format_errors"] = errors
    else:
        report["score"] = found.share
        report["message"] = f"Conventions of this sheet: {found.conventions}."
        report["tests"] = [
            {
                "name": item.name,
                "description": item.verdict.replace("_", " "),
                "points": number(item.points),
                "max_points": number(item.most),
                "message": item.message,
                "output": item.given or "(blank)",
            }
            for item in found.items
        ]
    text = json.dumps(report, indent=1) + "\n"
    if len(text) > LARGEST:
        report = {**report, "tests": [], "format_errors": errors[:1]}
        text = json.dumps(report, indent=1) + "\n"
    return text
