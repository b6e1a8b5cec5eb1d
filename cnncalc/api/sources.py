"""Networks from a name, a path, a dict or an Architecture."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias, TypedDict

from cnncalc.api.interrupts import interruptible
from cnncalc.errors import CnncalcError, Problem, ReadError, plain_text, whole_number
from cnncalc.format.bounds import MAX_LAYERS
from cnncalc.volume import Volume

if TYPE_CHECKING:
    from cnncalc.format.architecture import Architecture
    from cnncalc.model.graph import Graph

Source: TypeAlias = "str | os.PathLike[str] | Mapping[str, Any] | Architecture"
Input = str | Volume | Sequence[int] | None
LARGEST_MAX_LAYERS = 10**9


class Overrides(TypedDict, total=False):
    """Replacements of a network file's values: --input, --variant and --set of a command."""

    input: Input
    variant: str | None
    set: Mapping[str, Any] | None


@interruptible
def load(source: Source) -> Architecture:
    """Return the architecture of a shipped name, a path, `-`, a dict, or an Architecture itself.

    A name that is a variant of a shipped file gives the file, with the variant chosen; a key gives
    the network that it holds or names.
    Raises: ReadError, UnknownNameError, or ArchitectureError with every problem of structure.

    >>> load("alexnet").name
    'AlexNet'
    """
    from cnncalc.format.architecture import Architecture
    from cnncalc.format.plain import plain

    if isinstance(source, Architecture):
        return source
    if isinstance(source, Mapping):
        return Architecture.from_tree(plain(source))
    if not isinstance(source, (str, os.PathLike)):
        raise ReadError(
            Problem(
                "source",
                "a network is a name, a path, a dict or an Architecture. "
                f"Received {type(source).__name__}.",
            )
        )
    from cnncalc import readers
    from cnncalc.format import keys, shipped

    name = os.fspath(source)
    found = shipped.find(source) if isinstance(source, str) else shipped.of_path(name)
    tree = readers.read(found.path)
    data = tree.data
    if isinstance(data, dict):
        if (described := keys.described(data, tree)) is not None:
            data = described
        elif "layers" not in data and (shipped_name := keys.named(data, tree.place())):
            return load(shipped_name)
    architecture = Architecture.from_tree(data, tree)
    label = os.path.basename(name) if name != str(found.path) else tree.name
    return architecture.with_origin(tree, label, found)


@interruptible
def show(name: str | os.PathLike[str]) -> str:
    """Return the text of a network's file, to read or to start from: of a shipped name, or a path.

    Raises: as `load`, but for what is wrong with the network.

    >>> print(show("lenet").splitlines()[1])
    name: LeNet
    """
    from cnncalc import readers
    from cnncalc.format import shipped

    if not isinstance(name, (str, os.PathLike)):
        message = f"name is a shipped name or a path. Received {type(name).__name__}."
        raise ReadError(Problem("name", message))
    path = os.fspath(name)
    found = shipped.find(name) if isinstance(name, str) else shipped.of_path(path)
    return readers.source_of(readers.read_bytes(os.fspath(found.path)), path).text


@interruptible
def new() -> str:
    """Return a small network as a file with remarks, to start one's own from.

    >>> print(new().splitlines()[2])
    name: My network
    """
    from pathlib import Path

    import cnncalc.format as room

    return Path(room.__path__[0], "new.yaml").read_text(encoding="utf-8")


@interruptible
def expand(
    source: Source,
    *,
    input: Input = None,
    variant: str | None = None,
    set: Mapping[str, Any] | None = None,
    max_layers: int = MAX_LAYERS,
    brief: bool = False,
) -> Graph:
    """Return the flat graph of a network; with `brief` an error leaves out what would fit.

    Raises: as `load`; VolumeError where volumes do not fit, LimitError beyond the bounds.

    >>> len(expand("alexnet").nodes)
    24
    """
    from dataclasses import replace

    from cnncalc.format import expansion
    from cnncalc.format.plain import plain
    from cnncalc.format.plan.compilation import plan_of
    from cnncalc.model.graph import Note

    architecture = load(source)
    volume = None if input is None else Volume.of(input)
    if variant is not None:
        plain_text("variant", variant)
    if set is not None and not isinstance(set, Mapping):
        message = f"set is a mapping of parameters. Received {type(set).__name__}."
        raise CnncalcError(Problem("set", message))
    settings = plain(set or {})
    graph = expansion.expand(
        plan_of(architecture),
        input=volume,
        variant=variant if variant is not None else architecture.variant,
        set=settings,
        max_layers=whole_number("max_layers", max_layers, 1, LARGEST_MAX_LAYERS),
        brief=brief,
    )
    origin = architecture.origin
    if not origin or not origin.instead:
        return graph
    names = {"file": architecture.file, "network": origin.instead}
    return replace(graph, notes=(*graph.notes, Note("shipped", names)))
