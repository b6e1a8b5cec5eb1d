"""The table in Markdown, aligned to be read as text too."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cnncalc.writers.styled import cell_len, padded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnncalc.writers.content import Tabulated

# An underscore within a word marks nothing, and is left as it is.
_SPECIAL = re.compile(r"[\\`*\[\]<>|~$&]|(?<![0-9A-Za-z])_|_(?![0-9A-Za-z])")


def write(content: Tabulated) -> str:
    """Return a Markdown table between its title and its caption."""
    table = content.table()
    body = [[escape(cell.text) for cell in row.cells] for row in table.rows]
    if table.totals:
        body.append([f"**{escape(total)}**" if total else "" for total in table.totals])
    heads = [escape(head.text) for head in table.heads]
    title, about = escape(table.title), escape(table.about)
    parts = [
        f"**{title}**" * bool(title) + f" ({about})" * bool(about),
        grid(heads, body, [head.right for head in table.heads]) if body else "",
        escape(table.summary),
        "\n".join(map(escape, table.caption)),
        "\n".join(f"- **!** {escape(' '.join(text))}" for text in table.warnings),
    ]
    return "\n\n".join(filter(None, parts)) + "\n"


def escape(text: str) -> str:
    r"""Return text with the characters escaped that mean something in Markdown.

    >>> print(escape("conv1_1 a|b *x* <i>"))
    conv1_1 a\|b \*x\* \<i\>
    """
    return _SPECIAL.sub(r"\\\g<0>", text)


def grid(heads: Sequence[str], body: Sequence[Sequence[str]], right: Sequence[bool]) -> str:
    """Return a Markdown table, its columns padded to one width; `right`: which are numbers."""
    widths = [max(3, *map(cell_len, column)) for column in zip(heads, *body, strict=True)]
    ends = list(zip(widths, right, strict=True))
    rule = "|".join(f"{'-' * (w + 1)}:" if r else f":{'-' * (w + 1)}" for w, r in ends)
    lines = [
        " | ".join(padded(cell, *end) for cell, end in zip(cells, ends, strict=True))
        for cells in [heads, *body]
    ]
    return "\n".join([f"| {lines[0]} |", f"|{rule}|", *(f"| {line} |" for line in lines[1:])])
