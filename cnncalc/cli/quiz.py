"""`cnncalc quiz`: questions with keys, for handing out, for a course's system, or to play."""

from __future__ import annotations

import re
import sys
from typing import Any

import click

from cnncalc.cli import file_types, options, streams
from cnncalc.cli.problems import WRONG

_LONGEST = 1000  # of an answer that is typed


def _levels(context: click.Context, parameter: click.Parameter, text: str) -> list[int]:
    """Return the levels that 2 or 1..3 means."""
    match = re.fullmatch(r"([1-9])(?:\.\.([1-9]))?", text)
    if not match or int(match[1]) > int(match[2] or match[1]):
        raise click.BadParameter(f"expected a level, or two as in 1..3. Received {text[:40]!r}.")
    return list(range(int(match[1]), int(match[2] or match[1]) + 1))


@options.command(
    "cnncalc quiz --seed 7 --topic shapes,params --level 1..3 -n 10",
    "cnncalc quiz --seed 7 --format key",
    "cnncalc quiz --seed 7 --topic flops -o flops.gift",
    "cnncalc quiz --roster names.csv --folder sheets",
    "cnncalc quiz --play",
)
@options.option(
    "--seed",
    metavar="TEXT",
    help="The same questions for the same number or word.  [drawn, and said]",
)
@options.option(
    "--topic",
    "topics",
    metavar="A,B,…",
    known=options.table("homework.quiz.questions:TOPICS"),
    several=True,
    help="What is asked: any of {}.  [all]",
)
@options.option(
    "--level",
    "levels",
    metavar="N|N..M",
    default="1..3",
    callback=_levels,
    help="1 one layer (two for receptive fields); 2 two to four layers; 3 four or five layers, "
    "with groups or dilation, on an image that is not square.  [1..3]",
)
@options.option("-n", "count", metavar="N", type=int, default=10, help="How many questions.  [10]")
@options.option(
    "--title",
    metavar="TEXT",
    default="Convolutional networks",
    help="The title.  [Convolutional networks]",
)
@options.option(
    "--roster",
    metavar="FILE",
    type=file_types.READ,
    help="A sheet for each name in FILE, a line each or CSV with a column name. --seed is its "
    "secret: `check SHEET --quiz WORD` needs it.",
)
@options.option("--folder", metavar="FOLDER", help="Write the roster's sheets to files in FOLDER.")
@options.option("--force", is_flag=True, help="Let --folder replace files that are there.")
@options.option("--play", is_flag=True, help="Ask here, with a hint after each wrong answer.")
@options.output(options.table("writers.quiz:FORMATS"))
def quiz(
    seed: str | None,
    topics: str | None,
    levels: list[int],
    count: int,
    title: str,
    roster: str | None,
    folder: str | None,
    force: bool,
    play: bool,
    output: streams.Output,
) -> int:
    """Write questions, each about a random network on which common mistakes lead to different
    numbers. Keys and feedback are what check says.

    Markdown has the questions alone; --format key, with the same options, has the answers.
    """
    from random import SystemRandom

    from cnncalc import api
    from cnncalc.writers import terminal

    if play and output.asked:
        raise click.UsageError("--play prints no format and writes no file.")
    if (folder and not roster) or (roster and play):
        raise click.UsageError("--folder goes with --roster, and --play with neither.")
    if roster:
        asked: dict[str, Any] = {"topics": topics, "levels": levels, "count": count}
        _roster(roster, seed, title, asked, folder, force, output)
        return 0
    drawn = SystemRandom().randrange(10**6) if seed is None else seed
    questions = api.quiz(drawn, topics=topics, levels=levels, count=count)
    if seed is None:
        click.echo(f"cnncalc: --seed {drawn} gives these questions again.", file=sys.stderr)
    if play:
        from cnncalc.writers.quiz.play import play as ask

        return 0 if ask(questions, terminal.console(sys.stdout), _answer) else WRONG
    output.emit(questions, title=title)
    return 0


def _roster(
    roster: str,
    seed: str | None,
    title: str,
    asked: dict[str, Any],
    folder: str | None,
    force: bool,
    output: streams.Output,
) -> None:
    """Write a sheet for each student: into a folder, or one after the other."""
    from cnncalc import api
    from cnncalc.homework.quiz.personal import drawn_secret
    from cnncalc.writers import folder as folders
    from cnncalc.writers.quiz import FORMATS, write_personal

    if folder and output.file:
        raise click.UsageError("--folder and -o both say where the sheets go. Give one of them.")
    if seed is not None and not seed.strip():
        raise click.UsageError("--seed is a secret here: a word, not nothing.")
    secret = drawn_secret() if seed is None else seed
    quizzes = list(api.homework.personal_quizzes(roster, secret, title, **asked))
    texts = [write_personal(one, output.format) for one in quizzes]
    if folder is None:
        if not all(isinstance(text, str) for text in texts):
            raise click.UsageError(f"the format {output.format} needs --folder FOLDER.")
        output.write("\n".join(map(str, texts)))
    else:
        ending = (FORMATS[output.format].endings or (".md",))[0]
        names = folders.file_names((one.name for one in quizzes), ending)
        contents = dict(zip(names, texts, strict=True))
        folders.write(folder, contents, own=lambda path: False, read=[roster], force=force)
    if seed is None:
        click.echo(
            f"cnncalc: the secret of these sheets is {secret}: keep it. --seed {secret} makes them "
            f"again, with --format key their keys; check SHEET --quiz {secret} marks them.",
            file=sys.stderr,
        )


def _answer() -> str | None:
    """Return a line of standard input, or None at its end; of a long one, the beginning."""
    line = rest = sys.stdin.readline(_LONGEST) if sys.stdin else ""
    while rest and not rest.endswith("\n"):
        rest = sys.stdin.readline(_LONGEST)
    if line and not sys.stdin.isatty():
        click.echo(line.rstrip("\n"))  # a terminal has shown it
    return line or None
