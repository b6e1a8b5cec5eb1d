"""What is done to every value by itself, or to the values in one place of several arrays.

A function marked `blockwise` says what happens to a few rows at a time, so that what it needs
in between stays in the cache, and writes it to `out`, which may be the rows themselves. NaN
passes through all of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial, wraps
from itertools import accumulate
from typing import Any, Concatenate, ParamSpec

import numpy as np
from numpy.typing import NDArray

from cnncalc.kernels import threads
from cnncalc.kernels.following import (
    BLOCK,
    SLOWER,
    Step,
    deferral,
    done,
    effort,
    followers,
)
from cnncalc.kernels.memory import empty

Array = NDArray[Any]
P = ParamSpec("P")
LEAST = 64  # rows at least, so that what is done once for a block is little beside the rest
WIDE = 8192  # values that NumPy goes over in one go, where rows of channels are shorter
FEW = 256  # rows that are not worth being taken together

_OVER = ContextVar("over", default=False)


@contextmanager
def overwriting(allowed: bool = True) -> Iterator[None]:
    """Let functions of single values write their result over their input."""
    token = _OVER.set(allowed)
    try:
        yield
    finally:
        _OVER.reset(token)


def rows(x: Array) -> Array:
    """Return x as rows of channels: a view where its memory allows one."""
    return x.reshape(-1, x.shape[-1])


def blockwise(
    passes: int = 1, *, across: bool = False
) -> Callable[
    [Callable[Concatenate[Array, Array, P], object]], Callable[Concatenate[Array, P], Array]
]:
    """Return what makes of a function that fills rows from rows one that goes over x in blocks.

    It goes over the values about `passes` times; `across` the channels of a place if it says so.
    """

    def made(
        function: Callable[Concatenate[Array, Array, P], object],
    ) -> Callable[Concatenate[Array, P], Array]:
        @wraps(function)
        def run(x: Array, /, *args: P.args, **kwargs: P.kwargs) -> Array:
            step, steps = (
                Step(partial(function, **kwargs), args, x.shape[-1], passes, across),
                deferral(),
            )
            if steps is not None:
                steps.append(step)
                return x
            if _OVER.get() and x.flags.c_contiguous:
                follow(x, [step, *followers()])
                return x
            result, then = empty(x.shape, x.dtype), followers()
            source, target = rows(x), rows(result)

            def work(part: slice) -> None:
                function(source[part], target[part], *args, **kwargs)
                done(then, target[part])

            _each_block(work, x, [step, *then])
            return result

        return run

    return made


def _each_block(work: Callable[[slice], object], x: Array, steps: Sequence[Step]) -> None:
    """Call `work` for blocks of the rows of x, to which it does all steps."""
    count = x.size // x.shape[-1]
    lanes = threads.worth(x.size * effort(steps))
    length = max(LEAST, min(BLOCK // x.shape[-1], -(-count // lanes)))
    with np.errstate(over="ignore"):  # e^x above all numbers: its reciprocal is 0
        threads.each(work, [slice(i, i + length) for i in range(0, count, length)], lanes)


def follow(x: Array, steps: Sequence[Step]) -> None:
    """Do the steps to x, block by block."""

    def work(part: slice) -> None:
        done(steps, target[part])

    target = rows(x)
    _each_block(work, x, steps)


@blockwise(1)
def clip(x: Array, out: Array, least: float, most: float) -> None:
    """Return x brought between the bounds, either of which may be infinite."""
    np.clip(x, least, most, out=out)


def relu(x: Array) -> Array:
    """Return the larger of x and 0."""
    return clip(x, 0, math.inf)  # a third of the time of np.maximum with a number


def _room(x: Array, name: str = "block") -> Array:
    """Return room for what a function needs in between, the same each time in a thread."""
    return threads.room(name, x.size, x.dtype).reshape(x.shape)


@blockwise(3)
def leaky_relu(x: Array, out: Array, slope: float | Array) -> None:
    """Return x where it is above 0, else slope times x; a slope for each channel, or one."""
    below = np.clip(x, -math.inf, 0, out=_room(x))
    below *= slope
    np.clip(x, 0, math.inf, out=out)
    out += below


@blockwise(6)
def elu(x: Array, out: Array) -> None:
    """Return x where it is above 0, else e^x - 1."""
    below = np.clip(x, -math.inf, 0, out=_room(x))
    np.expm1(below, out=below)
    np.clip(x, 0, math.inf, out=out)
    out += below


def _one_and_power(x: Array) -> Array:
    """Return 1 + e^-x."""
    result = np.negative(x, out=_room(x))
    np.exp(result, out=result)
    result += 1
    return result


@blockwise(5)
def sigmoid(x: Array, out: Array) -> None:
    """Return 1/(1 + e^-x)."""
    np.divide(1, _one_and_power(x), out=out)


@blockwise(5)
def silu(x: Array, out: Array) -> None:
    """Return x/(1 + e^-x)."""
    np.divide(x, _one_and_power(x), out=out)


def _six(x: Array) -> Array:
    """Return x + 3 brought between 0 and 6, over 6."""
    result = np.add(x, 3, out=_room(x))
    np.clip(result, 0, 6, out=result)
    result /= 6
    return result


@blockwise(4)
def hardsigmoid(x: Array, out: Array) -> None:
    """Return x + 3 brought between 0 and 6, over 6."""
    out[...] = _six(x)


@blockwise(4)
def hardswish(x: Array, out: Array) -> None:
    """Return x times its hard sigmoid."""
    np.multiply(x, _six(x), out=out)


@blockwise(5)
def tanh(x: Array, out: Array) -> None:
    """Return the hyperbolic tangent."""
    np.tanh(x, out=out)


def _softplus(x: Array) -> Array:
    """Return log(1 + e^x), in the form that holds for large x."""
    result = np.abs(x, out=_room(x))
    np.negative(result, out=result)
    np.exp(result, out=result)
    np.log1p(result, out=result)
    result += np.clip(x, 0, math.inf, out=_room(x, "above"))
    return result


@blockwise(8)
def softplus(x: Array, out: Array) -> None:
    """Return log(1 + e^x)."""
    out[...] = _softplus(x)


@blockwise(12)
def mish(x: Array, out: Array) -> None:
    """Return x · tanh(log(1 + e^x))."""
    share = _softplus(x)
    np.tanh(share, out=share)
    np.multiply(x, share, out=out)


@blockwise(18)
def gelu(x: Array, out: Array) -> None:
    """Return x/2 · (1 + erf(x/√2))."""
    share = np.multiply(x, math.sqrt(0.5), out=_room(x))
    erf(share, share)
    share += 1
    share *= 0.5
    np.multiply(x, share, out=out)


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
    x = np.clip(x, -4, 4, out=_room(x, "x"))
    square = np.multiply(x, x, out=_room(x, "square"))

    def polynomial(coefficients: Sequence[float], result: Array) -> Array:
        np.multiply(square, coefficients[0], out=result)
        result += coefficients[1]
        for coefficient in coefficients[2:]:
            result *= square
            result += coefficient
        return result

    above = polynomial(_ERF_ABOVE, _room(x, "above"))
    above *= x
    np.divide(above, polynomial(_ERF_BELOW, out), out=out)


@blockwise(5, across=True)
def softmax(x: Array, out: Array) -> None:
    """Return e^x over its sum along the channels."""
    np.subtract(x, x.max(-1, keepdims=True), out=out)
    np.exp(out, out=out)
    out /= out.sum(-1, keepdims=True)


def scale(x: Array, weight: Array, bias: Array | None = None) -> Array:
    """Return x · weight + bias, each channel with its own."""
    times = WIDE // len(weight) if x.size > FEW * len(weight) else 1
    if times > 1:
        weight, bias = np.tile(weight, times), None if bias is None else np.tile(bias, times)
    return _scale(x, weight, bias)


@blockwise(2)
def _scale(x: Array, out: Array, weight: Array, bias: Array | None) -> None:
    """Return x · weight + bias; both are there several times, for as many rows taken for one."""
    channels = x.shape[-1]
    even = x.size // len(weight) * len(weight) // channels
    for part, wide in ((slice(0, even), len(weight)), (slice(even, None), channels)):
        source, target = x[part].reshape(-1, wide), out[part].reshape(-1, wide)
        np.multiply(source, weight[:wide], out=target)
        if bias is not None:
            np.add(target, bias[:wide], out=target)


def add(inputs: Sequence[Array]) -> Array:
    """Return the sum of the arrays; an extent of 1 spreads."""
    return _merged(np.add, inputs)


def multiply(inputs: Sequence[Array]) -> Array:
    """Return the product of the arrays; an extent of 1 spreads."""
    return _merged(np.multiply, inputs)


def _merged(join: np.ufunc, inputs: Sequence[Array]) -> Array:
    result = empty(np.broadcast_shapes(*[x.shape for x in inputs]), np.result_type(*inputs))
    then = followers()
    alike = all(x.shape == result.shape for x in inputs)
    arrays = [rows(x)[None] if alike else np.broadcast_to(x, result.shape) for x in inputs]
    total = rows(result)[None] if alike else result

    def work(part: tuple[int, slice]) -> None:
        target = total[part]
        np.copyto(target, arrays[0][part])
        for x in arrays[1:]:
            join(target, x[part], out=target)
        done(then, rows(target))

    count = total.shape[1]
    lanes = threads.worth(result.size * (SLOWER * len(inputs) + effort(then)))
    length = min(max(1, BLOCK * count * len(total) // result.size), -(-count // lanes))
    cut = [slice(i, i + length) for i in range(0, count, length)]
    threads.each(work, [(i, part) for i in range(len(total)) for part in cut], lanes)
    return result


def concatenate(inputs: Sequence[Array]) -> Array:
    """Return the channels of the arrays after one another."""
    shape = (*inputs[0].shape[:-1], sum(x.shape[-1] for x in inputs))
    result = empty(shape, np.result_type(*inputs))
    ends = list(accumulate(x.shape[-1] for x in inputs))
    parts = [(result[..., end - x.shape[-1] : end], x) for x, end in zip(inputs, ends, strict=True)]
    threads.each(lambda part: np.copyto(*part), parts, threads.worth(2 * result.size * SLOWER))
    return result
