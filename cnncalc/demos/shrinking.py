"""A layer of a network on an input small enough to be looked at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cnncalc import units
from cnncalc.arithmetic import effective_kernel, window_remainder
from cnncalc.demos.drawn_numbers import computed
from cnncalc.demos.records import Demo, Setting
from cnncalc.errors import CnncalcError, Problem
from cnncalc.layers.base import Window, axes
from cnncalc.layers.windowed import ints
from cnncalc.model import names
from cnncalc.volume import Volume

if TYPE_CHECKING:
    from cnncalc.model.graph import Graph, Node
    from cnncalc.model.report import Report

SEED = 7
MOST_WINDOWS = 4  # along an axis
WIDEST = 14  # input extents, if at least two windows fit
LARGEST = 24  # input extent, and kernel, that a page shows
CHANNELS, FILTERS = 3, 3  # one less of each where kernels are wide
WIDE = 5
GLOBAL = ("global_max_pool", "global_avg_pool")
DEPTHWISE = ("depthwise_conv", "separable_conv")
TYPES = ("conv", *DEPTHWISE, "max_pool", "avg_pool", *GLOBAL)
GLOBAL_EXTENT = 6  # at most, of the input of a pool over all of it

CONV = Setting(
    kind="conv", extents=(5, 5), channels=3, filters=2, windows=(Window(3, 2, 1, 1),) * 2, seed=SEED
)
POOL = Setting(
    kind="max", extents=(4, 4), channels=1, filters=1, windows=(Window(2, 2),) * 2, seed=0
)


def usual() -> Demo:
    """Return the demonstrations of the lecture."""
    return Demo(conv=CONV, pool=POOL, output=computed(CONV))


def of_layer(graph: Graph, report: Report, name: str) -> Demo:
    """Return the demonstration of a layer of a network, or of the first such layer of a block.

    Raises: UnknownNameError if there is no such layer; CnncalcError if it has no window that
    slides over one or two axes, or one that is too large to be shown.
    """
    part = names.find(report, name)
    nodes = [(node, _input(graph, node)) for node in graph.nodes]
    meant = nodes[part.first : part.last]
    node, volume = next((one for one in meant if _slides(*one)), meant[0])
    if not _slides(node, volume):
        raise CnncalcError(Problem("layer", _no_window(nodes, report.name, node, volume)))
    layer: Any = node.layer
    setting, notes = _setting(layer, volume)
    large = max([*setting.extents, *(window.kernel for window in setting.windows)])
    if large > LARGEST:
        message = f"layer {node.path}: its window is too wide to be shown step by step."
        raise CnncalcError(Problem("layer", message))
    starts = "conv" if setting.kind == "conv" else "pool"
    phrase = layer.describe(node.output, volume)
    return Demo(
        conv=setting if starts == "conv" else CONV,
        pool=setting if starts == "pool" else POOL,
        starts=starts,
        about=f"{report.title} / {node.path}: {phrase}, {volume} to {node.output}",
        notes=tuple(notes),
        output=computed(setting),
    )


def _input(graph: Graph, node: Node) -> Volume:
    return graph.nodes[node.inputs[0]].output if node.inputs else node.output


def _slides(node: Node, volume: Volume) -> bool:
    """Return whether a layer has a window that a page steps through."""
    return node.layer is not None and node.layer.tag in TYPES and 1 <= len(volume.extents) <= 2


def _no_window(
    nodes: Sequence[tuple[Node, Volume]], network: str, node: Node, volume: Volume
) -> str:
    """Return why a layer is not shown, and which of its network's are."""
    tag = node.layer.tag if node.layer is not None else "input"
    why = f"layer {node.path} ({tag}) has no window that a page steps through"
    if len(volume.extents) > 2 and tag in TYPES:
        why = f"layer {node.path} slides along {len(volume.extents)} axes; a page shows one or two"
    shown = [one.path for one, volume in nodes if _slides(one, volume)]
    there = f" {network} has {units.listing(shown[:4])}." if shown else ""
    return f"{why}: it shows {units.listing([*TYPES])}.{there}"


