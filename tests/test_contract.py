"""The rules of a layer, held against one another, for every layer type."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from strategies import STRATEGIES, Case, cases
from support import Array, Recorded, define, evaluate, inputs_for

from cnncalc import kernels
from cnncalc.errors import VolumeError
from cnncalc.layers import TYPES, layer_type
from cnncalc.layers.base import AbstractLayer, Everything, Nothing, Scattered
from cnncalc.layers.periodic_windows import Blocks, Resampling
from cnncalc.verification.small_run import operations, whole_cost
from cnncalc.volume import Volume

# Layers with elements that may meet only padding, or only outputs that are cropped away.
PADDED = {"conv", "conv_transpose", "depthwise_conv", "separable_conv", "local"}

# A transposed output meets more or fewer taps, by its place; a separable one is a sum of sums.
NO_SINGLE_SUM = {"conv_transpose", "separable_conv", "attention"}

MORE = max(1, settings.default.max_examples // 100) if settings.default else 1  # when searching

every_type = pytest.mark.parametrize("tag", TYPES)


def drawn(data: st.DataObject, tag: str) -> tuple[AbstractLayer, tuple[Volume, ...], Volume]:
    """Return a layer, its input volumes and its output."""
    case: Case = data.draw(cases(tag))
    layer, volumes = case
    try:
        return layer, volumes, layer.output(*volumes)
    except VolumeError:
        assume(False)
        raise


def run(
    layer: AbstractLayer, volumes: tuple[Volume, ...], samples: int = 1
) -> tuple[Array, Recorded, list[Array]]:
    """Return the result of `forward`, the arrays it asked for, and its inputs."""
    arrays, inputs = Recorded(), inputs_for(volumes, samples)
    return layer.forward(arrays, *inputs), arrays, inputs


def test_every_type_is_held_to_the_contract() -> None:
    """No layer type is without a strategy."""
    assert set(STRATEGIES) == set(TYPES)


@every_type
@settings(max_examples=15 * MORE)
@given(data=st.data())
def test_settings_survive_json(tag: str, data: st.DataObject) -> None:
    """A layer written as JSON and read again is the same layer."""
    layer, _, _ = drawn(data, tag)
    assert layer.tag == tag
    assert layer_type(tag).model_validate_json(layer.model_dump_json()) == layer


@every_type
@settings(max_examples=15 * MORE)
@given(data=st.data())
def test_forward_bears_out_the_rules(tag: str, data: st.DataObject) -> None:
    """What comes out is `output`, and asked for and multiplied what the rules say."""
    layer, volumes, output = drawn(data, tag)
    with kernels.count() as ledger:
        result, arrays, inputs = run(layer, volumes, samples=2)
    assert result.shape == (2, *output.shape)
    assert ledger.macs == 2 * layer.cost(output, *volumes).macs
    between = [2 * volume.size * result.itemsize for volume in layer.between(output, *volumes)]
    assert ledger.between == between
    claimed = layer.parameters(output, *volumes) | layer.buffers(output, *volumes)
    assert {name: array.shape for name, array in arrays.made.items()} == claimed
    alone = layer.forward(arrays, *[x[1:] for x in inputs])
    np.testing.assert_allclose(result[1:], alone, rtol=1e-5, atol=1e-5)
    np.testing.assert_array_equal(inputs[0], inputs_for(volumes, 2)[0])  # left as it was
    if layer.in_place:
        with kernels.overwriting():
            over = layer.forward(arrays, *inputs)
        assert np.may_share_memory(over, inputs[0])
        np.testing.assert_array_equal(over, result)
    else:
        assert np.may_share_memory(result, inputs[0]) == layer.is_view(output, *volumes)


@every_type
@settings(max_examples=10 * MORE)
@given(data=st.data())
def test_definition_gives_values_and_costs(tag: str, data: st.DataObject) -> None:
    """`forward` is `value` at every index, and `cost` is what `value` performs."""
    layer, volumes, output = drawn(data, tag)
    result, arrays, inputs = run(layer, volumes)
    values = define(layer, arrays.made, [x[0] for x in inputs])
    np.testing.assert_allclose(result[0], values, rtol=1e-4, atol=1e-5)
    claimed = layer.cost(output, *volumes)
    assert operations(whole_cost, layer, claimed, output, *volumes) == claimed
    defined = whole_cost(layer, output, *volumes)
    assert defined is not None
    assert defined.macs <= claimed.macs or not claimed.macs


@every_type
@settings(max_examples=15 * MORE)
@given(data=st.data())
def test_fan_in_is_macs_over_values(tag: str, data: st.DataObject) -> None:
    """Where each output value is one weighted sum, all of them make the multiply-accumulates."""
    layer, volumes, output = drawn(data, tag)
    fan_in, macs = layer.fan_in(output, *volumes), layer.cost(output, *volumes).macs
    uneven = len({len(read) for read in getattr(layer, "connections", None) or [()]}) > 1
    assert (fan_in is not None) == (macs > 0 and tag not in NO_SINGLE_SUM and not uneven)
    assert fan_in is None or macs == fan_in * output.size


@every_type
@settings(max_examples=5 * MORE)
@given(data=st.data())
def test_every_learned_value_matters(tag: str, data: st.DataObject) -> None:
    """Each element of each array, made NaN, makes some output NaN."""
    layer, volumes, _ = drawn(data, tag)
    _, arrays, inputs = run(layer, volumes)
    inputs = [np.concatenate([x, -x]) for x in inputs]  # a slope matters to one sign alone
    for array in arrays.made.values():
        for index in np.ndindex(array.shape):
            kept = array[index]
            array[index] = np.nan
            shows = bool(np.isnan(layer.forward(arrays, *inputs)).any())
            if not shows and tag in PADDED:
                values = define(layer, arrays.made, [x[0] for x in inputs])
                shows = not bool(np.isnan(values).any())
            array[index] = kept
            assert shows


@every_type
@settings(max_examples=15 * MORE)
@given(data=st.data())
def test_steps_come_to_their_values(tag: str, data: st.DataObject) -> None:
    """Each step evaluates to its value, and the steps add up to what the rules return."""
    layer, volumes, output = drawn(data, tag)
    found: Counter[tuple[str, str]] = Counter()
    for step in layer.steps(output, *volumes):
        assert evaluate(step.numbers) == step.value, step
        assert isinstance(step.value, int) or step.rounding
        if step.topic == "inputs":
            assert step.value == layer.fan_in(output, *volumes)
            continue
        found[step.topic, step.symbol if step.topic in ("volume", "FLOPs") else ""] += step.result
    letters = ("", "W", "HW", "THW")[len(output.extents)]
    expected = {}
    for i, letter in enumerate((*letters, "D")):
        symbol = ("volume", f"{letter}2")  # an extent that stays needs no step
        if symbol in found or output.shape[i] != volumes[0].shape[i]:
            expected[symbol] = output.shape[i]
    topics = {"weight": "weights", "bias": "biases"}
    for name, shape in layer.parameters(output, *volumes).items():
        key = (topics.get(name.partition("_")[0], "other"), "")
        expected[key] = expected.get(key, 0) + math.prod(shape)
    for kind, n in layer.cost(output, *volumes)._asdict().items():
        expected["FLOPs", kind] = n
    assert {k: n for k, n in found.items() if n} == {k: n for k, n in expected.items() if n}


@every_type
@settings(max_examples=15 * MORE)
@given(data=st.data())
def test_description_is_one_plain_line(tag: str, data: st.DataObject) -> None:
    """The phrase is one line of printable text."""
    layer, volumes, output = drawn(data, tag)
    phrase = layer.describe(output, *volumes)
    assert phrase == phrase.strip()
    assert phrase.isprintable()
    assert phrase


def reached(layer: AbstractLayer, volumes: tuple[Volume, ...], which: int = 0) -> Any:
    """Return, for each input position, the output positions that a NaN there reaches."""
    arrays, inputs = Recorded(), inputs_for(volumes)
    seen = {}
    for place in np.ndindex(*volumes[which].extents):
        spoiled = [x.copy() for x in inputs]
        spoiled[which][(0, *place)] = np.nan
        result = np.isnan(layer.forward(arrays, *spoiled)[0]).any(-1)
        seen[place] = {tuple(map(int, index)) for index in np.argwhere(result)}
    return seen


@every_type
@settings(max_examples=10 * MORE)
@given(data=st.data())
def test_window_says_what_a_unit_sees(tag: str, data: st.DataObject) -> None:
    """A NaN in one input position reaches the units whose window holds it, and no other."""
    layer, volumes, output = drawn(data, tag)
    # Of the first of several inputs, a unit of these sees its own position alone.
    which = int(layer.family == "attention" and len(volumes) > 2 - (tag == "matmul"))
    volume = volumes[which]
    windows = layer.window(output, *volumes)
    seen = reached(layer, volumes, which)
    if windows is Everything:
        assert all(len(units) == output.positions for units in seen.values())
    elif windows is Nothing:
        assert not any(seen.values())
    elif windows is Scattered:
        assert all(units for units in seen.values())
    elif windows is None:
        for place, units in seen.items():
            fixed = [n for n in range(len(place)) if volume.extents[n] == output.extents[n]]
            assert all(unit[n] == place[n] for unit in units for n in fixed)
            assert units or tag == "slice"
    else:
        assert isinstance(windows, tuple)
        for axis, window in enumerate(windows):
            pairs = {(unit[axis], place[axis]) for place, units in seen.items() for unit in units}
            check_axis(window, volume.extents[axis], output.extents[axis], pairs)


def check_axis(window: Any, w: int, n: int, pairs: set[tuple[int, int]]) -> None:
    """Hold the (unit, position) pairs along one axis against its window."""
    for unit in range(n):
        first, count = window.taps(unit)
        taps = range(first, first + count * window.spacing, window.spacing)
        if isinstance(window, Blocks) and not 0 <= first <= w - count:
            continue  # a shifted window goes on at the other border, where it is masked
        held = {position for one, position in pairs if one == unit}
        if isinstance(window, Resampling):  # what lies outside is the value at the edge
            assert held == {min(max(tap, 0), w - 1) for tap in taps} or not 0 <= first < w - 1
        else:
            assert held == {tap for tap in taps if 0 <= tap < w}
        assert count <= window.most
        slope, firsts, lasts, empty = window.lines
        assert count or empty
        if count:
            assert firsts[0] <= taps[0] - slope * unit <= firsts[1]
            assert lasts[0] <= taps[-1] - slope * unit <= lasts[1]
        if window.phases is not None:
            assert window.taps(unit + window.phases)[1] == count
            assert not count or window.taps(unit + window.phases)[0] == first + window.advance
