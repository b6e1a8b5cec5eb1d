"""`cnncalc explain`: the working of a layer, or of a whole network."""

from __future__ import annotations

import click

from cnncalc.cli import streams
from cnncalc.cli.options import changes, command, completing, conventions, network, option

FORMATS = ("text", "markdown", "latex", "json")


@command(
    "cnncalc explain alexnet CONV1",
    "cnncalc explain alexnet CONV1 --input 224x224x3",
    "cnncalc explain lenet --format markdown -o lenet.md",
)
@network()
@click.argument("layer", required=False)
@changes()
@option("--batch", metavar="N", type=click.INT, default=1, help="Images at a time.  [1]")
@option(
    "--convention",
    metavar="NAME",
    default="mac",
    shell_complete=completing(conventions),
    help="What a FLOP is: mac, 2mac or full.  [mac]",
)
@option("--dtype", metavar="NAME", default="float32", help="Bytes of a value.  [float32]")
@option(
    "--format",
    metavar="NAME",
    shell_complete=completing(lambda: FORMATS),
    help="text, markdown, latex or json.",
)
@option(
    "-o",
    "--output",
    "file",
    metavar="FILE",
    type=click.Path(),
    help="Write to FILE; its ending sets the format.",
)
def explain(
    network: str,
    layer: str | None,
    input: str | None,
    variant: str | None,
    given: dict[str, object],
    batch: int,
    convention: str,
    dtype: str,
    format: str | None,
    file: str | None,
) -> None:
    """Show the working of LAYER as on the board: formula, the numbers in it, the result, for
    volume, parameters, FLOPs, memory and receptive field. Without LAYER, of the whole network.
    """
    from cnncalc import api, explanation
    from cnncalc.writers import explanation as writer

    asked = "table" if format == "text" else format
    format = streams.format_for(asked, file, ("table", *FORMATS[1:]))
    report = api.analyze(
        network, input=input, variant=variant, set=given, batch=batch,
        convention=convention, dtype=dtype,
    )  # fmt: skip
    found = explanation.whole(report) if layer is None else [explanation.explain(report, layer)]
    streams.emit(
        format,
        file,
        lambda console: writer.show(found, report, console),
        lambda: writer.write(found, report, format),
    )
