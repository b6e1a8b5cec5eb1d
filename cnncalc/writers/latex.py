r"""The table in LaTeX, with the rules of booktabs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cnncalc.writers.content import Tabulated

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
    r"""Return a table environment; it needs `\usepackage{booktabs}`."""
    table = content.table()
    sides = "".join("r" if head.right else "l" for head in table.heads)
    title = f"{table.title}." * bool(table.title)
    totals = [total.capitalize() if total == "TOTAL" else total for total in table.totals]
    notes = [*table.notes, *map(" ".join, table.warnings)]  # for whoever sets the page
    found = [
        r"% \usepackage{booktabs}",
        r"\begin{table}",
        r"  \centering",
        rf"  \caption{{{phrase(' '.join(filter(None, [title, table.convention])))}}}",
        rf"  \label{{tab:{_label(table.label)}}}",
        rf"  \begin{{tabular}}{{{sides}}}",
        r"    \toprule",
        f"    {_line([head.text for head in table.heads])}",
        r"    \midrule",
        *(f"    {_line([cell.text for cell in row.cells])}" for row in table.rows),
        *([r"    \midrule", f"    {_line(totals)}"] if totals else []),
        r"    \bottomrule",
        r"  \end{tabular}",
        r"\end{table}",
        *(f"% {text}" for text in notes),
    ]
    return "\n".join(found) + "\n"


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


def _line(cells: list[str]) -> str:
    return " & ".join(map(phrase, cells)) + r" \\"


def _label(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "network"
