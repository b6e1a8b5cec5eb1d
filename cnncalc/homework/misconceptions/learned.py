"""Mistakes in counting weights and biases."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

from cnncalc.homework.cases import Case
from cnncalc.homework.layer_truth import Value
from cnncalc.homework.misconceptions.filters import (
    LearnedTerms,
    dense_reach,
    full_depth,
    is_dense,
    learned_terms,
    ungrouped,
)
from cnncalc.homework.misconceptions.mistake import (
    Misconception,
    Mistake,
    WrongValue,
    WrongValues,
    changed,
    kernel_side,
    neighbours_filters,
    neighbours_windows,
    row_mistakes,
    windows_of,
)


def _output_depth(terms: LearnedTerms, case: Case) -> LearnedTerms | None:
    if is_dense(case) or terms.filters == 1:
        return None
    return replace(terms, depth=terms.filters)


def _flattened_area(terms: LearnedTerms, case: Case) -> tuple[int, int] | None:
    """Return positions and channels of the volume that a dense layer's inputs are made of."""
    if not is_dense(case):
        return None
    if terms.area > 1:
        return terms.area, terms.depth
    for volume in reversed(case.earlier):  # before a flatten of its own
        if volume.positions > 1 and volume.size == terms.depth:
            return volume.positions, volume.channels
    return None


def _no_channels(terms: LearnedTerms, case: Case) -> LearnedTerms | None:
    found = _flattened_area(terms, case)
    return replace(terms, area=found[0], depth=1) if found else None


def _channels_alone(terms: LearnedTerms, case: Case) -> LearnedTerms | None:
    found = _flattened_area(terms, case)
    return replace(terms, area=1, depth=found[1]) if found else None


def _input_biases(terms: LearnedTerms, case: Case) -> LearnedTerms | None:
    if is_dense(case) or not terms.biases:
        return None
    return replace(terms, biases=case.row.inputs[0].channels)


def _image_depth(terms: LearnedTerms, case: Case) -> LearnedTerms | None:
    if is_dense(case) or len(case.earlier) < 2 or case.earlier[0].channels == 1:
        return None
    return replace(terms, depth=case.earlier[0].channels)


def _per_pixel(terms: LearnedTerms, case: Case) -> LearnedTerms | None:
    if is_dense(case):
        return None
    area = case.row.inputs[0].positions
    return LearnedTerms(area=area, depth=1, filters=1, biases=min(terms.biases, 1))


_DEPTH = "How deep is one filter of this layer?"
_BIAS = "How many biases does a layer learn: what has one of its own?"
_SIZE = "Which size do the weights depend on: the image's or the filter's?"
NOBIAS = Misconception(
    "P-NOBIAS", "biases left out", _BIAS, lambda terms, case: replace(terms, biases=0)
)
ONEBIAS = Misconception(
    "P-ONEBIAS",
    "one bias for the whole layer",
    _BIAS,
    lambda terms, case: replace(terms, biases=1) if terms.biases else None,
)
DEPTHWISE = Misconception(
    "P-DEPTHWISE",
    "a depthwise layer counted as a full convolution",
    "How many channels does one filter of a depthwise layer see?",
    full_depth,
)
LEARNED = (
    Misconception(
        "P-NODEPTH",
        "filters only one channel deep",
        _DEPTH,
        lambda terms, case: None if is_dense(case) else replace(terms, depth=1),
    ),
    Misconception(
        "P-NOCHANNEL-FC",
        "the channels forgotten when flattening",
        "How many values come out when the volume is flattened?",
        _no_channels,
    ),
    Misconception(
        "P-NOFLATTEN",
        "not flattened: the channels alone are connected",
        "Which values is each neuron connected to?",
        _channels_alone,
    ),
    DEPTHWISE,
    Misconception(
        "P-DILATED",
        "a dilated filter counted as a larger dense one",
        "How many weights has the filter, however far apart they stand?",
        dense_reach,
    ),
    Misconception(
        "P-KERNELSIDE",
        "the filter's side in place of its area",
        "How many weights has a filter in one channel?",
        kernel_side,
    ),
    Misconception(
        "P-ONEFILTER",
        "one filter alone",
        "How many filters are there?",
        lambda terms, case: replace(terms, filters=1, biases=min(terms.biases, 1)),
    ),
    Misconception(
        "P-OUTDEPTH", "the depth of the output in place of the input's", _DEPTH, _output_depth
    ),
    Misconception(
        "P-STALE",
        "the depth of the image in place of this layer's input",
        _DEPTH,
        _image_depth,
    ),
    Misconception(
        "P-GROUPS",
        "groups ignored",
        "Which channels does one filter see, with groups?",
        ungrouped,
    ),
    Misconception(
        "P-SPATIAL",
        "the image's size in place of the filter's",
        _SIZE,
        lambda terms, case: (
            None if is_dense(case) else replace(terms, area=case.row.inputs[0].positions)
        ),
    ),
    Misconception(
        "P-SPATIAL", "a weight for each pixel of the image, and one bias", _SIZE, _per_pixel
    ),
    Misconception(
        "P-NOSHARE",
        "weights not shared between positions",
        "Do filters have weights of their own at each position?",
        lambda terms, case: replace(terms, copies=case.row.output.positions),
    ),
    NOBIAS,
    ONEBIAS,
    Misconception(
        "P-FCADD",
        "a bias for each input instead of each neuron",
        _BIAS,
        lambda terms, case: (
            replace(terms, biases=terms.area * terms.depth) if is_dense(case) else None
        ),
    ),
    Misconception("P-BIASIN", "a bias for each input channel", _BIAS, _input_biases),
    Misconception(
        "P-BIASADDED",
        "biases where the layer has none",
        "Does this layer have biases?",
        lambda terms, case: None if terms.biases else replace(terms, biases=terms.filters),
    ),
)
FLATTEN = Mistake(
    "P-FLATTEN",
    "another volume flattened than the one that arrives",
    "Which volume arrives here, and how many values has it?",
)
POOL = Mistake(
    "P-POOL", "weights for a layer that has none", "Which weights would this layer learn?"
)
ROWKERNEL, ROWFILTERS = row_mistakes("P")
_NORM = "Which values does a batch normalization learn, and for what is each of them?"
GAMMA = Mistake("P-GAMMA", "one value a channel: the factors without the offsets", _NORM)
BNPIXELS = Mistake("P-BNPIXELS", "a factor and an offset for each value of the volume", _NORM)


