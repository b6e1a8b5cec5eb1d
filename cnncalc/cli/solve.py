"""`cnncalc solve`: the formula backwards, and the inputs that tile at every layer."""

from __future__ import annotations

import sys

import click

from cnncalc.cli import streams
from cnncalc.cli.options import changes, command, names, option


@command(
    "cnncalc solve --in 227 --kernel 11 --out 55",
    "cnncalc solve --in 32 --out 16 --kernel 3..5",
    "cnncalc solve --out 112 --kernel 7 --stride 2 --padding 3",
    "cnncalc solve alexnet",
)
@click.argument("network", required=False, shell_complete=names)
@option("--in", "in_", metavar="W", heading="Formula", help="The input's extent: 227, or 220..230.")
@option("--kernel", metavar="K", heading="Formula", help="The kernel's extent.  [1..11]")
@option("--stride", metavar="S", heading="Formula", help="The stride.  [1 to K]")
@option("--padding", metavar="P", heading="Formula", help="Padding on each side.  [0 to K - 1]")
@option("--out", metavar="O", heading="Formula", help="The output's extent.")
@changes()
@option("--format", metavar="NAME", help="table or json.")
def solve(
    network: str | None,
    in_: str | None,
    kernel: str | None,
    stride: str | None,
    padding: str | None,
    out: str | None,
    input: str | None,
    variant: str | None,
    given: dict[str, object],
    format: str | None,
) -> None:
    """Fill in O = (W - K + 2P)/S + 1: given some of W, K, S, P and O, list the others. Or, for
    NETWORK, list the input sizes that tile at every layer.
    """
    from cnncalc import api
    from cnncalc.writers import solving as writer
    from cnncalc.writers import terminal

    texts = {"in": in_, "kernel": kernel, "stride": stride, "padding": padding, "out": out}
    written = {name: text for name, text in texts.items() if text is not None}
    if (network is None) == (not written):
        raise click.UsageError(
            "give either a NETWORK, or some of --in, --kernel, --stride, --padding, --out."
        )
    format = streams.format_for(format, None, ("table", "json"))
    if network is None:
        from cnncalc import solving

        ranges = {name: solving.read_range(name, text) for name, text in written.items()}
        found = solving.solve(ranges)
        if format == "json":
            sys.stdout.write(writer.write(found))
        else:
            writer.show(found, terminal.console(sys.stdout))
        return
    if format == "json":
        raise click.UsageError("--format json is for the formula; a network prints as a table.")
    from cnncalc.model import tiling

    graph = api.expand(network, input=input, variant=variant, set=given)
    report = api.analyze(network, input=input, variant=variant, set=given)
    axes = range(len(graph.nodes[0].output.extents))
    if not axes:
        raise click.UsageError(f"{network}: its input is a vector, which has no extents.")
    writer.show_tiling(
        report, [tiling.solve(graph, axis) for axis in axes], terminal.console(sys.stdout)
    )
