"""What reports look like: golden files, and what holds for every network, width and format."""

from __future__ import annotations

import csv
import io
import json
import os
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mixed import MIXED, shown
from rich.cells import cell_len

import cnncalc
from cnncalc.errors import UnknownNameError
from cnncalc.format.networks import select
from cnncalc.format.shipped import index
from cnncalc.model.report import CONVENTIONS
from cnncalc.writers import (
    FORMATS,
    Options,
    format_of,
    listing,
    table_lines,
    terminal,
    write,
    write_content,
)
from cnncalc.writers.columns import COLUMNS, Count, counted
from cnncalc.writers.csv import neutral
from cnncalc.writers.report import ReportContent

GOLDENS = Path(__file__).parent / "goldens_text"
MEMORY = (
    "volume,name,receptive_field,step,first_centre,activations,activation_bytes,parameter_bytes"
)


def alexnet(width: int = terminal.ENDLESS, input: str | None = None, **options: Any) -> str:
    """Return AlexNet's table."""
    return shown(cnncalc.analyze("alexnet", input=input), width, **options)


def mixed(width: int = terminal.ENDLESS, convention: str = "mac", **options: Any) -> str:
    """Return the made-up network's table."""
    return shown(cnncalc.analyze(MIXED, convention=convention), width, **options)


CASES = {
    "alexnet_60.txt": lambda: alexnet(60),
    "alexnet_80.txt": lambda: alexnet(80),
    "alexnet_100.txt": lambda: alexnet(100),
    "alexnet_120.txt": lambda: alexnet(120),
    "alexnet_130.txt": lambda: alexnet(130),
    "alexnet_piped.txt": lambda: write(cnncalc.analyze("alexnet"), "table"),
    "alexnet_224.txt": lambda: alexnet(80, "224x224x3"),
    "alexnet_memory_80.txt": lambda: alexnet(80, columns=MEMORY),
    "alexnet_memory_120.txt": lambda: alexnet(120, columns=MEMORY),
    "alexnet_sorted.txt": lambda: alexnet(80, sort="FLOPs", all_layers=True, layout="chw"),
    "alexnet.md": lambda: write(cnncalc.analyze("alexnet"), "markdown"),
    "alexnet.csv": lambda: write(cnncalc.analyze("alexnet"), "csv"),
    "alexnet.tex": lambda: write(cnncalc.analyze("alexnet", input="224x224x3"), "latex"),
    "mixed_1.txt": lambda: mixed(80),
    "mixed_2.txt": lambda: mixed(80, depth=2),
    "mixed_all.txt": lambda: mixed(80, depth=None),
    "mixed_all_layers.txt": lambda: mixed(80, depth=None, all_layers=True),
    "mixed_full.txt": lambda: mixed(100, "full"),
    "mixed.json": lambda: write(cnncalc.analyze(MIXED), "json"),
}


@pytest.mark.parametrize("name", CASES)
def test_output_is_as_it_was(name: str) -> None:
    """The output equals its golden file; OVERWRITE=1 writes the file anew, to be looked at."""
    got = CASES[name]()
    path = GOLDENS / name
    if os.environ.get("OVERWRITE"):
        path.write_text(got, encoding="utf-8", newline="")
    with path.open(encoding="utf-8", newline="") as file:
        assert got == file.read()


# --- a line is the sum of all it stands for ---------------------------------------------------


@pytest.mark.parametrize("convention", CONVENTIONS)
@pytest.mark.parametrize("all_layers", [False, True])
@pytest.mark.parametrize("network", ["resnet50", "inception_v3", "unet", MIXED])
def test_lines_add_up(network: Any, all_layers: bool, convention: str) -> None:
    """The lines of every count add up to its total, at every depth and under each convention."""
    report = cnncalc.analyze(network, convention=convention)
    for depth in (1, 2, 3, None):
        lines = table_lines.lines(report, Options(depth=depth, all_layers=all_layers))
        for name, column in COLUMNS.items():
            if isinstance(column, Count):
                found = sum(line.count(name) for line in lines.with_hidden([column]))
                assert found == column.network(report), (depth, name)


