"""Marking: verdicts, conventions, follow-through, mistakes, points, hints."""

from __future__ import annotations

import re
from fractions import Fraction
from io import StringIO
from math import prod
from pathlib import Path
from typing import Any

import pytest

from cnncalc import api
from cnncalc.errors import ReadError
from cnncalc.homework import grading
from cnncalc.homework.answers.documents import parse_document
from cnncalc.homework.key import Key
from cnncalc.homework.marking import mark
from cnncalc.homework.marks import Mark, Marks
from cnncalc.homework.rules import rules_of
from cnncalc.homework.verdicts import Verdict
from cnncalc.writers import hints, terminal
from cnncalc.writers import marking as writer

SHEET = """\
| Layer | Output | # Params | FLOPs |
|---|---|---|---|
| CONV1 | 55x55x96 | 34,944 | 105.4M |
| MAX POOL1 | 28x28x96 | 0 | |
| NORM1 | 28x28x96 | - | |
| CONV2 | 28x28x256 | 6,656 | 481.7M |
| MAX POOL2 | 13x13x256 | | 0 |
| NORM2 | 13x13x256 | | |
| CONV3 | 12x12x384 | 885,120 | 127.4M |
| CONV4 | 12x12x384 | 1,327,488 | 191.1M |
| CONV5 | 12x12x256 | 885K | 127.4M |
| MAX POOL3 | 6x6 | | |
| FC6 | 4096 | 37,748,736 | 37.7M |
| FC7 | 4096 | 16,781,312 | 33.6M |
| FC8 | 1000 | | 4.10M |
| TOTAL | | 57,669,256 | |
"""
ASKED = ["output", "parameters", "flops"]
LENET: dict[str, Any] = {
    "name": "LeNet",
    "input": "32x32x3",
    "layers": [
        {"type": "conv", "name": "CONV1", "filters": 6, "kernel": 5},
        {"type": "max_pool", "name": "POOL1", "kernel": 2},
        {"type": "conv", "name": "CONV2", "filters": 16, "kernel": 5},
        {"type": "max_pool", "name": "POOL2", "kernel": 2},
        {"type": "fc", "name": "FC3", "units": 120},
        {"type": "fc", "name": "FC4", "units": 84},
        {"type": "fc", "name": "FC5", "units": 10},
    ],
}


def marked(sheet: str, network: Any = LENET, file: str = "sheet.md", **rules: Any) -> Marks:
    """Return the marks of a sheet against a network, with rules for marking."""
    found = parse_document(sheet.encode(), file).sheet
    assert found is not None
    return mark(found, Key(api.analyze(network), rules_of(rules), "key.yaml"))


def one(layer: str, column: str, text: str, network: Any = LENET, **rules: Any) -> Mark:
    """Return the mark of a single answer."""
    marks = marked(f"layer | {column}\n{layer} | {text}\n", network, missing="ignored", **rules)
    (found,) = (mark for mark in marks.all() if mark.text)
    return found


def printed(marks: Marks, level: int = 1) -> str:
    """Return the report as it goes down a pipe."""
    stream = StringIO()
    writer.show(marks, terminal.console(stream), hints=level)
    return stream.getvalue()


# --- a whole sheet --------------------------------------------------------------------------------


def test_verdicts_of_a_sheet() -> None:
    """Each cell of a sheet with every kind of answer gets its verdict, and the score adds up."""
    marks = marked(SHEET, "alexnet", columns=ASKED)
    counts = {
        verdict: sum(m.verdict == verdict for m in marks.all() if m.most) for verdict in Verdict
    }
    assert counts == {
        "correct": 13,
        "follow_through": 9,
        "correct_other_convention": 2,
        "close_rounding": 1,
        "method": 0,
        "wrong": 3,
        "unread": 1,
        "blank": 2,  # a total is one
    }
    assert (marks.score, marks.most) == (Fraction(47, 2), Fraction(31))
    assert grading.score(marks).unread == 1
    codes = [m.code for m in marks.all() if m.verdict == Verdict.WRONG]
    assert codes == ["S-ASSUMESAME", "P-NODEPTH", "S-PADONCE or S-NOPLUS1"]
    assert marks.totals["parameters"].verdict == Verdict.FOLLOWS


