"""How a command ends when something is wrong: sentences on standard error, never a traceback."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import click

from cnncalc.cli import streams
from cnncalc.errors import SHOWN_PROBLEMS, CnncalcError, Problem, printable

WRONG, UNUSABLE, INTERRUPTED, CLOSED_PIPE = 1, 2, 130, 141  # exit codes; 128 + n as shells say it

_WIDEST = 100  # of a source line that is shown


@contextmanager
def shown() -> Iterator[None]:
    """Print what goes wrong inside as sentences, and end the program with its exit code."""
    try:
        yield
    except CnncalcError as error:
        show(error)
        raise SystemExit(UNUSABLE) from None
    except click.UsageError as error:
        command = error.ctx.command_path if error.ctx else "cnncalc"
        message = error.format_message()
        message = message[:1].lower() + message[1:]
        _line(Problem("usage", f"{message} See {command} --help."))
        raise SystemExit(UNUSABLE) from None
    except (KeyboardInterrupt, EOFError, click.Abort):
        raise SystemExit(INTERRUPTED) from None
    except OSError as error:
        # Windows says EINVAL of a pipe that nobody reads any more.
        if isinstance(error, BrokenPipeError) or (os.name == "nt" and error.errno == errno.EINVAL):
            streams.silence()
            raise SystemExit(CLOSED_PIPE) from None
        _line(Problem("system", f"{error.strerror or error}."))
        streams.silence()
        raise SystemExit(UNUSABLE) from None
    except (MemoryError, RecursionError):
        _line(Problem("memory", "this needs more memory than there is."))
        raise SystemExit(UNUSABLE) from None


def note(found: Iterable[Problem]) -> None:
    """Print remarks on standard error: they stop nothing."""
    for problem in found:
        _line(problem)


def show(error: CnncalcError) -> None:
    """Print an error's problems: one line each, and on a terminal the source with a caret."""
    sys.stdout.flush()
    for problem in error.problems[:SHOWN_PROBLEMS]:
        _line(problem)
        if sys.stderr.isatty() and problem.source_line and problem.column:
            _source(problem.source_line, problem.column, problem.place.width)
        for detail in problem.details:
            click.echo(f"  {printable(detail)}", file=sys.stderr)
    if (more := len(error.problems) - SHOWN_PROBLEMS) > 0:
        click.echo(f"… and {more:,} more", file=sys.stderr)
    if (count := len(error.problems)) > 1:
        click.echo(f"✗ {count:,} problems, nothing analyzed", file=sys.stderr)


def _line(problem: Problem) -> None:
    place = click.style(f"{str(problem.place) or 'cnncalc'}:", bold=True)
    click.echo(f"{place} {problem.sentence}", file=sys.stderr)


def _source(line: str, column: int, width: int) -> None:
    """Print a line of the file, or as much of a long one as there is room for, and a caret."""
    window = max(0, column - _WIDEST // 2)
    if window + _WIDEST >= len(line):
        window = max(0, len(line) - _WIDEST)
    before = "…" * (window > 0) + printable(line[window : column - 1])
    marked = printable(line[column - 1 : min(column - 1 + width, window + _WIDEST)])
    after = printable(line[column - 1 + width : window + _WIDEST])
    after += "…" * (window + _WIDEST < len(line))
    indent = len(before) - len(before.lstrip())
    red = None if os.environ.get("NO_COLOR") else "red"
    click.echo(
        "    " + click.style((before + marked + after)[indent:].rstrip(), dim=True), err=True
    )
    caret = " " * (len(before) - indent) + click.style("^" * max(len(marked), 1), fg=red)
    click.echo("    " + caret, file=sys.stderr)
