"""Conventions of counting: their options, and what each option is called.

A key declares one option of each; a number that is right under another is said to be so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations, product
from typing import Any, NamedTuple

from cnncalc.errors import Problem, ReadError, did_you_mean


@dataclass(frozen=True, slots=True, kw_only=True)
class Conventions:
    """One option of each convention, as `OPTIONS` names them; None: as the file says."""

    rounding: str | None = None
    parameters: str = "with_biases"
    batch_norm: str = "2C"
    flops: str = "mac"
    memory: str = "MB"
    layout: str = "hwc"
    same: str | None = None
    dilation: str | None = None
    padding: str | None = None
    separable: str = "one"
    input: str = "counted"


class OptionChange(NamedTuple):
    """A convention, with another option than the declared one."""

    convention: str
    option: str


# Convention: option: (how a report names it, how a sentence does).
OPTIONS: dict[str, dict[str, tuple[str, str]]] = {
    "rounding": {
        "floor": ("floor", "rounding down"),
        "ceil": ("ceil", "rounding up"),
        "exact": ("exact", "exact division, where a window must tile"),
    },
    "parameters": {
        "with_biases": ("parameters with biases", "weights and biases"),
        "weights": ("parameters are weights alone", "weights alone"),
    },
    "batch_norm": {
        "2C": ("BatchNorm 2C", "2 values a channel of a BatchNorm"),
        "4C": ("BatchNorm 4C", "4 values a channel of a BatchNorm"),
        "0": ("BatchNorm not counted", "no values of a BatchNorm"),
    },
    "flops": {
        "mac": ("FLOPs mac", "convention mac"),
        "2mac": ("FLOPs 2mac", "convention 2mac"),
        "full": ("FLOPs full", "convention full"),
        "mac_bias": ("FLOPs mac and biases", "multiply-accumulates and added biases"),
        "2mac-1": ("FLOPs 2mac less 1 an output", "2·K·K·D1 - 1 operations an output"),
    },
    "memory": {
        "MB": ("MB of 10^6 bytes", "MB of 10^6 bytes"),
        "MiB": ("MB of 2^20 bytes", "MB of 2^20 bytes (MiB)"),
    },
    "layout": {
        "hwc": ("volumes HxWxC", "volumes written HxWxC"),
        "chw": ("volumes CxHxW", "volumes written CxHxW"),
    },
    "same": {
        "tensorflow": ("same as TensorFlow", "padding same as TensorFlow has it"),
        "half": ("same on both sides alike", "half the kernel of padding on each side"),
    },
    "dilation": {
        "1": ("dilation 1 is none", "dilation counted from 1"),
        "0": ("dilation 0 is none", "dilation counted from 0"),
    },
    "padding": {
        "each": ("padding on each side", "padding given for each side"),
        "total": ("padding in total", "padding given for both sides together"),
    },
    "separable": {
        "one": ("one bias vector in a separable convolution", "one bias vector"),
        "two": ("two bias vectors in a separable convolution", "two bias vectors"),
    },
    "input": {
        "counted": ("input counted", "the input counted"),
        "left_out": ("input left out", "the input left out"),
    },
}
# What people call an option in a key, besides its name.
_ALIASES = {
    "strict": "exact", "with_bias": "with_biases", "weights_only": "weights", "2c": "2C",
    "4c": "4C", "2": "2C", "4": "4C", "nchw": "chw", "nhwc": "hwc", "tf": "tensorflow",
    "mb": "MB", "mib": "MiB", "bn": "batch_norm", "params": "parameters",
}  # fmt: skip
# The conventions that a column, or its total, depends on.
RELEVANT = {
    "input": ("layout",),
    "output": ("layout", "rounding", "same", "dilation"),
    "extents": ("rounding", "same", "dilation"),
    "parameters": ("parameters", "batch_norm", "separable"),
    "biases": ("separable",),
    "weights": ("batch_norm",),
    "flops": ("flops",),
    "memory": ("memory", "input"),
    "activations": ("input",),
    "receptive_field": (),
}


def conventions_of(data: Any, place: Any) -> Conventions:
    """Return the conventions that a key declares. Raises: ReadError for an unknown one."""
    chosen: dict[str, str] = {}
    for key, value in (data or {}).items():
        name = _ALIASES.get(key, key)
        if name not in OPTIONS:
            raise _unknown("convention", key, OPTIONS, place)
        option = str(value)
        option = _ALIASES.get(option.lower(), option)
        if option not in OPTIONS[name]:
            raise _unknown(f"option of {name}", option, OPTIONS[name], place)
        chosen[name] = option
    return Conventions(**chosen)


def _unknown(what: str, word: str, known: Any, place: Any) -> ReadError:
    options = ", ".join(known)
    message = f"no {what} {word[:40]!r}.{did_you_mean(word, known)} There are: {options}."
    return ReadError(Problem("convention", message, place=place))


def changed(conventions: Conventions, changes: tuple[OptionChange, ...]) -> Conventions:
    """Return conventions with other options."""
    return replace(conventions, **dict(changes))


def changes_for(column: str, conventions: Conventions) -> Iterator[tuple[OptionChange, ...]]:
    """Yield each change of one or two conventions that a column depends on, single ones first."""
    several = [
        [OptionChange(name, one) for one in OPTIONS[name] if one != getattr(conventions, name)]
        for name in RELEVANT.get(column, ())
    ]
    for count in (1, 2):
        for together in combinations(several, count):
            yield from product(*together)


def named(
    conventions: Conventions, columns: tuple[str, ...], *, rounding: str, batch_norm: bool
) -> list[str]:
    """Return conventions as a report names them: those that the columns depend on.

    `rounding` is the network's own; `batch_norm` is whether it has one.
    """
    found = [OPTIONS["rounding"][conventions.rounding or rounding][0]]
    found += [OPTIONS["parameters"][conventions.parameters][0]] * ("parameters" in columns)
    if {"parameters", "weights"} & set(columns):
        found += [OPTIONS["batch_norm"][conventions.batch_norm][0]] * batch_norm
    found += [OPTIONS["flops"][conventions.flops][0]] * ("flops" in columns)
    found += [OPTIONS["memory"][conventions.memory][0]] * ("memory" in columns)
    if {"activations", "memory", "peak"} & set(columns):
        found.append(OPTIONS["input"][conventions.input][0])
    for name in ("same", "dilation", "padding"):
        if chosen := getattr(conventions, name):
            found.append(OPTIONS[name][chosen][0])
    found.append(OPTIONS["layout"][conventions.layout][0])
    return found
