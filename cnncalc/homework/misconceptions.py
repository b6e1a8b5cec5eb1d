"""The mistakes that people make, each a change to the calculation that yields its wrong number.

A calculation is a record of what goes into it, taken from the layer's own rules: `Learned`
for weights and biases, `Work` for operations, `Sliding` for a volume. A mistake changes the
record; worked out again, it gives the number that this mistake leads to. So mistakes can be
put together, two at a time, and no formula is written twice.

Codes are stable. A wrong number is *consistent with* a mistake, never proof of it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from cnncalc.arithmetic import effective_kernel, same_padding, transposed_extent
from cnncalc.homework.case import Case, Value
from cnncalc.homework.numbers import Exact
from cnncalc.layers.base import Window


class Mistake(NamedTuple):
    """A mistake: its stable code, what was done, and a question that leads out of it."""

    code: str
    text: str
    question: str
    change: Callable[[Any, Case], Any | None]  # None: it makes no difference here



class Explanation(NamedTuple):
    """What a wrong number is consistent with: a code, a sentence's worth of text, a question."""

    code: str
    text: str
    question: str


# --- weights and biases --------------------------------------------------------------------------


class Learned(NamedTuple):
    """copies · (taps · depth · filters + biases): the learned values of a layer."""

    taps: int
    depth: int
    filters: int
    biases: int
    copies: int = 1

    def value(self) -> int:
        """Return the count."""
        return self.copies * (self.taps * self.depth * self.filters + self.biases)


def learned(case: Case) -> Learned | None:
    """Return what goes into a layer's learned values, or None if they are no filters."""
    layer = case.layer
    if layer is None or not case.facts.weights:
        return None
    shapes = layer.parameters(case.output, *case.inputs)
    weight = shapes.get("weight")
    if weight is None or len(weight) < 2 or len(shapes) > 2:
        return None
    biases = case.facts.biases
    if case.type == "fc":
        volume = case.inputs[0]
        return Learned(volume.positions, volume.channels, weight[0], biases)
    if math.prod(weight) != case.facts.weights:
        return None
    return Learned(math.prod(weight[1:-1]), weight[-1], weight[0], biases)


def _kernel_side(terms: Any, case: Case) -> Any | None:
    windows = _windows(case)
    return terms._replace(taps=windows[0].kernel) if windows else None


def _flattened_before(terms: Learned, case: Case) -> Iterator[Learned]:
    for volume in case.earlier:
        yield terms._replace(taps=volume.positions, depth=volume.channels)


_DEPTH = "How deep is one filter of this layer?"
_BIAS = "How many biases does a layer learn: what has one of its own?"
LEARNED = (
    Mistake("P-NODEPTH", "filters only one channel deep", _DEPTH,
            lambda t, c: t._replace(depth=1) if c.type != "fc" else None),
    Mistake("P-NOCHANNEL-FC", "the channels forgotten when flattening",
            "How many values come out when the volume is flattened?",
            lambda t, c: t._replace(depth=1) if c.type == "fc" and t.taps > 1 else None),
    Mistake("P-NOFLATTEN", "not flattened: the channels alone are connected",
            "Which values is each neuron connected to?",
            lambda t, c: t._replace(taps=1) if c.type == "fc" else None),
    Mistake("P-KERNELSIDE", "the filter's side in place of its area",
            "How many weights has a filter in one channel?", _kernel_side),
    Mistake("P-OUTDEPTH", "the depth of the output in place of the input's", _DEPTH,
            lambda t, c: t._replace(depth=t.filters) if c.type != "fc" else None),
    Mistake("P-STALE", "the depth of the image in place of this layer's input", _DEPTH,
            lambda t, c: t._replace(depth=c.earlier[0].channels) if c.type != "fc" else None),
    Mistake("P-GROUPS", "groups ignored", "Which channels does one filter see, with groups?",
            lambda t, c: t._replace(depth=t.depth * getattr(c.layer, "groups", 1))),
    Mistake("P-ONEFILTER", "one filter alone", "How many filters are there?",
            lambda t, c: t._replace(filters=1, biases=min(t.biases, 1))),
    Mistake("P-SPATIAL", "the image's size in place of the filter's",
            "Which size do the weights depend on: the image's or the filter's?",
            lambda t, c: t._replace(taps=c.inputs[0].positions) if c.type != "fc" else None),
    Mistake("P-NOSHARE", "weights not shared between positions",
            "Do filters have weights of their own at each position?",
            lambda t, c: t._replace(copies=c.output.positions)),
    Mistake("P-NOBIAS", "biases left out", _BIAS, lambda t, c: t._replace(biases=0)),
    Mistake("P-ONEBIAS", "one bias for the whole layer", _BIAS,
            lambda t, c: t._replace(biases=1) if t.biases else None),
    Mistake("P-FCADD", "a bias for each input instead of each neuron", _BIAS,
            lambda t, c: t._replace(biases=t.taps * t.depth) if c.type == "fc" else None),
    Mistake("P-BIASADDED", "biases where the layer has none", "Does this layer have biases?",
            lambda t, c: t._replace(biases=t.filters) if not t.biases else None),
)  # fmt: skip
FLATTEN = Explanation(
    "P-FLATTEN", "another layer's volume flattened", "Which volume arrives here, and how many values has it?"
)
POOL = Explanation("P-POOL", "weights for a layer that has none", "Which weights would this layer learn?")


