"""Gradescope's results.json: points, a test for each answer.

Source: gradescope/autograder_samples, docs/specs.md. `score` on top overrides the sum of the
tests; text is plain, as names and answers are data.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from cnncalc.writers.results import number

if TYPE_CHECKING:
    from cnncalc.writers.results import Results


def write(found: Results) -> str:
    """Return the file that the service reads, also of a sheet that could not be read."""
    tests: list[dict[str, Any]] = [
        {
            "number": str(index),
            "name": answer.name,
            "name_format": "text",
            "score": number(answer.points),
            "max_score": number(answer.most),
            "status": "passed" if answer.passed else "failed",
            "output": answer.message
            if answer.remark
            else f"{answer.given or '(blank)'}\n{answer.message}",
            "output_format": "text",
            "tags": [answer.column, *([answer.code] if answer.code else [])],
            "visibility": "visible",
            "extra_data": {"verdict": answer.verdict, "code": answer.code, "line": answer.line},
        }
        for index, answer in enumerate(found.answers, 1)
    ]
    report = {
        "score": number(found.score.points),
        "output": found.said,
        "output_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "extra_data": {"cnncalc": {"report": 1, "key": found.key, "unread": found.unread}},
        "tests": tests,
    }
    return json.dumps(report, indent=1, ensure_ascii=False) + "\n"
