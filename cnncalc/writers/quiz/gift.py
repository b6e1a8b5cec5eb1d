r"""Questions for Moodle in GIFT: numerical ones, with credit and feedback for each wrong number.

Source: Moodle, question/format/gift/format.php, and pygiftparser 1.1, which reads what both take.
Blank lines separate questions; `\` escapes `~ = # { } :`; `[html]` is the format of the text; the
first answer that matches counts, so a range of all numbers at the end has the feedback on the
others. Moodle's own `~#` for that makes pygiftparser refuse the question.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cnncalc.writers.quiz import text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnncalc.homework.quiz.questions import AnyQuestion

LARGEST = 10**15 - 1  # of the numbers that get the feedback on all others; exact as a float
_SPECIAL = re.compile(r"[\\~=#{}:]")


def escape(words: str) -> str:
    r"""Return text with GIFT's special characters escaped.

    >>> print(escape("P = {1:2}"))
    P \= \{1\:2\}
    """
    return _SPECIAL.sub(r"\\\g<0>", " ".join(words.split()))


def write(questions: Sequence[AnyQuestion], title: str) -> str:
    """Return a question for each number that is to be answered."""
    parts = []
    for one in text.number_questions(questions):
        answers = [f"={one.box.value}:0#{text.RIGHT}"]
        for wrong in one.box.wrong:
            said = escape(text.feedback(one.question, wrong))
            answers.append(f"=%{wrong.credit}%{wrong.value}:0#{said}")
        answers.append(f"=%0%0..{LARGEST}#{escape(text.otherwise(one.question))}")
        body = escape(text.html(one.question, one.ask))
        parts.append(f"::{escape(one.name)}::[html]{body}{{#\n" + "\n".join(answers) + "\n}")
    return "\n\n".join(parts) + "\n"
