"""What layers refuse, and what they say of themselves, case by case."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError
from support import Recorded, inputs_for

import cnncalc
from cnncalc.errors import VolumeError
from cnncalc.kernels.elementwise import erf
from cnncalc.layers import TYPES, layer_type
from cnncalc.layers.grouped_norm import InstanceNorm, LayerNorm
from cnncalc.layers.normalization import Lrn
from cnncalc.volume import Volume


def volume(text: str) -> Volume:
    """Return the volume of a text."""
    return Volume.parse(text)


# --- what is refused ------------------------------------------------------------------------

SETTINGS: list[tuple[str, dict[str, Any], str]] = [
    ("dropout", {"rate": 1.5}, "less than or equal to 1"),
    ("dropout", {"rate": True}, "must be a number"),
    ("prelu", {"shared": 1}, "valid boolean"),
    ("group_norm", {}, "Field required"),
    ("group_norm", {"groups": 0}, "must be at least 1"),
    ("lrn", {"size": 2.5}, "must be a whole number"),
    ("layer_norm", {"over": "rows"}, "'channels' or 'all'"),
    ("batch_norm", {"eps": math.nan}, "must be a number"),
    ("reshape", {"to": "7x0"}, "must be a volume"),
    ("reshape", {"to": [1, 2, 3, 4, 5]}, "one to four whole numbers"),
    ("reshape", {"to": [7, -1]}, "one to four whole numbers"),
    ("pad", {"padding": "same"}, "no window that a word could refer to"),
    ("pad", {"channels": [1, 2, 3]}, r"must be one number, or \[before, after\]"),
    ("pad", {"channels": -1}, "must be one number"),
    ("crop", {"padding": "half"}, "no window that a word could refer to"),
    ("slice", {"start": 4, "stop": 4}, "must be above start"),
    ("upsample", {"scale": 2, "size": 4}, "cannot both be given"),
    ("upsample", {"scale": 2, "align_corners": True}, "has a meaning for bilinear alone"),
    ("upsample", {"scale": 0}, "must be at least 1"),
    ("upsample", {"scale": 2, "mode": "cubic"}, "'nearest' or 'bilinear'"),
    ("relu", {"slope": 1}, "Extra inputs"),
]


@pytest.mark.parametrize(("tag", "settings", "message"), SETTINGS)
def test_wrong_settings_are_refused(tag: str, settings: dict[str, Any], message: str) -> None:
    """A setting that makes no sense is refused, and the message says why."""
    with pytest.raises(ValidationError, match=message):
        layer_type(tag)(**settings)


VOLUMES: list[tuple[str, dict[str, Any], list[str], str]] = [
    ("group_norm", {"groups": 4}, ["8x8x6"], "Received groups 4 and 6 channels"),
    ("channel_shuffle", {"groups": 4}, ["8x8x6"], "Use a divisor of 6"),
    ("reshape", {"to": "4x5"}, ["3x7"], "3x7, which has 21, and to 4x5, which has 20"),
    ("slice", {"stop": 9}, ["8x8"], "channels 0 to 7. Received start 0, stop 9"),
    ("slice", {"start": 8}, ["8x8"], "Received start 8, stop 8"),
    ("crop", {}, ["8x8x2"], "either padding or a second input"),
    ("crop", {"padding": 1}, ["8x8x2", "6x6x2"], "either padding or a second input"),
    ("crop", {"padding": 4}, ["8x8x2"], "too little to crop. Received 8x8x2"),
    ("crop", {}, ["5x5x2", "6x5x2"], "cropped to the extents of 6x5x2"),
    ("crop", {}, ["5x5x2", "5x2"], "the axes differ"),
    ("pad", {"padding": [1, 2]}, ["8x3"], "padding has a number for each of 2 axes"),
    ("pad", {"padding": 1}, ["8"], "needs one to three spatial dimensions"),
    ("upsample", {}, ["8x8x2"], "one of scale, size and a second input"),
    ("upsample", {"scale": 2}, ["8x8x2", "9x9x1"], "one of scale, size and a second input"),
    ("upsample", {}, ["8x8x2", "9x1"], "the axes differ"),
    ("upsample", {"scale": 2}, ["8"], "needs one to three spatial dimensions"),
    ("pixel_shuffle", {"factor": 2}, ["8x8x6"], "must be a multiple of 4"),
    ("pixel_unshuffle", {"factor": 2}, ["8x7x4"], "multiples of the factor"),
    ("add", {}, ["8x8x2", "8x7x2"], "Received 8x8x2 and 8x7x2"),
    ("add", {}, ["8x8x2", "2"], "must have the same volume"),
    ("multiply", {}, ["8x8x2", "1x1x3"], "or 1 where it spreads"),
    ("concat", {}, ["8x8x2", "8x1x2"], "only the channels may differ"),
]


@pytest.mark.parametrize(("tag", "settings", "volumes", "message"), VOLUMES)
def test_volumes_that_do_not_fit_are_refused(
    tag: str, settings: dict[str, Any], volumes: list[str], message: str
) -> None:
    """A volume that a layer cannot take is refused with the numbers that do not fit."""
    with pytest.raises(VolumeError, match=message):
        layer_type(tag)(**settings).output(*map(volume, volumes))


# --- what comes out -------------------------------------------------------------------------

OUTPUTS: list[tuple[str, dict[str, Any], list[str], str, str]] = [
    ("flatten", {}, ["6x6x256"], "9216", "Flatten"),
    ("reshape", {"to": "7x7x512"}, ["25088"], "7x7x512", "Reshape to 7x7x512"),
    ("reshape", {"to": 12}, ["3x4"], "12", "Reshape to 12"),
    ("pad", {"padding": 3}, ["224x224x3"], "230x230x3", "Zeros, 3 on each side"),
    ("pad", {"channels": 16}, ["32x32x16"], "32x32x48", "Zeros, 16 channels before, 16 after"),
    ("pad", {"channels": [0, 4]}, ["12"], "16", "Zeros, 0 channels before, 4 after"),
    ("crop", {}, ["65x64x8", "56x56x3"], "56x56x8", "Crop, 4+5x4 on the sides"),
    ("slice", {"start": 24}, ["28x28x58"], "28x28x34", "Channels 24 to 57"),
    ("upsample", {"scale": 2}, ["13x13x256"], "26x26x256", "Upsampling to 26x26, nearest"),
    ("upsample", {}, ["7x9x4", "28x30x1"], "28x30x4", "Upsampling to 28x30, nearest"),
    ("pixel_shuffle", {"factor": 3}, ["4x4x27"], "12x12x3", "Pixel shuffle, factor 3"),
    ("pixel_shuffle", {"factor": 2}, ["4x6"], "8x3", "Pixel shuffle, factor 2"),
    ("pixel_unshuffle", {"factor": 2}, ["4x4x4x1"], "2x2x2x8", "Pixel unshuffle, factor 2"),
    ("add", {}, ["56x56x256", "56x56x256"], "56x56x256", "Sum of 2"),
    ("multiply", {}, ["1x1x64", "8x8x64"], "8x8x64", "Product of 2"),
    ("multiply", {}, ["8x8x1", "1x1x64"], "8x8x64", "Product of 2"),
    ("concat", {}, ["28x28x64", "28x28x128"], "28x28x192", "64 + 128 channels"),
    ("lrn", {}, ["27x27x96"], "27x27x96", "Normalization layer"),
    ("leaky_relu", {"slope": 0.1}, ["8"], "8", "Leaky ReLU, slope 0.1"),
]


@pytest.mark.parametrize(("tag", "settings", "volumes", "output", "phrase"), OUTPUTS)
def test_volume_and_phrase(
    tag: str, settings: dict[str, Any], volumes: list[str], output: str, phrase: str
) -> None:
    """A layer's volume is as people would work it out, and its phrase as they would say it."""
    layer = layer_type(tag)(**settings)
    inputs = [volume(text) for text in volumes]
    assert str(layer.output(*inputs)) == output
    assert layer.describe(layer.output(*inputs), *inputs) == phrase


