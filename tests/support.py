"""What the tests of layers stand on: arrays that are kept, definitions, plain arithmetic."""

from __future__ import annotations

import ast
import gzip
import json
import math
import operator
from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import cnncalc
from cnncalc.figures.scene import FONTS, Scene, Text
from cnncalc.layers.base import AbstractLayer, volume_of
from cnncalc.model.report import Report
from cnncalc.model.sight import Bound, Regular, Sight
from cnncalc.verification.error_bounds import ArrayFields, Reads, SampleField
from cnncalc.volume import Volume

Array = NDArray[Any]


@cache
def report_of(name: str) -> Report:
    """Return the report of a shipped network."""
    return cnncalc.analyze(name)


@cache
def goldens() -> dict[str, Any]:
    """Return the goldens of layers: cases, and the versions of what made them."""
    file = Path(__file__).parent / "goldens" / "layers.json.gz"
    made: dict[str, Any] = json.loads(gzip.decompress(file.read_bytes()))
    return made


# --- arrays that are kept, and the definition of a layer ------------------------------------


class Recorded:
    """The arrays of one layer: made when they are asked for, and kept by name."""

    def __init__(self, seed: int = 0) -> None:
        self.random = np.random.default_rng(seed)
        self.made: dict[str, Array] = {}

    def __call__(
        self,
        name: str,
        shape: tuple[int, ...],
        *,
        fan: int = 1,
        centre: float = 0.0,
        filters_last: bool = False,
    ) -> Array:
        """Return values of variance 1 / `fan` about `centre`, the same each time."""
        if name not in self.made:
            reach = math.sqrt(3 / fan)
            values = self.random.uniform(centre - reach, centre + reach, shape)
            self.made[name] = values.astype(np.float32)
        assert self.made[name].shape == shape
        return self.made[name]


def inputs_for(volumes: Sequence[Volume], samples: int = 1, seed: int = 1) -> list[Array]:
    """Return arrays for volumes. Shapes: `(samples, *extents, C)`."""
    random = np.random.default_rng(seed)
    return [
        random.uniform(-2, 2, (samples, *volume.shape)).astype(np.float32) for volume in volumes
    ]


def define(layer: AbstractLayer, arrays: dict[str, Array], inputs: Sequence[Array]) -> Array:
    """Return what the definition gives at every index of one sample."""
    fields = ArrayFields.of(arrays, Reads())
    samples: list[Any] = [SampleField(x) for x in inputs]
    shared: Any = fields
    fields.shared = layer.common(shared, *samples)
    result = np.empty(layer.output(*map(volume_of, [x[None] for x in inputs])).shape)
    for index in np.ndindex(result.shape):
        number: Any = layer.value(index, shared, *samples)
        result[index] = number.value
    return result


def evaluate(text: str) -> Fraction:
    """Return the exact value of plain arithmetic, with a raised dot for times.

    >>> evaluate("(227 - 11 + 2·0)/4 + 1")
    Fraction(55, 1)
    """
    operators: dict[type, Any] = {
        ast.Add: operator.add,
        ast.Sub: operator.sub,
        ast.Mult: operator.mul,
        ast.Div: operator.truediv,
        ast.Pow: operator.pow,
    }

    def value(node: ast.expr) -> Fraction:
        match node:
            case ast.Constant(value=int(number)):
                return Fraction(number)
            case ast.BinOp(left=left, op=op, right=right):
                return Fraction(operators[type(op)](value(left), value(right)))
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return -value(operand)
        raise ValueError(f"not plain arithmetic: {text}")

    return value(ast.parse(text.replace("·", "*"), mode="eval").body)


# --- receptive fields ----------------------------------------------------------------------


def border(sight: Sight, unit: int) -> tuple[int, int] | None:
    """Return the first and the last pixel of a unit; None if it sees nothing."""
    assert not isinstance(sight, Bound)
    if isinstance(sight, Regular):
        return sight.first + unit * sight.step, sight.last + unit * sight.step
    turn, phase = divmod(unit, len(sight.firsts))
    first, last = sight.firsts[phase], sight.lasts[phase]
    if first is None or last is None:
        return None
    return first + turn * sight.advance, last + turn * sight.advance


# --- figures ------------------------------------------------------------------------------


def require_apart(drawn: Scene) -> None:
    """Check that texts, as they are measured, do not overlap and lie inside the figure."""
    texts = sorted((x for x in drawn.walk() if isinstance(x, Text)), key=lambda x: x.at.y)
    for i, text in enumerate(texts):
        size = FONTS[text.style].size
        assert text.left >= 0, text
        assert text.right <= drawn.width, text
        assert size * 0.7 <= text.at.y <= drawn.height, text
        for other in texts[i + 1 :]:
            if other.at.y - 0.7 * FONTS[other.style].size >= text.at.y:
                if other.at.y > text.at.y + 30:
                    break
                continue
            assert other.left >= text.right or other.right <= text.left, (text, other)
