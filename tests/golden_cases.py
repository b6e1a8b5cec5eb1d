"""What the cases of the goldens are made with: one case, and one operator of ONNX."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from integers import array
from onnx import TensorProto, helper
from onnx.reference import ReferenceEvaluator
from torch import Tensor

OPSET = 22
CASES: list[dict[str, Any]] = []
Volumes = Sequence[Sequence[int]]


def first(x: Tensor) -> Tensor:
    """Return a channels-last tensor with its channels first."""
    return x.movedim(-1, 1)


def last(x: Tensor) -> Tensor:
    """Return a channels-first tensor with its channels last."""
    return x.movedim(1, -1)


def case(
    tag: str,
    volumes: Volumes,
    settings: dict[str, Any],
    run: Callable[..., Tensor],
    learned: Mapping[str, tuple[int, ...]] | None = None,
    buffers: Mapping[str, tuple[int, ...]] | None = None,
    by: str = "torch",
) -> None:
    """Add a case.

    `run` is given channels-first inputs, and by name the arrays as cnncalc has them.
    """
    number = len(CASES)
    learned, buffers = learned or {}, buffers or {}
    inputs = [
        first(torch.tensor(array(number, f"input{i}", (1, *volume))))
        for i, volume in enumerate(volumes)
    ]
    arrays = {
        name: torch.tensor(array(number, name, shape))
        for name, shape in {**learned, **buffers}.items()
    }
    result = last(run(*inputs, **arrays))[0].contiguous().numpy()
    CASES.append(
        {
            "number": number,
            "by": by,
            "tag": tag,
            "settings": settings,
            "volumes": [list(volume) for volume in volumes],
            "parameters": {name: list(shape) for name, shape in learned.items()},
            "buffers": {name: list(shape) for name, shape in buffers.items()},
            "output": list(result.shape),
            "values": [float(f"{value:.7g}") for value in result.reshape(-1)],
        }
    )


def onnx_run(operator: str, x: Tensor, *others: Tensor | None, **attributes: Any) -> Tensor:
    """Return what ONNX's reference evaluator makes of one operator; None leaves an input out."""
    names = ["x", *[f"o{i}" if other is not None else "" for i, other in enumerate(others)]]
    given = {"x": x, **{f"o{i}": o for i, o in enumerate(others) if o is not None}}
    feeds = {
        name: value.numpy() if value.dtype == torch.int64 else value.numpy().astype(np.float32)
        for name, value in given.items()
    }
    kinds = {
        name: TensorProto.INT64 if value.dtype == np.int64 else TensorProto.FLOAT
        for name, value in feeds.items()
    }
    graph = helper.make_graph(
        [helper.make_node(operator, names, ["y"], **attributes)],
        "one",
        [helper.make_tensor_value_info(n, kinds[n], feeds[n].shape) for n in feeds],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)])
    return torch.tensor(ReferenceEvaluator(model).run(None, feeds)[0].astype(np.float64))


def per_axis(value: Any, count: int) -> list[int]:
    """Return a setting as one number for each axis."""
    return list(value) if isinstance(value, (list, tuple)) else [value] * count


def margins(padding: Any, count: int) -> list[list[int]]:
    """Return a padding as [before, after] for each axis."""
    return [p if isinstance(p, list) else [p, p] for p in per_axis(padding, count)]


def padded(x: Tensor, padding: Any, value: float = 0.0) -> Tensor:
    """Return a channels-first tensor with a margin along its spatial axes."""
    sides = margins(padding, x.ndim - 2)
    return F.pad(x, [n for pair in reversed(sides) for n in pair], value=value)


def same(extents: Sequence[int], settings: dict[str, Any], kernel: Any) -> list[list[int]]:
    """Return TensorFlow's padding, for a framework that has no word for it."""
    count = len(extents)
    pairs = []
    strides = per_axis(settings.get("stride", 1), count)
    dilations = per_axis(settings.get("dilation", 1), count)
    for w, k, s, d in zip(extents, per_axis(kernel, count), strides, dilations, strict=True):
        total = max(0, (math.ceil(w / s) - 1) * s + d * (k - 1) + 1 - w)
        pairs.append([total // 2, total - total // 2])
    return pairs
