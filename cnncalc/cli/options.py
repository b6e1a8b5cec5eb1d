"""What the commands share: help in groups with examples first, and the argument NETWORK."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import click
from click.shell_completion import CompletionItem

from cnncalc.cli import streams

NAMES = {"help_option_names": ["-h", "--help"]}


class Option(click.Option):
    """An option that stands under a heading of its command's help."""

    def __init__(self, *arguments: Any, heading: str = "Options", **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self.heading = heading


class Command(click.Command):
    """A command whose help has examples, which can be pasted, before its options."""

    def __init__(self, *arguments: Any, examples: Sequence[str] = (), **settings: Any) -> None:
        settings.setdefault("context_settings", NAMES)
        super().__init__(*arguments, **settings)
        self.examples = examples

    def get_help(self, context: click.Context) -> str:
        """Return the help, in signs that standard output has."""
        return streams.fit(super().get_help(context))

    def format_options(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples, then the options under their headings; --help under the last."""
        if self.examples:
            with formatter.section("Examples"):
                for example in self.examples:
                    formatter.write(f"  {example}\n")
        headings: dict[str, list[tuple[str, str]]] = {}
        heading = "Options"
        for parameter in self.get_params(context):
            heading = getattr(parameter, "heading", heading)
            record = parameter.get_help_record(context)
            if record is not None and not isinstance(parameter, click.Argument):
                headings.setdefault(heading, []).append(record)
        for heading, records in headings.items():
            with formatter.section(heading):
                formatter.write_dl(records)


def command(*examples: str) -> Callable[[Callable[..., int | None]], Command]:
    """Return a decorator that makes a function a command: its docstring is the help."""

    def decorate(function: Callable[..., int | None]) -> Command:
        return click.command(cls=Command, examples=examples)(function)

    return decorate


def option(*names: str, heading: str = "Options", **settings: Any) -> Callable[[Any], Any]:
    """Return a decorator that gives a command an option, under a heading of its help."""
    return click.option(*names, cls=Option, heading=heading, **settings)


def completing(known: Callable[[], Iterable[str]]) -> Callable[..., list[CompletionItem]]:
    """Return the completion of an option by names, which are looked up when asked for."""

    def complete(
        context: click.Context, parameter: click.Parameter, text: str
    ) -> list[CompletionItem]:
        return [CompletionItem(name) for name in known() if name.startswith(text)]

    return complete


def conventions() -> Iterable[str]:
    """Return the names of what a FLOP may be."""
    from cnncalc.model.report import CONVENTIONS

    return CONVENTIONS


def names(context: click.Context, parameter: click.Parameter, text: str) -> list[CompletionItem]:
    """Return what completes the name of a network: shipped names, then files."""
    from cnncalc.format import shipped

    known = [entry.name for entry in shipped.index() if entry.name.startswith(text)]
    return [*map(CompletionItem, known), CompletionItem(text, type="file")]


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
    from cnncalc import readers

    found: dict[str, object] = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals:
            raise click.BadParameter(f"expected NAME=VALUE. Received {pair[:100]!r}.")
        if text.lstrip().startswith(("{", "[[")):  # a table; other lists are expressions, too
            found[name.strip()] = readers.parse(text, f"--set {name.strip()}", "yaml").data
        else:
            found[name.strip()] = readers.scalar(text)
    return found


def network(name: str = "network") -> Callable[[Any], Any]:
    """Return a decorator that gives a command the argument NETWORK."""
    return click.argument(name, metavar=name.upper(), shell_complete=names)


def changes(heading: str = "Network") -> Callable[[Any], Any]:
    """Return a decorator that gives a command --input, --variant and --set."""

    def decorate(function: Any) -> Any:
        for add in (
            option(
                "--set",
                "given",
                metavar="NAME=VALUE",
                heading=heading,
                multiple=True,
                callback=settings,
                help="A parameter of the file; may be repeated.",
            ),
            option("--variant", metavar="NAME", heading=heading, help="A variant of the file."),
            option(
                "--input",
                metavar="VOLUME",
                heading=heading,
                help="Another input, such as 224x224x3.",
            ),
        ):
            function = add(function)
        return function

    return decorate


def output(formats: Sequence[str], heading: str = "Output") -> Callable[[Any], Any]:
    """Return a decorator that gives a command --format and -o (`file`)."""

    def decorate(function: Any) -> Any:
        known = ", ".join(formats[:-1]) + f" or {formats[-1]}."
        file = option(
            "-o",
            "--output",
            "file",
            metavar="FILE",
            heading=heading,
            type=click.Path(),
            help="Write to FILE; its ending sets the format.",
        )
        format = option(
            "--format",
            metavar="NAME",
            heading=heading,
            help=known,
            shell_complete=completing(lambda: formats),
        )
        return format(file(function))

    return decorate
