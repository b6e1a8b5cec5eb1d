"""`cnncalc draw`: figures of a network."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from cnncalc.cli import completion, options, problems, streams

if TYPE_CHECKING:
    from cnncalc.writers.figure import Options

NETWORK, COUNTING, FIGURE, OUTPUT = "Network", "Counting", "Figure", "Output"


def figure(heading: str) -> Callable[[Any], Any]:
    """Return a decorator that gives the command what a figure shows, and how, as `wanted`."""

    def wanted(title: bool, **values: Any) -> Options:
        from cnncalc.writers.figure import Options

        return Options(title=not title, **values)

    def option(*names: str, **settings: Any) -> Callable[[Any], Any]:
        return options.option(*names, heading=heading, **settings)

    return options.bundle(
        "wanted",
        wanted,
        {
            "figure": option(
                "--figure",
                metavar="NAME",
                known=options.table("figures:FIGURES"),
                help="{}.  [volumes for a chain of layers, else graph]",
            ),
            "depth": option(
                "--depth",
                metavar="N|all",
                default="1",
                callback=options.levels,
                shell_complete=completion.names(lambda: ("all",)),
                help="Levels of blocks to open.  [1]",
            ),
            "block": option(
                "--block",
                metavar="NAME",
                shell_complete=completion.blocks,
                help="Draw one block, from what enters it.",
            ),
            "training": option(
                "--training", is_flag=True, help="Draw layers, too, that exist in training only."
            ),
            "max_nodes": option(
                "--max-nodes",
                metavar="N",
                type=click.IntRange(min=1),
                default=400,
                help="Boxes, or rows of bars, at most.  [400]",
            ),
            "labels": option(
                "--labels",
                metavar="NAME",
                default="usual",
                known=options.table("figures:LABELS"),
                help="Under boxes: {} (with activation functions and the like).  [usual]",
            ),
            "runs": option(
                "--runs", is_flag=True, help="Draw three and more equal layers in a row as one box."
            ),
            "layout": option(
                "--layout",
                metavar="hwc|chw",
                type=click.Choice(["hwc", "chw"]),
                default="hwc",
                help="How volumes are printed.  [hwc]",
            ),
            "scale": option(
                "--scale",
                metavar="NAME",
                default="sqrt",
                known=options.table("figures:SCALES"),
                help="What sides are drawn as, of their extents: {}.  [sqrt]",
            ),
            "width": option(
                "--width",
                metavar="PIXELS",
                type=click.IntRange(min=1),
                help="Wrap a row of boxes at this width.",
            ),
            "theme": option(
                "--theme",
                metavar="NAME",
                default="auto",
                known=options.table("writers.figure:THEMES"),
                help="{}; auto is dark on a dark page.  [auto]",
            ),
            "title": option("--no-title", "title", is_flag=True, help="Leave out the title."),
            "standalone": option(
                "--standalone", is_flag=True, help="Write TikZ as a document of its own."
            ),
        },
    )


@options.command(
    "cnncalc draw alexnet -o alexnet.svg",
    "cnncalc draw googlenet --block 3a -o 3a.svg",
    "cnncalc draw resnet50 --depth 2 -o resnet50.svg",
    "cnncalc draw vgg16 vgg19 -o vgg.svg",
)
@options.network()
@options.network("other", required=False)
@options.overrides(NETWORK)
@options.batch(NETWORK)
@options.convention(COUNTING)
@options.dtype(COUNTING)
@figure(FIGURE)
@options.output(options.table("writers.figure:FORMATS"), OUTPUT)
def draw(
    network: str,
    other: str | None,
    overrides: options.Overrides,
    batch: int,
    convention: str,
    dtype: str,
    wanted: Options,
    output: streams.Output,
) -> None:
    """Draw NETWORK: a shipped name, a YAML or JSON file, or - for standard input. With OTHER,
    draw both side by side, with marks as diff has them: ~ differs, - only in NETWORK, + only
    in OTHER.
    """
    from cnncalc import api
    from cnncalc.format.plan.compilation import plan_of
    from cnncalc.writers import figure

    drawn = [api.load(name) for name in (network, other) if name]
    counting: dict[str, Any] = {"batch": batch, "convention": convention, "dtype": dtype}
    counting |= overrides.options()
    found = api.diff(*drawn, **counting) if other else api.analyze(*drawn, **counting)
    output.write(figure.write(found, output.format, wanted))
    for architecture in drawn:
        problems.note(plan_of(architecture).notes)
