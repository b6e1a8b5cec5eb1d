"""What a certificate's replay showed, in running text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc import units
from cnncalc.errors import printable
from cnncalc.writers import Format, terminal
from cnncalc.writers.grid import wrap
from cnncalc.writers.json import VERSION, lines
from cnncalc.writers.styled import Text

if TYPE_CHECKING:
    from cnncalc.verification.certificate import Replay
    from cnncalc.writers.terminal import Console

FORMATS: dict[str, Format] = {
    "table": Format("replay", (".txt",)),
    "json": Format("replay", (".json",)),
}
SHOWN_DIFFERENCES = 20


class Paragraphs:
    """Running text on a console."""

    def __init__(self, console: Console) -> None:
        self.console = console

    def __call__(self, text: str, *, indent: str = "", style: str = "") -> None:
        """Print running text, wrapped, in signs that the stream has."""
        width = min(self.console.width, terminal.WIDEST_TEXT)
        for line in wrap(terminal.fit(text, self.console.encoding).split(" "), width, "", indent):
            self.console.print(Text(line, style))


def write(replay: Replay, format: str) -> str:
    """Return the verdict, and every difference, as JSON."""
    document = {
        "format": "cnncalc replay",
        "version": VERSION,
        "certificate": replay.path,
        "network": replay.result.name,
        "layers": len(replay.result.layers),
        "equal": not replay.differences,
        "differences": list(replay.differences),
    }
    return lines(document)


def show(replay: Replay, console: Console) -> None:
    """Print what differs between a certificate and its replay, and the verdict."""
    theirs, result, differences = replay.theirs, replay.result, replay.differences
    say = Paragraphs(console)
    versions, machine = theirs.get("versions"), theirs.get("machine")
    if isinstance(versions, dict) and isinstance(machine, dict):
        made = [f"{name} {value}" for name, value in versions.items()]
        made += [str(machine.get(name)) for name in ("system", "processor")]
        say(f"{replay.path}  made with {printable(', '.join(made)[:200])}", style="dim")
    for difference in differences[:SHOWN_DIFFERENCES]:
        say(difference, indent="  ")
    if (more := len(differences) - SHOWN_DIFFERENCES) > 0:
        say(f"… and {units.group(more)} more")
    network = f"{printable(result.name)}: {units.plural(len(result.layers), 'layer')}"
    if differences:
        say(f"✗ {network} run again, {units.plural(len(differences), 'difference')}.", style="red")
    else:
        digests = sum(len(layer.digests) for layer in result.layers) + 1
        say(
            f"✓ {network} run again: claims, counts and {units.plural(digests, 'digest')} equal, "
            f"{units.plural(result.samples, 'value')} within their bounds."
        )
