"""The report of a network, the arithmetic behind it, figures of it, and its verification."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, overload

from cnncalc.api.interrupts import interruptible
from cnncalc.api.sources import Input, Overrides, Source, expand, load
from cnncalc.errors import (
    CnncalcError,
    Problem,
    VolumeError,
    flag,
    known_name,
    plain_text,
    whole_number,
)
from cnncalc.format.bounds import MAX_LAYERS
from cnncalc.model.counting import LARGEST_BATCH

if TYPE_CHECKING:
    from typing import Unpack

    from cnncalc.explanation.records import Explanation
    from cnncalc.format.architecture import Architecture
    from cnncalc.format.layer_types import LayerTypes
    from cnncalc.format.networks import Networks
    from cnncalc.model.diff import Diff
    from cnncalc.model.graph import Graph
    from cnncalc.model.report import Report
    from cnncalc.model.summaries import Summaries
    from cnncalc.verification import Verification
    from cnncalc.verification.result import Watch


class Analysis(Overrides, total=False):
    """The options of `analyze`."""

    convention: str
    batch: int
    dtype: str
    exact: bool
    max_layers: int


@interruptible
def analyze(
    source: Source,
    *,
    convention: str = "mac",
    batch: int = 1,
    dtype: str = "float32",
    input: Input = None,
    variant: str | None = None,
    set: Mapping[str, Any] | None = None,
    exact: bool = False,
    max_layers: int = MAX_LAYERS,
) -> Report:
    """Return the report of a network: every volume, parameter, operation and activation.

    `source` is a shipped name, a path, a dict or an Architecture; `input`, `variant` and `set`
    replace values of its file. `exact` makes a window that loses input an error. An error's
    `partial` is the report up to the layer that failed.
    Units: counts for the whole batch where they depend on it.
    Raises: as `load`; VolumeError where volumes do not fit; LimitError for more layers than
    `max_layers`; UnknownNameError for another convention, dtype or variant.

    >>> analyze("alexnet").macs
    1135256096
    """
    from cnncalc.model import analysis
    from cnncalc.model.report import CONVENTIONS, DTYPES

    known_name("convention", convention, CONVENTIONS)
    known_name("dtype", dtype, DTYPES)
    flag("exact", exact)
    batch = whole_number("batch", batch, 1, LARGEST_BATCH)
    architecture = load(source)
    options: dict[str, Any] = {"batch": batch, "dtype": dtype, "convention": convention}
    options["file"] = architecture.file
    try:
        graph = expand(architecture, input=input, variant=variant, set=set, max_layers=max_layers)
    except CnncalcError as error:
        if error.graph is not None and error.graph.nodes:
            error.partial = analysis.analyze(error.graph, **options)
        raise
    if input is not None:
        same: dict[str, Any] = {"variant": variant, "set": set, "max_layers": max_layers}
        graph = _relearning(graph, architecture, same)
    report = analysis.analyze(graph, **options)
    if exact:
        _refuse_lost_input(report)
    return report


def _relearning(graph: Graph, architecture: Architecture, options: Mapping[str, Any]) -> Graph:
    """Return the graph, with a note of what its layers learn at the file's own input."""
    from cnncalc.model.other_input import relearned

    try:
        note = relearned(graph, expand(architecture, **options))
    except CnncalcError:
        return graph  # the network refuses its own input: there is nothing to compare with
    return replace(graph, notes=(*graph.notes, note)) if note else graph


def _refuse_lost_input(report: Report) -> None:
    from cnncalc.writers.sentences import lost_inputs

    problems = [
        Problem("lost_input", text, name, row.place or Problem("", "").place)
        for row, name, text in lost_inputs(report)
    ]
    if problems:
        error = VolumeError(problems)
        error.partial = report
        raise error


@interruptible
def summarize(sources: Iterable[Source], **options: Unpack[Analysis]) -> Summaries:
    """Return a line for each of several networks: its report, or the error that it failed with.

    Options are those of `analyze`, for all of them alike.
    Raises: CnncalcError if `sources` are no list of networks.

    >>> [one.report.parameters for one in summarize(["lenet", "alexnet"])]
    [61706, 62378344]
    """
    from cnncalc.model.summaries import Summaries, Summary

    if isinstance(sources, (str, Mapping)) or not isinstance(sources, Iterable):
        message = f"sources are a list of networks. Received {type(sources).__name__}."
        raise CnncalcError(Problem("sources", message))
    found = []
    for source in sources:
        name = os.fspath(source) if isinstance(source, (str, os.PathLike)) else ""
        try:
            report = analyze(source, **options)
            found.append(Summary(name or report.title, report))
        except CnncalcError as error:
            found.append(Summary(name or f"network {len(found) + 1}", None, error))
    return Summaries(found)


@interruptible
def explain(source: Source, layer: str | None = None, **options: Unpack[Analysis]) -> Explanation:
    """Return the working of a layer, or without `layer` of every layer: formula, numbers, result.

    It covers volume, parameters, FLOPs, memory and receptive field. Of a block, or of what else
    has a row in a table, it is what the block holds, and the sums over it. Options are those of
    `analyze`.
    Raises: as `analyze`; UnknownNameError if the network has no such layer, or several.

    >>> print(explain("alexnet", "FC8").to_markdown())  # doctest: +ELLIPSIS
    ### AlexNet / FC8: 1000 neurons
    <BLANKLINE>
    D1 = 4096,  D2 = 1000 neurons
    <BLANKLINE>
    - **D2** = units = **1,000**
    - **inputs** = D1 = **4,096**, values that each neuron sees (in_features of nn.Linear)
    - **weights** = D1·D2 = 4,096·1,000 = **4,096,000**
    ...
    """
    from cnncalc.explanation import records, working
    from cnncalc.model import names

    name = None if layer is None else plain_text("layer", layer)
    report = analyze(source, **options)
    if name is None:
        return working.explain(report)
    part = names.find(report, name)
    if part.last - part.first == 1 and not part.groups:
        return working.explain(report, report.layers[part.first])
    from cnncalc.writers import table_lines

    phrase, lines = table_lines.inside(report, part)
    parts = [records.BlockPart(line.label, line.phrase, line.rows) for line in lines if line.rows]
    return working.explain(report, working.block(report, part, phrase, parts))