def test_hidden_layers_have_a_line_where_they_count() -> None:
    """Activation functions without a line are one together, only under a convention that counts."""
    assert "1 activation function  " not in mixed(100).replace("Left out", "")
    assert "activation functions and" not in alexnet(80).split("TOTAL")[0]
    full = shown(cnncalc.analyze("alexnet", convention="full"), 80)
    assert "            10 activation functions and dropouts" in full.split("TOTAL")[0]
    assert "--all-layers" not in full


# --- widths -----------------------------------------------------------------------------------


@pytest.mark.parametrize("network", ["vgg16", MIXED])
def test_what_matters_stays_at_every_width(network: Any) -> None:
    """Volume, name, parameters and FLOPs stay, whole, however narrow the terminal is."""
    report = cnncalc.analyze(network)
    for width in range(20, 140, 7):
        text = shown(report, width)
        head = text.split("─")[0]
        assert all(word in head for word in ("volume", "layer", "parameters", "FLOPs"))
        assert f"{report.parameters:,}" in text
        assert f"{report.flops:,}" in text
        if width >= 60:
            assert max(map(len, text.splitlines())) <= width


def test_narrowing_has_one_order() -> None:
    """Bars go first, then percentages, weights and biases, long phrases, one line, phrases."""
    report = cnncalc.analyze("alexnet")
    forms: list[tuple[bool, ...]] = []
    for width in (130, 129, 128, 117, 116, 100, 99, 80, 79, 72, 71, 60, 54, 50, 45, 40):
        text = shown(report, width)
        body = text.split("TOTAL")[0]
        form = ("█" in body, "%" in body, "weights" in body, "filters at" in body,
                "stride 4, pad 0 " in body and "\n              stride" not in body,
                "11x11" in body)  # fmt: skip
        if not forms or forms[-1] != form:
            forms.append(form)
    assert forms == [
        (True, True, True, True, True, True),
        (False, True, True, True, True, True),
        (False, False, True, True, True, True),
        (False, False, False, True, True, True),
        (False, False, False, False, True, True),
        (False, False, False, False, False, True),
        (False, False, False, False, False, False),
    ]


def test_columns_that_are_asked_for_stay() -> None:
    """Columns asked for by name are there at every width, in panels that repeat the names."""
    report = cnncalc.analyze("alexnet")
    for width in (40, 60, 80, 200):
        for text in (shown(report, width, columns=MEMORY), shown(report, width, columns="+step")):
            wanted = MEMORY.split(",")[2:] if "activation bytes" in text else ["step"]
            for name in wanted:
                assert f" {name.replace('_', ' ')}" in text.split("are in input")[0]
            assert text.count("volume  ") == text.count("CONV5") == text.count("TOTAL")


@pytest.mark.parametrize("variable", ["NO_COLOR", "TERM", "LINES"])
def test_what_is_piped_is_the_same_everywhere(
    variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pipe's output does not depend on the surroundings."""
    monkeypatch.delenv("COLUMNS", raising=False)
    plain = write(cnncalc.analyze("alexnet"), "table")
    monkeypatch.setenv(variable, "dumb")
    assert write(cnncalc.analyze("alexnet"), "table") == plain
    assert "\x1b" not in plain


def test_columns_variable_is_obeyed(monkeypatch: pytest.MonkeyPatch) -> None:
    """An explicit COLUMNS sets the width, in a pipe too."""
    monkeypatch.setenv("COLUMNS", "80")
    assert write(cnncalc.analyze("alexnet"), "table") == alexnet(80)


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "cp437", "latin-1"])
def test_signs_have_stand_ins(encoding: str) -> None:
    """Where the encoding lacks a sign another one stands in, and columns stay aligned."""
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding, newline="")
    console = terminal.console(stream)
    console.width = 103
    report = cnncalc.analyze(MIXED | {"name": "Mïxed → ✓"})
    ReportContent(report, Options(depth=None)).show(console)
    stream.flush()
    text = raw.getvalue().decode(encoding)
    if encoding == "ascii":
        assert "M\\xefxed -> ok" in text
        assert "-------" in text
        assert "| conv1" in text
    ends = {len(line) for line in text.splitlines() if "[" in line[:4]}
    assert len(ends) == 1


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        """Return that it is one."""
        return True


