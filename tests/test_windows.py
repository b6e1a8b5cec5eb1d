"""Layers that slide windows: published cases, phrases, and what they refuse."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from cnncalc.errors import CnncalcError, VolumeError
from cnncalc.layers import layer_type
from cnncalc.layers.base import AbstractLayer, Everything, Window
from cnncalc.layers.periodic_windows import Bins, Resampling, TransposedWindow
from cnncalc.volume import Volume


def layer(tag: str, **settings: Any) -> AbstractLayer:
    """Return the layer of a word."""
    return layer_type(tag)(**settings)


def output(tag: str, volume: str, **settings: Any) -> str:
    """Return the volume that comes out, as text."""
    return str(layer(tag, **settings).output(Volume.parse(volume)))


@pytest.mark.parametrize(
    ("tag", "volume", "settings", "expected"),
    [
        ("conv", "227x227x3", {"filters": 96, "kernel": 11, "stride": 4}, "55x55x96"),
        ("conv", "224x224x3", {"filters": 96, "kernel": 11, "stride": 4}, "54x54x96"),
        (
            "conv",
            "224x225x3",
            {"filters": 1, "kernel": 3, "stride": 2, "padding": "same"},
            "112x113x1",
        ),
        ("conv", "7x8x3", {"filters": 1, "kernel": 2, "stride": 3, "padding": "same"}, "3x3x1"),
        ("conv", "7x7x3", {"filters": 1, "kernel": 4, "padding": "half"}, "6x6x1"),
        ("conv", "9x9x3", {"filters": 1, "kernel": [1, 3], "padding": [[0, 0], [2, 1]]}, "9x10x1"),
        # Dumoulin and Visin 2016, section 5.1: a kernel of 3 at dilation 2 covers 5.
        ("conv", "7x7x3", {"filters": 1, "kernel": 3, "dilation": 2}, "3x3x1"),
        ("conv", "100x16", {"filters": 64, "kernel": 2}, "99x64"),
        ("conv", "16x112x112x3", {"filters": 64, "kernel": 3, "padding": 1}, "16x112x112x64"),
        # PyTorch, Pool.h: the last window must start in the input or the padding before it.
        ("avg_pool", "9x9x1", {"kernel": 4, "padding": 2, "rounding": "ceil"}, "3x3x1"),
        ("max_pool", "64x1", {"kernel": 3, "stride": 2, "padding": 1, "rounding": "ceil"}, "33x1"),
        ("max_pool", "64x1", {"kernel": 3, "stride": 2, "padding": 1}, "32x1"),
        ("max_pool", "3x1", {"kernel": 4, "stride": 3, "rounding": "ceil"}, "1x1"),
        ("max_pool", "55x55x96", {"kernel": 3}, "18x18x96"),
        (
            "conv_transpose",
            "8x8x4",
            {
                "filters": 4,
                "kernel": 3,
                "stride": 2,
                "padding": 1,
                "output_padding": 1,
                "groups": 4,
            },
            "16x16x4",
        ),
        (
            "conv_transpose",
            "8x8x4",
            {
                "filters": 4,
                "kernel": 4,
                "stride": 2,
                "padding": 1,
                "output_padding": 1,
                "groups": 4,
            },
            "17x17x4",
        ),
        (
            "conv_transpose",
            "5x6x1",
            {"filters": 1, "kernel": 2, "stride": 3, "padding": "same"},
            "15x18x1",
        ),
        (
            "conv_transpose",
            "5x6x1",
            {"filters": 1, "kernel": 5, "stride": 2, "padding": "same"},
            "10x12x1",
        ),
        ("depthwise_conv", "8x8x4", {"kernel": 3, "multiplier": 2}, "6x6x8"),
        ("global_avg_pool", "7x7x2048", {}, "1x1x2048"),
        ("adaptive_max_pool", "10x7x4", {"size": [3, 7]}, "3x7x4"),
    ],
)
def test_output_volumes(tag: str, volume: str, settings: dict[str, Any], expected: str) -> None:
    """Padding words, rounding, dilation and transposition give the published volumes."""
    assert output(tag, volume, **settings) == expected


@pytest.mark.parametrize(
    ("volume", "settings", "macs"),
    [
        ("2x2x1", {"filters": 3, "kernel": 2, "stride": 2}, 48),
        ("8x8x4", {"filters": 4, "kernel": 3, "stride": 2, "padding": 1, "groups": 4}, 4608 // 2),
        ("8x8x4", {"filters": 4, "kernel": 4, "stride": 2, "padding": 1, "groups": 4}, 8192 // 2),
    ],
)
def test_transposed_products(volume: str, settings: dict[str, Any], macs: int) -> None:
    """Each input value is multiplied by every tap, cropped or not: H1·W1·K²·D1·D2 / groups."""
    transposed, arrives = layer("conv_transpose", **settings), Volume.parse(volume)
    assert transposed.cost(transposed.output(arrives), arrives).macs == macs


@pytest.mark.parametrize(
    ("tag", "settings"),
    [
        ("conv", {"filters": 2, "kernel": 3, "stride": 2, "padding": 1, "dilation": 2}),
        ("conv_transpose", {"filters": 2, "kernel": 3, "stride": 2, "padding": 1}),
        ("max_pool", {"kernel": 3, "stride": 2, "padding": 1}),
    ],
)
def test_one_number_is_an_equal_list(tag: str, settings: dict[str, Any]) -> None:
    """A setting given once, or once for each axis, counts the same."""
    listed = {k: v if k == "filters" else [v, v] for k, v in settings.items()}
    volume = Volume((16, 16), 4)
    found = []
    for one in (layer(tag, **settings), layer(tag, **listed)):
        out = one.output(volume)
        found.append(
            (out, one.parameters(out, volume), one.cost(out, volume), one.window(out, volume))
        )
    assert found[0] == found[1]


def test_windows_of_transposed_and_adaptive_layers() -> None:
    """A transposed window is told by the convolution that it undoes; bins slide if they divide."""
    volume = Volume((8,), 1)
    transposed = layer("conv_transpose", filters=1, kernel=4, stride=2, padding=1)
    windows = transposed.window(transposed.output(volume), volume)
    assert windows == (TransposedWindow(4, 2, 1, 1),)
    assert [TransposedWindow(4, 2, 1).taps(o) for o in range(4)] == [
        (-1, 2),
        (0, 2),
        (0, 2),
        (1, 2),
    ]
    dilated = TransposedWindow(3, stride=2, dilation=2)
    assert [dilated.taps(o)[1] for o in range(4)] == [3, 0, 3, 0]  # every other unit sees nothing
    bins = layer("adaptive_avg_pool", size=3)
    assert bins.window(Volume((3,), 1), volume) == (Bins(8, 3),)
    dividing = layer("adaptive_avg_pool", size=4)
    assert dividing.window(Volume((4,), 1), volume) == (Window(2, 2),)
    repeating = layer("adaptive_avg_pool", size=16)
    assert repeating.window(Volume((16,), 1), volume) == (Resampling(Fraction(1, 2)),)
    assert layer("adaptive_avg_pool", size=1).window(Volume((1,), 1), volume) is Everything


@pytest.mark.parametrize(
    ("tag", "volume", "settings", "phrase"),
    [
        (
            "conv",
            "227x227x3",
            {"filters": 96, "kernel": 11, "stride": 4},
            "96 11x11 filters at stride 4, pad 0",
        ),
        ("conv", "100x16", {"filters": 64, "kernel": 2}, "64 filters of 2 at stride 1, pad 0"),
        (
            "conv",
            "9x9x9x4",
            {
                "filters": 2,
                "kernel": [1, 3, 3],
                "stride": [1, 2, 2],
                "padding": [[0, 0], [1, 1], [0, 1]],
                "groups": 2,
            },
            "2 1x3x3 filters at stride 1x2x2, pad 0x1x0+1, 2 groups",
        ),
        (
            "conv_transpose",
            "28x28x1024",
            {"filters": 512, "kernel": 2, "stride": 2},
            "512 2x2 transposed filters at stride 2",
        ),
        ("max_pool", "55x55x96", {"kernel": 3, "stride": 2}, "3x3 filters at stride 2"),
        (
            "max_pool",
            "112x64",
            {"kernel": 3, "stride": 2, "padding": 1},
            "filters of 3 at stride 2, pad 1",
        ),
        ("fc", "6x6x256", {"units": 4096}, "4096 neurons"),
        ("global_avg_pool", "7x7x2048", {}, "global average pool"),
    ],
)
def test_phrases(tag: str, volume: str, settings: dict[str, Any], phrase: str) -> None:
    """A layer describes itself as the slide does, in one, two and three dimensions."""
    one, arrives = layer(tag, **settings), Volume.parse(volume)
    assert one.describe(one.output(arrives), arrives) == phrase


@pytest.mark.parametrize(
    ("tag", "volume", "settings", "message"),
    [
        (
            "max_pool",
            "1x1x512",
            {"kernel": 2},
            "the output would be less than 1 high: (1 - 2 + 2·0)/2 + 1 < 1, from input 1x1x512. "
            "The kernel covers 2, the input with its padding 1. "
            "Remove the layer, or use a kernel of at most 1.",
        ),
        ("conv", "10", {"filters": 1, "kernel": 3}, "Received 10, a vector. Use fc or linear"),
        ("global_max_pool", "10", {}, "Received 10, a vector"),
        (
            "conv",
            "8x8x3",
            {"filters": 2, "kernel": 3, "groups": 2},
            "Received groups 2 and 3 channels",
        ),
        (
            "conv",
            "8x8x3",
            {"filters": 1, "kernel": [3, 3, 3]},
            "each of 3 axes, but the input has 2",
        ),
        (
            "conv",
            "8x8x3",
            {"filters": 1, "kernel": 3, "padding": [[1, 1]] * 3},
            "Received [[1, 1], [1, 1], [1, 1]]",
        ),
        ("conv", "8x8x3", {"filters": 1, "kernel": 3, "connections": [[3]]}, "channels 0 to 2"),
        ("max_pool", "8x8x3", {"kernel": 2, "padding": 2}, "Use a padding of at most 1"),
        ("max_pool", "1x1x3", {"kernel": 2, "padding": 1, "dilation": 2}, "all it sees is padding"),
        ("conv_transpose", "2x2x1", {"filters": 1, "kernel": 2, "padding": 2}, "Use less padding"),
        (
            "conv_transpose",
            "2x2x1",
            {"filters": 1, "kernel": 2, "stride": 2, "output_padding": 2},
            "Use at most 1",
        ),
        ("maxout", "3x3x10", {"pieces": 4}, "Received pieces 4 and 10 channels"),
    ],
)
def test_refused_volumes(tag: str, volume: str, settings: dict[str, Any], message: str) -> None:
    """A volume that does not fit is an error with what was received and what to do."""
    with pytest.raises(VolumeError) as caught:
        output(tag, volume, **settings)
    assert message in str(caught.value)


def test_a_window_that_meets_the_input_between_its_taps_is_allowed() -> None:
    """Padding is refused only where all the taps fall into it."""
    assert output("max_pool", "1x1x3", kernel=3, padding=2, dilation=2) == "1x1x3"


@pytest.mark.parametrize(
    ("tag", "settings", "message"),
    [
        ("conv", {"filters": 3, "kernel": 1, "groups": 2}, "must be a multiple of groups"),
        ("conv", {"filters": 2, "kernel": 1, "connections": [[0]]}, "1 lists for 2 filters"),
        ("conv", {"filters": 1, "kernel": 1, "connections": [[0, 0]]}, "each once"),
        ("conv", {"filters": 2, "kernel": 1, "groups": 2, "connections": [[0], [1]]}, "both"),
        (
            "conv_transpose",
            {"filters": 3, "kernel": 1, "groups": 2},
            "must be a multiple of groups",
        ),
        (
            "conv_transpose",
            {"filters": 1, "kernel": 1, "padding": "same", "output_padding": 1},
            "no meaning",
        ),
        ("conv", {"filters": 1, "kernel": 10**9}, "at most 1,048,576"),
    ],
)
def test_refused_settings(tag: str, settings: dict[str, Any], message: str) -> None:
    """Settings that contradict each other are refused before any volume arrives."""
    with pytest.raises(CnncalcError, match=message):
        layer(tag, **settings)


def test_only_a_pool_to_the_extents_it_is_given_is_a_view() -> None:
    """An adaptive pool whose size is its input's adds no values."""
    pool, volume = layer("adaptive_avg_pool", size=7), Volume((7, 7), 3)
    assert pool.is_view(pool.output(volume), volume)
    assert not pool.is_view(Volume((7, 7), 3), Volume((8, 8), 3))
    assert not layer("max_pool", kernel=1).is_view(volume, volume)
