"""Counts that were once wrong, held to the word of someone outside: PyTorch, a paper, a tool."""

from __future__ import annotations

from typing import Any

import pytest

import cnncalc


def network(*layers: Any, input: str = "8x8x4", **top: Any) -> dict[str, Any]:
    """Return a network of some layers."""
    return {"name": "n", "input": input, "layers": list(layers), **top}


def explained(source: Any, layer: str) -> str:
    """Return the working of a layer as Markdown."""
    return cnncalc.explain(source, layer).to_markdown()


@pytest.mark.parametrize("word", ["dropout", "drop_path", "identity"])
def test_what_is_off_at_inference_adds_nothing(word: str) -> None:
    """Beside a branch that still needs the values, too, dropout is the same array."""
    conv = {"type": "conv", "name": "a", "filters": 6, "kernel": 1}
    report = cnncalc.analyze(network(conv, {"merge": "add", "branches": [[word], []]}))
    assert report.activations == 256 + 384 + 384
    assert report.peak_bytes == 3072
    assert report[word].activations == report[word].bytes_moved == 0
    assert "**1,536**, bytes, float32; the input's" in explained(network(conv, word), word)


def test_a_function_behind_dropout_leaves_alone_what_others_read() -> None:
    """The values are the convolution's, which the other branch still adds: no work in place."""
    merge = {"merge": "add", "branches": [["dropout", "relu"], []]}
    source = network({"type": "conv", "filters": 6, "kernel": 1}, merge)
    assert cnncalc.analyze(source)["relu"].activations == 384
    assert cnncalc.verify(source).ok
    chain = network({"type": "conv", "filters": 6, "kernel": 1}, "dropout", "relu")
    assert cnncalc.analyze(chain)["relu"].activations == 0


def test_what_runs_in_training_only_shares_no_memory() -> None:
    """Its working does not say that it takes its input's place."""
    side = {"type": "conv", "name": "side", "filters": 6, "kernel": 1, "training": True}
    assert "float32; in training only" in explained(network("relu", side), "side")
