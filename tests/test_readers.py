"""The readers: what a file says as plain values, and where it says it."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import yaml as pyyaml
from hypothesis import given
from hypothesis import strategies as st

from cnncalc import readers
from cnncalc.errors import Place, ReadError
from cnncalc.format.bounds import MAX_BYTES, MAX_DEPTH, MAX_VALUES
from cnncalc.readers import yaml as yaml_reader

PARSERS = [pyyaml.BaseLoader, *([pyyaml.CBaseLoader] if hasattr(pyyaml, "CBaseLoader") else [])]


@pytest.fixture(params=PARSERS, ids=lambda parser: str(parser.__name__))
def _each_parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run a test with PyYAML's own parser and with libyaml's."""
    monkeypatch.setattr(yaml_reader, "LOADER", request.param)


def data(text: str, format: str = "yaml") -> Any:
    """Return what a text says."""
    return readers.parse(text, f"net.{format}", format).data


def refused(text: str | bytes, format: str = "yaml") -> str:
    """Return the one line with which a text is refused."""
    with pytest.raises(ReadError) as caught:
        readers.parse(text, f"net.{format}", format)
    (problem,) = caught.value.problems
    assert problem.message.endswith((".", "?"))
    return str(problem)


@pytest.mark.usefixtures("_each_parser")
@pytest.mark.parametrize(
    "text", [r'a: "\U99999999"', r'a: "\UFFFFFFFF"', "%YAML 9.999999999\n---\na"]
)
def test_whatever_a_parser_raises_is_one_line(text: str) -> None:
    """PyYAML's own has a ValueError for an escape beyond Unicode, which is no YAMLError."""
    assert refused(text).startswith("net.yaml:1:")


@pytest.mark.usefixtures("_each_parser")
@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12),
        ("-0", 0),
        ("1.1", Fraction(11, 10)),
        ("6.0", Fraction(6)),
        ("1e-4", Fraction(1, 10000)),
        ("3E2", Fraction(300)),
        ("true", True),
        ("false", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("'12'", "12"),
        ('"true"', "true"),
        ("4 * width", "4 * width"),
        ("|\n  12\n", "12\n"),
        *((word, word) for word in ("NO", "yes", "True", "NULL", "=", "2001-01-01", "3:3")),
        *((word, word) for word in ("011", "0x10", "0o7", ".5", "5.", "1_000", "+1", ".nan")),
    ],
)
def test_plain_yaml_follows_the_rules_of_json(text: str, value: object) -> None:
    """Numbers, true, false and null are JSON's; all else is text, as is what stands in quotes."""
    found = data(f"a: {text}")["a"]
    assert (found, type(found)) == (value, type(value))


@pytest.mark.usefixtures("_each_parser")
def test_a_value_is_placed_and_so_is_its_key() -> None:
    """A path leads to the line, column and width of a value or of the key that names it."""
    tree = readers.parse(
        "name: é\nlayers:\r\n  - {type: conv, kernal: 'a b'}\r  - [1, 23]\n", "net.yaml", "yaml"
    )
    assert tree.place(("layers", 0, "kernal")) == Place("net.yaml", 3, 26, 5)
    assert tree.place(("layers", 0, "kernal"), key=True) == Place("net.yaml", 3, 18, 6)
    assert tree.place(("layers", 1, 1)) == Place("net.yaml", 4, 9, 2)
    assert tree.place(("layers", 1, 1), key=True) == Place("net.yaml", 4, 9, 2)
    assert tree.place(()) == Place("net.yaml", 1, 1, 1)
    assert tree.line(3) == "  - {type: conv, kernal: 'a b'}"
    assert tree.line(0) == tree.line(99) == ""


@pytest.mark.parametrize(
    "path", [("layers", 0, "a", "b"), ("layers", 0, "x"), ("layers", 0, 0), ("layers", 0)]
)
def test_a_path_too_deep_is_placed_at_what_is_around(path: tuple[str | int, ...]) -> None:
    """Where a path leads out of the tree, its place is the nearest value around."""
    tree = readers.parse("layers: [{a: 1}]", "net.yaml", "yaml")
    column = 14 if path[2:3] == ("a",) else 10
    assert tree.place(path, key=True).column == column