@interruptible
def verify(
    source: Source,
    *,
    seed: int = 0,
    batch: int = 1,
    limit_memory: int | str | None = None,
    receptive_field: bool = False,
    digests: bool = False,
    watch: Watch | None = None,
    max_layers: int = MAX_LAYERS,
    **overrides: Unpack[Overrides],
) -> Verification:
    """Run the network in NumPy; return its measured shapes, counts and values beside the claims.

    Arrays are made from the seed. `limit_memory` is a number of bytes, or text such as "2GiB";
    half of what is free if it is not given. `receptive_field` also finds what each layer sees, by
    a NaN in the input. `digests` notes the SHA-256 of every array. `watch` is called before each
    part of the work with how many parts are done, their number, and the name of the next.
    `input`, `variant`, `set` and `max_layers` are as in `analyze`.
    Raises: as `analyze`; LimitError if the network needs more memory than is allowed.

    >>> verify("lenet").ok
    True
    """
    from cnncalc import verification

    if watch is not None and not callable(watch):
        message = f"watch is a function. Received {type(watch).__name__}."
        raise CnncalcError(Problem("watch", message))
    return verification.verify(
        expand(source, max_layers=max_layers, **overrides),
        seed=seed,
        batch=batch,
        limit_memory=limit_memory,
        receptive_field=flag("receptive_field", receptive_field),
        digests=flag("digests", digests),
        watch=watch,
    )


class Drawing(Analysis, total=False):
    """The options of `draw`: those of `analyze`, and of `cnncalc.writers.figure.Options`."""

    depth: int | None
    block: str | None
    training: bool
    max_nodes: int
    theme: str
    layout: str
    scale: str
    labels: str
    runs: bool
    width: int | None
    title: bool
    standalone: bool


@overload
@interruptible
def draw(
    source: Source,
    figure: str | None = None,
    *,
    against: Source | None = None,
    format: Literal["png"],
    **options: Unpack[Drawing],
) -> bytes: ...
@overload
@interruptible
def draw(
    source: Source,
    figure: str | None = None,
    *,
    against: Source | None = None,
    format: Literal["svg", "tikz", "dot", "mermaid"] = "svg",
    **options: Unpack[Drawing],
) -> str: ...
@overload
@interruptible
def draw(
    source: Source,
    figure: str | None = None,
    *,
    against: Source | None = None,
    format: str,
    **options: Unpack[Drawing],
) -> str | bytes: ...
@interruptible
def draw(
    source: Source,
    figure: str | None = None,
    *,
    against: Source | None = None,
    format: str = "svg",
    **options: Any,
) -> str | bytes:
    """Return a figure of a network: volumes where its layers form a chain, else graph.

    `figure` is volumes, graph, where, memory or field. Of two networks, the second as `against`,
    it is their graphs side by side. A notebook shows what is returned as SVG.
    Raises: as `analyze`; UnknownNameError for another figure or format; LimitError where there is
    more to draw than `max_nodes` boxes.

    >>> draw("alexnet").startswith("<svg")
    True
    """
    from cnncalc.writers import figure as writer

    known_name("format", format, writer.FORMATS)
    wanted = {name: options.pop(name) for name in writer.OPTIONS if name in options}
    shown = writer.Options(figure=figure, **wanted)
    found = analyze(source, **options) if against is None else diff(source, against, **options)
    drawn: str | bytes = writer.write(found, format, shown)
    return writer.Svg(drawn) if isinstance(drawn, str) and format == "svg" else drawn


@interruptible
def diff(first: Source, second: Source, **options: Unpack[Analysis]) -> Diff:
    """Return where two networks differ; options are those of `analyze`, for both alike.

    Raises: as `analyze`.

    >>> diff("alexnet", "alexnet").changes
    []
    """
    from cnncalc.model.diff import compare

    return compare(analyze(first, **options), analyze(second, **options))


@interruptible
def networks(word: str | None = None, *, sort: str | None = None) -> Networks:
    """Return the shipped networks that have every word of a text, or all of them.

    Words are looked for in names, titles, sources, years and competitions. `sort` is name, input,
    parameters, flops, depth or year: largest first, names by the alphabet.
    Units: `macs` multiply-accumulates of one image; `depth` layers with weights on the longest
    path.
    Raises: UnknownNameError if no network has the words, or for another `sort`.

    >>> [network.name for network in networks("squeezenet", sort="flops")]
    ['squeezenet1_0', 'squeezenet1_1']
    """
    from cnncalc.format.networks import select

    for name, value in (("word", word), ("sort", sort)):
        if value is not None:
            plain_text(name, value)
    return select(word, sort)


def layer_types(word: str | None = None) -> LayerTypes:
    """Return the layer types that have every word of a text, or all of them.

    Words are looked for in types, settings, descriptions, and what other frameworks call them.
    Raises: UnknownNameError if no type has the words.

    >>> layer_types("locally")
    <LayerTypes: local>
    """
    from cnncalc.format import layer_types as types

    return types.select(None if word is None else plain_text("word", word))
