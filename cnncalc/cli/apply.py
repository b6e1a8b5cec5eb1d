"""`cnncalc apply`: a layer on given values, with the working of each output."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from cnncalc.cli import completion, options, streams
from cnncalc.cli.file_types import VALUES

LAYER, WORKING = "Layer", "Working"
TYPES = options.table("layers:TYPES")


def _by_name(pairs: tuple[str, ...]) -> dict[str, str]:
    """Return the arrays that --array gives, by name."""
    found = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals:
            raise click.UsageError(f"--array needs NAME=VALUES. Received {pair[:100]!r}.")
        found[name.strip()] = text
    return found


def _many(name: str, usual: int, help: str) -> Callable[[Any], Any]:
    """Return a decorator that gives the command an option that is a number or all."""
    return options.option(
        name,
        metavar="N|all",
        heading=WORKING,
        default=str(usual),
        callback=options.levels,
        help=f"{help}  [{usual}]",
    )


@options.command(
    "cnncalc apply max_pool --set kernel=2 '1 1 2 4; 5 6 7 8; 3 2 1 0; 1 2 3 4'",
    "cnncalc apply fc --set units=1 --array weight='3 -1' --array bias=2 '1 2'",
    "cnncalc apply softmax '1 2 3' --digits 3",
    "cnncalc apply add '1 2; 3 4' '5 6; 7 8'",
)
@click.argument(
    "type_", metavar="TYPE", shell_complete=completion.names(options.table("layers:TYPES"))
)
@click.argument("inputs", metavar="INPUT...", nargs=-1, required=True, type=VALUES)
@options.option(
    "--set",
    metavar="NAME=VALUE",
    heading=LAYER,
    multiple=True,
    callback=options.settings,
    help="A setting of the layer, as in a file; may be repeated.",
)
@options.option(
    "--array",
    "arrays",
    metavar="NAME=VALUES",
    heading=LAYER,
    multiple=True,
    type=VALUES,
    help="A learned array, such as weight or bias; || separates filters. One number: all of it.",
)
@options.option(
    "--layout",
    metavar="hwc|chw",
    heading=LAYER,
    type=click.Choice(["hwc", "chw"]),
    default="hwc",
    help="Whether JSON and .npy have channels last or first.  [hwc]",
)
@options.option(
    "--digits",
    metavar="N",
    heading=WORKING,
    type=int,
    default=5,
    help="Digits of what cannot be exact, which is marked ≈.  [5]",
)
@_many("--terms", 12, "Terms of a sum; of a longer one the middle is left out.")
@_many("--outputs", 64, "Outputs whose working is shown.")
@options.output(options.table("writers.applied:FORMATS"))
def apply(
    type_: str,
    inputs: tuple[str, ...],
    set: dict[str, object],
    arrays: tuple[str, ...],
    layout: str,
    digits: int,
    terms: int | None,
    outputs: int | None,
    output: streams.Output,
) -> None:
    """Apply a layer of TYPE to values, and show the working of each output, exact where the
    arithmetic is rational. INPUT is text, in which spaces part values, ; rows and | channels,
    or a file: .npy, .csv, .json, .txt. Several inputs are several arguments. 4x2: before the
    values says which volume they are.
    """
    from cnncalc import api

    for text in inputs:
        if text.startswith("--"):
            name = text.partition("=")[0][:60]
            raise click.UsageError(f"no option {name}. A setting of the layer is --set NAME=VALUE.")
    found = api.apply(type_, inputs, _by_name(arrays), set=set, layout=layout)
    output.emit(found, digits=digits, terms=terms, outputs=outputs)


# Values may begin with a minus sign, and are no options for it.
apply.context_settings = {**options.NAMES, "ignore_unknown_options": True}
