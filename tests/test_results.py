"""Marks as grading services read them: each format as its documentation has it."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import numpy as np
import pytest
from click.testing import CliRunner, Result

import cnncalc
from cnncalc import api
from cnncalc.cli import main
from cnncalc.errors import ReadError
from cnncalc.homework.verdicts import Verdict
from cnncalc.writers.results import FORMATS, results, write

MIXED = """\
| layer     | output   | params  |
|-----------|----------|---------|
| CONV1     | 55x55x96 | 34848   |
| MAX POOL1 | 28x28x96 |         |
| CONV2     | 28x28    | 6656    |
| FC8       | 1000     |         |
"""
HOSTILE = """\
| layer | output | params |
|-------|--------|--------|
| CONV1]]>&<b>\x0b"'${x} | ]]><script>alert(1)</script> | =cmd("x") |
| ../../etc/passwd | 1x1x1 | @SUM(A1) |
| CONV2 | 27x27x256 | 614656 |
""".replace("\x0b", "")
# Right, under another convention, wrong, unreadable, blank: 2 + ½ points of 22.
POINTS, MOST = 2.5, 22


@pytest.fixture
def sheet(tmp_path: Path) -> Callable[[str], str]:
    """Return a function that writes a sheet, and gives its path."""

    def write_it(text: str) -> str:
        path = tmp_path / "answers.md"
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write_it


def run(path: str, format: str, *more: str) -> Result:
    """Return what check prints for a service."""
    return CliRunner().invoke(main, ["check", path, "--key", "alexnet", "--results", format, *more])


def right() -> str:
    """Return a sheet that is right everywhere."""
    return CliRunner().invoke(main, ["worksheet", "alexnet", "--filled"]).stdout


# --- schemas ----------------------------------------------------------------------------

_SEEN = {"enum": ["hidden", "after_due_date", "after_published", "visible"]}
_TEXT = {"enum": ["text", "html", "simple_format", "md", "ansi"]}
# gradescope/autograder_samples, docs/specs.md
GRADESCOPE: dict[str, Any] = {
    "type": "object",
    "required": ["score", "tests"],
    "additionalProperties": False,
    "properties": {
        "score": {"type": "number"}, "output": {"type": "string"}, "output_format": _TEXT,
        "visibility": _SEEN, "stdout_visibility": _SEEN, "extra_data": {"type": "object"},
        "tests": {"type": "array", "items": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "score": {"type": "number"}, "max_score": {"type": "number"},
                "status": {"enum": ["passed", "failed"]}, "name": {"type": "string"},
                "name_format": _TEXT, "number": {"type": "string"}, "output": {"type": "string"},
                "output_format": _TEXT, "tags": {"type": "array", "items": {"type": "string"}},
                "visibility": _SEEN, "extra_data": {"type": "object"},
            },
        }},
    },
}  # fmt: skip
# PrairieLearn, docs/externalGrading.md
PRAIRIELEARN: dict[str, Any] = {
    "type": "object",
    "required": ["gradable"],
    "if": {"properties": {"gradable": {"const": True}}},
    "then": {"required": ["score", "tests"]},
    "else": {"required": ["format_errors"]},
    "properties": {
        "gradable": {"type": "boolean"},
        "score": {"type": "number", "minimum": 0, "maximum": 1},
        "message": {"type": "string"},
        "format_errors": {"type": "array", "items": {"type": "string"}},
        "tests": {"type": "array", "items": {
            "type": "object",
            "required": ["name", "points", "max_points"],  # one without points spoils all
            "properties": {
                "name": {"type": "string"}, "description": {"type": "string"},
                "points": {"type": "number"}, "max_points": {"type": "number"},
                "message": {"type": "string"}, "output": {"type": "string"},
            },
        }},
    },
}  # fmt: skip
# classroom-resources/autograding-grading-reporter, src/
GITHUB: dict[str, Any] = {
    "type": "object",
    "required": ["version", "status", "max_score", "tests"],
    "properties": {
        "version": {"const": 1}, "status": {"enum": ["pass", "fail", "error"]},
        "max_score": {"type": "number"},
        "tests": {"type": "array", "items": {
            "type": "object",
            "required": ["name", "status", "score"],  # the reporter adds up every score
            "properties": {
                "name": {"type": "string"}, "status": {"enum": ["pass", "fail", "error"]},
                "score": {"type": "number"}, "message": {"type": "string"},
                "test_code": {"type": "string"}, "filename": {"type": "string"},
                "line_no": {"type": "integer"}, "duration": {"type": "number"},
            },
        }},
    },
}  # fmt: skip
# check50's documentation, JSON specification
CHECK50: dict[str, Any] = {
    "type": "object",
    "required": ["slug", "results", "version"],
    "additionalProperties": False,
    "properties": {
        "slug": {"type": "string"}, "version": {"type": "string"},
        "results": {"type": "array", "items": {
            "type": "object",
            "required": ["name", "description", "passed", "log", "cause", "data", "dependency"],
            "additionalProperties": False,
            "properties": {
                "name": {"type": "string"}, "description": {"type": "string"},
                "passed": {"enum": [True, False, None]},
                "log": {"type": "array", "items": {"type": "string"}},
                "cause": {"type": ["object", "null"], "required": ["rationale", "help"]},
                "data": {"type": "object"}, "dependency": {"type": ["string", "null"]},
            },
        }},
    },
}  # fmt: skip
# autolab/Autolab, docs/features/formatted-feedback.md
AUTOLAB: dict[str, Any] = {
    "type": "object",
    "required": ["scores"],
    "additionalProperties": False,
    "properties": {"scores": {"type": "object", "additionalProperties": {"type": "number"}}},
}


def read(format: str, text: str) -> Any:
    """Return what a service makes of a report, held against its schema."""
    if format == "junit":
        return junit(ElementTree.fromstring(text))
    if format == "autolab":
        first, last = text.splitlines()
        shown, found = json.loads(first), json.loads(last)
        jsonschema.validate(found, AUTOLAB)
        assert shown["_presentation"] == "semantic"
        assert set(shown) == {"_presentation", "stages", *shown["stages"]}
        for stage in shown["stages"]:
            assert all(isinstance(one["passed"], bool) for one in shown[stage].values())
        return found
    if format == "github":
        assert len(text.splitlines()) == 1
        text = b64decode(text, validate=False).decode()
    found = json.loads(text)
    schemas = {"gradescope": GRADESCOPE, "prairielearn": PRAIRIELEARN, "github": GITHUB}
    jsonschema.validate(found, schemas.get(format, CHECK50))
    return found


def junit(suites: ElementTree.Element) -> ElementTree.Element:
    """Return JUnit XML, held against the schema of Jenkins' plugin: tags, attributes, counts."""
    assert suites.tag == "testsuites"
    for suite in suites:
        assert suite.tag == "testsuite"
        for tag, counted in (("failure", "failures"), ("error", "errors")):
            assert len(suite.findall(f"testcase/{tag}")) == int(suite.attrib[counted])
        assert len(suite) == int(suite.attrib["tests"])
        for case in suite:
            assert case.tag == "testcase"
            assert set(case.attrib) == {"name", "classname"}
            for child in case:
                assert child.tag in ("failure", "error", "system-out")
                said = set() if child.tag == "system-out" else {"type", "message"}
                assert set(child.attrib) == said
    return suites


