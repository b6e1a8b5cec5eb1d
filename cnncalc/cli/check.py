"""`cnncalc check`: mark the answers of one sheet or of a class, or those in a key."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import click

from cnncalc.cli import file_types, options, streams
from cnncalc.cli.problems import UNUSABLE, WRONG

if TYPE_CHECKING:
    from collections.abc import Callable

    from cnncalc.homework.marks import Marks
    from cnncalc.homework.submissions import MarkedFile

KEY, REPORT = "Key", "Report"
results_formats = options.table("writers.results:FORMATS")
class_formats = options.table("writers.class_report:FORMATS")


def _is_gradebook(path: str) -> bool:
    from cnncalc.writers import gradebook

    return gradebook.is_gradebook(path)


@options.command(
    "cnncalc check answers.md --key alexnet",
    "cnncalc check slide.txt",
    "cnncalc check answers.csv --key key.yaml --hints 2",
    "cnncalc check answers.csv --key key.yaml --reading",
    "cnncalc check 'submissions/*' --key key.yaml --gradebook grades.csv",
    "cnncalc check 'submissions/*' --key key.yaml --feedback out --hints 2",
    "cnncalc check --key key.yaml",
)
@click.argument("answers", metavar="[ANSWERS]...", nargs=-1, type=file_types.SHEETS)
@options.option(
    "--key",
    "against",
    metavar="KEY",
    heading=KEY,
    type=file_types.NETWORK,
    help="What to mark against: a shipped name, or a file with a network.",
)
@options.option(
    "--quiz",
    metavar="WORD",
    heading=KEY,
    help="Mark sheets of a quiz --roster, whose keys WORD makes again, the secret of --seed.",
)
@options.option(
    "--columns",
    metavar="A,B,…",
    heading=KEY,
    known=options.table("homework.sheet:COLUMNS"),
    several=True,
    help="What is asked for: any of {}.  [output,parameters, or what KEY asks for under marking:]",
)
@options.overrides(KEY)
@options.option(
    "--hints",
    metavar="0..4",
    heading=REPORT,
    type=click.Choice(["0", "1", "2", "3", "4"]),
    default="1",
    help="0 right or wrong, 1 a question, 2 the formula, 3 with numbers, 4 the answer.  [1]",
)
@options.option(
    "--gradebook",
    metavar="FILE",
    heading=REPORT,
    type=file_types.WrittenFile(_is_gradebook, "there is something else than a gradebook in it."),
    help="Write the marks of every sheet as CSV.",
)
@options.option(
    "--feedback",
    metavar="FOLDER",
    heading=REPORT,
    help="Write a file for each student into FOLDER, with hints as --hints says: Markdown, or "
    "HTML with --format html.",
)
@options.option(
    "--regrade",
    metavar="OLD",
    heading=REPORT,
    type=file_types.READ,
    help="Say whose mark is another than in the gradebook OLD, and by which cells.",
)
@options.option(
    "--force",
    heading=REPORT,
    is_flag=True,
    help="Let --gradebook and --feedback replace files of another kind.",
)
@options.option(
    "--format",
    metavar="NAME",
    heading=REPORT,
    known=class_formats,
    help="The report on a class: {}.",
)
@options.option(
    "--reading",
    heading=REPORT,
    is_flag=True,
    help="Print how ANSWERS were read, and what was not, in place of the marks.",
)
@options.option(
    "--results",
    metavar="NAME",
    heading=REPORT,
    known=results_formats,
    help="Print what a service reads: {}.",
)
@options.option(
    "-o",
    "--output",
    "file",
    metavar="FILE",
    heading=REPORT,
    type=file_types.WRITTEN,
    help="Write the report to FILE; its ending sets the format.",
)
def check(
    answers: tuple[str, ...],
    against: str | None,
    quiz: str | None,
    columns: str | None,
    overrides: options.Overrides,
    hints: str,
    gradebook: str | None,
    feedback: str | None,
    regrade: str | None,
    force: bool,
    format: str | None,
    reading: bool,
    results: str | None,
    file: str | None,
) -> int:
    """Mark ANSWERS, and name the mistakes that a wrong number is consistent with.

    ANSWERS is a table in Markdown, CSV, xlsx, HTML, LaTeX or a notebook, a summary that a
    framework prints, YAML or JSON in the words of a file's expect:, or lines; - is standard input.
    Several files, or a pattern in quotes, are marked as a class. Without ANSWERS, the answers in
    the key's own file are checked.
    """
    from cnncalc import api
    from cnncalc.homework import submissions
    from cnncalc.writers import printing
    from cnncalc.writers.marking import FORMATS

    if quiz is not None and (against or columns or not answers or any(overrides)):
        raise click.UsageError("--quiz WORD marks ANSWERS, without a key or what changes one.")
    if quiz is None and against is None and (not answers or gradebook):
        raise click.UsageError("give ANSWERS, or --key KEY, or both.")
    if results is not None:
        results = printing.format_for(results, None, results_formats())
    paths = submissions.files(answers)
    if reading:
        if gradebook or feedback or regrade or results or quiz or not paths:
            raise click.UsageError("--reading is about ANSWERS, and is printed alone.")
        known = against is not None
        marker = _marker(against, None, columns, overrides) if known else _Marker("", api.check)
        return _readings(paths, marker, streams.Output("table", file, asked=True))
    if len(paths) > 1 or gradebook or feedback or regrade or format:
        if results:
            raise click.UsageError("--results is about one sheet.")
        if not paths:
            raise click.UsageError("a class is marked sheet by sheet. Give ANSWERS.")
        chosen = printing.format_for(format, file, class_formats())
        asked = _Asked(gradebook, feedback, regrade, force, int(hints))
        marker = _marker(against, quiz, columns, overrides)
        return _class(paths, marker, asked, streams.Output(chosen, file, asked=True))
    output = streams.Output(printing.format_for(results, file, FORMATS), file, asked=True)
    if output.format not in printing.SHOWN:
        if not paths or (against is None and quiz is None):
            raise click.UsageError("--results needs ANSWERS and --key KEY.")
        return _results(paths[0], _marker(against, quiz, columns, overrides), output, int(hints))
    if quiz is not None:
        marks = api.homework.check_quiz(paths[0], quiz)
    else:
        path = paths[0] if paths else None
        marks = api.check(path, against, columns=columns, **overrides.options())
    output.emit(marks, hints=int(hints))
    return 0 if marks.ok else WRONG


class _Marker(NamedTuple):  # no dataclass: see `options`
    """How sheets are marked, and what that is called in reports."""

    label: str
    mark: Callable[[str], Marks]


def _marker(
    against: str | None, quiz: str | None, columns: str | None, overrides: options.Overrides
) -> _Marker:
    """Return the marker for a key, which asks for the columns given, or for a quiz's word."""
    from cnncalc import api
    from cnncalc.errors import words

    if quiz is not None:
        return _Marker("each one's quiz", lambda path: api.homework.check_quiz(path, quiz))
    if against is None:
        raise click.UsageError("a class is marked against one key. Give --key KEY.")
    key = api.key(against, **overrides.options())
    if columns is not None:
        key = key.asking(tuple(words("columns", columns)))
    return _Marker(key.label, lambda path: api.check(path, key))


