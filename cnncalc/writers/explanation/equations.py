"""The worked arithmetic of layers as a table, which every format of tables writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc import units
from cnncalc.errors import printable
from cnncalc.writers import USUAL, sentences
from cnncalc.writers.content import Tabulated
from cnncalc.writers.explanation import grouped, legend, remark
from cnncalc.writers.table_model import Cell, Head, Records, Table, TableRow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnncalc.explanation.records import Equation, Explanation, Working


class Equations(Tabulated):
    """An explanation as a table, a row for each equation."""

    def __init__(self, explanation: Explanation) -> None:
        self.explanation = explanation

    def lines(self) -> Iterator[tuple[Working, str, Equation]]:
        """Yield each equation with its layer and with the quantity that it is of."""
        for working in self.explanation.layers:
            for derivation in working.derivations:
                for equation in derivation.equations:
                    yield working, derivation.name, equation

    def table(self, *, shares: bool = False) -> Table:
        """Return formula, numbers and result of each equation; a layer's name once."""
        report = self.explanation.report
        name, about = sentences.title(report, USUAL)
        rows = []
        before = None
        for working, quantity, equation in self.lines():
            layer = printable(working.row.name) if working is not before else ""
            numbers, result = grouped(equation.numbers), equation.result
            texts = [layer, quantity, equation.symbol, equation.formula, numbers]
            cells = [Cell(text=text) for text in texts]
            text = units.number(result)
            if equation.rounding:
                text = f"{units.number(equation.value)} → {text}"
            rows.append(TableRow(cells=[*cells, Cell(text=text, value=result)]))
            before = working
        heads = ("Layer", "Quantity", "Symbol", "Formula", "Numbers", "Result")
        return Table(
            title=name,
            about=about,
            heads=[Head(text=head, right=head == "Result") for head in heads],
            rows=rows,
            convention=sentences.convention(report, formula=False),
            notes=[f"{'; '.join(legend(self.explanation.layers))}; 1 before the layer, 2 after."],
            label=self.explanation.report.name,
        )

    def records(self) -> Records:
        """Return each equation with its layer, quantity and words; values exact."""
        return Records(
            names=["layer", "quantity", "symbol", "formula", "numbers", "value", "result", "note"],
            rows=[
                [
                    working.row.name,
                    quantity,
                    equation.symbol,
                    equation.formula,
                    equation.numbers,
                    units.number(equation.value, ""),
                    units.number(equation.result, ""),
                    remark(equation, working.row),
                ]
                for working, quantity, equation in self.lines()
            ],
        )
