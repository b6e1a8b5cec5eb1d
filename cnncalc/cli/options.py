"""What the commands share: help in groups with examples first, and the argument NETWORK."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
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


def completing(module: str, table: str) -> Callable[..., list[CompletionItem]]:
    """Return the completion of an option by the names in a table of a module of cnncalc."""

    def complete(
        context: click.Context, parameter: click.Parameter, text: str
    ) -> list[CompletionItem]:
        known = getattr(import_module(f"cnncalc.{module}"), table)
        return [CompletionItem(name) for name in known if name.startswith(text)]

    return complete


def names(context: click.Context, parameter: click.Parameter, text: str) -> list[CompletionItem]:
    """Return what completes the name of a network: shipped names, then files."""
    from cnncalc import shipped

    known = [entry.name for entry in shipped.index() if entry.name.startswith(text)]
    return [*map(CompletionItem, known), CompletionItem(text, type="file")]


def network(name: str = "network") -> Callable[[Any], Any]:
    """Return a decorator that gives a command the argument NETWORK."""
    return click.argument(name, metavar=name.upper(), shell_complete=names)
