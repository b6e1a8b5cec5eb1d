"""Networks for questions: a few layers, drawn at random, the same for the same seed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Any, TypeVar

from cnncalc.errors import VolumeError
from cnncalc.model.report import Report

Analyze = Callable[[dict[str, Any]], Report]
Element = dict[str, Any]
_T = TypeVar("_T")

# What stands before the layer that is asked about, and the layer itself, by level.
KINDS = {
    1: (("{}",), ("{}",)),
    2: (("conv", "{}"), ("conv", "max_pool", "{}")),
    3: (("conv", "max_pool", "wide_conv", "{}"), ("wide_conv", "conv", "max_pool", "{}")),
}
_NAMES = {"max_pool": "POOL", "avg_pool": "POOL", "fc": "FC"}  # the others: CONV


class Draw:
    """Random choices, one after the other: the same for the same seed, on every system."""

    def __init__(self, seed: Sequence[object]) -> None:
        text = "/".join(map(str, seed)).encode("utf-8", "surrogatepass")  # a shell's odd bytes
        # The floats of `random` are the same in every version of Python; `choice` is not.
        self._random = Random(text).random

    def among(self, choices: Sequence[_T]) -> _T:
        """Return one of the choices."""
        return choices[int(self._random() * len(choices))]

    def network(self, kind: str, level: int, analyze: Analyze) -> Report | None:
        """Return a network that ends in a layer of a kind, or None where volumes do not fit.

        The image is deep, and from level 3 on not square; windows are padded where they can be.
        """
        sizes = range(15, 20 + 20 * level)
        wide = self.among(sizes)
        high = wide if level < 3 else self.among(sizes)
        kinds = [part.format(kind) for part in self.among(KINDS[level])]
        if kind == "field":
            kinds = [part for part in kinds if part != "field"] + ["conv", self.among(_ENDS[level])]
        depth = self.among((3, 4, 6, 8) if level == 1 else (3, 4))
        layers: list[Element] = []
        for number, part in enumerate(kinds):
            element = _DRAWN[part](self, number)
            word = _NAMES.get(element["type"], "CONV")
            same = sum(other["name"].startswith(word) for other in layers)
            layers.append({**element, "name": f"{word}{same + 1}"})
        try:
            report = analyze({"name": "Q", "input": f"{high}x{wide}x{depth}", "layers": layers})
        except VolumeError:
            return None
        windows = [row.output for row in report.layers if row.type != "fc"]
        return report if min(min(volume.extents) for volume in windows) >= _LEAST else None


_LEAST = 4  # the smallest extent of a volume
_ENDS = {1: ("conv",), 2: ("conv", "max_pool"), 3: ("wide_conv",)}
_FILTERS = (5, 8, 10, 12, 16, 20, 24, 32)


# Each draws a layer; `before` is how many layers stand before it.


def _conv(draw: Draw, before: int) -> Element:
    kernel = draw.among((3, 5, 7, 9, 11)[: 3 if before else 5])
    padding = draw.among(range(1, min(kernel, 6)))
    stride = draw.among((1, 2, 2, 3))
    return {
        "type": "conv", "filters": draw.among(_FILTERS), "kernel": kernel, "stride": stride,
        "padding": padding,
    }  # fmt: skip


def _wide_conv(draw: Draw, before: int) -> Element:
    """Return a dilated convolution, or one in groups where the channels before it allow that."""
    element = _conv(draw, 1)
    if before and draw.among((True, False)):
        return {**element, "filters": draw.among((8, 16, 24, 32)), "groups": 2}
    return {**element, "kernel": draw.among((3, 5)), "dilation": 2, "stride": draw.among((1, 2))}


def _pool(draw: Draw, before: int) -> Element:
    kernel, stride = draw.among(((3, 2), (3, 2), (2, 2), (4, 3), (5, 3)))
    element = {"type": "max_pool", "kernel": kernel, "stride": stride}
    return {**element, "rounding": "ceil"} if draw.among(range(4)) == 0 else element


def _fc(draw: Draw, before: int) -> Element:
    return {"type": "fc", "units": draw.among((10, 40, 60, 84, 100, 120))}


_DRAWN: dict[str, Callable[[Draw, int], Element]] = {
    "conv": _conv, "wide_conv": _wide_conv, "max_pool": _pool, "fc": _fc,
}  # fmt: skip
