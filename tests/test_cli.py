"""The command line's frame: help, exit codes, errors on a terminal, streams, files."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

import cnncalc
from cnncalc import errors
from cnncalc.cli import COMMANDS, Commands, main, problems, streams
from cnncalc.cli.options import Command
from cnncalc.format import shipped
from cnncalc.writers import FORMATS, files

BAD = """\
name: tiny
input: 32x32x3
layers:
  - {type: conv, name: CONV1, filters: 8, kernal: 5}
  - {type: convv, name: CONV2}
"""


def run(*arguments: str, stdin: str | None = None) -> Result:
    """Return what a command line gives."""
    return CliRunner().invoke(main, arguments, input=stdin)


def process(
    *arguments: str, stdin: int = subprocess.DEVNULL, **environment: str
) -> subprocess.Popen[bytes]:
    """Return a process that runs a command line."""
    return subprocess.Popen(
        [sys.executable, "-m", "cnncalc", *arguments],
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | environment,
    )


def commands() -> dict[str, Command]:
    """Return every command there is."""
    context = click.Context(main)
    found = {name: main.get_command(context, name) for name in main.list_commands(context)}
    return {name: command for name, command in found.items() if isinstance(command, Command)}


def test_every_command_is_in_the_table_and_has_help() -> None:
    """Each command can be imported, has a line of help, options with help, and examples."""
    assert list(commands()) == [name for name in COMMANDS if name in commands()]
    assert {"analyze", "schema"} <= set(commands())
    for name, command in commands().items():
        assert COMMANDS[name].help.endswith(".")
        assert command.help
        assert command.examples
        for parameter in command.params:
            assert isinstance(parameter, click.Argument) or getattr(parameter, "help", None), name


@pytest.mark.parametrize("name", [None, *commands()])
def test_help_fits_80_columns_and_shows_what_there_is(name: str | None) -> None:
    """-h and --help print the same page, of at most 80 columns, with every option in it."""
    arguments = [name] if name else []
    result = run(*arguments, "-h")
    assert result.exit_code == 0
    assert result.stdout == run(*arguments, "--help").stdout
    assert max(map(len, result.stdout.splitlines())) <= 80
    command = commands()[name] if name else main
    for parameter in command.params:
        assert (max(parameter.opts, key=len) in result.stdout) or isinstance(
            parameter, click.Argument
        )


@pytest.mark.parametrize("name", [None, *commands()])
@pytest.mark.parametrize("width", [60, 72])
def test_help_fits_narrow_terminals(name: str | None, width: int) -> None:
    """Only examples, which are to be pasted, are wider than a narrow terminal."""
    command: click.Command = commands()[name] if name else main
    page = command.get_help(click.Context(command, info_name=name, terminal_width=width))
    lines = [line for line in page.splitlines() if not line.startswith("  cnncalc ")]
    assert max(map(len, lines)) <= width


def options_of(name: str) -> set[str]:
    """Return the options of a command, as they are written."""
    return {option for parameter in commands()[name].params for option in parameter.opts}


def test_options_that_belong_together_come_together() -> None:
    """A command that takes a network lets its file be changed; one with rows lets them be chosen.

    Every result has a format, and can go to a file.
    """
    every = {name: options_of(name) for name in commands()}
    taking = {
        name
        for name, command in commands().items()
        if {"network", "networks", "first", "against"}
        & {parameter.name for parameter in command.params}
    }
    assert taking == every.keys() - {"apply", "list", "new", "quiz", "schema"}
    taking.remove("show")  # which prints the file as it is
    for name in taking:
        assert {"--input", "--variant", "--set"} <= every[name], name
    for name in ("analyze", "verify", "diff", "worksheet"):
        assert {"--all-layers", "--depth"} <= every[name], name
    for name in every.keys() - {"check", "schema", "show", "new"}:
        assert {"--format", "-o", "--output"} <= every[name], name


def test_a_variant_and_parameters_are_for_both_networks(tmp_path: Path) -> None:
    """What replaces values of a file does so in both that are compared."""
    for name, kernel in (("a", 1), ("b", 3)):
        (tmp_path / f"{name}.yaml").write_text(
            "name: n\ninput: 8x8x3\nparameters: {width: 2}\n"
            f"layers: [{{type: conv, kernel: {kernel}, filters: width, bias: false}}]\n"
        )
    files = [str(tmp_path / f"{name}.yaml") for name in "ab"]
    result = run("diff", *files, "--set", "width=5", "--format", "json")
    found = json.loads(result.stdout)
    assert [found[which]["parameters"] for which in ("first", "second")] == [15, 135]


def test_blocks_of_a_difference_are_closed() -> None:
    """--depth of diff is passed on."""
    assert "~ conv2_x: 17 layers differ" in run("diff", "resnet50", "resnet18", "--depth=1").stdout


def test_the_page_of_all_commands_comes_in_groups() -> None:
    """Without arguments the help is printed: examples, then the commands under headings."""
    result = run()
    assert result.exit_code == 0
    assert result.stdout == run("--help").stdout
    headings = [
        line for line in result.stdout.splitlines() if line.endswith(":") and line[0] != " "
    ]
    assert headings[:2] == ["Start with:", "Networks:"]
    assert headings[-1] == "Options:"


NET = "name: net\ninput: 8x8x3\nlayers: [{type: conv, filters: 2, kernel: 3}]\n"
THEIRS = {  # files of the user's own, which the examples name
    "net.yaml": NET,
    "key.yaml": NET + "expect: {parameters: 56, layers: {conv: {output: 6x6x2}}}\n",
    "answers.md": "| layer | output |\n|---|---|\n| CONV1 | 55x55x96 |\n",
    "answers.csv": "layer,parameters\nconv,56\n",
    "names.csv": "name\nAnn Lee\n",
    "slide.txt": "[227x227x3] INPUT\n[55x55x96] CONV1: 96 11x11 filters at stride 4, pad 0\n",
    "submissions/one.csv": "layer,parameters\nconv,56\n",
    "submissions/two.csv": "layer,parameters\nconv,56\n",
}
SLOW = {"--zoo", "--receptive-field", "--certificate", "--replay"}  # the tests of verify have them


@pytest.mark.parametrize("name", commands())
def test_examples_can_be_pasted(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The examples of a help page run, in order, beside files of the user's own."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "submissions").mkdir()
    for file, text in THEIRS.items():
        (tmp_path / file).write_text(text)
    for example in commands()[name].examples:
        program, *arguments = shlex.split(example)
        assert program == "cnncalc"
        if not SLOW & {*arguments}:
            result = run(*arguments)
            assert result.exit_code < 2, f"{example}: {result.output}"  # 1: a blank answer


def test_help_and_version_import_nothing_heavy() -> None:
    """The page of all commands, and that of analyze, load no model, array or table library."""
    program = (
        "import sys; from cnncalc.cli import main\n"
        "for line in ['--help'], ['analyze', '--help'], ['--version'], ['nosuch']:\n"
        "    try: main(line)\n"
        "    except SystemExit: pass\n"
        "heavy = ('pydantic', 'numpy', 'rich', 'yaml')\n"
        "print([name for name in heavy if name in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert result.stdout.splitlines()[-1] == "[]"


def test_the_first_page_makes_no_dataclasses() -> None:
    """Two of them would take a twentieth of its time."""
    program = (
        "import sys; from cnncalc.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "print('dataclasses' in sys.modules)"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert result.stdout.splitlines()[-1] == "False"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("analize alexnet", "no command 'analize'. Did you mean 'analyze'? See cnncalc --help."),
        ("analyze", "missing argument 'NETWORK...'. See cnncalc analyze --help."),
        ("analyze alexnet --bacth 2", "no such option"),
        ("explain alexnet CONV1 vgg16", "got unexpected extra argument"),
        ("analyze alexnet --batch x", "invalid value for '--batch'"),
        ("analyze alexnet --batch 0", "from 1 to 2,147,483,647. Received 0."),
        ("analyze alexnet --depth some", "expected a whole number or all. Received 'some'."),
        ("analyze alexnet --set width", "expected NAME=VALUE. Received 'width'."),
        ("analyze alexnet --layout whc", "invalid value for '--layout'"),
        ("analyze alexnet --convention macs", "unknown convention 'macs'. Did you mean 'mac'"),
        ("analyze alexnet --dtype float31", "unknown dtype 'float31'. Did you mean 'float32'"),
        ("analyze alexnet --columns volumes", "Did you mean 'volume'"),
        ("analyze alexnet --format jsn", "no format 'jsn'. Did you mean 'json'?"),
        ("analyze alexnet --format pdf", f"It is one of {', '.join(FORMATS)}."),
        ("analyze alexnet -o net.pdf", "net.pdf: no format has this ending."),
        ("analyze alexnet -o nowhere/net.csv", "nowhere/net.csv: cannot be written"),
        ("analyze alexnet --input 227xx3", "227xx3"),
        ("analyze alexnet --batch 9999999999", "from 1 to 2,147,483,647. Received 9999999999"),
        ("explain resnet50 conv2", "may mean: 'conv2_x.0.conv2', 'conv2_x.1.conv2'"),
        ("analyze alexnet --variant b0", "b0"),
        ("analyze alexet", "Did you mean 'alexnet'"),
        ("list alxnet", "no network has 'alxnet' in its name, source, year or"),
        ("list --sort colour", "no column 'colour'."),
        ("diff alexnet vgg16 --fail-if macs", "Write it like macs>+2%"),
    ],
)
def test_what_cannot_be_used_is_2_and_says_what_to_do(line: str, message: str) -> None:
    """A wrong name, option or value ends with exit code 2 and a sentence, and prints no result."""
    result = run(*line.split())
    assert result.exit_code == 2
    assert not result.stdout
    assert message in result.stderr
    assert result.stderr.startswith("cnncalc: ")


STAND_IN = "alexnet.yaml: not in this folder; the shipped alexnet is used\n"


@pytest.mark.parametrize(
    "line",
    [
        "analyze alexnet.yaml",
        "analyze alexnet.yaml --format html",
        "explain alexnet.yaml CONV1",
        "draw alexnet.yaml",
        "solve alexnet.yaml",
        "worksheet alexnet.yaml --format csv",
        "reconcile alexnet.yaml 62.4M",
        "diff lenet alexnet.yaml",
        "diff alexnet.yaml lenet",
        "verify lenet.yaml",
        "check answers.csv --key alexnet.yaml",
    ],
)
def test_a_shipped_file_stands_in_for_one_that_is_not_here(
    line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bare name of a shipped file works in every folder; one line says so, on standard error."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "answers.csv").write_text("layer,parameters\nCONV1,34944\n")
    name = "lenet" if line.startswith("verify") else "alexnet"
    result = run(*line.split())
    assert result.stderr == STAND_IN.replace("alexnet", name)
    assert result.exit_code == run(*line.replace(f"{name}.yaml", name).split()).exit_code


def test_a_file_here_comes_before_a_shipped_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A path with a folder is never a shipped name; a variant's name has an ending, too."""
    monkeypatch.chdir(tmp_path)
    result = run("analyze", "vgg16.yml", "--format", "json")
    assert result.stderr == "vgg16.yml: not in this folder; the shipped vgg16 is used\n"
    document = json.loads(result.stdout)
    assert (document["file"], document["variant"]) == ("shipped", "vgg16")
    assert document["notes"][0]["message"] == result.stderr.rstrip()
    assert [note.code for note in cnncalc.analyze("alexnet.yaml").notes] == ["shipped"]
    for path in ("./alexnet.yaml", "nets/alexnet.yaml", "alexnet.json"):
        result = run("analyze", path)
        assert result.exit_code == 2
        assert f"{path.removeprefix('./')}: no such file." in result.stderr
    (tmp_path / "alexnet.yaml").write_text("name: mine\ninput: 8x8x3\nlayers: [relu]\n")
    result = run("analyze", "alexnet.yaml")
    assert (result.stdout[:4], result.stderr) == ("mine", "")


