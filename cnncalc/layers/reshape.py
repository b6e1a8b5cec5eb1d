"""Layers that move values to other places, and compute nothing."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, final

from pydantic import BeforeValidator, WithJsonSchema, model_validator

from cnncalc.errors import CnncalcError, VolumeError
from cnncalc.layers.base import (
    LARGEST_WINDOW,
    AbstractLayer,
    Arrays,
    Cost,
    Count,
    Field,
    Fields,
    Index,
    Number,
    Padding,
    Scattered,
    Shapes,
    Step,
    Window,
    Windows,
    alike,
    whole,
)
from cnncalc.layers.taps import pads
from cnncalc.layers.windows import resolve
from cnncalc.layers.working import letters, symbols, unchanged, worked
from cnncalc.volume import Volume

if TYPE_CHECKING:
    from cnncalc.layers.base import Array


def _shape(value: object) -> tuple[int, ...]:
    if isinstance(value, str):
        try:
            return Volume.parse(value).shape
        except CnncalcError as error:
            raise ValueError("must be a volume such as 7x7x512, or a list") from error
    numbers = value if isinstance(value, (list, tuple)) else (value,)
    shape = tuple(map(whole, numbers))
    if not 1 <= len(shape) <= 4 or min(shape) < 1:
        raise ValueError("must be one to four whole numbers of at least 1, the channels last")
    return shape


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


_NUMBERS = {"type": "array", "items": {"type": "integer", "minimum": 1}, "maxItems": 4}
Shape = Annotated[
    tuple[int, ...],
    BeforeValidator(_shape),
    WithJsonSchema({"anyOf": [{"type": "integer", "minimum": 1}, {"type": "string"}, _NUMBERS]}),
]
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


class AbstractMove(AbstractLayer):
    """A layer whose values are values of its input, and zeros: no operations, nothing learned."""

    @abstractmethod
    def source(self, index: tuple[int, ...], *shapes: tuple[int, ...]) -> tuple[int, ...]:
        """Return the index of the input's value that stands at `index` of the output."""

    def parameters(self, output: Volume, *volumes: Volume) -> Shapes:
        return {}

    def buffers(self, output: Volume, *volumes: Volume) -> Shapes:
        return {}

    def cost(self, output: Volume, *volumes: Volume) -> Cost:
        return Cost()

    def value(self, index: tuple[int, ...], arrays: Fields, *inputs: Field) -> Number:
        *place, channel = self.source(index, *[x.shape for x in inputs])
        return inputs[0].at(place, slice(channel, channel + 1))[0]


