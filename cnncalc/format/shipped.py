"""The architectures that come with cnncalc: where they lie, and what they are called."""

from __future__ import annotations

import os
from contextlib import suppress
from functools import cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from cnncalc import units
from cnncalc.errors import (
    Place,
    Problem,
    ReadError,
    UnknownNameError,
    did_you_mean,
    nearest,
    printable,
)

if TYPE_CHECKING:
    from cnncalc.format.networks import ShippedNetwork

ENDINGS = (".yaml", ".yml", ".json")
YAML_ENDINGS = (".yaml", ".yml")  # of what is shipped
LEAST_NAME, ALIKE = 4, 0.8  # of a missing file's name that is taken for that of a shipped network
MOST_FILES = 2000  # of a folder, that are looked through for one of nearly the same name


@cache
def directory() -> Path:
    """Return the folder of the shipped files: inside an installed package, or of a checkout.

    Raises: ReadError if it is in neither.
    """
    package = Path(__file__).parent.parent
    for folder in (package / "architectures", package.parent / "architectures"):
        if folder.is_dir():
            return folder
    raise _missing("architectures")


@cache
def entries() -> list[dict[str, Any]]:
    """Return the entries of `architectures/index.json`, one for each shipped network, in its order.

    Raises: ReadError if the installation lacks it.
    """
    import json

    try:
        text = (directory() / "index.json").read_text(encoding="utf-8")
    except OSError:
        raise _missing("architectures/index.json") from None
    found: list[dict[str, Any]] = json.loads(text)
    return found


@cache
def index() -> tuple[ShippedNetwork, ...]:
    """Return the entry of every shipped network as a record. Raises: as `entries`.

    >>> next(entry.parameters for entry in index() if entry.name == "alexnet")
    62378344
    """
    from cnncalc.format.networks import ShippedNetwork

    return tuple(ShippedNetwork(**entry) for entry in entries())


def is_path(argument: str) -> bool:
    """Return whether an argument is a path: it has a separator or an ending, or is `-`.

    >>> is_path("vgg16"), is_path("vgg16.yaml"), is_path("nets/vgg16")
    (False, True, True)
    """
    signs = (".", "/", os.sep, os.altsep)
    return argument == "-" or any(sign in argument for sign in signs if sign)


class Found(NamedTuple):
    """The file that an argument means.

    Attributes:
        path: where it lies.
        variant: the variant that the argument is the name of, if it is one.
        family: what the file is called in titles: its name without the ending.
        instead: the shipped name that is taken for a file that is not in this folder.
    """

    path: Path
    variant: str | None = None
    family: str | None = None
    instead: str | None = None


def instead(file: str, network: str) -> str:
    """Return the line that says which network is taken for a file that is not here."""
    return f"{file}: not in this folder; the shipped {network} is used"


def find(argument: str) -> Found:
    """Return the file that a path or a shipped name means, and the variant that it picks.

    A path is taken as it is, there or not; but a bare `alexnet.yaml` that is no file here is
    what is shipped under that name. Every other argument is a shipped name: a file or a variant.
    Raises: UnknownNameError with the nearest names; ReadError for a missing file whose name is
    nearly that of another.

    >>> found = find("alexnet")
    >>> found.path.name, found.variant
    ('alexnet.yaml', None)
    """
    if not is_path(argument):
        return _shipped(argument) or _unknown(argument)
    if argument == "-" or os.path.lexists(argument):
        return of_path(argument)
    name, ending = os.path.splitext(argument)
    if ending in YAML_ENDINGS and not is_path(name) and (found := _shipped(name)):
        return found._replace(instead=name)
    if ending in ENDINGS and _shipped(name):
        message = f"no such file. {name} is a shipped name: leave out the ending."
    elif "\0" not in argument and (hint := _near(argument)):
        message = f"no such file.{hint}"
    else:
        return of_path(argument)  # whoever reads it says so
    raise ReadError(Problem("not_found", message, place=Place(argument)))


def of_path(path: str) -> Found:
    """Return a path as what it means: the file itself, there or not."""
    return Found(Path(path), family=Path(path).stem if path != "-" else None)


def _shipped(name: str) -> Found | None:
    """Return the shipped file or variant of a name."""
    for entry in entries():
        if entry["name"] == name:
            file = Path(entry["file"])
            return Found(directory() / file, entry["variant"], file.stem)
    return Found(directory() / f"{name}.yaml", None, name) if f"{name}.yaml" in _files() else None


def _unknown(name: str) -> NoReturn:
    """Raise the UnknownNameError of what is no shipped name."""
    shown = printable(name[:100])
    here = [name + ending for ending in ENDINGS if os.path.isfile(name + ending)]
    meant = f" Did you mean '{here[0]}'?" if here else did_you_mean(name.lower(), names())
    hint = f"cnncalc list shows all of them; a path needs its ending, as in {shown}.yaml."
    message = f"no architecture '{shown}'.{meant}"
    raise UnknownNameError(Problem("unknown_architecture", message, details=(hint,)))


def names() -> list[str]:
    """Return every name that a command takes: of networks, and of files."""
    return sorted({entry["name"] for entry in entries()} | {Path(file).stem for file in _files()})


def _near(argument: str) -> str:
    """Return the sentence that suggests a file for one that is missing, or a shipped name."""
    from difflib import get_close_matches

    folder, name = os.path.split(argument)
    stem = os.path.splitext(name)[0]
    found: list[str] = []
    with suppress(OSError, ValueError), os.scandir(folder or ".") as entries:
        files = [entry.name for entry in islice(entries, MOST_FILES)]
        stems = {os.path.splitext(file)[0]: file for file in files if file.endswith(ENDINGS)}
        found = [stems[one] for one in nearest(stem, stems, foreign=False)]
    if not folder and len(stem) >= LEAST_NAME:
        found += get_close_matches(stem.lower()[:100], names(), cutoff=ALIKE)
    meant = units.listing([f"'{printable(one)}'" for one in found[:3]], "or")
    return f" Did you mean {meant}?" * bool(found)


def _missing(what: str) -> ReadError:
    message = f"{what} is missing from the installation. Install cnncalc again."
    return ReadError(Problem("installation", message))


@cache
def _files() -> frozenset[str]:
    # Read from the folder, so that a name means the same where the system ignores case.
    return frozenset(name for name in os.listdir(directory()) if name.endswith(".yaml"))
