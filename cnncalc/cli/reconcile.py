"""`cnncalc reconcile`: what a quoted figure is a number of."""

from __future__ import annotations

import click

from cnncalc.cli import options, problems, streams


@options.command(
    "cnncalc reconcile alexnet 727M",
    "cnncalc reconcile resnet50 8.2 GFLOPs",
    "cnncalc reconcile vgg16 528MB --of memory",
)
@options.network()
@click.argument("figure", nargs=-1, required=True, metavar="FIGURE")
@options.option(
    "--of",
    metavar="QUANTITY",
    known=options.table("reconciling.quoted_figure:QUANTITIES"),
    help="{}.  [by the figure's unit, or its size]",
)
@options.option("--batch", metavar="N", type=int, help="It is of N images.  [1, and what is usual]")
@options.option("--all", is_flag=True, help="Show the sums that need more assumptions, too.")
@options.overrides()
@options.output(options.table("writers.reconciling:FORMATS"))
def reconcile(
    network: str,
    figure: tuple[str, ...],
    of: str | None,
    batch: int | None,
    all: bool,
    overrides: options.Overrides,
    output: streams.Output,
) -> int:
    """Find what FIGURE, as it was quoted (727M, 1.14 GFLOPs, 62.4M, 233MB), is a number of:
    the variant of NETWORK, convention, input size, batch or unit that gives it, and how likely
    chance alone would give it. Ends with 1 if nothing does, or chance would as well.
    """
    from cnncalc import api

    quoted = " ".join(figure)  # 8.2 GFLOPs may be typed without quotes
    found = api.reconcile(network, quoted, of, batch=batch, all=all, **overrides.options())
    output.emit(found)
    return 0 if found.answered else problems.WRONG
