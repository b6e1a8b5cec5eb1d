"""A layer on given values in Markdown: planes as code, the working as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc.writers import markdown
from cnncalc.writers.applied.text import planes_text

if TYPE_CHECKING:
    from cnncalc.writers.applied import Content


def write(content: Content) -> str:
    """Return the planes as one block of code, and a table of the working."""
    table = content.table()
    cells = [[markdown.escape(cell.text) for cell in row.cells] for row in table.rows]
    heads = [markdown.escape(head.text) for head in table.heads]
    parts = [
        f"**{markdown.escape(table.title)}** ({markdown.escape(table.about)})",
        f"```text\n{planes_text(content)}\n```",
        markdown.grid(heads, cells, [False] * len(heads)) if cells else "",
        "\n".join(map(markdown.escape, table.caption)),
    ]
    return "\n\n".join(filter(None, parts)) + "\n"
