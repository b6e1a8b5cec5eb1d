"""The same random network built twice, here and in PyTorch: volumes, counts and values agree.

Needs PyTorch, so it is not part of the suite: `pytest -m torch` runs it, with the environment
variable NETWORKS for how many (default 100).
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support import Recorded

import cnncalc

torch = pytest.importorskip("torch")
nn = torch.nn
F = torch.nn.functional

pytestmark = [pytest.mark.torch, pytest.mark.filterwarnings("ignore")]

Draw = Callable[[st.SearchStrategy[Any]], Any]
Arrays = dict[str, Any]


class Step(NamedTuple):
    """One layer of a network: where its inputs come from, the module, and how to fill it."""

    sources: tuple[int, ...]
    module: Any
    fill: Callable[[Any, Arrays], None]


class Part(NamedTuple):
    """One layer type, as a file writes it and as PyTorch has it."""

    element: dict[str, Any]
    module: Any
    fill: Callable[[Any, Arrays], None] = lambda module, arrays: None


class Call(nn.Module):  # type: ignore[misc, name-defined]
    """A function as a module."""

    def __init__(self, function: Callable[..., Any], *parts: Any) -> None:
        super().__init__()
        self.function = function
        self.parts = nn.ModuleList(parts)

    def forward(self, *inputs: Any) -> Any:
        """Return what the function makes of the modules it was given, and the inputs."""
        return self.function(*self.parts, *inputs)


def put(parameter: Any, array: Any) -> None:
    """Copy an array into a parameter."""
    with torch.no_grad():
        parameter.copy_(torch.as_tensor(np.asarray(array, np.float64)))


def fill_affine(module: Any, arrays: Arrays) -> None:
    """Copy weight and bias as they are, and running statistics."""
    for name, own in (("weight", "weight"), ("bias", "bias")):
        if name in arrays:
            put(getattr(module, own), arrays[name])
    if "mean" in arrays:
        put(module.running_mean, arrays["mean"])
        put(module.running_var, arrays["variance"])


def fill_conv(module: Any, arrays: Arrays) -> None:
    """Copy a convolution's weight, whose channels are last here."""
    put(module.weight, np.moveaxis(arrays["weight"], -1, 1))
    if "bias" in arrays:
        put(module.bias, arrays["bias"])


