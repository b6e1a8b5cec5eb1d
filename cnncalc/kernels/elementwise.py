"""Functions of single values, and of the values in one position of several arrays.

A function decorated with `blockwise` is given a block of rows at a time, so that its temporary
arrays stay in the cache, and writes to `out`, which may be the block itself. NaN passes through
all of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, Concatenate, ParamSpec

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
P = ParamSpec("P")

# Values in a block: relu of 56x56x256 takes 0.17 at 2^15, 0.12 at 2^17, 0.11 at 2^18; gelu,
# which has temporary arrays, 2.12, 1.94, 2.02.
BLOCK = 2**17
# Values of the rows that are scaled as one: scaling 56x56x256 takes 0.38 row by row, 0.26 at
# 2^13, 0.28 at 2^14.
WIDE = 2**13

_OVERWRITE = ContextVar("overwrite", default=False)


@contextmanager
def overwriting() -> Iterator[None]:
    """Run functions of single values in place: the result is written over the input."""
    token = _OVERWRITE.set(True)
    try:
        yield
    finally:
        _OVERWRITE.reset(token)


def rows(x: Array) -> Array:
    """Return x as rows of channels: a view where its memory allows one."""
    return x.reshape(-1, x.shape[-1])


def _target(x: Array) -> Array:
    """Return the array that a result is written to: x itself where it may be overwritten."""
    return x if _OVERWRITE.get() and x.flags.c_contiguous else np.empty(x.shape, x.dtype)


def blockwise(
    function: Callable[Concatenate[Array, Array, P], object],
) -> Callable[Concatenate[Array, P], Array]:
    """Decorate a function of one block of rows so that it runs over a whole array."""

    @wraps(function)
    def run(x: Array, /, *args: P.args, **kwargs: P.kwargs) -> Array:
        result = _target(x)
        source, target = rows(x), rows(result)
        length = max(1, BLOCK // x.shape[-1])
        with np.errstate(over="ignore"):  # e^x above all numbers: its reciprocal is 0
            for first in range(0, len(source), length):
                block = slice(first, first + length)
                function(source[block], target[block], *args, **kwargs)
        return result

    return run


@blockwise
def clip(x: Array, out: Array, least: float, most: float) -> None:
    """Return x brought between the bounds, either of which may be infinite."""
    np.clip(x, least, most, out=out)


def relu(x: Array) -> Array:
    """Return the larger of x and 0."""
    return clip(x, 0, math.inf)  # a third of the time of np.maximum with a number


@blockwise
def leaky_relu(x: Array, out: Array, slope: float | Array) -> None:
    """Return x where it is above 0, else slope times x; a slope for each channel, or one."""
    below = np.clip(x, -math.inf, 0)
    below *= slope
    np.clip(x, 0, math.inf, out=out)
    out += below


@blockwise
def elu(x: Array, out: Array) -> None:
    """Return x where it is above 0, else e^x - 1."""
    below = np.clip(x, -math.inf, 0)
    np.expm1(below, out=below)
    np.clip(x, 0, math.inf, out=out)
    out += below


def _one_plus_power(x: Array) -> Array:
    """Return 1 + e^-x."""
    result = np.negative(x)
    np.exp(result, out=result)
    result += 1
    return result


@blockwise
def sigmoid(x: Array, out: Array) -> None:
    """Return 1/(1 + e^-x)."""
    np.divide(1, _one_plus_power(x), out=out)


@blockwise
def silu(x: Array, out: Array) -> None:
    """Return x/(1 + e^-x)."""
    np.divide(x, _one_plus_power(x), out=out)


def _shifted_relu6(x: Array) -> Array:
    """Return relu6(x + 3)/6."""
    result = np.add(x, 3)
    np.clip(result, 0, 6, out=result)
    result /= 6
    return result


@blockwise
def hardsigmoid(x: Array, out: Array) -> None:
    """Return relu6(x + 3)/6."""
    out[...] = _shifted_relu6(x)


@blockwise
def hardswish(x: Array, out: Array) -> None:
    """Return x times its hard sigmoid."""
    np.multiply(x, _shifted_relu6(x), out=out)


@blockwise
def tanh(x: Array, out: Array) -> None:
    """Return the hyperbolic tangent."""
    np.tanh(x, out=out)


def _softplus(x: Array) -> Array:
    """Return log(1 + e^x), in the form that holds for large x."""
    result = np.abs(x)
    np.negative(result, out=result)
    np.exp(result, out=result)
    np.log1p(result, out=result)
    result += np.clip(x, 0, math.inf)
    return result


@blockwise
def softplus(x: Array, out: Array) -> None:
    """Return log(1 + e^x)."""
    out[...] = _softplus(x)


@blockwise
def mish(x: Array, out: Array) -> None:
    """Return x · tanh(log(1 + e^x))."""
    factor = _softplus(x)
    np.tanh(factor, out=factor)
    np.multiply(x, factor, out=out)


@blockwise
def gelu(x: Array, out: Array) -> None:
    """Return x/2 · (1 + erf(x/√2))."""
    factor = np.multiply(x, math.sqrt(0.5))
    erf(factor, factor)
    factor += 1
    factor *= 0.5
    np.multiply(x, factor, out=out)


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


def erf(x: Array, out: Array) -> None:
    """Write the error function to `out`, within 3e-7 of it."""
    x = np.clip(x, -4, 4)
    square = np.multiply(x, x)

    def polynomial(coefficients: Sequence[float], result: Array) -> Array:
        np.multiply(square, coefficients[0], out=result)
        result += coefficients[1]
        for coefficient in coefficients[2:]:
            result *= square
            result += coefficient
        return result

    above = polynomial(_ERF_ABOVE, np.empty_like(x))
    above *= x
    np.divide(above, polynomial(_ERF_BELOW, out), out=out)


_FUNCTIONS: dict[str, Callable[..., object]] = {
    "exp": np.exp,
    "log": np.log,
    "sqrt": np.sqrt,
    "rsqrt": lambda x, out: np.divide(1, np.sqrt(x), out=out),
    "square": np.square,
    "reciprocal": np.reciprocal,
    "abs": np.abs,
    "negative": np.negative,
}


@blockwise
def function(x: Array, out: Array, name: str, exponent: float | None = None) -> None:
    """Return a function of every value, by its name; a power has an exponent."""
    if exponent is not None:
        np.power(x, np.asarray(exponent, x.dtype), out=out)
    elif name == "erf":
        erf(x, out)
    else:
        _FUNCTIONS[name](x, out=out)


@blockwise
def softmax(x: Array, out: Array) -> None:
    """Return e^x over its sum along the channels."""
    np.subtract(x, x.max(-1, keepdims=True), out=out)
    np.exp(out, out=out)
    out /= out.sum(-1, keepdims=True)


def scale(x: Array, weight: Array | None, bias: Array | None = None) -> Array:
    """Return x · weight + bias, of which one may be None.

    Shapes: both have one value for each channel, or are broadcast over a sample of x.
    """
    if weight is not None and weight.ndim == 1 and (bias is None or bias.ndim == 1):
        times = WIDE // len(weight)
        if times > 1:
            weight, bias = np.tile(weight, times), None if bias is None else np.tile(bias, times)
        return _scale(x, weight, bias)
    result = _target(x)
    if weight is not None:
        np.multiply(x, weight, out=result)
    if bias is not None:
        np.add(x if weight is None else result, bias, out=result)
    return result


def rescale(
    x: Array,
    factor: float | Sequence[float] | None,
    offset: float | Sequence[float] | None = None,
) -> Array:
    """Return x · factor + offset; each a number, one for each channel, or None."""
    numbers = [None if n is None else np.asarray(n, x.dtype) for n in (factor, offset)]
    return scale(x, *numbers)


@blockwise
def _scale(x: Array, out: Array, weight: Array, bias: Array | None) -> None:
    """Return x · weight + bias, both repeated so that one row of them covers several rows of x."""
    channels = x.shape[-1]
    even = x.size // len(weight) * len(weight) // channels
    for part, wide in ((slice(0, even), len(weight)), (slice(even, None), channels)):
        source, target = x[part].reshape(-1, wide), out[part].reshape(-1, wide)
        np.multiply(source, weight[:wide], out=target)
        if bias is not None:
            np.add(target, bias[:wide], out=target)


def add(inputs: Sequence[Array]) -> Array:
    """Return the sum of the arrays; an extent of 1 is broadcast."""
    return _merged(np.add, inputs)


def multiply(inputs: Sequence[Array]) -> Array:
    """Return the product of the arrays; an extent of 1 is broadcast."""
    return _merged(np.multiply, inputs)


def subtract(inputs: Sequence[Array]) -> Array:
    """Return the first array minus the second; an extent of 1 is broadcast."""
    return _merged(np.subtract, inputs)


def divide(inputs: Sequence[Array]) -> Array:
    """Return the first array over the second; an extent of 1 is broadcast."""
    return _merged(np.divide, inputs)


def maximum(inputs: Sequence[Array]) -> Array:
    """Return the largest of the arrays' values; an extent of 1 is broadcast."""
    return _merged(np.maximum, inputs)


def minimum(inputs: Sequence[Array]) -> Array:
    """Return the smallest of the arrays' values; an extent of 1 is broadcast."""
    return _merged(np.minimum, inputs)


def average(inputs: Sequence[Array]) -> Array:
    """Return the mean of the arrays; an extent of 1 is broadcast."""
    out = add(inputs)
    out /= len(inputs)
    return out


def _merged(join: np.ufunc, inputs: Sequence[Array]) -> Array:
    """Return the arrays joined by a ufunc, two at a time."""
    out = np.empty(np.broadcast_shapes(*[x.shape for x in inputs]), np.result_type(*inputs))
    join(*inputs[:2], out=out)
    for x in inputs[2:]:
        join(out, x, out=out)
    return out


def concatenate(inputs: Sequence[Array], axis: int) -> Array:
    """Return the arrays after one another along an axis."""
    shape = list(inputs[0].shape)
    shape[axis] = sum(x.shape[axis] for x in inputs)
    return np.concatenate(inputs, axis=axis, out=np.empty(shape, np.result_type(*inputs)))
