"""The page of demonstrations in a browser: its numbers, its keys, its looks.

Needs Chromium and Python's playwright, as tests/test_figure_browser.py does.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from test_figure_browser import chromium, page

import cnncalc
from cnncalc.demos.drawn_numbers import computed, drawn, layer
from cnncalc.demos.records import Setting
from cnncalc.demos.shrinking import CONV
from cnncalc.errors import VolumeError
from cnncalc.layers.base import Window
from cnncalc.volume import Volume
from cnncalc.writers.demo import _setting

if TYPE_CHECKING:
    from playwright.sync_api import Page

__all__ = ["chromium", "page"]  # the fixture is used here, too
pytestmark = pytest.mark.browser
SETTINGS = 200
LAYERS = [
    ("alexnet", "CONV1"), ("alexnet", "MAX POOL1"), ("resnet18", "conv1"), ("wavenet", "stack"),
    ("mobilenet_v1", "layer.0"), ("lenet", "CONV1"),
]  # fmt: skip


def opened(page: Page, folder: Path, address: str = "", content: str | None = None) -> list[str]:
    """Open the page from a file, as a teacher would; return what is wrong with it."""
    found: list[str] = []
    file = folder / "demo.html"
    file.write_text(content or cnncalc.demo(), encoding="utf-8")
    page.on("console", lambda message: found.append(message.text))
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on("request", lambda asked: found.extend([asked.url] * (asked.url[:5] != "file:")))
    page.goto("about:blank")
    page.context.set_offline(True)
    page.goto(f"{file.as_uri()}{address}")
    return found


def settings() -> Iterator[Setting]:
    """Yield random settings that give an output."""
    source = random.Random(0)
    while True:
        kind = source.choice(["conv", "conv", "max", "avg"])
        axes = source.choice([1, 2])
        groups = source.choice([1, 1, 2, 3]) if kind == "conv" else 1
        windows = tuple(
            Window(
                source.randint(1, 4),
                source.randint(1, 3),
                source.randint(0, 2),
                source.randint(0, 2),
                source.choice([1, 1, 2, 3]) if kind != "avg" else 1,
            )
            for _ in range(axes)
        )
        channels = groups * source.randint(1, 2)
        setting = Setting(
            kind=kind,
            extents=tuple(source.randint(1, 9) for _ in range(axes)),
            channels=channels,
            filters=groups * source.randint(1, 2) if kind == "conv" else channels,
            groups=groups,
            windows=windows,
            ceil=source.random() < 0.3,
            counts_padding=source.random() < 0.5,
            bias=source.random() < 0.5,
            seed=source.randrange(10**5),
        )
        try:
            layer(setting).output(Volume(setting.extents, setting.channels))
        except VolumeError:
            continue
        yield setting


def test_random_settings_give_what_the_kernels_give(page: Page, tmp_path: Path) -> None:
    """The page's own arithmetic, and the numbers it draws, against the library's."""
    assert opened(page, tmp_path) == []
    some = [one for one, _ in zip(settings(), range(SETTINGS), strict=False)]
    found = page.evaluate(
        "all => all.map(s => { const d = drawn(s); return [output(s, d).flat(2), d.x.flat(2),"
        " d.w.flat(4), d.b]; })",
        [_setting(one) for one in some],
    )
    for setting, (output, x, weight, bias) in zip(some, found, strict=True):
        assert (x, weight, bias) == drawn(setting)
        assert output == pytest.approx(computed(setting), abs=1e-5), setting


def test_the_convolution_of_the_lecture(page: Page, tmp_path: Path) -> None:
    """Its formula, 56 parameters and 18 steps; keys step through them."""
    assert opened(page, tmp_path) == []
    assert page.inner_text("#conv .formula").startswith("W2 = (W − K + 2P)/S + 1 =")
    assert page.inner_text("#conv .formula").endswith(" = 3")
    assert "= 56" in page.inner_text("#conv .said")
    assert page.inner_text("#conv output") == "1 of 18"
    page.focus("#conv input[type=range]")
    for key in ["ArrowRight"] * 5 + ["ArrowLeft"] * 2:
        page.keyboard.press(key)
    assert page.inner_text("#conv output") == "4 of 18"
    assert "filter 1, row 2, column 1" in page.inner_text("#conv .sum")
    page.click("#conv .outputs td >> nth=17")
    assert page.inner_text("#conv output") == "18 of 18"
    assert page.locator("#conv td.under").count() == 27
    total = page.inner_text("#conv .sum strong").replace("−", "-")
    assert float(total) == computed(CONV)[17]


def test_the_pool_of_the_lecture(page: Page, tmp_path: Path) -> None:
    """6 8 / 3 4, and the working of the last of them."""
    assert opened(page, tmp_path, "#t=pool") == []
    page.focus("#pool input[type=range]")
    page.keyboard.press("End")
    assert page.locator("#pool .outputs td").all_inner_texts() == ["6", "8", "3", "4"]
    assert page.inner_text("#pool .sum").startswith("max(1, 0, 3, 4) = 4")
    page.select_option("#pool select >> nth=0", "avg")
    page.focus("#pool input[type=range]")
    page.keyboard.press("Home")
    assert page.inner_text("#pool .sum").startswith("(1 + 1 + 5 + 6)/4 = 13/4 = 3.25")


def test_a_move_of_the_eye(page: Page, tmp_path: Path) -> None:
    """One to the right: 43 responses change, 5 pooled ones, and the 16 stays in its window."""
    assert opened(page, tmp_path, "#t=eye") == []
    page.focus("#eye .pads button >> nth=3")
    page.keyboard.press("ArrowRight")
    said = page.inner_text("#eye .sum")
    assert "43 of 64 responses changed" in said
    assert "The pooled 16 stays at row 2, column 2" in said
    assert "5 of 16 pooled values changed" in said
    assert "tolerance, not invariance" in said
    page.keyboard.press("ArrowRight")
    assert "the move crossed a window's border" in page.inner_text("#eye .sum")
    page.select_option("#eye select", "8")
    assert "0 of 1 pooled values changed" in page.inner_text("#eye .sum")


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("#t=conv&K=7&P=0", "There is no place for the kernel: (5 − 7 + 2·0)/2 + 1"),
        ("#t=conv&G=2", "Groups must divide the channels and the filters"),
        ("#t=conv&K=x", "Kernel K is a whole number from 1 to 24"),
        ("#t=conv&W=1e9", "Width W is a whole number from 1 to 24."),
        ("#t=conv&K=<b>", "Kernel K is a whole number"),
        ("#t=pool&P=2", "The padding of a pool is narrower"),
    ],
)
def test_impossible_settings_say_why(page: Page, tmp_path: Path, address: str, said: str) -> None:
    """In a sentence, at the field; the last picture stays."""
    assert opened(page, tmp_path, address) == []
    panel = "#pool" if "pool" in address else "#conv"
    assert page.inner_text(f"{panel} .said").startswith(said)
    assert page.locator(f"{panel} [aria-invalid=true]").count() == 1
    assert page.locator(f"{panel} td.under").count() > 3


def test_settings_stand_in_the_address(page: Page, tmp_path: Path) -> None:
    """A link opens with them, and a change of a field changes it."""
    assert opened(page, tmp_path, "#t=conv&dims=1&W=9&D1=2&D2=2&K=3&S=2&P=0%2B1&D=2&G=2") == []
    assert "= 3.5 → 3, 1 column left over" in page.inner_text("#conv .formula")
    page.fill("#conv label:has-text('stride') input", "1")
    page.keyboard.press("Enter")
    assert "S=1" in page.evaluate("location.hash")
    assert page.inner_text("#conv .formula").endswith("= 6")


@pytest.mark.parametrize("tab", ["conv", "pool", "eye"])
@pytest.mark.parametrize("width", [390, 1400])
def test_nothing_is_wider_than_the_page(page: Page, tmp_path: Path, tab: str, width: int) -> None:
    """Also on a telephone, also with the settings open."""
    page.set_viewport_size({"width": width, "height": 800})
    assert opened(page, tmp_path, f"#t={tab}") == []
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.set_viewport_size({"width": 1280, "height": 720})


def test_tabs_are_tabs(page: Page, tmp_path: Path) -> None:
    """Arrow keys go from one to the next; one is reached by Tab, and its panel is shown."""
    assert opened(page, tmp_path) == []
    page.focus("[role=tab][aria-selected=true]")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.id") == "tab-pool"
    assert page.is_visible("#pool")
    assert not page.is_visible("#conv")
    assert page.locator("[role=tab][tabindex='0']").count() == 1


def test_playing_is_silent_for_screen_readers(page: Page, tmp_path: Path) -> None:
    """While it plays, the sum is not read out; space starts it and stops it."""
    assert opened(page, tmp_path) == []
    page.focus("#conv input[type=range]")
    page.keyboard.press(" ")
    assert page.get_attribute("#conv .sum", "aria-live") == "off"
    page.keyboard.press(" ")
    assert page.get_attribute("#conv .sum", "aria-live") == "polite"


@pytest.mark.parametrize("name", LAYERS, ids=" ".join)
def test_the_page_of_a_layer_agrees_with_the_kernels(
    page: Page, tmp_path: Path, name: tuple[str, str]
) -> None:
    """The page compares its first output with the library's, and says if it differs."""
    network, path = name
    assert opened(page, tmp_path, content=cnncalc.demo(network, path)) == []


def test_a_hostile_name_runs_nothing(page: Page, tmp_path: Path) -> None:
    """It is shown as it is."""
    name = "</script><img src=x onerror=alert(1)>"
    network: dict[str, Any] = {"name": name, "input": "9x9x1", "layers": [
        {"type": "conv", "name": "c", "filters": 1, "kernel": 3}]}  # fmt: skip
    assert opened(page, tmp_path, content=cnncalc.demo(network, "c")) == []
    assert name in page.inner_text("header")
    assert page.locator("img").count() == 0


def test_a_print_has_the_picture_and_the_sum_alone(page: Page, tmp_path: Path) -> None:
    """Fields and buttons are for the screen."""
    assert opened(page, tmp_path) == []
    page.emulate_media(media="print")
    for hidden in (".settings", "[role=tablist]", "#conv .steps button", "footer"):
        assert not page.locator(hidden).first.is_visible()
    for shown in ("#conv .formula", "#conv td.under", "#conv .sum"):
        assert page.locator(shown).first.is_visible()
    page.emulate_media(media="screen")
