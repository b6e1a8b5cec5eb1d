"""`cnncalc apply`: a layer's definition on numbers that record their formula."""

from __future__ import annotations

import json
import math
import os
import shutil
import subprocess
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import cases
from support import Recorded, inputs_for

import cnncalc
from cnncalc.applying import exact
from cnncalc.cli import main
from cnncalc.errors import CnncalcError, LimitError, VolumeError
from cnncalc.layers import TYPES

LAYERS = int(os.environ.get("LAYERS", "0"))  # for each type; LAYERS=10 tries more than 500
POOL = "1 1 2 4; 5 6 7 8; 3 2 1 0; 1 2 3 4"


def working(applied: Any) -> list[str]:
    """Return the working of each output."""
    return [line["working"] for line in applied.to_dict()["working"]]


@pytest.mark.parametrize("tag", TYPES)
@settings(max_examples=LAYERS or 2)
@given(data=st.data())
def test_every_layer_gives_what_its_kernel_gives(tag: str, data: st.DataObject) -> None:
    """The values are those of `forward`, for every type; every format writes them."""
    layer, volumes = data.draw(cases(tag))
    try:
        output = layer.output(*volumes)
    except VolumeError:
        return
    arrays, inputs = Recorded(), inputs_for(volumes)
    result = layer.forward(arrays, *inputs)
    given_as = tuple(f"{v}: {x[0].tolist()}" for v, x in zip(volumes, inputs, strict=True))
    applied = cnncalc.apply(layer, given_as, arrays.made)
    assert applied.output == output
    values = np.array([float(value) for value in applied.values]).reshape(output.shape)
    np.testing.assert_allclose(result[0], values, rtol=1e-4, atol=1e-5)
    for format in ("text", "latex", "json"):
        assert applied.to(format)


@pytest.mark.parametrize(
    ("tag", "inputs", "set", "arrays", "lines"),
    [
        (
            *("max_pool", POOL, {"kernel": 2, "stride": 2}, {}),
            [
                "max(1, 1, 5, 6) = 6",
                "max(2, 4, 7, 8) = 8",
                "max(3, 2, 1, 2) = 3",
                "max(1, 0, 3, 4) = 4",
            ],
        ),
        ("max_pool", "1 2", {"kernel": 2, "padding": 1}, {}, ["max(1, -∞) = 1", "max(2, -∞) = 2"]),
        ("avg_pool", "1 2; 3 5", {"kernel": 2}, {}, ["(1 + 2 + 3 + 5)/4 = 2.75"]),
        ("avg_pool", "1 2 4", {"kernel": 3}, {}, ["(1 + 2 + 4)/3 = 7/3"]),
        ("relu", "-1 0.5", {}, {}, ["max(-1, 0) = 0", "max(0.5, 0) = 0.5"]),
        ("leaky_relu", "2 -2", {}, {}, ["2 > 0, so 2", "-2 ≤ 0, so 0.01·(-2) = -0.02"]),
        ("identity", "5 7", {}, {}, ["input (1) = 5", "input (2) = 7"]),
        ("add", ("1 2", "-3 1/3"), {}, {}, ["1 + (-3) = -2", "2 + 1/3 = 7/3"]),
        ("hardsigmoid", "1", {}, {}, ["min(max(1 + 3, 0), 6)/6 = 2/3"]),
        ("sigmoid", "0 1", {}, {}, ["1/(1 + exp(-0)) = 0.5", "1/(1 + exp(-1)) ≈ 0.73106"]),
        ("gelu", "1", {}, {}, ["0.5·1·(1 + erf(√(0.5)·1)) ≈ 0.84134"]),
        ("l2_norm", "3 4", {}, {}, ["3/max(√(3² + 4²), 1·10^-12) = 0.6"]),
        ("fc", "1 2", {"units": 1}, {"weight": "3 -1", "bias": 2}, ["1·3 + 2·(-1) + 2 = 3"]),
        (
            *("conv", "1 2 3", {"kernel": 2, "filters": 1}, {"weight": "1 -1", "bias": "0.5"}),
            ["1·1 + 2·(-1) + 0.5 = -0.5", "2·1 + 3·(-1) + 0.5 = -0.5"],
        ),
        ("lrn", "2", {"size": 1, "beta": 0.5, "alpha": 0.5}, {}, ["2/(2 + 0.5·2²)^(0.5) = 1"]),
        ("upsample", "0 3", {"scale": 3, "mode": "bilinear"}, {}, None),
    ],
)
def test_working_is_flat_and_exact(
    tag: str, inputs: Any, set: dict[str, Any], arrays: dict[str, Any], lines: list[str] | None
) -> None:
    """Nested maxima and sums are flat, rational numbers exact, what is rounded has ≈."""
    applied = cnncalc.apply(tag, inputs, arrays, set=set)
    if lines is None:
        assert applied.values == [0, 0, 1, 2, 3, 3]
    elif tag == "l2_norm":
        assert applied.values == [Fraction(3, 5), Fraction(4, 5)]
    else:
        assert working(applied) == lines


