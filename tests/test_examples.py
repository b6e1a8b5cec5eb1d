"""The examples: each run as its service would run it."""

from __future__ import annotations

import ast
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from cnncalc.cli import main
from cnncalc.writers.quiz import FORMATS as QUIZ
from cnncalc.writers.results import FORMATS as RESULTS

EXAMPLES = Path(__file__).parent.parent / "examples"
BASH = shutil.which("bash") if os.name != "nt" else None
NOTEBOOK = json.loads((EXAMPLES / "notebook" / "homework.ipynb").read_text("utf-8"))


# --- gradescope -------------------------------------------------------------------------


def autograde(root: Path, files: dict[str, bytes]) -> dict[str, Any]:
    """Return the results.json that the autograder writes, with its folders where they would be."""
    shutil.copytree(EXAMPLES / "gradescope", root / "source")
    shutil.copy(root / "source" / "run_autograder", root)
    (root / "submission").mkdir(exist_ok=True)
    for name, data in files.items():
        (root / "submission" / name).write_bytes(data)
    cnncalc = root / "cnncalc"
    cnncalc.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m cnncalc "$@"\n')
    cnncalc.chmod(0o755)
    environment = {**os.environ, "AUTOGRADER_ROOT": str(root), "CNNCALC": str(cnncalc)}
    done = subprocess.run([root / "run_autograder"], cwd=root, env=environment, check=False)
    assert done.returncode == 0
    found: dict[str, Any] = json.loads((root / "results" / "results.json").read_text("utf-8"))
    return found


def filled() -> bytes:
    """Return the key's own sheet, filled in."""
    key = str(EXAMPLES / "gradescope" / "key.yaml")
    return CliRunner().invoke(main, ["worksheet", key, "--filled"]).stdout.encode()


@pytest.mark.skipif(BASH is None, reason="needs bash")
@pytest.mark.parametrize(
    ("name", "data", "score"),
    [
        ("answers.md", None, 10),
        ("$(touch gone) 'a b';.md", None, 10),
        ("-rf.md", b"| layer | output |\n|---|---|\n| POOL1 | 7x7x16 |\n", 1),
        ("bomb.yaml", b"[" * 10_000_000, 0),
        ("bytes.md", bytes(range(256)), 0),
        ("", b"", 0),
    ],
    ids=["right", "hostile name", "option as name", "brackets", "bytes", "nothing"],
)
def test_gradescope_gets_results(tmp_path: Path, name: str, data: bytes | None, score: int) -> None:
    """Whatever is submitted there is a results.json; the right answers have all points."""
    files = {name: filled() if data is None else data} if name else {}
    found = autograde(tmp_path, files)
    assert found["score"] == score
    assert not list(tmp_path.rglob("gone"))
    if score == 10:
        assert sum(test["max_score"] for test in found["tests"]) == 10
    if not score:
        (test,) = found["tests"]
        assert test["name"] == "answers file"
        assert test["status"] == "failed"


@pytest.mark.skipif(BASH is None, reason="needs bash")
def test_gradescope_passes_over_folders(tmp_path: Path) -> None:
    """A folder that stands before the sheet, as a zip made on a Mac has one, is not the sheet."""
    (tmp_path / "submission" / "__MACOSX").mkdir(parents=True)
    assert autograde(tmp_path, {"answers.md": filled()})["score"] == 10


def test_gradescope_has_both_files_at_the_root() -> None:
    """setup.sh and run_autograder can be run, and say with what."""
    for name in ("setup.sh", "run_autograder"):
        file = EXAMPLES / "gradescope" / name
        assert file.read_text("utf-8").startswith("#!/usr/bin/env bash\n")
        assert "\r" not in file.read_text("utf-8")
        assert os.name == "nt" or os.access(file, os.X_OK)


# --- the notebook -----------------------------------------------------------------------


def cells() -> list[tuple[str, str, int]]:
    """Return the code cells: what for, source, points."""
    found = []
    for cell in NOTEBOOK["cells"]:
        if cell["cell_type"] == "code":
            meta = cell["metadata"].get("nbgrader", {})
            kind = "grade" if meta.get("grade") else "solution" if meta.get("solution") else ""
            found.append((kind, "".join(cell["source"]), meta.get("points", 0)))
    return found


def run(source: str, names: dict[str, Any]) -> Any:
    """Return the value of a cell's last expression, as a notebook shows it."""
    tree = ast.parse(source)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "cell", "exec"), names)
    if isinstance(last, ast.Expr):
        return eval(compile(ast.Expression(last.value), "cell", "eval"), names)
    return None