def test_colours_change_no_character(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal gets the same characters as a pipe, with colours between them."""
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("COLUMNS", "80")
    report = cnncalc.analyze(MIXED)
    stream = Terminal()
    ReportContent(report, Options(depth=None)).show(terminal.console(stream))
    text = stream.getvalue()
    assert "\x1b[1m" in text
    assert re.sub(r"\x1b\[[\d;]*m", "", text) == mixed(80, depth=None)


@pytest.mark.parametrize("variable", ["FORCE_COLOR", "TTY_COMPATIBLE"])
def test_colours_can_be_forced(variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the environment asks for colours, a pipe gets them, of any width as before."""
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv(variable, "1")
    text = write(cnncalc.analyze(MIXED))
    assert "\x1b[" in text
    monkeypatch.delenv(variable)
    assert re.sub(r"\x1b\[[\d;]*m", "", text) == write(cnncalc.analyze(MIXED))


# --- names are data ---------------------------------------------------------------------------

HOSTILE = [
    "[b]bold[/b]", "<script>alert(1)</script>", '"><img src=x onerror=y>', "a|b", "`code`",
    "=1+1", "+1", "-1+1", "@SUM(A1)", "\tx", "\\input{/etc/passwd}", "$x$", "100%", "{}", "~^&#_",
    "\x1b[31mred", "\u202egnp.exe", "a\u0301", "名前", "\x00", "*", "[/]", ":smile:", "</style>",
]  # fmt: skip


@settings(max_examples=20)
@given(st.lists(st.sampled_from(HOSTILE), min_size=1, max_size=4, unique=True))
def test_names_are_data_in_every_format(names: list[str]) -> None:
    """No name is taken for markup, a formula, a command or a control sequence."""
    layers = [{"type": "conv", "filters": 2, "kernel": 1} for _ in names]
    report = cnncalc.analyze({"name": "n", "input": "4x4x1", "layers": layers})
    report.name, report.source = names[0], names[-1]
    renamed = [replace(row, name=n) for row, n in zip(report.layers[1:], names, strict=True)]
    report.layers = (report.layers[0], *renamed)
    for format in FORMATS:
        assert not any(c in write(report, format) for c in "\x1b\x00\u202e")
    for cells in csv.reader(io.StringIO(write(report, "csv"))):
        assert not any(cell[:1] in ("=", "+", "-", "@", "\t") for cell in cells)
    assert "\\input" not in write(report, "latex")
    asciidoc = write(report, "asciidoc").partition("|===")[2]
    assert not re.search(r"[*`^~+{}<>$\\\"'\[\]]|\|\||__", asciidoc.partition("|===")[0])
    tags = Tags()
    tags.feed(write(report, "html"))
    assert tags.found.count("script") == 1
    assert "img" not in tags.found
    assert [row["name"] for row in json.loads(write(report, "json"))["layers"][1:]] == names
    plain = shown(report, 100)
    assert all(name in plain for name in names if name.isprintable())


def test_wide_characters_keep_columns_aligned() -> None:
    """A name takes the columns that a terminal gives it, not one for each character."""
    names = ["名前", "e\u0301", "plain", "🙂"]
    layers = [{"type": "conv", "filters": 2, "kernel": 1, "name": name} for name in names]
    text = shown(cnncalc.analyze({"name": "n", "input": "4x4x1", "layers": layers}), 85)
    found = [line for line in text.splitlines() if line.startswith("[")]
    assert len(found) == 5
    assert len({cell_len(line) for line in found}) == 1
    assert len({len(line) for line in found}) > 1


class Tags(HTMLParser):
    """The tags of a page, and the attributes that would load something."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.loads: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep a tag's name, and what it would load."""
        self.found.append(tag)
        self.loads += [
            name
            for name, value in attrs
            if name in ("src", "href", "data", "action") and not (value or "").startswith("#")
        ]
        self.ids += [value or "" for name, value in attrs if name == "id"]
        self.links += [value or "" for name, value in attrs if name == "href"]


def test_the_page_is_one_file() -> None:
    """The page loads nothing, and has a row for each line and a head for each column."""
    page = write(cnncalc.analyze("alexnet", input="224x224x3"), "html")
    tags = Tags()
    tags.feed(page)
    assert not tags.loads
    assert "url(" not in page
    assert "@import" not in page
    assert "http" not in page
    assert tags.found.count("tr") == 14 + 2
    assert tags.found.count("th") == 9
    assert "(224 - 11 + 2·0)/4 + 1 = 54.25" in page


def test_boxes_and_rows_lead_to_one_another() -> None:
    """Every link has its place on the page; each layer's name leads to its box, and back."""
    tags = Tags()
    page = write(cnncalc.analyze("alexnet"), "html")
    tags.feed(page)
    assert len(tags.ids) == len(set(tags.ids))
    assert {link.removeprefix("#") for link in tags.links} <= set(tags.ids)
    assert tags.found.count("svg") == 3
    # A box of the volumes, and two rows of bars for each of 14 layers; two of them have no box.
    assert len(tags.links) == 12 + 2 * 14 + 12
    one, other = re.findall(r'href="#(\w+-1)">CONV1<|id="(\w+-1)"', page)[0]
    assert f'id="{one or other}"' in page
    rows = {name: f"#{at}" for at, name in re.findall(r"<tr id=(\w+).*?<a[^>]*>([^<]*)</a>", page)}
    (box,) = re.findall(r'<a id="\w+f0-1" href="([^"]*)"><title>CONV1:', page)
    assert box == rows["CONV1"]


def test_a_page_is_written_without_a_picture_that_is_too_large() -> None:
    """The table of hundreds of layers has no picture of them; folded, it has one."""
    assert write(cnncalc.analyze("densenet201"), "html").count("<svg") == 3
    assert "<svg" not in write(cnncalc.analyze("densenet201"), "html", Options(depth=None))


def test_a_notebook_shows_the_table_without_script() -> None:
    """What a notebook shows is a fragment: no page around it, and no script in it."""
    text = cnncalc.analyze("alexnet")._repr_html_()
    tags = Tags()
    tags.feed(text)
    assert tags.found[0] == "div"
    assert not {"html", "body", "script"} & set(tags.found)
    assert "105,415,200" in text


# --- what machines read -----------------------------------------------------------------------


def test_csv_has_every_layer_and_raw_numbers() -> None:
    """A spreadsheet gets a row for each layer, whole numbers without commas, and no total."""
    report = cnncalc.analyze("resnet50")
    found = list(csv.DictReader(io.StringIO(write(report, "csv", Options(depth=1)))))
    assert len(found) == len(report.layers)
    assert found[-1]["name"] == "fc"
    for name in ("weights", "parameters", "flops", "buffers", "additions"):
        assert sum(int(row[name]) for row in found) == counted(name).network(report)


def test_no_cell_is_a_formula() -> None:
    """What a spreadsheet would work out gets an apostrophe in front; control characters go."""
    assert [neutral(cell) for cell in ("\tx", "\r=1", " =1", "-1x-1", "-1.5", -1, "x=1")] == [
        "\\tx", "\\r=1", "' =1", "'-1x-1", "-1.5", -1, "x=1",
    ]  # fmt: skip


def test_json_has_what_the_library_has() -> None:
    """The keys are the attributes, with the same values; every number is exact."""
    report = cnncalc.analyze(MIXED, convention="full", batch=3)
    found = report.to_dict()
    assert found == json.loads(write(report, "json"))
    for name in ("parameters", "flops", "activations", "peak_bytes", "batch", "convention"):
        assert found[name] == getattr(report, name)
    for row, layer in zip(report.layers, found["layers"], strict=True):
        assert layer["cost"] == row.cost._asdict()
        assert layer["parameters"] == row.parameters
        assert layer["output"] == list(row.output.shape)


def test_json_is_documented() -> None:
    """Every key of the document stands in docs/json.md."""
    text = (Path(__file__).parent.parent / "docs" / "json.md").read_text(encoding="utf-8")
    found = cnncalc.analyze("alexnet", input="224x224x3").to_dict()
    keys = {*found, *found["layers"][1], *found["layers"][1]["warnings"][0], *found["tiling"][0]}
    keys |= {"path", "type", "arguments", "copies", "index", "layers"}
    assert not {key for key in keys if f"`{key}`" not in text}


def test_endings_mean_formats() -> None:
    """A file's ending says its format, whatever its case."""
    assert [format_of(f"a{ending}") for ending in (".MD", ".tex", ".adoc", ".txt", "")] == [
        "markdown", "latex", "asciidoc", "table", None,
    ]  # fmt: skip


# --- the list ---------------------------------------------------------------------------------


def test_the_list_narrows_in_order() -> None:
    """Numbers are rounded, then depth, input and year go; all networks fit 80 columns whole."""
    heads = []
    for width in (80, 45, 40, 30):
        stream = io.StringIO()
        console = terminal.console(stream)
        console.width = width
        entries = [replace(index()[0], parameters=1, macs=2, competitions=())] * 2
        listing.ListContent(entries).show(console)
        heads.append(stream.getvalue().splitlines()[0].split())
    full = ["name", "input", "parameters", "FLOPs", "depth", "year"]
    assert heads == [
        full,
        [*full[:4], "year"],
        [full[0], *full[2:4], "year"],
        [full[0], *full[2:4]],
    ]
    stream = io.StringIO()
    console = terminal.console(stream)
    console.width = 80
    listing.ListContent(index()).show(console)
    lines = stream.getvalue().splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[0].split() == full


def test_the_list_sorts_and_filters() -> None:
    """A word picks a family; a column sorts it, largest first; names sort by their numbers."""
    names = [e.name for e in select("resnet", "FLOPs")]
    assert names.index("resnet152") < names.index("resnet50")
    assert all("alexnet" in e.name for e in select("ALEXNET"))
    found = [e.name for e in select("vgg", "name") if "_" not in e.name]
    assert found == ["vgg11", "vgg13", "vgg16", "vgg19"]
    assert {entry.year for entry in select("2014")} == {2014}
    assert [entry.name for entry in select("ilsvrc 2015")] == ["resnet152"]
    assert "vgg16" in [entry.name for entry in select("Simonyan")]
    with pytest.raises(UnknownNameError, match="Did you mean 'year'"):
        select(None, "yaer")


def test_competitions_are_told_of_few_networks() -> None:
    """With what was published of them, and where; not under the list of all networks."""
    text = listing.ListContent(select("googlenet")).table().caption
    expected = "ILSVRC 2014, classification: 1st, 6.67 % top-5 error; an ensemble of 7"
    assert any(expected in sentence and "Szegedy et al. 2014" in sentence for sentence in text)
    assert not any("ILSVRC" in text for text in listing.ListContent(index()).table().caption)


@pytest.mark.parametrize("format", FORMATS)
def test_the_list_in_formats(format: str) -> None:
    """Every network is in every format of the list."""
    text = write_content(listing.ListContent(index()), format)
    letters = re.sub(r"\W|_", "", text)  # each format escapes others of the signs between
    assert all(entry.name.replace("_", "").replace(".", "") in letters for entry in index())
    if format == "json":
        assert len(json.loads(text)["networks"]) == len(index())


def test_a_closed_tables_phrase_says_only_what_holds_for_its_rows() -> None:
    """An argument of the first copy that the others do not share is left out."""
    report = cnncalc.analyze(
        {
            "name": "n",
            "input": "8x8x3",
            "blocks": {
                "b": {
                    "parameters": {"w": None, "k": 1},
                    "layers": [{"type": "conv", "filters": "w", "kernel": "k"}],
                }
            },
            "layers": [
                {"type": "b", "k": 3, "table": {"w": [4, 5, 6]}},
                {"type": "conv", "kernel": 1, "table": {"filters": [4, 8]}},
            ],
        }
    )
    text = write(report, "table")
    assert "b: 3 × b, k 3 " in text
    assert "conv: 2 × conv " in text


def test_inputs_of_one_name_are_told_apart() -> None:
    """A merge in a block names what stands outside it in full where its own has that name."""
    conv = {"type": "conv", "name": "a", "filters": 4, "kernel": 1}
    block = {"merge": "multiply", "branches": [[], [{**conv, "filters": "channels"}]]}
    report = cnncalc.analyze(
        {
            "name": "n",
            "input": "8x8x4",
            "layers": [conv, {"type": "gate"}],
            "blocks": {"gate": block},
        }
    )
    assert "multiply: a × gate.a" in shown(report, depth=None)
