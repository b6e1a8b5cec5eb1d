"""`cnncalc worksheet`: a blank sheet to fill in."""

from __future__ import annotations

from cnncalc.cli import options, streams


@options.command(
    "cnncalc worksheet alexnet",
    "cnncalc worksheet lenet --columns output,weights,biases -o sheet.csv",
    "cnncalc worksheet alexnet --filled",
)
@options.network()
@options.overrides()
@options.option(
    "--columns",
    metavar="A,B,…",
    known=options.table("homework.sheet:COLUMNS"),
    several=True,
    help="What is to be answered: any of {}.  [output,parameters, or what NETWORK asks "
    "for under marking:]",
)
@options.option("--filled", is_flag=True, help="Write the right answers in: the teacher's copy.")
@options.rows(depth="all")
@options.output(options.table("writers.worksheet:FORMATS"))
def worksheet(
    network: str,
    overrides: options.Overrides,
    columns: str | None,
    filled: bool,
    rows: options.Rows,
    output: streams.Output,
) -> None:
    """Write a blank sheet about NETWORK, a row for each layer, which check reads when it is
    filled in.
    """

    from cnncalc import api

    found = api.worksheet(network, columns, **rows.options(), **overrides.options())
    output.emit(found, filled=filled)
