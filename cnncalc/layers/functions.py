"""Functions of single values by name, as imported networks spell them out."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal, final

from pydantic import model_validator

from cnncalc.layers.base import Cost
from cnncalc.layers.pointwise import AbstractPointwise
from cnncalc.layers.protocols import Arrays, Number, Tensor, Tensors
from cnncalc.layers.setting_types import Real
from cnncalc.volume import Volume

if TYPE_CHECKING:
    from cnncalc.layers.protocols import Array

COSTS = {
    "exp": Cost(functions=1),
    "log": Cost(functions=1),
    "sqrt": Cost(functions=1),
    "rsqrt": Cost(functions=1, divisions=1),
    "erf": Cost(functions=1),
    "power": Cost(functions=1),
    "square": Cost(multiplications=1),
    "reciprocal": Cost(divisions=1),
    "abs": Cost(comparisons=1),
    "negative": Cost(),
    "clamp": Cost(comparisons=1),  # for each bound
}


@final
class Function(AbstractPointwise):
    """A function of every value: exp, log, a root, erf, a power, 1/x, |x|, -x, or bounds.

    Operations, a value: 1 function for exp, log, sqrt, erf and power (rsqrt: and 1 division);
    1 multiplication for square, 1 division for reciprocal, 1 comparison for abs, and for each
    bound (`least`, `most`) of clamp.
    Source: ONNX operators Exp, Log, Sqrt, Erf, Pow, Reciprocal, Abs, Neg, Clip.
    """

    tag = "function"
    family = "elementwise"
    row = False
    in_place = True

    of: Literal[
        "exp",
        "log",
        "sqrt",
        "rsqrt",
        "erf",
        "power",
        "square",
        "reciprocal",
        "abs",
        "negative",
        "clamp",
    ]
    exponent: Real | None = None
    least: Real | None = None
    most: Real | None = None

    @model_validator(mode="after")
    def _has_what_it_needs(self) -> Function:
        if (self.of == "power") != (self.exponent is not None):
            raise ValueError("a power has an exponent, and no other function has one")
        if (self.of == "clamp") != bool(self._bounds):
            raise ValueError("clamp has least, most, or both, and no other function has them")
        return self

    @property
    def _bounds(self) -> list[float]:
        return [bound for bound in (self.least, self.most) if bound is not None]

    def per_value(self) -> Cost:
        return COSTS[self.of].times(len(self._bounds) or 1)

    def forward(self, arrays: Arrays, *inputs: Array) -> Array:
        from cnncalc import kernels

        if self.of == "clamp":
            least = -math.inf if self.least is None else self.least
            return kernels.clip(inputs[0], least, math.inf if self.most is None else self.most)
        return kernels.function(inputs[0], self.of, self.exponent)

    def value(self, index: tuple[int, ...], arrays: Tensors, *inputs: Tensor) -> Number:
        x = inputs[0][index]
        match self.of:
            case "exp":
                return x.exp()
            case "log":
                return x.log()
            case "sqrt":
                return x.root()
            case "rsqrt":
                return 1 / x.root()
            case "erf":
                return x.erf()
            case "square":
                return x * x
            case "reciprocal":
                return 1 / x
            case "abs":
                return x.if_positive(x, -x)
            case "negative":
                return -x
            case "power":
                return x.power(self.exponent or 0)
        x = x if self.least is None else x.maximum(self.least)
        return x if self.most is None else x.minimum(self.most)

    def describe(self, output: Volume, *volumes: Volume) -> str:
        if self.of == "clamp":
            words = ("at least", self.least), ("at most", self.most)
            return "Clamp, " + ", ".join(f"{word} {n:g}" for word, n in words if n is not None)
        return self.of.capitalize() + (f" {self.exponent:g}" if self.exponent is not None else "")
