"""The parameters that name files, by what a command does with them: it reads, or it writes.

What a run reads it never writes. That is found from these types, for every command alike, before
anything is worked out.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any

import click
from click.shell_completion import CompletionItem
from click.types import StringParamType

FORCE = "force"  # the parameter that lets a file of another kind be replaced


class ReadFile(StringParamType):
    """The name of a file that is read; - is standard input."""

    name = "file"

    def files(self, values: tuple[str, ...]) -> Iterable[str]:
        """Return the files that values of the parameter mean."""
        return values

    def shell_complete(
        self, context: click.Context, parameter: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Return that the shell completes files."""
        return [CompletionItem(incomplete, type="file")]


class NetworkName(ReadFile):
    """A shipped name, or the name of a file."""

    name = "network"

    def convert(
        self, value: Any, parameter: click.Parameter | None, context: click.Context | None
    ) -> Any:
        """Return the name; a line says where a shipped network stands in for a file."""
        if "." in value and not (context and context.resilient_parsing):
            from cnncalc.errors import CnncalcError
            from cnncalc.format import shipped

            with suppress(CnncalcError):  # the command says what is wrong with it
                if found := shipped.find(value).instead:
                    click.echo(shipped.instead(value, found), err=True)
        return super().convert(value, parameter, context)

    def files(self, values: tuple[str, ...]) -> Iterable[str]:
        """Return the files; a shipped name has its own, as `refuse_overwriting` knows anyway."""
        from cnncalc.format import shipped

        return filter(shipped.is_path, values)

    def shell_complete(
        self, context: click.Context, parameter: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Return the shipped names, and that the shell completes files."""
        from cnncalc.format import shipped

        found = [entry.name for entry in shipped.index() if entry.name.startswith(incomplete)]
        return [
            *map(CompletionItem, found),
            *super().shell_complete(context, parameter, incomplete),
        ]


class Sheets(ReadFile):
    """The names of sheets, and patterns of names."""

    def files(self, values: tuple[str, ...]) -> Iterable[str]:
        """Return the files of names and patterns. Raises: ReadError if there are none."""
        from cnncalc.homework import submissions

        return submissions.files(values)


class Values(ReadFile):
    """Values as text, or the name of a file that has them; either may follow `NAME=`."""

    name = "values"

    def files(self, values: tuple[str, ...]) -> Iterable[str]:
        """Return those that are files."""
        names = [value for text in values for value in (text, text.partition("=")[2])]
        return [name for name in names if name == "-" or os.path.exists(name)]


class WrittenFile(StringParamType):
    """The name of a file that is written.

    `kind` returns whether an existing file is an earlier one of the kind that is written. Only
    such a one is replaced without --force, else `refusal` is said; and a pattern of sheets does
    not mean it.
    """

    name = "file"

    def __init__(
        self, kind: Callable[[str], bool] | None = None, refusal: str = "something else is in it."
    ) -> None:
        self.kind, self.refusal = kind, refusal

    def shell_complete(
        self, context: click.Context, parameter: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Return that the shell completes files."""
        return [CompletionItem(incomplete, type="file")]


READ, NETWORK, SHEETS, VALUES = ReadFile(), NetworkName(), Sheets(), Values()
WRITTEN = WrittenFile()
TO_EDIT = WrittenFile(lambda path: False, "this file is there already.")  # and may be edited


def refuse_overwriting(context: click.Context) -> None:
    """Raise a ReadError if a file that is to be written cannot be, or is one that is read.

    A file is itself under any name: through links, as a shipped network, as a standard stream.
    """
    from cnncalc.writers import files

    written: dict[tuple[int, int] | str, str] = {}
    for parameter, values in _named(context, WrittenFile):
        (path,) = values
        files.check_writable(path)
        key = _identity(path) or os.path.realpath(path)
        if key in written and not _special(path):
            raise _refused(path, f"{_label(parameter)} and {written[key]} both write this file.")
        written[key] = _label(parameter)
    output = _identity(_descriptor(sys.stdout))
    if output is not None:
        written.setdefault(output, "standard output")
    if any(isinstance(key, tuple) for key in written):
        _refuse_read(context, written)
    for parameter, (path,) in _named(context, WrittenFile):
        _refuse_other_kind(context, parameter, path)


def _refuse_read(context: click.Context, written: Mapping[tuple[int, int] | str, str]) -> None:
    """Raise a ReadError if one of the written files, each with what writes it, is read."""
    for parameter, read in _read(context):
        by = written.get(_identity(read) or "")
        if by is not None and not _spared(context, parameter, read):
            raise _refused(read, f"{by} would overwrite {_label(parameter)}, which is read.")
    for own in _own():
        if (by := written.get(_identity(own) or "")) is not None:
            raise _refused(own, f"{by} would overwrite a file of cnncalc's own.")


def _named(
    context: click.Context, kind: type[StringParamType]
) -> Iterator[tuple[click.Parameter, tuple[str, ...]]]:
    """Yield the parameters of a type that have values, with these."""
    for parameter in context.command.get_params(context):
        value = context.params.get(parameter.name or "")
        if isinstance(parameter.type, kind) and value not in (None, ()):
            yield parameter, value if isinstance(value, tuple) else (value,)


def _read(context: click.Context) -> Iterator[tuple[click.Parameter, str | int]]:
    """Yield the files that are read, or the descriptor of standard input."""
    for parameter, values in _named(context, ReadFile):
        assert isinstance(parameter.type, ReadFile)
        for path in parameter.type.files(values):
            found = _descriptor(sys.stdin) if path == "-" else path
            if found is not None:
                yield parameter, found


def _own() -> Iterator[str]:
    """Yield the files of the installation that any command may read: the shipped networks."""
    from cnncalc.format import shipped

    with os.scandir(shipped.directory()) as entries:
        yield from (entry.path for entry in entries)


def _refuse_other_kind(context: click.Context, parameter: click.Parameter, path: str) -> None:
    """Raise a ReadError for a file with something of another kind in it, unless by --force."""
    kind = getattr(parameter.type, "kind", None)
    if kind is None or context.params.get(FORCE) or _special(path):
        return
    if os.path.exists(path) and os.path.getsize(path) and not kind(path):
        refusal = getattr(parameter.type, "refusal", "")
        raise _refused(path, f"{refusal} --force replaces it.")


def _spared(context: click.Context, parameter: click.Parameter, path: str | int) -> bool:
    """Return whether a file that sheets' patterns mean is one that an earlier run has written."""
    return isinstance(parameter.type, Sheets) and any(
        other.type.kind is not None
        and _identity(values[0]) == _identity(path)
        and other.type.kind(values[0])
        for other, values in _named(context, WrittenFile)
        if isinstance(other.type, WrittenFile)
    )


def _identity(path: str | int | None) -> tuple[int, int] | None:
    """Return device and inode, the same for all names of a regular file; None for anything else."""
    if path is None:
        return None
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return None
    return (found.st_dev, found.st_ino) if stat.S_ISREG(found.st_mode) else None


def _special(path: str) -> bool:
    """Return whether a path is of a device, a pipe or the like: it is not replaced."""
    return os.path.exists(path) and _identity(path) is None


def _descriptor(stream: Any) -> int | None:
    try:
        found: int = stream.fileno()
    except (AttributeError, OSError, ValueError):  # closed, or none of the system's, as in tests
        return None
    return found


def _label(parameter: click.Parameter) -> str:
    if isinstance(parameter, click.Argument):
        return parameter.human_readable_name.strip("[].")
    return min(parameter.opts, key=len)


def _refused(path: str | int, message: str) -> Exception:
    from cnncalc.errors import Place, Problem, ReadError

    place = Place("standard input" if isinstance(path, int) else path)
    return ReadError(Problem("overwritten", f"{message} Name another file.", place=place))
