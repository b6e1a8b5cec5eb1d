"""Every shipped network against its own `expect:`, and against what others counted or printed.

What the files expect of the networks that torchvision lacks was counted a second time when they
were written: the network built in PyTorch, its parameters summed, and its operations counted by
FlopCounterMode, which says twice the multiply-accumulates. All agree to the digit.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from support import report_of

import cnncalc
from cnncalc.format import shipped

ORACLE = Path(__file__).parent / "oracle"
TORCHVISION = json.loads((ORACLE / "torchvision.json").read_text())["networks"]
LAYERS = json.loads((ORACLE / "torchvision_layers.json").read_text())["networks"]
FIELDS = json.loads((ORACLE / "receptive_field.json").read_text())["fields"]

INDEX = {entry.name: entry for entry in shipped.index()}
VALIDATOR = Draft202012Validator(json.loads((shipped.directory() / "schema.json").read_text()))
FILES = sorted(path.name for path in shipped.directory().glob("*.yaml"))
NOT_OF_A_YEAR = {"connections.yaml", "conv_demo.yaml", "linear_softmax.yaml", "mlp.yaml"}

# What torchvision's list of modules calls a layer.
KINDS = {
    "conv": "conv",
    "depthwise_conv": "conv",
    "fc": "fc",
    "max_pool": "max_pool",
    "avg_pool": "avg_pool",
    "adaptive_avg_pool": "avg_pool",
    "global_avg_pool": "avg_pool",
}
# The networks that are called by their number of layers with weights.
DEPTH = re.compile(r"(?:resnet|densenet|vgg|m)(\d+)(?:_bn)?")
# Where torchvision's last pool is a function, not a module.
POOL_BY_FUNCTION = {"densenet121", "mobilenet_v2"}

# The table of the CS231n notes: volume, and weights without biases.
CS231N_VGG16 = """
224x224x3 0
224x224x64 1728     224x224x64 36864    112x112x64 0
112x112x128 73728   112x112x128 147456  56x56x128 0
56x56x256 294912    56x56x256 589824    56x56x256 589824    28x28x256 0
28x28x512 1179648   28x28x512 2359296   28x28x512 2359296   14x14x512 0
14x14x512 2359296   14x14x512 2359296   14x14x512 2359296   7x7x512 0
4096 102760448      4096 16777216       1000 4096000
"""

# Network, attribute, the unit in which its paper prints it, and what it prints.
PRINTED = [
    ("resnet20", "parameters", 10**6, "0.27"),
    ("resnet32", "parameters", 10**6, "0.46"),
    ("resnet44", "parameters", 10**6, "0.66"),
    ("resnet56", "parameters", 10**6, "0.85"),
    ("resnet110", "parameters", 10**6, "1.7"),
    ("resnet1202", "parameters", 10**6, "19.4"),
    ("mobilenet_v1", "macs", 10**6, "569"),
    ("mobilenet_v1_0_75", "macs", 10**6, "325"),
    ("mobilenet_v1_0_5", "macs", 10**6, "149"),
    ("mobilenet_v1_0_25", "macs", 10**6, "41"),
    ("mobilenet_v1", "parameters", 10**6, "4.2"),
    ("mobilenet_v1_0_75", "parameters", 10**6, "2.6"),
    ("mobilenet_v1_0_5", "parameters", 10**6, "1.3"),
    ("mobilenet_v1_0_25", "parameters", 10**6, "0.5"),
    ("vgg11", "parameters", 10**6, "133"),
    ("vgg13", "parameters", 10**6, "133"),
    ("vgg16", "parameters", 10**6, "138"),
    ("vgg19", "parameters", 10**6, "144"),
    ("resnet18", "macs", 10**9, "1.8"),
    ("resnext50_32x4d", "parameters", 10**6, "25.0"),
    ("resnext50_32x4d", "macs", 10**9, "4.2"),
    ("wide_resnet50_2", "parameters", 10**6, "68.9"),
    ("squeezenet1_0", "parameters", 1, "1248424"),
    ("xception", "parameters", 1, "22855952"),
    ("shufflenet_v2_x0_5", "parameters", 10**6, "1.4"),
    ("shufflenet_v2_x1_0", "parameters", 10**6, "2.3"),
    ("shufflenet_v2_x1_5", "parameters", 10**6, "3.5"),
    ("shufflenet_v2_x2_0", "parameters", 10**6, "7.4"),
    ("efficientnet_b0", "parameters", 10**6, "5.3"),
    ("efficientnet_b0", "macs", 10**9, "0.39"),
    ("convnext_tiny", "macs", 10**9, "4.5"),
    ("convnext_small", "macs", 10**9, "8.7"),
    ("convnext_base", "macs", 10**9, "15.4"),
    ("convnext_large", "macs", 10**9, "34.4"),
    ("fcn8s", "parameters", 10**6, "134"),
    ("m3", "parameters", 10**6, "0.2"),
    ("m11", "parameters", 10**6, "1.8"),
    ("m18", "parameters", 10**6, "3.7"),
]


def expectations(name: str) -> dict[str, Any]:
    """Return what the file of a shipped network expects of it."""
    expect = cnncalc.load(name).expect
    variant = INDEX[name].variant
    return expect if variant is None else expect[variant]


def torchvision_name(name: str) -> str:
    """Return what a network of torchvision is called here."""
    return next(ours for ours in (f"{name}_torchvision", name) if ours in INDEX)


@pytest.mark.parametrize("name", INDEX)
def test_files_meet_their_expectations(name: str) -> None:
    """Every number and volume under `expect:` comes out, parameters and MACs in each file."""
    report = report_of(name)
    expect = expectations(name)
    layers = expect.get("layers", {})
    facts = {key: value for key, value in expect.items() if key != "layers"}
    assert facts.keys() >= {"parameters", "macs"}
    assert facts == {key: getattr(report, key) for key in facts}
    for path, row in layers.items():
        assert {key: str(value) for key, value in row.items()} == {
            key: str(getattr(report[path], key)) for key in row
        }, path


@pytest.mark.parametrize("file", FILES)
def test_files_say_where_they_come_from(file: str) -> None:
    """Every file has a source, an expectation for each variant, and a year if it is a paper's."""
    architecture = cnncalc.load(file)
    assert architecture.source
    assert (architecture.year is None) == (file in NOT_OF_A_YEAR)
    if architecture.variants:
        assert architecture.expect.keys() == architecture.variants.keys()
    for one in architecture.competitions:
        assert {"competition", "year", "result", "source"} <= one.keys()
        assert set(one.get("variants", [])) <= architecture.variants.keys()


