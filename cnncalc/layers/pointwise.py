"""Layers that make each value from the one value in its place."""

from __future__ import annotations

from abc import abstractmethod

from cnncalc.layers.base import AbstractLayer, Cost, Shapes, Step, Windows
from cnncalc.layers.step_builders import learned, letters, operations, product, symbols, unchanged
from cnncalc.volume import Volume


class AbstractPointwise(AbstractLayer):
    """A layer that leaves the volume as it is and does the same few operations to every value."""

    @abstractmethod
    def per_value(self) -> Cost:
        """Return the operations for one value."""

    def output(self, *volumes: Volume) -> Volume:
        return volumes[0]

    def cost(self, output: Volume, *volumes: Volume) -> Cost:
        return self.per_value().times(output.size)

    def window(self, output: Volume, *volumes: Volume) -> Windows:
        return None

    def steps(self, output: Volume, *volumes: Volume) -> list[Step]:
        numbers = symbols(output, *volumes)
        values = letters(output, 2)
        each = {kind: product(n, *values) for kind, n in self.per_value()._asdict().items()}
        shapes = self.parameters(output, *volumes)
        sizes = {name: product(*["D2"] * (shape != (1,))) for name, shape in shapes.items()}
        return [
            *unchanged(output, *volumes),
            *learned(shapes, sizes, numbers),
            *operations(self.cost(output, *volumes), each, numbers),
        ]


class AbstractFunction(AbstractPointwise):
    """A function of one number, with nothing learned."""

    row = False
    in_place = True

    def parameters(self, output: Volume, *volumes: Volume) -> Shapes:
        return {}

    def buffers(self, output: Volume, *volumes: Volume) -> Shapes:
        return {}
