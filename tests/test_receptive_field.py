"""What each unit sees, held against NaN in single input pixels of networks that run."""

from __future__ import annotations

import contextlib
import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from support import Recorded, border

import cnncalc
from cnncalc import api
from cnncalc.layers.periodic_windows import Resampling, TransposedWindow
from cnncalc.model import sight
from cnncalc.model.graph import Graph
from cnncalc.model.receptive_field import views_of
from cnncalc.model.sight import MOST_PHASES, Phases, Regular


def fields(layers: list[Any], size: str = "32x3") -> cnncalc.Report:
    """Return the report of a network of these layers."""
    return cnncalc.analyze({"name": "net", "input": size, "layers": layers})


def conv(kernel: Any, stride: int = 1, **more: Any) -> dict[str, Any]:
    """Return a convolution of two filters."""
    return {"type": "conv", "filters": 2, "kernel": kernel, "stride": stride} | more


def seen(graph: Graph, extent: int) -> list[list[set[int]]]:
    """Return, for each node and each position, the input pixels whose NaN reaches it."""
    channels = graph.nodes[0].output.channels
    reached: list[list[set[int]]] = [
        [set() for _ in range(node.output.positions)] for node in graph.nodes
    ]
    for pixel in range(extent):
        x = np.ones((1, extent, channels), np.float32)
        x[:, pixel] = np.nan
        values: list[NDArray[Any]] = [x]
        for node in graph.nodes[1:]:
            assert node.layer is not None
            values.append(node.layer.forward(Recorded(), *[values[i] for i in node.inputs]))
        for n, value in enumerate(values):
            flat = value.reshape(-1, value.shape[-1])
            for position in np.flatnonzero(np.isnan(flat).any(axis=1)):
                reached[n][position].add(pixel)
    return reached


def check(layers: list[Any], extent: int) -> None:
    """Hold the stated fields of a one-dimensional network against what NaN finds.

    No unit sees more pixels than its field, and a unit whose field lies inside the input, as do
    all that it sees through, sees its outermost pixels.
    """
    source = {"name": "net", "input": f"{extent}x2", "layers": layers}
    graph, report = api.expand(source), cnncalc.analyze(source)
    reached = seen(graph, extent)
    for n, row in enumerate(report.layers):
        field = row.receptive_field
        assert field.size is not None
        assert field.smallest == field.size
        assert field.step is not None
        assert field.first_centre is not None
        size, step, first = field.size[0], field.step[0], field.first_centre[0]
        for position, pixels in enumerate(reached[n]):
            centre = first + position * step
            low, high = centre - Fraction(size - 1, 2), centre + Fraction(size - 1, 2)
            assert all(low <= pixel <= high for pixel in pixels), row.name
        inner = [
            pixels
            for pixels in reached[n]
            if pixels and min(pixels) > 0 and max(pixels) < extent - 1
        ]
        if len(inner) > 4:
            assert max(max(p) - min(p) + 1 for p in inner) == size, row.name


