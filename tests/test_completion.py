"""Completion: what each parameter may be, in the words of each shell."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from cnncalc.cli import main
from cnncalc.cli.completion import VARIABLE


def completed(shell: str, *words: str) -> list[str]:
    """Return the lines that a shell's function gets for words, the last of which is completed."""
    given = {"COMP_WORDS": "\n".join(words), "COMP_CWORD": str(len(words) - 1)}
    if shell == "fish":
        given = {"COMP_WORDS": " ".join(words), "COMP_CWORD": words[-1]}
    result = CliRunner().invoke(main, [], env={VARIABLE: f"{shell}_complete", **given})
    assert (result.exit_code, result.stderr) == (0, "")
    return result.stdout.split("\n")[:-1]


CASES: list[tuple[list[str], str]] = [
    (["ana"], "plain,analyze"),
    (["analyze", "--all-l"], "plain,--all-layers"),
    (["analyze", "alexn"], "plain,alexnet"),
    (["analyze", "alexn"], "file,alexn"),
    (["diff", "alexnet", "vgg1"], "plain,vgg16"),
    (["check", "a.md", "--key", "alexn"], "plain,alexnet"),
    (["check", "a"], "file,a"),
    (["list", "squ"], "plain,squeezenet1_0"),
    (["list", "--layers", "max"], "plain,max_pool"),
    (["analyze", "alexnet", "vgg1"], "plain,vgg16"),
    (["analyze", "lenet", "vgg", "--variant", "vgg1"], "plain,vgg16"),
    (["show", "alexn"], "plain,alexnet"),
    (["show", "lenet", "-o", "a"], "file,a"),
    (["new", "--f"], "plain,--force"),
    (["analyze", "alexnet", "-o", "a"], "file,a"),
    (["verify", "--replay", "a"], "file,a"),
    (["analyze", "alexnet", "--convention", "2"], "plain,2mac"),
    (["analyze", "alexnet", "--layout", "c"], "plain,chw"),
    (["analyze", "alexnet", "--depth", ""], "plain,all"),
    (["explain", "alexnet", ""], "plain,MAX POOL1"),
    (["explain", "alexnet", "'MAX P"], "plain,MAX POOL1"),
    (["explain", "resnet50", "conv2_x.0.c"], "plain,conv2_x.0.conv1"),
    (["draw", "googlenet", "--block", "3"], "plain,3a"),
    (["analyze", "vgg", "--variant", ""], "plain,vgg16"),
    (["diff", "lenet", "vgg", "--variant", "vgg1"], "plain,vgg16"),
    (["analyze", "vgg", "--set", ""], "plain,norm="),
    (["analyze", "vgg", "--columns", ""], "plain,output"),
    (["analyze", "vgg", "--columns", "volume,para"], "plain,volume,parameters"),
    (["analyze", "vgg", "--columns", "+rec"], "plain,+receptive_field"),
    (["analyze", "vgg", "--columns", "+step,rec"], "plain,+step,receptive_field"),
    (["worksheet", "vgg", "--columns", "output,wei"], "plain,output,weights"),
    (["quiz", "--topic", "shapes,par"], "plain,shapes,params"),
]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_every_parameter_is_completed(shell: str) -> None:
    """Networks, files, layers, variants, parameters, columns and formats, in each shell."""
    for words, expected in CASES:
        assert expected in completed(shell, "cnncalc", *words), words


def test_a_value_behind_its_option_is_completed() -> None:
    """`--columns=+rec` keeps its option; bash parts words at the sign, and has the value alone.

    What is given as a value before is no candidate again.
    """
    words = ["cnncalc", "analyze", "vgg"]
    expected = "+receptive_field"
    for shell in ("zsh", "fish"):
        assert completed(shell, *words, "--columns=+rec") == [f"plain,--columns={expected}"]
    assert completed("bash", *words, "--columns", "=", "+rec") == [f"plain,{expected}"]
    assert "plain,output" in completed("bash", *words, "--columns", "=")
    assert completed("bash", *words, "--set", "norm", "=") == ["plain,false"]
    assert completed("zsh", *words, "--set", "norm=") == ["plain,norm=false"]
    assert "plain,step,step" not in completed("zsh", *words, "--columns", "step,st")


@pytest.mark.parametrize("words", [["nosuch", "a"], ["analyze", "nosuch", "--variant", ""], []])
def test_what_means_nothing_has_no_completion(words: list[str]) -> None:
    """A command or network that there is not completes to nothing, without a word."""
    assert all(
        line in ("", "plain,analyze", "plain,apply") or not words
        for line in completed("bash", *words)
    )


BASH = """
COMP_WORDS=(cnncalc analyze lenet) COMP_CWORD=2; _cnncalc_completion cnncalc
printf "%s;" "${COMPREPLY[@]}"
COMP_WORDS=(cnncalc explain alexnet MAX) COMP_CWORD=3; _cnncalc_completion cnncalc
printf "%s;" "${COMPREPLY[@]}"
"""
ZSH = """
words=(cnncalc analyze lenet) CURRENT=3; _cnncalc_completion
words=(cnncalc explain alexnet MAX) CURRENT=4; _cnncalc_completion
"""
ZSH_STUBS = """
compdef() { }
compadd() { print -n -- "${(j:;:)names};" }
_path_files() { print -n -- "lenet.yaml;" }
"""
FISH = """
for line in "cnncalc analyze lenet" "cnncalc explain alexnet MAX"
    for found in (complete -C $line); echo -n "$found;"; end
end
"""


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
@pytest.mark.skipif(sys.platform == "win32", reason="other shells there")
def test_the_functions_run_in_their_shells(shell: str, tmp_path: Path) -> None:
    """Names are offered, and files beside them; a name with a space is one."""
    if not shutil.which(shell):
        pytest.skip(f"no {shell} here")
    (tmp_path / "lenet.yaml").write_text("")
    program = tmp_path / "bin" / "cnncalc"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m cnncalc "$@"\n')
    program.chmod(0o755)
    source = CliRunner().invoke(main, [], env={VARIABLE: f"{shell}_source"}).stdout
    before, calls = {"bash": ("", BASH), "zsh": (ZSH_STUBS, ZSH), "fish": ("", FISH)}[shell]
    path = f"{program.parent}:/usr/bin:/bin:{Path(shutil.which(shell) or '').parent}"
    flags = {"bash": ["--norc"], "zsh": ["-f"], "fish": ["--no-config"]}[shell]
    result = subprocess.run(
        [shell, *flags, "-c", before + source + calls],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={"PATH": path, "HOME": str(tmp_path)},
    )
    found = result.stdout.split(";")
    assert {"lenet", "lenet5", "lenet.yaml", "MAX POOL1", "MAX POOL3"} <= {*found}, result.stderr
