"""The blocks that every file can use, as a file would write them."""

from __future__ import annotations

from typing import Any

SQUEEZE_EXCITATION: dict[str, Any] = {
    "parameters": {"squeeze": None, "activation": "relu", "gate": "sigmoid"},
    "merge": "multiply",
    "branches": [
        [],
        [
            "global_avg_pool",
            {"type": "conv", "kernel": 1, "filters": "squeeze", "then": ["activation"]},
            {"type": "conv", "kernel": 1, "filters": "input.channels", "then": ["gate"]},
        ],
    ],
}
SHIPPED_BLOCKS = {"squeeze_excitation": SQUEEZE_EXCITATION}