def wrong_learned(case: Case, column: str) -> WrongValues:
    """Yield the wrong counts of weights and biases, or of weights alone."""
    terms = learned_terms(case)
    if terms is None:
        yield from _without_filters(case)
        return
    if column == "weights":
        terms = replace(terms, biases=0)
    yield from changed(terms, LEARNED, case)
    for windows in neighbours_windows(case):
        area = math.prod(window.kernel for window in windows)
        yield WrongValue(replace(terms, area=area).value(), (ROWKERNEL,))
    for count in neighbours_filters(case):
        other = replace(terms, filters=count, biases=count if terms.biases else 0)
        yield WrongValue(other.value(), (ROWFILTERS,))
    if is_dense(case):
        for volume in case.earlier:
            if volume.size == terms.area * terms.depth:
                continue
            other = replace(terms, area=volume.positions, depth=volume.channels)
            yield WrongValue(other.value(), (FLATTEN,))
            for biases, second in ((0, NOBIAS), (1, ONEBIAS)):
                yield WrongValue(replace(other, biases=biases).value(), (FLATTEN, second))


def flattens(case: Case, column: str, number: Value) -> bool:
    """Return whether a dense layer behind a volume learns as many values from another number.

    Anything that can be divided by its units is such a number: it explains what nothing else does.
    """
    terms = learned_terms(case)
    if terms is None or not isinstance(number, int) or _flattened_area(terms, case) is None:
        return False
    inputs, rest = divmod(number - (column == "parameters") * terms.biases, terms.filters)
    return terms.filters > 1 and not rest and inputs > 1


def _without_filters(case: Case) -> WrongValues:
    """Yield the wrong counts of a layer that has no filters, or two kinds of them."""
    row = case.row
    if row.type == "batch_norm" and row.weights and row.biases:
        yield WrongValue(row.output.channels, (GAMMA,))
        yield WrongValue(2 * row.output.size, (BNPIXELS,))
    if row.type == "separable_conv" and (windows := windows_of(case)):
        area = math.prod(window.kernel for window in windows)
        full = area * row.inputs[0].channels * row.output.channels
        yield from (WrongValue(full + biases, (DEPTHWISE,)) for biases in {row.biases, 0})
    if not row.weights:
        yield from (WrongValue(number, (POOL,)) for number in _weights_of_pool(case))


def _weights_of_pool(case: Case) -> Iterator[int]:
    """Yield the weights and biases that a pool would have if its windows were filters."""
    windows = windows_of(case)
    if windows:
        area, channels = math.prod(window.kernel for window in windows), case.row.output.channels
        yield area
        yield area * channels
        yield (area + 1) * channels
        yield area * channels + 1
        yield (area * channels + 1) * channels
        yield area * channels**2


def wrong_biases(case: Case) -> WrongValues:
    """Yield the wrong counts of biases."""
    swapped = Mistake("P-SWAP", "weights and biases swapped", _BIAS)
    unshared = Mistake("P-NOSHARE", "a bias at each position", _BIAS)
    yield WrongValue(1, (ONEBIAS,))
    yield WrongValue(0, (NOBIAS,))
    yield WrongValue(case.row.weights, (swapped,))
    yield WrongValue(case.row.output.size, (unshared,))
