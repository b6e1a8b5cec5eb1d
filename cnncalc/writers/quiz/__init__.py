"""Questions in the formats that courses take. A format is one line here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc.errors import plain_text, printable
from cnncalc.writers import Format

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnncalc.homework.quiz.personal import PersonalQuiz
    from cnncalc.homework.quiz.questions import AnyQuestion

HEADED = ("markdown", "key")  # the formats that have room for lines below the title
TITLE = "Convolutional networks"  # where none is given

# Each module has `write(questions, title) -> str | bytes`.
FORMATS: dict[str, Format] = {
    "markdown": Format("quiz.markdown", (".md", ".markdown")),
    "key": Format("quiz.key"),
    "gift": Format("quiz.gift", (".gift",)),
    "moodle": Format("quiz.moodle", (".xml",)),
    "jupyterquiz": Format("quiz.jupyterquiz", (".json",)),
    "text2qti": Format("quiz.text2qti", (".txt",)),
    "qti": Format("quiz.qti", (".zip",)),
}


def write(
    questions: Sequence[AnyQuestion], format: str, title: str = TITLE, *, about: Sequence[str] = ()
) -> str | bytes:
    """Return questions in a format; `about` are lines for below the title, such as a name.

    Raises: KeyError for an unknown format.
    """
    head = printable(plain_text("title", title))
    if format in HEADED:
        written: str | bytes = FORMATS[format].write(questions, head, about)
    else:
        written = FORMATS[format].write(questions, head)
    return written


def write_personal(one: PersonalQuiz, format: str) -> str | bytes:
    """Return the quiz of one student, with the name, and no seed. Raises: as `write`."""
    name = printable(one.name)
    if format in HEADED:
        return write(one.quiz, format, one.title, about=(f"Name: {name}", str(one.plan)))
    return write(one.quiz, format, f"{one.title}: {name}")


def wording(question: AnyQuestion) -> str:
    """Return the text of a question down to its answer, as a sheet has it."""
    from cnncalc.writers.quiz import markdown

    return markdown.body(question)