def test_rows_of_the_usual_table() -> None:
    """Activation functions, softmax, dropout, drop_path and identity have no row of their own."""
    without = {tag for tag in TYPES if not layer_type(tag).row}
    functions = "relu relu6 leaky_relu prelu elu gelu silu hardswish hardsigmoid sigmoid tanh"
    others = "softplus mish softmax dropout drop_path identity"
    assert without == {*functions.split(), *others.split()}


def test_in_place_layers() -> None:
    """What has no row works in place, and batch_norm and scale; no other norm."""
    in_place = {tag for tag in TYPES if layer_type(tag).in_place}
    without = {tag for tag in TYPES if not layer_type(tag).row}
    assert in_place == (without - {"identity"}) | {"batch_norm", "scale"}
    assert {tag for tag in TYPES if layer_type(tag).view} == {"flatten", "reshape", "identity"}


def test_lrn_takes_what_exists_of_its_neighbours() -> None:
    """At the first channel a window of 5 holds 3 channels; alpha multiplies their squares."""
    layer = Lrn(alpha=0.5, beta=1, k=1)
    x = np.arange(1, 7, dtype=np.float32).reshape(1, 6)
    expected = [1 / (1 + 0.5 * (1 + 4 + 9)), 3 / (1 + 0.5 * (1 + 4 + 9 + 16 + 25))]
    assert layer.forward(Recorded(), x)[0, [0, 2]] == pytest.approx(expected)


