"""The worked arithmetic in Markdown: a list item for each equation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc import units
from cnncalc.explanation.records import Block
from cnncalc.writers import markdown, sentences
from cnncalc.writers.explanation import ROUNDED, givens, holds, legend, members, remark, title

if TYPE_CHECKING:
    from cnncalc.explanation.records import Equation
    from cnncalc.model.report import Row
    from cnncalc.writers.explanation.equations import Equations


def write(content: Equations) -> str:
    """Return a section for each layer, and the legend."""
    found, report = content.explanation.layers, content.explanation.report
    parts = []
    for working in found:
        row = working.row
        parts.append(f"### {markdown.escape(title(report, row))}\n")
        parts.append(f"{markdown.escape(givens(working))}\n")
        if found_in := holds(working):
            parts += ["It holds", "", *(f"- {markdown.escape(part)}" for part in found_in), ""]
        for derivation in working.derivations:
            parts += [_equation(derivation.name, one, row) for one in derivation.equations]
        parts.append("")
        parts += [
            f"{sentences.lost_input(row, warning)}\n"
            for warning in row.warnings[:1]
            if warning.code == "lost_input" and not isinstance(row, Block)
        ]
    return "\n".join(parts) + f"\n{'; '.join(legend(found))}; 1 before the layer, 2 after.\n"


def _equation(name: str, equation: Equation, row: Row | Block) -> str:
    *working, value = members(equation)
    parts = [f"**{equation.symbol or name}**", *map(markdown.escape, working), f"**{value}**"]
    line = " = ".join(parts)
    if equation.rounding:
        line += f" → **{units.number(equation.result)}**, {ROUNDED[equation.rounding]}"
    words = remark(equation, row)
    return f"- {line}" + markdown.escape(f", {words}" if words else "")
