"""What else a quoted figure of a network may be of: other inputs, switches, variants, makes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from cnncalc.errors import CnncalcError, printable
from cnncalc.volume import Volume

if TYPE_CHECKING:
    from cnncalc.format.architecture import Architecture
    from cnncalc.model.report import Report

SIDES = (224, 227, 256)  # the inputs that papers use for one and the same network
MOST_BASES = 100
MOST_ROWS = 20_000  # of all bases together
# A name without what tells one make of a network from another: vgg16_bn is a vgg16.
_FAMILY = re.compile(r"[A-Za-z]+\d*(?:_v\d+)?")


class Base(NamedTuple):
    """One network, resolution and setting to count: a report, its name, and what it assumes."""

    report: Report
    name: str
    cost: int
    own: bool

    @property
    def label(self) -> str:
        """Return the name with the input: `alexnet, 227x227x3`."""
        return f"{self.name}, {self.report.input}"


class Relatives:
    """A network as asked for, and what else a figure may be of: analyzed when it is needed.

    `name` is what it was asked for by; `analyze` that of the api, `options` some of its own;
    `shipped` are the inputs of the networks that come with cnncalc, by name.
    Raises: as `analyze`.
    """

    def __init__(
        self,
        architecture: Architecture,
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
        shown = str(self._chosen or name or report.name)
        self.own = Base(report, printable(shown), 0, True)

    @cached_property
    def all(self) -> list[Base]:
        """Return the bases that a figure may be of."""
        found = [self.own]
        rows = len(self.own.report.layers)
        for name, source, changes in [*self._relatives(), *self._resized(), *self._flipped()]:
            if len(found) == MOST_BASES or rows > MOST_ROWS:
                break
            report = self._analyzed(source, self._options | changes)
            rows += len(report.layers) if report else 0
            if report and not any(_same(report, base.report) for base in found):
                found.append(Base(report, printable(name), self._cost(name, source), False))
        return found

    def _cost(self, name: str, source: Any) -> int:
        """Return what a base assumes: little for another make, much for another network."""
        own = self.own.name
        if source is self._architecture:  # of the same file: who named a variant means that one
            alike = not self._chosen or name.startswith(own) or own.startswith(name)
        else:
            alike = _family(name) == _family(own)
        return 1 if alike else 3

    def _resized(self) -> Iterator[tuple[str, Any, dict[str, Any]]]:
        """Yield the network on other images that are about as large."""
        volume = self.own.report.input
        if "input" in self._options or len(volume.extents) != 2:
            return
        for side in SIDES:
            other = Volume((side, side), volume.channels)
            if self._about(other, 2):
                yield self.own.name, self._architecture, {"input": str(other)}

    def _flipped(self) -> Iterator[tuple[str, Any, dict[str, Any]]]:
        """Yield the network with one of the file's switches the other way."""
        given = self._options.get("set", {})
        settings = self._architecture.parameters
        chosen = settings | dict(self._architecture.variants.get(self._chosen or "", {})) | given
        for name, value in chosen.items():
            if isinstance(value, bool) and name not in given:
                word = str(not value).lower()
                change = {"set": given | {name: not value}}
                yield f"{self.own.name} --set {name}={word}", self._architecture, change

    def _relatives(self) -> Iterator[tuple[str, Any, dict[str, Any]]]:
        """Yield the file's other variants, and shipped networks whose names begin alike."""
        variants = [v for v in self._architecture.variants if v != self.own.name]
        for variant in variants:
            yield variant, self._architecture, {"variant": variant}
        stem = re.match(r"[A-Za-z]+", self.own.name)
        if self.own.name in self._shipped and stem:
            for name, input in self._shipped.items():
                alike = name.startswith(stem[0]) and self._about(Volume.parse(input))
                if alike and name not in (*variants, self.own.name):
                    yield name, name, {"variant": None, "set": {}}

    def _about(self, volume: Volume, most: float = 1.25) -> bool:
        """Return whether no extent is more than `most` times the input's, nor the other way."""
        pairs = zip(volume.extents, self.own.report.input.extents, strict=False)
        return all(max(pair) <= most * min(pair) for pair in pairs)

    def _analyzed(self, source: Any, options: Mapping[str, Any]) -> Report | None:
        try:
            return self._analyze(source, **options)
        except CnncalcError:  # not every network takes every input
            return None


def _family(name: str) -> str:
    found = _FAMILY.match(name)
    return found[0] if found else name


def _same(one: Report, other: Report) -> bool:
    return one.input == other.input and [(r.macs, r.parameters) for r in one.layers] == [
        (r.macs, r.parameters) for r in other.layers
    ]
