"""`verify` as users run it, and the forward pass of whole networks beside PyTorch's.

    python benchmarks/verify.py [NETWORK ...]       by default a few of torchvision's
    python benchmarks/verify.py --against CHECKOUT  also `verify` against another checkout's

All is measured in turns on two threads, and each turn of a forward pass begins with a pause and
a pass that is not timed. `ms` is the plain forward pass, layer by layer, on arrays made already;
`torch` and `onnx` are its time over PyTorch's (eager, inference_mode, its default layout) and
over ONNX Runtime's, where these and torchvision are installed: below 1 is faster. `verify` is
the seconds of a whole verification in a process of its own, arrays made and samples checked;
`against` is its time over that of the other checkout. All are medians of one run.

Where an environment variable has NumPy's OpenBLAS use the kernel of an older processor, all is
run a second time without it.
"""

from __future__ import annotations

import os

THREADS = "2"
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, THREADS)

import argparse  # noqa: E402
import statistics  # noqa: E402
import subprocess  # noqa: E402
import sys  # noqa: E402
import tempfile  # noqa: E402
import warnings  # noqa: E402
from collections import deque  # noqa: E402
from collections.abc import Callable, Sequence  # noqa: E402
from contextlib import suppress  # noqa: E402
from dataclasses import replace  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import Any  # noqa: E402

from cnncalc import api  # noqa: E402
from cnncalc.format import shipped  # noqa: E402
from cnncalc.verification.activations import forward  # noqa: E402
from cnncalc.verification.arrays import SeededArrays, seeded  # noqa: E402
from measure import PAUSE, blas_kernel, in_turns, ratio, run_unforced  # noqa: E402

USUAL = [
    "alexnet_torchvision", "vgg16", "resnet18", "resnet50", "resnext50_32x4d", "densenet121",
    "mobilenet_v2", "mobilenet_v3_large", "efficientnet_b0", "regnet_y_400mf", "convnext_tiny",
]  # fmt: skip
ROUNDS = 5  # of verify
# Ratios that may not be exceeded: the median of the usual networks, and the worst of them.
BOUNDS = {"torch": (2.0, 3.0), "against": (1.1, 1.3)}
HERE = Path(__file__).resolve().parents[1]

SERVER = """
import sys, time
import cnncalc
for name in map(str.strip, sys.stdin):
    start = time.perf_counter()
    ok = cnncalc.verify(name).ok
    print(time.perf_counter() - start if ok else "differs", flush=True)
"""


class Verifier:
    """A process that verifies networks with the package of a checkout."""

    def __init__(self, checkout: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", SERVER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(checkout)},
        )

    def seconds(self, name: str) -> float:
        """Return the seconds of a verification. Raises: SystemExit if it fails."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{name}\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline().strip()
        if not answer or answer == "differs":
            raise SystemExit(f"{name} differs from what is claimed: cnncalc verify {name}")
        return float(answer)

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait()


def verifications(name: str, verifiers: Sequence[Verifier]) -> list[list[float]]:
    """Return the seconds of a network's verification by each, in turns, the first left out."""
    rounds = [[verifier.seconds(name) for verifier in verifiers] for _ in range(ROUNDS + 1)]
    return [list(taken) for taken in zip(*rounds[1:], strict=True)]


def ours(name: str) -> tuple[Callable[[], object], tuple[int, ...]]:
    """Return the forward pass of a shipped network, and the shape of its input."""
    graph = api.expand(name)
    nodes = [node for node in graph.nodes if not node.training]
    at = {node.path: i for i, node in enumerate(nodes)}
    nodes = [
        replace(node, inputs=tuple(at[graph.nodes[j].path] for j in node.inputs)) for node in nodes
    ]
    arrays = {node.path: SeededArrays(0, node.path) for node in nodes}
    x = seeded(0, "INPUT", "input", (1, *nodes[0].output.shape))

    def run() -> object:
        return deque(forward(nodes, x, lambda node: arrays[node.path]), maxlen=1)

    run()  # makes the arrays
    return run, x.shape


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


def measure(names: Sequence[str], rounds: int, against: Path | None) -> None:
    """Print a line for each network, and how the ratios stand to their bounds."""
    verifiers = [Verifier(checkout) for checkout in (HERE, against) if checkout is not None]
    columns = ("torch", "onnx", "against")
    ratios: dict[str, list[float]] = {column: [] for column in columns}
    print(f"{'network':22}{'ms':>9}{'GMAC/s':>9}{'torch':>8}{'onnx':>8}{'verify':>9}{'against':>9}")
    for name in names:
        run, shape = ours(name)
        others = peers(name, shape)
        times = in_turns([run, *others.values()], rounds + 1, PAUSE)
        mine, *theirs = [taken[1:] for taken in times]  # the first round warms up
        found = dict(zip(others, (ratio(mine, their) for their in theirs), strict=True))
        del run, others
        whole = verifications(name, verifiers)
        if against is not None:
            found["against"] = statistics.median(whole[0]) / statistics.median(whole[1])
        for column, value in found.items():
            ratios[column].append(value)
        cells = {column: f"{found[column]:.2f}" if column in found else "" for column in columns}
        median = statistics.median(mine)
        print(
            f"{name:22}{median * 1e3:9.1f}{api.analyze(name).macs / median / 1e9:9.1f}"
            f"{cells['torch']:>8}{cells['onnx']:>8}{statistics.median(whole[0]):8.2f}s"
            f"{cells['against']:>9}",
            flush=True,
        )
    for verifier in verifiers:
        verifier.close()
    for column, values in ratios.items():
        if values:
            middle, worst = statistics.median(values), max(values)
            text = f"{column}: {middle:.2f} in the median, {worst:.2f} at worst"
            if column in BOUNDS and list(names) == USUAL:
                bounds = BOUNDS[column]
                kept = "kept" if middle <= bounds[0] and worst <= bounds[1] else "NOT kept"
                text += f"; bounds {bounds[0]}, {bounds[1]}: {kept}"
            print(text, flush=True)


def main() -> None:
    """Run the networks; a second time, if a variable has the BLAS use an older kernel."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("networks", nargs="*", default=USUAL)
    parser.add_argument("--rounds", type=int, default=7, help="of the forward passes")
    parser.add_argument("--zoo", action="store_true", help="everything that is shipped")
    parser.add_argument("--against", type=Path, metavar="CHECKOUT", help="the older checkout")
    options = parser.parse_args()
    print(f"BLAS kernel: {blas_kernel()}, {os.environ['OMP_NUM_THREADS']} threads", flush=True)
    names = [entry.name for entry in shipped.index()] if options.zoo else options.networks
    measure(names, options.rounds, options.against)
    run_unforced()


if __name__ == "__main__":
    main()
