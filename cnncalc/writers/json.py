"""All that a report knows, as JSON: docs/json.md describes it."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from cnncalc.writers.columns import OPERATIONS
from cnncalc.writers.sentences import message

if TYPE_CHECKING:
    from cnncalc.model.graph import Group
    from cnncalc.model.report import Report, Row
    from cnncalc.writers import Options

VERSION = 1  # of the document: grows when what it had before changes its meaning or goes

# What a report and a row have under the same name.
_COUNTS = ("weights", "biases", "other", "parameters", "buffers", "macs", "flops", "activations")
_BYTES = ("activation_bytes", "parameter_bytes")
_ABOUT = ("name", "source", "year", "file", "variant", "settings", "batch", "dtype", "convention")
_PEAK = ("peak_activations", "peak_bytes", "peak_at", "peak_layers")


def write(report: Report, options: Options) -> str:
    """Return the document as text, a layer a line; all of it, whatever the options."""
    return lines(to_dict(report))


def lines(document: dict[str, Any]) -> str:
    """Return a document as text, with a line for each of its keys and for each dict in a list."""
    parts = []
    for key, value in document.items():
        text = json.dumps(value)
        if isinstance(value, list) and value and isinstance(value[0], dict):
            text = ",\n".join(f"    {json.dumps(item)}" for item in value)
            text = f"[\n{text}\n  ]"
        parts.append(f"  {json.dumps(key)}: {text}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def to_dict(report: Report) -> dict[str, Any]:
    """Return the document: whole numbers, text, lists and dicts."""
    optimizers = ("sgd", "momentum", "adam")
    return {
        "version": VERSION,
        **{name: plain(getattr(report, name)) for name in _ABOUT},
        "input": list(report.input.shape),
        "output": list(report.output.shape),
        **{name: getattr(report, name) for name in _COUNTS},
        "cost": {name: getattr(report.cost, name) for name in OPERATIONS},
        **{name: getattr(report, name) for name in _BYTES},
        **{name: plain(getattr(report, name)) for name in _PEAK},
        "training_bytes": {name: report.training_bytes(name) for name in optimizers},
        "tiling": None if report.tiling is None else [rule._asdict() for rule in report.tiling],
        "layers": [_row(report, row) for row in report.layers],
        "groups": [_group(group) for group in report.groups],
    }


def _row(report: Report, row: Row) -> dict[str, Any]:
    return {
        "name": row.name,
        "type": row.type,
        "description": row.description,
        "inputs": [list(volume.shape) for volume in row.inputs],
        "sources": [report.layers[source].name for source in row.sources],
        "output": list(row.output.shape),
        **{name: getattr(row, name) for name in _COUNTS},
        "cost": {name: getattr(row.cost, name) for name in OPERATIONS},
        **{name: getattr(row, name) for name in _BYTES},
        "receptive_field": plain(row.receptive_field._asdict()),
        "training": row.training,
        "place": row.place and {"line": row.place.line, "column": row.place.column},
        "warnings": [
            {
                "code": warning.code,
                "axis": warning.axis,
                "message": message(row, warning),
                "numbers": plain(warning.numbers),
            }
            for warning in row.warnings
        ],
    }


def _group(group: Group) -> dict[str, Any]:
    return {
        "path": group.path,
        "type": group.type,
        "arguments": plain(dict(group.arguments)),
        "copies": group.copies,
        "index": group.index,
        "layers": [group.first, group.last],
    }


def plain(value: Any) -> Any:
    """Return a value as JSON has it; a fraction that is not whole as text, which is exact.

    >>> plain((1, Fraction(4, 2), Fraction(1, 3)))
    [1, 2, '1/3']
    """
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, Fraction):
        return int(value) if value.denominator == 1 else str(value)
    return value if value is None or isinstance(value, (str, bool, int)) else str(value)