def _setting(layer: Any, volume: Volume) -> tuple[Setting, list[str]]:
    """Return a layer's window on fewer positions, channels and filters, and what is left out."""
    given: dict[str, Any] = {"seed": SEED}
    same = ""
    if layer.tag in GLOBAL:
        given["extents"] = tuple(min(w, GLOBAL_EXTENT) for w in volume.extents)
        given["windows"] = tuple(Window(w, w) for w in given["extents"])
    else:
        windows = layer.windows(volume)
        given["extents"] = tuple(map(_extent, volume.extents, windows))
        given |= {"windows": windows, "ceil": layer.ceil}
        same = ": the same remainder"
    notes = []
    if given["extents"] != volume.extents:
        small, large = (
            units.listing(list(map(str, extents)), "by")
            for extents in (given["extents"], volume.extents)
        )
        notes.append(f"The input is {small} in place of {large}{same}.")
    if layer.family != "pool":
        channels, filters, groups, more = _depths(layer, volume.channels, len(volume.extents))
        bias = layer.bias and layer.tag != "separable_conv"
        given |= {"channels": channels, "filters": filters, "groups": groups, "bias": bias}
        return Setting(kind="conv", **given), [*notes, *more]
    if volume.channels > 1:
        notes.append(f"1 of {volume.channels:,} channels, each of which is by itself.")
    leaves_out = layer.tag == "avg_pool" and layer.padding == "same"
    counted = getattr(layer, "count_include_pad", True) and not leaves_out
    given |= {"channels": 1, "filters": 1, "counts_padding": counted}
    return Setting(kind="max" if "max" in layer.tag else "avg", **given), notes


def _depths(layer: Any, depth: int, dimensions: int) -> tuple[int, int, int, list[str]]:
    """Return channels, filters and groups that are shown of a convolution, and what is not."""
    notes = []
    if layer.tag in DEPTHWISE:
        channels = min(depth, 2)
        filters, of, groups = (
            channels * min(layer.multiplier, 2),
            depth * layer.multiplier,
            channels,
        )
        notes.append("Each filter reads one channel alone.")
        if layer.tag == "separable_conv":
            notes.append(f"Then comes a 1x1 convolution, with {layer.filters:,} filters.")
    elif layer.groups > 1:
        groups = 2
        channels = groups * min(depth // layer.groups, 2)
        filters, of = groups * min(layer.filters // layer.groups, 2), layer.filters
        if layer.groups > 2:
            notes.append(f"2 of {layer.groups:,} groups.")
    else:
        groups, of = 1, layer.filters
        wide = max(axes(layer.kernel, dimensions, "kernel")) > WIDE
        channels = min(depth, CHANNELS - wide)
        filters = min(layer.filters, FILTERS - wide)
        if getattr(layer, "connections", None) is not None:
            notes.append("In the layer, each filter reads some of the channels alone.")
    if (channels, filters) != (depth, of):
        notes.append(
            f"{filters} of {of:,} filters, {channels} of {units.plural(depth, 'channel')}."
        )
    return channels, filters, groups, notes


def _extent(w: int, window: Window) -> int:
    """Return an extent with a few windows, of which as much is left over as of `w`.

    >>> _extent(227, Window(11, 4)), _extent(224, Window(7, 2, 3, 3))
    (15, 8)
    """
    s, before, after, d = ints(window)
    reach = effective_kernel(window.kernel, d)
    left = window_remainder(w, window.kernel, s, before, after, d)
    one = reach - before - after + left  # with much padding, a single window needs no input
    several = [one + i * s for i in range(1, MOST_WINDOWS) if one + i * s >= 1]
    fits = [n for n in several if n <= WIDEST] or [n for n in several[:1] if n <= LARGEST]
    return min(w, fits[-1] if fits else max(one, 1 + (one - 1) % s))