def test_printed_report() -> None:
    """The report shows answers as written, then what is not right, the score, the conventions."""
    lines = printed(marked(SHEET, "alexnet", columns=ASKED)).splitlines()
    assert lines[0] == "sheet.md  marked against key.yaml (AlexNet)"
    assert "CONV2     28x28x256 →       6,656 ✗  481.7M →" in lines
    assert "FC8            1000 ✓       blank ·   4.10M ✓" in lines
    assert "TOTAL                  57,669,256 →   blank ·" in lines
    start = lines.index("✗ CONV2 parameters  6,656  line 6")
    assert lines[start + 1 : start + 3] == [
        "    Consistent with P-NODEPTH: filters only one channel deep.",
        "    How deep is one filter of this layer?",
    ]
    assert "    Right for weights alone; this sheet counts weights and biases." in lines
    assert any(line.startswith("Score 23.5 of 31") for line in lines)
    assert " ".join(lines[-2:]) == (
        "Conventions of this sheet: floor; parameters with biases; FLOPs mac; volumes HxWxC. "
        "More help: --hints 2, 3 or 4."
    )


def test_hints_come_in_steps_and_the_answer_last() -> None:
    """Level 2 adds the formula, 3 this layer's numbers, 4 the answer; the head stays the same."""
    wrong = next(m for m in marked(SHEET, "alexnet").all() if m.code == "P-NODEPTH")
    how = rules_of({}).conventions
    assert hints.lines(wrong, 0, how) == []
    assert hints.lines(wrong, 4, how)[2:] == [
        "parameters = K·K·D1·D2 + D2",
        "           = 5·5·96·256 + 256",
        "           = 614,656",
    ]
    for level in range(4):
        assert hints.lines(wrong, level, how) == hints.lines(wrong, 4, how)[: level + (level > 0)]


@pytest.mark.parametrize("level", range(4))
def test_expected_values_do_not_leak(level: int) -> None:
    """Below the last level no report has a number that the student has not written."""
    text = printed(marked(SHEET, "alexnet"), level)
    for value in ("614,656", "884,992", "37,752,832", "4,097,000", "16,777,216", "62,378,344",
                  "27x27", "13x13x384", "6x6x256", "6·6·256"):  # fmt: skip
        assert value not in text
    assert "614,656" in printed(marked(SHEET, "alexnet"), 4)


def test_formula_has_the_students_own_numbers() -> None:
    """At level 3 a volume that the student got wrong stands as they have it, not as it is."""
    sheet = (
        "layer | output | params\nCONV1 | 28x28x6 | 456\nPOOL1 | 13x13x6 | 0\nCONV2 | 8x8x16 | 1\n"
    )
    wrong = next(m for m in marked(sheet).all() if m.layer == "CONV2" and m.column == "output")
    assert "(13 - 5 + 2·0)/1 + 1" in " ".join(hints.lines(wrong, 3, rules_of({}).conventions))


# --- verdicts -------------------------------------------------------------------------------------

