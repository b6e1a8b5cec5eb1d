"""The result of running a network, for every format, and as a certificate."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from cnncalc.errors import printable
from cnncalc.writers import FORMATS as FORMATS
from cnncalc.writers import Options, grid, sentences
from cnncalc.writers.content import Content
from cnncalc.writers.replay import Paragraphs
from cnncalc.writers.table_model import Records, Table
from cnncalc.writers.verification_table import ResultTable

if TYPE_CHECKING:
    from cnncalc.verification import Finding, Verification
    from cnncalc.writers.terminal import Console

RECORD = (
    *("layer", "type", "inputs", "output", "parameters", "macs", "effective_macs"),
    *("error", "seconds", "receptive_field", "wrong"),
)


def content(result: Verification, **options: Any) -> VerificationContent:
    """Return the content that the formats write; `source` names the network for a replay."""
    return VerificationContent(result, **options)


class VerificationContent(Content):
    """The result of running a network."""

    def __init__(
        self,
        result: Verification,
        *,
        all_layers: bool = False,
        depth: int | None = 1,
        source: str | None = None,
    ) -> None:
        self.result, self.source = result, source
        self.options = Options(all_layers=all_layers, depth=depth)
        self.name, _ = sentences.title(result.report, self.options)

    def table(self, *, shares: bool = False) -> Table:
        """Return the claims, what was found instead, and the verdict under them."""
        shown = ResultTable(self.result, self.options)
        return grid.as_table(
            shown.parts(math.inf),
            title=self.name,
            about=f"run in NumPy, float32, seed {self.result.seed}",
            notes=[*filter(None, shown.caption()), shown.verdict()],
            warnings=[[detail] for detail in shown.details()],
            label=f"{self.name}-verified",
        )

    def records(self) -> Records:
        """Return a row for each layer that was run, with what was found of it."""
        return Records(names=RECORD, rows=[_record(layer) for layer in self.result.layers])

    def to_dict(self) -> dict[str, Any]:
        """Return the whole result: a certificate."""
        from cnncalc.verification.certificate import to_dict

        return to_dict(self.result, self.source)

    def show(self, console: Console) -> None:
        """Print the table, its caption, and the verdict."""
        result = self.result
        table = ResultTable(result, self.options, console.encoding)
        say = Paragraphs(console)
        say(f"{self.name}  run in NumPy {result.numpy}, float32, seed {result.seed}")
        console.print()
        if table.shown:
            grid.show(console, table.parts(console.width), total=True)
            console.print()
            for sentence in filter(None, table.caption()):
                say(sentence, style="dim")
            console.print()
        for detail in table.details():
            say(detail, indent="  ")
        say(table.verdict(), style="" if result.ok else "red")


def _record(layer: Finding) -> list[object]:
    found, field = layer.found, layer.receptive_field
    return [
        printable(layer.path),
        layer.type,
        " ".join(map(str, layer.inputs)),
        None if found.output is None else str(found.output),
        found.entries,
        found.macs,
        found.effective_macs,
        layer.error if layer.samples else None,
        layer.seconds,
        None if field is None or None in field.size else "x".join(map(str, field.size)),
        ", ".join(layer.wrong) if layer.ran else "not run",
    ]
