"""What every layer type must say of itself, and the kinds of value its settings take.

A layer is one final class on one screen. Its fields are its settings, its rules are the
methods that `AbstractLayer` leaves abstract, so that a layer without a rule cannot be
built and nothing is ever silently counted as zero. Conventions that hold for all layers:

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
from fractions import Fraction
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict

from cnncalc.errors import VolumeError
from cnncalc.volume import Volume

if TYPE_CHECKING:
    from cnncalc.layers.protocols import Array, Arrays, Number, Tensor, Tensors

Shapes = dict[str, tuple[int, ...]]

DIMENSIONS = ("", "W", "HW", "THW")  # a letter for each axis, by their number; D is the channels

Family = Literal[
    "convolution",  # weights that slide, or stand apart at each position
    "dense",  # each unit sees all values, or all channels of a position
    "attention",
    "norm",
    "pool",
    "activation",
    "regularization",  # what training changes, and inference hands on as it is
    "view",  # the input's memory, read otherwise
    "rearrange",  # values of the input in other places, copied; nothing is computed
    "resample",  # values between those of the input
    "merge",
]


class Cost(NamedTuple):
    """Operations by class. `macs` are products of a value and a weight that are summed.

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
    """What one output unit sees along one axis, in units of the layer's input.

    The unit at output position o sees `kernel` units, `dilation` apart, the first of them at
    `o * stride - before`. Fractions occur only after a layer that enlarges (stride 1/2).
    """

    kernel: int
    stride: int | Fraction = 1
    before: int | Fraction = 0
    after: int | Fraction = 0
    dilation: int = 1


class Everything:
    """The window of a layer each of whose outputs sees all of its input (fc, global pools)."""


class Scattered:
    """The window of a layer whose outputs each see one unit, in no regular grid (flatten)."""


Windows = tuple[Window, ...] | type[Everything] | type[Scattered] | None


class Step(NamedTuple):
    """One line of working: `symbol = formula = numbers = value`, of a topic.

    `numbers` is plain arithmetic in ASCII digits with `·` for times; evaluated exactly it
    gives `value`, which is a Fraction where a window does not tile; `rounding` then says how
    the result comes from it. Topics are volume, weights, biases, other and FLOPs.
    """

    topic: str
    symbol: str
    formula: str
    numbers: str
    value: int | Fraction
    rounding: Literal["", "floor", "ceil"] = ""
    note: str = ""

    @property
    def result(self) -> int:
        """Return the whole number that the step leads to.

        >>> Step("volume", "W2", "", "", Fraction(109, 2), "floor").result
        54
        """
        return math.ceil(self.value) if self.rounding == "ceil" else math.floor(self.value)


class AbstractLayer(BaseModel):
    """A layer type: its settings as fields, its rules as methods.

    Class attributes:
        tag: the word for it in a file.
        family: what kind of layer it is.
        aliases: what other frameworks, and people, call it, beside its tag; dimensions and
            capitals do not matter, so that Conv2d and nn.Conv2d are conv without a word here.
        row: whether it has a row of its own in the usual table.
        in_place: whether it may write its result over its input; `forward` does so under
            `kernels.overwriting`, and nowhere else.
        arity: fewest and most inputs.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    tag: ClassVar[str]
    family: ClassVar[Family]
    aliases: ClassVar[tuple[str, ...]] = ()
    row: ClassVar[bool] = True
    in_place: ClassVar[bool] = False
    arity: ClassVar[tuple[int, int]] = (1, 1)

    @classmethod
    def needs_settings(cls) -> bool:
        """Return whether the type cannot stand in a file as its tag alone."""
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
        """Return what one unit sees: a Window per axis, Everything, Scattered, None (pointwise)."""

    @abstractmethod
    def forward(self, arrays: Arrays, *inputs: Array) -> Array:
        """Return the result for arrays of shape `(N, *extents, C)`, from `kernels`.

        Shapes come from the fields and from the inputs that arrived, never from `parameters`.
        """

    @abstractmethod
    def value(self, index: tuple[int, ...], arrays: Tensors, *inputs: Tensor) -> Number:
        """Return the output value at `index` (position, then channel), from the definition.

        Inputs are single samples. Shares nothing with `kernels` or `arithmetic`.
        """

    def is_view(self, output: Volume, *volumes: Volume) -> bool:
        """Return whether the result is the input's memory, read otherwise: it adds no values."""
        return self.family == "view"

    def common(self, arrays: Tensors, *inputs: Tensor) -> Any:
        """Return what many values of `value` have in common; it is read as `arrays.shared`.

        (A setting of prelu is called `shared`, so this is not.)
        """
        return None

    @abstractmethod
    def describe(self, output: Volume, *volumes: Volume) -> str:
        """Return the slide's phrase for the layer: `96 11x11 filters at stride 4, pad 0`."""

    @abstractmethod
    def steps(self, output: Volume, *volumes: Volume) -> list[Step]:
        """Return the worked arithmetic of volume, learned values and cost."""


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
    """Return extents as people write them.

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
