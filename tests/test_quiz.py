"""Questions: always the same for a seed, right by construction, told apart by their mistakes."""

from __future__ import annotations

import html
import json
import os
import re
import sys
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from zipfile import ZipFile

import jsonschema
import pytest
from click.testing import CliRunner, Result

from cnncalc import api
from cnncalc.cli import main
from cnncalc.homework.quiz.drawing import LEVELS, MOST, draw, told_apart
from cnncalc.homework.quiz.questions import TOPICS, AnyQuestion, Question
from cnncalc.homework.quiz.values import Exercise, ValueQuestion
from cnncalc.homework.verdicts import Verdict
from cnncalc.writers import quiz as writer
from cnncalc.writers.answer_text import value_text
from cnncalc.writers.quiz import FORMATS, text

QUIZ = api.quiz(7, levels=(1, 2, 3), count=36)


def run(*arguments: str, stdin: str | None = None) -> Result:
    """Return what a command line gives."""
    return CliRunner().invoke(main, ["quiz", *arguments], input=stdin)


def write(questions: Sequence[AnyQuestion], format: str, title: str) -> str:
    """Return questions in a format that is text."""
    found = writer.write(questions, format, title)
    assert isinstance(found, str)
    return found


# --- the questions ----------------------------------------------------------------------


def test_a_seed_gives_the_same_questions() -> None:
    """The same for the same number or word, others for another, and none twice."""
    again = [api.quiz(seed, levels=(1, 2, 3), count=36) for seed in (7, "7", 8)]
    texts = [write(questions, "key", "Q") for questions in (QUIZ, *again)]
    assert texts[0] == texts[1] == texts[2] != texts[3]
    assert len({text.sentence(question) + text.ask(question) for question in QUIZ}) == len(QUIZ)


def test_levels_rise_and_topics_alternate() -> None:
    """As many questions of each level; each topic as often as the others."""
    assert [question.level for question in QUIZ] == [1] * 12 + [2] * 12 + [3] * 12
    assert [question.topic for question in QUIZ] == list(TOPICS) * 6


ANALYSED = [question for question in QUIZ if isinstance(question, Question)]


@pytest.mark.parametrize("question", ANALYSED, ids=lambda q: f"{q.topic}-{q.level}")
def test_the_answer_is_the_analysis(question: Question) -> None:
    """What the report says of the last layer is the answer, and is marked right."""
    row = question.key.report.layers[-1]
    field = row.receptive_field.size
    assert question.answer == {
        "shapes": row.output.shape,
        "params": row.parameters,
        "flops": row.macs,
        "receptive_field": field and field[0],
        "memory": row.output.size * 4,
    }[question.topic]  # fmt: skip
    assert question.mark(value_text(question.answer)).verdict == Verdict.CORRECT


@pytest.mark.parametrize("question", QUIZ, ids=lambda q: f"{q.topic}-{q.level}")
def test_wrong_numbers_have_a_word_each(question: AnyQuestion) -> None:
    """No wrong number is the answer; each is wrong for a reason, or right elsewhere."""
    assert len(question.wrong) >= 3
    for wrong in question.wrong:
        assert wrong.value != question.answer
        assert wrong.mark.verdict in (Verdict.WRONG, Verdict.CONVENTION, Verdict.ROUNDED)
        assert wrong.mark.mistakes or wrong.mark.verdict != Verdict.WRONG
    for box in question.boxes():
        numbers = [wrong.value for wrong in box.wrong]
        assert box.value not in numbers
        assert len(numbers) == len(set(numbers))
        marks = [mark for wrong in box.wrong for mark in wrong.marks]
        assert not any("layout" in dict(mark.changes) for mark in marks if box.label)


@pytest.mark.parametrize("topic", TOPICS)
@pytest.mark.parametrize("level", LEVELS)
def test_common_mistakes_lead_to_different_numbers(topic: str, level: int) -> None:
    """In each of eight questions every common mistake has a number of its own."""
    for seed in range(8):
        question = draw(api.analyze, topic, level, [seed])
        codes = [
            codes
            for kind, codes in TOPICS[topic].kinds.items()
            if kind in (_kind(question), "field")
        ]
        assert told_apart(question, codes[0]) == len(codes[0])