@pytest.mark.parametrize(
    ("argument", "meant"),
    [("alxnet.yaml", "'alexnet'"), ("./mne.yaml", "'mine.yaml'"), ("mine.yml", "'mine.yaml'")],
)
def test_a_misspelt_file_is_suggested(
    argument: str, meant: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files of the folder, and shipped names."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.yaml").touch()
    for line in ("analyze {}", "solve {}", "diff lenet {}", "worksheet {}", "verify {}"):
        result = run(*line.format(argument).split())
        assert result.exit_code == 2
        assert f"{argument}: no such file. Did you mean {meant}" in result.stderr


def test_piped_errors_are_one_line_each(tmp_path: Path) -> None:
    """Where standard error is no terminal, each problem is one line that editors understand."""
    path = tmp_path / "tiny.yaml"
    path.write_text(BAD)
    lines = run("analyze", str(path)).stderr.splitlines()
    assert all(line.startswith(f"{path}:") for line in lines[:-1])
    assert lines[-1] == f"✗ {len(lines) - 1} problems, nothing analyzed"
    assert "\x1b" not in "".join(lines)


class Terminal:
    """Standard error as a terminal."""

    encoding = "utf-8"

    def __init__(self) -> None:
        self.text = ""

    def write(self, text: str) -> int:
        """Keep what is printed."""
        self.text += text
        return len(text)

    def flush(self) -> None:
        """Do nothing."""

    def isatty(self) -> bool:
        """Return true: this is a terminal."""
        return True


