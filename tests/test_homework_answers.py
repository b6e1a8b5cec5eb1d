"""Sheets of answers, in every form in which they are read."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from cnncalc import api
from cnncalc.errors import CnncalcError, ReadError
from cnncalc.homework.answers.documents import parse_document
from cnncalc.homework.answers.heads import column_of
from cnncalc.homework.answers.phrases import element_of, kind_of
from cnncalc.homework.sheet import Sheet

HOMEWORK = """\
# My homework

| Layer # | Layer Type | Parameters | Input Shape | Output Shape | # Params | Calculation |
|---|---|---|---|---|---:|---|
| 1 | Conv2D | 32 filters, 3x3 | 28x28x1 | **26x26x32** | `320` | (3*3*1+1)*32=320 |
| 2 | MaxPool | 2x2 | 26x26x32 | 13x13x32 | 0 | |
| Total | | | | | 320 | |
"""
# Stanford University, CS231n 2016, lecture 7, slide 64: the simplified AlexNet.
SLIDE = """\
Full (simplified) AlexNet architecture:
[227x227x3] INPUT
[55x55x96] CONV1: 96 11x11 filters at stride 4, pad 0
[27x27x96] MAX POOL1: 3x3 filters at stride 2
[27x27x96] NORM1: Normalization layer
[27x27x256] CONV2: 256 5x5 filters at stride 1, pad 2
[13x13x256] MAX POOL2: 3x3 filters at stride 2
[13x13x256] NORM2: Normalization layer
[13x13x384] CONV3: 384 3x3 filters at stride 1, pad 1
[13x13x384] CONV4: 384 3x3 filters at stride 1, pad 1
[13x13x256] CONV5: 256 3x3 filters at stride 1, pad 1
[6x6x256] MAX POOL3: 3x3 filters at stride 2
[4096] FC6: 4096 neurons
[4096] FC7: 4096 neurons
[1000] FC8: 1000 neurons (class scores)

