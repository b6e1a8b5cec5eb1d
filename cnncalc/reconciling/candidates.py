"""Candidate networks for a quoted figure: the one asked for, and its near relations.

Those are other resolutions, switches and variants of the same file, and shipped networks whose
names begin alike.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from cnncalc.errors import CnncalcError, printable
from cnncalc.volume import Volume

if TYPE_CHECKING:
    from cnncalc.format.architecture import Architecture
    from cnncalc.model.report import Report

# The inputs that one and the same network is quoted for: classification, detection, segmentation.
SIDES = (224, 227, 240, 256, 260, 288, 299, 300, 320, 384, 448, 480, 512, 513, 608)
OTHER_SIDE = 2  # assumptions of another input
UNLIKE = 3  # assumptions from which on a candidate is another network
MOST_CANDIDATES = 100
MOST_ROWS = 10_000  # of all candidates together: a search takes less than a second
# A name without its suffixes: vgg16_bn is a vgg16.
_FAMILY = re.compile(r"[A-Za-z]+\d*(?:_v\d+)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A network that a figure may be of, at one resolution and with its switches set.

    Attributes:
        report: of the network.
        name: of the network, with what is set otherwise.
        assumptions: how much it takes for granted that the figure is of this one.
        as_given: whether it is the network that was asked for.
    """

    report: Report
    name: str
    assumptions: int
    as_given: bool

    @property
    def unlike(self) -> bool:
        """Return whether it is another network than the one that was asked for."""
        return self.assumptions >= UNLIKE

    @property
    def label(self) -> str:
        """Return the name with the input: `alexnet, 227x227x3`."""
        return f"{self.name}, {self.report.input}"


@dataclass(frozen=True, slots=True)
class _Source:
    """A network to analyze for a candidate, with changes of the options."""

    name: str
    network: Architecture | str
    changes: Mapping[str, Any]
    assumptions: int = 0  # where they do not follow from its name


class Candidates:
    """The network that was asked for, and its near relations, analyzed when they are needed.

    `name` is the word that it was asked for by; `analyze` returns the report of a network with
    `options`, and with `brief` raises errors without advice; `shipped` has the input of each
    shipped network by its name.
    Raises: as `analyze`.
    """

    def __init__(
        self,
        architecture: Architecture,
        *,
        name: str | None,
        options: Mapping[str, Any],
        analyze: Callable[..., Report],
        shipped: Mapping[str, str],
    ) -> None:
        self._architecture = architecture
        self._analyze = analyze
        self._shipped = shipped
        self._options = {key: value for key, value in options.items() if value}
        report = analyze(architecture, **self._options)
        self._chosen = self._options.get("variant") or architecture.variant
        self._named = bool(self._chosen) and self._chosen in (name, self._options.get("variant"))
        shown = str(self._chosen or name or report.name)
        self.given = Candidate(report=report, name=printable(shown), assumptions=0, as_given=True)

    @cached_property
    def all(self) -> list[Candidate]:
        """Return the candidates, the network as given first; no two with the same counts."""
        found = [self.given]
        rows = len(self.given.report.layers)
        sources = [*self._relations(), *self._resized(), *self._switched()]
        for source in sorted(sources, key=self._assumptions):
            if len(found) == MOST_CANDIDATES or rows > MOST_ROWS:
                break
            report, size = self._analyzed(source)
            rows += size
            if report and not any(_same(report, other.report) for other in found):
                found.append(
                    Candidate(
                        report=report,
                        name=printable(source.name),
                        assumptions=self._assumptions(source),
                        as_given=False,
                    )
                )
        return found

    def _assumptions(self, source: _Source) -> int:
        """Return how much a candidate assumes: little for a variant, much for another network."""
        name, given = source.name, self.given.name
        if source.assumptions:
            return source.assumptions
        if source.network is self._architecture:
            # Someone who has named a variant means that one, not another of the same file.
            alike = not self._named or _another_make(*sorted((name, given), key=len))
        else:
            alike = _family(name) == _family(given)
        return 1 if alike else UNLIKE

    def _resized(self) -> Iterator[_Source]:
        """Yield the network on other images that are about as large."""
        volume = self.given.report.input
        if "input" in self._options or len(volume.extents) != 2:
            return
        for side in SIDES:
            other = Volume((side, side), volume.channels)
            if self._about(other, 2):
                changes = {"input": str(other)}
                yield _Source(self.given.name, self._architecture, changes, OTHER_SIDE)

    def _switched(self) -> Iterator[_Source]:
        """Yield the network with one of the file's switches the other way."""
        given = self._options.get("set", {})
        settings = self._architecture.parameters
        chosen = settings | dict(self._architecture.variants.get(self._chosen or "", {})) | given
        for name, value in chosen.items():
            if isinstance(value, bool) and name not in given:
                word = str(not value).lower()
                label = f"{self.given.name} --set {name}={word}"
                changes = {"set": given | {name: not value}}
                yield _Source(label, self._architecture, changes)

    def _relations(self) -> Iterator[_Source]:
        """Yield the file's other variants, and shipped networks whose names begin alike."""
        variants = [v for v in self._architecture.variants if v != self.given.name]
        for variant in variants:
            yield _Source(variant, self._architecture, {"variant": variant})
        stem = re.match(r"[A-Za-z]+", self.given.name)
        if self.given.name in self._shipped and stem:
            for name, input in self._shipped.items():
                alike = name.startswith(stem[0]) and self._about(Volume.parse(input))
                if alike and name not in (*variants, self.given.name):
                    yield _Source(name, name, {"variant": None, "set": {}})

    def _about(self, volume: Volume, most: float = 1.25) -> bool:
        """Return whether no extent differs from the input's by a factor of more than `most`."""
        pairs = zip(volume.extents, self.given.report.input.extents, strict=False)
        return all(max(pair) <= most * min(pair) for pair in pairs)

    def _analyzed(self, source: _Source) -> tuple[Report | None, int]:
        """Return a report and the layers that it took; none where the input does not fit."""
        options = self._options | dict(source.changes)
        try:
            report = self._analyze(source.network, brief=True, **options)
        except CnncalcError as error:
            return None, len(error.graph.nodes) if error.graph else 0
        return report, len(report.layers)


def _another_make(name: str, longer: str) -> bool:
    """Return whether a longer name is that of another make: vgg16_bn, but no mobilenet_v1_0_5."""
    return longer.startswith(name) and not any(map(str.isdigit, longer[len(name) :]))


def _family(name: str) -> str:
    found = _FAMILY.match(name)
    return found[0] if found else name


def _same(one: Report, other: Report) -> bool:
    return one.input == other.input and [(r.macs, r.parameters) for r in one.layers] == [
        (r.macs, r.parameters) for r in other.layers
    ]