def _kind(question: AnyQuestion) -> str:
    if isinstance(question, ValueQuestion):
        return question.exercise.kind
    return question.case.row.type


def test_no_field_is_wider_than_the_image() -> None:
    """What a unit would see beyond the image is padding."""
    for level in LEVELS:
        for seed in range(12):
            question = draw(api.analyze, "receptive_field", level, [seed])
            assert isinstance(question, Question)
            assert isinstance(question.answer, int)
            assert question.answer <= min(question.key.report.input.extents)


def by_hand(one: Exercise) -> int:
    """Return the value that a window of an exercise leads to, in plain loops."""
    side, pad = one.kernel, one.padding
    found: list[int] = []
    for channel, image in enumerate(one.image):
        width = len(image[0]) + 2 * pad
        padded = [[0] * width] * pad
        padded += [[0] * pad + [*row] + [0] * pad for row in image]
        padded += [[0] * width] * pad
        y, x = one.place[0] * one.stride, one.place[1] * one.stride
        seen = [row[x : x + side] for row in padded[y : y + side]]
        if one.kind == "max_pool":
            found.append(max(map(max, seen)))
            continue
        weights = one.weights[channel]
        found.append(sum(seen[i][j] * weights[i][j] for i in range(side) for j in range(side)))
    return found[one.channel] if one.kind == "max_pool" else sum(found) + one.bias


@pytest.mark.parametrize("level", LEVELS)
def test_values_are_those_of_plain_loops(level: int) -> None:
    """The answer is what the window comes to; its key shows the sum and the result."""
    for seed in range(10):
        question = draw(api.analyze, "values", level, [seed])
        assert isinstance(question, ValueQuestion)
        assert question.answer == by_hand(question.exercise)
        assert text.formula(question, 4)[-1].split() == ["=", str(question.answer)]
        working = text.formula(question, 4)[1].partition("= ")[2].replace("·", "*")
        assert eval(working) == question.answer
        assert question.mark(f"{question.answer}").points == 1
        assert question.mark("").verdict == Verdict.BLANK


def test_a_question_about_a_window_is_worth_asking() -> None:
    """The image is deep, the window padded, and its stride leaves something over."""
    for seed in range(8):
        question = draw(api.analyze, "shapes", 1, [seed])
        assert isinstance(question, Question)
        row = question.case.row
        assert row.inputs[0].channels > 1
        assert row.type == "max_pool" or getattr(row.layer, "padding", 0) > 0
        others = [one.changes for one in question.key.alternatives(1, "output")]
        assert (("rounding", "exact"),) in others  # it has a fraction to round


# --- the formats ------------------------------------------------------------------------

# The schema of jupyterquiz's numeric questions, in short: schema/num_schema.json.
_VALUE = {
    "type": "object",
    "properties": {
        "value": {"type": "number"}, "correct": {"type": "boolean"},
        "feedback": {"type": "string"},
    },
    "required": ["value", "correct"],
}  # fmt: skip
_OTHER = {
    "type": "object",
    "properties": {"type": {"const": "default"}, "feedback": {"type": "string"}},
    "required": ["type", "feedback"],
}
JUPYTERQUIZ = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {
            "question": {"type": "string"},
            "type": {"const": "numeric"},
            "answers": {"type": "array", "items": {"anyOf": [_VALUE, _OTHER]}},
        },
        "required": ["question", "type", "answers"],
    },
}


def free(words: str) -> str:
    """Return words with the signs that were held back."""
    return re.sub(r"\0(\d{3})", lambda match: chr(int(match[1])), words)


def gift(source: str) -> list[tuple[str, str, list[tuple[str, int, str]]]]:
    """Return name, text and answers of GIFT questions, read as Moodle's importer reads them."""
    found = []
    for part in re.split(r"\n\s*\n", source.strip()):
        held = re.sub(r"\\(.)", lambda match: f"\0{ord(match[1]):03d}", part)

        match = re.fullmatch(r"::(.*?)::\[html\](.*?)\{#(.*)\}", held, re.DOTALL)
        assert match, part
        answers = []
        for answer in match[3].split("=")[1:]:
            number = r"(\d+)(?::0|\.\.999999999999999)"
            fields = re.fullmatch(rf"(?:%(\d+)%)?{number}#(.*)", answer.strip(), re.DOTALL)
            assert fields, answer
            said = "*" if ".." in answer.partition("#")[0] else fields[2]
            answers.append((said, int(fields[1] or 100), free(fields[3])))
        found.append((free(match[1]), free(match[2]), answers))
    return found