def test_what_outputs_share_has_a_letter() -> None:
    """A softmax names its maximum and its sum, each used by all outputs."""
    document = cnncalc.apply("softmax", "1 2 3").to_dict()
    assert [(line["place"], line["working"]) for line in document["shared"]] == [
        ("a", "max(1, 2, 3) = 3"),
        ("b", "exp(1 - a) + exp(2 - a) + exp(3 - a) ≈ 1.5032"),
    ]
    assert document["working"][2]["working"] == "exp(3 - a)/b ≈ 0.66524"
    assert document["exact"] is False


def test_a_long_sum_is_shortened_in_the_middle() -> None:
    """Its ends are written, and how many terms are between them; `terms` None writes all."""
    row = " ".join(map(str, range(1, 41)))
    applied = cnncalc.apply("fc", row, {"weight": 1, "bias": 0}, set={"units": 1})
    assert "1·1 + 2·1" in applied.to("text")
    assert "… (29 more) … + 38·1 + 39·1 + 40·1 + 0 = 820" in applied.to("text")
    assert "more" not in applied.to("text", terms=None)


def test_windows_are_shown_as_they_are_written() -> None:
    """Small ones by their values, zeros of the padding too; larger ones by rows and columns."""
    layer = cnncalc.Conv(filters=1, kernel=2, padding=1, bias=False)
    found = cnncalc.apply(layer, "1 2; 3 4", {"weight": 1}).to_dict()["working"]
    assert [line["window"] for line in found[:2]] == ["0 0; 0 1", "0 0; 1 2"]
    wide = cnncalc.Conv(filters=1, kernel=5, bias=False)
    rows = "; ".join(["1 2 3 4 5 6"] * 6)
    found = cnncalc.apply(wide, rows, {"weight": 1}).to_dict()["working"]
    assert found[1]["window"] == "rows 1 to 5, columns 2 to 6"


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("1 2 3", (3,)),
        ("1,2; 3,4", (2, 2, 1)),
        ("1 2; 3 4 | 5 6; 7 8", (2, 2, 2)),
        ("1 2 | 3 4", (2, 2)),
        ("4x1: 1 2 3 4", (4, 1)),
        ("1x2x2x1: [[1, 2], [3, 4]]", (1, 2, 2, 1)),
        ("[[[1, 2]], [[3, 4]]]", (2, 1, 2)),
        ("[[1, 2], [3, 4]]", (2, 2, 1)),
    ],
)
def test_text_says_its_volume(text: str, shape: tuple[int, ...]) -> None:
    """Rows, channels, and volumes that stand before the values."""
    assert cnncalc.apply("identity", text).inputs[0].shape == shape


def test_rows_are_positions_where_a_layer_works_on_them() -> None:
    """A matrix product is one of the matrices as they are written; so are neurons at positions."""
    assert cnncalc.apply("matmul", ("1 2; 3 4", "5 6; 7 8")).values == [19, 22, 43, 50]
    neurons = cnncalc.apply("linear", "1 2; 3 4", {"weight": "1 -1", "bias": 0}, set={"units": 1})
    assert neurons.values == [-1, -1]


