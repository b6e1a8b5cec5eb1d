"""Sheets of every kind, with what is right for them: points, and what of them is not read."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from cnncalc import api
from cnncalc.errors import ReadError
from cnncalc.format import shipped
from cnncalc.homework.answers.documents import parse_document
from cnncalc.homework.key import Key
from cnncalc.homework.marking import mark
from cnncalc.homework.marks import Marks
from cnncalc.homework.verdicts import Verdict
from cnncalc.model.printable import Printable
from cnncalc.writers import printing

HERE = Path(__file__).parent
CASES = yaml.safe_load((HERE / "sheet_cases.yaml").read_text(encoding="utf-8"))
WAYS = yaml.safe_load((HERE / "ways.yaml").read_text(encoding="utf-8"))
# Volumes 18x18x12, 9x9x12, 7x7x20, 5; parameters 444, 0, 2,180, 4,905, in total 7,529.
KEY = api.key({
    "name": "small", "input": "20x20x4",
    "layers": [
        {"type": "conv", "name": "conv1", "filters": 12, "kernel": 3},
        {"type": "max_pool", "name": "pool1", "kernel": 2},
        {"type": "conv", "name": "conv2", "filters": 20, "kernel": 3},
        {"type": "fc", "name": "fc1", "units": 5},
    ],
})  # fmt: skip


def marked(data: str | bytes, file: str, key: Key = KEY) -> Marks:
    """Return the marks of a sheet against a key."""
    text = data.encode() if isinstance(data, str) else data
    sheet = parse_document(text, file, words=key.words).sheet
    assert sheet is not None
    return mark(sheet, key)


def test_there_are_some_for_each_topic() -> None:
    """At least five sheets try each of the topics."""
    assert min(Counter(case["topic"] for case in CASES).values()) >= 5


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_sheet(case: dict[str, Any]) -> None:
    """A sheet has the points that it deserves, of the key's eight, and what is unread is said."""
    marks = marked(case["sheet"], case["file"])
    assert (float(marks.score), float(marks.most)) == (case["points"], 8)
    assert len(marks.reading.unread) == case.get("unread", 0), marks.reading.summary
    assert marks.reading.order == case.get("order", "")


# What tools print of the same network: torchsummary 1.5.1, torchinfo 1.8.0, fvcore 0.1.5,
# Keras 3.15.1 and 2.3 (whose class names are cut), PyTorch 2.13; `nest` has it in two blocks.
TOOLS = {
    "torchsummary_net": 8, "torchsummary_nest": 8, "torchinfo_net": 8, "torchinfo_nest": 8,
    "torchinfo2_nest": 8, "keras2": 8, "keras3_0": 8, "keras3_1": 8, "keras3n_1": 8,
    "keras3_func": 8,
    "fvcore_net": 3.5, "fvcore_nest": 3.5,  # no volumes, and numbers of three digits
    "print_net": 0, "print_nest": 0,  # settings alone
}  # fmt: skip


@pytest.mark.parametrize("tool", TOOLS)
def test_what_tools_print(tool: str) -> None:
    """A printed summary is read whole."""
    marks = marked((HERE / "sheets" / f"{tool}.txt").read_bytes(), f"{tool}.txt")
    assert marks.score == TOOLS[tool]
    assert not marks.reading.unread


def test_a_printed_model_claims_settings() -> None:
    """What PyTorch prints of a model has no answers, and its settings are compared."""
    text = (HERE / "sheets" / "print_net.txt").read_text(encoding="utf-8")
    other = text.replace("Conv2d(4, 12, kernel_size=(3, 3)", "Conv2d(4, 12, kernel_size=(5, 5)")
    notes = [one.note for one in marked(other, "model.txt").all() if one.column == "settings"]
    assert notes == ["The key's layer has other kernel."]
    assert not [one for one in marked(text, "model.txt").all() if one.column == "settings"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_encodings(encoding: str) -> None:
    """Spreadsheets save text in several encodings, with and without a mark."""
    text = "Layer;Größe der Ausgabe;Params\nconv1;18×18×12;444\nfc1;5;4905\n"
    assert marked(text.encode(encoding), "a.csv").score == 4


@pytest.mark.parametrize(("column", "texts"), WAYS.items(), ids=list(WAYS))
def test_ways_of_writing_a_right_answer(column: str, texts: list[str]) -> None:
    """None of them is marked wrong, and next to none is unread, in a cell and in a table."""
    key = api.key("alexnet")
    found: Counter[Verdict] = Counter()
    for text in texts:
        for marks in (
            api.check({"CONV1": {column: text}}, key),
            marked(f"| Layer | {column} |\n|-|-|\n| CONV1 | {text} |\n", "a.md", key),
        ):
            (verdict,) = (
                one.verdict for one in marks.all() if (one.layer, one.column) == ("CONV1", column)
            )
            assert verdict in (Verdict.CORRECT, Verdict.UNREAD), text
            found[verdict] += 1
    assert found[Verdict.UNREAD] <= 4
    assert sum(map(len, WAYS.values())) >= 150


# --- what this program writes ---------------------------------------------------------------------

ENDINGS = {"table": "txt", "markdown": "md", "csv": "csv", "json": "json", "latex": "tex",
           "html": "html", "asciidoc": "adoc", "xlsx": "xlsx"}  # fmt: skip
# Of each kind one: plain, with blocks, with branches, with phrases that are wrapped; and with
# SWEEP=1 in the environment all that are shipped, which takes minutes.
SOME = ("lenet", "mlp", "conv_demo", "resnet18", "unet", "fcn8s", "squeezenet1_0")
NETWORKS = [entry.name for entry in shipped.index()] if os.environ.get("SWEEP") else SOME


@pytest.mark.parametrize("name", NETWORKS)
def test_what_is_written_is_read_back(name: str) -> None:
    """Every format of an analysis, and of a filled worksheet, has full marks."""
    key = api.key(name)
    made: list[tuple[Printable, dict[str, Any]]] = [
        (api.analyze(name), {}),
        (api.worksheet(name), {"filled": True}),
    ]
    for result, options in made:
        for format in printing.formats(result):
            written = str(result) if format == "table" else result.to(format, **options)
            marks = marked(written, f"a.{ENDINGS[format]}", key)
            assert marks.score == marks.most, format


# --- refused sheets -------------------------------------------------------------------------------

REFUSED = {
    "nothing": ("", "no line with text"),
    "an essay": ("I have thought about it.\n" * 47, "47 lines, no row in them begins with a layer"),
    "a name that is near": ("hello\nkonv 1 = 18 x\n", "the nearest is line 2, 'konv 1 = 18 x'"),
    "heads without rows": ("Layer | Output\n", "heads in line 1, 'Layer | Output', but no row"),
    "numbers alone": ("18 18 12\n444\n", "the nearest is line 1, '18 18 12'"),
    "a long line": ("x" * 2000 + " 1\n", "1 line, no row"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_refused_sheet_says_what_was_seen(name: str) -> None:
    """The message has the lines, the nearest one, and one that would be read."""
    text, said = REFUSED[name]
    with pytest.raises(ReadError) as caught:
        marked(text, "a.md")
    message = str(caught.value)
    assert said in message
    assert "One that would be read: 'conv1: 28x28x6, 156 parameters'." in message
    assert len(message) < 300
