"""Parts that commands share: help with examples and groups, the argument NETWORK, options."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import wraps
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from cnncalc.cli import completion, file_types, streams
from cnncalc.cli.file_types import NETWORK, WRITTEN

if TYPE_CHECKING:
    from cnncalc.writers import Format

NAMES = {"help_option_names": ["-h", "--help"]}


class Option(click.Option):
    """An option under a heading of its command's help.

    `known` returns the names that it takes, for shell completion and in place of {} in its help.
    The module that has them is imported then, and not with the command. An option that is
    `several` takes a list of them, joined by commas.
    """

    def __init__(
        self,
        *arguments: Any,
        heading: str = "Options",
        known: Callable[[], Iterable[str]] | None = None,
        several: bool = False,
        **settings: Any,
    ) -> None:
        if known is not None:
            complete = completion.listed if several else completion.names
            settings["shell_complete"] = complete(known)
        super().__init__(*arguments, **settings)
        self.heading, self.known = heading, known

    def get_help_record(self, context: click.Context) -> tuple[str, str] | None:
        """Return the option and its help, with the names that it takes."""
        record = super().get_help_record(context)
        if record is None or self.known is None or "{}" not in record[1]:
            return record
        *others, last = self.known()
        return record[0], record[1].format(f"{', '.join(others)} or {last}" if others else last)


class Command(click.Command):
    """A command whose help has examples, which can be pasted, before its options."""

    def __init__(self, *arguments: Any, examples: Sequence[str] = (), **settings: Any) -> None:
        settings.setdefault("context_settings", NAMES)
        super().__init__(*arguments, **settings)
        self.examples = examples

    def get_help(self, context: click.Context) -> str:
        """Return the help, with stand-ins for signs that standard output lacks."""
        return streams.fit(super().get_help(context))

    def invoke(self, context: click.Context) -> Any:
        """Call the command's function, unless it would write what it reads."""
        file_types.refuse_overwriting(context)
        return super().invoke(context)

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


def table(where: str) -> Callable[[], Any]:
    """Return a function that looks up `module:TABLE` when it is called."""
    module, _, name = where.partition(":")
    return lambda: getattr(import_module(f"cnncalc.{module}"), name)


def network(name: str = "network", *, required: bool = True) -> Callable[[Any], Any]:
    """Return a decorator that gives a command the argument NETWORK."""
    metavar = name.upper() if required else f"[{name.upper()}]"
    return click.argument(name, metavar=metavar, type=NETWORK, required=required)


def networks() -> Callable[[Any], Any]:
    """Return a decorator that gives a command the argument NETWORK, once or more often."""
    return click.argument("networks", metavar="NETWORK...", type=NETWORK, required=True, nargs=-1)


# --- options of several commands ----------------------------------------------------------


def batch(heading: str = "Options") -> Callable[[Any], Any]:
    """Return a decorator that gives a command --batch."""
    return option(
        "--batch", metavar="N", heading=heading, type=int, default=1, help="Images at a time.  [1]"
    )


def convention(heading: str = "Options") -> Callable[[Any], Any]:
    """Return a decorator that gives a command --convention."""
    return option(
        "--convention",
        metavar="NAME",
        heading=heading,
        default="mac",
        known=table("model.counting:CONVENTIONS"),
        help="What a FLOP is: {}.  [mac]",
    )


def dtype(heading: str = "Options") -> Callable[[Any], Any]:
    """Return a decorator that gives a command --dtype."""
    return option(
        "--dtype",
        metavar="NAME",
        heading=heading,
        default="float32",
        known=table("model.counting:DTYPES"),
        help="The type of a value: {}.  [float32]",
    )


# --- options that belong together: a command gets them as one record --------------------------

# The records are named tuples: making dataclasses would take a twentieth of a help page's time.


