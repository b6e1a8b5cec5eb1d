r"""The table in LaTeX, with the rules of booktabs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cnncalc.writers.latex_layout import INSIDE, Layout

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnncalc.writers.content import Tabulated
    from cnncalc.writers.latex_layout import Panel
    from cnncalc.writers.table_model import Head, Table

_ESCAPES = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "[": "{[}",  # after a line break it would begin an option
    "*": "{*}",
    "×": r"$\times$",
    "−": "$-$",
    "✓": r"$\surd$",
    "✗": r"$\times$",
    "·": r"$\cdot$",
    "²": r"\textsuperscript{2}",
    "³": r"\textsuperscript{3}",
    "←": r"$\leftarrow$",
    "→": r"$\rightarrow$",
    "≈": r"$\approx$",
    "≤": r"$\le$",
    "…": r"\dots{}",
    **{sign: f"\\{sign}" for sign in "{}$&#_%"},
}
_EXTENTS = re.compile(r"(?<![\w.-])\d+(?:x\d+)+(?![\w-]|\.\w)")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d)")


def write(content: Tabulated) -> str:
    r"""Return table environments that fit on a page; they need `\usepackage{booktabs}`."""
    table = content.table()
    texts = [[cell.text for cell in row.cells] for row in table.rows]
    totals = [total.capitalize() if total == "TOTAL" else total for total in table.totals]
    layout = Layout.of(table.heads, [*texts, totals] if totals else texts)
    panels = layout.panels()
    parts = [r"% \usepackage{booktabs}"]
    for number, panel in enumerate(panels):
        title = f"{table.title}." * bool(table.title)
        if number:
            title = f"{table.title} (continued)."
        caption = phrase(" ".join(filter(None, [title, table.convention * (not number)])))
        parts += [
            r"\begin{table}",
            rf"  \centering{_size(panel)}",
            *([r"  \addtocounter{table}{-1}"] if number else []),
            rf"  \caption{'[]' * bool(number)}{{{caption}}}",
            *([] if number else [rf"  \label{{tab:{_label(table.label)}}}"]),
            *_tabular(panel, table, layout.texts),
            r"\end{table}",
        ]
    notes = [*table.notes, *map(" ".join, table.warnings)]  # for whoever sets the page
    if layout.dropped:
        notes.append(f"Left out, for want of width: {', '.join(layout.dropped)} (--columns).")
    return "\n".join([*parts, *(f"% {text}" for text in notes)]) + "\n"


def _size(panel: Panel) -> str:
    gap = panel.size.gap / 2
    return panel.size.command + rf"\setlength{{\tabcolsep}}{{{gap:g}pt}}" * bool(panel.size.command)


def _tabular(panel: Panel, table: Table, texts: Sequence[Sequence[str]]) -> list[str]:
    """Return the lines of a panel: the heads, its rows, and the totals if they are among them."""
    heads = [table.heads[i] for i in panel.columns]
    sides = "".join(
        f"p{{{width:.0f}pt}}" if width else "r" if head.right else "l"
        for head, width in zip(heads, panel.wrapped, strict=True)
    )
    edge = "@{}" * bool(panel.size.command)
    body = [_row(panel, texts[row]) for row in panel.rows]
    if table.totals and panel.rows and panel.rows[-1] == len(table.rows):
        body.insert(-1, r"    \midrule")
    return [
        rf"  \begin{{tabular}}{{{edge}{sides}{edge}}}",
        r"    \toprule",
        f"    {' & '.join(_head(head, panel.stacked) for head in heads)} \\\\",
        r"    \midrule",
        *body,
        r"    \bottomrule",
        r"  \end{tabular}",
    ]


def _row(panel: Panel, texts: Sequence[str]) -> str:
    cells = [
        phrase(texts[i]) if width is None else _wrapped(texts[i])
        for i, width in zip(panel.columns, panel.wrapped, strict=True)
    ]
    # \raggedright has another \\ for the rest of its cell.
    return f"    {' & '.join(cells)} " + (r"\tabularnewline" if panel.wrapped[-1] else r"\\")


def _wrapped(text: str) -> str:
    r"""Return a text for a column of a width: ragged, and long names broken inside as well."""
    first, *rest = INSIDE.split(text)
    broken = r"\allowbreak{}".join([phrase(first), *map(_inside, rest)])
    return rf"\raggedright {broken}" if text else ""


def _inside(part: str) -> str:
    """Return the text behind a break in a name; 1x1 in the rest of the name is no extent."""
    name, space, text = part.partition(" ")
    return escape(name) + space + phrase(text)


def _head(head: Head, stacked: bool) -> str:
    words = phrase(head.text).split(" ")
    if not (stacked and head.right and len(words) > 1):
        return phrase(head.text)
    lines = r" \\ ".join(words)
    return rf"\shortstack[r]{{{lines}}}"


def escape(text: str) -> str:
    r"""Return text with the characters escaped that mean something in LaTeX.

    >>> print(escape("conv1_1 100%"))
    conv1\_1 100\%
    """
    escaped = "".join(_ESCAPES.get(character, character) for character in text)
    return escaped.replace("--", "-{}-")  # else they become a dash


def phrase(text: str) -> str:
    r"""Return running text: escaped, with extents as formulas and the commas of numbers closed up.

    >>> print(phrase("96 11x11 filters, 1,000"))
    96 $11 \times 11$ filters, 1{,}000
    """
    parts = []
    at = 0
    for match in _EXTENTS.finditer(text):
        extents = match[0].replace("x", r" \times ")
        parts += [escape(text[at : match.start()]), f"${extents}$"]
        at = match.end()
    return _THOUSANDS.sub("{,}", "".join([*parts, escape(text[at:])]))


def _label(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "network"
