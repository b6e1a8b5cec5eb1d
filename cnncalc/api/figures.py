"""`reconcile` (the convention behind a quoted figure) and `solve` (the output formula)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, overload

from cnncalc.api.interrupts import interruptible
from cnncalc.api.reports import analyze
from cnncalc.api.sources import Input, Overrides, Source, expand, load
from cnncalc.errors import CnncalcError, Problem, VolumeError, plain_text

if TYPE_CHECKING:
    from typing import Unpack

    from cnncalc.model.report import Report
    from cnncalc.reconciling.search import Reconciliation
    from cnncalc.solving import InputSizes, Solutions

Extent = int | range | str


@overload
@interruptible
def solve(
    source: Source,
    *,
    input: Input = None,
    variant: str | None = None,
    set: Mapping[str, Any] | None = None,
) -> InputSizes: ...
@overload
@interruptible
def solve(
    source: None = None,
    *,
    input: Extent | None = None,
    kernel: Extent | None = None,
    stride: Extent | None = None,
    padding: Extent | None = None,
    out: Extent | None = None,
) -> Solutions: ...
@interruptible
def solve(
    source: Any = None,
    *,
    input: Any = None,
    kernel: Extent | None = None,
    stride: Extent | None = None,
    padding: Extent | None = None,
    out: Extent | None = None,
    variant: str | None = None,
    set: Mapping[str, Any] | None = None,
) -> Solutions | InputSizes:
    """Return the solutions of O = (W - K + 2P)/S + 1, or the inputs that a network takes.

    For the formula give some of input W, kernel K, stride S, padding P and output O, along one
    axis: numbers, ranges, or text such as "3..5". For a network, `input`, `variant` and `set`
    are as in `analyze`, but it need not take the input that is given.
    Raises: CnncalcError if neither the input nor the output is given, for a number out of
    bounds, or where there is too much to try; as `analyze` for what no other input mends.

    >>> [(axis.s, axis.b) for axis in solve(input=227, kernel=11, out=55).axes if axis.tiles]
    [(4, 0)]
    >>> solve("alexnet")
    <InputSizes of 'AlexNet': 67 + 32n, 67 + 32n>
    """
    from cnncalc import solving

    formula = {"kernel": kernel, "stride": stride, "padding": padding, "out": out}
    given = {name: value for name, value in formula.items() if value is not None}
    if source is None:
        if input is not None:
            given["in"] = input
        return solving.solve({name: solving.extents(name, value) for name, value in given.items()})
    if given:
        message = f"{next(iter(given))} belongs to the formula, which is solved without a network."
        raise CnncalcError(Problem("solve", message))
    options: Overrides = {"input": input, "variant": variant, "set": set}
    try:
        report = analyze(source, **options)
        return solving.input_sizes(expand(source, **options), report)
    except VolumeError as error:
        if error.graph is None or error.partial is None:
            raise
        return solving.input_sizes(error.graph, error.partial)


@interruptible
def reconcile(
    source: Source,
    figure: str | float,
    of: str | None = None,
    *,
    batch: int | None = None,
    all: bool = False,
    **overrides: Unpack[Overrides],
) -> Reconciliation:
    """Return the ways of counting a network that give a quoted figure, and the nearest others.

    `of` says what it is a number of: flops, parameters, activations or memory; else its unit
    says so, or its size. `batch` is the number of images that it is of; without it the usual ones
    are tried. `all` keeps the answers that assume much. `input`, `variant` and `set` are as in
    `analyze`.
    Raises: CnncalcError if the figure is no number; as `analyze`.

    >>> reconcile("vgg16", "138.36M").answers[0].value
    138357544
    """
    from cnncalc.format import shipped
    from cnncalc.reconciling import search
    from cnncalc.reconciling.candidates import Candidates

    if of is not None:
        plain_text("of", of)
    name = source if isinstance(source, str) else None
    known = {entry.name: entry.input for entry in shipped.index()}
    candidates = Candidates(
        load(source), name=name, options=dict(overrides), analyze=counted_alone, shipped=known
    )
    return search.reconcile(candidates, figure, of, batch=batch, all=all)


def counted_alone(source: Source, *, brief: bool = False, **overrides: Unpack[Overrides]) -> Report:
    """Return a network's report without what a search of many networks does not need.

    That are the rules of its input sizes and, with `brief`, what else an error says.
    """
    from cnncalc.model import analysis

    graph = expand(source, brief=brief, **overrides)
    return analysis.analyze(graph, file=graph.plan.architecture.file, sizes=False)