def bundle(
    name: str, make: Callable[..., Any], options: Mapping[str, Callable[[Any], Any]]
) -> Callable[[Any], Any]:
    """Return a decorator that gives a command options, and passes their values as one record.

    `make` makes the record from the options' values, by their names.
    """

    def decorate(function: Callable[..., int | None]) -> Callable[..., int | None]:
        @wraps(function)
        def called(**values: Any) -> int | None:
            record = make(**{option: values.pop(option) for option in options})
            return function(**values, **{name: record})

        for add in reversed(list(options.values())):
            called = add(called)
        return called

    return decorate


class Overrides(NamedTuple):
    """Replacements of values of a network's file: --input, --variant and --set."""

    input: str | None
    variant: str | None
    set: dict[str, object]

    def __bool__(self) -> bool:
        """Return whether anything is replaced."""
        return bool(self.input or self.variant or self.set)

    def options(self) -> dict[str, Any]:
        """Return these as options of the library."""
        return self._asdict()


def overrides(heading: str = "Network") -> Callable[[Any], Any]:
    """Return a decorator that gives a command --input, --variant and --set as `overrides`."""
    return bundle(
        "overrides",
        Overrides,
        {
            "input": option(
                "--input",
                metavar="VOLUME",
                heading=heading,
                help="Another input, such as 224x224x3; 224x224 keeps the channels.",
            ),
            "variant": option(
                "--variant",
                metavar="NAME",
                heading=heading,
                shell_complete=completion.variants,
                help="A variant of the file.",
            ),
            "set": option(
                "--set",
                metavar="NAME=VALUE",
                heading=heading,
                multiple=True,
                callback=settings,
                shell_complete=completion.settings,
                help="A parameter of the file; may be repeated.",
            ),
        },
    )


def settings(
    context: click.Context, parameter: click.Parameter, pairs: tuple[str, ...]
) -> dict[str, object]:
    """Return the parameters that --set gives: values as a file would have them, or expressions."""
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


class Rows(NamedTuple):
    """Which layers have rows: --all-layers and --depth (None: every block is opened)."""

    all_layers: bool
    depth: int | None

    def options(self) -> dict[str, Any]:
        """Return these as options of the library."""
        return self._asdict()


def rows(heading: str = "Rows", *, depth: str = "1") -> Callable[[Any], Any]:
    """Return a decorator that gives a command --all-layers and --depth as `rows`."""
    return bundle(
        "rows",
        Rows,
        {
            "all_layers": option(
                "--all-layers",
                heading=heading,
                is_flag=True,
                help="Show activation functions and dropout, too.",
            ),
            "depth": option(
                "--depth",
                metavar="N|all",
                heading=heading,
                default=depth,
                callback=levels,
                shell_complete=completion.names(lambda: ("all",)),
                help=f"Levels of blocks to open.  [{depth}]",
            ),
        },
    )


def levels(context: click.Context, parameter: click.Parameter, text: str) -> int | None:
    """Return the levels of blocks to open, None for all."""
    if text == "all":
        return None
    if not text.isdecimal() or len(text) > 9:
        raise click.BadParameter(f"expected a whole number or all. Received {text[:100]!r}.")
    return int(text)


def output(
    known: Callable[[], Mapping[str, Format]], heading: str = "Output"
) -> Callable[[Any], Any]:
    """Return a decorator that gives a command --format and -o as `output`.

    `known` returns the table of the command's formats.
    """

    def made(format: str | None, file: str | None) -> streams.Output:
        from cnncalc.writers import printing

        chosen = printing.format_for(format, file, known())
        return streams.Output(chosen, file, asked=bool(format or file))

    return bundle(
        "output",
        made,
        {
            "format": option("--format", metavar="NAME", heading=heading, known=known, help="{}."),
            "file": option(
                "-o",
                "--output",
                "file",
                metavar="FILE",
                heading=heading,
                type=WRITTEN,
                help="Write to FILE; its ending sets the format.",
            ),
        },
    )
