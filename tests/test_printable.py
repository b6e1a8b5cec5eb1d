"""Results in Python: they print, are written in every format, saved, and shown in notebooks."""

from __future__ import annotations

import copy
import json
import os
import pickle
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

import cnncalc
from cnncalc.errors import ReadError, UnknownNameError
from cnncalc.model.printable import Printable, Shown
from cnncalc.writers import FORMATS, Format, Options
from cnncalc.writers.printing import SHOWN, WRITERS, formats

RESULTS: dict[str, Callable[[], Any]] = {
    "Report": lambda: cnncalc.analyze("lenet"),
    "Applied": lambda: cnncalc.apply("softmax", "1 2 3; 4 5 6"),
    "Diff": lambda: cnncalc.diff("lenet", "lenet5"),
    "Networks": lambda: cnncalc.networks("vgg"),
    "Summaries": lambda: cnncalc.summarize(["lenet", "alexnet", "no"]),
    "LayerTypes": lambda: cnncalc.layer_types("pool"),
    "Explanation": lambda: cnncalc.explain("lenet"),
    "Verification": lambda: cnncalc.verify("lenet"),
    "Solutions": lambda: cnncalc.solve(input=227, kernel=11, out=55),
    "InputSizes": lambda: cnncalc.solve("alexnet"),
    "Worksheet": lambda: cnncalc.worksheet("lenet", "output, weights"),
    "Marks": lambda: cnncalc.check({"CONV1": {"parameters": 150}}, "lenet"),
    "Quiz": lambda: cnncalc.quiz(7, count=2),
    "Reconciliation": lambda: cnncalc.reconcile("vgg16", "138.36M"),
}
# The function that returns a result of a kind.
FUNCTIONS = {
    "analyze": "Report", "apply": "Applied", "diff": "Diff", "networks": "Networks",
    "layer_types": "LayerTypes", "summarize": "Summaries",
    "explain": "Explanation", "verify": "Verification", "reconcile": "Reconciliation",
    "solve": "Solutions", "worksheet": "Worksheet", "quiz": "Quiz",
}  # fmt: skip
COMMANDS = {"Replay", "ZooVerification"}  # results of `verify` as a command alone


def test_every_result_has_a_case() -> None:
    """No kind of result is written and not tested here."""
    assert RESULTS.keys() == WRITERS.keys() - COMMANDS


@pytest.mark.parametrize("name", RESULTS)
def test_a_result_prints_as_text(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """In 100 columns where there is no terminal, and in a terminal's width; repr is one line."""
    monkeypatch.delenv("COLUMNS", raising=False)
    result = RESULTS[name]()
    assert isinstance(result, Printable)
    assert type(result).__name__ == name
    text = str(result)
    assert text == text.strip("\n")
    assert len(text.splitlines()) > 3
    if next(iter(formats(result))) in SHOWN:
        assert max(map(len, text.splitlines())) <= 100
    assert "\n" not in repr(result)
    assert len(repr(result)) < 300
    monkeypatch.setenv("COLUMNS", "60")
    narrow = str(result).splitlines()
    assert max(map(len, narrow)) <= max(map(len, text.splitlines()))
    assert len(narrow) >= len(text.splitlines())


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_a_result_prints_in_any_encoding(encoding: str) -> None:
    """`print` writes what standard output can take, and needs no Rich."""
    program = (
        "import sys; sys.modules['rich'] = None; import cnncalc; print(cnncalc.analyze('vgg16'))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"},
        capture_output=True,
    )
    assert done.returncode == 0, done.stderr
    assert b"TOTAL" in done.stdout
    assert b"------" in done.stdout


@pytest.mark.parametrize("name", RESULTS)
def test_a_result_has_every_format_of_its_command(name: str, tmp_path: Path) -> None:
    """Each format gives text that ends with one newline, and is what `save` writes."""
    result = RESULTS[name]()
    for format, (_, endings) in formats(result).items():
        text = result.to(format)
        if isinstance(text, bytes):  # a spreadsheet, which has the time in it
            result.save(tmp_path / f"result{endings[0]}")
            continue
        assert text.strip("\n")
        assert text.endswith("\n")
        for ending in endings:
            file = tmp_path / f"result{ending}"
            result.save(file)
            assert file.read_text("utf-8") == text
        if format == "json":
            assert isinstance(json.loads(text), dict)
        if format not in SHOWN and hasattr(result, f"to_{format}"):
            assert getattr(result, f"to_{format}")() == text


@pytest.mark.parametrize("name", RESULTS)
def test_conversions_are_formats(name: str) -> None:
    """Each `to_…` is a format of the result; what is a document is one as a dict, too."""
    result = RESULTS[name]()
    converts = {each[3:] for each in dir(result) if each.startswith("to_")}
    known = {*formats(result)}
    assert converts - {"dict"} <= known
    assert ("json" in known) == ("json" in converts) == ("dict" in converts)
    if "dict" in converts:
        assert result.to_dict() == json.loads(result.to_json())


def test_a_new_format_has_its_conversion(monkeypatch: pytest.MonkeyPatch) -> None:
    """A line in the table of formats is enough, in Python too; another name is no attribute."""
    monkeypatch.setitem(FORMATS, "text_file", Format("table", (".text",)))
    report = cnncalc.analyze("lenet")
    assert report.to_text_file(columns="name") == report.to("table", columns="name")  # type: ignore[attr-defined]
    assert "to_text_file" in dir(report)
    with pytest.raises(AttributeError, match="'Report' object has no attribute 'to_tabel'"):
        report.to_tabel()  # type: ignore[attr-defined]
    assert copy.deepcopy(report.to_dict()) == pickle.loads(pickle.dumps(report)).to_dict()


def test_options_are_the_writers() -> None:
    """What a type checker knows of a table's options is what writers take."""
    assert {*Shown.__annotations__} == {field.name for field in fields(Options)}


def test_the_page_names_conversions_that_there_are() -> None:
    """docs/library.md has conversions of each result, and none that it has not."""
    page = (Path(__file__).parent.parent / "docs" / "library.md").read_text("utf-8")
    rows = re.findall(r"^\| (`.*`) \| (`to_.*`) \|$", page, re.MULTILINE)
    named = {
        function: conversions
        for functions, conversions in rows
        for function in re.findall(r"\w+", functions)
    }
    functions = {name: function for function, name in FUNCTIONS.items()}
    assert named.keys() == {*FUNCTIONS}
    for name, result in RESULTS.items():
        if name in functions:
            has = {each for each in dir(result()) if each.startswith("to_")}
            assert {*re.findall(r"\w+", named[functions[name]])} <= has


@pytest.mark.parametrize("name", RESULTS)
def test_a_result_is_shown_in_a_notebook(name: str) -> None:
    """As html or markdown where there is such a format, else as text that keeps its columns."""
    result = RESULTS[name]()
    html, markdown = result._repr_html_(), result._repr_markdown_()
    assert html or markdown
    if "markdown" in formats(result):
        assert markdown == result.to("markdown")
    if not {"html", "markdown"} & formats(result).keys():
        assert html.startswith("<pre>")


def test_what_cannot_be_written(tmp_path: Path) -> None:
    """Another format, another ending, and a place where no file can be, are errors that say so."""
    result = cnncalc.solve(input=5, kernel=3)
    with pytest.raises(UnknownNameError, match=r"no format 'jsn'. Did you mean 'json'\?"):
        result.to("jsn")
    with pytest.raises(UnknownNameError, match=r"net\.pdf: no format has this ending"):
        result.save("net.pdf")
    with pytest.raises(ReadError, match="cannot be written"):
        result.save(tmp_path / "nowhere" / "net.json")
