"""Reconciling: what tools count, and what makes a quoted figure. Every sum adds up."""

from __future__ import annotations

import io
import json
import re
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from rich.console import Console

import cnncalc
from cnncalc.api import reconcile
from cnncalc.cli import main
from cnncalc.errors import CnncalcError
from cnncalc.model.report import Report
from cnncalc.reconciling.countings import COUNTINGS
from cnncalc.reconciling.quoted_figure import read
from cnncalc.reconciling.rules import POOLS
from cnncalc.reconciling.search import Reconciliation
from cnncalc.reconciling.tools import TOOLS
from cnncalc.writers import reconciling as writer

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
    total = sum(rule.total(rows) for rule in TOOLS[tool].rules)
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
            ours[name] = sum(rule.total(report.layers) for rule in TOOLS[tool].rules)
        assert ours == said, tool


def test_darknet_on_yolov3() -> None:
    """Its fork prints "Total BFLOPS 65.879" for yolov3.cfg at 416, without shortcuts 65.864."""
    rows = analyzed("yolov3").layers
    convolutions, pools, shortcuts = (rule.total(rows) for rule in TOOLS["darknet"].rules)
    assert f"{(convolutions + pools + shortcuts) / 10**9:.3f}" == "65.879"
    assert f"{convolutions / 10**9:.3f}" == "65.864"


def named(quantity: str, network: str, name: str) -> int:
    """Return the value of the count with a name."""
    (found,) = [one for one in COUNTINGS[quantity](analyzed(network)) if one.name == name]
    return found.value


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


# --- figures ---------------------------------------------------------------------------------


def run(*arguments: str) -> Result:
    """Return the result of `cnncalc reconcile`, 80 columns wide."""
    return CliRunner().invoke(main, ["reconcile", *arguments], env={"COLUMNS": "80"})


@cache
def searched(network: str, figure: str) -> Reconciliation:
    """Return what the search finds."""
    return reconcile(network, figure)


def printed_sums(text: str) -> list[tuple[int, int]]:
    """Return each printed answer, and what its printed lines add up to."""
    found: list[tuple[int, int]] = []
    for line in text.split("\nNearest")[0].splitlines()[1:]:
        head = re.match(r"(\d)  *([\d,]+)  (\S.*)", line)
        part = re.match(r"  +([\d,]+)    (×|\S)", line)
        if head:
            found.append((int(head[2].replace(",", "")), 0))
            if head[3].startswith("the same, with"):
                found.pop()
        elif part:
            value, total = found[-1]
            n = int(part[1].replace(",", ""))
            found[-1] = (value, total * n if part[2] == "×" else total + n)
    return found


FIGURES = {
    ("alexnet", "665M"): (665784864, "cut off, not rounded"),
    ("alexnet", "0.71G"): (714188480, "alexnet_torchvision"),
    ("alexnet", "715.6M"): (715561896, "ptflops up to 0.7.0"),
    ("alexnet", "727M"): (726704072, "alexnet_two_towers"),
    ("alexnet", "0.77G"): (773304664, "thop 0.0.23 and 0.0.31 of 2019"),
    ("alexnet", "1.38G"): (1448813632, "G of 1,000 · 2^20"),
    ("alexnet", "2.14G"): (2142565440, "training"),
    ("alexnet", "1.14e9"): (1135256096, "mac"),
    ("alexnet", "2.27 GFLOPs"): (2270512192, "2mac"),
    ("alexnet", "62.4M parameters"): (62378344, "parameters"),
    ("alexnet", "238 MB"): (249513376, "MB of 2^20"),
    ("alexnet", "1.43 GFLOPs"): (1428376960, "alexnet_torchvision"),
    ("alexnet_two_towers", "2.66G"): (2663139456, "a batch of 4"),
    ("alexnet_two_towers", "60M"): (60965224, "parameters"),
    ("vgg16", "15.5G"): (15470264320, "mac"),
    ("vgg16", "30.9G"): (30940528640, "2mac"),
    ("vgg16", "15.61G"): (15607486488, "thop 0.0.23"),
    ("vgg16", "30.96G"): (30960211824, "TensorFlow"),
    ("vgg16", "138,357,544"): (138357544, "parameters"),
    ("vgg16", "15.3G"): (15346630656, "convolutions alone"),
    ("vgg16", "528 MB"): (553430176, "MB of 2^20"),
    ("vgg16", "61 MB"): (60950432, "activations"),
    ("resnet50", "3.8G"): (3857973248, "stride_first=true"),
    ("resnet50", "4.1G"): (4089184256, "mac"),
    ("resnet50", "8.2G"): (8178368512, "2mac"),
    ("resnet50", "4.13G"): (4133742592, "thop 0.1.1"),
    ("resnet50", "25.61M"): (25610152, "Keras"),
    ("yolov3", "65.86G"): (65864075264, "2mac"),
    ("yolov3", "65.879 BFLOPs"): (65878611968, "darknet"),
    ("regnet_y_128gf", "127.5G"): (127517815680, "224x224x3"),
    ("googlenet", "1.5G"): (1498376192, "googlenet_torchvision"),
    ("mobilenet_v2", "327.5M"): (327486720, "thop 0.1.1"),
}