def test_a_rounded_zero_is_none() -> None:
    """e to a difference that rounding left as nothing is rounded, too."""
    nothing = exact.add(exact.exp(1), exact.negative(exact.exp(1)))
    assert str(exact.exp(nothing)) == "1"
    assert not isinstance(exact.exp(nothing), int)
    assert isinstance(exact.exp(0), int)


def test_channels_may_come_first() -> None:
    """With the layout chw, lists and NumPy's arrays are as PyTorch has them."""
    x = np.arange(12).reshape(2, 2, 3)
    weight = np.arange(16).reshape(2, 2, 2, 2)
    layer = cnncalc.Conv(filters=2, kernel=2, bias=False)
    first = cnncalc.apply(layer, x, {"weight": weight}, layout="chw")
    last = cnncalc.apply(layer, np.moveaxis(x, 0, -1), {"weight": np.moveaxis(weight, 1, -1)})
    text = "0 1 2; 3 4 5 | 6 7 8; 9 10 11"
    written = "0 1; 2 3 | 4 5; 6 7 || 8 9; 10 11 | 12 13; 14 15"
    assert first.values == last.values == cnncalc.apply(layer, text, {"weight": written}).values
    # The first filter on the first window: by hand.
    pairs = zip((0, 1, 3, 4, 6, 7, 9, 10), range(8), strict=True)
    assert first.values[0] == sum(a * b for a, b in pairs)


def test_files_hold_inputs_and_arrays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """.npy, .csv, .json and .txt, each as it is; a float32 is the decimals that it prints as."""
    monkeypatch.chdir(tmp_path)
    np.save("x.npy", np.array([[0.1, 2], [3, 4]], np.float32))
    np.save("f.npy", np.asfortranarray([[0.1, 2], [3, 4]]))
    Path("x.csv").write_text("0.1,2\n3,4\n")
    Path("x.json").write_text("[[0.1, 2], [3, 4]]")
    Path("x.txt").write_text("0.1 2\n3 4\n")
    for name in ("x.npy", "f.npy", "x.csv", "x.json", "x.txt", Path("x.csv")):
        assert cnncalc.apply("identity", name).values == [Fraction(1, 10), 2, 3, 4], name


def saved(header: bytes, body: bytes = b"") -> bytes:
    """Return a file of NumPy's with a header of one's own."""
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + body


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x93NUMPY",
        saved(b"{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000,)}\n"),
        saved(b"{'descr': '<f8', 'fortran_order': False, 'shape': (100,)}\n", b"12345678"),
        saved(b"{'descr': '|O', 'fortran_order': False, 'shape': (1,)}\n", b"12345678"),
        saved(b"__import__('os').system('false')\n"),
        saved(b"{'descr': '<f8', 'fortran_order': False, 'shape': (0,)}\n"),
        saved(b"{'descr': '<f8', 'fortran_order': False, 'shape': (-1,)}\n", b"12345678"),
    ],
)
def test_a_hostile_npy_is_an_error(content: bytes, tmp_path: Path) -> None:
    """Nothing is executed, and no memory is taken for what a header claims."""
    file = tmp_path / "x.npy"
    file.write_bytes(content)
    with pytest.raises(CnncalcError):
        cnncalc.apply("identity", str(file))


