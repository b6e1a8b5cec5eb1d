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
import re
from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, NamedTuple, Protocol, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, WithJsonSchema

from cnncalc.volume import Volume

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

LARGEST_WINDOW = 2**20  # of a kernel, stride, padding or dilation, along one axis
LARGEST_COUNT = 2**31 - 1  # of filters, units, groups

Shapes = dict[str, tuple[int, ...]]


# --- the kinds of value that a setting takes -------------------------------------------


def whole(value: object) -> int:
    """Return `value` as an int if it is a whole number, and not true or false.

    Raises: ValueError otherwise.

    >>> whole(6.0)
    6
    """
    if type(value) is int:
        return value
    if (
        isinstance(value, (int, float, Fraction))
        and not isinstance(value, bool)
        and math.isfinite(value)
        and value == int(value)
    ):
        return int(value)
    raise ValueError("must be a whole number")


def _count(least: int, most: int) -> Callable[[object], int]:
    def check(value: object) -> int:
        number = whole(value)
        if number < least:
            raise ValueError(f"must be at least {least}")
        if number > most:
            raise ValueError(f"must be at most {most:,}")
        return number

    return check


def real(value: object) -> float:
    """Return `value` as a finite float. Raises: ValueError if it is not a number."""
    if isinstance(value, (int, float, Fraction)) and not isinstance(value, bool):
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if math.isfinite(number):
            return number
    raise ValueError("must be a number")


def _per_axis(least: int) -> Callable[[object], int | tuple[int, ...]]:
    check = _count(least, LARGEST_WINDOW)

    def convert(value: object) -> int | tuple[int, ...]:
        if isinstance(value, str) and EXTENTS.fullmatch(value):
            value = [int(part) for part in value.split("x")]
        if isinstance(value, (list, tuple)):
            if not 1 <= len(value) <= 3:
                raise ValueError("must be one number, or one for each axis, as in 3x5")
            axes = tuple(check(part) for part in value)
            return axes[0] if len(axes) == 1 else axes
        return check(value)

    return convert


def _padding(value: object) -> object:
    if isinstance(value, str) and value in PADDING_WORDS:
        return value
    if isinstance(value, (list, tuple)) and any(isinstance(part, (list, tuple)) for part in value):
        check = _count(0, LARGEST_WINDOW)
        if not all(isinstance(part, (list, tuple)) and len(part) == 2 for part in value):
            raise ValueError("must be [before, after] for each axis")
        return tuple((check(before), check(after)) for before, after in value)
    return _per_axis(0)(value)


EXTENTS = re.compile(r"\d{1,9}(x\d{1,9}){1,2}")
PADDING_WORDS = ("half", "same", "valid")
_NUMBER = {"type": "integer", "minimum": 1}
_AXES = {"type": "array", "items": {"type": "integer"}, "minItems": 1, "maxItems": 3}
_EXTENTS = {"type": "string", "pattern": r"^\d+(x\d+){1,2}$"}

Count = Annotated[int, BeforeValidator(_count(1, LARGEST_COUNT)), WithJsonSchema(_NUMBER)]
"""A whole number of at least 1: filters, units, groups."""
Index = Annotated[
    int,
    BeforeValidator(_count(0, LARGEST_COUNT)),
    WithJsonSchema({"type": "integer", "minimum": 0}),
]
"""A whole number of at least 0."""
Real = Annotated[float, BeforeValidator(real), WithJsonSchema({"type": "number"})]
"""A decimal number."""
PerAxis = Annotated[
    int | tuple[int, ...],
    BeforeValidator(_per_axis(1)),
    WithJsonSchema({"anyOf": [_NUMBER, _AXES, _EXTENTS]}),
]
"""One number for every axis, `3x5`, or a list with one per axis; each at least 1."""
PerAxisOrZero = Annotated[
    int | tuple[int, ...],
    BeforeValidator(_per_axis(0)),
    WithJsonSchema({"anyOf": [{"type": "integer", "minimum": 0}, _AXES, _EXTENTS]}),
]
"""As PerAxis, each at least 0."""
Padding = Annotated[
    int | Literal["half", "same", "valid"] | tuple[int, ...] | tuple[tuple[int, int], ...],
    BeforeValidator(_padding),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "minimum": 0},
                {"enum": list(PADDING_WORDS)},
                {"type": "array", "minItems": 1, "maxItems": 3},
                _EXTENTS,
            ]
        }
    ),
]
"""One number, one per axis, `[[before, after], ...]`, or half, same, valid."""
Rounding = Literal["floor", "ceil"]


# --- what the rules return ---------------------------------------------------------------


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


# --- what `forward` and `value` are given ----------------------------------------------------


class Arrays(Protocol):
    """The learned values and buffers, made when `forward` asks for them by name and shape."""

    def __call__(
        self, name: str, shape: tuple[int, ...], *, fan: int = 1, centre: float = 0.0
    ) -> Array:
        """Return float32 values spread evenly about `centre`, with variance 1 / `fan`.

        `fan` is the number of terms that a weight's product is summed with.
        """
        ...


