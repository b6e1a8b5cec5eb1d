"""The key of a quiz in Markdown: answers, their working, and what wrong numbers agree with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc.writers import hints, markdown
from cnncalc.writers.quiz import text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnncalc.homework.quiz.questions import Question


def write(questions: Sequence[Question], title: str) -> str:
    """Return the answers, in the order of the questions."""
    parts = [f"# {markdown.escape(title)}: answers"]
    for number, question in enumerate(questions, 1):
        working = "\n".join(f"    {line}" for line in text.working(question))
        body = [
            [hints.value(value), markdown.escape(one.code or one.verdict.replace("_", " ")),
             markdown.escape(text.said(question, one, 1)[0])]
            for value, one in question.wrong
        ]  # fmt: skip
        parts += [
            f"## {markdown.escape(text.title(question, number))}: {hints.value(question.answer)}",
            markdown.escape(f"{text.sentence(question)} {text.ask(question)}"),
            working,
            markdown.grid(["answer", "code", "what is said to it"], body, [True, False, False]),
        ]
    return "\n\n".join(parts) + "\n"