def unravel(number: int, shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the index of the `number`-th value of an array, the last axis running fastest.

    >>> unravel(7, (2, 3, 2))
    (1, 0, 1)
    """
    index = []
    for extent in reversed(shape):
        index.append(number % extent)
        number //= extent
    return tuple(reversed(index))


def ravel(index: tuple[int, ...], shape: tuple[int, ...]) -> int:
    """Return the number of the value at `index`, counted from 0, the last axis fastest.

    >>> ravel((1, 0, 1), (2, 3, 2))
    7
    """
    number = 0
    for position, extent in zip(index, shape, strict=True):
        number = number * extent + position
    return number


@final
class Identity(AbstractMove):
    """The values as they are."""

    tag: ClassVar[str] = "identity"
    row = False
    view = True

    def output(self, *volumes: Volume) -> Volume:
        return volumes[0]

    def window(self, output: Volume, *volumes: Volume) -> Windows:
        return None

    def forward(self, arrays: Arrays, *inputs: Array) -> Array:
        return inputs[0]

    def source(self, index: tuple[int, ...], *shapes: tuple[int, ...]) -> tuple[int, ...]:
        return index

    def describe(self, output: Volume, *volumes: Volume) -> str:
        return "Identity"

    def steps(self, output: Volume, *volumes: Volume) -> list[Step]:
        return unchanged(output, *volumes)


@final
class Flatten(AbstractMove):
    """All values in one vector, position by position and the channels of each together."""

    tag: ClassVar[str] = "flatten"
    view = True

    def output(self, *volumes: Volume) -> Volume:
        return Volume((), volumes[0].size)

    def window(self, output: Volume, *volumes: Volume) -> Windows:
        return Scattered

    def forward(self, arrays: Arrays, *inputs: Array) -> Array:
        (x,) = inputs
        return x.reshape(len(x), -1)

    def source(self, index: tuple[int, ...], *shapes: tuple[int, ...]) -> tuple[int, ...]:
        return unravel(index[0], shapes[0])

    def describe(self, output: Volume, *volumes: Volume) -> str:
        return "Flatten"

    def steps(self, output: Volume, *volumes: Volume) -> list[Step]:
        formula = "·".join(letters(volumes[0], 1))
        return [worked("volume", "D2", formula, symbols(output, *volumes), output.channels)]


@final
class Reshape(AbstractMove):
    """The same values in another volume, in the same order (the channels run fastest)."""

    tag: ClassVar[str] = "reshape"
    view = True

    to: Shape

    def output(self, *volumes: Volume) -> Volume:
        (volume,) = volumes
        result = Volume(self.to[:-1], self.to[-1])
        if result.size != volume.size:
            raise VolumeError(
                f"a reshape keeps the number of values. Received {volume}, which has "
                f"{volume.size:,}, and to {result}, which has {result.size:,}."
            )
        return result

    def window(self, output: Volume, *volumes: Volume) -> Windows:
        return Scattered

    def forward(self, arrays: Arrays, *inputs: Array) -> Array:
        (x,) = inputs
        return x.reshape(len(x), *self.to)

    def source(self, index: tuple[int, ...], *shapes: tuple[int, ...]) -> tuple[int, ...]:
        return unravel(ravel(index, self.to), shapes[0])

    def describe(self, output: Volume, *volumes: Volume) -> str:
        return f"Reshape to {output}"

    def steps(self, output: Volume, *volumes: Volume) -> list[Step]:
        return [
            Step("volume", symbol, str(n), str(n), n)
            for symbol, n in zip(letters(output, 2), output.shape, strict=True)
        ]


def _margins(margin: Any, volume: Volume) -> list[tuple[int, int]]:
    """Return the margin before and after along each axis; a vector has none."""
    if margin == 0 and not volume.extents:
        return []
    return [(int(w.before), int(w.after)) for w in resolve(volume, 1, 1, margin)]


def _phrase(margins: list[tuple[int, int]]) -> str:
    """Return `1 on each side`, or both sides where they differ.

    >>> _phrase([(1, 1), (0, 1)])
    '1x0+1 on the sides'
    """
    same = all(before == after for before, after in margins)
    sides = [f"{b}" if b == a else f"{b}+{a}" for b, a in margins]
    return f"{alike(sides)} on {'each side' if same else 'the sides'}"


def _steps(output: Volume, *volumes: Volume, margins: list[tuple[int, int]]) -> list[Step]:
    """Return the working of extents to which margins, the channels' last, are added."""
    steps = []
    numbers = symbols(output, *volumes)
    names = zip(letters(output, 2), letters(volumes[0], 1), output.shape, margins, strict=True)
    for after, before, n, (left, right) in names:
        formula = f"{before} + Pb + Pa" if left >= 0 <= right else f"{before} - Pb - Pa"
        sides = {"Pb": abs(left), "Pa": abs(right)}
        steps.append(
            worked("volume", after, formula if left or right else before, numbers | sides, n)
        )
    return steps


@final
class Pad(AbstractMove):
    """Zeros around the volume: `padding` on each side of the positions, `channels` of the depth.

    Volume: O = W + Pb + Pa.
    """

    tag: ClassVar[str] = "pad"

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
        margins = _margins(self.padding, Volume(x.shape[1:-1], x.shape[-1]))
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
    """The volume without its margin: `padding` a side, or centred on a second's extents.

    Volume: O = W - Pb - Pa. Where an odd number of positions goes, one more goes after.
    """

    tag: ClassVar[str] = "crop"
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

        volumes = tuple(Volume(x.shape[1:-1], x.shape[-1]) for x in inputs)
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
    """The channels from `start` up to, but not including, `stop` (without it: to the end)."""

    tag: ClassVar[str] = "slice"

    start: Index = 0
    stop: Count | None = None

    @model_validator(mode="after")
    def _check(self) -> Slice:
        if self.stop is not None and self.stop <= self.start:
            raise ValueError(f"stop ({self.stop}) must be above start ({self.start})")
        return self

    def output(self, *volumes: Volume) -> Volume:
        (volume,) = volumes
        stop = volume.channels if self.stop is None else self.stop
        if not self.start < stop <= volume.channels:
            raise VolumeError(
                f"the input has channels 0 to {volume.channels - 1}. "
                f"Received start {self.start}, stop {stop}."
            )
        return Volume(volume.extents, stop - self.start)

    def window(self, output: Volume, *volumes: Volume) -> Windows:
        return None

    def forward(self, arrays: Arrays, *inputs: Array) -> Array:
        from cnncalc import kernels

        return kernels.channels(inputs[0], self.start, self.stop)

    def source(self, index: tuple[int, ...], *shapes: tuple[int, ...]) -> tuple[int, ...]:
        return (*index[:-1], index[-1] + self.start)

    def describe(self, output: Volume, *volumes: Volume) -> str:
        return f"Channels {self.start} to {self.start + output.channels - 1}"

    def steps(self, output: Volume, *volumes: Volume) -> list[Step]:
        stop = self.start + output.channels
        *extents, _ = unchanged(output, *volumes)
        numbers = {"stop": stop, "start": self.start}
        return [*extents, worked("volume", "D2", "stop - start", numbers, output.channels)]


@final
class ChannelShuffle(AbstractMove):
    """The channels of `groups` groups interleaved: the first of each, the second of each, ...

    Source: Zhang et al. 2017 (arXiv:1707.01083), section 3.1.
    """

    tag: ClassVar[str] = "channel_shuffle"

    groups: Count

    def output(self, *volumes: Volume) -> Volume:
        (volume,) = volumes
        if volume.channels % self.groups:
            raise VolumeError(
                f"groups must divide the input's channels. Received groups {self.groups} and "
                f"{volume.channels} channels. Use a divisor of {volume.channels}."
            )
        return volume

    def window(self, output: Volume, *volumes: Volume) -> Windows:
        return None

    def forward(self, arrays: Arrays, *inputs: Array) -> Array:
        from cnncalc import kernels

        return kernels.channel_shuffle(inputs[0], self.groups)

    def source(self, index: tuple[int, ...], *shapes: tuple[int, ...]) -> tuple[int, ...]:
        *place, channel = index
        size = shapes[0][-1] // self.groups
        return (*place, channel % self.groups * size + channel // self.groups)

    def describe(self, output: Volume, *volumes: Volume) -> str:
        return f"Channel shuffle, {self.groups} groups"

    def steps(self, output: Volume, *volumes: Volume) -> list[Step]:
        return unchanged(output, *volumes)
