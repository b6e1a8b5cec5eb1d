"""How near the kernels come to a plain product of matrices, and to PyTorch where it is installed.

    python benchmarks/kernels.py [WORD ...]     only the cases whose name has one of the words

Every case runs in turn with a 4096 x 4096 product (2048 with --quick), on two threads; ratios
are of medians from one run. `share` is the share of that product's multiply-accumulates a
second; `torch` is NumPy's time over PyTorch's: below 1 is faster. Weights are read once from
memory at batch 1, so for fc what counts is GB/s. Where an environment variable has NumPy's
OpenBLAS use the kernel of an older processor, all is run a second time without it.
"""

from __future__ import annotations

import os

THREADS = "2"
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, THREADS)

import argparse  # noqa: E402
import statistics  # noqa: E402
from collections.abc import Callable  # noqa: E402
from dataclasses import dataclass  # noqa: E402
from typing import Any  # noqa: E402

import numpy as np  # noqa: E402

import cnncalc.kernels as kernels  # noqa: E402
from measure import PAUSE, blas_kernel, in_turns, run_unforced  # noqa: E402

try:
    import torch
except ImportError:
    torch = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A layer on a square input of `extent`, from d1 to d2 channels; pools keep them."""

    name: str
    kind: str = "conv"
    extent: int = 1
    d1: int
    d2: int = 0
    kernel: int = 1
    stride: int = 1
    groups: int = 1


CASES = [
    Case(name="vgg conv1_1", extent=224, d1=3, d2=64, kernel=3),
    Case(name="vgg conv1_2", extent=224, d1=64, d2=64, kernel=3),
    Case(name="vgg conv2_1", extent=112, d1=64, d2=128, kernel=3),
    Case(name="vgg conv2_2", extent=112, d1=128, d2=128, kernel=3),
    Case(name="vgg conv3_1", extent=56, d1=128, d2=256, kernel=3),
    Case(name="vgg conv3_2", extent=56, d1=256, d2=256, kernel=3),
    Case(name="vgg conv4_1", extent=28, d1=256, d2=512, kernel=3),
    Case(name="vgg conv4_2", extent=28, d1=512, d2=512, kernel=3),
    Case(name="vgg conv5_1", extent=14, d1=512, d2=512, kernel=3),
    Case(name="alexnet conv1", extent=227, d1=3, d2=96, kernel=11, stride=4),
    Case(name="alexnet conv2", extent=27, d1=96, d2=256, kernel=5),
    Case(name="resnet stem", extent=224, d1=3, d2=64, kernel=7, stride=2),
    Case(name="resnet 1x1", extent=56, d1=64, d2=256),
    Case(name="resnet 1x1 deep", extent=7, d1=2048, d2=512),
    Case(name="resnet 3x3", extent=28, d1=128, d2=128, kernel=3),
    Case(name="resnet 3x3 deep", extent=7, d1=512, d2=512, kernel=3),
    Case(name="resnet 1x1 stride 2", extent=56, d1=256, d2=512, stride=2),
    Case(name="resnext groups 4", extent=56, d1=128, d2=128, kernel=3, groups=32),
    Case(name="resnext groups 8", extent=28, d1=256, d2=256, kernel=3, groups=32),
    Case(name="resnext groups 16", extent=14, d1=512, d2=512, kernel=3, groups=32),
    Case(name="resnext groups 32", extent=7, d1=1024, d2=1024, kernel=3, groups=32),
    Case(name="regnet groups 24", extent=28, d1=120, d2=120, kernel=3, groups=5),
    Case(name="mobilenet depthwise 112", extent=112, d1=32, d2=32, kernel=3, groups=32),
    Case(name="mobilenet depthwise 112/2", extent=112, d1=96, d2=96, kernel=3, stride=2, groups=96),
    Case(name="mobilenet depthwise 56", extent=56, d1=144, d2=144, kernel=3, groups=144),
    Case(name="mobilenet depthwise 14", extent=14, d1=576, d2=576, kernel=3, groups=576),
    Case(name="mobilenet depthwise 7", extent=7, d1=960, d2=960, kernel=3, groups=960),
    Case(name="convnext depthwise 7x7", extent=56, d1=96, d2=96, kernel=7, groups=96),
    Case(name="unet transposed", kind="transposed", extent=28, d1=1024, d2=512, kernel=2, stride=2),
    Case(name="max pool 3/2", kind="max_pool", extent=112, d1=64, kernel=3, stride=2),
    Case(name="max pool 2/2", kind="max_pool", extent=224, d1=64, kernel=2, stride=2),
    Case(name="avg pool 3/1", kind="avg_pool", extent=35, d1=192, kernel=3),
    Case(name="global pool", kind="global_pool", extent=7, d1=2048),
    Case(name="fc", kind="fc", d1=9216, d2=4096),
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
            "conv": lambda: kernels.convolve(x, weight, bias, windows, groups=case.groups),
            "transposed": lambda: kernels.convolve_transposed(
                x, weight, bias, windows, extra=[0, 0]
            ),
        }
    else:
        calls = {
            "max_pool": lambda: kernels.max_pool(x, windows),
            "avg_pool": lambda: kernels.average_pool(x, windows),
            "global_pool": lambda: kernels.adaptive_average_pool(x, (1, 1)),
        }
    with kernels.count() as ledger:
        calls[case.kind]()
    return calls[case.kind], ledger.macs


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
    print(f"BLAS kernel: {blas_kernel()}, {os.environ['OMP_NUM_THREADS']} threads")
    print(f"a plain {side}³ product: {rate / 1e9:.1f} GMAC/s")
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
    run_unforced()


if __name__ == "__main__":
    main()
