"""Products of two computed matrices."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

from cnncalc.errors import VolumeError
from cnncalc.layers.base import AbstractLayer, Cost, Everything, Step, Window, Windows
from cnncalc.layers.protocols import Arrays, Number, Tensor, Tensors
from cnncalc.layers.setting_types import Boolean
from cnncalc.layers.step_builders import counted, letters, product, symbols, volume_step
from cnncalc.layers.window_definition import zero
from cnncalc.volume import Volume

if TYPE_CHECKING:
    from cnncalc.layers.protocols import Array


@final
class Matmul(AbstractLayer):
    """The matrix product of two inputs, whose rows are positions and whose columns are channels.

    Volume: rows of the first, columns of the second (its rows if `transposed`); extents before
    the last one are the same in both, a matrix for each.
    MACs: output values times the first input's channels.
    Source: ONNX operator MatMul; Vaswani et al. 2017 (arXiv:1706.03762), equation 1.
    """

    tag = "matmul"
    family = "attention"
    aliases = ("Bmm", "BatchMatMul", "Dot")
    arity = (2, 2)

    transposed: Boolean = False

    def output(self, *volumes: Volume) -> Volume:
        one, other = volumes
        rows, columns = other.extents[-1:], other.channels
        inner = (columns,) if self.transposed else rows
        if not rows or one.extents[:-1] != other.extents[:-1] or inner != (one.channels,):
            what = "channels" if self.transposed else "rows (its last extent)"
            raise VolumeError(
                f"the second input must have as many {what} as the first has channels, and the "
                f"same extents before. Received {one} and {other}."
            )
        return Volume(one.extents, rows[0] if self.transposed else columns)

    def cost(self, output: Volume, *volumes: Volume) -> Cost:
        return Cost(macs=output.size * volumes[0].channels)

    def fan_in(self, output: Volume, *volumes: Volume) -> int:
        return volumes[0].channels

    def window(self, output: Volume, *volumes: Volume) -> Windows:
        """Return the window on the second input: all rows of the same matrix."""
        *around, rows = volumes[1].extents
        return (*[Window(1)] * len(around), Window(rows, stride=0)) if around else Everything

    def forward(self, arrays: Arrays, *inputs: Array) -> Array:
        from cnncalc import kernels

        one, other = inputs
        return kernels.matrix_product(one, other.swapaxes(-1, -2) if self.transposed else other)

    def value(self, index: tuple[int, ...], arrays: Tensors, *inputs: Tensor) -> Number:
        one, other = inputs
        *place, column = index
        total = zero(one)
        for k in range(one.shape[-1]):
            at = (*place[:-1], column, k) if self.transposed else (*place[:-1], k, column)
            total = total + one[(*place, k)] * other[at]
        return total

    def describe(self, output: Volume, *volumes: Volume) -> str:
        return "Product of 2 matrices" + ", the second transposed" * self.transposed

    def steps(self, output: Volume, *volumes: Volume) -> list[Step]:
        numbers = symbols(output, volumes[0])
        *places, d2 = letters(output, 2)
        rows = zip(places, letters(output, 1)[:-1], strict=True)
        extents = [volume_step(after, before, numbers) for after, before in rows]
        columns = "rows" if self.transposed else "columns"
        numbers[columns] = output.channels
        formulas = {"macs": product(*places, "D1", d2)}
        return [
            *extents,
            volume_step(d2, f"{columns}", numbers),
            *counted(self, formulas, numbers, output, *volumes),
        ]
