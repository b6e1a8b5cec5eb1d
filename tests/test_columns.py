"""The columns of a network's table: each kind, alone, sorted, in closed blocks and formats."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from mixed import MIXED, shown

import cnncalc
from cnncalc.errors import UnknownNameError
from cnncalc.model.report import Report
from cnncalc.units import rounded
from cnncalc.writers import FORMATS, Options, table_lines, write
from cnncalc.writers.columns import COLUMNS, Column, Ratio


def test_a_kind_says_what_a_block_shows() -> None:
    """A kind of column that does not say what layers together have cannot be used."""

    class Kind(Column):
        def written(self, value: Any, report: Report, layout: str) -> str:
            return str(value)

    with pytest.raises(TypeError, match=r"abstract method '?of'?"):
        Kind("name", "head", "meaning")  # type: ignore[abstract]


def test_every_column_is_documented() -> None:
    """Each column has its row in docs/columns.md."""
    text = (Path(__file__).parent.parent / "docs" / "columns.md").read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| `")]
    assert {name for row in rows for name in re.findall(r"`(\w+)`", row.split("|")[1])} == {
        *COLUMNS
    }


@pytest.mark.parametrize("column", [one for one in COLUMNS.values() if one.in_document])
def test_a_column_of_the_document_is_an_attribute(column: Column) -> None:
    """What the JSON document names, rows and reports have under the same name and value."""
    report = cnncalc.analyze(MIXED)
    for row in report.layers:
        assert getattr(row, column.name) == column.of((row,))
    if column.total(report):
        assert getattr(report, column.name) == column.network(report)


def test_arithmetic_intensity() -> None:
    """MACs over the bytes of inputs, parameters and output; of a block it is that of the sums."""
    report = cnncalc.analyze("alexnet", batch=2, dtype="float16")
    conv, flatten = report["CONV1"], report["FC6"]
    moved = 2 * (2 * (227 * 227 * 3 + 55 * 55 * 96) + 34944)
    assert conv.bytes_moved == moved
    assert conv.macs_per_byte == Fraction(2 * 105415200, moved)
    assert flatten.bytes_moved == 2 * (2 * (9216 + 4096) + 37752832)
    assert report.layers[0].bytes_moved == 0
    assert report.layers[0].macs_per_byte is None
    report = cnncalc.analyze(MIXED)
    lines = table_lines.lines(report, Options(depth=1)).shown
    stage = next(line for line in lines if line.name == "stage")
    column = COLUMNS["macs_per_byte"]
    macs = sum(row.macs for row in stage.rows)
    assert column.of(stage.rows) == Fraction(macs, sum(row.bytes_moved for row in stage.rows))
    assert column.total(report) == rounded(Fraction(report.macs, report.bytes_moved), 2)
    view = cnncalc.analyze({"name": "n", "input": "4x4x2", "layers": ["flatten"]})
    assert view.bytes_moved == 0
    assert view.macs_per_byte is None
    text = shown(view, 100, columns="name,macs_per_byte,bytes_moved")
    assert "None" not in text


def test_fan_in() -> None:
    """The terms of each output value's sum; empty where it is none, and for a closed block."""
    layers = [
        {"type": "conv", "filters": 32, "kernel": 3, "padding": 1, "groups": 2},
        "relu",
        {"type": "depthwise_conv", "kernel": 5},
        {"type": "max_pool", "kernel": 2},
        {"type": "conv_transpose", "filters": 32, "kernel": 3},
        {"type": "adaptive_avg_pool", "size": 7},
        {"type": "fc", "units": 10},
        {"type": "rbf", "units": 3},
    ]
    report = cnncalc.analyze({"name": "n", "input": "32x32x6", "layers": layers})
    assert [row.fan_in for row in report.layers] == [
        None, 27, None, 25, None, None, None, 1568, None,
    ]  # fmt: skip
    text = shown(cnncalc.analyze(MIXED), 100, columns="name,fan_in")
    rows = [line.split() for line in text.splitlines()]
    names = ("stem", "stage", "last", "fc")
    found = {name: row[-1] for row in rows for name in names if name in row}
    assert found == {"stem": "48", "stage": "stage", "last": "144", "fc": "256"}


@pytest.mark.parametrize("format", FORMATS)
def test_a_column_is_a_line(format: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A ratio that is put in the table of columns is in every format, and sorts."""
    column = Ratio("depth", "reuse", "MACs per parameter", count="macs", per="parameters")
    monkeypatch.setitem(COLUMNS, "depth", column)
    report = cnncalc.analyze(MIXED)
    text = write(report, format, Options(columns="name,depth", sort="depth"))
    assert "None" not in text
    if format not in ("csv", "json"):
        assert text.lower().count("reuse") == 1
        assert column.total(report) in text
        assert text.index("stage") < text.index("fc")
    else:
        assert "depth" in text


@pytest.mark.parametrize("format", FORMATS)
def test_the_new_columns_in_every_format(format: str) -> None:
    """A count, a ratio and a fact are written in each format, and None in none of them."""
    options = Options(columns="name,bytes_moved,macs_per_byte,fan_in", depth=1)
    text = write(cnncalc.analyze(MIXED), format, options).replace("{,}", ",")
    report = cnncalc.analyze(MIXED)
    assert "None" not in text
    if format in ("csv", "json"):
        assert str(report["stem"].bytes_moved) in text
    else:
        assert f"{report['stem'].bytes_moved:,}" in text
        assert COLUMNS["macs_per_byte"].total(report) in text
    assert "48" in text


def test_an_unknown_column_is_named() -> None:
    """A column that does not exist is an error with the nearest name."""
    for options in (Options(columns="volume,recptive_field"), Options(sort="recptive_field")):
        for format in FORMATS:
            if format == "json" or (options.sort and format == "none"):
                continue
            with pytest.raises(UnknownNameError, match="Did you mean 'receptive_field'"):
                write(cnncalc.analyze("alexnet"), format, options)


@pytest.mark.parametrize("name", COLUMNS)
def test_every_column_can_be_shown_and_sorted_by(name: str) -> None:
    """Each column can be asked for alone, and sorts the lines without losing one."""
    report = cnncalc.analyze(MIXED)
    text = shown(report, 100, columns=f"name,{name}", sort=name)
    assert COLUMNS[name].head in text or name == "description"  # it follows the name
    lines = table_lines.lines(report, Options(sort=name, depth=None))
    usual = table_lines.lines(report, Options(depth=None))
    assert sorted(x.first for x in lines.shown) == sorted(x.first for x in usual.shown if x.rows)


def test_sorting_puts_the_largest_first() -> None:
    """Counts and fields sort from large to small."""
    report = cnncalc.analyze("alexnet")
    first = {
        name: table_lines.lines(report, Options(sort=name)).shown[0].name
        for name in ("parameters", "FLOPs", "volume", "receptive_field", "step")
    }
    assert first == {
        "parameters": "FC6",
        "FLOPs": "CONV2",
        "volume": "CONV1",
        "receptive_field": "FC6",
        "step": "MAX POOL3",
    }
