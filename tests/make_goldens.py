"""Write goldens/layers.json.gz: what PyTorch and ONNX's reference evaluator make of each layer.

Run with a Python that has torch and onnx; cnncalc is not used, so that nothing of it can get
into what it is held against. A case is a layer's type and settings in cnncalc's words, its
input volumes, the shapes of its learned arrays and buffers, and the output for the arrays of
`integers.array`, worked out in float64 (by ONNX in float32).
"""

from __future__ import annotations

import gzip
import json
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import onnx
import torch
import torch.nn.functional as F
from golden_cases import CASES, case, first, last, onnx_run, padded, per_axis
from golden_windows import windows
from torch import Tensor

FILE = Path(__file__).parent / "goldens" / "layers.json.gz"


def upsample(volume: Sequence[int], other: Sequence[int] | None = None, **s: Any) -> None:
    """Add an upsampling."""
    count = len(volume) - 1
    words = {"nearest": "nearest", "bilinear": ["linear", "bilinear", "trilinear"][count - 1]}
    mode = words[s.get("mode", "nearest")]
    corners = None if mode == "nearest" else s.get("align_corners", False)
    if "scale" in s:
        extents = [n * k for n, k in zip(volume, per_axis(s["scale"], count), strict=False)]
    else:
        extents = per_axis(s["size"], count) if "size" in s else list(other or ())[:-1]

    def run(x: Tensor, *_: Tensor) -> Tensor:
        return F.interpolate(x, extents, mode=mode, align_corners=corners)

    case("upsample", [volume] if other is None else [volume, other], s, run)


def onnx_upsample(volume: Sequence[int], extents: Sequence[int], **s: Any) -> None:
    """Add an upsampling by ONNX's Resize."""
    nearest = s.get("mode", "nearest") == "nearest"
    how = "align_corners" if s.get("align_corners") else "half_pixel"

    def run(x: Tensor) -> Tensor:
        sizes = torch.tensor([1, volume[-1], *extents])
        return onnx_run(
            "Resize",
            x,
            None,
            None,
            sizes,
            mode="nearest" if nearest else "linear",
            nearest_mode="floor",
            coordinate_transformation_mode="asymmetric" if nearest else how,
        )

    case("upsample", [volume], s | {"size": list(extents)}, run, by="onnx")


