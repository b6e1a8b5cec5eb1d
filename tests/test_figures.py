"""Figures: what is drawn of a network, to which scale, and that labels keep to their places."""

from __future__ import annotations

import itertools
import re
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import report_of, require_apart

import cnncalc
from cnncalc import figures
from cnncalc.figures.scene import Disc, Group, Point, Polygon, Rectangle, Scene, Text
from cnncalc.format import shipped
from cnncalc.writers import figure as writer
from cnncalc.writers.figure import svg

SVG = "{http://www.w3.org/2000/svg}"
INDEX = {entry.name: entry for entry in shipped.index()}
# The smallest network of each file.
ONE_EACH = {
    entry.file: entry.name for entry in sorted(INDEX.values(), key=lambda entry: -entry.depth)
}
# A number that is none, or has an exponent.
BROKEN = re.compile(r'[\s](?:[xydr][12xy]?|points|width|height|c[xy])="[^"]*(?:nan|inf|e)', re.I)
LARGEST = 64 * 1024  # bytes of a figure at depth 1


def scene(network: Any, figure: str | None = None, **options: Any) -> Scene:
    """Return a figure of a network as shapes."""
    report = report_of(network) if isinstance(network, str) else cnncalc.analyze(network)
    return writer.scene(report, writer.Options(figure=figure, **options))


def count(drawn: Scene, kind: type, style: str) -> int:
    """Return how many shapes have a style."""
    return sum(type(x) is kind and getattr(x, "style", "").endswith(style) for x in drawn.walk())


def boxes(drawn: Scene) -> list[Group]:
    """Return the boxes with their labels."""
    return [shape for shape in drawn.shapes if isinstance(shape, Group)]


def labels(drawn: Scene, style: str) -> list[str]:
    """Return the texts of a style, in their order."""
    return [x.text for x in drawn.walk() if isinstance(x, Text) and x.style == style]


# --- every network, every figure ----------------------------------------------------------


CASES = [
    *((name, 1) for name in INDEX),
    *((name, depth) for name in ONE_EACH.values() for depth in (2, None)),
]


@pytest.mark.parametrize(("name", "depth"), CASES)
def test_every_figure_is_a_document_with_its_labels_in_place(name: str, depth: int | None) -> None:
    """XML without a broken number; no label leaves the figure or lies on another one."""
    report = report_of(name)
    for figure in figures.FIGURES if depth else ["graph"]:
        if (figure == "volumes") > figures.chain(report):
            continue
        drawn = scene(name, figure, depth=depth, max_nodes=600)
        text = svg.write(drawn, writer.Look())
        ElementTree.fromstring(text)
        assert not BROKEN.search(text), figure
        assert depth != 1 or len(text.encode()) <= LARGEST
        require_apart(drawn)


@pytest.mark.parametrize("name", ["alexnet", "googlenet", "unet", "m5", "c3d"])
def test_a_figure_is_the_same_twice(name: str) -> None:
    """A network analyzed anew gives the same bytes."""
    report = report_of(name)
    for figure in figures.FIGURES:
        if figure != "volumes" or figures.chain(report):
            first, second = (cnncalc.draw(name, figure) for _ in range(2))
            assert first == second


@pytest.mark.parametrize("name", INDEX)
def test_what_is_alive_has_the_peak(name: str) -> None:
    """The list of what is alive while each layer runs is the one that the peak comes from."""
    report = report_of(name)
    assert max(report.alive) == report.peak_activations
    assert len(report.alive) == len(report.layers)
    assert report.alive[[row.name for row in report.layers].index(report.peak_at)] == max(
        report.alive
    )


# --- volumes ------------------------------------------------------------------------------


def test_alexnet_has_its_boxes_windows_and_units() -> None:
    """Five convolutions read all channels, three pools one; three layers are bars."""
    drawn = scene("alexnet")
    assert len(boxes(drawn)) == 12
    assert [count(drawn, Polygon, style) for style in ("window", "strip")] == [8, 5]
    assert count(drawn, Disc, "dot") == 8
    assert count(drawn, Polygon, "dense-front") == 3
    expected = "227×227×3 55×55×96 27×27×96 27×27×256 13×13×256 13×13×384 13×13×384 13×13×256"
    assert labels(drawn, "label") == [*expected.split(), "6×6×256", "4096", "4096", "1000"]


