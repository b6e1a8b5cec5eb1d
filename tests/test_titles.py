"""The titles of networks: which variant was taken, in every format for people."""

from __future__ import annotations

import pytest
from support import report_of

import cnncalc
from cnncalc.format import shipped

# Files with variants that need none: every parameter has a value.
FAMILIES = sorted(
    family
    for family in {entry.file.removesuffix(".yaml") for entry in shipped.index() if entry.variant}
    - {entry.name for entry in shipped.index()}
    if None not in cnncalc.load(family).parameters.values()
)


@pytest.mark.parametrize("family", FAMILIES)
def test_what_a_file_is_without_a_variant_has_the_numbers_of_the_index(family: str) -> None:
    """The variant in the title is the one whose input, parameters and MACs are these."""
    report = report_of(family)
    numbers = (str(report.input), report.parameters, report.macs)
    same = [
        entry.name
        for entry in shipped.index()
        if (entry.file, entry.input, entry.parameters, entry.macs) == (f"{family}.yaml", *numbers)
    ]
    assert report.variant is None
    assert report.variant_taken in same
    assert report.title.endswith(f", of {family}")


@pytest.mark.parametrize("format", ["table", "markdown", "latex", "html", "asciidoc"])
def test_the_title_of_every_format_says_which_variant_was_taken(format: str) -> None:
    """`vgg` is VGG-16."""
    text = report_of("vgg").to(format)
    assert "VGG-16, of vgg" in text
    assert "VGG-16, of vgg" in cnncalc.worksheet("vgg").to(
        "markdown" if format == "table" else format
    )


def test_documents_keep_name_and_variant_and_have_the_title() -> None:
    """JSON of a report, of a working, of differences, of sizes."""
    document = report_of("vgg").to_dict()
    assert (document["name"], document["variant"]) == ("VGG", None)
    assert document["title"] == "VGG-16, of vgg"
    assert cnncalc.explain("vgg19", "FC8").to_dict()["title"] == "VGG-19, of vgg"
    assert cnncalc.diff("vgg", "vgg19").to_dict()["first"]["title"] == "VGG-16, of vgg"
    assert cnncalc.solve("vgg").to_dict()["title"] == "VGG-16, of vgg"
    assert cnncalc.draw("vgg").count("VGG-16, of vgg") >= 1


def test_a_file_of_ones_own_has_titles_too() -> None:
    """A parameter that is set may make it another variant, or none."""
    network = {
        "name": "Mine",
        "input": "8x8x3",
        "parameters": {"width": 2, "depth": 1},
        "variants": {
            "broken": {"depth": "1 / (width - 2)"},
            "small": {"width": 1},
            "mine2": {},
        },
        "layers": [{"type": "conv", "kernel": 1, "filters": "width"}],
    }
    assert cnncalc.analyze(network).title == "Mine-2"
    assert cnncalc.analyze(network, variant="small").title == "Mine (small)"
    assert cnncalc.analyze(network, set={"width": 1}).title == "Mine (small)"
    assert cnncalc.analyze(network, set={"width": 7}).title == "Mine"
