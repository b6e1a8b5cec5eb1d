"""`cnncalc solve`: solutions of the output formula, and the inputs that a network takes."""

from __future__ import annotations

import click

from cnncalc.cli import options, problems, streams
from cnncalc.cli.file_types import NETWORK

FORMULA = "Formula"


@options.command(
    "cnncalc solve --in 227 --kernel 11 --out 55",
    "cnncalc solve --in 32 --out 16 --kernel 3..5",
    "cnncalc solve --out 112 --kernel 7 --stride 2 --padding 3",
    "cnncalc solve alexnet",
)
@click.argument("network", required=False, type=NETWORK)
@options.option(
    "--in", "in_", metavar="W", heading=FORMULA, help="The input's extent: 227, or 220..230."
)
@options.option("--kernel", metavar="K", heading=FORMULA, help="The kernel's extent.  [1..11]")
@options.option("--stride", metavar="S", heading=FORMULA, help="The stride.  [1 to K]")
@options.option(
    "--padding", metavar="P", heading=FORMULA, help="Padding on each side.  [0 to K - 1]"
)
@options.option("--out", metavar="O", heading=FORMULA, help="The output's extent.")
@options.overrides()
@options.output(options.table("writers.solving:FORMATS"))
def solve(
    network: str | None,
    in_: str | None,
    kernel: str | None,
    stride: str | None,
    padding: str | None,
    out: str | None,
    overrides: options.Overrides,
    output: streams.Output,
) -> int:
    """Solve O = (W - K + 2P)/S + 1: given some of W, K, S, P and O, list the others. Or list the
    input sizes that NETWORK takes without losing any input, and those that tile at every layer.
    Ends with 1 if nothing solves the formula.
    """
    from cnncalc import api

    given = any(text is not None for text in (in_, kernel, stride, padding, out))
    if (network is not None) == given:
        raise click.UsageError(
            "give either a NETWORK, or some of --in, --kernel, --stride, --padding, --out."
        )
    if network is not None:
        output.emit(api.solve(network, **overrides.options()))
        return 0
    if overrides:
        raise click.UsageError("--input, --variant and --set go with a NETWORK.")
    found = api.solve(input=in_, kernel=kernel, stride=stride, padding=padding, out=out)
    output.emit(found)
    return 0 if found.axes else problems.WRONG
