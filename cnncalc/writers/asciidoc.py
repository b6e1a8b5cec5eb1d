"""The table in AsciiDoc, aligned to be read as text too."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cnncalc.writers.styled import cell_len, padded

if TYPE_CHECKING:
    from cnncalc.writers.content import Tabulated

# A table is split into cells before its text is read, and every way to quote text has exceptions.
# Only a character reference means its character everywhere. Some characters mean something only
# beside others, or at the beginning of a line; an underscore within a word means nothing.
_SPECIAL = re.compile(
    r"[\\`*#^~+{}\[\]<>|&'\"$@]"
    r"|(?<![0-9A-Za-z])_|_(?![0-9A-Za-z])"
    r"|\((?=\(|[CR]\)|TM\))|-(?=-)|\.(?=\.)|:(?=[:/])|(?<![^\W_])(?<![).,]);|^[.=/:]"
)


def write(content: Tabulated) -> str:
    """Return an AsciiDoc table under its title and above its caption."""
    table = content.table()
    body = [[escape(cell.text) for cell in row.cells] for row in table.rows]
    rows = [[escape(head.text) for head in table.heads], *body]
    if table.totals:
        rows.append([escape(total) for total in table.totals])
    right = [head.right for head in table.heads]
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    options = "%autowidth%header" + "%footer" * bool(table.totals)
    sides = ",".join("<>"[number] for number in right)
    about = f" ({escape(table.about)})" * bool(table.about)
    found = [
        *[f".{escape(table.title.strip())}{about}"] * bool(table.title),
        f'[{options},cols="{sides}"]',
        "|===",
        *(
            "".join(f"|{padded(*cell)} " for cell in zip(row, widths, right, strict=True)).rstrip()
            for row in rows
        ),
        "|===",
    ]
    caption = " +\n".join(map(escape, table.caption))  # a break after each sentence
    warnings = (f"WARNING: {escape(' '.join(text))}" for text in table.warnings)
    return "\n\n".join(filter(None, ["\n".join(found) * bool(body), caption, *warnings])) + "\n"


def escape(text: str) -> str:
    """Return text with character references for what means something in AsciiDoc.

    >>> escape("conv1_1 a|b *x* [i]")
    'conv1_1 a&#124;b &#42;x&#42; &#91;i&#93;'
    """
    return _SPECIAL.sub(lambda match: f"&#{ord(match[0])};", text)
