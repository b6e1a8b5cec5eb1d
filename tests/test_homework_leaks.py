"""Hints below the last level give away nothing that the student has yet to answer."""

from __future__ import annotations

import re
from typing import Any

import pytest
from test_homework_marking import LENET, marked

from cnncalc.homework.rules import rules_of
from cnncalc.writers import hints

HIDDEN = "with the numbers of your row before, once it has them"


def help_for(sheet: str, layer: str, column: str, level: int = 3, **rules: Any) -> list[str]:
    """Return the help for one answer."""
    marks = marked(sheet, LENET, **rules)
    (mark,) = (m for m in marks.all() if (m.layer, m.column) == (layer, column) and m.text)
    return hints.lines(mark, level, rules_of({}).conventions)


def test_the_volume_before_is_not_given_away_where_it_is_blank() -> None:
    """The formula's numbers wait for the row before; what needs none of them does not."""
    sheet = "layer | output | params | biases\nPOOL1 | | |\nCONV2 | 9x9x16 | 400 | 1\n"
    for column, hidden in (("output", True), ("parameters", True), ("biases", False)):
        assert any(HIDDEN in line for line in help_for(sheet, "CONV2", column)) is hidden


# A row whose number is wrong, behind rows that are blank, wrong, unreadable or impossible.
SHEETS = {
    "blank": "layer | output | params\nPOOL2 | | 0\nFC3 | 120 | 7\n",
    "missing": "layer | output | params\nFC3 | 120 | 7\n",
    "unreadable": "layer | output | params\nPOOL2 | five | 0\nFC3 | 120 | 7\n",
    "wrong": "layer | output | params\nPOOL2 | 4x4x16 | 0\nFC3 | 120 | 7\n",
    "impossible": "layer | output | params\nPOOL1 | 3x3x6 | 0\nCONV2 | | 7\nPOOL2 | | 0\n"
    "FC3 | 120 | 7\n",
}


@pytest.mark.parametrize("sheet", SHEETS.values(), ids=list(SHEETS))
@pytest.mark.parametrize("follow", [True, False])
@pytest.mark.parametrize("level", [1, 2, 3])
def test_no_factor_leaks(sheet: str, follow: bool, level: int) -> None:
    """Neither 5·5·16 nor 400 stands in the help for FC3, whatever the key says of following."""
    said = " ".join(help_for(sheet, "FC3", "parameters", level, follow_through=follow))
    assert not re.search(r"\b5·5|\b400\b|48,?120", said)


def test_a_formula_that_is_the_answer_waits_for_the_last_level() -> None:
    """Of a pool that learns nothing the formula is 0."""
    sheet = "layer | params\nPOOL1 | 30\n"
    for level in (2, 3):
        assert "parameters = 0" not in help_for(sheet, "POOL1", "parameters", level)
    assert help_for(sheet, "POOL1", "parameters", 4)[-1] == "parameters = 0"
