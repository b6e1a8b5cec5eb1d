"""The working of layers: every line comes to what it states, in every format."""

from __future__ import annotations

import json
from fractions import Fraction

import pytest
from click.testing import CliRunner
from support import evaluate

import cnncalc
from cnncalc.cli import main
from cnncalc.errors import UnknownNameError
from cnncalc.explanation.working import explain
from cnncalc.model.row import Row


@pytest.mark.parametrize("convention", ["mac", "2mac", "full"])
@pytest.mark.parametrize("network", ["alexnet", "lenet5", "c3d", "unet"])
def test_every_line_comes_to_its_value(network: str, convention: str) -> None:
    """Evaluated as arithmetic; and the results are the report's numbers."""
    report = cnncalc.analyze(network, convention=convention, batch=2)
    for working in explain(report).layers:
        row = working.row
        assert isinstance(row, Row)
        results: dict[str, int | Fraction] = {}
        for derivation in working.derivations:
            for equation in derivation.equations:
                assert evaluate(equation.numbers) == equation.value, (row.name, equation)
                results[derivation.name] = equation.result
        assert results["FLOPs"] == row.flops
        for name in ("weights", "biases", "other"):
            assert results.get(name, 0) == getattr(row, name)
        if "parameters" in results:
            assert results["parameters"] == row.parameters
        assert results["memory"] == row.output.size * 2 * 4
        extents = [equation.result for equation in working.derivations[0].equations]
        assert sorted(extents) == sorted(row.output.shape)


def test_receptive_fields_come_out() -> None:
    """r2 and j2 are the report's size and step."""
    report = cnncalc.analyze("vgg16")
    for working in explain(report).layers:
        assert isinstance(working.row, Row)
        field = working.row.receptive_field
        for derivation in working.derivations:
            if derivation.name == "receptive field":
                size, step = derivation.equations
                assert field.size is not None
                assert size.result == field.size[-1]
                assert field.step is not None
                assert step.result == field.step[-1]


def test_the_board() -> None:
    """The lecture's first layer, as a lecturer writes it."""
    result = CliRunner().invoke(main, ["explain", "alexnet", "CONV1"])
    assert result.exit_code == 0
    text = result.output
    assert text.startswith("AlexNet / CONV1: 96 11x11 filters at stride 4, pad 0\n")
    for line in (
        "volume          W2 = (W1 - K + 2P)/S + 1",
        "                   = (227 - 11 + 2·0)/4 + 1",
        "                H2 = 55   in the same way",
        "                   = 34,848 + 96",
        "                   = 105,415,200   multiply-accumulates (mac)",
    ):
        assert line in text.splitlines()


def test_what_does_not_tile_is_shown_with_repairs() -> None:
    """What is left over, and other inputs, paddings, strides and filters."""
    arguments = ["explain", "alexnet", "CONV1", "--input", "224x224x3"]
    text = CliRunner().invoke(main, arguments).output
    assert "= 54.25   does not tile" in text
    assert "Filter 54 covers rows 212 to 222; row 223 is never read." in text
    assert "447 of the 50,176 input positions are never seen" in text
    assert "(224 - 11 + 1 + 2)/4 + 1" in text
    assert "No equal padding does: 213 + 2P is odd, never a multiple of 4." in text


def test_formats() -> None:
    """Markdown, LaTeX and JSON hold the same working; the whole network too."""
    markdown = (
        CliRunner().invoke(main, ["explain", "alexnet", "CONV1", "--format", "markdown"]).output
    )
    assert "- **weights** = K·K·D1·D2 = 11·11·3·96 = **34,848**" in markdown
    latex = CliRunner().invoke(main, ["explain", "alexnet", "CONV1", "--format", "latex"]).output
    assert r"11 \cdot 11 \cdot 3 \cdot 96 = 34{,}848" in latex
    document = json.loads(
        CliRunner().invoke(main, ["explain", "alexnet", "--format", "json"]).output
    )
    assert [layer["name"] for layer in document["layers"]][:2] == ["CONV1", "MAX POOL1"]
    topics = {topic["topic"]: topic["lines"] for topic in document["layers"][0]["topics"]}
    assert topics["FLOPs"][0]["value"] == 105_415_200


def test_an_unknown_layer_is_suggested() -> None:
    """Exit code 2, with the nearest name."""
    with pytest.raises(UnknownNameError, match="Did you mean 'CONV1'"):
        cnncalc.explain("alexnet", "CONV11")
    assert CliRunner().invoke(main, ["explain", "alexnet", "nothing"]).exit_code == 2
