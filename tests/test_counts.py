"""Counts that were once wrong, held to the word of someone outside: PyTorch, a paper, a tool."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

import cnncalc
from cnncalc import readers
from cnncalc.errors import ArchitectureError, CnncalcError, VolumeError


def network(*layers: Any, input: str = "8x8x4", **top: Any) -> dict[str, Any]:
    """Return a network of some layers."""
    return {"name": "n", "input": input, "layers": list(layers), **top}


def explained(source: Any, layer: str) -> str:
    """Return the working of a layer as Markdown."""
    return cnncalc.explain(source, layer).to_markdown()


@pytest.mark.parametrize("word", ["dropout", "drop_path", "identity"])
def test_what_is_off_at_inference_adds_nothing(word: str) -> None:
    """Beside a branch that still needs the values, too, dropout is the same array."""
    conv = {"type": "conv", "name": "a", "filters": 6, "kernel": 1}
    report = cnncalc.analyze(network(conv, {"merge": "add", "branches": [[word], []]}))
    assert report.activations == 256 + 384 + 384
    assert report.peak_bytes == 3072
    assert report[word].activations == report[word].bytes_moved == 0
    assert "**1,536**, bytes, float32; the input's" in explained(network(conv, word), word)


def test_a_function_behind_dropout_leaves_alone_what_others_read() -> None:
    """The values are the convolution's, which the other branch still adds: no work in place."""
    merge = {"merge": "add", "branches": [["dropout", "relu"], []]}
    source = network({"type": "conv", "filters": 6, "kernel": 1}, merge)
    assert cnncalc.analyze(source)["relu"].activations == 384
    assert cnncalc.verify(source).ok
    chain = network({"type": "conv", "filters": 6, "kernel": 1}, "dropout", "relu")
    assert cnncalc.analyze(chain)["relu"].activations == 0


def test_what_runs_in_training_only_shares_no_memory() -> None:
    """Its working does not say that it takes its input's place."""
    side = {"type": "conv", "name": "side", "filters": 6, "kernel": 1, "training": True}
    assert "float32; in training only" in explained(network("relu", side), "side")


def test_a_separable_convolution_counts_what_lies_between_its_two() -> None:
    """In every memory it is the two layers that it stands for; Keras' Xception gains so many."""
    window = {"kernel": 3, "padding": 1}
    one = network({"type": "separable_conv", "filters": 32, **window}, input="149x149x64")
    two = network(
        {"type": "depthwise_conv", "bias": False, **window},
        {"type": "conv", "filters": 32, "kernel": 1},
        input="149x149x64",
    )
    reports = [cnncalc.analyze(source, batch=2) for source in (one, two)]
    for name in ("activations", "peak_bytes", "bytes_moved", "parameters", "macs"):
        assert getattr(reports[0], name) == getattr(reports[1], name), name
    assert reports[0].training_bytes() == reports[1].training_bytes()
    assert cnncalc.analyze(one).peak_bytes == 11_366_912
    assert cnncalc.analyze("xception").activations == 29_760_731 + 14_687_816
    assert "149·149·64·4 = **5,683,456**, between its operations" in explained(
        one, "separable_conv"
    )


@given(data=st.data())
@settings(max_examples=60)
def test_separable_convolutions_peak_as_the_two_they_are(data: st.DataObject) -> None:
    """In branches and beside values that live on, too; and verify sees the same peak."""
    depths = st.integers(1, 9)

    def layers(separable: bool) -> list[Any]:
        window = {"kernel": 3, "padding": 1, "multiplier": multiplier}
        if separable:
            return [{"type": "separable_conv", "filters": filters, **window}]
        depthwise = {"type": "depthwise_conv", "bias": False, **window}
        return [depthwise, {"type": "conv", "filters": filters, "kernel": 1}]

    branches: tuple[list[Any], list[Any]] = ([], [])
    for _ in range(data.draw(st.integers(1, 3))):
        ways: tuple[list[Any], list[Any]] = ([], [])
        for _ in range(data.draw(st.integers(0, 2))):
            filters, multiplier = data.draw(depths), data.draw(st.integers(1, 3))
            after = data.draw(st.lists(st.sampled_from(["relu", "dropout", "layer_norm"])))
            for way, separable in zip(ways, (True, False), strict=True):
                way += [*layers(separable), *after]
        for branch, way in zip(branches, ways, strict=True):
            branch.append(way)
    found = []
    for branch in branches:
        source = network({"merge": "concat", "branches": branch}, "relu", input="5x4x3")
        report = cnncalc.analyze(source)
        assert cnncalc.verify(source).ok
        found.append((report.activations, report.peak_activations, report.bytes_moved))
    assert found[0] == found[1]


