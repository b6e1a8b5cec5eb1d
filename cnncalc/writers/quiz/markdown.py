"""Questions in Markdown, to be handed out: the key stands apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc.writers import markdown
from cnncalc.writers.quiz import text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnncalc.homework.quiz.questions import AnyQuestion


def write(questions: Sequence[AnyQuestion], title: str, about: Sequence[str] = ()) -> str:
    """Return the questions, each with room for an answer, below lines about the sheet."""
    parts = [f"# {markdown.escape(title)}", *map(markdown.escape, about)]
    for number, question in enumerate(questions, 1):
        parts += [
            f"## {markdown.escape(text.title(question, number))}",
            body(question),
            "Answer: ______________",
        ]
    return "\n\n".join(parts) + "\n"


def body(question: AnyQuestion) -> str:
    """Return the given volume, the layers, the matrices and the question."""
    layers = "\n".join(f"- {markdown.escape(line)}" for line in text.layers(question))
    grids = text.grid_lines(question)
    parts = [
        f"{markdown.escape(text.enters(question))}\n\n{layers}",
        "\n".join(["```", *grids, "```"] if grids else []),
        markdown.escape(text.ask(question)),
    ]
    return "\n\n".join(filter(None, parts))
