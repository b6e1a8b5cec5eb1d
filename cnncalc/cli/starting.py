"""`cnncalc show` and `cnncalc new`: files to start from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cnncalc.cli import options, problems, streams
from cnncalc.cli.file_types import TO_EDIT


def _output(function: Callable[..., int | None]) -> Callable[..., Any]:
    """Return a command with -o, which replaces no file that may have been edited, and --force."""
    force = options.option("--force", is_flag=True, help="Let -o replace a file that is there.")
    output = options.option("-o", "--output", metavar="FILE", type=TO_EDIT, help="Write to FILE.")
    decorated: Callable[..., Any] = output(force(function))
    return decorated


@options.command("cnncalc show lenet", "cnncalc show vgg16 -o mine.yaml")
@options.network()
@_output
def show(network: str, output: str | None, force: bool) -> None:
    """Print the file of NETWORK, to read or to start from. Of a variant it is the file that has
    all of them.
    """
    from cnncalc import api
    from cnncalc.errors import Problem
    from cnncalc.format import shipped

    streams.put(api.show(network), output)
    variant = shipped.find(network).variant
    if variant is not None:
        sentence = f"{network} is a variant of this file: analyze it with --variant {variant}."
        problems.note([Problem("variant", sentence)])


@options.command("cnncalc new", "cnncalc new -o mynet.yaml")
@_output
def new(output: str | None, force: bool) -> None:
    """Print a small network with remarks, to start a file of your own from."""
    from cnncalc import api

    streams.put(api.new(), output)
