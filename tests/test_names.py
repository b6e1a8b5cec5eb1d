"""Names that are printed are names that `explain` takes."""

from __future__ import annotations

import re

import pytest
from support import evaluate, report_of

import cnncalc
from cnncalc.errors import UnknownNameError
from cnncalc.explanation.records import Block
from cnncalc.format import shipped
from cnncalc.model.names import Names, find
from cnncalc.model.report import Report
from cnncalc.writers import Options, table_lines
from cnncalc.writers.diff import differences
from cnncalc.writers.figure import folds

NETWORKS = list({entry.file: entry.name for entry in reversed(shipped.index())}.values())
COPIES = {
    "name": "copies",
    "input": "8x8x3",
    "blocks": {"pair": {"layers": ["relu", {"type": "conv", "kernel": 1, "filters": 3}]}},
    "layers": [
        {"type": "conv", "name": "a", "kernel": 1, "filters": 3, "repeat": 3},
        {"type": "pair", "repeat": 12},
        {"type": "pair", "table": {"name": ["up", "down"]}, "repeat": 2},
        {"type": "conv", "name": "Conv", "kernel": 1, "filters": 3},
        {"type": "conv", "name": "CONV", "kernel": 1, "filters": 3},
        {"type": "conv", "name": "a\tb…c 1", "kernel": 1, "filters": 3},
        {"type": "conv", "name": "a-1", "kernel": 1, "filters": 3},
    ],
}


def printed(report: Report) -> dict[str, range]:
    """Return every name that a table of any depth prints in full, with the rows that it is of."""
    found: dict[str, range] = {}
    for depth in (0, 1, 2, 3, None):
        for all_layers in (False, True):
            lines = table_lines.lines(report, Options(depth=depth, all_layers=all_layers)).shown
            found |= {line.name: range(line.first, line.last) for line in lines}
        found |= {line.name: range(line.first, line.last) for line in folds(report, depth)}
    return found


@pytest.mark.parametrize("network", [*NETWORKS, "copies"])
def test_every_printed_name_is_found(network: str) -> None:
    """Tables and figures of every depth: layers, blocks, folded copies, and the total."""
    report = cnncalc.analyze(COPIES) if network == "copies" else report_of(network)
    names = Names(report)
    for name, rows in printed(report).items():
        part = names.find(name)
        assert (part.first, part.last) == (rows.start, rows.stop), name
    assert names.find("TOTAL").last == len(report.layers)


@pytest.mark.parametrize("network", ["googlenet", "resnet50", "unet"])
def test_labels_mean_what_they_stand_at_or_several(network: str) -> None:
    """A label under a block's heading names that layer, or the layer is among those it may mean."""
    report = report_of(network)
    names = Names(report)
    lines = table_lines.lines(report, Options(depth=None)).shown
    for label, name in {(line.label, line.name) for line in lines}:
        alike = {path for path in names.parts if f".{path}".endswith(f".{label}")}
        if label in names.parts or len(alike) == 1:
            assert names.find(label).name in alike, label
        elif label:
            with pytest.raises(UnknownNameError, match=re.escape(f"'{name}'")):
                names.find(label)


def test_names_of_differences_are_found() -> None:
    """Blocks of either network, closed or alone in it."""
    diff = cnncalc.diff("resnet50", "resnet18")
    both = [Names(report) for report in (diff.first, diff.second)]
    for depth in (0, 1, None):
        for line in differences(diff, depth=depth):
            assert any(line.name in names.parts or names._copies(line.name) for names in both)


@pytest.mark.parametrize(
    ("network", "text", "name"),
    [
        ("alexnet", "POOL1", "MAX POOL1"),
        ("alexnet", "pool1", "MAX POOL1"),
        ("alexnet", "max_pool1", "MAX POOL1"),
        ("alexnet", "conv1", "CONV1"),
        ("alexnet", "input", "INPUT"),
        ("alexnet", "CONV1: 96 11x11 filters at stride 4, pad 0", "CONV1"),
        ("resnet50", "conv1", "conv1"),
        ("resnet50", "conv2_x ×3", "conv2_x"),
        ("resnet50", "conv2_x: 3 × bottleneck, width 64", "conv2_x"),
        ("resnet50", "CONV3_X.1-3", "conv3_x.1-3"),
        ("resnet50", "0.shortcut", None),
        ("resnet50", "conv2_x.1-3", None),
    ],
)
def test_readings_of_a_name(network: str, text: str, name: str | None) -> None:
    """Case, spaces, words of a name, and what is printed beside it."""
    if name is None:
        with pytest.raises(UnknownNameError):
            find(report_of(network), text)
    else:
        assert find(report_of(network), text).name == name


def test_where_no_name_is_near_the_layers_are_named() -> None:
    """Those of the usual table, or the first of them."""
    with pytest.raises(UnknownNameError, match=r"It has 'CONV1', 'POOL1', .* and 'OUTPUT'\."):
        find(report_of("lenet"), "xyzzy")


@pytest.mark.parametrize(
    ("text", "all_of_them"),
    [("conv", ["'Conv'", "'CONV'"]), ("0.relu", ["'pair1.0.relu'", "'up.0.relu'"])],
)
def test_an_ambiguous_name_is_refused_with_all_that_it_may_mean(
    text: str, all_of_them: list[str]
) -> None:
    """Nothing is explained by chance."""
    with pytest.raises(UnknownNameError) as caught:
        find(cnncalc.analyze(COPIES), text)
    assert caught.value.problems[0].code == "ambiguous_layer"
    assert all(name in str(caught.value) for name in all_of_them)


@pytest.mark.parametrize("convention", ["mac", "full"])
@pytest.mark.parametrize("name", ["conv2_x", "conv3_x.1-3", "conv2_x.0", "conv1.relu", "TOTAL"])
def test_a_block_adds_up(name: str, convention: str) -> None:
    """The parts of a block add up to the sums over its rows."""
    report = cnncalc.analyze("resnet50", convention=convention, batch=2)
    (working,) = cnncalc.explain("resnet50", name, convention=convention, batch=2).layers
    part = find(report, name)
    rows = report.layers[part.first : part.last]
    results = {one.name: one.equations[-1].result for one in working.derivations}
    for derivation in working.derivations:
        for equation in derivation.equations:
            assert evaluate(equation.numbers) == equation.value, derivation.name
    assert results["parameters"] == sum(row.parameters for row in rows)
    assert results["FLOPs"] == sum(row.flops for row in rows)
    if isinstance(working.row, Block):
        assert results["memory"] == sum(row.activation_bytes for row in rows)
        assert working.row.output == rows[-1].output
        assert working.row.type == "block"


@pytest.mark.parametrize("format", ["text", "markdown", "latex", "json", "csv", "html"])
def test_a_block_is_explained_in_every_format(format: str) -> None:
    """Its parts and its sums."""
    explanation = cnncalc.explain("resnet50", "conv2_x")
    text = explanation.to(format)
    assert "conv2_x.1-2" in text.replace("\\", "")
    assert any(number in text for number in ("215808", "215,808", "215{,}808"))
    assert explanation["conv2_x"] is explanation.layers[0]
