"""A prepared forward pass gives what the layers give one by one, as often as it is run."""

from __future__ import annotations

from collections import deque
from typing import Any

import numpy as np
import pytest
from small import graph
from support import Array, Recorded

from cnncalc import api, kernels
from cnncalc.model.graph import Graph, Node
from cnncalc.verification.activations import forward
from cnncalc.verification.prepared import Prepared

NORM = ["batch_norm", "relu"]
SHARED = graph(
    {"name": "A", "type": "conv", "filters": 4, "kernel": 3, "padding": 1},
    *NORM,
    {"type": "adaptive_avg_pool", "size": [8, 8], "name": "SAME"},
    "relu6",
    {
        "merge": "add",
        "branches": [
            [{"type": "conv", "filters": 4, "kernel": 3, "padding": "same", "groups": 2}, *NORM],
            [],
        ],
    },
    "gelu",
    {
        "merge": "concat",
        "branches": [
            [{"type": "depthwise_conv", "kernel": 3, "padding": 1}, "silu"],
            [{"type": "max_pool", "kernel": 3, "stride": 1, "padding": 1}],
            [{"type": "avg_pool", "kernel": 3, "stride": 1, "padding": 1}, "lrn"],
        ],
    },
    {
        "merge": "multiply",
        "branches": [
            ["global_avg_pool", {"type": "conv", "filters": 12, "kernel": 1}, "sigmoid"],
            ["layer_norm"],
        ],
    },
    {"type": "separable_conv", "filters": 6, "kernel": 3},
    "tanh",
    {"type": "upsample", "scale": 2, "mode": "bilinear"},
    "leaky_relu",
    "dropout",
    "flatten",
    {"type": "fc", "units": 200},
    "softmax",
)


def both(network: Graph, rounds: int, samples: int = 1) -> list[tuple[Array, Array]]:
    """Return the last results, plain and prepared, for several inputs."""
    made: dict[str, Recorded] = {}

    def arrays(node: Node) -> Recorded:
        return made.setdefault(node.path, Recorded(len(made)))

    prepared, found = Prepared(network.nodes, arrays), []
    for seed in range(rounds):
        random = np.random.default_rng(seed)
        x = random.uniform(-2, 2, (samples, *network.nodes[0].output.shape)).astype(np.float32)
        kept = x.copy()
        one_by_one = dict((i, each.copy()) for i, each in forward(network.nodes, x, arrays))
        for i, result in prepared(x):
            np.testing.assert_array_equal(result, one_by_one[i], network.nodes[i].path)
        np.testing.assert_array_equal(x, kept)
        found.append((one_by_one[len(network.nodes) - 1], result))
    return found


@pytest.fixture(params=[1, 3], ids=["one thread", "three threads"], autouse=True)
def threads(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have all work done in one thread, or shared by three however little it is."""
    monkeypatch.setattr("cnncalc.kernels.threads.number", lambda: request.param)
    monkeypatch.setattr("cnncalc.kernels.threads.GRAIN", 1)


@pytest.mark.parametrize("samples", [1, 3])
def test_every_pass_gives_what_the_layers_give(samples: int) -> None:
    """Also where results are views, are read twice, and lie in memory that was used before."""
    results = [plain for plain, _ in both(SHARED, 3, samples)]
    assert not np.array_equal(results[0], results[1])


@pytest.mark.parametrize("name", ["lenet5", "squeezenet1_1", "shufflenet_v2_x0_5"])
def test_networks_that_are_shipped(name: str) -> None:
    """With strips of filters and shares of places, in groups and depthwise."""
    both(api.expand(name, input="64x64x3" if name != "lenet5" else None), 2)


def test_another_shape_is_prepared_for_anew() -> None:
    """A pass on more samples is not done in memory for fewer."""
    network = graph({"type": "conv", "filters": 2, "kernel": 3}, "relu")
    made = Recorded()
    prepared = Prepared(network.nodes, lambda node: made)
    for samples in (1, 2, 1):
        ((_, result),) = deque(prepared(np.ones((samples, 8, 8, 3), np.float32)), maxlen=1)
        assert result.shape == (samples, 6, 6, 2)


def test_arrays_are_made_once() -> None:
    """What is asked for in the first pass is neither asked for nor made again."""
    asked, random = [], np.random.default_rng(0)

    def arrays(name: str, shape: tuple[int, ...], **settings: Any) -> Array:
        asked.append(name)
        return kernels.relu(random.standard_normal(shape))  # by a kernel, which is not noted

    network = graph({"type": "conv", "filters": 2, "kernel": 3}, "batch_norm")
    prepared = Prepared(network.nodes, lambda node: arrays)
    for _ in range(3):
        deque(prepared(np.ones((1, 8, 8, 3), np.float32)), maxlen=1)
    assert sorted(asked) == ["bias", "bias", "mean", "variance", "weight", "weight"]
