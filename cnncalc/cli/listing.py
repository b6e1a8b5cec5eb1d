"""`cnncalc list`: the networks that are shipped, from their index alone."""

from __future__ import annotations

from collections.abc import Iterable

import click

from cnncalc.cli import streams
from cnncalc.cli.options import command, completing, option, output

FORMATS = ("table", "markdown", "csv", "json")


def heads() -> Iterable[str]:
    """Return the heads of the columns."""
    from cnncalc.writers.listing import HEADS

    return HEADS.values()


@command("cnncalc list", "cnncalc list vgg", "cnncalc list --sort FLOPs")
@click.argument("word", required=False)
@option(
    "--sort",
    metavar="COLUMN",
    shell_complete=completing(heads),
    help="Largest first; names by the alphabet.",
)
@output(FORMATS)
def list_(word: str | None, sort: str | None, format: str | None, file: str | None) -> None:
    """List the networks that are shipped, or those with WORD in their name: input, parameters,
    FLOPs, layers with weights, and year.
    """
    from cnncalc.errors import Problem, UnknownNameError, did_you_mean
    from cnncalc.format import shipped
    from cnncalc.writers import listing

    found = listing.select(shipped.index(), word, sort)
    if word and not found:
        hint = did_you_mean(word.lower(), (entry.name for entry in shipped.index()))
        message = f"no network has {word[:100]!r} in its name.{hint} cnncalc list shows all."
        raise UnknownNameError(Problem("unknown_architecture", message))
    format = streams.format_for(format, file, FORMATS)
    streams.emit(
        format,
        file,
        lambda console: listing.show(found, console),
        lambda: listing.write(found, format),
    )
