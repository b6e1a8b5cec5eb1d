"""`cnncalc diff`: where two networks differ."""

from __future__ import annotations

import sys

import click

from cnncalc.cli import problems, streams
from cnncalc.cli.options import command, completing, conventions, network, option, output

FORMATS = ("table", "json")


@command(
    "cnncalc diff alexnet alexnet_two_towers",
    "cnncalc diff vgg16 vgg19 --format json",
    "cnncalc diff resnet50 wide_resnet50_2 --fail-if 'macs>+200%'",
)
@network("first")
@network("second")
@option("--input", metavar="VOLUME", help="Another input for both, such as 224x224x3.")
@option(
    "--convention",
    metavar="NAME",
    default="mac",
    shell_complete=completing(conventions),
    help="What a FLOP is: mac, 2mac or full.  [mac]",
)
@option(
    "--fail-if",
    "limits",
    metavar="LIMIT",
    multiple=True,
    help="End with 1 if the second changes so much: macs>+2%, parameters>0. May be repeated.",
)
@output(FORMATS)
def diff(
    first: str,
    second: str,
    input: str | None,
    convention: str,
    limits: tuple[str, ...],
    format: str | None,
    file: str | None,
) -> int:
    """Show where two networks differ, row by row and in total: layers that changed (~), that
    only SECOND has (+), and that only FIRST has (-).
    """
    from cnncalc import api
    from cnncalc.model import diff as differences
    from cnncalc.writers import diff as writer

    format = streams.format_for(format, file, FORMATS)
    bounds = [differences.Limit.parse(limit) for limit in limits]
    found = api.diff(first, second, input=input, convention=convention)
    streams.emit(
        format,
        file,
        lambda console: writer.show(found, console),
        lambda: writer.write(found, format),
    )
    broken = False
    for limit, bound in zip(limits, bounds, strict=True):
        if bound.broken(found):
            broken = True
            change = writer.signed(found.delta(bound.quantity)) or "0"
            click.echo(f"✗ {limit}: {bound.quantity} changed by {change}", file=sys.stderr)
    return problems.WRONG if broken else 0
