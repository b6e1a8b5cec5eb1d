"""The worked arithmetic in LaTeX: an align environment for each layer."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from cnncalc import units
from cnncalc.explanation.records import Block
from cnncalc.writers import latex
from cnncalc.writers.explanation import grouped, holds, members, title

if TYPE_CHECKING:
    from cnncalc.explanation.records import Equation
    from cnncalc.model.row import Row
    from cnncalc.writers.explanation.equations import Equations

_SYMBOL = re.compile(r"\b([WHTDKSPGNrjd])([0-9]|[a-z])?\b")


def write(content: Equations) -> str:
    """Return a paragraph and its equations for each layer."""
    report = content.explanation.report
    parts = [r"% \usepackage{amsmath}"]
    for working in content.explanation.layers:
        parts.append(rf"\paragraph{{{latex.escape(title(report, working.row))}}}")
        if isinstance(working.row, Block):
            parts.append(rf"It holds {latex.escape('; '.join(holds(working)))}.")
        rows = [
            _equation(derivation.name, _without_names(equation, working.row))
            for derivation in working.derivations
            for equation in derivation.equations
        ]
        parts += [r"\begin{align*}", " \\\\\n".join(rows), r"\end{align*}"]
    return "\n".join(parts) + "\n"


def _without_names(equation: Equation, row: Row | Block) -> Equation:
    """Return an equation without the names of a block's parts, which are no mathematics."""
    return (
        replace(equation, formula=grouped(equation.numbers)) if isinstance(row, Block) else equation
    )


def _equation(name: str, equation: Equation) -> str:
    line = " = ".join(map(_math, members(equation)))
    if equation.rounding:
        line += rf" \;\to\; {units.number(equation.result)}"
    return rf"  {_math(equation.symbol or name)} &= {line}"


def _math(text: str) -> str:
    """Return a formula for mathematics mode: words upright, digits of symbols as indices."""
    text = re.sub(r"(?<=\d),(?=\d)", "{,}", text)
    text = re.sub(r"[a-z]{2,}(?: [a-z]+)*", lambda m: rf"\text{{{m[0]}}}", text)
    text = _SYMBOL.sub(lambda m: f"{m[1]}_{{{m[2]}}}" if m[2] else m[1], text)
    return text.replace("·", r" \cdot ").replace("%", r"\%")