@pytest.mark.parametrize(
    ("tag", "inputs", "set", "arrays", "message"),
    [
        ("conv", "1 2", {"kernel": 1, "filters": 1}, {}, "conv needs weight, 1x1x1. Give --array"),
        ("conv", "1 2", {"kernel": 1, "filters": 1}, {}, "or --set bias=false"),
        ("fc", "1 2", {"units": 1}, {"weight": "1 2 3", "bias": 0}, "must have the shape 1x2"),
        ("fc", "1 2", {"units": 1}, {"wieght": 1, "bias": 0}, "Did you mean 'weight'?"),
        ("max_pool", "1 2; 3", {"kernel": 1}, {}, "rows must be equally long"),
        ("max_pool", "1 2", {"kernel": 3}, {}, "the output would be less than 1 wide"),
        ("max_pool", "1 2", {"kernal": 1}, {}, "Did you mean 'kernel'?"),
        ("add", "1 2", {}, {}, "add needs 2 or more inputs. Received 1."),
        ("relu", "3x1: 1 2", {}, {}, "3x1 has 3 values. Received 2"),
        ("relu", "1 | 2 3", {}, {}, "must have the same rows and columns"),
        ("relu", "1 || 2", {}, {}, "|| separates filters"),
        ("relu", "1e999", {}, {}, "is no number"),
        ("relu", "1/0", {}, {}, "divides by zero"),
        ("relu", "[1, NaN]", {}, {}, "NaN is no number"),
        ("relu", [float("inf")], {}, {}, "is no number"),
        ("relu", [[1], [2, 3]], {}, {}, "must be equally long"),
        ("relu", "[" * 50_000, {}, {}, "input: "),
        ("relu", "1 " * 30_000, {}, {}, "at most 20,000 values"),
        ("upsample", "1 2; 3 4", {"scale": 10**6}, {}, "Use a smaller input."),
        ("lrn", "1 2", {"size": 10**9}, {}, "Use a smaller input."),
    ],
)
def test_what_does_not_fit_is_said(
    tag: str, inputs: Any, set: dict[str, Any], arrays: dict[str, Any], message: str
) -> None:
    """Missing arrays, wrong shapes, and more work than is shown."""
    with pytest.raises(CnncalcError) as caught:
        cnncalc.apply(tag, inputs, arrays, set=set)
    assert message in str(caught.value)


def test_a_wide_window_of_a_transposed_layer_is_refused() -> None:
    """Its taps are looked at for every output, though few of them count as operations."""
    layer = cnncalc.ConvTranspose(filters=1, kernel=9000, bias=False)
    with pytest.raises(LimitError):
        cnncalc.apply(layer, "1 2", {"weight": 1})


@pytest.mark.parametrize(
    ("function", "reference"),
    [(exact.erf, math.erf), (exact.tanh, math.tanh), (exact.exp, math.exp)],
)
def test_functions_are_those_of_the_standard_library(function: Any, reference: Any) -> None:
    """Over all magnitudes, to the precision of a double."""
    for x in (0, 1e-40, 1e-9, 0.5, 1, 2.75, 11, 200, -0.3, -6):
        found = float(function(Fraction(x)))
        assert math.isclose(found, reference(x), rel_tol=1e-14)


def test_the_command_takes_values_that_begin_with_a_minus_sign() -> None:
    """They are no options; an option that there is not is one."""
    done = CliRunner().invoke(main, ["apply", "relu", "-1 2"])
    assert done.exit_code == 0
    assert "max(-1, 0) = 0" in done.output
    done = CliRunner().invoke(main, ["apply", "relu", "--kernel=2", "-1 2"])
    assert done.exit_code == 2
    done = CliRunner().invoke(
        main, ["apply", "conv", "--set", "kernel=[1, 2]", "--set", "filters=1", "--array",
               "weight=1 -1", "--array", "bias=0", "--format", "json", "1 2; 3 5"]
    )  # fmt: skip
    assert json.loads(done.output)["values"] == [[[-1]], [[-2]]]


@pytest.mark.latex
@pytest.mark.parametrize("tag", ["max_pool", "softmax", "layer_norm", "leaky_relu", "gelu"])
def test_latex_compiles(tag: str, tmp_path: Path) -> None:
    """Matrices, equations, letters and roots, between the text that they stand in."""
    if not shutil.which("pdflatex"):
        pytest.skip("no pdflatex")
    set = {"kernel": 2} if tag == "max_pool" else {}
    arrays = {"weight": 1, "bias": 0} if tag == "layer_norm" else {}
    text = cnncalc.apply(tag, "1 -2 1/3; 4 1e-9 6", arrays, set=set).to_latex(terms=3)
    head = r"\documentclass{article}\usepackage{amsmath}\begin{document}"
    (tmp_path / "a.tex").write_text(f"{head}\n{text}\n\\end{{document}}\n", encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "a.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-2000:]
    assert "Missing character" not in done.stdout
