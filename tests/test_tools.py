"""The counts of tools, as they print them, and the page that says so."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import pytest

import cnncalc
from cnncalc.model.report import Report
from cnncalc.reconciling.countings import COUNTINGS
from cnncalc.reconciling.rules import POOLS, by_type
from cnncalc.reconciling.tools import TOOLS

ROOT = Path(__file__).parent.parent
GOLDENS = json.loads((Path(__file__).parent / "goldens" / "tools.json").read_text())
OURS = {"alexnet": "alexnet_torchvision", "googlenet": "googlenet_torchvision"}
# The tools of the goldens: the key in the table, the number's name, and its tolerance.
SAID: dict[str, list[tuple[str, str, float]]] = {
    "torchinfo 1.8.0": [("torchinfo", "operations", 0)],
    "fvcore 0.1.5.post20221221": [("fvcore", "operations", 0)],
    "ptflops 0.7": [("ptflops-0.7.0", "operations", 0)],
    "ptflops 0.7.5": [("ptflops", "operations", 0), ("ptflops-aten", "aten", 0)],
    "thop 0.0.31-1909230639": [("thop-2019", "operations", 1e-6)],  # it adds in float32
    "thop 0.0.31-2005241907": [("thop-2020", "operations", 0)],
    "thop 0.1.1-2209072238": [("thop", "operations", 0)],
    "keras 3.15.1, tensorflow 2.21.0": [("tensorflow", "operations", 0)],
}
# The modules that the tools were asked about, each after a 12x12x8 image.
MODULES: dict[str, dict[str, object]] = {
    "conv": {"filters": 6, "kernel": 3, "stride": 2, "padding": 1, "groups": 2},
    "conv_transpose": {"filters": 6, "kernel": 3, "stride": 2, "padding": 1},
    "linear": {"units": 5},
    "max_pool": {"kernel": 3, "stride": 2},
    "avg_pool": {"kernel": 3, "stride": 2},
    "adaptive_avg_pool": {"size": 5},
    "nearest": {"type": "upsample", "scale": 2},
    "bilinear": {"type": "upsample", "scale": 2, "mode": "bilinear"},
    "batch_norm": {},
    "batch_norm_plain": {"type": "batch_norm", "affine": False},
    "group_norm": {"groups": 2},
    "instance_norm": {"affine": False},
    "instance_norm_affine": {"type": "instance_norm", "affine": True},
    **{name: {} for name in ("relu", "relu6", "leaky_relu", "prelu", "elu", "gelu", "silu")},
    **{name: {} for name in ("hardswish", "sigmoid", "tanh", "softmax")},
}
CASES = [
    (golden, network, *said)
    for golden, several in SAID.items()
    for network in GOLDENS[golden]
    if network not in MODULES
    for said in several
]
RELU = ("relu",)
LAST_POOL = ("global_avg_pool",)
# What a network of torchvision does by calling a function: such a call tools that look at
# modules do not see, and ptflops from 0.7.2 on sees once and not twice.
CALLED = {"mobilenet_v2": LAST_POOL, "densenet121": (*LAST_POOL, "relu"), "googlenet": RELU}


@cache
def analyzed(name: str) -> Report:
    """Return the report of our file for a network that tools were asked about."""
    return cnncalc.analyze(OURS.get(name, name))


def counted(tool: str, network: str) -> int:
    """Return what a tool's rules count of a network as its makers build it."""
    rows = list(analyzed(network).layers)
    if tool != "tensorflow" and rows[-1].type == "softmax":
        del rows[-1]  # it is in the loss
    total = sum(rule.total(by_type(rows)) for rule in TOOLS[tool].rules)
    if tool == "tensorflow" and network in ("mobilenet_v2", "densenet121"):
        total += 5 * rows[-1].output.size  # theirs end in a softmax
    called = CALLED.get(network, ())
    if tool.startswith(("thop", "ptflops")) and tool != "ptflops-aten":
        final = max(i for i, row in enumerate(rows) if row.type in (*POOLS, "relu"))
        for number, row in enumerate(rows):
            alone = row.type == "relu" and network == "densenet121" and number < final - 1
            if row.type not in called or alone:
                continue
            seen = sum(rule.count(row) for rule in TOOLS[tool].rules if row.type in rule.types)
            total -= seen // 2 if tool == "ptflops" else seen
    return total


