"""Arithmetic that is exact where it is rational, and of `PRECISION` digits where it is not.

A value is an int, a Fraction, or a Decimal: a Decimal is rounded, infinite, or no number.
"""

from __future__ import annotations

import math
from decimal import Context, Decimal
from fractions import Fraction
from functools import cache

Value = int | Fraction | Decimal

PRECISION = 60  # digits of what is rounded: more than are ever written
MOST_BITS = 2000  # of an exact number: sums of many unlike fractions would grow without end
INFINITE = 10**6  # a Decimal with a larger exponent is infinite, or zero

_CONTEXT = Context(prec=PRECISION, Emax=INFINITE, Emin=-INFINITE, traps=[])
# What functions are computed with: e^x - 1 and the like lose digits before they are rounded.
_FINER = Context(prec=2 * PRECISION, Emax=INFINITE, Emin=-INFINITE, traps=[])
_NOTHING = Decimal(10) ** (-2 * PRECISION)
_ERF_IS_ONE = 12  # from here on erf differs from 1 by less than 10^-60


def rounded(value: Value, context: Context = _CONTEXT) -> Decimal:
    """Return a value as a Decimal of so many digits.

    >>> rounded(Fraction(1, 3))
    Decimal('0.333333333333333333333333333333333333333333333333333333333333')
    """
    if isinstance(value, Decimal):
        return context.plus(value)
    if isinstance(value, int):
        return context.create_decimal(value)
    return context.divide(Decimal(value.numerator), Decimal(value.denominator))


def bounded(value: Fraction | int) -> Value:
    """Return an exact value: whole numbers as ints, and rounded if it has very many digits."""
    if isinstance(value, Fraction) and value.denominator == 1:
        value = value.numerator
    if max(value.numerator.bit_length(), value.denominator.bit_length()) > MOST_BITS:
        return rounded(value)
    return value


def add(a: Value, b: Value) -> Value:
    """Return a + b.

    >>> add(Fraction(1, 3), Fraction(2, 3)), add(Decimal("0.5"), 1)
    (1, Decimal('1.5'))
    """
    if isinstance(a, Decimal) or isinstance(b, Decimal):
        return _CONTEXT.add(rounded(a), rounded(b))
    return bounded(a + b)


def negative(a: Value) -> Value:
    """Return -a."""
    return _CONTEXT.minus(a) if isinstance(a, Decimal) else -a


def multiply(a: Value, b: Value) -> Value:
    """Return a·b."""
    if isinstance(a, Decimal) or isinstance(b, Decimal):
        return _CONTEXT.multiply(rounded(a), rounded(b))
    return bounded(a * b)


def divide(a: Value, b: Value) -> Value:
    """Return a/b: infinite or no number where b is 0.

    >>> divide(6, 4), divide(1, 0)
    (Fraction(3, 2), Decimal('Infinity'))
    """
    if isinstance(a, Decimal) or isinstance(b, Decimal) or not b:
        return _CONTEXT.divide(rounded(a), rounded(b))
    return bounded(Fraction(a) / b)


def larger(a: Value, b: Value) -> bool:
    """Return whether a > b; never, if either is no number."""
    if isinstance(a, Decimal) or isinstance(b, Decimal):
        a, b = rounded(a), rounded(b)
        return not a.is_nan() and not b.is_nan() and a > b
    return a > b


def root(a: Value) -> Value:
    """Return the square root: exact where it is rational.

    >>> root(Fraction(9, 4)), str(root(2))[:6]
    (Fraction(3, 2), '1.4142')
    """
    if not isinstance(a, Decimal) and a >= 0:
        parts = math.isqrt(a.numerator), math.isqrt(a.denominator)
        if parts[0] ** 2 == a.numerator and parts[1] ** 2 == a.denominator:
            return bounded(Fraction(*parts))
    return _CONTEXT.sqrt(rounded(a))


def _is(a: Value, number: int) -> bool:
    """Return whether a value is a number, and not a rounded one that came out so."""
    return not isinstance(a, Decimal) and a == number


def exp(a: Value) -> Value:
    """Return e to this power: exact at 0."""
    return 1 if _is(a, 0) else _CONTEXT.exp(rounded(a))


def log(a: Value) -> Value:
    """Return the natural logarithm: exact at 1."""
    return 0 if _is(a, 1) else _CONTEXT.ln(rounded(a))


def tanh(a: Value) -> Value:
    """Return the hyperbolic tangent, (e^2a - 1)/(e^2a + 1): exact at 0.

    >>> str(tanh(Fraction(1, 2)))[:8]
    '0.462117'
    """
    if _is(a, 0):
        return 0
    x = rounded(a)
    if abs(x) > 10**3:  # e^2a may be infinite; tanh is 1 in any number of digits written
        return _CONTEXT.create_decimal(1).copy_sign(x)
    if abs(x) < Decimal("1e-30"):  # the next term of its series is below its last digit
        return x
    power = _FINER.exp(_FINER.multiply(2, x))
    return _CONTEXT.divide(_FINER.subtract(power, 1), _FINER.add(power, 1))


def erf(a: Value) -> Value:
    """Return the error function, by its series: exact at 0.

    Source: Abramowitz and Stegun 1964, formula 7.1.6, whose terms have one sign.

    >>> str(erf(1))[:10]
    '0.84270079'
    """
    if _is(a, 0):
        return 0
    x = rounded(a)
    if x.is_nan() or abs(x) > _ERF_IS_ONE:
        return x if x.is_nan() else _CONTEXT.create_decimal(1).copy_sign(x)
    square = _FINER.multiply(x, x)
    term = total = x
    n = 0
    while abs(term) > abs(total) * _NOTHING:
        n += 1
        term = _FINER.divide(_FINER.multiply(term, _FINER.multiply(2, square)), 2 * n + 1)
        total = _FINER.add(total, term)
    scale = _FINER.divide(2, _FINER.multiply(_FINER.exp(square), _FINER.sqrt(_pi())))
    return _CONTEXT.multiply(total, scale)


@cache
def _pi() -> Decimal:
    """Return π, by Machin's formula: 4·(4·arctan(1/5) - arctan(1/239))."""

    def arctangent(n: int) -> Decimal:
        power = total = _FINER.divide(1, n)
        k = 1
        while power > _NOTHING:
            power = _FINER.divide(power, n * n)
            term = _FINER.divide(power, 2 * k + 1)
            total = _FINER.subtract(total, term) if k % 2 else _FINER.add(total, term)
            k += 1
        return total

    quarter = _FINER.subtract(_FINER.multiply(4, arctangent(5)), arctangent(239))
    return _FINER.multiply(4, quarter)


def power(a: Value, exponent: Value) -> Value:
    """Return a to a power: exact where it is a whole one, or a square root that is rational.

    >>> power(Fraction(2, 3), 2), power(Fraction(9, 4), Fraction(1, 2))
    (Fraction(4, 9), Fraction(3, 2))
    """
    if exponent == Fraction(1, 2):
        return root(a)
    if _is(a, 1) or exponent == 1:
        return a
    if isinstance(exponent, int) and not isinstance(a, Decimal) and 0 <= exponent <= 64:
        return bounded(Fraction(a) ** exponent)
    return _CONTEXT.power(rounded(a), rounded(exponent))


def constant(number: float | Fraction | int) -> Value:
    """Return a number that stands in a layer's definition or settings: 0.01 is 1/100.

    >>> constant(0.01), constant(float("-inf"))
    (Fraction(1, 100), Decimal('-Infinity'))
    """
    if isinstance(number, float):
        if math.isinf(number):
            return Decimal(number)
        number = Fraction(repr(number))
    return bounded(number)