def pixels(volume: Sequence[int], factor: int) -> None:
    """Add a pixel shuffle and the unshuffle that undoes it, in two dimensions."""
    case("pixel_shuffle", [volume], {"factor": factor}, lambda x: F.pixel_shuffle(x, factor))
    *extents, channels = volume
    finer = [*[factor * n for n in extents], channels // factor**2]
    run = F.pixel_unshuffle
    case("pixel_unshuffle", [finer], {"factor": factor}, lambda x: run(x, factor))


def norm(volume: Sequence[int], tag: str, run: Callable[..., Tensor], **s: Any) -> None:
    """Add a norm with weight and bias for each channel, without, and with one of them."""
    c = volume[-1]
    case(tag, [volume], s | {"affine": True}, run, {"weight": (c,), "bias": (c,)})
    case(tag, [volume], s | {"affine": False}, run)
    case(tag, [volume], s | {"weight": True, "bias": False}, run, {"weight": (c,)})
    case(tag, [volume], s | {"weight": False, "bias": True}, run, {"bias": (c,)})


def norms(volume: Sequence[int]) -> None:
    """Add every norm on a volume."""
    c = volume[-1]
    eps = {"eps": 1e-3}
    statistics = {"mean": (c,), "variance": (c,)}

    def batch(x: Tensor, mean: Tensor, variance: Tensor, **p: Tensor) -> Tensor:
        return F.batch_norm(x, mean, variance, **p)

    case("batch_norm", [volume], {}, batch, {"weight": (c,), "bias": (c,)}, statistics)
    case("batch_norm", [volume], {"affine": False}, batch, {}, statistics)
    case("batch_norm", [volume], {"bias": False}, batch, {"weight": (c,)}, statistics)
    case("batch_norm", [volume], {"weight": False}, batch, {"bias": (c,)}, statistics)
    norm(volume, "layer_norm", lambda x, **p: first(F.layer_norm(last(x), (c,), **p)))
    norm(
        volume,
        "layer_norm",
        lambda x, **p: first(F.layer_norm(last(x), (c,), **p, eps=1e-3)),
        **eps,
    )
    whole = {"weight": tuple(volume), "bias": tuple(volume)}
    shape = tuple(volume)

    def over_all(x: Tensor, **p: Tensor) -> Tensor:
        return first(F.layer_norm(last(x), shape, **p))

    case("layer_norm", [volume], {"over": "all"}, over_all, whole)
    for kept, gone in (("weight", "bias"), ("bias", "weight")):
        s = {"over": "all", gone: False}
        case("layer_norm", [volume], s, over_all, {kept: shape})
    for groups in (1, 2, c)[: 2 + (len(volume) > 1)]:  # PyTorch refuses groups of one value
        norm(volume, "group_norm", lambda x, g=groups, **p: F.group_norm(x, g, **p), groups=groups)
    if math.prod(volume[:-1]) > 1:
        norm(volume, "instance_norm", lambda x, **p: F.instance_norm(x, **p))
    case("l2_norm", [volume], {}, lambda x: F.normalize(x, dim=1))
    for size, alpha, beta, k in (
        (5, 1e-4, 0.75, 2.0),
        (3, 0.5, 0.5, 1.0),
        (4, 0.1, 0.75, 2.0),
        (9, 1, 1.5, 1),
    ):
        s = {"size": size, "alpha": alpha, "beta": beta, "k": k}
        if volume[:-1]:
            case(
                "lrn",
                [volume],
                s,
                lambda x, z=size, a=alpha, b=beta, q=k: F.local_response_norm(x, z, a * z, b, q),
            )
        if size % 2 and len(volume) == 3:
            case(
                "lrn",
                [volume],
                s,
                # The evaluator (1.23) sums as many channels as there are samples: give it those.
                lambda x, z=size, a=alpha, b=beta, q=k: onnx_run(
                    "LRN", x.repeat(c, 1, 1, 1), size=z, alpha=a * z, beta=b, bias=float(q)
                )[:1],
                by="onnx",
            )
    weight, bias = {"weight": (c,)}, {"bias": (c,)}

    def scaled(x: Tensor, weight: Tensor, bias: Tensor | float = 0.0) -> Tensor:
        return first(last(x) * weight + bias)

    case("scale", [volume], {}, scaled, weight)
    case("scale", [volume], {"bias": True}, scaled, weight | bias)
    case(
        "scale",
        [volume],
        {"weight": False, "bias": True},
        lambda x, bias: first(last(x) + bias),
        bias,
    )
    places = tuple(volume[:-1])
    case(
        "scale",
        [volume],
        {"over": "positions", "bias": True},
        lambda x, weight, bias: x * weight + bias,
        {"weight": places, "bias": places},
    )
    case("scale", [volume], {"over": "all", "bias": True}, scaled, whole)

    def rms(x: Tensor, **arrays: Tensor) -> Tensor:
        return first(F.rms_norm(last(x), (c,), **arrays, eps=1e-5))

    case("rms_norm", [volume], {}, rms, weight)
    case("rms_norm", [volume], {"weight": False}, rms)
    case("rescale", [volume], {"factor": 0.5, "offset": -1}, lambda x: x * 0.5 - 1)
    numbers = [0.25 * i - 1 for i in range(c)]
    case(
        "rescale",
        [volume],
        {"factor": numbers},
        lambda x, n=numbers: first(last(x) * torch.tensor(n, dtype=x.dtype)),
    )


FUNCTIONS: dict[str, tuple[Callable[[Tensor], Tensor], str, dict[str, Any]]] = {
    "relu": (F.relu, "Relu", {}),
    "relu6": (F.relu6, "", {}),
    "elu": (F.elu, "Elu", {}),
    "gelu": (F.gelu, "Gelu", {}),
    "silu": (F.silu, "", {}),
    "hardswish": (F.hardswish, "HardSwish", {}),
    "hardsigmoid": (F.hardsigmoid, "HardSigmoid", {"alpha": 1 / 6, "beta": 0.5}),
    "sigmoid": (torch.sigmoid, "Sigmoid", {}),
    "tanh": (torch.tanh, "Tanh", {}),
    "softplus": (F.softplus, "Softplus", {}),
    "mish": (F.mish, "Mish", {}),
    "softmax": (lambda x: x.softmax(1), "Softmax", {"axis": 1}),
    "identity": (lambda x: x, "Identity", {}),
}


def functions(volume: Sequence[int]) -> None:
    """Add everything that acts on single values."""
    c = volume[-1]
    for tag, (function, operator, attributes) in FUNCTIONS.items():
        case(tag, [volume], {}, function)
        if operator:
            case(
                tag,
                [volume],
                {},
                lambda x, o=operator, a=attributes: onnx_run(o, x, **a),
                by="onnx",
            )
    for slope in (0.01, 0.3):
        case("leaky_relu", [volume], {"slope": slope}, lambda x, s=slope: F.leaky_relu(x, s))
    case("prelu", [volume], {}, lambda x, weight: F.prelu(x, weight), {"weight": (c,)})
    case(
        "prelu", [volume], {"shared": True}, lambda x, weight: F.prelu(x, weight), {"weight": (1,)}
    )
    for name, named in NAMED.items():
        case("function", [volume], {"of": name}, named)
    case("function", [volume], {"of": "power", "exponent": 3}, lambda x: x**3)
    case("function", [volume], {"of": "clamp", "most": 1}, lambda x: x.clamp(max=1))
    both = {"of": "clamp", "least": -1, "most": 0.5}
    case("function", [volume], both, lambda x: x.clamp(-1, 0.5))
    case("dropout", [volume], {"rate": 0.3}, lambda x: F.dropout(x, 0.3, training=False))
    case("drop_path", [volume], {"rate": 0.3}, lambda x: x)


NAMED: dict[str, Callable[[Tensor], Tensor]] = {
    "exp": torch.exp,
    "erf": torch.erf,
    "square": torch.square,
    "reciprocal": torch.reciprocal,
    "abs": torch.abs,
    "negative": torch.neg,
}
STATISTICS: dict[str, Callable[..., Tensor]] = {
    "sum": torch.sum,
    "mean": torch.mean,
    "max": torch.amax,
    "min": torch.amin,
    "variance": lambda x, dim, keepdim: x.var(dim, correction=0, keepdim=keepdim),
    "length": lambda x, dim, keepdim: torch.linalg.vector_norm(x, dim=dim, keepdim=keepdim),
}
AXES = ((), ("length",), ("height", "width"), ("depth", "height", "width"))


def reductions(volume: Sequence[int]) -> None:
    """Add statistics along axes."""
    names = AXES[len(volume) - 1]
    for of, statistic in STATISTICS.items():
        for axes in (("channels",), names[:1], names, (*names[1:], "channels")):
            if axes:
                dims = [1 if axis == "channels" else 2 + names.index(axis) for axis in axes]
                case(
                    "reduce",
                    [volume],
                    {"of": of, "axes": list(axes)},
                    lambda x, s=statistic, d=dims: s(x, dim=d, keepdim=True),
                )


def dense(volume: Sequence[int]) -> None:
    """Add the layers that are products with a matrix, and the distances."""
    size, c = math.prod(volume), volume[-1]

    def flat(x: Tensor) -> Tensor:
        return last(x).flatten(1)

    def fc(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
        return F.linear(flat(x), weight, bias)

    def linear(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
        return first(F.linear(last(x), weight, bias))

    for tag, run, width in (("fc", fc, size), ("linear", linear, c)):
        case(tag, [volume], {"units": 5}, run, {"weight": (5, width), "bias": (5,)})
        case(tag, [volume], {"units": 3, "bias": False}, run, {"weight": (3, width)})
    case(
        "rbf",
        [volume],
        {"units": 4},
        lambda x, centres: torch.cdist(flat(x), centres) ** 2,
        {},
        {"centres": (4, size)},
    )
    case("flatten", [volume], {}, flat)
    case("reshape", [volume], {"to": [2, size // 2]}, lambda x: first(flat(x).reshape(1, 2, -1)))
    case(
        "maxout",
        [volume],
        {"pieces": 2},
        lambda x: x.unflatten(1, (c // 2, 2)).amax(2),
    )
    if len(volume) < 4:
        case(
            "channel_shuffle",
            [volume],
            {"groups": 2},
            lambda x: F.channel_shuffle(x[..., None, None], 2)[..., 0, 0],
        )
    case("slice", [volume], {"start": 1, "stop": 3}, lambda x: x[:, 1:3])
    case("slice", [volume], {"start": 2}, lambda x: x[:, 2:])
    case("concat", [volume, volume], {}, lambda x, y: torch.cat([x, y], 1))
    for axis, name in enumerate(AXES[len(volume) - 1]):
        case(
            "concat",
            [volume, volume],
            {"axis": name},
            lambda x, y, d=axis + 2: torch.cat([x, y], d),
        )
        case(
            "slice",
            [volume],
            {"axis": name, "start": 1},
            lambda x, d=axis + 2: x.narrow(d, 1, x.shape[d] - 1),
        )
    for tag, run in (("subtract", torch.sub), ("divide", torch.div)):
        case(tag, [volume, volume], {}, run)
    three = [volume, volume, [*volume[:-1], 1]]
    case("maximum", three, {}, lambda x, y, z: torch.maximum(torch.maximum(x, y), z))
    case("minimum", three, {}, lambda x, y, z: torch.minimum(torch.minimum(x, y), z))
    case("average", three, {}, lambda x, y, z: (x + y + z) / 3)


def around(volume: Sequence[int]) -> None:
    """Add margins and merges of a volume with extents of at least 4."""
    count, c = len(volume) - 1, volume[-1]
    uneven = [[i % 2 + 1, i % 3] for i in range(count)]
    case("pad", [volume], {"padding": 1}, lambda x: padded(x, 1))
    case("pad", [volume], {"padding": uneven}, lambda x: padded(x, uneven))
    channels = {"channels": [1, 2]}
    case("pad", [volume], channels, lambda x: first(F.pad(last(x), (1, 2))))
    case("crop", [volume], {"padding": 1}, lambda x: padded(x, -1))
    minus = [[-b, -a] for b, a in uneven]
    case("crop", [volume], {"padding": uneven}, lambda x: padded(x, minus))
    smaller = [*[n - 1 - i for i, n in enumerate(volume[:-1])], 2]

    def centred(x: Tensor, y: Tensor) -> Tensor:
        for axis in range(2, x.ndim):
            x = x.narrow(axis, (x.shape[axis] - y.shape[axis]) // 2, y.shape[axis])
        return x

    case("crop", [volume, smaller], {}, centred)
    gate, mask = [1] * count + [c], [*volume[:-1], 1]
    for tag, function in (("add", torch.add), ("multiply", torch.mul)):
        case(tag, [volume, volume], {}, function)
        case(tag, [gate, volume], {}, function)
        case(tag, [volume, mask], {}, function)
    case("add", [volume] * 3, {}, lambda x, y, z: x + y + z)
    dims = tuple(range(2, count + 2))
    case("global_avg_pool", [volume], {}, lambda x: x.mean(dims, keepdim=True))
    case("global_max_pool", [volume], {}, lambda x: x.amax(dims, keepdim=True))
    if count == 2:
        case("global_avg_pool", [volume], {}, lambda x: onnx_run("GlobalAveragePool", x), by="onnx")
        case("global_max_pool", [volume], {}, lambda x: onnx_run("GlobalMaxPool", x), by="onnx")


def resampling() -> None:
    """Add what changes the extents without weights."""
    for extents, target in (
        ([4], [7]),
        ([3, 4], [5, 9]),
        ([5, 7], [3, 4]),
        ([2, 3, 2], [4, 5, 3]),
        ([3, 3], [3, 6]),
    ):
        volume = [*extents, 2]
        upsample(volume, scale=2)
        upsample(volume, size=target)
        upsample(volume, scale=3, mode="bilinear")
        upsample(volume, size=target, mode="bilinear")
        upsample(volume, size=target, mode="bilinear", align_corners=True)
        upsample(volume, [*target, 3], mode="bilinear")
        upsample(volume, scale=2, mode="bilinear", align_corners=True)
    upsample([1, 3, 2], size=[4, 1], mode="bilinear", align_corners=True)
    upsample([3, 4, 2], scale=[1, 3])
    for extents, target in (([3, 4], [6, 8]), ([3, 4], [5, 9]), ([5, 6], [3, 4])):
        onnx_upsample([*extents, 2], target)
        onnx_upsample([*extents, 2], target, mode="bilinear")
        onnx_upsample([*extents, 2], target, mode="bilinear", align_corners=True)
    pixels([3, 4, 8], 2)
    pixels([2, 3, 9], 3)
    pixels([2, 2, 16], 4)


def attended(qkv: Sequence[Tensor], heads: int) -> Tensor:
    """Return attention over positions, of tensors with the channels first."""
    parts = [last(x).flatten(1, -2).unflatten(-1, (heads, -1)).transpose(1, 2) for x in qkv]
    found = F.scaled_dot_product_attention(*parts).transpose(1, 2).flatten(2)
    return first(found.unflatten(1, qkv[0].shape[2:]))


def attention() -> None:
    """Add attention over all positions, and in windows as torchvision has it."""
    for extents in ([5], [2, 3]):
        case(
            "attention",
            [[*extents, 12]],
            {"heads": 2},
            lambda x: attended(x.chunk(3, dim=1), 2),
        )
    case("attention", [[3, 4], [5, 4], [5, 6]], {"heads": 2}, lambda *qkv: attended(qkv, 2))
    case(
        "attention",
        [[4, 6, 12]],
        {"heads": 2, "window_size": [2, 3]},
        lambda x: windowed(x, 2, 3),
    )


def windowed(x: Tensor, height: int, width: int) -> Tensor:
    """Return attention in windows, of a tensor with Q, K and V in its channels."""
    split = x.unflatten(2, (-1, height)).unflatten(4, (-1, width)).permute(0, 2, 4, 1, 3, 5)
    parts = split.reshape(-1, x.shape[1], height, width).chunk(3, dim=1)
    found = attended(parts, 2).reshape(*split.shape[:3], -1, height, width)
    return found.permute(0, 3, 1, 4, 2, 5).flatten(2, 3).flatten(3, 4)


def products() -> None:
    """Add products of matrices, axes in another order, and learned values."""
    case(
        "learned",
        [[4, 3]],
        {"shape": [2, 3]},
        lambda x, values: first(values[None]),
        {"values": (2, 3)},
    )
    for one, other in (([3, 4], [4, 2]), ([2, 3, 4], [2, 4, 5])):
        case("matmul", [one, other], {}, lambda x, y: first(last(x) @ last(y)))
        turned = [*other[:-2], other[-1], other[-2]]
        case(
            "matmul",
            [one, turned],
            {"transposed": True},
            lambda x, y: first(last(x) @ last(y).mT),
        )
    attention()
    case(
        "rearrange",
        [[4, 6, 3]],
        {"pattern": "(h p=2) (w q=3) c -> (h w) (p q) c"},
        lambda x: first(
            last(x).reshape(1, 2, 2, 2, 3, 3).permute(0, 1, 3, 2, 4, 5).reshape(1, 4, 6, 3)
        ),
    )
    case("rearrange", [[4, 6, 3]], {"pattern": "h w c -> w c h"}, lambda x: x.permute(0, 2, 3, 1))


def main() -> None:
    """Work out all cases and write the file."""
    windows()
    resampling()
    for volume in ([6], [5, 4], [3, 4, 6], [2, 3, 2, 4]):
        functions(volume)
        norms(volume)
        dense(volume)
        reductions(volume)
    for volume in ([6, 3], [5, 6, 2], [5, 6, 7, 2]):
        around(volume)
    products()
    made = {"torch": torch.__version__.split("+")[0], "onnx": onnx.__version__, "cases": CASES}
    text = json.dumps(made, separators=(",", ":"))
    FILE.write_bytes(gzip.compress(text.encode(), mtime=0))
    print(f"{len(CASES)} cases, {FILE.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
