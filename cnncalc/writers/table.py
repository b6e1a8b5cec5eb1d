"""The table as plain text: what a pipe gets, of any width, without colour."""

from __future__ import annotations

from io import StringIO
from typing import TYPE_CHECKING

from cnncalc.writers import terminal

if TYPE_CHECKING:
    from cnncalc.writers.content import Content


def write(content: Content) -> str:
    """Return the table as a terminal shows it, in its width."""
    stream = StringIO()
    content.show(terminal.console(stream))
    return stream.getvalue()
