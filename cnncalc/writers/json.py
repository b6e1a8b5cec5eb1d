"""A document as JSON, with a line for each layer: docs/json.md describes what it holds."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cnncalc.writers.content import Content

VERSION = 1  # of the document: grows when what it had before changes its meaning or goes


def write(content: Content) -> str:
    """Return the whole document, whatever options say is shown."""
    return "".join(pieces(content))


def pieces(content: Content) -> Iterator[str]:
    """Yield the whole document in pieces: for each layer one, made when it is due."""
    return _pieces(content.document())


def lines(document: dict[str, Any]) -> str:
    """Return a document as text, with a line for each of its keys and for each dict in a list."""
    return "".join(_pieces(document))


def _pieces(document: dict[str, Any]) -> Iterator[str]:
    before = "{\n"
    for key, value in document.items():
        yield f"{before}  {json.dumps(key)}: "
        before = ",\n"
        if isinstance(value, Iterator) or (
            isinstance(value, list) and value and isinstance(value[0], dict)
        ):
            yield from _items(value)
        else:
            yield json.dumps(value)
    yield "\n}\n"


def _items(items: Iterable[object]) -> Iterator[str]:
    """Yield a list, a line for each item; an empty one on no line of its own."""
    before = "[\n"
    for item in items:
        yield f"{before}    {json.dumps(item)}"
        before = ",\n"
    yield "[]" if before == "[\n" else "\n  ]"


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
