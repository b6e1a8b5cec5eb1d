"""Receptive fields of random networks, held against gradients in PyTorch.

Needs PyTorch, so it is not part of the suite: `pytest -m torch` runs it, with the environment
variable NETWORKS for how many networks (default 1000).

All weights are positive, so that no gradient cancels; a max pool is a convolution with ones, as
its gradient reaches the largest value alone. cnncalc's fields ignore borders: zeros, padded with
ones, show which units see some, and those are left out.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from random import Random
from typing import Any, NamedTuple

import pytest
from support import border

import cnncalc
from cnncalc import api
from cnncalc.model.receptive_field import Box, views_of
from cnncalc.model.row import ReceptiveField
from cnncalc.model.sight import Phases

torch = pytest.importorskip("torch")
F = torch.nn.functional

pytestmark = [pytest.mark.torch, pytest.mark.filterwarnings("ignore")]

NETWORKS = int(os.environ.get("NETWORKS", "1000"))
EXTENTS = {1: (150, 260), 2: (40, 60)}
MOST_EXTENT = 600
FIRST = int(os.environ.get("FIRST", "0"))  # the seed of the first network
CONV = {1: F.conv1d, 2: F.conv2d}
TRANSPOSED = {1: F.conv_transpose1d, 2: F.conv_transpose2d}
LINEAR = {1: "linear", 2: "bilinear"}

Run = Callable[..., Any]


class Layer(NamedTuple):
    """An element of a file, what it takes of the earlier results, and the same in PyTorch.

    `run` takes the inputs and the axis whose padding is ones; None: all padding is zeros.
    """

    element: dict[str, Any]
    sources: tuple[int, ...]
    run: Run


def padded(x: Any, margins: Sequence[int], ones: int | None) -> Any:
    """Return x with these margins on both sides of its axes: zeros, or ones along one axis."""
    for axis, margin in enumerate(margins):
        sides = [0, 0] * (x.ndim - 3 - axis) + [margin, margin]
        x = F.pad(x, sides, value=float(axis == ones))
    return x


class Drawn:
    """A random network in the making, and its results on an input of ones."""

    def __init__(self, seed: int) -> None:
        self.seed, self.random = seed, Random(seed)
        self.axes = self.random.choice([1, 1, 2])
        extents = [self.random.randint(*EXTENTS[self.axes]) for _ in range(self.axes)]
        self.extents = tuple(extents)
        self.x = torch.ones((1, 1, *extents), dtype=torch.float64, requires_grad=True)
        self.results = [self.x]
        self.layers: list[Layer] = []

    def file(self) -> dict[str, Any]:
        """Return the network as a file has it."""
        return {
            "name": "random",
            "input": "x".join(map(str, (*self.extents, 1))),
            "layers": [layer.element for layer in self.layers],
        }

    def per_axis(self, least: int, most: int) -> list[int]:
        """Draw a number for each axis."""
        return [self.random.randint(least, most) for _ in range(self.axes)]

    def add(self, element: dict[str, Any], sources: tuple[int, ...], run: Run) -> bool:
        """Add a layer, unless PyTorch refuses it or its result is too small or too large."""
        try:
            result = run([self.results[source] for source in sources], None)
        except (RuntimeError, ValueError):
            return False
        if not all(3 <= n <= MOST_EXTENT for n in result.shape[2:]) or result.numel() > 10**6:
            return False
        names = [f"n{source}" if source else "input" for source in sources]
        named = {"name": f"n{len(self.results)}", "from": names, **element}
        self.layers.append(Layer(named, sources, run))
        self.results.append(result)
        return True

    def weight(self, kernel: list[int], channels: int) -> Any:
        """Return positive weights for a kernel."""
        return torch.rand((1, channels, *kernel), dtype=torch.float64) + 0.5

    def window(self) -> dict[str, list[int]]:
        """Draw a window's settings."""
        return {
            "kernel": self.per_axis(1, 4),
            "stride": self.per_axis(1, 3),
            "padding": self.per_axis(0, 2),
            "dilation": self.per_axis(1, 2),
        }

    def conv(self, source: int) -> bool:
        """Add a convolution, or a max pool."""
        settings = self.window()
        pool = self.random.random() < 0.3
        if pool:
            settings["padding"] = [
                min(p, k // 2) for p, k in zip(settings["padding"], settings["kernel"], strict=True)
            ]
        weight = self.weight(settings["kernel"], self.results[source].shape[1])
        options = {name: settings[name] for name in ("stride", "dilation")}

        def run(inputs: Sequence[Any], ones: int | None) -> Any:
            x = padded(inputs[0], settings["padding"], ones)
            found = CONV[self.axes](x, weight, None, **options)
            return found.expand(-1, x.shape[1], *[-1] * self.axes) if pool else found

        kind = {"type": "max_pool"} if pool else {"type": "conv", "filters": 1}
        return self.add({**kind, **settings}, (source,), run)

    def transposed(self, source: int) -> bool:
        """Add a transposed convolution: dilated, padded, output-padded."""
        settings = self.window()
        settings["stride"] = self.per_axis(1, 4)
        settings["dilation"] = self.per_axis(1, 3)
        settings["output_padding"] = [
            self.random.randrange(max(s, d))
            for s, d in zip(settings["stride"], settings["dilation"], strict=True)
        ]
        channels = self.results[source].shape[1]
        weight = self.weight(settings["kernel"], channels).transpose(0, 1)
        options = {name: value for name, value in settings.items() if name != "kernel"}
        more = [k * d for k, d in zip(settings["kernel"], settings["dilation"], strict=True)]

        def run(inputs: Sequence[Any], ones: int | None) -> Any:
            (x,) = inputs
            found = TRANSPOSED[self.axes](x, weight, None, **options)
            if ones is None:
                return found
            large = {**options, "padding": 0, "output_padding": 0}
            whole = TRANSPOSED[self.axes](padded(x, more, ones), weight, None, **large)
            for axis, n in enumerate(found.shape[2:]):
                start = more[axis] * options["stride"][axis] + options["padding"][axis]
                whole = whole.narrow(axis + 2, start, n)
            return whole

        return self.add({"type": "conv_transpose", "filters": 1, **settings}, (source,), run)

    def upsample(self, source: int, scale: int = 0) -> bool:
        """Add an upsampling."""
        scale = scale or self.random.randint(2, 4)
        mode = self.random.choice(["nearest", "bilinear"])
        kind = LINEAR[self.axes] if mode == "bilinear" else mode

        def run(inputs: Sequence[Any], ones: int | None) -> Any:
            (x,) = inputs
            found = F.interpolate(x, scale_factor=scale, mode=kind)
            if mode == "nearest" or (ones is None and scale % 2 == 0):
                return found
            # In the middle of an odd scale the second neighbour has the weight 0, and is seen.
            x = padded(x, [1] * self.axes, ones)
            for axis in range(2, x.ndim):
                n = (x.shape[axis] - 2) * scale
                first = torch.div(2 * torch.arange(n) + 1 - scale, 2 * scale, rounding_mode="floor")
                x = x.index_select(axis, first + 1) + x.index_select(axis, first + 2)
            return found + x

        return self.add({"type": "upsample", "scale": scale, "mode": mode}, (source,), run)

    def merge(self, sources: tuple[int, ...]) -> bool:
        """Add a merge of results of the same extents."""
        alike = len({self.results[source].shape for source in sources}) == 1
        if alike and self.random.random() < 0.5:
            return self.add({"type": "add"}, sources, lambda inputs, ones: sum(inputs))
        return self.add({"type": "concat"}, sources, lambda inputs, ones: torch.cat(inputs, 1))

    def crop(self, source: int, to: int) -> bool:
        """Add a crop to another result's extents."""
        wanted = self.results[to].shape[2:]

        def run(inputs: Sequence[Any], ones: int | None) -> Any:
            x = inputs[0]
            for axis, n in enumerate(wanted, 2):
                if x.shape[axis] < n:
                    raise ValueError("too small")
                x = x.narrow(axis, (x.shape[axis] - n) // 2, n)
            return x

        return self.add({"type": "crop"}, (source, to), run)

    def grow(self) -> None:
        """Add layers: in a row, side by side, and back to earlier ones."""
        for _ in range(self.random.randint(2, 7)):
            at = len(self.results) - 1
            kind = self.random.random()
            if kind < 0.3:
                self.conv(at)
            elif kind < 0.5:
                self.transposed(at)
            elif kind < 0.65:
                self.upsample(at)
            elif kind < 0.85:
                self.branch(at)
            else:
                self.skip(at)

    def branch(self, at: int) -> None:
        """Add two ways from a result, and their merge: cropped where one is larger."""
        first, second = [self.way(at) for _ in range(2)]
        sizes = [self.results[end].shape[2:] for end in (first, second)]
        if sizes[0] != sizes[1]:
            larger, smaller = (first, second) if sizes[0] > sizes[1] else (second, first)
            if not self.crop(larger, smaller):
                return
            first, second = len(self.results) - 1, smaller
        self.merge((first, second))

    def way(self, at: int) -> int:
        """Add up to three layers from a result; return the last of them."""
        for _ in range(self.random.randint(0, 3)):
            add = self.random.choice([self.conv, self.transposed, self.upsample])
            if add(at):
                at = len(self.results) - 1
        return at

    def skip(self, at: int) -> None:
        """Add a merge with an earlier result, cropped if that is larger."""
        earlier = self.random.randrange(len(self.results))
        if self.results[earlier].shape[2:] != self.results[at].shape[2:]:
            if not self.crop(earlier, at):
                return
            earlier = len(self.results) - 1
        if earlier != at:
            self.merge((at, earlier))

    def touched(self) -> list[Any]:
        """Return, for each result, which of its units see padding along some axis."""
        found = [torch.zeros(one.shape[2:], dtype=torch.bool) for one in self.results]
        with torch.no_grad():
            for axis in range(self.axes):
                values = [torch.zeros_like(self.x)]
                for layer in self.layers:
                    values.append(layer.run([values[source] for source in layer.sources], axis))
                for flags, one in zip(found, values, strict=True):
                    flags |= one.sum((0, 1)) > 0
        return found

    def reached(self, node: int, unit: tuple[int, ...]) -> tuple[tuple[int, int], ...] | None:
        """Return the first and last input pixel along each axis that a unit's gradient reaches."""
        value = self.results[node].sum((0, 1))[unit]
        (gradient,) = torch.autograd.grad(value, self.x, retain_graph=True)
        pixels = gradient[0, 0].nonzero()
        if not len(pixels):
            return None
        return tuple((int(axis.min()), int(axis.max())) for axis in pixels.T)


def middle(free: Any) -> list[tuple[int, ...]]:
    """Return units that see no padding: along each axis neighbours in the middle."""
    places = free.nonzero()
    if not len(places):
        return []
    most = (60, 8)[free.ndim - 1]
    centre = places[len(places) // 2]
    near = (places - centre).abs().amax(1) < most // 2
    return [tuple(place) for place in places[near].tolist()]


def claimed(boxes: Sequence[Box], unit: tuple[int, ...]) -> tuple[tuple[int, int], ...] | None:
    """Return the first and last pixel along each axis of all boxes in which a unit sees some."""
    sides = [[border(sight, u) for sight, u in zip(box, unit, strict=True)] for box in boxes]
    inside = [side for side in sides if None not in side]
    if not inside:
        return None
    axes = zip(*inside, strict=True)
    return tuple((min(a for a, _ in axis), max(b for _, b in axis)) for axis in axes)


def test_random_networks_have_the_fields_that_gradients_show() -> None:
    """The first and last pixel of units that see no padding; the widest, the smallest."""
    units = differing = merged = several = 0
    for seed in range(FIRST, FIRST + NETWORKS):
        torch.manual_seed(seed)
        drawn = Drawn(seed)
        drawn.grow()
        if not drawn.layers:
            continue
        graph = api.expand(drawn.file())
        views, report = views_of(graph), cnncalc.analyze(drawn.file())
        for result, node in zip(drawn.results, graph.nodes, strict=True):
            assert tuple(result.shape[2:]) == node.output.extents
            merged += len(node.inputs) > 1
        touched, last = drawn.touched(), len(graph.nodes) - 1
        for at in {last, Random(seed).randint(1, last)}:
            field = report.layers[at].receptive_field
            boxes = views.views[at].boxes or ()
            count = compare(drawn, at, middle(~touched[at]), boxes, field)
            units += count
            differing += count * (field.step is None)
            several += len(boxes) > 1
    print(f"{NETWORKS} networks, {merged:,} merges, {several} of several boxes: {units:,} units")
    print(f"compared, {differing:,} of layers whose units differ")
    assert units > 10 * NETWORKS
    assert differing > 3 * NETWORKS


def compare(
    drawn: Drawn,
    node: int,
    units: Sequence[tuple[int, ...]],
    boxes: Sequence[Box],
    field: ReceptiveField,
) -> int:
    """Hold what units see, and a layer's sizes, against gradients; return how many units."""
    where = f"FIRST={drawn.seed}, n{node}"
    found = [drawn.reached(node, unit) for unit in units]
    if field.exact:
        for unit, pixels in zip(units, found, strict=True):
            assert claimed(boxes, unit) == pixels, f"{where}, unit {unit}"
    assert field.smallest is not None
    assert field.size is not None
    for axis, (least, widest) in enumerate(zip(field.smallest, field.size, strict=True)):
        widths = [pixels[axis][1] - pixels[axis][0] + 1 if pixels else 0 for pixels in found]
        for width in widths:
            assert least <= width <= widest, where
        sight = boxes[0][axis]
        period = len(sight.firsts) if isinstance(sight, Phases) else 1
        if drawn.axes == 1 and len(units) >= period and field.exact:  # all phases are there
            assert (min(widths), max(widths)) == (least, widest), where
    return len(units)
