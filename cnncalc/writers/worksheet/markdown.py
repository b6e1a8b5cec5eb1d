"""The blank sheet in Markdown, aligned to be read and filled in as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc import units
from cnncalc.writers import markdown

if TYPE_CHECKING:
    from cnncalc.writers.worksheet import Page


def write(page: Page) -> str:
    """Return the sheet between its title and its conventions."""
    body = [
        [units.group(c) if isinstance(c, int) else markdown.escape(c) for c in row]
        for row in page.body
    ]
    table = markdown.grid(page.heads, body, [False] * len(page.heads))
    title, conventions = map(markdown.escape, (page.title, page.conventions))
    return f"# {title}\n\n{table}\n\n{conventions}\n"
