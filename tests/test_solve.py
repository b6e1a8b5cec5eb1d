"""The formula backwards: every solution is one, and none is left out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from merge_cases import CASES

from cnncalc.cli import main
from cnncalc.errors import CnncalcError
from cnncalc.solving import extents, solve


def run(*arguments: str) -> str:
    """Return what `cnncalc solve` prints."""
    result = CliRunner().invoke(main, ["solve", *arguments])
    assert result.exit_code == 0, result.output
    return result.output


@given(st.integers(1, 60), st.integers(1, 7), st.integers(1, 5), st.integers(0, 4))
def test_what_made_the_output_is_found(w: int, k: int, s: int, p: int) -> None:
    """From input, kernel and output, the stride and padding that were used come back."""
    room = w + 2 * p - k
    if room < 0 or s > k or p >= k:
        return
    out = room // s + 1
    found = solve({"in": range(w, w + 1), "kernel": range(k, k + 1), "out": range(out, out + 1)})
    assert (s, p) in [(axis.s, axis.b) for axis in found.axes]
    for axis in found.axes:
        assert (w + 2 * axis.b - k) // axis.s + 1 == axis.places == out
        assert axis.tiles == ((w + 2 * axis.b - k) % axis.s == 0)
        assert sum(axis.unused) == (w + 2 * axis.b - k) % axis.s


def test_the_slides_first_layer() -> None:
    """227 under 11 to 55 is stride 4 without padding, and what was searched is said."""
    text = run("--in", "227", "--kernel", "11", "--out", "55")
    assert "✓      4        0   (227 - 11 + 2·0)/4 + 1 = 55" in text
    assert "Searched: strides 1 to 11, equal paddings 0 to 10" in text


def test_an_unknown_input_is_found_from_the_output() -> None:
    """The one for which the window tiles, then those that leave something over."""
    found = json.loads(
        run("--out", "112", "--kernel", "7", "--stride", "2", "--padding", "3", "--format", "json")
    )
    assert [(one["in"], one["tiles"]) for one in found["solutions"]] == [(223, True), (224, False)]


def test_a_network() -> None:
    """The slide's AlexNet: which layer asks for what."""
    text = run("alexnet")
    assert "H = 3 mod 32, from 67 on: 67, 99, 131, 163, 195, 227, 259, 291, …" in text
    assert "H - 11 divisible by 4" in text
    assert "3 mod 32, from 67 on" in text.splitlines()[-1]


def network(tmp_path: Path, size: str, *layers: object) -> str:
    """Return the path of a network's file."""
    path = tmp_path / "net.json"
    path.write_text(json.dumps({"name": "net", "input": size, "layers": layers}))
    return str(path)


def test_a_sequence_has_a_width(tmp_path: Path) -> None:
    """The one axis of a sequence is W, as in the formula."""
    layer = {"type": "conv", "kernel": 4, "stride": 3, "filters": 2}
    assert "   W = 1 mod 3, from 4 on: 4, 7" in run(network(tmp_path, "101x3", layer))


def test_what_no_size_does(tmp_path: Path) -> None:
    """The layer is named at which those fail that get furthest."""
    pool = {"type": "max_pool", "kernel": 2, "stride": 2}
    odd = {"type": "max_pool", "name": "odd", "kernel": 3, "stride": 2, "from": "input"}
    text = run(network(tmp_path, "9x9x1", pool, odd))
    assert "fits   none: at every size that suits the layers before, odd leaves some of" in text
    same = {"type": "conv", "name": "c", "filters": 1, "kernel": 3, "stride": 2, "padding": "same"}
    assert "fits   H: any, from 1 on\n   tiles  all of these" in run(
        network(tmp_path, "9x9x1", same)
    )
    far = {"type": "conv", "name": "c", "filters": 1, "kernel": 1, "stride": 1000003}
    assert "H: no rule at c: it asks for 1,000,003 cases." in run(network(tmp_path, "9x9x1", far))


