"""The library's front door: a name, a path, a dict or an Architecture in, a result out."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from numbers import Integral
from typing import TYPE_CHECKING, Any, overload

from cnncalc.errors import (
    CnncalcError,
    Place,
    Problem,
    ReadError,
    VolumeError,
    known_name,
)
from cnncalc.volume import Volume

if TYPE_CHECKING:
    from cnncalc.explanation import Explanation
    from cnncalc.format.architecture import Architecture
    from cnncalc.format.shipped import Networks
    from cnncalc.homework.key import Key
    from cnncalc.homework.marks import Marks
    from cnncalc.homework.quiz.questions import Question
    from cnncalc.model.diff import Diff
    from cnncalc.model.graph import Graph
    from cnncalc.model.report import Report
    from cnncalc.reconciling.search import Reconciliation
    from cnncalc.solving import InputSizes, Solutions
    from cnncalc.verification import Verification

Source = "str | os.PathLike[str] | Mapping[str, Any] | Architecture"
DEEPEST = 64
LARGEST_BATCH = 2**31 - 1
MOST_NODES = 250_000


def load(source: Any) -> Architecture:
    """Return the architecture of a shipped name, a path, `-`, a dict, or an Architecture itself.

    A name that is a variant of a shipped file gives the file, with the variant chosen.
    Raises: ReadError, UnknownNameError, or ArchitectureError with every problem of structure.

    >>> load("alexnet").name
    'AlexNet'
    """
    from cnncalc.format.architecture import Architecture

    if isinstance(source, Architecture):
        return source
    if isinstance(source, Mapping):
        return Architecture.from_tree(plain(source))
    if not isinstance(source, (str, os.PathLike)):
        raise ReadError(
            Problem(
                "source",
                "a network is a name, a path, a dict or an Architecture. "
                f"Received {type(source).__name__}.",
            )
        )
    from cnncalc import readers
    from cnncalc.format import shipped

    text = os.fspath(source)
    path, variant = (text, None) if not isinstance(source, str) else shipped.find(source)
    tree = readers.read(path)
    architecture = Architecture.from_tree(tree.data, tree)
    label = os.path.basename(text) if text != str(path) else tree.name
    return architecture.with_origin(tree, label if isinstance(source, str) else tree.name, variant)


def plain(data: Any, depth: int = 0, budget: list[int] | None = None) -> Any:
    """Return a Python object as a file's plain values: decimals exact, lists, text keys.

    Raises: ReadError for what no file could hold.

    >>> plain({"rate": 0.5, "kernel": (3, 5)})
    {'rate': Fraction(1, 2), 'kernel': [3, 5]}
    """
    budget = [MOST_NODES] if budget is None else budget
    budget[0] -= 1
    if depth > DEEPEST or budget[0] < 0:
        raise ReadError(Problem("structure", f"nested more than {DEEPEST} deep, or too large."))
    if isinstance(data, Mapping):
        if not all(isinstance(key, str) for key in data):
            raise ReadError(Problem("structure", "the keys of a mapping are text."))
        return {key: plain(value, depth + 1, budget) for key, value in data.items()}
    if isinstance(data, (list, tuple)):
        return [plain(value, depth + 1, budget) for value in data]
    if isinstance(data, float):
        if not math.isfinite(data):
            raise ReadError(Problem("structure", f"a number must be finite. Received {data}."))
        exact = Fraction(float.__repr__(data))
        return int(exact) if exact.denominator == 1 else exact
    if data is None or isinstance(data, (str, int, Fraction)):
        return data
    if isinstance(data, Integral):
        return int(data)
    from cnncalc.format.architecture import Element
    from cnncalc.layers.base import AbstractLayer

    if isinstance(data, (Element, AbstractLayer)):
        return data
    raise ReadError(Problem("structure", f"{type(data).__name__} cannot stand in a network."))


def expand(
    source: Any,
    *,
    input: str | Volume | Sequence[int] | None = None,
    variant: str | None = None,
    set: Mapping[str, Any] | None = None,
    max_layers: int = 100_000,
) -> Graph:
    """Return the flat graph of a network.

    Raises: as `load`; VolumeError where volumes do not fit, LimitError beyond the bounds.

    >>> len(expand("alexnet").nodes)
    24
    """
    from cnncalc.format import expansion
    from cnncalc.format.plan.compilation import plan_of

    architecture = load(source)
    volume = None if input is None else Volume.of(input)
    if set is not None and not isinstance(set, Mapping):
        message = f"set is a mapping of parameters. Received {type(set).__name__}."
        raise CnncalcError(Problem("set", message))
    settings = {name: plain(value) for name, value in (set or {}).items()}
    return expansion.expand(
        plan_of(architecture),
        input=volume,
        variant=variant if variant is not None else architecture.variant,
        set=settings,
        max_layers=max_layers,
    )


def analyze(
    source: Any,
    *,
    convention: str = "mac",
    batch: int = 1,
    dtype: str = "float32",
    input: str | Volume | Sequence[int] | None = None,
    variant: str | None = None,
    set: Mapping[str, Any] | None = None,
    exact: bool = False,
    max_layers: int = 100_000,
) -> Report:
    """Return the report of a network: every volume, parameter, operation and activation.

    `exact` makes a window that loses input an error. An error's `partial` is the report up to
    the layer that failed.
    Units: counts for the whole batch where they depend on it.
    Raises: as `expand`; UnknownNameError for another convention or dtype.

    >>> analyze("alexnet").macs
    1135256096
    """
    from cnncalc.model import analysis
    from cnncalc.model.report import CONVENTIONS, DTYPES

    known_name("convention", convention, CONVENTIONS)
    known_name("dtype", dtype, DTYPES)
    if (
        isinstance(batch, bool)
        or not isinstance(batch, Integral)
        or not 1 <= batch <= LARGEST_BATCH
    ):
        raise CnncalcError(
            Problem(
                "batch", f"a batch is a whole number from 1 to {LARGEST_BATCH:,}. Received {batch}."
            )
        )
    architecture = load(source)
    options: dict[str, Any] = {"batch": int(batch), "dtype": dtype, "convention": convention}
    options["file"] = architecture.file
    try:
        graph = expand(architecture, input=input, variant=variant, set=set, max_layers=max_layers)
    except CnncalcError as error:
        if error.graph is not None and error.graph.nodes:
            error.partial = analysis.analyze(error.graph, **options)
        raise
    report = analysis.analyze(graph, **options)
    if exact:
        _refuse_lost_input(report)
    return report


def _refuse_lost_input(report: Report) -> None:
    from cnncalc.writers.sentences import lost_input

    problems = [
        Problem(
            "lost_input", lost_input(row, warning), row.name, row.place or Problem("", "").place
        )
        for row, warning in report.warnings
        if warning.code == "lost_input"
    ]
    if problems:
        error = VolumeError(problems)
        error.partial = report
        raise error


def explain(source: Any, layer: str | None = None, **options: Any) -> Explanation:
    """Return the working of a layer, or without `layer` of every layer: formula, numbers, result.

    It covers volume, parameters, FLOPs, memory and receptive field. Options are those of
    `analyze`.
    Raises: as `analyze`; UnknownNameError if the network has no such layer.

    >>> print(explain("alexnet", "FC8").to_markdown())  # doctest: +ELLIPSIS
    ### AlexNet / FC8: 1000 neurons
    <BLANKLINE>
    D1 = 4096,  D2 = 1000 neurons
    <BLANKLINE>
    - **D2** = units = **1,000**
    - **weights** = D1·D2 = 4,096·1,000 = **4,096,000**
    ...
    """
    from cnncalc import explanation

    return explanation.explain(analyze(source, **options), layer)


def verify(source: Any, **options: Any) -> Verification:
    """Return what running the network in NumPy found, layer by layer.

    Options are those of `cnncalc.verification.verify`; `input`, `variant`, `set` as in `analyze`.
    Raises: as `expand`; LimitError if the network needs more memory than is allowed.
    """
    from cnncalc.verification import verify as run

    keys = ("input", "variant", "set", "max_layers")
    graph = expand(source, **{key: options.pop(key) for key in keys if key in options})
    return run(graph, **options)


def draw(source: Any, figure: str | None = None, *, format: str = "svg", **options: Any) -> Any:
    """Return a figure of a network: volumes where its layers form a chain, else graph.

    Options are those of `analyze` and of `cnncalc.writers.figure.Options`: depth, theme, width …
    Raises: as `analyze`; UnknownNameError for another figure or format.

    >>> draw("alexnet").startswith("<svg")
    True
    """
    from cnncalc.writers import figure as writer

    known_name("format", format, writer.FORMATS)
    wanted = {name: options.pop(name) for name in writer.OPTIONS if name in options}
    report = analyze(source, **options)
    return writer.write(report, format, writer.Options(figure=figure, **wanted))


def diff(first: Any, second: Any, **options: Any) -> Diff:
    """Return where two networks differ; options are those of `analyze`, for both alike.

    Raises: as `analyze`.

    >>> diff("alexnet", "alexnet").changes
    []
    """
    from cnncalc.model.diff import compare

    return compare(analyze(first, **options), analyze(second, **options))


def key(source: Any, **options: Any) -> Key:
    """Return the key that a network, or a file with a network and rules for marking, makes.

    Options are those of `analyze`.
    Raises: as `analyze`; ReadError if the file has no network, or rules that are unknown.

    >>> key("alexnet").truth(-1, "parameters")
    62378344
    """
    from cnncalc.homework.answers.documents import Document, read_document
    from cnncalc.homework.key import Key, rules_of

    if not isinstance(source, Document):
        if not isinstance(source, (str, os.PathLike)):
            return Key(analyze(source, **options), rules_of({}), "key")
        from cnncalc.format import shipped

        text = os.fspath(source)
        path, variant = (
            shipped.find(text) if isinstance(source, str) and text != "-" else (text, None)
        )
        options.setdefault("variant", None)
        options["variant"] = options["variant"] or variant
        source = replace(read_document(os.fspath(path), options["variant"]), file=text)
    if source.network is None:
        raise ReadError(
            Problem(
                "key",
                "there is no network in it to mark against. Name one with --key, or say in every "
                "row what the layer is.",
                place=Place(source.file),
            )
        )
    return Key(
        analyze(source.network, **options),
        rules_of(source.marking, source.place),
        source.file,
        source.sheet,
    )


def check(answers: Any = None, against: Any = None, **options: Any) -> Marks:
    """Return the marks of a sheet of answers: a path, or a dict or list as JSON has it.

    Without `against` the sheet itself must say what its layers are. Without `answers` the
    key's own numbers are worked again. Options are those of `analyze`.
    Raises: ReadError if the answers cannot be read; as `key`.
    """
    from cnncalc.homework.answers.documents import Document, parse_document, read_document
    from cnncalc.homework.key import Key
    from cnncalc.homework.marking import mark

    document: Document | None = None
    if isinstance(answers, (Mapping, list, tuple)):
        document = parse_document(_json(answers), "answers.json")
    elif answers is not None:
        document = read_document(os.fspath(answers))
    made = against if isinstance(against, Key) else key(against or document, **options)
    sheet = document.sheet if document else made.answers
    if sheet is None:
        file = document.file if document else made.label
        what = "no answers found. Use one row for each layer; in a key, they stand under expect:."
        raise ReadError(Problem("answers", what, place=Place(file)))
    return mark(sheet, made, lenient=against is None, key_check=document is None)


def _json(answers: Any) -> bytes:
    """Return answers as JSON: arrays as lists, what else it lacks as it prints."""

    def plain(value: Any) -> Any:
        return value.tolist() if getattr(value, "ndim", 2) < 2 else str(value)

    try:
        return json.dumps(answers, default=plain).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise ReadError(Problem("answers", f"answers that JSON cannot hold: {error}.")) from None


def grade(
    answers: Any, against: Any, *, out_of: float = 1, missing: str | None = None, **options: Any
) -> float:
    """Return the points that answers earn, of `out_of`; what cannot be read earns none.

    For a cell of a notebook: it prints nothing. `missing="ignored"` asks for no more than what
    is answered; else as the key says. Arguments and options are those of `check`.
    Raises: as `check`; ReadError where nothing is answered.

    >>> grade({"CONV1": {"output": (55, 55, 96), "parameters": 34848}}, "alexnet",
    ...       out_of=2, missing="ignored")
    1.5
    """
    from cnncalc.homework.key import Key, rules_of
    from cnncalc.writers.results import results

    made = against if isinstance(against, Key) else key(against, **options)
    if missing is not None:
        rules = made.rules._replace(missing=rules_of({"missing": missing}).missing)
        made = Key(made.report, rules, made.label)
    return out_of * results(check({} if answers is None else answers, made), 0).share


def quiz(
    seed: int | str,
    *,
    topics: Sequence[str] | None = None,
    levels: Sequence[int] = (1,),
    count: int = 10,
) -> list[Question]:
    """Return questions with keys, always the same for a seed.

    `topics` are shapes, params, flops, receptive_field and memory; None: all of them. `levels`
    are 1 (one layer), 2 and 3 (several), and rise with the questions.
    Raises: CnncalcError for an unknown topic or level, or a count below 1 or above 500.

    >>> [(question.topic, question.level) for question in quiz(7, levels=(1, 2), count=2)]
    [('shapes', 1), ('params', 2)]
    """
    from cnncalc.homework.quiz import questions

    chosen = tuple(questions.TOPICS) if topics is None else topics
    return questions.quiz(analyze, seed, chosen, levels, count)


def reconcile(
    source: Any, figure: str | float, of: str | None = None, **options: Any
) -> Reconciliation:
    """Return what makes a quoted figure of a network; where nothing does, what comes nearest.

    `of` says what it is a number of: flops, parameters, activations or memory; else its unit
    says so, or its size. Options are those of `analyze`: input, variant, set.
    Raises: CnncalcError if the figure is no number; as `analyze`.

    >>> reconcile("vgg16", "138.36M").answers[0].value
    138357544
    """
    from cnncalc.format import shipped
    from cnncalc.reconciling import search
    from cnncalc.reconciling.candidates import Candidates

    name = source if isinstance(source, str) else None
    known = {entry.name: entry.input for entry in shipped.index()}
    candidates = Candidates(
        load(source), name=name, options=options, analyze=analyze, shipped=known
    )
    return search.reconcile(candidates, figure, of)


def networks(word: str | None = None, *, sort: str | None = None) -> Networks:
    """Return the shipped networks that have a word in their name, or all of them.

    `sort` is name, input, parameters, flops, depth or year: largest first, names by the alphabet.
    Units: `macs` multiply-accumulates of one image; `depth` layers with weights on the longest
    path.
    Raises: UnknownNameError if no network has the word, or for another `sort`.

    >>> [network.name for network in networks("squeezenet", sort="flops")]
    ['squeezenet1_0', 'squeezenet1_1']
    """
    from cnncalc.format import shipped

    return shipped.select(word, sort)


Extent = int | range | str


@overload
def solve(
    source: str | os.PathLike[str] | Mapping[str, Any] | Architecture,
    *,
    input: str | Volume | Sequence[int] | None = None,
    variant: str | None = None,
    set: Mapping[str, Any] | None = None,
) -> InputSizes: ...
@overload
def solve(
    source: None = None,
    *,
    input: Extent | None = None,
    kernel: Extent | None = None,
    stride: Extent | None = None,
    padding: Extent | None = None,
    out: Extent | None = None,
) -> Solutions: ...
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
    """Return what fills in O = (W - K + 2P)/S + 1, or the inputs of a network that tile.

    For the formula give some of input W, kernel K, stride S, padding P and output O, along one
    axis: numbers, ranges, or text such as "3..5". For a network, `input`, `variant` and `set`
    are as in `analyze`.
    Raises: CnncalcError if neither the input nor the output is given, for a number out of
    bounds, or where there is too much to try; as `analyze`.

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
        message = f"{', '.join(given)} belong to the formula, which is solved without a network."
        raise CnncalcError(Problem("solve", message))
    graph = expand(source, input=input, variant=variant, set=set)
    return solving.input_sizes(graph, analyze(source, input=input, variant=variant, set=set))
