"""Reads JSON, with the place of every value: Python's own reader keeps none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from json import loads

from cnncalc.errors import ReadError, did_you_mean
from cnncalc.readers.tree import Event, Scalar, Source, Tree, build, scalar

_BLANK = re.compile(r"[ \t\r\n]*")
_WORD = re.compile(r"[-+.\w]+|.")
# A text as far as it is one: up to its closing quote, or to what cannot stand in it. We find
# that ourselves, as the words and places of Python's own complaints differ between versions.
_TEXT = re.compile(r'"(?:[^"\\\x00-\x1f]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*+')
_CLOSERS = {"[": "]", "{": "}"}


def read(source: Source) -> Tree:
    """Return the tree of a JSON text. Raises: ReadError."""
    return build(source, _events(source))


def _events(source: Source) -> Iterator[Event]:
    text = source.text
    closers: list[str] = []  # of all that is open, the innermost last
    at = 0
    state = "value"  # or: key · first item, first key (may be the closer) · colon · after a value
    while True:
        at += len(_BLANK.match(text, at)[0])  # type: ignore[index]  # matches always
        character = text[at : at + 1]
        if closers and character == closers[-1] and state in ("first item", "first key", "after"):
            yield Event("]", at, at + 1)
            closers.pop()
            at, state = at + 1, "after"
        elif closers and character == closers[-1] and state in ("key", "value"):
            raise source.error("syntax", "a comma stands before this bracket. Take it out.", at)
        elif state == "after":
            if not closers and not character:
                return
            if not closers:
                raise source.error("syntax", "the value has ended. Take out what follows.", at)
            if character != ",":
                raise _expected(source, f"a comma or {closers[-1]}", at)
            at, state = at + 1, "key" if closers[-1] == "}" else "value"
        elif state == "colon":
            if character != ":":
                raise _expected(source, "':' after the key", at)
            at, state = at + 1, "value"
        elif state in ("key", "first key") and character != '"':
            raise _expected(source, "a key in double quotes", at)
        elif character in _CLOSERS:
            yield Event(character, at, at + 1)
            closers.append(_CLOSERS[character])
            at, state = at + 1, "first item" if character == "[" else "first key"
        else:
            value, end = _plain(source, at)
            yield Event("=", at, end, value)
            at, state = end, "colon" if state in ("key", "first key") else "after"


def _expected(source: Source, what: str, at: int, hint: str = "") -> ReadError:
    match = _WORD.match(source.text, at)
    word = match[0] if match else ""
    received = word[:100] or "the end of the file"
    return source.error(
        "syntax", f"expected {what}. Received {received}.{hint}", at, at + len(word)
    )


def _plain(source: Source, at: int) -> tuple[Scalar, int]:
    """Return the text, number or word that begins at `at`, and where it ends."""
    if found := _TEXT.match(source.text, at):
        return _text(source, found)
    match = _WORD.match(source.text, at)
    word = match[0] if match else ""
    try:
        value = scalar(word)
    except ValueError as error:
        message = f"{error} cannot be read."
        raise source.error("number", message, at, at + len(word)) from None
    if isinstance(value, str):
        hint = did_you_mean(word.lower(), ("true", "false", "null")) or " Quote a text."
        raise _expected(source, "a value", at, hint if word else "")
    return value, at + len(word)


def _text(source: Source, found: re.Match[str]) -> tuple[str, int]:
    """Return the text in quotes that `found` begins, and where it ends."""
    start, end = found.span()
    stop = source.text[end : end + 1]
    if stop == '"':
        return str(loads(source.text[start : end + 1])), end + 1
    if stop == "\\":
        message = r"unknown escape in a text. Write \\ for a backslash."
        raise source.error("syntax", message, end, end + 2)
    if stop:
        message = r"a line ends, or a control character stands, inside quotes. Use \n or \u."
        raise source.error("syntax", message, end)
    raise source.error("syntax", "the quote that opens here is never closed.", start)
