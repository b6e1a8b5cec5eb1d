"""Attention: each position takes a weighted mean of others, by how alike they are."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from itertools import product as places
from typing import TYPE_CHECKING, Any, final

from pydantic import model_validator

from cnncalc.errors import VolumeError
from cnncalc.layers.base import (
    AXES,
    AbstractLayer,
    AxisWindow,
    Cost,
    Everything,
    Shapes,
    Step,
    Windows,
    axes,
    extents_text,
)
from cnncalc.layers.channel_norm import LEAST_LENGTH
from cnncalc.layers.periodic_windows import Blocks, Strided
from cnncalc.layers.protocols import Arrays, Number, Tensor, Tensors
from cnncalc.layers.setting_types import Boolean, Count, PerAxis, PerAxisOrZero
from cnncalc.layers.step_builders import counted, filled, letters, product, symbols, volume_step
from cnncalc.layers.window_definition import zero
from cnncalc.volume import Volume

if TYPE_CHECKING:
    from cnncalc.layers.protocols import Array

TABLE_FAN = 100  # variance 1/100 of a learned table: small beside the scores
MASKED = -100.0  # added to the score of a position of another window, as torchvision 0.28 does
LARGEST_SCALE = 100.0  # of a learned scale of cosines: Liu et al. 2021 (arXiv:2111.09883), 3.2


@final
class Attention(AbstractLayer):
    """softmax(Q·Kᵀ/√d)·V in each of `heads` groups of d channels.

    Inputs: one with Q, K and V side by side in its channels, or Q, K and V; then perhaps a table
    of biases by the distance of two positions, `(2w - 1) x … x heads`.
    Volume: Q's extents, V's channels.
    A position attends to all, or to those in its window of `window_size` (with `grid` to
    those as far apart as there are windows). `shift` moves the windows, which go on behind the
    border, where they are masked. `relative` learns the table; `cosine` compares directions, times
    a learned scale.
    Learned: table `(2w - 1, …, heads)` if `relative`, logit_scale `(heads,)` if `cosine`.
    MACs: with N positions and n that each attends to, N·n·DQ + N·n·DV, the two products.
    Operations: N·DQ multiplications to scale Q; for each of the heads·N·n scores a softmax, and
    1 addition with a table, 1 with a mask. With `cosine` the lengths of Q and K, and their scale.
    Source: Vaswani et al. 2017 (arXiv:1706.03762), section 3.2; windows: Liu et al. 2021
    (arXiv:2103.14030), 3.2; grid: Tu et al. 2022 (arXiv:2204.01697), 3.2.

    >>> Attention(heads=12).cost(Volume((197,), 768), Volume((197,), 2304)).macs
    59610624
    """

    tag = "attention"
    family = "attention"
    aliases = ("MultiheadAttention", "ScaledDotProductAttention")
    arity = (1, 4)

    heads: Count
    window_size: PerAxis | None = None
    grid: Boolean = False
    shift: PerAxisOrZero = 0
    relative: Boolean = False
    cosine: Boolean = False

    @model_validator(mode="after")
    def _check(self) -> Attention:
        if self.window_size is None and (self.shift or self.relative or self.grid):
            raise ValueError("shift, relative and grid need a window_size")
        if self.shift and self.grid:
            raise ValueError("a grid is not shifted")
        return self

    def _sides(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """Return the window along each axis. Raises: VolumeError if it does not divide it."""
        assert self.window_size is not None
        sides = axes(self.window_size, len(shape), "window_size")
        for side, extent, axis in zip(sides, shape, AXES[len(shape)], strict=True):
            if extent % side:
                more = -extent % side
                raise VolumeError(
                    f"a window of {side} does not divide {extent} along the {axis}. Use an input "
                    f"that it divides, or pad by {more}."
                )
        return sides

    def _shifts(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """Return the shift along each axis; where one window covers it there is none."""
        sides, shifts = self._sides(shape), axes(self.shift, len(shape), "shift")
        return tuple(s % w if w < n else 0 for s, w, n in zip(shifts, sides, shape, strict=True))

    def _has_table(self, inputs: int) -> bool:
        return self.relative or inputs in (2, 4)

    def _attended(self, *volumes: Volume) -> int:
        """Return how many positions each position attends to."""
        if self.window_size is not None:
            return math.prod(self._sides(volumes[0].extents))
        return volumes[1 if len(volumes) > 2 else 0].positions

    def _depths(self, *volumes: Volume) -> tuple[int, int]:
        """Return the channels of Q and of V."""
        if len(volumes) > 2:
            return volumes[0].channels, volumes[2].channels
        return (volumes[0].channels // 3,) * 2

    def output(self, *volumes: Volume) -> Volume:
        q = volumes[0]
        if not q.extents:
            raise VolumeError(f"attention needs positions. Received {q}.")
        if len(volumes) <= 2:
            if q.channels % (3 * self.heads):
                raise VolumeError(
                    f"the channels of Q, K and V together must be a multiple of 3·heads. Received "
                    f"{q.channels} channels and {self.heads} heads."
                )
        else:
            k, v = volumes[1:3]
            windowed = self.window_size is not None and k.extents != q.extents
            if k.extents != v.extents or k.channels != q.channels or windowed:
                raise VolumeError(
                    "K needs Q's channels and V's extents, and with windows Q's. "
                    f"Received Q {q}, K {k} and V {v}."
                )
            if q.channels % self.heads or v.channels % self.heads:
                raise VolumeError(
                    f"heads must divide the channels. Received {self.heads} heads, Q with "
                    f"{q.channels} channels and V with {v.channels}."
                )
        if self.window_size is not None:
            self._sides(q.extents)
        if len(volumes) in (2, 4):
            self._check_table(q, volumes[-1])
        return Volume(q.extents, self._depths(*volumes)[1])

    def _check_table(self, q: Volume, table: Volume) -> None:
        if self.window_size is None or self.relative:
            raise VolumeError("a table of biases goes with a window, and not beside relative.")
        needed = self._table_shape(q.extents)
        if table.shape != needed:
            raise VolumeError(
                f"the table of biases must be {extents_text(needed)}. Received {table}."
            )

    def _table_shape(self, extents: tuple[int, ...]) -> tuple[int, ...]:
        return (*(2 * side - 1 for side in self._sides(extents)), self.heads)

    def parameters(self, output: Volume, *volumes: Volume) -> Shapes:
        shapes: Shapes = {}
        if self.relative:
            shapes["table"] = self._table_shape(volumes[0].extents)
        return shapes | ({"logit_scale": (self.heads,)} if self.cosine else {})

    def between(self, output: Volume, *volumes: Volume) -> tuple[Volume, ...]:
        return (Volume((output.positions, self._attended(*volumes)), self.heads),)

    def cost(self, output: Volume, *volumes: Volume) -> Cost:
        positions, n, heads = output.positions, self._attended(*volumes), self.heads
        depth, values = self._depths(*volumes)
        scores = heads * positions * n
        biases = self._has_table(len(volumes)) + self._masks(volumes[0].extents)
        cost = Cost(
            macs=positions * n * (depth + values),
            additions=scores * (2 + biases) - heads * positions,
            comparisons=scores - heads * positions,
            functions=scores,
            divisions=scores,
        )
        if not self.cosine:
            return cost.plus(Cost(multiplications=positions * depth))
        vectors = heads * (positions + volumes[1 if len(volumes) > 2 else 0].positions)
        each = depth // heads
        length = Cost(multiplications=each, additions=each - 1, divisions=each)
        lengths = length.plus(Cost(comparisons=1, functions=1)).times(vectors)
        scale = Cost(multiplications=scores, functions=heads, comparisons=heads)
        return cost.plus(lengths).plus(scale)

    def _masks(self, extents: tuple[int, ...]) -> bool:
        return self.window_size is not None and any(self._shifts(extents))

    def window(self, output: Volume, *volumes: Volume) -> Windows:
        if self.window_size is None:
            return Everything
        extents = volumes[0].extents
        sides = self._sides(extents)
        windows: list[AxisWindow] = []
        for n, side, shift in zip(extents, sides, self._shifts(extents), strict=True):
            windows.append(Strided(n, side) if self.grid else Blocks(side, shift))
        return tuple(windows)

    def forward(self, arrays: Arrays, *inputs: Array) -> Array:
        from cnncalc import kernels

        x = inputs[0]
        if len(inputs) > 2:
            q, k, v = inputs[:3]
        else:
            q, k, v = (part.copy() for part in kernels.thirds(x))
        extents = x.shape[1:-1]
        table = scale = None
        if self.relative:
            table = arrays("table", self._table_shape(extents), fan=TABLE_FAN)[None]
        elif len(inputs) in (2, 4):
            table = inputs[-1]
        if self.cosine:
            scale = arrays("logit_scale", (self.heads,), fan=TABLE_FAN, centre=2)
        windowed = self.window_size is not None
        windows = kernels.AttentionWindows(
            sides=self._sides(extents) if windowed else extents,
            shifts=self._shifts(extents) if windowed else (0,) * len(extents),
            grid=self.grid,
        )
        return kernels.attention(
            (q, k, v),
            heads=self.heads,
            windows=windows if windowed else None,
            table=table,
            scale=scale,
        )

    def attended(self, place: Sequence[int], extents: Sequence[int]) -> list[tuple[int, ...]]:
        """Return the positions that one attends to, by the definition, in order.

        With a shift, the windows begin at it, and the last one goes on at the beginning.
        """
        if self.window_size is None:
            return list(places(*map(range, extents)))
        along = []
        rows = zip(
            place, extents, self._sides(tuple(extents)), self._shifts(tuple(extents)), strict=True
        )
        for at, n, side, shift in rows:
            if self.grid:
                along.append([at % (n // side) + j * (n // side) for j in range(side)])
            else:
                first = (at - shift) % n // side * side
                along.append([(first + j + shift) % n for j in range(side)])
        return list(places(*along))

    def common(self, arrays: Tensors, *inputs: Tensor) -> Any:
        """Return a function of position and head: the weights of the positions attended to."""
        x, keys = inputs[0], inputs[1 if len(inputs) > 2 else 0]
        fused = len(inputs) <= 2
        depth = x.shape[-1] // (3 if fused else 1)
        each, extents = depth // self.heads, x.shape[:-1]
        table = arrays["table"] if self.relative else inputs[-1] if len(inputs) in (2, 4) else None
        scales: dict[int, Number] = {}

        def vector(source: Tensor, place: tuple[int, ...], head: int, offset: int) -> Number:
            first = offset + head * each
            found: Number = source[(*place, slice(first, first + each))]
            if not self.cosine:
                return found
            return found / (found * found).sum().root().maximum(LEAST_LENGTH)

        @cache
        def key(place: tuple[int, ...], head: int) -> Number:
            return vector(keys, place, head, depth * fused)

        @cache
        def weights(place: tuple[int, ...], head: int) -> list[tuple[tuple[int, ...], Number]]:
            query = vector(x, place, head, 0)
            if self.cosine:
                if head not in scales:
                    bounded = arrays["logit_scale"][head].minimum(math.log(LARGEST_SCALE))
                    scales[head] = bounded.exp()
            else:
                query = query * each**-0.5
            near = self.attended(place, keys.shape[:-1])
            scores = []
            for other in near:
                score = query.dot(key(other, head))
                if self.cosine:
                    score = score * scales[head]
                if table is not None:
                    score = score + table[(*self._distance(place, other, extents), head)]
                if self._masks(extents):
                    score = score + self._mask(place, other, extents)
                scores.append(score)
            most = scores[0]
            for score in scores[1:]:
                most = most.maximum(score)
            powers = [(score - most).exp() for score in scores]
            total = powers[0]
            for power in powers[1:]:
                total = total + power
            return [(other, power / total) for other, power in zip(near, powers, strict=True)]

        return weights

    def _coordinates(self, place: Sequence[int], extents: tuple[int, ...]) -> list[int]:
        """Return where a position is in its window, by the definition."""
        rows = zip(place, extents, self._sides(extents), self._shifts(extents), strict=True)
        if self.grid:
            return [at // (n // side) for at, n, side, _ in rows]
        return [(at - shift) % n % side for at, n, side, shift in rows]

    def _distance(
        self, place: Sequence[int], other: Sequence[int], extents: tuple[int, ...]
    ) -> tuple[int, ...]:
        """Return the index in the table of biases, from 0 on, by the definition."""
        one, two = (self._coordinates(each, extents) for each in (place, other))
        sides = self._sides(extents)
        return tuple(a - b + side - 1 for a, b, side in zip(one, two, sides, strict=True))

    def _mask(self, place: Sequence[int], other: Sequence[int], extents: tuple[int, ...]) -> float:
        """Return the number added to a score, by the definition: below 0 across the border."""
        rows = zip(place, other, extents, self._sides(extents), self._shifts(extents), strict=True)
        for at, to, n, side, shift in rows:
            moved = [(i - shift) % n for i in (at, to)]
            parted = len({i >= n - shift for i in moved}) > 1
            if shift and parted and min(moved) >= n - side:
                return MASKED
        return 0.0

    def value(self, index: tuple[int, ...], arrays: Tensors, *inputs: Tensor) -> Number:
        *place, channel = index
        values, offset = inputs[0], 2 * (inputs[0].shape[-1] // 3)
        if len(inputs) > 2:
            values, offset = inputs[2], 0
        depth = values.shape[-1] // (3 if offset else 1)
        head = channel // (depth // self.heads)
        total = zero(values)
        for other, weight in arrays.shared(tuple(place), head):
            total = total + weight * values[(*other, offset + channel)]
        return total

    def describe(self, output: Volume, *volumes: Volume) -> str:
        text = f"Attention, {self.heads} head{'s' * (self.heads > 1)}"
        if self.window_size is None:
            return text
        sides = extents_text(axes(self.window_size, len(output.extents), "window_size"))
        text += f", {sides} {'grid' if self.grid else 'windows'}"
        shifts = self._shifts(volumes[0].extents)
        return text + (f" shifted by {max(shifts)}" if any(shifts) else "")

    def steps(self, output: Volume, *volumes: Volume) -> list[Step]:
        q = volumes[0]
        fused = len(volumes) <= 2
        depth, values = self._depths(*volumes)
        numbers = symbols(output, q)
        numbers |= {"n": self._attended(*volumes), "heads": self.heads, "DQ": depth, "DV": values}
        numbers["M"] = volumes[0 if fused else 1].positions
        *after, d2 = letters(output, 2)
        shape = [
            volume_step(two, one, numbers)
            for two, one in zip(after, letters(q, 1)[:-1], strict=True)
        ]
        scores = product("heads", *after, "n")
        queries = product("heads", *after)
        biases = 2 + self._has_table(len(volumes)) + self._masks(q.extents)
        each = "DQ/heads"
        formulas = {
            "macs": "",  # the two products, below
            "multiplications": product(*after, "DQ"),
            "additions": f"{product(biases, scores)} - {queries}",
            "comparisons": f"{scores} - {queries}",
            "functions": scores,
            "divisions": scores,
            "logit_scale": "heads",
        }
        if self.cosine:
            vectors = f"({queries} + heads·M)"
            formulas["multiplications"] = f"{vectors}·{each} + {scores}"
            formulas["additions"] += f" + {vectors}·({each} - 1)"
            formulas["comparisons"] += f" + {vectors} + heads"
            formulas["functions"] += f" + {vectors} + heads"
            formulas["divisions"] += f" + {vectors}·{each}"
        if self.relative:
            sides = self._sides(q.extents)
            formulas["table"] = product(*[f"(2·{side} - 1)" for side in sides], "heads")
        steps = counted(self, formulas, numbers, output, *volumes)
        at = next(i for i, step in enumerate(steps) if step.symbol == "macs")
        positions = output.positions * numbers["n"]
        for channels, note in (
            ("DV", "weights · V"),
            ("DQ", f"Q · Kᵀ, n = {numbers['n']} attended to"),
        ):
            formula = product(*after, "n", channels)
            step = Step(
                topic="FLOPs",
                symbol="macs",
                formula=formula,
                numbers=filled(formula, numbers),
                value=positions * numbers[channels],
                note=note,
            )
            steps.insert(at, step)
        del steps[at + 2]
        return [*shape, volume_step(d2, "D1/3" if fused else "DV", numbers), *steps]