@pytest.mark.parametrize(("network", "figure"), FIGURES)
def test_published_figures(network: str, figure: str) -> None:
    """The likely origin comes first, and each printed sum adds up to a number that rounds to it."""
    value, word = FIGURES[network, figure]
    stream = io.StringIO()
    writer.show(searched(network, figure), Console(file=stream, width=80, color_system=None))
    text = stream.getvalue()
    assert max(map(len, text.splitlines())) <= 80
    first = re.split(r"\n2 ", text)[0]
    assert re.search(rf"^1 +{value:,}  ", first, re.MULTILINE), text
    assert word in " ".join(first.split())
    sums = printed_sums(text)
    assert sums
    assert all(value == total for value, total in sums), text


def test_every_answer_adds_up_and_fits() -> None:
    """Terms and factors make the value, which lies in the range that it was read as."""
    for network, figure in FIGURES:
        found = searched(network, figure)
        for answer in found.answers:
            total = sum(term.value for term in answer.sum.terms)
            for factor in answer.factors:
                total *= factor.times
            assert total == answer.value
            assert answer.values.covers(answer.value)
        assumptions = [answer.assumptions for answer in found.answers]
        assert assumptions == sorted(assumptions)
        for miss in found.near:
            assert not any(values.covers(miss.value) for values in found.figure.ranges)


def test_what_nothing_makes_has_near_misses() -> None:
    """The notes' 24M * 4 = 93MB for VGG-16 is no sum of its volumes; theirs is 61 MB."""
    result = run("vgg16", "93MB")
    assert result.exit_code == 1
    assert "No convention, resolution, batch or unit that was tried makes it." in result.output
    assert "60,950,432  -34.5 %  vgg16, 224x224x3 (as given), activations" in result.output


def test_the_slides_example() -> None:
    """The sum behind 727M, line by line, and the neighbours that miss it."""
    lines = [" ".join(line.split()) for line in run("alexnet", "727M").output.splitlines()]
    seen = "seen as any number of FLOPs from 726,500,000 to 727,499,999"
    assert lines[0] == f"727M for AlexNet {seen}"
    assert lines[2:8] == [
        "1 726,704,072 alexnet_two_towers, 227x227x3",
        "724,406,816 multiply-accumulates, CONV2, CONV4 and CONV5 in 2 groups",
        "659,272 + biases added, one at each output",
        "658,272 + ReLU, one for each unit of CONV1 to FC7",
        "979,712 + comparisons in 3 pools, 3·3 - 1 at each output",
        "2 726,826,536 the same, with comparisons in 3 pools, 3·3 at each output",
    ]
    assert lines[-3:] == [
        "724,406,816 -0.4 % alexnet_two_towers, 227x227x3, mac",
        "714,188,480 -1.8 % alexnet_torchvision, 224x224x3, mac",
        "1,135,256,096 +56.2 % alexnet, 227x227x3 (as given), mac",
    ]


