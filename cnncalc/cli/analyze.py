"""`cnncalc analyze`: the table of a network."""

from __future__ import annotations

import sys
from collections.abc import Iterable

import click

from cnncalc.cli import problems, streams
from cnncalc.cli.options import (
    changes,
    command,
    completing,
    conventions,
    levels,
    network,
    option,
    output,
)

NETWORK, COUNTING, ROWS, OUTPUT = "Network", "Counting", "Rows and columns", "Output"
FORMATS = ("table", "markdown", "csv", "json", "latex", "html")


def dtypes() -> Iterable[str]:
    """Return the names of the types of values."""
    from cnncalc.model.report import DTYPES

    return DTYPES


def known_columns() -> Iterable[str]:
    """Return the names of the columns."""
    from cnncalc.writers.columns import COLUMNS

    return COLUMNS


def columns(context: click.Context, parameter: click.Parameter, text: str | None) -> str | None:
    """Return the columns asked for; print all there are, and end, for `help`."""
    if text == "help":
        from cnncalc.writers.columns import COLUMNS

        formatter = context.make_formatter()
        formatter.write_dl([(name, column.meaning) for name, column in COLUMNS.items()])
        sys.stdout.write(formatter.getvalue())
        context.exit()
    return text


@command(
    "cnncalc analyze alexnet",
    "cnncalc analyze alexnet --input 224x224x3",
    "cnncalc analyze resnet50 --depth all --columns +receptive_field",
    "cnncalc analyze net.yaml --format csv -o net.csv",
)
@network()
@changes(NETWORK)
@option("--batch", metavar="N", heading=NETWORK, type=int, default=1, help="Images at a time.  [1]")
@option(
    "--max-layers",
    metavar="N",
    heading=NETWORK,
    type=int,
    default=100_000,
    help="Layers at most.  [100,000]",
)
@option(
    "--convention",
    metavar="NAME",
    heading=COUNTING,
    default="mac",
    shell_complete=completing(conventions),
    help="What a FLOP is: mac, 2mac or full.  [mac]",
)
@option(
    "--dtype",
    metavar="NAME",
    heading=COUNTING,
    default="float32",
    shell_complete=completing(dtypes),
    help="Bytes of a value: float16, float32 …  [float32]",
)
@option(
    "--exact",
    heading=COUNTING,
    is_flag=True,
    help="Refuse a window that does not tile its input.",
)
@option("--all-layers", heading=ROWS, is_flag=True, help="Show activations and dropout, too.")
@option(
    "--depth",
    metavar="N|all",
    heading=ROWS,
    default="1",
    callback=levels,
    help="Levels of blocks to open.  [1]",
)
@option(
    "--columns",
    metavar="A,B,…",
    heading=ROWS,
    is_eager=True,
    callback=columns,
    shell_complete=completing(known_columns),
    help="These columns, in this order; +A adds to the usual ones; help lists them.",
)
@option(
    "--sort",
    metavar="COLUMN",
    heading=ROWS,
    shell_complete=completing(known_columns),
    help="Largest first.",
)
@option(
    "--layout",
    metavar="hwc|chw",
    heading=ROWS,
    type=click.Choice(["hwc", "chw"]),
    default="hwc",
    help="How volumes are printed.  [hwc]",
)
@output(FORMATS, OUTPUT)
def analyze(
    network: str,
    input: str | None,
    variant: str | None,
    given: dict[str, object],
    batch: int,
    max_layers: int,
    convention: str,
    dtype: str,
    exact: bool,
    all_layers: bool,
    depth: int | None,
    columns: str | None,
    sort: str | None,
    layout: str,
    format: str | None,
    file: str | None,
) -> None:
    """Print every volume, parameter and FLOP of NETWORK: a shipped name, a YAML or JSON file,
    or - for standard input.
    """
    from cnncalc import api, writers
    from cnncalc.format.plan.compilation import plan_of
    from cnncalc.writers import table

    format = streams.format_for(format, file, FORMATS)
    architecture = api.load(network)
    report = api.analyze(
        architecture,
        convention=convention,
        batch=batch,
        dtype=dtype,
        input=input,
        variant=variant,
        set=given,
        exact=exact,
        max_layers=max_layers,
    )
    shown = writers.Options(columns, sort, layout, depth, all_layers)
    streams.emit(
        format,
        file,
        lambda console: table.show(report, console, shown),
        lambda: writers.write(report, format, shown),
    )
    problems.note(plan_of(architecture).notes)
