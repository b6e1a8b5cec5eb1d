"""A layer on given values, with the working of each output; windows, step by step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cnncalc.api.reports import analyze
from cnncalc.api.sources import Overrides, Source, expand
from cnncalc.errors import (
    ArchitectureError,
    CnncalcError,
    Problem,
    known_name,
    plain_text,
    received,
)

if TYPE_CHECKING:
    from typing import Unpack

    from cnncalc.applying.records import Applied
    from cnncalc.layers.base import AbstractLayer


def apply(
    layer: str | AbstractLayer,
    inputs: Any,
    arrays: Mapping[str, Any] | None = None,
    *,
    set: Mapping[str, Any] | None = None,
    layout: str = "hwc",
) -> Applied:
    """Return a layer's output for given values, each with the formula that it comes from.

    `layer` is a layer type, with its settings as `set`, or a layer such as `MaxPool(kernel=2)`.
    An input is text (spaces part values, `;` rows, `|` channels), a file (.npy, .csv, .json),
    lists of numbers, or an array of NumPy's; several inputs are a tuple. `arrays` has the
    learned arrays and the buffers by name, each as an input, or as one number for all of it.
    `layout` says whether lists and NumPy's arrays have channels last (hwc) or first (chw).
    Raises: CnncalcError for what is no array, or does not fit; VolumeError if the layer cannot
    take the input; LimitError for more than a few pages of working.

    >>> apply("max_pool", "1 1 2 4; 5 6 7 8; 3 2 1 0; 1 2 3 4", set={"kernel": 2}).values
    [6, 8, 3, 4]
    """
    from cnncalc.applying import running
    from cnncalc.writers import LAYOUTS

    known_name("layout", layout, LAYOUTS)
    made = _layer(layer, set)
    if arrays is not None and not isinstance(arrays, Mapping):
        message = f"arrays is a mapping of names. Received {type(arrays).__name__}."
        raise CnncalcError(Problem("arrays", message))
    given = inputs if isinstance(inputs, tuple) else (inputs,)
    return running.run(made, given, arrays or {}, layout)


def demo(
    source: Source | None = None, layer: str | None = None, **overrides: Unpack[Overrides]
) -> str:
    """Return a page of HTML that steps through the windows of a convolution and of a pool.

    It is one file that asks for nothing, with the sum of each output written out, and an eye that
    is found wherever it is. With a network and one of its layers, or a block, it begins with that
    layer's window, on an input shrunk to the same remainder. `input`, `variant` and `set` are as in
    `analyze`.
    Raises: as `analyze`; UnknownNameError if the network has no such layer; CnncalcError if the
    layer has no window that slides along one or two axes.

    >>> demo("alexnet", "CONV1").startswith("<!DOCTYPE html>")
    True
    """
    from cnncalc.demos import shrinking
    from cnncalc.writers import demo as writer

    if source is None:
        if layer is not None or any(overrides.values()):
            raise CnncalcError(Problem("layer", "a layer is one of a network. Give both."))
        return writer.write(shrinking.usual())
    if layer is None:
        raise CnncalcError(Problem("layer", "give the name of a layer of the network."))
    name = plain_text("layer", layer)
    report = analyze(source, **overrides)
    return writer.write(shrinking.of_layer(expand(source, **overrides), report, name))


def _layer(layer: str | AbstractLayer, settings: Mapping[str, Any] | None) -> AbstractLayer:
    """Return the layer that a type and its settings make. Raises: ArchitectureError."""
    from cnncalc.errors import did_you_mean
    from cnncalc.format.plain import plain
    from cnncalc.layers import TYPES, layer_type
    from cnncalc.layers.base import AbstractLayer
    from cnncalc.layers.hints import type_hint

    if settings is not None and not isinstance(settings, Mapping):
        message = f"set is a mapping of settings. Received {type(settings).__name__}."
        raise CnncalcError(Problem("set", message))
    if isinstance(layer, AbstractLayer):
        if settings:
            raise CnncalcError(Problem("set", "a layer that is made has its settings already."))
        return layer
    tag = plain_text("layer", layer)
    found = plain({name: _value(name, value) for name, value in (settings or {}).items()})
    if tag not in TYPES:
        hint = type_hint(tag[:100], found.get) or f".{did_you_mean(tag, TYPES)}"
        raise ArchitectureError(Problem("unknown_type", f"unknown type {received(tag)}{hint}"))
    return layer_type(tag)(**found)


def _value(name: object, value: Any) -> Any:
    """Return a setting; a list may be text, as a file has it."""
    if isinstance(value, str) and value.lstrip().startswith("["):
        from cnncalc import readers

        return readers.parse(value, f"--set {name}", "yaml").data
    return value
