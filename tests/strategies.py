"""A Hypothesis strategy for every layer type: its settings, and volumes that it accepts."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from cnncalc.layers import layer_type
from cnncalc.layers.base import AXES, AbstractLayer
from cnncalc.volume import Volume

Case = tuple[AbstractLayer, tuple[Volume, ...]]
Draw = Callable[[st.SearchStrategy[Any]], Any]

MOST_EXTENT = (0, 7, 5, 3)  # by the number of dimensions: some tens of positions


def _extents(draw: Draw, dimensions: int, least: int = 1) -> tuple[int, ...]:
    most = max(least, MOST_EXTENT[dimensions])
    return tuple(draw(st.integers(least, most)) for _ in range(dimensions))


def _volume(draw: Draw, least_dimensions: int = 0, channels: int | None = None) -> Volume:
    dimensions = draw(st.integers(least_dimensions, 3))
    depth = draw(st.integers(1, 4)) if channels is None else channels
    return Volume(_extents(draw, dimensions), depth)


def _per_axis(draw: Draw, dimensions: int, most: int, least: int = 1) -> Any:
    numbers = [draw(st.integers(least, most)) for _ in range(dimensions)]
    return draw(st.sampled_from([numbers, numbers[0]]))


def _window(draw: Draw, dimensions: int, *, dilated: bool = True, half: bool = True) -> Any:
    """Return kernel, stride, padding and dilation, and an extent that the window fits."""
    settings: dict[str, Any] = {
        "kernel": _per_axis(draw, dimensions, 3),
        "stride": _per_axis(draw, dimensions, 3),
    }
    if dilated and draw(st.booleans()):
        settings["dilation"] = _per_axis(draw, dimensions, 2)
    kernel, dilation = settings["kernel"], settings.get("dilation", 1)
    each = [
        (k - 1) * d + 1
        for k, d in zip(
            kernel if isinstance(kernel, list) else [kernel] * dimensions,
            dilation if isinstance(dilation, list) else [dilation] * dimensions,
            strict=True,
        )
    ]
    words = ["same", "valid"] + ["half"] * half
    pairs = [[draw(st.integers(0, k // 2)), draw(st.integers(0, k // 2))] for k in each]
    settings["padding"] = draw(st.sampled_from([*words, 0, min(min(each) // 2, 1), pairs]))
    extents = tuple(max(k, draw(st.integers(1, MOST_EXTENT[dimensions]))) for k in each)
    return settings, extents


def _conv(draw: Draw) -> tuple[dict[str, Any], list[Volume]]:
    dimensions = draw(st.integers(1, 3))
    settings, extents = _window(draw, dimensions)
    groups = draw(st.integers(1, 2))
    depth = groups * draw(st.integers(1, 2))
    filters = groups * draw(st.integers(1, 2))
    settings |= {"filters": filters, "groups": groups, "bias": draw(st.booleans())}
    settings["fixed"] = draw(st.integers(0, 4)) == 0
    settings["rounding"] = draw(st.sampled_from(["floor", "ceil"]))
    if groups == 1 and draw(st.booleans()):
        channels = st.lists(st.integers(0, depth - 1), min_size=1, max_size=depth, unique=True)
        settings["connections"] = [draw(channels) for _ in range(filters)]
    return settings, [Volume(extents, depth)]


def _conv_transpose(draw: Draw) -> tuple[dict[str, Any], list[Volume]]:
    dimensions = draw(st.integers(1, 3))
    settings, extents = _window(draw, dimensions, half=False)
    groups = draw(st.integers(1, 2))
    settings |= {
        "filters": groups * draw(st.integers(1, 2)),
        "groups": groups,
        "bias": draw(st.booleans()),
    }
    if settings["padding"] != "same":
        stride = settings["stride"]
        least = min(stride) if isinstance(stride, list) else stride
        settings["output_padding"] = draw(st.integers(0, least - 1))
    extents = tuple(max(2, (n + 1) // 2) for n in extents)
    return settings, [Volume(extents, groups * draw(st.integers(1, 2)))]


def _depthwise(draw: Draw) -> tuple[dict[str, Any], list[Volume]]:
    settings, extents = _window(draw, draw(st.integers(1, 3)))
    settings |= {"multiplier": draw(st.integers(1, 2)), "bias": draw(st.booleans())}
    return settings, [Volume(extents, draw(st.integers(1, 3)))]


def _depthwise_conv(draw: Draw) -> tuple[dict[str, Any], list[Volume]]:
    settings, volumes = _depthwise(draw)
    return settings | {"fixed": draw(st.booleans())}, volumes


def _separable(draw: Draw) -> tuple[dict[str, Any], list[Volume]]:
    settings, volumes = _depthwise(draw)
    return settings | {"filters": draw(st.integers(1, 3))}, volumes


def _local(draw: Draw) -> tuple[dict[str, Any], list[Volume]]:
    settings, extents = _window(draw, draw(st.integers(1, 3)), dilated=False)
    settings |= {"filters": draw(st.integers(1, 2)), "bias": draw(st.booleans())}
    return settings, [Volume(extents, draw(st.integers(1, 2)))]


def _units(draw: Draw) -> tuple[dict[str, Any], list[Volume]]:
    settings = {"units": draw(st.integers(1, 4)), "bias": draw(st.booleans())}
    return settings, [_volume(draw)]


def _rbf(draw: Draw) -> tuple[dict[str, Any], list[Volume]]:
    return {"units": draw(st.integers(1, 4))}, [_volume(draw)]


def _maxout(draw: Draw) -> tuple[dict[str, Any], list[Volume]]:
    pieces = draw(st.integers(1, 3))
    return {"pieces": pieces}, [_volume(draw, channels=pieces * draw(st.integers(1, 3)))]


def _max_pool(draw: Draw) -> tuple[dict[str, Any], list[Volume]]:
    settings, extents = _window(draw, draw(st.integers(1, 3)))
    settings["rounding"] = draw(st.sampled_from(["floor", "ceil"]))
    return settings, [Volume(extents, draw(st.integers(1, 2)))]


def _avg_pool(draw: Draw) -> tuple[dict[str, Any], list[Volume]]:
    settings, extents = _window(draw, draw(st.integers(1, 3)), dilated=False)
    settings["rounding"] = draw(st.sampled_from(["floor", "ceil"]))
    settings["count_include_pad"] = draw(st.booleans())
    return settings, [Volume(extents, draw(st.integers(1, 2)))]


def _adaptive(draw: Draw) -> tuple[dict[str, Any], list[Volume]]:
    volume = _volume(draw, 1)
    sizes = [draw(st.integers(1, 4)) for _ in volume.extents]
    return {"size": draw(st.sampled_from([sizes, sizes[0]]))}, [volume]


def _with_extents(draw: Draw) -> tuple[dict[str, Any], list[Volume]]:
    return {}, [_volume(draw, 1)]


def _upsample(draw: Draw) -> tuple[dict[str, Any], list[Volume]]:
    volume = _volume(draw, 1)
    dimensions = len(volume.extents)
    mode = draw(st.sampled_from(["nearest", "bilinear"]))
    settings: dict[str, Any] = {"mode": mode}
    if mode == "bilinear":
        settings["align_corners"] = draw(st.booleans())
    other = Volume(_extents(draw, dimensions), draw(st.integers(1, 3)))
    match draw(st.sampled_from(["scale", "size", "input"])):
        case "scale":
            return settings | {"scale": _per_axis(draw, dimensions, 3)}, [volume]
        case "size":
            return settings | {"size": list(other.extents)}, [volume]
    return settings, [volume, other]


def _pixel_shuffle(draw: Draw) -> tuple[dict[str, Any], list[Volume]]:
    dimensions = draw(st.integers(1, 3))
    factor = draw(st.integers(1, 3 if dimensions < 3 else 2))
    channels = factor**dimensions * draw(st.integers(1, 2))
    return {"factor": factor}, [Volume(_extents(draw, dimensions), channels)]


def _pixel_unshuffle(draw: Draw) -> tuple[dict[str, Any], list[Volume]]:
    dimensions = draw(st.integers(1, 3))
    factor = draw(st.integers(1, 3 if dimensions < 3 else 2))
    extents = tuple(factor * draw(st.integers(1, 2)) for _ in range(dimensions))
    return {"factor": factor}, [Volume(extents, draw(st.integers(1, 3)))]


def _grouped(draw: Draw) -> tuple[dict[str, Any], list[Volume]]:
    groups = draw(st.integers(1, 3))
    return {"groups": groups}, [_volume(draw, channels=groups * draw(st.integers(1, 3)))]


def _reshape(draw: Draw) -> tuple[dict[str, Any], list[Volume]]:
    volume = _volume(draw)
    shape = draw(st.permutations(volume.shape))
    if draw(st.booleans()):
        shape = [math.prod(shape[:2]), *shape[2:]]
    return {"to": list(shape)}, [volume]


def _margin(draw: Draw, dimensions: int, most: int) -> Any:
    pairs = [[draw(st.integers(0, most)), draw(st.integers(0, most))] for _ in range(dimensions)]
    numbers = [pair[0] for pair in pairs]
    return draw(st.sampled_from([pairs, numbers, numbers[0]]))


def _pad(draw: Draw) -> tuple[dict[str, Any], list[Volume]]:
    volume = _volume(draw)
    settings: dict[str, Any] = {}
    if volume.extents:
        settings["padding"] = _margin(draw, len(volume.extents), 2)
    if draw(st.booleans()):
        settings["channels"] = draw(st.sampled_from([1, [0, 2], [1, 0]]))
    return settings, [volume]


def _crop(draw: Draw) -> tuple[dict[str, Any], list[Volume]]:
    dimensions = draw(st.integers(1, 3))
    channels = draw(st.integers(1, 2))
    if draw(st.booleans()):
        volume = Volume(_extents(draw, dimensions, least=3), channels)
        return {"padding": _margin(draw, dimensions, 1)}, [volume]
    one = Volume(_extents(draw, dimensions), channels)
    smaller = tuple(draw(st.integers(1, n)) for n in one.extents)
    return {}, [one, Volume(smaller, draw(st.integers(1, 3)))]


def _slice(draw: Draw) -> tuple[dict[str, Any], list[Volume]]:
    volume = _volume(draw)
    axis, length = draw(st.sampled_from(_named_axes(volume)))
    start = draw(st.integers(0, length - 1))
    stop = draw(st.one_of(st.none(), st.integers(start + 1, length)))
    return {"axis": axis, "start": start, "stop": stop}, [volume]


def _named_axes(volume: Volume) -> list[tuple[str, int]]:
    return list(zip((*AXES[len(volume.extents)], "channels"), volume.shape, strict=True))


def _affine(draw: Draw) -> tuple[dict[str, Any], list[Volume]]:
    settings: dict[str, Any] = {"eps": draw(st.sampled_from([1e-5, 1e-3]))}
    names = draw(st.sampled_from([("affine",), ("weight", "bias"), ("weight",), ("bias",), ()]))
    return settings | {name: draw(st.booleans()) for name in names}, [_volume(draw)]


def _layer_norm(draw: Draw) -> tuple[dict[str, Any], list[Volume]]:
    settings, volumes = _affine(draw)
    return settings | {"over": draw(st.sampled_from(["channels", "all"]))}, volumes


def _group_norm(draw: Draw) -> tuple[dict[str, Any], list[Volume]]:
    settings, volumes = _grouped(draw)
    learned, _ = _affine(draw)
    return settings | learned, volumes


def _lrn(draw: Draw) -> tuple[dict[str, Any], list[Volume]]:
    settings = {
        "size": draw(st.integers(1, 6)),
        "alpha": draw(st.sampled_from([1e-4, 0.5])),
        "beta": draw(st.sampled_from([0.75, 0.5])),
        "k": draw(st.sampled_from([1, 2.0])),
    }
    return settings, [_volume(draw)]


def _scale(draw: Draw) -> tuple[dict[str, Any], list[Volume]]:
    weight = draw(st.booleans())
    settings = {"weight": weight, "bias": not weight or draw(st.booleans())}
    over = draw(st.sampled_from(["channels", "positions", "all"]))
    return {**settings, "over": over}, [_volume(draw)]


def _rms_norm(draw: Draw) -> tuple[dict[str, Any], list[Volume]]:
    settings = {"weight": draw(st.booleans()), "eps": draw(st.sampled_from([1e-5, 0.5]))}
    return settings, [_volume(draw)]


def _rescale(draw: Draw) -> tuple[dict[str, Any], list[Volume]]:
    volume = _volume(draw)
    number = st.sampled_from([0.5, -2, 1.25])
    numbers = st.one_of(
        number, st.lists(number, min_size=volume.channels, max_size=volume.channels)
    )
    names = draw(st.sampled_from([["factor"], ["offset"], ["factor", "offset"]]))
    return {name: draw(numbers) for name in names}, [volume]


def _prelu(draw: Draw) -> tuple[dict[str, Any], list[Volume]]:
    return {"shared": draw(st.booleans())}, [_volume(draw)]


def _leaky_relu(draw: Draw) -> tuple[dict[str, Any], list[Volume]]:
    return {"slope": draw(st.sampled_from([0.01, 0.2, 2]))}, [_volume(draw)]


def _rate(draw: Draw) -> tuple[dict[str, Any], list[Volume]]:
    return {"rate": draw(st.sampled_from([0, 0.2, 0.5, 1]))}, [_volume(draw)]


def _plain(draw: Draw) -> tuple[dict[str, Any], list[Volume]]:
    return {}, [_volume(draw)]


def _spread(draw: Draw) -> tuple[dict[str, Any], list[Volume]]:
    shape = _volume(draw).shape
    volumes = []
    for _ in range(draw(st.integers(2, 3))):
        mine = tuple(1 if draw(st.integers(0, 3)) == 0 else n for n in shape)
        volumes.append(Volume(mine[:-1], mine[-1]))
    return {}, volumes


def _pair(draw: Draw) -> tuple[dict[str, Any], list[Volume]]:
    return {}, _spread(draw)[1][:2]


def _function(draw: Draw) -> tuple[dict[str, Any], list[Volume]]:
    # sqrt, rsqrt and log are held to their definitions on positive numbers by the goldens
    settings: dict[str, Any] = {
        "of": draw(st.sampled_from(["exp", "erf", "square", "reciprocal", "abs", "negative"]))
    }
    if draw(st.integers(0, 2)) == 0:
        settings = {"of": "power", "exponent": draw(st.sampled_from([2, 3]))}
    if draw(st.integers(0, 2)) == 0:
        settings = {"of": "clamp", "least": -0.5} | draw(st.sampled_from([{}, {"most": 1}]))
    return settings, [_volume(draw)]


def _reduce(draw: Draw) -> tuple[dict[str, Any], list[Volume]]:
    volume = _volume(draw)
    names = [*AXES[len(volume.extents)], "channels"]
    of = draw(st.sampled_from(["sum", "mean", "max", "min", "variance", "length"]))
    axes = draw(st.lists(st.sampled_from(names), min_size=1, unique=True))
    return {"of": of, "axes": axes}, [volume]


def _learned(draw: Draw) -> tuple[dict[str, Any], list[Volume]]:
    shape = [draw(st.integers(1, 3)) for _ in range(draw(st.integers(1, 3)))]
    return {"shape": shape, "fixed": draw(st.booleans())}, [_volume(draw)]


def _rearrange(draw: Draw) -> tuple[dict[str, Any], list[Volume]]:
    lengths = {f"a{i}": draw(st.integers(1, 3)) for i in range(draw(st.integers(2, 5)))}
    names = list(lengths)
    cut, other = (draw(st.integers(1, min(4, len(names)))) for _ in range(2))
    before = [names[i::cut] for i in range(cut)]
    after = draw(st.permutations(names))
    given = [[axis[0], *(f"{name}={lengths[name]}" for name in axis[1:])] for axis in before]
    left, right = (
        " ".join(f"({' '.join(axis)})" for axis in side)
        for side in (given, [after[i::other] for i in range(other)])
    )
    *extents, channels = (math.prod(lengths[name] for name in axis) for axis in before)
    return {"pattern": f"{left} -> {right}"}, [Volume(tuple(extents), channels)]


def _attention(draw: Draw) -> tuple[dict[str, Any], list[Volume]]:
    heads, each = draw(st.integers(1, 2)), draw(st.integers(1, 2))
    settings: dict[str, Any] = {"heads": heads, "cosine": draw(st.booleans())}
    dimensions = draw(st.integers(1, 2))
    extents = _extents(draw, dimensions)
    table: list[Volume] = []
    if draw(st.booleans()):
        sides = [draw(st.integers(1, 2)) for _ in range(dimensions)]
        extents = tuple(side * draw(st.integers(1, 2)) for side in sides)
        settings |= {"window_size": sides}
        match draw(st.integers(0, 3)):
            case 0:
                settings["grid"] = True
            case 1:
                settings["shift"] = 1
        if draw(st.booleans()):
            settings["relative"] = True
        elif draw(st.booleans()):
            table = [Volume(tuple(2 * side - 1 for side in sides), heads)]
    if draw(st.booleans()):
        return settings, [Volume(extents, 3 * heads * each), *table]
    keys = extents if "window_size" in settings else _extents(draw, dimensions)
    depth = heads * draw(st.integers(1, 2))
    volumes = [Volume(extents, heads * each), Volume(keys, heads * each), Volume(keys, depth)]
    return settings, [*volumes, *table]


def _matmul(draw: Draw) -> tuple[dict[str, Any], list[Volume]]:
    rows, inner, columns = (draw(st.integers(1, 3)) for _ in range(3))
    around, transposed = _extents(draw, draw(st.integers(0, 2))), draw(st.booleans())
    shape = (columns, inner) if transposed else (inner, columns)
    return {"transposed": transposed}, [
        Volume((*around, rows), inner),
        Volume((*around, shape[0]), shape[1]),
    ]


def _concat(draw: Draw) -> tuple[dict[str, Any], list[Volume]]:
    names = _named_axes(one := _volume(draw))
    axis = draw(st.integers(0, len(names) - 1))
    volumes = []
    for _ in range(draw(st.integers(2, 3))):
        shape = (*one.shape[:axis], draw(st.integers(1, 3)), *one.shape[axis + 1 :])
        volumes.append(Volume(shape[:-1], shape[-1]))
    return {"axis": names[axis][0]}, volumes


STRATEGIES: dict[str, Callable[[Draw], tuple[dict[str, Any], list[Volume]]]] = {
    "conv": _conv,
    "conv_transpose": _conv_transpose,
    "depthwise_conv": _depthwise_conv,
    "separable_conv": _separable,
    "local": _local,
    "fc": _units,
    "linear": _units,
    "rbf": _rbf,
    "maxout": _maxout,
    "max_pool": _max_pool,
    "avg_pool": _avg_pool,
    "adaptive_avg_pool": _adaptive,
    "adaptive_max_pool": _adaptive,
    "global_avg_pool": _with_extents,
    "global_max_pool": _with_extents,
    "upsample": _upsample,
    "pixel_shuffle": _pixel_shuffle,
    "pixel_unshuffle": _pixel_unshuffle,
    "channel_shuffle": _grouped,
    "reshape": _reshape,
    "flatten": _plain,
    "identity": _plain,
    "pad": _pad,
    "crop": _crop,
    "slice": _slice,
    "batch_norm": _affine,
    "layer_norm": _layer_norm,
    "group_norm": _group_norm,
    "instance_norm": _affine,
    "rms_norm": _rms_norm,
    "l2_norm": _plain,
    "lrn": _lrn,
    "scale": _scale,
    "rescale": _rescale,
    "dropout": _rate,
    "drop_path": _rate,
    "relu": _plain,
    "relu6": _plain,
    "leaky_relu": _leaky_relu,
    "prelu": _prelu,
    "elu": _plain,
    "gelu": _plain,
    "silu": _plain,
    "hardswish": _plain,
    "hardsigmoid": _plain,
    "sigmoid": _plain,
    "tanh": _plain,
    "softplus": _plain,
    "mish": _plain,
    "function": _function,
    "reduce": _reduce,
    "softmax": _plain,
    "learned": _learned,
    "rearrange": _rearrange,
    "attention": _attention,
    "matmul": _matmul,
    "add": _spread,
    "multiply": _spread,
    "subtract": _pair,
    "divide": _pair,
    "maximum": _spread,
    "minimum": _spread,
    "average": _spread,
    "concat": _concat,
}


@st.composite
def cases(draw: Draw, tag: str) -> Case:
    """Draw a layer of a type, and volumes that it accepts."""
    settings, volumes = STRATEGIES[tag](draw)
    return layer_type(tag)(**settings), tuple(volumes)
