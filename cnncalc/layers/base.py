"""The base class of the layer types, and the records that their rules return.

A layer type is one final class on one screen: its fields are its settings, its methods are its
rules. A rule is abstract where leaving it out would count something as zero. Learned arrays and
buffers are none by default, because the contract test compares them with those that `forward`
asks for. Conventions that hold for all layers:

* Volumes are channels last. Arrays are too, with the samples first: `(N, *extents, C)`.
* Weights are stored as `(D2, *K, D1 / groups)`: filters, kernel extents, input channels.
* What an array is counted as is its name's part before the first `_`: `weight` (also
  `weight_depthwise`) as weights, `bias` as biases, any other as `other`.
* Costs are those of one sample. Padding is multiplied like any value.
* The rules are given the output volume first, so that nothing works it out twice.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, ValidationError

from cnncalc.errors import VolumeError
from cnncalc.layers.periodic_windows import (
    Bins,
    Blocks,
    Lines,
    Resampling,
    Strided,
    TransposedWindow,
)
from cnncalc.volume import Volume

if TYPE_CHECKING:
    from cnncalc.layers.protocols import Array, Arrays, Number, Tensor, Tensors

Shapes = dict[str, tuple[int, ...]]

DIMENSIONS = ("", "W", "HW", "THW")  # a letter for each axis, by their number; D is the channels
# What an axis is called, and what one position of it is.
AXES = ((), ("length",), ("height", "width"), ("depth", "height", "width"))
LINES = ((), ("position",), ("row", "column"), ("frame", "row", "column"))

Family = Literal[
    "convolution",  # transposed, depthwise, separable and locally connected ones too
    "dense",  # each unit sees all values of the input, or all channels of a position
    "attention",  # products of computed matrices
    "norm",
    "pool",
    "activation",
    "elementwise",  # other arithmetic on each value by itself
    "regularization",  # active in training only: the identity at inference
    "view",  # the input's memory under another shape
    "rearrange",  # copies of the input's values, and zeros, at other positions or channels
    "resample",  # interpolation between the input's values
    "merge",  # several inputs
]


class Cost(NamedTuple):
    """Operations by class. `macs` are products that are added to a sum.

    Units: operations, for one sample when a layer returns it. `additions` has subtractions
    too; `functions` are exp, log, power, root, erf and tanh.
    """

    macs: int = 0
    multiplications: int = 0
    additions: int = 0
    divisions: int = 0
    comparisons: int = 0
    functions: int = 0

    def plus(self, other: Cost) -> Cost:
        """Return the sum, class by class.

        >>> Cost(macs=2).plus(Cost(macs=1, additions=4)).macs
        3
        """
        return Cost(*map(int.__add__, self, other))

    def times(self, factor: int) -> Cost:
        """Return the cost of doing this `factor` times."""
        return Cost(*[factor * count for count in self])

    @property
    def others(self) -> int:
        """Return the number of all operations but the multiply-accumulates."""
        return sum(self) - self.macs


class Window(NamedTuple):
    """A sliding window: the inputs of one output unit along one axis.

    The unit at output position o sees `kernel` units, `dilation` apart, the first of them at
    `o * stride - before`. It answers what `periodic_windows` ask of every window.
    """

    kernel: int
    stride: int = 1
    before: int = 0
    after: int = 0
    dilation: int = 1

    @property
    def phases(self) -> int:
        """Return 1: all units are alike."""
        return 1

    @property
    def advance(self) -> int:
        """Return how many inputs further on the next unit begins."""
        return self.stride

    @property
    def spacing(self) -> int:
        """Return the distance from one input of a unit to the next."""
        return self.dilation

    @property
    def most(self) -> int:
        """Return how many inputs a unit sees."""
        return self.kernel

    def taps(self, unit: int) -> tuple[int, int]:
        """Return the first input that a unit sees, and how many.

        >>> Window(3, stride=2, before=1).taps(5)
        (9, 3)
        """
        return unit * self.stride - self.before, self.kernel

    @property
    def lines(self) -> Lines:
        """Return the lines on which the first and the last input lie."""
        first = Fraction(-self.before)
        last = first + (self.kernel - 1) * self.dilation
        return Lines(Fraction(self.stride), (first, first), (last, last))


class Everything:
    """The window of a layer whose every output sees the whole input (fc, global pools)."""


class Scattered:
    """The window of a layer whose outputs each see one unit, on no regular grid (flatten)."""


class Nothing:
    """The window of a layer whose outputs see nothing of the input (learned)."""


AxisWindow = Window | TransposedWindow | Resampling | Bins | Blocks | Strided
Windows = tuple[AxisWindow, ...] | type[Everything] | type[Scattered] | type[Nothing] | None


Topic = Literal["volume", "inputs", "weights", "biases", "other", "FLOPs"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One line of working: `symbol = formula = numbers = value`."""

    topic: Topic
    symbol: str  # W2, D2; inputs; a class of operations; nothing for a learned array
    formula: str  # in the lecture's symbols
    numbers: str  # the formula with the numbers put in; digits, `·` for times; exactly `value`
    value: int | Fraction  # a Fraction where a window does not tile
    rounding: Literal["", "floor", "ceil"] = ""  # how the result comes from such a value
    note: str = ""

    @property
    def result(self) -> int:
        """Return the whole number that the step leads to.

        >>> step = Step(topic="volume", symbol="W2", formula="", numbers="", value=Fraction(109, 2))
        >>> step.result
        54
        """
        return math.ceil(self.value) if self.rounding == "ceil" else math.floor(self.value)


