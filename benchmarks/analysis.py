"""What analysis costs a layer, and what a whole network costs from its loaded file.

`python benchmarks/analysis.py [--rounds N] [--peers PYTHON]`: the cost of a layer on expanded
networks of 100 to 100,000 layers; then expansion and analysis together for ResNet-152 and
DenseNet-201, beside torchinfo on the same networks from torchvision, where PYTHON has them.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
from functools import partial
from time import perf_counter
from typing import Any

import cnncalc
from cnncalc.api import expand
from cnncalc.model.analysis import analyze
from measure import in_turns

LENGTHS = (100, 1_000, 10_000, 100_000)
NETWORKS = ("resnet152", "densenet201")

# Answers each line with the seconds that one summary takes, so that both sides take turns.
TORCHINFO = """
import sys, time, torch, torchvision
from torchinfo import summary
torch.set_num_threads(2)
networks = {name: getattr(torchvision.models, name)(weights=None).eval() for name in %r}
print("ready", flush=True)
for line in sys.stdin:
    start = time.perf_counter()
    summary(networks[line.strip()], (1, 3, 224, 224), verbose=0)
    print(time.perf_counter() - start, flush=True)
"""


def plain(length: int) -> dict[str, Any]:
    """Return a network of `length` layers, in hundreds: convolutions, norms, activations."""
    unit = [{"type": "conv", "filters": 8, "kernel": 3, "padding": 1}, "batch_norm", "relu"]
    body = {"name": "body", "layers": [*unit * 33, "relu"], "repeat": length // 100}
    return {"name": "plain", "input": "32x32x8", "layers": [body]}


def per_layer(rounds: int) -> None:
    """Print what a layer costs, by the length of the network."""
    graphs = [expand(plain(n)) for n in LENGTHS]
    lengths = [len(graph.nodes) for graph in graphs]
    seconds = in_turns([partial(analyze, graph) for graph in graphs], rounds)
    costs = [statistics.median(taken) / n for taken, n in zip(seconds, lengths, strict=True)]
    print(f"{'layers':>10}{'µs a layer':>14}{'ratio':>8}")
    for length, cost in zip(lengths, costs, strict=True):
        print(f"{length:10,}{cost * 1e6:14.1f}{cost / costs[0]:8.2f}")


def whole(rounds: int, peers: str) -> None:
    """Print what whole networks cost beside torchinfo."""
    networks = {name: cnncalc.load(name) for name in NETWORKS}
    print(f"\n{'expand and analyze':20}{'ms':>8}{'torchinfo ms':>14}{'ratio':>8}")
    torchinfo = subprocess.Popen(
        [peers, "-c", TORCHINFO % (NETWORKS,)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert torchinfo.stdin
    assert torchinfo.stdout
    there = torchinfo.stdout.readline() == "ready\n"
    for name, network in networks.items():
        ours, theirs = [], []
        for _ in range(rounds + 1):
            start = perf_counter()
            analyze(expand(network))
            ours.append(perf_counter() - start)
            if there:
                torchinfo.stdin.write(f"{name}\n")
                torchinfo.stdin.flush()
                theirs.append(float(torchinfo.stdout.readline()))
        ms = statistics.median(ours[1:]) * 1e3
        if there:
            other = statistics.median(theirs[1:]) * 1e3
            print(f"{name:20}{ms:8.1f}{other:14.1f}{'1/' + format(other / ms, '.0f'):>8}")
        else:
            print(f"{name:20}{ms:8.1f}{'not installed':>14}")
    torchinfo.stdin.close()
    torchinfo.wait()


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--peers", metavar="PYTHON", default=sys.executable)
    options = parser.parse_args()
    per_layer(options.rounds)
    whole(options.rounds, options.peers)


if __name__ == "__main__":
    main()