def _results(path: str, marker: _Marker, output: streams.Output, level: int) -> int:
    """Write the marks as a service reads them, whatever becomes of the sheet."""
    from cnncalc.errors import CnncalcError
    from cnncalc.writers import results as writer

    try:
        marks = marker.mark(path)
    except CnncalcError as error:
        output.write(writer.write(writer.refused(error, path, marker.label), output.format))
        raise
    output.emit(marks, hints=level)
    return 0 if marks.ok else WRONG


def _readings(paths: list[str], marker: _Marker, output: streams.Output) -> int:
    """Print how every sheet was read; return whether anything of one was not."""
    from cnncalc.writers import reading as writer

    found = [marker.mark(path).reading for path in paths]
    output.show(lambda console: writer.show(found, console))
    return 0 if not any(one.unread for one in found) else WRONG


class _Asked(NamedTuple):
    """The files and comparisons that are asked for beside the report on a class."""

    gradebook: str | None
    feedback: str | None
    regrade: str | None
    force: bool
    hints: int


def _class(paths: list[str], marker: _Marker, asked: _Asked, output: streams.Output) -> int:
    """Mark every file, and print what the class got wrong."""
    from cnncalc.cli.progress import Bar
    from cnncalc.homework import submissions
    from cnncalc.writers import class_report, feedback, folder
    from cnncalc.writers import gradebook as grades

    for gradebook in filter(None, (asked.gradebook, asked.regrade)):
        paths = submissions.without(paths, gradebook)
    if asked.feedback:
        paths = folder.without(paths, asked.feedback, feedback.is_feedback)
    with Bar("marking") as bar:
        outcomes = submissions.mark_class(paths, marker.mark, bar)
    regraded = grades.regraded(outcomes, asked.regrade) if asked.regrade else None
    if asked.feedback:
        _feedback(outcomes, asked.feedback, asked, output.format)
    if asked.gradebook:
        streams.save(asked.gradebook, grades.write(outcomes))
    report = class_report.report(outcomes, marker.label, asked.gradebook, regraded)
    if output.format == "table":
        output.show(lambda console: class_report.show(report, console))
    else:
        output.write(class_report.FORMATS[output.format].write(report))
    marked = [outcome.marks for outcome in outcomes if outcome.marks is not None]
    if not marked:
        return UNUSABLE
    return 0 if len(marked) == len(outcomes) and all(marks.ok for marks in marked) else WRONG


def _feedback(outcomes: list[MarkedFile], path: str, asked: _Asked, format: str) -> None:
    """Write a file for each sheet that was marked into a folder."""
    from cnncalc.writers import feedback, folder

    kind = "html" if format == "html" else "markdown"
    marked = [(one.file, one.marks) for one in outcomes if one.marks is not None]
    names = folder.file_names(folder.stems([file for file, _ in marked]), feedback.ENDINGS[kind])
    contents = {
        name: feedback.write(marks, kind, asked.hints)
        for name, (_, marks) in zip(names, marked, strict=True)
    }
    read = [one.file for one in outcomes]
    folder.write(path, contents, own=feedback.is_feedback, read=read, force=asked.force)