class AbstractLayer(BaseModel):
    """A layer type: its settings as fields, its rules as methods.

    Class attributes:
        tag: its name in a file.
        family: the kind of layer that it is.
        aliases: its names in other frameworks and in papers, if they differ from its tag by more
            than package, dimensions, capitals and underscores (`bare_name`): Conv2d and
            nn.Conv2d are conv without an alias.
        row: whether it has a row of its own in the usual table.
        in_place: whether `forward` writes its result over its input under
            `kernels.overwriting`.
        arity: the fewest and the most inputs.
        crops: whether some of its products land outside its output: MACs that its `value` lacks.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    tag: ClassVar[str]
    family: ClassVar[Family]
    aliases: ClassVar[tuple[str, ...]] = ()
    row: ClassVar[bool] = True
    in_place: ClassVar[bool] = False
    arity: ClassVar[tuple[int, int]] = (1, 1)
    crops: ClassVar[bool] = False

    def __init__(self, **settings: Any) -> None:
        try:
            super().__init__(**settings)
        except ValidationError as error:
            from cnncalc.layers.setting_errors import settings_error

            raise settings_error(type(self), error) from None

    @property
    def merges(self) -> bool:
        """Return whether a unit sees what the same unit of any of several inputs sees.

        The second input of an upsampling or a crop gives extents alone.
        """
        return self.family == "merge"

    @classmethod
    def needs_settings(cls) -> bool:
        """Return whether a file must give settings beside the tag."""
        return any(field.is_required() for field in cls.model_fields.values())

    @abstractmethod
    def output(self, *volumes: Volume) -> Volume:
        """Return the output volume. Raises: VolumeError if the inputs do not fit."""

    def parameters(self, output: Volume, *volumes: Volume) -> Shapes:
        """Return the learned arrays: name to shape. `weight` and `bias` are counted as such."""
        return {}

    def buffers(self, output: Volume, *volumes: Volume) -> Shapes:
        """Return the arrays that are kept but not learned: name to shape."""
        return {}

    @abstractmethod
    def cost(self, output: Volume, *volumes: Volume) -> Cost:
        """Return the operations for one sample, by class."""

    def fan_in(self, output: Volume, *volumes: Volume) -> int | None:
        """Return how many input values each output value is a weighted sum of.

        Zeros of the padding count. None where output values are no such sums, or not all of
        equally many: only where there is a number, it times the output's values gives the MACs.
        """
        return None

    @abstractmethod
    def window(self, output: Volume, *volumes: Volume) -> Windows:
        """Return an output unit's inputs: a window for each axis, Everything, Scattered, Nothing.

        None: the unit at the same position alone.
        """

    @abstractmethod
    def forward(self, arrays: Arrays, *inputs: Array) -> Array:
        """Return the result for arrays of shape `(N, *extents, C)`, computed by `kernels`.

        Shapes of arrays follow from the settings and the inputs' shapes, never from
        `parameters`, so that running the layer checks that rule.
        """

    @abstractmethod
    def value(self, index: tuple[int, ...], arrays: Tensors, *inputs: Tensor) -> Number:
        """Return the output value at `index` (position, then channel) by the definition.

        Inputs are single samples. It shares no code with `kernels` and `arithmetic`, which are
        verified against it.
        """

    def is_view(self, output: Volume, *volumes: Volume) -> bool:
        """Return whether the result is the input's memory, which adds no values."""
        return self.family in ("view", "regularization")

    def between(self, output: Volume, *volumes: Volume) -> tuple[Volume, ...]:
        """Return the volumes that the layer itself makes and reads, in the order of its operations.

        None for a layer of one operation. Of several, each reads what the one before it made.
        """
        return ()

    def common(self, arrays: Tensors, *inputs: Tensor) -> Any:
        """Return a value common to many outputs of a sample; `value` reads it as `arrays.shared`.

        (The name `shared` is taken by a setting of prelu.)
        """
        return None

    @abstractmethod
    def describe(self, output: Volume, *volumes: Volume) -> str:
        """Return the layer in the words of the lecture: `96 11x11 filters at stride 4, pad 0`."""

    @abstractmethod
    def steps(self, output: Volume, *volumes: Volume) -> list[Step]:
        """Return the arithmetic of volume, learned values and cost, step by step."""


