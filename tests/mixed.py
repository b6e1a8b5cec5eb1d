"""A small network of everything that a table has a way to show, and its table at a width."""

from __future__ import annotations

import io
from typing import Any

from cnncalc.model.report import Report
from cnncalc.writers import Options, terminal
from cnncalc.writers.report import ReportContent

# Blocks, copies, branches, an input from elsewhere, a side path for training, activation functions
# with and without parameters.
MIXED = {
    "name": "Mixed",
    "source": "made up",
    "input": "33x33x3",
    "blocks": {
        "unit": {
            "parameters": {"width": None, "stride": 1},
            "merge": "add",
            "branches": [
                [
                    {"type": "conv", "filters": "width", "kernel": 3, "stride": "stride",
                     "padding": "half", "then": ["batch_norm", "relu"]},
                    {"type": "conv", "filters": "width", "kernel": 3, "padding": "half"},
                ],
                [{"type": "conv", "name": "shortcut", "filters": "width", "kernel": 1,
                  "stride": "stride", "when": "stride > 1 or channels != width"}],
            ],
        }
    },
    "layers": [
        {"type": "conv", "name": "stem", "filters": 8, "kernel": 4, "stride": 2},
        "prelu",
        {"type": "unit", "name": "stage", "width": 8, "repeat": 3, "then": ["relu"]},
        {"type": "unit", "name": "down", "width": 16, "stride": 2},
        {"name": "head", "training": True,
         "layers": ["global_avg_pool", {"type": "fc", "units": 5}]},
        {"name": "inner", "merge": "concat", "branches": [
            [{"type": "unit", "name": "a", "width": 4}], [{"type": "max_pool", "kernel": 3,
             "stride": 1, "padding": 1}], []]},
        {"type": "conv", "name": "last", "filters": 4, "kernel": 3, "from": "down", "padding": 1},
        {"type": "fc", "units": 10},
        "softmax",
    ],
}  # fmt: skip


def shown(report: Report, width: int = terminal.ENDLESS, **options: Any) -> str:
    """Return the table at a width; without one, as it goes down a pipe."""
    stream = io.StringIO()
    console = terminal.console(stream)
    console.width = width
    ReportContent(report, Options(**options)).show(console)
    return stream.getvalue()
