"""`cnncalc analyze`: the table of a network."""

from __future__ import annotations

import sys
from typing import Any

import click

from cnncalc.cli import options, problems, streams
from cnncalc.format.bounds import MAX_LAYERS

NETWORK, COUNTING, ROWS, OUTPUT = "Network", "Counting", "Rows and columns", "Output"
USUAL = options.Rows(all_layers=False, depth=1)
known_columns = options.table("writers.columns:COLUMNS")


def columns(context: click.Context, parameter: click.Parameter, text: str | None) -> str | None:
    """Return the text of --columns; for `help`, print all columns with their meaning, and end."""
    if text == "help":
        formatter = context.make_formatter()
        formatter.write_dl([(name, column.meaning) for name, column in known_columns().items()])
        sys.stdout.write(formatter.getvalue())
        context.exit()
    return text


@options.command(
    "cnncalc analyze alexnet",
    "cnncalc analyze alexnet --input 224x224x3",
    "cnncalc analyze resnet50 --depth all --columns +receptive_field",
    "cnncalc analyze net.yaml --format csv -o net.csv",
    "cnncalc analyze alexnet vgg16 resnet50",
)
@options.networks()
@options.overrides(NETWORK)
@options.batch(NETWORK)
@options.option(
    "--max-layers",
    metavar="N",
    heading=NETWORK,
    type=int,
    default=MAX_LAYERS,
    help=f"Refuse a network of more layers.  [{MAX_LAYERS:,}]",
)
@options.convention(COUNTING)
@options.dtype(COUNTING)
@options.option(
    "--exact",
    heading=COUNTING,
    is_flag=True,
    help="Refuse a window that does not tile its input.",
)
@options.rows(ROWS)
@options.option(
    "--columns",
    metavar="A,B,…",
    heading=ROWS,
    is_eager=True,
    callback=columns,
    known=known_columns,
    several=True,
    help="These columns, in this order; +A adds to the usual ones; help lists them.",
)
@options.option(
    "--sort",
    metavar="COLUMN",
    heading=ROWS,
    known=known_columns,
    help="Sort the rows by a column, largest first.",
)
@options.option(
    "--layout",
    metavar="hwc|chw",
    heading=ROWS,
    type=click.Choice(["hwc", "chw"]),
    default="hwc",
    help="The order of a volume's numbers.  [hwc]",
)
@options.output(options.table("writers:FORMATS"), OUTPUT)
def analyze(
    networks: tuple[str, ...],
    overrides: options.Overrides,
    batch: int,
    max_layers: int,
    convention: str,
    dtype: str,
    exact: bool,
    rows: options.Rows,
    columns: str | None,
    sort: str | None,
    layout: str,
    output: streams.Output,
) -> int:
    """Print every volume, parameter and FLOP of NETWORK: a shipped name, a YAML or JSON file,
    or - for standard input. Of several networks, print a line for each.
    """
    from cnncalc import api
    from cnncalc.format.plan.compilation import plan_of

    given: dict[str, Any] = {
        "convention": convention,
        "batch": batch,
        "dtype": dtype,
        "exact": exact,
        "max_layers": max_layers,
        **overrides.options(),
    }
    if len(networks) > 1:
        if columns or sort or rows != USUAL:
            raise click.UsageError(
                "--columns, --sort, --depth and --all-layers are about one network."
            )
        found = api.summarize(networks, **given)
        output.emit(found, layout=layout)
        return 0 if found.ok else problems.UNUSABLE
    architecture = api.load(networks[0])
    report = api.analyze(architecture, **given)
    output.emit(report, columns=columns, sort=sort, layout=layout, **rows.options())
    problems.note(plan_of(architecture).notes)
    return 0