def test_gift_is_read_as_moodle_reads_it() -> None:
    """Every box is a question; its answer is first, alone in full credit; all else is caught."""
    found = gift(write(QUIZ, "gift", "Q"))
    items = list(text.number_questions(QUIZ))
    assert len(found) == len(items) > len(QUIZ)
    for (name, body, answers), item in zip(found, items, strict=True):
        assert name == item.name
        assert html.unescape(body).endswith(f"<p>{item.ask}</p>")
        assert answers[0] == (str(item.box.value), 100, "Right.")
        assert [credit for _, credit, _ in answers].count(100) == 1
        assert answers[-1][0] == "*"
        assert all(said for _, _, said in answers)
        for (number, credit, said), wrong in zip(answers[1:-1], item.box.wrong, strict=True):
            assert (number, said) == (str(wrong.value), text.feedback(item.question, wrong))
            assert credit in (0, 50)


def test_gift_escapes_what_it_would_read() -> None:
    """Each sign that means something to GIFT comes back as it was."""
    from cnncalc.writers.quiz.gift import escape

    words = r"a\b ~c = #d {e} f:g // \n"
    source = f"::{escape(words)}::[html]{escape(words)}{{#\n=1:0#{escape(words)}\n}}"
    assert gift(source) == [(words, words, [("1", 100, words)])]


def test_pygiftparser_takes_it() -> None:
    """The other reader of GIFT has every question, with its answers and their credits."""
    parse = pytest.importorskip("pygiftparser.parser").parseFile
    found = parse(write(QUIZ, "gift", "Q").splitlines(keepends=True))
    items = list(text.number_questions(QUIZ))
    assert [question.title for question in found] == [item.name for item in items]
    assert all(question.valid for question in found)
    for question, item in zip(found, items, strict=True):
        *answers, other = question.answers.answers
        assert [answer.value for answer in answers[:1]] == [item.box.value]
        assert len(answers) == 1 + len(item.box.wrong)
        assert (other.fraction, answers[0].fraction) == (0, 100)


def package(questions: Sequence[AnyQuestion]) -> dict[str, str]:
    """Return the files of a QTI package by their names."""
    written = writer.write(questions, "qti", "Q & A")
    assert isinstance(written, bytes)
    with ZipFile(BytesIO(written)) as found:
        return {name: found.read(name).decode() for name in found.namelist()}


QTI = "{http://www.imsglobal.org/xsd/imsqti_v2p1}"


def test_qti_scores_as_the_quiz_does() -> None:
    """Each item gives a number the points and the feedback of the quiz, in its order."""
    files = package(QUIZ)
    test = ElementTree.fromstring(files["test.xml"])
    hrefs = [ref.get("href", "") for ref in test.iter(f"{QTI}assessmentItemRef")]
    for href, one in zip(hrefs, text.number_questions(QUIZ), strict=True):
        item = ElementTree.fromstring(files[href])
        said = {e.get("identifier"): "".join(e.itertext()).strip() for e in
                item.iter(f"{QTI}modalFeedback")}  # fmt: skip
        found = []
        for case in item.iter():
            if case.tag in (f"{QTI}responseIf", f"{QTI}responseElseIf"):
                number, points, feedback = (v.text or "" for v in case.iter(f"{QTI}baseValue"))
                found.append((int(number), float(points), said[feedback]))
        wrong = [(w.value, w.credit / 100, text.feedback(one.question, w)) for w in one.box.wrong]
        assert found == [(one.box.value, 1.0, "Right."), *wrong]
        assert said["other"] == text.otherwise(one.question)


