"""A class: its statistics, feedback for each student, and what a corrected key changes."""

from __future__ import annotations

import csv
import re
from fractions import Fraction
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from test_homework_marking import marked

from cnncalc.cli import main
from cnncalc.homework.class_statistics import cell_statistics, correlation, score_statistics
from cnncalc.homework.marks import Marks
from cnncalc.homework.submissions import MarkedFile
from cnncalc.writers import class_report, terminal

KEY = """\
name: small
input: 12x12x3
layers:
  - {type: conv, name: a, filters: 4, kernel: 3}
  - {type: max_pool, name: b, kernel: 2}
  - {type: fc, name: c, units: 5}
"""
NETWORK: dict[str, Any] = {
    "name": "small",
    "input": "12x12x3",
    "layers": [
        {"type": "conv", "name": "a", "filters": 4, "kernel": 3},
        {"type": "max_pool", "name": "b", "kernel": 2},
        {"type": "fc", "name": "c", "units": 5},
    ],
}
# Right: 10x10x4 and 112, 5x5x4, 5 and 505, in all 617: six points.
RIGHT = ("10x10x4", "112", "5x5x4", "5", "505", "617")
CLASS = {
    "ann.md": RIGHT,
    "bob.md": ("10x10x4", "40", "5x5x4", "5", "505", "545"),
    "cat.md": ("9x9x4", "40", "4x4x4", "5", "1", ""),
    "dan.md": ("10x10x4", " 40", "5x5x4", "5", "505", "617"),
    "eve.md": ("10x10x4", "", "five", "", "", ""),
}
POINTS = {"ann.md": 6, "bob.md": 5, "cat.md": 2, "dan.md": 5, "eve.md": 1}


def sheet(answers: tuple[str, ...]) -> str:
    """Return a sheet with these answers."""
    a, p, b, c, q, total = answers
    return (
        "| layer | output | params |\n|---|---|---|\n"
        f"| a | {a} | {p} |\n| b | {b} | 0 |\n| c | {c} | {q} |\n| TOTAL | | {total} |\n"
    )


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with a key and the sheets of a class."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in").mkdir()
    (tmp_path / "key.yaml").write_text(KEY)
    for name, answers in CLASS.items():
        (tmp_path / "in" / name).write_text(sheet(answers))
    return tmp_path


def check(*arguments: str) -> Result:
    """Return what check says of the class."""
    return CliRunner().invoke(main, ["check", "in/*", "--key", "key.yaml", *arguments])


def sheets() -> list[Marks]:
    """Return the marks of the class."""
    return [marked(sheet(answers), NETWORK) for answers in CLASS.values()]


# --- statistics ---------------------------------------------------------------------------------


def test_scores() -> None:
    """Mean, median, quartiles and how many have each mark, by hand; one denominator for all."""
    found = score_statistics(sheets())
    assert found is not None
    assert {marks.most for marks in sheets()} == {Fraction(6)} == {found.most}
    assert [marks.score for marks in sheets()] == [*POINTS.values()]  # 1, 2, 5, 5, 6 in order
    assert [found.mean, found.median] == [Fraction(19, 5), 5]
    assert [found.lower_quartile, found.upper_quartile] == [Fraction(3, 2), Fraction(11, 2)]
    assert [found.lowest, found.highest, found.full] == [1, 6, 1]
    assert {int(mark): count for mark, count in found.counts} == {1: 1, 2: 1, 5: 2, 6: 1}


def test_scores_of_few() -> None:
    """One sheet is its own quartiles; of none there are no statistics."""
    one = score_statistics(sheets()[1:2])
    assert one is not None
    assert one.lower_quartile == one.median == one.upper_quartile == 5
    assert score_statistics([]) is None


