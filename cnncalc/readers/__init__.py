"""Reads a file into a Tree. To add a format: one module with `read`, one line in `READERS`."""

from __future__ import annotations

import os
import re
import stat
import sys
from importlib import import_module

from cnncalc.errors import Place, Problem, ReadError, did_you_mean
from cnncalc.format.bounds import MAX_BYTES
from cnncalc.readers import tree
from cnncalc.readers.tree import Scalar, Source, Tree

# The suffix of a file's name, and the module here that reads it.
READERS = {".yaml": "yaml", ".yml": "yaml", ".json": "json"}

STDIN = "<stdin>"
# What no text file holds. The byte order mark is taken off before.
_NOT_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")


def read(path: str | os.PathLike[str]) -> Tree:
    """Return the tree of a file, or of standard input for "-".

    Standard input is JSON if its first character is `{`, else YAML.
    Raises: ReadError if there is no such file, or it cannot be read or understood.
    """
    name = os.fspath(path)
    data = read_bytes(name)
    if name == "-":
        first = data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
        return parse(data, STDIN, "json" if first == b"{" else "yaml")
    suffix = os.path.splitext(name)[1].lower()
    if suffix not in READERS:
        known = ", ".join(READERS)
        what = f"a file is known by its ending: {known}. Received {suffix or 'none'}."
        raise _error("suffix", name, what + did_you_mean(suffix, READERS))
    return parse(data, name, READERS[suffix])


def parse(text: str | bytes, name: str, format: str) -> Tree:
    """Return the tree of a text; `format` is "yaml" or "json", `name` stands in messages.

    Raises: ReadError if it is too large, no text, or not in its format.
    """
    source = source_of(text, name)
    if source.text.strip():
        result: Tree = import_module(f"cnncalc.readers.{format}").read(source)
        if result.data is not None:
            return result
    raise _error("empty", name, "the file is empty. A network needs name, input and layers.")


def source_of(text: str | bytes, name: str) -> Source:
    """Return a text with its name, in whatever format it is.

    Raises: ReadError if it is too large or no text.
    """
    if len(text) > MAX_BYTES:
        raise _error(
            "size", name, f"larger than {MAX_BYTES:,} bytes. Use repeat, tables and blocks."
        )
    source = Source(name, _text(text, name) if isinstance(text, bytes) else text)
    source.text = source.text.removeprefix("\ufeff")
    if found := _NOT_TEXT.search(source.text):
        code = f"U+{ord(found[0]):04X}"
        raise source.error(
            "encoding",
            f"the control character {code} cannot be in a text file. Is it binary?",
            found.start(),
        )
    return source


def scalar(text: str) -> Scalar:
    """Return the value of an argument `text`, read as in a file: a value or an expression.

    Raises: ReadError for a number too long to be read.

    >>> scalar("64"), scalar("4 * width")
    (64, '4 * width')
    """
    try:
        return tree.scalar(text.strip())
    except ValueError as error:
        raise ReadError(Problem("number", f"{error} cannot be read.")) from None


def _error(code: str, name: str, message: str) -> ReadError:
    return ReadError(Problem(code, message, place=Place(name)))


def read_bytes(name: str, most: int = MAX_BYTES) -> bytes:
    """Return the bytes of a regular file, or of standard input for "-".

    Of a file of more than `most` bytes, it is one byte more than that.
    Raises: ReadError if there is no such file, or it cannot be read.
    """
    if name == "-":
        if sys.stdin is None:
            raise ReadError(Problem("not_found", "standard input is closed."))
        return sys.stdin.buffer.read(most + 1)
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        # Not blocking: to open a named pipe would wait for its writer.
        with open(os.open(name, flags), "rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            if stat.S_ISDIR(mode):
                raise IsADirectoryError
            if not stat.S_ISREG(mode):
                raise _error("not_a_file", name, "not a regular file. Use - for standard input.")
            return file.read(most + 1)
    except FileNotFoundError:
        raise _error("not_found", name, "no such file.") from None
    except IsADirectoryError:
        raise _error("not_a_file", name, "this is a directory. Name a file in it.") from None
    except PermissionError:
        what = (
            "this is a directory. Name a file in it."
            if os.path.isdir(name)
            else "no permission to read it."
        )
        raise _error("no_permission", name, what) from None
    except OSError as error:
        raise _error("unreadable", name, f"cannot be read: {error.strerror}.") from None
    except ValueError:  # a NUL in the name
        raise _error("not_found", name, "no file can have this name.") from None


def _text(data: bytes, name: str) -> str:
    """Return bytes as text. They are UTF-8, whatever the locale."""
    utf16 = (
        data[:2] in (b"\xff\xfe", b"\xfe\xff") or data[:4:2] == b"\0\0" or data[1:5:2] == b"\0\0"
    )
    if utf16:
        raise _error("encoding", name, "this looks like UTF-16 or UTF-32. Save it as UTF-8.")
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        source = Source(name, data[: error.start].decode())
        byte = data[error.start]
        message = f"not UTF-8: the byte 0x{byte:02x}. Is it binary? If not, save it as UTF-8."
        raise source.error("encoding", message, error.start) from None
