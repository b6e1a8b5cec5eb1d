"""What follows from a student's own rows: one error costs once, and no error costs nothing."""

from __future__ import annotations

from typing import Any

import pytest
from test_homework_marking import marked

from cnncalc.homework.verdicts import Verdict

# 27x27x2: conv1 23x23x6, pool1 11x11x6, conv2 9x9x10, fc1 4; parameters 306, 0, 550, 3,244.
ODD: dict[str, Any] = {
    "name": "odd",
    "input": "27x27x2",
    "layers": [
        {"type": "conv", "name": "conv1", "filters": 6, "kernel": 5},
        {"type": "max_pool", "name": "pool1", "kernel": 2},
        {"type": "conv", "name": "conv2", "filters": 10, "kernel": 3},
        {"type": "fc", "name": "fc1", "units": 4},
    ],
}
# The sheet, and the only cells that lose points.
SHEETS = {
    "the pool's own row before rounding up": (
        "layer | output | params\nconv1 | 24x24x6 | 306\npool1 | 12x12x6 | 0\n"
        "conv2 | 10x10x10 | 550\nfc1 | 4 | 4004\n",
        ["conv1 output"],
    ),
    "the total of own rows before another convention": (
        "layer | output | params\nconv1 | 23x23x6 | 300\npool1 | 11x11x6 | 0\n"
        "conv2 | 9x9x10 | 540\nfc1 | 4 | 3240\nTOTAL | | 4080\n",
        ["conv1 parameters", "conv2 parameters", "fc1 parameters"],
    ),
    "a depth, through the next filters, the flattening and the total": (
        "layer | output | params\nconv1 | 23x23x2 | 306\npool1 | 11x11x2 | 0\n"
        "conv2 | 9x9x10 | 190\nfc1 | 4 | 3244\nTOTAL | | 3740\n",
        ["conv1 output"],
    ),
    "the last volume, through the flattening": (
        "layer | output | params\nconv1 | 23x23x6 | 306\npool1 | 11x11x6 | 0\n"
        "conv2 | 8x8x10 | 550\nfc1 | 4 | 2564\nTOTAL | | 3420\n",
        ["conv2 output"],
    ),
    "weights, through the parameters and the total": (
        "layer | weights | biases | params\nconv1 | 150 | 6 | 156\nconv2 | 540 | 10 | 550\n"
        "fc1 | 3240 | 4 | 3244\nTOTAL | | | 3950\n",
        ["conv1 weights"],
    ),
    "weights, through the operations": (
        "layer | weights | macs | flops\nconv1 | 150 | 79350 | 79350\nconv2 | 540 | 43740 | 43740\n"
        "fc1 | 3240 | 3240 | 3240\nTOTAL | | 126330 | 126330\n",
        ["conv1 weights"],
    ),
    "parameters, through the operations": (
        "layer | params | flops\nconv1 | 156 | 79350\nconv2 | 550 | 43740\nfc1 | 3244 | 3240\n",
        ["conv1 parameters"],
    ),
    "biases, through the additions": (
        "layer | biases | additions\nconv1 | 1 | 529\nconv2 | 10 | 810\nfc1 | 4 | 4\n",
        ["conv1 biases"],
    ),
    "values, through their bytes": (
        "layer | output | activations | memory (bytes)\nconv1 | 23x23x6 | 529 | 2116\n"
        "pool1 | 11x11x6 | 726 | 2904\nconv2 | 9x9x10 | 810 | 3240\nfc1 | 4 | 4 | 16\n",
        ["conv1 activations"],
    ),
    "the output, through the spatial size": (
        "layer | output | spatial size\nconv1 | 24x24x6 | 24x24\npool1 | 12x12x6 | 12\n"
        "conv2 | 10x10x10 | 10\nfc1 | 4 |\n",
        ["conv1 output"],
    ),
    "a receptive field, through those behind it": (
        "layer | receptive field\nconv1 | 5\npool1 | 7\nconv2 | 11\n",
        ["pool1 receptive_field"],
    ),
    "a step, through the fields and steps behind it": (
        "layer | receptive field | step\nconv1 | 5 | 1\npool1 | 6 | 4\nconv2 | 14 | 4\n",
        ["pool1 step"],
    ),
}


