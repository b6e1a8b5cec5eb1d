"""The graph figure: what is folded and fused, and that boxes, edges and labels stay apart."""

from __future__ import annotations

import math
from graphlib import TopologicalSorter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import report_of, require_apart

import cnncalc
from cnncalc import figures
from cnncalc.figures.cells import Cell, Layout
from cnncalc.figures.layered import layout
from cnncalc.figures.nodes import Node, nodes
from cnncalc.figures.scene import Disc, Group, Rectangle, Text
from cnncalc.figures.series_parallel import is_parallel
from cnncalc.model.report import Report
from cnncalc.writers import figure as writer


def drawn(report: Report, depth: int | None = 1, block: str = "") -> list[Node]:
    """Return the nodes of a network at a depth."""
    folds = writer.folds(report, depth, block)
    return nodes(report, figures.Settings(folds=folds, block=block))


# --- what is drawn ------------------------------------------------------------------------


def test_an_inception_block_has_four_branches() -> None:
    """Six convolutions and a pool, in four branches from what enters, and one concat."""
    found = drawn(report_of("googlenet"), block="3a")
    assert [node.kind for node in found].count("convolution") == 6
    assert [node.kind for node in found].count("pooling") == 1
    assert found[0].title == "from pool2"
    assert sum(node.sources == (0,) for node in found) == 4
    assert (found[-1].merge, str(found[-1].output), len(found[-1].sources)) == (
        "concat",
        "28x28x256",
        4,
    )


def test_a_bottleneck_has_its_convolutions_and_its_shortcut() -> None:
    """Boxes say kernel and filters; what works in place on one is in it."""
    found = drawn(report_of("resnet50"), block="conv2_x.0")
    assert [node.title for node in found[1:]] == [
        "1×1 conv, 64",
        "3×3 conv, 64",
        "1×1 conv, 256",
        "1×1 conv, 256",
        "add",
    ]
    assert found[1].name == "conv1 · BN · ReLU"
    assert found[4].name == "shortcut · BN"
    assert (found[5].name, str(found[5].output)) == ("ReLU", "56x56x256")


def test_a_transposed_convolution_has_its_own_kernel() -> None:
    """The receptive field's window would be 1×1 at stride 1/2."""
    titles = [node.title for node in drawn(report_of("unet"), None)]
    assert "2×2 conv transpose, 512, ×2" in titles
    assert not any(title.startswith("1×1 conv transpose") for title in titles)


def test_equal_layers_of_a_block_are_said_as_one_layer_is() -> None:
    """Two convolutions with their activation functions are no block that needs a name."""
    titles = {node.path: (node.title, node.name, node.kind) for node in drawn(report_of("unet"))}
    assert titles["level2"] == ("2 × 3×3 conv, 128", "level2 · ReLU", "convolution")
    assert titles["up2"] == ("up, filters 128", "up2", "other")


@pytest.mark.parametrize(("name", "depth"), [("unet", 1), ("unet", None), ("fcn8s", 1)])
def test_an_hourglass_goes_down_at_the_left_and_up_at_the_right(
    name: str, depth: int | None
) -> None:
    """What is handed across goes straight across; no other edge leaves its column."""
    found = drawn(report_of(name), depth)
    plan = placed(found)
    columns = {top.x for top in plan.tops}
    assert len(columns) == 2
    across = [
        edge
        for edge in plan.edges
        if plan.tops[edge.source].x != plan.tops[edge.target].x and len(edge.points) == 2
    ]
    assert len(across) == {"unet": 4, "fcn8s": 3}[name]
    assert all(start.y == end.y for start, end in (edge.points for edge in across))
    assert plan.upwards


def test_training_rows_are_left_out_unless_asked_for() -> None:
    """GoogLeNet's auxiliary classifiers are drawn dashed with --training alone."""
    report = report_of("googlenet_training")
    assert not any(node.training for node in drawn(report))
    everything = figures.Settings(folds=writer.folds(report, 1), training=True)
    assert any(node.training for node in nodes(report, everything))
    assert "training-box" in cnncalc.draw("googlenet_training", training=True)


def test_too_many_boxes_are_refused_with_the_depths_that_have_fewer() -> None:
    """The message has how many boxes there are at each depth."""
    with pytest.raises(cnncalc.CnncalcError) as error:
        cnncalc.draw("densenet201", depth=None)
    assert "403 boxes at --depth all, 109 at 2, 12 at 1" in str(error.value)
    assert cnncalc.draw("densenet201", depth=None, max_nodes=403).startswith("<svg")


def test_an_unknown_block_gets_a_suggestion() -> None:
    """The nearest names, or some that there are."""
    for name, hint in {"conv2x": "Did you mean 'conv2_x'?", "q": "It has 'conv2_x'"}.items():
        with pytest.raises(cnncalc.CnncalcError) as error:
            cnncalc.draw("resnet50", block=name)
        assert hint in str(error.value)