class Number(Protocol):
    """A number, or a vector of them, that knows what was done to make it.

    `value` is written on these alone: in verify they carry an error bound, in tests they
    count. Every operator is one operation per element; `dot`, `sum` and `largest` reduce a
    vector to one number.
    """

    def __add__(self, other: Number | float) -> Self: ...
    def __radd__(self, other: float) -> Self: ...
    def __sub__(self, other: Number | float) -> Self: ...
    def __rsub__(self, other: float) -> Self: ...
    def __mul__(self, other: Number | float) -> Self: ...
    def __rmul__(self, other: float) -> Self: ...
    def __truediv__(self, other: Number | float) -> Self: ...
    def __rtruediv__(self, other: float) -> Self: ...
    def __neg__(self) -> Self:
        """Not counted: a change of sign."""
        ...

    def __getitem__(self, index: int | slice) -> Self:
        """Return an element, or a part, of a vector."""
        ...

    def __len__(self) -> int: ...

    def dot(self, other: Number, start: Number | None = None) -> Self:
        """Return `start` (zero if none) plus the products, added up: n products, n additions."""
        ...

    def sum(self) -> Self:
        """Return the sum of the elements: n - 1 additions."""
        ...

    def largest(self) -> Self:
        """Return the largest element: n - 1 comparisons."""
        ...

    def maximum(self, other: Number | float) -> Self:
        """Return the larger of the two: 1 comparison."""
        ...

    def minimum(self, other: Number | float) -> Self:
        """Return the smaller of the two: 1 comparison."""
        ...

    def if_positive(self, yes: Number, no: Number) -> Self:
        """Return `yes` where self > 0, else `no`: 1 comparison."""
        ...

    def exp(self) -> Self: ...
    def log(self) -> Self: ...
    def root(self) -> Self: ...
    def erf(self) -> Self: ...
    def tanh(self) -> Self: ...
    def power(self, exponent: float) -> Self: ...


class Field(Protocol):
    """One sample of an array, read as Numbers: `x[3, 4]` is the vector of channels there."""

    shape: tuple[int, ...]

    def __getitem__(self, index: Any) -> Number:
        """Return a number, or a vector along the axes that are left, in C order."""
        ...

    def at(self, position: Sequence[int], channels: slice | int = slice(None)) -> Number:
        """Return the channels at a position; zeros where it lies outside (the padding).

        Numbers are taken as they stand, so a slice from -2 to 3 is two zeros and channels 0 to 2.
        """
        ...


class Fields(Protocol):
    """What `value` reads the arrays from: `arrays["weight"]`, and `shared`'s result."""

    def __getitem__(self, name: str) -> Field: ...

    shared: Any


class AbstractLayer(BaseModel):
    """A layer type: its settings as fields, its rules as methods.

    Class attributes:
        tag: the word for it in a file.
        row: whether it has a row of its own in the usual table.
        in_place: whether it may write its result over its input; `forward` does so under
            `kernels.overwriting`, and nowhere else.
        view: whether its result is its input's memory, read otherwise.
        arity: fewest and most inputs.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    tag: ClassVar[str]
    row: ClassVar[bool] = True
    in_place: ClassVar[bool] = False
    view: ClassVar[bool] = False
    arity: ClassVar[tuple[int, int]] = (1, 1)

    @abstractmethod
    def output(self, *volumes: Volume) -> Volume:
        """Return the output volume. Raises: VolumeError if the inputs do not fit."""

    @abstractmethod
    def parameters(self, output: Volume, *volumes: Volume) -> Shapes:
        """Return the learned arrays: name to shape. `weight` and `bias` are counted as such."""

    @abstractmethod
    def buffers(self, output: Volume, *volumes: Volume) -> Shapes:
        """Return the arrays that are kept but not learned: name to shape."""

    @abstractmethod
    def cost(self, output: Volume, *volumes: Volume) -> Cost:
        """Return the operations for one sample, by class."""

    @abstractmethod
    def window(self, output: Volume, *volumes: Volume) -> Windows:
        """Return what one unit sees: a Window per axis, Everything, Scattered, None (pointwise)."""

    @abstractmethod
    def forward(self, arrays: Arrays, *inputs: Array) -> Array:
        """Return the result for arrays of shape `(N, *extents, C)`, from `kernels`.

        Shapes come from the fields and from the inputs that arrived, never from `parameters`.
        """

    @abstractmethod
    def value(self, index: tuple[int, ...], arrays: Fields, *inputs: Field) -> Number:
        """Return the output value at `index` (position, then channel), from the definition.

        Inputs are single samples. Shares nothing with `kernels` or `arithmetic`.
        """

    def is_view(self, output: Volume, *volumes: Volume) -> bool:
        """Return whether the result is the input's memory, read otherwise: it adds no values."""
        return self.view

    def common(self, arrays: Fields, *inputs: Field) -> Any:
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


def axes(value: int | tuple[int, ...], count: int, what: str) -> tuple[int, ...]:
    """Return `value` as one number per axis.

    Raises: VolumeError if it has a number for another number of axes.

    >>> axes(3, 2, "kernel"), axes((3, 5), 2, "kernel")
    ((3, 3), (3, 5))
    """
    if isinstance(value, int):
        return (value,) * count
    if len(value) != count:
        from cnncalc.errors import VolumeError

        raise VolumeError(
            f"{what} has a number for each of {len(value)} axes, but the input has {count}. "
            f"Received {'x'.join(map(str, value))}. Give one number, or {count}."
        )
    return value


def by(numbers: tuple[int, ...]) -> str:
    """Return a window's extents as people write them.

    >>> by((11, 11)), by((1, 7))
    ('11x11', '1x7')
    """
    return "x".join(map(str, numbers))


def alike(numbers: Sequence[Any]) -> str:
    """Return one number if all are the same, else all of them joined by x.

    >>> alike((2, 2)), alike((1, 2))
    ('2', '1x2')
    """
    return str(numbers[0]) if len(set(numbers)) == 1 else "x".join(map(str, numbers))


LayerTable = Mapping[str, type[AbstractLayer]]
