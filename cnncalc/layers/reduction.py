"""Statistics along axes of a volume: sum, mean, extremes, variance, length."""

from __future__ import annotations

import math
from itertools import product as places
from typing import TYPE_CHECKING, Literal, final

from cnncalc.errors import VolumeError
from cnncalc.layers.base import AbstractLayer, AxisWindow, Cost, Everything, Step, Window, Windows
from cnncalc.layers.protocols import Arrays, Number, Tensor, Tensors
from cnncalc.layers.setting_types import AxisNames
from cnncalc.layers.step_builders import counted, letters, product, symbols, volume_step
from cnncalc.layers.volume_axes import axis_number
from cnncalc.volume import Volume

if TYPE_CHECKING:
    from cnncalc.layers.protocols import Array


@final
class Reduce(AbstractLayer):
    """A statistic of n values along some axes, which stay with length 1.

    Operations, for each output value: sum n - 1 additions; mean these and 1 division; max and
    min n - 1 comparisons; length n multiplications, n - 1 additions and 1 function; variance
    2n - 2 additions and 1 division as two means, n subtractions, n multiplications, 1 division.
    Source: ONNX operators ReduceSum, ReduceMean, ReduceMax, ReduceMin, ReduceL2.
    """

    tag = "reduce"
    family = "pool"
    aliases = ("ReduceMean", "ReduceSum", "ReduceMax")

    of: Literal["sum", "mean", "max", "min", "variance", "length"]
    axes: AxisNames = ("channels",)

    def along(self, volume: Volume) -> tuple[int, ...]:
        """Return the numbers of the axes in a volume's shape. Raises: VolumeError."""
        found = tuple(axis_number(axis, volume) for axis in self.axes)
        if len(set(found)) < len(found):
            raise VolumeError(f"axes names an axis twice. Received {', '.join(self.axes)}.")
        return found

    def reduced(self, volume: Volume) -> int:
        """Return how many values make one."""
        return math.prod(volume.shape[axis] for axis in self.along(volume))

    def output(self, *volumes: Volume) -> Volume:
        (volume,) = volumes
        along = self.along(volume)
        shape = [1 if axis in along else n for axis, n in enumerate(volume.shape)]
        return Volume(tuple(shape[:-1]), shape[-1])

    def cost(self, output: Volume, *volumes: Volume) -> Cost:
        n = self.reduced(*volumes)
        each = {
            "sum": Cost(additions=n - 1),
            "mean": Cost(additions=n - 1, divisions=1),
            "max": Cost(comparisons=n - 1),
            "min": Cost(comparisons=n - 1),
            "length": Cost(multiplications=n, additions=n - 1, functions=1),
            "variance": Cost(multiplications=n, additions=3 * n - 2, divisions=2),
        }
        return each[self.of].times(output.size)

    def window(self, output: Volume, *volumes: Volume) -> Windows:
        (volume,) = volumes
        along, rank = self.along(volume), len(volume.extents)
        if not along or min(along) == rank:
            return None
        if set(range(rank)) <= set(along):
            return Everything
        windows: list[AxisWindow] = []
        for axis, w in enumerate(volume.extents):
            windows.append(Window(w, w) if axis in along else Window(1))
        return tuple(windows)

    def forward(self, arrays: Arrays, *inputs: Array) -> Array:
        from cnncalc import kernels

        (x,) = inputs
        volume = Volume(x.shape[1:-1], x.shape[-1])
        return kernels.reduce(x, self.of, tuple(axis + 1 for axis in self.along(volume)))

    def value(self, index: tuple[int, ...], arrays: Tensors, *inputs: Tensor) -> Number:
        (x,) = inputs
        along = self.along(Volume(x.shape[:-1], x.shape[-1]))
        ranges = [range(n) if axis in along else [index[axis]] for axis, n in enumerate(x.shape)]
        values = [x[place] for place in places(*ranges)]
        if self.of in ("max", "min"):
            found = values[0]
            for value in values[1:]:
                found = found.maximum(value) if self.of == "max" else found.minimum(value)
            return found
        if self.of == "length":
            return _sum([value * value for value in values]).root()
        if self.of == "sum":
            return _sum(values)
        mean = _sum(values) / len(values)
        if self.of == "mean":
            return mean
        spread = [value - mean for value in values]
        return _sum([value * value for value in spread]) / len(values)

    def describe(self, output: Volume, *volumes: Volume) -> str:
        return f"{self.of.capitalize()} over {' and '.join(self.axes)}"

    def steps(self, output: Volume, *volumes: Volume) -> list[Step]:
        (volume,) = volumes
        numbers = symbols(output, volume)
        before, after = letters(volume, 1), letters(output, 2)
        along = self.along(volume)
        shape = [
            volume_step(two, "1" if axis in along else one, numbers)
            for axis, (one, two) in enumerate(zip(before, after, strict=True))
        ]
        n = product(*[before[axis] for axis in along])
        less = f"({n} - 1)" if n != "1" else "0"
        each = {"multiplications": n, "additions": less, "comparisons": less, "functions": "1"}
        each["divisions"] = "2" if self.of == "variance" else "1"
        if self.of == "variance":
            each["additions"] = f"(3·{n} - 2)"
        formulas = {kind: product(*after, formula) for kind, formula in each.items()}
        return [*shape, *counted(self, formulas, numbers, output, volume)]


def _sum(values: list[Number]) -> Number:
    total = values[0]
    for value in values[1:]:
        total = total + value
    return total