@pytest.mark.usefixtures("_each_parser")
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: 2\na: 3", "3:1: the key 'a' stands in line 1 already"),
        ("a: &x 1", "1:4: an anchor (&) is not allowed"),
        ("a: *x", "1:4: an alias (*) is not allowed"),
        ("a: !!python/object/apply:os.system ['x']", "1:4: a tag (!) is not allowed"),
        ("a: {<<: {b: 1}}", "1:5: a merge key (<<) is not allowed"),
        ("a: 1\n---\nb: 1", "2:1: a second document"),
        ("1: a", "1:1: a key must be text. Received 1. Put it in quotes."),
        ("{[a]: b}", "1:2: a key must be text. Received a list or a mapping"),
        ("a: " + "9" * 41, "1:4: a number of more than 40 digits"),
        ("a: 1e65", "1:4: a number of 10^65 or more"),
        ("a: 1e" + "9" * 5000, "1:4: a number of 10^65 or more"),
        ("a:\n\t- b", "2:1: a tab cannot indent YAML. Use spaces."),
        ("a: [b, w[0]]", "1:9: expected a comma or the closing bracket here. Inside { } or [ ]"),
        ("a: [b, c", "1:4: what opens here is never closed."),
        ("a: 'b", "1:4: what opens here is never closed."),
        ("- {a: 1\n- {b: 1}", "2:3: the bracket { of line 1 is not closed."),
        ("a: @b", "1:4: a value cannot begin with this character"),
        ("name: a: b", "1:8: a ':' cannot stand here"),
        ("name: a\ninput 3x3\nb: c", "2:1: expected 'key: value' here"),
        ("[" * 50_000, "1:65: nested deeper than 64 levels"),
        ("- " * 50_000, "1:129: nested deeper than 64 levels"),
        ("{" * 50_000, "1:2: a key must be text. Received a list or a mapping"),
        ("a: 'b' " + "[" * 2_000, "1:8: expected another 'key: value' of the mapping here"),
        ("a: {b: 1, b: 2, c: @}", "1:11: the key 'b' stands in line 1 already"),
        ("a: *b*", "1:4: an alias (*) is not allowed"),
        ("a: &", "1:4: an anchor (&) is not allowed"),
        ("a: !<b", "1:4: a tag (!) is not allowed"),
        ("a: %b", "1:4: a value cannot begin with this character"),
        ("a: > b", "1:4: after > the text begins in the next line"),
        ('a: "\\q"', "1:5: unknown escape in double quotes"),
        ('a: "\\xq"', "1:5: unknown escape in double quotes"),
        ("# nothing", " the file is empty"),
        ("a: \x1b[31m", "1:4: the control character U+001B"),
    ],
)
def test_yaml_that_is_refused(text: str, message: str) -> None:
    """What JSON cannot express, and what is no YAML, is one line with its place."""
    assert refused(text).startswith(f"net.yaml:{message}")


@pytest.mark.parametrize("bound", [70, 1000])
@pytest.mark.parametrize("text", ["[" * 2_000, "- " * 2_000, "a: 1\nb: " + "{a: " * 2_000])
def test_nesting_is_bounded_whatever_the_parser_bounds(
    monkeypatch: pytest.MonkeyPatch, text: str, bound: int
) -> None:
    """Where a parser refuses nesting before it hands out an event, the message is the same."""
    expected = refused(text)
    at = [match.end() for match in re.finditer(r"[\[{-]", text)][bound]

    def parse(text: str, Loader: Any) -> Iterator[object]:
        if len(text) > at:
            mark = pyyaml.Mark("text", at, 0, at, None, 0)
            raise pyyaml.scanner.ScannerError(None, None, "no deeper", mark)
        return real(text, Loader=Loader)

    real = pyyaml.parse
    monkeypatch.setattr(pyyaml, "parse", parse)
    assert refused(text) == expected


