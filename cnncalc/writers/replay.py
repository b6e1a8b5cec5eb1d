"""The replay of a certificate: its differences, and the verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnncalc import units
from cnncalc.errors import printable
from cnncalc.writers import FORMATS as FORMATS
from cnncalc.writers import terminal
from cnncalc.writers.content import Content
from cnncalc.writers.grid import wrap
from cnncalc.writers.json import VERSION
from cnncalc.writers.styled import Text
from cnncalc.writers.table_model import Cell, Head, Records, Table, TableRow

if TYPE_CHECKING:
    from cnncalc.verification.certificate import Replay
    from cnncalc.writers.terminal import Console

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


def content(replay: Replay) -> ReplayContent:
    """Return the content that the formats write."""
    return ReplayContent(replay)


class ReplayContent(Content):
    """A certificate, and what differs from it."""

    def __init__(self, replay: Replay) -> None:
        self.replay = replay

    @property
    def made(self) -> str:
        """Return with what the certificate was made, as far as it says."""
        theirs = self.replay.theirs
        versions, machine = theirs.get("versions"), theirs.get("machine")
        if not isinstance(versions, dict) or not isinstance(machine, dict):
            return ""
        made = [f"{name} {value}" for name, value in versions.items()]
        made += [str(machine.get(name)) for name in ("system", "processor")]
        return f"made with {printable(', '.join(made)[:200])}"

    @property
    def verdict(self) -> str:
        """Return the sentence that says whether the run is as the certificate has it."""
        result, differences = self.replay.result, self.replay.differences
        network = f"{printable(result.name)}: {units.plural(len(result.layers), 'layer')}"
        if differences:
            return f"✗ {network} run again, {units.plural(len(differences), 'difference')}."
        digests = sum(len(layer.digests) for layer in result.layers) + 1
        return (
            f"✓ {network} run again: claims, counts and {units.plural(digests, 'digest')} equal, "
            f"{units.plural(result.samples, 'value')} within their bounds."
        )

    def table(self, *, shares: bool = False) -> Table:
        """Return a row for each difference, and the verdict under them."""
        return Table(
            title=printable(self.replay.path),
            heads=[Head(text="Difference")],
            rows=[TableRow(cells=[Cell(text=text)]) for text in self.replay.differences],
            about=self.made,
            notes=[self.verdict],
            label="replay",
        )

    def records(self) -> Records:
        """Return a row for each difference."""
        return Records(names=["difference"], rows=[[text] for text in self.replay.differences])

    def to_dict(self) -> dict[str, Any]:
        """Return the verdict, and every difference."""
        replay = self.replay
        return {
            "format": "cnncalc replay",
            "version": VERSION,
            "certificate": replay.path,
            "network": replay.result.name,
            "layers": len(replay.result.layers),
            "equal": not replay.differences,
            "differences": list(replay.differences),
        }

    def show(self, console: Console) -> None:
        """Print what differs between a certificate and its replay, and the verdict."""
        say, differences = Paragraphs(console), self.replay.differences
        if self.made:
            say(f"{self.replay.path}  {self.made}", style="dim")
        for difference in differences[:SHOWN_DIFFERENCES]:
            say(difference, indent="  ")
        if (more := len(differences) - SHOWN_DIFFERENCES) > 0:
            say(f"… and {units.group(more)} more")
        say(self.verdict, style="red" if differences else "")
