"""Heads of columns: what people write over their answers, units, near misses, a key's own words."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from cnncalc import api
from cnncalc.errors import ReadError
from cnncalc.homework.answers.documents import parse_document
from cnncalc.homework.answers.heads import head_of
from cnncalc.homework.names import KeyWords
from cnncalc.homework.rules import rules_of

HEADS = yaml.safe_load((Path(__file__).parent / "heads.yaml").read_text(encoding="utf-8"))
LISTED = [(head, column) for column, heads in HEADS.items() for head in heads]


def test_the_list_is_long() -> None:
    """It has more than 130 heads, and some that are none."""
    assert len(LISTED) > 200
    assert HEADS["none"]


@pytest.mark.parametrize(("head", "column"), LISTED, ids=[head for head, _ in LISTED])
def test_heads_mean_what_people_mean_by_them(head: str, column: str) -> None:
    """A head of the list means its column."""
    found = head_of(head)
    assert (found.column if found else "none") == column


UNITS = {
    "MFLOPs": "M", "GFLOPs": "G", "FLOPs (x10^6)": "M", "FLOPs (10⁹)": "G", "MACs [M]": "M",
    "FLOPs in millions": "M", "Params (K)": "K", "Parameters (thousands)": "K", "GMac": "G",
    "Memory (KB)": "KB", "Size (MB)": "MB", "Memory (MiB)": "MiB", "Memory (bytes)": "bytes",
    "Output (HxWxC)": "", "Params": "",
}  # fmt: skip


@pytest.mark.parametrize("head", UNITS)
def test_units_of_heads(head: str) -> None:
    """A head gives the unit of its cells."""
    found = head_of(head)
    assert found is not None
    assert found.unit == UNITS[head]


def test_a_letter_off_is_read_and_said() -> None:
    """A head that is a letter off is read, and its reading says as what."""
    for head, word in (
        ("Paramters", "parameters"),
        ("Ouptut", "output"),
        ("Activaton", "activation"),
    ):
        found = head_of(head)
        assert found is not None
        assert found.how == "near"
        assert found.meant.endswith(f"as {word!r}")
    assert head_of("Bananas") is None


def test_a_keys_own_heads_go_first() -> None:
    """What a key calls a column is read so, whatever the words mean otherwise."""
    rules = rules_of({"heads": {"Gewichtszahl": "parameters", "output": ["Wielkość", "Size"]}})
    text = "layer,Wielkość,Gewichtszahl\nconv1,26x26x32,320\n"
    sheet = parse_document(text.encode(), "a.csv", words=KeyWords(rules.heads)).sheet
    assert sheet is not None
    assert {column: cell.text for column, cell in sheet.rows[0].cells.items()} == {
        "output": "26x26x32", "parameters": "320",
    }  # fmt: skip
    for heads in ([1], {"x": "bananas"}, {"parameters": 3}):
        with pytest.raises(ReadError, match="heads"):
            rules_of({"heads": heads})


TABLES = {
    "a number is no name": ("# | Layer | Output | Params\n1 | conv1 | 6x6x2 | 20\n", "6x6x2", "20"),
    "width, height and depth": (
        "layer | Width | Height | Depth | # params\nconv1 | 6 | 6 | 2 | 20\n", "6x6x2", "20"),
    "size and depth": ("layer | Size | Channels | params\nconv1 | 6 | 2 | 20\n", "6x6x2", "20"),
    "settings under parameters": (
        "layer | Parameters | Output | # Params\nconv1 | 2 filters 3x3 | 6x6x2 | 20\n",
        "6x6x2", "20"),
    "activation size is a volume": (
        "layer | Activation size | Params\nconv1 | 6x6x2 | 20\n", "6x6x2", "20"),
    "layers as columns": ("Layer | conv1 | fc1\nOutput | 6x6x2 | 5\nParams | 20 | 365\n",
                          "6x6x2", "20"),
}  # fmt: skip


@pytest.mark.parametrize("name", TABLES)
def test_cells_decide_what_words_leave_open(name: str) -> None:
    """Of the columns that a head may mean, the cells say which it is."""
    text, output, parameters = TABLES[name]
    sheet = parse_document(text.encode(), "a.md").sheet
    assert sheet is not None
    row = sheet.rows[0]
    assert row.name == "conv1"
    assert (row.cells["output"].text, row.cells["parameters"].text) == (output, parameters)


def test_units_apply_to_cells() -> None:
    """A bare number under a head with a unit has that unit."""
    conv = {"type": "conv", "name": "conv1", "filters": 2, "kernel": 3}
    row = {
        "layer": "conv1",
        "FLOPs (x10^3)": "0.648",
        "Memory (KB)": "0.288",
        "Params (K)": "0.020",
    }
    marks = api.check([row], {"name": "n", "input": "8x8x1", "layers": [conv]})
    right = {mark.column for mark in marks.all() if mark.text and mark.verdict == "correct"}
    assert right == {"flops", "memory", "parameters"}


def test_two_columns_that_mean_the_same_are_not_both_read() -> None:
    """The second one is unread, and says which it is like."""
    sheet = parse_document(b"layer | params | # of parameters\nconv1 | 20 | 21\n", "a.md").sheet
    assert sheet is not None
    (one,) = sheet.unread
    assert (one.kind, one.text) == ("column", "# of parameters")
    assert "as the column 'params' does" in one.reason
