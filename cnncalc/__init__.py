"""cnncalc: every volume, parameter and FLOP of a CNN, exact, explained and verified."""

import os
import sys


def _interrupted(number, frame):
    """End the program with the exit code of an interrupt: `cli.signals` says where it may not."""
    os._exit(128 + number)


def _is_program():
    # `python -m cnncalc` imports this package before it sets the name of the program.
    name = os.path.basename((getattr(sys, "argv", None) or [""])[0]).lower()
    return name.startswith("cnncalc") or (name == "-m" and "cnncalc" in sys.orig_argv)


_IS_PROGRAM = False
try:
    # Ctrl-C ends the program from here on without a word. Elsewhere it is a KeyboardInterrupt.
    if sys.version_info >= (3, 11) and _is_program():
        import signal

        _IS_PROGRAM = True
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            signal.signal(signal.SIGINT, _interrupted)
except KeyboardInterrupt:
    if not _is_program():
        raise
    os._exit(130)
except ValueError:  # no main thread: signals are not its own
    pass

# An older Python must be able to read this file as far as its end, to say what it lacks.
if sys.version_info < (3, 11):  # noqa: UP036
    _FOUND = ".".join(map(str, sys.version_info[:3]))
    _ERROR = ImportError("cnncalc needs Python 3.11 or newer. This is Python " + _FOUND + ".")
    _ERROR.name = __name__  # `python -m cnncalc` then prints the sentence alone
    raise _ERROR

__version__ = "0.1.0"

# The module of each public name. It is imported on first use, so that a command pays only for
# what it needs; type checkers read __init__.pyi, which tools/derive.py writes from this table.
PUBLIC = {
    "analyze": "api",
    "apply": "api",
    "check": "api",
    "demo": "api",
    "diff": "api",
    "draw": "api",
    "explain": "api",
    "grade": "api",
    "layer_types": "api",
    "load": "api",
    "networks": "api",
    "new": "api",
    "quiz": "api",
    "reconcile": "api",
    "show": "api",
    "solve": "api",
    "summarize": "api",
    "verify": "api",
    "worksheet": "api",
    "Architecture": "format.architecture",
    "Element": "format.architecture",
    "CnncalcError": "errors",
    "Report": "model.report",
    "Volume": "volume",
}

__all__ = ["__version__"]
__all__ += PUBLIC  # and the layer classes, by attribute alone: an import of * loads none of them


def __getattr__(name):
    from importlib import import_module

    if name in PUBLIC:
        return getattr(import_module(__name__ + "." + PUBLIC[name]), name)
    layers = import_module(__name__ + ".layers")
    if name in dir(layers):
        return getattr(layers, name)
    raise AttributeError("module " + repr(__name__) + " has no attribute " + repr(name))


def __dir__():
    from importlib import import_module

    return sorted(__all__ + dir(import_module(__name__ + ".layers")))
