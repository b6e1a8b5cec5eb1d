"""What each unit sees, held against NaN in single input pixels of networks that run."""

from __future__ import annotations

import contextlib
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from support import Recorded

import cnncalc
from cnncalc import api
from cnncalc.model.graph import Graph


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

    No unit sees more pixels, or others, than its field; where no border is near, the widest
    unit of each layer sees the outermost pixels of its field.
    """
    source = {"name": "net", "input": f"{extent}x2", "layers": layers}
    graph, report = api.expand(source), cnncalc.analyze(source)
    reached = seen(graph, extent)
    for n, row in enumerate(report.layers):
        field = row.receptive_field
        if field.size is None or field.step is None or field.first_centre is None:
            continue
        size, step, first = field.size[0], field.step[0], field.first_centre[0]
        assert size == int(size)
        for position, pixels in enumerate(reached[n]):
            if not pixels:
                continue
            assert max(pixels) - min(pixels) + 1 <= size, row.name
            centre = first + position * step
            assert min(pixels) >= centre - size - 1 / 2, row.name
            assert max(pixels) <= centre + size + 1 / 2, row.name
            if step == int(step) and not any("upsample" in r.type for r in report.layers[: n + 1]):
                assert min(pixels) >= centre - (size - 1) / 2, row.name
                assert max(pixels) <= centre + (size - 1) / 2, row.name
        inner = [
            pixels
            for pixels in reached[n]
            if pixels and min(pixels) > 0 and max(pixels) < extent - 1
        ]
        if inner and len(inner) > 4:
            assert max(max(p) - min(p) + 1 for p in inner) == size, row.name


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
LARGER = st.builds(
    lambda kind, scale: (
        {"type": "upsample", "scale": scale}
        if kind
        else {"type": "conv_transpose", "filters": 2, "kernel": scale + 1, "stride": scale}
    ),
    st.booleans(),
    st.integers(2, 3),
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