def on_terminal(error: errors.CnncalcError) -> str:
    """Return what is printed of an error where standard error is a terminal."""
    stream = Terminal()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("sys.stderr", stream)
        problems.show(error)
    return stream.text


def problem(column: int, line: str, width: int = 1) -> errors.CnncalcError:
    """Return an error at a column of a line."""
    place = errors.Place("net.yaml", 4, column, width)
    return errors.ArchitectureError(errors.Problem("code", "what.", "", place, (), line))


def test_on_a_terminal_a_caret_stands_under_the_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """The place is bold, the source line dim, the caret red and as wide as what is wrong."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    text = on_terminal(problem(15, "  - {type: a, kernal: 5}", 6))
    assert text == (
        "\x1b[1mnet.yaml:4:15:\x1b[0m what.\n"
        "    \x1b[2m- {type: a, kernal: 5}\x1b[0m\n"
        "                \x1b[31m^^^^^^\x1b[0m\n"
    )


def test_without_colour_there_is_no_red(monkeypatch: pytest.MonkeyPatch) -> None:
    """NO_COLOR leaves bold and dim."""
    monkeypatch.setenv("NO_COLOR", "1")
    text = on_terminal(problem(1, "x"))
    assert "\x1b[31m" not in text
    assert "\x1b[1m" in text


@pytest.mark.parametrize("column", [1, 60, 500, 951, 1000])
def test_a_long_line_is_windowed_around_the_caret(column: int) -> None:
    """Of a long line, what is around the place is shown, and the caret is under it still."""
    line = "".join(chr(ord("a") + i % 26) for i in range(1000))
    text = on_terminal(problem(column, line, 3))
    _, source, caret = click.unstyle(text).splitlines()
    assert len(source) < 120
    assert source[caret.index("^")] == line[column - 1]
    assert len(caret.strip()) == min(3, 1001 - column)


def test_a_tab_and_a_colour_in_the_source_move_no_caret() -> None:
    """What is escaped before the place makes the caret's indent as much longer."""
    text = on_terminal(problem(9, "a:\t\x1b[31mb"))
    _, source, caret = click.unstyle(text).splitlines()
    assert source[caret.index("^")] == "b"


