"""A quiz in the terminal: each wrong answer brings one step more of help, the last the answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from cnncalc import units
from cnncalc.errors import printable
from cnncalc.homework.verdicts import Verdict
from cnncalc.writers import hints, terminal
from cnncalc.writers.grid import wrap
from cnncalc.writers.quiz import text
from cnncalc.writers.styled import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnncalc.homework.quiz.questions import AnyQuestion
    from cnncalc.writers.terminal import Console

ReadLine = Callable[[], str | None]  # returns what was answered; None: nothing more comes


def play(questions: Sequence[AnyQuestion], console: Console, read_line: ReadLine) -> bool:
    """Ask every question until it is answered or given away; return whether all were right."""
    tries = []
    _say(console, "An empty line brings a hint.", "dim")
    for number, question in enumerate(questions, 1):
        head = f"{text.title(question, number)}  ({number} of {len(questions)})"
        _say(console, head, "bold")
        _say(console, text.enters(question))
        for line in text.layers(question):
            _say(console, line, indent="  ")
        for line in text.grid_lines(question):
            _say(console, f"  {line}")
        _say(console, text.ask(question))
        taken = _asked(question, console, read_line)
        if taken is None:
            break
        tries.append(taken)
        console.print()
    _score(tries, len(questions), console)
    return len(tries) == len(questions) and all(taken < hints.LEVELS - 1 for taken in tries)


def _asked(question: AnyQuestion, console: Console, read_line: ReadLine) -> int | None:
    """Ask until an answer is right; return how many were wrong, None where no more came."""
    wrong = 0
    while wrong < hints.LEVELS - 1:
        console.print(Text("> ", "bold"), end="")
        console.file.flush()
        said = read_line()
        if said is None:
            console.print()
            return None
        mark = question.mark(said)
        if mark.verdict == Verdict.CORRECT:
            _say(console, "✓ Right.", "green")
            return wrong
        if mark.verdict == Verdict.UNREAD:
            _say(console, f"? {printable(mark.note)}", "yellow")
            continue
        wrong += 1
        if mark.verdict == Verdict.BLANK:
            lines = text.hint(question, wrong)
        else:
            lines = text.comments(question, mark, wrong)
            lines[0] = f"✗ {lines[0]}"
        for line in lines:
            verdict = line[0] == "✗"
            _say(console, printable(line), "red" if verdict else "", "" if verdict else "  ")
    return wrong


def _say(console: Console, words: str, style: str = "", indent: str = "") -> None:
    """Print words as lines that fit the console; what is indented itself keeps its columns."""
    fitted = terminal.fit(words, console.encoding)
    parts = [fitted] if fitted[0] == " " else fitted.split(" ")
    for line in wrap(parts, console.width, indent, indent or "  "):
        console.print(Text(line, style))


def _score(tries: Sequence[int], count: int, console: Console) -> None:
    right = sum(taken < hints.LEVELS - 1 for taken in tries)
    at_once = sum(taken == 0 for taken in tries)
    line = f"{right} of {units.plural(count, 'question')} right, {at_once} at the first try."
    console.print(Text(line, "bold"))
