"""Homework in Python: keys, marks, worksheets and quizzes."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from numbers import Real
from typing import TYPE_CHECKING, Any

from cnncalc.api.interrupts import interruptible
from cnncalc.api.reports import Analysis, analyze
from cnncalc.api.sources import Source, expand, load
from cnncalc.errors import (
    CnncalcError,
    Place,
    Problem,
    ReadError,
    flag,
    plain_text,
    printable,
    whole_number,
    words,
)

if TYPE_CHECKING:
    from typing import Unpack

    from cnncalc.homework.answers.documents import Document
    from cnncalc.homework.key import Key
    from cnncalc.homework.marks import Marks
    from cnncalc.homework.quiz.personal import PersonalQuiz
    from cnncalc.homework.quiz.questions import Quiz
    from cnncalc.homework.worksheet import ClosedBlock, Worksheet
    from cnncalc.model.report import Report


@interruptible
def key(source: Source | Document, **options: Unpack[Analysis]) -> Key:
    """Return the key of a network, or of a file with a network and rules for marking.

    Options are those of `analyze`.
    Raises: as `analyze`; ReadError if the file has no network, or rules that are unknown.

    >>> key("alexnet").truth(-1, "parameters")
    62378344
    """
    from cnncalc.format.architecture import Architecture
    from cnncalc.homework.answers.documents import Document, read_document
    from cnncalc.homework.key import Key
    from cnncalc.homework.rules import rules_of

    if not isinstance(source, Document):
        if not isinstance(source, (str, os.PathLike)):
            return Key(analyze(source, **options), rules_of({}), "key")
        from cnncalc.format import shipped

        name = os.fspath(source)
        found = shipped.find(name) if isinstance(source, str) else shipped.of_path(name)
        given = options.get("variant")
        options["variant"] = found.variant if given is None else plain_text("variant", given)
        source = replace(read_document(os.fspath(found.path), options["variant"]), file=name)
        if isinstance(source.network, Architecture) and source.network.tree:
            source.network.with_origin(source.network.tree, name, found)
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


@interruptible
def check(
    answers: Any = None,
    against: Source | Key | None = None,
    *,
    columns: str | Sequence[str] | None = None,
    **options: Unpack[Analysis],
) -> Marks:
    """Return the marks of a sheet of answers: a path, or a dict or list as in a JSON file.

    Without `against` the sheet itself must say what its layers are. Without `answers` the answers
    in the key's own file are checked. `columns` are what is asked for, in a list or joined by
    commas, where the key does not say. Options are those of `analyze`.
    Raises: ReadError if the answers cannot be read; UnknownNameError for another column; as `key`.

    >>> marks = check({"CONV1": {"output": "55x55x96", "parameters": 34848}}, "alexnet")
    >>> [(mark.column, mark.verdict) for mark in marks.all() if mark.text]
    [('output', 'correct'), ('parameters', 'correct_other_convention')]
    """
    from cnncalc.homework.answers.documents import parse_document, read_document
    from cnncalc.homework.key import Key
    from cnncalc.homework.marking import mark

    document: Document | None = None
    made: Key | None = None
    if against is not None:
        made = against if isinstance(against, Key) else key(against, **options)
    words_of_key = made.words if made else None
    if isinstance(answers, (Mapping, list, tuple)):
        document = parse_document(_json(answers), "answers.json", words=words_of_key)
    elif isinstance(answers, (str, os.PathLike)):
        document = read_document(os.fspath(answers), words=words_of_key)
    elif answers is not None:
        what = f"answers are a path, a dict or a list. Received {type(answers).__name__}."
        raise ReadError(Problem("answers", what))
    if made is None:
        if document is None:
            raise CnncalcError(
                Problem("answers", "give answers, or a key to mark against, or both.")
            )
        made = key(document, **options)
    if columns is not None:
        made = made.asking(tuple(words("columns", columns)))
    sheet = document.sheet if document else made.answers
    if sheet is None:
        file = document.file if document else made.label
        what = "no answers found. Use one row for each layer; in a key, they stand under expect:."
        raise ReadError(Problem("answers", what, place=Place(file)))
    return mark(sheet, made, lenient=against is None, key_check=document is None)


def _json(answers: Any) -> bytes:
    """Return answers as JSON: arrays as lists, other objects as their text."""

    def plain(value: Any) -> Any:
        return value.tolist() if getattr(value, "ndim", 2) < 2 else str(value)

    try:
        return json.dumps(answers, default=plain).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise ReadError(Problem("answers", f"answers that JSON cannot hold: {error}.")) from None


@interruptible
def grade(
    answers: Any,
    against: Source | Key,
    *,
    out_of: float = 1,
    missing: str | None = None,
    **options: Unpack[Analysis],
) -> float:
    """Return the points that answers earn out of `out_of`; what cannot be read earns none.

    For a cell of a notebook: it prints nothing. `missing="ignored"` asks for no more than what
    is answered; else as the key says. Arguments and options are those of `check`.
    Raises: as `check`; ReadError where nothing is answered.

    >>> grade({"CONV1": {"output": (55, 55, 96), "parameters": 34848}}, "alexnet",
    ...       out_of=2, missing="ignored")
    1.5
    """
    from cnncalc.homework import grading
    from cnncalc.homework.key import Key
    from cnncalc.homework.rules import rules_of

    if isinstance(out_of, bool) or not isinstance(out_of, Real) or not 0 <= out_of < math.inf:
        raise CnncalcError(Problem("out_of", f"out_of is a number of points. Received {out_of!r}."))
    made = against if isinstance(against, Key) else key(against, **options)
    if missing is not None:
        rules = replace(made.rules, missing=rules_of({"missing": missing}).missing)
        made = Key(made.report, rules, made.label)
    return out_of * grading.score(check({} if answers is None else answers, made)).share


@interruptible
def worksheet(
    source: Source,
    columns: str | Sequence[str] | None = None,
    *,
    all_layers: bool = False,
    depth: int | None = None,
    **options: Unpack[Analysis],
) -> Worksheet:
    """Return a blank sheet about a network, which `check` reads when it is filled in.

    `columns` are what is to be answered, in a list or joined by commas: output, parameters,
    flops, weights …; None: those that the file asks for under `marking:`, or these three. A block
    deeper than `depth` has one row; `all_layers` asks about activation functions and dropout, too.
    Options are those of `analyze`.
    Raises: as `analyze`; UnknownNameError for another column.

    >>> network = {"name": "Small", "input": "8x8x3", "layers": [
    ...     {"type": "conv", "name": "CONV1", "filters": 2, "kernel": 3}]}
    >>> print(worksheet(network, "output,parameters"))
    # Small
    <BLANKLINE>
    | Layer | What it is                       | Output volume | # Params |
    |:------|:---------------------------------|:--------------|:---------|
    | INPUT |                                  | 8x8x3         |          |
    | CONV1 | 2 3x3 filters at stride 1, pad 0 |               |          |
    | TOTAL |                                  |               |          |
    <BLANKLINE>
    Conventions of this sheet: floor; parameters with biases; volumes HxWxC.
    """
    from cnncalc.homework import worksheet as sheets
    from cnncalc.writers import MOST_LEVELS

    chosen = None if columns is None else tuple(words("columns", columns))
    levels = None if depth is None else whole_number("depth", depth, 0, MOST_LEVELS)
    made = key(source, **options)
    return sheets.worksheet(
        made,
        chosen,
        blocks=_closed(made.report, levels),
        all_layers=flag("all_layers", all_layers),
    )


def _closed(report: Report, depth: int | None) -> list[ClosedBlock]:
    """Return the blocks of a network that are closed at a depth."""
    from cnncalc.homework.worksheet import ClosedBlock
    from cnncalc.writers import table_lines

    paths = {(report.rows_of(group), printable(group.path)): group.path for group in report.groups}
    return [
        ClosedBlock(paths[rows, line.name], line.phrase, rows)
        for line in table_lines.blocks(report, depth)
        if (rows := range(line.first, line.last))
    ]


@interruptible
def quiz(
    seed: int | str,
    *,
    topics: str | Sequence[str] | None = None,
    levels: int | Sequence[int] = 1,
    count: int = 10,
) -> Quiz:
    """Return questions with keys, always the same for a seed.

    `topics` are shapes, params, flops, receptive_field and memory, in a list or joined by commas;
    None: all of them. `levels` are 1 (one layer), 2 and 3 (several), and rise with the questions.
    Raises: CnncalcError for an unknown topic or level, or a count below 1 or above 500.

    >>> [(question.topic, question.level) for question in quiz(7, levels=(1, 2), count=2)]
    [('shapes', 1), ('params', 2)]
    """
    from cnncalc.homework.quiz import drawing
    from cnncalc.homework.quiz.questions import TOPICS

    if isinstance(seed, bool) or not isinstance(seed, (int, str)):
        message = f"seed is a whole number or text. Received {type(seed).__name__}."
        raise CnncalcError(Problem("seed", message))
    chosen = TOPICS if topics is None else words("topics", topics)
    several = levels if isinstance(levels, (list, tuple, range)) else (levels,)
    return drawing.quiz(_counted, seed, topics=tuple(chosen), levels=several, count=count)


def personal_quizzes(
    roster: str,
    secret: str,
    title: str,
    *,
    topics: str | Sequence[str] | None = None,
    levels: Sequence[int] = (1,),
    count: int = 10,
) -> Iterator[PersonalQuiz]:
    """Yield the quiz of each student of a roster, a file with a name on each line.

    Raises: ReadError for a roster that cannot be read; as `quiz`.
    """
    from cnncalc import readers
    from cnncalc.homework.answers.quiz_sheet import Plan
    from cnncalc.homework.answers.text import decoded
    from cnncalc.homework.quiz import drawing, personal
    from cnncalc.homework.quiz.questions import TOPICS

    chosen = tuple(TOPICS if topics is None else words("topics", topics))
    drawing.check_plan(chosen, levels, count)
    plan = Plan(count=count, topics=chosen, levels=tuple(levels))
    found = personal.names(decoded(readers.read_bytes(roster), roster), roster)
    return (personal.personal(_counted, secret, title, name, plan) for name in found)


def check_quiz(answers: str, secret: str) -> Marks:
    """Return the marks of a sheet of a student's quiz, whose key the secret makes again.

    Raises: ReadError if it is no such sheet, or not one that this secret has made.
    """
    from cnncalc import readers
    from cnncalc.homework.answers.quiz_sheet import read_sheet
    from cnncalc.homework.answers.text import decoded
    from cnncalc.homework.quiz.personal import mark_sheet
    from cnncalc.writers.quiz import wording

    text = decoded(readers.read_bytes(answers), answers)
    return mark_sheet(_counted, read_sheet(text, answers), secret, wording)


def _counted(network: dict[str, Any]) -> Report:
    """Return the report of a network that is drawn for a question."""
    from cnncalc.model import analysis

    return analysis.analyze(expand(load(network)), sizes=False)
