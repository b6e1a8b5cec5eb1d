"""The terminal: its width, its colours, and what stands for signs that its encoding lacks."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import IO, TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from cnncalc.writers.styled import Text

ENDLESS = 1_000_000  # the width of a pipe or a file: nothing is wrapped there
WIDEST_TEXT = 100  # of running text
LEAST = 20  # columns: a narrower terminal breaks lines itself, no word would fit anyway

# What stands for a sign that an encoding lacks.
SIGNS = {
    "✓": "ok", "✗": "X", "→": "->", "←": "<-", "≈": "~", "·": "*", "×": "x", "…": "...",
    "├": "|", "│": "|", "└": "|", "─": "-", "²": "^2", "³": "^3", "½": "1/2",
}  # fmt: skip


class Console(Protocol):
    """A stream to print reports on: Rich's console where there are colours, else a plain stream."""

    width: int

    @property
    def file(self) -> IO[str]:
        """Return the stream."""

    @property
    def encoding(self) -> str:
        """Return the encoding of the stream."""

    def print(
        self, text: Text | str = "", /, *, end: str = "\n", soft_wrap: bool | None = None
    ) -> None:
        """Print text as it is: nothing is wrapped."""


class Plain:
    """A stream without colours: a pipe, a file, or text for a stream of another encoding."""

    def __init__(self, file: IO[str], width: int, encoding: str | None = None) -> None:
        self.file, self.width = file, max(width, LEAST)
        self._encoding = encoding or getattr(file, "encoding", None) or "utf-8"

    @property
    def encoding(self) -> str:
        """Return the encoding of the stream."""
        return self._encoding.lower()

    def print(
        self, text: Text | str = "", /, *, end: str = "\n", soft_wrap: bool | None = None
    ) -> None:
        """Write text and what ends it."""
        self.file.write(f"{text}{end}")


def console(stream: IO[str]) -> Console:
    """Return a console for a stream: nothing in what it prints is ever taken for markup.

    Where the stream is no terminal its width does not count, unless COLUMNS is set.
    """
    columns = os.environ.get("COLUMNS", "")
    width = int(columns[:9]) or 80 if columns.isdecimal() else None
    forced = os.environ.get("FORCE_COLOR") or os.environ.get("TTY_COMPATIBLE") == "1"
    if stream.isatty() or forced:
        whole = None if width or stream.isatty() else ENDLESS
        return _coloured(stream, whole, forced=bool(forced))
    return Plain(stream, width or ENDLESS)


def _coloured(stream: IO[str], width: int | None, *, forced: bool) -> Console:
    """Return a console of Rich's, which is imported for it; `width` None: the terminal's."""
    from rich.console import Console as RichConsole

    class Coloured(RichConsole):
        def on_broken_pipe(self) -> None:
            raise BrokenPipeError  # Rich would end the program, and say that something is wrong

    console = Coloured(
        file=stream,
        width=width,
        markup=False,
        highlight=False,
        emoji=False,
        soft_wrap=True,
        force_terminal=forced or None,  # older versions of Rich do not know both variables
        force_jupyter=False,
    )
    if console.width < LEAST:
        console.width = LEAST
    return console


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


def show(lines: Iterable[Text], console: Console) -> None:
    """Print lines, folded to the console's width, with stand-ins for what the encoding lacks."""
    from cnncalc.writers.folding import folded
    from cnncalc.writers.styled import Text

    for line in folded(lines, console.width):
        plain = fit(line.plain, console.encoding)
        if plain != line.plain:
            # A stand-in may be longer than its sign: the styles would begin and end elsewhere.
            line = Text(plain, spans=line.spans if len(plain) == len(line.plain) else ())
        console.print(line, soft_wrap=True)


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