def fill_transposed(module: Any, arrays: Arrays) -> None:
    """Copy a transposed convolution's weight, whose filters are first here."""
    weight = arrays["weight"]
    d2, *kernel, d1 = weight.shape
    parts = weight.reshape(module.groups, d2 // module.groups, *kernel, d1)
    put(module.weight, np.moveaxis(parts, -1, 1).reshape(module.weight.shape))
    if "bias" in arrays:
        put(module.bias, arrays["bias"])


def fill_separable(module: Any, arrays: Arrays) -> None:
    """Copy the depthwise and the pointwise weights."""
    put(module[0].weight, np.moveaxis(arrays["weight_depthwise"], -1, 1))
    weight = arrays["weight_pointwise"]
    put(module[1].weight, weight.reshape(*weight.shape, *[1] * (module[0].weight.ndim - 2)))
    put(module[1].bias, arrays["bias"])


def per_axis(draw: Draw, count: int, least: int, most: int) -> Any:
    """Draw one number, or one for each axis."""
    numbers = [draw(st.integers(least, most)) for _ in range(count)]
    return draw(st.sampled_from([numbers, numbers[0]]))


def divisor(draw: Draw, number: int) -> int:
    """Draw a divisor."""
    chosen: int = draw(st.sampled_from([n for n in range(1, number + 1) if number % n == 0]))
    return chosen


def window(
    draw: Draw, count: int, *, dilated: bool = True
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Draw a window's settings in a file's words, and in PyTorch's."""
    kernel = per_axis(draw, count, 1, 4)
    stride = per_axis(draw, count, 1, 3)
    padding = per_axis(draw, count, 0, 2)
    theirs = {"kernel_size": kernel, "stride": stride, "padding": padding}
    ours = {"kernel": kernel, "stride": stride, "padding": padding}
    if dilated:
        ours["dilation"] = theirs["dilation"] = per_axis(draw, count, 1, 2)
    return ours, theirs


def conv(draw: Draw, c: int, count: int) -> Part:
    """Draw a convolution."""
    ours, theirs = window(draw, count)
    groups = divisor(draw, c)
    filters = groups * draw(st.integers(1, 3))
    bias = draw(st.booleans())
    if draw(st.integers(0, 3)) == 0:
        ours |= {"padding": "same", "stride": 1}
        theirs |= {"padding": "same", "stride": 1}
    more = {"groups": groups, "bias": bias}
    module = [nn.Conv1d, nn.Conv2d, nn.Conv3d][count - 1](c, filters, **theirs, **more)
    return Part({"type": "conv", "filters": filters, **ours, **more}, module, fill_conv)


def kept(draw: Draw, c: int, count: int, filters: int) -> Part:
    """Draw a convolution that keeps the extents."""
    kernel = draw(st.sampled_from([1, 3, 5]))
    padding = kernel // 2
    module = [nn.Conv1d, nn.Conv2d, nn.Conv3d][count - 1](c, filters, kernel, padding=padding)
    element = {"type": "conv", "filters": filters, "kernel": kernel, "padding": "half"}
    return Part(element, module, fill_conv)


def depthwise(draw: Draw, c: int, count: int) -> Part:
    """Draw a depthwise convolution."""
    ours, theirs = window(draw, count)
    m = draw(st.integers(1, 2))
    module = [nn.Conv1d, nn.Conv2d, nn.Conv3d][count - 1](c, c * m, **theirs, groups=c)
    return Part({"type": "depthwise_conv", "multiplier": m, **ours}, module, fill_conv)


def separable(draw: Draw, c: int, count: int) -> Part:
    """Draw a separable convolution."""
    ours, theirs = window(draw, count)
    m, filters = draw(st.integers(1, 2)), draw(st.integers(1, 5))
    make = [nn.Conv1d, nn.Conv2d, nn.Conv3d][count - 1]
    module = nn.Sequential(make(c, c * m, **theirs, groups=c, bias=False), make(c * m, filters, 1))
    element = {"type": "separable_conv", "filters": filters, "multiplier": m, **ours}
    return Part(element, module, fill_separable)


def transposed(draw: Draw, c: int, count: int) -> Part:
    """Draw a transposed convolution."""
    ours, theirs = window(draw, count)
    groups = divisor(draw, c)
    filters = groups * draw(st.integers(1, 2))
    extra = per_axis(draw, count, 0, 1)
    more = {"groups": groups, "output_padding": extra, "bias": draw(st.booleans())}
    make = [nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d][count - 1]
    module = make(c, filters, **theirs, **more)
    return Part(
        {"type": "conv_transpose", "filters": filters, **ours, **more}, module, fill_transposed
    )


def max_pool(draw: Draw, c: int, count: int) -> Part:
    """Draw a max pool."""
    ours, theirs = window(draw, count)
    ceil = draw(st.booleans())
    module = [nn.MaxPool1d, nn.MaxPool2d, nn.MaxPool3d][count - 1](**theirs, ceil_mode=ceil)
    return Part({"type": "max_pool", "rounding": "ceil" if ceil else "floor", **ours}, module)


def avg_pool(draw: Draw, c: int, count: int) -> Part:
    """Draw an average pool."""
    ours, theirs = window(draw, count, dilated=False)
    ceil, include = draw(st.booleans()), draw(st.booleans())
    make = [nn.AvgPool1d, nn.AvgPool2d, nn.AvgPool3d][count - 1]
    module = make(**theirs, ceil_mode=ceil, count_include_pad=include)
    rounding = "ceil" if ceil else "floor"
    element = {"type": "avg_pool", "rounding": rounding, "count_include_pad": include, **ours}
    return Part(element, module)


def adaptive(draw: Draw, c: int, count: int) -> Part:
    """Draw an adaptive pool."""
    size = [draw(st.integers(1, 4)) for _ in range(count)]
    if draw(st.booleans()):
        make = [nn.AdaptiveAvgPool1d, nn.AdaptiveAvgPool2d, nn.AdaptiveAvgPool3d]
        return Part({"type": "adaptive_avg_pool", "size": size}, make[count - 1](size))
    make = [nn.AdaptiveMaxPool1d, nn.AdaptiveMaxPool2d, nn.AdaptiveMaxPool3d]
    return Part({"type": "adaptive_max_pool", "size": size}, make[count - 1](size))


def upsample(draw: Draw, c: int, count: int) -> Part:
    """Draw an upsampling."""
    mode = draw(st.sampled_from(["nearest", "bilinear"]))
    name = "nearest" if mode == "nearest" else ["linear", "bilinear", "trilinear"][count - 1]
    corners = draw(st.booleans()) if mode == "bilinear" else None
    element: dict[str, Any] = {"type": "upsample", "mode": mode}
    if corners is not None:
        element["align_corners"] = corners
    if draw(st.booleans()):
        scale = draw(st.integers(1, 3))
        module = nn.Upsample(scale_factor=scale, mode=name, align_corners=corners)
        return Part({**element, "scale": scale}, module)
    size = [draw(st.integers(1, 7)) for _ in range(count)]
    return Part({**element, "size": size}, nn.Upsample(size, mode=name, align_corners=corners))


def norm(draw: Draw, c: int, count: int) -> Part:
    """Draw a norm."""
    affine = draw(st.booleans())
    groups = divisor(draw, c)
    batch = [nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d][count - 1]
    instance = [nn.InstanceNorm1d, nn.InstanceNorm2d, nn.InstanceNorm3d][count - 1]
    bias = draw(st.booleans())  # PyTorch has a norm with its weight alone for this type only
    layer = nn.LayerNorm(c, elementwise_affine=affine, bias=bias)
    size = draw(st.integers(1, 6))
    choices: list[Part] = [
        Part({"type": "batch_norm", "affine": affine}, batch(c, affine=affine), fill_affine),
        Part({"type": "instance_norm", "affine": affine}, instance(c, affine=affine), fill_affine),
        Part(
            {"type": "group_norm", "groups": groups, "affine": affine},
            nn.GroupNorm(groups, c, affine=affine),
            fill_affine,
        ),
        Part(
            {"type": "layer_norm", "weight": affine, "bias": affine and bias},
            Call(lambda own, x: own(x.movedim(1, -1)).movedim(-1, 1), layer),
            lambda module, arrays: fill_affine(module.parts[0], arrays),
        ),
        Part(
            {"type": "lrn", "size": size, "alpha": 0.1},
            nn.LocalResponseNorm(size, 0.1 * size, 0.75, 2),
        ),
        Part({"type": "l2_norm"}, Call(F.normalize)),
    ]
    part: Part = draw(st.sampled_from(choices))
    return part


FUNCTIONS = {
    "relu": nn.ReLU,
    "relu6": nn.ReLU6,
    "leaky_relu": nn.LeakyReLU,
    "elu": nn.ELU,
    "gelu": nn.GELU,
    "silu": nn.SiLU,
    "hardswish": nn.Hardswish,
    "hardsigmoid": nn.Hardsigmoid,
    "sigmoid": nn.Sigmoid,
    "tanh": nn.Tanh,
    "softplus": nn.Softplus,
    "mish": nn.Mish,
    "dropout": nn.Dropout,
    "identity": nn.Identity,
}


def function(draw: Draw, c: int, count: int) -> Part:
    """Draw an activation function."""
    tag = draw(st.sampled_from([*FUNCTIONS, "softmax", "prelu"]))
    if tag == "softmax":
        return Part({"type": tag}, nn.Softmax(1))
    if tag == "prelu":
        shared = draw(st.booleans())
        return Part({"type": tag, "shared": shared}, nn.PReLU(1 if shared else c), fill_affine)
    return Part({"type": tag}, FUNCTIONS[tag]())


def linear(draw: Draw, c: int, count: int) -> Part:
    """Draw a linear layer on the channels."""
    units, bias = draw(st.integers(1, 5)), draw(st.booleans())
    module = Call(lambda own, x: own(x.movedim(1, -1)).movedim(-1, 1), nn.Linear(c, units, bias))
    element = {"type": "linear", "units": units, "bias": bias}
    return Part(element, module, lambda module, arrays: fill_affine(module.parts[0], arrays))


def move(draw: Draw, c: int, count: int) -> Part:
    """Draw a layer that moves values."""
    margins = [[draw(st.integers(0, 2)), draw(st.integers(0, 2))] for _ in range(count)]
    flat = [n for pair in reversed(margins) for n in pair]
    start = draw(st.integers(0, c - 1))
    stop = draw(st.integers(start + 1, c))
    groups = divisor(draw, c)
    r = draw(st.integers(1, 2))

    def shuffle(x: Any) -> Any:
        return x.unflatten(1, (groups, -1)).transpose(1, 2).flatten(1, 2)

    choices: list[Part] = [
        Part({"type": "pad", "padding": margins}, Call(lambda x: F.pad(x, flat))),
        Part({"type": "crop", "padding": margins}, Call(lambda x: F.pad(x, [-n for n in flat]))),
        Part({"type": "slice", "start": start, "stop": stop}, Call(lambda x: x[:, start:stop])),
        Part({"type": "channel_shuffle", "groups": groups}, Call(shuffle)),
    ]
    if count == 2:
        choices.append(Part({"type": "pixel_unshuffle", "factor": r}, nn.PixelUnshuffle(r)))
        if c % r**2 == 0:
            choices.append(Part({"type": "pixel_shuffle", "factor": r}, nn.PixelShuffle(r)))
    part: Part = draw(st.sampled_from(choices))
    return part


PARTS = [
    conv,
    conv,
    conv,
    depthwise,
    separable,
    transposed,
    max_pool,
    avg_pool,
    adaptive,
    upsample,
    norm,
    norm,
    function,
    function,
    linear,
    move,
]
MOST_VALUES = 20_000


class Builder:
    """A network in the making: its steps, and what each gives for one input."""

    def __init__(self, draw: Draw, shape: tuple[int, ...]) -> None:
        self.draw = draw
        generator = torch.Generator().manual_seed(0)
        start = torch.rand((2, *shape), generator=generator, dtype=torch.float64) * 4 - 2
        self.results = [start]
        self.steps: list[Step] = []
        self.unnamed: set[int] = set()  # merges of branches, which a file does not name

    def add(
        self, part: Part, sources: tuple[int, ...], most: float = MOST_VALUES
    ) -> dict[str, Any] | None:
        """Return the element if PyTorch takes the layer, None if it does not."""
        module = part.module.double().eval()
        try:
            with torch.no_grad():
                result = module(*[self.results[i] for i in sources])
        except (RuntimeError, ValueError):
            return None
        # Where a dilated max pool sees padding alone, PyTorch has -inf, and cnncalc refuses.
        if not 0 < result.numel() <= most or not result.isfinite().all():
            return None
        self.results.append(result)
        self.steps.append(Step(sources, module, part.fill))
        return {"name": f"n{len(self.steps)}", **part.element}

    def last(self) -> int:
        """Return the index of the newest result."""
        return len(self.results) - 1

    def sequence(self, length: int, depth: int = 0) -> list[dict[str, Any]]:
        """Return elements that follow one another from the newest result on."""
        elements: list[dict[str, Any] | None] = []
        for _ in range(length):
            x = self.results[-1]
            count, c = x.ndim - 2, x.shape[1]
            kind = self.draw(st.integers(0, 9))
            if kind == 0 and depth < 2:
                elements.append(self.branches(depth))
            elif kind == 1:
                elements.append(self.skip())
            else:
                part = self.draw(st.sampled_from(PARTS))(self.draw, c, count)
                elements.append(self.add(part, (self.last(),)))
        return [element for element in elements if element]

    def branches(self, depth: int) -> dict[str, Any] | None:
        """Return branches whose results have the same extents, and their merge."""
        fork = self.last()
        count, c = self.results[-1].ndim - 2, self.results[-1].shape[1]
        merge = self.draw(st.sampled_from(["add", "multiply", "concat"]))
        branches, ends = [], []
        for turn in range(self.draw(st.integers(2, 3))):
            begin = fork
            branch = []
            if turn or self.draw(st.booleans()):
                filters = c if merge != "concat" else self.draw(st.integers(1, 4))
                for part in (
                    kept(self.draw, c, count, filters),
                    function(self.draw, filters, count),
                ):
                    element = self.add(part, (begin,))
                    if element:
                        branch.append(element)
                        begin = self.last()
            branches.append(branch)
            ends.append(begin)
        assert self.add(self.merge(merge), tuple(ends), math.inf), "what fits is merged"
        self.unnamed.add(self.last())
        return {"merge": merge, "branches": branches}

    def skip(self) -> dict[str, Any] | None:
        """Return a merge with an earlier result that fits, if there is one."""
        x = self.results[-1]
        merge = self.draw(st.sampled_from(["add", "multiply", "concat"]))
        fits = [
            i
            for i, other in enumerate(self.results[:-1])
            if i not in self.unnamed
            and other.ndim == x.ndim
            and (
                other.shape[2:] == x.shape[2:]
                if merge == "concat"
                else all(a == b or 1 in (a, b) for a, b in zip(other.shape, x.shape, strict=True))
            )
        ]
        if not fits:
            return None
        other = self.draw(st.sampled_from(fits))
        element = self.add(self.merge(merge), (self.last(), other))
        return element and {**element, "type": merge, "from": ["previous", self.name(other)]}

    def name(self, index: int) -> str:
        """Return what a file calls a result."""
        return f"n{index}" if index else "input"

    def merge(self, tag: str) -> Part:
        """Return the merge of a word."""
        functions = {
            "add": lambda *inputs: sum(inputs[1:], inputs[0]),
            "multiply": lambda *inputs: math.prod(inputs[1:], start=inputs[0]),
            "concat": lambda *inputs: torch.cat(inputs, 1),
        }
        return Part({}, Call(functions[tag]))

    def head(self) -> list[dict[str, Any]]:
        """Return the end of a classifier, or nothing."""
        if self.draw(st.booleans()):
            return []
        size = self.results[-1][0].numel()
        units = self.draw(st.integers(1, 4))

        def flat(own: Any, x: Any) -> Any:
            return own(x.movedim(1, -1).flatten(1))

        part = Part(
            {"type": "fc", "units": units},
            Call(flat, nn.Linear(size, units)),
            lambda module, arrays: fill_affine(module.parts[0], arrays),
        )
        element = self.add(part, (self.last(),))
        return [element] if element else []


@st.composite
def networks(draw: Draw) -> tuple[dict[str, Any], list[Step], Any]:
    """Draw a network as a file has it, its steps in PyTorch, and an input."""
    count = draw(st.integers(1, 3))
    shape = [draw(st.integers(1, 5))]
    shape += [draw(st.integers(2, (24, 11, 6)[count - 1])) for _ in range(count)]
    builder = Builder(draw, tuple(shape))
    layers = builder.sequence(draw(st.integers(3, 10))) + builder.head()
    file = {
        "name": "random",
        "input": "x".join(map(str, (*shape[1:], shape[0]))),
        "layers": layers or [{"type": "identity"}],
    }
    if not layers:
        builder.add(Part({}, nn.Identity()), (0,))
    return file, builder.steps, builder.results[0]


@settings(
    max_examples=int(os.environ.get("NETWORKS", "100")),
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(networks())
def test_random_networks_agree(network: tuple[dict[str, Any], list[Step], Any]) -> None:
    """Volumes, parameters, multiply-accumulates and values are PyTorch's; verify agrees."""
    from torch.utils.flop_counter import FlopCounterMode

    file, steps, start = network
    report = cnncalc.analyze(file)
    rows = report.layers
    assert len(rows) == len(steps) + 1
    results = [start]
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        for i, (row, step) in enumerate(zip(rows[1:], steps, strict=True)):
            assert row.sources == step.sources
            assert row.layer is not None
            inputs = [results[source] for source in step.sources]
            arrays = Recorded(i)
            found = row.layer.forward(
                arrays, *[x.movedim(1, -1).numpy().astype(np.float32) for x in inputs]
            )
            step.fill(step.module, arrays.made)
            results.append(step.module(*inputs))
            expected = results[-1].movedim(1, -1).numpy()
            assert row.output.shape == expected.shape[1:]
            assert row.parameters == sum(p.numel() for p in step.module.parameters())
            largest = max(1.0, np.abs(expected).max())
            np.testing.assert_allclose(found, expected, rtol=0, atol=1e-4 * largest)
    assert 2 * report.macs * len(start) == counter.get_total_flops()
    verified = cnncalc.verify(file)
    assert verified.ok, [layer for layer in verified.layers if not layer.ok]
