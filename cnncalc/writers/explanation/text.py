"""The worked arithmetic in the terminal: an equation on each line, the legend once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc import units
from cnncalc.writers import USUAL, sentences, terminal
from cnncalc.writers.explanation import ROUNDED, givens, grouped, holds, legend, remark, title
from cnncalc.writers.explanation.untiled import INDENT, LABEL, NARROW, labelled, untiled
from cnncalc.writers.grid import wrap
from cnncalc.writers.styled import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnncalc.explanation.records import Equation, Working
    from cnncalc.model.report import Report
    from cnncalc.writers.terminal import Console


def show(found: Sequence[Working], report: Report, console: Console) -> None:
    """Print the equations of a layer, or of all of them with the legend first."""
    symbols = _legend(found, min(console.width, terminal.WIDEST_TEXT))
    lines: list[Text] = []
    if len(found) > 1:
        name, about = sentences.title(report, USUAL)
        lines += [Text.assemble((name, "bold"), "  ", about), *symbols, Text()]
    for working in found:
        lines += [*_layer(working, report, console.width), Text()]
    terminal.show([*lines, *symbols] if len(found) == 1 else lines[:-1], console)


def _legend(found: Sequence[Working], width: int) -> list[Text]:
    text = ". ".join(legend(found)) + ". 1 before the layer, 2 after."
    text += " Lectures also write F for the kernel and K for the number of filters."
    return [Text(line, "dim") for line in wrap(text.split(), width)]


def _layer(working: Working, report: Report, width: int) -> list[Text]:
    margin = "  " if working.untiled else ""
    lines = [Text(title(report, working.row), "bold"), Text(givens(working)), Text()]
    if parts := holds(working):
        lines += [*map(Text, labelled("holds", parts, width)), Text()]
    for derivation in working.derivations:
        if width < NARROW:
            lines.append(Text(margin + derivation.name))
        for number, equation in enumerate(derivation.equations):
            label = derivation.name if number == 0 else ""
            short = equation.symbol if len(equation.symbol) <= len(INDENT) - LABEL + 1 else ""
            head = f"  {short:>2}" if width < NARROW else f"{label:<{LABEL}} {short:>2}"
            lines += _equation(head, equation, working, margin)
        lines.append(Text())
    lines += untiled(working, margin, width)
    return lines[:-1] if not lines[-1].plain else lines


def _equation(head: str, equation: Equation, working: Working, margin: str) -> list[Text]:
    blank = " " * len(head)
    value, result = units.number(equation.value), units.number(equation.result)
    if equation.same_as:
        return [Text.assemble(margin, head, " = ", (result, "bold"), "   in the same way")]
    words = remark(equation, working.row)
    tail = f"   {words}" if words else ""
    obvious = equation.formula == str(equation.value) or equation.symbol == "D2"
    if obvious and equation.numbers == str(equation.value):
        return [Text.assemble(margin, head, " = ", (value, "bold"), tail)]
    numbers = grouped(equation.numbers)
    lines = [Text(f"{margin}{head} = {equation.formula}")]
    if equation.rounding or numbers != value:
        lines.append(Text(f"{margin}{blank} = {numbers}"))
    if not equation.rounding:
        return [*lines, Text.assemble(margin, blank, " = ", (value, "bold"), tail)]
    mark = Text("!" + margin[1:], "yellow") if margin else Text("")
    rounded = f"   {ROUNDED[equation.rounding]}, so the output is {working.row.output}"
    return [
        *lines,
        Text.assemble(mark, blank, " = ", value, "   does not tile"),
        Text.assemble(margin, blank, " → ", (result, "bold"), rounded),
    ]
