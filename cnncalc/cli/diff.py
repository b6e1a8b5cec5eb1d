"""`cnncalc diff`: where two networks differ."""

from __future__ import annotations

import sys

import click

from cnncalc.cli import options, problems, streams


@options.command(
    "cnncalc diff alexnet alexnet_two_towers",
    "cnncalc diff vgg16 vgg19 --format json",
    "cnncalc diff resnet50 wide_resnet50_2 --fail-if 'macs>+200%'",
)
@options.network("first")
@options.network("second")
@options.overrides("Both networks")
@options.convention()
@options.rows(depth="all")
@options.option(
    "--fail-if",
    "limits",
    metavar="LIMIT",
    multiple=True,
    help="End with 1 if the second changes so much: macs>+2%, parameters>0. May be repeated.",
)
@options.output(options.table("writers:FORMATS"))
def diff(
    first: str,
    second: str,
    overrides: options.Overrides,
    convention: str,
    rows: options.Rows,
    limits: tuple[str, ...],
    output: streams.Output,
) -> int:
    """Show where two networks differ, row by row and in total: layers that changed (~), that
    only SECOND has (+), and that only FIRST has (-).
    """
    from cnncalc import api
    from cnncalc.model import diff as differences
    from cnncalc.writers import diff as writer

    bounds = {text: differences.Limit.parse(text) for text in limits}
    found = api.diff(first, second, convention=convention, **overrides.options())
    output.emit(found, **rows.options())
    broken = [
        writer.exceeded(text, limit, found) for text, limit in bounds.items() if limit.broken(found)
    ]
    for sentence in broken:
        click.echo(sentence, file=sys.stderr)
    return problems.WRONG if broken else 0
