"""Lines that are wider than the terminal, folded: what goes on stands under what it belongs to."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cnncalc.writers.styled import Text, cell_len

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LEAST_ROOM = 20  # columns of what is indented

# What stands before an equation, or before what a set or a label is of.
_HEAD = re.compile(r"[^=→:]{0,24}[=→]\s+|[^=→:]{0,12}: +|[ ✓!]*")
_BREAKS = (
    re.compile(r"(?<=   )(?=\S)"),  # before a remark
    re.compile(r"(?<= )(?<![=→] )(?=\S)"),
    re.compile(r"(?<=[·,;_/.x])(?=\S)"),  # inside a product, a list, a name
    re.compile(r"(?=.)"),
)


def folded(lines: Iterable[Text], width: int) -> Iterator[Text]:
    """Yield lines of at most a width.

    >>> equation = Text("FLOPs = H2·W2·K·K·D1·D2 = 105,415,200   in all")
    >>> for line in folded([equation], 32): print(line)
    FLOPs = H2·W2·K·K·D1·D2
            = 105,415,200   in all
    """
    for line in lines:
        if cell_len(line.plain) <= width or width < 1:
            yield line
        elif not line.plain.strip("─"):
            yield line[:width]
        else:
            yield from _folded(line, width)


def _folded(line: Text, width: int) -> Iterator[Text]:
    match = _HEAD.match(line.plain)
    indent = len(match[0]) if match else 0
    if width - indent < LEAST_ROOM:
        indent = min(indent, 4, width // 4)
    start, before = 0, 0
    while cell_len(line.plain[start:]) > width - before:
        end = _end(line.plain, start, width - before, indent if start == 0 else 0)
        yield _indented(line[start:end].rstrip(), before)
        start = end + len(line.plain[end:]) - len(line.plain[end:].lstrip())
        before = indent
    yield _indented(line[start:], before)


def _end(text: str, start: int, room: int, after: int) -> int:
    """Return where a line ends: as far on as there is room for, at the best place to break."""
    most = start
    taken = 0
    while most < len(text) and (taken := taken + cell_len(text[most])) <= room:
        most += 1
    for kind, pattern in enumerate(_BREAKS):
        places = [
            match.start()
            for match in pattern.finditer(text, start + max(after, 1), min(len(text), most + 1))
            if match.start() <= most
        ]
        if places and (kind or cell_len(text[places[-1] :]) <= room - after):
            return places[-1]
    return max(most, start + 1)


def _indented(line: Text, columns: int) -> Text:
    return Text.assemble(" " * columns, line) if columns else line
