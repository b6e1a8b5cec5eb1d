"""Hostile input: whatever a file holds, it gets a clear line and exit code 2, and soon."""

from __future__ import annotations

import copy
import faulthandler
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from cnncalc.cli import main

ROOT = Path(__file__).parent.parent
GUARD = 10  # seconds, for what takes milliseconds


def analyze(path: Path | str, *options: str, stdin: bytes | None = None) -> Result:
    """Return the result of an analyze command that ends as a command may end."""
    # Nothing may hang, in C neither: this ends the whole run, and prints where it stood.
    faulthandler.dump_traceback_later(GUARD, exit=True, file=sys.__stderr__ or sys.stderr)
    result = CliRunner().invoke(main, ["analyze", str(path), *options], input=stdin)
    faulthandler.cancel_dump_traceback_later()
    assert isinstance(result.exception, SystemExit | None), result.exception
    assert result.exit_code in (0, 2)
    return result


def refused(path: Path | str, *options: str, stdin: bytes | None = None) -> str:
    """Return the one line on standard error with which an input is refused."""
    result = analyze(path, *options, stdin=stdin)
    assert result.exit_code == 2
    assert not result.stdout
    (line,) = result.stderr.splitlines()
    return line


def network(layers: object, **fields: object) -> dict[str, object]:
    """Return a small network as plain values."""
    return {"name": "hostile", "input": "32x32x3", "layers": layers, **fields}


def conv(**fields: object) -> dict[str, object]:
    """Return a network of one convolution with these settings."""
    return network([{"type": "conv", "name": "CONV1", "filters": 8, "kernel": 3, **fields}])


# In JSON, which is YAML too: what is wrong is wrong in either.
VALUES: dict[str, tuple[object, str]] = {
    "huge kernel": (conv(kernel=10**9), "CONV1"),
    "huge number": (conv(kernel=10**30), "CONV1"),
    "fraction": (conv(kernel=2.5), "whole number"),
    "boolean": (conv(kernel=True), "whole number"),
    "negative": (conv(stride=-1), "at least 1. Received -1."),
    "zero": (conv(stride=0), "at least 1. Received 0."),
    "null": (conv(kernel=None), "CONV1"),
    "list of lists": (conv(kernel=[[3]]), "CONV1"),
    "mapping": (conv(kernel={"a": 1}), "CONV1"),
    "unknown field": (conv(kernal=3), "unknown field 'kernal'. Did you mean 'kernel'?"),
    "endless power": (conv(kernel="9 ** 9 ** 9 ** 9"), "CONV1"),
    "code": (conv(kernel="__import__('os').system('true')"), "CONV1"),
    "attribute": (conv(kernel="(1).__class__"), "CONV1"),
    "deep expression": (conv(kernel="(" * 190), "CONV1"),
    "long expression": (conv(kernel="1" + " + 1" * 10_000), "CONV1"),
    "many copies": (network([{"type": "relu", "repeat": 10**9}]), "repeat"),
    "copies of copies": (
        network([{"repeat": 9999, "layers": [{"repeat": 9999, "layers": ["relu"]}]}]),
        "layers",
    ),
    "endless block": (
        network([{"type": "b"}], blocks={"b": {"layers": [{"type": "b"}]}}),
        "",
    ),
    "no layers": (network("conv"), "layers"),
    "not a mapping": ([1, 2, 3], ""),
    "just a text": ("alexnet", ""),
    "huge input": (network(["relu"], input="99999999999x99999999999x9"), "input"),
    "input of nothing": (network(["relu"], input="0x0x0"), "input"),
    "name with a line": (network(["no\nsuch"]), r"no\nsuch"),
    "name with a colour": (network(["\x1b[31mred"]), r"\x1b[31mred"),
    "name from right to left": (network(["\u202eevil"]), r"\u202eevil"),
}