@pytest.mark.parametrize(
    ("marks", "place"), [((None, 6), "2:4"), ((4, None), "2:2"), ((None, None), "1:1")]
)
def test_a_complaint_that_nobody_knows_is_placed_and_true(
    monkeypatch: pytest.MonkeyPatch, marks: tuple[int | None, ...], place: str
) -> None:
    """Whatever a later PyYAML says is told in a sentence that is true of any text it refuses."""
    context, problem = (m if m is None else pyyaml.Mark("", m, 0, 0, None, 0) for m in marks)

    def parse(*_: object, **__: object) -> Iterator[object]:
        raise pyyaml.scanner.ScannerError("while", context, "something is new", problem)

    monkeypatch.setattr(pyyaml, "parse", parse)
    assert refused("a:\n  b: c") == (
        f"net.yaml:{place}: this cannot be read as YAML. "
        "Check the quotes, brackets and indentation up to here."
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"a": 1, "a": 2}', "1:10: the key 'a' stands in line 1 already"),
        ('{"a": NaN}', "1:7: expected a value. Received NaN."),
        ('{"a": -Infinity}', "1:7: expected a value. Received -Infinity."),
        ('{"a": True}', "1:7: expected a value. Received True. Did you mean 'true'?"),
        ('{"a": 01}', "1:7: expected a value. Received 01."),
        ('{"a": 1,}', "1:9: a comma stands before this bracket"),
        ("[1, ]", "1:5: a comma stands before this bracket"),
        ('{"a" 1}', "1:6: expected ':' after the key. Received 1."),
        ('{"a": 1', "1:8: expected a comma or }. Received the end of the file."),
        ('["a\nb"]', "1:4: a line ends, or a control character stands"),
        (r'["\q"]', "1:3: unknown escape"),
        (r'["\u12"]', "1:3: unknown escape"),
        ('["a\\', "1:4: unknown escape"),
        ('["a', "1:2: the quote that opens here is never closed"),
        (r'["\ud800"]', "1:2: half of a surrogate pair"),
        ("{} {}", "1:4: the value has ended"),
        ("{'a': 1}", "1:2: expected a key in double quotes. Received '."),
        ("// x\n{}", "1:1: expected a value. Received /."),
        ("[1e99]", "1:2: a number of 10^65 or more"),
        ("[" * 100_000, "1:65: nested deeper than 64 levels"),
        ("null", " the file is empty"),
        ("[}", "1:2: expected a value. Received }."),
    ],
)
def test_json_that_is_refused(text: str, message: str) -> None:
    """What is no JSON is one line with its place."""
    assert refused(text, "json").startswith(f"net.json:{message}")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", " the file is empty"),
        (b"\xef\xbb\xbf \n", " the file is empty"),
        ("a: b".encode("utf-16"), " this looks like UTF-16"),
        ("a: b".encode("utf-16-be"), " this looks like UTF-16"),
        ("a: b".encode("utf-32"), " this looks like UTF-16 or UTF-32"),
        (b"a: b\nc: \xe9", "2:4: not UTF-8: the byte 0xe9"),
        (b"\x89PNG\r\n\x1a\n\x00", "1:1: not UTF-8"),
        (b"a: \x00", "1:4: the control character U+0000"),
        (b"#" * (MAX_BYTES + 1), " larger than 1,000,000 bytes"),
        (b"[" + b"1," * MAX_VALUES + b"1]", "1:500000: more than 250,000 values"),
    ],
)
@pytest.mark.parametrize("format", ["yaml", "json"])
def test_bytes_that_are_refused(content: bytes, message: str, format: str) -> None:
    """What is no text in UTF-8, or too much of it, is one line, whatever the format."""
    assert refused(content, format).startswith(f"net.{format}:{message}")


@pytest.mark.parametrize("format", ["yaml", "json"])
def test_a_byte_order_mark_is_accepted(format: str) -> None:
    """A UTF-8 byte order mark moves no column."""
    tree = readers.parse(b'\xef\xbb\xbf{"a": 1}', "net", format)
    assert tree.data == {"a": 1}
    assert tree.place(("a",)).column == 7


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=12,
).filter(lambda value: value is not None)


