"""cnncalc: every volume, parameter and FLOP of a CNN, exact, explained and verified."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cnncalc.api import analyze as analyze
    from cnncalc.api import check as check
    from cnncalc.api import diff as diff
    from cnncalc.api import draw as draw
    from cnncalc.api import explain as explain
    from cnncalc.api import grade as grade
    from cnncalc.api import load as load
    from cnncalc.api import networks as networks
    from cnncalc.api import quiz as quiz
    from cnncalc.api import reconcile as reconcile
    from cnncalc.api import solve as solve
    from cnncalc.api import verify as verify
    from cnncalc.api import worksheet as worksheet
    from cnncalc.errors import CnncalcError as CnncalcError
    from cnncalc.format.architecture import Architecture as Architecture
    from cnncalc.format.architecture import Element as Element
    from cnncalc.model.report import Report as Report
    from cnncalc.volume import Volume as Volume

__version__ = "0.1.0"

# Handed out on first use, so that a command pays only for what it needs.
_PUBLIC = {
    "analyze": "api",
    "check": "api",
    "diff": "api",
    "explain": "api",
    "draw": "api",
    "grade": "api",
    "load": "api",
    "networks": "api",
    "quiz": "api",
    "reconcile": "api",
    "solve": "api",
    "verify": "api",
    "worksheet": "api",
    "Architecture": "format.architecture",
    "Element": "format.architecture",
    "CnncalcError": "errors",
    "Report": "model.report",
    "Volume": "volume",
}

__all__ = [*_PUBLIC, "__version__"]


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name in _PUBLIC:
        return getattr(import_module(f"cnncalc.{_PUBLIC[name]}"), name)
    layers = import_module("cnncalc.layers")
    if name in dir(layers):
        return getattr(layers, name)
    raise AttributeError(f"module 'cnncalc' has no attribute {name!r}")


def __dir__() -> list[str]:
    from importlib import import_module

    return sorted([*__all__, *dir(import_module("cnncalc.layers"))])
