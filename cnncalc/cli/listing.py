"""`cnncalc list`: the networks that are shipped, from their index alone."""

from __future__ import annotations

import click

from cnncalc.cli import options, streams

FORMATS = ("table", "markdown", "csv", "json")


@options.command("cnncalc list", "cnncalc list vgg", "cnncalc list --sort FLOPs")
@click.argument("word", required=False)
@options.option(
    "--sort",
    metavar="COLUMN",
    known=lambda: options.table("writers.listing:HEADS")().values(),
    help="Largest first; names by the alphabet.",
)
@options.output(lambda: FORMATS)
def list_(word: str | None, sort: str | None, output: streams.Output) -> None:
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
    output.emit(
        lambda console: listing.show(found, console),
        lambda: listing.write(found, output.format),
    )