@pytest.mark.parametrize("file", FILES)
def test_files_name_their_schema(file: str) -> None:
    """The first line lets an editor complete and check the file, and it finds nothing."""
    with open(shipped.directory() / file, encoding="utf-8") as text:
        assert next(text) == "# yaml-language-server: $schema=schema.json\n"
        assert not list(VALIDATOR.iter_errors(yaml.safe_load(text)))


@pytest.mark.parametrize("name", TORCHVISION)
def test_torchvision_to_the_digit(name: str) -> None:
    """Input, parameters and MACs of every convolutional classifier are the published ones."""
    report = report_of(torchvision_name(name))
    assert TORCHVISION[name] == {
        "input": str(report.input),
        "parameters": report.parameters,
        "macs": report.macs,
    }


def test_torchvision_is_complete() -> None:
    """There are 68 of them."""
    assert len({torchvision_name(name) for name in TORCHVISION}) == 68


@pytest.mark.parametrize("name", LAYERS)
def test_torchvision_layer_by_layer(name: str) -> None:
    """Every convolution, fc and pool has torchvision's volume and parameters, in its order."""
    found = [
        f"{KINDS[row.type]} {row.output} {row.parameters}"
        for row in report_of(torchvision_name(name)).layers
        if row.type in KINDS
    ]
    if name in POOL_BY_FUNCTION:
        found.pop(-2)
    assert found == LAYERS[name]


@pytest.mark.parametrize(("network", "path", "size", "stride", "padding"), FIELDS)
def test_receptive_fields_of_vgg(
    network: str, path: str, size: int, stride: int, padding: int
) -> None:
    """Size, step and start are the published ones; the first unit's field begins in the padding."""
    report = report_of({"vgg_a": "vgg11", "vgg_16": "vgg16"}[network])
    field = report[path.upper()].receptive_field
    assert field.size == (size, size)
    assert field.step == (stride, stride)
    assert field.first_centre == (centre := (size - 1) / 2 - padding, centre)