@pytest.mark.parametrize(
    ("text", "low", "high", "quantities"),
    [
        ("727M", 726500000, 727500000, ()),
        ("0.71 G", 705000000, 715000000, ()),
        ("2.27 GFLOPs", 2265000000, 2275000000, ("flops",)),
        ("724 MMACs", 723500000, 724500000, ("flops",)),
        ("233 MB", 232500000, 233500000, ("memory",)),
        ("62.4M parameters", 62350000, 62450000, ("parameters",)),
        ("650,000 neurons", 645000, 655000, ("activations",)),
        ("138,357,544", 138357544, 138357545, ()),
    ],
)
def test_figures_are_read_with_their_precision(
    text: str, low: int, high: int, quantities: tuple[str, ...]
) -> None:
    """A figure stands for all that rounds to it; its unit says what it is a number of."""
    figure = read(text)
    assert (figure.ranges[0].low, figure.ranges[0].high) == (low, high)
    assert figure.quantities == quantities


@pytest.mark.parametrize(
    "text", ["", "abc", "0", "-727M", "34.848", "1e99", "7" * 300, "\x1b[31m", "nan", "(" * 99]
)
def test_what_is_no_figure_is_refused(text: str) -> None:
    """It is said what was received, in signs that can be printed, and nothing is searched."""
    with pytest.raises(CnncalcError) as error:
        reconcile("alexnet", text)
    assert str(error.value).isprintable()


def test_refusals_end_with_2() -> None:
    """No figure, no such quantity, no such network."""
    assert run("alexnet", "many").exit_code == 2
    assert run("alexnet", "727M", "--of", "flop").exit_code == 2
    assert run("alexnt", "727M").exit_code == 2


def test_a_number_is_a_figure() -> None:
    """In Python a number may stand without quotes; a figure in MACs is said to be one of MACs."""
    assert reconcile("alexnet", 62378344).answers[0].candidate.label == "alexnet, 227x227x3"
    assert "seen as any number of MACs from" in run("alexnet", "714M MACs").output


def test_of_overrules_the_unit() -> None:
    """`--of` says what the figure is a number of."""
    assert reconcile("alexnet", "62.4M", "parameters").answers[0].value == 62378344
    assert reconcile("alexnet", "62.4M").quantity == "parameters"
    assert reconcile("alexnet", "62.4M", "flops").answers == ()


def test_input_and_set_are_those_of_the_network() -> None:
    """What was asked for is the network as given; other inputs are then left alone."""
    found = reconcile("resnet50", "5.34G", input="256x256x3")
    assert found.answers[0].candidate.label == "resnet50, 256x256x3"
    assert found.answers[0].assumptions == 0
    found = reconcile("resnet50", "3.86G", set={"stride_first": True})
    assert found.answers[0].assumptions == 0


def test_a_file_of_ones_own(tmp_path: Path) -> None:
    """Its variants and switches are searched; names in it are data."""
    path = tmp_path / "net.yaml"
    path.write_text(
        "name: '[b]\\x1b'\ninput: 8x8x3\nparameters: {wide: false}\n"
        "layers: [{type: conv, name: C, filters: 8 if wide else 4, kernel: 3}]\n"
        "variants: {small: {}, large: {wide: true}}\n"
    )
    assert cnncalc.analyze(path).macs == 36 * 27 * 4
    result = run(str(path), f"{36 * 27 * 8}")
    assert result.exit_code == 0, result.output
    assert "2mac" in result.output
    assert "\x1b" not in result.output
    assert "large" in run(str(path), f"{36 * 27 * 8}", "--of", "flops").output


def test_every_variant_of_a_file_is_tried() -> None:
    """The last of sixty makes its figure."""
    variants = {f"v{n}": {"n": n} for n in range(1, 61)}
    layers = [{"type": "conv", "name": "C", "filters": "n", "kernel": 3}]
    network = {
        "name": "Q", "input": "8x8x3", "parameters": {"n": 1}, "variants": variants,
        "layers": layers,
    }  # fmt: skip
    found = reconcile(network, "1680", "parameters")
    assert found.answers[0].candidate.name == "v60"


def test_json() -> None:
    """The same facts, as numbers."""
    result = run("alexnet", "727M", "--format", "json")
    found = json.loads(result.stdout)
    assert (found["quantity"], found["from"], found["to"]) == ("flops", 726500000, 727499999)
    for answer in found["answers"]:
        total = sum(term["value"] for term in answer["terms"])
        for factor in answer["factors"]:
            total *= factor["times"]
        assert total == answer["value"]
    assert [one["network"] for one in found["near"]][-1] == "alexnet"


# --- the page --------------------------------------------------------------------------------


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
