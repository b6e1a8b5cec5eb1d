"""Which input sizes a network takes, and which tile: what is derived against trying every size."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from merge_cases import CASES

import cnncalc
from cnncalc import api
from cnncalc.errors import CnncalcError
from cnncalc.layers.windowed import AbstractWindowed
from cnncalc.model import tiling
from cnncalc.model.graph import Graph
from cnncalc.model.input_sizes import AxisSizes, NoRule, Sizes
from cnncalc.model.tiling import combine, solve
from cnncalc.model.tiling_fixes import Axis
from cnncalc.volume import Volume

LAYER = st.builds(
    lambda kind, kernel, stride, padding: {
        "type": kind, "kernel": kernel, "stride": stride, "padding": min(padding, kernel - 1),
    } | ({"filters": 1} if kind == "conv" else {}),
    st.sampled_from(["conv", "max_pool"]),
    st.integers(1, 5),
    st.integers(1, 4),
    st.integers(0, 2),
)  # fmt: skip


def started(source: Any, **options: Any) -> Graph:
    """Return a network's graph, up to the layer that fails where one does."""
    try:
        return api.expand(source, **options)
    except CnncalcError as error:
        graph = error.graph
    assert graph is not None
    return graph


def net(size: str, *layers: Any) -> dict[str, Any]:
    """Return a network of these layers."""
    return {"name": "net", "input": size, "layers": list(layers)}


def solved(source: Any, axis: int = 0, **options: Any) -> AxisSizes:
    """Return the sets of extents along an axis of a network."""
    graph = started(source, **options)
    found = solve(graph.again, graph.nodes[0].output)[axis]
    assert isinstance(found, AxisSizes)
    return found


def tiles(layers: list[dict[str, Any]], size: int) -> bool:
    """Return whether every window tiles exactly for an input size, worked out one by one."""
    for layer in layers:
        room = size + 2 * layer["padding"] - layer["kernel"]
        if room < 0 or room % layer["stride"]:
            return False
        size = room // layer["stride"] + 1
    return True


@settings(max_examples=150)
@given(st.lists(LAYER, min_size=1, max_size=4))
def test_the_congruence_is_what_trying_finds(layers: list[dict[str, Any]]) -> None:
    """For every size up to 400: it tiles if and only if the residues say so."""
    found = solved(net("401x1", *layers)).tiles
    for size in range(2, 401):
        assert (size in found) == tiles(layers, size), size