# --- operations ----------------------------------------------------------------------------------


class Work(NamedTuple):
    """factor · positions · taps · depth · filters + extra: the operations of a layer."""

    positions: int
    taps: int
    depth: int
    filters: int
    factor: int = 1
    extra: int = 0

    def value(self) -> int:
        """Return the count."""
        return self.factor * self.positions * self.taps * self.depth * self.filters + self.extra


def work(case: Case, factor: int) -> Work | None:
    """Return what goes into a layer's multiply-accumulates, or None if they are not counted so."""
    terms = learned(case)
    if terms is None or not case.facts.cost.macs:
        return None
    each = terms.taps * terms.depth * terms.filters
    positions, rest = divmod(case.facts.cost.macs, each)
    return None if rest else Work(positions, terms.taps, terms.depth, terms.filters, factor)


_WHERE = "At how many positions does each filter work?"
WORK = (
    Mistake("F-INHW", "the input's size in place of the output's", _WHERE,
            lambda t, c: t._replace(positions=c.inputs[0].positions) if t.positions > 1 else None),
    Mistake("F-NODEPTH", "filters only one channel deep", _DEPTH,
            lambda t, c: t._replace(depth=1)),
    Mistake("F-KERNELSIDE", "the filter's side in place of its area",
            "How many products are there in one channel of a filter?", _kernel_side),
    Mistake("F-ONEFILTER", "one filter alone", "How many filters are there?",
            lambda t, c: t._replace(filters=1)),
    Mistake("F-GROUPS", "groups ignored", "Which channels does one filter see, with groups?",
            lambda t, c: t._replace(depth=t.depth * getattr(c.layer, "groups", 1))),
    Mistake("F-PARAMS", "the weights counted, not the operations", _WHERE,
            lambda t, c: t._replace(positions=1, factor=1) if t.positions > 1 else None),
    Mistake("F-BIASONCE", "each bias added once, not at each output", _WHERE,
            lambda t, c: t._replace(extra=c.facts.biases) if c.facts.biases else None),
)  # fmt: skip
DOUBLED = Explanation(
    "F-X2", "another count for a multiply-accumulate", "Is a multiplication with its addition one or two?"
)


# --- volumes -------------------------------------------------------------------------------------


class Sliding(NamedTuple):
    """floor((w + before + after - reach) / stride) + one along each axis, and the depth."""

    extents: tuple[int, ...]
    windows: tuple[Window, ...]
    depth: int
    one: int = 1
    rounding: str = "floor"

    def value(self) -> tuple[Exact, ...]:
        """Return the volume's numbers."""
        numbers: list[Exact] = []
        for w, window in zip(self.extents, self.windows, strict=True):
            reach = effective_kernel(window.kernel, window.dilation)
            extent = Fraction(w + window.before + window.after - reach) / window.stride + self.one
            whole = {"floor": math.floor, "ceil": math.ceil}.get(self.rounding)
            exact = extent if extent.denominator > 1 else extent.numerator
            numbers.append(whole(extent) if whole else exact)
        return (*numbers, self.depth)


def _windows(case: Case) -> tuple[Window, ...] | None:
    if case.layer is None:
        return None
    windows = case.layer.window(case.output, *case.inputs)
    if not isinstance(windows, tuple) or any(window.stride < 1 for window in windows):
        return None
    return windows


def sliding(case: Case) -> Sliding | None:
    """Return what goes into a volume where a window slides over one input, or None."""
    windows = _windows(case)
    if windows is None or len(case.inputs) != 1:
        return None
    rounding = getattr(case.layer, "rounding", "floor")
    return Sliding(case.inputs[0].extents, windows, case.output.channels, 1, rounding)