@pytest.mark.parametrize(("sheet", "lost"), SHEETS.values(), ids=list(SHEETS))
def test_an_error_costs_once(sheet: str, lost: list[str]) -> None:
    """Only the cells in which something went wrong lose points."""
    marks = marked(sheet, ODD, missing="ignored")
    found = [m for m in marks.all() if m.points < m.most]
    assert [f"{m.layer} {m.column}" for m in found] == lost


def test_of_two_that_agree_the_first_costs() -> None:
    """Two cells do not excuse one another."""
    marks = marked("layer | output | extents\nconv1 | 24x24x6 | 24\n", ODD, missing="ignored")
    assert [m.verdict for m in marks.all() if m.text] == [Verdict.WRONG, Verdict.FOLLOWS]


def test_an_error_that_costs_nothing_costs_where_it_first_shows() -> None:
    """Volumes that are not asked for may be wrong; of the operations behind them one is, too."""
    sheet = "layer | output | flops\nconv1 | 24x24x6 | 172,800\npool1 | 12x12x6 |\n"
    sheet += "conv2 | 10x10x10 | 54,000\nfc1 | 4 | 4000\nTOTAL | | 230,800\n"
    marks = marked(sheet, ODD, columns=["flops"])
    lost = [(m.layer, m.column) for m in marks.all() if m.points < m.most]
    assert lost == [("conv1", "flops")]


def test_nothing_follows_from_what_costs_nothing() -> None:
    """A column that is worth no points is no way to a row that is right by itself."""
    sheet = "layer | weights | biases | params\nconv1 | 1 | 1 | 2\nconv2 | 1 | 1 | 2\n"
    rules: dict[str, Any] = {"points": {"weights": 0, "biases": 0}, "missing": "ignored"}
    assert marked(sheet, ODD, **rules).score == 0


# --- one number is not several answers, and several answers are not one --------------------------


def test_weights_and_biases_answer_for_parameters() -> None:
    """In columns of their own they are more than is asked, and not less."""
    sheet = (
        "layer | output | weights | biases\nconv1 | 23x23x6 | 300 | 6\npool1 | 11x11x6 | 0 | 0\n"
    )
    sheet += "conv2 | 9x9x10 | 540 | 10\nfc1 | 4 | 3240 | 4\nTOTAL | | 4080 | 20\n"
    assert [marked(sheet, ODD).score, marked(sheet, ODD).most] == [8, 8]
    assert marked(sheet.replace("540 | 10", "540 |"), ODD).score == 7


def test_a_row_about_everything_gives_one_answer() -> None:
    """The sum of all layers is worth no more than one of them, and so is the last volume."""
    marks = marked("layer | output | params\nconv1 + pool1 + conv2 + fc1 | 4 | 4100\n", ODD)
    assert [marks.score, marks.most] == [2, 8]


def test_a_row_about_neighbours_gives_both_answers() -> None:
    """As tables write `conv3-8 x 2`: the sum of layers with nothing between them."""
    conv = {"type": "conv", "filters": 4, "kernel": 3, "padding": 1}
    layers = [{**conv, "name": "conv1_1"}, {**conv, "name": "conv1_2"}]
    network = {"name": "n", "input": "8x8x3", "layers": layers}
    marks = marked("layer | output | params\nconv3-4 x 2 | 8x8x4 | 260\n", network)
    assert [marks.score, marks.most] == [4, 5]


def test_several_answers_are_read_by_a_person() -> None:
    """Of two rows about a layer, the better one does not count by itself."""
    sheet = "layer | output | params\nconv1 | 24x24x6 | 306\nconv1 | 23x23x6 | 306\n"
    sheet += "pool1 | 11x11x6 | 0\nconv2 | 9x9x10 | 550\nfc1 | 4 | 3244\n"
    marks = marked(sheet, ODD, columns=["output", "parameters"])
    unread = [(m.row, m.column) for m in marks.all() if m.verdict == Verdict.UNREAD and m.most]
    assert unread == [("conv1", "output")]
    assert marks.score == 6  # of 8, the total is blank