ANSWERS = [
    ("CONV1", "params", "456", "correct", ""),
    ("CONV1", "params", "(5*5*3+1)*6", "correct", ""),
    ("CONV1", "params", "450", "correct_other_convention", ""),
    ("CONV1", "params", "460", "wrong", "P-SLIP"),
    ("FC3", "params", "48,000", "correct_other_convention", ""),
    ("CONV1", "params", "0.46K", "close_rounding", ""),
    ("CONV1", "params", "156", "wrong", "P-NODEPTH"),
    ("CONV2", "params", "400", "wrong", "P-NODEPTH-NOBIAS or P-ROWKERNEL"),
    ("CONV1", "params", "451", "wrong", "P-ONEBIAS"),
    ("CONV2", "params", "401", "wrong", "P-NODEPTH-ONEBIAS"),
    ("CONV1", "params", "76", "wrong", "P-ONEFILTER"),
    ("CONV1", "params", "357,504", "wrong", "P-NOSHARE"),
    ("CONV1", "params", "4,560", "wrong", "P-SLIP"),
    ("CONV1", "params", "465", "wrong", "P-SLIP"),
    ("CONV1", "params", "123,457", "wrong", ""),
    ("POOL1", "params", "24", "wrong", "P-POOL"),
    ("FC3", "params", "48,001", "wrong", "P-ONEBIAS"),
    ("FC3", "params", "48,400", "wrong", "P-FCADD"),
    ("FC3", "params", "3,120", "wrong", "P-NOCHANNEL-FC"),
    ("FC3", "params", "2,040", "wrong", "P-NOFLATTEN"),
    ("FC3", "params", "192,120", "wrong", "P-FLATTEN"),
    ("CONV1", "params", "(5*5*3+1)*6 = 465", "method", ""),
    ("CONV1", "params", "5*5*3*7 = 456", "method", ""),
    ("CONV1", "params", "34.848", "unread", ""),
    ("CONV1", "FLOPs", "352,800", "correct", ""),
    ("CONV1", "FLOPs", "353K", "correct", ""),
    ("CONV1", "FLOPs", "350K", "wrong", ""),
    ("CONV1", "FLOPs", "0.4M", "close_rounding", ""),
    ("CONV1", "FLOPs", "705,600", "correct_other_convention", ""),
    ("CONV1", "FLOPs", "357,504", "correct_other_convention", ""),
    ("CONV1", "FLOPs", "460,800", "wrong", "F-INHW"),
    ("CONV1", "FLOPs", "117,600", "wrong", "F-NODEPTH"),
    ("CONV1", "FLOPs", "450", "wrong", "F-PARAMS"),
    ("CONV1", "FLOPs", "352,806", "wrong", "F-BIASONCE"),
    ("CONV1", "output", "28x28x6", "correct", ""),
    ("CONV1", "output", "6@28x28", "correct", ""),
    ("CONV1", "output", "(None, 28, 28, 6)", "correct", ""),
    ("CONV1", "output", "6x28x28", "correct_other_convention", ""),
    ("CONV1", "output", "[1, 6, 28, 28]", "correct_other_convention", ""),
    ("CONV1", "output", "27x27x6", "wrong", "S-NOPLUS1"),
    ("CONV1", "output", "32x32x6", "wrong", "S-ASSUMESAME"),
    ("CONV1", "output", "36x36x6", "wrong", "S-ADDK"),
    ("CONV1", "output", "28x28x3", "wrong", "S-DEPTHKEEP"),
    ("CONV1", "output", "28x28", "unread", ""),
    ("CONV1", "output", "4,704", "unread", ""),
    ("POOL1", "output", "14x14x3", "wrong", "S-POOLDEPTH"),
    ("POOL1", "output", "27x27x6", "wrong", "S-NOSTRIDE"),
    ("FC3", "output", "1x1x120", "correct", ""),
    ("CONV2", "receptive field", "14", "correct", ""),
    ("CONV2", "receptive field", "9", "wrong", "R-SKIPPOOL"),
    ("CONV2", "receptive field", "196", "wrong", "R-AREA"),
    ("CONV1", "memory (bytes)", "18,816", "correct", ""),
    ("CONV1", "memory (bytes)", "18.8 KB", "correct", ""),
    ("CONV1", "memory (bytes)", "37,632", "wrong", "M-BWD"),
]


