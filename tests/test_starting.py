"""Files to start from, and several networks at once."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import cnncalc
from cnncalc.cli import main
from cnncalc.format import shipped
from cnncalc.writers import FORMATS

THREE = ("alexnet", "alxnet", "vgg16")


def run(*arguments: str) -> Result:
    """Return the result of a command line."""
    return CliRunner().invoke(main, arguments)


def test_show_prints_the_file() -> None:
    """As it is shipped; of a variant, a line says which it is."""
    text = (shipped.directory() / "vgg.yaml").read_text(encoding="utf-8")
    for name, note in (
        ("vgg", ""),
        ("vgg16", "vgg16 is a variant of this file: analyze it with --variant vgg16.\n"),
    ):
        result = run("show", name)
        assert (result.exit_code, result.stdout) == (0, text)
        assert result.stderr.removeprefix("cnncalc: ") == note
    assert cnncalc.show("vgg16") == text
    result = run("show", "alxnet")
    assert result.exit_code == 2
    assert "Did you mean 'alexnet'" in result.stderr


def test_what_is_new_is_accepted_by_every_command(tmp_path: Path) -> None:
    """It is analyzed, runs as claimed, and answers its own questions."""
    path = str(tmp_path / "net.yaml")
    assert run("new").stdout == cnncalc.new()
    assert run("new", "-o", path).exit_code == 0
    for line in ("analyze", "verify", "check --key", "worksheet", "solve"):
        result = run(*line.split(), path)
        assert (result.exit_code, result.stderr) == (0, ""), line
    assert all(len(line) <= 80 for line in cnncalc.new().splitlines())


@pytest.mark.parametrize("line", ["new", "show alexnet"])
def test_a_file_that_may_have_been_edited_stays(line: str, tmp_path: Path) -> None:
    """-o replaces it with --force alone."""
    path = tmp_path / "net.yaml"
    path.write_text("mine")
    result = run(*line.split(), "-o", str(path))
    assert result.exit_code == 2
    assert "this file is there already. --force replaces it." in result.stderr
    assert path.read_text() == "mine"
    assert run(*line.split(), "-o", str(path), "--force").exit_code == 0
    assert path.read_text(encoding="utf-8") == run(*line.split()).stdout


@pytest.mark.parametrize("format", FORMATS)
def test_each_of_several_networks_has_a_line(format: str) -> None:
    """One that fails says so on its line; the others are printed, and the exit code is 2."""
    result = run("analyze", *THREE, "--format", format)
    assert result.exit_code == 2
    assert result.stderr == ""
    assert "Did you mean" in result.stdout
    assert "138" in result.stdout
    assert run("analyze", "alexnet", "lenet", "--format", format).exit_code == 0


def test_lines_of_several_networks_hold_what_each_report_does() -> None:
    """In JSON and CSV; options are for all of them."""
    result = run("analyze", *THREE, "--format", "json", "--batch", "2", "--convention", "2mac")
    document = json.loads(result.stdout)
    first, failed, last = document["networks"]
    report = cnncalc.analyze("vgg16", batch=2, convention="2mac")
    for name in ("title", "variant", "parameters", "macs", "flops", "peak_bytes"):
        assert last[name] == getattr(report, name)
    assert last["input"] == [224, 224, 3]
    assert (first["error"], failed["parameters"]) == (None, None)
    assert failed["error"].startswith("no architecture 'alxnet'.")
    rows = list(csv.DictReader(io.StringIO(run("analyze", *THREE, "--format", "csv").stdout)))
    assert [row["network"] for row in rows] == list(THREE)
    assert rows[0]["parameters"] == "62378344"


@pytest.mark.parametrize("width", [60, 80, 200])
def test_lines_of_several_networks_fit(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Numbers are rounded where there is too little width."""
    monkeypatch.setenv("COLUMNS", str(width))
    text = str(cnncalc.summarize([*THREE, "efficientnet_v2_l"]))
    assert max(map(len, text.splitlines())) <= width
    assert ("62,378,344" in text) == (width > 60)


def test_options_of_one_network_are_refused_for_several() -> None:
    """They would be dropped in silence."""
    for option in ("--columns=name", "--sort=macs", "--depth=2", "--all-layers"):
        result = run("analyze", "alexnet", "vgg16", option)
        assert result.exit_code == 2
        assert "are about one network." in result.stderr
    with pytest.raises(cnncalc.CnncalcError, match="sources are a list of networks"):
        cnncalc.summarize("alexnet")


def test_networks_without_a_name_have_one_in_the_table() -> None:
    """A network that is built in Python has its title, or its number where it fails."""
    network = {"name": "Mine", "input": "8x8x3", "layers": ["relu"]}
    found = cnncalc.summarize([network, {"name": "Bad"}])
    assert [one.network for one in found] == ["Mine", "network 2"]
    assert repr(found) == "<Summaries of 2 networks, 1 failed>"
