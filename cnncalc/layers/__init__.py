"""The layer types by their tag. A new one is one class and one line here."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from cnncalc.layers.base import AbstractLayer, Family

TYPES = {
    "conv": ("convolution", "Conv"),
    "conv_transpose": ("transposed", "ConvTranspose"),
    "depthwise_conv": ("depthwise", "DepthwiseConv"),
    "separable_conv": ("depthwise", "SeparableConv"),
    "local": ("local", "Local"),
    "fc": ("dense", "Fc"),
    "linear": ("dense", "Linear"),
    "rbf": ("nonlinear_units", "Rbf"),
    "maxout": ("nonlinear_units", "Maxout"),
    "max_pool": ("pooling", "MaxPool"),
    "avg_pool": ("pooling", "AvgPool"),
    "adaptive_avg_pool": ("adaptive", "AdaptiveAvgPool"),
    "adaptive_max_pool": ("adaptive", "AdaptiveMaxPool"),
    "global_avg_pool": ("adaptive", "GlobalAvgPool"),
    "global_max_pool": ("adaptive", "GlobalMaxPool"),
    "upsample": ("resampling", "Upsample"),
    "pixel_shuffle": ("resampling", "PixelShuffle"),
    "pixel_unshuffle": ("resampling", "PixelUnshuffle"),
    "channel_shuffle": ("reshape", "ChannelShuffle"),
    "reshape": ("reshape", "Reshape"),
    "flatten": ("reshape", "Flatten"),
    "identity": ("reshape", "Identity"),
    "pad": ("padding", "Pad"),
    "crop": ("padding", "Crop"),
    "slice": ("padding", "Slice"),
    "batch_norm": ("normalization", "BatchNorm"),
    "layer_norm": ("grouped_norm", "LayerNorm"),
    "group_norm": ("grouped_norm", "GroupNorm"),
    "instance_norm": ("grouped_norm", "InstanceNorm"),
    "rms_norm": ("grouped_norm", "RmsNorm"),
    "l2_norm": ("channel_norm", "L2Norm"),
    "lrn": ("channel_norm", "Lrn"),
    "scale": ("scaling", "Scale"),
    "rescale": ("scaling", "Rescale"),
    "dropout": ("dropout", "Dropout"),
    "drop_path": ("dropout", "DropPath"),
    "relu": ("activation", "Relu"),
    "relu6": ("activation", "Relu6"),
    "leaky_relu": ("activation", "LeakyRelu"),
    "prelu": ("activation", "Prelu"),
    "elu": ("exponential", "Elu"),
    "gelu": ("exponential", "Gelu"),
    "silu": ("exponential", "Silu"),
    "hardswish": ("activation", "Hardswish"),
    "hardsigmoid": ("activation", "Hardsigmoid"),
    "sigmoid": ("exponential", "Sigmoid"),
    "tanh": ("exponential", "Tanh"),
    "softplus": ("exponential", "Softplus"),
    "mish": ("exponential", "Mish"),
    "function": ("functions", "Function"),
    "reduce": ("reduction", "Reduce"),
    "softmax": ("softmax", "Softmax"),
    "learned": ("learned", "Learned"),
    "rearrange": ("rearranging", "Rearrange"),
    "attention": ("attention", "Attention"),
    "matmul": ("products", "Matmul"),
    "add": ("merge", "Add"),
    "multiply": ("merge", "Multiply"),
    "subtract": ("merge", "Subtract"),
    "divide": ("merge", "Divide"),
    "maximum": ("merge", "Maximum"),
    "minimum": ("merge", "Minimum"),
    "average": ("merge", "Average"),
    "concat": ("merge", "Concat"),
}


# The names of settings in other frameworks, as `bare_name` gives them; classes have their own.
# One is meant only where the word itself is no setting: `size` is a kernel for a conv alone.
SETTING_ALIASES = {
    "filters": (
        *("outchannels", "outputchannels", "numfilters", "nfilters", "numoutput", "outplanes"),
        *("units", "channels"),
    ),
    "units": (
        *("outfeatures", "neurons", "numunits", "numoutput", "output", "outputdim", "outdim"),
        *("hiddenunits", "filters", "outchannels"),
    ),
    "kernel": (
        *("kernelsize", "kernelshape", "poolsize", "poolingsize", "filtersize", "ksize"),
        *("windowsize", "windowshape", "size"),
    ),
    "stride": ("strides", "subsample"),
    "padding": ("pads", "pad", "bordermode"),
    "dilation": ("dilations", "dilationrate", "atrousrate", "rate"),
    "groups": ("group", "numgroups", "ngroups", "cardinality"),
    "multiplier": ("depthmultiplier", "channelmultiplier"),
    "bias": ("usebias", "withbias", "biasterm", "center"),
    "weight": ("scale", "usescale"),
    "affine": ("elementwiseaffine",),
    "eps": ("epsilon", "varepsilon"),
    "rate": ("p", "prob", "dropoutratio", "dropoutrate", "droprate", "dropprob", "ratio"),
    "slope": ("negativeslope", "alpha"),
    "size": ("outputsize", "targetsize", "localsize", "outputshape"),
    "scale": ("scalefactor", "stride", "factor"),
    "factor": ("upscalefactor", "downscalefactor", "blocksize", "scale", "stride"),
    "to": ("shape", "targetshape", "newshape", "unflattenedsize"),
    "count_include_pad": ("includepadding", "includepad"),
    "from": ("bottom", "bottoms", "inputs"),
    "repeat": ("times", "repeats", "numrepeats"),
}


@cache
def layer_type(tag: str) -> type[AbstractLayer]:
    """Return the class of a tag; its module is imported now, and no other.

    Raises: KeyError if there is none.

    >>> layer_type("conv").__name__
    'Conv'
    """
    module, name = TYPES[tag]
    return cast("type[AbstractLayer]", getattr(import_module(f"cnncalc.layers.{module}"), name))


def tags_of(*families: Family) -> tuple[str, ...]:
    """Return the layer types of some families, in the order of TYPES. Imports every module.

    >>> tags_of("dense")
    ('fc', 'linear', 'rbf')
    """
    return tuple(tag for tag in TYPES if layer_type(tag).family in families)


def bare_name(name: str) -> str:
    """Return a layer's name without package, dimensions, capitals and signs.

    >>> bare_name("nn.Conv2d"), bare_name("Conv2DTranspose"), bare_name("max_pool")
    ('conv', 'convtranspose', 'maxpool')
    """
    letters = re.sub("[^a-z0-9]", "", name.rpartition(".")[2].lower())
    return re.sub("(?<=[a-z])[123]d", "", letters)


@cache
def tags_by_name() -> dict[str, str]:
    """Return the tag for each bare name that a layer type has, here or in another framework.

    >>> tags_by_name()["innerproduct"]
    'fc'
    """
    names = [(bare_name(tag), tag) for tag in TYPES]
    names += [(bare_name(alias), tag) for tag in TYPES for alias in layer_type(tag).aliases]
    return dict(reversed(names))  # a tag's own name goes before an alias


def meant(name: str, known: Collection[str]) -> str | None:
    """Return which of the `known` layer types or settings another framework calls `name`.

    >>> meant("torch.nn.MaxPool2d", ["pad", "max_pool"]), meant("kernel_size", ["kernel"])
    ('max_pool', 'kernel')
    """
    bare = bare_name(name)
    for setting, aliases in SETTING_ALIASES.items():
        if setting in known and bare in aliases and name not in known:
            return setting
    if TYPES.keys().isdisjoint(known):
        return None  # the layers' modules need not be imported
    tag = name if name in known else tags_by_name().get(bare)
    return tag if tag in known else None


def spellings(known: Collection[str]) -> dict[str, str]:
    """Return which of the `known` layer types or settings each bare name means.

    >>> spellings(["kernel"])["kernelsize"]
    'kernel'
    """
    found = {}
    if not TYPES.keys().isdisjoint(known):
        found = {bare: tag for bare, tag in tags_by_name().items() if tag in known}
    for setting, aliases in SETTING_ALIASES.items():
        if setting in known:
            found |= dict.fromkeys(aliases, setting)
    return found


def __getattr__(name: str) -> type[AbstractLayer]:
    """Return a class by its name: `from cnncalc.layers import Conv`."""
    for tag, (_, class_name) in TYPES.items():
        if class_name == name:
            return layer_type(tag)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """Return the names of the classes."""
    return sorted(name for _, name in TYPES.values())
