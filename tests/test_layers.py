"""What layers refuse, and what they say of themselves, case by case."""

from __future__ import annotations

import math
import subprocess
import sys
from collections import Counter
from typing import Any, get_args

import numpy as np
import pytest
from support import Recorded, inputs_for

import cnncalc
from cnncalc.errors import CnncalcError, VolumeError, nearest
from cnncalc.kernels.elementwise import erf
from cnncalc.layers import TYPES, bare_name, layer_type, tags_of
from cnncalc.layers.base import Family
from cnncalc.layers.channel_norm import Lrn
from cnncalc.layers.grouped_norm import InstanceNorm, LayerNorm
from cnncalc.layers.pointwise import AbstractFunction
from cnncalc.volume import Volume


def volume(text: str) -> Volume:
    """Return the volume of a text."""
    return Volume.parse(text)


# --- what is refused ------------------------------------------------------------------------

SETTINGS: list[tuple[str, dict[str, Any], str]] = [
    ("dropout", {"rate": 1.5}, "must be at most 1"),
    ("dropout", {"rate": True}, "must be a number"),
    ("prelu", {"shared": 1}, "must be true or false"),
    ("group_norm", {}, "groups is missing. Add it."),
    ("group_norm", {"groups": 0}, "must be at least 1"),
    ("lrn", {"size": 2.5}, "must be a whole number"),
    ("layer_norm", {"over": "rows"}, "must be channels or all"),
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
    ("upsample", {"scale": 2, "mode": "cubic"}, "must be nearest or bilinear"),
    ("relu", {"slope": 1}, "layer relu: unknown field 'slope'"),
]


@pytest.mark.parametrize(("tag", "settings", "message"), SETTINGS)
def test_wrong_settings_are_refused(tag: str, settings: dict[str, Any], message: str) -> None:
    """A setting that makes no sense is refused, and the message says why."""
    with pytest.raises(CnncalcError, match=message) as caught:
        layer_type(tag)(**settings)
    assert [problem.path for problem in caught.value.problems] == [f"layer {tag}"]


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
    """Functions, softmax, dropout, drop_path and identity have no row of their own."""
    without = {tag for tag in TYPES if not layer_type(tag).row}
    functions = {*tags_of("activation")} - {"maxout"}  # maxout has weights
    assert without == {*functions, *tags_of("regularization"), "function", "identity"}
    assert {"relu", "sigmoid", "softmax", "prelu"} <= functions


def test_in_place_layers() -> None:
    """What has no row works in place, or is its input; so do folded factors and offsets."""
    in_place = {tag for tag in TYPES if layer_type(tag).in_place}
    without = {tag for tag in TYPES if not layer_type(tag).row}
    same = {"identity", "dropout", "drop_path"}
    assert in_place == (without - same) | {"batch_norm", "scale", "rescale"}
    assert set(tags_of("view", "regularization")) == {"flatten", "reshape", *same}


def test_families() -> None:
    """Each type is of one family; what has weights and no windows is dense; what merges, merge."""
    families = {family: tags_of(family) for family in get_args(Family)}
    assert sorted(tag for tags in families.values() for tag in tags) == sorted(TYPES)
    several = {tag for tag in TYPES if layer_type(tag).arity[0] > 1}
    assert set(families["merge"]) == several - {"matmul"}
    assert set(families["attention"]) == {"attention", "matmul"}
    functions = {tag for tag in TYPES if issubclass(layer_type(tag), AbstractFunction)}
    assert functions <= {*families["activation"], *families["regularization"]}
    learned = {"convolution", "dense", "norm", "activation"}
    for tag in TYPES:
        needs = layer_type(tag).needs_settings()
        if not needs and layer_type(tag).arity[0] == 1 and layer_type(tag).family not in learned:
            one = volume("4x4x4")
            assert not layer_type(tag)().parameters(one, one)


