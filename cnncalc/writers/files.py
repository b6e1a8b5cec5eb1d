"""Files that are written whole or not at all."""

from __future__ import annotations

import errno
import os
import re
import shutil
import sys
from collections.abc import Iterable
from contextlib import suppress

from cnncalc.errors import Problem, ReadError

MOST_LINKS = 40  # that lead to a file, as in Linux

# The folders in which a process's open files have the names of their numbers.
_DESCRIPTORS = re.compile(r"/dev/fd|/proc/(\d+)(?:/task/\d+)?/fd")


def write_file(path: str, content: str | bytes | Iterable[str]) -> None:
    """Write a file whole or, where that fails, not at all.

    What there is under that name is replaced in one step, and keeps its permissions. Devices,
    pipes and open files (/dev/stdout, /dev/fd/3) are written to.
    Raises: ReadError; BrokenPipeError where nobody reads what is written.
    """
    data = _encoded(content)
    try:
        number = _descriptor(path)
        if number is not None:
            _write_to(os.dup(number), data)
        elif os.path.exists(path) and not os.path.isfile(path):
            with open(path, "wb") as device:
                device.writelines(data)
        else:
            _replace(os.path.realpath(path), data)
    except BrokenPipeError:
        raise
    except (OSError, ValueError) as error:
        raise _unwritable(path, error) from None


def _encoded(content: str | bytes | Iterable[str]) -> Iterable[bytes]:
    if isinstance(content, bytes):
        return (content,)
    parts = (content,) if isinstance(content, str) else content
    return (part.encode("utf-8", "backslashreplace") for part in parts)


def check_writable(path: str) -> None:
    """Raise the ReadError that `write_file` would end with, where that can be told before."""
    try:
        if _descriptor(path) is not None:
            return
        if os.path.isdir(path):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if os.path.exists(path) and not os.path.isfile(path):
            needed = path
        else:
            target = os.path.realpath(path)
            needed = os.path.dirname(target)
            with suppress(FileNotFoundError):
                os.lstat(target)  # a name that is too long is an error
            os.stat(needed)
        if not os.access(needed, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except (OSError, ValueError) as error:
        raise _unwritable(path, error) from None


def _unwritable(path: str, error: Exception) -> ReadError:
    reason = getattr(error, "strerror", None) or "no file can have this name"
    return ReadError(Problem("unwritable", f"{path}: cannot be written: {reason}."))


def _descriptor(path: str) -> int | None:
    """Return the number of the open file that a path means, through links, or None.

    To open such a path anew would write at the file's beginning, over what stands there.
    """
    for _ in range(MOST_LINKS):
        folder, name = os.path.split(path)
        if name.isdecimal() and len(name) < 10:
            match = _DESCRIPTORS.fullmatch(os.path.realpath(folder))
            if match and match[1] in (None, str(os.getpid())):
                return int(name)
        if not os.path.islink(path):
            return None
        path = os.path.join(folder, os.readlink(path))
    return None


def _write_to(number: int, data: Iterable[bytes]) -> None:
    """Write to an open file, after what has been printed, and close it."""
    with open(number, "wb") as file:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        file.writelines(data)


def _replace(target: str, data: Iterable[bytes]) -> None:
    """Replace `target` by a new file in one step, keeping its permissions.

    Its name until then is short: that of `target` may be as long as names can be.
    """
    part = os.path.join(os.path.dirname(target), f".{os.getpid()}.{os.urandom(4).hex()}.part")
    try:
        with open(part, "xb") as file:
            file.writelines(data)
        if os.path.exists(target):
            _keep_owner(target, part)
            shutil.copymode(target, part)
        os.replace(part, target)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(part)
        raise


def _keep_owner(target: str, part: str) -> None:
    """Let a file belong to whom another belongs to, as far as that is allowed."""
    if hasattr(os, "chown"):
        found = os.stat(target)
        with suppress(OSError):
            os.chown(part, found.st_uid, found.st_gid)
