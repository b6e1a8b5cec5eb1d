"""Padding with zeros, cropping, and slices along an axis."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, final

from pydantic import BeforeValidator, WithJsonSchema, model_validator

from cnncalc.errors import VolumeError
from cnncalc.layers.base import Step, Window, Windows, per_axis_text, volume_of
from cnncalc.layers.protocols import Arrays
from cnncalc.layers.reshape import AbstractMove
from cnncalc.layers.setting_types import (
    LARGEST_WINDOW,
    AxisName,
    Count,
    Index,
    Padding,
    whole,
)
from cnncalc.layers.step_builders import letters, symbols, unchanged, volume_step
from cnncalc.layers.volume_axes import CHANNELS, axis_number
from cnncalc.layers.window_definition import pads
from cnncalc.layers.windowed import resolve
from cnncalc.volume import Volume

if TYPE_CHECKING:
    from cnncalc.layers.protocols import Array


def _sides(value: object) -> tuple[int, int]:
    sides = value if isinstance(value, (list, tuple)) else (value, value)
    numbers = tuple(map(whole, sides))
    if len(numbers) != 2 or min(numbers) < 0 or max(numbers) > LARGEST_WINDOW:
        raise ValueError(f"must be one number, or [before, after], from 0 to {LARGEST_WINDOW:,}")
    return numbers


def _no_word(value: object) -> object:
    if isinstance(value, str) and value.isalpha():
        raise ValueError("must be numbers: there is no window that a word could refer to")
    return value


Sides = Annotated[
    tuple[int, int],
    BeforeValidator(_sides),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "minimum": 0},
                {"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 2},
            ]
        }
    ),
]
Margin = Annotated[Padding, BeforeValidator(_no_word)]


def _margins(margin: Any, volume: Volume) -> list[tuple[int, int]]:
    """Return the margin before and after each axis; for a vector there are no axes."""
    if margin == 0 and not volume.extents:
        return []
    return [(int(w.before), int(w.after)) for w in resolve(volume, 1, 1, margin)]


def _phrase(margins: list[tuple[int, int]]) -> str:
    """Return the phrase of the margins: `1 on each side`, or both sides where they differ.

    >>> _phrase([(1, 1), (0, 1)])
    '1x0+1 on the sides'
    """
    same = all(before == after for before, after in margins)
    sides = [f"{b}" if b == a else f"{b}+{a}" for b, a in margins]
    return f"{per_axis_text(sides)} on {'each side' if same else 'the sides'}"


def _steps(output: Volume, *volumes: Volume, margins: list[tuple[int, int]]) -> list[Step]:
    """Return the steps of extents and channels to which margins are added, or taken away."""
    steps = []
    numbers = symbols(output, *volumes)
    names = zip(letters(output, 2), letters(volumes[0], 1), margins, strict=True)
    for after, before, (left, right) in names:
        formula = f"{before} + Pb + Pa" if left >= 0 <= right else f"{before} - Pb - Pa"
        sides = {"Pb": abs(left), "Pa": abs(right)}
        steps.append(volume_step(after, formula if left or right else before, numbers | sides))
    return steps


@final
class Pad(AbstractMove):
    """Zeros around the volume: `padding` along each axis, `channels` along the depth.

    Volume: O = W + Pb + Pa. No operations.
    Source: PyTorch 2.13, torch.nn.ZeroPad2d; of channels: He et al. 2015 (arXiv:1512.03385),
    option A.
    """

    tag = "pad"
    family = "rearrange"
    aliases = (
        *("ZeroPadding", "ZeroPad", "ConstantPad"),
        *("ReflectionPad", "ReplicationPad", "CircularPad", "MirrorPad"),  # of the same volume
    )

    padding: Margin = 0
    channels: Sides = (0, 0)

    def output(self, *volumes: Volume) -> Volume:
        (volume,) = volumes
        margins = _margins(self.padding, volume)
        extents = tuple(w + b + a for w, (b, a) in zip(volume.extents, margins, strict=True))
        return Volume(extents, volume.channels + sum(self.channels))

    def window(self, output: Volume, *volumes: Volume) -> Windows:
        return tuple(Window(1, 1, b, a) for b, a in _margins(self.padding, volumes[0]))

    def forward(self, arrays: Arrays, *inputs: Array) -> Array:
        from cnncalc import kernels

        (x,) = inputs
        margins = _margins(self.padding, volume_of(x))
        return kernels.pad(x, [*margins, self.channels])

    def source(self, index: tuple[int, ...], *shapes: tuple[int, ...]) -> tuple[int, ...]:
        margins = [*pads(shapes[0][:-1], 1, 1, self.padding), self.channels]
        return tuple(i - before for i, (before, _) in zip(index, margins, strict=True))

    def describe(self, output: Volume, *volumes: Volume) -> str:
        margins = _margins(self.padding, volumes[0])
        parts = [f"{_phrase(margins)}"] if any(map(any, margins)) else []
        if any(self.channels):
            before, after = self.channels
            parts.append(f"{before} channels before, {after} after")
        return f"Zeros, {', '.join(parts)}" if parts else "Zeros, none"

    def steps(self, output: Volume, *volumes: Volume) -> list[Step]:
        margins = [*_margins(self.padding, volumes[0]), self.channels]
        return _steps(output, *volumes, margins=margins)


@final
class Crop(AbstractMove):
    """The volume cropped by `padding` on each side, or to the extents of a second input.

    Volume: O = W - Pb - Pa. To a second input the crop is centred; of an odd number of positions
    one more is cropped after than before. No operations.
    Source: Ronneberger et al. 2015 (arXiv:1505.04597), section 2.
    """

    tag = "crop"
    family = "rearrange"
    aliases = ("Cropping", "CenterCrop")
    arity = (1, 2)

    padding: Margin | None = None

    def _margins(self, volumes: tuple[Volume, ...]) -> list[tuple[int, int]]:
        volume = volumes[0]
        if (self.padding is None) != (len(volumes) == 2):
            raise VolumeError(
                "a crop takes either padding or a second input. "
                f"Received {len(volumes)} input(s) and padding {self.padding}."
            )
        if self.padding is not None:
            return _margins(self.padding, volume)
        if len(volume.extents) != len(volumes[1].extents):
            raise VolumeError(f"the axes differ. Received {volume} to crop to {volumes[1]}.")
        return [
            ((w - o) // 2, w - o - (w - o) // 2)
            for w, o in zip(volume.extents, volumes[1].extents, strict=True)
        ]

    def output(self, *volumes: Volume) -> Volume:
        volume = volumes[0]
        margins = self._margins(volumes)
        extents = tuple(w - b - a for w, (b, a) in zip(volume.extents, margins, strict=True))
        if any(o < 1 for o in extents) or any(min(margin) < 0 for margin in margins):
            to = f"to the extents of {volumes[1]}" if len(volumes) == 2 else _phrase(margins)
            raise VolumeError(f"there is too little to crop. Received {volume}, cropped {to}.")
        return Volume(extents, volume.channels)

    def window(self, output: Volume, *volumes: Volume) -> Windows:
        return tuple(Window(1, 1, -b, -a) for b, a in self._margins(volumes))

    def forward(self, arrays: Arrays, *inputs: Array) -> Array:
        from cnncalc import kernels

        volumes = tuple(map(volume_of, inputs))
        return kernels.crop(inputs[0], self._margins(volumes))

    def source(self, index: tuple[int, ...], *shapes: tuple[int, ...]) -> tuple[int, ...]:
        margins = self._margins(tuple(Volume(shape[:-1], shape[-1]) for shape in shapes))
        *place, channel = index
        return (*[i + before for i, (before, _) in zip(place, margins, strict=True)], channel)

    def describe(self, output: Volume, *volumes: Volume) -> str:
        return f"Crop, {_phrase(self._margins(volumes))}" if output.extents else "Crop"

    def steps(self, output: Volume, *volumes: Volume) -> list[Step]:
        margins = [(-before, -after) for before, after in self._margins(volumes)]
        return _steps(output, *volumes, margins=[*margins, (0, 0)])


@final
class Slice(AbstractMove):
    """The part from `start` up to, but not including, `stop` along an axis: usually the channels.

    Volume: along the axis stop - start; without `stop`, up to the end. No operations.
    Source: Ma et al. 2018 (arXiv:1807.11164), section 3, "channel split".
    """

    tag = "slice"
    family = "rearrange"
    aliases = ("StridedSlice", "Narrow")

    start: Index = 0
    stop: Count | None = None
    axis: AxisName = "channels"

    @model_validator(mode="after")
    def _check(self) -> Slice:
        if self.stop is not None and self.stop <= self.start:
            raise ValueError(f"stop ({self.stop}) must be above start ({self.start})")
        return self

    def output(self, *volumes: Volume) -> Volume:
        (volume,) = volumes
        axis = axis_number(self.axis, volume)
        length = volume.shape[axis]
        stop = length if self.stop is None else self.stop
        if not self.start < stop <= length:
            what = CHANNELS if self.axis == CHANNELS else f"{self.axis} positions"
            raise VolumeError(
                f"the input has {what} 0 to {length - 1}. Received start {self.start}, stop {stop}."
            )
        shape = (*volume.shape[:axis], stop - self.start, *volume.shape[axis + 1 :])
        return Volume(shape[:-1], shape[-1])

    def window(self, output: Volume, *volumes: Volume) -> Windows:
        if self.axis == CHANNELS:
            return None
        windows = [Window(1)] * len(output.extents)
        windows[axis_number(self.axis, output)] = Window(1, before=-self.start)
        return tuple(windows)

    def forward(self, arrays: Arrays, *inputs: Array) -> Array:
        from cnncalc import kernels

        (x,) = inputs
        return kernels.part(x, 1 + axis_number(self.axis, volume_of(x)), self.start, self.stop)

    def source(self, index: tuple[int, ...], *shapes: tuple[int, ...]) -> tuple[int, ...]:
        axis = axis_number(self.axis, Volume(shapes[0][:-1], shapes[0][-1]))
        return (*index[:axis], index[axis] + self.start, *index[axis + 1 :])

    def describe(self, output: Volume, *volumes: Volume) -> str:
        last = self.start + output.shape[axis_number(self.axis, output)] - 1
        if self.axis == CHANNELS:
            return f"Channels {self.start} to {last}"
        return f"Positions {self.start} to {last} of the {self.axis}"

    def steps(self, output: Volume, *volumes: Volume) -> list[Step]:
        axis, steps = axis_number(self.axis, output), unchanged(output, output)
        length, symbol = output.shape[axis], letters(output, 2)[axis]
        numbers = {symbol: length, "stop": self.start + length, "start": self.start}
        steps[axis] = volume_step(symbol, "stop - start", numbers)
        return steps