CONV = st.builds(
    lambda kernel, stride, padding, dilation: {
        "type": "conv", "filters": 1, "kernel": kernel, "stride": stride, "padding": padding,
        "dilation": dilation,
    },
    st.integers(1, 4),
    st.sampled_from([1, 1, 2, 2, 3]),
    st.sampled_from([0, 0, 1, 2, "same", "half"]),
    st.sampled_from([1, 1, 2]),
)  # fmt: skip
POOL = st.builds(
    lambda kernel, stride, rounding: {
        "type": "max_pool", "kernel": kernel, "stride": stride, "padding": kernel // 2,
        "rounding": rounding,
    },
    st.integers(1, 3),
    st.integers(1, 3),
    st.sampled_from(["floor", "ceil"]),
)  # fmt: skip
TRANSPOSED = st.builds(
    lambda kernel, stride, padding: {
        "type": "conv_transpose", "filters": 1, "kernel": kernel, "stride": stride,
        "padding": padding,
    },
    st.integers(1, 4),
    st.integers(1, 3),
    st.sampled_from([0, 0, 1]),
)  # fmt: skip
OTHER = st.sampled_from([
    {"type": "upsample", "scale": 2}, {"type": "upsample", "scale": 3},
    {"type": "upsample", "size": 8}, {"type": "pixel_unshuffle", "factor": 2},
    {"type": "crop", "padding": [[1, 0]]}, {"type": "pad", "padding": [[1, 2]]},
    {"type": "adaptive_avg_pool", "size": 3},
])  # fmt: skip
JOINING = st.builds(
    lambda kind, number: {"type": kind, "number": number},
    st.sampled_from(["add", "concat", "crop"]),
    st.integers(0, 6),
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.one_of(CONV, CONV, POOL, POOL, TRANSPOSED, OTHER, JOINING), min_size=1, max_size=7)
)
def test_the_sets_are_what_expanding_finds(elements: list[dict[str, Any]]) -> None:
    """Every size up to 120: taken, no input lost; nothing left over. Merges, from any start."""
    layers: list[dict[str, Any]] = []
    for i, element in enumerate(elements):
        element = dict(element, name=f"n{i}")
        if "number" in element:
            number = element.pop("number") % (i + 1)
            element["from"] = ["previous", f"n{number - 1}" if number else "input"]
        layers.append(element)
    source = net("31x4", *layers)
    graph = started(source)
    found = solve(graph.again, Volume((31,), 4))[0]
    assert isinstance(found, AxisSizes), found
    for size in range(2, 120):
        lost = left = False
        try:
            report = cnncalc.analyze(source, input=f"{size}x4")
        except CnncalcError:
            lost = True
        else:
            lost = any(warning.code == "lost_input" for _, warning in report.warnings)
            for row in report.layers:
                if isinstance(row.layer, AbstractWindowed):
                    (window,) = row.layer.windows(row.inputs[0])
                    left |= not Axis.of(row.inputs[0].extents[0], window).tiles
        assert (size in found.fits) == (not lost), size
        assert (size in found.tiles) == (not lost and not left), size


@pytest.mark.parametrize("name", CASES)
def test_merges_that_do_not_fit(name: str) -> None:
    """From a size that the network refuses: both sides of every merge are followed."""
    case = CASES[name]
    source = case.architecture()
    found = solved(source)
    assert (found.fits.modulus, found.fits.residues) == (case.modulus, case.fits)
    assert found.tiles.residues == case.tiles
    graph = started(source)
    start = found.fits.least if case.fits else 2
    for size in range(start, start + 50):
        volume = Volume((size, size), graph.nodes[0].output.channels)
        fits = all(fits for fits, _ in tiling.tried(graph.again, volume))
        assert fits == (size in found.fits)


def test_the_slides_alexnet() -> None:
    """H = 3 mod 32, from 67 on, along both axes."""
    for axis in (0, 1):
        found = solved("alexnet", axis)
        assert found.fits == found.tiles
        assert (found.tiles.first, found.tiles.modulus, found.tiles.residues) == (67, 32, (3,))
        assert [need.path for need in found.needs] == [
            "CONV1", "MAX POOL1", "MAX POOL2", "MAX POOL3",
        ]  # fmt: skip


@pytest.mark.parametrize(
    ("network", "least", "modulus", "fits", "tiles"),
    [
        ("unet", 188, 16, (12,), (12,)),
        ("yolov3", 25, 32, (0, 25, 26, 27, 28, 29, 30, 31), ()),
        ("resnet50", 1, 1, (0,), (1,)),
        ("inception_v3", 299, 96, (11,), (11,)),
    ],
)
def test_shipped_networks(
    network: str, least: int, modulus: int, fits: tuple[int, ...], tiles: tuple[int, ...]
) -> None:
    """U-Net: 188, then every 16th; YOLOv3 takes eight of 32, and none of them tiles."""
    found = solved(network)
    assert (found.fits.least, found.fits.modulus, found.fits.residues) == (least, modulus, fits)
    assert found.tiles.residues == tiles


def test_layers_that_enlarge() -> None:
    """A U of two levels: what is halved twice must be divisible by four."""
    pool = {"type": "max_pool", "kernel": 2}
    up = {"type": "upsample", "scale": 2}
    found = solved(net("16x16x1", pool, pool, up, up))
    assert (found.tiles.first, found.tiles.modulus) == (4, 4)


