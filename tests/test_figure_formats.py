"""Figures in their formats: colours and themes, TikZ that compiles, graphs for other tools."""

from __future__ import annotations

import itertools
import math
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result
from support import report_of

import cnncalc
from cnncalc.cli import main
from cnncalc.writers import figure as writer
from cnncalc.writers.figure import tikz
from cnncalc.writers.figure.palette import STYLES, Ink

SVG = "{http://www.w3.org/2000/svg}"


def draw(*arguments: str) -> Result:
    """Return the result of a draw command."""
    return CliRunner().invoke(main, ["draw", *arguments])


# --- SVG ----------------------------------------------------------------------------------


def test_a_document_says_what_it_shows() -> None:
    """Title, description, and for each box its own; each box can be reached by the keyboard."""
    root = ElementTree.fromstring(cnncalc.draw("alexnet"))
    assert root.attrib["role"] == "img"
    assert (root.findtext(f"{SVG}desc") or "").startswith("AlexNet: INPUT 227×227×3, then CONV1")
    groups = root.findall(f"{SVG}g")
    assert len(groups) == 12
    assert all(group.attrib["tabindex"] == "0" for group in groups)
    assert groups[1].findtext(f"{SVG}title") == (
        "CONV1: 96 11x11 filters at stride 4, pad 0. 55×55×96. 34,944 parameters. "
        "105,415,200 multiply-accumulates. Then ReLU."
    )


def test_a_notebook_shows_the_drawing() -> None:
    """What is returned is text, and says what it is to a notebook."""
    drawn = cnncalc.draw("lenet")
    assert drawn._repr_svg_() == drawn  # type: ignore[attr-defined]
    assert not hasattr(cnncalc.draw("lenet", format="tikz"), "_repr_svg_")


def test_themes() -> None:
    """Auto has dark colours for dark pages and no page of its own; the others have one."""
    auto, light, dark = (cnncalc.draw("lenet", theme=theme) for theme in writer.THEMES)
    assert "@media (prefers-color-scheme: dark)" in auto
    assert "<rect" not in auto
    for theme, ink in ((light, STYLES["page"].fill), (dark, STYLES["page"].fill)):
        assert ink is not None
        assert "<style>" not in theme
        assert f'fill="#{ink.light if theme is light else ink.dark}"' in theme
    assert "script" not in auto
    assert "http" not in auto.replace("http://www.w3.org/2000/svg", "")