def test_vgg16_is_the_table_of_the_notes() -> None:
    """VGG-16 has the CS231n notes' rows: their volumes, weights, and sums."""
    words = CS231N_VGG16.split()
    report = report_of("vgg16")
    rows = [row for row in report.layers if row._has_row and row.type != "adaptive_avg_pool"]
    assert [str(row.output) for row in rows] == words[::2]
    assert [row.weights for row in rows] == [int(word) for word in words[1::2]]
    assert sum(row.output.size for row in rows) == report.activations == 15_237_608
    assert report.weights == 138_344_128


def test_lenet5_has_the_paper_s_connections() -> None:
    """Products, biases and the subsampling's five a unit are LeCun et al.'s counts of 1998."""
    report = report_of("lenet5")
    pooled = {name: 5 * report[name].output.size for name in ("S2", "S4")}
    connected = {
        name: report[name].macs + report[name].output.size for name in ("C1", "C3", "C5", "F6")
    }
    assert pooled | connected == {
        "C1": 122_304, "S2": 5_880, "C3": 151_600, "S4": 2_000, "C5": 48_120, "F6": 10_164,
    }  # fmt: skip


@pytest.mark.parametrize(("name", "what", "unit", "printed"), PRINTED)
def test_papers_figures(name: str, what: str, unit: int, printed: str) -> None:
    """The figure that a paper prints is the exact one, rounded."""
    digits = len(printed.partition(".")[2])
    assert f"{getattr(report_of(name), what) / unit:.{digits}f}" == printed


@pytest.mark.parametrize("name", [name for name in INDEX if DEPTH.fullmatch(name)])
def test_names_that_say_the_depth(name: str) -> None:
    """ResNet-50 is 50 layers deep in the index, and so is every network named by its depth."""
    assert f"{INDEX[name].depth}" == DEPTH.fullmatch(name)[1]  # type: ignore[index]


@pytest.mark.parametrize(("size", "billions"), [(320, 38.97), (416, 65.86), (608, 140.69)])
def test_yolov3_at_the_authors_sizes(size: int, billions: float) -> None:
    """YOLOv3's operations, multiplications and additions apart, are those on the authors' page."""
    report = cnncalc.analyze("yolov3", input=f"{size}x{size}x3", convention="2mac")
    assert round(report.flops / 10**9, 2) == billions


@pytest.mark.parametrize(("size", "millions"), [(224, 569), (192, 418), (160, 290), (128, 186)])
def test_mobilenet_at_the_papers_sizes(size: int, millions: int) -> None:
    """MobileNet's multiply-adds at four resolutions are those of Howard et al., Table 7."""
    report = cnncalc.analyze("mobilenet_v1", set={"size": size})
    assert abs(report.macs - millions * 10**6) < 10**6


@pytest.mark.parametrize(
    ("name", "billions"), [("resnet50", 3.8), ("resnet101", 7.6), ("resnet152", 11.3)]
)
def test_resnets_with_the_papers_strides(name: str, billions: float) -> None:
    """With the stride in the first 1x1, ResNet's operations are those of He et al., Table 1."""
    report = cnncalc.analyze(name, set={"stride_first": True})
    assert abs(report.macs / 10**9 - billions) < 0.1
    assert report.parameters == report_of(name).parameters


def test_wavenet_sees_1024_samples_a_stack() -> None:
    """Dilations 1 to 512 see 1024 samples, as in the paper; the causal layer before adds one."""
    report = report_of("wavenet")
    ends = [report[f"stack.{stack}.unit.9.add"].receptive_field for stack in range(3)]
    assert [field.size for field in ends] == [(1025,), (2048,), (3071,)]


def test_three_ways_to_connect_an_image() -> None:
    """10^6 hidden units: 10^12 weights fully connected, 10^8 locally, 100 a filter if shared."""
    weights = {
        name: report_of(name).weights
        for name in ("fully_connected", "locally_connected", "shared_weights")
    }
    assert list(weights.values()) == [10**12, 10**8, 100]
    for name in weights:
        assert report_of(name).output.size == 10**6
    assert cnncalc.analyze("shared_weights", set={"filters": 100}).weights == 100 * 100
