"""Questions in the formats that courses take. A format is one line here."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from cnncalc.errors import printable
from cnncalc.writers import Format

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnncalc.homework.quiz.questions import Question

# Each module has `write(questions, title) -> str`.
FORMATS: dict[str, Format] = {
    "markdown": ("markdown", (".md", ".markdown")),
    "key": ("key", ()),
    "gift": ("gift", (".gift",)),
    "moodle": ("moodle", (".xml",)),
    "jupyterquiz": ("jupyterquiz", (".json",)),
    "text2qti": ("text2qti", (".txt",)),
}


def write(questions: Sequence[Question], format: str, title: str) -> str:
    """Return questions in a format. Raises: KeyError for an unknown one."""
    module = import_module(f"cnncalc.writers.quiz.{FORMATS[format][0]}")
    text: str = module.write(questions, printable(title))
    return text