# --- every format -----------------------------------------------------------------------


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize(
    ("text", "code"), [(MIXED, 1), (HOSTILE, 1), ("[" * 10_000, 2), (None, 0)],
    ids=["mixed", "hostile", "unreadable", "right"],
)  # fmt: skip
def test_every_report_follows_its_schema(
    format: str, text: str | None, code: int, sheet: Callable[[str], str]
) -> None:
    """Whatever becomes of a sheet there is a report, and the exit code says what became of it."""
    result = run(sheet(right() if text is None else text), format)
    assert result.exit_code == code
    read(format, result.stdout)
    assert bool(result.stderr) == (code == 2)


def test_the_command_knows_the_table() -> None:
    """The names that the command's help offers are those of the table."""
    page = " ".join(CliRunner().invoke(main, ["check", "--help"]).output.split())
    *formats, last = FORMATS
    assert f"what a service reads: {', '.join(formats)} or {last}." in page


@pytest.mark.parametrize("format", FORMATS)
def test_no_report_holds_an_expected_value(format: str, sheet: Callable[[str], str]) -> None:
    """Below the last level of help no true number is in it that was not answered."""
    for level in "0123":
        text = run(sheet(MIXED), format, "--hints", level).stdout
        text = b64decode(text).decode() if format == "github" else text
        for hidden in ("27x27x96", "27x27x256", "614656", "614,656", "34944", "34,944"):
            assert hidden not in text
    text = run(sheet(MIXED.replace("28x28 ", "")), format, "--hints", "4").stdout
    assert "614,656" in (b64decode(text).decode() if format == "github" else text)


