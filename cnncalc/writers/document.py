"""A report as a document of dicts, lists, whole numbers and text: docs/json.md describes it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from cnncalc.model.counting import OPTIMIZERS
from cnncalc.writers import sentences
from cnncalc.writers.columns import COLUMNS
from cnncalc.writers.json import VERSION, plain

if TYPE_CHECKING:
    from cnncalc.model.graph import Group
    from cnncalc.model.report import Report, Row
    from cnncalc.writers.columns import Column

_ABOUT = (
    "name",
    "title",
    "source",
    "year",
    "file",
    "variant",
    "settings",
    "batch",
    "dtype",
    "convention",
)
_PEAK = ("peak_activations", "peak_bytes", "peak_at", "peak_layers", "alive")


def to_dict(report: Report) -> dict[str, Any]:
    """Return the document."""
    return {
        name: list(value) if isinstance(value, Iterator) else value
        for name, value in parts(report).items()
    }


def parts(report: Report) -> dict[str, Any]:
    """Return the document, with layers and groups as iterators that make each when it is due."""
    return {
        "version": VERSION,
        **{name: plain(getattr(report, name)) for name in _ABOUT},
        "file": "shipped" if any(note.code == "shipped" for note in report.notes) else report.file,
        "input": list(report.input.shape),
        "output": list(report.output.shape),
        **{one.name: plain(one.network(report)) for one in _numbers() if one.adds},
        "cost": report.cost._asdict(),
        **{name: plain(getattr(report, name)) for name in _PEAK},
        "training_bytes": {name: report.training_bytes(name) for name in OPTIMIZERS},
        "tiling": report.tiling and [plain(asdict(rule)) for rule in report.tiling],
        "notes": [
            {
                "code": note.code,
                "message": sentences.note(note, report),
                "numbers": plain(note.numbers),
            }
            for note in report.notes
        ],
        "layers": (_row(report, row) for row in report.layers),
        "groups": (_group(group) for group in report.groups),
    }


def _numbers() -> list[Column]:
    """Return the columns that the document has under their names."""
    return [column for column in COLUMNS.values() if column.in_document]


def _row(report: Report, row: Row) -> dict[str, Any]:
    return {
        "name": row.name,
        "type": row.type,
        "description": row.description,
        "inputs": [list(volume.shape) for volume in row.inputs],
        "sources": [report.layers[source].name for source in row.sources],
        "output": list(row.output.shape),
        **{one.name: plain(one.of((row,))) for one in _numbers()},
        "cost": row.cost._asdict(),
        "receptive_field": plain(row.receptive_field._asdict()),
        "training": row.training,
        "shares": row.shares,
        "also": {name: list(shape) for name, shape in row.also.items()},
        "place": row.place and {"line": row.place.line, "column": row.place.column},
        "warnings": [
            {
                "code": warning.code,
                "axis": warning.axis,
                "message": sentences.message(row, warning),
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
