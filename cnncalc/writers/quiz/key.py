"""The key of a quiz in Markdown: answers, their formulas, and the feedback on wrong answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc.writers import markdown
from cnncalc.writers.answer_text import value_text
from cnncalc.writers.quiz import text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnncalc.homework.quiz.questions import AnyQuestion


def write(questions: Sequence[AnyQuestion], title: str, about: Sequence[str] = ()) -> str:
    """Return the answers, in the order of the questions, below lines about the sheet."""
    parts = [f"# {markdown.escape(title)}: answers", *map(markdown.escape, about)]
    for number, question in enumerate(questions, 1):
        working = "\n".join(f"    {line}" for line in text.steps(question))
        body = [
            [
                value_text(wrong.value),
                markdown.escape(wrong.mark.code or wrong.mark.verdict.replace("_", " ")),
                markdown.escape(text.comments(question, wrong.mark, 1)[0]),
            ]
            for wrong in question.wrong
        ]
        parts += [
            f"## {markdown.escape(text.title(question, number))}: {value_text(question.answer)}",
            markdown.escape(f"{text.sentence(question)} {text.ask(question)}"),
            working,
            markdown.grid(["answer", "code", "what is said to it"], body, [True, False, False]),
        ]
    return "\n\n".join(parts) + "\n"
