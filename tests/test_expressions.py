"""The expression language: what it gives, what it refuses, and that it never does more."""

from __future__ import annotations

import contextlib
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnncalc.format.expressions import ExpressionError, Word, arithmetic, make_divisible, parse

SCOPE = {"w": 64, "half": Fraction(1, 2), "list": (1, 2, 3), "yes": True, "relu": Word("relu"),
         "silu": Word("silu"), "channels": 3, "input.channels": 7}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("4 * w", 256), ("w // 3", 21), ("w % 5", 4), ("w / 3", Fraction(64, 3)), ("2 ** 10", 1024),
        ("32 * half", 16), ("1.1", Fraction(11, 10)), ("1e-5", Fraction(1, 100_000)),
        ("6.0", 6), ("-w + 1", -63), ("list[1]", 2), ("[w, 1][0]", 64), ("len(list)", 3),
        ("sum(list)", 6), ("max(w, 70)", 70), ("min([3, 2])", 2), ("sum([])", 0),
        ("round(2.5)", 2), ("round(3.5)", 4), ("floor(-1.5)", -2), ("ceil(1.1)", 2),
        ("1 < 2 < 3", True), ("w == 64 and yes", True), ("not yes or w != 64", False),
        ("2 in list", True), ("relu not in [silu, relu]", False), ("relu == silu", False),
        ("1 if yes else w", 1), ("silu if not yes else relu", "relu"), ("true", True),
        ("input.channels + channels", 10), ("make_divisible(w * 0.6)", 40),
        ("make_divisible(5, 4)", 8),
    ],
)  # fmt: skip
def test_values(text: str, value: Any) -> None:
    """Exact numbers, truth, words and lists."""
    found = parse(text).evaluate(SCOPE)
    assert found == value
    assert type(found) is type(value) or isinstance(found, Word)


@pytest.mark.parametrize(
    "text",
    [
        "0x10", "1_000", "011", "1.", ".5", "1j", "1e65", "'a'", "a.b", "input.extents", "x = 1",
        "lambda: 1", "[x for x in list]", "f(x)", "min(x=1)", "min(*list)", "__import__('os')",
        "list[0:2]", "{1}", "(1, 2)", "(1,)", "True", "None", "a; b", "1 is 1", "w << 2", "~w",
        "+w",
        "@", "", "1 if 2", "((((", "ä", "w if w", "f''", "await w", "list[", "1 1", "w\n+1\n2",
        "4 # four",
    ],
)  # fmt: skip
def test_what_is_no_expression(text: str) -> None:
    """Everything that the language does not name is refused when it is read."""
    with pytest.raises(ExpressionError):
        parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "nothing", "1 / 0", "1 // 0", "1 % 0", "2 ** 63", "2 ** 65", "2 ** -1", "2 ** half",
        "9223372036854775807 + 1", "yes + 1", "list + list", "list * 2", "-yes",
        "not 1", "1 and yes", "1 if w else 2", "yes < 1", "relu < silu", "w == yes", "w == relu",
        "w in 3", "list[3]", "list[-1]", "list[yes]", "w[0]", "len(w)", "max()", "min(yes)",
        "make_divisible(w, 0)", "make_divisible(w, half)", "min([])",
    ],
)  # fmt: skip
def test_what_has_no_value(text: str) -> None:
    """Bounds, kinds and names are checked at every step, with a sentence."""
    with pytest.raises(ExpressionError) as caught:
        parse(text).evaluate(SCOPE)
    assert len(str(caught.value)) > 10


@given(st.text(alphabet="0123456789+-*/%()[]., <>=!wxifelsandotr'\"{}@:~", max_size=60))
def test_any_text_gives_a_value_or_a_sentence(text: str) -> None:
    """Whatever it is, there is no other exception."""
    with contextlib.suppress(ExpressionError):
        parse(text).evaluate({"w": 3, "x": 4})


def test_length_is_bounded() -> None:
    """201 characters are too many."""
    assert parse("1" + " + 1" * 49).evaluate({}) == 50
    with pytest.raises(ExpressionError, match="at most 200 characters"):
        parse("1" + " + 1" * 50)


@given(st.fractions(min_value=1, max_value=10_000, max_denominator=64), st.integers(1, 32))
def test_make_divisible(x: Fraction, d: int) -> None:
    """A multiple of d, at least d, never under 9/10 x, and otherwise the nearest."""
    found = make_divisible(x, d)
    assert found % d == 0
    assert found >= d
    assert 10 * found >= 9 * x
    assert abs(found - x) <= Fraction(d, 2) or found == d or 10 * (found - d) < 9 * x


def test_arithmetic_takes_numbers_alone() -> None:
    """The working of a sheet: no names, no truth."""
    assert arithmetic("(11*11*3 + 1)*96") == 34_944
    for text in ("w", "1 < 2", "[1]"):
        with pytest.raises(ExpressionError):
            arithmetic(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.1 ** 2", Fraction(121, 100)),
        ("9.999999747378752e-06", 9.999999747378752e-06),
        ("0." + "3" * 150, 1 / 3),
        ("0.5" + "0" * 150, Fraction(1, 2)),
        ("1.1 ** 30", float(Fraction(11, 10) ** 30)),
        ("(1 / 3) ** 60", float(Fraction(1, 3**60))),
        ("1e-400", 0),
        ("1e-" + "9" * 150, 0),
        ("9007199254740993.0", 2**53 + 1),
        ("0." + "9" * 40, 1),
    ],
)
def test_the_bound_is_on_size_and_not_on_digits(text: str, value: Fraction | float) -> None:
    """Exactly where both parts are below 2^63, else the nearest double."""
    assert parse(text).evaluate({}) == value


@pytest.mark.parametrize("text", ["9223372036854775807.5", "(2.5 ** 40) ** 60", "1e" + "9" * 99])
def test_decimals_are_below_2_63(text: str) -> None:
    """However many digits they have."""
    with pytest.raises(ExpressionError, match="it must be below"):
        parse(text).evaluate({})


@given(st.one_of(st.floats(0, 2**62, width=32), st.floats(0, 2**62)))
def test_every_float_is_itself(number: float) -> None:
    """What a framework writes, in 17 digits or in more, is read as that number."""
    for text in (repr(number), f"{number:.17g}", f"{number:.60e}"):
        if text.strip("0123456789"):
            assert float(parse(text).evaluate({})) == number
