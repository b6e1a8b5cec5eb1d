"""Which input sizes tile: the congruence against trying every size."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cnncalc import api
from cnncalc.errors import CnncalcError
from cnncalc.model.tiling import NoRule, Solution, combine, solve

LAYER = st.builds(
    lambda kind, kernel, stride, padding: {
        "type": kind, "kernel": kernel, "stride": stride, "padding": min(padding, kernel - 1),
    } | ({"filters": 1} if kind == "conv" else {}),
    st.sampled_from(["conv", "max_pool"]),
    st.integers(1, 5),
    st.integers(1, 4),
    st.integers(0, 2),
)  # fmt: skip


def tiles(layers: list[dict[str, Any]], size: int) -> bool:
    """Return whether every window tiles exactly for an input size, worked out one by one."""
    for layer in layers:
        room = size + 2 * layer["padding"] - layer["kernel"]
        if room < 0 or room % layer["stride"]:
            return False
        size = room // layer["stride"] + 1
    return True


@settings(max_examples=150)
@given(st.lists(LAYER, min_size=1, max_size=4))
def test_the_congruence_is_what_trying_finds(layers: list[dict[str, Any]]) -> None:
    """For every size up to 400: it tiles if and only if the congruence says so."""
    try:
        graph = api.expand({"name": "n", "input": "401x1", "layers": layers})
    except CnncalcError:
        assume(False)
    solution = solve(graph, 0)
    expected = [size for size in range(1, 401) if tiles(layers, size)]
    found = (
        [
            s
            for s in range(1, 401)
            if s >= solution.first and (s - solution.first) % solution.modulus == 0
        ]
        if isinstance(solution, Solution)
        else []
    )
    assert found == expected


def test_the_slides_alexnet() -> None:
    """H = 3 mod 32, from 67 on, along both axes."""
    graph = api.expand("alexnet")
    for axis in (0, 1):
        solution = solve(graph, axis)
        assert isinstance(solution, Solution)
        assert (solution.first, solution.modulus) == (67, 32)
        assert [need.path for need in solution.needs] == [
            "CONV1", "MAX POOL1", "MAX POOL2", "MAX POOL3",
        ]  # fmt: skip


def test_layers_that_enlarge() -> None:
    """A U of two levels: what is halved twice must be divisible by four."""
    pool = {"type": "max_pool", "kernel": 2}
    up = {"type": "upsample", "scale": 2}
    graph = api.expand({"name": "n", "input": "16x16x1", "layers": [pool, pool, up, up]})
    solution = solve(graph, 0)
    assert isinstance(solution, Solution)
    assert (solution.first, solution.modulus) == (4, 4)


@given(st.integers(0, 40), st.integers(1, 40), st.integers(0, 40), st.integers(1, 40))
def test_two_congruences_are_one(r1: int, m1: int, r2: int, m2: int) -> None:
    """Their common solutions are one congruence, or there are none."""
    both = combine(r1 % m1, m1, r2 % m2, m2)
    common = [n for n in range(m1 * m2) if n % m1 == r1 % m1 and n % m2 == r2 % m2]
    if both is None:
        assert not common
    else:
        assert common == [n for n in range(m1 * m2) if n % both[1] == both[0]]


@pytest.mark.parametrize(
    "layers", [[{"type": "conv", "filters": 1, "kernel": 3, "stride": 2, "padding": "same"}]]
)
def test_no_rule_is_no_answer(layers: list[Any]) -> None:
    """Padding same with a stride is no straight line."""
    assert solve(api.expand({"name": "n", "input": "16x1", "layers": layers}), 0) == NoRule(
        "conv", False
    )
