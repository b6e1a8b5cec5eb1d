"""The terminal: its width, its colours, and the signs that its encoding has."""

from __future__ import annotations

import os
from typing import IO

from rich.console import Console

ENDLESS = 1_000_000  # the width of what is no terminal: there it does not count
WIDEST_TEXT = 100  # of running text

# What stands in where an encoding lacks a sign.
SIGNS = {
    "✓": "ok", "✗": "X", "→": "->", "←": "<-", "≈": "~", "·": "*", "×": "x", "…": "...",
    "├": "|", "│": "|", "└": "|", "─": "-", "²": "^2", "³": "^3", "½": "1/2",
}  # fmt: skip


class _Console(Console):
    def on_broken_pipe(self) -> None:
        raise BrokenPipeError  # Rich would end the program, and say that something is wrong


def console(stream: IO[str]) -> Console:
    """Return a console for a stream: nothing in what it prints is ever taken for markup.

    Where the stream is no terminal its width does not count, unless COLUMNS is set.
    """
    piped = not stream.isatty() and not os.environ.get("COLUMNS", "").isdigit()
    return _Console(
        file=stream,
        width=ENDLESS if piped else None,
        markup=False,
        highlight=False,
        emoji=False,
        soft_wrap=True,
        force_jupyter=False,
    )


def fit(text: str, encoding: str) -> str:
    r"""Return text with a stand-in for every sign that the encoding lacks.

    >>> fit("✓ 3 × é", "ascii")
    'ok 3 x \\xe9'
    """
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return "".join(_stand_in(character, encoding) for character in text)
    return text


def has(signs: str, encoding: str) -> bool:
    """Return whether an encoding has all of these signs."""
    return fit(signs, encoding) == signs


def _stand_in(character: str, encoding: str) -> str:
    try:
        character.encode(encoding)
    except UnicodeEncodeError:
        escaped = character.encode("ascii", "backslashreplace").decode("ascii")
        return SIGNS.get(character, escaped)
    return character
