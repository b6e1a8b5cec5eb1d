"""What is done to every value by itself, or to the values in one place of several arrays.

A function marked `blockwise` says what happens to a few rows at a time, so that what it needs
in between stays in the cache. NaN passes through all of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import reduce, wraps
from typing import Any, Concatenate, ParamSpec

import numpy as np
from numpy.typing import NDArray

from cnncalc.kernels import threads

Array = NDArray[Any]
P = ParamSpec("P")
BLOCK = 2**15  # values: a block and three like it fill half a megabyte


def rows(x: Array) -> Array:
    """Return x as rows of channels: a view where its memory allows one."""
    return x.reshape(-1, x.shape[-1])


def blockwise(
    function: Callable[Concatenate[Array, P], Array],
) -> Callable[Concatenate[Array, P], Array]:
    """Return `function`, which maps rows to rows, as one that goes over x block by block."""

    @wraps(function)
    def run(x: Array, /, *args: P.args, **kwargs: P.kwargs) -> Array:
        result = np.empty(x.shape, x.dtype)
        source, target = rows(x), rows(result)
        step = max(1, BLOCK // x.shape[-1])

        def block(first: int) -> None:
            part = slice(first, first + step)
            target[part] = function(source[part], *args, **kwargs)

        with np.errstate(over="ignore"):  # e^x above all numbers: its reciprocal is 0
            threads.each(block, range(0, len(source), step))
        return result

    return run


@blockwise
def relu(x: Array) -> Array:
    """Return the larger of x and 0."""
    return np.maximum(x, 0)


@blockwise
def clip(x: Array, least: float, most: float) -> Array:
    """Return x brought between the bounds."""
    return np.minimum(np.maximum(x, least), most)


@blockwise
def leaky_relu(x: Array, slope: float | Array) -> Array:
    """Return x where it is above 0, else slope times x; a slope for each channel, or one."""
    return np.where(x > 0, x, x * slope)


@blockwise
def elu(x: Array) -> Array:
    """Return x where it is above 0, else e^x - 1."""
    return np.where(x > 0, x, np.expm1(np.minimum(x, 0)))


@blockwise
def sigmoid(x: Array) -> Array:
    """Return 1/(1 + e^-x)."""
    result: Array = 1 / (1 + np.exp(-x))
    return result


@blockwise
def silu(x: Array) -> Array:
    """Return x/(1 + e^-x)."""
    result: Array = x / (1 + np.exp(-x))
    return result


@blockwise
def hardsigmoid(x: Array) -> Array:
    """Return x + 3 brought between 0 and 6, over 6."""
    result: Array = np.minimum(np.maximum(x + 3, 0), 6) / 6
    return result


@blockwise
def hardswish(x: Array) -> Array:
    """Return x times its hard sigmoid."""
    result: Array = x * (np.minimum(np.maximum(x + 3, 0), 6) / 6)
    return result


@blockwise
def tanh(x: Array) -> Array:
    """Return the hyperbolic tangent."""
    return np.tanh(x)


def _softplus(x: Array) -> Array:
    result: Array = np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))
    return result


@blockwise
def softplus(x: Array) -> Array:
    """Return log(1 + e^x), in the form that holds for large x."""
    return _softplus(x)


@blockwise
def mish(x: Array) -> Array:
    """Return x · tanh(log(1 + e^x))."""
    result: Array = x * np.tanh(_softplus(x))
    return result


@blockwise
def gelu(x: Array) -> Array:
    """Return x/2 · (1 + erf(x/√2))."""
    result: Array = 0.5 * x * (1 + erf(x * math.sqrt(0.5)))
    return result


# erf(x) = x · P(x²)/Q(x²) to float32's last places, for |x| <= 4, beyond which it is 1 there.
# Source: the rational approximation of Eigen and XLA; the test compares it with math.erf.
_ERF_ABOVE = (
    -2.72614225801306e-10,
    2.77068142495902e-08,
    -2.10102402082508e-06,
    -5.69250639462346e-05,
    -7.34990630326855e-04,
    -2.95459980854025e-03,
    -1.60960333262415e-02,
)
_ERF_BELOW = (
    -1.45660718464996e-05,
    -2.13374055278905e-04,
    -1.68282697438203e-03,
    -7.37332916720468e-03,
    -1.42647390514189e-02,
)


def erf(x: Array) -> Array:
    """Return the error function, within 3e-7 of it."""
    x = np.clip(x, -4, 4)
    square = x * x

    def polynomial(coefficients: Sequence[float]) -> Array:
        result = square * coefficients[0] + coefficients[1]
        for coefficient in coefficients[2:]:
            result *= square
            result += coefficient
        return result

    result: Array = x * polynomial(_ERF_ABOVE) / polynomial(_ERF_BELOW)
    return result


@blockwise
def softmax(x: Array) -> Array:
    """Return e^x over its sum along the channels."""
    powers = np.exp(x - x.max(-1, keepdims=True))
    result: Array = powers / powers.sum(-1, keepdims=True)
    return result


@blockwise
def scale(x: Array, weight: Array, bias: Array | None = None) -> Array:
    """Return x · weight + bias, each channel with its own."""
    result = x * weight
    if bias is not None:
        result += bias
    return result


def add(inputs: Sequence[Array]) -> Array:
    """Return the sum of the arrays; an extent of 1 spreads."""
    return reduce(np.add, inputs)


def multiply(inputs: Sequence[Array]) -> Array:
    """Return the product of the arrays; an extent of 1 spreads."""
    return reduce(np.multiply, inputs)


def concatenate(inputs: Sequence[Array]) -> Array:
    """Return the channels of the arrays after one another."""
    return np.concatenate(inputs, axis=-1)
