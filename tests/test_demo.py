"""The page of demonstrations: what it begins with, and that it asks for nothing."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from typing import Any

import pytest
from click.testing import CliRunner
from support import report_of

import cnncalc
from cnncalc import api
from cnncalc.arithmetic import window_remainder
from cnncalc.cli import main
from cnncalc.demos.drawn_numbers import computed, layer
from cnncalc.demos.records import Demo, Setting
from cnncalc.demos.shrinking import LARGEST, POOL, of_layer, usual
from cnncalc.errors import CnncalcError, UnknownNameError
from cnncalc.layers.base import Window
from cnncalc.layers.windowed import ints
from cnncalc.volume import Volume
from cnncalc.writers.demo import COLOURS


def start(page: str) -> dict[str, Any]:
    """Return the settings that a page starts with."""
    (text,) = re.findall(r'<script type="application/json" id="start">(.*?)</script>', page, re.S)
    found: dict[str, Any] = json.loads(text)
    return found


def of(network: Any, name: str) -> tuple[Demo, Setting]:
    """Return the demonstration of a layer, and the setting that is shown first."""
    demo = of_layer(api.expand(network), cnncalc.analyze(network), name)
    return demo, demo.conv if demo.starts == "conv" else demo.pool


def test_the_page_is_one_file_that_asks_for_nothing() -> None:
    """Its policy allows its own script and style, by their hashes, and nothing else."""
    page = cnncalc.demo()
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="(.*?)"', page)
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    for tag in ("script", "style"):
        *_, text = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.S)
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert not re.search(r"https?:|\b(src|href|style|onclick)=|@import|url\(", page)
    assert len(page.encode()) < 64_000
    assert page == cnncalc.demo()


def test_the_numbers_of_the_lecture() -> None:
    """18 windows of the well-known convolution; 6 8 / 3 4 of the pool."""
    demo = usual()
    assert layer(demo.conv).output(Volume((5, 5), 3)) == Volume((3, 3), 2)
    assert len(demo.output) == 18
    assert computed(POOL) == (6, 8, 3, 4)


@pytest.mark.parametrize("name", ["alexnet", "lenet", "mobilenet_v1", "squeezenet1_0", "wavenet"])
def test_a_layer_is_shown_with_its_own_remainder(name: str) -> None:
    """On an input that a page has room for; its kernel, stride, padding and dilation are kept."""
    graph, report = api.expand(name), report_of(name)
    shown: dict[Any, Any] = {}
    for row, node in zip(report.layers, graph.nodes, strict=True):
        if row.type in ("conv", "depthwise_conv", "max_pool", "avg_pool"):
            shown.setdefault((node.layer, row.inputs[0].extents), node)
    assert shown
    for (made, extents), node in shown.items():
        demo = of_layer(graph, report, node.path)
        setting = demo.conv if demo.starts == "conv" else demo.pool
        volume = graph.nodes[node.inputs[0]].output
        assert setting.windows == made.windows(volume)
        for w, small, window in zip(extents, setting.extents, setting.windows, strict=True):
            assert small <= min(w, LARGEST)
            left = [window_remainder(n, window.kernel, *ints(window)) for n in (w, small)]
            assert left[0] == left[1]


def test_channels_and_filters_are_fewer() -> None:
    """A depthwise layer keeps a filter for each channel, a grouped one its groups."""
    demo, setting = of("alexnet_two_towers", "CONV2")
    assert (setting.groups, setting.channels % 2, setting.filters % 2) == (2, 0, 0)
    network = {"name": "n", "input": "9x9x8", "layers": [{"type": "depthwise_conv", "kernel": 3}]}
    demo, setting = of(network, "depthwise_conv")
    assert (setting.groups, setting.channels, setting.filters) == (2, 2, 2)
    assert "2 of 8 filters, 2 of 8 channels." in demo.notes


def test_a_pool_over_everything_has_one_window() -> None:
    """Its kernel is the input, which is made smaller."""
    demo, setting = of("resnet18", "global_avg_pool")
    assert (setting.kind, setting.extents, setting.windows) == ("avg", (6, 6), (Window(6, 6),) * 2)
    assert len(demo.output) == 1


def test_a_separable_convolution_is_shown_by_its_depthwise_half() -> None:
    """Which has no bias, and is followed by a convolution of 1x1."""
    layer = {"type": "separable_conv", "kernel": 3, "filters": 4}
    demo, setting = of({"name": "n", "input": "9x9x8", "layers": [layer]}, "separable_conv")
    assert (setting.groups, setting.filters, setting.bias) == (2, 2, False)
    assert "Then comes a 1x1 convolution, with 4 filters." in demo.notes


@pytest.mark.parametrize(
    ("network", "name", "message"),
    [
        ("alexnet", "FC6", "AlexNet has CONV1, MAX POOL1, CONV2 and MAX POOL2."),
        ("alexnet", "INPUT", "has no window"),
        ("c3d", "conv1a", "slides along 3 axes; a page shows one or two"),
        ("m5", "conv1", "too wide to be shown step by step"),
    ],
)
def test_a_layer_without_such_a_window_is_refused(network: str, name: str, message: str) -> None:
    """The message says which layers have one."""
    with pytest.raises(CnncalcError) as caught:
        cnncalc.demo(network, name)
    assert message in str(caught.value)


def test_an_unknown_layer_has_a_suggestion() -> None:
    """As everywhere."""
    with pytest.raises(UnknownNameError, match="Did you mean 'CONV"):
        cnncalc.demo("alexnet", "CONVX")


def test_names_are_data() -> None:
    """A name that is markup is text, and ends no script."""
    name = "</script><script>alert(1)</script>&@START@"
    network = {"name": name, "input": "9x9x1", "layers": [
        {"type": "conv", "name": "c", "filters": 1, "kernel": 3}]}  # fmt: skip
    page = cnncalc.demo(network, "c")
    assert page.count("</script>") == 2
    assert "&lt;/script&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;@START@" in page
    assert start(page)["conv"]["kernel"] == [3, 3]


def test_one_axis_is_the_second_of_two() -> None:
    """A layer along time has one row."""
    layer = {"type": "conv", "name": "c", "filters": 2, "kernel": 3, "dilation": 2}
    network = {"name": "n", "input": "40x2", "layers": [layer | {"padding": "same"}]}
    found = start(cnncalc.demo(network, "c"))["conv"]
    assert (found["dims"], found["extents"][0], found["kernel"]) == (1, 1, [1, 3])
    assert (found["padding"], found["dilation"]) == ([[0, 0], [2, 2]], [1, 2])


def test_the_command_writes_the_page() -> None:
    """To standard output, or to a file whose ending is that of a page."""
    done = CliRunner().invoke(main, ["demo"])
    assert (done.exit_code, done.output) == (0, cnncalc.demo())
    assert CliRunner().invoke(main, ["demo", "-o", "demo.pdf"]).exit_code == 2
    assert CliRunner().invoke(main, ["demo", "alexnet"]).exit_code == 2


def test_a_mean_may_leave_out_its_padding() -> None:
    """As the layer says."""
    windows = (Window(2, 1, 1, 0),)
    setting = Setting(
        kind="avg", extents=(2,), channels=1, filters=1, windows=windows, seed=3,
        counts_padding=False,
    )  # fmt: skip
    x = computed(setting)
    assert x[0] == int(x[0])


# Text, and what it stands on.
PAIRS = [
    ("ink", "page"), ("ink", "panel"), ("muted", "page"), ("muted", "panel"), ("padding", "page"),
    ("padding", "panel"), ("signal", "page"), ("signal", "panel"), ("ink", "window"),
    ("factor", "window"), ("ink", "weight"), ("ink", "result"), ("result-text", "panel"),
]  # fmt: skip


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_text_stands_out_from_its_ground(text: str, ground: str, theme: str) -> None:
    """By 4.5:1 at least. Source: WCAG 2.2, success criterion 1.4.3, level AA."""
    one, other = (luminance(getattr(COLOURS[name], theme)) for name in (text, ground))
    assert (max(one, other) + 0.05) / (min(one, other) + 0.05) >= 4.5


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour. Source: WCAG 2.2."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