def test_the_number_of_inputs_of_a_neuron_is_worked_out() -> None:
    """The number most asked for: nn.Linear(in_features=1568, ...) of a network for MNIST."""
    source = network(
        {"type": "conv", "filters": 16, "kernel": 5, "padding": 2, "then": ["relu"]},
        {"type": "max_pool", "kernel": 2},
        {"type": "conv", "filters": 32, "kernel": 5, "padding": 2, "then": ["relu"]},
        {"type": "max_pool", "kernel": 2},
        {"type": "fc", "name": "OUT", "units": 10},
        input="28x28x1",
    )
    step = "- **inputs** = H1·W1·D1 = 7·7·32 = **1,568**, values that each neuron sees"
    assert step in explained(source, "OUT")
    assert cnncalc.analyze(source)["OUT"].fan_in == 1568
    source["layers"][-1] = {"type": "linear", "units": 10}
    assert "- **inputs** = D1 = **32**" in explained(source, "linear")


@pytest.mark.parametrize(
    ("settings", "learned", "additions"),
    [
        ({}, 12, 4), ({"affine": True}, 12, 4), ({"affine": False}, 0, 3),
        ({"bias": False}, 6, 3), ({"weight": False}, 6, 4),
        ({"weight": False, "bias": False}, 0, 3), ({"weight": True, "bias": True}, 12, 4),
    ],
)  # fmt: skip
def test_norms_learn_a_factor_an_offset_both_or_none(
    settings: dict[str, bool], learned: int, additions: int
) -> None:
    """Keras' BatchNormalization(scale=False), PyTorch's LayerNorm(bias=False); instance norm: none.

    The mean is subtracted once: sum, difference, sum of squares, offset; one less for each group.
    """
    for tag, more in (("batch_norm", {}), ("layer_norm", {}), ("group_norm", {"groups": 3})):
        source = network({"type": tag, **more, **settings}, input="5x4x6")
        row = cnncalc.analyze(source)[tag]
        assert row.parameters == learned
        assert cnncalc.verify(source).ok
        if tag != "batch_norm":
            groups = 20 if tag == "layer_norm" else 3
            assert row.cost.additions == additions * 120 - groups
    instance = {
        name: settings.get(name, settings.get("affine", False)) for name in ("weight", "bias")
    }
    row = cnncalc.analyze(network({"type": "instance_norm", **settings}, input="5x4x6")).layers[1]
    assert (row.weights, row.biases) == (6 * instance["weight"], 6 * instance["bias"])


@pytest.mark.parametrize("tag", ["batch_norm", "layer_norm", "group_norm", "instance_norm"])
@pytest.mark.parametrize("beside", ["weight", "bias"])
def test_affine_beside_weight_or_bias_is_an_error(tag: str, beside: str) -> None:
    """One word for both, or one for each; a null is no word."""
    groups = {"groups": 2} if tag == "group_norm" else {}
    with pytest.raises(ArchitectureError, match="affine is the word for weight and bias"):
        cnncalc.analyze(network({"type": tag, "affine": True, beside: True, **groups}))
    cnncalc.analyze(network({"type": tag, "affine": None, beside: True, **groups}))


EPS = 9.999999747378752e-06  # 0.00001 in float32, as ONNX files and frameworks' dumps have it


