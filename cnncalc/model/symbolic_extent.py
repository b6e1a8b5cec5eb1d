"""An extent as a straight line of an unknown: what layers' rules work out for many inputs at once.

The rules are arithmetic on ints, and take whatever behaves like one. A `Line` stands for the
extents slope·q + offset of a whole class of inputs, q from `low` to `high`. Where a rule would
come to different results within the class, it stops: the class is split, and each part is
worked out by itself. Along the other axes stands a `Free` extent, which agrees with everything.
"""

from __future__ import annotations

import math
from typing import Any, NoReturn

from cnncalc.errors import VolumeError

BOUND = 2**62  # no comparison with such a number decides: it only guards against overlarge ones


class Unsettled(VolumeError):
    """A rule has no single result for a class of inputs: it must be split, or has no rule."""


class Class:
    """The inputs modulus·q + residue for q from `low` to `high`, while a rule is worked out.

    Attributes:
        split: into how many residues q must be split; 0 where it need not be.
        low: rises where a comparison comes out otherwise for smaller inputs.
        stuck: what there is no arithmetic for, if anything.
    """

    def __init__(self, modulus: int, residue: int, low: int, high: int) -> None:
        self.modulus, self.residue, self.low, self.high = modulus, residue, low, high
        self.split = 0
        self.stuck = ""

    def extent(self) -> Any:
        """Return the input's extent: a number if there is one alone."""
        return _line(self.modulus, self.residue, self)

    def need_split(self, parts: int) -> NoReturn:
        """Stop, as the result depends on the remainder of q by `parts`."""
        self.split = parts
        raise Unsettled("the result depends on the input's remainder")

    def give_up(self, what: str) -> NoReturn:
        """Stop, as there is no arithmetic for something."""
        self.stuck = what
        raise Unsettled(what)


def _line(slope: int, offset: int, inputs: Class) -> Any:
    if not slope:
        return offset
    if inputs.low == inputs.high:
        return slope * inputs.low + offset
    return Line(slope, offset, inputs)


