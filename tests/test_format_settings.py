"""The architecture file: words, settings, and what is said of wrong ones."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from small import CONV, graph, net, paths, wrong

import cnncalc
from cnncalc import api
from cnncalc.errors import CnncalcError
from cnncalc.format import bounds
from cnncalc.format.architecture import Architecture
from cnncalc.format.plan.compilation import plan_of
from cnncalc.format.plan.setting_words import field_words, words_of
from cnncalc.layers import TYPES, layer_type
from cnncalc.layers.dense import Linear
from cnncalc.layers.grouped_norm import LayerNorm
from cnncalc.volume import Volume


def test_words_pass_through_parameters_and_columns() -> None:
    """`activation: silu` hands on a layer type; a parameter may be called like one."""
    blocks = {"b": {"parameters": {"activation": "relu"}, "layers": ["activation"]}}
    assert graph({"type": "b", "activation": "silu"}, blocks=blocks).nodes[1].layer.tag == "silu"  # type: ignore[union-attr]
    assert graph("b", blocks=blocks).nodes[1].layer.tag == "relu"  # type: ignore[union-attr]
    scaled = {**CONV, "filters": "scale"}
    assert graph(scaled, parameters={"scale": 4}).nodes[1].output.channels == 4


@pytest.mark.parametrize("tag", TYPES)
def test_every_word_of_a_setting_is_taken_where_the_type_is_a_parameter(tag: str) -> None:
    """A setting of `type: t` takes the words that it takes in every type that t may be."""
    for setting in layer_type(tag).model_fields:
        for word in field_words(layer_type(tag), setting):
            assert word in words_of(setting)
            network = net({"type": "t", setting: word}, parameters={"t": tag})
            element = plan_of(Architecture(**network)).elements[0]
            assert element.settings[setting].constant == word


def test_channels_is_a_word_of_layer_norm_and_a_number_elsewhere() -> None:
    """`over: channels` is the word, `filters: channels` the depth, also where the type varies."""
    norm = {"type": "t", "over": "channels"}
    assert graph(norm, parameters={"t": "layer_norm"}).nodes[1].layer == LayerNorm(over="channels")
    layer = {**CONV, "type": "t", "filters": "channels"}
    assert graph(layer, parameters={"t": "conv"}).nodes[1].output.channels == 3
    block = {"parameters": {"of": None}, "layers": [{**CONV, "filters": "of"}]}
    used = {"type": "t", "of": "channels"}
    assert graph(used, parameters={"t": "b"}, blocks={"b": block}).nodes[1].output.channels == 3


def test_settings_are_written_in_three_ways() -> None:
    """One number, 3x5, or a list; numbers may be expressions."""
    for kernel in ("3x5", [3, 5], ["2 + 1", "k"]):
        found = graph({**CONV, "kernel": kernel}, parameters={"k": 5})
        assert str(found.nodes[1].output) == "6x4x2"


def test_a_whole_rational_is_a_whole_number() -> None:
    """32 * 0.5 and 6.0 are; 1.5 and true are not."""
    for filters in ("32 * 0.5", 16.0, "16"):
        assert graph({**CONV, "filters": filters}).nodes[1].output.channels == 16
    assert "must be a whole number. Received 1.5" in wrong({**CONV, "filters": "3 / 2"})
    assert "must be a whole number. Received true" in wrong({**CONV, "filters": True})


def test_every_problem_of_structure_is_told_at_once() -> None:
    """Names, syntax and settings of a file, whatever else is wrong."""
    with pytest.raises(CnncalcError) as caught:
        graph({**CONV, "kernal": 3}, "convv", {**CONV, "filters": "4 *"}, {**CONV, "stride": 0})
    assert len(caught.value.problems) == 4


def test_an_error_carries_the_report_so_far() -> None:
    """`partial` has the layers before the one that failed."""
    with pytest.raises(CnncalcError) as caught:
        cnncalc.analyze(net({**CONV, "name": "a"}, {**CONV, "kernel": 9}))
    partial = caught.value.partial
    assert partial is not None
    assert [row.name for row in partial.layers] == ["INPUT", "a"]


def test_merges_say_what_differs_and_why() -> None:
    """Both sides with their strides, and the likely culprit."""
    conv = {"type": "conv", "filters": 4, "kernel": 1}
    with pytest.raises(CnncalcError) as caught:
        graph(
            {
                "merge": "add",
                "branches": [[{**conv, "name": "a", "stride": 2}], [{**conv, "name": "b"}]],
            }
        )
    details = "\n".join(caught.value.problems[0].details)
    assert "4x4x4  a" in details
    assert "stride 2 in a and stride 1 in b" in details
    with pytest.raises(CnncalcError) as caught:
        graph({"merge": "add", "branches": [[conv], [{**conv, "filters": 5}]]})
    assert "4 channels from conv1 and 5 channels from conv2" in caught.value.problems[0].details[-1]


def test_the_bounds_are_documented() -> None:
    """docs/format.md states each bound that a file can reach."""
    page = (Path(__file__).parent.parent / "docs" / "format.md").read_text(encoding="utf-8")
    told = page.partition("## Bounds")[2].replace("\n", " ")
    stated = {name: value for name, value in vars(bounds).items() if type(value) is int}
    assert stated.pop("MAX_BYTES") == 10**6
    assert "A file: 1 MB," in told
    assert stated.pop("NUMBERS_BELOW") == stated.pop("VOLUMES_BELOW") == 2**63
    assert "2^63" in told
    assert {name for name, value in stated.items() if f" {value:,} " not in told} == set()


def test_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Copies that hold nothing, layers, and values of one volume."""
    monkeypatch.setattr("cnncalc.format.expansion.building.MAX_COPIES", 1_000)
    nothing = {
        "repeat": 10_000,
        "layers": [{"repeat": 10_000, "layers": [{"repeat": 0, "layers": [CONV]}]}],
    }
    assert "more than 1,000 copies" in wrong(nothing)
    assert "more than 10 layers" in wrong({**CONV, "repeat": 11}, expand={"max_layers": 10})
    assert "2^63" in wrong("relu", input="2000000000x2000000000x2000000000")


