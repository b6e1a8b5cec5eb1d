"""Keys: files with a network and rules for marking beside it, or the name of a shipped one.

Every command takes them as the network that they hold.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from cnncalc.errors import Place, Problem, ReadError, did_you_mean
from cnncalc.format.architecture import Architecture

if TYPE_CHECKING:
    from cnncalc.readers.tree import Tree

OWN = ("marking", "answers", "network")  # what a key has beside an architecture


def described(data: Mapping[str, Any], tree: Tree) -> dict[str, Any] | None:
    """Return the architecture that a file describes, named as the file if it has no name.

    None: it describes none, as a file of answers or one that names a shipped network.
    Raises: ReadError for a misspelt `marking`.
    """
    refuse_misspelt(data, tree)
    if "input" not in data or not isinstance(data.get("layers"), list):
        return None
    found = {key: value for key, value in data.items() if key not in OWN}
    found.setdefault("name", PurePath(tree.name).stem or "key")
    return found


def named(data: Mapping[str, Any], place: Place) -> str | None:
    """Return the name of the shipped network that a key names, if it names one.

    Raises: ReadError for anything but such a name: no file reads another.
    """
    name = data.get("network")
    if not isinstance(name, str):
        return None
    if not re.fullmatch(r"[\w-]+", name):
        message = f"network must be the name of a shipped network. Received {name[:60]!r}."
        raise ReadError(Problem("network", message, place=place))
    return name


def refuse_misspelt(data: Mapping[str, Any], tree: Tree | None = None) -> None:
    """Raise the ReadError of a key that means `marking` and is spelt otherwise.

    Its rules would be ignored, and a class be marked without them.
    """
    known = {*OWN, *Architecture.model_fields}
    for key in data:
        text = str(key)
        if text not in known and did_you_mean(text, ("marking",), foreign=False):
            message = f"unknown key {text[:40]!r}. Did you mean 'marking'?"
            place = tree.place((key,), key=True) if tree else Place()
            raise ReadError(Problem("marking", message, place=place))