@given(st.integers(0, 40), st.integers(1, 40), st.integers(0, 40), st.integers(1, 40))
def test_two_congruences_are_one(r1: int, m1: int, r2: int, m2: int) -> None:
    """Their common solutions are one congruence, or there are none."""
    both = combine(r1 % m1, m1, r2 % m2, m2)
    common = [n for n in range(m1 * m2) if n % m1 == r1 % m1 and n % m2 == r2 % m2]
    if both is None:
        assert not common
    else:
        assert common == [n for n in range(m1 * m2) if n % both[1] == both[0]]


CONV3 = {"type": "conv", "filters": 1, "kernel": 3}


def test_padding_same_with_a_stride_has_a_rule() -> None:
    """Its extent is rounded up: every size fits, and nothing is ever left over."""
    found = solved(net("16x1", {**CONV3, "stride": 2, "padding": "same"}))
    assert found.fits == found.tiles
    assert (found.fits.modulus, found.fits.least) == (1, 1)


def test_axes_have_rules_of_their_own() -> None:
    """Strides that differ; the window along one axis says nothing of the others."""
    layers = {**CONV3, "stride": [1, 2, 3], "padding": [1, 0, 0]}, {**CONV3, "kernel": [1, 1, 2]}
    found = [solved(net("8x9x9x1", *layers), axis) for axis in range(3)]
    assert [(one.fits.modulus, one.fits.least) for one in found] == [(1, 1), (2, 3), (3, 6)]
    assert not any(one.joined for one in found)


@pytest.mark.parametrize(
    ("size", "layers", "fits"),
    [
        ("12x16x1", [{"type": "reshape", "to": [6, 4, 8]}, CONV3], (12,)),
        ("12x16x1", [{**CONV3, "stride": 2, "padding": 1}, {"type": "reshape", "to": [6, 4, 2]}],
         (11, 12)),
        ("12x4", [{"type": "reshape", "to": [6, 8]}, CONV3], (12,)),
        ("1x12x4", [{"type": "reshape", "to": [12, 4]}, CONV3], (1,)),
        ("20x1", [{"type": "upsample", "size": 24},
                  {"type": "crop", "from": ["previous", "input"]}], tuple(range(2, 25))),
    ],
)  # fmt: skip
def test_sizes_without_an_end(size: str, layers: list[Any], fits: tuple[int, ...]) -> None:
    """Where axes meet in a reshape, the others keep their extents; a bound from above is one."""
    found = solved(net(size, *layers)).fits
    assert (found.residues, found.modulus, found.smaller) == ((), 0, fits)
    assert found.first == fits[0]


def test_a_reshape_to_fewer_axes() -> None:
    """It has no axis of that number any more, and asks for nothing."""
    layers = [{"type": "max_pool", "kernel": 2}, "global_avg_pool",
              {"type": "reshape", "to": [1, 1]}]  # fmt: skip
    report = cnncalc.analyze(net("9x9x1", *layers))
    assert report.tiling is not None
    assert [(one.first, one.modulus, one.residues) for one in report.tiling] == [(2, 2, (0,))] * 2


