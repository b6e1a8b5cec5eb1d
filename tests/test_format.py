"""The architecture file: structure, names, tables, branches, expressions in their places."""

from __future__ import annotations

from typing import Any

import pytest
from small import CONV, graph, net, paths, wrong

import cnncalc

# --- names ---


def test_unnamed_elements_are_numbered_where_several_share_a_type() -> None:
    """One is called by its type; several are numbered from 1, whether present or not."""
    assert paths(CONV, "relu") == ["conv", "relu"]
    assert paths(CONV, {**CONV, "when": "false"}, CONV, "relu") == ["conv1", "conv3", "relu"]


def test_a_type_that_ends_in_a_digit_is_numbered_with_an_underscore() -> None:
    """relu6 twice is relu6_1 and relu6_2."""
    assert paths("relu6", "relu6") == ["relu6_1", "relu6_2"]


def test_anonymous_groups_and_branches_add_no_scope() -> None:
    """What they hold is numbered with what is around them, and their merge is too."""
    branches = {"merge": "add", "branches": [[CONV], []]}
    found = paths(
        {"layers": [CONV, {"layers": [CONV]}]}, {"type": "conv", "filters": 2, "kernel": 1}
    )
    assert found == ["conv1", "conv2", "conv3"]
    assert paths(
        {**CONV, "filters": 3}, {**branches, "branches": [[{**CONV, "filters": 3}], []]}
    ) == [
        "conv1",
        "conv2",
        "add",
    ]


def test_named_groups_and_copies_are_scopes() -> None:
    """Names start again in each, and dots join the path."""
    assert paths({"name": "stem", "layers": [CONV, CONV]}) == ["stem.conv1", "stem.conv2"]
    assert paths({"repeat": 2, "layers": [CONV, "relu"]}) == [
        "group.0.conv", "group.0.relu", "group.1.conv", "group.1.relu",
    ]  # fmt: skip
    assert paths({**CONV, "name": "c", "repeat": 2}) == ["c.0", "c.1"]


def test_rows_are_called_by_the_column_name_or_by_number() -> None:
    """A row and its repeats are two numbers."""
    by_name = {"type": "conv", "kernel": 1, "table": {"name": ["a", "b"], "filters": [1, 2]}}
    assert paths(by_name) == ["a", "b"]
    by_number = {"type": "conv", "kernel": 1, "table": [["filters", "repeat"], [1, 2], [3, 1]]}
    assert paths(by_number) == ["conv.0.0", "conv.0.1", "conv.1.0"]


def test_followers_belong_to_their_element() -> None:
    """They are named under it, for layers, copies and blocks alike."""
    assert paths({**CONV, "then": ["batch_norm", "relu"]}) == [
        "conv", "conv.batch_norm", "conv.relu",
    ]  # fmt: skip
    block = {"b": {"layers": [CONV]}}
    assert paths({"type": "b", "repeat": 2, "then": ["relu"]}, blocks=block) == [
        "b.0.conv", "b.0.relu", "b.1.conv", "b.1.relu",
    ]  # fmt: skip


def test_then_replaces_the_default_then() -> None:
    """An own `then` takes the place of that in defaults; an empty one cancels it."""
    defaults = {"conv": {"then": ["relu"]}}
    assert paths(CONV, defaults=defaults) == ["conv", "conv.relu"]
    assert paths({**CONV, "then": ["tanh"]}, defaults=defaults) == ["conv", "conv.tanh"]
    assert paths({**CONV, "then": []}, defaults=defaults) == ["conv"]


def test_two_present_elements_of_one_path_are_an_error() -> None:
    """But one of them may be left out."""
    assert "two elements of this path" in wrong({**CONV, "name": "c"}, {**CONV, "name": "c"})
    assert paths({**CONV, "name": "c"}, {**CONV, "name": "c", "when": "false"}) == ["c"]


@pytest.mark.parametrize("name", ["input", "previous", "INPUT", "a.b", "", " ", "x" * 201])
def test_refused_names(name: str) -> None:
    """Reserved words, dots and emptiness cannot be names."""
    assert "a name has no dots" in wrong({**CONV, "name": name})


def test_numbers_are_no_names() -> None:
    """They want quotes."""
    assert "Put it in quotes" in wrong({**CONV, "name": 3})
    table = {"name": [1], "filters": [1]}
    assert "Put it in quotes" in wrong({"type": "conv", "kernel": 1, "table": table})


