"""The forward pass of whole networks, beside PyTorch's and ONNX Runtime's where installed.

    python benchmarks/verify.py [NETWORK ...]       by default a few of torchvision's

Arrays are made once and kept, and the networks are run in turns, on two threads each; each
turn begins with a pause and a pass that is not timed. `torch` and `onnx` are NumPy's time over
PyTorch's (eager, inference_mode, its default layout) and over ONNX Runtime's, medians of one
run: below 1 is faster. NumPy's pass runs the kernels layer by layer. `verify` is the seconds of a
whole verification, arrays made and samples checked.
"""

from __future__ import annotations

import os

THREADS = "2"
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, THREADS)

import argparse  # noqa: E402
import statistics  # noqa: E402
import tempfile  # noqa: E402
import time  # noqa: E402
import warnings  # noqa: E402
from collections import deque  # noqa: E402
from collections.abc import Callable  # noqa: E402
from contextlib import suppress  # noqa: E402
from typing import Any  # noqa: E402

from cnncalc import api  # noqa: E402
from cnncalc.format import shipped  # noqa: E402
from cnncalc.verification import verify  # noqa: E402
from cnncalc.verification.activations import forward  # noqa: E402
from cnncalc.verification.arrays import SeededArrays, seeded  # noqa: E402
from measure import PAUSE, in_turns, ratio  # noqa: E402

USUAL = [
    "alexnet_torchvision", "vgg16", "resnet18", "resnet50", "resnext50_32x4d", "densenet121",
    "mobilenet_v2", "mobilenet_v3_large", "efficientnet_b0", "regnet_y_400mf", "convnext_tiny",
]  # fmt: skip


def ours(name: str) -> tuple[Callable[[], object], float, tuple[int, ...]]:
    """Return the forward pass of a shipped network, seconds of its verification, and its input."""
    graph = api.expand(name)
    start = time.perf_counter()
    if not verify(graph).ok:
        raise SystemExit(f"{name} differs from what is claimed: cnncalc verify {name}")
    seconds = time.perf_counter() - start
    nodes = [node for node in graph.nodes if not node.training]
    if len(nodes) < len(graph.nodes):
        at = {node.path: i for i, node in enumerate(nodes)}
        nodes = [
            node._replace(inputs=tuple(at[graph.nodes[j].path] for j in node.inputs))
            for node in nodes
        ]
    arrays = {node.path: SeededArrays(0, node.path) for node in nodes}
    x = seeded(0, "INPUT", "input", (1, *nodes[0].output.shape))

    def run() -> object:
        return deque(forward(nodes, x, lambda node: arrays[node.path]), maxlen=1)

    run()  # makes the arrays
    return run, seconds, x.shape


def peers(name: str, shape: tuple[int, ...]) -> dict[str, Callable[[], object]]:
    """Return the same network in what is installed of PyTorch and ONNX Runtime."""
    try:
        import torch
        import torchvision
    except ImportError:
        return {}
    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    _, *extents, channels = shape
    x = torch.rand(1, channels, *extents)
    names = {"init_weights": False} if name in ("googlenet", "inception_v3") else {}
    builder = name.removesuffix("_torchvision")
    try:
        model = torchvision.models.get_model(builder, weights=None, **names).eval()
    except ValueError:
        return {}

    def eager() -> object:
        with torch.inference_mode():
            return model(x)

    found: dict[str, Callable[[], object]] = {"torch": eager}
    with suppress(ImportError):
        found["onnx"] = onnx(model, x)
    return found


def onnx(model: Any, x: Any) -> Callable[[], object]:
    """Return a network in ONNX Runtime. Raises: ImportError if what it needs is not installed."""
    import onnxruntime
    import torch

    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "network.onnx")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            torch.onnx.export(model, (x,), path, input_names=["x"], dynamo=False)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = int(os.environ["OMP_NUM_THREADS"])
        session = onnxruntime.InferenceSession(path, options, ["CPUExecutionProvider"])
    feed = {"x": x.numpy()}
    return lambda: session.run(None, feed)


def main() -> None:
    """Run the networks and print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("networks", nargs="*", default=USUAL)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--zoo", action="store_true", help="everything that is shipped")
    options = parser.parse_args()
    names = [entry.name for entry in shipped.index()] if options.zoo else options.networks
    print(f"{'network':22}{'ms':>9}{'GMAC/s':>9}{'torch':>8}{'onnx':>8}{'verify':>9}")
    for name in names:
        run, seconds, shape = ours(name)
        others = peers(name, shape)
        times = in_turns([run, *others.values()], options.rounds + 1, PAUSE)
        mine, *theirs = [taken[1:] for taken in times]  # the first round warms up
        ratios = dict(zip(others, (ratio(mine, their) for their in theirs), strict=True))
        median = statistics.median(mine)
        macs = api.analyze(name).macs
        text = f"{name:22}{median * 1e3:9.1f}{macs / median / 1e9:9.1f}"
        text += "".join(f"{ratios[n]:8.2f}" if n in ratios else " " * 8 for n in ("torch", "onnx"))
        print(f"{text}{seconds:8.2f}s", flush=True)


if __name__ == "__main__":
    main()
