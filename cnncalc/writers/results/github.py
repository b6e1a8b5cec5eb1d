"""GitHub Classroom's runner result, in base64, as its reporter reads it.

Source: classroom-resources/autograding-grading-reporter, src/main.js and notify-classroom.js: the
text is the step's output, given to the reporter as `<RUNNER>_RESULTS`; the points are the sum of
the tests' scores.
"""

from __future__ import annotations

import json
from base64 import b64encode
from typing import TYPE_CHECKING, Any

from cnncalc.writers.results import number

if TYPE_CHECKING:
    from cnncalc.writers.results import Results


def write(found: Results) -> str:
    """Return the result as one line."""
    tests: list[dict[str, Any]] = [
        {
            "name": answer.name,
            "status": "error" if answer.passed is None else "pass" if answer.passed else "fail",
            "score": number(answer.points),
            "message": answer.message,
            "test_code": answer.code,
            "filename": found.file,
            "line_no": answer.line or 0,
            "duration": 0,
        }
        for answer in found.answers
    ]
    status = "pass" if found.passed else "fail"
    report = {
        "version": 1,
        "status": status,
        "max_score": number(found.score.most),
        "tests": tests,
    }
    return b64encode(json.dumps(report).encode()).decode() + "\n"
