"""Questions for text2qti, which makes QTI for Canvas of them.

Source: text2qti, README.md and quiz.py. Titles are plain, text is Markdown, `=` the number,
`+` and `-` the feedback on right and on wrong answers: there is one for all wrong numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc.writers import markdown
from cnncalc.writers.quiz import text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnncalc.homework.quiz.questions import AnyQuestion


def write(questions: Sequence[AnyQuestion], title: str) -> str:
    """Return a quiz with a question for each number that is to be answered."""
    parts = [f"Quiz title: {title}"]
    for number, one in enumerate(text.number_questions(questions), 1):
        words = markdown.escape(f"{text.sentence(one.question)} {one.ask}")
        lines = [
            ("Title:", one.name),
            ("Points:", "1"),
            (f"{number}.", words),
            ("+", text.RIGHT),
            ("-", markdown.escape(text.otherwise(one.question))),
            ("=", str(one.box.value)),
        ]
        parts.append("\n".join(f"{mark:<6} {said}" for mark, said in lines))
    return "\n\n".join(parts) + "\n"
