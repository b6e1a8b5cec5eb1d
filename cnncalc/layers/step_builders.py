"""Builders of steps: a formula in the lecture's symbols, with its numbers put in.

A layer gives each formula once, in symbols. The tests evaluate every step and compare it with
what the layer's rules return.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from cnncalc.layers.base import DIMENSIONS, AbstractLayer, Step, Topic
from cnncalc.volume import Volume

# Any other learned array is of the topic `other`.
TOPICS: dict[str, Topic] = {"weight": "weights", "bias": "biases"}


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
    """Return the number of each symbol of a layer's output and first input."""
    numbers = dict(zip(letters(output, 2), output.shape, strict=True))
    if volumes:
        numbers |= zip(letters(volumes[0], 1), volumes[0].shape, strict=True)
    return numbers


def filled(formula: str, numbers: Mapping[str, int]) -> str:
    """Return a formula with the numbers put in for its symbols.

    >>> filled("K·K·D1", {"K": 3, "D1": 8})
    '3·3·8'
    """
    return re.sub(r"[A-Za-z]\w*", lambda match: str(numbers.get(match[0], match[0])), formula)


def volume_step(symbol: str, formula: str, numbers: Mapping[str, int]) -> Step:
    """Return the step of an extent, or of the channels, of the output.

    >>> volume_step("D2", "filters", {"D2": 96, "filters": 96}).value
    96
    """
    return Step(
        topic="volume",
        symbol=symbol,
        formula=formula,
        numbers=filled(formula, numbers),
        value=numbers[symbol],
    )


def unchanged(output: Volume, *volumes: Volume) -> list[Step]:
    """Return the steps of an output volume that is the input's."""
    numbers = symbols(output, *volumes)
    pairs = zip(letters(output, 2), letters(volumes[0], 1), strict=True)
    return [volume_step(after, before, numbers) for after, before in pairs]


def counted(
    layer: AbstractLayer,
    formulas: Mapping[str, str],
    numbers: Mapping[str, int],
    output: Volume,
    *volumes: Volume,
) -> list[Step]:
    """Return a step for each learned array and each class of operations of a layer.

    `formulas` are by the names of the arrays and of the classes: `weight`, `bias`, `macs`.
    """

    def step(topic: Topic, symbol: str, name: str, value: int) -> Step:
        formula = formulas[name]
        return Step(
            topic=topic,
            symbol=symbol,
            formula=formula,
            numbers=filled(formula, numbers),
            value=value,
        )

    learned = [
        step(TOPICS.get(name.partition("_")[0], "other"), "", name, math.prod(shape))
        for name, shape in layer.parameters(output, *volumes).items()
    ]
    operations = [
        step("FLOPs", kind, kind, count)
        for kind, count in layer.cost(output, *volumes)._asdict().items()
        if count
    ]
    return learned + operations
