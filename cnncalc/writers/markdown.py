"""The table in Markdown, aligned to be read as text too."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cnncalc.writers.columns import COLUMNS
from cnncalc.writers.table_model import Sheet, head

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnncalc.model.report import Report
    from cnncalc.writers import Options

# An underscore within a word marks nothing, and is left as it is.
_SPECIAL = re.compile(r"[\\`*\[\]<>|~$&]|(?<![0-9A-Za-z])_|_(?![0-9A-Za-z])")


def write(report: Report, options: Options) -> str:
    """Return the report as a Markdown table between its title and its caption."""
    sheet = Sheet(report, options)
    names = sheet.names
    body = [[escape(sheet.text(line, n)) for n in names] for line in sheet.lines if line.rows]
    if sheet.sums:
        body.append([f"**{total}**" if (total := sheet.total(name)) else "" for name in names])
        if "name" in names:
            body[-1][names.index("name")] = "**TOTAL**"
    right = [COLUMNS[name].counts or bool(COLUMNS[name].share_of) for name in names]
    name, about = map(escape, sheet.title)
    parts = [
        f"**{name}**" + f" ({about})" * bool(about),
        grid([escape(head(name)) for name in names], body, right),
        "\n".join(map(escape, sheet.caption())),
        "\n".join(f"- **!** {escape(' '.join(text))}" for text in sheet.warnings()),
    ]
    return "\n\n".join(filter(None, parts)) + "\n"


def escape(text: str) -> str:
    r"""Return text with everything escaped that Markdown would take for its own.

    >>> print(escape("conv1_1 a|b *x* <i>"))
    conv1_1 a\|b \*x\* \<i\>
    """
    return _SPECIAL.sub(r"\\\g<0>", text)


def grid(heads: Sequence[str], body: Sequence[Sequence[str]], right: Sequence[bool]) -> str:
    """Return a Markdown table, its columns padded to one width; `right`: which are numbers."""
    widths = [max(3, *map(len, column)) for column in zip(heads, *body, strict=True)]
    ends = list(zip(widths, right, strict=True))
    rule = "|".join(f"{'-' * (w + 1)}:" if r else f":{'-' * (w + 1)}" for w, r in ends)
    lines = [
        " | ".join(c.rjust(w) if r else c.ljust(w) for c, (w, r) in zip(cells, ends, strict=True))
        for cells in [heads, *body]
    ]
    return "\n".join([f"| {lines[0]} |", f"|{rule}|", *(f"| {line} |" for line in lines[1:])])
