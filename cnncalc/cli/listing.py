"""`cnncalc list`: the networks that are shipped, from their index alone."""

from __future__ import annotations

import click

from cnncalc.cli import completion, options, streams


def _names() -> list[str]:
    from cnncalc.format import shipped

    return [entry.name for entry in shipped.index()]


@options.command("cnncalc list", "cnncalc list vgg", "cnncalc list --sort FLOPs")
@click.argument("word", required=False, shell_complete=completion.names(_names))
@options.option(
    "--sort",
    metavar="COLUMN",
    known=options.table("format.shipped:SORTED"),
    help="Sort by one of {}: largest first, names by the alphabet.",
)
@options.output(options.table("writers:FORMATS"))
def list_(word: str | None, sort: str | None, output: streams.Output) -> None:
    """List the networks that are shipped, or those with WORD in their name: input, parameters,
    FLOPs, layers with weights, and year.
    """
    from cnncalc import api

    output.emit(api.networks(word, sort=sort))
