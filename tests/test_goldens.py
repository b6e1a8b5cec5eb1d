"""Every layer type against PyTorch and ONNX's reference evaluator, on files made from them."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest
from integers import array
from support import goldens

from cnncalc.layers import TYPES, layer_type
from cnncalc.volume import Volume

GOLDENS = goldens()
CASES: list[dict[str, Any]] = GOLDENS["cases"]


def title(case: dict[str, Any]) -> str:
    """Return a name for a case: its number, type and maker."""
    return f"{case['number']}-{case['tag']}-{case['by']}"


def test_goldens_cover_every_type() -> None:
    """There are at least 300 cases, of every type, by two makers whose versions are named."""
    assert len(CASES) >= 300
    assert {case["tag"] for case in CASES} == set(TYPES)
    assert min(Counter(case["by"] for case in CASES).values()) >= 50
    assert GOLDENS["torch"]
    assert GOLDENS["onnx"]


@pytest.mark.parametrize("case", CASES, ids=title)
def test_layer_agrees_with_others(case: dict[str, Any]) -> None:
    """Volumes and learned arrays are equal, values within 1e-5 of the largest."""
    layer = layer_type(case["tag"])(**case["settings"])
    volumes = [Volume(tuple(shape[:-1]), shape[-1]) for shape in case["volumes"]]
    output = layer.output(*volumes)
    assert output.shape == tuple(case["output"])
    for rule in ("parameters", "buffers"):
        shapes = getattr(layer, rule)(output, *volumes)
        assert shapes == {name: tuple(shape) for name, shape in case[rule].items()}

    def arrays(name: str, shape: tuple[int, ...], **_: float) -> Any:
        return array(case["number"], name, shape).astype(np.float32)

    inputs = [
        array(case["number"], f"input{i}", (1, *volume.shape)).astype(np.float32)
        for i, volume in enumerate(volumes)
    ]
    found = layer.forward(arrays, *inputs)[0].astype(np.float64).reshape(-1)
    expected = np.array(case["values"])
    assert np.abs(found - expected).max() <= 1e-5 * max(1, np.abs(expected).max())