@pytest.mark.parametrize(
    ("layer", "column", "text", "verdict", "code"), ANSWERS, ids=[f"{a[0]}-{a[2]}" for a in ANSWERS]
)
def test_verdict(layer: str, column: str, text: str, verdict: str, code: str) -> None:
    """A single answer gets the verdict and the code that it should."""
    found = one(layer, column, text)
    assert (found.verdict, found.code) == (verdict, code)


def test_two_explanations_are_both_named() -> None:
    """A number that two mistakes lead to is consistent with either."""
    network = {
        "name": "n",
        "input": "32x32x3",
        "layers": [{"type": "conv", "filters": 8, "kernel": 3, "padding": 1}],
    }
    found = one("conv", "output", "31x31x8", network)
    assert found.code == "S-PADONCE or S-NOPLUS1"
    assert "one side padded, or S-NOPLUS1, no + 1" in hints.explained(found.mistakes)


def test_rounded_says_what_it_cannot_tell_apart() -> None:
    """35K is the weights and the parameters alike; the numbers come with the answer alone."""
    found = one("CONV1", "params", "35K", "alexnet")
    assert found.verdict == Verdict.ROUNDED
    how = rules_of({}).conventions
    (line,) = hints.lines(found, 1, how)
    assert line.endswith("It cannot tell weights alone from weights and biases.")
    assert "34,848 and 34,944" in " ".join(hints.lines(found, 4, how))


def test_a_grouped_convolution_counted_without_groups() -> None:
    """Groups ignored is a mistake of its own, in parameters and in operations."""
    network = {
        "name": "n",
        "input": "27x27x96",
        "layers": [{"type": "conv", "filters": 256, "kernel": 5, "padding": 2, "groups": 2}],
    }
    assert one("conv", "params", "614,656", network).code == "P-GROUPS"
    assert one("conv", "MACs", "447,897,600", network).code == "F-GROUPS"


def test_layers_of_every_kind_are_searched_without_fault() -> None:
    """No type of layer makes the search for mistakes fail."""
    from cnncalc.homework.layer_truth import COUNTS
    from cnncalc.homework.misconceptions import wrong_values

    for name in (
        "inception_v3",
        "efficientnet_b0",
        "unet",
        "wavenet",
        "densenet121",
        "shufflenet_v2_x1_0",
    ):
        key = api.key(name)
        for case in key.cases[:120]:
            for column in (*COUNTS, "output", "extents", "receptive_field", "step"):
                assert all(one.mistakes for one in wrong_values(case, column))


def test_every_code_is_documented() -> None:
    """The codes are stable: each stands in the documentation, and no other does."""
    root = Path(__file__).parent.parent
    sources = [
        *(root / "cnncalc/homework/misconceptions").glob("*.py"),
        root / "cnncalc/homework/verdicts.py",
    ]
    codes = {
        code
        for path in sources
        for code in re.findall(r'"([PFSRM]-[A-Z0-9-]+)"', path.read_text("utf-8"))
    }
    documented = set(
        re.findall(r"\b[PFSRM]-[A-Z0-9-]+", (root / "docs/homework.md").read_text("utf-8"))
    )
    made = {f"{letter}-{word}" for letter in "PFSRM" for word in ("SLIP", "COPIED")}
    made |= {"P-SUM", "F-SUM", "M-SUM"}
    made |= {f"{letter}-ROW{word}" for letter in "PFS" for word in ("KERNEL", "FILTERS")}
    assert documented - made == codes


# --- follow-through -------------------------------------------------------------------------------


def test_each_root_error_costs_once() -> None:
    """What is right given the student's own earlier row gets full marks, totals too."""
    sheet = """\
    layer | output | params
    CONV1 | 28x28x6 | 456
    POOL1 | 14x14x6 | 0
    CONV2 | 9x9x16 | 2,416
    POOL2 | 4x4x16 | 0
    FC3 | 120 | 30,840
    FC4 | 84 | 10,164
    FC5 | 10 | 850
    TOTAL | | 44,726
    """
    marks = marked(sheet)
    wrong = [m for m in marks.all() if m.points < m.most]
    assert [(m.layer, m.column) for m in wrong] == [("CONV2", "output")]
    assert marks.totals["parameters"].verdict == Verdict.FOLLOWS
    strict = marked(sheet, follow_through=False)
    assert [m.layer for m in strict.all() if m.verdict == Verdict.WRONG] == [
        "CONV2",
        "POOL2",
        "FC3",
        "TOTAL",
    ]