@pytest.mark.parametrize("format", ["yaml", "json"])
@pytest.mark.parametrize("case", VALUES)
def test_values_that_no_network_has(tmp_path: Path, case: str, format: str) -> None:
    """A value that cannot be is one line that names the place, in YAML and in JSON alike."""
    value, expected = VALUES[case]
    path = tmp_path / f"net.{format}"
    path.write_text(json.dumps(value), encoding="utf-8")
    line = refused(path, "--max-layers", "1000")
    assert line.startswith(f"{path}:")
    assert expected in line


LAUGHS = "a: &a [x, x]\n" + "".join(
    f"{b}: &{b} [*{a}, *{a}, *{a}, *{a}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)
TEXTS: dict[str, tuple[bytes, bytes, str]] = {  # in YAML, in JSON
    "duplicate key": (b"name: a\nname: b", b'{"name": 1, "name": 2}', "stands in line 1 already"),
    "alias bomb": (LAUGHS.encode(), b'["*a"]', ""),
    "nesting": (b"[" * 10_000_000, b"[" * 10_000_000, "larger than 1,000,000 bytes"),
    "nesting that fits": (b"{a: " * 200_000, b'{"a":' * 199_999, "nested deeper than 64 levels"),
    "nested blocks": (b"- " * 400_000, b"[[" * 400_000, "nested deeper than 64 levels"),
    "values": (b"- 1\n" * 249_999 + b"- 2", b"[" + b"1," * 400_000 + b"1]", ""),
    "nan": (b"input: .nan", b'{"input": NaN}', ""),
    "long line": (b"a: {b: c" * 100_000, b'{"a": ' + b" " * 900_000 + b"?}", ""),
    "long number": (b"a: " + b"9" * 900_000, b"9" * 900_000, "more than 40 digits"),
    "long key": (b"a" * 900_000 + b": 1", b'{"' + b"a" * 900_000 + b'": 1}', ""),
    "empty": (b"", b"", "the file is empty"),
    "blank": (b" \n# nothing\n", b" \n\n", "the file is empty"),
    "binary": (bytes(range(256)) * 99, bytes(range(256)) * 99, "Is it binary?"),
    "zeros": (b"\0" * 99_999, b"\0" * 99_999, ""),
    "latin-1": ("name: é".encode("latin-1"), '{"name": "é"}'.encode("latin-1"), "not UTF-8"),
    "utf-16": ("name: a".encode("utf-16"), '{"a": 1}'.encode("utf-16"), "UTF-16"),
    "unclosed": (b"name: [a, b", b'{"name": [1', ""),
    "python object": (b"!!python/object/apply:os.system [ls]", b'{"__class__": 1}', ""),
    "documents": (b"name: a\n---\nname: b", b"{} {}", ""),
}


@pytest.mark.parametrize("format", ["yaml", "json"])
@pytest.mark.parametrize("case", TEXTS)
def test_texts_that_are_no_file(tmp_path: Path, case: str, format: str) -> None:
    """What cannot be read is one line with the file's name, in YAML and in JSON alike."""
    yaml, json_, expected = TEXTS[case]
    path = tmp_path / f"net.{format}"
    path.write_bytes(yaml if format == "yaml" else json_)
    result = analyze(path)
    assert result.exit_code == 2
    lines = [line for line in result.stderr.splitlines() if not line.startswith("✗")]
    assert all(line.startswith(f"{path}") and len(line) < 1000 for line in lines)
    assert expected in lines[0]


@pytest.mark.parametrize("case", ["duplicate key", "nesting that fits", "empty", "binary"])
def test_standard_input_is_no_safer(case: str) -> None:
    """What is refused in a file is refused from standard input."""
    _, json_, expected = TEXTS[case]
    line = refused("-", stdin=json_)
    assert line.startswith("<stdin>:")
    assert expected in line


def test_what_is_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A directory, a missing file, an unknown ending and an impossible name say what they are."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder.yaml").mkdir()
    (tmp_path / "net.toml").write_text("a = 1")
    for path, expected in {
        "folder/": "folder: this is a directory",
        "folder.yaml": "folder.yaml: this is a directory",
        "missing.yaml": "missing.yaml: no such file.",
        "missing/net.json": "missing/net.json: no such file.",
        "net.toml": "net.toml: a file is known by its ending: .yaml, .yml, .json. Received .toml.",
        "net\0.yaml": r"net\x00.yaml: no file can have this name.",
        "n" * 5000 + ".yaml": ".yaml: ",  # in the system's words
    }.items():
        assert expected in refused(path)