def unbounded(graph: Graph, node: int, unit: int, known: dict[Any, set[int]]) -> set[int]:
    """Return the pixels that a unit sees on an input without borders, from the definitions."""
    if (node, unit) in known:
        return known[node, unit]
    each = graph.nodes[node]
    layer, sources = each.layer, each.inputs
    if layer is None:
        return {unit}
    settings = layer.model_dump()
    w, n = graph.nodes[sources[0]].output.extents[0], each.output.extents[0]
    taps = [unit]
    if layer.tag == "upsample":
        ratio = Fraction(w, n)
        if settings["mode"] == "nearest":
            taps = [math.floor(unit * ratio)]
        elif settings["align_corners"]:
            low = math.floor(unit * Fraction(w - 1, n - 1))
            taps = [low, low + 1]
        else:
            low = math.floor((unit + Fraction(1, 2)) * ratio - Fraction(1, 2))
            taps = [low, low + 1]
        taps = [unit] if w == n else taps
    elif layer.tag == "conv_transpose":
        places = [unit + settings["padding"] - settings["dilation"] * t
                  for t in range(settings["kernel"])]  # fmt: skip
        taps = [place // settings["stride"] for place in places if not place % settings["stride"]]
    elif layer.tag == "crop":
        other = graph.nodes[sources[1]].output.extents[0]
        sources, taps = sources[:1], [unit + (w - other) // 2]
    elif "kernel" in settings:
        stride = settings["stride"] or settings["kernel"]
        padding = settings["padding"]
        padding = (settings["kernel"] - 1) // 2 if padding == "half" else padding
        taps = [unit * stride - padding + t * settings.get("dilation", 1)
                for t in range(settings["kernel"])]  # fmt: skip
    found: set[int] = set()
    for source in sources:
        for tap in taps:
            found |= unbounded(graph, source, tap, known)
    known[node, unit] = found
    return found


def check_without_borders(layers: list[Any], extent: int = 48) -> None:
    """Hold every field against the definitions, unit by unit, over more than its period."""
    source = {"name": "net", "input": f"{extent}x2", "layers": layers}
    try:
        graph = api.expand(source)
    except cnncalc.CnncalcError:
        return
    known: dict[Any, set[int]] = {}
    views = views_of(graph)
    for node, (view, field) in enumerate(zip(views.views, views.fields, strict=True)):
        assert view.boxes is not None
        ((seen_by,),) = view.boxes
        units = 150 if field.exact else graph.nodes[node].output.extents[0]
        widths = set()
        for unit in range(units):
            pixels = unbounded(graph, node, unit, known)
            widths.add(max(pixels) - min(pixels) + 1 if pixels else 0)
            if field.exact:
                assert border(seen_by, unit) == ((min(pixels), max(pixels)) if pixels else None)
        assert field.smallest is not None
        assert field.size is not None
        assert field.smallest[0] <= min(widths) <= max(widths) <= field.size[0]
        if isinstance(seen_by, Regular) or (
            isinstance(seen_by, Phases) and len(seen_by.firsts) <= units
        ):
            assert (field.smallest, field.size) == ((min(widths),), (max(widths),))
        assert (field.step is None) == (not isinstance(seen_by, Regular))


WINDOW = st.builds(
    lambda kind, kernel, stride, padding, dilation: (
        {"type": kind, "kernel": kernel, "stride": stride, "padding": min(padding, kernel - 1)}
        | ({"filters": 2, "dilation": dilation} if kind == "conv" else {})
    ),
    st.sampled_from(["conv", "conv", "max_pool", "avg_pool"]),
    st.integers(1, 4),
    st.integers(1, 3),
    st.integers(0, 2),
    st.integers(1, 2),
)
UPSAMPLE = st.builds(
    lambda mode, corners, scale: {
        "type": "upsample", "scale": scale, "mode": mode,
        "align_corners": corners and mode == "bilinear",
    },
    st.sampled_from(["nearest", "bilinear"]),
    st.booleans(),
    st.integers(2, 4),
)  # fmt: skip
TRANSPOSED = st.builds(
    lambda kernel, stride, padding, dilation, extra: {
        "type": "conv_transpose", "filters": 2, "kernel": kernel, "stride": stride,
        "padding": padding, "dilation": dilation,
        "output_padding": min(extra, max(stride, dilation) - 1),
    },
    st.integers(1, 5),
    st.integers(1, 4),
    st.integers(0, 2),
    st.integers(1, 3),
    st.integers(0, 2),
)  # fmt: skip
LARGER = st.one_of(UPSAMPLE, TRANSPOSED)


def joined(scale: int, kernel: int, mode: str, enlarge_first: bool) -> dict[str, Any]:
    """Return branches whose units have different periods, and the same extents."""
    up = {"type": "upsample", "scale": scale, "mode": mode}
    down = conv(2 * kernel + 1, scale, padding="half")
    way = [up, down] if enlarge_first else [down, up]
    return {"merge": "concat", "branches": [way, [conv(3, padding=1)]]}


JOINED = st.builds(
    joined,
    st.integers(2, 4),
    st.integers(0, 2),
    st.sampled_from(["nearest", "bilinear"]),
    st.booleans(),
)
BRANCHES = st.lists(st.integers(0, 2), min_size=2, max_size=3).map(
    lambda kernels: {
        "merge": "concat",
        "branches": [[conv(2 * k + 1, padding="half")] if k else [] for k in kernels],
    }
)


@settings(max_examples=60)
@given(st.lists(st.one_of(WINDOW, BRANCHES), min_size=1, max_size=4))
def test_nan_finds_the_fields_of_sequences_and_branches(layers: list[Any]) -> None:
    """Sliding windows of all kinds, strided, dilated and branched."""
    with contextlib.suppress(cnncalc.CnncalcError):  # no such network: a window found no place
        check(layers, 40)


@settings(max_examples=150)
@given(st.lists(st.one_of(WINDOW, LARGER, JOINED, BRANCHES), min_size=1, max_size=5))
def test_fields_behind_layers_that_enlarge_are_exact(layers: list[Any]) -> None:
    """For every phase the first and the last pixel; the widest, the smallest, the grid."""
    check_without_borders(layers)


@settings(max_examples=40)
@given(st.lists(WINDOW, max_size=2), LARGER, st.lists(WINDOW, max_size=2))
def test_nan_stays_inside_the_fields_behind_layers_that_enlarge(
    before: list[Any], larger: Any, after: list[Any]
) -> None:
    """The field is the widest unit's: no other sees more."""
    try:
        source = {"name": "net", "input": "40x2", "layers": [*before, larger, *after]}
        graph, report = api.expand(source), cnncalc.analyze(source)
    except cnncalc.CnncalcError:
        return
    for row, reached in zip(report.layers, seen(graph, 40), strict=True):
        size = row.receptive_field.size
        assert size is not None
        widest = max((max(p) - min(p) + 1 for p in reached if p), default=0)
        assert widest <= size[0], row.name


def test_the_classic_growth() -> None:
    """Two 3x3 see as far as one 5x5; strides multiply what comes after."""
    assert fields([conv(3), conv(3)]).layers[-1].receptive_field.size == (5,)
    assert fields([conv(5)]).layers[-1].receptive_field.size == (5,)
    row = fields([conv(3, 2), conv(3, 2), conv(3)]).layers[-1].receptive_field
    assert (row.size, row.step, row.first_centre) == ((15,), (4,), (7,))


def test_dilation_moves_the_first_centre() -> None:
    """Without padding it is half of what the kernel covers."""
    field = fields([conv(3, dilation=4)]).layers[-1].receptive_field
    assert (field.size, field.first_centre) == ((9,), (4,))
    assert fields([conv(3, dilation=4, padding="half")]).layers[
        -1
    ].receptive_field.first_centre == (0,)


def test_even_kernels_have_centres_between_pixels() -> None:
    """A 2 wide pool's first unit is centred on one half."""
    field = fields([{"type": "max_pool", "kernel": 2}]).layers[-1].receptive_field
    assert field.first_centre is not None
    assert field.first_centre[0] * 2 == 1


def test_misaligned_branches_are_named() -> None:
    """Their union is a box around both, and a note says so."""
    padded = conv(3, padding=[[2, 0]])
    report = fields([{"merge": "add", "branches": [[padded], [conv(1)]]}])
    row = report.layers[-1]
    assert [warning.code for warning in row.warnings] == ["misaligned"]
    assert row.receptive_field.size == (3,)


@pytest.mark.parametrize(
    "layer", [{"type": "fc", "units": 2}, "global_avg_pool", "global_max_pool"]
)
def test_what_sees_everything(layer: Any) -> None:
    """It has no size, and neither has anything after it."""
    report = fields([conv(3), layer, "relu"])
    assert report.layers[-1].receptive_field.size is None


def test_flatten_keeps_the_size_and_loses_the_grid() -> None:
    """A flattened unit sees what it saw, but lies in no order."""
    field = fields([conv(3), "flatten"]).layers[-1].receptive_field
    assert (field.size, field.step) == ((3,), None)


def test_every_size_is_whole_and_positive() -> None:
    """Whatever fractions of a step there are."""
    up = {"type": "upsample", "scale": 2}
    for row in fields([conv(3, 2), up, conv(2), up, conv(4, 3)]).layers:
        size = row.receptive_field.size
        assert size is not None
        assert size[0] == math.floor(size[0]) >= 1


UP = {"type": "upsample", "scale": 2}


def test_a_pool_undoes_a_transposed_convolution() -> None:
    """Gradients in PyTorch: each unit sees one pixel, its own."""
    up = {"type": "conv_transpose", "filters": 2, "kernel": 2, "stride": 2}
    rows = fields([up, {"type": "max_pool", "kernel": 2}], "16x16x2").layers
    assert rows[1].receptive_field == ((1, 1), (1, 1), None, None, True)
    assert rows[2].receptive_field == ((1, 1), (1, 1), (1, 1), (0, 0), True)


@pytest.mark.parametrize(
    ("network", "size", "row", "smallest", "widest"),
    [
        ("unet", "572x572x1", "conv", 188, 204),
        ("unet", "572x572x1", "up3.conv.1", 188, 188),
        ("fcn8s", "900x900x3", "upscore8", 436, 468),
        ("fcn8s", "900x900x3", "score", 436, 468),
        ("yolov3", "1600x1600x3", "neck3.conv", 949, 949),
        ("yolov3", "1600x1600x3", "detect3.conv1", 949, 981),
    ],
)
def test_shipped_networks_that_enlarge(
    network: str, size: str, row: str, smallest: int, widest: int
) -> None:
    """What gradients in PyTorch found; units of one layer see differently much."""
    field = cnncalc.analyze(network, input=size)[row].receptive_field
    assert field == ((widest, widest), (smallest, smallest), None, None, True)


def test_units_that_see_nothing() -> None:
    """Every third unit of a kernel of 2 at stride 3; what comes after skips them."""
    up = {"type": "conv_transpose", "filters": 2, "kernel": 2, "stride": 3}
    layers = [up, conv(2), {"type": "max_pool", "kernel": 3}]
    _, first, second, third = (row.receptive_field for row in fields(layers).layers)
    assert (first.smallest, first.size, first.step) == ((0,), (1,), None)
    assert (second.smallest, second.size) == ((1,), (1,))
    assert (third.smallest, third.size, third.step) == ((2,), (2,), (1,))
    dead = [{**up, "kernel": 1}, {"type": "crop", "padding": [[1, 0]]},
            {"type": "max_pool", "kernel": 1, "stride": 3}, conv(3)]  # fmt: skip
    assert fields(dead).layers[-1].receptive_field[:2] == ((0,), (0,))


@pytest.mark.parametrize(
    "layers",
    [
        [{"type": "upsample", "scale": 1000003}],
        [{"type": "conv_transpose", "filters": 1, "kernel": 1000003, "stride": 1000003}],
        [{"type": "adaptive_avg_pool", "size": 7}],
        [conv(3, 2), {"type": "adaptive_max_pool", "size": 4}],
        [{"type": "upsample", "size": 4095}, {"type": "upsample", "scale": 2}],
    ],
)
def test_a_bound_is_no_exact_value(layers: list[Any]) -> None:
    """Above 4,096 phases, and where none repeats: no less than the truth, and said to be one."""
    report = fields([*layers, conv(3)])
    graph = api.expand({"name": "net", "input": "32x3", "layers": [*layers, conv(3)]})
    known: dict[Any, set[int]] = {}
    for node, row in list(enumerate(report.layers))[len(layers) :]:
        field = row.receptive_field
        assert (field.exact, field.step, field.first_centre) == (False, None, None)
        assert field.size is not None
        assert field.smallest is not None
        if any("adaptive" in one.type for one in report.layers):
            found = seen(graph, 32)[node]
        else:
            units = (0, 1, 2, 500_000, 1000002, 1000003, 1000004)
            found = [unbounded(graph, node, unit, known) for unit in units]
        for pixels in found:
            assert field.smallest[0] <= max(pixels) - min(pixels) + 1 <= field.size[0] <= 26


def test_bins_have_bounds_that_are_close() -> None:
    """Ten positions in three bins: all of four."""
    field = fields([{"type": "adaptive_avg_pool", "size": 3}], "10x1").layers[-1].receptive_field
    assert (field.size, field.smallest, field.exact) == ((4,), (4,), False)
    field = fields([{"type": "adaptive_avg_pool", "size": 5}], "10x1").layers[-1].receptive_field
    assert field == ((2,), (2,), (2,), (Fraction(1, 2),), True)
    field = fields([{"type": "adaptive_avg_pool", "size": 20}], "10x1").layers[-1].receptive_field
    assert field == ((1,), (1,), None, None, True)


def test_sides_of_a_merge_that_drift_apart() -> None:
    """Their distance grows from unit to unit: as far as there are units, and that is a bound."""
    layers = [{**conv(3, 2), "name": "a"}, {"type": "upsample", "size": 32, "name": "b"},
              {"type": "add", "from": ["b", "c"]}]  # fmt: skip
    layers.insert(0, {**conv(1), "name": "c"})
    field = fields(layers, "32x2").layers[-1].receptive_field
    assert field.exact is False
    assert field.size == (4,)


def test_what_is_spread_by_a_merge() -> None:
    """All units see what the one unit sees: the whole input, or no more than can be bounded."""
    gate = [{"type": "depthwise_conv", "kernel": 9}]
    report = fields([{"merge": "multiply", "branches": [[], gate]}], "9x9x2")
    assert report.layers[-1].receptive_field.size is None
    assert report.layers[-1].receptive_field.exact
    strip = [{"type": "depthwise_conv", "kernel": [9, 1]}]
    report = fields([{"merge": "multiply", "branches": [[], strip]}], "9x9x2")
    assert report.layers[-1].receptive_field == ((9, 1), (9, 1), None, None, True)
    part = [{"type": "crop", "padding": [[0, 6]]}, {"type": "depthwise_conv", "kernel": 3}]
    report = fields([{"merge": "multiply", "branches": [[], part]}], "9x2")
    assert report.layers[-1].receptive_field == ((11,), (1,), None, None, False)


def test_what_cannot_be_worked_out() -> None:
    """Windows over positions that a reshape has put in another order."""
    report = fields(["flatten", {"type": "reshape", "to": [8, 12]}, conv(3), conv(1)], "32x3")
    assert report.layers[-2].receptive_field == (None, None, None, None, None)
    assert report.layers[-1].receptive_field.exact is None
    heads = [{"merge": "concat", "branches": [[conv(3), "flatten"], [conv(5), "flatten"]]}]
    assert fields(heads).layers[-1].receptive_field == ((5,), (3,), None, None, True)


def test_the_work_is_bounded() -> None:
    """Long periods, layer after layer, end in bounds; so do steps that grow without end."""
    long = [{"type": "upsample", "scale": MOST_PHASES}, *[conv(3, padding=1)] * 200]
    report = fields(long, "2x1")
    assert report.layers[1].receptive_field.exact
    assert report.layers[-1].receptive_field.exact is False
    shrink = {"type": "conv", "filters": 1, "kernel": 2, "stride": 2**20, "padding": 1}
    report = fields([shrink] * 100, "4x1")
    assert report.layers[5].receptive_field.exact
    assert report.layers[-1].receptive_field.exact is None


RESAMPLED, SPREAD = Resampling.taps, TransposedWindow.taps
WRONG_RULES: dict[str, tuple[Any, Any]] = {
    "one input more": (RESAMPLED, lambda self, o: (RESAMPLED(self, o)[0], self.most + 1)),
    "one input on": (RESAMPLED, lambda self, o: (RESAMPLED(self, o)[0] + 1, self.most)),
    "one unit on": (RESAMPLED, lambda self, o: RESAMPLED(self, o + 1)),
    "one tap more": (SPREAD, lambda self, o: (SPREAD(self, o)[0], SPREAD(self, o)[1] + 1)),
    "one tap on": (SPREAD, lambda self, o: (SPREAD(self, o)[0] + 1, SPREAD(self, o)[1])),
    "one place on": (SPREAD, lambda self, o: SPREAD(self, o + 1)),
}


@pytest.mark.parametrize("wrong", WRONG_RULES)
def test_verify_finds_a_wrong_rule(wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """One more or less in the rule of a layer that enlarges is found by a NaN."""
    rule, changed = WRONG_RULES[wrong]
    window = Resampling if rule is RESAMPLED else TransposedWindow
    layers = {
        Resampling: [UP, {**UP, "mode": "bilinear"},
                     {"type": "upsample", "size": 31, "mode": "bilinear", "align_corners": True}],
        TransposedWindow: [
            {"type": "conv_transpose", "filters": 2, "kernel": 3, "stride": 2, "padding": 1},
            {"type": "conv_transpose", "filters": 2, "kernel": 3, "stride": 3, "dilation": 2},
        ],
    }[window]  # fmt: skip
    monkeypatch.setattr(sight, "SHORT", 0)  # or it would be known from before
    for larger in layers:
        source = {"name": "net", "input": "32x2", "layers": [conv(3, 2), larger, conv(3)]}
        assert cnncalc.verify(source, receptive_field=True).ok
        with monkeypatch.context() as patch:
            patch.setattr(window, "taps", changed)
            found = cnncalc.verify(source, receptive_field=True)
        assert not found.ok
        problems = [each.receptive_field.problem for each in found.layers if each.receptive_field]
        assert [bool(problem) for problem in problems] == [False, True, False]


def test_verify_probes_where_units_differ() -> None:
    """One that sees most and one that sees least, at both borders, along both axes."""
    layers = [conv(3, 2, padding=1), {**UP, "mode": "bilinear"}, conv(3, padding=1)]
    source = {"name": "net", "input": "32x24x2", "layers": layers}
    found = cnncalc.verify(source, receptive_field=True)
    assert found.ok
    for each, row in zip(found.layers, cnncalc.analyze(source).layers[1:], strict=True):
        assert each.receptive_field is not None
        assert each.receptive_field.size == row.receptive_field.size


def test_the_table_says_both_sizes() -> None:
    """From the smallest to the widest; at most; unknown; the whole input."""
    layers = [
        conv(3, 2),
        UP,
        conv(2),
        {"type": "adaptive_avg_pool", "size": 7},
        conv(3, padding=1),
        "flatten",
        {"type": "reshape", "to": [7, 2]},
        conv(3),
        {"type": "fc", "units": 2},
    ]
    text = fields(layers).to("markdown", columns="name,receptive_field,step")
    rows = [[cell.strip() for cell in line.split("|")[1:4]] for line in text.splitlines()]
    assert ["upsample", "3", ""] in rows
    assert ["conv2", "3 to 5", ""] in rows
    assert ["conv3", "at most 18", ""] in rows
    assert ["conv4", "?", ""] in rows
    assert ["fc", "whole input", ""] in rows
    assert "a range: units see differently much; at most: a bound; ?: unknown." in text


def test_answers_where_units_differ() -> None:
    """What the widest or the smallest units see is right; of a bound nothing is marked."""
    for answer, right in (("204", True), ("188x188", True), ("268", False), ("196", False)):
        marks = cnncalc.check({"conv": {"receptive_field": answer}}, "unet")
        assert [mark.verdict == "correct" for mark in marks.all() if mark.text] == [right]
    bins = {"name": "n", "input": "10x1", "layers": [{"type": "adaptive_avg_pool", "size": 3}]}
    marks = cnncalc.check({"adaptive_avg_pool": {"receptive_field": "5", "output": "3x1"}}, bins)
    assert [mark.column for mark in marks.all() if mark.text] == ["output"]


def test_no_working_where_units_differ() -> None:
    """The rule r2 = r1 + (K - 1)·j1 is shown for units on a regular grid alone."""
    for row, shown in (("up1.conv.0", False), ("level5.1", True)):
        assert ("receptive field" in str(cnncalc.explain("unet", row))) == shown
