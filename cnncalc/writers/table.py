"""The table as plain text: what a pipe gets, of any width, without colour."""

from __future__ import annotations

from io import StringIO
from typing import TYPE_CHECKING

from cnncalc.writers import terminal

if TYPE_CHECKING:
    from cnncalc.writers.content import Content


def write(content: Content) -> str:
    """Return what a terminal would show, as wide as it is."""
    stream = StringIO()
    content.show(terminal.console(stream))
    return stream.getvalue()