def test_decimals_are_read_whatever_their_digits(tmp_path: Path) -> None:
    """From YAML, JSON, expressions, parameters and dicts, in 16 digits or in all there are."""
    element = {"type": "batch_norm", "eps": 0}
    exact = f"{EPS:.60e}"
    texts = [f"{EPS!r}", exact, f"'{exact}'", f"'0 + {EPS!r}'", f"0.00000{9999999747378752:d}"]
    for i, text in enumerate(texts):
        (tmp_path / f"{i}.yaml").write_text(
            f"name: n\ninput: 8x8x4\nlayers: [{{type: batch_norm, eps: {text}}}]"
        )
        quoted = json.dumps(network(element)).replace('"eps": 0', f'"eps": {text}')
        (tmp_path / f"{i}.json").write_text(quoted.replace("'", '"'))
        for end in ("yaml", "json"):
            row = cnncalc.analyze(tmp_path / f"{i}.{end}").layers[1]
            assert getattr(row.layer, "eps") == EPS, (text, end)  # noqa: B009
    given = network({"type": "batch_norm", "eps": "eps"}, parameters={"eps": 1})
    options = map(readers.scalar, (repr(EPS), exact))  # as --set reads them
    for value in (EPS, np.float32(1e-5), np.float64(EPS), repr(EPS), *options):
        for source in (network({"type": "batch_norm", "eps": value}), given):
            row = cnncalc.analyze(source, set={"eps": value} if source is given else None).layers[1]
            assert getattr(row.layer, "eps") == EPS  # noqa: B009


@pytest.mark.parametrize(
    "to", ["6x2x8x8", "6 x 2 x 8 x 8", "6×2×8×8", [6, 2, 8, 8], "[6, 2, 8, 8]"]
)
def test_a_volume_as_text_is_the_list(to: Any) -> None:
    """Of up to three extents, with or without spaces, as the input's."""
    report = cnncalc.analyze(network({"type": "reshape", "to": to}, input="6x4x2x16"))
    assert report.output.shape == (6, 2, 8, 8)


def test_extents_as_text_may_have_spaces() -> None:
    """In every setting that has a number for each axis; of too many it says so."""
    conv = {"type": "conv", "filters": 1, "kernel": "3 x 5"}
    assert str(cnncalc.analyze(network(conv)).output) == "6x4x1"
    with pytest.raises(ArchitectureError, match="one number, or one for each axis"):
        cnncalc.analyze(network({**conv, "kernel": "3x5x1x1"}))


CRNN = """
name: CRNN conv part
input: 32x100x1
layers:
- {type: conv, filters: 64, kernel: 3, padding: 1, then: [relu]}
- {type: max_pool, kernel: 2}
- {type: conv, filters: 128, kernel: 3, padding: 1, then: [relu]}
- {type: max_pool, kernel: 2}
- {type: conv, filters: 256, kernel: 3, padding: 1, then: [batch_norm, relu]}
- {type: conv, filters: 256, kernel: 3, padding: 1, then: [relu]}
- {type: max_pool, kernel: 2, stride: 2x1, padding: 0x1}
- {type: conv, filters: 512, kernel: 3, padding: 1, then: [batch_norm, relu]}
- {type: conv, filters: 512, kernel: 3, padding: 1, then: [relu]}
- {type: max_pool, kernel: 2, stride: 2x1, padding: 0x1}
- {type: conv, filters: 512, kernel: 2, then: [batch_norm, relu]}
"""


def test_a_padding_of_0x1_is_no_hexadecimal_number(tmp_path: Path) -> None:
    """In a file it is 0 and 1; a YAML library makes 1 of it, which a dict cannot tell from 1."""
    path = tmp_path / "crnn.yaml"
    path.write_text(CRNN)
    report = cnncalc.analyze(path)
    assert (str(report.output), report.macs) == ("1x26x512", 633_085_952)
    assert cnncalc.analyze(yaml.safe_load(CRNN)).macs == 752_361_472


