"""Layers and blocks by the names that tables and figures print of them.

A name may be a path (`conv2_x.0.conv1`), what stands of it under its block's heading (`conv1`),
neighbouring copies that a table folds (`conv2_x.1-2`), or TOTAL. Case, spaces and signs need not
be as in the file where one layer alone can be meant.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from cnncalc import units
from cnncalc.errors import Problem, UnknownNameError, did_you_mean, printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from cnncalc.model.report import Report

TOTAL = "TOTAL"  # what tables call the whole network
SOME = 12  # of the layers, where no name is near
LONGEST = 1000  # characters of a name with the words that are printed beside it
SHOWN = 50  # of the names that a text may stand for, in an error

_COPIES = re.compile(r"(.+)-(\d{1,9})\Z")
_TIMES = re.compile(r"\A\s*\d+\s*[×x]\s+|\s*[×x]\s*\d+\s*\Z")  # `3 × conv`, `conv ×3`
_WORD = re.compile(r"[^\W_]+")


class Part(NamedTuple):
    """Rows of a report that tables have a name for.

    Attributes:
        name: a path, that of the first copy and the number of the last, or TOTAL.
        first: the index of the first row.
        last: the index after the last row.
        groups: the indexes of the groups that it consists of; none for a layer and for TOTAL.
    """

    name: str
    first: int
    last: int
    groups: tuple[int, ...] = ()


def find(report: Report, text: str) -> Part:
    """Return the layer or block that a printed name means.

    Raises: UnknownNameError with the nearest names, or with all that it may mean.

    >>> import cnncalc
    >>> find(cnncalc.analyze("alexnet"), "pool1").name
    'MAX POOL1'
    >>> find(cnncalc.analyze("resnet50"), "conv2_x.1-2")
    Part(name='conv2_x.1-2', first=17, last=37, groups=(2, 3))
    """
    return Names(report).find(text)


class Names:
    """The names of a report's layers and blocks, a layer before a block of the same name."""

    def __init__(self, report: Report) -> None:
        found = {TOTAL: Part(TOTAL, 0, len(report.layers))}
        for i, group in enumerate(report.groups):
            if rows := report.rows_of(group):
                found[group.path] = Part(group.path, rows.start, rows.stop, (i,))
        found |= {row.name: Part(row.name, i, i + 1) for i, row in enumerate(report.layers)}
        self.report = report
        self.parts = dict(sorted(found.items(), key=lambda item: (item[1].first, -item[1].last)))

    def find(self, text: str) -> Part:
        """Return the layer or block that a printed name means. Raises: as `find`."""
        name = self.report.name
        less = _without_words(text) if len(text) <= LONGEST else ()
        texts = list(dict.fromkeys([text, *less]))
        exact = [self.parts[one] for one in texts if one in self.parts]
        for one in texts:
            found = exact[:1] or self._named(one) or self._copies(one)
            if len(found) == 1:
                return found[0]
            if found:
                shown = [repr(printable(part.name)) for part in found[:SHOWN]]
                more = [f"{units.group(len(found) - SHOWN)} more"] * (len(found) > SHOWN)
                message = (
                    f"{name} has {units.group(len(found))} layers or blocks that {text[:100]!r} "
                    f"may mean: {units.listing([*shown, *more])}. Write one of these."
                )
                raise UnknownNameError(Problem("ambiguous_layer", message))
        known = [path for path in self.parts if path != TOTAL]
        hint = did_you_mean(text, known) or self._some()
        raise UnknownNameError(
            Problem("unknown_layer", f"{name} has no layer {text[:100]!r}.{hint}")
        )

    def _some(self) -> str:
        """Return the sentence that names the first layers of the usual table."""
        rows = [row.name for row in self.report.layers if row._has_row and row.layer]
        shown = [repr(printable(name)) for name in rows[:SOME]]
        return f" It has {units.listing(shown)}{' …' if len(rows) > SOME else '.'}" * bool(rows)

    def _named(self, text: str) -> list[Part]:
        """Resolve a name in a report, by the strictest reading that finds anything."""
        if text in self.parts:
            return [self.parts[text]]
        for reading in _readings(text):
            if found := [part for name, part in self.parts.items() if reading(name)]:
                return found
        return []

    def _copies(self, text: str) -> list[Part]:
        """Resolve `conv2_x.1-2`: neighbours from the first copy to that of a number."""
        match = _COPIES.match(text)
        if not match:
            return []
        groups, last = self.report.groups, int(match[2])
        found = []
        for part in self._named(match[1]):
            first = groups[part.groups[0]] if part.groups else None
            if first is None or first.index is None:
                continue
            copies = tuple(
                i
                for i, group in enumerate(groups)
                if group.parent == first.parent
                and group.index is not None
                and first.index <= group.index <= last
            )
            if len(copies) == last - first.index + 1 > 1:
                end = self.report.rows_of(groups[copies[-1]]).stop
                found.append(Part(f"{part.name}-{last}", part.first, end, copies))
        return found


def _readings(text: str) -> Iterator[Callable[[str], bool]]:
    """Yield the ways in which a text may mean a name, from the strictest on."""
    folded, bare, words = text.casefold(), _bare(text), "".join(_words(text))
    yield lambda name: printable(name) == text
    yield lambda name: name.casefold() == folded
    yield lambda name: text in _ends(printable(name))
    yield lambda name: folded in _ends(name.casefold())
    if "…" in text:  # a figure's label
        head, _, tail = text.partition("…")
        yield lambda name: any(
            len(end) > len(text) and end.startswith(head) and end.endswith(tail)
            for end in _ends(printable(name))
        )
    if bare:
        yield lambda name: bare in map(_bare, _ends(name))
        yield lambda name: words in _runs_of_words(name.rpartition(".")[2])


def _without_words(text: str) -> Iterator[str]:
    """Yield a text without what tables and figures print beside a name."""
    for words in (text, text.partition(":")[0], re.split(" [·←]", text)[0]):
        yield words.strip()
        yield _TIMES.sub("", words).strip()


def _ends(path: str) -> Iterable[str]:
    """Yield a path, and each end of it behind a dot: what stands under a block's heading."""
    yield path
    at = path.find(".")
    while at >= 0:
        yield path[at + 1 :]
        at = path.find(".", at + 1)


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


def _bare(text: str) -> str:
    """Return letters and digits alone, in lower case."""
    return "".join(_words(text))


def _runs_of_words(name: str) -> Iterator[str]:
    """Yield each run of words of a name, joined: `POOL1` and `MAX POOL` of MAX POOL1."""
    words = _words(name)[:20]  # a name may be long
    for start in range(len(words)):
        for end in range(start + 1, len(words) + 1):
            yield "".join(words[start:end])
