"""Where text goes: streams that lack a sign, and files that are written whole or not at all."""

from __future__ import annotations

import codecs
import errno
import os
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import TYPE_CHECKING

import click

from cnncalc.errors import Problem, ReadError, UnknownNameError, did_you_mean

if TYPE_CHECKING:
    from cnncalc.writers import Format
    from cnncalc.writers.terminal import Console


def _stand_in(error: UnicodeError) -> tuple[str, int]:
    """Return what replaces characters that an encoding lacks: a sign's ASCII form, or an escape."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    from cnncalc.writers.terminal import fit  # brings Rich, which few streams need for this

    return fit(error.object[error.start : error.end], "ascii"), error.end


def prepare() -> None:
    """Make standard output and error take any text, whatever their encoding; or none at all."""
    codecs.register_error("cnncalc", _stand_in)
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # closed by the caller
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="cnncalc")


def fit(text: str) -> str:
    """Return text as standard output can take it: click would write UTF-8 where it is ASCII."""
    encoding = sys.stdout.encoding or "utf-8"
    return text.encode(encoding, "cnncalc").decode(encoding)


def silence() -> None:
    """Point the standard streams nowhere, so that Python can flush them at its end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        try:
            os.dup2(nowhere, stream.fileno())
        except (OSError, ValueError):  # not a real file, as in tests
            continue


def format_for(
    format: str | None, file: str | None, known: Sequence[str] | Mapping[str, Format]
) -> str:
    """Return the format that was asked for, or the one that a file's ending means, or the first.

    `known` is a table of formats, or names out of the usual one.
    Raises: UnknownNameError with the nearest names.
    """
    if format is None and file is None:
        return next(iter(known))
    if format is None and file is not None:
        from cnncalc.writers import FORMATS, format_of

        table = known if isinstance(known, Mapping) else {name: FORMATS[name] for name in known}
        format = format_of(file, table)
        if format is None:
            endings = ", ".join(ending for _, endings in table.values() for ending in endings)
            message = f"{file}: no format has this ending. Use one of {endings}, or --format."
            raise UnknownNameError(Problem("unknown_format", message))
    if format is None or format not in known:
        hint = did_you_mean(format or "", known)
        message = f"no format {str(format)[:60]!r}.{hint} It is one of {', '.join(known)}."
        raise UnknownNameError(Problem("unknown_format", message))
    return format


@dataclass(frozen=True, slots=True)
class Output:
    """What --format and -o say of a result: its format, and the file it goes to, if to one."""

    format: str
    file: str | None
    asked: bool  # whether there was either of them

    def emit(self, show: Callable[[Console], None], write: Callable[[], str]) -> None:
        """Print a result: by `show` where the format is for a terminal, else as `write` has it."""
        if self.format not in ("table", "text"):
            self.write(write())
            return
        from cnncalc.writers import terminal

        if self.file is None:
            show(terminal.console(sys.stdout))
        else:
            stream = StringIO()
            show(terminal.console(stream))
            self.write(stream.getvalue())

    def write(self, content: str | bytes) -> None:
        """Write what a format made to the file, or to standard output."""
        if self.file is not None:
            write_file(self.file, content)
        elif isinstance(content, bytes):
            raise click.UsageError("a spreadsheet needs a file. Give -o FILE.")
        else:
            sys.stdout.write(content)


def write_file(path: str, content: str | bytes) -> None:
    """Write a file whole or, where that fails, not at all. Raises: ReadError."""
    data = content.encode("utf-8", "backslashreplace") if isinstance(content, str) else content
    try:
        target = os.path.realpath(path)
        if os.path.exists(target) and not os.path.isfile(target):  # a directory, /dev/stdout
            with open(target, "wb") as device:
                device.write(data)
            return
        _replace(target, data)
    except (OSError, ValueError) as error:
        raise _unwritable(path, error) from None


def check_writable(path: str) -> None:
    """Raise the ReadError that `write_file` would end with, where that can be told before."""
    try:
        target = os.path.realpath(path)
        folder = os.path.dirname(target)
        if os.path.isdir(target):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        os.stat(folder)
        if not os.access(folder, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except (OSError, ValueError) as error:
        raise _unwritable(path, error) from None


def _unwritable(path: str, error: Exception) -> ReadError:
    reason = getattr(error, "strerror", None) or "no file can have this name"
    return ReadError(Problem("unwritable", f"{path}: cannot be written: {reason}."))


def _replace(target: str, data: bytes) -> None:
    """Put a new file in the place of `target`, with the permissions that `target` has."""
    part = f"{target}.{os.getpid()}.part"
    try:
        with open(part, "xb") as file:
            file.write(data)
        if os.path.exists(target):
            shutil.copymode(target, part)
        os.replace(part, target)
    except BaseException:
        if os.path.exists(part):
            os.unlink(part)
        raise
