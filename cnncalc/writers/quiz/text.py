"""What a question says, and what is said to an answer: plain text, which formats escape."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, NamedTuple

from cnncalc.homework.marks import WRONG, Mark
from cnncalc.writers import hints

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cnncalc.homework.quiz.questions import Box, Question, Wrong

RIGHT = "Right."
_ASKED = {
    "output": "What volume leaves {}, as height x width x depth?",
    "parameters": "How many parameters does {} learn, biases included?",
    "flops": "How many FLOPs does {} take for one image, one for each multiply-accumulate?",
    "receptive_field": "How wide is the receptive field of a unit of {}, in pixels of the image?",
    "memory": "How many bytes does the volume that leaves {} take, 4 for each value?",
}
_BOX = "What is the {} of the volume that leaves {}?"


class Item(NamedTuple):
    """One number to be answered: the whole question, or one extent of a volume."""

    name: str
    ask: str
    question: Question
    box: Box


def title(question: Question, number: int) -> str:
    """Return what a question is called."""
    return f"{number}. {question.topic.replace('_', ' ')}, level {question.level}"


def enters(question: Question) -> str:
    """Return the sentence before the list of layers."""
    those = "these layers, in this order" if len(layers(question)) > 1 else "this layer"
    return f"A volume of {question.key.cases[0].output} enters {those}:"


def layers(question: Question) -> list[str]:
    """Return the layers, as slides have them."""
    return [
        f"{row.name}: {hints.phrase(row.description, row.layer)}"
        for row in question.key.report.layers[1:]
    ]


def ask(question: Question, box: Box | None = None) -> str:
    """Return what is asked: of a volume, or of one of its extents."""
    name = question.case.name
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
    return f"A volume of {question.key.cases[0].output} enters {', then '.join(named)}."


def html(question: Question, asked: str) -> str:
    """Return a question in HTML, on one line."""
    items = "".join(f"<li>{escape(line, quote=False)}</li>" for line in layers(question))
    before, after = (escape(text, quote=False) for text in (enters(question), asked))
    return f"<p>{before}</p><ul>{items}</ul><p>{after}</p>"


def items(questions: Sequence[Question]) -> Iterator[Item]:
    """Yield each number that is to be answered, for formats that ask for one at a time."""
    for number, question in enumerate(questions, 1):
        for box in question.boxes():
            name = title(question, number) + f", {box.label}" * bool(box.label)
            yield Item(name, ask(question, box), question, box)


def feedback(question: Question, wrong: Wrong) -> str:
    """Return what is said to a wrong number: as `check` does, whatever it is consistent with."""
    first = wrong.marks[0]
    if first.verdict == WRONG:
        ways = [way for one in wrong.marks for way in one.explanations]
        first = first._replace(explanations=tuple(dict.fromkeys(ways)))
    return " ".join(said(question, first, 1))


def said(question: Question, mark: Mark, level: int) -> list[str]:
    """Return what `check` says to an answer, of a question."""
    lines = hints.lines(mark, level, question.key.how)
    return [line.replace("; this sheet ", "; this question ") for line in lines]


def hint(question: Question, level: int) -> list[str]:
    """Return what helps where nothing was answered: a question first, the answer last."""
    return said(question, right(question)._replace(verdict=WRONG), level)[1:]


def otherwise(question: Question) -> str:
    """Return what is said to any other number: the formula to begin with."""
    working = hints.formula(right(question), 2, question.key.how)
    return f"Write the formula first: {'; '.join(working)}."


def right(question: Question) -> Mark:
    """Return the mark of the right answer."""
    return question.mark(hints.value(question.answer))


def credit(wrong: Wrong) -> int:
    """Return the percentage of the points that a number earns."""
    return int(100 * wrong.marks[0].points / wrong.marks[0].most)


def working(question: Question) -> list[str]:
    """Return the answer's working, as lines."""
    return hints.formula(right(question), 4, question.key.how)