def test_a_qti_package_is_whole_and_always_the_same() -> None:
    """The manifest names every file; the bytes are the same for the same quiz."""
    files = package(QUIZ)
    manifest = ElementTree.fromstring(files["imsmanifest.xml"])
    listed = [e.get("href") for e in manifest.iter() if e.tag.endswith("}file")]
    assert sorted(map(str, listed)) == sorted(files.keys() - {"imsmanifest.xml"})
    assert writer.write(QUIZ, "qti", "Q") == writer.write(QUIZ, "qti", "Q")


def test_qti_is_valid_by_its_schema() -> None:
    """The published schema takes items and test: CNNCALC_QTI_SCHEMA names imsqti_v2p1.xsd."""
    path = os.environ.get("CNNCALC_QTI_SCHEMA")
    if not path:
        pytest.skip("CNNCALC_QTI_SCHEMA is not set")
    etree = pytest.importorskip("lxml.etree")
    schema = etree.XMLSchema(etree.parse(path))
    for name, content in package(QUIZ).items():
        if name != "imsmanifest.xml":
            document = etree.fromstring(content.encode())
            assert schema.validate(document), (name, schema.error_log)


def test_moodle_xml_has_what_its_importer_wants() -> None:
    """Numerical questions have their answers, cloze ones a box for each extent."""
    root = ElementTree.fromstring(write(QUIZ, "moodle", "Q"))
    assert [element.tag for element in root] == ["question"] * len(QUIZ)
    for element, question in zip(root, QUIZ, strict=True):
        assert element.findtext("name/text")
        body = element.findtext("questiontext/text") or ""
        if question.topic != "shapes":
            assert element.get("type") == "numerical"
            answers = {
                answer.findtext("text"): int(answer.get("fraction", "")) for answer in
                element.iter("answer")
            }  # fmt: skip
            assert answers[str(question.answer)] == 100
            assert list(answers.values()).count(100) == 1
            assert answers["*"] == 0
            continue
        assert element.get("type") == "cloze"
        boxes = re.findall(r"\{1:NUMERICAL:=(\d+):0#Right\.((?:~%\d+%\d+:0#[^~}]+)*)\}", body)
        assert tuple(int(number) for number, _ in boxes) == question.answer
        assert body.count("{") == body.count("}") == 3


def test_jupyterquiz_follows_its_schema() -> None:
    """A list of numeric questions, each with one correct value and a word for the others."""
    found: list[dict[str, Any]] = json.loads(write(QUIZ, "jupyterquiz", "Q"))
    jsonschema.validate(found, JUPYTERQUIZ)
    for question, item in zip(found, text.number_questions(QUIZ), strict=True):
        correct = [answer for answer in question["answers"] if answer.get("correct")]
        assert [answer["value"] for answer in correct] == [item.box.value]
        assert question["answers"][-1]["type"] == "default"


@pytest.mark.filterwarnings("default")
def test_jupyterquiz_itself_takes_it(capsys: pytest.CaptureFixture[str]) -> None:
    """The consumer's own package shows every question."""
    display_quiz = pytest.importorskip("jupyterquiz").display_quiz
    display_quiz(json.loads(write(QUIZ, "jupyterquiz", "Q")))
    assert capsys.readouterr().err == ""


def test_text2qti_has_a_line_for_each_part() -> None:
    """Title, points, text, feedback and number: what text2qti reads for a numerical question."""
    head, *parts = write(QUIZ, "text2qti", "Quiz_1 *x*\n= 5").strip().split("\n\n")
    assert head == r"Quiz title: Quiz_1 *x*\n= 5"
    for number, (part, item) in enumerate(zip(parts, text.number_questions(QUIZ), strict=True), 1):
        marks = [line.split(" ")[0] for line in part.splitlines()]
        assert marks == ["Title:", "Points:", f"{number}.", "+", "-", "="]
        assert part.splitlines()[-1].split() == ["=", str(item.box.value)]


def test_text2qti_itself_takes_it() -> None:
    """The consumer's own package makes QTI of it."""
    qti, quizzes = (pytest.importorskip(f"text2qti.{name}") for name in ("qti", "quiz"))
    config = pytest.importorskip("text2qti.config").Config()
    quiz = quizzes.Quiz(write(QUIZ, "text2qti", "Quiz"), config=config)
    numbers = [question.numerical_exact for question in quiz.questions_and_delims]
    assert quiz.title_raw == "Quiz"
    assert numbers == [item.box.value for item in text.number_questions(QUIZ)]
    assert qti.QTI(quiz).zip_bytes()


