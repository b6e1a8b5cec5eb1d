"""Threads: parts of a kernel's work that do not touch each other run side by side.

NumPy lets go of the interpreter while it works. Products of matrices would each take all the
threads of the BLAS, so it is held to one while parts with products run: laying out and adding
up are then shared out too, and no thread of the BLAS waits by spinning.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar, copy_context
from functools import cache, partial
from threading import Lock, Thread, get_ident, local
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

T = TypeVar("T")
R = TypeVar("R")

VARIABLES = (
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "OMP_NUM_THREADS",
)
KEPT = 2**24  # bytes of a thread's room that are not given back
LOOK = 0.1  # seconds after which who waits looks again
GRAIN = 2**23  # products that take a thread longer than it takes to wake one, on a virtual machine


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


def worth(operations: int) -> int:
    """Return how many threads so many multiplications and additions are worth."""
    return max(1, min(number(), operations // GRAIN))


class _Worker:
    """A thread that waits to be given something to do, and can be waited for.

    It is woken and waited for by a lock each: a pool's queue takes twice as long, and lets the
    thread that it wakes go first, where each has to wait for the other to let go of Python.
    What counts is whether it has a task; a lock that was released too often wakes it for nothing.
    """

    def __init__(self) -> None:
        self._go, self._done = Lock(), Lock()
        self._go.acquire()
        self._done.acquire()
        self._task: Callable[[], object] | None = None
        self._place: frozenset[int] = frozenset()
        self.error: BaseException | None = None
        self._thread = Thread(target=self._serve, name="cnncalc", daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            self._go.acquire()
            if self._task is None:
                continue
            try:
                self._task()
            except BaseException as error:
                self.error = error
            self._task = None
            _release(self._done)

    def start(self, task: Callable[[], object]) -> None:
        """Have it do the task."""
        self.error = None
        self._task = task
        _release(self._go)

    def wait(self) -> None:
        """Wait until it has no task."""
        while self._task is not None:
            self._done.acquire(True, LOOK)

    def finish(self) -> None:
        """Wait until it has no task, whatever interrupts it; it may not have been woken yet."""
        while self._task is not None:
            with suppress(KeyboardInterrupt):
                _release(self._go)
                self._done.acquire(True, LOOK)

    def keep_to(self, processors: frozenset[int]) -> None:
        """Have it run on these processors alone."""
        if processors != self._place and self._thread.native_id:
            os.sched_setaffinity(self._thread.native_id, processors)
            self._place = processors


def _release(lock: Lock) -> None:
    with suppress(RuntimeError):  # it was released already
        lock.release()


def _apart(workers: Sequence[_Worker]) -> None:
    """Keep the calling thread and the workers on processors of their own.

    Threads that wake each other every few microseconds, as Python's lock makes them, are else
    drawn to one processor, and stay there for milliseconds while another is free.
    """
    with suppress(AttributeError, OSError):  # not on macOS and Windows; forbidden
        allowed = frozenset(os.sched_getaffinity(0))
        before, place = getattr(_seats, "taken", (allowed, None))
        if place == allowed:  # Ctrl-C came before it could be given back
            allowed = before
        places = _places(allowed, _getcpu()(), len(workers) + 1)
        for worker, other in zip(workers, places[1:], strict=True):
            worker.keep_to(other)
        _seats.taken = allowed, places[0]
        os.sched_setaffinity(0, places[0])


def _together() -> None:
    """Let the calling thread run wherever it could before it was kept apart."""
    if hasattr(_seats, "taken"):
        os.sched_setaffinity(0, _seats.taken[0])
        del _seats.taken


_seats = local()


@cache
def _places(allowed: frozenset[int], first: int, count: int) -> list[frozenset[int]]:
    """Return the processors, shared out among so many threads; `first` is with the first.

    >>> [sorted(place) for place in _places(frozenset({0, 1, 2, 3}), 2, 2)]
    [[1, 2], [0, 3]]
    """
    if len(allowed) < count or first not in allowed:
        return [allowed] * count
    others = sorted(allowed - {first})
    return [frozenset([first, *others][i::count]) for i in range(count)]


@cache
def _getcpu() -> Callable[[], int]:
    return ctypes.PyDLL(None).sched_getcpu


_idle: list[_Worker] = []


def _hired(number: int) -> Iterator[_Worker]:
    """Yield so many workers, or as many as there can be."""
    with suppress(RuntimeError):  # no more threads can be had
        for _ in range(number):
            try:
                worker = _idle.pop()
            except IndexError:
                worker = _Worker()
            yield worker


_calls: ContextVar[list[Callable[[], object]] | None] = ContextVar("calls", default=None)


@contextmanager
def recorded() -> Iterator[list[Callable[[], object]]]:
    """Note each call of `each` and `products` inside, so that it can be made again.

    >>> found = []
    >>> with recorded() as calls:
    ...     each(found.append, [1])
    [None]
    >>> for call in calls:
    ...     call()
    [None]
    >>> found
    [1, 1]
    """
    calls: list[Callable[[], object]] = []
    token = _calls.set(calls)
    try:
        yield calls
    finally:
        _calls.reset(token)


def again(run: Callable[[], R]) -> R:
    """Return what `run` returns; noted as a whole where that is asked for.

    What looks at values before it decides what to do calls it, so that it looks again.
    """
    calls = _calls.get()
    if calls is None:
        return run()
    calls.append(run)
    with recorded():  # not what it does in between
        return run()


def each(work: Callable[[T], R], parts: Sequence[T], most: int | None = None) -> list[R]:
    """Return what `work` returns for each part, called in as many threads as there are.

    At most `most` threads take part, if that is given.

    A thread that is done with a part takes the next, the caller's among them. An error in any
    of them is raised here, when all have ended.
    """
    return again(partial(_each, work, parts, most))


def _each(work: Callable[[T], R], parts: Sequence[T], most: int | None) -> list[R]:
    lanes = min(most or number(), len(parts))
    if lanes < 2:
        return [work(part) for part in parts]
    results: dict[int, R] = {}
    waiting = list(enumerate(parts))[::-1]

    def run() -> None:
        try:
            while waiting:
                try:
                    i, part = waiting.pop()
                except IndexError:  # another thread took the last
                    break
                results[i] = work(part)
        finally:
            waiting.clear()  # after an error, nothing more is begun

    workers: list[_Worker] = []
    try:
        workers.extend(_hired(lanes - 1))
        _apart(workers)
        for worker in workers:
            # In a copy of the context, so that np.errstate holds in every thread.
            worker.start(partial(copy_context().run, run))
        run()
        for worker in workers:
            worker.wait()
    finally:  # nothing may still write when this returns
        waiting.clear()
        for worker in workers:
            worker.finish()
        _idle.extend(workers)
        _together()
    for worker in workers:
        if worker.error is not None:
            raise worker.error
    return [results[i] for i in range(len(parts))]


def products(work: Callable[[T], R], parts: Sequence[T], most: int | None = None) -> list[R]:
    """Return what `work` returns for each part, as `each` does; `work` multiplies matrices.

    Where the BLAS cannot be held to one thread, the parts run one after the other in all of its.
    """
    return again(partial(_products, work, parts, most))


def _products(work: Callable[[T], R], parts: Sequence[T], most: int | None) -> list[R]:
    with _one_blas_thread() as held:
        return _each(work, parts, most) if held else [work(part) for part in parts]


def room(name: str, size: int, dtype: np.dtype[Any]) -> NDArray[Any]:
    """Return room for `size` values, the calling thread's own under that name until it asks again.

    Most of it is kept: memory that is new costs more to touch than values cost to lay out.
    """
    needed = size * dtype.itemsize
    kept: NDArray[np.uint8] | None = getattr(_rooms, name, None)
    if kept is None or kept.nbytes < needed:
        kept = np.empty(needed, np.uint8)
        if needed <= KEPT:
            setattr(_rooms, name, kept)
    return kept[:needed].view(dtype)


_rooms = local()


@cache
def _blas() -> tuple[Callable[[], int], Callable[[int], object]] | None:
    """Return what reads and sets the threads of NumPy's OpenBLAS, or None where it has another."""
    for module in ("numpy._core._multiarray_umath", "numpy.core._multiarray_umath"):
        if module not in sys.modules:
            continue
        try:
            library = ctypes.CDLL(sys.modules[module].__file__)
        except (OSError, TypeError):
            continue
        for name in ("scipy_openblas_{}64_", "openblas_{}64_", "openblas_{}"):
            with suppress(AttributeError):
                return (
                    getattr(library, name.format("get_num_threads")),
                    getattr(library, name.format("set_num_threads")),
                )
    return None


_lock = Lock()
_holders: set[int] = set()  # the threads that hold the BLAS
_before: list[int] = []  # how many threads it had before


@contextmanager
def _one_blas_thread() -> Iterator[bool]:
    """Hold the BLAS to one thread inside the `with` block; tell whether that can be.

    Where Ctrl-C comes between, the next that holds it sets it back.
    """
    blas = _blas()
    if blas is None:
        yield False
        return
    get, set_ = blas
    try:
        with _lock:
            if not _before:
                _before.append(get())
            _holders.add(get_ident())
            set_(1)
        yield True
    finally:
        with _lock:
            if _holders <= {get_ident()} and _before:
                set_(_before[0])
                _before.clear()
            _holders.discard(get_ident())


def _forked() -> None:
    """Begin anew in a forked process: it has none of the threads, and none of what they held."""
    global _lock
    _lock = Lock()
    _idle.clear()
    blas = _blas() if _before else None
    if blas is not None:
        blas[1](_before[0])
    _before.clear()
    _holders.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)