def test_gradescope_gives_points(sheet: Callable[[str], str]) -> None:
    """Points as they are, a test for each answer, the mistake as a tag."""
    found = read("gradescope", run(sheet(MIXED), "gradescope").stdout)
    assert found["score"] == POINTS == sum(test["score"] for test in found["tests"])
    assert sum(test["max_score"] for test in found["tests"]) == MOST
    tests = {test["name"]: test for test in found["tests"]}
    assert tests["CONV1 output"]["status"] == "passed"
    assert tests["CONV1 parameters"]["score"] == 0.5
    assert tests["CONV2 parameters"]["tags"] == ["parameters", "P-NODEPTH"]
    assert tests["CONV2 output"]["output"].startswith("28x28\nNot a volume")


def test_prairielearn_gives_a_share(sheet: Callable[[str], str]) -> None:
    """From 0 to 1; with what cannot be read no attempt is lost."""
    found = read("prairielearn", run(sheet(MIXED), "prairielearn").stdout)
    assert not found["gradable"]
    assert found["format_errors"][0].startswith("CONV2 output, '28x28': Not a volume")
    found = read("prairielearn", run(sheet(MIXED.replace("28x28 ", "")), "prairielearn").stdout)
    assert found["score"] == pytest.approx(POINTS / MOST)


def test_autolab_gives_a_score_for_each_column(sheet: Callable[[str], str]) -> None:
    """The last line is the scores, the one before what to show."""
    found = read("autolab", run(sheet(MIXED), "autolab").stdout)
    assert found == {"scores": {"output": 2, "parameters": 0.5}}


def test_a_total_that_cannot_be_read_earns_nothing(sheet: Callable[[str], str]) -> None:
    """Its points are not in the column's score until it can be read."""
    path = sheet("layer | params\nCONV1 | 34944\nTOTAL | many\n")
    found = read("autolab", run(path, "autolab").stdout)
    assert found["scores"]["parameters"] == 1


def test_github_adds_up_the_scores(sheet: Callable[[str], str]) -> None:
    """The reporter's sum of scores is the points; max_score has what is unread, too."""
    found = read("github", run(sheet(MIXED), "github").stdout)
    assert found["status"] == "fail"
    assert sum(test["score"] for test in found["tests"]) == POINTS
    assert found["max_score"] == MOST
    assert read("github", run(sheet(right()), "github").stdout)["status"] == "pass"


def test_check50_says_none_of_what_it_cannot_check(sheet: Callable[[str], str]) -> None:
    """Passed is true, false, or null."""
    found = read("check50", run(sheet(MIXED), "check50").stdout)
    passed = {result["name"]: result["passed"] for result in found["results"]}
    assert passed["CONV1 output"] is True
    assert passed["CONV2 parameters"] is False
    assert passed["CONV2 output"] is None


def test_junit_keeps_errors_and_failures_apart(sheet: Callable[[str], str]) -> None:
    """What cannot be read is an error, what is wrong a failure with the mistake as its type."""
    found = read("junit", run(sheet(MIXED), "junit").stdout)
    (error,) = found.iter("error")
    assert "Not a volume" in error.attrib["message"]
    assert "P-NODEPTH" in {failure.attrib["type"] for failure in found.iter("failure")}


def test_hostile_text_is_data(sheet: Callable[[str], str]) -> None:
    """What a student writes is in no report as markup, and a row of nowhere costs nothing."""
    path = sheet(HOSTILE)
    text = run(path, "junit").stdout
    assert "<script>" not in text
    read("junit", text)
    found = results(api.check(path, "alexnet"), 1)
    unread = [answer for answer in found.answers if answer.verdict == Verdict.UNREAD]
    assert unread
    assert not any(answer.points for answer in unread)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("a.md", "--key", "lenet", "--results", "gradescop"),
            "no format 'gradescop'. Did you mean 'gradescope'?",
        ),
        (("a.md", "--results", "junit"), "--results needs ANSWERS and --key KEY."),
        (("--key", "alexnet", "--results", "junit"), "--results needs ANSWERS and --key KEY."),
        (("a", "b", "--key", "alexnet", "--results", "junit"), "--results is about one sheet."),
        (("a.md", "--key", "nosuch.yaml", "--results", "junit"), "nosuch.yaml: no such file."),
    ],
)
def test_bad_requests_are_one_line(arguments: tuple[str, ...], message: str) -> None:
    """Exit code 2, one line, and no report."""
    result = CliRunner().invoke(main, ["check", *arguments])
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr
    assert len(result.stderr.splitlines()) == 1