@given(VALUES, st.sampled_from([None, 1]))
def test_json_means_what_it_means_to_python(value: object, indent: int | None) -> None:
    """The JSON reader gives what Python's own gives, in ASCII and in the open."""
    assert data(json.dumps(value, indent=indent), "json") == value


@given(st.lists(st.sampled_from('[]{},:"\\a1-. \n'), max_size=12).map("".join))
def test_json_is_accepted_only_where_python_accepts_it(text: str) -> None:
    """Of random scraps, the JSON reader takes those that Python's own takes."""
    try:
        expected = json.loads(text, parse_float=Fraction)
    except ValueError:
        expected = None
    try:
        found = data(text, "json")
    except ReadError as error:
        found = error.problems[0].code
    assert found == expected or (isinstance(found, str) and (expected is None or "key" in found))


@pytest.mark.usefixtures("_each_parser")
def test_json_is_read_as_yaml_alike() -> None:
    """A JSON text gives the same tree and places through either reader."""
    text = '{"a": [1, 2.50, "x"],\n "b": {"c": null, "d": true}}'
    trees = [readers.parse(text, "net", format) for format in ("yaml", "json")]
    assert trees[0].data == trees[1].data
    paths: list[tuple[str | int, ...]] = [("a", 1), ("b", "c"), ("b",), ()]
    for path in paths:
        assert trees[0].place(path) == trees[1].place(path)


def test_depth_is_bounded_where_it_says() -> None:
    """The deepest nesting allowed is read, one level more is not."""
    for format in ("yaml", "json"):
        data("[" * MAX_DEPTH + "1" + "]" * MAX_DEPTH, format)
        assert "deeper" in refused("[" * (MAX_DEPTH + 1) + "1" + "]" * (MAX_DEPTH + 1), format)


@pytest.mark.parametrize("name", ["net.yaml", "net.yml", "net.YML", "net.json"])
def test_a_file_is_known_by_its_ending(tmp_path: Path, name: str) -> None:
    """YAML and JSON are told apart by the ending; the tree is called as the user called it."""
    path = tmp_path / name
    path.write_text('{"a": 1}', encoding="utf-8")
    assert readers.read(path).data == {"a": 1}
    assert readers.read(str(path)).place().file == str(path)


@pytest.mark.parametrize(
    ("content", "expected"),
    [("a: 1", {"a": 1}), (' \n{"a": 1e0}', {"a": 1}), ("[1]", [1]), ("\ufeff{}", {})],
)
def test_standard_input_is_yaml_or_json(
    monkeypatch: pytest.MonkeyPatch, content: str, expected: object
) -> None:
    """A `-` is standard input, JSON if it begins with a brace."""
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content.encode())))
    assert readers.read("-").data == expected


def test_json_on_standard_input_is_held_to_json(monkeypatch: pytest.MonkeyPatch) -> None:
    """What begins with a brace is no YAML, so an unquoted word is refused."""
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"{a: 1}")))
    with pytest.raises(ReadError, match=r"^<stdin>:1:2: expected a key in double quotes"):
        readers.read("-")


def test_an_argument_is_read_as_in_a_file() -> None:
    """The value of an option is a number, a word of JSON, or an expression."""
    given = ("64", "1.5", "true", "4 * width", "[1, 2]", " 2 ")
    assert [readers.scalar(text) for text in given] == [
        64,
        Fraction(3, 2),
        True,
        "4 * width",
        "[1, 2]",
        2,
    ]
    with pytest.raises(ReadError, match="more than 40 digits"):
        readers.scalar("1" * 41)


def test_a_run_of_complaints_is_not_read_once_for_each(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many colons stand where none may, the text is read a few times at the most."""
    parse, times = pyyaml.parse, []

    def counted(text: str, **more: Any) -> Any:
        times.append(len(text))
        return parse(text, **more)

    monkeypatch.setattr(pyyaml, "parse", counted)
    assert "a ':' cannot stand here" in refused("name" + ":" * 2000)
    assert len(times) <= 8
