"""Texts with long runs of one sign: every reader of text takes time in proportion to them.

Ten thousand of each sign stand in each place. That takes milliseconds; a reader that goes back
over them once for each takes many seconds, and so is far above the bound.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from functools import cache

import pytest

import cnncalc
from cnncalc import api, errors, readers, solving
from cnncalc.errors import CnncalcError
from cnncalc.homework.answers.documents import parse_document
from cnncalc.homework.key import Key
from cnncalc.homework.marking import mark
from cnncalc.model import diff
from cnncalc.volume import Volume

LONG, SECONDS = 10_000, 1.0  # of processor time
SIGNS = [
    *"([{)-|─=#*_`'\"<&,;:.\\/ \t\n0ax×%·",
    *("- ", "[x", "1,", "| ", "a ", "\n|", "(1", "1x", "a:"),
]


def network(format: str) -> Callable[[str], object]:
    """Return what reads a network in a format."""

    def read(text: str) -> object:
        tree = readers.parse(text, f"net.{format}", format)
        return cnncalc.Architecture.from_tree(tree.data, tree)

    return read


@cache
def key() -> Key:
    """Return the key of a small network."""
    return api.key(SMALL)


def answers(name: str) -> Callable[[str], object]:
    """Return what reads and marks answers in a file of a name."""

    def read(text: str) -> object:
        sheet = parse_document(text.encode(), name).sheet
        return sheet and mark(sheet, key())

    return read


SMALL = {
    "name": "Small",
    "input": "8x8x3",
    "layers": [{"type": "conv", "name": "CONV1", "kernel": 3, "filters": 2}],
}
# A reader, and the places in its text where the run stands.
READERS: dict[str, tuple[Callable[[str], object], list[str]]] = {
    "yaml": (network("yaml"), ["@", "a: @", "layers:\n  - @\n  - x", "a: |\n @"]),
    "json": (network("json"), ["@", '{"a": @}', '{"a": "@"}']),
    "markdown": (
        answers("a.md"),
        [
            "@",
            "| layer | output @ |\n|---|---|\n| CONV1 | 6x6x2 |\n",
            "| layer | output |\n|---|---|\n| CONV1 | @ |\n",
            "| layer | parameters |\n|---|---|\n| @ | 5*5 = 25 |\n",
            "---\n@\n---\n| layer | output |\n|---|---|\n| CONV1 | 1 |\n",
        ],
    ),
    "csv": (answers("a.csv"), ["@", "layer,output\nCONV1,@\n", "layer,out@\nCONV1,1\n"]),
    "lines": (
        answers("a.txt"),
        ["@", "[6x6x2] CONV1: @\n", "[6x6@] CONV1: 2 3x3 filters\n"],
    ),
    "standard input": (answers("<stdin>"), ["@\nCONV1 6x6x2\n"]),
    "mapping": (answers("a.yaml"), ["layers: {CONV1: {output: '@'}}", "total: {parameters: @}"]),
    "volume": (Volume.of, ["@", "8x8@", "@x3"]),
    "figure": (lambda text: api.reconcile(SMALL, text), ["@", "4.1@", "@G"]),
    "scalar": (readers.scalar, ["@", "1@"]),
    "limit": (diff.Limit.parse, ["@", "macs>@", "@>1"]),
    "range": (lambda text: solving.extents("stride", text), ["@", "1..@"]),
    "suggestion": (lambda text: errors.nearest(text, ["kernel", "filters"]), ["@", "ker@"]),
    "columns": (lambda text: api.analyze(SMALL).to("csv", columns=text), ["@", "macs,@", "+@"]),
    "name": (api.load, ["@", "@.yaml"]),
    "layer": (lambda text: api.explain(SMALL, text), ["@", "CONV1@"]),
    "memory": (lambda text: api.verify(SMALL, limit_memory=text), ["@", "1@"]),
    "topics": (lambda text: api.quiz(1, topics=text, count=1), ["@", "shapes,@"]),
}


@pytest.mark.parametrize("name", READERS)
def test_no_reader_goes_back_over_what_it_read(name: str) -> None:
    """Whatever the sign is, and wherever the run stands in the text."""
    read, places = READERS[name]
    for sign in SIGNS:
        run = sign * (LONG // len(sign))
        for place in places:
            start = time.process_time()
            with suppress(CnncalcError):
                read(place.replace("@", run))
            assert time.process_time() - start < SECONDS, (sign, place)


def test_suggestions_do_not_multiply() -> None:
    """Hundreds of unknown names among thousands of known ones: each is compared with few."""
    known = [f"parameter_{i}" for i in range(5_000)]
    start = time.process_time()
    found = [errors.nearest(f"paramter_{i}", known) for i in range(100)]
    assert time.process_time() - start < 3 * SECONDS
    assert found[77][0] == "parameter_77"


def test_a_network_that_is_too_large_is_refused_before_it_is_built() -> None:
    """A million layers, or copies of nothing, are counted by their repeats, not one by one."""
    layers = [{"repeat": 1000, "layers": [{"repeat": 1001, "layers": ["relu"]}]}]
    with pytest.raises(CnncalcError, match="more than 1,000,000 layers: 1,001,000 up to here"):
        api.analyze({"name": "n", "input": "8x8x3", "layers": layers}, max_layers=10**6)
    empty = [{"repeat": 9999, "layers": [{"type": "relu", "when": False, "repeat": 999}]}]
    with pytest.raises(CnncalcError, match="1,000,000 copies up to here"):
        api.analyze({"name": "n", "input": "8x8x3", "layers": ["relu", *empty]})
