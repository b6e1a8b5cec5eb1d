"""Questions for jupyterquiz, for notebooks: the first answer that matches gives the feedback.

Source: jupyterquiz, schema/num_schema.json and js/numeric.js: text is HTML, `default` is
the feedback on all other numbers.
"""

from __future__ import annotations

import json
from html import escape
from typing import TYPE_CHECKING, Any

from cnncalc.writers.quiz import text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnncalc.homework.quiz.questions import AnyQuestion


def write(questions: Sequence[AnyQuestion], title: str) -> str:
    """Return a list of questions, one for each number that is to be answered."""
    found = []
    for one in text.number_questions(questions):
        answers: list[dict[str, Any]] = [_answer(one.box.value, True, text.RIGHT)]
        for wrong in one.box.wrong:
            answers.append(_answer(wrong.value, False, text.feedback(one.question, wrong)))
        other = escape(text.otherwise(one.question), quote=False)
        answers.append({"type": "default", "feedback": other})
        question = text.html(one.question, one.ask)
        found.append({"question": question, "type": "numeric", "answers": answers})
    return json.dumps(found, indent=1, ensure_ascii=False) + "\n"


def _answer(value: int, correct: bool, feedback: str) -> dict[str, Any]:
    words = escape(feedback, quote=False)
    return {"type": "value", "value": value, "correct": correct, "feedback": words}