def test_lenet_and_vgg_have_their_boxes_and_units() -> None:
    """A box for every volume, a unit for every window."""
    for name, expected in {"lenet": (8, 4), "vgg16": (22, 18)}.items():
        drawn = scene(name)
        assert (len(boxes(drawn)), count(drawn, Disc, "dot")) == expected


def test_the_usual_figure_of_a_chain_is_its_volumes() -> None:
    """Of what branches it is the graph; its volumes are refused in a sentence."""
    assert cnncalc.draw("alexnet") == cnncalc.draw("alexnet", "volumes")
    assert cnncalc.draw("resnet18") == cnncalc.draw("resnet18", "graph")
    with pytest.raises(cnncalc.CnncalcError, match="ResNet branches"):
        cnncalc.draw("resnet18", "volumes")


def test_rows_wrap_at_a_width_and_start_with_the_box_before() -> None:
    """No box is lost, every window has its unit, and the figure is no wider than asked for."""
    drawn = scene("vgg16", width=1000)
    assert drawn.width <= 1000
    assert len(boxes(drawn)) == 22
    assert count(drawn, Disc, "dot") == 18
    assert count(drawn, Polygon, "ghost") == 6
    require_apart(drawn)


def test_equal_layers_may_be_one_box() -> None:
    """Three convolutions of VGG that look the same are one, and its tip has the others."""
    drawn = scene("vgg16", runs=True)
    assert len(boxes(drawn)) == 16
    (run,) = [box for box in boxes(drawn) if box.name == "CONV3_1"]
    assert "3 × CONV3_1" in labels(drawn, "name")
    assert "CONV3_2 and CONV3_3" in run.tip


def test_full_labels_name_what_works_in_place() -> None:
    """A fourth line has the activation functions and the normalizations."""
    assert "ReLU · dropout" in labels(scene("alexnet", labels="full"), "note")
    assert "ReLU · dropout" not in labels(scene("alexnet"), "note")


def face(box: Group, name: str) -> tuple[Point, ...]:
    """Return the corners of a box's face."""
    (points,) = [
        x.points for x in box.shapes if isinstance(x, Polygon) and x.style.endswith(f"-{name}")
    ]
    return points


@pytest.mark.parametrize("scale", figures.SCALES)
@settings(max_examples=40)
@given(data=st.data())
def test_larger_is_drawn_larger_and_windows_lie_on_their_faces(scale: str, data: Any) -> None:
    """Of two boxes the larger extent is drawn the larger; a unit has its window's height."""
    extents = [data.draw(st.integers(1, 400)) for _ in range(2)]
    layers: list[Any] = []
    for _ in range(data.draw(st.integers(1, 5))):
        kernel, stride = data.draw(st.integers(1, 9)), data.draw(st.integers(1, 3))
        layer = {"type": "max_pool", "kernel": kernel, "stride": stride, "padding": "same"}
        if data.draw(st.booleans()):
            layer |= {"type": "conv", "filters": data.draw(st.integers(1, 300))}
        layers.append(layer)
    network = {"name": "n", "input": f"{extents[0]}x{extents[1]}x3", "layers": layers}
    report = cnncalc.analyze(network)
    drawn = figures.draw(report, "volumes", figures.Settings(scale=scale))
    found = boxes(drawn)
    fronts, sides = ([face(box, name) for box in found] for name in ("front", "side"))
    sizes = [
        (front[3].y - front[0].y, side[1].x - side[0].x, front[1].x - front[0].x)
        for front, side in zip(fronts, sides, strict=True)
    ]
    volumes = [report[box.name].output.shape for box in found]
    for one, other in itertools.combinations(range(len(found)), 2):
        for axis in range(3):
            order = volumes[one][axis] - volumes[other][axis]
            assert (sizes[one][axis] - sizes[other][axis]) * order >= -1e-9
    windows = [x.points for x in drawn.walk() if isinstance(x, Polygon) and x.style == "window"]
    dots = [x.centre for x in drawn.walk() if isinstance(x, Disc) and x.style == "dot"]
    for window, dot, side, front in zip(windows, dots, sides, fronts[1:], strict=False):
        assert side[0].x - 1e-9 <= window[0].x <= window[1].x <= side[1].x + 1e-9
        assert side[0].y - 1e-9 <= window[0].y <= window[3].y <= side[3].y + 1e-9
        height = ((window[0].y + window[3].y) / 2 - side[0].y) / (side[3].y - side[0].y)
        assert (dot.y - front[0].y) / (front[3].y - front[0].y) == pytest.approx(height)
        assert dot.x == front[0].x


