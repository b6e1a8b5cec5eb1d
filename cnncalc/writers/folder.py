"""Folders of files, one for each student: names that are safe, and nothing foreign overwritten."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence

from cnncalc.errors import Place, Problem, ReadError
from cnncalc.writers import files

LONGEST = 80  # characters of a name, and far fewer bytes than any file system allows
# Names that Windows has for devices, with any ending.
_DEVICES = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d|conin\$|conout\$)", re.IGNORECASE)


def stems(paths: Sequence[str]) -> list[str]:
    """Return names that tell files apart: their paths below their common folder, without ending.

    >>> stems(["in/ann/sheet.md", "in/bob/sheet.csv"]), stems(["in/ann.md"])
    (['ann/sheet', 'bob/sheet'], ['ann'])
    """
    absolute = [os.path.abspath(path) for path in paths]
    try:
        common = os.path.commonpath([os.path.dirname(path) for path in absolute])
    except ValueError:  # on several drives, or none at all
        common = ""
    inside = [os.path.relpath(path, common) if common else path for path in absolute]
    return [os.path.splitext(path)[0].replace(os.sep, "/") for path in inside]


def file_names(names: Iterable[str], ending: str) -> list[str]:
    """Return a file name for each of some names, all different, also without case.

    >>> file_names(["Ann Lee", "../../etc/passwd", "ann lee", "NUL", ""], ".md")
    ['Ann_Lee.md', 'etc_passwd.md', 'ann_lee-2.md', 'NUL_.md', 'unnamed.md']
    """
    taken: set[str] = set()
    found = []
    for name in names:
        stem = first = _stem(name)
        number = 2
        while (key := unicodedata.normalize("NFC", stem).casefold()) in taken:
            stem, number = f"{first}-{number}", number + 1
        taken.add(key)
        found.append(stem + ending)
    return found


def _stem(name: str) -> str:
    """Return a name without anything that means something in a path."""
    text = unicodedata.normalize("NFC", name)
    kept = re.sub(r"[^\w-]+", "_", text.encode("utf-8", "ignore").decode()).strip("_-")
    stem = kept[:LONGEST].encode()[: 2 * LONGEST].decode("utf-8", "ignore")
    return f"{stem}_" if _DEVICES.fullmatch(stem) else stem or "unnamed"


def without(paths: Sequence[str], folder: str, own: Callable[[str], bool]) -> list[str]:
    """Return paths without the files of an earlier run that a pattern meant, too."""
    inside = os.path.realpath(folder)
    return [
        path
        for path in paths
        if os.path.dirname(os.path.realpath(path)) != inside or path == "-" or not own(path)
    ]


def write(
    folder: str,
    contents: Mapping[str, str | bytes],
    *,
    own: Callable[[str], bool],
    read: Iterable[str] = (),
    force: bool = False,
) -> None:
    """Write files into a folder, which is made if it is not there.

    `own` returns whether a file is one of an earlier run; with `force` others are replaced, too,
    but never one of those that are `read`.
    Raises: ReadError before anything is written if a file is another's, or cannot be written.
    """
    try:
        os.makedirs(folder, exist_ok=True)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "no folder can have this name"
        raise ReadError(Problem("unwritable", f"{folder}: cannot be made: {reason}.")) from None
    sources = {found for path in read if (found := _identity(path)) is not None}
    paths = {os.path.join(folder, name): content for name, content in contents.items()}
    for path in paths:
        files.check_writable(path)
        if os.path.lexists(path):
            _refuse_foreign(path, own=own, sources=sources, force=force)
    for path, content in paths.items():
        files.write_file(path, content)


def _refuse_foreign(
    path: str, *, own: Callable[[str], bool], sources: set[tuple[int, int]], force: bool
) -> None:
    if _identity(path) in sources:
        message = "it would be overwritten, and is read. Name another folder."
    elif force or (os.path.isfile(path) and not os.path.islink(path) and own(path)):
        return
    else:
        message = "there is something else in it. Name another folder, or use --force."
    raise ReadError(Problem("overwritten", message, place=Place(path)))


def _identity(path: str) -> tuple[int, int] | None:
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return None
    return found.st_dev, found.st_ino
