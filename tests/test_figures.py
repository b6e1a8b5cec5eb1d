"""Figures: what is drawn of a network, to which scale, and that labels keep to their places."""

from __future__ import annotations

from xml.etree import ElementTree

import cnncalc
from cnncalc import figures
from cnncalc.figures.scene import Disc, Group, Polygon, Scene, Text
from cnncalc.writers import figure as writer

SVG = "{http://www.w3.org/2000/svg}"


def scene(network: object, **options: object) -> Scene:
    """Return a figure of a network as shapes."""
    return writer.scene(cnncalc.analyze(network), writer.Options(**options))  # type: ignore[arg-type]


def count(drawn: Scene, kind: type, style: str) -> int:
    """Return how many shapes have a style."""
    return sum(type(x) is kind and getattr(x, "style", "").endswith(style) for x in drawn.walk())


def boxes(drawn: Scene) -> list[Group]:
    """Return the boxes with their labels."""
    return [shape for shape in drawn.shapes if isinstance(shape, Group)]


def labels(drawn: Scene, style: str) -> list[str]:
    """Return the texts of a style, in their order."""
    return [x.text for x in drawn.walk() if isinstance(x, Text) and x.style == style]


def test_alexnet_has_its_boxes_windows_and_units() -> None:
    """Five convolutions read all channels, three pools one; three layers are bars."""
    drawn = scene("alexnet")
    assert len(boxes(drawn)) == 12
    assert [count(drawn, Polygon, style) for style in ("window", "strip")] == [8, 5]
    assert count(drawn, Disc, "dot") == 8
    assert count(drawn, Polygon, "dense-front") == 3
    expected = "227×227×3 55×55×96 27×27×96 27×27×256 13×13×256 13×13×384 13×13×384 13×13×256"
    assert labels(drawn, "label") == [*expected.split(), "6×6×256", "4096", "4096", "1000"]


def test_lenet_and_vgg_have_their_boxes_and_units() -> None:
    """A box for every volume, a unit for every window."""
    for name, expected in {"lenet": (8, 4), "vgg16": (22, 18)}.items():
        drawn = scene(name)
        assert (len(boxes(drawn)), count(drawn, Disc, "dot")) == expected


def test_svg_of_a_chain_is_xml_and_the_same_twice() -> None:
    """The default of a chain is its volumes, as a document of its own."""
    drawn = cnncalc.draw("alexnet")
    assert drawn == cnncalc.draw("alexnet", "volumes")
    root = ElementTree.fromstring(drawn)
    assert root.tag == f"{SVG}svg"
    assert root.findtext(f"{SVG}title") == "AlexNet"


def test_every_figure_has_a_name() -> None:
    """The usual figure of a network is one of the table."""
    assert figures.usual(cnncalc.analyze("alexnet")) in figures.FIGURES
