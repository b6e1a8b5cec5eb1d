"""Counts times what a figure may also have in it: a batch, bytes, gradients."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from cnncalc.reconciling.countings import COUNTINGS
from cnncalc.reconciling.terms import Factor, Sum

if TYPE_CHECKING:
    from cnncalc.model.report import Report

BATCHES = (2, 4, 8, 16, 32, 64, 128, 256)
MOST_ASSUMED = 4  # with more, nearly every figure is some sum
# What may multiply the counts of a quantity; None: nothing.
FACTORS: dict[str, tuple[Factor | None, ...]] = {
    "flops": (None, Factor(3, "training: forward, and twice as much backward", 2)),
    "parameters": (None,),
    "activations": (None, Factor(2, "a gradient for each", 1)),
    "memory": (
        Factor(4, "bytes of a float32", 0),
        Factor(2, "bytes of a float16", 1, unusual=True),
        Factor(8, "bytes of a float64", 3, unusual=True),
        Factor(1, "byte of an int8", 3, unusual=True),
    ),
}


def multiples(
    quantity: str, report: Report, batch: int | None, most: int
) -> Iterator[tuple[Sum, tuple[Factor, ...]]]:
    """Yield the counts of a report, each with its factors: batch, bytes, gradients.

    Only a usual count with a name is multiplied by what assumes anything; `most` is assumed.
    """
    if batch is None:
        batches = [(1, 0), *((images, 2) for images in BATCHES)]
    else:
        batches = [(batch, 0), (1, 1)] if batch > 1 else [(1, 0)]
    own = [((factor,), factor.assumptions) if factor else ((), 0) for factor in FACTORS[quantity]]
    for counted in COUNTINGS[quantity](report):
        room = most - counted.assumptions
        if room < 0:
            continue
        fixed = [term.fixed for term in counted.terms]
        if counted.of_tool or not counted.name:
            room = 0
        elif all(fixed) or not any(fixed):
            room = min(room, MOST_ASSUMED - 1 - counted.assumptions)
        for images, assumed in batches[:1] if all(fixed) else batches:
            if assumed > room:
                continue
            one, times = (counted, ()) if all(fixed) else _of_batch(counted, images, assumed)
            for factors, more in own:
                if assumed + more <= room:
                    yield one, (*times, *factors)


def _of_batch(counted: Sum, images: int, assumed: int) -> tuple[Sum, tuple[Factor, ...]]:
    """Return a count of some images: times a factor where all of it grows with them."""
    if images == 1:
        return counted, (Factor(1, "one image alone", assumed),) if assumed else ()
    if any(term.fixed for term in counted.terms):
        scaled = counted.of_batch(images)
        return replace(scaled, assumptions=scaled.assumptions + assumed), ()
    return counted, (Factor(images, f"a batch of {images}", assumed),)
