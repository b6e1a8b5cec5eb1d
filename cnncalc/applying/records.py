"""The result of a layer on given values: each output with the formula that it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import product

from cnncalc.applying.fields import Field
from cnncalc.applying.formula import Formula
from cnncalc.layers.base import AbstractLayer
from cnncalc.model.printable import Documented
from cnncalc.volume import Volume


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Applied(Documented):
    """A layer applied to given values.

    Attributes:
        layer: the layer.
        inputs: its inputs, channels last.
        arrays: its learned arrays and buffers, by name.
        output: the output volume.
        results: each output value with its formula, in C order: positions, then channels.
        windowed: whether each output reads its own window of the input.
    """

    layer: AbstractLayer
    inputs: tuple[Field, ...]
    arrays: Mapping[str, Field]
    output: Volume
    results: tuple[Formula, ...]
    windowed: bool

    def __repr__(self) -> str:
        """Return the layer and its volumes."""
        volumes = ", ".join("x".join(map(str, one.shape)) for one in self.inputs)
        return f"<Applied {self.layer.tag}: {volumes} -> {self.output}>"

    @property
    def values(self) -> list[int | Fraction | Decimal]:
        """Return the output values in C order: exact, or a Decimal where they cannot be.

        >>> import cnncalc
        >>> cnncalc.apply("avg_pool", "1 2; 3 5", set={"kernel": 2}).values
        [Fraction(11, 4)]
        """
        return [one.value for one in self.results]

    def __getitem__(self, index: int | tuple[int, ...]) -> int | Fraction | Decimal:
        """Return an output value by position and channel, from 0. Raises: IndexError."""
        place = index if isinstance(index, tuple) else (index,)
        places = list(product(*map(range, self.output.shape)))
        if place not in places:
            raise IndexError(f"the output has no value {place}: it is {self.output}")
        return self.results[places.index(place)].value

    def to_markdown(self, **options: int | None) -> str:
        """Return input, output and working as Markdown."""
        return str(self.to("markdown", **options))

    def to_latex(self, **options: int | None) -> str:
        """Return input, output and working as LaTeX, which needs the package amsmath."""
        return str(self.to("latex", **options))
