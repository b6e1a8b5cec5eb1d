"""The kernels against their definitions in plain loops."""

from __future__ import annotations

import math
import tracemalloc
from collections.abc import Callable, Sequence
from itertools import product
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from cnncalc import kernels

Array = NDArray[Any]
Window = tuple[int, int, int, int, int]  # kernel, stride, before, after, dilation
Pick = tuple[int | slice, ...]

# input extents, windows, ceil
GEOMETRIES: list[tuple[tuple[int, ...], list[Window], bool]] = [
    ((7,), [(3, 1, 0, 0, 1)], False),
    ((8,), [(2, 3, 1, 0, 1)], False),
    ((9,), [(4, 4, 2, 2, 1)], True),
    ((12,), [(3, 1, 4, 2, 3)], False),
    ((3,), [(4, 3, 0, 0, 1)], True),
    ((6, 7), [(1, 1, 0, 0, 1), (1, 1, 0, 0, 1)], False),
    ((6, 7), [(1, 2, 0, 0, 1), (1, 3, 0, 0, 1)], False),
    ((5, 6), [(1, 2, 1, 1, 1), (1, 1, 0, 2, 1)], False),
    ((6, 7), [(3, 1, 1, 1, 1), (3, 1, 1, 1, 1)], False),
    ((6, 8), [(3, 2, 0, 1, 1), (2, 2, 1, 0, 1)], True),
    ((9, 10), [(3, 2, 1, 1, 2), (2, 3, 2, 0, 3)], False),
    ((9, 10), [(3, 2, 2, 2, 2), (3, 1, 1, 1, 1)], True),
    ((4, 5), [(4, 1, 0, 0, 1), (5, 1, 0, 0, 1)], False),
    ((3, 4, 5), [(2, 1, 1, 0, 1), (3, 2, 1, 1, 1), (2, 2, 0, 0, 2)], False),
    ((5, 4, 6), [(3, 2, 1, 1, 1), (2, 2, 0, 0, 1), (3, 3, 1, 1, 1)], True),
]


def numbers(*shape: int, seed: int = 0) -> Array:
    """Return float64 values that differ from one another."""
    return np.random.default_rng(seed).standard_normal(shape)


def starts(w: int, window: Window, ceil: bool) -> list[int]:
    """Return where the windows begin, by trying every place in turn."""
    kernel, stride, before, after, dilation = window
    found, start = [], -before
    while start + dilation * (kernel - 1) < w + after + (stride - 1 if ceil else 0):
        if not ceil or start < w:
            found.append(start)
        start += stride
    return found


def windows_of(
    x: Array, windows: Sequence[Window], ceil: bool
) -> list[tuple[tuple[int, ...], list[tuple[tuple[int, ...], tuple[int, ...], bool]]]]:
    """Return for each output place its taps, their positions, and whether they lie in x."""
    extents = x.shape[1:-1]
    found = []
    axes = [starts(w, window, ceil) for w, window in zip(extents, windows, strict=True)]
    for place in product(*(range(len(axis)) for axis in axes)):
        seen = []
        for tap in product(*(range(kernel) for kernel, *_ in windows)):
            position = tuple(
                axis[o] + t * window[4]
                for axis, o, t, window in zip(axes, place, tap, windows, strict=True)
            )
            seen.append(
                (tap, position, all(0 <= p < w for p, w in zip(position, extents, strict=True)))
            )
        found.append((place, seen))
    return found


def extents_of(x: Array, windows: Sequence[Window], ceil: bool) -> tuple[int, ...]:
    """Return the extents of the output."""
    return tuple(
        len(starts(w, window, ceil)) for w, window in zip(x.shape[1:-1], windows, strict=True)
    )