# As PyTorch, Keras, TensorFlow, Caffe, ONNX and Darknet spell their layers.
ELSEWHERE = {
    "conv": "nn.Conv2d torch.nn.Conv3d Conv2D Convolution Convolution2D convolutional",
    "conv_transpose": "ConvTranspose2d Conv2DTranspose Deconvolution",
    "depthwise_conv": "DepthwiseConv2D",
    "separable_conv": "SeparableConv2D",
    "local": "LocallyConnected2D",
    "fc": "Dense tf.keras.layers.Dense InnerProduct Gemm FullyConnected connected",
    "linear": "nn.Linear",
    "max_pool": "nn.MaxPool2d MaxPooling2D MaxPool maxpool",
    "avg_pool": "AvgPool1d AveragePooling2D AveragePool",
    "adaptive_avg_pool": "AdaptiveAvgPool2d",
    "global_avg_pool": "GlobalAveragePooling2D GlobalAveragePool GAP",
    "global_max_pool": "GlobalMaxPooling2D GlobalMaxPool",
    "upsample": "nn.Upsample UpSampling2D Resize interpolate",
    "pixel_shuffle": "PixelShuffle DepthToSpace",
    "pixel_unshuffle": "PixelUnshuffle SpaceToDepth reorg",
    "pad": "ZeroPad2d ZeroPadding2D",
    "crop": "Cropping2D CenterCrop",
    "reshape": "Reshape view",
    "batch_norm": "BatchNorm2d BatchNormalization SyncBatchNorm",
    "layer_norm": "LayerNorm LayerNormalization",
    "lrn": "LocalResponseNorm LRN",
    "dropout": "Dropout2d SpatialDropout2D",
    "drop_path": "StochasticDepth DropPath",
    "prelu": "PReLU",
    "silu": "SiLU Swish",
    "hardswish": "Hardswish HSwish",
    "sigmoid": "Sigmoid logistic",
    "add": "Add Sum Eltwise shortcut",
    "multiply": "Multiply Mul",
    "concat": "Concat Concatenate route cat",
    "kernel": "kernel_size pool_size ksize",
    "filters": "out_channels num_output",
    "units": "out_features",
}


@pytest.mark.parametrize("ours", ELSEWHERE)
def test_what_other_frameworks_say_is_understood(ours: str) -> None:
    """A layer or a setting called as in another framework is the one that is suggested."""
    known = [*TYPES, "kernel", "filters", "units"]
    for name in ELSEWHERE[ours].split():
        assert nearest(name, known) == [ours], name


def test_no_name_means_two_types() -> None:
    """An alias belongs to one type, and is no other's tag."""
    names = Counter(bare_name(tag) for tag in TYPES)
    names += Counter(bare_name(alias) for tag in TYPES for alias in layer_type(tag).aliases)
    assert [name for name, times in names.items() if times > 1] == []


def test_a_new_activation_is_counted_everywhere() -> None:
    """A class and its line in TYPES are all that reconcile, a sheet and a table need of it."""
    program = """
import sys, types, cnncalc.layers as layers
from cnncalc.layers.activation import Relu
from cnncalc.layers.pointwise import AbstractFunction
class Square(AbstractFunction):
    tag, family, aliases = "square", "activation", ("SquaredUnit",)
    on_array, on_number = Relu.on_array, Relu.on_number
    per_value, describe = Relu.per_value, Relu.describe
sys.modules["cnncalc.layers.square"] = types.ModuleType("square")
sys.modules["cnncalc.layers.square"].Square = Square
layers.TYPES["square"] = ("square", "Square")
import cnncalc
from cnncalc.errors import nearest
from cnncalc.homework.answers.phrases import kind_of
from cnncalc.homework.matching import passing_types
from cnncalc.reconciling.countings import COUNTINGS
from cnncalc.writers.table_lines import hidden_phrase
report = cnncalc.analyze({"name": "n", "input": "5x5x3", "layers": [
    {"type": "conv", "filters": 2, "kernel": 3, "then": ["square"]}]})
sums = {counting.value for counting in COUNTINGS["flops"](report)}
assert report.macs + 18 in sums and report.macs + 36 in sums
assert kind_of("Square1") == kind_of("squared unit") == "square" and "square" in passing_types()
assert nearest("SquaredUnit", layers.TYPES) == ["square"]
assert hidden_phrase([report["conv.square"]]) == "1 activation function"
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert not done.returncode, done.stderr


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