# --- every edge is drawn, and nothing lies on anything else --------------------------------


@st.composite
def networks(draw: Any) -> dict[str, Any]:
    """Draw a network of layers that keep the volume, with merges of earlier results."""
    layers: list[Any] = []
    names = ["input"]
    for i in range(draw(st.integers(1, 12))):
        name = f"n{i}"
        kind = draw(st.sampled_from(["conv", "conv", "relu", "batch_norm", "add", "concat", "b"]))
        before = draw(st.sampled_from(names))
        if kind in ("add", "concat"):
            other = draw(st.sampled_from(names))
            layers.append({"type": kind, "name": name, "from": [before, other]})
            # The channels go back to what they were, so that any two results fit.
            layers.append({"type": "conv", "name": f"{name}c", "filters": 2, "kernel": 1})
            names.append(f"{name}c")
            continue
        layer: dict[str, Any] = {"type": kind, "name": name, "from": before}
        if kind == "conv":
            layer |= {"filters": 2, "kernel": 3, "padding": 1}
        layers.append(layer)
        names.append(name)
    block = {"layers": [{"merge": "add", "branches": [["relu"], []]}, "relu"]}
    return {"name": "random", "input": "4x4x2", "blocks": {"b": block}, "layers": layers}


@settings(max_examples=50)
@given(networks(), st.sampled_from([1, 2, None]))
def test_every_edge_of_a_network_is_drawn_once_or_inside_a_box(
    network: dict[str, Any], depth: int | None
) -> None:
    """Each row is in one box, and each edge between boxes is theirs."""
    report = cnncalc.analyze(network)
    found = drawn(report, depth)
    owner = {row: i for i, node in enumerate(found) for row in node.rows}
    assert sorted(row for node in found for row in node.rows) == list(range(len(report.layers)))
    wanted = {
        (owner[source], owner[i])
        for i, row in enumerate(report.layers)
        for source in row.sources
        if owner[source] != owner[i]
    }
    edges = [(edge.source, edge.target) for edge in placed(found).edges]
    assert sorted(edges) == sorted(wanted)


@settings(max_examples=25)
@given(networks())
def test_what_is_alive_in_a_random_network_has_the_peak(network: dict[str, Any]) -> None:
    """Whatever branches and views there are, the most that is alive is the peak."""
    report = cnncalc.analyze(network)
    assert max(report.alive) == report.peak_activations


def placed(found: list[Node]) -> Layout:
    """Return where nodes stand, all of one size."""
    cells = [Cell(half=60, right=90, height=40) for _ in found]
    return layout(cells, [node.sources for node in found])


@st.composite
def graphs(draw: Any) -> list[tuple[int, ...]]:
    """Draw the sources of nodes, each of which works on earlier ones."""
    found: list[tuple[int, ...]] = [()]
    for i in range(1, draw(st.integers(1, 14))):
        near = st.integers(max(0, i - 4), i - 1)
        taken = draw(st.lists(near, min_size=1, max_size=3, unique=True))
        found.append(tuple(sorted(taken)))
    return found


@st.composite
def series(draw: Any) -> list[tuple[int, ...]]:
    """Draw the sources of a series-parallel graph: edges are split and doubled at random."""
    edges = [(0, 1)]
    count = 2
    for _ in range(draw(st.integers(0, 12))):
        start, end = edges.pop(draw(st.integers(0, len(edges) - 1)))
        for _ in range(draw(st.integers(1, 2))):
            edges += [(start, count), (count, end)]
            count += 1
    before: dict[int, list[int]] = {node: [] for node in range(count)}
    for start, end in edges:
        before[end].append(start)
    order = list(TopologicalSorter(before).static_order())
    return [tuple(sorted(order.index(start) for start in before[node])) for node in order]


@st.composite
def ladders(draw: Any) -> list[tuple[int, ...]]:
    """Draw the sources of a network that goes down and up again, with volumes handed across."""
    levels = draw(st.integers(2, 4))
    found: list[tuple[int, ...]] = [()]
    handed = []

    def on() -> None:
        for _ in range(draw(st.integers(1, 3))):
            found.append((len(found) - 1,))

    for _ in range(levels):
        on()
        handed.append(len(found) - 1)
    on()
    while handed:
        if draw(st.booleans()):
            on()
        found.append((handed.pop(), len(found) - 1))
        if draw(st.booleans()):  # what enlarges is read again by what joins, as in U-Net
            found.append((len(found) - 2, len(found) - 1))
    return found