def _each(**changes: Callable[[int, Window], Any]) -> Callable[[Sliding, Case], Sliding]:
    """Return the change of some settings of every axis's window."""

    def change(terms: Sliding, case: Case) -> Sliding:
        windows = tuple(
            window._replace(**{name: new(w, window) for name, new in changes.items()})
            for w, window in zip(terms.extents, terms.windows, strict=True)
        )
        return terms._replace(windows=windows)

    return change


def _assume_same(terms: Sliding, case: Case) -> Sliding:
    pairs = [
        same_padding(w, x.kernel, int(x.stride), x.dilation)
        for w, x in zip(terms.extents, terms.windows, strict=True)
    ]
    windows = tuple(
        x._replace(before=b, after=a) for x, (b, a) in zip(terms.windows, pairs, strict=True)
    )
    return terms._replace(windows=windows)


def _swap(terms: Sliding, case: Case) -> Sliding | None:
    filters = getattr(case.layer, "filters", None)
    if filters is None or len({window.kernel for window in terms.windows}) > 1:
        return None
    windows = tuple(window._replace(kernel=filters) for window in terms.windows)
    return terms._replace(windows=windows, depth=terms.windows[0].kernel)


def _is_pool(case: Case) -> bool:
    return case.type in ("max_pool", "avg_pool")


def _reach(w: int, window: Window) -> int:
    return effective_kernel(window.kernel, window.dilation) - 1


