"""The check command: a sheet, a class, a key's own answers; exit codes; hostile sheets."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cnncalc.cli import main

KEY = """\
name: Small
input: 28x28x1
layers:
  - {type: conv, name: CONV1, filters: 32, kernel: 3}
  - {type: max_pool, name: POOL1, kernel: 2}
  - {type: fc, name: FC2, units: 10}
marking: {conventions: {flops: 2mac}, points: {parameters: 2}}
"""
GOOD = """\
layer,output,params,FLOPs
CONV1,26x26x32,320,389376
POOL1,13x13x32,0,0
FC2,10,54090,108160
TOTAL,,54410,
"""
SMALL = "| layer | output |\n|-|-|\n| CONV1 | 26x26x32 |\n"
BAD = GOOD.replace("54090", "54081")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with a key and two sheets, in which commands run."""
    monkeypatch.chdir(tmp_path)
    for name, text in (("key.yaml", KEY), ("good.csv", GOOD), ("bad.csv", BAD)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def check(*arguments: str, input: str | None = None) -> Result:
    """Run the command."""
    return CliRunner().invoke(main, ["check", *arguments], input=input)


def test_exit_codes(folder: Path) -> None:
    """0 where all is right, 1 where an answer is not, 2 where something cannot be used."""
    assert check("good.csv", "--key", "key.yaml").exit_code == 0
    assert check("bad.csv", "--key", "key.yaml").exit_code == 1
    for arguments in (
        [],
        ["none.csv", "--key", "key.yaml"],
        ["good.csv", "--key", "none.yaml"],
        ["good.csv"],
        ["*.nothing", "--key", "key.yaml"],
        ["good.csv", "--gradebook", "g.csv"],
        ["--key", "key.yaml"],
        ["good.csv", "--key", "key.yaml", "--hints", "5"],
    ):
        result = check(*arguments)
        assert (result.exit_code, result.stdout) == (2, ""), arguments
        assert len(result.stderr.splitlines()) == 1, arguments


def test_the_conventions_of_the_key_are_repeated(folder: Path) -> None:
    """What the key declares holds, and stands in the report."""
    output = check("good.csv", "--key", "key.yaml").stdout
    assert "FLOPs 2mac" in output
    assert "Score 9 of 9" in output


def test_standard_input(folder: Path) -> None:
    """A sheet may come from standard input; its form is told from its first lines."""
    assert check("-", "--key", "key.yaml", input=GOOD).exit_code == 0
    markdown = (
        "| layer | output |\n|-|-|\n| CONV1 | 26x26x32 |\n| FC2 | 10 |\n| POOL1 | 13x13x32 |\n"
    )
    arguments = ("-", "--key", "key.yaml", "--columns", "output")
    assert check(*arguments, input=markdown).exit_code == 0


def test_slide_needs_no_key(folder: Path) -> None:
    """The slide's lines are checked against the layers that they describe."""
    (folder / "slide.txt").write_text(
        "[227x227x3] INPUT\n"
        "[55x55x96] CONV1: 96 11x11 filters at stride 4, pad 0\n"
        "[28x28x96] MAX POOL1: 3x3 filters at stride 2\n"
    )
    result = check("slide.txt")
    assert result.exit_code == 1
    assert "✗ MAX POOL1 output  28x28x96  line 3" in result.stdout
    assert "27x27" not in result.stdout


def test_class(folder: Path) -> None:
    """A class is marked into a gradebook; what cannot be read is in it, without a score."""
    (folder / "sheets").mkdir()
    for number in range(3):
        (folder / "sheets" / f"s{number}.csv").write_text(BAD if number else GOOD)
    (folder / "sheets" / "zip.csv").write_bytes(b"PK\x03\x04")
    (folder / "sheets" / "=cmd.md").write_text("nothing here")
    result = check("sheets/*", "--key", "key.yaml", "--gradebook", "grades.csv")
    assert result.exit_code == 1
    with open("grades.csv", newline="") as stream:
        rows = {row["file"]: row for row in csv.DictReader(stream)}
    assert len(rows) == 5
    name = str(Path("sheets") / "s1.csv")
    assert (rows[name]["score"], rows[name]["out_of"]) == ("7", "9")
    assert rows[name]["mistakes"] == "FC2.parameters P-ONEBIAS"
    assert rows[str(Path("sheets") / "zip.csv")]["score"] == ""
    lines = result.stdout.splitlines()
    assert lines[0] == "3 sheets  marked against key.yaml; marks in grades.csv"
    assert any(line.startswith("P-ONEBIAS") and line.endswith("FC2 (2)") for line in lines)
    scores = "Score of 9  mean 7.7   median 7   quartiles 7 and 9   lowest 7   highest 9   "
    assert f"{scores}full marks on 1 sheet" in lines
    assert lines[-1].startswith("Conventions of these sheets: floor; ")
    assert "? 2 files could not be marked and are in grades.csv without a score:" in lines


def test_a_gradebook_is_no_spreadsheet_formula(folder: Path) -> None:
    """Text that a spreadsheet would work out is made harmless; numbers stay numbers."""
    (folder / "=1+1.csv").write_text(GOOD)
    check("=1+1.csv", "--key", "key.yaml", "--gradebook", "grades.csv")
    assert (folder / "grades.csv").read_text().splitlines()[1].startswith("'=1+1.csv,9,9,")


def test_names_in_sheets_are_data(folder: Path) -> None:
    """A sheet's names are never paths, markup or control sequences."""
    (folder / "evil.csv").write_text(
        "layer,params\n../../etc/passwd,1\n[bold]x[/bold],2\n\x1b[31mred,3\n".replace(
            "\x1b", "\u202e"
        )
    )
    result = check("evil.csv", "--key", "key.yaml")
    assert result.exit_code == 1
    assert "[bold]x[/bold]" in result.stdout
    assert "\u202e" not in result.stdout


def test_no_file_reads_another(folder: Path) -> None:
    """A sheet names a shipped network, never a file."""
    for name in ("../key.yaml", "key.yaml", "/etc/passwd"):
        (folder / "sheet.md").write_text(f"---\nnetwork: {name}\n---\n{SMALL}")
        (folder / "sheet.json").write_text(
            f'{{"network": "{name}", "answers": {{"parameters": 3}}}}'
        )
        for sheet in ("sheet.md", "sheet.json"):
            result = check(sheet)
            assert result.exit_code == 2
            assert "network must be the name of a shipped network" in result.stderr


def test_hostile_answers_are_answers(folder: Path) -> None:
    """Code, bombs and nonsense in a cell are unread cells, nothing more."""
    cells = (
        "__import__('os').system('id')",
        "9**9**9",
        "(" * 190,
        "1e999999",
        "=HYPERLINK(1)",
        "x" * 5000,
    )
    for cell in cells:
        (folder / "evil.csv").write_text(f'layer,params\nCONV1,"{cell}"\n')
        result = check("evil.csv", "--key", "key.yaml")
        assert result.exit_code == 1
        assert "unread" in result.stdout
        assert max(map(len, result.stdout.splitlines())) < 400


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_signs_fall_back(folder: Path, encoding: str) -> None:
    """Where the output lacks a sign, letters stand in for it."""
    from io import BytesIO, TextIOWrapper

    from cnncalc import api
    from cnncalc.writers import marking, terminal

    raw = BytesIO()
    stream = TextIOWrapper(raw, encoding=encoding)
    marking.show(api.check("bad.csv", "key.yaml"), terminal.console(stream))
    stream.flush()
    text = raw.getvalue().decode(encoding)
    assert "54081 X" in text
    assert "\\x" not in text


def test_nothing_to_mark(folder: Path) -> None:
    """Layers without any answer are shown with their volumes; a blank sheet says it is blank."""
    (folder / "exam.txt").write_text("INPUT 128x128x3\nCONV-9-32 POOL-2 FC-64\n", encoding="utf-8")
    result = check("exam.txt")
    assert result.exit_code == 0
    assert result.output.splitlines()[4:] == [
        "INPUT      128x128x3",
        "CONV-9-32 120x120x32",
        "POOL-2      60x60x32",
        "FC-64             64",
        "",
        "Nothing to mark: no answer is given. Write it beside its layer.",
    ]
    (folder / "blank.csv").write_text("layer,params\nCONV1,\n", encoding="utf-8")
    output = check("blank.csv", "--key", "key.yaml").output
    assert "Nothing to mark" in output
    assert "320" not in output


def test_a_key_needs_no_name(folder: Path) -> None:
    """A key that says only its input and layers is called as its file."""
    (folder / "exam.yaml").write_text(KEY.partition("\n")[2], encoding="utf-8")
    result = check("good.csv", "--key", "exam.yaml")
    assert result.exit_code == 0
    assert result.output.startswith("good.csv  marked against exam.yaml (exam)\n")


def test_a_score_of_what_cannot_be_read(folder: Path) -> None:
    """What cannot be read stays in the denominator, without points."""
    (folder / "odd.csv").write_text("layer,output\nCONV1,many\n", encoding="utf-8")
    key = KEY.replace("marking: {", "marking: {missing: ignored, ")
    (folder / "ask.yaml").write_text(key, encoding="utf-8")
    output = check("odd.csv", "--key", "ask.yaml").output
    assert "Score 0 of 1  (1 cell unread, without points so far)\n" in output


def test_a_gradebook_overwrites_no_sheet_and_no_key(folder: Path) -> None:
    """An earlier gradebook among the sheets is none of them; a sheet or the key is kept."""
    for name in ("bad.csv", "key.yaml"):
        before = (folder / name).read_bytes()
        result = check("good.csv", "bad.csv", "--key", "key.yaml", "--gradebook", name)
        assert result.exit_code == 2
        assert (folder / name).read_bytes() == before
    arguments = ("*.csv", "--key", "key.yaml", "--gradebook", "grades.csv")
    first = check(*arguments)
    assert first.output.startswith("2 sheets  marked")
    assert check(*arguments).output == first.output


def test_a_file_under_two_names_is_one_sheet(folder: Path) -> None:
    """A sheet is marked once however often, and in whichever way, it is named."""
    output = check("good.csv", "./good.csv", "bad.csv", "--key", "key.yaml").output
    assert output.startswith("2 sheets  marked")


def test_thousands_of_wrong_answers(folder: Path) -> None:
    """A sheet of nothing but wrong answers ends soon: notes stop, and so does the search."""
    name = "CONV.{}".format
    key = KEY.replace("name: CONV1, filters: 32, kernel: 3", "name: CONV, filters: 9, kernel: 3")
    key = key.replace("28x28x1", "999x999x1").replace("name: CONV,", "name: CONV, repeat: 400,")
    (folder / "deep.yaml").write_text(key, encoding="utf-8")
    rows = [f"{name(i)},7x7x{i + 10},{i + 3},{i + 5}" for i in range(400)]
    (folder / "all.csv").write_text("\n".join(["layer,output,rf,params", *rows]), encoding="utf-8")
    result = check("all.csv", "--key", "deep.yaml")
    assert result.exit_code == 1
    assert re.search(r"^and [\d,]+ more$", result.output, re.MULTILINE)
