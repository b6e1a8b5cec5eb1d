"""Numbers and volumes as people write them."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cnncalc.homework.answers.number_text import LONGEST, read_number
from cnncalc.homework.answers.quantity import Unreadable
from cnncalc.homework.answers.volume_text import read_volume

EXACT = {
    "34,944": 34944,
    "34 944": 34944,
    "34\u202f944": 34944,
    "34'944": 34944,
    "34_944": 34944,
    "34944.0": 34944,
    "3.4944e4": 34944,
    "34.944K": 34944,
    "105.415.200": 105415200,
    "(11*11*3+1)*96": 34944,
    "(11·11·3 + 1) × 96": 34944,
    "11x11x3x96": 34848,
    "(11*11*3+1)*96 = 34,944": 34944,
    "(11*11*3)*96 = 35K": 34848,
    "K*K*D1*D2 = 34,848": 34848,
    "… = 34,944": 34944,
    "=34944": 34944,
    "208 (=5*5*8+8)": 208,
    "34,848 (weights)": 34848,
    "34848 weights": 34848,
    "5*5*3 + 1 = 76 params => 76*10 = 760": 760,
    "8^2*4": 256,
    "8²·4": 256,
    "2**10": 1024,
    "10/4": Fraction(5, 2),
    "floor((224 - 11)/4) + 1": 54,
    "⌊54.25⌋": 54,
    "96(11·11·3 + 1)": 34944,
    "(11*11*3 + 1)96 = 34,944": 34944,
    "(11*11*3+1)*96 = 34.944": 34944,
    "(11*11*3+1)*96 (34,944)": 34944,
    "34,944 (35K)": 34944,
    "34,944 ≈ 35K": 34944,
    "11⨯11⨯3⨯96": 34848,
    "3.4944×10⁴": 34944,
    "34{,}944": 34944,
    "+34,944": 34944,
    "approx. 35,000": 35000,
    "0!": 0,
    "-5": -5,
}
ROUNDED = {
    "35K": (34500, 35500, 2),
    "34.8k": (34750, 34850, 3),
    "0.035M": (34500, 35500, 2),
    "3.5e4": (34500, 35500, 2),
    "37.7M": (37650000, 37750000, 3),
    "120 Mil": (119500000, 120500000, 3),
    "1.4 GFLOPs": (1350000000, 1450000000, 2),
    "724M x 2": (1447000000, 1449000000, 3),
    "30.71 billion": (30705000000, 30715000000, 4),
    "34,8K": (34750, 34850, 3),
    "1.135 x 10^9": (1134500000, 1135500000, 4),
    ".5M": (450000, 550000, 1),
    "~500K": (499500, 500500, 3),
}
UNREADABLE = (
    "", "abc", "34,84", "1/0", "2**99", "9**9**9", "1e400", "3 4 5 x", "12 apples", "()", "*3",
    "__import__('os')", "34944 if 1 else 2", "9" * 50, "(" * 150, "1" * (LONGEST + 1),
    "len([1])", "a.b", "1e99999", "12 34", "290,400 (96)", "34,944 (35.1K)",
)  # fmt: skip


@pytest.mark.parametrize("text", EXACT)
def test_exact_numbers(text: str) -> None:
    """Each way of writing a number is read as the number, exactly."""
    quantity = read_number(text).quantity
    assert (quantity.value, quantity.digits) == (EXACT[text], None)


@pytest.mark.parametrize("text", ROUNDED)
def test_rounded_numbers(text: str) -> None:
    """A rounded number stands for all that rounds to it, with the digits that it has."""
    quantity = read_number(text).quantity
    assert (quantity.low, quantity.high, quantity.digits) == ROUNDED[text]


@pytest.mark.parametrize("text", UNREADABLE, ids=lambda text: text[:12])
def test_unreadable(text: str) -> None:
    """What is no number is not guessed at, and nothing is executed."""
    with pytest.raises(Unreadable):
        read_number(text)


def test_a_point_before_three_digits_is_asked_about() -> None:
    """34.848 may be 34,848 or a fraction; with a unit it can only be a decimal number."""
    with pytest.raises(Unreadable, match=r"^Is it 34,848, or 34 and a fraction\?"):
        read_number("34.848")
    assert read_number("34.848K").quantity.value == 34848
    assert read_number("0.848K").quantity.covers(848)


def test_working_is_judged_and_its_result_compared() -> None:
    """Working counts; a result after it that is another number is reported, a rounded one not."""
    assert read_number("(3*3*1+1)*32 = 320").stated is None
    assert read_number("(11*11*3)*96 = 35K").stated is None
    assert read_number("224*224*3=150K").stated is None
    stated = read_number("(3*3*1+1)*32 = 330").stated
    assert stated is not None
    assert stated.value == 330


def test_bytes_are_told_from_counts() -> None:
    """A unit of bytes is kept, as 93 MB and 93M are not the same."""
    assert read_number("60.95 MB").quantity.unit == "byte"
    assert read_number("93M").quantity.unit == ""
    assert read_number("24M * 4 bytes ~= 93MB / image (forward)").quantity.value == 96_000_000
    assert read_number("58.1 MiB").quantity.value == Fraction(581, 10) * 2**20


VOLUMES = {
    "55x55x96": "55x55x96",
    "55×55×96": "55x55x96",
    "55 x 55 x 96": "55x55x96",
    "(55, 55, 96)": "55x55x96",
    "(None, 55, 55, 96)": "55x55x96",
    "[1, 96, 55, 55]": "1x96x55x55",
    "96@55x55": "96x55x55",
    "55*55*96": "55x55x96",
    "55x55x96 = 290,400": "55x55x96",
    "=> Output volume [55x55x96]": "55x55x96",
    "4096": "4096",
    "4,096": "4096",
    "9,216 neurons": "9216",
    "128,128,256": "128x128x256",
    "4.5x4.5x16": "4.5x4.5x16",
    "C=96, H=55, W=55": "96x55x55",
    "W2=55, H2=55, D2=96": "55x55x96",
    "55²×96": "55x55x96",
    "W=55 H=55 D=96": "55x55x96",
    "96 feature maps of 55x55": "96x55x55",
    "55x55, 96 channels": "55x55x96",
    "torch.Size([1, 96, 55, 55])": "1x96x55x55",
    "TensorShape([None, 55, 55, 96])": "55x55x96",
    "(batch_size, 55, 55, 96)": "55x55x96",
    "55 ✕ 55 ✕ 96": "55x55x96",
}


@pytest.mark.parametrize("text", VOLUMES)
def test_volumes(text: str) -> None:
    """Each way of writing a volume is read, in the order in which it is written."""
    assert str(read_volume(text)) == VOLUMES[text]


@pytest.mark.parametrize(
    "text", ["", "invalid", "axb", "55x", "H=55 W=x D=96", "1x2x3x4x5x6", "x" * 300]
)
def test_no_volumes(text: str) -> None:
    """What is no volume is not guessed at."""
    with pytest.raises(Unreadable):
        read_volume(text)


@given(st.integers(0, 10**15))
def test_grouping_changes_nothing(n: int) -> None:
    """A whole number is the same with and without commas."""
    assert read_number(f"{n:,}").quantity.value == read_number(str(n)).quantity.value == n


@given(st.integers(1, 10**12), st.integers(1, 6))
def test_truth_rounds_to_what_is_written(n: int, digits: int) -> None:
    """Whatever is written with so many digits covers what it was rounded from."""
    assert read_number(f"{n:.{digits - 1}e}").quantity.covers(n)


@given(st.text(alphabet="0123456789.,x*+-/()=KM~ e^[]@²\u00a0", max_size=40))
@example("(=)")
@example("1e5e5")
@example("²")
def test_reading_ends_in_a_number_or_a_reason(text: str) -> None:
    """No text does anything else than give a number or say why not."""
    for read in (read_number, read_volume):
        try:
            read(text)
        except Unreadable:
            continue