def test_cells() -> None:
    """How many are right, the commonest wrong number with its cause, difficulty, by hand."""
    found = {(cell.layer, cell.column): cell for cell in cell_statistics(sheets())}
    assert len(found) == 6
    learned = found["a", "parameters"]
    assert (learned.asked, learned.right, learned.blank, learned.unread) == (5, 1, 1, 0)
    assert learned.difficulty == Fraction(1, 5)
    assert learned.commonest is not None
    wrong = learned.commonest
    assert (wrong.text, wrong.count) == ("40", 3)
    assert wrong.code.startswith("P-NODEPTH")
    assert found["b", "output"].unread == 1
    output = found["a", "output"]
    # Right, right, wrong, right, right beside 5, 4, 2, 4 and 0 points in the rest of the sheet.
    assert output.discrimination == pytest.approx(1 / 12.8**0.5)


def test_correlation_has_a_value_where_it_means_something() -> None:
    """Fewer than three sheets, or cells that all have right, tell nothing."""
    ones, numbers = [Fraction(1)] * 3, [Fraction(n) for n in (1, 2, 3)]
    assert correlation(ones, numbers) is correlation(numbers[:2], numbers[:2]) is None
    assert correlation(numbers, numbers[::-1]) == -1


def test_the_report(folder: Path) -> None:
    """The terminal has the scores, the hardest cells first, and the mistakes."""
    text = check().output
    assert "quartiles 1.5 and 5.5" in text
    assert "Sheets with each mark  1: 1   2: 1   5: 2   6: 1" in text
    cells = re.findall(r"^([abc]|TOTAL) (\w+) +(\d) of 5", text, re.MULTILINE)
    assert cells[0] == ("a", "parameters", "1")
    assert [int(right) for _, _, right in cells] == sorted(int(right) for _, _, right in cells)


def test_the_page(folder: Path) -> None:
    """HTML has a bar for every mark and cell, all of it escaped, and needs nothing else."""
    (folder / "in" / "<b>.md").write_text(sheet(RIGHT).replace("112", "<script>alert(1)</script>"))
    result = check("--format", "html")
    assert result.stdout.startswith("<!DOCTYPE html>")
    assert "<script" not in result.stdout
    assert "src=" not in result.stdout
    assert result.stdout.count("<i style=") >= 5 + 6
    assert "http" not in result.stdout
    assert check("-o", "class.html").stdout == ""
    assert (folder / "class.html").read_text("utf-8") == result.stdout


# --- feedback -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("format", "ending"), [("table", "md"), ("html", "html")])
def test_feedback_is_a_file_for_each_student(folder: Path, format: str, ending: str) -> None:
    """Each has the marks and hints up to the level asked for, and no true number below the last."""
    check("--feedback", "out", "--hints", "2", "--format", format)
    assert sorted(path.name for path in (folder / "out").iterdir()) == [
        f"{name.removesuffix('.md')}.{ending}" for name in CLASS
    ]
    text = (folder / "out" / f"bob.{ending}").read_text("utf-8")
    assert "Score 5 of 6" in text
    assert "P-NODEPTH" in text
    assert "K·K·D1·D2 + D2" in text
    assert "112" not in text
    assert "Score 6 of 6" in (folder / "out" / f"ann.{ending}").read_text("utf-8")


def test_feedback_overwrites_only_its_own(folder: Path) -> None:
    """A second run replaces the first one's files; what someone else wrote there stays."""
    assert check("--feedback", "out").exit_code == 1
    assert check("--feedback", "out").exit_code == 1
    (folder / "out" / "cat.md").write_text("my own words")
    refused = check("--feedback", "out", "--gradebook", "g.csv")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "cat.md: there is something else in it." in refused.stderr
    assert (folder / "out" / "cat.md").read_text() == "my own words"
    assert not (folder / "g.csv").exists()
    assert check("--feedback", "out", "--force").exit_code == 1


def test_feedback_never_overwrites_a_sheet(folder: Path) -> None:
    """Not even one that ends as feedback does, and not by force; links are not followed."""
    path = folder / "in" / "ann.md"
    path.write_text(sheet(RIGHT) + "\n<!-- cnncalc feedback -->\n")
    before = {one.name: one.read_text() for one in (folder / "in").iterdir()}
    for arguments in ((), ("--force",)):
        check("--feedback", "in", *arguments)
        assert {one.name: one.read_text() for one in (folder / "in").iterdir()} == before
    (folder / "out").mkdir()
    (folder / "out" / "bob.md").symlink_to(folder / "key.yaml")
    assert check("--feedback", "out").exit_code == 2
    assert (folder / "key.yaml").read_text() == KEY