@pytest.mark.parametrize(
    ("size", "layers"),
    [
        ("2000010x1", [{**CONV3, "kernel": 1, "stride": 1000003}]),
        ("2000000x1", [{**CONV3, "stride": 2, "padding": 1}] * 20),
        ("2000000x1", [{**CONV3, "stride": 3, "padding": "same"}] * 12),
        ("20x1", [{"type": "upsample", "scale": 1000003}, {**CONV3, "stride": 1000000}]),
    ],
)
def test_too_many_cases_are_no_rule(
    size: str, layers: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is said at which layer, before they are listed."""
    monkeypatch.setattr(tiling, "MOST_RESIDUES", 256)
    graph = started(net(size, *layers))
    (found,) = solve(graph.again, graph.nodes[0].output, most_nodes=5_000)
    assert isinstance(found, NoRule)
    assert found.path.startswith("conv")
    assert "cases" in found.why


def test_large_windows_have_rules() -> None:
    """Windows of a million positions are no more work than small ones."""
    found = solved(net("2000010x1", {**CONV3, "kernel": 1000003, "stride": 1000003}))
    assert (found.tiles.modulus, found.tiles.least) == (1000003, 1000003)
    found = solved(net("2000010x1", {**CONV3, "kernel": 1000000}, {**CONV3, "stride": 2}))
    assert (found.fits.residues, found.fits.least) == ((0,), 1000002)


def test_what_asks_for_more_than_arithmetic() -> None:
    """Settings that follow from values in which the axes meet: no rule, with the layer."""
    layers = ["flatten", {"type": "linear", "name": "half", "units": "channels // 2"}]
    graph = started(net("12x16x1", *layers))
    for axis in solve(graph.again, graph.nodes[0].output):
        assert isinstance(axis, NoRule)
        assert "half" in axis.path


def test_a_report_names_sizes_that_were_tried() -> None:
    """Where nothing tiles, those that lose nothing; where the network takes none, nothing."""
    conv = {**CONV3, "stride": 2, "name": "c"}
    report = cnncalc.analyze(net("8x8x1", conv, {"type": "upsample", "scale": 2}))
    assert "Every layer tiles for an input of 3, 5, 7, 9, … (1 mod 2)." in str(report)
    assert report.to_dict()["tiling"][0] == {
        "axis": 0, "first": 3, "modulus": 2, "residues": [1],
    }  # fmt: skip
    down = {**CONV3, "stride": 2, "padding": 1}
    even = [
        {**down, "name": "d"},
        {"type": "upsample", "scale": 2},
        {"type": "crop", "from": ["previous", "input"]},
        {"type": "add", "from": ["previous", "input"]},
        {**CONV3, "kernel": 2, "stride": 2},
    ]
    report = cnncalc.analyze(net("9x9x1", *even))  # fmt: skip
    assert report.tiling is None
    assert "No input is lost for an input of 2, 4, … 8, 10, … (0 mod 2)." in str(report)


def test_a_rule_that_fails_its_trial_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither by a report nor by solve."""
    wrong = Sizes(modulus=2, residues=(0,), least=2, smaller=())
    found = tuple(AxisSizes(axis=axis, fits=wrong, tiles=wrong) for axis in (0, 1))
    monkeypatch.setattr(tiling, "solve", lambda *_, **__: found)
    source = net("8x8x1", {**CONV3, "stride": 2})
    assert cnncalc.analyze(source).input_sizes is None
    for axis in cnncalc.solve(source).axes:
        assert isinstance(axis, NoRule)
        assert axis.why == "2 fails"


def test_an_extra_that_nobody_asked_for_is_bounded() -> None:
    """In very large networks nothing is looked for."""
    deep = [{"type": "conv", "filters": 1, "kernel": 3, "padding": 1}] * 8_000
    report = cnncalc.analyze(net("8x8x1", *deep, {**CONV3, "stride": 2}))
    assert report.input_sizes is None


@given(st.sets(st.integers(0, 11), min_size=1), st.integers(0, 40), st.sets(st.integers(1, 9)))
def test_neighbours_in_a_set(residues: set[int], least: int, small: set[int]) -> None:
    """The next extents above and below, as listing them finds."""
    sizes = Sizes(
        modulus=12, residues=tuple(sorted(residues)), least=least,
        smaller=tuple(sorted(n for n in small if n < least)),
    )  # fmt: skip
    members = [n for n in range(100) if n in sizes]
    for n in range(60):
        assert sizes.after(n) == next(m for m in members if m > n)
        assert sizes.upto(n) == max((m for m in members if m <= n), default=None)
    listed = iter(sizes)
    assert [next(listed) for _ in members] == members
    assert set(sizes.near(50)) <= set(members)
