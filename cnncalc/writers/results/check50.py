"""check50's JSON: a result for each answer; None for what could not be checked.

Source: the JSON specification in check50's documentation, version 3.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cnncalc.writers.results import AnswerResult, Results


def write(found: Results) -> str:
    """Return what `check50 -o json` would print."""
    results = [_result(answer) for answer in found.answers]
    report = {"slug": found.key, "results": results, "version": "3.0.0"}
    return json.dumps(report, indent=1, ensure_ascii=False) + "\n"


def _log(answer: AnswerResult) -> str:
    if answer.remark:
        return answer.message
    return f"you have {answer.given}" if answer.given else "you have left it blank"


def _result(answer: AnswerResult) -> dict[str, Any]:
    rationale, *rest = answer.message.split("\n")
    cause = {"rationale": rationale, "help": "\n".join(rest) or None}
    return {
        "name": answer.name,
        "description": f"{answer.layer}: {answer.column}",
        "passed": answer.passed,
        "log": [_log(answer)],
        "cause": None if answer.passed else cause,
        "data": {
            "points": float(answer.points),
            "max_points": float(answer.most),
            "code": answer.code,
        },
        "dependency": None,
    }