def test_feedback_escapes_what_students_write(folder: Path) -> None:
    """Answers and names are data in Markdown and in HTML."""
    hostile = sheet(("<img src=x>", "[a](b)", "`x`", "5", "505", "617"))
    (folder / "in" / "bob.md").write_text(hostile)
    check("--feedback", "out", "--format", "html")
    check("--feedback", "out")
    assert "<img" not in (folder / "out" / "bob.html").read_text("utf-8")
    text = (folder / "out" / "bob.md").read_text("utf-8")
    assert "<img" not in text.replace("\\<img", "")
    assert "](" not in text.replace("\\](", "")


# --- a corrected key ----------------------------------------------------------------------------


def test_regrading_says_whose_mark_changes_and_why(folder: Path) -> None:
    """Each changed mark with its cells, what was wrong before, and what it is now."""
    check("--gradebook", "old.csv")
    (folder / "key.yaml").write_text(KEY.replace("12x12x3", "12x12x1"))  # 40, 5x5x4 …, 545
    text = " ".join(check("--regrade", "old.csv", "--gradebook", "new.csv").stdout.split())
    assert "3 marks changed since old.csv, 2 not:" in text
    assert re.search(
        r"in/bob\.md 5 of 6 → 6 of 6 a\.parameters \+1, P-NODEPTH\S* before, now right", text
    )
    assert "in/ann.md 6 of 6 → 5 of 6 a.parameters -1, now wrong" in text
    assert "in/eve.md" not in text
    again = check("--regrade", "new.csv").stdout
    assert "0 marks changed since new.csv, 5 not:" in again


def test_regrading_names_what_is_new_and_gone(folder: Path) -> None:
    """A sheet that came later, and one that is no longer there."""
    check("--gradebook", "old.csv")
    (folder / "in" / "ann.md").rename(folder / "in" / "zoe.md")
    text = check("--regrade", "old.csv").stdout
    assert "not in it: in/zoe.md" in text
    assert "in it, and not marked now: in/ann.md" in text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a,b\n1,2\n",
        "file,score,out_of\nx,1e999999999,6\n",
        "file,score,out_of\nx,1/0,6\n",
        'file,score,out_of\n"' + "x" * 200_000,
    ],
    ids=["empty", "other heads", "a huge number", "a division by zero", "a long field"],
)
def test_what_is_no_gradebook_is_refused(folder: Path, text: str) -> None:
    """One line on standard error, exit code 2."""
    (folder / "old.csv").write_text(text)
    result = check("--regrade", "old.csv")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("old.csv: no gradebook")
    assert len(result.stderr.splitlines()) == 1


def test_a_gradebook_says_which_cells_have_lost_points(folder: Path) -> None:
    """The column lost adds up to what is missing from the score."""
    check("--gradebook", "g.csv")
    with open(folder / "g.csv", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            lost = [Fraction(part.rpartition(" ")[2]) for part in row["lost"].split("; ") if part]
            assert Fraction(row["score"]) + sum(lost) == Fraction(row["out_of"])


@pytest.mark.parametrize("width", [60, 80])
def test_the_report_fits_a_terminal(width: int) -> None:
    """A number with many causes takes no more room than there is."""
    layer = {**NETWORK["layers"][0], "kernel": 1, "padding": 1}  # 14x14x4
    marks = marked("layer | output\na | 12x12x4\n", {**NETWORK, "layers": [layer]})
    assert any(len(mark.mistakes) > 2 for mark in marks.all())
    stream = StringIO()
    report = class_report.report([MarkedFile("a.md", marks)] * 9, "key.yaml")
    class_report.show(report, terminal.Plain(stream, width, "utf-8"))
    assert max(map(len, stream.getvalue().splitlines())) <= width