# --- from ---


def test_from_takes_earlier_elements_after_their_followers() -> None:
    """And several of them, in the order written."""
    found = graph(
        {**CONV, "name": "a", "then": ["relu"]}, CONV, {"type": "concat", "from": ["previous", "a"]}
    )
    concat = found.nodes[-1]
    assert [found.nodes[i].path for i in concat.inputs] == ["conv", "a.relu"]
    assert str(concat.output) == "8x8x4"


def test_from_input_is_what_entered_the_block() -> None:
    """input, and input.0, input.1 where a block was given several."""
    block = {
        "b": {"layers": [CONV, {"type": "concat", "from": ["input.1", "previous", "input.0"]}]}
    }
    found = graph({**CONV, "name": "x"}, {**CONV, "name": "y", "filters": 5},
                  {"type": "b", "from": ["x", "y"]}, blocks=block)  # fmt: skip
    concat = found.nodes[-1]
    assert [found.nodes[i].path for i in concat.inputs] == ["y", "b.conv", "x"]
    assert "given 2 inputs" in wrong(
        {**CONV, "name": "x"}, {"type": "b", "from": ["x", "x"]},
        blocks={"b": {"layers": [{"type": "relu", "from": "input.2"}]}},
    )  # fmt: skip


def test_from_reaches_into_copies_and_out_to_the_blocks_edge() -> None:
    """A path with dots goes inwards; a name goes outwards, but not out of the block."""
    inner = {"repeat": 2, "name": "r", "layers": [CONV]}
    found = graph(inner, {"type": "concat", "from": ["r.0.conv", "r"]})
    assert [found.nodes[i].path for i in found.nodes[-1].inputs] == ["r.0.conv", "r.1.conv"]
    outward = {"name": "g", "layers": [CONV, {"type": "concat", "from": ["a", "conv"]}]}
    assert paths({**CONV, "name": "a"}, outward)[-1] == "g.concat"
    blocks = {"b": {"layers": [{"type": "relu", "from": "a"}]}}
    assert "outside this block" in wrong({**CONV, "name": "a"}, {"type": "b"}, blocks=blocks)


def test_from_says_why_not() -> None:
    """Later, left out, in training, or not there at all."""
    take = {"type": "relu", "from": "c"}
    assert "comes later" in wrong(take, {**CONV, "name": "c"})
    assert "leaves it out" in wrong({**CONV, "name": "c", "when": "false"}, take)
    assert "inside 'training'" in wrong({**CONV, "name": "c", "training": True}, take)
    assert "Did you mean 'conv'" in wrong(CONV, {"type": "relu", "from": "konv"})


def test_from_holds_for_the_first_copy() -> None:
    """The others take the copy before them."""
    found = graph({**CONV, "name": "a"}, CONV, {**CONV, "name": "r", "repeat": 2, "from": "a"})
    assert [found.nodes[n.inputs[0]].path for n in found.nodes[-2:]] == ["a", "r.0"]


def test_a_group_takes_one_input() -> None:
    """Only merges, crop, upsample and blocks take several."""
    assert "a group takes one input" in wrong(CONV, {"from": ["conv", "input"], "layers": ["relu"]})
    assert "takes 1 input" in wrong(CONV, {"type": "relu", "from": ["conv", "input"]})
    assert "takes 2 or more" in wrong({"type": "add", "from": "input"})


# --- when, repeat, branches ---


def test_when_is_true_or_false() -> None:
    """A number is no condition; an absent element passes its input on."""
    assert "true or false" in wrong({**CONV, "when": "channels"})
    assert paths(CONV, {"type": "relu", "when": "channels > 2"}, "tanh") == ["conv", "tanh"]


def test_repeat_zero_and_its_bounds() -> None:
    """Zero copies pass the input on; 10,001 are refused, and what is not whole."""
    assert paths({**CONV, "repeat": 0}, "relu") == ["relu"]
    for value in (-1, 10_001, "1 / 2", "true"):
        assert "repeat is a whole number" in wrong({**CONV, "repeat": value})


