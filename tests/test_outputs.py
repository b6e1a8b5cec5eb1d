"""Files that commands write: never one that they read, whole, and under any name."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

import cnncalc
from cnncalc.cli import COMMANDS, main
from cnncalc.cli.file_types import ReadFile, WrittenFile
from cnncalc.errors import ReadError
from cnncalc.format import shipped
from cnncalc.writers import files, printing

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="links and devices are others")
NET = "name: net\ninput: 8x8x3\nlayers: [{type: conv, name: CONV1, filters: 2, kernel: 3}]\n"
SHEET = "layer,parameters\nCONV1,56\n"


def run(*arguments: str, stdin: str | None = None) -> Result:
    """Return what a command line gives."""
    return CliRunner().invoke(main, arguments, input=stdin)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with a network, a sheet, and other names of both."""
    monkeypatch.chdir(tmp_path)
    for name, text in {"net.yaml": NET, "sheet.csv": SHEET}.items():
        (tmp_path / name).write_text(text)
        (tmp_path / f"link-{name}").symlink_to(name)
        (tmp_path / f"hard-{name}").hardlink_to(tmp_path / name)
    return tmp_path


def parameters(
    kind: type[click.ParamType],  # type: ignore[type-arg]
) -> list[tuple[str, click.Parameter]]:
    """Return the parameters of a type that names files, with their commands."""
    context = click.Context(main)
    return [
        (name, parameter)
        for name in COMMANDS
        if (command := main.get_command(context, name))
        for parameter in command.params
        if isinstance(parameter.type, kind)
    ]


def words(parameter: click.Parameter, value: str) -> list[str]:
    """Return a parameter with a value as it is typed."""
    return [value] if isinstance(parameter, click.Argument) else [parameter.opts[0], value]


PAIRS = {
    f"{command} {' '.join(reads.opts)} {' '.join(writes.opts)}": (command, reads, writes)
    for command, writes in parameters(WrittenFile)
    for other, reads in parameters(ReadFile)
    if command == other
}


def test_options_that_name_files_say_what_they_are_for() -> None:
    """Every option called -o, --output or with the metavar FILE is declared read or written."""
    context = click.Context(main)
    for name in COMMANDS:
        command = main.get_command(context, name)
        assert command
        for parameter in command.params:
            if {"-o", "--output"} & {*parameter.opts} or parameter.metavar == "FILE":
                assert isinstance(parameter.type, ReadFile | WrittenFile), (name, parameter.opts)
    assert len(PAIRS) > 15


@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize("through", ["", "./", "link-", "hard-"])
def test_what_is_read_is_never_written(folder: Path, pair: str, through: str) -> None:
    """For each option that writes and each file that is read: exit 2, under any of its names."""
    command, reads, writes = PAIRS[pair]
    file = "sheet.csv" if reads.name == "answers" else "net.yaml"
    named = [
        word
        for parameter in main.get_command(click.Context(main), command).params  # type: ignore[union-attr]
        if parameter is reads or (parameter.required and parameter is not writes)
        for word in words(
            parameter,
            file if parameter is reads else "1G" if parameter.name == "figure" else "lenet",
        )
    ]
    end = [] if isinstance(reads, click.Option) else ["--"]
    given = [*words(writes, through + file), *end, *named]
    before = (folder / file).read_bytes()
    result = run(command, *given)
    assert result.exit_code == 2
    assert "would overwrite" in result.stderr
    assert not result.stdout
    assert (folder / file).read_bytes() == before


def test_a_pattern_and_a_shipped_file_are_read_too(folder: Path) -> None:
    """What a pattern means is no place for a report, nor is a file of the installation."""
    result = run("check", "*.csv", "--key", "lenet", "-o", "sheet.csv")
    assert (result.exit_code, (folder / "sheet.csv").read_text()) == (2, SHEET)
    path = shipped.directory() / "lenet.yaml"
    before = path.read_bytes()
    result = run("analyze", "lenet", "--format", "csv", "-o", str(path))
    assert "would overwrite a file of cnncalc's own" in result.stderr
    assert path.read_bytes() == before


