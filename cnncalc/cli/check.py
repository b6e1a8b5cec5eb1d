"""`cnncalc check`: mark the answers of one sheet or of a class, or those in a key."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from cnncalc.cli import options
from cnncalc.cli.problems import UNUSABLE, WRONG

if TYPE_CHECKING:
    from cnncalc.homework.key import Key

KEY, REPORT = "Key", "Report"
results_formats = options.table("writers.results:FORMATS")


@options.command(
    "cnncalc check answers.md --key alexnet",
    "cnncalc check slide.txt",
    "cnncalc check answers.csv --key key.yaml --hints 2",
    "cnncalc check 'submissions/*' --key key.yaml --gradebook grades.csv",
    "cnncalc check --key key.yaml",
)
@click.argument("answers", metavar="[ANSWERS]...", nargs=-1, type=click.Path())
@options.option(
    "--key",
    "against",
    metavar="KEY",
    heading=KEY,
    shell_complete=options.names,
    help="What to mark against: a shipped name, or a file with a network.",
)
@options.option(
    "--columns",
    metavar="A,B,…",
    heading=KEY,
    known=options.table("homework.sheet:COLUMNS"),
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
    type=click.Path(),
    help="Write the marks of every sheet as CSV.",
)
@options.option(
    "--results",
    metavar="NAME",
    heading=REPORT,
    known=results_formats,
    help="Print what a service reads: {}.",
)
def check(
    answers: tuple[str, ...],
    against: str | None,
    columns: str | None,
    overrides: options.Overrides,
    hints: str,
    gradebook: str | None,
    results: str | None,
) -> int:
    """Mark ANSWERS, and name the mistakes that a wrong number is consistent with.

    ANSWERS is a table in Markdown, CSV or xlsx, YAML or JSON in the words of a file's expect:,
    or lines as on a slide; - is standard input. Several files, or a pattern in quotes, are marked
    as a class. Without ANSWERS, the answers in the key's own file are checked.
    """
    from cnncalc import api
    from cnncalc.homework import submissions
    from cnncalc.writers import printing

    if against is None and (not answers or gradebook):
        raise click.UsageError("give ANSWERS, or --key KEY, or both.")
    paths = submissions.files(answers)
    if len(paths) > 1 or gradebook:
        if results:
            raise click.UsageError("--results is about one sheet.")
        if against is None:
            raise click.UsageError("a class is marked against one key. Give --key KEY.")
        return _class(paths, _key(against, columns, overrides), against, gradebook)
    if results:
        if not paths or against is None:
            raise click.UsageError("--results needs ANSWERS and --key KEY.")
        results = printing.format_for(results, None, results_formats())
        return _results(paths[0], _key(against, columns, overrides), results, int(hints))
    path = paths[0] if paths else None
    marks = api.check(path, against, columns=columns, **overrides.options())
    printing.show(marks, sys.stdout, hints=int(hints))
    return 0 if marks.ok else WRONG


def _key(against: str, columns: str | None, overrides: options.Overrides) -> Key:
    """Return the key, which asks for the columns given."""
    from cnncalc import api
    from cnncalc.errors import words

    made = api.key(against, **overrides.options())
    return made if columns is None else made.asking(tuple(words("columns", columns)))


def _results(path: str, key: Key, format: str, level: int) -> int:
    """Print the marks as a service reads them, whatever becomes of the sheet."""
    from cnncalc import api
    from cnncalc.errors import CnncalcError
    from cnncalc.writers import results as writer

    try:
        marks = api.check(path, key)
    except CnncalcError as error:
        sys.stdout.write(writer.write(writer.refused(error, path, key.label), format))
        raise
    sys.stdout.write(marks.to(format, hints=level))
    return 0 if marks.ok else WRONG


def _class(paths: list[str], key: Key, against: str, gradebook: str | None) -> int:
    """Mark every file against one key, and print what the class got wrong."""
    from cnncalc.cli.progress import Bar
    from cnncalc.homework import submissions
    from cnncalc.writers import files, terminal
    from cnncalc.writers import gradebook as writer

    if gradebook:
        submissions.refuse_overwriting(gradebook, against)
        paths = submissions.without_gradebook(paths, gradebook, ",".join(writer.HEADS))
    with Bar("marking") as bar:
        outcomes = submissions.mark_class(paths, key, bar)
    if gradebook:
        files.write_file(gradebook, writer.write(outcomes))
    writer.show(outcomes, key.label, gradebook, terminal.console(sys.stdout))
    marked = [outcome.marks for outcome in outcomes if outcome.marks is not None]
    if not marked:
        return UNUSABLE
    return 0 if len(marked) == len(outcomes) and all(marks.ok for marks in marked) else WRONG
