"""`cnncalc explain`: the working of a layer, or of a whole network."""

from __future__ import annotations

import click

from cnncalc.cli import completion, options, streams


@options.command(
    "cnncalc explain alexnet CONV1",
    "cnncalc explain alexnet CONV1 --input 224x224x3",
    "cnncalc explain resnet50 conv2_x",
    "cnncalc explain lenet --format markdown -o lenet.md",
)
@options.network()
@click.argument("layer", required=False, shell_complete=completion.layers)
@options.overrides()
@options.batch()
@options.convention()
@options.dtype()
@options.output(options.table("writers.explanation:FORMATS"))
def explain(
    network: str,
    layer: str | None,
    overrides: options.Overrides,
    batch: int,
    convention: str,
    dtype: str,
    output: streams.Output,
) -> None:
    """Show the working of LAYER as on the board: formula, the numbers in it, the result, for
    volume, parameters, FLOPs, memory and receptive field; of a block, what it holds and its sums.
    LAYER is any name that a table prints. Without it, the working of the whole network.
    """
    from cnncalc import api

    found = api.explain(
        network, layer, convention=convention, batch=batch, dtype=dtype, **overrides.options()
    )
    output.emit(found)
