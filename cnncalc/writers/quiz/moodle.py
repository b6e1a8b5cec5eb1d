"""Questions for Moodle in XML: numerical ones, and cloze where a volume has a box for each extent.

Source: Moodle, question/format/xml/format.php; for cloze, question/type/multianswer: in
`{1:NUMERICAL:=55:0#said~%50%54:0#said}` feedback ends at `~` or `}`.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING
from xml.etree import ElementTree as xml

from cnncalc.writers.quiz import text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnncalc.homework.quiz.question import AnswerBox
    from cnncalc.homework.quiz.questions import AnyQuestion


def write(questions: Sequence[AnyQuestion], title: str) -> str:
    """Return the questions."""
    quiz = xml.Element("quiz")
    for number, question in enumerate(questions, 1):
        name, boxes = text.title(question, number), question.boxes()
        if len(boxes) == 1:
            _numerical(quiz, name, question, boxes[0])
        else:
            _cloze(quiz, name, question, boxes)
    xml.indent(quiz)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + xml.tostring(quiz, "unicode") + "\n"


def _numerical(quiz: xml.Element, name: str, question: AnyQuestion, box: AnswerBox) -> None:
    element = _question(quiz, "numerical", name, text.html(question, text.ask(question, box)))
    _answer(element, 100, str(box.value), text.RIGHT)
    for wrong in box.wrong:
        _answer(element, wrong.credit, str(wrong.value), text.feedback(question, wrong))
    _answer(element, 0, "*", text.otherwise(question))
    for tag, value in (("unitgradingtype", "0"), ("unitpenalty", "0.1"), ("showunits", "3")):
        xml.SubElement(element, tag).text = value


def _cloze(quiz: xml.Element, name: str, question: AnyQuestion, boxes: Sequence[AnswerBox]) -> None:
    fields = " x ".join(_field(question, box) for box in boxes)
    body = f"{text.html(question, text.ask(question))}<p>{fields}</p>"
    element = _question(quiz, "cloze", name, body)
    said = f"<p>{escape(text.otherwise(question), quote=False)}</p>"
    _text(element, "generalfeedback", said, format="html")


def _field(question: AnyQuestion, box: AnswerBox) -> str:
    answers = [f"={box.value}:0#{text.RIGHT}"]
    for wrong in box.wrong:
        said = escape(text.feedback(question, wrong), quote=False)
        said = said.replace("~", "&#126;").replace("}", "&#125;")
        answers.append(f"%{wrong.credit}%{wrong.value}:0#{said}")
    return "{1:NUMERICAL:" + "~".join(answers) + "}"


def _question(quiz: xml.Element, type: str, name: str, body: str) -> xml.Element:
    element = xml.SubElement(quiz, "question", type=type)
    _text(element, "name", name)
    _text(element, "questiontext", body, format="html")
    xml.SubElement(element, "defaultgrade").text = "1"
    xml.SubElement(element, "penalty").text = "0.3333333"
    return element


def _answer(element: xml.Element, fraction: int, value: str, said: str) -> None:
    answer = xml.SubElement(element, "answer", fraction=str(fraction), format="moodle_auto_format")
    xml.SubElement(answer, "text").text = value
    xml.SubElement(answer, "tolerance").text = "0"
    _text(answer, "feedback", escape(said, quote=False), format="html")


def _text(element: xml.Element, tag: str, words: str, **attributes: str) -> None:
    xml.SubElement(xml.SubElement(element, tag, attributes), "text").text = words
