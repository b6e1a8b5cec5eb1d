"""Write goldens/tools.json: what the tools themselves say of well-known networks.

Run with a Python that has some of them; each finds its place under its name and version, and
what the others said before stays. cnncalc is not used.

    python make_tool_goldens.py            # torchinfo, fvcore, ptflops and thop, what there is
    python make_tool_goldens.py thop       # one of them, as for an older version
    python make_tool_goldens.py keras      # Keras with TensorFlow's profiler
"""

from __future__ import annotations

import collections
import collections.abc
import contextlib
import io
import json
import sys
import warnings
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

FILE = Path(__file__).parent / "goldens" / "tools.json"
NAMES = (
    "alexnet", "vgg16", "resnet18", "resnet50", "mobilenet_v2", "googlenet", "densenet121",
    "squeezenet1_0",
)  # fmt: skip
KERAS = {
    "VGG16": "vgg16", "MobileNet": "mobilenet_v1", "MobileNetV2": "mobilenet_v2",
    "DenseNet121": "densenet121",
}  # fmt: skip


def image(name: str) -> tuple[int, int, int]:
    """Return the input of a network or module."""
    return (3, 224, 224) if name in NAMES else (12 if name == "linear" else 8, 12, 12)


def modules() -> dict[str, Any]:
    """Return single modules, which take 12x12 images of 8 channels; linear 12x12x12."""
    from torch import nn

    return {
        "conv": nn.Conv2d(8, 6, 3, stride=2, padding=1, groups=2),
        "conv_transpose": nn.ConvTranspose2d(8, 6, 3, stride=2, padding=1),
        "linear": nn.Linear(12, 5),
        "max_pool": nn.MaxPool2d(3, 2),
        "avg_pool": nn.AvgPool2d(3, 2),
        "adaptive_avg_pool": nn.AdaptiveAvgPool2d(5),
        "nearest": nn.Upsample(scale_factor=2),
        "bilinear": nn.Upsample(scale_factor=2, mode="bilinear"),
        "batch_norm": nn.BatchNorm2d(8),
        "batch_norm_plain": nn.BatchNorm2d(8, affine=False),
        "group_norm": nn.GroupNorm(2, 8),
        "instance_norm": nn.InstanceNorm2d(8),
        "instance_norm_affine": nn.InstanceNorm2d(8, affine=True),
        "relu": nn.ReLU(),
        "relu6": nn.ReLU6(),
        "leaky_relu": nn.LeakyReLU(),
        "prelu": nn.PReLU(8),
        "elu": nn.ELU(),
        "gelu": nn.GELU(),
        "silu": nn.SiLU(),
        "hardswish": nn.Hardswish(),
        "sigmoid": nn.Sigmoid(),
        "tanh": nn.Tanh(),
        "softmax": nn.Softmax(1),
    }


def network(name: str) -> Any:
    """Return a module in a sequence, or torchvision's network, as it is at inference."""
    from torch import nn
    from torchvision import models

    if name in modules():
        return nn.Sequential(modules()[name]).eval()

    settings: dict[str, Any] = {"init_weights": False} if name == "googlenet" else {}
    model = models.get_model(name, weights=None, **settings).eval()
    if name == "googlenet":
        model.aux_logits, model.aux1, model.aux2 = False, None, None
    return model


def torchinfo(name: str) -> dict[str, int]:
    """Return its mult-adds, parameters, and bytes of the forward and backward pass."""
    import torchinfo

    found = torchinfo.summary(network(name), input_size=(1, *image(name)), verbose=0)
    return {
        "operations": found.total_mult_adds,
        "parameters": found.total_params,
        "pass_bytes": found.total_output_bytes,
    }


def fvcore(name: str) -> dict[str, int]:
    """Return its flops."""
    import torch
    from fvcore.nn import FlopCountAnalysis

    found = FlopCountAnalysis(network(name), torch.zeros(1, *image(name)))
    found.unsupported_ops_warnings(False).uncalled_modules_warnings(False)
    return {"operations": found.total()}


def ptflops(name: str) -> dict[str, int]:
    """Return its MACs, and those of its newer backend where it has two."""
    from ptflops import get_model_complexity_info

    def count(**settings: Any) -> int:
        macs, _ = get_model_complexity_info(
            network(name), image(name), as_strings=False, print_per_layer_stat=False, **settings
        )
        return int(macs)

    try:
        return {"operations": count(backend="pytorch"), "aten": count(backend="aten")}
    except (TypeError, ValueError):  # before there were two
        return {"operations": count()}


def thop(name: str) -> dict[str, int]:
    """Return its MACs."""
    import torch

    collections.Iterable = collections.abc.Iterable  # type: ignore[attr-defined]  # old versions
    import thop

    macs, _ = thop.profile(network(name), inputs=(torch.zeros(1, *image(name)),))
    return {"operations": int(macs)}


def keras(name: str) -> dict[str, int]:
    """Return the parameters that Keras counts, and the operations that TensorFlow does."""
    import keras
    import tensorflow as tf
    from tensorflow.python.framework import convert_to_constants

    model = getattr(keras.applications, name)(weights=None)
    call = tf.function(lambda x: model(x, training=False))
    concrete = call.get_concrete_function(tf.TensorSpec([1, 224, 224, 3]))
    _, frozen = convert_to_constants.convert_variables_to_constants_v2_as_graph(concrete)
    profiler = tf.compat.v1.profiler
    with tf.Graph().as_default() as graph:
        tf.graph_util.import_graph_def(frozen, name="")
        options = profiler.ProfileOptionBuilder(profiler.ProfileOptionBuilder.float_operation())
        found = profiler.profile(graph=graph, cmd="op", options=options.with_empty_output().build())
    return {"operations": found.total_float_ops, "parameters": model.count_params()}


TOOLS: tuple[Callable[[str], dict[str, int]], ...] = (torchinfo, fvcore, ptflops, thop)


def main(wanted: list[str]) -> None:
    """Ask the tools that are there, and write the file."""
    warnings.simplefilter("ignore")
    goldens = json.loads(FILE.read_text()) if FILE.exists() else {}
    for tool in (*TOOLS, keras):
        if (tool is keras) != (wanted == ["keras"]) or (wanted and tool.__name__ not in wanted):
            continue
        try:
            label = f"{tool.__name__} {version(tool.__name__)}"
        except PackageNotFoundError:
            continue
        if tool is keras:
            label += f", tensorflow {version('tensorflow_cpu')}"
        with contextlib.redirect_stdout(io.StringIO()):
            names = KERAS if tool is keras else {name: name for name in (*NAMES, *modules())}
            goldens[label] = {ours: tool(theirs) for theirs, ours in names.items()}
    lines = [
        f' "{tool}": {{\n'
        + ",\n".join(f'  "{name}": {json.dumps(found)}' for name, found in goldens[tool].items())
        + "\n }"
        for tool in sorted(goldens)
    ]
    FILE.write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
