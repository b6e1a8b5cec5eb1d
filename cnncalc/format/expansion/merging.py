"""Why the volumes of a merge do not fit: both sides, where they part, and what to do."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from cnncalc import units
from cnncalc.format.expansion.extent_changes import Change, changes, last_name, name_of
from cnncalc.layers.base import AXES, Window
from cnncalc.layers.periodic_windows import TransposedWindow
from cnncalc.model import tiling
from cnncalc.model.input_sizes import AxisSizes, Sizes
from cnncalc.volume import Volume

if TYPE_CHECKING:
    from cnncalc.model.graph import Graph

MOST_NODES = 15_000  # that are expanded for the inputs that fit: half a second for each axis
SHOWN_LAYERS = 6  # on the way of a side, and of those that change an extent


@dataclass(frozen=True, slots=True)
class Side:
    """One input of a merge: its node, the nodes from the fork to it, and its name in the merge.

    The way follows the inputs that extents come from. A branch has no name.
    """

    source: int
    way: tuple[int, ...]
    name: str


def sides(
    graph: Graph, sources: Sequence[int], names: Sequence[str] | None = None
) -> tuple[str, ...]:
    """Return a line for each input of a merge, then where they part, and what would fit.

    `names` are those under which the merge takes them, if it has any.
    """
    if len(sources) < 2:
        return ()
    fork = common_ancestor(graph, sources)
    found = [
        Side(source, _way(graph, source, fork), names[i] if names else "")
        for i, source in enumerate(sources)
    ]
    rows = []
    for side in found:
        node = graph.nodes[side.source]
        line = graph.place(node).line
        strides = [
            f"{last_name(graph.nodes[index].path)} {sign}"
            for index in side.way
            if (sign := _stride(graph, index))
        ]
        where = f"line {line}" if line else ""
        rows.append((str(node.output), node.path, where, ", ".join(strides[-SHOWN_LAYERS:])))
    widths = [max(len(row[i]) for row in rows) for i in range(3)]
    lines = tuple(
        "  ".join([c.ljust(w) for c, w in zip(row[:3], widths, strict=True)] + [row[3]]).rstrip()
        for row in rows
    )
    return (*lines, *_why(graph, found))


def _why(graph: Graph, found: Sequence[Side]) -> Iterator[str]:
    """Yield why two of the sides do not fit, and what to do; nothing if it is not known."""
    layer = graph.failed and graph.failed.layer
    if not layer or not layer.merges:
        return
    first, *others = found
    shape = graph.nodes[first.source].output
    for other in others:
        volume = graph.nodes[other.source].output
        if len(volume.extents) != len(shape.extents):
            return
        spreads = (1,) if layer.tag != "concat" else ()
        axes = [
            axis
            for axis, (a, b) in enumerate(zip(shape.extents, volume.extents, strict=True))
            if a != b and a not in spreads and b not in spreads
        ]
        if axes:
            yield from _extents(graph, (first, other), axes)
            return
        if shape.channels != volume.channels and layer.tag != "concat":
            yield from _channels(graph, (first, other))
            return


def _channels(graph: Graph, pair: tuple[Side, Side]) -> Iterator[str]:
    """Yield the sentence that names the layers whose filters differ."""
    named = []
    for side in pair:
        node = next((n for n in reversed(side.way) if _makes_channels(graph, n)), None)
        if node is not None:
            channels = graph.nodes[side.source].output.channels
            named.append(f"{channels} channels from {name_of(graph, node)}")
    if named:
        yield f"Likely: {' and '.join(named)}. Give both the same number."


def _extents(graph: Graph, pair: tuple[Side, Side], axes: Sequence[int]) -> Iterator[str]:
    """Yield where the extents of two sides part along an axis, and what makes them fit."""
    ways = [changes(graph, side.way, axes[0]) for side in pair]
    rates = [_rate(way) for way in ways]
    every = [*ways[0], *ways[1]]
    fixed = [change for change in every if change.rate is None]
    enlarged = any(change.enlarges for change in every)
    if not fixed and rates[0] != rates[1]:
        yield _strides(graph, pair, ways, rates)
    elif fixed or enlarged:
        parting = [change for way in ways for change in _parting(way)]
        if fixed or parting:
            yield f"{_listed(fixed or parting)}."
        yield from _cures(graph, pair, axes, ways)
    else:
        yield from _paddings(ways)


def _rate(way: Sequence[Change]) -> Fraction:
    """Return how many times smaller the strides on a way make an extent."""
    return math.prod([change.rate or Fraction(1) for change in way], start=Fraction(1))


def _strides(
    graph: Graph,
    pair: tuple[Side, Side],
    ways: Sequence[Sequence[Change]],
    rates: Sequence[Fraction],
) -> str:
    """Return the sentence that names a stride on the side that has more of them."""
    small, large = (0, 1) if rates[0] > rates[1] else (1, 0)
    ratio = rates[small] / rates[large]
    strided = [change for change in ways[small] if change.rate and change.rate > 1]
    if not strided or any(change.enlarges for way in ways for change in way):
        name = name_of(graph, pair[small].source)
        times = units.number(ratio)
        return (
            f"{name} is {times} times smaller: on its way strides come to "
            f"{_sign([rates[small]])}, on the other to {_sign([rates[large]])}. Enlarge it by "
            f"{times} more, or take the other where it is as small."
        )
    culprit = next((change for change in reversed(strided) if change.rate == ratio), strided[-1])
    text = f"Likely: stride {culprit.rate} in {culprit.name}"
    other = [change for change in ways[large] if change.rate and change.rate > 1]
    kept = [index for index in pair[large].way if _stride(graph, index) == "/1"]
    if other:
        text += f" and stride {other[-1].rate} in {other[-1].name}"
    elif kept:
        text += f" and stride 1 in {name_of(graph, kept[-1])}"
    return f"{text}. Give both sides the same stride."


def _parting(way: Sequence[Change]) -> list[Change]:
    """Return the changes that are not as the strides say, and what enlarges them further on.

    None where the way ends in the extent that its strides alone come to.
    """
    if not way or way[-1].after * _rate(way) == way[0].before:
        return []
    off = next((i for i, change in enumerate(way) if not change.exact), len(way))
    return [change for change in way[off:] if not change.exact or change.enlarges]


def _listed(found: Sequence[Change]) -> str:
    """Return a list of extent changes in words, with reasons; those of one reason together."""
    parts: list[tuple[str, str]] = []
    for change in found[:SHOWN_LAYERS]:
        if parts and change.reason and parts[-1][1] == change.reason:
            parts[-1] = (f"{parts[-1][0]}, {change.text}", change.reason)
        else:
            parts.append((change.text, change.reason))
    text = "; ".join(f"{text}: {why}" if why else text for text, why in parts)
    return text + ("; …" if len(found) > SHOWN_LAYERS else "")


def _paddings(ways: Sequence[Sequence[Change]]) -> Iterator[str]:
    """Yield the sentence that names the windows whose padding does not keep the extent."""
    every = [change for way in ways for change in way if isinstance(change.window, Window)]
    wrong = [change for change in every if not change.exact and not change.rounds]
    if wrong:
        kept = {_keeping(change.window) for change in wrong if isinstance(change.window, Window)}
        how = f": {kept.pop()}" if len(kept) == 1 else ""
        names = units.listing([change.name for change in wrong[:2]])
        must = "keep the extents" if all(c.rate == 1 for c in wrong) else "come to the same extent"
        yield f"Likely: the padding of {names}. Both must {must}{how}."
        yield f"{_listed(wrong)}."
    elif every := [change for change in every if not change.exact]:
        names = units.listing([change.name for change in every[:2]])
        yield f"Likely: the padding or rounding of {names}. Both must come to the same extent."
        yield f"{_listed(every)}."


def _keeping(window: Window) -> str:
    """Return the padding with which a window keeps the extent, up to its stride.

    >>> _keeping(Window(5)), _keeping(Window(4))
    ('padding 2', 'padding [[1, 2]], or an odd kernel')
    """
    reach = window.dilation * (window.kernel - 1)
    if reach % 2:
        return f"padding [[{reach // 2}, {reach - reach // 2}]], or an odd kernel"
    return f"padding {reach // 2}"


def _cures(
    graph: Graph,
    pair: tuple[Side, Side],
    axes: Sequence[int],
    ways: Sequence[Sequence[Change]],
) -> Iterator[str]:
    """Yield the inputs that fit, and what else makes two sides fit."""
    yield from _inputs(graph, axes)
    extents = [graph.nodes[side.source].output.extents for side in pair]
    gaps = [a - b for a, b in zip(*extents, strict=True)]
    if min(gaps) < 0 < max(gaps):
        return
    larger, smaller = pair if max(gaps) > 0 else pair[::-1]
    on_smaller = ways[pair.index(smaller)]
    every = [*ways[0], *ways[1]]
    large, small = (
        side.name if side.name not in ("", "previous") else last_name(graph.nodes[side.source].path)
        for side in (larger, smaller)
    )
    crop = f"{{type: crop, from: [{larger.name}, {smaller.name}]}}"
    upsample = f": {{type: upsample, from: [{smaller.name}, {larger.name}]}}"
    cures = [f"upsample {small} to the size of {large}{upsample if larger.name else ''}"]
    gap = max(map(abs, gaps))
    if 2 * gap < extents[0][axes[0]]:
        margins = [(abs(n) // 2, abs(n) - abs(n) // 2) for n in gaps]
        shown = margins[:1] if len(set(margins)) == 1 else margins
        margin = f"padding: [{', '.join(f'[{b}, {a}]' for b, a in shown)}]"
        cures = [
            f"crop {large} to the size of {small}: "
            + (crop if larger.name else f"{{type: crop, {margin}}}"),
            f"pad {small}: {{type: pad, {margin}}}",
            *cures,
        ]
    last = next((change for change in reversed(every) if change.enlarges), None)
    if last is not None and isinstance(last.window, TransposedWindow):
        if last in on_smaller and gap < max(last.window.stride, last.window.dilation):
            cures.append(f"output_padding: {gap} in {last.name}")
        if not last.exact:
            cures.append(f"padding: same in {last.name}")
    bare = [c for c in every if c.rate == 1 and isinstance(c.window, Window) and c.after < c.before]
    if bare:
        cures.append(f"padding: half in {units.listing([change.name for change in bare])}")
    yield f"Or {'; '.join(cures)}."


def _inputs(graph: Graph, axes: Sequence[int]) -> Iterator[str]:
    """Yield the sentence of the inputs that the whole network takes without losing any.

    `axes` are those along which it does not fit now; of others that do fit nothing is said.
    """
    volume = graph.nodes[0].output
    found = tiling.solve(graph.again, volume, most_nodes=MOST_NODES)
    sets = [axis for axis in found if isinstance(axis, AxisSizes)]
    if len(sets) < len(found):
        return
    own = volume.extents
    wrong = [one for one in sets if own[one.axis] not in one.fits]
    wrong = wrong or [one for one in sets if one.axis in axes]
    if not wrong:
        return
    empty = [one.fits.reason for one in wrong if one.fits.reason]
    if empty:
        steady = [reason for reason in empty if reason.steady and len(reason.inputs) > 1]
        gap = max(steady[0].inputs) - min(steady[0].inputs) if steady else 0
        how = f": the sides differ by {units.group(gap)} at every size" if steady else ""
        yield f"No input size fits{how}."
        return
    along = ""
    if len(wrong) < len(found):
        along = " along the " + units.listing([AXES[len(found)][one.axis] for one in wrong])
    near = {one.axis: _near(one.fits, own[one.axis]) for one in wrong}
    for i in (0, -1):
        extents = tuple(near[axis][i] if axis in near else own[axis] for axis in range(len(own)))
        if not all(fits for fits, _ in tiling.tried(graph.again, Volume(extents, volume.channels))):
            return
    texts = [_rule(one.fits, near[one.axis]) for one in wrong]
    yield f"Input sizes that fit{along}: {' by '.join(dict.fromkeys(texts))}."


def _near(sizes: Sizes, now: int) -> list[int]:
    """Return the extents of a set next to one, below and above it."""
    return [extent for extent in (sizes.upto(now), sizes.after(now)) if extent is not None]


def _rule(sizes: Sizes, near: Sequence[int]) -> str:
    """Return the rule of a set, with some of its extents."""
    if not sizes.residues:
        return f"{units.runs(sizes.smaller)} alone"
    shown = units.listing([units.group(extent) for extent in near])
    rule = units.residues(sizes.residues, sizes.modulus) if sizes.modulus > 1 else "any"
    return f"{rule} from {units.group(sizes.least)} on, such as {shown}"


def common_ancestor(graph: Graph, sources: Sequence[int]) -> int:
    """Return the last node that all of them come from (the fork)."""
    ancestors: set[int] | None = None
    for source in sources:
        seen, stack = set(), [source]
        while stack:
            node = stack.pop()
            if node not in seen:
                seen.add(node)
                stack.extend(graph.nodes[node].inputs)
        ancestors = seen if ancestors is None else ancestors & seen
    return max(ancestors or {0})


def _way(graph: Graph, source: int, fork: int) -> tuple[int, ...]:
    """Return the nodes from the fork to a source, along inputs that extents come from."""
    leads = {fork}
    for index in range(fork + 1, source + 1):
        if any(before in leads for before in graph.nodes[index].inputs):
            leads.add(index)
    found = []
    while source in leads and source > fork:
        found.append(source)
        node = graph.nodes[source]
        inputs = node.inputs
        if len(inputs) > 1 and node.layer is not None and not node.layer.merges:
            inputs = inputs[::-1]  # of two inputs, the second gives the extents
        source = next((before for before in inputs if before in leads), fork)
    return tuple(reversed(found))


def _makes_channels(graph: Graph, index: int) -> bool:
    node = graph.nodes[index]
    return node.output.channels != graph.nodes[node.inputs[0]].output.channels


def _stride(graph: Graph, index: int) -> str:
    """Return `/2` for a stride of 2, `×2` for twice as large; nothing without a window."""
    node = graph.nodes[index]
    if node.layer is None:
        return ""
    windows = node.layer.window(node.output, *[graph.nodes[i].output for i in node.inputs])
    if not isinstance(windows, tuple):
        return ""
    if all(window.phases is not None for window in windows):
        return _sign([Fraction(window.advance, window.phases or 1) for window in windows])
    return _sign(
        [
            Fraction(w, n)
            for w, n in zip(
                graph.nodes[node.inputs[0]].output.extents, node.output.extents, strict=True
            )
        ]
    )


def _sign(rates: Sequence[Fraction]) -> str:
    """Return how extents change along each axis.

    >>> half = Fraction(1, 2)
    >>> _sign([1 / half, 1 / half]), _sign([half, half]), _sign([1 / half, half])
    ('/2', '×2', '/2,×2')
    """
    signs = [f"×{1 / rate}" if 0 < rate < 1 else f"/{rate}" for rate in rates]
    return signs[0] if len(set(signs)) == 1 else ",".join(signs)
