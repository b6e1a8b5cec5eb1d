"""What verifying everything that is shipped showed: a line for each network."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from cnncalc import units
from cnncalc.errors import printable
from cnncalc.model.printable import Printable
from cnncalc.writers import Format, grid, terminal
from cnncalc.writers.grid import Part
from cnncalc.writers.replay import Paragraphs
from cnncalc.writers.styled import Text

if TYPE_CHECKING:
    from cnncalc.verification import Verification
    from cnncalc.writers.terminal import Console


FORMATS: dict[str, Format] = {"table": Format("zoo", (".txt",)), "json": Format("zoo", (".json",))}


class Tried(NamedTuple):
    """A network, and what came of it. `not_run` says why, where it was not run."""

    name: str
    layers: int = 0
    parameters: int = 0
    macs: int = 0
    samples: int = 0
    error: float = 0.0
    seconds: float = 0.0
    failures: tuple[str, ...] = ()
    not_run: str = ""


def tried(name: str, result: Verification) -> Tried:
    """Return the line of a network that was run."""
    failures = [f"{path} {what}" for path, what in result.failures]
    failures += [f"{layer.path} could not run" for layer in result.layers if not layer.ran]
    return Tried(
        name,
        len(result.layers),
        result.report.parameters,
        result.report.macs,
        result.samples,
        max((layer.error for layer in result.layers), default=0.0),
        result.forward_seconds,
        tuple(failures),
    )


@dataclass(frozen=True, slots=True)
class Zoo(Printable):
    """The networks that were tried, of how many, and whether Ctrl-C ended it before the last."""

    found: Sequence[Tried]
    total: int
    interrupted: bool


def write(zoo: Zoo, format: str) -> str:
    """Return the lines as JSON."""
    rows = [each._asdict() for each in zoo.found]
    document = {"networks": rows, "total": zoo.total, "interrupted": zoo.interrupted}
    return json.dumps(document) + "\n"


def show(zoo: Zoo, console: Console) -> None:
    """Print the lines, what was not run, and the verdict."""
    found = zoo.found
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


def _parts(run: Sequence[Tried], encoding: str) -> list[Part]:
    def mark(each: Tried) -> Text:
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


def _verdict(run: Sequence[Tried], done: int, total: int, interrupted: bool) -> str:
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
