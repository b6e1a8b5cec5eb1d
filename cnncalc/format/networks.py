"""The list of the networks that come with cnncalc: what is known of one, and how it is sorted."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cnncalc.errors import Problem, UnknownNameError, did_you_mean
from cnncalc.format import shipped
from cnncalc.model.printable import Tabular

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_YEAR = re.compile(r"(?:19|20)\d\d")
MOST_WORDS = 100  # that are looked for


@dataclass(frozen=True, slots=True, kw_only=True)
class ShippedNetwork:
    """One shipped network, as `architectures/index.json` has it.

    Attributes:
        name: what commands call it.
        file: the name of its file.
        variant: the variant of the file that it is, if the file has variants.
        input: its input volume, as text.
        parameters: its learned values.
        macs: its multiply-accumulates for one sample.
        depth: its layers with weights on the longest path.
        year: that of the publication.
        title: what it is called in titles.
        source: the publication.
        competitions: what it won, or was placed in: `competition`, `year`, `result`, `source`, and
            as known `task`, `place` and `note`.
    """

    name: str
    file: str
    variant: str | None
    input: str
    parameters: int
    macs: int
    depth: int
    year: int | None
    title: str
    source: str | None
    competitions: Sequence[Mapping[str, Any]]

    def has(self, word: str) -> bool:
        """Return whether a word, in lower case, is in what is known of it.

        A year is that of the network or of a competition: sources name those of others, too.
        """
        if _YEAR.fullmatch(word):
            return int(word) in {self.year, *(one["year"] for one in self.competitions)}
        known = [self.name, self.file, self.title, self.source or ""]
        known += [str(value) for one in self.competitions for value in one.values()]
        return word in "\n".join(known).casefold()


# What networks are sorted by, and the field that has it.
SORTED = {
    "name": "name",
    "input": "input",
    "parameters": "parameters",
    "flops": "macs",
    "macs": "macs",
    "depth": "depth",
    "year": "year",
}


class Networks(tuple[ShippedNetwork, ...], Tabular):
    """Shipped networks, in an order."""

    __slots__ = ()

    def __repr__(self) -> str:
        """Return their names."""
        return f"<Networks: {', '.join(entry.name for entry in self)}>"


def select(word: str | None = None, sort: str | None = None) -> Networks:
    """Return the shipped networks that have every word of a text, or all of them.

    Words are looked for in names, titles, sources, years and competitions. `sort` is one of
    `SORTED`: names by the alphabet, everything else largest first, years that are not known last.
    Raises: UnknownNameError if no network has the words, or for another `sort`.

    >>> [entry.name for entry in select("squeezenet", "flops")]
    ['squeezenet1_0', 'squeezenet1_1']
    >>> [entry.name for entry in select("ilsvrc 2014 localization")]
    ['vgg16']
    """
    wanted = (word or "").casefold().split()[:MOST_WORDS]
    found = [entry for entry in shipped.index() if all(map(entry.has, wanted))]
    if word and not found:
        hint = did_you_mean(word.lower(), shipped.names())
        message = (
            f"no network has {word[:100]!r} in its name, source, year or competitions.{hint} "
            "cnncalc list shows all."
        )
        raise UnknownNameError(Problem("unknown_architecture", message))
    if sort is None:
        return Networks(found)
    column = SORTED.get(sort.lower())
    if column is None:
        hint = did_you_mean(sort.lower(), SORTED)
        message = f"no column {sort[:60]!r}.{hint} There are {', '.join(SORTED)}."
        raise UnknownNameError(Problem("unknown_column", message))
    return Networks(sorted(found, key=_order(column)))


def _order(column: str) -> Callable[[ShippedNetwork], Any]:
    """Return the key that sorts networks by a field."""
    if column == "name":  # vgg9 before vgg16
        return lambda entry: [
            (not part.isdigit(), int(part) if part.isdigit() else part)
            for part in re.findall(r"\d+|\D+", entry.name.casefold())
        ]
    if column == "input":
        return lambda entry: [-int(part) for part in re.findall(r"\d+", entry.input)]
    return lambda entry: -(getattr(entry, column) or 0)