@given(st.one_of(graphs(), series(), ladders()), st.sampled_from([math.inf, 400.0]))
def test_boxes_do_not_overlap_and_no_edge_crosses_one(
    sources: list[tuple[int, ...]], tallest: float
) -> None:
    """Boxes with their labels stand apart; an edge touches only the boxes at its ends."""
    halves = [60 - i % 3 + 70 * (i % 5 == 3) for i in range(99)]
    cells = [
        Cell(half=half, right=half + 30 + i % 2, height=40 - 10 * (i % 2))
        for i, half in enumerate(halves)
    ]
    plan = layout(cells[: len(sources)], sources, tallest)
    assert len(plan.edges) == sum(map(len, sources))
    boxes = [
        (top.x - cell.half, top.y, top.x + cell.half, top.y + cell.height)
        for top, cell in zip(plan.tops, cells, strict=False)
    ]
    for i, (left, top, right, bottom) in enumerate(boxes):
        assert left >= -plan.left - 1e-6
        assert right <= plan.right + 1e-6
        assert bottom <= plan.height + 1e-6
        for a, b, c, d in boxes[:i]:
            assert left >= c or right <= a or top >= d or bottom <= b
    for edge in plan.edges:
        for start, end in zip(edge.points, edge.points[1:], strict=False):
            assert start.x == end.x or start.y == end.y
            low, high = min(start.x, end.x), max(start.x, end.x)
            upper, lower = min(start.y, end.y), max(start.y, end.y)
            for i, (left, top, right, bottom) in enumerate(boxes):
                clear = high <= left or low >= right or lower <= top or upper >= bottom
                assert clear, (edge, i)


def test_heads_for_training_stand_beside_what_they_read() -> None:
    """At its height, to the right of all else; what joins branches is still a disc."""
    for depth in (1, 2):
        options = writer.Options(training=True, depth=depth)
        drawn = writer.scene(report_of("googlenet_training"), options)
        groups = [shape for shape in drawn.shapes if isinstance(shape, Group)]
        found = [x for group in groups for x in group.shapes if isinstance(x, Rectangle)]
        dashed = [x for x in found if x.style == "training-box"]
        others = [x for x in found if x.style != "training-box"]
        assert dashed
        assert min(x.at.x for x in dashed) > max(x.at.x + x.width for x in others)
        discs = [x for group in groups for x in group.shapes if isinstance(x, Disc)]
        assert bool(discs) == (depth == 2)


@given(series())
def test_series_parallel_graphs_are_placed_in_columns(sources: list[tuple[int, ...]]) -> None:
    """However forks and merges lie in one another, no lane is needed."""
    assert is_parallel(sources)


# --- two networks -------------------------------------------------------------------------


def marked(first: Any, second: Any, **options: Any) -> list[tuple[str, str]]:
    """Return the marks of two networks' graphs, each with what stands under it."""
    drawn = writer.compared(cnncalc.diff(first, second), writer.Options(**options))
    texts = [x for x in drawn.shapes if isinstance(x, Text)]
    notes = {x.at.y: x.text for x in texts if x.style == "note"}
    return [(x.text, notes.get(x.at.y + 15, "")) for x in texts if x.style == "mark"]


def test_two_networks_are_marked_as_diff_has_them() -> None:
    """What changed, what only one of them has, and what that comes to in parameters."""
    assert marked("alexnet", "alexnet_two_towers") == [
        ("~", "−307,200 parameters"),
        ("~", "−663,552 parameters"),
        ("~", "−442,368 parameters"),
    ]
    assert [mark for mark, _ in marked("vgg16", "vgg19")] == ["+", "+", "+"]
    assert [mark for mark, _ in marked("vgg19", "vgg16")] == ["−", "−", "−"]
    assert marked("lenet", "lenet") == []


def test_rows_that_belong_together_stand_side_by_side() -> None:
    """Boxes of one name are at one height, though one network has more of them."""
    drawn = writer.compared(cnncalc.diff("vgg16", "vgg19"), writer.Options())
    heights: dict[str, list[float]] = {}
    for shape in drawn.shapes:
        if isinstance(shape, Group):
            (box,) = [x for x in shape.shapes if isinstance(x, Rectangle)]
            heights.setdefault(shape.name, []).append(box.at.y)
    assert sorted(map(len, heights.values())) == [1] * 3 + [2] * 23
    assert all(len(set(tops)) == 1 for tops in heights.values())


@settings(max_examples=25)
@given(networks(), networks(), st.sampled_from([1, None]))
def test_two_networks_are_drawn_whole(first: Any, second: Any, depth: int | None) -> None:
    """However they differ, every box of both is there once, and no label lies on another."""
    found = cnncalc.diff(first, second)
    scene = writer.compared(found, writer.Options(depth=depth))
    boxes = [shape for shape in scene.shapes if isinstance(shape, Group)]
    assert len(boxes) == len(drawn(found.first, depth)) + len(drawn(found.second, depth))
    require_apart(scene)


def test_two_networks_are_compared_by_their_graphs_alone() -> None:
    """Other figures and the formats of one graph are refused."""
    with pytest.raises(cnncalc.CnncalcError, match="compared by their graphs"):
        cnncalc.draw("vgg16", "where", against="vgg19")
    with pytest.raises(cnncalc.CnncalcError, match="dot holds one network"):
        cnncalc.draw("vgg16", against="vgg19", format="dot")