def test_channels_in_a_column_are_those_of_the_first_row() -> None:
    """In a setting they are those of each copy: docs/format.md, Expressions."""
    conv = {"type": "conv", "kernel": 1}
    column = {**conv, "table": {"filters": ["channels + 1"] * 3}}
    setting = {**conv, "filters": "channels + 1", "table": {"stride": [1, 1, 1]}}
    for element, expected in ((column, [6, 6, 6]), (setting, [6, 7, 8])):
        report = cnncalc.analyze(network(element, input="8x8x5"))
        assert [row.output.channels for row in report.layers[1:]] == expected


def test_two_types_inherit_the_defaults_of_conv() -> None:
    """depthwise_conv and separable_conv, which are convolutions of its kind, and no other."""
    report = cnncalc.analyze(
        network(
            {"type": "separable_conv", "filters": 6, "kernel": 3},
            {"type": "depthwise_conv", "kernel": 3},
            {"type": "conv_transpose", "filters": 2, "kernel": 2},
            {"type": "local", "filters": 2, "kernel": 2},
            defaults={
                "conv": {"kernel": 3, "bias": False, "padding": "half", "then": ["relu"]},
            },
        )
    )
    found = {row.name: (str(row.output), row.biases) for row in report.layers[1:]}
    assert found == {
        "separable_conv": ("8x8x6", 0),
        "separable_conv.relu": ("8x8x6", 0),
        "depthwise_conv": ("8x8x6", 0),
        "depthwise_conv.relu": ("8x8x6", 0),
        "conv_transpose": ("9x9x2", 2),
        "local": ("8x8x2", 128),
    }


def test_regnet_rounds_its_squeeze_as_the_papers_code() -> None:
    """int(round(w_in * se_ratio)) in pycls and torchvision: 30/4 to 8, and a half to even."""
    for width, squeeze in ((30, 8), (26, 6), (48, 12)):
        settings = {"widths": [width, 104, 208, 440], "group": 1}
        report = cnncalc.analyze("regnet_y_400mf", set=settings)
        assert report["stage2.0.squeeze_excitation.conv1"].output.channels == squeeze


def notes(report: Any) -> list[str]:
    """Return the messages of a report's notes."""
    return [note["message"] for note in report.to_dict()["notes"]]


def test_another_input_says_what_learns_otherwise() -> None:
    """The weights of fully connected layers depend on the input: here, and at the file's own."""
    report = cnncalc.analyze("c3d", input="16x200x200x3")
    expected = "fc6 has 102.8 M weights here, 33.6 M at 16x112x112."
    assert notes(report) == [expected]
    layer = {
        "name": "fc6",
        "weights": 102_760_448,
        "own_weights": 33_554_432,
        "parameters": 102_764_544,
        "own_parameters": 33_558_528,
    }
    (note,) = report.to_dict()["notes"]
    assert note["numbers"] == {"input": [16, 112, 112, 3], "layers": [layer]}
    for format in ("table", "markdown", "latex", "html", "asciidoc"):
        assert expected in " ".join(str(report.to(format)).split()), format
    assert not notes(cnncalc.analyze("c3d"))
    assert not notes(cnncalc.analyze("c3d", input="16x112x112x3"))
    assert not notes(cnncalc.analyze("resnet50", input="256x256x3"))


def test_other_channels_change_the_first_convolution() -> None:
    """Then the file's own input is named with its channels; of many layers three are named."""
    report = cnncalc.analyze("resnet50", input="224x224x1")
    assert notes(report) == ["conv1 has 3.1 k weights here, 9.4 k at 224x224x3."]
    many = network(*[{"type": "layer_norm", "over": "all"}] * 5)
    (text,) = notes(cnncalc.analyze(many, input="9x8x4"))
    assert text.startswith("layer_norm1 has 288 weights here, 256 at 8x8, layer_norm2 has")
    assert text.endswith("layer_norm3 has 288 weights here, 256 at 8x8 and 2 more differ.")


