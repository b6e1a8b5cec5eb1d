"""Published questions: right answers are confirmed, wrong ones refused with a likely cause."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from cnncalc import api
from cnncalc.homework.answers.documents import parse_document
from cnncalc.homework.conventions import OPTIONS
from cnncalc.homework.key import Key
from cnncalc.homework.marking import mark
from cnncalc.homework.marks import Mark, Marks
from cnncalc.homework.rules import rules_of
from cnncalc.homework.verdicts import Verdict

CASES = yaml.safe_load((Path(__file__).parent / "exam_cases.yaml").read_text(encoding="utf-8"))
IDS = [f"{number}-{case['asks'][:40]}" for number, case in enumerate(CASES, 1)]


def marked(case: Mapping[str, Any], declared: bool = True, sheet: str = "") -> Marks:
    """Return the marks of a case's sheet, with what its key declares or without."""
    rules = rules_of({"missing": "ignored", **(case.get("marking", {}) if declared else {})})
    report = api.analyze({"name": "case", **case["network"]})
    found = parse_document((sheet or case["sheet"]).encode(), "sheet.md").sheet
    assert found is not None
    return mark(found, Key(report, rules, "key"))


def answered(marks: Marks) -> list[Mark]:
    """Return the marks of what was answered."""
    return [one for one in marks.all() if one.text.strip()]


def test_all_are_there() -> None:
    """None of the 71 is left out: 10 are wrong, and 19 are right under a stated convention."""
    assert len(CASES) == 71
    assert sum("convention" in case for case in CASES) == 19
    assert sum(case["verdict"] == "wrong" for case in CASES) == 10


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_verdict(case: dict[str, Any]) -> None:
    """Each answer gets the verdict that it deserves, and a wrong one its likely cause."""
    marks = marked(case)
    found = {one.verdict for one in answered(marks)}
    assert found <= {Verdict.CORRECT, Verdict.WRONG, Verdict.ROUNDED}
    worst = {"right": Verdict.CORRECT, "rounded": Verdict.ROUNDED, "wrong": Verdict.WRONG}
    assert worst[case["verdict"]] in found
    assert marks.ok == (case["verdict"] == "right")
    codes = [one.code for one in answered(marks) if one.verdict == Verdict.WRONG]
    assert codes == case.get("codes", [])
    if "convention" in case:
        assert case["convention"] in marks.conventions


@pytest.mark.parametrize(
    "case", [case for case in CASES if "otherwise" in case], ids=lambda case: case["asks"][:40]
)
def test_convention_is_found(case: dict[str, Any]) -> None:
    """Where the key does not declare it, the answer is right under that convention, not wrong.

    A total that adds up the answers follows from them.
    """
    (change,) = case["otherwise"].items()
    assert change[1] in OPTIONS[change[0]]
    marks = marked(case, declared=False)
    if change[0] == "layout":  # only the order differs: that is said once, for the sheet
        assert marks.ok
        assert marks.reading.order == "CxHxW"
        return
    found = [
        one for one in answered(marks) if one.verdict not in (Verdict.CORRECT, Verdict.FOLLOWS)
    ]
    assert found
    assert {one.verdict for one in found} == {Verdict.CONVENTION}
    assert {one.changes for one in found} == {(change,)}


MISTAKES = [
    (case, column, text, code)
    for case in CASES
    for column, wrong in case.get("mistakes", {}).items()
    for text, code in wrong.items()
]


@pytest.mark.parametrize(
    ("case", "column", "text", "code"), MISTAKES, ids=[f"{m[3]}-{m[2]}" for m in MISTAKES]
)
def test_other_answers_are_explained(
    case: dict[str, Any], column: str, text: str, code: str
) -> None:
    """A wrong answer that was offered beside the right one is consistent with its mistake."""
    name = case["sheet"].splitlines()[-1].partition("|")[0].strip()
    (one,) = answered(marked(case, sheet=f"layer | {column}\n{name} | {text}\n"))
    if one.changes:  # rounding the other way is no mistake of its own
        assert (code, dict(one.changes)) == ("S-CEIL", {"rounding": "ceil"})
    else:
        assert (one.verdict, one.code) == (Verdict.WRONG, code)