def test_many_problems_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    """Over 20 problems, the rest is a number."""
    problems.show(errors.ArchitectureError(errors.Problem("code", f"no {i}.") for i in range(51)))
    lines = capsys.readouterr().err.splitlines()
    assert lines[19:] == ["cnncalc: no 19.", "… and 31 more", "✗ 51 problems, nothing analyzed"]


@pytest.mark.parametrize("exception", [KeyboardInterrupt, EOFError, click.Abort])
def test_interrupted_is_130(monkeypatch: pytest.MonkeyPatch, exception: type[Exception]) -> None:
    """Ctrl-C ends with 130 and without a word."""

    def interrupted(*_: object) -> None:
        raise exception

    monkeypatch.setattr(Commands, "invoke", interrupted)
    result = run("analyze", "alexnet")
    assert result.exit_code == 130
    assert result.output == ""


@pytest.mark.parametrize(
    ("exception", "message"),
    [
        (OSError(28, "No space left on device"), "cnncalc: No space left on device.\n"),
        (MemoryError(), "cnncalc: this needs more memory than there is.\n"),
    ],
)
def test_what_the_system_refuses_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, exception: Exception, message: str
) -> None:
    """A full disk or memory is one line and exit code 2."""

    def refused(*_: object) -> None:
        raise exception

    monkeypatch.setattr(Commands, "invoke", refused)
    monkeypatch.setattr(streams, "silence", lambda: None)
    result = run("analyze", "alexnet")
    assert (result.exit_code, result.stderr) == (2, message)


