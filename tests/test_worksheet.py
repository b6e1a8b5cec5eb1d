"""Worksheets: what `check` reads back, in every format, whatever the network is called."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from cnncalc import api
from cnncalc.cli import main
from cnncalc.format import shipped
from cnncalc.format.networks import ShippedNetwork
from cnncalc.homework.answers.documents import parse_document
from cnncalc.homework.asking import asked
from cnncalc.homework.marking import mark
from cnncalc.homework.sheet import COLUMNS
from cnncalc.homework.verdicts import Verdict
from cnncalc.homework.worksheet import worksheet
from cnncalc.writers.table_lines import blocks
from cnncalc.writers.worksheet import FORMATS, READ_BACK, write

# A network of each family, that of the fewest parameters; not the deepest families.
FAMILIES = {
    entry.file: entry
    for entry in sorted(shipped.index(), key=lambda entry: -entry.parameters)
    if entry.depth <= 60
}
ENDING = {name: endings[0] for name, (_, endings) in FORMATS.items()}
HOSTILE = '=cmd|"/c calc"!A1'
NETWORK: dict[str, Any] = {
    "name": "a | <b> *c*",
    "input": "9x9x3",
    "layers": [
        {"type": "conv", "name": HOSTILE, "filters": 4, "kernel": 3},
        {"type": "conv", "name": "a|b`c\\_d", "filters": 5, "kernel": 3},
        {"type": "max_pool", "name": "@POOL(A1)", "kernel": 2},
        {"type": "fc", "name": "+1", "units": 7},
    ],
}


def run(*arguments: str) -> Result:
    """Return what a command line gives."""
    return CliRunner().invoke(main, arguments)


@pytest.mark.parametrize("entry", FAMILIES.values(), ids=lambda entry: entry.name)
def test_the_right_answers_score_full_marks(entry: ShippedNetwork) -> None:
    """Of each family a sheet that is filled in with the truth has full marks, each cell right."""
    key = api.key(entry.name)
    text = write(worksheet(key), "markdown", filled=True)
    assert isinstance(text, str)
    sheet = parse_document(text.encode(), "sheet.md").sheet
    assert sheet is not None
    marks = mark(sheet, key)
    assert marks.ok
    assert {one.verdict for one in marks.all()} == {Verdict.CORRECT}
    assert marks.score > 0


@pytest.mark.parametrize("format", READ_BACK)
@pytest.mark.parametrize("network", ["alexnet", NETWORK], ids=["alexnet", "hostile"])
def test_every_format_is_read_back(network: Any, format: str) -> None:
    """All columns at once, in each format that is no paper, with names meant to break it."""
    columns = tuple(column for column in COLUMNS if column != "working")
    key = api.key(network).asking(columns)
    for filled in (True, False):
        written = write(worksheet(key), format, filled)
        data = written.encode() if isinstance(written, str) else written
        sheet = parse_document(data, f"sheet{ENDING[format]}").sheet
        assert sheet is not None
        assert sheet.columns == columns
        marks = mark(sheet, key)
        expected = Verdict.CORRECT if filled else Verdict.BLANK
        assert {one.verdict for one in marks.all() if one.most} == {expected}
        places = [*range(1, len(key.cases)), -1]
        cells = [(place, column) for place in places for column in columns]
        assert marks.most == sum(cell in asked(key) for cell in cells)


def test_a_spreadsheet_takes_nothing_for_a_formula() -> None:
    """A name that begins with = is text in csv and in xlsx, and numbers are numbers."""
    openpyxl = pytest.importorskip("openpyxl")
    from io import BytesIO

    sheet = worksheet(api.key(NETWORK), ("parameters",))
    book = openpyxl.load_workbook(BytesIO(write(sheet, "xlsx", filled=True)))  # type: ignore[arg-type]
    cells = {cell.value: cell.data_type for row in book["Answers"].iter_rows() for cell in row}
    assert cells[HOSTILE] == "s"
    assert cells[112] == "n"
    csv = write(sheet, "csv", filled=True)
    assert isinstance(csv, str)
    assert not [line for line in csv.splitlines() if line.startswith(("=", "+", "@", '"=', '"@'))]


def test_the_key_says_what_is_asked(tmp_path: Path) -> None:
    """Columns and conventions that a key declares are those of the sheet."""
    file = tmp_path / "key.yaml"
    file.write_text(
        "name: k\ninput: 8x8x3\nlayers: [{type: conv, name: A, filters: 2, kernel: 3}]\n"
        "marking: {columns: [weights, output], conventions: {layout: chw}}\n"
    )
    result = run("worksheet", str(file), "--filled")
    assert result.exit_code == 0
    assert result.stdout == (
        "# k\n\n"
        "| Layer | What it is                       | Output volume | Weights |\n"
        "|:------|:---------------------------------|:--------------|:--------|\n"
        "| INPUT |                                  | 3x8x8         |         |\n"
        "| A     | 2 3x3 filters at stride 1, pad 0 | 2x6x6         | 54      |\n"
        "| TOTAL |                                  |               | 54      |\n\n"
        "Conventions of this sheet: floor; volumes CxHxW.\n"
    )


def test_branches_say_what_they_take() -> None:
    """A row that does not take the row before it names the rows that it takes."""
    rows = {row.name: row.sources for row in worksheet(api.key("resnet18")).rows}
    assert rows["conv2_x.0.add"] == ("conv2_x.0.conv2.batch_norm", "max_pool")
    assert rows["conv2_x.0.conv2"] == ()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("nosuch.yaml",), "nosuch.yaml: no such file."),
        (("alexnet", "--columns", "flop"), "no column 'flop'. Did you mean 'flops'?"),
        (("alexnet", "--format", "doc"), "no format 'doc'."),
        (("alexnet", "--format", "xlsx"), "the format xlsx needs a file. Give -o FILE."),
        (("alexnet", "-o", "sheet.doc"), "sheet.doc: no format has this ending."),
    ],
)
def test_bad_requests_are_one_line(arguments: tuple[str, ...], message: str) -> None:
    """Exit code 2 and one line that says what is wrong."""
    result = run("worksheet", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_a_file_gets_its_format_from_its_ending(tmp_path: Path) -> None:
    """What is written to a file is what is printed."""
    target = tmp_path / "sheet.csv"
    assert run("worksheet", "lenet", "-o", str(target)).exit_code == 0
    assert target.read_text() == run("worksheet", "lenet", "--format", "csv").stdout
    assert run("check", str(target), "--key", "lenet").exit_code == 1


@pytest.mark.parametrize("name", ["lenet.yaml", "alexnet.yaml"])
def test_a_network_may_come_from_standard_input(name: str) -> None:
    """NETWORK is - there, as everywhere."""
    source = (shipped.directory() / name).read_text("utf-8")
    piped = CliRunner().invoke(main, ["worksheet", "-"], input=source)
    assert (piped.exit_code, piped.stdout) == (0, run("worksheet", name).stdout)


def follower() -> dict[str, Any]:
    """Return a network with a block that a batch norm with weights follows."""
    block = {"layers": [{"type": "conv", "filters": 4, "kernel": 3, "padding": 1}, "relu"]}
    return {
        "name": "n",
        "input": "8x8x4",
        "blocks": {"b": block},
        "layers": [
            {"type": "b", "name": "one", "then": ["batch_norm"]},
            {"type": "fc", "units": 3},
        ],
    }


@pytest.mark.parametrize(
    ("network", "depth"),
    [("resnet18", 1), ("resnet18", 2), ("googlenet", 1), ("unet", 1), (follower(), 1)],
    ids=["resnet18", "resnet18, 2 levels", "googlenet", "unet", "a batch norm follows"],
)
def test_closed_blocks_are_read_back(network: Any, depth: int) -> None:
    """A closed block is one row with the sums that the table shows, and check knows it."""
    made = api.worksheet(network, depth=depth)
    assert len(made.rows) < len(api.worksheet(network).rows)
    sheet = parse_document(made.to_markdown(filled=True).encode(), "sheet.md").sheet
    assert sheet is not None
    marks = mark(sheet, made.key)
    assert {one.verdict for one in marks.all()} == {Verdict.CORRECT}
    assert marks.ok
    shown = {line.name: line for line in blocks(made.key.report, depth)}
    assert shown
    for row in made.rows:
        if row.name in shown:
            assert row.values["parameters"] == sum(x.parameters for x in shown[row.name].rows)


def test_layers_without_a_row_are_asked_about_on_demand() -> None:
    """All layers have a row with all_layers, and the sheet is read back."""
    made = api.worksheet("lenet", all_layers=True)
    assert [row.name for row in made.rows[:-1]] == [row.name for row in made.key.report.layers]
    sheet = parse_document(made.to_csv(filled=True).encode(), "sheet.csv").sheet
    assert sheet is not None
    assert {one.verdict for one in mark(sheet, made.key).all()} == {Verdict.CORRECT}


def test_rows_after_a_closed_block_name_it() -> None:
    """A row that takes a closed block's output, and is not right after it, says so."""
    conv = {"type": "conv", "filters": 4, "kernel": 3, "padding": 1}
    network = {
        "name": "n", "input": "8x8x4", "blocks": {"b": {"layers": [conv, conv]}},
        "layers": [{"type": "b", "name": "one"}, conv | {"name": "two"},
                   conv | {"name": "three", "from": "one"}],
    }  # fmt: skip
    rows = {row.name: row.sources for row in api.worksheet(network, depth=1).rows}
    assert rows["three"] == ("one",)
    assert rows["two"] == ()
