"""Text on terminals of every width: what is wrapped is no wider than the terminal."""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest

import cnncalc
from cnncalc.writers import printing
from cnncalc.writers.folding import folded
from cnncalc.writers.styled import Text, cell_len

# Each from the least width that is held on: where numbers stay whole, that is what they need.
RESULTS: dict[str, tuple[Callable[[], Any], int]] = {
    "explain a layer that does not tile": (
        lambda: cnncalc.explain("alexnet", "CONV1", input="224x224x3"),
        40,
    ),
    "explain a network": (lambda: cnncalc.explain("c3d"), 40),
    "explain a block": (lambda: cnncalc.explain("resnet50", "conv2_x"), 40),
    "solve a network": (lambda: cnncalc.solve("alexnet"), 40),
    "solve one that never tiles": (lambda: cnncalc.solve(NEVER), 40),
    "solve the formula": (lambda: cnncalc.solve(input=227, kernel=11, out=55), 40),
    "solve what has no solution": (lambda: cnncalc.solve(input=5, kernel=7), 40),
    "reconcile": (lambda: cnncalc.reconcile("lenet", "61.7K"), 40),
    "list": (lambda: cnncalc.networks("vgg"), 40),
    "analyze": (lambda: cnncalc.analyze("alexnet"), 47),
}
NEVER: dict[str, object] = {
    "name": "Never",
    "input": "32x32x3",
    "layers": [
        {"type": "conv", "name": "a_long_name_of_a_layer", "kernel": 2, "filters": 3},
        {"merge": "add", "branches": [[{"type": "conv", "kernel": 3, "filters": 3, "padding": 1}],
                                      [{"type": "conv", "kernel": 3, "filters": 3, "padding": 1}]]},
        {"type": "max_pool", "kernel": 3, "stride": 2, "padding": 1},
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", RESULTS)
def test_no_line_is_wider_than_the_terminal(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the width is, from the least that is held on."""
    make, least = RESULTS[name]
    result = make()
    for width in range(least, 121):
        monkeypatch.setenv("COLUMNS", str(width))
        stream = StringIO()
        printing.show(result, stream)
        assert max(map(cell_len, stream.getvalue().splitlines())) <= width


def test_what_is_folded_is_all_there() -> None:
    """Nothing is lost but spaces, styles stay with their words, wide signs count double."""
    text = Text.assemble("volume  W2 = ", ("(224 - 11 + 2·0)/4", "bold"), " + 1   名前名前 in all")
    for width in range(1, 60):
        lines = list(folded([text], width))
        assert "".join("".join(map(str, lines)).split()) == "".join(text.plain.split())
        assert all(cell_len(line.plain) <= max(width, 6) for line in lines)
    bold = [line[span.start : span.end].plain for line in folded([text], 24) for span in line.spans]
    assert "".join("".join(bold).split()) == "(224-11+2·0)/4"