def test_a_command_may_return_its_exit_code(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a command returns is the exit code of the program."""
    monkeypatch.setattr(Commands, "invoke", lambda *_: 1)
    assert run("analyze", "alexnet").exit_code == 1


@pytest.mark.skipif(sys.platform == "win32", reason="signals and pipes are others there")
def test_a_closed_pipe_and_ctrl_c_end_quietly() -> None:
    """A reader that goes away, and an interrupt, end the process without a word."""
    closed = process("analyze", "alexnet")
    assert closed.stdout
    closed.stdout.close()
    # A process that ignores interrupts, as a job in a shell's background does, hands that on.
    disposition = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        waiting = process("analyze", "-", stdin=subprocess.PIPE)
    finally:
        signal.signal(signal.SIGINT, disposition)
    assert closed.stderr
    with closed.stderr:
        assert (closed.wait(20), closed.stderr.read()) == (141, b"")
    time.sleep(0.5)  # until it reads
    waiting.send_signal(signal.SIGINT)
    assert waiting.communicate(timeout=20) == (b"", b"")
    assert waiting.returncode == 130


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_what_an_encoding_lacks_stands_in_ascii(encoding: str) -> None:
    """Where the encoding lacks a sign, an ASCII form stands in, for results and for errors."""
    good = process("analyze", "alexnet", PYTHONIOENCODING=encoding)
    bad = process("analyze", "nosuch\u2713.yaml", PYTHONIOENCODING=encoding)
    out, err = good.communicate(timeout=20)
    assert (good.returncode, err) == (0, b"")
    out.decode(encoding)
    assert b"1,135,256,096" in out
    assert ("·".encode(encoding) if encoding != "ascii" else b"H2*W2") in out
    assert bad.communicate(timeout=20)[1].strip() == b"nosuchok.yaml: no such file."


def test_a_file_is_written_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where writing fails, what was there is there still, and nothing else."""
    path = tmp_path / "net.csv"
    files.write_file(str(path), "new\n")
    assert path.read_bytes() == b"new\n"
    path.chmod(0o640)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("cnncalc.writers.files.os.replace", full)
        with pytest.raises(errors.ReadError, match="cannot be written: No space left on device"):
            files.write_file(str(path), "newer\n")
    assert path.read_bytes() == b"new\n"
    assert os.listdir(tmp_path) == ["net.csv"]
    files.write_file(str(path), b"newest\n")
    assert path.read_bytes() == b"newest\n"
    assert os.name == "nt" or path.stat().st_mode & 0o777 == 0o640


@pytest.mark.skipif(sys.platform == "win32", reason="not everyone may make links there")
def test_a_link_is_written_through_and_a_folder_is_not(tmp_path: Path) -> None:
    """Writing to a link changes the file it means; a folder cannot be written."""
    (tmp_path / "link.csv").symlink_to(tmp_path / "net.csv")
    files.write_file(str(tmp_path / "link.csv"), "a")
    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "net.csv").read_text() == "a"
    with pytest.raises(errors.ReadError, match="cannot be written"):
        files.write_file(str(tmp_path), "a")


