"""The working that layers show: a formula in the lecture's symbols, and the numbers in it.

A formula is written once, in symbols; the numbers are put in here. Whether it comes to what
the layer's rules return is for the tests, which evaluate every step.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from cnncalc.layers.base import DIMENSIONS, AbstractLayer, Step
from cnncalc.volume import Volume

TOPICS = {"weight": "weights", "bias": "biases"}  # any other learned array is `other`


def letters(volume: Volume, side: int) -> list[str]:
    """Return the symbols of a volume's extents and channels, before (1) or after (2) a layer.

    >>> letters(Volume((55, 55), 96), 2)
    ['H2', 'W2', 'D2']
    """
    return [f"{letter}{side}" for letter in (*DIMENSIONS[len(volume.extents)], "D")]


def product(*factors: str | int) -> str:
    """Return the factors joined by a multiplication sign; a factor of 1 is left out.

    >>> product(2, "H2", "W2"), product(1)
    ('2·H2·W2', '1')
    """
    return "·".join(str(factor) for factor in factors if factor != 1) or "1"


def symbols(output: Volume, *volumes: Volume) -> dict[str, int]:
    """Return the numbers that the symbols of a layer's output and first input stand for."""
    numbers = dict(zip(letters(output, 2), output.shape, strict=True))
    if volumes:
        numbers |= zip(letters(volumes[0], 1), volumes[0].shape, strict=True)
    return numbers


def worked(
    topic: str, symbol: str, formula: str, numbers: Mapping[str, int], value: int, note: str = ""
) -> Step:
    """Return the step whose formula has `numbers` put in for its symbols.

    >>> worked("weights", "weights", "K·K·D1", {"K": 3, "D1": 8}, 72).numbers
    '3·3·8'
    """
    filled = re.sub(r"[A-Za-z]\w*", lambda match: str(numbers.get(match[0], match[0])), formula)
    return Step(topic, symbol, formula, filled, value, note=note)


def unchanged(output: Volume, *volumes: Volume) -> list[Step]:
    """Return the steps of a volume that comes out as it went in."""
    numbers = symbols(output, *volumes)
    pairs = zip(letters(output, 2), letters(volumes[0], 1), output.shape, strict=True)
    return [worked("volume", after, before, numbers, n) for after, before, n in pairs]


def counted(
    layer: AbstractLayer,
    formulas: Mapping[str, str],
    numbers: Mapping[str, int],
    output: Volume,
    *volumes: Volume,
) -> list[Step]:
    """Return a step for each learned array and each class of operations that a layer has.

    `formulas` has one for the name of each: `weight`, `bias`, `macs`, `additions`.
    """
    shapes = layer.parameters(output, *volumes)
    sizes = {name: math.prod(shape) for name, shape in shapes.items()}
    learned = [
        worked(TOPICS.get(name.partition("_")[0], "other"), "", formulas[name], numbers, n)
        for name, n in sizes.items()
    ]
    operations = [
        worked("FLOPs", kind, formulas[kind], numbers, count)
        for kind, count in layer.cost(output, *volumes)._asdict().items()
        if count
    ]
    return learned + operations