def test_input_may_be_expressions() -> None:
    """A list of expressions over the file's parameters, or another volume given."""
    more: dict[str, Any] = {"input": ["size", "size", 3], "parameters": {"size": 6}}
    assert str(graph(CONV, **more).nodes[0].output) == "6x6x3"
    assert str(graph(CONV, expand={"input": "9x9x3"}, **more).nodes[0].output) == "9x9x3"
    assert "a volume is one to four whole numbers" in wrong(CONV, input=[0, 1])
    assert "a volume is one to four whole numbers" in wrong(CONV, input="8by8")


def test_one_and_true_are_not_one_setting() -> None:
    """A row that is wrong is found, whatever was right in the row before."""
    table = {"filters": [2, 2], "bias": ["true", 1]}
    assert "bias must be true or false" in wrong({"type": "conv", "kernel": 1, "table": table})
    table = {"filters": [1, "true"]}
    assert "must be a whole number" in wrong({"type": "conv", "kernel": 1, "table": table})


def test_a_wrong_expression_names_its_setting() -> None:
    """Which of a layer's values is meant is said in words, too: a dict has no lines."""
    assert "layer conv: kernel: unknown name 'size'" in wrong({**CONV, "kernel": [1, "size"]})
    assert "layer conv: when: unknown name 'deep'" in wrong({**CONV, "when": "deep"})
    assert "filters: division by zero" in wrong({**CONV, "filters": "4 // (channels - 3)"})
    assert "rate must be at most 1. Received 2" in wrong({"type": "dropout", "rate": 2})


def test_errors_can_be_sent_to_another_process() -> None:
    """Pickling keeps every problem."""
    with pytest.raises(CnncalcError) as caught:
        graph("rellu", "sotfmax")
    again = pickle.loads(pickle.dumps(caught.value))
    assert type(again) is type(caught.value)
    assert [problem.code for problem in again.problems] == ["unknown_type"] * 2


def test_a_changed_copy_is_another_network() -> None:
    """Nothing that was worked out for the original is kept, and what is put in is checked."""
    network = api.load(net(CONV))
    assert str(cnncalc.analyze(network).output) == "8x8x2"
    assert str(cnncalc.analyze(network.model_copy(update={"input": "9x9x3"})).output) == "9x9x2"
    linear = network.model_copy(update={"layers": [Linear(units=5)]})
    assert cnncalc.analyze(linear).parameters == 20
    assert network.model_copy() == network


def test_an_architecture_dumps_what_a_file_would_hold() -> None:
    """The dump has the file's words, and reads back."""
    network = api.load(net(CONV, {"type": "concat", "from": ["conv", "input"]}))
    dump = network.model_dump(exclude_unset=True)
    assert dump["layers"][1] == {"type": "concat", "from": ["conv", "input"]}
    assert api.load(dump) == network


def test_a_report_says_what_it_is() -> None:
    """Its repr has the network, the input and the totals."""
    report = cnncalc.analyze(net(CONV))
    assert repr(report) == "<Report of 'net' at 8x8x3: 1 layers, 8 parameters, 384 MACs>"


@pytest.mark.parametrize(
    ("bias", "message"),
    [("no", "Write true or false"), ("False", "small letters"), ("TRUE", "Write true or false")],
)
def test_the_words_of_other_languages_for_truth(bias: str, message: str) -> None:
    """What YAML 1.1 or Python would read as true or false is text here, and told apart."""
    assert message in wrong({**CONV, "bias": bias})


def test_a_list_is_shown_where_a_number_belongs() -> None:
    """`3x3` is a list of two, also under filters."""
    assert "filters must be a whole number. Received [3, 3]." in wrong({**CONV, "filters": "3x3"})


