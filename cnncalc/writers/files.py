"""Files that are written whole or not at all."""

from __future__ import annotations

import errno
import os
import shutil

from cnncalc.errors import Problem, ReadError


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
    """Replace `target` by a new file in one step, keeping its permissions."""
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
