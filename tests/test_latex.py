"""LaTeX fits on a page of the article class, with the packages that it names."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

import cnncalc
from cnncalc.writers.columns import COLUMNS
from cnncalc.writers.latex_layout import WIDTH, Layout
from cnncalc.writers.report import content

EVERY = ",".join(COLUMNS)
PACKAGES = re.compile(r"^% (\\usepackage\{\w+\})$", re.MULTILINE)


def compiled(text: str, folder: Path) -> str:
    """Return the log of an article with a text in it."""
    latex = shutil.which("pdflatex")
    if latex is None:
        pytest.skip("no pdflatex")
    needed = "".join(sorted(set(PACKAGES.findall(text))))
    page = f"\\documentclass{{article}}{needed}\\begin{{document}}\n{text}\\end{{document}}\n"
    (folder / "page.tex").write_text(page, encoding="utf-8")
    command = [latex, "-interaction=nonstopmode", "-halt-on-error", "page.tex"]
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:]
    return done.stdout.decode(errors="replace")


def unfit(log: str) -> list[str]:
    """Return the lines of a log that say that something is too large."""
    return [line for line in log.splitlines() if re.search("Overfull|too large", line)]


@pytest.mark.latex
def test_every_shipped_network_fits_on_a_page(tmp_path: Path) -> None:
    """No box of any table is too wide, and none is longer than its page."""
    tables = [cnncalc.analyze(entry.name).to("latex") for entry in cnncalc.networks()]
    assert not unfit(compiled("\\clearpage\n".join(tables), tmp_path))


@pytest.mark.latex
@pytest.mark.parametrize("name", ["alexnet", "yolov3", "densenet121", "c3d"])
def test_whatever_is_asked_for_fits(name: str, tmp_path: Path) -> None:
    """So do all layers, all columns, equations, differences and sheets."""
    report = cnncalc.analyze(name)
    texts = [
        report.to("latex", depth=None, all_layers=True),
        report.to("latex", columns=EVERY),
        cnncalc.diff("vgg16", name).to("latex"),
        cnncalc.worksheet(name, "output,parameters,weights,biases,working").to("latex"),
        cnncalc.explain(name).to("latex"),
    ]
    assert not unfit(compiled("\\clearpage\n".join(texts), tmp_path))


@pytest.mark.parametrize("columns", [None, "+receptive_field,step", EVERY])
def test_panels_are_no_wider_than_the_page(columns: str | None) -> None:
    """By the letters' widths. Columns asked for by name are all there, in panels with the name."""
    table = content(cnncalc.analyze("googlenet"), columns=columns).table()
    layout = Layout.of(table.heads, [[cell.text for cell in row.cells] for row in table.rows])
    for panel in layout.panels():
        widths = [
            panel.size.scale * layout.natural(i, panel.stacked) if cap is None else cap
            for i, cap in zip(panel.columns, panel.wrapped, strict=True)
        ]
        assert sum(widths) + panel.size.gap * (len(widths) - 1) <= WIDTH + 1
    assert layout.dropped == ([] if columns == EVERY else ["Weights", "Biases"])


def test_words_are_upright_with_their_spaces() -> None:
    """FLOPs and units are text in a formula, not products of letters."""
    text = cnncalc.explain("alexnet", "CONV1").to("latex")
    assert r"\text{FLOPs} &= H_{2} \cdot W_{2}" in text
    assert r"D_{2} \cdot 4\text{ bytes}" in text
    assert not re.search(r"(?<![a-z{\\])FLOPs", text.replace(r"\text{FLOPs}", ""))