@pytest.mark.parametrize("network", ["alexnet", "vgg16", "lenet"])
@pytest.mark.parametrize("root", [1, 2, 3])
def test_an_error_anywhere_costs_once(network: str, root: int) -> None:
    """Whichever volume is wrong, everything worked out from it in earnest is right."""
    report = api.analyze(network)
    volumes = [report.input]
    lines = ["layer | output | params | MACs"]
    for index, row in enumerate(report.layers[1:], 1):
        assert row.layer is not None
        inputs = [volumes[source] for source in row.sources]
        output = row.layer.output(*inputs)
        if index == root:
            output = output._replace(extents=tuple(n - 1 for n in output.extents))
        volumes.append(output)
        shapes = row.layer.parameters(output, *inputs)
        count, macs = sum(map(prod, shapes.values())), row.layer.cost(output, *inputs).macs
        if row._has_row:
            lines.append(f"{row.name} | {output} | {count} | {macs}")
    marks = marked("\n".join(lines), network)
    lost = [(m.layer, m.column) for m in marks.all() if m.points < m.most]
    assert [column for layer, column in lost if layer != "TOTAL"] == ["output"]


def test_wrong_given_ones_own_row_is_explained_from_it() -> None:
    """A mistake made on top of an earlier error is found with the student's own volume."""
    sheet = "layer | output | params\nPOOL2 | 4x4x16 | 0\nFC3 | 120 | 30,721\n"
    marks = marked(sheet, missing="ignored")
    assert (
        next(m for m in marks.all() if m.layer == "FC3" and m.column == "parameters").code
        == "P-ONEBIAS"
    )


def test_a_stated_input_is_the_students_own() -> None:
    """Where a sheet has a column for inputs, that is what its rows are worked out from."""
    sheet = "layer | input | output\nCONV2 | 13x13x6 | 9x9x16\n"
    marks = marked(sheet, missing="ignored")
    assert [m.verdict for m in marks.all() if m.text] == [Verdict.WRONG, Verdict.FOLLOWS]


# --- rows -----------------------------------------------------------------------------------------


def test_rows_that_pass_a_volume_on() -> None:
    """Flatten and ReLU may have rows though the key's network has none."""
    sheet = "layer | output | params\nReLU | 28x28x6 | 0\nPOOL2 | 5x5x16 | 0\nFlatten | 400 | 0\n"
    marks = marked(
        "layer | output | params\nCONV1 | 28x28x6 | 456\n" + sheet.partition("\n")[2],
        missing="ignored",
    )
    assert {m.verdict for m in marks.all() if m.text} == {Verdict.CORRECT}
    assert one("Flatten", "output", "401").verdict != Verdict.CORRECT


def test_names_of_ones_own_are_matched_by_kind() -> None:
    """Rows are matched by name, else by kind in order, else by position."""
    for names in (
        ("conv 1", "pool 1", "conv 2"),
        ("Conv2D", "MaxPooling", "Conv2D"),
        ("C1", "S2", "C3"),
    ):
        lines = [
            f"{name} | {out}"
            for name, out in zip(names, ("28x28x6", "14x14x6", "10x10x16"), strict=True)
        ]
        network = {**LENET, "layers": LENET["layers"][:3]}
        sheet = "layer | output\n" + "\n".join(lines)
        assert marked(sheet, network, columns=["output"]).ok, names


