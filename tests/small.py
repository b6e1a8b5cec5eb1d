"""Small networks for the tests of the file format and of verify."""

from __future__ import annotations

from typing import Any

import pytest

from cnncalc import api
from cnncalc.errors import CnncalcError
from cnncalc.model.graph import Graph

CONV = {"type": "conv", "filters": 2, "kernel": 1}

CNN: dict[str, Any] = {
    "name": "small",
    "input": "33x40x3",
    "layers": [
        {"type": "conv", "name": "CONV1", "filters": 4, "kernel": 3, "padding": 1},
        {"type": "max_pool", "name": "POOL1", "kernel": 2},
        {"type": "conv", "name": "CONV2", "filters": 6, "kernel": 3, "dilation": 2},
        "relu",
        {"type": "avg_pool", "name": "POOL2", "kernel": 3, "stride": 2, "padding": 1},
        {"type": "fc", "name": "FC", "units": 3},
    ],
}


def net(*layers: Any, **more: Any) -> dict[str, Any]:
    """Return a network of these layers on 8x8x3."""
    return {"name": "net", "input": "8x8x3", "layers": list(layers)} | more


def graph(*layers: Any, expand: dict[str, Any] | None = None, **more: Any) -> Graph:
    """Return the graph of a network of these layers."""
    return api.expand(net(*layers, **more), **(expand or {}))


def paths(*layers: Any, **more: Any) -> list[str]:
    """Return the paths of a network's layers, without the input's."""
    return [node.path for node in graph(*layers, **more).nodes[1:]]


def wrong(*layers: Any, **more: Any) -> str:
    """Return what is said of a wrong network."""
    with pytest.raises(CnncalcError) as caught:
        graph(*layers, **more)
    return str(caught.value)
