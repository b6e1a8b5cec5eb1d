"""Questions in the formats that courses take. A format is one line here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc.errors import plain_text, printable
from cnncalc.writers import Format

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnncalc.homework.quiz.questions import AnyQuestion

TITLE = "Convolutional networks"  # where none is given

# Each module has `write(questions, title) -> str`.
FORMATS: dict[str, Format] = {
    "markdown": Format("quiz.markdown", (".md", ".markdown")),
    "key": Format("quiz.key"),
    "gift": Format("quiz.gift", (".gift",)),
    "moodle": Format("quiz.moodle", (".xml",)),
    "jupyterquiz": Format("quiz.jupyterquiz", (".json",)),
    "text2qti": Format("quiz.text2qti", (".txt",)),
}


def write(questions: Sequence[AnyQuestion], format: str, title: str = TITLE) -> str:
    """Return questions in a format. Raises: KeyError for an unknown one."""
    text: str = FORMATS[format].write(questions, printable(plain_text("title", title)))
    return text
