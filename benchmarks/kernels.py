"""How near the kernels come to a plain product of matrices, and to PyTorch where it is installed.

    python benchmarks/kernels.py [WORD ...]     only the cases whose name has one of the words

Every case runs in turn with a 4096 x 4096 product (2048 with --quick), on two threads; ratios
are of medians from one run. `share` is the share of that product's multiply-accumulates a
second; `torch` is NumPy's time over PyTorch's: below 1 is faster. Weights are read once from
memory at batch 1, so for fc what counts is GB/s.
"""

from __future__ import annotations

import os

THREADS = "2"
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, THREADS)

import argparse  # noqa: E402
import statistics  # noqa: E402
from collections.abc import Callable  # noqa: E402
from typing import Any, NamedTuple  # noqa: E402

import numpy as np  # noqa: E402

import cnncalc.kernels as kernels  # noqa: E402
from measure import PAUSE, in_turns  # noqa: E402

try:
    import torch
except ImportError:
    torch = None


class Case(NamedTuple):
    """A layer: its kind, input extent and channels, filters, kernel, stride, groups."""

    name: str
    kind: str
    extent: int
    d1: int
    d2: int = 0
    kernel: int = 1
    stride: int = 1
    groups: int = 1


CASES = [
    Case("vgg conv1_1", "conv", 224, 3, 64, 3),
    Case("vgg conv1_2", "conv", 224, 64, 64, 3),
    Case("vgg conv2_1", "conv", 112, 64, 128, 3),
    Case("vgg conv2_2", "conv", 112, 128, 128, 3),
    Case("vgg conv3_1", "conv", 56, 128, 256, 3),
    Case("vgg conv3_2", "conv", 56, 256, 256, 3),
    Case("vgg conv4_1", "conv", 28, 256, 512, 3),
    Case("vgg conv4_2", "conv", 28, 512, 512, 3),
    Case("vgg conv5_1", "conv", 14, 512, 512, 3),
    Case("alexnet conv1", "conv", 227, 3, 96, 11, 4),
    Case("alexnet conv2", "conv", 27, 96, 256, 5),
    Case("resnet stem", "conv", 224, 3, 64, 7, 2),
    Case("resnet 1x1", "conv", 56, 64, 256, 1),
    Case("resnet 1x1 deep", "conv", 7, 2048, 512, 1),
    Case("resnet 3x3", "conv", 28, 128, 128, 3),
    Case("resnet 3x3 deep", "conv", 7, 512, 512, 3),
    Case("resnet 1x1 stride 2", "conv", 56, 256, 512, 1, 2),
    Case("resnext groups 4", "conv", 56, 128, 128, 3, 1, 32),
    Case("resnext groups 8", "conv", 28, 256, 256, 3, 1, 32),
    Case("resnext groups 16", "conv", 14, 512, 512, 3, 1, 32),
    Case("resnext groups 32", "conv", 7, 1024, 1024, 3, 1, 32),
    Case("regnet groups 24", "conv", 28, 120, 120, 3, 1, 5),
    Case("mobilenet depthwise 112", "conv", 112, 32, 32, 3, 1, 32),
    Case("mobilenet depthwise 112/2", "conv", 112, 96, 96, 3, 2, 96),
    Case("mobilenet depthwise 56", "conv", 56, 144, 144, 3, 1, 144),
    Case("mobilenet depthwise 14", "conv", 14, 576, 576, 3, 1, 576),
    Case("mobilenet depthwise 7", "conv", 7, 960, 960, 3, 1, 960),
    Case("convnext depthwise 7x7", "conv", 56, 96, 96, 7, 1, 96),
    Case("unet transposed", "transposed", 28, 1024, 512, 2, 2),
    Case("max pool 3/2", "max_pool", 112, 64, 0, 3, 2),
    Case("max pool 2/2", "max_pool", 224, 64, 0, 2, 2),
    Case("avg pool 3/1", "avg_pool", 35, 192, 0, 3, 1),
    Case("global pool", "global_pool", 7, 2048),
    Case("fc", "fc", 1, 9216, 4096),
]


