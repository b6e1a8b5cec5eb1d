"""A layer's definition run on numbers that record their formula, for any layer type."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

from cnncalc.applying import literals, shapes
from cnncalc.applying.fields import Field, Fields
from cnncalc.applying.literals import Given
from cnncalc.applying.records import Applied
from cnncalc.errors import CnncalcError, LimitError, Problem, VolumeError, did_you_mean
from cnncalc.layers.base import AbstractLayer, axes
from cnncalc.volume import Volume

MOST_OUTPUTS = 10_000
MOST_OPERATIONS = 100_000  # of exact arithmetic: two seconds
FUNCTION = 9  # further operations that an exponential, or the like, takes as long as


def run(
    layer: AbstractLayer,
    inputs: Sequence[Any],
    arrays: Mapping[str, Any],
    layout: str = "hwc",
) -> Applied:
    """Return a layer's output for given inputs and arrays, each value with its formula.

    Raises: CnncalcError for values that do not fit; VolumeError for volumes that do not;
    LimitError for more operations than a few pages show.
    """
    least, most = layer.arity
    if not least <= len(inputs) <= most:
        wanted = str(least) if least == most else f"{least} or more" if most > 2 else "one or two"
        raise CnncalcError(
            Problem("inputs", f"{layer.tag} needs {wanted} inputs. Received {len(inputs)}.")
        )
    names = ["input"] if len(inputs) == 1 else [f"input {i + 1}" for i in range(len(inputs))]
    given = [literals.parse(name, one, layout) for name, one in zip(names, inputs, strict=True)]
    volumes, output = _volumes(layer, given, layout)
    _require_few(layer, volumes, output)
    fields = [
        Field(name, volume.shape, shapes.as_volume(one, volume.shape, layout))
        for name, one, volume in zip(names, given, volumes, strict=True)
    ]
    learned = Fields(_arrays(layer, arrays, layout, output, volumes))
    layer_of: Any = layer
    learned.shared = layer_of.common(learned, *fields)
    results = tuple(
        layer_of.value(index, learned, *fields) for index in product(*map(range, output.shape))
    )
    return Applied(
        layer=layer,
        inputs=tuple(fields),
        arrays=dict(learned),
        output=output,
        results=results,
        windowed=bool(output.extents) and isinstance(layer.window(output, *volumes), tuple),
    )


def _volumes(
    layer: AbstractLayer, given: Sequence[Given], layout: str
) -> tuple[list[Volume], Volume]:
    """Return the input volumes as the layer takes them, and its output.

    Where an input may be several volumes, the first that the layer takes is meant.
    Raises: VolumeError of the first if it takes none.
    """
    error: VolumeError | None = None
    rows = layer.family in ("attention", "dense")
    readings = [
        {len(shape): shape for shape in shapes.volumes(one, layout, rows=rows)} for one in given
    ]
    ranks = dict.fromkeys(rank for each in readings for rank in each)
    for rank in ranks:  # several inputs mostly have as many axes
        found = [each.get(rank) or next(iter(each.values())) for each in readings]
        volumes = [Volume(shape[:-1], shape[-1]) for shape in found]
        try:
            return volumes, layer.output(*volumes)
        except VolumeError as refused:
            error = _clearer(error, refused)
    assert error is not None
    subject = f"layer {layer.tag}"
    raise VolumeError([Problem(one.code, one.message, subject) for one in error.problems]) from None


def _clearer(before: VolumeError | None, now: VolumeError) -> VolumeError:
    """Return the error of the first reading that has the axes that a layer needs."""
    if before is None or "spatial dimensions" in str(before):
        return now
    return before


def _require_few(layer: AbstractLayer, volumes: Sequence[Volume], output: Volume) -> None:
    """Check that running the definition takes little time. Raises: LimitError otherwise."""
    taps = math.prod(axes(getattr(layer, "kernel", 1), len(output.extents), "kernel"))
    cost = layer.cost(output, *volumes)
    operations = max(sum(cost) + FUNCTION * cost.functions, output.size * taps)
    if output.size > MOST_OUTPUTS or operations > MOST_OPERATIONS:
        raise LimitError(
            Problem(
                "work",
                f"{layer.tag} would show the working of {output.size:,} values in "
                f"{operations:,} operations. At most {MOST_OUTPUTS:,} and {MOST_OPERATIONS:,} "
                "are shown. Use a smaller input.",
            )
        )


def _arrays(
    layer: AbstractLayer,
    given: Mapping[str, Any],
    layout: str,
    output: Volume,
    volumes: Sequence[Volume],
) -> dict[str, Field]:
    """Return the layer's arrays by name. Raises: CnncalcError naming all that are missing."""
    wanted = layer.parameters(output, *volumes) | layer.buffers(output, *volumes)
    problems = []
    for name in given:
        if name not in wanted:
            has = f"Its arrays are {', '.join(wanted)}." if wanted else "It has none."
            hint = did_you_mean(str(name), wanted, foreign=False)
            problems.append(
                Problem("array", f"{layer.tag} has no array {str(name)[:60]!r}.{hint} {has}")
            )
    for name, shape in wanted.items():
        if name not in given:
            problems.append(Problem("array", _missing(layer, name, shape)))
    if problems:
        raise CnncalcError(problems)
    found = {}
    for name, shape in wanted.items():
        if math.prod(shape) > literals.MOST_VALUES:
            raise LimitError(Problem("array", f"{name} would have {math.prod(shape):,} values."))
        one = literals.parse(name, given[name], layout)
        found[name] = Field(name, shape, shapes.as_array(name, one, shape, layout))
    return found


def _missing(layer: AbstractLayer, name: str, shape: tuple[int, ...]) -> str:
    """Return the sentence of an array that is not given: its shape, and how to give it."""
    text = f"{layer.tag} needs {name}, {'x'.join(map(str, shape))}. Give --array {name}=…"
    without = name in type(layer).model_fields and name in ("bias", "weight")
    if without:
        text += f", or --set {name}=false"
    return text + ("; one number stands for all of them." if math.prod(shape) > 1 else ".")