def test_markdown_keeps_the_key_apart() -> None:
    """The questions hold no answer; the key has every answer, its working and its mistakes."""
    questions, key = write(QUIZ, "markdown", "Q"), write(QUIZ, "key", "Q")
    for number, question in enumerate(QUIZ, 1):
        answer = value_text(question.answer)
        assert (
            f"## {number}. {question.topic.replace('_', ' ')}, level {question.level}\n"
            in questions
        )
        assert f"level {question.level}: {answer}\n" in key
        for wrong in question.wrong:
            assert not wrong.mark.code or wrong.mark.code in key
        if question.topic in ("flops", "memory") and len(answer) > 4:
            assert answer not in questions
    assert "P-" not in questions
    assert "Consistent" not in questions


# --- the command ------------------------------------------------------------------------


def test_the_command_knows_the_tables() -> None:
    """The words that its help offers are those of the tables."""
    page = " ".join(run("--help").output.split())
    *formats, last = FORMATS
    assert f"--format NAME {', '.join(formats)} or {last}." in page
    *topics, last = TOPICS
    assert f"What is asked: any of {', '.join(topics)} or {last}." in page
    listed = re.search(r"--level.*?\[1\.\.3\]", page)
    assert listed
    assert all(f"{level} " in listed[0] for level in LEVELS)


@pytest.mark.parametrize("format", FORMATS)
def test_every_format_is_printed_and_written(format: str, tmp_path: Path) -> None:
    """The bytes in a file are those on standard output; nothing on standard error."""
    arguments = ("--seed", "7", "-n", "5", "--topic", "shapes,params", "--format", format)
    printed = run(*arguments)
    file = tmp_path / "quiz"
    assert run(*arguments, "-o", str(file)).exit_code == 0
    if format == "qti":
        assert (printed.exit_code, printed.stdout) == (2, "")
        assert file.read_bytes()[:2] == b"PK"
        return
    assert (printed.exit_code, printed.stderr) == (0, "")
    assert file.read_text("utf-8") == printed.stdout


