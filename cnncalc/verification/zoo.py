"""Verification of many networks, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cnncalc.errors import CnncalcError, LimitError
from cnncalc.model.printable import Tabular
from cnncalc.verification.result import Interrupted, Verification

if TYPE_CHECKING:
    from cnncalc.format.networks import ShippedNetwork

# What a run takes, in multiply-accumulates, beside its own: for the bar's remaining time alone.
PER_NETWORK = 10**8
PER_PARAMETER = 20  # to make a weight

Watch = Callable[[int, int, str, float], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The outcome of verifying one network.

    Attributes:
        name: of the network.
        layers: how many were run.
        parameters: by its report.
        macs: by its report.
        samples: how many values were compared with a definition.
        error: the largest of all layers.
        seconds: of the forward pass.
        failures: each layer that differs, with the quantity.
        not_run: why it was not run; empty if it was.
    """

    name: str
    layers: int = 0
    parameters: int = 0
    macs: int = 0
    samples: int = 0
    error: float = 0.0
    seconds: float = 0.0
    failures: tuple[str, ...] = ()
    not_run: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class ZooVerification(Tabular):
    """The outcome of each network that was run, until all were or Ctrl-C.

    Attributes:
        outcomes: of the networks, in their order.
        total: how many networks there are.
        interrupted: whether Ctrl-C ended the runs.
    """

    outcomes: Sequence[Outcome]
    total: int
    interrupted: bool

    def __repr__(self) -> str:
        """Return how many networks were run, of how many."""
        return f"<ZooVerification: {len(self.outcomes)} of {self.total} networks>"

    @property
    def ok(self) -> bool:
        """Return whether nothing that was run differs from what was claimed."""
        return not any(outcome.failures for outcome in self.outcomes)


def verify_all(
    entries: Sequence[ShippedNetwork], verify: Callable[[str], Verification], watch: Watch
) -> ZooVerification:
    """Return the outcomes of verifying networks by their names.

    `watch` is called before each with how many are done, of how many, its name, and the share of
    the work that is done.
    """
    work = [PER_NETWORK + entry.macs + PER_PARAMETER * entry.parameters for entry in entries]
    outcomes: list[Outcome] = []
    interrupted = False
    try:
        for i, entry in enumerate(entries):
            watch(i, len(entries), entry.name, sum(work[:i]) / sum(work))
            outcomes.append(_outcome(entry.name, verify))
    except (KeyboardInterrupt, Interrupted):
        interrupted = True
    return ZooVerification(outcomes, len(entries), interrupted)


def _outcome(name: str, verify: Callable[[str], Verification]) -> Outcome:
    try:
        result = verify(name)
    except LimitError as error:
        return Outcome(name=name, not_run=str(error))
    except CnncalcError as error:
        return Outcome(name=name, failures=(str(error),))
    failures = [f"{path} {what}" for path, what in result.failures]
    failures += [f"{layer.path} could not run" for layer in result.layers if not layer.ran]
    return Outcome(
        name=name,
        layers=len(result.layers),
        parameters=result.report.parameters,
        macs=result.report.macs,
        samples=result.samples,
        error=max((layer.error for layer in result.layers), default=0.0),
        seconds=result.forward_seconds,
        failures=tuple(failures),
    )
