"""Signals: Ctrl-C ends the program at once, and what is under way is told where it matters.

`cnncalc/__init__.py` sets `_interrupted` as its first act. An exception instead, anywhere between
imports and the schemas that Pydantic builds, would come out as another error, or be lost.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import cnncalc

# What else ends a program: a terminal that is closed, and `kill`.
_ENDING = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]


@contextmanager
def raising(undo: Callable[[], None] | None = None) -> Iterator[None]:
    """Raise KeyboardInterrupt at Ctrl-C inside: what was done is shown, a new file removed.

    A second one ends the program at once, as do SIGTERM and SIGHUP, after `undo`; where there is
    none, these are a SystemExit.
    """
    if not getattr(cnncalc, "_IS_PROGRAM", False):
        yield  # a library, or a test
        return

    def end(number: int, frame: FrameType | None) -> None:
        if undo is None:
            raise SystemExit(128 + number)
        undo()
        os._exit(128 + number)

    def interrupt(number: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, end)
        raise KeyboardInterrupt

    before = {number: signal.getsignal(number) for number in (signal.SIGINT, *_ENDING)}
    for number, handler in before.items():
        if handler is getattr(cnncalc, "_interrupted", None):
            signal.signal(number, interrupt)
        elif handler == signal.SIG_DFL:  # what is ignored stays so
            signal.signal(number, end)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
