"""The outcomes of verifying every shipped network, a line for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, fields
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from cnncalc import units
from cnncalc.errors import printable
from cnncalc.verification.zoo import Outcome
from cnncalc.writers import FORMATS as FORMATS
from cnncalc.writers import grid, terminal
from cnncalc.writers.content import Content
from cnncalc.writers.grid import Part
from cnncalc.writers.replay import Paragraphs
from cnncalc.writers.styled import Text
from cnncalc.writers.table_model import Records, Table

if TYPE_CHECKING:
    from cnncalc.verification.zoo import ZooVerification
    from cnncalc.writers.terminal import Console


def content(zoo: ZooVerification) -> ZooContent:
    """Return the content that the formats write."""
    return ZooContent(zoo)


class ZooContent(Content):
    """The networks that were verified, a row for each."""

    def __init__(self, zoo: ZooVerification) -> None:
        self.zoo = zoo
        self.run = [each for each in zoo.outcomes if not each.not_run]
        self.verdict = _verdict(self.run, len(zoo.outcomes), zoo.total, zoo.interrupted)

    def problems(self) -> list[tuple[str, bool]]:
        """Return a sentence for each difference, and each network not run; whether it is one."""
        found = []
        for each in self.zoo.outcomes:
            found += [(f"{each.name}: {printable(problem)}", True) for problem in each.failures]
            if each.not_run:
                found.append((f"{each.name}: not run: {printable(each.not_run)}", False))
        return found

    def table(self, *, shares: bool = False) -> Table:
        """Return a row for each network that was run, and the verdict under them."""
        problems = self.problems()
        return grid.as_table(
            _parts(self.run, "utf-8") if self.run else [],
            title="Networks",
            about="run in NumPy, float32",
            notes=[*(text for text, wrong in problems if not wrong), self.verdict],
            warnings=[[text] for text, wrong in problems if wrong],
            label="verified",
        )

    def records(self) -> Records:
        """Return all that is known of each network."""
        names = [field.name for field in fields(Outcome)]
        rows = [[_plain(getattr(each, name)) for name in names] for each in self.zoo.outcomes]
        return Records(names=names, rows=rows)

    def to_dict(self) -> dict[str, Any]:
        """Return all that is known of each network."""
        rows = [asdict(each) for each in self.zoo.outcomes]
        return {"networks": rows, "total": self.zoo.total, "interrupted": self.zoo.interrupted}

    def show(self, console: Console) -> None:
        """Print the rows, what was not run, and the verdict."""
        say = Paragraphs(console)
        if self.run:
            grid.show(console, _parts(self.run, console.encoding), total=True)
            console.print()
        for text, wrong in self.problems():
            say(text, indent="  ", style="" if wrong else "dim")
        say(self.verdict)


def _plain(value: object) -> object:
    """Return a value as a cell of a spreadsheet has it."""
    return printable("; ".join(value)) if isinstance(value, tuple) else value


def _parts(run: Sequence[Outcome], encoding: str) -> list[Part]:
    def mark(each: Outcome) -> Text:
        sign, style = ("✗", "red") if each.failures else ("✓", "green")
        return Text(terminal.fit(sign, encoding), style)

    def counts(head: str, numbers: Sequence[int]) -> Part:
        return Part(head, [Text(units.group(n)) for n in numbers], units.group(sum(numbers)))

    seconds = [Fraction(each.seconds) for each in run]
    return [
        Part("", [mark(each) for each in run], right=False),
        Part("network", [Text(printable(each.name), "bold") for each in run], "TOTAL", right=False),
        counts("layers", [each.layers for each in run]),
        counts("parameters", [each.parameters for each in run]),
        counts("FLOPs", [each.macs for each in run]),
        Part("error", [Text(units.power_of_ten(each.error)) for each in run]),
        Part("s", [Text(units.rounded(n, 2)) for n in seconds], units.rounded(sum(seconds), 2)),
    ]


def _verdict(run: Sequence[Outcome], done: int, total: int, interrupted: bool) -> str:
    wrong = sum(bool(each.failures) for each in run)
    networks = units.plural(total, "network")
    left = f" {units.group(done - len(run))} not run." if done > len(run) else ""
    if wrong:
        verb = "differs" if wrong == 1 else "differ"
        return f"✗ {units.group(wrong)} of {networks} {verb} from what was claimed.{left}"
    if interrupted:
        return f"✗ Interrupted: {units.group(len(run))} of {networks} run, all as claimed.{left}"
    layers, samples = sum(each.layers for each in run), sum(each.samples for each in run)
    return (
        f"✓ {units.group(len(run))} of {networks} run, all as claimed: "
        f"{units.plural(layers, 'layer')} and {units.plural(samples, 'value')}.{left}"
    )