def test_a_drawn_seed_is_said() -> None:
    """Without a seed, one is drawn; said on standard error, it gives the same questions."""
    drawn = run("-n", "1")
    seed = re.search(r"--seed (\d+)", drawn.stderr)
    assert seed
    assert run("-n", "1", "--seed", seed[1]).stdout == drawn.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--topic", "shape"), "no topic 'shape'. Did you mean 'shapes'?"),
        (("--topic", ""), "no topic ''."),
        (("--level", "0"), "expected a level, or two as in 1..3. Received '0'."),
        (("--level", "3..1"), "expected a level, or two as in 1..3. Received '3..1'."),
        (("--level", "4"), "a level is one of 1, 2, 3."),
        (("-n", "0"), f"a quiz has from 1 to {MOST} questions. Received 0."),
        (("-n", "10000000"), f"a quiz has from 1 to {MOST} questions."),
        (("--format", "word"), "no format 'word'."),
        (("-o", "quiz.doc"), "quiz.doc: no format has this ending."),
        (("--play", "-o", "x.md"), "--play prints no format and writes no file."),
    ],
)
def test_bad_requests_are_one_line(arguments: tuple[str, ...], message: str) -> None:
    """Exit code 2 and one line that says what is wrong."""
    result = run("--seed", "1", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr
    assert len(result.stderr.splitlines()) == 1


# --- playing ----------------------------------------------------------------------------

PLAY = ("--play", "--seed", "7", "--topic", "params", "--level", "1", "-n", "2")
FIRST, SECOND = api.quiz(7, topics=["params"], levels=(1,), count=2)


def test_right_answers_win() -> None:
    """All right: exit code 0."""
    result = run(*PLAY, stdin=f"{FIRST.answer}\n{value_text(SECOND.answer)}\n")
    assert result.exit_code == 0
    assert result.stdout.endswith("2 of 2 questions right, 2 at the first try.\n")


def test_the_numbers_come_before_the_answer() -> None:
    """All volumes follow from the question: its third hint has them, also of several layers."""
    play = ("--play", "--seed", "7", "--topic", "shapes", "--level", "2", "-n", "1")
    (question,) = api.quiz(7, topics=["shapes"], levels=(2,), count=1)
    assert isinstance(question, Question)
    assert len(question.key.cases) > 2
    formula = text.formula(question, 3)[1].strip()
    for answers in ("\n" * 4, "9x9x9\n" * 4):
        steps = run(*play, stdin=answers).stdout.split("> ")
        assert [formula in step for step in steps[1:]] == [False, False, True, True]


def test_each_wrong_answer_brings_one_step_more() -> None:
    """A question, the formula, the numbers, and only then the answer; then the next question."""
    wrong = next(one for one in FIRST.wrong if one.mark.verdict == Verdict.WRONG)
    value = wrong.value
    result = run(*PLAY, stdin=f"{value}\n" * 4 + f"what\n{SECOND.answer}\n")
    assert result.exit_code == 1
    steps = result.stdout.split(f"> {value}\n")
    assert len(steps) == 5
    shown = f"parameters = {text.formula(FIRST, 2)[0].partition(' = ')[2]}"
    assert [shown in step for step in steps] == [False, False, True, True, True]
    assert [f"= {value_text(FIRST.answer)}\n" in step for step in steps] == [False] * 4 + [True]
    assert wrong.mark.code in steps[1]
    assert "? Not a number: 'what' is not arithmetic." in steps[4]
    assert steps[4].endswith("1 of 2 questions right, 1 at the first try.\n")


def test_the_end_of_input_ends_the_game() -> None:
    """What is missing counts as not right; nothing breaks."""
    result = run(*PLAY, stdin=f"{FIRST.answer}\n")
    assert (result.exit_code, result.stderr) == (1, "")
    assert result.stdout.endswith("1 of 2 questions right, 1 at the first try.\n")


def test_an_interrupted_game_is_130(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C ends it quietly."""

    def interrupt(*_: object) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr("cnncalc.cli.quiz._answer", interrupt)
    result = run(*PLAY)
    assert (result.exit_code, result.stderr) == (130, "")


def test_an_empty_line_brings_one_step_more() -> None:
    """A question, the formula, the numbers, the answer: each says more than the one before."""
    result = run(*PLAY, stdin="\n" * 4)
    _, *steps, last = result.stdout.split("> ")
    sizes = [len(step.splitlines()) for step in [*steps, last.partition("\n\n")[0]]]
    assert steps[0].strip().endswith("?")
    assert f"= {value_text(FIRST.answer)}" not in "".join(steps[:3])
    assert f"= {value_text(FIRST.answer)}" in steps[3]
    assert sizes[:3] == sorted(set(sizes[:3]))


def test_a_long_line_is_one_answer() -> None:
    """What is past the most that is read is not taken for further answers."""
    result = run(*PLAY, stdin="1 " * 5000 + f"\n{FIRST.answer}\n{SECOND.answer}\n")
    assert result.stdout.count("> ") == 3


def test_any_word_is_a_seed() -> None:
    """Also what a shell hands over of bytes that are no text."""
    assert run("--seed", "\udcff", "-n", "1").exit_code == 0


@pytest.mark.parametrize("answer", ["\x1b[31m", "(" * 5000, "9" * 900, "9**9**9**9", "=cmd|'x'!A1"])
def test_a_hostile_answer_is_only_unreadable(answer: str) -> None:
    """It is said to be no number, and shown without control characters."""
    result = run(*PLAY, stdin=f"{answer}\n{FIRST.answer}\n{SECOND.answer}\n")
    assert "\x1b" not in result.stdout.replace(f"> {answer}", "")
    assert result.exit_code in (0, 1)
    assert "Traceback" not in result.output


def test_the_game_fits_an_ascii_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Signs that the encoding lacks have a stand-in, and lines keep to the width."""
    monkeypatch.setenv("COLUMNS", "60")
    result = CliRunner(charset="ascii").invoke(main, ["quiz", *PLAY], input="1\n2\n3\n4\n5\n")
    assert not isinstance(result.exception, UnicodeError)
    assert max(map(len, result.stdout.splitlines())) <= 60
    assert sys.stdout is not None
