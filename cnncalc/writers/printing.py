"""Results in the formats of their commands: for --format, and for Python."""

from __future__ import annotations

import json
import os
import shutil
import sys
from importlib import import_module
from io import StringIO
from typing import TYPE_CHECKING, Any

from cnncalc.errors import CnncalcError, Problem, UnknownNameError, did_you_mean
from cnncalc.writers import files, format_of, terminal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cnncalc.model.printable import Printable
    from cnncalc.writers import Format
    from cnncalc.writers.terminal import Console

# The module that writes a result, by the result's class. It has FORMATS, a table of formats, the
# usual one first, and either
#   content(result, **options): returns what every format of the writers' table writes, or
#   show(result, console, **options): prints it, where the usual format is for a terminal, and
#   write(result, format, **options): returns it in one of the others.
WRITERS = {
    "Report": "report",
    "Applied": "applied",
    "Summaries": "summaries",
    "Diff": "diff",
    "Networks": "listing",
    "LayerTypes": "layer_types",
    "Explanation": "explanation",
    "Verification": "verification",
    "Replay": "replay",
    "ZooVerification": "zoo",
    "Solutions": "solving",
    "InputSizes": "solving",
    "Reconciliation": "reconciling",
    "Quiz": "quiz",
    "Worksheet": "worksheet",
    "Marks": "marking",
}
SHOWN = ("table", "text")  # the formats that are for a terminal
WIDTH = 100  # columns of text, where there is no terminal


def _writer(result: Printable) -> Any:
    return import_module(f"cnncalc.writers.{WRITERS[type(result).__name__]}")


def formats(result: Printable) -> Mapping[str, Format]:
    """Return the table of the formats that a result is written in, the usual one first."""
    table: Mapping[str, Format] = _writer(result).FORMATS
    return table


def conversions(result: Printable) -> list[str]:
    """Return the formats that a result is converted to: those that are for no terminal."""
    return [format for format in formats(result) if format not in SHOWN]


def written(result: Printable, format: str, **options: Any) -> Any:
    """Return a result in a format: text that ends with a newline, or bytes.

    Raises: UnknownNameError with the nearest names of formats.
    """
    writer = _writer(result)
    known_format(format, formats(result))
    if hasattr(writer, "content"):
        return writer.FORMATS[format].write(writer.content(result, **options))
    if format not in SHOWN:
        return writer.write(result, format, **options)
    stream = StringIO()
    writer.show(result, terminal.console(stream), **options)
    return stream.getvalue()


def pieces(result: Printable, format: str, **options: Any) -> str | bytes | Iterator[str]:
    """Return a result as `written` does, or in pieces where its format is made in pieces."""
    writer = _writer(result)
    if not hasattr(writer, "content"):
        made: str | bytes = written(result, format, **options)
        return made
    known_format(format, formats(result))
    found: str | Iterator[str] = writer.FORMATS[format].pieces(writer.content(result, **options))
    return found


def document(result: Printable) -> dict[str, Any]:
    """Return a result's JSON document, as dicts, lists, numbers and text."""
    writer = _writer(result)
    if hasattr(writer, "content"):
        found: dict[str, Any] = writer.content(result).to_dict()
        return found
    return dict(json.loads(written(result, "json")))


def show(result: Printable, stream: Any, **options: Any) -> None:
    """Print a result to a stream: with colours, and in its width, if it is a terminal."""
    _show(result, terminal.console(stream), **options)


def _show(result: Printable, console: Console, **options: Any) -> None:
    writer = _writer(result)
    if hasattr(writer, "content"):
        writer.content(result, **options).show(console)
    else:
        writer.show(result, console, **options)


def printed(result: Printable) -> str:
    """Return a result as `print` shows it: in the terminal's width, or in 100 columns.

    Standard output may lack a sign (a file on Windows, the C locale): another stands for it.
    """
    usual = next(iter(formats(result)))
    if usual not in SHOWN:
        return str(written(result, usual)).rstrip("\n")
    stream = StringIO()
    width = shutil.get_terminal_size((WIDTH, 0)).columns
    _show(result, terminal.Plain(stream, width, getattr(sys.stdout, "encoding", None)))
    return stream.getvalue().rstrip("\n")


def notebook(result: Printable, format: str) -> str | None:
    """Return a result as a notebook shows it: in html or markdown if it has them, else as text."""
    if format in formats(result):
        return str(written(result, format))
    if format == "html" and "markdown" not in formats(result):
        from html import escape

        return f"<pre>{escape(printed(result))}</pre>"
    return None


def save(
    result: Printable, path: str | os.PathLike[str], format: str | None, **options: Any
) -> None:
    """Write a result to a file, in the format that its ending means if none is given.

    Raises: UnknownNameError for another ending or format; ReadError if it cannot be written.
    """
    if not isinstance(path, (str, os.PathLike)):
        raise CnncalcError(Problem("path", f"path names a file. Received {type(path).__name__}."))
    file = os.fsdecode(path)
    chosen = format_for(format, file, formats(result))
    files.write_file(file, pieces(result, chosen, **options))


def format_for(format: str | None, file: str | None, known: Mapping[str, Format]) -> str:
    """Return the format that was asked for, or the one that a file's ending means, or the first.

    Raises: UnknownNameError with the nearest names.
    """
    if format is not None:
        known_format(format, known)
        return format
    if file is None:
        return next(iter(known))
    meant = format_of(file, known)
    if meant is not None:
        return meant
    every = ", ".join(ending for _, endings in known.values() for ending in endings)
    message = f"{file}: no format has this ending. Use one of {every}, or --format."
    raise UnknownNameError(Problem("unknown_format", message))


def known_format(format: str, known: Mapping[str, Format]) -> None:
    """Raise the UnknownNameError of a format that is not in a table."""
    if not isinstance(format, str) or format not in known:
        shown = str(format)[:60]
        hint = did_you_mean(shown, known)
        message = f"no format {shown!r}.{hint} It is one of {', '.join(known)}."
        raise UnknownNameError(Problem("unknown_format", message))
