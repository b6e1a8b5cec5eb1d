"""A document as JSON, with a line for each layer: docs/json.md describes what it holds."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cnncalc.writers.content import Content

VERSION = 1  # of the document: grows when what it had before changes its meaning or goes


def write(content: Content) -> str:
    """Return the whole document, whatever options say is shown."""
    return lines(content.to_dict())


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