@pytest.mark.parametrize(("golden", "network", "tool", "number", "tolerance"), CASES)
def test_tools_are_counted_as_they_count(
    golden: str, network: str, tool: str, number: str, tolerance: float
) -> None:
    """Each tool's table gives the number that the tool prints, to the last digit."""
    assert counted(tool, network) == pytest.approx(
        GOLDENS[golden][network][number], rel=tolerance, abs=0
    )


@pytest.mark.parametrize("golden", [golden for golden in SAID if "keras" not in golden])
def test_tools_count_single_modules_alike(golden: str) -> None:
    """Each kind of module is counted as the tool counts it, or left out as it leaves it out."""
    for tool, number, _ in SAID[golden]:
        said, ours = {}, {}
        for name, settings in MODULES.items():
            said[name] = GOLDENS[golden][name][number]
            image = "12x12x12" if name == "linear" else "12x12x8"
            layers = [{"type": name, **settings}]
            report = cnncalc.analyze({"name": name, "input": image, "layers": layers})
            ours[name] = sum(rule.total(by_type(report.layers)) for rule in TOOLS[tool].rules)
        assert ours == said, tool


def test_darknet_on_yolov3() -> None:
    """Its fork prints "Total BFLOPS 65.879" for yolov3.cfg at 416, without shortcuts 65.864."""
    rows = by_type(analyzed("yolov3").layers)
    convolutions, pools, shortcuts = (rule.total(rows) for rule in TOOLS["darknet"].rules)
    assert f"{(convolutions + pools + shortcuts) / 10**9:.3f}" == "65.879"
    assert f"{convolutions / 10**9:.3f}" == "65.864"


def named(quantity: str, network: str, name: str) -> int:
    """Return the value of the count with a name."""
    (found,) = [one for one in COUNTINGS[quantity](analyzed(network)) if one.name == name]
    return found.value


def test_fvcore_does_not_count_a_mean() -> None:
    """timm's benchmarks say 20.77 GMACs of SENet-154, whose pools it writes as means."""
    value = named("flops", "senet154", "fvcore 0.1.5, without average pools of a given size")
    assert f"{value / 10**9:.2f}" == "20.77"


@pytest.mark.parametrize("network", [n for n in GOLDENS["torchinfo 1.8.0"] if n not in MODULES])
def test_torchinfo_memory_and_parameters(network: str) -> None:
    """Its parameters, and its size of the forward and backward pass, in bytes."""
    said = GOLDENS["torchinfo 1.8.0"][network]
    assert analyzed(network).parameters == said["parameters"]
    name = "torchinfo, forward/backward pass size"
    assert 4 * named("memory", network, name) == said["pass_bytes"]


@pytest.mark.parametrize("network", ["mobilenet_v1", "mobilenet_v2", "densenet121"])
def test_keras_parameters(network: str) -> None:
    """Its total has the running means and variances of norms."""
    said = GOLDENS["keras 3.15.1, tensorflow 2.21.0"][network]["parameters"]
    assert named("parameters", network, "Keras, Total params") == said


def table() -> str:
    """Return the table of the page, made from the rules."""
    lines = ["| tool | versions | its number | counts | source |", "|---|---|---|---|---|"]
    for tool in TOOLS.values():
        counts = "; ".join(rule.words for rule in tool.rules)
        note = f". {tool.note}" if tool.note else "."
        source = ", ".join(f"`{part}`" for part in tool.source.split(", "))
        lines.append(
            f"| {tool.name} | {tool.versions} | {tool.number} | {counts}{note} | {source} |"
        )
    return "\n".join(lines)


def test_the_page_has_the_table() -> None:
    """docs/tools.md says what the rules count; on failure, put this table into it."""
    assert table() in (ROOT / "docs" / "tools.md").read_text(encoding="utf-8")


def test_the_page_has_the_numbers() -> None:
    """Its comparison is what the tools said."""
    page = (ROOT / "docs" / "tools.md").read_text(encoding="utf-8")
    for golden, several in SAID.items():
        for _, number, _ in several:
            for network in ("alexnet", "vgg16", "resnet50"):
                if network in GOLDENS[golden]:
                    assert f"{GOLDENS[golden][network][number]:,}" in page
