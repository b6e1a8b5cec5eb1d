"""Messages on a file's structure: Pydantic's errors in plain words, each at its path."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal, get_args

from cnncalc import units
from cnncalc.errors import MOST_PROBLEMS, Place, Problem, did_you_mean, received
from cnncalc.format.messages import path_text

if TYPE_CHECKING:
    from pydantic import ValidationError

    from cnncalc.readers.tree import Tree

Merge = Literal["add", "concat", "multiply"]
"""The only words that the structure itself has."""

# Pydantic's codes, which stay from version to version as its words do not.
_WANTED = {
    "string_type": "must be text",
    "list_type": "must be a list",
    "dict_type": "must be a mapping",
    "bool_type": "must be true or false",
    "model_type": "must be a mapping",
    "model_attributes_type": "must be a mapping",
    "literal_error": f"must be {units.listing([*get_args(Merge)], 'or')}",
}
# What takes one of several kinds of value.
_EITHER = {
    "input": "must be a volume, such as 224x224x3, or a list",
    "from": "must be a name, or a list of names",
}
_ITEMS = {
    "layers": ("an element", "must be a word or a mapping"),
    "then": ("an element", "must be a word or a mapping"),
    "branches": ("a branch", "must be a list of elements, or a mapping"),
}


def misfits(
    error: ValidationError,
    data: Mapping[str, Any],
    tree: Tree | None,
    known: Callable[[tuple[Any, ...]], Iterable[str]],
) -> list[Problem]:
    """Return Pydantic's findings in our words and with their places, in file order.

    `data` is what Pydantic was given, `known` gives the fields that could stand at a path.
    """
    problems: dict[tuple[Any, ...], Problem] = {}
    for found in error.errors(include_url=False)[:MOST_PROBLEMS]:
        kind = found["type"]
        path = _path(data, found["loc"], absent=kind == "missing")
        what = str(path[-1]) if path else "the file"
        is_item = bool(path) and isinstance(path[-1], int)
        is_key = kind == "extra_forbidden"
        if is_key:
            message = f"unknown field {what!r}.{did_you_mean(what, known(path))}"
        elif kind == "missing":
            message = f"{what!r} is missing. Add it."
        elif kind == "value_error":
            what = _ITEMS[path[-2]][0] if is_item and path[-2] in _ITEMS else what
            message = f"{what} {found['ctx']['error']}."
        else:
            wanted = _EITHER.get(what) or _WANTED.get(kind, "is not what can stand here")
            if is_item:
                holder = path[-2] if isinstance(path[-2], str) else "layers"  # a list as a branch
                what, wanted = _ITEMS.get(holder, ("an item", wanted))
            message = f"{what} {wanted}. Received {received(found['input'])}."
            if kind == "string_type" and isinstance(found["input"], (int, float)):
                message += " Put it in quotes."
            if kind == "list_type" and isinstance(found["input"], str):
                message += f" Write [{found['input'][:40]}]."
        place_path = path[:-1] if kind == "missing" else path
        place = tree.place(place_path, key=is_key) if tree else Place()
        line = tree.line(place.line) if tree and place.line else None
        problem = Problem(
            kind,
            message,
            path=path_text(path if is_item else path[:-1]),
            place=place,
            source_line=line,
        )
        problems.setdefault(path, problem)  # one for all the alternatives that were tried
    return sorted(problems.values(), key=lambda problem: problem.place.position)


def _path(data: Any, loc: tuple[int | str, ...], *, absent: bool) -> tuple[int | str, ...]:
    """Return the part of a location that leads through the data, and the `absent` key after it.

    Pydantic puts the alternatives that it tried between the keys, and those of the mapping that
    a list stands for.
    """
    path: list[int | str] = []
    for part in loc[: len(loc) - absent]:
        is_there = isinstance(data, Mapping) and part in data
        if isinstance(data, (list, tuple)) and isinstance(part, int):
            is_there = part < len(data)
        if is_there:
            data = data[part]
            path.append(part)
    return (*path, *loc[len(loc) - absent :])