Details/Retrospectives:
- first use of ReLU
- batch size 128
"""
# The same lecture, slides 60 to 63.
STEPS = """\
Input: 227x227x3 images
First layer (CONV1): 96 11x11 filters applied at stride 4
=>
Q: what is the output volume size? Hint: (227-11)/4+1 = 55
=> Output volume [55x55x96]
Parameters: (11*11*3)*96 = 35K
After CONV1: 55x55x96
Second layer (POOL1): 3x3 filters applied at stride 2
Output volume: 27x27x96
Parameters: 0!
"""
NOTES = """\
INPUT: [224x224x3]        memory:  224*224*3=150K   weights: 0
CONV3-64: [224x224x64]  memory:  224*224*64=3.2M   weights: (3*3*3)*64 = 1,728
CONV3-64: [224x224x64]  memory:  224*224*64=3.2M   weights: (3*3*64)*64 = 36,864
POOL2: [112x112x64]  memory:  112*112*64=800K   weights: 0
FC: [1x1x10]  memory:  10  weights: 112*112*64*10 = 8,028,160
"""


def parsed(text: str | bytes, name: str) -> Sheet:
    """Return the sheet of a text."""
    sheet = parse_document(text.encode() if isinstance(text, str) else text, name).sheet
    assert sheet is not None
    return sheet


def cells(sheet: Sheet) -> list[dict[str, str]]:
    """Return what stands in each row, by column, without phrases."""
    return [
        {column: cell.text for column, cell in row.cells.items() if column != "settings"}
        for row in sheet.rows
    ]


def test_homework_table() -> None:
    """The table that courses hand out is read: settings, answers, working, the total."""
    sheet = parsed(HOMEWORK, "homework.md")
    assert [row.name for row in sheet.rows] == ["Conv2D", "MaxPool"]
    assert cells(sheet)[0] == {
        "input": "28x28x1",
        "output": "26x26x32",
        "parameters": "320",
        "working": "(3*3*1+1)*32=320",
    }
    assert sheet.totals["parameters"].text == "320"
    assert sheet.rows[0].element == {"type": "conv", "filters": 32, "kernel": 3}
    place = sheet.rows[0].cells["parameters"].place
    assert (place.line, HOMEWORK.splitlines()[4][(place.column or 0) - 1 :][:5]) == (5, "`320`")


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_csv(mark: str) -> None:
    """CSV is read with any of its delimiters; the place is the row and the field."""
    sheet = parsed(mark.join(["Layer", "# Params"]) + "\n" + mark.join(["conv1", "320"]), "a.csv")
    assert cells(sheet) == [{"parameters": "320"}]
    assert sheet.rows[0].cells["parameters"].place[1:3] == (2, 2)


def test_quoted_csv_and_preamble() -> None:
    """Commas inside quotes stay, and lines before the heads are skipped."""
    sheet = parsed('Name: A. Student,\n\nlayer,params\nconv1,"34,944"\n', "a.csv")
    assert cells(sheet) == [{"parameters": "34,944"}]


def test_numbers_that_a_comma_took_apart() -> None:
    """A number that a comma split is put together if one can be meant, or its line is unread."""
    sheet = parsed("layer,output,params\nconv1,55x55x96,34,944\nconv2,5,7,a note\n", "a.csv")
    assert [row["parameters"] for row in cells(sheet)] == ["34,944", "7"]
    sheet = parsed("layer,params,FLOPs\nconv1,34,944,105,415\n", "a.csv")
    (line,) = sheet.unread
    assert (line.kind, line.place.line) == ("line", 2)
    assert line.reason.startswith("5 cells under 3 heads.")
    assert sheet.rows[0].cells["parameters"].problem == line.reason


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("parameters: 7\nlayers:\n  CONV1: {output: 55x55x96, params: 3}\n", "a.yaml"),
        ('{"parameters": 7, "layers": {"CONV1": {"output": [55, 55, 96], "params": 3}}}', "a.json"),
        ('[{"layer": "CONV1", "output": "55x55x96", "params": 3},'
         ' {"layer": "TOTAL", "params": 7}]', "a.json"),
        ("answers: {total: {parameters: 7}, CONV1: {output: 55x55x96, params: 3}}", "a.yaml"),
    ],
    ids=["expect", "json", "list", "answers"],
)  # fmt: skip
def test_mappings(text: str, name: str) -> None:
    """YAML and JSON are read in the words of `expect:`, or as a list of rows."""
    sheet = parsed(text, name)
    assert cells(sheet) == [{"output": "55x55x96", "parameters": "3"}]
    assert sheet.totals["parameters"].text == "7"


def test_slide_is_an_architecture_and_its_claims() -> None:
    """The lecture's slide gives the network that it describes, and the volumes that it claims."""
    document = parse_document(SLIDE.encode(), "slide.txt")
    assert document.network is not None
    report = api.analyze(document.network)
    assert (report.parameters, report.macs) == (62378344, 1135256096)
    assert len(parsed(SLIDE, "slide.txt").rows) == 14


def test_slides_one_step_at_a_time() -> None:
    """A layer, its volume and its parameters may stand in lines of their own."""
    sheet = parsed(STEPS, "slide.txt")
    assert [row.name for row in sheet.rows] == ["INPUT", "CONV1", "POOL1"]
    assert cells(sheet)[1] == {"output": "[55x55x96]", "parameters": "(11*11*3)*96 = 35K"}
    assert cells(sheet)[2] == {"output": "27x27x96", "parameters": "0!"}


def test_notes() -> None:
    """The notes' lines are layers with padding 1, values and weights; names recur."""
    document = parse_document(NOTES.encode(), "notes.txt")
    assert document.sheet is not None
    assert document.network is not None
    assert cells(document.sheet)[1] == {
        "output": "224x224x64",
        "activations": "224*224*64=3.2M",
        "weights": "(3*3*3)*64 = 1,728",
    }
    names = [row.name for row in api.analyze(document.network).layers]
    assert names == ["INPUT", "CONV3-64", "CONV3-64 (2)", "POOL2", "FC"]