def student(source: str) -> str:
    """Return a cell as nbgrader hands it out: without the solution."""
    before, _, rest = source.partition("### BEGIN SOLUTION")
    return before + rest.partition("### END SOLUTION")[2]


@pytest.mark.parametrize("solved", [True, False])
def test_the_notebook_grades_itself(solved: bool, capfd: pytest.CaptureFixture[str]) -> None:
    """Cells that are graded end in a number: all points, or none where nothing was filled in.

    nbgrader gives nothing where there is text on standard error.
    """
    names: dict[str, Any] = {}
    graded = 0
    for kind, source, points in cells():
        value = run(source if solved or kind != "solution" else student(source), names)
        if kind == "grade":
            graded += points
            assert isinstance(value, float)
            assert value == (points if solved else 0)
    assert graded == 6
    assert capfd.readouterr().err == ""


def test_the_notebook_is_one() -> None:
    """It holds no output, and every cell has what its format wants."""
    assert (NOTEBOOK["nbformat"], NOTEBOOK["nbformat_minor"]) == (4, 5)
    identifiers = [cell["id"] for cell in NOTEBOOK["cells"]]
    assert len(identifiers) == len(set(identifiers))
    for cell in NOTEBOOK["cells"]:
        assert cell["cell_type"] == "markdown" or cell["outputs"] == []


def test_nbformat_takes_the_notebook() -> None:
    """The consumer's own package finds nothing wrong with it."""
    nbformat = pytest.importorskip("nbformat")
    nbformat.validate(NOTEBOOK)


@pytest.mark.filterwarnings("default")
def test_nbgrader_gives_the_points() -> None:
    """nbgrader's own rule makes the points of a cell's value."""
    utils = pytest.importorskip("nbgrader.utils")
    nbformat = pytest.importorskip("nbformat.v4")
    names: dict[str, Any] = {}
    for kind, source, points in cells():
        value = run(source, names)
        if kind == "grade":
            meta = {"grade": True, "points": points, "solution": False, "grade_id": "x"}
            output = nbformat.new_output("execute_result", {"text/plain": repr(value)})
            cell = nbformat.new_code_cell(source, metadata={"nbgrader": meta}, outputs=[output])
            assert utils.determine_grade(cell) == (points, points)


@pytest.mark.filterwarnings("default")
def test_otter_runs_its_tests() -> None:
    """otter-grader's own test file passes on right answers, and fails on wrong ones."""
    files = pytest.importorskip("otter.test_files")
    path = str(EXAMPLES / "notebook" / "otter_tests.py")
    for parameters, right in ((34944, 2), (34848, 1)):
        found = files.ExceptionTestFile.from_file(path)
        found.run({"conv1_output": (55, 55, 96), "conv1_parameters": parameters})
        assert found.score == right


# --- the page about courses -------------------------------------------------------------

PAGE = (EXAMPLES.parent / "docs" / "courses.md").read_text("utf-8")


@pytest.mark.parametrize("line", re.findall(r"^cnncalc .*$", PAGE, re.MULTILINE))
def test_the_page_shows_commands_that_work(
    line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each can be pasted where there is a key and a sheet."""
    monkeypatch.chdir(tmp_path)
    shutil.copy(EXAMPLES / "gradescope" / "key.yaml", tmp_path)
    (tmp_path / "answers.md").write_bytes(filled())
    (tmp_path / "names.csv").write_text("Ada Lovelace\nAlan Turing\n", encoding="utf-8")
    blank = "returned/" in line
    if blank:
        sheets = ("quiz", "--roster", "names.csv", "--seed", "WORD", "--folder", "returned")
        CliRunner().invoke(main, sheets)
    result = CliRunner().invoke(main, shlex.split(line)[1:])
    problems = [line for line in result.stderr.splitlines() if "secret" not in line]
    assert (result.exit_code, problems) == (int(blank), [])
    file = re.search(r"-o (\S+)", line)
    folder = re.search(r"--folder (\S+)", line)
    assert not folder or any((tmp_path / folder[1]).iterdir())
    assert (tmp_path / file[1]).stat().st_size if file else folder or result.stdout


def test_the_page_names_every_format() -> None:
    """Its tables have the formats that there are, and its Python comes to what it says."""
    for format in (*QUIZ, *RESULTS):
        assert f"`{format}`" in PAGE
    (source,) = re.findall(r"^```python\n(.*?)  # 4.0\n```$", PAGE, re.MULTILINE | re.DOTALL)
    assert run(source, {}) == 4.0