def numpy_call(case: Case) -> tuple[Callable[[], object], int]:
    """Return the call of a case, and its multiply-accumulates."""
    x = values(1, case.extent, case.extent, case.d1)
    half = case.kernel // 2 if case.kind != "transposed" and case.kernel < 11 else 0
    windows = [(case.kernel, case.stride, half, half, 1)] * 2
    calls: dict[str, Callable[[], Any]]
    if case.kind == "fc":
        rows, weight, bias = values(1, case.d1), values(case.d2, case.d1), values(case.d2)
        calls = {"fc": lambda: kernels.linear(rows, weight, bias)}
    elif case.kind in ("conv", "transposed"):
        shape = (case.kernel, case.kernel, case.d1 // case.groups, case.d2)
        weight, bias = np.moveaxis(values(*shape), -1, 0), values(case.d2)  # filters last in memory
        calls = {
            "conv": lambda: kernels.convolve(x, weight, bias, windows, case.groups),
            "transposed": lambda: kernels.convolve_transposed(x, weight, bias, windows, [0, 0]),
        }
    else:
        calls = {
            "max_pool": lambda: kernels.max_pool(x, windows),
            "avg_pool": lambda: kernels.average_pool(x, windows),
            "global_pool": lambda: kernels.adaptive_average_pool(x, (1, 1)),
        }
    call = calls[case.kind]
    with kernels.count() as ledger:
        call()
    return call, ledger.macs


def torch_call(case: Case) -> Callable[[], object] | None:
    """Return the same in PyTorch, in its own layout, if it is installed."""
    if torch is None:
        return None
    functional = torch.nn.functional
    x = torch.rand(1, case.d1, case.extent, case.extent)
    half = case.kernel // 2 if case.kernel < 11 else 0
    k, s = case.kernel, case.stride
    if case.kind == "fc":
        rows, weight, bias = (
            torch.rand(1, case.d1),
            torch.rand(case.d2, case.d1),
            torch.rand(case.d2),
        )
        return lambda: functional.linear(rows, weight, bias)
    if case.kind == "conv":
        weight, bias = torch.rand(case.d2, case.d1 // case.groups, k, k), torch.rand(case.d2)
        return lambda: functional.conv2d(x, weight, bias, s, half, 1, case.groups)
    if case.kind == "transposed":
        weight, bias = torch.rand(case.d1, case.d2, k, k), torch.rand(case.d2)
        return lambda: functional.conv_transpose2d(x, weight, bias, s)
    return {
        "max_pool": lambda: functional.max_pool2d(x, k, s, half),
        "avg_pool": lambda: functional.avg_pool2d(x, k, s, half),
        "global_pool": lambda: functional.adaptive_avg_pool2d(x, 1),
    }[case.kind]


def values(*shape: int) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Return float32 values about 0."""
    return np.random.default_rng(0).standard_normal(shape, dtype=np.float32)


def medians(calls: list[Callable[[], object]], repeats: int) -> list[float]:
    """Return each call's median seconds, the calls taken in turn; the first round warms up."""
    return [statistics.median(taken[1:]) for taken in in_turns(calls, repeats + 1, PAUSE)]


def main() -> None:
    """Run the cases and print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("words", nargs="*")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--repeats", type=int, default=7)
    options = parser.parse_args()
    side = 2048 if options.quick else 4096
    a, b, c = values(side, side), values(side, side), np.empty((side, side), np.float32)
    if torch is not None:
        torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
        torch.inference_mode().__enter__()
    (product,) = medians([lambda: np.matmul(a, b, out=c)], 3)
    rate = side**3 / product
    print(
        f"a plain {side}³ product: {rate / 1e9:.1f} GMAC/s; {os.environ['OMP_NUM_THREADS']} threads"
    )
    print(f"{'case':28}{'ms':>9}{'GMAC/s':>9}{'share':>8}{'torch':>8}")
    for case in CASES:
        if options.words and not any(word in case.name for word in options.words):
            continue
        call, macs = numpy_call(case)
        other = torch_call(case)
        times = medians([call, other] if other else [call], options.repeats)
        text = f"{case.name:28}{times[0] * 1e3:9.3f}"
        text += f"{macs / times[0] / 1e9:9.1f}{macs / times[0] / rate:8.0%}" if macs else " " * 17
        text += f"{times[0] / times[1]:8.2f}" if other else ""
        if case.kind == "fc":
            text += f"  {4 * case.d1 * case.d2 / times[0] / 1e9:.1f} GB/s"
        print(text, flush=True)


if __name__ == "__main__":
    main()
