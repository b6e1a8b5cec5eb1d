"""Marking sheets as people really fill them in: names, totals, rows of their own."""

from __future__ import annotations

from cnncalc import api
from cnncalc.errors import Place
from cnncalc.homework.matching import match
from cnncalc.homework.names import LayerName
from cnncalc.homework.sheet import SheetRow
from cnncalc.homework.verdicts import Verdict


def test_sheets_that_count_from_0() -> None:
    """Where a sheet's first layer has no number, or 0, its `relu_1` is the second one."""
    layers = [
        LayerName("INPUT", "input"),
        LayerName("conv1", "conv"),
        LayerName("relu1", "relu", shown=False),
        LayerName("conv2", "conv"),
        LayerName("relu2", "relu", shown=False),
    ]
    for first in ("", "_0"):
        names = [f"conv{first}", f"relu{first}", "conv_1", "relu_1"]
        rows = [SheetRow(name, name[:4], {}, Place("a")) for name in names]
        assert [one.indices for one in match(rows, layers)] == [(1,), (2,), (3,), (4,)]
    rows = [SheetRow(name, name[:4], {}, Place("a")) for name in ("conv_1", "relu_1", "relu_2")]
    assert [one.indices for one in match(rows, layers)] == [(1,), (2,), (4,)]


def test_padding_deep_and_weights_of_the_whole_image() -> None:
    """A convolution's depth may be padded by mistake, and a weight learned for each pixel."""
    marks = api.check({"CONV2": {"output": "27x27x260", "parameters": 27 * 27 + 1}}, "alexnet")
    codes = [one.code for one in marks.all() if one.text]
    assert codes == ["S-PADDEPTH", "P-SPATIAL"]


def test_digits_cut_off() -> None:
    """A total whose further digits are cut off is not right, and not wrong."""
    verdicts = {"1.13G": Verdict.ROUNDED, "1.14G": Verdict.CORRECT, "1.12G": Verdict.WRONG}
    for text, verdict in verdicts.items():
        totals = api.check({"total": {"flops": text}}, "alexnet").totals
        assert totals["flops"].verdict == verdict


def test_rows_that_pass_on_the_row_above() -> None:
    """A row that only passes a volume on is about the row above it, in whichever order they are."""
    network = {"name": "n", "input": "8x8x1", "layers": [
        {"type": "conv", "name": "conv1", "filters": 2, "kernel": 3},
        {"type": "fc", "name": "fc1", "units": 5},
    ]}  # fmt: skip
    rows = [("fc1", "5"), ("conv1", "6x6x2"), ("Flatten", "72")]
    sheet = [{"layer": n, "output": v} for n, v in rows]
    assert api.check(sheet, api.key(network), columns="output").ok


def test_an_average_of_everything_by_its_short_name() -> None:
    """A row called avg_pool is the global one where there is no other."""
    sheet = [{"layer": "avg_pool", "output": "512"}, {"layer": "fc", "params": 513000}]
    marks = api.check(sheet, "resnet18")
    assert {one.layer for one in marks.all() if one.text} == {"global_avg_pool", "fc"}
    assert all(one.verdict == Verdict.CORRECT for one in marks.all() if one.text)
