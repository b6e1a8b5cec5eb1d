"""The command line: a table of the commands, each of which is imported when it is called."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any, NamedTuple, NoReturn

import click

import cnncalc
from cnncalc.cli import completion, problems, streams
from cnncalc.cli.options import NAMES


class Entry(NamedTuple):
    """A command: its heading in the help, where its function is, and what it is for."""

    heading: str
    function: str  # module here:function
    help: str


COMMANDS = {
    "analyze": Entry(
        "Networks", "analyze:analyze", "Print every volume, parameter and FLOP of a network."
    ),
    "verify": Entry(
        "Networks", "verify:verify", "Run a network in NumPy and compare it with its numbers."
    ),
    "explain": Entry(
        "Networks", "explain:explain", "Show the working of a layer, a block or a whole network."
    ),
    "draw": Entry("Networks", "draw:draw", "Draw a network."),
    "demo": Entry("Networks", "demo:demo", "Write a page that steps through windows."),
    "apply": Entry(
        "Networks", "apply:apply", "Apply one layer to values, and show each output's working."
    ),
    "list": Entry(
        "Networks", "listing:list_", "List the networks that are shipped, or the layer types."
    ),
    "diff": Entry("Networks", "diff:diff", "Show where two networks differ."),
    "reconcile": Entry(
        "Figures and sizes", "reconcile:reconcile", "Find what a quoted figure is a number of."
    ),
    "solve": Entry(
        "Figures and sizes",
        "solve:solve",
        "Find the stride, padding, filter or input that fits.",
    ),
    "check": Entry(
        "Homework", "check:check", "Mark answers, and say which mistake a wrong one fits."
    ),
    "worksheet": Entry("Homework", "worksheet:worksheet", "Write a blank sheet to fill in."),
    "quiz": Entry("Homework", "quiz:quiz", "Set questions, with keys."),
    "show": Entry("Files", "starting:show", "Print a network's file, to start from."),
    "new": Entry("Files", "starting:new", "Print a small network with remarks, to start from."),
    "schema": Entry("Files", "schema:schema", "Print the JSON Schema of the file format."),
}
EXAMPLES = (
    ("cnncalc analyze alexnet", "the lecture slide, every number exact"),
    ("cnncalc explain alexnet CONV1", "how a number comes about"),
    ("cnncalc check answers.md --key alexnet.yaml", ""),
)
EPILOG = (
    "NETWORK is a shipped name (cnncalc list), a YAML or JSON file, or - for standard input. "
    "Exit codes: 0 all right; 1 an answer is wrong, a verification failed or a limit is passed; "
    "2 the input could not be used. NO_COLOR is honoured."
)


class Commands(click.Group):
    """All commands. A command's function may return its exit code."""

    def list_commands(self, context: click.Context) -> list[str]:
        """Return the names of the commands, in the order of the help."""
        return list(COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """Return a command, which is imported for it, or None if there is none of this name."""
        if name not in COMMANDS:
            return None
        module, _, function = COMMANDS[name].function.partition(":")
        found: click.Command = getattr(import_module(f"cnncalc.cli.{module}"), function)
        return found

    def resolve_command(
        self, context: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that is called. Raises: UsageError with the nearest names."""
        from cnncalc.errors import did_you_mean

        if args[0] not in COMMANDS:
            hint = did_you_mean(args[0], COMMANDS)
            raise click.UsageError(f"no command {args[0][:100]!r}.{hint}", context)
        return super().resolve_command(context, args)

    def format_options(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples, the commands under their headings, and the options."""
        with formatter.section("Start with"):
            width = max(len(line) for line, note in EXAMPLES if note)
            formatter.write_dl(EXAMPLES, col_max=width, col_spacing=3)
        for heading in dict.fromkeys(entry.heading for entry in COMMANDS.values()):
            with formatter.section(heading):
                formatter.write_dl(
                    [(name, row.help) for name, row in COMMANDS.items() if row.heading == heading]
                )
        click.Command.format_options(self, context, formatter)

    def format_epilog(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the epilog."""
        formatter.write_paragraph()
        formatter.write_text(self.epilog or "")

    def main(self, args: Sequence[str] | None = None, *_: Any, **__: Any) -> NoReturn:
        """Run a command line, and end the program with its exit code: see `problems`."""
        streams.prepare()
        with problems.shown():
            if instruction := os.environ.get(completion.VARIABLE):
                sys.exit(completion.complete(self, instruction))
            arguments = list(sys.argv[1:] if args is None else args) or ["--help"]
            try:
                with self.make_context("cnncalc", arguments) as context:
                    code = self.invoke(context)
            except click.exceptions.Exit as end:
                code = end.exit_code
            sys.stdout.flush()
        sys.exit(code or 0)


main = Commands(
    "cnncalc",
    help="Every volume, parameter and FLOP of a CNN: exact, explained and verified.",
    epilog=EPILOG,
    context_settings=NAMES,
    params=[],
)
click.version_option(cnncalc.__version__, message="%(prog)s %(version)s")(main)