def learned(layer: AbstractLayer, output: Volume, volumes: Sequence[Volume]) -> Shapes:
    """Return all arrays that a layer keeps, the learned ones and the buffers: name to shape."""
    return layer.parameters(output, *volumes) | layer.buffers(output, *volumes)


def volume_of(x: Array) -> Volume:
    """Return the volume of the samples in an array of shape `(N, *extents, C)`."""
    return Volume(x.shape[1:-1], x.shape[-1])


def require_divisor(setting: str, divisor: int, volume: Volume) -> None:
    """Check that a setting divides the channels. Raises: VolumeError if it does not."""
    if volume.channels % divisor:
        raise VolumeError(
            f"{setting} must divide the input's channels. Received {setting} {divisor} and "
            f"{volume.channels} channels. Use a divisor of {volume.channels}."
        )


def axes(value: int | tuple[int, ...], count: int, what: str) -> tuple[int, ...]:
    """Return `value` as one number per axis.

    Raises: VolumeError if it has a number for another number of axes.

    >>> axes(3, 2, "kernel"), axes((3, 5), 2, "kernel")
    ((3, 3), (3, 5))
    """
    if isinstance(value, int):
        return (value,) * count
    if len(value) != count:
        raise VolumeError(
            f"{what} has a number for each of {len(value)} axes, but the input has {count}. "
            f"Received {'x'.join(map(str, value))}. Give one number, or {count}."
        )
    return value


def extents_text(extents: Sequence[int]) -> str:
    """Return extents as text.

    >>> extents_text((11, 11)), extents_text((1, 7))
    ('11x11', '1x7')
    """
    return "x".join(map(str, extents))


def per_axis_text(numbers: Sequence[int | str]) -> str:
    """Return one number if every axis has the same, else one for each axis.

    >>> per_axis_text((2, 2)), per_axis_text((1, 2))
    ('2', '1x2')
    """
    return str(numbers[0]) if len(set(numbers)) == 1 else "x".join(map(str, numbers))