def test_a_transposed_window_spreads_a_unit() -> None:
    """The unit is on the volume before, and what it reaches on the front of the result."""
    layer = {"type": "conv_transpose", "filters": 8, "kernel": 4, "stride": 2}
    drawn = scene({"name": "n", "input": "8x8x16", "layers": [layer]})
    assert [count(drawn, Polygon, style) for style in ("window", "strip")] == [0, 1]
    (dot,) = [x for x in drawn.walk() if isinstance(x, Disc)]
    assert dot.centre.x == face(boxes(drawn)[0], "front")[1].x
    assert "up 4×4, stride 2" in labels(drawn, "note")


# --- where, memory, field -----------------------------------------------------------------


def test_where_tells_alexnets_story() -> None:
    """Most parameters are in FC6, most of the work in CONV2, most activations in CONV1."""
    drawn = scene("alexnet", "where")
    assert drawn.description == (
        "AlexNet: 60.5 % of the parameters are in FC6, 39.5 % of the multiply-accumulates are in "
        "CONV2 and 27.7 % of the activations are in CONV1."
    )
    (fc6,) = [box for box in boxes(drawn) if box.name == "FC6"]
    bars = [shape.width for shape in fc6.shapes if isinstance(shape, Rectangle)]
    assert [round(bar, 1) for bar in bars] == [170.0, 14.3, 2.4]


def test_memory_names_the_peak() -> None:
    """The longest bar is in another colour, and says so."""
    drawn = scene("alexnet", "memory")
    assert "1.78 MB, the peak" in labels(drawn, "note")
    assert count(drawn, Rectangle, "pooling-bar") == 1


def test_fields_are_nested_and_cut_at_the_border() -> None:
    """ResNet-50's last stage sees beyond the input; a square is never larger than it."""
    drawn = scene("resnet50", "field")
    assert "427×427" in labels(drawn, "note")
    squares = [x for x in drawn.walk() if isinstance(x, Rectangle) and x.style.endswith("-square")]
    assert max(square.width for square in squares) == 300
    assert "Faint: beyond the input's border." in labels(drawn, "note")


# --- names are data -----------------------------------------------------------------------


HOSTILE = {
    "script": "<script>alert(1)</script>",
    "cdata": "]]>",
    "title": "</title></svg>",
    "quotes": "\"'&amp;",
    "nul": "a\x00b",
    "surrogate": "\ud800",
    "right to left": "שלום \u202egnp",
    "wide": "\ufdfd" * 30,
    "long": "x" * 10_000,
}


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_names_are_only_text(case: str) -> None:
    """Whatever a name is, the figure parses, has no element of it, and is no wider for it."""
    name = HOSTILE[case]
    conv = {"type": "conv", "filters": 2, "kernel": 3, "name": name.replace(".", "")}
    network = {"name": name, "input": "9x9x3", "layers": [conv, "relu", {"type": "fc", "units": 2}]}
    for figure in figures.FIGURES:
        try:
            text = cnncalc.draw(network, figure)
        except cnncalc.CnncalcError:
            return  # it cannot be the name of a layer
        root = ElementTree.fromstring(text)
        known = "svg title desc style g rect polygon line path circle text"
        assert {element.tag.removeprefix(SVG) for element in root.iter()} <= set(known.split())
        assert float(root.attrib["width"]) < 1400
        require_apart(scene(network, figure))