def test_blocks_may_be_one_row() -> None:
    """A block of a network is answered as a whole, as the papers' tables have it."""
    sheet = "layer | output | params\nconv2_x | 56x56x256 | 215,808\nconv3_x | 28x28x512 | 1\n"
    marks = marked(sheet, "resnet50", missing="ignored")
    verdicts = [m.verdict for m in marks.all() if m.text]
    assert verdicts == [Verdict.CORRECT] * 3 + [Verdict.WRONG]
    blank = {m.layer for m in marked(sheet, "resnet50").all() if m.verdict == Verdict.BLANK}
    assert blank
    assert not any(layer.startswith(("conv2_x", "conv3_x")) for layer in blank)


def test_a_mistake_made_in_every_row_explains_the_total() -> None:
    """A total alone is consistent with one mistake made throughout."""
    total = 456 - 6 * 2 * 25 + 2416 - 16 * 5 * 25 + 48120 + 10164 + 850
    marks = marked(f"layer | params\nTOTAL | {total}\n", missing="ignored")
    assert marks.totals["parameters"].code == "P-NODEPTH"
    once = api.analyze(LENET)
    assert one("TOTAL", "FLOPs", str(once.macs + once.biases)).code == "F-BIASONCE"


def test_missing_rows_are_blank_unless_the_key_ignores_them() -> None:
    """Leaving a row out is no way to a better score."""
    sheet = "layer | params\nCONV1 | 456\n"
    assert marked(sheet).score == 1
    assert marked(sheet).most == 7 + 5 + 1
    assert marked(sheet, missing="ignored").ok


def test_unknown_rows_are_unread_and_named() -> None:
    """A row that the network does not have leaves a layer unread, and its nearest name is said."""
    marks = marked("layer | params\nCONV1 | 456\nBANANA | 1\n", columns=["parameters"])
    (found,) = (m for m in marks.all() if m.verdict == Verdict.UNREAD)
    assert (found.row, int(found.most), int(found.points)) == ("BANANA", 1, 0)
    assert marks.most == 6
    assert found.note.startswith("The network has no layer 'BANANA'.")


def test_zero_needs_no_answer() -> None:
    """Where the truth is 0, 0, a dash and nothing are alike and give no mark."""
    for text in ("0", "-", ""):
        marks = marked(f"layer | params\nPOOL1 | {text}\n", missing="ignored")
        assert marks.ok
        assert marks.most == 0


# --- working --------------------------------------------------------------------------------------


def test_right_working_speaks_for_a_wrong_product() -> None:
    """A wrong number beside a right calculation is half right: the method is."""
    sheet = "layer | params | calculation\nCONV1 | 465 | (5*5*3+1)*6\n"
    marks = marked(sheet, missing="ignored")
    found = {m.column: m for m in marks.all() if m.text}
    assert found["parameters"].verdict == Verdict.METHOD
    assert found["working"].verdict == Verdict.CORRECT
    assert marks.score == Fraction(1, 2)


def test_working_is_explained_like_a_number() -> None:
    """A calculation that leaves the depth out is found out by what it comes to."""
    marks = marked(
        "layer | calculation\nCONV1 | (5*5+1)*6\nCONV2 | as above\n",
        points={"working": 2},
        missing="ignored",
    )
    assert [(m.verdict, m.code, str(m.most)) for m in marks.all()] == [
        ("wrong", "P-NODEPTH", "2"),
        ("unread", "", "2"),
    ]


# --- what a key declares --------------------------------------------------------------------------


