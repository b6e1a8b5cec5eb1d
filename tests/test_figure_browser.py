"""Figures in a browser: labels measured in the fonts that are there, pages without an error.

Needs Chromium, as CNNCALC_CHROMIUM or on the path, and Python's playwright: CONTRIBUTING has the
command.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from support import report_of

import cnncalc
from cnncalc import figures
from cnncalc.format import shipped
from cnncalc.writers import write
from cnncalc.writers.figure import svg

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser
FONTS = ("Liberation Sans", "DejaVu Sans")
NAMES = [entry.name for entry in shipped.index()]
BATCH = 10  # networks on one page

# The texts that overlap, or leave their figure, each with the figure that it stands in. A line
# of text takes less than its box: rows of a table may touch.
CHECK = """() => [...document.querySelectorAll("svg")].flatMap(svg => {
  const view = svg.viewBox.baseVal, found = [];
  const boxes = [...svg.querySelectorAll("text")].map(text => {
    const {x, y, width, height} = text.getBBox();
    return {text, x, y: y + height * .15, right: x + width, bottom: y + height * .85};
  });
  for (const [i, one] of boxes.entries()) {
    if (one.x < 0 || one.y < 0 || one.right > view.width || one.bottom > view.height)
      found.push(`${svg.id}: ${one.text.textContent} leaves the figure`);
    for (const other of boxes.slice(i + 1))
      if (one.x < other.right && other.x < one.right && one.y < other.bottom
          && other.y < one.bottom)
        found.push(`${svg.id}: ${one.text.textContent} on ${other.text.textContent}`);
  }
  return found;
})"""


def chromium() -> str | None:
    """Return the path of a Chromium, if there is one."""
    given = os.environ.get("CNNCALC_CHROMIUM")
    return given or shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    """Return a page that notes errors and requests."""
    api = pytest.importorskip("playwright.sync_api")
    path = chromium()
    if path is None:
        pytest.skip("no Chromium")
    with api.sync_playwright() as driver:
        sandbox = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
        browser = driver.chromium.launch(executable_path=path, args=sandbox)
        yield browser.new_page()
        browser.close()


def problems(page: Page, content: str) -> list[str]:
    """Return what a page says in the console, what fails in it, and what it asks the network."""
    found: list[str] = []

    def console(message: Any) -> None:
        found.append(message.text)

    def request(asked: Any) -> None:
        if not asked.url.startswith(("about:", "data:")):
            found.append(asked.url)

    page.on("console", console)
    page.on("request", request)
    page.on("pageerror", lambda error: found.append(str(error)))
    page.set_content(content)
    page.remove_listener("console", console)
    page.remove_listener("request", request)
    return found


def drawings(name: str, font: str) -> Iterator[str]:
    """Yield a network's figures, in a font."""
    report = report_of(name)
    for figure in figures.FIGURES:
        if figure != "volumes" or figures.chain(report):
            drawn = cnncalc.draw(name, figure)
            yield drawn.replace("<svg", f'<svg id="{name}-{figure}"', 1).replace(svg.FAMILY, font)


@pytest.mark.parametrize("font", FONTS)
@pytest.mark.parametrize("first", range(0, len(NAMES), BATCH))
def test_no_label_overlaps_or_leaves_its_figure(first: int, font: str, page: Page) -> None:
    """In both fonts that are usual where none of the wished ones is."""
    content = "".join(
        drawing for name in NAMES[first : first + BATCH] for drawing in drawings(name, font)
    )
    assert not problems(page, content)
    if not page.evaluate("font => document.fonts.check(`12px '${font}'`)", font):
        pytest.skip(f"{font} is not there")
    assert page.evaluate(CHECK) == []


def test_other_figures_have_their_labels_in_place(page: Page) -> None:
    """Blocks, all levels, wrapped rows, two networks."""
    found = [
        cnncalc.draw("googlenet", block="3a"),
        cnncalc.draw("unet", depth=None),
        cnncalc.draw("resnet50", depth=None),
        cnncalc.draw("googlenet", depth=None),
        cnncalc.draw("googlenet_training", training=True, depth=2),
        cnncalc.draw("resnet50", depth=None),
        cnncalc.draw("vgg16", width=900, labels="full"),
        cnncalc.draw("vgg16", runs=True),
        cnncalc.draw("yolov3", against="fcn8s"),
    ]
    assert not problems(page, "".join(found))
    assert page.evaluate(CHECK) == []


def test_the_page_of_a_network_is_quiet_and_linked(page: Page) -> None:
    """No error, no request; a click on a box goes to its row, and on a name to its box."""
    content = write(cnncalc.analyze("alexnet"), "html")
    assert not problems(page, content)
    page.click("svg a:nth-of-type(2) text >> nth=0")
    assert "CONV1" in page.inner_text("tr:target")
    page.click("tr:target a")
    assert "CONV1" in (page.text_content("a:target title") or "")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.tagName.toLowerCase()") == "a"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_dark_page_has_dark_colours(scheme: Any, page: Page) -> None:
    """The same file is light or dark, as the page around it is."""
    page.emulate_media(color_scheme=scheme)
    page.set_content(cnncalc.draw("alexnet"))
    fill = page.eval_on_selector("polygon.convolution-front", "e => getComputedStyle(e).fill")
    expected = {"light": "rgb(207, 224, 245)", "dark": "rgb(28, 66, 114)"}
    assert fill == expected[scheme]
    page.emulate_media(color_scheme="light")


def test_two_figures_on_one_page_keep_their_ids_apart(page: Page) -> None:
    """Every id is there once, though three figures stand on a page."""
    page.set_content(write(cnncalc.analyze("resnet50"), "html"))
    ids = page.eval_on_selector_all("[id]", "all => all.map(one => one.id)")
    assert len(ids) == len(set(ids)) > 20