def test_what_is_no_element_is_named_by_its_place() -> None:
    """An item of a list has a place there; of alternatives there is one sentence."""
    message = wrong("relu", 5, {"type": "relu", "from": 5}, input={"height": 3})
    assert message.splitlines() == [
        "input must be a volume, such as 224x224x3, or a list. Received a mapping.",
        "layers[1]: an element must be a word or a mapping. Received 5.",
        "layers[2]: from must be a name, or a list of names. Received 5. Put it in quotes.",
    ]


@pytest.mark.parametrize(
    ("element", "meant"),
    [
        ({"type": "MaxPool2d", "kernel": 2}, "max_pool"),
        ({"type": "dense", "units": 2}, "fc"),
        ({**CONV, "kernel_size": 3}, "kernel"),
        ({**CONV, "out_channels": 3}, "filters"),
    ],
)
def test_other_frameworks_words_are_understood(element: dict[str, Any], meant: str) -> None:
    """Where a word is another framework's, ours is suggested."""
    assert f"Did you mean '{meant}'?" in wrong(element)


def test_a_fields_word_in_capitals() -> None:
    """Padding VALID is told how it is written."""
    assert "padding: write valid, in small letters." in wrong({**CONV, "padding": "VALID"})


@pytest.mark.parametrize(
    "size", ["9x8x3", (9, 8, 3), [9, 8, 3], Volume((9, 8), 3), np.array([9, 8, 3])]
)
def test_an_input_is_given_as_text_or_shape(size: Any) -> None:
    """In Python a volume is its text, its shape, or a Volume, wherever it stands."""
    assert str(cnncalc.analyze(net(CONV), input=size).output) == "9x8x2"


@pytest.mark.parametrize("size", ["", (), 2.5, (9, 8.0, 3), (0, 3), (1, 2, 3, 4, 5), [[9, 8], 3]])
def test_what_is_no_input(size: Any) -> None:
    """Nothing else is taken, and nothing is passed over."""
    with pytest.raises(CnncalcError, match="a volume is one to four whole numbers"):
        cnncalc.analyze(net(CONV), input=size)


def test_numbers_of_numpy_are_numbers() -> None:
    """NumPy's integers and floats stand wherever Python's do."""
    layers = [{**CONV, "filters": np.int64(5)}, {"type": "dropout", "rate": np.float64(0.25)}]
    two: Any = np.int64(2)
    report = cnncalc.analyze(net(*layers), batch=two)
    assert (report.parameters, report.batch) == (20, 2)


def test_an_architecture_takes_a_volume() -> None:
    """Its input may be a Volume, and is then its text."""
    network = Architecture(name="n", input=Volume((8, 8), 3), layers=[Linear(units=5)])
    assert network.input == "8x8x3"


def test_a_report_is_not_walked_by_number() -> None:
    """It is indexed by name; its rows are `layers`."""
    with pytest.raises(TypeError, match="not iterable"):
        iter(cnncalc.analyze(net(CONV)))  # type: ignore[call-overload]


def test_expect_has_a_form() -> None:
    """Totals by name and layers by path, for each variant where there are variants."""
    assert "Did you mean 'parameters'" in wrong(CONV, expect={"paramters": 3})
    assert "must be a whole number" in wrong(CONV, expect={"macs": "many"})
    assert "a mapping for each path" in wrong(CONV, expect={"layers": {"conv": 3}})
    more: dict[str, Any] = {"parameters": {"w": 1}, "variants": {"big": {"w": 2}}}
    assert "no variant 'bgi'" in wrong(CONV, expect={"big": {}, "bgi": {}}, **more)
    assert paths(CONV, expect={"big": {"macs": 3, "layers": {"conv": {}}}}, **more) == ["conv"]


def test_a_null_given_is_no_value() -> None:
    """It does not take the place of a value, but of none."""
    assert "parameter 'w' has no value" in wrong(
        {**CONV, "filters": "w"}, parameters={"w": 1}, expand={"set": {"w": None}}
    )


def test_a_merge_that_fails_stands_at_its_word(tmp_path: Path) -> None:
    """And what fails in the shipped block stands where the file uses it."""
    path = tmp_path / "net.yaml"
    path.write_text(
        "name: n\ninput: 8x8x3\nblocks:\n  b:\n    merge: add\n    branches:\n"
        "      - [{type: conv, filters: 2, kernel: 1}]\n      - []\nlayers:\n"
        "  - {type: squeeze_excitation, squeeze: 2}\n  - b\n"
    )
    with pytest.raises(CnncalcError) as caught:
        cnncalc.analyze(path)
    assert caught.value.problems[0].line == 5
    partial = caught.value.partial
    assert partial is not None
    assert {row.place.line for row in partial.layers[1:7] if row.place} == {10}


def test_a_table_is_no_list() -> None:
    """A parameter that holds a table cannot stand where a list or a number belongs."""
    more: dict[str, Any] = {"parameters": {"t": {"filters": [1, 2]}}}
    message = wrong({**CONV, "table": {"repeat": "t"}}, **more)
    assert "column 'repeat' must be a list. Received a table." in message
    assert "needs numbers. Received a table." in wrong({**CONV, "filters": "t * 2"}, **more)
