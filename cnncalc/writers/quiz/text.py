"""The words of questions, and the feedback on answers: plain text, which formats escape."""

from __future__ import annotations

from dataclasses import dataclass, replace
from html import escape
from typing import TYPE_CHECKING

from cnncalc.homework.verdicts import Verdict
from cnncalc.writers import answer_text, hints

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cnncalc.homework.marks import Mark
    from cnncalc.homework.quiz.questions import AnswerBox, Question, WrongNumber

RIGHT = "Right."
_ASKED = {
    "output": "What volume leaves {}, as height x width x depth?",
    "parameters": "How many parameters does {} learn, biases included?",
    "flops": "How many FLOPs does {} take for one image, one for each multiply-accumulate?",
    "receptive_field": "How wide is the receptive field of a unit of {}, in pixels of the image?",
    "memory": "How many bytes does the volume that leaves {} take, 4 for each value?",
}
_BOX = "What is the {} of the volume that leaves {}?"


@dataclass(frozen=True, slots=True)
class NumberQuestion:
    """A question for one number: the whole question, or one about an extent of its volume."""

    name: str
    ask: str
    question: Question
    box: AnswerBox


def title(question: Question, number: int) -> str:
    """Return the title of a question."""
    return f"{number}. {question.topic.replace('_', ' ')}, level {question.level}"


def enters(question: Question) -> str:
    """Return the sentence before the list of layers."""
    those = "these layers, in this order" if len(layers(question)) > 1 else "this layer"
    return f"A volume of {question.key.report.input} enters {those}:"


def layers(question: Question) -> list[str]:
    """Return the layers, as slides have them."""
    return [
        f"{row.name}: {answer_text.phrase(row.description, row.layer)}"
        for row in question.key.report.layers[1:]
    ]


def ask(question: Question, box: AnswerBox | None = None) -> str:
    """Return what is asked: of a volume, or of one of its extents."""
    name = question.case.row.name
    if box is not None and box.label:
        return _BOX.format(box.label, name) + _rounding(question)
    return _ASKED[question.column].format(name) + _rounding(question)


def _rounding(question: Question) -> str:
    """Return the rule for windows that do not tile, where it matters."""
    if question.column != "output":
        return ""
    said = any(line.endswith("rounded up") for line in layers(question))
    return f" Sizes are rounded down{' where nothing else is said' * said}."


def sentence(question: Question) -> str:
    """Return the layers and the volume in one sentence."""
    named = [line.replace(": ", " (", 1) + ")" for line in layers(question)]
    return f"A volume of {question.key.report.input} enters {', then '.join(named)}."


def html(question: Question, asked: str) -> str:
    """Return a question in HTML, on one line."""
    items = "".join(f"<li>{escape(line, quote=False)}</li>" for line in layers(question))
    before, after = (escape(text, quote=False) for text in (enters(question), asked))
    return f"<p>{before}</p><ul>{items}</ul><p>{after}</p>"


def number_questions(questions: Sequence[Question]) -> Iterator[NumberQuestion]:
    """Yield a question for each number, for formats that ask for one at a time."""
    for number, question in enumerate(questions, 1):
        for box in question.boxes():
            name = title(question, number) + f", {box.label}" * bool(box.label)
            yield NumberQuestion(name, ask(question, box), question, box)


def feedback(question: Question, wrong: WrongNumber) -> str:
    """Return the feedback on a wrong number, with all the mistakes that it is consistent with."""
    first = wrong.marks[0]
    if first.verdict == Verdict.WRONG:
        several = [mistakes for mark in wrong.marks for mistakes in mark.mistakes]
        first = replace(first, mistakes=tuple(dict.fromkeys(several)))
    return " ".join(comments(question, first, 1))


def comments(question: Question, mark: Mark, level: int) -> list[str]:
    """Return what `check` says about an answer, in the words of a question."""
    lines = hints.lines(mark, level, question.key.conventions)
    return [line.replace("; this sheet ", "; this question ") for line in lines]


def hint(question: Question, level: int) -> list[str]:
    """Return the help where nothing was answered: a question first, the answer last."""
    return [hints.question(question.column), *formula(question, level)]


def formula(question: Question, level: int) -> list[str]:
    """Return the formula of the answer from level 2 on, as `check` shows it at a level."""
    if level < 2:
        return []
    found = answer_text.formulas(question.case, question.column, question.key.conventions)
    return answer_text.lines(found, level)


def otherwise(question: Question) -> str:
    """Return the feedback on any other number: the formula to begin with."""
    return f"Write the formula first: {'; '.join(formula(question, 2))}."
