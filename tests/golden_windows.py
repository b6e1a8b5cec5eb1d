"""The cases of the goldens that slide a window."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from golden_cases import case, first, margins, onnx_run, padded, per_axis, same
from torch import Tensor

CONV = [F.conv1d, F.conv2d, F.conv3d]
TRANSPOSED = [F.conv_transpose1d, F.conv_transpose2d, F.conv_transpose3d]


def kernel_of(settings: dict[str, Any], count: int) -> tuple[int, ...]:
    """Return the kernel's extents."""
    return tuple(per_axis(settings["kernel"], count))


def convolve(
    x: Tensor, weight: Tensor, bias: Tensor | None, s: dict[str, Any], groups: int
) -> Tensor:
    """Return PyTorch's convolution, the margin put on beforehand as it may be uneven."""
    count = x.ndim - 2
    padding = s.get("padding", 0)
    if padding == "same":
        padding = same(x.shape[2:], s, s["kernel"])
    stride, dilation = per_axis(s.get("stride", 1), count), per_axis(s.get("dilation", 1), count)
    x = padded(x, padding)
    return CONV[count - 1](x, first(weight), bias, stride, 0, dilation, groups)


def conv(volume: Sequence[int], **s: Any) -> None:
    """Add a convolution."""
    count, groups, d2 = len(volume) - 1, s.get("groups", 1), s["filters"]
    learned = {"weight": (d2, *kernel_of(s, count), volume[-1] // groups)}
    if s.get("bias", True):
        learned["bias"] = (d2,)

    def run(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
        return convolve(x, weight, bias, s, groups)

    case("conv", [volume], s, run, learned)


def onnx_conv(volume: Sequence[int], **s: Any) -> None:
    """Add a convolution with `same` padding, as ONNX's SAME_UPPER."""
    count, groups, d2 = len(volume) - 1, s.get("groups", 1), s["filters"]
    learned = {"weight": (d2, *kernel_of(s, count), volume[-1] // groups), "bias": (d2,)}

    def run(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        return onnx_run(
            "Conv",
            x,
            first(weight),
            bias,
            auto_pad="SAME_UPPER",
            strides=per_axis(s.get("stride", 1), count),
            dilations=per_axis(s.get("dilation", 1), count),
            group=groups,
            kernel_shape=kernel_of(s, count),
        )

    case("conv", [volume], s | {"padding": "same"}, run, learned, by="onnx")


def connected(volume: Sequence[int], connections: list[list[int]], **s: Any) -> None:
    """Add a convolution whose filters each see some of the channels."""
    count = len(volume) - 1
    kernel = kernel_of(s, count)
    settings = s | {"filters": len(connections), "connections": connections}
    learned = {"weight": (sum(map(len, connections)), *kernel), "bias": (len(connections),)}

    def run(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        full = torch.zeros(len(connections), *kernel, volume[-1], dtype=torch.float64)
        rows = iter(weight)
        for d2, channels in enumerate(connections):
            for channel in channels:
                full[d2, ..., channel] = next(rows)
        return convolve(x, full, bias, s, 1)

    case("conv", [volume], settings, run, learned)


def depthwise(volume: Sequence[int], **s: Any) -> None:
    """Add a depthwise convolution."""
    d2 = volume[-1] * s.get("multiplier", 1)
    learned = {"weight": (d2, *kernel_of(s, len(volume) - 1), 1)}
    if s.get("bias", True):
        learned["bias"] = (d2,)

    def run(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
        return convolve(x, weight, bias, s, volume[-1])

    case("depthwise_conv", [volume], s, run, learned)


def separable(volume: Sequence[int], **s: Any) -> None:
    """Add a separable convolution."""
    between = volume[-1] * s.get("multiplier", 1)
    count = len(volume) - 1
    learned = {
        "weight_depthwise": (between, *kernel_of(s, count), 1),
        "weight_pointwise": (s["filters"], between),
        "bias": (s["filters"],),
    }

    def run(x: Tensor, weight_depthwise: Tensor, weight_pointwise: Tensor, bias: Tensor) -> Tensor:
        x = convolve(x, weight_depthwise, None, s, volume[-1])
        return CONV[count - 1](x, weight_pointwise[(..., *[None] * count)], bias)

    case("separable_conv", [volume], s, run, learned)


def turned(weight: Tensor, groups: int) -> Tensor:
    """Return a weight (D2, *K, D1/groups) as PyTorch and ONNX have it: (D1, D2/groups, *K)."""
    d2, *kernel, d1 = weight.shape
    parts = weight.reshape(groups, d2 // groups, *kernel, d1).movedim(-1, 1)
    return parts.reshape(groups * d1, d2 // groups, *kernel)


def transposed(volume: Sequence[int], by_onnx: bool = False, **s: Any) -> None:
    """Add a transposed convolution; its crop may be uneven, so it is cut off afterwards."""
    count, groups, d2 = len(volume) - 1, s.get("groups", 1), s["filters"]
    learned = {"weight": (d2, *kernel_of(s, count), volume[-1] // groups)}
    if s.get("bias", True):
        learned["bias"] = (d2,)
    stride, dilation = per_axis(s.get("stride", 1), count), per_axis(s.get("dilation", 1), count)
    extra = per_axis(s.get("output_padding", 0), count)

    def run(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
        weight = turned(weight, groups)
        padding = s.get("padding", 0)
        if isinstance(padding, int):
            return TRANSPOSED[count - 1](x, weight, bias, stride, padding, extra, groups, dilation)
        full = TRANSPOSED[count - 1](x, weight, bias, stride, 0, 0, groups, dilation)
        for axis, (before, after) in enumerate(padding):
            full = full.narrow(axis + 2, before, full.shape[axis + 2] - before - after)
        return full

    def run_onnx(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
        return onnx_run(
            "ConvTranspose",
            x,
            turned(weight, groups),
            bias,
            auto_pad="SAME_UPPER",
            strides=stride,
            dilations=dilation,
            group=groups,
            kernel_shape=kernel_of(s, count),
        )

    if by_onnx:
        case("conv_transpose", [volume], s | {"padding": "same"}, run_onnx, learned, by="onnx")
    else:
        case("conv_transpose", [volume], s, run, learned)


def local(volume: Sequence[int], **s: Any) -> None:
    """Add a locally connected layer of two dimensions, by PyTorch's unfold."""
    padding = s.get("padding", 0)
    height, width, d1 = volume
    kh, kw = kernel_of(s, 2)
    sh, sw = per_axis(s.get("stride", 1), 2)
    (top, bottom), (left, right) = margins(padding, 2)
    places = ((height + top + bottom - kh) // sh + 1, (width + left + right - kw) // sw + 1)
    learned = {"weight": (*places, s["filters"], kh, kw, d1), "bias": (*places, s["filters"])}

    def run(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        columns = F.unfold(padded(x, padding), (kh, kw), stride=(sh, sw))  # (1, D1·K·K, places)
        columns = columns.reshape(d1, kh, kw, *places)
        result = torch.einsum("chwyx,yxfhwc->fyx", columns, weight) + bias.movedim(-1, 0)
        return result[None]

    case("local", [volume], s, run, learned)


def pool(tag: str, volume: Sequence[int], by_onnx: bool = False, **s: Any) -> None:
    """Add a max or an average pool."""
    count = len(volume) - 1
    stride = per_axis(s.get("stride", s["kernel"]), count)
    kernel, dilation = kernel_of(s, count), per_axis(s.get("dilation", 1), count)
    ceil, padding = s.get("rounding") == "ceil", s.get("padding", 0)

    def run(x: Tensor) -> Tensor:
        if tag == "max_pool":
            pools = [F.max_pool1d, F.max_pool2d, F.max_pool3d]
            return pools[count - 1](x, kernel, stride, padding, dilation, ceil)
        pools = [F.avg_pool1d, F.avg_pool2d, F.avg_pool3d]
        return pools[count - 1](x, kernel, stride, padding, ceil, s.get("count_include_pad", True))

    def run_onnx(x: Tensor) -> Tensor:
        more: dict[str, Any] = {"dilations": dilation} if tag == "max_pool" else {}
        return onnx_run(
            "MaxPool" if tag == "max_pool" else "AveragePool",
            x,
            auto_pad="SAME_UPPER",
            kernel_shape=kernel,
            strides=stride,
            **more,
        )

    if by_onnx:
        case(tag, [volume], s | {"padding": "same"}, run_onnx, by="onnx")
    else:
        case(tag, [volume], s, run)


def adaptive(volume: Sequence[int], size: Any) -> None:
    """Add both adaptive pools."""
    count = len(volume) - 1
    target = per_axis(size, count)
    average = [F.adaptive_avg_pool1d, F.adaptive_avg_pool2d, F.adaptive_avg_pool3d][count - 1]
    largest = [F.adaptive_max_pool1d, F.adaptive_max_pool2d, F.adaptive_max_pool3d][count - 1]
    case("adaptive_avg_pool", [volume], {"size": size}, lambda x: average(x, target))
    case("adaptive_max_pool", [volume], {"size": size}, lambda x: largest(x, target))


def windows() -> None:
    """Add the layers that slide."""
    conv([9, 3], filters=4, kernel=3, stride=2)
    conv([9, 4], filters=2, kernel=4, padding=[[2, 1]], dilation=2, groups=2)
    conv([10, 2], filters=3, kernel=2, padding="same")
    conv([11, 2], filters=2, kernel=3, stride=2, padding="same", dilation=2)
    conv([7, 7, 3], filters=4, kernel=3, padding=1)
    conv([8, 7, 3], filters=4, kernel=[3, 5], stride=[2, 1], padding=[1, 2], bias=False)
    conv([8, 8, 4], filters=6, kernel=3, dilation=2, groups=2, padding=2)
    conv(
        [9, 8, 6],
        filters=6,
        kernel=3,
        dilation=[1, 3],
        groups=3,
        stride=2,
        padding=[[1, 0], [3, 2]],
    )
    conv([6, 6, 4], filters=4, kernel=1, stride=2)
    conv([5, 6, 2], filters=3, kernel=[1, 3], padding=[0, 1])
    conv([6, 5, 2], filters=3, kernel=4, stride=3, padding="same")
    conv([2, 2, 2], filters=3, kernel=5, padding=3)
    conv([11, 11, 3], filters=2, kernel=11, stride=4, padding=2)
    conv([4, 5, 5, 2], filters=3, kernel=3, padding=1)
    conv(
        [4, 5, 6, 2],
        filters=2,
        kernel=[2, 3, 1],
        stride=[1, 2, 2],
        padding=[[0, 1], [1, 1], [0, 0]],
    )
    conv([5, 5, 5, 4], filters=4, kernel=2, dilation=2, groups=4, bias=False)
    conv([4, 4, 4, 2], filters=2, kernel=3, stride=2, padding="same")
    for extents in ([8], [9], [7, 8], [8, 5], [5, 6, 4]):
        for kernel, stride in ((2, 1), (3, 2), (4, 3), (1, 2)):
            onnx_conv([*extents, 2], filters=2, kernel=kernel, stride=stride)
    onnx_conv([9, 8, 4], filters=4, kernel=3, groups=2, dilation=2)
    connected([7, 3], [[0, 1], [1, 2], [0, 1, 2]], kernel=3)
    connected([6, 6, 3], [[2, 0], [1]], kernel=3, padding=1, stride=2)
    connected([4, 4, 4, 2], [[1], [0, 1]], kernel=2)
    depthwise([9, 3], kernel=3, stride=2, padding=1)
    depthwise([7, 8, 3], kernel=3, padding=1)
    depthwise([7, 8, 2], kernel=[5, 3], multiplier=3, stride=2, padding="same", bias=False)
    depthwise([8, 8, 2], kernel=3, dilation=2, padding=2)
    depthwise([4, 5, 5, 2], kernel=3, padding=1, multiplier=2)
    separable([9, 3], filters=4, kernel=3, padding=1)
    separable([7, 8, 3], filters=4, kernel=3, stride=2, padding="same")
    separable([7, 8, 2], filters=3, kernel=[3, 5], padding=[1, 2], multiplier=2)
    separable([4, 5, 5, 2], filters=3, kernel=2)
    transposed([5, 2], filters=3, kernel=3, stride=2, padding=1, output_padding=1)
    transposed([5, 4], filters=4, kernel=4, stride=3, groups=2, dilation=2)
    transposed([2, 2, 1], filters=3, kernel=2, stride=2)
    transposed([8, 8, 4], filters=4, kernel=3, stride=2, padding=1, output_padding=1, groups=4)
    transposed([8, 8, 4], filters=4, kernel=4, stride=2, padding=1, output_padding=1, groups=4)
    transposed([4, 5, 3], filters=2, kernel=[3, 2], stride=[2, 3], bias=False)
    transposed([4, 4, 2], filters=2, kernel=3, dilation=2, padding=1)
    transposed([5, 5, 4], filters=6, kernel=3, stride=2, groups=2, padding=[[1, 0], [0, 2]])
    transposed([3, 3, 2], filters=2, kernel=5, stride=1, padding=2)
    transposed([3, 4, 3, 2], filters=2, kernel=3, stride=2, padding=1, output_padding=1)
    transposed([3, 3, 3, 4], filters=4, kernel=2, stride=2, groups=2)
    for extents in ([5], [4, 3], [3, 2, 3]):
        for kernel, stride in ((3, 2), (2, 2), (4, 2), (5, 3)):
            transposed([*extents, 2], by_onnx=True, filters=3, kernel=kernel, stride=stride)
    local([6, 6, 2], filters=3, kernel=3)
    local([7, 6, 2], filters=2, kernel=[3, 2], stride=2)
    local([5, 5, 3], filters=2, kernel=3, padding=1)
    local([5, 6, 1], filters=4, kernel=2, stride=[1, 2], padding=[[1, 0], [0, 1]])
    for tag in ("max_pool", "avg_pool"):
        pool(tag, [9, 2], kernel=3, stride=2)
        pool(tag, [10, 2], kernel=4, stride=3, padding=2, rounding="ceil")
        pool(tag, [9, 9, 2], kernel=4, stride=4, padding=2, rounding="ceil")
        pool(tag, [8, 8, 2], kernel=3, stride=2, padding=1)
        pool(tag, [8, 8, 2], kernel=3, stride=2, padding=1, rounding="ceil")
        pool(tag, [7, 7, 2], kernel=3, stride=2, padding=0, rounding="ceil")
        pool(tag, [7, 8, 2], kernel=[2, 3], stride=[3, 2], padding=[1, 1], rounding="ceil")
        pool(tag, [3, 3, 2], kernel=3, stride=3)
        pool(tag, [3, 3, 2], kernel=4, stride=3, rounding="ceil")
        pool(tag, [6, 6, 2], kernel=2)
        pool(tag, [5, 5, 2], kernel=1, stride=2)
        pool(tag, [5, 6, 7, 2], kernel=3, stride=2, padding=1)
        pool(tag, [5, 6, 7, 2], kernel=2, stride=2, rounding="ceil")
        for extents in ([7, 8], [8, 5], [9, 9]):  # the evaluator knows SAME_UPPER in 2-D alone
            for kernel, stride in ((2, 1), (3, 2), (4, 3), (2, 2)):
                pool(tag, [*extents, 1], by_onnx=True, kernel=kernel, stride=stride)
    pool("max_pool", [9, 8, 2], kernel=3, stride=2, padding=1, dilation=2)
    pool("max_pool", [9, 2], kernel=2, stride=2, dilation=3, rounding="ceil")
    for s in (
        {"kernel": 3, "stride": 2, "padding": 1},
        {"kernel": 4, "stride": 4, "padding": 2, "rounding": "ceil"},
        {"kernel": 5, "stride": 1, "padding": 2},
    ):
        for extents in ([9], [9, 8], [7, 6, 9]):
            pool("avg_pool", [*extents, 2], count_include_pad=False, **s)
    adaptive([10, 2], 3)
    adaptive([7, 7, 2], 3)
    adaptive([10, 12, 2], [7, 5])
    adaptive([3, 4, 2], 6)
    adaptive([5, 5, 2], 5)
    adaptive([4, 5, 7, 2], [3, 2, 3])
