"""Dropout of values and of branches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, final

from annotated_types import Interval

from cnncalc.layers.base import Cost
from cnncalc.layers.pointwise import AbstractFunction
from cnncalc.layers.protocols import Number
from cnncalc.layers.setting_types import Real
from cnncalc.volume import Volume

if TYPE_CHECKING:
    from cnncalc.layers.protocols import Array

Rate = Annotated[Real, Interval(ge=0, le=1)]


class AbstractDropped(AbstractFunction):
    """A layer that is the identity at inference: its result is its input, not a copy of it."""

    in_place = False

    if TYPE_CHECKING:
        rate: float

    def per_value(self) -> Cost:
        return Cost()

    def on_array(self, x: Array) -> Array:
        return x

    def on_number(self, x: Number) -> Number:
        return x


@final
class Dropout(AbstractDropped):
    """Dropout of single values in training; at inference the identity, without operations.

    Source: Srivastava et al. 2014, "Dropout", in the inverted form that scales in training.
    """

    tag = "dropout"
    family = "regularization"
    aliases = ("SpatialDropout", "AlphaDropout")

    rate: Rate = 0.5

    def describe(self, output: Volume, *volumes: Volume) -> str:
        return f"Dropout, rate {self.rate:g}"


@final
class DropPath(AbstractDropped):
    """Dropout of whole branches in training; at inference the identity, without operations.

    Source: Huang et al. 2016 (arXiv:1603.09382), in the form that scales in training.
    """

    tag = "drop_path"
    family = "regularization"
    aliases = ("StochasticDepth", "DropConnect")

    rate: Rate = 0.5

    def describe(self, output: Volume, *volumes: Volume) -> str:
        return f"Stochastic depth, rate {self.rate:g}"
