"""Keys: every command takes them, their rules are not lost, and they mix no conventions."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from test_homework_marking import LENET, one

from cnncalc import api
from cnncalc.cli import main
from cnncalc.homework.verdicts import Verdict

KEY = """\
input: 32x32x3
layers: [{type: conv, name: C1, filters: 8, kernel: 5}, {type: fc, name: F2, units: 10}]
expect: {layers: {C1: {output: 28x28x8, parameters: 608}, F2: {parameters: 62730}}}
marking: {points: {parameters: 2}}
"""
NAMED = "network: lenet\nmarking: {points: {parameters: 2}}\n"
COMMANDS = [
    ("analyze", "KEY"),
    ("verify", "KEY"),
    ("worksheet", "KEY"),
    ("explain", "KEY"),
    ("draw", "KEY"),
    ("solve", "KEY"),
    ("diff", "KEY", "lenet"),
    ("reconcile", "KEY", "63338"),
    ("check", "--key", "KEY"),
]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder to work in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str) -> Result:
    """Return what a command line gives."""
    return CliRunner().invoke(main, arguments)


@pytest.mark.parametrize("arguments", COMMANDS, ids=lambda a: a[0])
def test_every_command_takes_a_key(folder: Path, arguments: tuple[str, ...]) -> None:
    """With rules and without a name, described or named; a network without a name, too."""
    (folder / "mine.yaml").write_text(KEY)
    (folder / "named.yaml").write_text(NAMED)
    files = ["mine.yaml", *["named.yaml"] * (arguments[0] not in ("check",))]
    for file in files:
        result = run(*(file if word == "KEY" else word for word in arguments))
        assert result.exit_code in (0, 1), result.output
        assert "Traceback" not in result.output
    if arguments[0] == "analyze":
        assert run("analyze", "mine.yaml").stdout.startswith("mine ")
        assert run("analyze", "named.yaml").stdout == run("analyze", "lenet").stdout


WRONG = {
    "a key that describes a network": KEY.replace("marking", "markin"),
    "a key that names one": NAMED.replace("marking", "markin"),
    "one in other letters": NAMED.replace("marking", "Marking"),
    "answers alone": "CONV1: {parameters: 456}\nmarkng: {points: {parameters: 2}}\n",
}


@pytest.mark.parametrize("text", WRONG.values(), ids=list(WRONG))
@pytest.mark.parametrize("arguments", [("check", "s.csv", "--key", "k.yaml"), ("analyze", "k.yaml"),
                                       ("worksheet", "k.yaml")], ids=lambda a: a[0])  # fmt: skip
def test_misspelt_rules_are_refused(folder: Path, text: str, arguments: tuple[str, ...]) -> None:
    """In every kind of key, by every command: they would be lost without a word."""
    (folder / "k.yaml").write_text(text)
    (folder / "s.csv").write_text("layer,parameters\nC1,608\n")
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Did you mean 'marking'?" in result.stderr


def test_misspelt_rules_before_a_table_are_refused(folder: Path) -> None:
    """The rules of a Markdown sheet, too."""
    front = "---\nnetwork: lenet\nmakring: {}\n---\n| layer | params |\n|---|---|\n| CONV1 | 1 |\n"
    (folder / "s.md").write_text(front)
    assert "Did you mean 'marking'?" in run("check", "s.md").stderr


@pytest.mark.parametrize(
    ("numbers", "mixed"),
    [
        (("608", "62730"), ""),
        (("600", "62720"), ""),  # both are weights alone: another convention, one of them
        (("608", "62720"), "weights and biases in C1 parameters; weights alone in F2 parameters"),
        (("28x28x8", "62730"), ""),
    ],
)
def test_a_key_that_mixes_conventions_is_refused(
    folder: Path, numbers: tuple[str, str], mixed: str
) -> None:
    """Each number can be reproduced, but not all of them under one convention."""
    first, second = numbers
    column = "output" if "x" in first else "parameters"
    text = KEY.replace("output: 28x28x8, parameters: 608", f"{column}: {first}")
    (folder / "k.yaml").write_text(text.replace("62730", second))
    result = run("check", "--key", "k.yaml")
    said = " ".join(result.stdout.split())
    assert result.exit_code == (1 if mixed else 0), said
    assert ("The key mixes conventions" in said) is bool(mixed)
    assert mixed in said


def test_orders_of_volumes_are_mixed_too(folder: Path) -> None:
    """One volume with its channels first, one with them last."""
    text = KEY.replace("parameters: 608}", "}").replace("F2: {parameters: 62730}", "F2: {}")
    layers = text.replace("{type: fc", "{type: max_pool, name: P, kernel: 2}, {type: fc")
    (folder / "k.yaml").write_text(layers.replace("F2: {}", "P: {output: 8x14x14}"))
    assert "The key mixes conventions" in run("check", "--key", "k.yaml").stdout


def test_shipped_networks_mix_nothing() -> None:
    """Their own figures follow one convention each."""
    for name in ("alexnet", "vgg16", "resnet50", "mobilenet_v2"):
        assert not api.check(None, name).mixed, name


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("28x28", Verdict.CORRECT),
        ("28", Verdict.CORRECT),
        ("28x28x6", Verdict.CORRECT),
        ("28x28x3", Verdict.WRONG),
        ("28x28x16", Verdict.WRONG),
        ("27x27x6", Verdict.WRONG),
        ("6x28x28", Verdict.CONVENTION),
    ],
)
def test_a_size_is_compared_as_it_stands(text: str, verdict: Verdict) -> None:
    """A whole volume under a head for sizes is compared with its depth."""
    assert one("CONV1", "spatial size", text, LENET).verdict == verdict