@pytest.mark.skipif(sys.platform == "win32", reason="no such files there")
def test_special_files_do_not_hang(tmp_path: Path) -> None:
    """A device, a named pipe that nobody writes and a loop of links are refused at once."""
    os.mkfifo(tmp_path / "pipe.yaml")
    (tmp_path / "loop.yaml").symlink_to("loop.yaml")
    (tmp_path / "zero.yaml").symlink_to("/dev/zero")
    assert "not a regular file" in refused(tmp_path / "pipe.yaml")
    assert "not a regular file" in refused(tmp_path / "zero.yaml")
    assert "not a regular file" in refused("/dev/zero")
    assert "cannot be read: " in refused(tmp_path / "loop.yaml")


@pytest.mark.skipif(
    sys.platform == "win32" or os.geteuid() == 0, reason="who may read everything is not stopped"
)
def test_no_permission(tmp_path: Path) -> None:
    """A file that may not be read says so."""
    path = tmp_path / "net.yaml"
    path.write_text("name: a")
    path.chmod(0)
    assert refused(path) == f"{path}: no permission to read it."


def test_no_permission_as_the_system_says_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the system does not let us open is one line."""

    def denied(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("cnncalc.readers.os.open", denied)
    assert refused("net.yaml") == "net.yaml: no permission to read it."


SEED: dict[str, Any] = {
    "name": "seed",
    "source": "of all constructs",
    "year": 2020,
    "input": ["size", "size", 3],
    "parameters": {"size": 16, "width": 8, "depths": [1, 2], "rate": 0.25, "act": "relu"},
    "defaults": {"conv": {"padding": "half", "bias": False, "then": ["batch_norm", "relu"]}},
    "blocks": {
        "res": {
            "parameters": {"width": None, "stride": 1, "inner": "width // 2"},
            "merge": "add",
            "branches": [
                [
                    {"type": "conv", "kernel": 1, "filters": "inner"},
                    {"type": "conv", "kernel": 3, "filters": "width", "stride": "stride"},
                ],
                [
                    {
                        "type": "conv",
                        "kernel": 1,
                        "filters": "width",
                        "stride": "stride",
                        "when": "stride > 1 or channels != width",
                    }
                ],
            ],
        }
    },
    "layers": [
        {"type": "conv", "name": "stem", "kernel": "3x3", "filters": "width"},
        {
            "type": "res",
            "table": {"name": ["one", "two"], "width": [8, 16], "repeat": "depths", "s": [1, 2]},
            "stride": "s if index == 0 else 1",
            "then": ["act"],
        },
        {
            "merge": "concat",
            "branches": [
                ["identity"],
                [{"type": "max_pool", "kernel": 3, "stride": 1, "padding": "same"}],
                {"when": "width > 4", "layers": [{"type": "avg_pool", "kernel": 1}]},
            ],
        },
        {"name": "head", "layers": ["global_avg_pool", {"type": "dropout", "rate": "rate"}]},
        {"type": "fc", "units": 10, "from": "previous"},
        "softmax",
    ],
    "variants": {"small": {"width": 4}, "large": {"depths": [2, 2]}},
}


def test_the_seed_of_the_mutations_is_valid(tmp_path: Path) -> None:
    """What the tests below mutate is a network, in which many constructs meet."""
    path = tmp_path / "net.json"
    path.write_text(json.dumps(SEED))
    assert analyze(path).exit_code == 0


def run(tmp_path_factory: pytest.TempPathFactory, text: bytes, format: str) -> None:
    """Analyze a mutated file: an answer, or sentences on standard error."""
    path = tmp_path_factory.getbasetemp() / f"mutated.{format}"
    path.write_bytes(text)
    result = analyze(path, "--max-layers", "500")
    assert bool(result.exit_code) == bool(result.stderr)
    assert "Traceback" not in result.stderr


SLIDE = (ROOT / "architectures" / "alexnet.yaml").read_bytes()
SCRAPS = st.sampled_from(
    [
        *(b"\n", b" ", b"  ", b"\t", b"- ", b": ", b":", b"{", b"}", b"[", b"]", b",", b"'", b'"'),
        *(b"#", b"&a", b"*a", b"!x", b"|", b">", b"?", b"---\n", b"%", b"@", b"~", b"\\"),
        *(b"0", b"-1", b"1e9", b".", b"null", b"\xff", b"\0", b"\r", b"\xef\xbb\xbf"),
        *("é".encode(), "\u2028".encode()),
    ]
)


@given(data=st.data())
def test_mutated_text_never_breaks_it(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """A file with scraps put in and stretches taken out or moved gives an answer or sentences."""
    format, text = data.draw(
        st.sampled_from([("yaml", SLIDE), ("json", json.dumps(SEED, indent=1).encode())])
    )
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        end = min(len(text), start + data.draw(st.integers(0, 30)))
        scrap = data.draw(SCRAPS | st.just(text[start:end] * 2))
        text = text[:start] + scrap + text[end:]
    run(tmp_path_factory, text, format)


def places(value: object) -> list[tuple[Any, Any]]:
    """Return every container in a tree with every key or index of it."""
    found: list[tuple[Any, Any]] = []
    todo = [value]
    while todo:
        here = todo.pop()
        if isinstance(here, dict | list):
            steps = list(here) if isinstance(here, dict) else list(range(len(here)))
            found += [(here, step) for step in steps]
            todo += [here[step] for step in steps]
    return found


WORDS = (
    "conv max_pool relu res add concat block input previous stem one.0 same half valid 3x5 width "
    "channels input.channels index depths[9] 1/0 2**64 1.5 -1 true and -1 [] size*size x.y ( "
    "layers type name from when repeat table then training branches merge kernel filters act"
)
STRANGE: st.SearchStrategy[Any] = (
    st.sampled_from([None, True, False, 0, -1, 1, 2, 10**9, 10**25, 0.5, "", [], {}, [[]], [{}]])
    | st.sampled_from(WORDS.split(" "))
    | st.text(max_size=6)
    | st.lists(st.integers(-1, 4), max_size=3)
    | st.sampled_from([copy.deepcopy(here[step]) for here, step in places(SEED)])
)


@given(data=st.data())
def test_mutated_structure_never_breaks_it(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """A file with values replaced, removed, renamed or moved gives an answer or sentences."""
    tree = copy.deepcopy(SEED)
    for _ in range(data.draw(st.integers(1, 3))):
        here, step = data.draw(st.sampled_from(places(tree)))
        how = data.draw(st.sampled_from(["replace", "replace", "remove", "add"]))
        if how == "replace":
            here[step] = copy.deepcopy(data.draw(STRANGE))
        elif how == "remove":
            del here[step]
        elif isinstance(here, dict):
            here[data.draw(st.sampled_from(WORDS.split(" ")))] = copy.deepcopy(data.draw(STRANGE))
        else:
            here.insert(step, copy.deepcopy(data.draw(STRANGE)))
        if not places(tree):
            break
    format = data.draw(st.sampled_from(["yaml", "json"]))
    run(tmp_path_factory, json.dumps(tree).encode(), format)
