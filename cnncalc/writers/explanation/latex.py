"""The worked arithmetic in LaTeX: an align environment for each layer."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from cnncalc import units
from cnncalc.explanation.records import Block
from cnncalc.writers import latex
from cnncalc.writers.explanation import grouped, holds, members, title
from cnncalc.writers.latex_layout import WIDTH, measure

if TYPE_CHECKING:
    from cnncalc.explanation.records import Equation
    from cnncalc.model.row import Row
    from cnncalc.writers.explanation.equations import Equations

# With the space to a number beside them, which mathematics would not print.
_WORDS = re.compile(
    r"(?:(?<=[\d)]) )?\b(?![A-Z][a-z]\b)[A-Za-z]{2,}(?: [A-Za-z]{2,})*(?: (?=[\d(]))?"
)
_AROUND = {"+": 4.5, "-": 9, "=": 5.6, "→": 11}  # points
_SYMBOL = re.compile(r"\b([WHTDKSPGNrjd])([0-9]|[a-z])?\b")


def write(content: Equations) -> str:
    """Return a paragraph and its equations for each layer."""
    report = content.explanation.report
    parts = [r"% \usepackage{amsmath}"]
    for working in content.explanation.layers:
        parts.append(rf"\paragraph{{{latex.escape(title(report, working.row))}}}")
        if isinstance(working.row, Block):
            parts.append(rf"It holds {latex.escape('; '.join(holds(working)))}.")
        equations = [
            (equation.symbol or derivation.name, _without_names(equation, working.row))
            for derivation in working.derivations
            for equation in derivation.equations
        ]
        # The sign of equality stands at the same place in all of them.
        room = WIDTH - max(_measure(name) for name, _ in equations)
        rows = [
            f"  {_math(name) if number == 0 else ''} &{line}"
            for name, equation in equations
            for number, line in enumerate(_lines(equation, room))
        ]
        parts += [r"\begin{align*}", " \\\\\n".join(rows), r"\end{align*}"]
    return "\n".join(parts) + "\n"


def _without_names(equation: Equation, row: Row | Block) -> Equation:
    """Return an equation without the names of a block's parts, which are no mathematics."""
    return (
        replace(equation, formula=grouped(equation.numbers)) if isinstance(row, Block) else equation
    )


def _lines(equation: Equation, room: float) -> list[str]:
    """Return the members of an equation on as few lines as there is room for."""
    found = [f"= {member}" for member in members(equation)]
    if equation.rounding:
        found.append(f"→ {units.number(equation.result)}")
    lines: list[str] = []
    line = indent = ""
    for member in found:
        if line and _measure(f"{line} {member}") <= room:
            line += f" {member}"
            continue
        if line:
            lines.append(indent + _math(line))
        line = indent = ""
        for term in re.split(r"(?=·)|(?= [+-] )", member):  # of a member that is too long itself
            if line and _measure(line + term) > room:
                lines.append(indent + _math(line))
                line, indent = "", r"\quad {} "
            line += term
    return [*lines, indent + _math(line)]


def _measure(text: str) -> float:
    """Return the width of a formula in points: letters are italic, operators have room around."""
    around = sum(_AROUND.get(sign, 0) for sign in text)
    letters = re.sub("[^A-Za-z]", "", text)
    return measure(text.replace(" ", "")) + 0.1 * measure(letters) + around


def _math(text: str) -> str:
    r"""Return a formula for mathematics mode: words upright, digits of symbols as indices.

    >>> print(_math("H2·W2·4 bytes"))
    H_{2} \cdot W_{2} \cdot 4\text{ bytes}
    """
    text = re.sub(r"(?<=\d),(?=\d)", "{,}", text)
    text = _WORDS.sub(lambda match: rf"\text{{{match[0]}}}", text)
    text = _SYMBOL.sub(lambda m: f"{m[1]}_{{{m[2]}}}" if m[2] else m[1], text)
    for sign, command in {"·": r"\cdot", "%": r"\%", "→": r"\;\to\;", "√": r"\surd"}.items():
        text = text.replace(sign, f" {command} ")
    return re.sub(" +", " ", text).strip()
