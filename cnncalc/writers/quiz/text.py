"""The words of questions, and the feedback on answers: plain text, which formats escape."""

from __future__ import annotations

from dataclasses import dataclass, replace
from html import escape
from typing import TYPE_CHECKING

from cnncalc.homework.quiz.questions import Question
from cnncalc.homework.quiz.values import ValueQuestion
from cnncalc.homework.verdicts import Verdict
from cnncalc.writers import answer_text, hints
from cnncalc.writers.answer_text import Formula

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cnncalc.homework.marks import Mark
    from cnncalc.homework.quiz.question import AnswerBox, WrongNumber
    from cnncalc.homework.quiz.questions import AnyQuestion
    from cnncalc.homework.quiz.values import Matrix

RIGHT = "Right."
_ASKED = {
    "output": "What volume leaves {}, as height x width x depth?",
    "parameters": "How many parameters does {} learn, biases included?",
    "flops": "How many FLOPs does {} take for one image, one for each multiply-accumulate?",
    "receptive_field": "How wide is the receptive field of a unit of {}, in pixels of the image?",
    "memory": "How many bytes does the volume that leaves {} take, 4 for each value?",
    "value": "Which value has the output of {} in row {}, column {}{}, counted from 1?",
}
_BOX = "What is the {} of the volume that leaves {}?"


@dataclass(frozen=True, slots=True)
class NumberQuestion:
    """A question for one number: the whole question, or one about an extent of its volume."""

    name: str
    ask: str
    question: AnyQuestion
    box: AnswerBox


def title(question: AnyQuestion, number: int) -> str:
    """Return the title of a question."""
    return f"{number}. {question.topic.replace('_', ' ')}, level {question.level}"


@dataclass(frozen=True, slots=True)
class Grid:
    """A matrix of a question, under what it is."""

    label: str
    rows: Matrix


def grids(question: AnyQuestion) -> list[Grid]:
    """Return the matrices that a question gives."""
    if not isinstance(question, ValueQuestion):
        return []
    exercise = question.exercise
    named = [("input", exercise.image), ("filter", exercise.weights)]
    return [
        Grid(f"{name}, channel {number}", rows)
        for name, matrices in named
        for number, rows in enumerate(matrices, 1)
    ]


def grid_lines(question: AnyQuestion) -> list[str]:
    """Return the matrices as lines of text, their columns aligned."""
    lines = []
    for grid in grids(question):
        width = max(len(str(n)) for row in grid.rows for n in row)
        lines += [f"{grid.label}:"]
        lines += ["  " + " ".join(f"{n:{width}}" for n in row) for row in grid.rows]
    return lines


def enters(question: AnyQuestion) -> str:
    """Return the sentence before the list of layers."""
    those = "these layers, in this order" if len(layers(question)) > 1 else "this layer"
    return f"A volume of {_given(question)} enters {those}:"


def _given(question: AnyQuestion) -> str:
    """Return the volume that is given."""
    if isinstance(question, Question):
        return str(question.key.report.input)
    image = question.exercise.image
    return f"{len(image[0])}x{len(image[0][0])}x{len(image)}"


def layers(question: AnyQuestion) -> list[str]:
    """Return the layers, as slides have them."""
    if isinstance(question, Question):
        return [
            f"{row.name}: {answer_text.phrase(row.description, row.layer)}"
            for row in question.key.report.layers[1:]
        ]
    one = question.exercise
    window = f"{one.kernel}x{one.kernel}"
    if one.kind == "max_pool":
        return [f"{_name(question)}: {window} max pool at stride {one.stride}"]
    return [
        f"{_name(question)}: 1 {window} filter at stride {one.stride}, pad {one.padding}, "
        f"bias {one.bias}, laid on as it is written"
    ]


def _name(question: AnyQuestion) -> str:
    if isinstance(question, Question):
        return question.case.row.name
    return {"conv": "CONV1", "max_pool": "POOL1"}[question.exercise.kind]


def ask(question: AnyQuestion, box: AnswerBox | None = None) -> str:
    """Return what is asked: of a volume, or of one of its extents."""
    name = _name(question)
    if isinstance(question, ValueQuestion):
        one = question.exercise
        row, column = (n + 1 for n in one.place)
        deep = f", channel {one.channel + 1}" * (one.kind == "max_pool")
        return _ASKED[question.column].format(name, row, column, deep)
    if box is not None and box.label:
        return _BOX.format(box.label, name) + _rounding(question)
    return _ASKED[question.column].format(name) + _rounding(question)


def _rounding(question: AnyQuestion) -> str:
    """Return the rule for windows that do not tile, where it matters."""
    if question.column != "output":
        return ""
    said = any(line.endswith("rounded up") for line in layers(question))
    return f" Sizes are rounded down{' where nothing else is said' * said}."


