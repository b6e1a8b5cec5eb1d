"""Threads for work that NumPy does element by element; products have those of the BLAS."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import cache
from itertools import pairwise
from typing import TypeVar

T = TypeVar("T")

VARIABLES = (
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "OMP_NUM_THREADS",
)


@cache
def number() -> int:
    """Return how many threads to use: what the BLAS is told, else one for each processor."""
    for name in VARIABLES:
        text = os.environ.get(name, "").split(",")[0].strip()
        if text.isdecimal() and int(text) > 0:
            return int(text)
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on macOS and Windows
        return os.cpu_count() or 1


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(number() - 1, thread_name_prefix="cnncalc")


def each(work: Callable[[T], object], parts: Sequence[T]) -> None:
    """Call `work` with each part, in as many threads as there are, each a run of neighbours.

    The caller's thread takes the first run. An error in any of them is raised here, when all
    have ended.
    """
    lanes = min(number(), len(parts))
    if lanes < 2:
        for part in parts:
            work(part)
        return
    ends = [len(parts) * i // lanes for i in range(lanes + 1)]
    runs = [parts[first:last] for first, last in pairwise(ends)]

    def run(lane: int) -> None:
        for part in runs[lane]:
            work(part)

    # In a copy of the context, so that np.errstate holds in every thread.
    futures = [_pool().submit(copy_context().run, run, lane) for lane in range(1, lanes)]
    try:
        run(0)
    finally:
        for future in futures:
            future.exception()  # nothing may still write when this returns
    for future in futures:
        future.result()
