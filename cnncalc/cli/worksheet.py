"""`cnncalc worksheet`: a blank sheet to fill in."""

from __future__ import annotations

import sys

import click

from cnncalc.cli import streams
from cnncalc.cli.options import changes, command, network, option, output

FORMATS = ("markdown", "csv", "xlsx")


@command(
    "cnncalc worksheet alexnet",
    "cnncalc worksheet lenet --columns output,weights,biases -o sheet.csv",
    "cnncalc worksheet alexnet --filled",
)
@network()
@changes()
@option(
    "--columns",
    metavar="A,B,…",
    help="What is to be answered: output, parameters, flops, weights, biases, macs, input, "
    "activations, memory, receptive_field, step, working.  [output,parameters,flops, or what "
    "NETWORK asks for under marking:]",
)
@option("--filled", is_flag=True, help="Write the right answers in: the teacher's copy.")
@output(FORMATS)
def worksheet(
    network: str,
    input: str | None,
    variant: str | None,
    given: dict[str, object],
    columns: str | None,
    filled: bool,
    format: str | None,
    file: str | None,
) -> None:
    """Write a blank sheet about NETWORK, a row for each layer, which check reads when it is
    filled in.
    """
    from cnncalc import api
    from cnncalc.homework import worksheet as homework
    from cnncalc.writers import worksheet as writer

    format = streams.format_for(format, file, writer.FORMATS)
    key = api.key(network, input=input, variant=variant, set=given)
    chosen = tuple(name.strip() for name in columns.split(",")) if columns else None
    text = writer.write(homework.worksheet(key, chosen), format, filled)
    if file is not None:
        streams.write_file(file, text)
    elif isinstance(text, bytes):
        raise click.UsageError("a spreadsheet needs a file. Give -o FILE.")
    else:
        sys.stdout.write(text)
