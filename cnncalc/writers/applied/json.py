"""A layer on given values as JSON: a fraction as text, which is exact."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from cnncalc.writers.applied.notation import number
from cnncalc.writers.json import lines, plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnncalc.applying.exact import Value
    from cnncalc.applying.fields import Field
    from cnncalc.writers.applied import Content, Line

VERSION = 1
DIGITS = 20  # of what is rounded


def write(content: Content) -> str:
    """Return the document: a line for each output."""
    applied = content.applied
    return lines(
        {
            "format": "cnncalc apply",
            "version": VERSION,
            "type": applied.layer.tag,
            "settings": plain(applied.layer.model_dump(mode="json", exclude_unset=True)),
            "inputs": [_field(field) for field in applied.inputs],
            "arrays": [_field(field) for field in applied.arrays.values()],
            "output": list(applied.output.shape),
            "values": _nested(applied.values, applied.output.shape),
            "exact": not any(isinstance(value, Decimal) for value in applied.values),
            "shared": [_line(line) for line in content.common],
            "working": [_line(line) for line in content.lines],
        }
    )


def _field(field: Field) -> dict[str, Any]:
    return {
        "name": field.name,
        "shape": list(field.shape),
        "values": _nested(field.values, field.shape),
    }


def _value(value: Value) -> Any:
    """Return a value: exact, or a text of 20 digits."""
    return number(value, DIGITS) if isinstance(value, Decimal) else plain(value)


def _nested(values: Sequence[Value], shape: Sequence[int]) -> Any:
    """Return values as lists in lists, one for each axis."""
    if not shape:
        return _value(values[0])
    size = len(values) // shape[0]
    return [_nested(values[i * size : (i + 1) * size], shape[1:]) for i in range(shape[0])]


def _line(line: Line) -> dict[str, Any]:
    return {
        "place": line.place,
        "window": line.window,
        "working": line.working,
        "value": _value(line.value),
    }
