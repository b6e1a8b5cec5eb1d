"""Hints by meaning: what to write for the words of other frameworks, and for common slips."""

from __future__ import annotations

from typing import Any

import pytest

import cnncalc
from cnncalc import Conv
from cnncalc.errors import ArchitectureError, CnncalcError
from cnncalc.layers import TYPES, bare_name, hints, layer_type

CONV: dict[str, Any] = {"type": "conv", "filters": 8, "kernel": 3}
NORM: dict[str, Any] = {"type": "batch_norm"}
POOL: dict[str, Any] = {"type": "max_pool", "kernel": 2}
RECURRENT = "recurrent layers are outside cnncalc; analyze the part before."


def network(*layers: Any, **top: Any) -> dict[str, Any]:
    """Return a network of some layers."""
    return {"name": "n", "input": "32x32x3", "layers": list(layers), **top}


def said(*layers: Any, **top: Any) -> list[str]:
    """Return what is said of a network, line by line."""
    with pytest.raises(ArchitectureError) as caught:
        cnncalc.analyze(network(*layers, **top))
    return str(caught.value).splitlines()


@pytest.mark.parametrize(
    ("element", "hint"),
    [
        ({**CONV, "activation": "relu"}, "Write then: [relu]."),
        ({**CONV, "activation": "ReLU"}, "Write then: [relu]."),
        ({**CONV, "activation": "swish"}, "Write then: [silu]."),
        ({**CONV, "activation": "linear"}, "Leave it out."),
        ({**CONV, "activation": "mine"}, "Write then: […]."),
        ({**CONV, "in_channels": 3}, "Leave it out: it follows from the layer before."),
        ({**NORM, "num_features": 3}, "Leave it out: it follows from the layer before."),
        ({"type": "fc", "units": 3, "in_features": 3}, "it follows from the layer before."),
        ({**POOL, "ceil_mode": True}, "Write rounding: ceil."),
        ({**POOL, "ceil_mode": False}, "Leave it out."),
        ({**CONV, "padding_mode": "reflect"}, "Leave it out: padding is zeros, and values of"),
        ({**CONV, "data_format": "channels_first"}, "Leave it out: channels come last."),
        ({**CONV, "batch_normalize": 1}, "Write then: [batch_norm, …]."),
        ({**NORM, "momentum": 0.1}, "Leave it out: it changes no volume, parameter or operation."),
        ({"type": "conv", "filters": 8, "size": 3}, "Did you mean 'kernel'?"),
        ({"type": "max_pool", "size": 3}, "Did you mean 'kernel'?"),
        ({"type": "max_pool", "pool_size": 3}, "Did you mean 'kernel'?"),
        ({"type": "conv", "units": 8, "kernel": 3}, "Did you mean 'filters'?"),
        ({"type": "fc", "filters": 8}, "Did you mean 'units'?"),
        ({"type": "fc", "num_output": 8}, "Did you mean 'units'?"),
        ({**CONV, "strides": 2}, "Did you mean 'stride'?"),
        ({**CONV, "dilation_rate": 2}, "Did you mean 'dilation'?"),
        ({**CONV, "rate": 2}, "Did you mean 'dilation'?"),
        ({**CONV, "use_bias": False}, "Did you mean 'bias'?"),
        ({**CONV, "group": 2}, "Did you mean 'groups'?"),
        ({**NORM, "scale": False}, "Did you mean 'weight'?"),
        ({**NORM, "center": False}, "Did you mean 'bias'?"),
        ({**NORM, "epsilon": 1e-3}, "Did you mean 'eps'?"),
        ({"type": "layer_norm", "elementwise_affine": False}, "Did you mean 'affine'?"),
        ({"type": "adaptive_avg_pool", "output_size": 7}, "Did you mean 'size'?"),
        ({"type": "upsample", "scale_factor": 2}, "Did you mean 'scale'?"),
        ({"type": "pixel_shuffle", "upscale_factor": 2}, "Did you mean 'factor'?"),
        ({"type": "leaky_relu", "negative_slope": 0.2}, "Did you mean 'slope'?"),
        ({"type": "dropout", "p": 0.2}, "Did you mean 'rate'?"),
        ({"type": "conv", "filters": 8, "kernal": 3}, "Did you mean 'kernel'?"),
        ({"type": "conv", "filters": 8, "kernal_size": 3}, "Did you mean 'kernel'?"),
        ({"type": "conv", "out_chanels": 8, "kernel": 3}, "Did you mean 'filters'?"),
    ],
)
def test_a_setting_of_another_framework(element: dict[str, Any], hint: str) -> None:
    """One line, with what to write here; what it stands for is not missing."""
    (line,) = said(element)
    assert "unknown field" in line
    assert hint in line


