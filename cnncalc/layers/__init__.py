"""The layer types by their word. A new one is one class and one line here."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import cast

from cnncalc.layers.base import AbstractLayer

TYPES = {
    "conv": ("convolution", "Conv"),
    "conv_transpose": ("transposed", "ConvTranspose"),
    "depthwise_conv": ("depthwise", "DepthwiseConv"),
    "separable_conv": ("depthwise", "SeparableConv"),
    "local": ("local", "Local"),
    "fc": ("dense", "Fc"),
    "linear": ("dense", "Linear"),
    "rbf": ("dense", "Rbf"),
    "maxout": ("dense", "Maxout"),
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
    "l2_norm": ("normalization", "L2Norm"),
    "lrn": ("normalization", "Lrn"),
    "scale": ("normalization", "Scale"),
    "dropout": ("activation", "Dropout"),
    "drop_path": ("activation", "DropPath"),
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
    "softmax": ("exponential", "Softmax"),
    "add": ("merge", "Add"),
    "multiply": ("merge", "Multiply"),
    "concat": ("merge", "Concat"),
}


@cache
def layer_type(tag: str) -> type[AbstractLayer]:
    """Return the class of a word; its module is read now, and no other.

    Raises: KeyError if there is none.

    >>> layer_type("conv").__name__
    'Conv'
    """
    module, name = TYPES[tag]
    cls = cast("type[AbstractLayer]", getattr(import_module(f"cnncalc.layers.{module}"), name))
    cls.model_rebuild()
    return cls


def __getattr__(name: str) -> type[AbstractLayer]:
    """Hand out a class by its name: `from cnncalc.layers import Conv`."""
    for tag, (_, class_name) in TYPES.items():
        if class_name == name:
            return layer_type(tag)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """List the classes."""
    return sorted(name for _, name in TYPES.values())
