"""Layers whose output values are weighted sums plus a bias."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

from cnncalc.layers.base import AbstractLayer, Shapes
from cnncalc.layers.protocols import Arrays, Number, Tensors
from cnncalc.layers.step_builders import letters, product
from cnncalc.volume import Volume

if TYPE_CHECKING:
    from cnncalc.layers.protocols import Array

BIAS_FAN = 100  # variance 1/100: large enough to show in every result, small beside the sums


class AbstractWeighted(AbstractLayer):
    """A layer of weighted sums, to which a bias is added if its setting `bias` is true."""

    if TYPE_CHECKING:
        bias: bool

    def biases(self, *shape: int) -> Shapes:
        """Return the learned biases: name to shape; none if the layer has none."""
        return {"bias": shape} if self.bias else {}

    def bias_array(self, arrays: Arrays, *shape: int) -> Array | None:
        """Return the array of biases; None if the layer has none."""
        return arrays("bias", shape, fan=BIAS_FAN) if self.bias else None

    def sum_formulas(self, weight: str, output: Volume) -> dict[str, str]:
        """Return the formulas of arrays and operations, where each position uses every weight."""
        *places, d2 = letters(output, 2)
        macs, additions = product(*places, weight), product(*places, d2)
        return {"weight": weight, "bias": d2, "macs": macs, "additions": additions}

    def plus_bias(self, total: Number, arrays: Tensors, *index: int) -> Number:
        """Return a sum plus the bias at `index`, if the layer has biases."""
        return total + arrays["bias"][index] if self.bias else total


class AbstractFixable(AbstractWeighted):
    """A layer of weighted sums whose arrays are given and not learned where `fixed` is true."""

    if TYPE_CHECKING:
        fixed: bool

    @abstractmethod
    def array_shapes(self, output: Volume, *volumes: Volume) -> Shapes:
        """Return the arrays of weights and biases: name to shape."""

    def parameters(self, output: Volume, *volumes: Volume) -> Shapes:
        return {} if self.fixed else self.array_shapes(output, *volumes)

    def buffers(self, output: Volume, *volumes: Volume) -> Shapes:
        return self.array_shapes(output, *volumes) if self.fixed else {}