def test_two_options_write_two_files(folder: Path) -> None:
    """One file for two results would keep one of them; the null device takes both."""
    result = run("verify", "net.yaml", "--certificate", "a.txt", "-o", "a.txt")
    assert "both write this file" in result.stderr
    arguments = ["--certificate", os.devnull, "--format", "table", "-o", os.devnull]
    assert run("verify", "net.yaml", *arguments).exit_code == 0


@pytest.mark.parametrize("redirected", ["< net.yaml -o net.yaml --format csv", ">> net.yaml"])
def test_standard_streams_are_files_too(folder: Path, redirected: str) -> None:
    """What the shell opened is compared as any other file."""
    name = "-" if redirected[0] == "<" else "net.yaml"
    line = f'"{sys.executable}" -m cnncalc analyze {name} {redirected}'
    result = subprocess.run(line, shell=True, capture_output=True, text=True)
    assert (result.returncode, (folder / "net.yaml").read_text()) == (2, NET)
    assert "would overwrite NETWORK" in result.stderr


def test_open_files_are_written_where_they_stand(folder: Path) -> None:
    """/dev/stdout and /dev/fd/N write after what is there already, into files and pipes."""
    program = f'"{sys.executable}" -m cnncalc analyze net.yaml --columns output --format csv -o'
    line = f"(echo a; {program} /dev/stdout; echo b) > out; {program} /dev/fd/3 3>third | cat"
    subprocess.run(f"{line}; {program} /dev/stdout | cat > piped", shell=True, check=True)
    found = {name: (folder / name).read_text() for name in ("out", "third", "piped")}
    assert found["out"] == f"a\n{found['third']}b\n"
    assert found["piped"] == found["third"]
    assert "8x8x3" in found["third"]


def test_names_may_be_as_long_as_the_system_has_them(folder: Path) -> None:
    """255 bytes are a name as any other; 256 are none, and that is said before any work."""
    name = "n" * 251 + ".csv"
    files.write_file(name, "a")
    files.write_file(name, "b")
    assert (folder / name).read_text() == "b"
    with pytest.raises(ReadError, match="too long"):
        files.check_writable("n" + name)


def test_a_gradebook_replaces_gradebooks_alone(folder: Path) -> None:
    """What is no gradebook is kept unless --force says otherwise; an empty file is nothing."""
    check = ("check", "sheet.csv", "--key", "net.yaml", "--gradebook")
    (folder / "essay.csv").write_text("All I know.\n")
    (folder / "empty.csv").write_text("")
    result = run(*check, "essay.csv")
    assert (result.exit_code, (folder / "essay.csv").read_text()) == (2, "All I know.\n")
    assert "--force replaces it" in result.stderr
    assert run(*check, "essay.csv", "--force").exit_code < 2
    assert (folder / "essay.csv").read_text().startswith("file,score,")
    assert run(*check, "essay.csv").exit_code < 2
    assert run(*check, "empty.csv").exit_code < 2
    assert run(*check, "sheet.csv", "--force").exit_code == 2
    assert run("check", "essay.csv", "--key", "lenet", "--gradebook", "essay.csv").exit_code == 2
    assert (folder / "essay.csv").read_text().count("\n") == 2


def test_the_report_on_a_sheet_goes_to_a_file(folder: Path) -> None:
    """-o of check writes what is printed else, also of a class, and of a sheet none can read."""
    printed = run("check", "sheet.csv", "--key", "net.yaml").stdout
    run("check", "sheet.csv", "--key", "net.yaml", "-o", "report.txt")
    assert (folder / "report.txt").read_text() == printed
    (folder / "bad.csv").write_text("")
    result = run("check", "bad.csv", "--key", "net.yaml", "-o", "report.xml")
    assert result.exit_code == 2
    assert "<testsuite" in (folder / "report.xml").read_text()
    several = ("check", "sheet.csv", "bad.csv", "--key", "net.yaml")
    assert run(*several, "-o", "class.txt").exit_code == 1
    assert (folder / "class.txt").read_text() == run(*several).stdout
    assert "no format has this ending" in run(*several, "-o", "class.xml").stderr


def test_json_is_written_layer_by_layer() -> None:
    """A piece for each layer is made when it is due; together they are the whole document."""
    report = cnncalc.analyze("alexnet")
    pieces = printing.pieces(report, "json")
    assert not isinstance(pieces, str | bytes)
    found = list(pieces)
    assert len(found) > len(report.layers)
    assert "".join(found) == report.to("json")