def test_norms_leave_no_mean_and_unit_variance() -> None:
    """A norm without weights gives each of its groups mean 0 and variance 1."""
    x = inputs_for([volume("9x8x6")])[0]
    for layer, axes in ((LayerNorm(affine=False), (3,)), (InstanceNorm(), (1, 2))):
        result = layer.forward(Recorded(), x)
        assert np.abs(result.mean(axes)).max() < 1e-5
        assert np.abs(result.var(axes) - 1).max() < 1e-3


def test_functions_hold_at_the_ends() -> None:
    """Large values of either sign give the limits, without overflow; NaN comes through."""
    x = np.array([[-1e4, -100, 0, 100, 1e4, math.nan]], np.float32)
    limits = {
        "sigmoid": [0, 0, 0.5, 1, 1],
        "silu": [0, 0, 0, 100, 1e4],
        "softplus": [0, 0, math.log(2), 100, 1e4],
        "mish": [0, 0, 0, 100, 1e4],
        "gelu": [0, 0, 0, 100, 1e4],
        "elu": [-1, -1, 0, 100, 1e4],
        "hardswish": [0, 0, 0, 100, 1e4],
        "tanh": [-1, -1, 0, 1, 1],
        "relu6": [0, 0, 0, 6, 6],
    }
    for tag, expected in limits.items():
        result = layer_type(tag)().forward(Recorded(), x)[0]
        assert result[:-1] == pytest.approx(expected, abs=1e-2), tag
        assert math.isnan(result[-1]), tag


def test_erf_is_the_error_function() -> None:
    """The rational approximation agrees with the exact function to 4e-7."""
    x = np.linspace(-6, 6, 4001, dtype=np.float32)
    exact = np.array([math.erf(float(number)) for number in x])
    found = np.empty_like(x)
    erf(x, found)
    assert np.abs(found - exact).max() <= 4e-7


def test_the_package_lists_every_layer_class() -> None:
    """What `from cnncalc import` finds, `dir` shows."""
    names = {name for _, name in TYPES.values()}
    assert names <= set(dir(cnncalc))
    assert all(getattr(cnncalc, name).__name__ == name for name in names)