def test_one_branch_left_is_no_merge_and_none_is_an_error() -> None:
    """`when` of a branch takes the branch out; of an element, the element."""
    one = {"merge": "add", "branches": [{"when": "false", "layers": [CONV]}, [CONV]]}
    assert paths(one) == ["conv2"]
    identity = {"merge": "concat", "branches": [[{**CONV, "when": "false"}], [CONV]]}
    assert str(graph(identity).nodes[-1].output) == "8x8x5"
    none = {"merge": "add", "branches": [{"when": "false", "layers": [CONV]}]}
    assert "no branch is present" in wrong(none)


def test_an_inner_merge_ends_in_its_own_branch() -> None:
    """Branches inside a branch are merged before the branch goes on."""
    inner = {"merge": "concat", "branches": [[CONV], [CONV]]}
    found = graph({"merge": "concat", "branches": [[inner, CONV], []]})
    assert [n.path for n in found.nodes[1:]] == ["conv1", "conv2", "concat1", "conv3", "concat2"]
    assert str(found.nodes[-1].output) == "8x8x5"


def test_training_paths_count_parameters_alone() -> None:
    """Their operations and activations are not counted, and the sequence passes them by."""
    report = cnncalc.analyze(net({"name": "aux", "training": True, "layers": [CONV]}, "relu"))
    assert (report["aux.conv"].parameters, report["aux.conv"].macs) == (8, 0)
    assert report.parameters == 8
    assert str(report.output) == "8x8x3"


# --- tables ---


def test_a_column_is_a_setting_unless_the_element_writes_it() -> None:
    """A column is also a name for the element's expressions."""
    table = {"filters": [4, 8], "s": [1, 2]}
    found = graph({"type": "conv", "kernel": 1, "stride": "s", "table": table})
    assert [str(n.output) for n in found.nodes[1:]] == ["8x8x4", "4x4x8"]
    doubled = {"type": "conv", "kernel": 1, "filters": "2 * filters", "table": {"filters": [4]}}
    assert str(graph(doubled).nodes[1].output) == "8x8x8"


def test_a_column_may_be_an_expression_that_gives_a_list() -> None:
    """And a whole table a parameter, of either spelling, or of a variant."""
    layer = {"type": "conv", "kernel": 1, "table": {"filters": "widths", "repeat": [1, 2]}}
    assert len(graph(layer, parameters={"widths": [3, 4]}).nodes) == 4
    layer = {"type": "conv", "kernel": 1, "table": "rows"}
    for table in ({"filters": [3, 4]}, [["filters"], [3], [4]]):
        assert len(graph(layer, parameters={"rows": table}).nodes) == 3


def test_a_column_may_hold_the_type() -> None:
    """The type is looked up like any name."""
    table = [["kind", "filters"], ["one", 4], ["two", 8]]
    blocks = {
        "one": {"parameters": {"filters": None}, "layers": [{**CONV, "filters": "filters"}]},
        "two": {"parameters": {"filters": None}, "layers": [CONV, {**CONV, "filters": "filters"}]},
    }
    assert paths({"type": "kind", "table": table}, blocks=blocks) == [
        "kind.0.conv", "kind.1.conv1", "kind.1.conv2",
    ]  # fmt: skip


def test_wrong_tables() -> None:
    """Unequal lengths, unused columns, and columns that cannot be set."""
    conv = {"type": "conv", "kernel": 1}
    assert "equally long" in wrong({**conv, "table": {"filters": [1], "stride": [1, 2]}})
    assert "row 2 has 2 cells" in wrong({**conv, "table": [["filters"], [1], [1, 2]]})
    assert "neither used nor a setting" in wrong({**conv, "table": {"filters": [1], "x": [1]}})
    assert "cannot set 'then'" in wrong({**conv, "table": {"filters": [1], "then": [1]}})
    assert "a table is a list of rows" in wrong({**conv, "table": []})


def test_index_is_the_copys_or_the_rows_number() -> None:
    """Of the nearest repeat, or of the table without one."""
    conv = {"type": "conv", "kernel": 1, "filters": "index + 1"}
    assert [n.output.channels for n in graph({**conv, "repeat": 3}).nodes[1:]] == [1, 2, 3]
    table = {"s": [1, 1]}
    assert [
        n.output.channels for n in graph({**conv, "table": table, "stride": "s"}).nodes[1:]
    ] == [1, 2]


# --- blocks, parameters, variants ---


