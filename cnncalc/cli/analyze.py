"""`cnncalc analyze`: the table of a network."""

from __future__ import annotations

import sys

import click

from cnncalc.cli import streams
from cnncalc.cli.options import command, completing, network, option

NETWORK, COUNTING, ROWS, OUTPUT = "Network", "Counting", "Rows and columns", "Output"


def levels(context: click.Context, parameter: click.Parameter, text: str) -> int | None:
    """Return the levels of blocks to open, None for all."""
    if text == "all":
        return None
    if not text.isdecimal() or len(text) > 9:
        raise click.BadParameter(f"expected a whole number or all. Received {text[:100]!r}.")
    return int(text)


def settings(
    context: click.Context, parameter: click.Parameter, pairs: tuple[str, ...]
) -> dict[str, object]:
    """Return what --set gives: values as a file would have them, or expressions."""
    from cnncalc.readers import scalar

    found: dict[str, object] = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals:
            raise click.BadParameter(f"expected NAME=VALUE. Received {pair[:100]!r}.")
        found[name.strip()] = scalar(text)
    return found


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
@option(
    "--input",
    metavar="VOLUME",
    heading=NETWORK,
    help="Another input, such as 224x224x3.",
)
@option("--variant", metavar="NAME", heading=NETWORK, help="A variant of the file.")
@option(
    "--set",
    "given",
    metavar="NAME=VALUE",
    heading=NETWORK,
    multiple=True,
    callback=settings,
    help="A parameter of the file; may be repeated.",
)
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
    shell_complete=completing("report", "CONVENTIONS"),
    help="What a FLOP is: mac, 2mac or full.  [mac]",
)
@option(
    "--dtype",
    metavar="NAME",
    heading=COUNTING,
    default="float32",
    shell_complete=completing("report", "DTYPES"),
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
    shell_complete=completing("writers.columns", "COLUMNS"),
    help="These columns, in this order; +A adds to the usual ones; help lists them.",
)
@option(
    "--sort",
    metavar="COLUMN",
    heading=ROWS,
    shell_complete=completing("writers.columns", "COLUMNS"),
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
@option(
    "--format",
    metavar="NAME",
    heading=OUTPUT,
    shell_complete=completing("writers", "FORMATS"),
    help="table, markdown, csv, json, latex or html.",
)
@option(
    "-o",
    "--output",
    metavar="FILE",
    heading=OUTPUT,
    type=click.Path(),
    help="Write to FILE; its ending sets the format.",
)
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
    output: str | None,
) -> None:
    """Print every volume, parameter and FLOP of NETWORK: a shipped name, a YAML or JSON file,
    or - for standard input.
    """
    from cnncalc import api, writers

    format = streams.format_for(format, output)
    report = api.analyze(
        network,
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
    if output is not None:
        streams.write_file(output, writers.write(report, format, shown))
    elif format == "table":
        from cnncalc.writers import table, terminal

        table.show(report, terminal.console(sys.stdout), shown)
    else:
        sys.stdout.write(writers.write(report, format, shown))
