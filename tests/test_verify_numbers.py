"""The bound of a Tracked number holds for float32 kernels, and breaks for wrong ones."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnncalc.verification.error_bounds import SampleField, Tracked, probabilistic, worst_case

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Values = NDArray[Any]


def exact(values: Values) -> Tracked:
    """Return what a field reads from a vector."""
    return SampleField(values)[:]


def within(number: Tracked, found: object) -> bool:
    """Return whether a kernel's result is within a number's bound, everywhere."""
    return bool(np.all(np.abs(np.asarray(found, np.float64) - number.value) <= number.bound))


def vectors(seed: int, size: int, kind: str) -> Values:
    """Return float32 values: of both signs, positive, all alike, or of many magnitudes."""
    random = np.random.default_rng(seed)
    values = random.standard_normal(size)
    if kind == "positive":
        values = abs(values)
    if kind == "alike":
        values[:] = values[0]
    if kind == "scaled":
        values *= 10.0 ** random.integers(-6, 6, size)
    return values.astype(np.float32)


def one_by_one(terms: Values) -> np.float32:
    """Return the sum, each term added to those before it."""
    return np.float32(np.cumsum(terms, dtype=np.float32)[-1])


ORDERS: dict[str, Callable[[Values], object]] = {
    "one by one": one_by_one,
    "backwards": lambda terms: one_by_one(terms[::-1]),
    "ascending": lambda terms: one_by_one(np.sort(terms)),
    "descending": lambda terms: one_by_one(np.sort(terms)[::-1]),
    "pairwise": lambda terms: np.sum(terms, dtype=np.float32),
}
KINDS = st.sampled_from(["signed", "positive", "alike", "scaled"])
SEEDS = st.integers(0, 2**32)


@pytest.mark.parametrize("order", ORDERS)
@given(seed=SEEDS, size=st.integers(1, 20_000), kind=KINDS)
@settings(max_examples=25, deadline=None)
def test_sum_in_any_order(order: str, seed: int, size: int, kind: str) -> None:
    """A float32 sum is within the bound in whatever order its terms are added."""
    terms = vectors(seed, size, kind)
    assert within(exact(terms).sum(), ORDERS[order](terms))


@pytest.mark.parametrize("order", ORDERS)
@given(seed=SEEDS, size=st.integers(1, 5_000), kind=KINDS)
@settings(max_examples=15, deadline=None)
def test_dot_in_any_order(order: str, seed: int, size: int, kind: str) -> None:
    """So is a sum of products that starts from another, made in pieces or at once."""
    x, w = vectors(seed, size, kind), vectors(seed + 1, size, "signed")
    half = size // 2
    start = exact(x[:half]).dot(exact(w[:half])) if half else None
    number = exact(x[half:]).dot(exact(w[half:]), start)
    assert within(number, ORDERS[order](x * w))
    assert within(number, np.matmul(x, w))


def softmax(x: Values) -> Values:
    """Return the exponentials over their sum."""
    powers = np.exp(x - x.max())
    return np.asarray(powers / powers.sum())


def softmax_defined(x: Tracked) -> Tracked:
    """Return the same of Tracked numbers."""
    powers = (x - x.largest()).exp()
    return powers / powers.sum()


def norm(x: Values) -> Values:
    """Return x with mean 0 and variance 1, the variance from the mean of the squares."""
    mean = x.mean()
    variance = (x * x).mean() - mean * mean
    return np.asarray((x - mean) * (1 / np.sqrt(variance + np.float32(1e-3))))


def norm_defined(x: Tracked) -> Tracked:
    """Return the same, from the definition of the variance."""
    mean = x.sum() / len(x)
    away = x - mean
    return away / ((away * away).sum() / len(x) + 1e-3).root()


FUNCTIONS: dict[str, tuple[Callable[[Tracked], Tracked], Callable[[Values], Values]]] = {
    "softmax": (softmax_defined, softmax),
    "layer norm": (norm_defined, norm),
    "sigmoid": (lambda x: 1 / (1 + (-x).exp()), lambda x: 1 / (1 + np.exp(-x))),
    "silu": (lambda x: x / (1 + (-x).exp()), lambda x: x * (1 / (1 + np.exp(-x)))),
    "tanh": (lambda x: x.tanh(), np.tanh),
    "softplus": (
        lambda x: (1 + x.exp()).log(),
        lambda x: np.maximum(x, 0) + np.log1p(np.exp(-abs(x))),
    ),
    "elu": (
        lambda x: x.if_positive(x, x.exp() - 1),
        lambda x: np.where(x > 0, x, np.exp(np.minimum(x, 0)) - 1),
    ),
    "power": (
        lambda x: x / (2 + 1e-4 * (x * x)).power(0.75),
        lambda x: x * np.power(np.float32(2) + np.float32(1e-4) * (x * x), np.float32(-0.75)),
    ),
    "hard sigmoid": (
        lambda x: (x + 3).maximum(0).minimum(6) / 6,
        lambda x: np.clip(x * np.float32(1 / 6) + np.float32(0.5), 0, 1),
    ),
}


@pytest.mark.parametrize("name", FUNCTIONS)
@given(seed=SEEDS, size=st.integers(2, 500), scale=st.sampled_from([1e-3, 1, 30]))
@settings(max_examples=25, deadline=None)
def test_functions_of_sums(name: str, seed: int, size: int, scale: float) -> None:
    """Functions, quotients and roots pass the error on, however a kernel rearranges them."""
    defined, kernel = FUNCTIONS[name]
    x = (vectors(seed, size, "signed") * scale).astype(np.float32)
    x = x.clip(-80, 80)  # beyond, exponentials leave float32's range; bounds know of rounding alone
    assert within(defined(exact(x)), kernel(x))


def test_what_is_only_copied_is_exact() -> None:
    """A maximum has no rounding, so that the next float32 is already wrong."""
    x = vectors(0, 9, "signed")
    number = exact(x).largest()
    assert within(number, x.max())
    assert not within(number, np.nextafter(x.max(), np.float32(9)))


@given(seed=SEEDS, size=st.integers(2, 4608))
@settings(max_examples=50, deadline=None)
def test_a_dropped_tap_shows(seed: int, size: int) -> None:
    """A sum of up to 512 x 3 x 3 products, without one of middling size, is out of bounds."""
    x, w = vectors(seed, size, "signed"), vectors(seed + 1, size, "signed")
    dropped = np.argsort(abs(x * w))[size // 2]
    number = exact(x).dot(exact(w))
    assert within(number, np.dot(x, w))
    w[dropped] = 0
    assert not within(number, np.dot(x, w))


def test_nan_and_overflow_are_wrong() -> None:
    """No bound holds for a result that is not a number, or not finite."""
    number = exact(vectors(0, 9, "signed")).sum()
    assert not within(number, math.nan)
    assert not within(number, math.inf)


def test_bounds_follow_from_the_count() -> None:
    """The bound grows with the terms: as their number at worst, as its root in general."""
    assert worst_case(10) == pytest.approx(10 * 2**-24)
    assert probabilistic(10**6) == pytest.approx(8 * 10**3 * 2**-24, rel=1e-3)
    assert probabilistic(4) == worst_case(4)


def test_a_field_is_zero_outside() -> None:
    """Positions and channels outside the volume are the padding: zeros."""
    field = SampleField(np.arange(1, 13, dtype=np.float32).reshape(2, 2, 3))
    assert field.at((1, 1), slice(-2, 2)).value.tolist() == [0, 0, 10, 11]
    assert field.at((1, 0)).value.tolist() == [7, 8, 9]
    assert field.at((-1, 0)).value.tolist() == [0, 0, 0]
    assert field.at((0, 2), 1).value == 0
    assert field.at((0, 1), 3).value == 0
    assert field[..., 1].value.tolist() == [2, 5, 8, 11]
    assert field[0, 1, 2].value == 6