SUMMARY = """\
Model: "sequential"
_________________________________________________________________
 Layer (type)                Output Shape              Param #
=================================================================
 conv2d (Conv2D)             (None, 26, 26, 32)        320
 flatten (Flatten)           (None, 21632)             0
=================================================================
Total params: 320
"""
BOXES = """\
┏━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━┓
┃ Layer (type)      ┃ Output Shape       ┃ Param # ┃
┡━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━┩
│ conv2d (Conv2D)   │ (None, 26, 26, 32) │     320 │
├───────────────────┼────────────────────┼─────────┤
│ flatten (Flatten) │ (None, 21632)      │       0 │
└───────────────────┴────────────────────┴─────────┘
"""


@pytest.mark.parametrize("text", [SUMMARY, BOXES], ids=["lines", "boxes"])
def test_printed_summaries(text: str) -> None:
    """What a framework prints of a model is a sheet like any other."""
    sheet = parsed(text, "summary.txt")
    assert cells(sheet) == [
        {"output": "(None, 26, 26, 32)", "parameters": "320"},
        {"output": "(None, 21632)", "parameters": "0"},
    ]
    assert [row.type for row in sheet.rows] == ["conv", "flatten"]


def test_exam_shorthand() -> None:
    """`CONV-K-N` has stride 1 and padding 0, `POOL-K` stride K."""
    document = parse_document(b"128x128x3 CONV-9-32 POOL-2 FC-64", "exam.txt")
    assert document.network is not None
    volumes = [str(row.output) for row in api.analyze(document.network).layers]
    assert volumes == ["128x128x3", "120x120x32", "60x60x32", "64"]


def test_order_of_kinds() -> None:
    """A chain of kinds in brackets is a claim about their order."""
    sheet = parsed("[CONV-POOL-CONV-POOL-FC-FC]\n", "order.txt")
    assert sheet.order is not None
    assert sheet.order.text == "CONV-POOL-CONV-POOL-FC-FC"


PHRASES = {
    "96 11x11 filters at stride 4, pad 0": (96, 11, 4, 0),
    "10 5x5 filters with stride 1, pad 2": (10, 5, 1, 2),
    "256 5x5, stride 1, pad 2": (256, 5, 1, 2),
    "f=3, s=1, p=0, 8 filters": (8, 3, 1, 0),
    "32 filters, 3x3, stride=1, padding=same": (32, 3, 1, "same"),
    "filters=32, kernel_size=(3, 3), strides=(2, 2)": (32, 3, 2, None),
    "3x3, 64": (64, 3, None, None),
    "8 filters of size 5x3": (8, "5x3", None, None),
}


@pytest.mark.parametrize("phrase", PHRASES)
def test_phrases(phrase: str) -> None:
    """A convolution is understood in the words that slides and homework use."""
    element = element_of("CONV", "conv", phrase) or {}
    assert (
        tuple(element.get(k) for k in ("filters", "kernel", "stride", "padding")) == PHRASES[phrase]
    )


def test_heads_and_kinds() -> None:
    """Heads and names mean what people mean by them."""
    heads = {"# Params": "parameters", "Output Shape (HxWxC)": "output", "MACs [M]": "macs",
             "Activation map dimensions": "output", "Number of biases": "biases",
             "x": None}  # fmt: skip
    assert {head: column_of(head) for head in heads} == heads
    kinds = {
        "MAX POOL1": "max_pool",
        "Conv2D": "conv",
        "FC6": "fc",
        "Dense": "fc",
        "GAP": "global_avg_pool",
        "ReLU6": "relu",  # the sixth
        "PReLU": "prelu",
        "Linear": "fc",
        "Swish": "silu",
        "LocallyConnected2D": "local",
        "shortcut conv": None,
    }
    assert {name: kind_of(name) for name in kinds} == kinds


def test_unit_in_the_head() -> None:
    """A head's unit holds for bare numbers under it."""
    sheet = parsed("layer | FLOPs [M]\nconv1 | 105.4\n", "a.md")
    assert sheet.rows[0].cells["flops"].unit == "M"


# --- spreadsheets ---------------------------------------------------------------------------------


