"""Quoted figures as they are written: what they are of, and the values that they stand for."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from cnncalc.api import reconcile
from cnncalc.errors import CnncalcError
from cnncalc.reconciling.quoted_figure import read


@pytest.mark.parametrize(
    ("text", "low", "high", "quantities"),
    [
        ("727M", 726500000, 727500000, ()),
        ("0.71 G", 705000000, 715000000, ()),
        ("2.27 GFLOPs", 2265000000, 2275000000, ("flops",)),
        ("724 MMACs", 723500000, 724500000, ("flops",)),
        ("233 MB", 232500000, 233500000, ("memory",)),
        ("62.4M parameters", 62350000, 62450000, ("parameters",)),
        ("650,000 neurons", 645000, 655000, ("activations",)),
        ("138,357,544", Fraction(276715087, 2), Fraction(276715089, 2), ()),
        ("720M", 715000000, 725000000, ()),
        ("0.720G", 719500000, 720500000, ()),
        ("300M", 295000000, 305000000, ()),
        ("3.80G", 3795000000, 3805000000, ()),
        ("9633792B", Fraction(19267583, 2), Fraction(19267585, 2), ("memory",)),
        ("1.5B", 1450000000, 1550000000, ()),
        ("131.95 Params(M)", 131945000, 131955000, ("parameters",)),
        ("Size (MB) 528", 527500000, 528500000, ("memory",)),
        ("3.2GF", 3150000000, 3250000000, ("flops",)),
        ("65.86 Bn Ops", 65855000000, 65865000000, ("flops",)),
        ("240 MiB", 251133952, 252182528, ("memory",)),
        ("300 M multiply–adds", 295000000, 305000000, ("flops",)),
        ("233 MB of memory", 232500000, 233500000, ("memory",)),
        ("25.6 million learnable parameters", 25550000, 25650000, ("parameters",)),
        ("62'378'344 params", Fraction(124756687, 2), Fraction(124756689, 2), ("parameters",)),
        ("24M * 4 bytes", 95500000, 96500000, ("memory",)),
        ("FLOPs = 4.1G", 4050000000, 4150000000, ("flops",)),
    ],
)
def test_figures_are_read_with_their_precision(
    text: str, low: int | Fraction, high: int | Fraction, quantities: tuple[str, ...]
) -> None:
    """A figure stands for all that rounds to it; its unit says what it is a number of."""
    figure = read(text)
    assert (figure.ranges[0].low, figure.ranges[0].high) == (low, high)
    assert figure.quantities == quantities


@pytest.mark.parametrize(
    "text",
    [
        "",
        "abc",
        "0",
        "-727M",
        "34.848",
        "15.5",
        "1/3",
        "1e-5",
        "1e99",
        "1e400",
        "7" * 300,
        "∞",
        "7" * 10**6,
        10**5000,
        float("inf"),
        None,
        "\x1b[31m",
        "nan",
        "(" * 99,
        "(M)",
        "5 GB/s",
    ],
    ids=lambda figure: type(figure).__name__,
)
def test_what_is_no_figure_is_refused(text: Any) -> None:
    """It is said what was received, in signs that can be printed, and nothing is searched."""
    with pytest.raises(CnncalcError) as error:
        reconcile("alexnet", text)
    assert str(error.value).isprintable()
