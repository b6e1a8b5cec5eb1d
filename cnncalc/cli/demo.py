"""`cnncalc demo`: a page that steps through windows."""

from __future__ import annotations

import click

from cnncalc.cli import completion, options, streams
from cnncalc.cli.file_types import NETWORK


@options.command(
    "cnncalc demo -o demo.html",
    "cnncalc demo alexnet CONV1 -o conv1.html",
    "cnncalc demo alexnet 'MAX POOL1' -o pool1.html",
)
@click.argument("network", required=False, type=NETWORK)
@click.argument("layer", required=False, shell_complete=completion.layers)
@options.overrides()
@options.output(options.table("writers.demo:FORMATS"))
def demo(
    network: str | None,
    layer: str | None,
    overrides: options.Overrides,
    output: streams.Output,
) -> None:
    """Write a page that steps through the windows of a convolution and of a pool, with each sum
    written out, and shows what pooling makes of an eye that moves. It is one file, which needs
    neither a server nor the network. With LAYER of NETWORK it begins with that layer's window,
    on an input shrunk to the same remainder.
    """
    from cnncalc import api

    output.write(api.demo(network, layer, **overrides.options()))
