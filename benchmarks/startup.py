"""How long `cnncalc analyze alexnet` takes, start of the interpreter to end, and in what memory.

`python benchmarks/startup.py [--rounds N] [--peers PYTHON]`: beside the bare imports that any
program on the same libraries pays for, and beside the same table from the tools that a user
would pick instead, where PYTHON (this one, if not given) has them.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

from measure import process, ratio

IMPORTS = (
    "import click, yaml; from pydantic import BaseModel; "
    "from rich.console import Console; from rich.table import Table"
)

TORCH_ALEXNET = """
import torch
from torch import nn
def conv(*args, **more): return [nn.Conv2d(*args, **more), nn.ReLU()]
def fc(*sizes): return [nn.Linear(*sizes), nn.ReLU(), nn.Dropout()]
pool, norm = nn.MaxPool2d(3, 2), nn.LocalResponseNorm(5)
with torch.device(DEVICE):
    network = nn.Sequential(
        *conv(3, 96, 11, 4), pool, norm, *conv(96, 256, 5, padding=2), pool, norm,
        *conv(256, 384, 3, padding=1), *conv(384, 384, 3, padding=1),
        *conv(384, 256, 3, padding=1), pool, nn.Flatten(),
        *fc(9216, 4096), *fc(4096, 4096), nn.Linear(4096, 1000), nn.Softmax(1)).eval()
"""

PEERS = {
    "torchinfo": (
        TORCH_ALEXNET.replace("DEVICE", "'cpu'")
        + "from torchinfo import summary\nsummary(network, (1, 3, 227, 227))"
    ),
    "FlopCounterMode, meta device": (
        TORCH_ALEXNET.replace("DEVICE", "'meta'")
        + "from torch.utils.flop_counter import FlopCounterMode\n"
        "with torch.no_grad(), FlopCounterMode(): "
        "network(torch.empty(1, 3, 227, 227, device='meta'))"
    ),
    "keras": """
import os
from importlib.util import find_spec
backends = {"tensorflow": "tensorflow", "jax": "jax", "torch": "torch"}
os.environ.setdefault("KERAS_BACKEND", next(b for b in backends if find_spec(b)))
import keras
from keras import layers
def conv(*args, **more): return layers.Conv2D(*args, activation="relu", **more)
def pool(): return layers.MaxPooling2D(3, 2)
keras.Sequential([
    keras.Input((227, 227, 3)), conv(96, 11, strides=4), pool(),
    conv(256, 5, padding="same"), pool(), conv(384, 3, padding="same"),
    conv(384, 3, padding="same"), conv(256, 3, padding="same"), pool(), layers.Flatten(),
    layers.Dense(4096, "relu"), layers.Dropout(0.5), layers.Dense(4096, "relu"),
    layers.Dropout(0.5), layers.Dense(1000, "softmax")]).summary()
""",
}


def has(python: str, code: str) -> bool:
    """Return whether the code's libraries are there: the code runs."""
    return not subprocess.run([python, "-c", code], capture_output=True).returncode


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--peers", metavar="PYTHON", default=sys.executable)
    options = parser.parse_args()

    # An installed program has its bytecode; in a checkout it is written at the first run.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    cnncalc = [str(Path(sys.executable).with_name("cnncalc")), "analyze", "alexnet"]
    others = {"the imports alone": [sys.executable, "-c", IMPORTS]}
    for name, code in PEERS.items():
        if has(options.peers, code):
            others[name] = [options.peers, "-c", code]
        else:
            print(f"{name}: not installed for {options.peers}, left out", file=sys.stderr)

    process(cnncalc)  # once unmeasured: bytecode is written, files are in the system's cache
    print(f"{'cnncalc analyze alexnet':40}{'time ratio':>12}{'our MiB':>10}{'their MiB':>11}")
    for name, command in others.items():
        process(command)
        rounds = options.rounds if name == "the imports alone" else max(3, options.rounds // 5)
        pairs = [(process(cnncalc), process(command)) for _ in range(rounds)]
        ours, theirs = [[run[i] for run in pairs] for i in (0, 1)]
        value = ratio([seconds for seconds, _ in ours], [seconds for seconds, _ in theirs])
        peaks = [max(peak for _, peak in runs) for runs in (ours, theirs)]
        print(f"{'  against ' + name:40}{value:12.2f}{peaks[0]:10.0f}{peaks[1]:11.0f}")


if __name__ == "__main__":
    main()
