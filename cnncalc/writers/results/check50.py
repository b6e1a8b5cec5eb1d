"""check50's JSON: a result for each answer; None for what could not be checked.

Source: the JSON specification in check50's documentation, version 3.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cnncalc.writers.results import Item, Results


def write(found: Results) -> str:
    """Return what `check50 -o json` would print."""
    results = [_result(item) for item in found.items]
    report = {"slug": found.key, "results": results, "version": "3.0.0"}
    return json.dumps(report, indent=1, ensure_ascii=False) + "\n"


def _result(item: Item) -> dict[str, Any]:
    rationale, *rest = item.message.split("\n")
    cause = {"rationale": rationale, "help": "\n".join(rest) or None}
    return {
        "name": item.name,
        "description": f"{item.layer}: {item.column}",
        "passed": item.passed,
        "log": [f"you have {item.given}" if item.given else "you have left it blank"],
        "cause": None if item.passed else cause,
        "data": {"points": float(item.points), "max_points": float(item.most), "code": item.code},
        "dependency": None,
    }