def test_points_and_credit() -> None:
    """Points are those of the cell, else of the column; shares of them are the key's, too."""
    rules: dict[str, Any] = {
        "points": {"params": 9, "parameters": 2, "CONV2.parameters": 5},
        "credit": {"other_convention": 0},
    }
    marks = marked("layer | params\nCONV1 | 450\nCONV2 | 2,416\n", missing="ignored", **rules)
    assert marks.score == 5
    assert marks.most == 7
    assert one("CONV1", "params", "456", credit={"correct": 0.5}).points == Fraction(1, 2)


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ({"point": {}}, "unknown rule 'point'. Did you mean 'points'?"),
        ({"points": {"output": -1}}, "points.output must be a number from 0"),
        ({"credit": {"rounded": 2}}, "credit.rounded must be a number from 0 to 1"),
        ({"credit": {"luck": 1}}, "credit must be one of"),
        ({"conventions": {"round": "up"}}, "no convention 'round'. Did you mean 'rounding'?"),
        ({"conventions": {"rounding": "up"}}, "no option of rounding 'up'. There are: floor"),
        ({"conventions": [1]}, "conventions must be a mapping"),
        ({"columns": ["x"]}, "columns must be a list of"),
        ({"missing": "x"}, "missing must be blank or ignored"),
    ],
    ids=lambda value: str(value)[:30],
)  # fmt: skip
def test_rules_are_checked(rules: dict[str, Any], message: str) -> None:
    """A key with a rule that is unknown or out of bounds is refused in one sentence."""
    with pytest.raises(ReadError) as caught:
        rules_of(rules)
    assert message in str(caught.value)


def test_order_of_kinds() -> None:
    """A claimed order of kinds is right or wrong; the output layer may be left out."""
    for text, verdict in (
        ("[CONV-POOL-CONV-POOL-FC-FC]", Verdict.CORRECT),
        ("[CONV-POOL-CONV-POOL-FC-FC-FC]", Verdict.CORRECT),
        ("[CONV-CONV-POOL-FC]", Verdict.WRONG),
    ):
        marks = marked(text, file="order.txt")
        assert marks.order is not None
        assert marks.order.verdict == verdict


def test_settings_are_claims_too() -> None:
    """A phrase that says another stride than the key's is pointed out, and costs nothing."""
    sheet = "[28x28x6] CONV1: 6 5x5 filters at stride 2, pad 0\n"
    found = {
        m.column: m
        for row in marked(sheet, file="s.txt", missing="ignored").rows
        for m in row.marks.values()
    }
    assert found["settings"].note == "The key's layer has other stride."
    assert found["settings"].most == 0


# --- a teacher's key ------------------------------------------------------------------------------


def test_a_key_works_its_own_answers_again(tmp_path: Path) -> None:
    """Numbers that cannot be reproduced are refused; another convention's are named, not failed."""
    path = tmp_path / "key.yaml"
    path.write_text(
        "name: n\ninput: 32x32x3\nlayers: [{type: conv, name: C1, filters: 8, kernel: 5},"
        " {type: fc, name: F2, units: 10}]\n"
        "expect: {layers: {C1: {output: 28x28x8, parameters: 208}, F2: {parameters: 62720}}}\n"
    )
    marks = api.check(None, path)
    assert not marks.ok
    text = printed(marks)
    assert "C1    28x28x8 ✓         208 ✗            608  P-NODEPTH" in text
    assert "* weights alone" in text
    assert "✗ 1 of 3 answers cannot be reproduced under any convention." in text


def test_shipped_files_stand_up_to_their_own_numbers() -> None:
    """What the shipped files expect is reproduced by the checker as well."""
    for name in ("alexnet", "vgg16", "resnet50", "lenet"):
        assert api.check(None, name).ok, name


def test_a_sheet_that_describes_itself_is_its_own_key() -> None:
    """Nothing on the lecture's slides is wrong: 35K is its working, and the weights alone."""
    document = parse_document(
        b"Input: 227x227x3 images\n"
        b"First layer (CONV1): 96 11x11 filters applied at stride 4\n"
        b"Parameters: (11*11*3)*96 = 35K\n",
        "slide.txt",
    )
    assert document.sheet is not None
    marks = mark(document.sheet, api.key(document), lenient=True)
    assert marks.ok
    assert marks.rows[1].marks["parameters"].verdict == Verdict.CORRECT
    assert "parameters are weights alone" in marks.conventions