def test_a_block_sees_its_parameters_and_the_files_alone() -> None:
    """Not its user's columns, index or names."""
    blocks = {
        "b": {
            "parameters": {"w": None, "twice": "2 * w"},
            "layers": [{**CONV, "filters": "twice + extra"}],
        }
    }
    found = graph({"type": "b", "w": "channels"}, blocks=blocks, parameters={"extra": 1})
    assert found.nodes[1].output.channels == 7
    blocks = {"b": {"layers": [{**CONV, "filters": "index"}]}}
    assert "unknown name 'index'" in wrong({"type": "b", "repeat": 2}, blocks=blocks)


def test_block_arguments_are_checked() -> None:
    """Missing and unknown ones are errors, in order."""
    blocks = {"b": {"parameters": {"w": None}, "layers": [CONV]}}
    assert "argument 'w' of block 'b' is missing" in wrong("b", blocks=blocks)
    assert "unknown field 'v'" in wrong({"type": "b", "w": 1, "v": 2}, blocks=blocks)


def test_blocks_may_use_themselves() -> None:
    """Ended by `when`; without an end it is refused."""
    blocks = {
        "b": {
            "parameters": {"n": None},
            "layers": [CONV, {"type": "b", "n": "n - 1", "when": "n > 1"}],
        }
    }
    assert paths({"type": "b", "n": 3}, blocks=blocks) == ["b.conv", "b.b.conv", "b.b.b.conv"]
    assert "nested more than 64 deep" in wrong("b", blocks={"b": {"layers": ["b"]}})


def test_channels_and_input_channels() -> None:
    """What enters the element, and what entered the block; extents are not to be had."""
    blocks = {
        "b": {
            "layers": [
                {**CONV, "filters": "2 * channels"},
                {**CONV, "filters": "channels + input.channels"},
            ]
        }
    }
    found = graph("b", blocks=blocks)
    assert [n.output.channels for n in found.nodes] == [3, 6, 9]
    assert "not an expression" in wrong({**CONV, "filters": "input.extents"})


def test_variant_and_set_override_the_file() -> None:
    """The file's value, then the variant's, then --set."""
    layer = {**CONV, "filters": "w"}
    more: dict[str, Any] = {"parameters": {"w": 1, "h": "2 * w"}, "variants": {"big": {"w": 5}}}
    for settings, filters in (
        ({}, 1), ({"variant": "big"}, 5), ({"variant": "big", "set": {"w": 7}}, 7),
        ({"set": {"w": "2 + 2"}}, 4),
    ):  # fmt: skip
        assert graph(layer, expand=settings, **more).nodes[1].output.channels == filters
    assert "no variant 'bgi'. Did you mean 'big'?" in wrong(
        layer, expand={"variant": "bgi"}, **more
    )
    assert "no parameter 'v'" in wrong(layer, expand={"set": {"v": 1}}, **more)
    assert "Choose a variant: big" in wrong(
        layer, parameters={"w": None}, variants={"big": {"w": 5}}
    )


def test_the_shipped_block_takes_nothing_from_the_file() -> None:
    """squeeze_excitation has biases and no followers, whatever the file's defaults are."""
    se = {"type": "squeeze_excitation", "squeeze": 2, "gate": "hardsigmoid"}
    found = graph(se, defaults={"conv": {"bias": False, "then": ["tanh"]}})
    assert [n.path.removeprefix("squeeze_excitation.") for n in found.nodes[1:]] == [
        "global_avg_pool", "conv1", "conv1.activation", "conv2", "conv2.gate", "multiply",
    ]  # fmt: skip
    report = cnncalc.analyze(net(se))
    assert report.parameters == 3 * 2 + 2 + 2 * 3 + 3


def test_depthwise_and_separable_take_the_defaults_of_conv_last() -> None:
    """Their own defaults come first; settings they do not have are passed over."""
    defaults = {"conv": {"padding": "half", "bias": False, "groups": 1, "then": ["relu"]},
                "depthwise_conv": {"bias": True}}  # fmt: skip
    report = cnncalc.analyze(net({"type": "depthwise_conv", "kernel": 3}, defaults=defaults))
    row = report["depthwise_conv"]
    assert (str(row.output), row.biases) == ("8x8x3", 3)
    assert "depthwise_conv.relu" in report