def test_settings_are_understood_wherever_they_stand() -> None:
    """In the defaults of a type, where the type is an expression, and in Python."""
    defaults = {"conv": {"activation": "relu"}}
    assert said(CONV, defaults=defaults)[0].endswith("Write then: [relu].")
    element = {"type": "kind", "filters": 8, "kernel": 3, "in_channels": 3}
    (line,) = said(element, parameters={"kind": "conv"})
    assert line.endswith("Leave it out: it follows from the layer before.")
    with pytest.raises(ArchitectureError, match=r"Write then: \[relu\]\."):
        Conv(filters=8, kernel=3, activation="relu")  # type: ignore[call-arg]


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("LocallyConnected2D", ". Did you mean 'local'?"),
        ("DepthToSpace", ". Did you mean 'pixel_shuffle'?"),
        ("Gemm", ". Did you mean 'fc'?"),
        ("Eltwise", ". Did you mean 'add'?"),
        ("shortcut", ". Did you mean 'add'?"),
        ("route", ". Did you mean 'concat'?"),
        ("convolutional", ". Did you mean 'conv'?"),
        ("SpatialDropout2D", ". Did you mean 'dropout'?"),
        ("nn.Conv2d", ". Did you mean 'conv'?"),
        ("torch.nn.Linear", ". Did you mean 'linear'?"),
        ("Convolutoin2D", ". Did you mean 'conv' or 'conv_transpose'?"),
        ("ReflectionPad2d", ". Did you mean 'pad'?"),
        ("MaxUnpool2d", ". Write upsample, with its stride as the scale: it has the same volume."),
        ("Activation", ". Write the function itself, such as relu."),
        ("Pooling", ". Write max_pool or avg_pool."),
        ("InputLayer", ". The input is a key of the file: input: 224x224x3."),
        ("lstm", f": {RECURRENT}"),
        ("GRU", f": {RECURRENT}"),
        ("nn.RNN", f": {RECURRENT}"),
        ("embedding", f": embeddings and {RECURRENT}"),
    ],
)
def test_a_layer_of_another_framework(word: str, hint: str) -> None:
    """The type that it is here, or what to do where there is none."""
    assert said({"type": word}) == [f"layer: unknown type {word!r}{hint}"]
    assert said(word)[0].endswith(hint)


def test_an_activation_layer_names_its_function() -> None:
    """Keras' Activation has the function as a setting."""
    assert said({"type": "Activation", "activation": "ReLU"})[0].endswith(". Write relu.")


def test_a_type_as_a_key_is_told_once() -> None:
    """However many elements are written so, and whatever stands under the key."""
    message = "layer: write {type: conv, …}. Received 'conv' as a key"
    settings = {"filters": 3, "kernel": 3}
    assert said({"conv": settings}) == [f"{message}."]
    assert said({"conv": settings}, {"max_pool": {"kernel": 2}}, {"relu": None}, "relu") == [
        f"{message}, and 2 more like it."
    ]
    assert said({"conv": None, **settings}) == [f"{message}."]
    assert said({"Conv2D": settings})[0].startswith("layer: write {type: conv, …}.")
    blocks = {"stage": {"layers": ["relu"]}}
    assert said({"stage": {}}, blocks=blocks)[0].startswith("layer: write {type: stage, …}.")


def test_a_branch_that_is_one_element_is_told_once() -> None:
    """A branch is a list, also of one."""
    merge = {"merge": "add", "branches": [{"type": "conv", "filters": 3, "kernel": 1}, "relu"]}
    assert said(merge) == [
        "layers[0].branches[0]: a branch is a list of elements: write [{type: conv, …}].",
        "layers[0].branches[1]: a branch is a list of elements: write [relu].",
    ]
    assert said({**CONV, "then": "relu"})[0].endswith("Received 'relu'. Write [relu].")


def test_no_setting_is_an_alias_of_itself_and_no_hint_is_hidden() -> None:
    """A word that has a hint of its own means no type."""
    tags = {bare_name(tag) for tag in TYPES}
    tags |= {bare_name(alias) for tag in TYPES for alias in layer_type(tag).aliases}
    assert not tags & {*hints._TYPES, *hints._FUNCTION}


def test_columns_are_no_settings() -> None:
    """A setting's name elsewhere means no column."""
    with pytest.raises(CnncalcError, match=r"no column 'output_size'\. Did you mean 'output'"):
        cnncalc.analyze("alexnet").to_csv(columns="output_size")


# --- names ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("element", "names"),
    [
        ({"name": "g", "layers": [CONV, "relu"]}, ["g.conv", "g.relu1", "g.relu2"]),
        ({"type": "b"}, ["b.conv", "b.relu1", "b.add", "b.relu2"]),
        ({"type": "b", "name": "x"}, ["x.conv", "x.relu1", "x.add", "x.relu2"]),
        (
            {"name": "m", "merge": "add", "branches": [["relu"], []]},
            ["m.relu1", "m.add", "m.relu2"],
        ),
        (
            {"layers": ["relu"], "repeat": 2},
            ["group.0.relu1", "group.0.relu2", "group.1.relu1", "group.1.relu2"],
        ),
        ({"name": "g", "layers": [CONV, "tanh"]}, ["g.conv", "g.tanh", "g.relu"]),
    ],
)
def test_what_follows_is_numbered_with_what_is_inside(
    element: dict[str, Any], names: list[str]
) -> None:
    """Both belong to one scope; a `from` of the block still finds its own element."""
    add = {"type": "add", "from": ["conv", "relu"]}
    blocks = {"b": {"layers": [CONV, "relu", add]}}
    report = cnncalc.analyze(network({**element, "then": ["relu"]}, blocks=blocks))
    assert [row.name for row in report.layers[1:]] == names
    assert cnncalc.analyze(network(element, blocks=blocks))  # as it is without


def test_a_block_is_numbered_for_each_use() -> None:
    """What follows one use leaves another as it is."""
    blocks = {"b": {"layers": ["relu", {"layers": ["relu"], "name": "inner"}]}}
    report = cnncalc.analyze(network({"type": "b", "then": ["relu"]}, "b", blocks=blocks))
    assert [row.name for row in report.layers[1:]] == [
        "b1.relu1", "b1.inner.relu", "b1.relu2", "b2.relu", "b2.inner.relu",
    ]  # fmt: skip