def linear(color: str) -> list[float]:
    """Return the linear parts of a colour: red, green and blue."""
    parts = [int(color[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    return [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]


def times(matrix: Sequence[Sequence[float]], vector: Sequence[float]) -> list[float]:
    """Return a matrix times a vector."""
    return [sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix]


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours.

    Source: Web Content Accessibility Guidelines 2.2, relative luminance and contrast ratio.
    """
    weights = [(0.2126, 0.7152, 0.0722)]
    low, high = sorted(times(weights, linear(color))[0] for color in (one, other))
    return (high + 0.05) / (low + 0.05)


# How each kind of colour blindness sees linear colours. Source: Machado et al. 2009, severity 1.
SEEN = {
    "all": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
D65 = (0.95047, 1, 1.08883)
XYZ = (
    (0.4124564, 0.3575761, 0.1804375),
    (0.2126729, 0.7151522, 0.0721750),
    (0.0193339, 0.1191920, 0.9503041),
)


def lab(rgb: Sequence[float]) -> tuple[float, float, float]:
    """Return a linear colour in CIE 1976 L*a*b*, under D65."""
    whole = [part / white for part, white in zip(times(XYZ, rgb), D65, strict=True)]
    x, y, z = (v ** (1 / 3) if v > 216 / 24389 else (24389 / 27 * v + 16) / 116 for v in whole)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


@pytest.mark.parametrize("sight", SEEN)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_kinds_can_be_told_apart_with_every_sight(theme: str, sight: str) -> None:
    """The lines of two kinds of boxes are at least 13.5 apart (CIE76)."""
    colors = [getattr(ink(f"{kind}-box", "stroke"), theme) for kind in KINDS]
    seen = [[min(1, max(0, c)) for c in times(SEEN[sight], linear(color))] for color in colors]
    for one, other in itertools.combinations(map(lab, seen), 2):
        assert math.dist(one, other) >= 13.5


def ink(style: str, part: str = "fill") -> Ink:
    """Return a colour of a style."""
    found = getattr(STYLES[style], part)
    assert isinstance(found, Ink)
    return found


KINDS = ("input", "convolution", "pooling", "dense", "other")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_colours_can_be_told_apart_and_read(theme: str) -> None:
    """Lines from the page, and text from the page and from the boxes that it stands in."""
    page = getattr(ink("page"), theme)
    for kind in KINDS:
        line, front = (getattr(ink(f"{kind}-box", part), theme) for part in ("stroke", "fill"))
        assert contrast(line, page) >= (3.3 if theme == "light" else 5.5)
        assert contrast(getattr(ink("name"), theme), front) >= (11.8 if theme == "light" else 7)
        assert contrast(getattr(ink("detail"), theme), front) >= (6.9 if theme == "light" else 5.2)
    for style in ("title", "name", "label", "note"):
        assert contrast(getattr(ink(style), theme), page) >= 4.5


# --- TikZ ---------------------------------------------------------------------------------

PICTURES = {
    "alexnet": ["alexnet"],
    "inception": ["googlenet", "--block", "3a"],
    "where": ["alexnet", "--figure", "where"],
    "field": ["resnet50", "--figure", "field", "--theme", "dark"],
    "unet": ["unet", "--depth", "all"],
    "two": ["vgg16", "vgg19"],
}


def test_tikz_is_a_picture_with_its_colours_before_it() -> None:
    """It is made to be put into a document, and has no document of its own unless asked for."""
    text = cnncalc.draw("alexnet", format="tikz")
    colors, _, picture = text.partition("\\begin{tikzpicture}")
    assert set(re.findall(r"^\\(\w+)", colors, re.M)) == {"definecolor"}
    assert picture.endswith("\\end{tikzpicture}%\n")
    assert r"227$\times$227$\times$3" in picture
    assert "\\documentclass" in cnncalc.draw("alexnet", format="tikz", standalone=True)


def test_a_comment_is_one_line() -> None:
    """A name cannot leave the comment that it stands in."""
    assert "\n" not in tikz.comment("a\nb\r\x85\u2028c")


@pytest.mark.latex
@pytest.mark.parametrize("case", PICTURES)
def test_tikz_compiles(case: str, tmp_path: Path) -> None:
    """A document with a figure, and nothing else, compiles without an error."""
    latex = shutil.which("pdflatex")
    if latex is None:
        pytest.skip("no pdflatex")
    path = tmp_path / "figure.tex"
    assert not draw(*PICTURES[case], "--standalone", "-o", str(path)).exit_code
    command = [latex, "-interaction=nonstopmode", "-halt-on-error", path.name]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:]
    assert b"Overfull" not in done.stdout
    assert b"Output written on figure.pdf (1 page" in done.stdout


# --- graphs for other tools ----------------------------------------------------------------


@pytest.mark.parametrize("format", writer.OF_NODES)
def test_graphs_have_every_box_and_every_edge(format: str) -> None:
    """As many as the graph figure has; each volume's size once."""
    nodes = len(re.findall(r"<g ", cnncalc.draw("googlenet", block="3a")))
    text = str(cnncalc.draw("googlenet", block="3a", format=format))
    assert len(re.findall(r"-+>", text)) == 11
    assert len(set(re.findall(r"\bn\d+\b", text))) == nodes == 9
    assert text.count("28×28×192") == 2  # what enters, and what the pool makes of it


@pytest.mark.parametrize("format", writer.OF_NODES)
def test_other_figures_are_no_graphs(format: str) -> None:
    """A chain's graph is written though its figure is its volumes; bars are refused."""
    assert not draw("alexnet", "--format", format).exit_code
    result = draw("alexnet", "--figure", "where", "--format", format)
    assert result.exit_code == 2
    assert f"{format} holds the graph alone" in result.stderr


# --- PNG ----------------------------------------------------------------------------------


def test_png_needs_its_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it the command ends with 2 and one sentence, and writes nothing."""
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    result = draw("alexnet", "-o", str(tmp_path / "x.png"))
    assert result.exit_code == 2
    assert result.stderr == (
        "cnncalc: cnncalc draw writes .svg and .tex by itself; for .png: pip install cnncalc[png]\n"
    )
    assert not list(tmp_path.iterdir())


def test_png_is_twice_as_large_as_the_figure(tmp_path: Path) -> None:
    """With the extra it is an image, of the figure's proportions."""
    pytest.importorskip("resvg_py")
    assert not draw("lenet", "-o", str(tmp_path / "x.png")).exit_code
    data = (tmp_path / "x.png").read_bytes()
    width, height = (int.from_bytes(data[at : at + 4], "big") for at in (16, 20))
    drawn = writer.scene(report_of("lenet"), writer.Options())
    assert abs(width - 2 * drawn.width) <= 2
    assert abs(height - 2 * drawn.height) <= 2


# --- the command ---------------------------------------------------------------------------


def test_a_network_that_cannot_be_read_is_refused_as_by_analyze(tmp_path: Path) -> None:
    """The same lines on standard error."""
    path = tmp_path / "net.yaml"
    path.write_text("name: n\ninput: 5x5x3\nlayers: [{type: conv, kernal: 3}]")
    for name in (str(path), "alexnt"):
        drawn, analyzed = (CliRunner().invoke(main, [c, name]) for c in ("draw", "analyze"))
        assert drawn.exit_code == analyzed.exit_code == 2
        assert drawn.stderr == analyzed.stderr != ""


def test_unknown_names_of_figures_and_themes_get_suggestions() -> None:
    """With those that there are."""
    for option, name, meant in (("figure", "volume", "volumes"), ("theme", "drak", "dark")):
        result = draw("alexnet", f"--{option}", name)
        assert result.exit_code == 2
        assert f"unknown {option} '{name}'. Did you mean '{meant}'?" in result.stderr
