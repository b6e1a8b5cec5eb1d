"""`cnncalc list`: the networks that are shipped, from their index alone, or the layer types."""

from __future__ import annotations

import click
from click.shell_completion import CompletionItem

from cnncalc.cli import completion, options, streams


def _words(context: click.Context, parameter: click.Parameter, text: str) -> list[CompletionItem]:
    """Return the networks that begin with a text, or the layer types."""
    from cnncalc.format import shipped
    from cnncalc.layers import TYPES

    known = TYPES if context.params.get("layers") else shipped.names()
    return completion.names(lambda: known)(context, parameter, text)


@options.command(
    "cnncalc list",
    "cnncalc list vgg",
    "cnncalc list ilsvrc 2014",
    "cnncalc list --sort FLOPs",
    "cnncalc list --layers pool",
)
@click.argument("words", metavar="[WORD]...", nargs=-1, shell_complete=_words)
@options.option("--layers", is_flag=True, help="List the layer types instead, with their settings.")
@options.option(
    "--sort",
    metavar="COLUMN",
    known=options.table("format.networks:SORTED"),
    help="Sort by one of {}: largest first, names by the alphabet.",
)
@options.output(options.table("writers:FORMATS"))
def list_(words: tuple[str, ...], layers: bool, sort: str | None, output: streams.Output) -> None:
    """List the networks that are shipped, or those with every WORD in name, source, year or
    competitions: input, parameters, FLOPs, layers with weights, and year.
    """
    from cnncalc import api

    text = " ".join(words) or None
    if layers and sort is not None:
        raise click.UsageError("--sort is about networks.")
    output.emit(api.layer_types(text) if layers else api.networks(text, sort=sort))
