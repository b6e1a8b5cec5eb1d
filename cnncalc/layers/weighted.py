"""Layers of weighted sums: each output value is one, plus a bias where the layer has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc.layers.base import AbstractLayer, Shapes
from cnncalc.layers.protocols import Arrays, Number, Tensors
from cnncalc.layers.step_builders import letters, product
from cnncalc.volume import Volume

if TYPE_CHECKING:
    from cnncalc.layers.protocols import Array

BIAS_FAN = 100  # biases of a tenth: seen in every result, and small beside the sums


class AbstractWeighted(AbstractLayer):
    """A layer that adds a bias to its sums if its setting `bias` is true."""

    if TYPE_CHECKING:
        bias: bool

    def biases(self, *shape: int) -> Shapes:
        """Return the biases among the learned arrays."""
        return {"bias": shape} if self.bias else {}

    def bias_array(self, arrays: Arrays, *shape: int) -> Array | None:
        """Return the biases for a kernel."""
        return arrays("bias", shape, fan=BIAS_FAN) if self.bias else None

    def sum_formulas(self, weight: str, output: Volume) -> dict[str, str]:
        """Return the formulas of arrays and operations, where each position sums all weights."""
        *places, d2 = letters(output, 2)
        macs, additions = product(*places, weight), product(*places, d2)
        return {"weight": weight, "bias": d2, "macs": macs, "additions": additions}

    def plus_bias(self, total: Number, arrays: Tensors, *index: int) -> Number:
        """Return a sum with the bias at `index` added, by the definition."""
        return total + arrays["bias"][index] if self.bias else total
