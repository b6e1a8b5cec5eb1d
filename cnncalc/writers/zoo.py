"""What verifying everything that is shipped showed: a line for each network."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from fractions import Fraction
from typing import TYPE_CHECKING

from cnncalc import units
from cnncalc.errors import printable
from cnncalc.writers import Format, grid, terminal
from cnncalc.writers.grid import Part
from cnncalc.writers.replay import Paragraphs
from cnncalc.writers.styled import Text

if TYPE_CHECKING:
    from cnncalc.verification.zoo import Outcome, ZooVerification
    from cnncalc.writers.terminal import Console


FORMATS: dict[str, Format] = {"table": Format("zoo", (".txt",)), "json": Format("zoo", (".json",))}


def write(zoo: ZooVerification, format: str) -> str:
    """Return the lines as JSON."""
    rows = [asdict(each) for each in zoo.outcomes]
    document = {"networks": rows, "total": zoo.total, "interrupted": zoo.interrupted}
    return json.dumps(document) + "\n"


def show(zoo: ZooVerification, console: Console) -> None:
    """Print the lines, what was not run, and the verdict."""
    found = zoo.outcomes
    say = Paragraphs(console)
    run = [each for each in found if not each.not_run]
    if run:
        grid.show(console, _parts(run, console.encoding), total=True)
        console.print()
    for each in found:
        for problem in each.failures:
            say(f"{each.name}: {printable(problem)}", indent="  ")
        if each.not_run:
            say(f"{each.name}: not run: {printable(each.not_run)}", indent="  ", style="dim")
    say(_verdict(run, len(found), zoo.total, zoo.interrupted))


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