def convolved(x: Array, weight: Array, windows: Sequence[Window], groups: int, ceil: bool) -> Array:
    """Return a convolution, one product at a time."""
    out = np.zeros((len(x), *extents_of(x, windows, ceil), len(weight)))
    each, d1 = len(weight) // groups, weight.shape[-1]
    for place, seen in windows_of(x, windows, ceil):
        for n, d2, c in product(range(len(x)), range(len(weight)), range(d1)):
            for tap, position, inside in seen:
                if inside:
                    value = x[(n, *position, d2 // each * d1 + c)]
                    out[(n, *place, d2)] += value * weight[(d2, *tap, c)]
    return out


@pytest.mark.parametrize(("extents", "windows", "ceil"), GEOMETRIES)
@pytest.mark.parametrize(("channels", "filters", "groups"), [(3, 4, 1), (4, 6, 2), (3, 6, 3)])
def test_convolution(
    extents: tuple[int, ...],
    windows: list[Window],
    ceil: bool,
    channels: int,
    filters: int,
    groups: int,
) -> None:
    """A convolution is the sum of its products, and every one of them is counted."""
    x = numbers(2, *extents, channels)
    kernel = [k for k, *_ in windows]
    weight = numbers(filters, *kernel, channels // groups, seed=1)
    bias = numbers(filters, seed=2)
    expected = convolved(x, weight, windows, groups, ceil) + bias
    with kernels.count() as ledger:
        found = kernels.convolve(x, weight, bias, windows, groups=groups, ceil=ceil)
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)
    assert kernels.output_extents(x, windows, ceil=ceil) == expected.shape[1:-1]
    assert ledger.macs == expected.size * math.prod(kernel) * channels // groups


@pytest.mark.parametrize(
    ("groups", "channels", "filters", "joined"),
    [(64, 128, 64, 9), (2, 80, 6, 5), (6, 54, 12, 8), (37, 74, 37, 9), (2, 8, 64, 1)],
)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_neighbours_that_share_a_product(
    groups: int, channels: int, filters: int, joined: int, dtype: type
) -> None:
    """Groups keep to their own channels; the zeros between neighbours' filters are not counted."""
    windows = [(3, 1, 1, 1, 1)]
    x, weight = numbers(1, 9, channels), numbers(filters, 3, channels // groups, seed=1)
    expected = convolved(x, weight, windows, groups, False)
    with kernels.count() as ledger:
        found = kernels.convolve(
            x.astype(dtype), weight.astype(dtype), None, windows, groups=groups
        )
    np.testing.assert_allclose(found, expected, atol=1e-4 if dtype is np.float32 else 1e-12)
    assert ledger.macs == 9 * weight.size
    rows = -(-9 // joined)
    assert ledger.packed + ledger.macs == rows * joined * (joined + 2) * weight.size // 3


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_is_not_finite_keeps_to_its_windows(value: float) -> None:
    """The zeros between neighbours' filters never meet it."""
    x, weight = np.ones((1, 9, 9, 8), np.float32), np.ones((8, 3, 3, 2), np.float32)
    x[0, 4, 4, 2] = value
    out = kernels.convolve(x, weight, None, [(3, 1, 1, 1, 1)] * 2, groups=4)
    found = np.zeros(out.shape, bool)
    found[0, 3:6, 3:6, 2:4] = True
    np.testing.assert_array_equal(~np.isfinite(out), found)


@pytest.mark.parametrize(("extents", "windows", "ceil"), GEOMETRIES)
@pytest.mark.parametrize("multiplier", [1, 2])
def test_depthwise(
    extents: tuple[int, ...], windows: list[Window], ceil: bool, multiplier: int
) -> None:
    """A depthwise convolution is one with as many groups as channels, few channels or many."""
    for channels in (3, 260):
        kernel = [k for k, *_ in windows]
        x = numbers(1, *extents, channels)
        weight = numbers(channels * multiplier, *kernel, 1, seed=1)
        bias = numbers(channels * multiplier, seed=2)
        with kernels.count() as ledger:
            found = kernels.convolve_depthwise(x, weight, bias, windows, ceil=ceil)
        least = [0, 1, channels - 1]  # these channels stand for all
        few = [c * multiplier + j for c in least for j in range(multiplier)]
        expected = convolved(x[..., least], weight[few], windows, 3, ceil) + bias[few]
        np.testing.assert_allclose(found[..., few], expected, atol=1e-12)
        assert ledger.macs == found.size * math.prod(kernel)


def test_connections() -> None:
    """A filter with connections sees the channels in its list, in the order written."""
    windows = [(2, 1, 0, 0, 1), (2, 1, 1, 0, 1)]
    connections = [[0, 2], [1], [2, 1, 0]]
    x, weight = numbers(2, 4, 5, 3), numbers(6, 2, 2, seed=1)
    with kernels.count() as ledger:
        found = kernels.convolve_connected(x, weight, None, windows, connections=connections)
    pair = 0
    for i, row in enumerate(connections):
        own = np.moveaxis(weight[pair : pair + len(row)], 0, -1)[None]
        pair += len(row)
        np.testing.assert_allclose(
            found[..., i : i + 1], convolved(x[..., row], own, windows, 1, False), atol=1e-12
        )
    assert ledger.macs == 2 * 3 * 5 * weight.size
    assert ledger.packed == 2 * 3 * 5 * 3 * 4


TRANSPOSED: list[tuple[tuple[int, ...], list[Window], list[int], int]] = [
    ((4,), [(2, 2, 0, 0, 1)], [0], 1),
    ((5,), [(3, 2, 1, 1, 1)], [1], 2),
    ((4,), [(3, 2, 0, 0, 3)], [2], 1),
    ((4,), [(2, 3, 0, 0, 1)], [1], 1),
    ((2, 3), [(3, 1, 1, 1, 1), (2, 3, 1, 0, 1)], [0, 1], 1),
    ((3, 3), [(4, 2, 1, 2, 1), (3, 2, 4, 0, 2)], [0, 0], 4),
    ((2, 2, 3), [(2, 2, 0, 0, 1), (3, 2, 1, 1, 1), (2, 1, 0, 1, 1)], [0, 1, 0], 2),
]


@pytest.mark.parametrize(("extents", "windows", "extra", "groups"), TRANSPOSED)
def test_transposed_convolution(
    extents: tuple[int, ...], windows: list[Window], extra: list[int], groups: int
) -> None:
    """Each input spreads its products from its own place on; what falls outside is cropped."""
    kernel = [k for k, *_ in windows]
    x = numbers(2, *extents, 4)
    weight, bias = numbers(8, *kernel, 4 // groups, seed=1), numbers(8, seed=2)
    with kernels.count() as ledger:
        found = kernels.convolve_transposed(x, weight, bias, windows, extra=extra, groups=groups)
    whole = [
        (w - 1) * s + d * (k - 1) + 1 + more
        for w, (k, s, _, _, d), more in zip(extents, windows, extra, strict=True)
    ]
    expected = np.zeros((2, *whole, 8))
    for n, d2, c in product(range(2), range(8), range(4 // groups)):
        for place in product(*map(range, extents)):
            for tap in product(*map(range, kernel)):
                lands = [
                    i * s + t * d for i, t, (_, s, _, _, d) in zip(place, tap, windows, strict=True)
                ]
                value = x[(n, *place, d2 // (8 // groups) * (4 // groups) + c)]
                expected[(n, *lands, d2)] += value * weight[(d2, *tap, c)]
    crop = [slice(b, n - a) for n, (_, _, b, a, _) in zip(whole, windows, strict=True)]
    at: Pick = (slice(None), *crop)
    np.testing.assert_allclose(found, expected[at] + bias, atol=1e-12)
    assert ledger.macs == 2 * math.prod(extents) * weight.size


@pytest.mark.parametrize(("extents", "windows", "ceil"), GEOMETRIES)
def test_locally_connected(extents: tuple[int, ...], windows: list[Window], ceil: bool) -> None:
    """At every place the filters and biases are its own."""
    x = numbers(2, *extents, 3)
    places = extents_of(x, windows, ceil)
    weight = numbers(*places, 2, *(k for k, *_ in windows), 3, seed=1)
    bias = numbers(*places, 2, seed=2)
    with kernels.count() as ledger:
        found = kernels.locally_connected(x, weight, bias, windows, ceil=ceil)
    expected = np.broadcast_to(bias, found.shape).copy()
    for place, seen in windows_of(x, windows, ceil):
        for tap, position, inside in seen:
            for n, d2 in product(range(2), range(2)):
                if inside:
                    expected[(n, *place, d2)] += x[(n, *position)] @ weight[(*place, d2, *tap)]
    np.testing.assert_allclose(found, expected, atol=1e-12)
    assert ledger.macs == 2 * weight.size


POOLS = [
    case for case in GEOMETRIES if all(max(b, a) < d * (k - 1) + 1 for k, _, b, a, d in case[1])
]


@pytest.mark.parametrize(("extents", "windows", "ceil"), POOLS)
def test_pools(extents: tuple[int, ...], windows: list[Window], ceil: bool) -> None:
    """Padding is below every value, counts as zero, or is left out; beyond it nothing counts."""
    x = numbers(2, *extents, 3) - 3
    largest = kernels.max_pool(x, windows, ceil=ceil)
    padded = kernels.average_pool(x, windows, ceil=ceil)
    plain = kernels.average_pool(x, windows, ceil=ceil, count_padding=False)
    assert largest.shape == padded.shape == (2, *extents_of(x, windows, ceil), 3)
    for place, seen in windows_of(x, windows, ceil):
        picks: list[Pick] = [(slice(None), *position) for _, position, inside in seen if inside]
        values = [x[pick] for pick in picks]
        within = [
            all(
                -b <= p < w + a
                for p, w, (_, _, b, a, _) in zip(position, extents, windows, strict=True)
            )
            for _, position, _ in seen
        ]
        at: Pick = (slice(None), *place)
        np.testing.assert_array_equal(largest[at], np.max(values, axis=0))
        np.testing.assert_allclose(padded[at], np.sum(values, axis=0) / sum(within))
        np.testing.assert_allclose(plain[at], np.mean(values, axis=0))


@pytest.mark.parametrize(
    ("extents", "size"), [((10,), (3,)), ((3,), (5,)), ((6, 7), (2, 7)), ((5, 4, 3), (2, 3, 1))]
)
def test_adaptive_pools(extents: tuple[int, ...], size: tuple[int, ...]) -> None:
    """Bin o of n goes from floor(o·w/n) to ceil((o + 1)·w/n)."""
    x = numbers(2, *extents, 3)
    mean, largest = kernels.adaptive_average_pool(x, size), kernels.adaptive_max_pool(x, size)
    assert mean.shape == largest.shape == (2, *size, 3)
    for place in product(*map(range, size)):
        bins: Pick = tuple(
            slice(math.floor(o * w / n), math.ceil((o + 1) * w / n))
            for o, w, n in zip(place, extents, size, strict=True)
        )
        at: Pick = (slice(None), *place)
        values = x[(slice(None), *bins)].reshape(2, -1, 3)
        np.testing.assert_allclose(mean[at], values.mean(axis=1))
        np.testing.assert_array_equal(largest[at], values.max(axis=1))


def test_dense_layers() -> None:
    """A linear layer is a product, an rbf a squared distance, maxout the largest of neighbours."""
    x, weight, bias = numbers(2, 3, 4), numbers(5, 4, seed=1), numbers(5, seed=2)
    with kernels.count() as ledger:
        found = kernels.linear(x, weight, bias)
    np.testing.assert_allclose(found, np.einsum("nwc,uc->nwu", x, weight) + bias)
    assert ledger.macs == 2 * 3 * 4 * 5
    rows = x[:, 0]
    squares = ((rows[:, None] - weight) ** 2).sum(axis=-1)
    np.testing.assert_allclose(kernels.squared_distances(rows, weight), squares)
    np.testing.assert_array_equal(
        kernels.maxout(x, 2), np.stack([x[..., :2].max(-1), x[..., 2:].max(-1)], axis=-1)
    )


def test_nan_passes_through() -> None:
    """A NaN in the input reaches exactly the outputs whose windows see it."""
    x = np.ones((1, 8, 8, 2), np.float32)
    x[0, 4, 4, 1] = np.nan
    windows = [(3, 1, 1, 1, 1)] * 2
    near = np.zeros((8, 8), bool)
    near[3:6, 3:6] = True
    weight = np.ones((2, 3, 3, 2), np.float32)
    local = np.ones((8, 8, 2, 3, 3, 2), np.float32)
    for out in (
        kernels.convolve(x, weight, None, windows),
        kernels.convolve(x, weight[..., :1], None, windows, groups=2)[..., 1:],
        kernels.convolve_transposed(x, weight, None, windows, extra=[0, 0]),
        kernels.locally_connected(x, local, None, windows),
        kernels.max_pool(x, windows)[..., 1:],
        kernels.average_pool(x, windows)[..., 1:],
    ):
        np.testing.assert_array_equal(np.isnan(out[0]).all(axis=-1), near)
        assert not np.isnan(out[0, ~near]).any()
        assert out.dtype == np.float32


def test_ledgers_nest_and_close() -> None:
    """Only the innermost open ledger counts, and none when all are closed."""
    x, weight = np.ones((1, 3)), np.ones((2, 3))
    with kernels.count() as outer:
        with kernels.count() as inner:
            kernels.linear(x, weight, None)
        assert (outer.macs, inner.macs) == (0, 6)
        kernels.linear(x, weight, None)
    kernels.linear(x, weight, None)
    assert (outer.macs, inner.macs) == (6, 6)


@pytest.mark.parametrize("groups", [1, 2, 4])
def test_inputs_may_lie_anyhow_in_memory(groups: int) -> None:
    """Channels that do not lie side by side, and samples between others, give the same."""
    random = np.random.default_rng(0)
    wide = random.standard_normal((2, 5, 6, 16)).astype(np.float32)
    weight = random.standard_normal((4, 3, 3, 8 // groups)).astype(np.float32)
    few = random.standard_normal((8, 3, 3, 1)).astype(np.float32)
    windows = [(3, 1, 1, 1, 1)] * 2
    for x in (wide[..., ::2], np.moveaxis(wide[..., :8], 1, 2), wide[::-1, :, :, 8:]):
        plain = np.ascontiguousarray(x)
        for found, expected in (
            (kernels.convolve(v, weight, None, windows, groups=groups) for v in (x, plain)),
            (kernels.convolve_depthwise(v, few, None, windows) for v in (x, plain)),
            (kernels.max_pool(v, windows) for v in (x, plain)),
        ):
            np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)


MEMORY: list[tuple[str, tuple[int, ...], tuple[int, ...], list[Window], int]] = [
    ("tall and wide", (1, 256, 256, 64), (16, 3, 3, 64), [(3, 1, 1, 1, 1)] * 2, 1),
    ("dilated far", (1, 64, 64, 8), (4, 3, 3, 8), [(3, 1, 10**6, 10**6, 10**6)] * 2, 1),
    ("depthwise", (1, 64, 64, 8), (8, 3, 3, 1), [(3, 1, 10**6, 10**6, 10**6)] * 2, 8),
    ("groups dilated far", (1, 64, 64, 8), (8, 3, 3, 2), [(3, 1, 10**6, 10**6, 10**6)] * 2, 4),
    ("groups at a large stride", (1, 2048, 2048, 4), (4, 2, 2, 2), [(2, 700, 0, 0, 1)] * 2, 2),
    (
        "groups of a tall kernel",
        (1, 900, 900, 8),
        (8, 800, 1, 2),
        [(800, 1, 0, 0, 1), (1, 1, 0, 0, 1)],
        4,
    ),
    ("groups packed", (1, 35, 35, 512), (512, 35, 35, 2), [(35, 1, 0, 0, 1)] * 2, 256),
    ("a row alone too long", (1, 66, 66, 1024), (1, 64, 64, 1024), [(64, 1, 0, 0, 1)] * 2, 1),
    ("at a large stride", (1, 2048, 2048, 4), (4, 2, 2, 4), [(2, 700, 0, 0, 1)] * 2, 1),
]


@pytest.mark.parametrize(("shape", "filters", "windows", "groups"), [m[1:] for m in MEMORY])
def test_workspace(
    shape: tuple[int, ...], filters: tuple[int, ...], windows: list[Window], groups: int
) -> None:
    """A convolution takes at most 64 MiB beyond its input, weights and output."""
    x, weight = np.ones(shape, np.float32), np.ones(filters, np.float32)
    tracemalloc.start()
    try:
        out = kernels.convolve(x, weight, None, windows, groups=groups)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak - out.nbytes < 2**26


X = np.ones((1, 512, 512, 16), np.float32)  # 16 MiB
W = np.ones(16, np.float32)
THREES = [(3, 1, 1, 1, 1)] * 2
OTHERS: dict[str, Callable[[], Array]] = {
    "gelu": lambda: kernels.gelu(X),
    "lrn": lambda: kernels.lrn(X, size=5, alpha=1.0, beta=0.75, k=1.0),
    "scale": lambda: kernels.scale(X, W, W),
    "group norm": lambda: kernels.normalize(X, together=True, groups=4, eps=1e-5, weight=W, bias=W),
    "layer norm": lambda: kernels.normalize(
        X, together=False, groups=1, eps=1e-5, weight=W, bias=W
    ),
    "nearest": lambda: kernels.nearest(X, (700, 700)),
    "bilinear": lambda: kernels.linear_interpolation(X, (700, 700), False),
    "max pool": lambda: kernels.max_pool(X, THREES),
    "average pool": lambda: kernels.average_pool(X, THREES),
    "adaptive pool": lambda: kernels.adaptive_average_pool(X, (7, 7)),
    "depthwise": lambda: kernels.convolve_depthwise(
        X, np.ones((16, 3, 3, 1), np.float32), None, THREES
    ),
    "transposed": lambda: kernels.convolve_transposed(
        X, np.ones((8, 2, 2, 16), np.float32), None, [(2, 2, 0, 0, 1)] * 2, extra=[0, 0]
    ),
    "linear": lambda: kernels.linear(X, np.ones((8, 16), np.float32), None),
    "sum": lambda: kernels.add([X, X, X]),
    "concatenation": lambda: kernels.concatenate([X, X], -1),
    "shuffle": lambda: kernels.channel_shuffle(X, 4),
}


@pytest.mark.parametrize("kernel", OTHERS)
def test_workspace_does_not_grow_with_the_input(kernel: str) -> None:
    """Temporary arrays are those of a block or tile: 8 MiB at most, of inputs of any size."""
    tracemalloc.start()
    try:
        out = OTHERS[kernel]()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak - out.nbytes < 2**23


def test_workspace_of_connections() -> None:
    """Filters filled up with zeros are made a few at a time."""
    x, weight = np.ones((1, 15, 15, 300), np.float32), np.ones((300, 15, 15), np.float32)
    connections = [[i] for i in range(300)]
    tracemalloc.start()
    try:
        out = kernels.convolve_connected(
            x, weight, None, [(15, 1, 0, 0, 1)] * 2, connections=connections
        )
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak - out.nbytes < 2**26
    np.testing.assert_allclose(out, 15 * 15)