class Line:
    """The extents slope·q + offset of a class of inputs."""

    __slots__ = ("inputs", "offset", "slope")

    def __init__(self, slope: int, offset: int, inputs: Class) -> None:
        self.slope, self.offset, self.inputs = slope, offset, inputs

    def at(self, q: int) -> int:
        """Return the extent of one input of the class."""
        return self.slope * q + self.offset

    def __str__(self) -> str:
        """Return the line as a formula."""
        return f"{self.slope}q + {self.offset}"

    def __format__(self, specification: str) -> str:
        return str(self)

    def __hash__(self) -> int:
        return hash((self.slope, self.offset, id(self.inputs)))

    # --- arithmetic ------------------------------------------------------------------------------

    def __add__(self, other: Any) -> Any:
        if isinstance(other, Line):
            return _line(self.slope + other.slope, self.offset + other.offset, self.inputs)
        if isinstance(other, int):
            return _line(self.slope, self.offset + other, self.inputs)
        return NotImplemented

    __radd__ = __add__

    def __neg__(self) -> Any:
        return _line(-self.slope, -self.offset, self.inputs)

    def __sub__(self, other: Any) -> Any:
        return self + -other

    def __rsub__(self, other: Any) -> Any:
        return -self + other

    def __mul__(self, other: Any) -> Any:
        if isinstance(other, int):  # a bool too: formulas multiply by conditions
            return _line(self.slope * other, self.offset * other, self.inputs)
        if isinstance(other, Free):
            return Product(self.inputs)
        return self.inputs.give_up("its values are no straight line of the input's extent")

    __rmul__ = __mul__

    def _divided(self, by: Any) -> tuple[Any, int]:
        if not isinstance(by, int) or by <= 0:
            self.inputs.give_up("it divides by an extent")
        if self.slope % by:
            self.inputs.need_split(by // math.gcd(self.slope, by))
        quotient, left = divmod(self.offset, by)
        return _line(self.slope // by, quotient, self.inputs), left

    def __floordiv__(self, by: Any) -> Any:
        return self._divided(by)[0]

    def __mod__(self, by: Any) -> Any:
        return self._divided(by)[1]

    def __divmod__(self, by: Any) -> Any:
        return self._divided(by)

    def __rfloordiv__(self, other: Any) -> Any:
        self.inputs.give_up("it divides by an extent")

    __rmod__ = __rtruediv__ = __truediv__ = __pow__ = __rpow__ = __rfloordiv__

    def __index__(self) -> int:
        self.inputs.give_up("it counts up to an extent")

    # --- comparisons -----------------------------------------------------------------------------

    def _sign(self, other: Any) -> int:
        """Return the sign of self - other: the same for all of the class, from a new `low` on."""
        inputs = self.inputs
        if isinstance(other, int) and abs(other) >= BOUND:
            return -1 if other > 0 else 1
        if not isinstance(other, (int, Line)):
            inputs.give_up("an extent is compared with something else")
        difference = self - other
        if not isinstance(difference, Line):
            return 1 if difference > 0 else -1 if difference < 0 else 0
        last = difference.at(inputs.high)
        root = -difference.offset // difference.slope  # rounded down: there the sign changes
        if not last:
            inputs.low = inputs.high
        elif inputs.low <= root < inputs.high:
            inputs.low = root + 1
        return 1 if last > 0 else -1 if last else 0

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Line) and other.inputs is not self.inputs:
            return False  # of another class, in a cache
        return isinstance(other, (int, Line)) and not self._sign(other)

    def __lt__(self, other: Any) -> bool:
        # The smallest of all extents is this one: the free ones are as large as any rule asks.
        return isinstance(other, Free) or self._sign(other) < 0

    def __le__(self, other: Any) -> bool:
        return self._sign(other) <= 0

    def __gt__(self, other: Any) -> bool:
        return self._sign(other) > 0

    def __ge__(self, other: Any) -> bool:
        return self._sign(other) >= 0

    def __bool__(self) -> bool:
        return self._sign(0) != 0


class Free:
    """An extent along another axis, which agrees with whatever a rule asks of it."""

    __slots__ = ()

    def __str__(self) -> str:
        """Return a sign for any number."""
        return "*"

    def __format__(self, specification: str) -> str:
        return str(self)

    def __hash__(self) -> int:
        return 0

    def __add__(self, other: Any) -> Free:
        return self

    __radd__ = __sub__ = __rsub__ = __add__
    __floordiv__ = __rfloordiv__ = __add__

    def __neg__(self) -> Free:
        return self

    def __mul__(self, other: Any) -> Any:
        return Product(other.inputs) if isinstance(other, Line) else other if other == 0 else self

    __rmul__ = __mul__

    def __mod__(self, by: Any) -> int:
        return 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, (int, Free))

    def __lt__(self, other: Any) -> bool:
        return False

    def __gt__(self, other: Any) -> bool:
        return not isinstance(other, int) or other < BOUND

    __le__ = __ge__ = __gt__


class Product:
    """A number of values in which several axes meet: no rule can ask anything of it."""

    __slots__ = ("inputs",)

    def __init__(self, inputs: Class) -> None:
        self.inputs = inputs

    def __str__(self) -> str:
        """Return a sign for a number that is not known."""
        return "?"

    def __format__(self, specification: str) -> str:
        return str(self)

    def __hash__(self) -> int:
        return id(self.inputs)

    def __mul__(self, other: Any) -> Product:
        return self

    __rmul__ = __add__ = __radd__ = __mul__

    def __gt__(self, other: Any) -> bool:
        if isinstance(other, int) and other >= BOUND:
            return False
        return self.inputs.give_up("the axes meet in it")

    def __eq__(self, other: object) -> bool:
        return self is other or self.inputs.give_up("the axes meet in it")

    def __lt__(self, other: Any) -> bool:
        return self.inputs.give_up("the axes meet in it")

    __ge__ = __gt__
    __le__ = __mod__ = __rmod__ = __floordiv__ = __sub__ = __rsub__ = __index__ = __lt__
