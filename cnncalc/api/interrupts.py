"""Ctrl-C in a library: a KeyboardInterrupt, whatever it was in the middle of."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


def interruptible(function: Callable[P, R]) -> Callable[P, R]:
    """Return a function that lets an interrupt out as one.

    One that meets Pydantic building a schema comes out as a SchemaError, and one that meets
    Python making a class as a RuntimeError.
    """

    @wraps(function)
    def called(*arguments: P.args, **named: P.kwargs) -> R:
        handled = sys.exc_info()[1]  # by the caller: it is not what happens here
        try:
            return function(*arguments, **named)
        except Exception as error:  # all of them go on, as what they are
            if _interrupted(error, handled):
                raise KeyboardInterrupt from None
            raise

    return called


def _interrupted(error: BaseException | None, handled: BaseException | None) -> bool:
    """Return whether an interrupt is what an error came from."""
    seen: set[int] = set()
    while error not in (None, handled) and id(error) not in seen:
        seen.add(id(error))
        if isinstance(error, KeyboardInterrupt):
            return True
        if type(error).__name__ == "SchemaError" and "KeyboardInterrupt" in str(error):
            return True
        error = error.__cause__ or error.__context__
    return False