def sentence(question: AnyQuestion) -> str:
    """Return the layers and the volume in one sentence, and each matrix in another."""
    named = [line.replace(": ", " (", 1) + ")" for line in layers(question)]
    found = [f"A volume of {_given(question)} enters {', then '.join(named)}."]
    for grid in grids(question):
        rows = "; ".join(" ".join(map(str, row)) for row in grid.rows)
        found.append(f"{grid.label[:1].upper()}{grid.label[1:]}, row by row: {rows}.")
    return " ".join(found)


def html(question: AnyQuestion, asked: str) -> str:
    """Return a question in HTML, on one line."""
    tables = "".join(
        f"<p>{grid.label}</p><table>"
        + "".join(f"<tr>{''.join(f'<td>{n}</td>' for n in row)}</tr>" for row in grid.rows)
        + "</table>"
        for grid in grids(question)
    )
    items = "".join(f"<li>{escape(line, quote=False)}</li>" for line in layers(question))
    before, after = (escape(text, quote=False) for text in (enters(question), asked))
    return f"<p>{before}</p><ul>{items}</ul>{tables}<p>{after}</p>"


def number_questions(questions: Sequence[AnyQuestion]) -> Iterator[NumberQuestion]:
    """Yield a question for each number, for formats that ask for one at a time."""
    for number, question in enumerate(questions, 1):
        for box in question.boxes():
            name = title(question, number) + f", {box.label}" * bool(box.label)
            yield NumberQuestion(name, ask(question, box), question, box)


def feedback(question: AnyQuestion, wrong: WrongNumber) -> str:
    """Return the feedback on a wrong number, with all the mistakes that it is consistent with."""
    first = wrong.marks[0]
    if first.verdict == Verdict.WRONG:
        several = [mistakes for mark in wrong.marks for mistakes in mark.mistakes]
        first = replace(first, mistakes=tuple(dict.fromkeys(several)))
    return " ".join(comments(question, first, 1))


def comments(question: AnyQuestion, mark: Mark, level: int) -> list[str]:
    """Return what `check` says about an answer, in the words of a question."""
    if isinstance(question, ValueQuestion):
        first = hints.lines(mark, min(level, 1), question.conventions)
        return [*first, *formula(question, level)]
    lines = hints.lines(mark, level, question.conventions)
    return [line.replace("; this sheet ", "; this question ") for line in lines]


def hint(question: AnyQuestion, level: int) -> list[str]:
    """Return the help where nothing was answered: a question first, the answer last."""
    return [hints.question(question.column), *formula(question, level)]


def formula(question: AnyQuestion, level: int) -> list[str]:
    """Return the formula of the answer from level 2 on, as `check` shows it at a level."""
    if level < 2:
        return []
    return answer_text.lines(_formulas(question), level)


def _formulas(question: AnyQuestion) -> list[Formula]:
    if isinstance(question, Question):
        return answer_text.formulas(question.case, question.column, question.conventions)
    one, result = question.exercise, str(question.answer)
    if one.kind == "max_pool":
        window = ", ".join(map(str, one.window(one.channel)))
        return [Formula("value", "the largest of the window", f"max({window})", result)]
    products = " + ".join(f"{value}·{_signed(weight)}" for value, weight in one.products())
    letters = "the sum of value·weight over the window, in all channels, + bias"
    return [Formula("value", letters, f"{products} + {one.bias}", result)]


def _signed(number: int) -> str:
    return f"({number})" if number < 0 else str(number)


def steps(question: AnyQuestion) -> list[str]:
    """Return the working from the input to the answer: every volume on the way, then the answer.

    Of a receptive field, the field and the step of every layer on the way.
    """
    if not isinstance(question, Question):
        return formula(question, 4)
    *before, last = question.key.cases[1:]
    if question.column == "receptive_field":
        return list(_field_steps(question))
    found: list[str] = []
    for case in [*before, *([last] if question.column in ("flops", "memory") else [])]:
        volume = answer_text.formulas(case, "output", question.conventions)
        found.append(f"{case.row.name}: {case.row.output}")
        found += [f"  {line}" for line in answer_text.lines(volume, 4)]
    answer = formula(question, 4)
    if not found:
        return answer
    return [*found, f"{last.row.name}:", *(f"  {line}" for line in answer)]


def _field_steps(question: Question) -> Iterator[str]:
    path = question.case.path
    field = step = 1
    yield f"input: field {field}, step {step}"
    names = [case.row.name for case in question.key.cases[1:]]
    for name, (_, window) in zip(names, path.windows() if path else (), strict=True):
        reach = (window.kernel - 1) * window.dilation + 1
        dilated = f" = {window.dilation}·({window.kernel} - 1) + 1" * (window.dilation > 1)
        yield f"{name}: K = {reach}{dilated}"
        yield f"  field = {field} + ({reach} - 1)·{step} = {field + (reach - 1) * step}"
        yield f"  step  = {step}·{window.stride} = {step * window.stride}"
        field, step = field + (reach - 1) * step, step * window.stride


def otherwise(question: AnyQuestion) -> str:
    """Return the feedback on any other number: the formula to begin with."""
    return f"Write the formula first: {'; '.join(formula(question, 2))}."
