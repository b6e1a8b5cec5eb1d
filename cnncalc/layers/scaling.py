"""Factors and offsets: learned ones (`scale`), and numbers of the file (`rescale`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeVar, final

from pydantic import model_validator

from cnncalc.errors import VolumeError
from cnncalc.layers.base import Cost, Shapes
from cnncalc.layers.normalization import NORM_FAN
from cnncalc.layers.pointwise import AbstractPointwise
from cnncalc.layers.protocols import Arrays, Number, Tensor, Tensors
from cnncalc.layers.setting_types import Boolean, PerChannel
from cnncalc.layers.step_builders import letters, product
from cnncalc.volume import Volume

if TYPE_CHECKING:
    from cnncalc.layers.protocols import Array

Part = TypeVar("Part", int, str)


@final
class Scale(AbstractPointwise):
    """x · weight + bias, learned for each channel, each position, or each value.

    Learned: weight and bias, unless they are false: `(C,)` over channels, the extents over
    positions, the volume's shape over all.
    Operations: 1 multiplication a value with `weight`, and 1 addition with `bias`.
    Source: LeCun et al. 1998, S2 (coefficient and bias); Touvron et al. 2021 (arXiv:2103.17239),
    layer scale; over all: Dosovitskiy et al. 2020 (arXiv:2010.11929), position embeddings.
    """

    tag = "scale"
    family = "norm"
    aliases = ("LayerScale",)
    in_place = True

    weight: Boolean = True
    bias: Boolean = False
    over: Literal["channels", "positions", "all"] = "channels"

    @model_validator(mode="after")
    def _does_something(self) -> Scale:
        if not (self.weight or self.bias):
            raise ValueError("weight and bias cannot both be false")
        return self

    def per_value(self) -> Cost:
        return Cost(multiplications=int(self.weight), additions=int(self.bias))

    def learned_part(self, shape: tuple[Part, ...]) -> tuple[Part, ...]:
        """Return the lengths, or the indexes, along which the learned values differ."""
        return {"channels": shape[-1:], "positions": shape[:-1]}.get(self.over, shape)

    def parameters(self, output: Volume, *volumes: Volume) -> Shapes:
        names = ["weight"] * self.weight + ["bias"] * self.bias
        return dict.fromkeys(names, self.learned_part(output.shape))

    def forward(self, arrays: Arrays, *inputs: Array) -> Array:
        from cnncalc import kernels

        (x,) = inputs
        shape = self.learned_part(x.shape[1:])
        weight = arrays("weight", shape, fan=NORM_FAN, centre=1) if self.weight else None
        bias = arrays("bias", shape, fan=NORM_FAN) if self.bias else None
        if self.over == "positions":
            weight, bias = (None if a is None else a[..., None] for a in (weight, bias))
        return kernels.scale(x, weight, bias)

    def value(self, index: tuple[int, ...], arrays: Tensors, *inputs: Tensor) -> Number:
        x = inputs[0][index]
        at = self.learned_part(index)
        if self.weight:
            x = x * arrays["weight"][at]
        return x + arrays["bias"][at] if self.bias else x

    def learned_formula(self, output: Volume, shape: tuple[int, ...]) -> str:
        return product(*self.learned_part(tuple(letters(output, 2))))

    def describe(self, output: Volume, *volumes: Volume) -> str:
        verbs = ["Scale"] * self.weight + ["shift"] * self.bias
        by = {"channels": "channel", "positions": "position"}.get(self.over, "value")
        text = f"{' and '.join(verbs)} by {by}"
        return text[0].upper() + text[1:]


@final
class Rescale(AbstractPointwise):
    """x · factor + offset, with numbers that are not learned: one, or one for each channel.

    Operations: 1 multiplication a value with `factor`, and 1 addition with `offset`.
    Source: Keras 3, Rescaling and Normalization, which prepare images so.
    """

    tag = "rescale"
    family = "elementwise"
    aliases = ("Rescaling", "Normalization", "Power")
    in_place = True

    factor: PerChannel | None = None
    offset: PerChannel | None = None

    @classmethod
    def needs_settings(cls) -> bool:
        return True

    @model_validator(mode="after")
    def _does_something(self) -> Rescale:
        if self.factor is None and self.offset is None:
            raise ValueError("needs a factor, an offset, or both")
        return self

    def output(self, *volumes: Volume) -> Volume:
        (volume,) = volumes
        for name, numbers in (("factor", self.factor), ("offset", self.offset)):
            if isinstance(numbers, tuple) and len(numbers) != volume.channels:
                raise VolumeError(
                    f"{name} has {len(numbers)} numbers, and the input {volume.channels} "
                    "channels. Give one number, or one for each channel."
                )
        return volume

    def per_value(self) -> Cost:
        return Cost(
            multiplications=int(self.factor is not None), additions=int(self.offset is not None)
        )

    def forward(self, arrays: Arrays, *inputs: Array) -> Array:
        from cnncalc import kernels

        return kernels.rescale(inputs[0], self.factor, self.offset)

    def value(self, index: tuple[int, ...], arrays: Tensors, *inputs: Tensor) -> Number:
        x = inputs[0][index]
        if self.factor is not None:
            x = x * _of(self.factor, index[-1])
        return x if self.offset is None else x + _of(self.offset, index[-1])

    def describe(self, output: Volume, *volumes: Volume) -> str:
        words = []
        if self.factor is not None:
            words.append(f"times {_text(self.factor)}")
        if self.offset is not None:
            words.append(f"plus {_text(self.offset)}")
        text = ", ".join(words)
        return text[0].upper() + text[1:]


def _of(numbers: float | tuple[float, ...], channel: int) -> float:
    return numbers[channel] if isinstance(numbers, tuple) else numbers


def _text(numbers: float | tuple[float, ...]) -> str:
    """Return a number, or the first and the last of several.

    >>> _text(0.5), _text((0.25, 0.5, 1.0))
    ('0.5', '0.25 … 1')
    """
    if isinstance(numbers, tuple):
        return " … ".join(f"{n:.6g}" for n in dict.fromkeys((numbers[0], numbers[-1])))
    return f"{numbers:.6g}"
