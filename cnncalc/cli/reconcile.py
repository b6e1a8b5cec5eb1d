"""`cnncalc reconcile`: which convention makes a quoted figure."""

from __future__ import annotations

import click

from cnncalc.cli import problems, streams
from cnncalc.cli.options import changes, command, completing, network, option, output

FORMATS = ("table", "json")


def _quantities() -> list[str]:
    from cnncalc.reconciling.quoted_figure import QUANTITIES

    return list(QUANTITIES)


@command(
    "cnncalc reconcile alexnet 727M",
    "cnncalc reconcile resnet50 '8.2 GFLOPs'",
    "cnncalc reconcile vgg16 528MB --of memory",
)
@network()
@click.argument("figure")
@option(
    "--of",
    metavar="QUANTITY",
    shell_complete=completing(_quantities),
    help="flops, parameters, activations or memory.  [by the figure's unit, or its size]",
)
@changes()
@output(FORMATS)
def reconcile(
    network: str,
    figure: str,
    of: str | None,
    input: str | None,
    variant: str | None,
    given: dict[str, object],
    format: str | None,
    file: str | None,
) -> int:
    """Say which variant, convention, resolution, batch or unit of NETWORK makes FIGURE, a number
    as it was quoted: 727M, '1.14 GFLOPs', 62.4M, 233MB. Ends with 1 if there are only near misses.
    """
    from cnncalc import api
    from cnncalc.writers import reconciling as writer

    format = streams.format_for(format, file, FORMATS)
    found = api.reconcile(network, figure, of, input=input, variant=variant, set=given)
    streams.emit(
        format, file, lambda console: writer.show(found, console), lambda: writer.write(found)
    )
    return 0 if found.answers else problems.WRONG
