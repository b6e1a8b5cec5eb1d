"""Layers that keep the volume: each position, or each value, by itself."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING

from cnncalc.layers.base import AbstractLayer, Cost, Step, Windows
from cnncalc.layers.protocols import Arrays, Number, Tensor, Tensors
from cnncalc.layers.step_builders import counted, letters, product, symbols, unchanged
from cnncalc.volume import Volume

if TYPE_CHECKING:
    from cnncalc.layers.protocols import Array


class AbstractPositionwise(AbstractLayer):
    """A layer that keeps the volume; each output position depends on the same input position."""

    def output(self, *volumes: Volume) -> Volume:
        return volumes[0]

    def window(self, output: Volume, *volumes: Volume) -> Windows:
        return None


class AbstractPointwise(AbstractPositionwise):
    """A layer that does the same operations to every value."""

    @abstractmethod
    def per_value(self) -> Cost:
        """Return the operations for one value."""

    def cost(self, output: Volume, *volumes: Volume) -> Cost:
        return self.per_value().times(output.size)

    def learned_formula(self, output: Volume, shape: tuple[int, ...]) -> str:
        """Return the formula of a learned array: one value for each channel, or a single one."""
        return product(*["D2"] * (shape != (1,)))

    def steps(self, output: Volume, *volumes: Volume) -> list[Step]:
        numbers = symbols(output, *volumes)
        values = letters(output, 2)
        each = {kind: product(n, *values) for kind, n in self.per_value()._asdict().items()}
        shapes = self.parameters(output, *volumes)
        sizes = {name: self.learned_formula(output, shape) for name, shape in shapes.items()}
        return [
            *unchanged(output, *volumes),
            *counted(self, each | sizes, numbers, output, *volumes),
        ]


class AbstractFunction(AbstractPointwise):
    """A function of one number, with nothing learned."""

    row = False
    in_place = True

    def on_array(self, x: Array) -> Array:
        """Return the function of every value, by the kernel of the tag's name."""
        from cnncalc import kernels

        kernel: Callable[[Array], Array] = getattr(kernels, self.tag)
        return kernel(x)

    @abstractmethod
    def on_number(self, x: Number) -> Number:
        """Return the function of one number, by the definition."""

    def forward(self, arrays: Arrays, *inputs: Array) -> Array:
        return self.on_array(inputs[0])

    def value(self, index: tuple[int, ...], arrays: Tensors, *inputs: Tensor) -> Number:
        return self.on_number(inputs[0][index])
