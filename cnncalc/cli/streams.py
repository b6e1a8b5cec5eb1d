"""Output of results: to standard streams, whose encoding may lack a sign, or to a file."""

from __future__ import annotations

import codecs
import os
import sys
from io import StringIO
from typing import TYPE_CHECKING, Any, NamedTuple

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cnncalc.model.printable import Printable
    from cnncalc.writers.terminal import Console


def _stand_in(error: UnicodeError) -> tuple[str, int]:
    """Return the substitute of characters that an encoding lacks: ASCII signs, or an escape."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    from cnncalc.writers.terminal import fit  # few streams need it

    return fit(error.object[error.start : error.end], "ascii"), error.end


def prepare() -> None:
    """Make standard output and error accept any text, whatever their encoding, or closed."""
    codecs.register_error("cnncalc", _stand_in)
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # closed by the caller
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="cnncalc")


def fit(text: str) -> str:
    """Return text with stand-ins for signs that standard output lacks: click would write UTF-8."""
    encoding = sys.stdout.encoding or "utf-8"
    return text.encode(encoding, "cnncalc").decode(encoding)


def silence() -> None:
    """Point the standard streams at the null device, so that Python can flush them at exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        try:
            os.dup2(nowhere, stream.fileno())
        except (OSError, ValueError):  # not a real file, as in tests
            continue


def put(text: str, file: str | None) -> None:
    """Write text to a file, or to standard output if there is none."""
    if file is None:
        sys.stdout.write(text)
    else:
        save(file, text)


def save(file: str, content: str | bytes | Iterator[str]) -> None:
    """Write a file whole or, where that fails or is interrupted, not at all."""
    from cnncalc.cli import signals
    from cnncalc.writers import files

    with signals.raising():
        files.write_file(file, content)


class Output(NamedTuple):  # no dataclass: see `options`
    """The destination of a result, from --format and -o: its format, and its file if any."""

    format: str
    file: str | None
    asked: bool  # whether there was either of them

    def emit(self, result: Printable, **options: Any) -> None:
        """Print a result, or write it to the file."""
        from cnncalc.writers import printing

        if self.file is None and self.format in printing.SHOWN:
            printing.show(result, sys.stdout, **options)
        else:
            self.write(printing.pieces(result, self.format, **options))

    def show(self, print_on: Callable[[Console], None]) -> None:
        """Print what is for a terminal, or write it to the file."""
        from cnncalc.writers import terminal

        if self.file is None:
            print_on(terminal.console(sys.stdout))
        else:
            stream = StringIO()
            print_on(terminal.console(stream))
            self.write(stream.getvalue())

    def write(self, content: str | bytes | Iterator[str]) -> None:
        """Write what a format made to the file, or to standard output."""
        if self.file is not None:
            save(self.file, content)
        elif isinstance(content, bytes):
            raise click.UsageError(f"the format {self.format} needs a file. Give -o FILE.")
        else:
            sys.stdout.writelines([content] if isinstance(content, str) else content)