def test_the_ending_sets_the_format(tmp_path: Path) -> None:
    """-o writes the format of the ending, and prints nothing; --format comes first."""
    assert run("analyze", "alexnet", "-o", str(tmp_path / "net.JSON")).output == ""
    assert (tmp_path / "net.JSON").read_text().startswith("{")
    result = run("analyze", "alexnet", "--format", "csv")
    run("analyze", "alexnet", "--format", "csv", "-o", str(tmp_path / "net.data"))
    assert (tmp_path / "net.data").read_bytes().decode() == result.stdout


def test_columns_help_lists_them() -> None:
    """--columns help names every column with its meaning, without a network's being read."""
    result = run("analyze", "nosuch", "--columns", "help")
    assert result.exit_code == 0
    assert "receptive_field" in result.stdout


@pytest.mark.parametrize(
    ("limit", "code"), [("macs>+2%", 0), ("macs<-30%", 1), ("parameters<0", 1), ("macs>0", 0)]
)
def test_a_limit_on_a_difference_sets_the_exit_code(limit: str, code: int) -> None:
    """A change beyond --fail-if ends with 1 and says how large it is; the table comes anyway."""
    result = run("diff", "alexnet", "alexnet_two_towers", "--fail-if", limit)
    assert result.exit_code == code
    assert "-410,849,280" in result.stdout
    assert result.stderr.startswith(f"✗ {limit}: ") == bool(code)


def test_the_list_comes_from_the_index() -> None:
    """The list has a line for each shipped network; a word picks, --sort orders."""
    names = [entry.name for entry in shipped.index()]
    lines = run("list", "--format", "csv").stdout.splitlines()
    assert [line.split(",")[0] for line in lines[1:]] == names
    found = run("list", "vgg", "--sort", "FLOPs", "--format", "csv").stdout.splitlines()[1:]
    macs = [int(line.split(",")[5]) for line in found]
    assert macs == sorted(macs, reverse=True)
    assert all("vgg" in line for line in found)


def test_set_takes_values_as_a_file_has_them(tmp_path: Path) -> None:
    """--set gives a parameter a number, a list or an expression."""
    path = tmp_path / "net.yaml"
    path.write_text(
        "name: n\ninput: 8x8x3\nparameters: {width: null, depths: [1]}\n"
        "layers: [{type: conv, kernel: 1, filters: width, bias: false, repeat: 'depths[0]'}]\n"
    )
    options = ("--set", "width=2 * 8", "--set", "depths=[2]", "--columns", "parameters")
    assert " 304" in run("analyze", str(path), *options).stdout  # 3 * 16 + 16 * 16
    options = ("--set", "width=16.0", "--set", "depths=[2.0]", "--columns", "parameters")
    assert " 304" in run("analyze", str(path), *options).stdout
    found = run("analyze", str(path), "--set", f"width={10**50}")
    assert (found.exit_code, "more than 40 digits" in found.stderr) == (2, True)


def test_a_parameter_called_as_a_layer_type_is_noted(tmp_path: Path) -> None:
    """The table comes all the same, and a line on standard error says which is meant."""
    path = tmp_path / "net.yaml"
    path.write_text(
        "name: n\ninput: 8x8x3\nparameters: {scale: 2}\n"
        "layers: [{type: conv, kernel: 1, filters: scale}]\n"
    )
    result = run("analyze", str(path))
    assert result.exit_code == 0
    assert "[8x8x2]" in result.stdout
    assert "net.yaml:3:14: parameters.scale: 'scale' is a layer type, too;" in result.stderr


@pytest.mark.parametrize(
    "table", ["{filters: [4, 5], k: [1, 1]}", "[[filters, k], [4, 1], [5, 1]]"]
)
def test_set_takes_a_table(tmp_path: Path, table: str) -> None:
    """A parameter that is a table may be replaced, in either spelling."""
    path = tmp_path / "net.yaml"
    path.write_text(
        "name: n\ninput: 8x8x3\nparameters: {tab: {filters: [1], k: [1]}}\n"
        "layers: [{type: conv, table: tab, kernel: k, bias: false}]\n"
    )
    result = run("analyze", str(path), "--set", f"tab={table}", "--format", "markdown")
    assert "| **32** |" in " ".join(result.stdout.split())  # 3 * 4 + 4 * 5