_PLACES = "How many places has the filter along a row, padding on both sides?"
_DEEP = "What decides how deep the output is?"
SLIDING = (
    Mistake("S-PADONCE", "one side padded", _PLACES, _each(after=lambda w, x: 0)),
    Mistake("S-NOPLUS1", "no + 1", _PLACES, lambda t, c: t._replace(one=0)),
    Mistake("S-NOSTRIDE", "the stride forgotten", "How far does the filter move at each step?",
            _each(stride=lambda w, x: 1)),
    Mistake("S-NOPAD", "the padding forgotten", _PLACES,
            _each(before=lambda w, x: 0, after=lambda w, x: 0)),
    Mistake("S-ASSUMESAME", "size as if padded to keep it, rounded up",
            "Where does the last filter fit, with the padding that there is?", _assume_same),
    Mistake("S-ADDK", "the kernel added, not taken away", _PLACES,
            _each(before=_reach, after=_reach, stride=lambda w, x: 1)),
    Mistake("S-NODILATION", "the dilation forgotten", "How far does a dilated filter reach?",
            _each(dilation=lambda w, x: 1)),
    Mistake("S-CEIL", "rounded up", "What happens to a place where only part of the filter fits?",
            lambda t, c: t._replace(rounding="ceil")),
    Mistake("S-FLOOR", "rounded down", "What happens to a place where only part of the filter fits?",
            lambda t, c: t._replace(rounding="floor")),
    Mistake("S-FRACTION", "the fraction left", "Can there be a fraction of a place?",
            lambda t, c: t._replace(rounding="exact")),
    Mistake("S-POOLDIV", "the size divided by the window, whatever the stride",
            "How far apart are two neighbouring windows?",
            lambda t, c: _each(stride=lambda w, x: x.kernel, before=lambda w, x: 0,
                               after=lambda w, x: 0)(t, c) if _is_pool(c) else None),
    Mistake("S-POOLFRACTION", "the size divided by the window, and the fraction left",
            "How far apart are two neighbouring windows?",
            lambda t, c: _each(stride=lambda w, x: x.kernel, before=lambda w, x: 0,
                               after=lambda w, x: 0)(t, c)._replace(rounding="exact")
            if _is_pool(c) else None),
    Mistake("S-SWAPFK", "the number of filters and their size swapped",
            "Which number is the kernel's size, and which the number of filters?", _swap),
    Mistake("S-DEPTHKEEP", "the output as deep as the input", _DEEP,
            lambda t, c: t._replace(depth=c.inputs[0].channels)),
    Mistake("S-POOLDEPTH", "the depth pooled, too", "Does pooling work across channels?",
            lambda t, c: t._replace(depth=t.depth // int(t.windows[0].stride)) if _is_pool(c) else None),
    Mistake("S-PADDEPTH", "the depth padded, too", "Along which axes does padding go?",
            lambda t, c: t._replace(depth=int(t.depth + t.windows[0].before + t.windows[0].after))
            if _is_pool(c) else None),
)  # fmt: skip


def _stale(case: Case) -> Iterator[tuple[Value, tuple[Explanation, ...]]]:
    """Yield the volumes that come of entering another volume than the one before."""
    explanation = Explanation(
        "S-STALE", "another volume than that of the row before", "Which volume enters this layer?"
    )
    terms = sliding(case)
    for volume in dict.fromkeys(case.earlier):
        if len(volume.extents) != len(case.output.extents) or volume == case.inputs[0]:
            continue
        if terms is None:
            yield volume.shape, (explanation,)
            continue
        depth = volume.channels if terms.depth == case.inputs[0].channels else terms.depth
        changed = terms._replace(extents=volume.extents, depth=depth)
        yield changed.value(), (explanation,)


def _padded(case: Case) -> Iterator[tuple[Value, tuple[Explanation, ...]]]:
    """Yield the wrong volumes of a layer that only pads."""
    volume, output = case.inputs[0], case.output
    added = [o - w for o, w in zip(output.extents, volume.extents, strict=True)]
    once = [w + n // 2 for w, n in zip(volume.extents, added, strict=True)]
    deep = Explanation("S-PADDEPTH", "the depth padded, too", "Along which axes does padding go?")
    one = Explanation("S-PADONCE", "one side padded", "On how many sides does padding go?")
    yield (*once, output.channels), (one,)
    yield (*output.extents, output.channels + added[0]), (deep,)
    yield (*once, output.channels + added[0] // 2), (one, deep)


def _transposed(case: Case) -> Iterator[tuple[Value, tuple[Explanation, ...]]]:
    """Yield the wrong volumes of a transposed convolution."""
    layer: Any = case.layer
    k, s, p = layer.kernel, layer.stride, layer.padding
    if not all(isinstance(n, int) for n in (k, s, p)):
        return
    question = "What does each input value spread over, and what does the padding cut off?"
    ways = (
        ("S-TCONV", "one side cut off", lambda w: transposed_extent(w, k, s, p, 0, 1, 0)),
        ("S-TCONV", "nothing cut off", lambda w: transposed_extent(w, k, s, 0, 0, 1, 0)),
        ("S-TCONV", "no output padding", lambda w: transposed_extent(w, k, s, p, p, 1, 0)),
        ("S-TCONV", "the size times the stride", lambda w: w * s),
        ("S-TCONV", "a convolution that shrinks", lambda w: (w - k + 2 * p) // s + 1),
    )
    for code, text, extent in ways:
        numbers = tuple(extent(w) for w in case.inputs[0].extents)
        yield (*numbers, case.output.channels), (Explanation(code, text, question),)


# --- receptive fields ----------------------------------------------------------------------------


def _field(path: Sequence[tuple[str, Window]]) -> tuple[Exact, Exact]:
    """Return the receptive field and the jump of a sequence of windows."""
    size: Exact = 1
    jump: Exact = 1
    for _, window in path:
        size += (effective_kernel(window.kernel, window.dilation) - 1) * jump
        jump *= window.stride
    return size, jump


def _early(path: Sequence[tuple[str, Window]]) -> Exact:
    size: Exact = 1
    jump: Exact = 1
    for _, window in path:
        jump *= window.stride
        size += (effective_kernel(window.kernel, window.dilation) - 1) * jump
    return size


def _receptive(case: Case, column: str) -> Iterator[tuple[Value, tuple[Explanation, ...]]]:
    path = case.path
    if not path or case.field is None:
        return
    axes = len(case.field)
    question = "What does one layer add to the field, and how far apart are its inputs in the image?"
    unpooled = [step for step in path if "pool" not in step[0]]
    undilated = [(tag, window._replace(dilation=1)) for tag, window in path]
    found: list[tuple[str, str, Exact]] = [
        ("R-SKIPPOOL", "pools ignored", _field(unpooled)[column == "step"]),
        ("R-OFFBYLAYER", "one layer too few", _field(path[:-1])[column == "step"]),
        ("R-LASTTWICE", "the last layer counted twice", _field([*path, path[-1]])[column == "step"]),
        ("R-NODILATION", "the dilation forgotten", _field(undilated)[column == "step"]),
    ]
    if column != "step":
        found += [
            ("R-JUMPEARLY", "a layer's own stride taken before it counts", _early(path)),
            ("R-AREA", "the area, not the side", _field(path)[0] ** 2),
            ("R-NOJUMP", "strides forgotten", _field([(t, w._replace(stride=1)) for t, w in path])[0]),
            ("R-KERNELSUM", "the kernels added up", sum(w.kernel for _, w in path)),
            ("R-LASTONLY", "the last layer's filter alone", path[-1][1].kernel),
        ]
        shorter = _field(path[:-1])[0]
        both = (
            Explanation("R-OFFBYLAYER", "one layer too few", question),
            Explanation("R-AREA", "the area, not the side", question),
        )
        yield (shorter**2,) * axes, both
    for code, text, size in found:
        yield (size,) * axes, (Explanation(code, text, question),)


# --- all that may have gone wrong ----------------------------------------------------------------


def wrong(case: Case, column: str, factor: int = 1) -> Iterator[tuple[Value, tuple[Explanation, ...]]]:
    """Yield each wrong number of a column with the mistakes that lead to it: singly, then in pairs.

    `factor` is what a multiply-accumulate counts as in this sheet.
    """
    if case.layer is None:
        return
    if column in ("parameters", "weights"):
        yield from _wrong_learned(case, column)
    elif column == "biases":
        yield 1, (_explain(LEARNED[11]),)
        yield 0, (_explain(LEARNED[10]),)
        yield case.facts.weights, (Explanation("P-SWAP", "weights and biases swapped", _BIAS),)
        yield case.output.size, (Explanation("P-NOSHARE", "a bias at each position", _BIAS),)
    elif column in ("macs", "flops"):
        factor = factor if column == "flops" else 1
        yield from _changed(work(case, factor), WORK, case)
        for value, why in _changed(work(case, 3 - factor), WORK, case):
            yield value, (DOUBLED, *why)
    elif column == "additions":
        yield case.facts.biases, (_explain(WORK[6]),)
    elif column in ("output", "extents"):
        for shape, why in _wrong_volumes(case):
            yield (shape if column == "output" else shape[:-1]), why  # type: ignore[index]
    elif column in ("receptive_field", "step"):
        yield from _receptive(case, column)
    elif column in ("memory", "activations"):
        doubled = Explanation("M-BWD", "gradients counted, too", "Which pass is asked about?")
        size = case.output.size * (case.bytes_per_value if column == "memory" else 1)
        yield 2 * size, (doubled,)


def _wrong_learned(case: Case, column: str) -> Iterator[tuple[Value, tuple[Explanation, ...]]]:
    terms = learned(case)
    if terms is None:
        if not case.facts.weights:
            yield from _of_a_pool(case)
        return
    if column == "weights":
        terms = terms._replace(biases=0)
    yield from _changed(terms, LEARNED, case)
    if case.type == "fc":
        for other in _flattened_before(terms, case):
            yield other.value(), (FLATTEN,)
            yield other._replace(biases=0).value(), (FLATTEN, _explain(LEARNED[10]))
            yield other._replace(biases=1).value(), (FLATTEN, _explain(LEARNED[11]))


def _of_a_pool(case: Case) -> Iterator[tuple[Value, tuple[Explanation, ...]]]:
    windows = _windows(case)
    if windows:
        taps, channels = math.prod(window.kernel for window in windows), case.output.channels
        for number in (taps, taps * channels, (taps + 1) * channels, taps * channels + 1,
                       (taps * channels + 1) * channels, taps * channels**2):  # fmt: skip
            yield number, (POOL,)


def _wrong_volumes(case: Case) -> Iterator[tuple[Value, tuple[Explanation, ...]]]:
    if case.type == "pad":
        yield from _padded(case)
    elif case.type == "conv_transpose":
        yield from _transposed(case)
    else:
        yield from _changed(sliding(case), SLIDING, case)
    yield from _stale(case)


def _explain(mistake: Mistake) -> Explanation:
    return Explanation(mistake.code, mistake.text, mistake.question)


def _changed(
    terms: Any | None, mistakes: Sequence[Mistake], case: Case
) -> Iterator[tuple[Value, tuple[Explanation, ...]]]:
    """Yield the value of each change, then of each two together that both make a difference."""
    if terms is None:
        return
    right = terms.value()
    singles = []
    for mistake in mistakes:
        changed = mistake.change(terms, case)
        if changed is not None and (value := changed.value()) != right:
            singles.append((mistake, changed, value))
            yield value, (_explain(mistake),)
    for index, (first, changed, one) in enumerate(singles):
        for second, _, other in singles[index + 1 :]:
            both = second.change(changed, case)
            if both is not None and (value := both.value()) not in (one, other, right):
                yield value, (_explain(first), _explain(second))
