r"""The table in LaTeX, with the rules of booktabs."""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import TYPE_CHECKING

from cnncalc.writers.columns import COLUMNS
from cnncalc.writers.table_model import Sheet, head

if TYPE_CHECKING:
    from cnncalc.model.report import Report
    from cnncalc.writers import Options

_ESCAPES = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "[": "{[}",  # after a line's end it would begin an option
    "*": "{*}",
    "×": r"$\times$",
    "·": r"$\cdot$",
    "²": r"\textsuperscript{2}",
    "³": r"\textsuperscript{3}",
    "←": r"$\leftarrow$",
    "…": r"\dots{}",
    **{sign: f"\\{sign}" for sign in "{}$&#_%"},
}
_EXTENTS = re.compile(r"(?<![\w.-])\d+(?:x\d+)+(?![\w-]|\.\w)")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d)")


def write(report: Report, options: Options) -> str:
    r"""Return the report as a table environment; it needs `\usepackage{booktabs}`."""
    sheet = Sheet(report, options)
    names = sheet.names
    numbers = [COLUMNS[name].counts or bool(COLUMNS[name].share_of) for name in names]
    lines = [_line([sheet.text(line, n) for n in names]) for line in sheet.lines if line.rows]
    totals = [sheet.total(name) for name in names]
    if "name" in names:
        totals[names.index("name")] = "Total"
    said = sheet.caption()
    counted = said[0].startswith("FLOPs") if said else False
    caption = " ".join([f"{sheet.title[0]}.", *said[:counted]])
    notes = said[counted:]  # for whoever sets the page
    found = [
        r"% \usepackage{booktabs}",
        r"\begin{table}",
        r"  \centering",
        rf"  \caption{{{phrase(caption)}}}",
        rf"  \label{{tab:{_label(report)}}}",
        rf"  \begin{{tabular}}{{{''.join('r' if number else 'l' for number in numbers)}}}",
        r"    \toprule",
        f"    {_line([head(name) for name in names])}",
        r"    \midrule",
        *(f"    {line}" for line in lines),
        *([r"    \midrule", f"    {_line(totals)}"] if sheet.sums else []),
        r"    \bottomrule",
        r"  \end{tabular}",
        r"\end{table}",
        *(f"% {text}" for text in [*notes, *map(" ".join, sheet.warnings())]),
    ]
    return "\n".join(found) + "\n"


def escape(text: str) -> str:
    r"""Return text with everything escaped that LaTeX would take for its own.

    >>> print(escape("conv1_1 100%"))
    conv1\_1 100\%
    """
    escaped = "".join(_ESCAPES.get(character, character) for character in text)
    return escaped.replace("--", "-{}-")  # or they join to a dash


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


def _label(report: Report) -> str:
    name = report.variant or PurePath(report.file or report.name).stem
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "network"