def test_two_extents_take_the_channels_of_the_file() -> None:
    """Where the file's input has two and channels; elsewhere as many numbers are needed."""
    assert cnncalc.analyze("alexnet", input="259x259").input.shape == (259, 259, 3)
    assert cnncalc.analyze("alexnet", input=(259, 291)).settings["input"].shape == (259, 291, 3)
    one = network({"type": "conv", "filters": 1, "kernel": 3}, input="64x2")
    for source, shape in (("alexnet", "227"), ("c3d", "112x112x3"), ("c3d", "112x112"), (one, 9)):
        with pytest.raises(CnncalcError, match=r"^input: the file's input is .* Write as many\.$"):
            cnncalc.analyze(source, input=shape)  # type: ignore[arg-type]
    assert cnncalc.analyze(one, input="9x9x2").output.shape == (7, 7, 1)


CONVS = (
    {"type": "conv", "filters": 16, "kernel": 3, "padding": 1, "then": ["relu"]},
    {"type": "conv", "filters": 32, "kernel": 3, "padding": 1, "then": ["relu"]},
    "global_avg_pool",
    {"type": "fc", "units": 10},
)
FLAT = {"type": "conv", "filters": 1, "kernel": "1x3"}


def test_channels_first_gets_a_note() -> None:
    """PyTorch's network on 3x32x32 has 5,418 parameters; the file says something else."""
    report = cnncalc.analyze(network(*CONVS, input="3x32x32"))
    assert report.parameters == 9594
    message = "Channels come last, so 3x32x32 is 3 high, 32 wide and 32 deep. "
    assert notes(report) == [f"{message}Write 32x32x3 for 3 channels."]
    assert cnncalc.analyze(network(*CONVS, input="32x32x3")).parameters == 5418


@pytest.mark.parametrize(
    ("shape", "layers", "noted"),
    [
        ("3x32x32", CONVS, True), ("1x28x28", CONVS, True), ("4x100x400", CONVS, True),
        ("4x100x401", CONVS, False), ("4x4x1024", CONVS, False), ("5x32x32", CONVS, False),
        ("32x32x3", CONVS, False), ("3x3x3", CONVS, False), ("3x16x112x112", CONVS, True),
        ("2x100", CONVS, True), ("100", ["relu"], False), ("1x100x64", [FLAT], False),
        ("1x100x64", CONVS, True), ("1x1x100", ["relu"], False),
    ],
)  # fmt: skip
def test_which_inputs_look_like_channels_first(shape: str, layers: list[Any], noted: bool) -> None:
    """Few or the file's channels first, all others larger, and no image of a strange form."""
    assert bool(cnncalc.analyze(network(*layers, input=shape)).notes) == noted


def test_the_channels_of_the_file_stand_first_too() -> None:
    """Another input is compared with the file's own."""
    source = network(*CONVS, input="32x32x16")
    assert cnncalc.analyze(source, input="16x32x32").notes[0].code == "channels_first"
    assert cnncalc.analyze(source, input="17x32x32").notes[0].code != "channels_first"


def test_where_channels_first_fails_the_error_says_it_first(tmp_path: Path) -> None:
    """Before what it leads to, with the place of the input if it is the file's."""
    with pytest.raises(VolumeError) as caught:
        cnncalc.analyze("alexnet", input="3x227x227")
    first, second = str(caught.value).splitlines()
    assert first.startswith("input: channels come last, so 3x227x227 is 3 high, 227 wide and")
    assert "layer CONV1 (conv): the output would be less than 1 high" in second
    path = tmp_path / "net.yaml"
    path.write_text(
        "name: n\ninput: 1x28x28\nlayers: [{type: conv, filters: 6, kernel: 5}, bach_norm]"
    )
    with pytest.raises(ArchitectureError, match="unknown type"):
        cnncalc.analyze(path)
    path.write_text(path.read_text().replace("bach", "batch"))
    with pytest.raises(VolumeError, match=r"net.yaml:2:8: input: channels come last"):
        cnncalc.analyze(path)
    assert len(pickle.loads(pickle.dumps(caught.value)).problems) == 2


def test_no_shipped_network_looks_like_channels_first() -> None:
    """Their inputs are as they should be."""
    assert not [one.name for one in cnncalc.networks() if cnncalc.analyze(one.name).notes]