def workbook(rows: list[list[object]]) -> bytes:
    """Return a spreadsheet's bytes."""
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_xlsx() -> None:
    """A spreadsheet is read; a formula is never worked out, but arithmetic in it is."""
    data = workbook(
        [["Layer", "Output", "# Params"], ["conv1", "26x26x32", 320], ["fc", "10", "=(400+1)*10"]]
    )
    assert cells(parsed(data, "a.xlsx")) == [
        {"output": "26x26x32", "parameters": "320"},
        {"output": "10", "parameters": "=(400+1)*10"},
    ]


def test_xlsx_is_bounded_by_its_elements() -> None:
    """Each may become an object of a hundred bytes: they are counted, whatever the part's name."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/strings.dat", "<sst>" + "<si/>" * 500_000 + "</sst>")
    with pytest.raises(ReadError, match="its XML has more than 500,000 tags"):
        parse_document(stream.getvalue(), "a.xlsx")


def test_xlsx_bombs_are_refused_before_they_are_read() -> None:
    """What would unpack to too much, or defines entities, is refused."""
    for content in (b"0" * 30_000_000, b"<!DOCTYPE x []><x/>"):
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("xl/worksheets/sheet1.xml", content)
        with pytest.raises(ReadError, match=r"unpacks to more|document type"):
            parse_document(stream.getvalue(), "bomb.xlsx")


def test_broken_spreadsheets_are_refused() -> None:
    """A byte that has changed anywhere leaves a workbook that can be read, or one sentence."""
    data = workbook([["Layer", "# Params"], ["conv1", 320]])
    messages = []
    for position in range(0, len(data), 61):
        broken = data[:position] + bytes([data[position] ^ 0xFF]) + data[position + 1 :]
        try:
            parse_document(broken, "a.xlsx")
        except ReadError as error:
            messages.append(str(error))
    assert messages
    assert all(message.startswith("a.xlsx:1:1: ") for message in messages)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("xl/workbook.xml", "<x/>")
    with pytest.raises(ReadError, match="compressed in a way that no workbook is"):
        parse_document(stream.getvalue(), "a.xlsx")


def test_a_spreadsheet_under_another_name_is_named() -> None:
    """A zip that calls itself CSV is told from CSV."""
    with pytest.raises(
        ReadError, match=r"^a\.csv:1:1: a zip or xlsx file\. Save the sheet as CSV\.$"
    ):
        parse_document(b"PK\x03\x04...", "a.csv")


# --- what cannot be read --------------------------------------------------------------------------

HOSTILE = {
    "empty.md": b"",
    "prose.md": b"I did not have time.",
    "nested.json": b"[" * 900_000,
    "nested.yaml": b"[" * 900_000,
    "large.json": b"[" * 10_000_000,
    "large.md": b"|" * 10_000_000,
    "pipes.md": b"|" * 900_000,
    "lines.md": b"|a|b|\n" * 150_000,
    "quote.csv": b'layer,params\n"' + b"a" * 900_000,
    "binary.csv": b"\x00\x01\x02",
    "brackets.txt": b"(" * 900_000,
    "heads.csv": b"(" * 120_000,
    "rules.md": ("─" * 300_000 + "a").encode(),
    "slides.txt": b"[1x1x1] CONV1: 3 1x1 filters\n" * 30_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_get_one_line(name: str) -> None:
    """What cannot be read is refused in one sentence, with the file's name."""
    with pytest.raises(CnncalcError) as caught:
        parse_document(HOSTILE[name], name)
    assert str(caught.value).startswith(f"{name}:")
    assert "\n" not in str(caught.value)


def test_front_matter_names_the_network(tmp_path: Path) -> None:
    """A Markdown sheet may say which network it is about, and how it is marked."""
    text = "---\nnetwork: alexnet\nmarking: {conventions: {layout: chw}}\n---\n"
    text += "| layer | output |\n|-|-|\n| CONV1 | 96x55x55 |\n"
    path = tmp_path / "sheet.md"
    path.write_text(text, encoding="utf-8")
    assert api.check(path).ok
