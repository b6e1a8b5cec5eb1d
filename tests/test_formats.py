"""What holds for every format of every command: the tests walk the writers' tables."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

import cnncalc
from cnncalc import api, writers
from cnncalc.errors import CnncalcError, printable
from cnncalc.format.networks import ShippedNetwork
from cnncalc.format.shipped import index
from cnncalc.homework.quiz.questions import TOPICS
from cnncalc.homework.worksheet import worksheet
from cnncalc.verification import Verification
from cnncalc.verification.certificate import Replay
from cnncalc.verification.zoo import Outcome, ZooVerification
from cnncalc.writers import (
    Format,
    explanation,
    figure,
    listing,
    printing,
    quiz,
    results,
    write_content,
)
from cnncalc.writers import applied as values
from cnncalc.writers import worksheet as sheets
from cnncalc.writers.diff import DiffContent
from cnncalc.writers.styled import cell_len

GOLDENS = Path(__file__).parent / "goldens_text" / "formats"


def network(name: str, filters: int = 4) -> dict[str, Any]:
    """Return a network in which all that a file may call anything is called `name`."""
    layers = [
        {"type": "conv", "name": name, "filters": filters, "kernel": 3, "stride": 2},
        "relu",
        {"type": "fc", "name": f"{name} 2", "units": 10},
    ]
    return {"name": name, "source": name, "input": "8x8x3", "layers": layers}


def analyzed(format: str, name: str) -> str:
    """Return the table of a network, one window of which loses input."""
    return writers.write(cnncalc.analyze(network(name)), format)


def compared(format: str, name: str) -> str:
    """Return the differences of two networks: a layer that changed, one that is new."""
    other = network(name, 6)
    other["layers"].append({"type": "fc", "name": f"{name} 3", "units": 5})
    return write_content(DiffContent(api.diff(network(name), other)), format)


def listed(format: str, name: str) -> str:
    """Return a list of three networks."""
    entries = [entry for entry in index() if entry.name.startswith("lenet")][:2]
    entries.append(
        ShippedNetwork(
            name=name,
            file="n.yaml",
            variant=name,
            input="8x8x3",
            parameters=1000,
            macs=2000,
            depth=2,
            year=None,
            title=name,
            source=name,
            competitions=[
                {"competition": name, "year": 2000, "place": 4, "result": "won", "source": "A"}
            ],
        )
    )
    return write_content(listing.ListContent(entries), format)


def explained(format: str, name: str) -> str:
    """Return the worked arithmetic of a network."""
    text: str = cnncalc.explain(network(name)).to(format)
    return text


def filled_in(format: str, name: str) -> str | bytes:
    """Return a worksheet."""
    return sheets.write(worksheet(api.key(network(name))), format)


def asked(format: str, name: str) -> str:
    """Return questions under a title, with the feedback on common mistakes and conventions.

    A mistake that is new in the package leaves them as they are.
    """
    common = {code for topic in TOPICS.values() for codes in topic.kinds.values() for code in codes}
    questions = [
        replace(
            question,
            wrong=tuple(one for one in question.wrong if one.mark.code in {*common, ""}),
        )
        for question in api.quiz(7, count=2)
    ]
    return str(quiz.write(questions, format, name))


def marked(format: str, name: str) -> str:
    """Return the marks of a sheet with an answer that is wrong, and with one that is no number."""
    answers = {name: {"parameters": 1}, f"{name} 2": {"parameters": "many"}}
    marks = api.check(answers, api.key(network(name)))
    return results.write(results.results(marks, 1), format)


@cache
def verification(name: str) -> Verification:
    """Return what a run of a network showed, without what differs from machine to machine."""
    result = cnncalc.verify(network(name))
    layers = [
        replace(
            layer,
            seconds=0.0,
            samples=tuple(replace(each, found=each.expected.value) for each in layer.samples),
        )
        for layer in result.layers
    ]
    return replace(result, layers=tuple(layers))


def proved(format: str, name: str) -> str:
    """Return what a run of a network showed."""
    return str(verification(name).to(format))


def replayed(format: str, name: str) -> str:
    """Return what a run differs in from its certificate."""
    result = verification(name)
    line = f"layers[{printable(name)}].claimed.macs: 1, now 2"
    return str(Replay(path=f"{name}.json", theirs={}, result=result, differences=[line]).to(format))


def proved_all(format: str, name: str) -> str:
    """Return a list of networks: as claimed, with a difference, and not run."""
    outcomes = [
        Outcome(name=name, layers=3, parameters=10, macs=2000, samples=48, error=1e-7, seconds=0.5),
        Outcome(name="b", layers=1, failures=(f"{name} FLOPs",)),
        Outcome(name="c", not_run=name),
    ]
    return str(ZooVerification(outcomes, 3, interrupted=False).to(format))


def drawn(format: str, name: str) -> str:
    """Return the graph of a network."""
    return str(cnncalc.draw(network(name), "graph", format=format))


def applied(format: str, name: str) -> str:
    """Return the working of a layer on two channels, in which nothing has a name."""
    layer = cnncalc.Conv(filters=2, kernel=2, stride=2, padding=[[0, 0], [1, 1]])
    arrays = {"weight": "1 0; -1 1/3 | 2 2; 0.5 1 || 0 1; 1 0 | 1 1; 1 1", "bias": "0 -1"}
    found = cnncalc.apply(layer, "1 1 2 4; 5 6 7 8 | 3 2 1 0; 1 2 3 4", arrays)
    text: str = found.to(format, terms=6)
    return text


@dataclass(frozen=True)
class Command:
    """A command's formats, and what writes a small result in one of them."""

    formats: dict[str, Format]
    write: Callable[[str, str], str | bytes]