def test_what_fits_and_what_tiles() -> None:
    """Both sets, each with its first answers; from a size that is refused, too."""
    text = run("yolov3", "--input", "417x417x3")
    assert "H: 0 and 25 to 31 mod 32, from 25 on: 25, 26, 27, 28, 29, 30, 31, 32, …" in text
    assert "tiles  none: for 417, where every layer before tiles, up2.concat gets 28 and 27" in text
    text = run("unet", "--input", "100x100x1")
    assert "H = 12 mod 16, from 188 on: 188, 204, 220, 236, 252, 268, 284, 300, …" in text
    assert "tiles  all of these" in text
    text = run("resnet50")
    assert "fits   H: any, from 1 on" in text
    assert "tiles  H = 1 mod 32, from 1 on: 1, 33, 65, 97" in text


@pytest.mark.parametrize("name", CASES)
def test_networks_that_do_not_fit(name: str, tmp_path: Path) -> None:
    """What the table and JSON say of networks that are refused at their own size."""
    case = CASES[name]
    path = tmp_path / "net.yaml"
    path.write_text(case.text)
    text = run(str(path))
    found = json.loads(run(str(path), "--format", "json"))
    assert [axis["axis"] for axis in found["axes"]] == [0, 1]
    for axis in found["axes"]:
        assert (axis["fits"]["modulus"], tuple(axis["fits"]["residues"])) == (
            case.modulus,
            case.fits,
        )
        assert tuple(axis["tiles"]["residues"]) == case.tiles
        assert (axis["fits"]["first"] is None) == (not case.fits)
    assert ("none" in text) == (not case.tiles)
    if not case.fits:
        assert "fits   none: for 572, j gets 560 and 568, which differ by 8 at every size" in text
        assert found["axes"][0]["fits"]["reason"]["layer"] == "j"


def test_axes_that_differ(tmp_path: Path) -> None:
    """Each has its own sets, under its own letter; further sizes are listed."""
    layer = {"type": "conv", "kernel": 3, "stride": [2, 3], "filters": 2}
    text = run(network(tmp_path, "9x9x1", layer))
    assert "fits   H = 1 mod 2, from 3 on" in text
    assert "fits   W = 0 mod 3, from 3 on" in text
    reshape = {"type": "reshape", "to": [6, 4, 4]}
    text = run(network(tmp_path, "12x16x1", {**layer, "stride": 2, "padding": 1}, reshape))
    assert "fits   H = 11, 12 alone" in text
    assert "tiles  H = 11 alone" in text
    assert "as long as the other axes keep their extents" in text


def test_a_vector_has_no_extents(tmp_path: Path) -> None:
    """There is nothing to tile."""
    path = network(tmp_path, "9", "relu")
    assert CliRunner().invoke(main, ["solve", path]).exit_code == 2


@pytest.mark.parametrize("text", ["x", "0", "5..3", "1.5", "-1", "", "99999999", "1..2..3"])
def test_what_is_no_range(text: str) -> None:
    """Bounded whole numbers, or two of them."""
    with pytest.raises(CnncalcError, match="is a whole number from 1"):
        extents("stride", text)


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--kernel", "3"],
        ["alexnet", "--in", "3"],
        ["--in", "1..1000", "--kernel", "1..1000"],
    ],
)
def test_what_cannot_be_solved(arguments: list[str]) -> None:
    """Exit code 2 and a sentence."""
    result = CliRunner().invoke(main, ["solve", *arguments])
    assert result.exit_code == 2
    assert len(result.output) > 10


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("--in 10 --kernel 3 --stride 4 --padding 0 --out 7", "give (10 - 3 + 2·0)/4 + 1 = 2.75,"),
        ("--in 224 --kernel 3 --out 300", "Nearest, with S = 1, P = 2: (224 - 3 + 2·2)/1 + 1"),
        ("--in 5 --kernel 7 --padding 0", "the kernel, 7, is wider than the input"),
    ],
)
def test_where_nothing_fits_it_says_what_the_numbers_give(arguments: str, message: str) -> None:
    """Exit code 1; the one case, or the nearest of those that were searched, is worked out."""
    result = CliRunner().invoke(main, ["solve", *arguments.split()])
    assert result.exit_code == 1
    assert "Nothing fits." in result.stdout
    assert message in result.stdout


def test_what_is_kept_is_bounded() -> None:
    """Of hundreds of thousands of solutions the first are kept, and all are counted."""
    found = solve({"in": range(1, 90_001), "kernel": range(1, 2), "stride": range(1, 5)})
    assert len(found.axes) == 10_000
    assert found.count == 360_000
    assert all(axis.tiles for axis in found.axes)
