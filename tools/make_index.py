"""Write what is derived in architectures/: index.json, and schema.json for editors.

`python tools/make_index.py` writes both; a test holds them up to date.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import cnncalc
from cnncalc.report import Report

ARCHITECTURES = Path(__file__).parent.parent / "architectures"

# They have weights but are no layers in the sense of "a network of 50 layers".
NOT_COUNTED = {"batch_norm", "layer_norm", "group_norm", "instance_norm", "l2_norm", "scale", "prelu"}


def depth(report: Report) -> int:
    """Return the number of layers with weights on the longest path to the output."""
    depths: list[int] = []
    for row in report.layers:
        before = max((depths[source] for source in row.sources), default=0)
        counts = row.weights > 0 and row.type not in NOT_COUNTED
        depths.append(before + counts)
    return max(depths[i] for i, row in enumerate(report.layers) if not row.training)


def rows() -> list[dict[str, object]]:
    """Return the index: a row for each shipped file, or for each of its variants."""
    found = []
    for path in sorted(ARCHITECTURES.glob("*.yaml")):
        for variant in cnncalc.load(path).variants or [None]:
            report = cnncalc.analyze(path, variant=variant)
            found.append(
                {
                    "name": variant or path.stem,
                    "file": path.name,
                    "variant": variant,
                    "input": str(report.input),
                    "parameters": report.parameters,
                    "macs": report.macs,
                    "depth": depth(report),
                    "year": report.year,
                }
            )
    return found


def derived() -> dict[str, str]:
    """Return the text of each derived file by its name."""
    lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows())
    return {"index.json": f"[\n{lines}\n]\n"}


if __name__ == "__main__":
    for name, text in derived().items():
        (ARCHITECTURES / name).write_text(text, encoding="utf-8", newline="\n")
        print(f"wrote {name}: {len(text.splitlines()):,} lines", file=sys.stderr)