# --- a number ---------------------------------------------------------------------------


def test_grade_returns_a_number(capfd: pytest.CaptureFixture[str]) -> None:
    """Points out of those asked for; nothing printed, and nothing on standard error."""
    answers: dict[str, Any] = {"CONV1": {"output": (55, 55, 96), "parameters": "(11*11*3+1)*96"}}
    grade = cnncalc.grade(answers, "alexnet", out_of=4, missing="ignored")
    assert (grade, type(grade)) == (4.0, float)
    assert cnncalc.grade(answers, "alexnet", out_of=22) == pytest.approx(2)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("answers", "share"),
    [
        ({"CONV1": {"output": "55x55x96", "parameters": 34848}}, 0.75),
        ({"CONV1": {"output": [55, 55, 96], "parameters": None}}, 0.5),
        ({"CONV1": {"output": "what?", "parameters": 34944}}, 0.5),
        ({"CONV1": {"output": cnncalc.Volume((55, 55), 96)}}, 1),
        ([{"layer": "CONV1", "output": "54x54x96", "params": "34.9K"}], 0.25),
        ({"CONV1": {"output": None}}, 0),
        ({"CONV9": {"output": 1}}, 0),
    ],
)
def test_grade_counts_what_is_asked(answers: Any, share: float) -> None:
    """Blank and unreadable answers earn nothing, and count."""
    assert cnncalc.grade(answers, "alexnet", missing="ignored") == share


def test_grade_takes_a_key_and_leaves_it_alone() -> None:
    """A key that is made once can be used for every cell."""
    key = api.key("alexnet")
    rules = key.rules
    assert cnncalc.grade({"CONV1": {"output": (55, 55, 96)}}, key, missing="ignored") == 1
    assert key.rules == rules
    nothings: list[Any] = [{}, None]
    for nothing in nothings:
        with pytest.raises(ReadError, match="no answers found"):
            cnncalc.grade(nothing, key)


@pytest.mark.parametrize(
    ("answers", "missing"),
    [
        ({"CONV1": {"output": 1}}, "ignore"),
        ({"CONV1": {"parameters": 10**5000}}, "ignored"),
        ({("CONV1",): {"parameters": 1}}, "ignored"),
    ],
)
def test_grade_refuses_what_it_cannot_take(answers: Any, missing: str) -> None:
    """A rule that is unknown and answers that JSON cannot hold are errors of the project's own."""
    with pytest.raises(ReadError):
        cnncalc.grade(answers, "alexnet", missing=missing)


def test_grade_takes_arrays() -> None:
    """What NumPy works out is an answer as it is."""
    answers = {"CONV1": {"output": np.array([55, 55, 96]), "parameters": np.int64(34944)}}
    assert cnncalc.grade(answers, "alexnet", missing="ignored") == 1


@pytest.mark.parametrize("format", FORMATS)
def test_a_file_that_cannot_be_read_is_not_blank(format: str, sheet: Callable[[str], str]) -> None:
    """Its report says so, and names it."""
    text = run(sheet("[" * 10_000), format).stdout
    text = b64decode(text).decode() if format == "github" else text
    assert "blank" not in text
    assert "''" not in text


@pytest.mark.parametrize("output", ["<" * 300, "9x9x9"])
def test_prairielearn_takes_no_more_than_a_megabyte(output: str) -> None:
    """A report that would be larger has the score alone."""
    found = results(api.check({"CONV1": {"output": output}}, "alexnet"), 1)
    found = replace(found, answers=found.answers * 2_000)
    text = write(found, "prairielearn")
    assert len(text) < 1_000_000
    assert len(write(found, "gradescope")) > 1_000_000
    read("prairielearn", text)