COMMANDS = {
    "analyze": Command(writers.FORMATS, analyzed),
    "diff": Command(writers.FORMATS, compared),
    "list": Command(writers.FORMATS, listed),
    "explain": Command(explanation.FORMATS, explained),
    "worksheet": Command(sheets.FORMATS, filled_in),
    "quiz": Command({name: quiz.FORMATS[name] for name in quiz.FORMATS if name != "qti"}, asked),
    "check": Command(results.FORMATS, marked),
    "apply": Command(values.FORMATS, applied),
    # A terminal's table and JSON say with which NumPy and on which machine it was made.
    "verify": Command(
        {n: f for n, f in writers.FORMATS.items() if n not in ("table", "json")}, proved
    ),
    "replay": Command({n: f for n, f in writers.FORMATS.items() if n != "table"}, replayed),
    "zoo": Command(writers.FORMATS, proved_all),
    "draw": Command({n: format for n, format in figure.FORMATS.items() if n != "png"}, drawn),
}
CASES = [(command, format) for command in COMMANDS for format in COMMANDS[command].formats]
every_format = pytest.mark.parametrize(("command", "format"), CASES)


def text(command: str, format: str, name: str) -> str:
    """Return a result as text; of a spreadsheet, what stands in its cells."""
    found = COMMANDS[command].write(format, name)
    if isinstance(found, str):
        return found
    from io import BytesIO

    from openpyxl import load_workbook

    book = load_workbook(BytesIO(found))
    rows = [row for sheet in book for row in sheet.iter_rows(values_only=True)]
    return "".join(f"{row}\n" for row in rows)


@every_format
def test_output_is_as_it_was(command: str, format: str) -> None:
    """The output equals its golden file; OVERWRITE=1 writes the file anew, to be looked at."""
    got = text(command, format, "CONV_1")
    path = GOLDENS / f"{command}.{format}"
    if os.environ.get("OVERWRITE"):
        path.write_text(got, encoding="utf-8", newline="")
    with path.open(encoding="utf-8", newline="") as file:
        assert got == file.read()


# Each would end a line, a cell, a tag, a group or a comment somewhere, or begin something.
HOSTILE = [
    "[b]x[/b]", "<script>alert(1)</script>", '"><img src=x onerror=y>', "a|b||c", "`x`", "``",
    "=1+1", "+1", "-1", "@A1", "\tx", "a\nb", "\r\n|===", "a\\", "\\input{x}", "\\\\", "$x$", "50%",
    "{}", "{x}", "~^&#_", "&lt;", "\x1b[31m", "\u202ex", "a\u0301", "名前", "\x00", "*", "**x**",
    "__x__", "[/]", ":x:", "</style>", "-->", "]]>", "<!--", "a::b", ". x", "----", "|===", "//",
    "((x))", "<<x>>", "a;b,c", '"', "'", "#x", "```", "---", "1. x", "> x", "\u2028", "\x85", "{=}",
    "pass:[<b>]", "include::x[]",
]  # fmt: skip


@every_format
def test_names_are_data(command: str, format: str) -> None:
    """Whatever things are called, there are as many lines, and no control sequence in them."""
    plain = text(command, format, "plain")
    lines, panels = len(plain.splitlines()), plain.count(r"\begin{tabular}")
    for name in HOSTILE:
        try:
            found = text(command, format, name)
        except CnncalcError:  # no file may hold it
            continue
        if found.count(r"\begin{tabular}") == panels:  # a long name breaks a page's table in two
            assert len(found.splitlines()) == lines, name
        assert not set("\x1b\x00\u202e\u2028\x85\r\t") & set(found), name


@every_format
def test_rows_keep_their_columns(command: str, format: str) -> None:
    """What is aligned to be read as text stays so with characters that are wide or take no room."""
    for name in ("名前", "e\u0301", "🙂"):
        lines = text(command, format, name).splitlines()
        for table, rows in groupby(lines, lambda line: line[:1] == "|"):
            ends = (
                {cell_len(row[: row.rindex("|")]) for row in rows if row != "|==="} if table else ()
            )
            assert len(ends) <= 1


@every_format
def test_a_terminal_decides_the_width_of_the_table_alone(
    command: str, format: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """COLUMNS changes what is made for a terminal, which then fits, and nothing else."""
    monkeypatch.delenv("COLUMNS", raising=False)
    anywhere = text(command, format, "CONV_1")
    for width in (60, 80, 120):
        monkeypatch.setenv("COLUMNS", str(width))
        found = text(command, format, "CONV_1")
        if format == "table":
            assert max(map(cell_len, found.splitlines())) <= width
        elif format not in printing.SHOWN:  # the equations of a text are not broken
            assert found == anywhere


@every_format
def test_each_ending_means_its_format(command: str, format: str) -> None:
    """The endings of a command's formats are all different."""
    for ending in COMMANDS[command].formats[format].endings:
        assert writers.format_of(f"A{ending.upper()}", COMMANDS[command].formats) == format


def test_every_format_is_made_without_rich() -> None:
    """Rich is for terminals: everything that is written, is written where there is none."""
    program = (
        "import sys; sys.modules['rich'] = None\n"
        f"sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
        "from test_formats import CASES, text\n"
        "for case in CASES: text(*case, 'CONV_1')"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
